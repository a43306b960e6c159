//! The documents of a case as plain data, and ways through them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use plimsoll::emit::{Format, stream};
use serde_json::Value;

use crate::{CASES, Case, documents};

/// The documents of a case as plain data.
pub struct Rendered {
    pub case: &'static str,
    pub all: Vec<Value>,
}

impl Rendered {
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.all.iter().filter(move |document| document["kind"] == kind)
    }

    pub fn workloads(&self) -> impl Iterator<Item = &Value> {
        self.of_kind("Deployment").chain(self.of_kind("StatefulSet"))
    }

    pub fn names(&self, kind: &str) -> BTreeSet<&str> {
        self.of_kind(kind).filter_map(|document| document["metadata"]["name"].as_str()).collect()
    }

    /// The pod templates that a map of labels selects.
    pub fn selected<'v>(&'v self, labels: &'v Value) -> impl Iterator<Item = &'v Value> {
        self.workloads().map(|workload| &workload["spec"]["template"]).filter(move |pod| {
            let labels = labels.as_object().expect("labels");
            labels.iter().all(|(key, value)| pod["metadata"]["labels"][key] == *value)
        })
    }
}

/// Every case, rendered once for all laws.
static RENDERED: LazyLock<Vec<Rendered>> = LazyLock::new(|| CASES.iter().map(as_data).collect());

fn as_data(case: &Case) -> Rendered {
    let text = stream(&documents(case, &[]), Format::Json);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let all = value["items"].as_array().or(value.as_array()).expect("several documents").clone();
    Rendered { case: case.name, all }
}

pub fn each(check: impl Fn(&Rendered)) {
    RENDERED.iter().for_each(check);
}

pub fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    items(&pod["spec"]["initContainers"]).chain(items(&pod["spec"]["containers"]))
}

/// Every value under a key, anywhere below.
fn every<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            if name == key {
                found.push(inner);
            }
            every(inner, key, found);
        }),
        Value::Array(list) => list.iter().for_each(|inner| every(inner, key, found)),
        _ => {}
    }
}

pub fn all_under<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    every(value, key, &mut found);
    found
}
