//! The API table of Kubernetes and of the bundled CRDs, packed into Rust source.
//!
//! `schemas/kubernetes.json` has the kinds, types and fields of all known versions, as `examples/api-table` merges
//! them; `schemas/crds/` has the structural schemas of the bundled CRDs. Both become one flat table
//! (`src/kube/api/table.rs`), which is written as static arrays, but for the types of CRDs, which are packed. What the API's description leaves wider than the API
//! server takes it is narrowed here: names, ports, percentages.
//!
//! ```text
//! "types": { "…core.v1.Container": { "is": "object", "fields": {
//!     "name":  { "type": "string", "required": true },               Text(Dns1123Label)     narrowed
//!     "ports": { "type": "[…core.v1.ContainerPort]", "list": "map", "listKeys": ["containerPort", "protocol"] },
//!     "image": { "type": "string" } … } } }                          Text(AnyText)
//! ```
//!
//! The description is the OpenAPI document of Kubernetes, in which a port is any integer and a name any string. What
//! the API server checks besides is Go code (`pkg/apis/core/validation` of Kubernetes), which no
//! document describes; the tables below have those checks that manifests often fail.

#[path = "../src/kube/api/builder.rs"]
#[allow(dead_code)]
mod builder;
#[path = "../src/kube/api/structural_schema.rs"]
#[allow(dead_code)]
mod structural_schema;
#[path = "../src/kube/api/table.rs"]
#[allow(dead_code)]
mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Deserialize;
use serde_json::Value;

use super::validation::{self, NamedType, Types};
use super::{Result, array, files, read};
use builder::Builder;
use structural_schema::{CustomKind, CustomVersion};
use table::{
    Availability, Constraints, Field, Format, INDEX_BITS, IndexRange, ListType, Name, ObjectKind, PACKED,
    Segment, Shape, Table, Type, TypeId,
};

/// What is written for the library to include.
pub struct Sources {
    /// The table as Rust source, for `src/kube/api/built_in.rs`.
    pub table: String,
    /// The segments of the table, for the same file.
    pub segments: Vec<u8>,
    /// The names of the named types, for the same file.
    pub type_names: Vec<u8>,
    /// The facts of validation that refer to types of the table, for `src/kube/validate/facts.rs`.
    pub facts: String,
    /// The functions that they name, for `src/kube/validate/functions/mod.rs`.
    pub functions: String,
}

/// Reads `schemas/`, and makes the sources of it.
pub fn sources() -> Result<Sources> {
    let api: Api = serde_json::from_str(&read("schemas/kubernetes.json".into())?)?;
    // Types have a name here and refer to each other by it, in circles too (`JSONSchemaProps` holds itself). So the
    // named ones get the first ids, and are filled in when everything below them is in the table.
    let ids: Ids<'_> = api.types.keys().map(String::as_str).zip((0..).map(TypeId)).collect();
    let metadata = *ids.get(OBJECT_META).ok_or("no ObjectMeta")?;
    let mut builder = Builder::new(empty_table(ids.len(), metadata));
    let named = named_types(&mut builder, &api, &ids)?;
    add_kinds(&mut builder, &api, &ids)?;
    let mut table = builder.finish();
    // They have the first ids, in the order of their names: `ids` and `named_types` go through one map.
    table.types.to_mut()[..named.len()].copy_from_slice(&named);
    let mut packed = Packed::default();
    for path in files("schemas/crds", ".json")? {
        table = packed.add(table, &serde_json::from_str(&read(path)?)?)?;
    }
    // The program offers these versions to choose from, and refuses others.
    let minors = api.versions.iter().map(|version| minor(version)).collect::<Result<Vec<u8>>>()?;
    let (facts, functions) = validation::source(&types_of(&api, &ids))?;
    let table = write_source(&table, &minors, &packed.places)?;
    let names: Vec<&str> = api.types.keys().map(String::as_str).collect();
    let type_names = deflated(names.join("\n").as_bytes())?;
    Ok(Sources { table, segments: packed.bytes, type_names, facts, functions })
}

/// The named types as facts of validation see them.
fn types_of<'a>(api: &'a Api, ids: &Ids<'_>) -> Types<'a> {
    let named = |(name, of): (&'a String, &'a ApiType)| {
        let fields = of.fields.iter().map(|(key, field)| (key.as_str(), field.r#type.as_str())).collect();
        let id = ids.get(name.as_str()).map_or(0, |id| id.0);
        (name.as_str(), NamedType { id, fields })
    };
    Types { by_name: api.types.iter().map(named).collect() }
}

/// The type of every object's `metadata`. CRDs do not describe it, so custom kinds get it from here.
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// `schemas/kubernetes.json`.
#[derive(Deserialize)]
struct Api {
    /// The minor versions that were merged, ascending: `1.31`.
    versions: Vec<String>,
    kinds: Vec<ApiKind>,
    types: BTreeMap<String, ApiType>,
}

/// A kind of objects.
#[derive(Deserialize)]
struct ApiKind {
    /// Empty for the core group.
    group: String,
    version: String,
    kind: String,
    /// The name of its type.
    r#type: String,
    namespaced: bool,
    /// The first version that has it; none if it is older than all known ones.
    since: Option<String>,
    /// The last version that has it; none if the newest known one does.
    until: Option<String>,
}

/// A type that has a name.
#[derive(Deserialize)]
struct ApiType {
    /// Its form: `object`, or one of those that OpenAPI has no word for, such as `int-or-string`.
    is: String,
    #[serde(default)]
    fields: BTreeMap<String, ApiField>,
}

/// A field of an object. Versions are as for kinds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiField {
    /// See [`field_type`].
    r#type: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    r#enum: Vec<String>,
    /// `x-kubernetes-list-type`: `map`, `set` or `atomic`.
    list: Option<String>,
    /// `x-kubernetes-list-map-keys`.
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

/// A version of a custom kind.
#[derive(Deserialize)]
struct CrdVersion {
    name: String,
    /// `status` is among them where it is a resource of its own.
    #[serde(default)]
    subresources: BTreeMap<String, Value>,
    /// Its structural schema (`openAPIV3Schema`).
    schema: Value,
}

/// Strings that have a format of their own, as the API server's validation has it and the API's description has not:
/// the end of the type's name, the field, its format.
const FORMATS: &[(&str, &str, Format)] = &[
    ("core.v1.Container", "name", Format::Dns1123Label),
    ("core.v1.Volume", "name", Format::Dns1123Label),
    ("core.v1.ContainerPort", "name", Format::PortName),
    ("core.v1.ServicePort", "name", Format::Dns1123Label),
    ("core.v1.EnvVar", "name", Format::EnvVarName),
    ("core.v1.PodSpec", "serviceAccountName", Format::Dns1123Subdomain),
    ("meta.v1.ObjectMeta", "namespace", Format::Dns1123Label),
];

/// The values of fields whose `enum` in the API's description is not what the API server takes, as one type may serve
/// fields that take some of its values each: the end of the type's name, the field, its values.
const ENUMS: &[(&str, &str, &[&str])] = &[
    ("core.v1.ServiceSpec", "ipFamilies", &["IPv4", "IPv6"]),
    ("storage.v1.StorageClass", "reclaimPolicy", &["Delete", "Retain"]),
];

/// Ports that say "choose one" or "none" with 0.
const OPTIONAL_PORTS: &[&str] = &["hostPort", "nodePort", "healthCheckNodePort"];
/// Ports that must be one, from 1 to 65535.
const PORTS: &[&str] = &["port", "containerPort", "endPort"];

/// A table with room for the named types, which refer to each other and are filled in last.
fn empty_table(named_types: usize, metadata: TypeId) -> Table {
    Table {
        text: Cow::Borrowed(""),
        kinds: Cow::Borrowed(&[]),
        types: Cow::Owned(vec![Type::new(Shape::Any); named_types]),
        fields: Cow::Borrowed(&[]),
        words: Cow::Borrowed(&[]),
        constraints: Cow::Owned(vec![Constraints::NONE]),
        metadata,
        segments: |_| None,
    }
}

/// The types that have a name, in the order of their ids.
fn named_types(builder: &mut Builder, api: &Api, ids: &Ids<'_>) -> Result<Vec<Type>> {
    let mut types = Vec::new();
    for (name, of) in &api.types {
        let shape = match of.is.as_str() {
            "object" => object(builder, ids, name, of)?,
            "free" => Shape::FreeMap,
            "any" => Shape::Any,
            "quantity" => Shape::Quantity,
            "int-or-string" => Shape::IntOrString(Format::AnyText),
            "string:date-time" if name.ends_with(".MicroTime") => Shape::Text(Format::MicroTime),
            "string:date-time" => Shape::Text(Format::DateTime),
            other => return Err(format!("{name}: unknown form {other}").into()),
        };
        types.push(Type::new(shape));
    }
    Ok(types)
}

/// The fields of a named type, each with everything below it.
fn object(builder: &mut Builder, ids: &Ids<'_>, name: &str, of: &ApiType) -> Result<Shape> {
    let mut fields = Vec::new();
    for (key, field) in &of.fields {
        let type_id = field_type(builder, ids, name, key, field)?;
        let availability = availability(field.since.as_deref(), field.until.as_deref())?;
        fields.push(Field { name: builder.name(key), type_id, required: field.required, availability });
    }
    Ok(Shape::Object { fields: builder.fields(fields), open: false })
}

/// The named types by their names.
type Ids<'a> = BTreeMap<&'a str, TypeId>;

/// Adds the type of a field. It is written as `[…]` for a list, `{…}` for a map of strings to these, the name of a
/// type, or a form such as `integer:int32`.
fn field_type(
    builder: &mut Builder,
    ids: &Ids<'_>,
    owner: &str,
    key: &str,
    field: &ApiField,
) -> Result<TypeId> {
    let written = field.r#type.as_str();
    let mended = ENUMS.iter().find(|(end, name, _)| *name == key && owner.ends_with(end));
    let allowed = match mended {
        Some((_, _, values)) => values.iter().map(|value| (*value).to_owned()).collect(),
        None => field.r#enum.clone(),
    };
    if let Some(items) = between(written, '[', ']') {
        let items = element(builder, ids, items, &allowed)?;
        return Ok(list_type(builder, items, field));
    }
    if let Some(values) = between(written, '{', '}') {
        let (keys, format) = map_formats(owner, key, values);
        let values = match values {
            "string" => builder.add_type(Type::new(Shape::Text(format))),
            _ => element(builder, ids, values, &[])?,
        };
        return Ok(builder.add_type(Type::new(Shape::Map { values, keys })));
    }
    match narrowed_type(builder, owner, key, written) {
        Some(of) => Ok(builder.add_type(of)),
        None => element(builder, ids, written, &allowed),
    }
}

/// Adds the type of a list with these items.
fn list_type(builder: &mut Builder, items: TypeId, field: &ApiField) -> TypeId {
    let list_type = match field.list.as_deref() {
        // A list by keys without keys says nothing about what is equal.
        Some("map") if !field.list_keys.is_empty() => {
            ListType::Keyed(builder.words(field.list_keys.iter().map(String::as_str)))
        }
        Some("set") => ListType::Set,
        _ => ListType::Atomic,
    };
    builder.add_type(Type::new(Shape::List { items, list_type }))
}

/// The formats of keys and of values of a map of strings, by the name of the field.
fn map_formats(owner: &str, key: &str, values: &str) -> (Format, Format) {
    // Keys of these two become names of files where they are mounted; `data` elsewhere may mean anything.
    let keeps_files = owner.ends_with("core.v1.ConfigMap") || owner.ends_with("core.v1.Secret");
    match (key, values) {
        ("labels" | "nodeSelector" | "selector", "string") => (Format::QualifiedName, Format::LabelValue),
        ("annotations", "string") => (Format::AnnotationKey, Format::AnyText),
        ("data" | "stringData" | "binaryData", _) if keeps_files => (Format::ConfigMapKey, Format::AnyText),
        _ => (Format::AnyText, Format::AnyText),
    }
}

/// The type of a field that the API's description leaves wider than the API server takes it; none for the others.
fn narrowed_type(builder: &mut Builder, owner: &str, key: &str, written: &str) -> Option<Type> {
    // By the end of the name: `core.v1.PodSpec` is `io.k8s.api.core.v1.PodSpec`.
    let format = FORMATS.iter().find(|(end, field, _)| *field == key && owner.ends_with(end));
    if let Some((_, _, format)) = format {
        let of = Type::new(Shape::Text(*format));
        // A port's name, a namespace or a service account that is empty is not set; other items
        // of lists need their name.
        let minimum = (key == "name" && !owner.ends_with("Port")).then_some(1.0);
        let constraints = builder.constraints(Constraints { minimum, ..Constraints::NONE });
        return Some(Type { constraints, ..of });
    }
    // By the field alone, whatever holds it: `port` and its kin mean the same in every type, so that one
    // of a new version needs no row. The form of the type tells a port from a struct that is called
    // `port` (as of an Ingress backend).
    let port = |minimum| Constraints { minimum: Some(minimum), maximum: Some(65535.0), ..Constraints::NONE };
    let int_or_string = written.ends_with(".IntOrString");
    let integer = written == "integer:int32";
    let (shape, constraints) = match key {
        "port" if int_or_string => (Shape::IntOrString(Format::PortName), port(1.0)),
        // 0 stands for the Service's own port.
        "targetPort" if int_or_string => (Shape::IntOrString(Format::PortName), port(0.0)),
        // The API server takes any.
        "port" if owner.ends_with("discovery.v1.EndpointPort") => return None,
        "maxSurge" | "maxUnavailable" | "minAvailable" if int_or_string => {
            (Shape::IntOrString(Format::Percent), Constraints { minimum: Some(0.0), ..Constraints::NONE })
        }
        _ if integer && OPTIONAL_PORTS.contains(&key) => (Shape::Integer(32), port(0.0)),
        _ if integer && PORTS.contains(&key) => (Shape::Integer(32), port(1.0)),
        _ => return None,
    };
    Some(Type { constraints: builder.constraints(constraints), ..Type::new(shape) })
}

/// Adds a type that is written without the context of a field: that of a field itself, or of the items or values of
/// one. `allowed` are the values of its `enum`; none if any may stand there.
fn element(builder: &mut Builder, ids: &Ids<'_>, written: &str, allowed: &[String]) -> Result<TypeId> {
    // A named type is in the table already, perhaps not filled in yet.
    if let Some(id) = ids.get(written) {
        return Ok(*id);
    }
    let shape = match written {
        "string" => Shape::Text(Format::AnyText),
        "string:byte" => Shape::Text(Format::Base64),
        "integer:int32" => Shape::Integer(32),
        "integer:int64" => Shape::Integer(64),
        "number:double" => Shape::Number,
        "boolean" => Shape::Boolean,
        _ => {
            let items = between(written, '[', ']').ok_or_else(|| format!("unknown type {written}"))?;
            Shape::List { items: element(builder, ids, items, &[])?, list_type: ListType::Atomic }
        }
    };
    let allowed = if allowed.is_empty() {
        IndexRange::EMPTY
    } else {
        builder.words(allowed.iter().map(String::as_str))
    };
    Ok(builder.add_type(Type { allowed, ..Type::new(shape) }))
}

/// What stands between two signs: `string` in `[string]`.
fn between(written: &str, open: char, close: char) -> Option<&str> {
    written.strip_prefix(open)?.strip_suffix(close)
}

/// The one built-in kind whose status may be set when it is created (`nodeStrategy.PrepareForCreate`).
const KEEPS_STATUS: &str = "Node";

/// Adds the built-in kinds.
fn add_kinds(builder: &mut Builder, api: &Api, ids: &Ids<'_>) -> Result<()> {
    for kind in &api.kinds {
        let group = if kind.group.is_empty() { String::new() } else { format!("{}/", kind.group) };
        let known = ObjectKind {
            kind: builder.name(&kind.kind),
            api_version: builder.name(&format!("{group}{}", kind.version)),
            type_id: *ids.get(kind.r#type.as_str()).ok_or("a kind without a type")?,
            namespaced: kind.namespaced,
            custom: false,
            drops_status: kind.kind != KEEPS_STATUS,
            availability: availability(kind.since.as_deref(), kind.until.as_deref())?,
        };
        builder.kind(known);
    }
    Ok(())
}

/// The segments, one after the other.
#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    /// Of each segment its first byte, the one past its last, and how many bytes it unpacks to.
    places: Vec<(usize, usize, usize)>,
}

impl Packed {
    /// Adds the kinds of a bundled CRD to the table, one for each of its versions, in the way in which CRDs of a run are
    /// added, and their types as a segment.
    fn add(&mut self, table: Table, crd: &Crd) -> Result<Table> {
        let number = self.places.len() as u32;
        let shift = Shift { first: Lengths::of(&table), segment: number };
        let mut builder = Builder::new(table.clone());
        let custom = CustomKind { group: &crd.group, kind: &crd.kind, namespaced: crd.scope == "Namespaced" };
        let mut kinds = Vec::new();
        for version in &crd.versions {
            let CrdVersion { name, subresources, schema } = version;
            let has_status = subresources.contains_key("status");
            let version = CustomVersion { name, has_status, schema };
            kinds.push((name, structural_schema::custom_kind(&mut builder, custom, version)));
        }
        let segment = shift.segment(&builder.finish());
        if segment.text.len() >= 1 << INDEX_BITS || number >= PACKED >> INDEX_BITS {
            return Err(format!("{} {}: there are not enough bits for it", crd.group, crd.kind).into());
        }
        self.pack(&segment)?;
        // What is asked of a kind without looking into its objects stays with the others.
        let mut builder = Builder::new(table);
        for (version, kind) in kinds {
            let known = ObjectKind {
                kind: builder.name(&crd.kind),
                api_version: builder.name(&format!("{}/{version}", crd.group)),
                type_id: shift.type_id(kind.type_id),
                ..kind
            };
            builder.kind(known);
        }
        Ok(builder.finish())
    }

    fn pack(&mut self, segment: &Segment) -> Result<()> {
        let bytes = postcard::to_allocvec(segment)?;
        let start = self.bytes.len();
        self.bytes.extend(deflated(&bytes)?);
        self.places.push((start, self.bytes.len(), bytes.len()));
        Ok(())
    }
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// How long the arrays of a table are.
struct Lengths {
    text: u32,
    types: u32,
    fields: u32,
    words: u32,
    constraints: u32,
}

impl Lengths {
    fn of(table: &Table) -> Lengths {
        Lengths {
            text: table.text.len() as u32,
            types: table.types.len() as u32,
            fields: table.fields.len() as u32,
            words: table.words.len() as u32,
            constraints: table.constraints.len() as u32,
        }
    }
}

/// Makes what stands behind the end of a table a segment.
struct Shift {
    first: Lengths,
    segment: u32,
}

impl Shift {
    fn segment(&self, table: &Table) -> Segment {
        let Lengths { text, types, fields, words, constraints } = self.first;
        Segment {
            text: table.text[text as usize..].to_owned(),
            types: table.types[types as usize..].iter().map(|of| self.r#type(*of)).collect(),
            fields: table.fields[fields as usize..].iter().map(|field| self.field(*field)).collect(),
            words: table.words[words as usize..].iter().map(|word| self.name(*word)).collect(),
            constraints: table.constraints[constraints as usize..]
                .iter()
                .map(|constraints| self.constraints(*constraints))
                .collect(),
        }
    }

    /// An index behind the end of an array of the table, as one of the segment.
    fn index(&self, first: u32, index: u32) -> u32 {
        if index < first { index } else { PACKED | self.segment << INDEX_BITS | (index - first) }
    }

    fn type_id(&self, id: TypeId) -> TypeId {
        TypeId(self.index(self.first.types, id.0))
    }

    fn name(&self, Name { start, end }: Name) -> Name {
        // A name may end where the table begins: the end follows the start.
        let moved = self.index(self.first.text, start);
        Name { start: moved, end: moved + (end - start) }
    }

    fn range(&self, first: u32, IndexRange { start, end }: IndexRange) -> IndexRange {
        let moved = self.index(first, start);
        IndexRange { start: moved, end: moved + (end - start) }
    }

    fn field(&self, field: Field) -> Field {
        Field { name: self.name(field.name), type_id: self.type_id(field.type_id), ..field }
    }

    fn constraints(&self, constraints: Constraints) -> Constraints {
        let Constraints { pattern, rest, .. } = constraints;
        Constraints {
            pattern: pattern.map(|name| self.name(name)),
            rest: rest.map(|name| self.name(name)),
            ..constraints
        }
    }

    fn r#type(&self, of: Type) -> Type {
        let shape = match of.shape {
            Shape::Object { fields, open } => {
                Shape::Object { fields: self.range(self.first.fields, fields), open }
            }
            Shape::Map { values, keys } => Shape::Map { values: self.type_id(values), keys },
            Shape::List { items, list_type } => Shape::List {
                items: self.type_id(items),
                list_type: match list_type {
                    ListType::Keyed(keys) => ListType::Keyed(self.range(self.first.words, keys)),
                    other => other,
                },
            },
            other => other,
        };
        let allowed = match of.allowed {
            IndexRange::EMPTY => IndexRange::EMPTY,
            words => self.range(self.first.words, words),
        };
        Type { shape, allowed, constraints: self.index(self.first.constraints, of.constraints), ..of }
    }
}

/// The versions that have a kind or a field.
fn availability(since: Option<&str>, until: Option<&str>) -> Result<Availability> {
    let since = since.map_or(Ok(Availability::ALWAYS.since), minor)?;
    let until = until.map_or(Ok(Availability::ALWAYS.until), minor)?;
    Ok(Availability { since, until })
}

/// `34` of `1.34`.
fn minor(version: &str) -> Result<u8> {
    Ok(version.strip_prefix("1.").ok_or("not a version of Kubernetes 1")?.parse()?)
}

/// The table as Rust source. The `Debug` form of its parts is what a program would write for them.
fn write_source(table: &Table, minors: &[u8], segments: &[(usize, usize, usize)]) -> Result<String> {
    let mut out = String::new();
    writeln!(out, "const MINORS: &[u8] = &{minors:?};")?;
    writeln!(out, "static TEXT: &str = {:?};", table.text)?;
    array(&mut out, "KINDS: &[ObjectKind]", &table.kinds)?;
    array(&mut out, "TYPES: &[Type]", &table.types)?;
    array(&mut out, "FIELDS: &[Field]", &table.fields)?;
    array(&mut out, "WORDS: &[Name]", &table.words)?;
    array(&mut out, "CONSTRAINTS: &[Constraints]", &table.constraints)?;
    writeln!(out, "const METADATA: TypeId = {:?};", table.metadata)?;
    let name = format!("SEGMENTS: [(usize, usize, usize); {}]", segments.len());
    writeln!(
        out,
        "/// Of each segment its first byte, the one past its last, and how many bytes it unpacks to."
    )?;
    writeln!(out, "static {name} = {segments:?};")?;
    Ok(out)
}
