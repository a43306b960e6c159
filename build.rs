//! Turns `schemas/kubernetes.json` and `schemas/crds/*.json` into the static table that `src/kube/` checks against, and what
//! bundled charts are prepared with (`build/`) into the data of `src/chart/prepared.rs`.

#[path = "src/kube/builder.rs"]
#[allow(dead_code)]
mod builder;
#[path = "build/expressions.rs"]
mod expressions;
#[path = "src/template/fingerprint.rs"]
mod fingerprint;
#[path = "src/template/packed.rs"]
#[allow(dead_code)]
mod packed;
#[path = "build/plans.rs"]
mod plans;
#[path = "src/kube/structural.rs"]
#[allow(dead_code)]
mod structural;
#[path = "src/kube/table.rs"]
#[allow(dead_code)]
mod table;
#[path = "build/values.rs"]
mod values;
#[path = "src/schema/table.rs"]
#[allow(dead_code)]
mod values_table;
#[path = "build/wants.rs"]
mod wants;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::path::PathBuf;
use std::{env, fs};

use builder::Builder;
use serde::Deserialize;
use serde_json::Value;
use structural::CustomKind;
use table::{Field, Format, Kind, Life, Limits, Shape, Slice, Table, Type, TypeId, Unique};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let api: Api = serde_json::from_str(&read("schemas/kubernetes.json".into())?)?;
    let ids: Ids<'_> = api.types.keys().map(String::as_str).zip((0..).map(TypeId)).collect();
    let metadata = *ids.get(OBJECT_META).ok_or("no ObjectMeta")?;
    let mut builder = Builder::new(empty_table(ids.len(), metadata));
    let types = named_types(&mut builder, &api, &ids)?;
    add_kinds(&mut builder, &api, &ids)?;
    for path in crd_files()? {
        add_crd(&mut builder, &serde_json::from_str(&read(path)?)?);
    }
    let minors = api.versions.iter().map(|version| minor(version)).collect::<Result<Vec<u8>>>()?;
    let mut table = builder.finish();
    table.types.to_mut()[..types.len()].copy_from_slice(&types);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let (wants, schemas) = charts()?;
    fs::write(out.join("wants.rs"), wants)?;
    fs::write(out.join("values.rs"), schemas)?;
    fs::write(out.join("plans.rs"), plans::source(&written_plans()?)?)?;
    Ok(fs::write(out.join("table.rs"), source(&table, &minors)?)?)
}

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// `schemas/kubernetes.json`.
#[derive(Deserialize)]
struct Api {
    versions: Vec<String>,
    kinds: Vec<ApiKind>,
    types: BTreeMap<String, ApiType>,
}

#[derive(Deserialize)]
struct ApiKind {
    group: String,
    version: String,
    kind: String,
    r#type: String,
    namespaced: bool,
    since: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
struct ApiType {
    is: String,
    #[serde(default)]
    fields: BTreeMap<String, ApiField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiField {
    r#type: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    r#enum: Vec<String>,
    list: Option<String>,
    #[serde(default)]
    list_keys: Vec<String>,
    since: Option<String>,
    until: Option<String>,
}

/// A file of `schemas/crds/`.
#[derive(Deserialize)]
struct Crd {
    group: String,
    kind: String,
    scope: String,
    versions: Vec<CrdVersion>,
}

#[derive(Deserialize)]
struct CrdVersion {
    name: String,
    schema: Value,
}

/// Strings that have a format of their own: the end of the type's name, the field, what it must look like.
const FORMATS: &[(&str, &str, Format)] = &[
    ("core.v1.Container", "name", Format::Label),
    ("core.v1.Volume", "name", Format::Label),
    ("core.v1.ContainerPort", "name", Format::PortName),
    ("core.v1.ServicePort", "name", Format::Label),
    ("core.v1.EnvVar", "name", Format::Variable),
    ("core.v1.PodSpec", "serviceAccountName", Format::Subdomain),
    ("meta.v1.ObjectMeta", "namespace", Format::Label),
];

/// Ports that say "choose one" or "none" with 0.
const OPTIONAL_PORTS: &[&str] = &["hostPort", "nodePort", "healthCheckNodePort"];
const PORTS: &[&str] = &["port", "containerPort", "endPort"];

/// A table with room for the named types, which refer to each other and are filled in last.
fn empty_table(named_types: usize, metadata: TypeId) -> Table {
    Table {
        text: Cow::Borrowed(""),
        kinds: Cow::Borrowed(&[]),
        types: Cow::Owned(vec![Type::new(Shape::Any); named_types]),
        fields: Cow::Borrowed(&[]),
        words: Cow::Borrowed(&[]),
        limits: Cow::Owned(vec![Limits::NONE]),
        metadata,
    }
}

/// The types that have a name, in the order of their ids.
fn named_types(builder: &mut Builder, api: &Api, ids: &Ids<'_>) -> Result<Vec<Type>> {
    let mut types = Vec::new();
    for (name, of) in &api.types {
        let shape = match of.is.as_str() {
            "object" => object(builder, ids, name, of)?,
            "free" => Shape::Free,
            "any" => Shape::Any,
            "quantity" => Shape::Quantity,
            "int-or-string" => Shape::IntOrString(Format::Plain),
            "string:date-time" => Shape::Text(Format::Time),
            other => return Err(format!("{name}: unknown form {other}").into()),
        };
        types.push(Type::new(shape));
    }
    Ok(types)
}

fn object(builder: &mut Builder, ids: &Ids<'_>, name: &str, of: &ApiType) -> Result<Shape> {
    let mut fields = Vec::new();
    for (key, field) in &of.fields {
        let shape = field_type(builder, ids, name, key, field)?;
        let life = life(field.since.as_deref(), field.until.as_deref())?;
        fields.push(Field { name: builder.name(key), shape, required: field.required, life });
    }
    Ok(Shape::Object { fields: builder.fields(fields), open: false })
}

type Ids<'a> = BTreeMap<&'a str, TypeId>;

fn field_type(
    builder: &mut Builder,
    ids: &Ids<'_>,
    owner: &str,
    key: &str,
    field: &ApiField,
) -> Result<TypeId> {
    let written = field.r#type.as_str();
    if let Some(items) = inside(written, '[', ']') {
        let items = element(builder, ids, items, &field.r#enum)?;
        return Ok(list_type(builder, items, field));
    }
    if let Some(values) = inside(written, '{', '}') {
        let (keys, format) = map_formats(owner, key, values);
        let values = match values {
            "string" => builder.add_type(Type::new(Shape::Text(format))),
            _ => element(builder, ids, values, &[])?,
        };
        return Ok(builder.add_type(Type::new(Shape::Map { values, keys })));
    }
    match special(builder, owner, key, written) {
        Some(of) => Ok(builder.add_type(of)),
        None => element(builder, ids, written, &field.r#enum),
    }
}

fn list_type(builder: &mut Builder, items: TypeId, field: &ApiField) -> TypeId {
    let unique = match field.list.as_deref() {
        Some("map") if !field.list_keys.is_empty() => {
            Unique::Keys(builder.words(field.list_keys.iter().map(String::as_str)))
        }
        Some("set") => Unique::Item,
        _ => Unique::No,
    };
    builder.add_type(Type::new(Shape::List { items, unique }))
}

/// What keys and values of a string map look like, by the name of the field.
fn map_formats(owner: &str, key: &str, values: &str) -> (Format, Format) {
    let keeps_files = owner.ends_with("core.v1.ConfigMap") || owner.ends_with("core.v1.Secret");
    match (key, values) {
        ("labels" | "matchLabels" | "nodeSelector" | "selector", "string") => {
            (Format::QualifiedName, Format::LabelValue)
        }
        ("annotations", "string") => (Format::QualifiedName, Format::Plain),
        ("data" | "stringData" | "binaryData", _) if keeps_files => (Format::FileName, Format::Plain),
        _ => (Format::Plain, Format::Plain),
    }
}

/// Types that the API's description leaves wider than the API server takes them.
fn special(builder: &mut Builder, owner: &str, key: &str, written: &str) -> Option<Type> {
    let format = FORMATS.iter().find(|(end, field, _)| *field == key && owner.ends_with(end));
    if let Some((_, _, format)) = format {
        let of = Type::new(Shape::Text(*format));
        // Elsewhere, empty means "not set"; an item of a list needs its name.
        let low = (key == "name" && !owner.ends_with("Port")).then_some(1.0);
        return Some(Type { limits: builder.limits(Limits { low, ..Limits::NONE }), ..of });
    }
    let port = |low| Limits { low: Some(low), high: Some(65535.0), pattern: None };
    let int_or_string = written.ends_with(".IntOrString");
    let integer = written == "integer:int32";
    let (shape, limits) = match key {
        "port" | "targetPort" if int_or_string => (Shape::IntOrString(Format::PortName), port(1.0)),
        "maxSurge" | "maxUnavailable" | "minAvailable" if int_or_string => {
            (Shape::IntOrString(Format::Percent), Limits { low: Some(0.0), ..Limits::NONE })
        }
        _ if integer && OPTIONAL_PORTS.contains(&key) => (Shape::Integer(32), port(0.0)),
        _ if integer && PORTS.contains(&key) => (Shape::Integer(32), port(1.0)),
        _ => return None,
    };
    Some(Type { limits: builder.limits(limits), ..Type::new(shape) })
}

fn element(builder: &mut Builder, ids: &Ids<'_>, written: &str, allowed: &[String]) -> Result<TypeId> {
    if let Some(id) = ids.get(written) {
        return Ok(*id);
    }
    let shape = match written {
        "string" => Shape::Text(Format::Plain),
        "string:byte" => Shape::Text(Format::Base64),
        "integer:int32" => Shape::Integer(32),
        "integer:int64" => Shape::Integer(64),
        "number:double" => Shape::Number,
        "boolean" => Shape::Boolean,
        _ => {
            let items = inside(written, '[', ']').ok_or_else(|| format!("unknown type {written}"))?;
            Shape::List { items: element(builder, ids, items, &[])?, unique: Unique::No }
        }
    };
    let allowed =
        if allowed.is_empty() { Slice::EMPTY } else { builder.words(allowed.iter().map(String::as_str)) };
    Ok(builder.add_type(Type { allowed, ..Type::new(shape) }))
}

fn inside(written: &str, open: char, close: char) -> Option<&str> {
    written.strip_prefix(open)?.strip_suffix(close)
}

fn add_kinds(builder: &mut Builder, api: &Api, ids: &Ids<'_>) -> Result<()> {
    for kind in &api.kinds {
        let group = if kind.group.is_empty() { String::new() } else { format!("{}/", kind.group) };
        let known = Kind {
            kind: builder.name(&kind.kind),
            api_version: builder.name(&format!("{group}{}", kind.version)),
            shape: *ids.get(kind.r#type.as_str()).ok_or("a kind without a type")?,
            namespaced: kind.namespaced,
            custom: false,
            life: life(kind.since.as_deref(), kind.until.as_deref())?,
        };
        builder.kind(known);
    }
    Ok(())
}

fn add_crd(builder: &mut Builder, crd: &Crd) {
    let namespaced = crd.scope == "Namespaced";
    let custom = CustomKind { group: &crd.group, kind: &crd.kind, namespaced };
    for version in &crd.versions {
        structural::add_custom_kind(builder, custom, &version.name, &version.schema);
    }
}

fn life(since: Option<&str>, until: Option<&str>) -> Result<Life> {
    let since = since.map_or(Ok(Life::ALWAYS.since), minor)?;
    let until = until.map_or(Ok(Life::ALWAYS.until), minor)?;
    Ok(Life { since, until })
}

fn minor(version: &str) -> Result<u8> {
    Ok(version.strip_prefix("1.").ok_or("not a version of Kubernetes 1")?.parse()?)
}

fn crd_files() -> Result<Vec<PathBuf>> {
    files("schemas/crds", ".json")
}

/// The files of a folder whose names end so.
fn files(folder: &str, end: &str) -> Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={folder}");
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.to_string_lossy().ends_with(end));
    paths.sort();
    Ok(paths)
}

/// What is worked out of the schemas of bundled charts: what they want, and the table of them all.
fn charts() -> Result<(String, String)> {
    let mut maker = values::Maker::new();
    let mut out = "static CHARTS: &[Built] = &[\n".to_owned();
    for path in files("schemas", ".wants.json")? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().replace(".wants.json", "");
        let schema = serde_json::from_str(&read(format!("schemas/{name}.schema.json").into())?)?;
        let root = maker.root(schema).map_err(|error| format!("{name}.schema.json: {error}"))?;
        let wants = wants::packed(&read(path)?)?;
        writeln!(out, "Built {{ name: {name:?}, root: {root:?}, wants: {wants} }},")?;
    }
    Ok((out + "];\n", maker.source()?))
}

/// What the templates of bundled charts come to, by the charts' names.
fn written_plans() -> Result<Vec<(String, String)>> {
    let name = |path: &PathBuf| {
        path.file_name().unwrap_or_default().to_string_lossy().replace(".templates.json", "")
    };
    let paths = files("schemas", ".templates.json")?;
    paths.into_iter().map(|path| Ok((name(&path), read(path)?))).collect()
}

fn read(path: PathBuf) -> Result<String> {
    println!("cargo::rerun-if-changed={}", path.display());
    Ok(fs::read_to_string(path)?)
}

/// The table as Rust source. The `Debug` form of its parts is what a program would write for them.
fn source(table: &Table, minors: &[u8]) -> Result<String> {
    let mut out = String::new();
    writeln!(out, "const MINORS: &[u8] = &{minors:?};")?;
    writeln!(out, "static TEXT: &str = {:?};", table.text)?;
    array(&mut out, "KINDS: &[Kind]", &table.kinds)?;
    array(&mut out, "TYPES: &[Type]", &table.types)?;
    array(&mut out, "FIELDS: &[Field]", &table.fields)?;
    array(&mut out, "WORDS: &[Name]", &table.words)?;
    array(&mut out, "LIMITS: &[Limits]", &table.limits)?;
    writeln!(out, "const METADATA: TypeId = {:?};", table.metadata)?;
    Ok(out)
}

fn array(out: &mut String, name: &str, items: &[impl Debug]) -> Result<()> {
    writeln!(out, "static {name} = &[")?;
    for item in items {
        writeln!(out, "{item:?},")?;
    }
    Ok(writeln!(out, "];")?)
}
