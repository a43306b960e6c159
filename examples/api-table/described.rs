//! Types of custom resources that a package of a programming language describes, as structural schemas.
//!
//! Such a package is made of CRDs. It keeps what there is and what types it has, and loses some of the rest: what a
//! schema does not say here is allowed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::crd::{Crd, CrdVersion};

/// A version of a kind.
#[derive(Clone, Debug)]
pub struct Described {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub namespaced: bool,
    /// Whether its status is a resource of its own.
    pub has_status: bool,
    /// Its schema, of an object with `spec` and other properties.
    pub schema: Value,
}

/// Anything at all.
pub fn anything() -> Value {
    json!({ "x-kubernetes-preserve-unknown-fields": true })
}

/// A map with anything in it.
pub fn any_map() -> Value {
    json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
}

/// An integer, or a text.
pub fn int_or_string() -> Value {
    json!({ "x-kubernetes-int-or-string": true })
}

/// An object with these properties.
pub fn object(properties: BTreeMap<String, Value>, required: Vec<String>, open: bool) -> Value {
    let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(Map::from_iter(properties)));
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    if open {
        schema.insert("x-kubernetes-preserve-unknown-fields".to_owned(), json!(true));
    }
    ordered(Value::Object(schema))
}

/// A schema with its keys in order, whatever order it was made in.
pub fn ordered(schema: Value) -> Value {
    match schema {
        Value::Object(map) => {
            let sorted: BTreeMap<String, Value> =
                map.into_iter().map(|(key, value)| (key, ordered(value))).collect();
            Value::Object(Map::from_iter(sorted))
        }
        Value::Array(items) => items.into_iter().map(ordered).collect(),
        other => other,
    }
}

/// The CRDs of these versions, by their names. What stands under `status` is left open: nobody writes it.
pub fn crds(described: Vec<Described>) -> Vec<Crd> {
    let mut by_name: BTreeMap<(String, String), Vec<Described>> = BTreeMap::new();
    for mut version in described {
        if let Some(properties) = version.schema.get_mut("properties").and_then(Value::as_object_mut)
            && let Some(status) = properties.get_mut("status")
        {
            *status = any_map();
        }
        by_name.entry((version.group.clone(), version.plural.clone())).or_default().push(version);
    }
    let crds = by_name.into_values().filter_map(|mut versions| {
        // The preferred one first: a stable one, and of two the later one.
        versions.sort_by_key(|version| {
            let unstable =
                version.version.contains("alpha") as u8 * 2 + version.version.contains("beta") as u8;
            (unstable, std::cmp::Reverse(version.version.clone()))
        });
        versions.dedup_by(|a, b| a.version == b.version);
        let first = versions.first()?.clone();
        let versions = versions.into_iter().enumerate().map(|(at, version)| CrdVersion {
            name: version.version,
            storage: at == 0,
            has_status: version.has_status,
            schema: ordered(version.schema),
        });
        let scope = if first.namespaced { "Namespaced" } else { "Cluster" };
        Some(Crd::new(first.group, first.kind, first.plural, scope.to_owned(), versions.collect()))
    });
    crds.collect()
}
