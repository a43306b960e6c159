//! Objects as a kustomization with a `namespace` makes them: moved into it, with what refers to them.
//!
//! ```text
//! namespace: prod                      ServiceAccount web              ─► prod/web
//! resources: [rbac.yaml]               subjects: [{kind: ServiceAccount, name: web}]
//!                                                                      ─► namespace: prod
//! ```
//!
//! What it moves is every object of a kind that has namespaces, whatever namespace the object names. A reference that
//! names a namespace follows if it leads to one of these; the `default` ServiceAccount is in every namespace.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::api::Api;
use crate::manifest::{Document, PackedDocument};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// Where references with a namespace stand: the kind of the object, the keys to the map with `name` and `namespace`, and
/// the kind that is referred to; none where the map says it itself.
const REFERENCES: &[(&str, &[&str], Option<&str>)] = &[
    ("RoleBinding", &["subjects"], None),
    ("ClusterRoleBinding", &["subjects"], None),
    ("ValidatingWebhookConfiguration", &["webhooks", "clientConfig", "service"], Some("Service")),
    ("MutatingWebhookConfiguration", &["webhooks", "clientConfig", "service"], Some("Service")),
    ("APIService", &["spec", "service"], Some("Service")),
    (super::CRD, &["spec", "conversion", "webhook", "clientConfig", "service"], Some("Service")),
];

/// An object's kind, namespace and name before it is moved.
type Key<'d> = (&'d str, Option<&'d str>, &'d str);

/// Copies of the objects of one set that change, each with the namespace that it is moved into; none for what stays as it
/// is, in the order of the objects.
pub fn moved(api: &Api, members: &[(&PackedDocument, Option<Arc<str>>)]) -> Vec<Option<Document>> {
    let mut targets: BTreeMap<Key<'_>, &Arc<str>> = BTreeMap::new();
    for (document, namespace) in members {
        let identity = &document.identity;
        if let Some(namespace) = namespace.as_ref().filter(|_| is_namespaced(api, document)) {
            targets.insert((&*identity.kind, identity.namespace.as_deref(), &*identity.name), namespace);
        }
    }
    let copy = |(document, namespace): &(&PackedDocument, Option<Arc<str>>)| {
        let mut copy: Option<Document> = None;
        if let Some(namespace) = namespace.as_ref().filter(|_| is_namespaced(api, document))
            && document.identity.namespace.as_ref() != Some(namespace)
        {
            let moved = copy.get_or_insert_with(|| document.unpack());
            moved.identity.namespace = Some(Arc::clone(namespace));
            if let Some(metadata) = moved.node.as_map_mut().and_then(|map| map.get_mut("metadata")) {
                set_namespace(&mut metadata.node, namespace, metadata.key_span);
            }
        }
        let of_kind = REFERENCES.iter().filter(|(kind, ..)| **kind == *document.identity.kind);
        for (_, keys, kind) in of_kind {
            let moved = copy.get_or_insert_with(|| document.unpack());
            for_each_map(&mut moved.node, keys, &mut |map| {
                let text = |key: &str| map.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
                let (Some(kind), Some(name)) = (kind.or(text("kind")), text("name")) else { return };
                let is_everywhere = kind == "ServiceAccount" && name == "default";
                let of_set = namespace.as_ref().filter(|_| is_everywhere && text("namespace").is_none());
                let target = targets.get(&(kind, text("namespace"), name)).copied().or(of_set);
                if let Some(target) = target.cloned() {
                    let span = map.span;
                    set_namespace(map, &target, span);
                }
            });
        }
        copy
    };
    members.iter().map(copy).collect()
}

/// Whether an object has a namespace. A kind that is not known is taken for one that has, as Kustomize does it.
fn is_namespaced(api: &Api, document: &PackedDocument) -> bool {
    api.kind_of(&document.identity).is_none_or(|kind| kind.namespaced)
}

/// Calls a function for each map under these keys, through lists on the way.
fn for_each_map(node: &mut Node, keys: &[&str], call: &mut impl FnMut(&mut Node)) {
    if let Value::List(items) = &mut node.value {
        return items.iter_mut().for_each(|item| for_each_map(item, keys, call));
    }
    match keys.split_first() {
        None => call(node),
        Some((key, rest)) => {
            if let Some(entry) = node.as_map_mut().and_then(|map| map.get_mut(key)) {
                for_each_map(&mut entry.node, rest, call);
            }
        }
    }
}

fn set_namespace(map: &mut Node, namespace: &Arc<str>, span: Span) {
    let Some(map) = map.as_map_mut() else { return };
    let (key_span, span) = map.get("namespace").map_or((span, span), |old| (old.key_span, old.node.span));
    map.insert(Arc::from("namespace"), Entry { key_span, node: Node::string(Arc::clone(namespace), span) });
}
