//! What only the Go types of Kubernetes say: the allowed values of strings (`+enum`), what tells items of lists apart
//! (`+listType`), and unions.
//!
//! The OpenAPI file of a release lists no allowed values, though the generator that makes it from these types knows them.
//! The types are in public repositories of their own, whose branches follow the releases: `kubernetes/api` and, for what
//! that builds on, `kubernetes/apimachinery`, `kubernetes/apiextensions-apiserver` and `kubernetes/kube-aggregator`.
//!
//! ```go
//! // +enum
//! type AddressType string
//!
//! const AddressTypeIPv4 = AddressType(v1.IPv4Protocol)      // one of its values, which another package names
//!
//! type EndpointSlice struct {
//!     // +listType=atomic
//!     Endpoints []Endpoint `json:"endpoints" protobuf:"…"`
//! ```
//!
//! They are read line by line, as `gofmt` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::table::{Field, Table, Type};

/// The packages of some Go modules.
#[derive(Debug, Default)]
pub struct GoTypes {
    /// By import path: `k8s.io/api/core/v1`.
    packages: BTreeMap<String, Package>,
}

#[derive(Debug, Default)]
struct Package {
    structs: BTreeMap<String, Struct>,
    /// Named types of another type: `type AddressType string`.
    names: BTreeMap<String, Named>,
    constants: BTreeMap<String, Constant>,
}

#[derive(Debug, Default)]
struct Struct {
    fields: Vec<GoField>,
    union: bool,
}

#[derive(Debug)]
struct Named {
    is: Reference,
    /// Whether its constants are all that it may be.
    closed: bool,
}

#[derive(Debug)]
struct GoField {
    /// Its Go name.
    name: String,
    /// Its key; none if its own fields stand in its place.
    key: Option<String>,
    /// Its type, or that of its items.
    of: Reference,
    markers: Markers,
    /// Whether it is left out where it is empty.
    omit_empty: bool,
}

/// A name, without stars and brackets, and the package that it is of; basic types are of none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    package: String,
    name: String,
}

#[derive(Debug)]
struct Constant {
    /// The type that it says to be of.
    of: Option<Reference>,
    value: ConstantValue,
}

#[derive(Debug)]
enum ConstantValue {
    Text(String),
    Same(Reference),
}

/// The lines `// +name=value` above a declaration.
#[derive(Clone, Debug, Default)]
struct Markers(Vec<(String, String)>);

impl Markers {
    fn all<'m>(&'m self, name: &str) -> impl Iterator<Item = &'m str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Takes a comment's line.
    fn push(&mut self, comment: &str) {
        if let Some(marker) = comment.trim().strip_prefix('+') {
            let (name, value) = marker.split_once('=').unwrap_or((marker, ""));
            self.0.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
}

impl GoTypes {
    /// Adds a Go module: a folder with `go.mod`.
    pub fn add_module(&mut self, folder: &Path) -> Result<(), String> {
        let module = read(&folder.join("go.mod"))?;
        let module = module.lines().find_map(|line| line.strip_prefix("module "));
        let module = module.ok_or_else(|| format!("{}: go.mod names no module", folder.display()))?;
        self.add_folder(folder, module.trim())
    }

    fn add_folder(&mut self, folder: &Path, import: &str) -> Result<(), String> {
        let error = |error: std::io::Error| format!("{}: {error}", folder.display());
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(error)? {
            paths.push(entry.map_err(error)?.path());
        }
        paths.sort();
        for path in paths {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                // Git's own folder and what only tests read are no packages.
                if !name.starts_with('.') && name != "testdata" {
                    self.add_folder(&path, &format!("{import}/{name}"))?;
                }
            } else if name.ends_with(".go")
                && !name.ends_with("_test.go")
                && !name.starts_with("zz_generated")
            {
                let package = self.packages.entry(import.to_owned()).or_default();
                File { import, imports: BTreeMap::new(), package }.read(&read(&path)?);
            }
        }
        Ok(())
    }

    /// Puts what the types say into the description of a version, and says where the two disagree.
    pub fn complete(&self, table: &mut Table) -> Vec<String> {
        let mut said = Vec::new();
        for (name, of) in &mut table.types {
            let Some(go) = self.definition(name) else { continue };
            let Some(fields) = &mut of.fields else { continue };
            let mut known = BTreeMap::new();
            self.fields(go, &mut known);
            for (key, field) in fields.iter_mut() {
                match known.remove(key.as_str()) {
                    Some(go) => self.complete_field(&format!("{name}.{key}"), field, go, &mut said),
                    None => said.push(format!("not in the Go types: {name}.{key}")),
                }
            }
            said.extend(known.into_keys().map(|key| format!("only in the Go types: {name}.{key}")));
            self.complete_union(go, of);
        }
        said
    }

    /// The struct behind a definition: `io.k8s.api.core.v1.Pod` is `Pod` of `k8s.io/api/core/v1`.
    fn definition(&self, name: &str) -> Option<&Struct> {
        let (package, name) = name.strip_prefix("io.k8s.")?.rsplit_once('.')?;
        self.structure(&format!("k8s.io/{}", package.replace('.', "/")), name)
    }

    /// The struct with a name, or that its name stands for.
    fn structure(&self, import: &str, name: &str) -> Option<&Struct> {
        let package = self.packages.get(import)?;
        match (package.structs.get(name), package.names.get(name)) {
            (Some(found), _) => Some(found),
            (None, Some(named)) => self.structure(&named.is.package, &named.is.name),
            (None, None) => None,
        }
    }

    /// The fields of a struct and of those that stand in it without a key.
    fn fields<'g>(&'g self, of: &'g Struct, into: &mut BTreeMap<&'g str, &'g GoField>) {
        for field in &of.fields {
            match &field.key {
                Some(key) => {
                    into.insert(key, field);
                }
                None => {
                    if let Some(inner) = self.structure(&field.of.package, &field.of.name) {
                        self.fields(inner, into);
                    }
                }
            }
        }
    }

    fn complete_field(&self, name: &str, field: &mut Field, go: &GoField, said: &mut Vec<String>) {
        let optional = go.markers.has("optional") || go.omit_empty;
        // As the generator of the OpenAPI file takes it.
        let required = go.markers.has("required") || !optional;
        if field.required != required {
            let is = if required { "" } else { "not " };
            said.push(format!("the Go types say: {name} is {is}required"));
            field.required = required;
        }
        if let Some(values) = self.allowed(&go.of) {
            field.r#enum = values.into_iter().collect();
        }
        let list = go.markers.all("listType").last().map(str::to_owned);
        if list.is_some() {
            field.list = list;
            field.list_keys = go.markers.all("listMapKey").map(str::to_owned).collect();
        }
        if let Some(key) = go.markers.all("patchMergeKey").last() {
            field.merge_key = Some(key.to_owned());
        }
    }

    /// The values of a type that has no others, ascending.
    fn allowed(&self, reference: &Reference) -> Option<BTreeSet<String>> {
        let package = self.packages.get(&reference.package)?;
        let named = package.names.get(&reference.name)?;
        if !named.closed {
            // `type A B`: what B says.
            return self.allowed(&named.is);
        }
        let constants = package.constants.values();
        let values = constants.filter(|constant| constant.of.as_ref() == Some(reference));
        let values: BTreeSet<String> = values.filter_map(|constant| self.text(&constant.value)).collect();
        (!values.is_empty()).then_some(values)
    }

    fn text(&self, value: &ConstantValue) -> Option<String> {
        match value {
            ConstantValue::Text(text) => Some(text.clone()),
            ConstantValue::Same(other) => {
                self.text(&self.packages.get(&other.package)?.constants.get(&other.name)?.value)
            }
        }
    }

    /// `x-kubernetes-unions`, as the generator of the OpenAPI file makes them.
    fn complete_union(&self, go: &Struct, of: &mut Type) {
        if !go.union {
            return;
        }
        let mut fields = BTreeMap::new();
        self.fields(go, &mut fields);
        let discriminator = fields.values().find(|field| field.markers.has("unionDiscriminator"));
        let discriminator = discriminator.and_then(|field| field.key.clone());
        let members = fields.iter().filter(|(key, _)| Some(**key) != discriminator.as_deref());
        let members: Map<String, Value> =
            members.map(|(key, field)| ((*key).to_owned(), json!(field.name))).collect();
        let mut union = Map::new();
        union.extend(discriminator.map(|key| ("discriminator".to_owned(), json!(key))));
        union.insert("fields-to-discriminateBy".to_owned(), Value::Object(members));
        of.unions = Some(json!([union]));
    }
}

/// A file while it is read.
struct File<'p> {
    import: &'p str,
    /// What the file calls its imports.
    imports: BTreeMap<String, String>,
    package: &'p mut Package,
}

impl File<'_> {
    fn read(&mut self, text: &str) {
        let mut lines = text.lines();
        // The markers of a type may stand apart from its documentation, with an empty line between them.
        let mut markers = Markers::default();
        while let Some(line) = lines.next() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [comment, ..] if comment.starts_with("//") => markers.push(line.trim_start_matches('/')),
                ["import", "("] => {
                    lines.by_ref().take_while(|line| *line != ")").for_each(|line| self.import(line))
                }
                ["import", ..] => self.import(line.trim_start_matches("import ")),
                ["const", "("] => {
                    lines.by_ref().take_while(|line| *line != ")").for_each(|line| self.constant(line))
                }
                ["const", ..] => self.constant(line.trim_start_matches("const ")),
                ["type", name, "struct", "{"] => {
                    let fields = self.fields(lines.by_ref().take_while(|line| *line != "}"));
                    let of = Struct { fields, union: std::mem::take(&mut markers).has("union") };
                    self.package.structs.insert((*name).to_owned(), of);
                }
                ["type", name, "struct{}"] => {
                    markers = Markers::default();
                    self.package.structs.insert((*name).to_owned(), Struct::default());
                }
                ["type", name, is] | ["type", name, "=", is] => {
                    let closed = std::mem::take(&mut markers).has("enum");
                    let is = self.reference(is);
                    self.package.names.insert((*name).to_owned(), Named { is, closed });
                }
                _ => markers = Markers::default(),
            }
        }
    }

    /// `v1 "k8s.io/api/core/v1"`, or without a name of its own.
    fn import(&mut self, line: &str) {
        let mut parts = line.split('"');
        let (Some(name), Some(path)) = (parts.next().map(str::trim), parts.next()) else { return };
        let name = if name.is_empty() { path.rsplit('/').next().unwrap_or_default() } else { name };
        self.imports.insert(name.to_owned(), path.to_owned());
    }

    fn reference(&self, written: &str) -> Reference {
        let bare = written.trim_start_matches(['*', '[', ']']);
        let (package, name) = match bare.split_once('.') {
            Some((import, name)) => (self.imports.get(import).map_or("", String::as_str), name),
            None if bare.starts_with(char::is_uppercase) => (self.import, bare),
            None => ("", bare),
        };
        Reference { package: package.to_owned(), name: name.to_owned() }
    }

    /// `Name Type = "text"`, `Name = Type("text")`, `Name Type = Other` or `Name = Type(other.Name)`.
    fn constant(&mut self, line: &str) {
        let Some((declared, value)) = line.split_once('=') else { return };
        let mut declared = declared.split_whitespace();
        let Some(name) = declared.next() else { return };
        let value = value.split(" //").next().unwrap_or_default().trim();
        let (of, value) =
            match (declared.next(), value.strip_suffix(')').and_then(|value| value.split_once('('))) {
                (Some(of), _) => (Some(of), value),
                (None, Some((of, value))) => (Some(of), value),
                (None, None) => (None, value),
            };
        let value = match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
            Some(text) => ConstantValue::Text(text.to_owned()),
            None => ConstantValue::Same(self.reference(value)),
        };
        let constant = Constant { of: of.map(|of| self.reference(of)), value };
        self.package.constants.insert(name.to_owned(), constant);
    }

    fn fields<'l>(&self, lines: impl Iterator<Item = &'l str>) -> Vec<GoField> {
        let mut fields = Vec::new();
        let mut markers = Markers::default();
        for line in lines {
            let line = line.trim();
            if let Some(comment) = line.strip_prefix("//") {
                markers.push(comment);
            } else if !line.is_empty() {
                fields.extend(self.field(line, std::mem::take(&mut markers)));
            }
        }
        fields
    }

    /// ``Ports []ServicePort `json:"ports,omitempty" …` ``; a type alone is a struct whose fields stand here.
    fn field(&self, line: &str, markers: Markers) -> Option<GoField> {
        let mut parts = line.split('`');
        let declared: Vec<&str> = parts.next()?.split_whitespace().collect();
        let tag = parts.next()?.split_once("json:\"")?.1.split('"').next()?;
        let mut options = tag.split(',');
        let key = options.next().filter(|key| !key.is_empty() && *key != "-");
        let (name, of) = match declared.as_slice() {
            [name, of] => (*name, *of),
            [of] => (*of, *of),
            _ => return None,
        };
        if key.is_none() && declared.len() > 1 && !options.clone().any(|option| option == "inline") {
            return None;
        }
        Some(GoField {
            name: name.to_owned(),
            key: key.map(str::to_owned),
            of: self.reference(of),
            markers,
            omit_empty: options.any(|option| option == "omitempty" || option == "omitzero"),
        })
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
