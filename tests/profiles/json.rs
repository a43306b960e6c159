//! Ways through the documents of a chart as plain data.

use std::collections::BTreeSet;

use serde_json::Value;

/// The items of a list; none where there is no list.
pub fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The containers of a pod, those that run first included.
pub fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    items(&pod["spec"]["initContainers"]).chain(items(&pod["spec"]["containers"]))
}

/// Every value under a key, anywhere below.
pub fn all_under<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    collect_under(value, key, &mut found);
    found
}

fn collect_under<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if name == key {
                    found.push(inner);
                }
                collect_under(inner, key, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| collect_under(inner, key, found)),
        _ => {}
    }
}

/// The hosts of an Ingress's rules, and those of its certificates.
pub fn hosts(ingress: &Value) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let served = items(&ingress["spec"]["rules"]).filter_map(|rule| rule["host"].as_str());
    let certified = items(&ingress["spec"]["tls"]).flat_map(|tls| items(&tls["hosts"]));
    (served.collect(), certified.filter_map(Value::as_str).collect())
}

/// Whether a certificate for a name is one for a host. A wildcard stands for one label.
pub fn covers(certificate: &str, host: &str) -> bool {
    let parent = host.split_once('.').map(|(_, parent)| parent);
    certificate == host || certificate.strip_prefix("*.").is_some_and(|base| Some(base) == parent)
}
