//! A CustomResourceDefinition as `schemas/crds/` keeps it: the served versions, without their documentation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What is kept of a CRD.
#[derive(Debug, Serialize)]
pub struct Crd {
    group: String,
    kind: String,
    plural: String,
    scope: String,
    versions: Vec<BTreeMap<&'static str, Value>>,
}

/// The manifest, as far as it is read.
#[derive(Deserialize)]
struct Manifest {
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    group: String,
    scope: String,
    names: Names,
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Names {
    kind: String,
    plural: String,
}

#[derive(Deserialize)]
struct Version {
    name: String,
    served: bool,
    storage: bool,
    schema: Schema,
    #[serde(default)]
    subresources: Map<String, Value>,
}

#[derive(Deserialize)]
struct Schema {
    #[serde(rename = "openAPIV3Schema")]
    schema: Value,
}

/// Reads every CRD of a stream of YAML documents; other objects in it are left alone.
pub fn read(text: &str) -> Result<Vec<Crd>, String> {
    let mut found = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let document = Value::deserialize(document).map_err(|error| error.to_string())?;
        let of = |key: &str| document.get(key).and_then(Value::as_str).map(str::to_owned);
        if of("kind").as_deref() != Some("CustomResourceDefinition") {
            continue;
        }
        if of("apiVersion").as_deref() != Some("apiextensions.k8s.io/v1") {
            return Err("only `apiextensions.k8s.io/v1` is read".to_owned());
        }
        let manifest = Manifest::deserialize(document).map_err(|error| error.to_string())?;
        found.push(kept(manifest.spec));
    }
    if found.is_empty() { Err("there is no CustomResourceDefinition in it".to_owned()) } else { Ok(found) }
}

/// A version of a CRD that is served.
#[derive(Debug)]
pub struct CrdVersion {
    pub name: String,
    pub storage: bool,
    /// Whether its status is a resource of its own.
    pub has_status: bool,
    pub schema: Value,
}

impl Crd {
    /// Of its parts; the schemas have no documentation, and their keys in order.
    pub fn new(group: String, kind: String, plural: String, scope: String, versions: Vec<CrdVersion>) -> Crd {
        let versions = versions.into_iter().map(|version| {
            let mut kept = BTreeMap::from([
                ("name", Value::from(version.name)),
                ("schema", version.schema),
                ("served", Value::from(true)),
                ("storage", Value::from(version.storage)),
            ]);
            // Of the subresources the one that decides what of an object is validated.
            if version.has_status {
                kept.insert("subresources", json!({ "status": {} }));
            }
            kept
        });
        Crd { group, kind, plural, scope, versions: versions.collect() }
    }

    /// What it is called: `widgets.example.com`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.plural, self.group)
    }

    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.json", self.name())
    }

    /// The file's text.
    pub fn text(&self) -> Result<String, String> {
        serde_json::to_string(self).map(|text| format!("{text}\n")).map_err(|error| error.to_string())
    }
}

fn kept(spec: Spec) -> Crd {
    let served = spec.versions.into_iter().filter(|version| version.served);
    let versions = served.map(|version| CrdVersion {
        name: version.name,
        storage: version.storage,
        has_status: version.subresources.contains_key("status"),
        schema: bare(version.schema.schema),
    });
    let Names { kind, plural } = spec.names;
    Crd::new(spec.group, kind, plural, spec.scope, versions.collect())
}

/// The files below a folder with this extension, in order.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|of| of == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Keys of a schema that say nothing to a program.
const DOCUMENTATION: &[&str] = &["description", "title", "externalDocs", "example"];

/// A schema without documentation, its keys in order.
fn bare(schema: Value) -> Value {
    match schema {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(key, _)| !DOCUMENTATION.contains(&key.as_str()));
            ordered(kept.map(|(key, value)| {
                let value = below(&key, value);
                (key, value)
            }))
        }
        Value::Array(items) => items.into_iter().map(bare).collect(),
        other => other,
    }
}

/// What stands under a key of a schema: schemas by name, rules, data, or another schema.
fn below(key: &str, value: Value) -> Value {
    match (key, value) {
        ("properties" | "patternProperties" | "definitions", Value::Object(map)) => {
            ordered(map.into_iter().map(|(name, schema)| (name, bare(schema))))
        }
        ("x-kubernetes-validations", Value::Array(rules)) => rules.into_iter().map(without_message).collect(),
        ("default" | "enum", value) => value,
        (_, value) => bare(value),
    }
}

fn without_message(rule: Value) -> Value {
    match rule {
        Value::Object(map) => ordered(map.into_iter().filter(|(key, _)| key != "message")),
        other => other,
    }
}

fn ordered(entries: impl Iterator<Item = (String, Value)>) -> Value {
    let sorted: BTreeMap<String, Value> = entries.collect();
    Value::Object(Map::from_iter(sorted))
}
