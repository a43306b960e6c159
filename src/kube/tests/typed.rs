//! Typed objects and the trees that they are made from.

use super::{DEPLOYMENT, read, target};
use crate::kube::api::table::ObjectKind;
use crate::kube::decode::to_json;
use crate::kube::{Api, Object, check, decode};
use crate::session::Session;
use crate::yaml::{Node, Value, ValuePath};

/// What typed objects add to a tree that left it out.
const ADDED: &[&str] = &["apiVersion", "kind"];

/// Holds a tree against the typed object that was decoded from it, as JSON: the same keys, items and scalars. What is
/// lost on the way into a type would be hidden from every rule that looks at typed objects.
pub(super) fn assert_agrees(tree: &Node, typed: &serde_json::Value, path: &ValuePath) {
    match &tree.value {
        Value::Map(map) => {
            for (key, entry) in map.iter().filter(|(_, entry)| !entry.node.is_null()) {
                let below = path.key(&**key);
                assert_agrees(&entry.node, typed.get(&**key).unwrap_or_else(|| panic!("{below}")), &below);
            }
            // A claim in a StatefulSet is of the type of a whole object, which prints both whether they were there or
            // not.
            let added = typed.as_object().unwrap().keys().filter(|key| !map.contains_key(key.as_str()));
            let claims = path.to_string().contains("volumeClaimTemplates");
            added.for_each(|key| assert!(claims && ADDED.contains(&key.as_str()), "{path}: {key} added"));
        }
        Value::List(items) => {
            assert_eq!(items.len(), typed.as_array().unwrap().len(), "{path}");
            items.iter().enumerate().for_each(|(i, item)| assert_agrees(item, &typed[i], &path.index(i)));
        }
        Value::Scalar(scalar) => match typed {
            serde_json::Value::String(text) => assert_eq!(&*scalar.text, text, "{path}"),
            other => assert_eq!(
                scalar.as_f64().map(|f| f.to_string()).unwrap_or(scalar.text.to_string()),
                other.as_f64().map(|f| f.to_string()).unwrap_or(other.to_string()),
                "{path}"
            ),
        },
    }
}

#[test]
fn tree_and_typed_object_agree() {
    let session = Session::new();
    let samples = include_str!("../../../tests/spec/kube/samples.yaml");
    let mut documents = read(&session, samples);
    let mut seen = Vec::new();
    for document in &mut documents {
        check(&session, &target("1.37"), document);
        let object = decode(&session, document).unwrap();
        let identity = &document.identity;
        if Object::DECODED.contains(&(&*identity.api_version, &*identity.kind)) {
            assert_agrees(&document.node, &to_json(&object), &ValuePath::root());
            seen.push(identity.kind.clone());
        }
    }
    assert_eq!(session.diagnostics(), []);
    let missing: Vec<_> =
        Object::DECODED.iter().filter(|(_, kind)| !seen.iter().any(|known| **known == **kind)).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
}

#[test]
fn every_kind_of_the_table_is_found() {
    let api = Api::new();
    let is_ascending = |a: &ObjectKind, b: &ObjectKind| {
        api.table.compare_kind(a, api.table.name(b.api_version), api.table.name(b.kind)).is_lt()
    };
    assert!(api.table.kinds.is_sorted_by(is_ascending));
    assert!(api.table.kinds.len() > 130);
    for (api_version, kind) in Object::DECODED {
        assert!(api.table.kind(api_version, kind).is_some_and(|known| !known.custom), "{kind}");
    }
}

#[test]
fn decoding_reports_what_the_types_refuse() {
    let session = Session::new();
    let documents = read(&session, &DEPLOYMENT.replace("replicas: 2", "replicas: two"));
    assert!(decode(&session, &documents[0]).is_err());
    let found = session.diagnostics().remove(0);
    assert_eq!(found.code.id, "K012");
    assert_eq!(session.text(found.primary().unwrap().span), "two");
    assert!(found.message.contains("`spec.replicas`"), "{}", found.message);
}
