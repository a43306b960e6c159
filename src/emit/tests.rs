//! Order, streams and paths.

use std::sync::Arc;

use super::*;
use crate::manifest::{Document, Identity, PackedDocument, Soundness};
use crate::session::Session;
use crate::source::SourceKind;
use crate::yaml::{Node, parse_one};

/// A document whose keys stand in the wrong order, and whose names may be anything.
fn document(
    session: &Session,
    api_version: &str,
    kind: &str,
    namespace: Option<&str>,
    name: &str,
) -> Document {
    let place = namespace.map_or(String::new(), |namespace| format!("  namespace: {namespace:?}\n"));
    let text = format!(
        "spec: 1\nkind: {kind}\nmetadata:\n  labels: {{}}\n{place}  name: {name:?}\napiVersion: {api_version}\n"
    );
    let source = session.add_source(SourceKind::File, "templates/x.yaml", text);
    let identity = Identity {
        api_version: Arc::from(api_version),
        kind: Arc::from(kind),
        namespace: namespace.map(Arc::from),
        name: Arc::from(name),
        is_generated: false,
    };
    Document {
        template: Arc::from("app/templates/x.yaml"),
        node: parse_one(session, source).unwrap().unwrap(),
        identity,
        soundness: Soundness::Sound,
        with_nulls: None,
    }
}

#[test]
fn documents_come_in_the_order_of_installation() {
    let session = Session::new();
    let make = |api: &str, kind: &str, namespace, name: &str| document(&session, api, kind, namespace, name);
    let documents = PackedDocument::pack_all([
        make("skyflo.ai/v1", "SkyfloAI", Some("a"), "x"),
        make("networking.k8s.io/v1", "Ingress", Some("a"), "x"),
        make("apps/v1", "Deployment", Some("a"), "b"),
        make("apps/v1", "Deployment", Some("a"), "a"),
        make("v1", "Service", Some("b"), "a"),
        make("v1", "Service", Some("a"), "z"),
        make("serving.knative.dev/v1", "Service", Some("a"), "x"),
        make("coordination.k8s.io/v1", "Lease", Some("a"), "x"),
        make("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, "x"),
        make("v1", "Secret", Some("a"), "x"),
        make("v1", "Namespace", None, "a"),
    ]);
    let shown = |d: &PackedDocument| format!("{} {}", d.identity.kind, d.identity.name);
    let order: Vec<String> = install_order(documents).iter().map(shown).collect();
    assert_eq!(
        order,
        [
            "Namespace a",
            "CustomResourceDefinition x",
            "Secret x",
            "Service z",
            "Service a",
            "Deployment a",
            "Deployment b",
            "Ingress x",
            "Lease x",
            "Service x",
            "SkyfloAI x",
        ]
    );
}

#[test]
fn the_stream_names_its_templates_and_leads_with_identity() {
    let session = Session::new();
    let documents =
        install_order(PackedDocument::pack_all([document(&session, "v1", "Service", Some("a"), "web")]));
    let text = "---\n# Source: app/templates/x.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  \
        namespace: a\n  labels: {}\nspec: 1\n";
    assert_eq!(stream(&documents, Format::Yaml), text);
    let list: serde_json::Value = serde_json::from_str(&stream(&documents, Format::Json)).unwrap();
    assert_eq!((&list["kind"], &list["items"][0]["metadata"]["name"]), (&"List".into(), &"web".into()));
    assert_eq!(stream::<Node>(&[], Format::Yaml), "");
    assert!(stream::<Node>(&[], Format::Json).contains("\"items\": []"));
}

#[test]
fn every_path_stays_in_the_folder_and_is_portable() {
    let session = Session::new();
    for (namespace, name, path) in [
        (None, "system:auth", "role-system-auth.yaml"),
        (None, "../../etc/passwd", "role-..-..-etc-passwd.yaml"),
        (None, "/abs", "role--abs.yaml"),
        (None, "a\\b\0c", "role-a-b-c.yaml"),
        (None, "", "role-.yaml"),
        (None, ".", "role-.yaml"),
        (Some(".."), "a", "_/role-a.yaml"),
        (Some("CON"), "a", "_con/role-a.yaml"),
        (Some("com1.x"), "a", "_com1.x/role-a.yaml"),
        (Some("../up"), "a", "-up/role-a.yaml"),
        (Some("C:"), "a", "c-/role-a.yaml"),
    ] {
        // The two others make sure that there are several namespaces, and so folders.
        let documents = [
            document(&session, "v1", "Role", namespace, name),
            document(&session, "v1", "Pod", Some("one"), "x"),
            document(&session, "v1", "Pod", Some("two"), "x"),
        ];
        let files = files(&session, &documents, Format::Yaml).unwrap();
        assert_eq!(files[0].path, path);
        assert_eq!(files[1].path, "one/pod-x.yaml");
    }
}

#[test]
fn one_namespace_needs_no_folder() {
    let session = Session::new();
    let documents =
        [document(&session, "v1", "Pod", Some("one"), "x"), document(&session, "v1", "Node", None, "x")];
    let paths: Vec<String> =
        files(&session, &documents, Format::Json).unwrap().into_iter().map(|f| f.path).collect();
    assert_eq!(paths, ["pod-x.json", "node-x.json"]);
}

#[test]
fn kinds_of_two_groups_name_their_group() {
    let session = Session::new();
    let knative = document(&session, "serving.knative.dev/v1", "Service", None, "x");
    let documents = [document(&session, "v1", "Service", None, "x"), knative];
    let paths: Vec<String> =
        files(&session, &documents, Format::Yaml).unwrap().into_iter().map(|f| f.path).collect();
    assert_eq!(paths, ["service-x.yaml", "service.serving.knative.dev-x.yaml"]);
}

#[test]
fn two_objects_for_one_file_are_refused() {
    let session = Session::new();
    let documents =
        [document(&session, "v1", "Role", None, "a:b"), document(&session, "v1", "Role", None, "A-b")];
    assert!(files(&session, &documents, Format::Yaml).is_err());
    let findings = session.diagnostics();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].code.id, findings[0].labels.len()), ("E001", 2));
}
