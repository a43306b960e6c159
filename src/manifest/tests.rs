//! Texts and the objects that are found in them.

use std::sync::Arc;

use super::{Document, refuse_duplicates, split};
use crate::session::Session;
use crate::source::SourceKind;

fn read(session: &Session, text: impl Into<String>) -> Result<Vec<Document>, Vec<String>> {
    let name: Arc<str> = Arc::from("test.yaml");
    let text: String = text.into();
    let source = session.add_source(SourceKind::File, &*name, text);
    split(session, &name, source, &[]).all().map_err(|_| messages(session))
}

fn messages(session: &Session) -> Vec<String> {
    let show = |finding: &crate::diagnostic::Diagnostic| {
        let primary = finding.primary().unwrap_or_else(|| panic!("no place: {finding:?}"));
        format!("{} {}: {}", finding.code, session.text(primary.span), finding.message)
    };
    session.diagnostics().iter().map(show).collect()
}

fn refused(text: &str) -> Vec<String> {
    read(&Session::new(), text).unwrap_err()
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

#[test]
fn documents_and_lists_are_unfolded() {
    let session = Session::new();
    let list = "---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: 1, namespace: n}}\n- {apiVersion: v1, kind: Pod, metadata: {name: NO}}\n";
    let documents = read(&session, format!("# nothing\n---\n{MAP}---\n{list}---\n")).unwrap();
    let seen: Vec<String> = documents.iter().map(|document| document.identity.to_string()).collect();
    assert_eq!(seen, ["ConfigMap `a`", "Deployment `1`", "Pod `NO`"]);
    assert_eq!(documents[1].identity.group(), "apps");
    assert_eq!(documents[1].identity.namespace.as_deref(), Some("n"));
    assert_eq!(&*documents[2].template, "test.yaml");
}

#[test]
fn what_is_no_object_is_refused() {
    for (text, expected) in [
        ("kind: Pod\nmetadata: {name: a}\n", "M001 kind: `apiVersion` is missing"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "M001 apiVersion: `kind` is missing"),
        ("apiVersion: v1\nkind: Pod\n", "M001 apiVersion: `metadata.name` is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: ''}\n", "M001 '': `metadata.name` is empty"),
        (
            "apiVersion: v1\nkind: [Pod]\nmetadata: {name: a}\n",
            "M001 [: `kind` must be a string, and this is a list",
        ),
        ("- a\n", "M001 -: a document must be a Kubernetes object, and this is a list"),
        ("text\n", "M001 text: a document must be a Kubernetes object, and this is a string"),
        ("apiVersion: v1\nkind: List\n", "M001 apiVersion: a `List` needs a list of `items`"),
        (
            "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: []}]\n",
            "M001 apiVersion: a `List` cannot stand inside a `List`",
        ),
    ] {
        assert_eq!(refused(text), [expected], "{text}");
    }
    assert_eq!(refused("a: b\n---\nc: d\n").len(), 2);
}

#[test]
fn generated_names_are_for_what_is_created_for_each_run() {
    for (kind, is_right) in [
        ("Pod", true),
        ("Job", true),
        ("TaskRun", true),
        ("PipelineRun", true),
        ("Workflow", true),
        ("RayJob", true),
        ("CertificateSigningRequest", true),
        ("CronJob", false),
        ("ConfigMap", false),
        ("Deployment", false),
        ("WorkflowTemplate", false),
    ] {
        let session = Session::new();
        let text = format!("apiVersion: v1\nkind: {kind}\nmetadata: {{generateName: a-}}\n");
        let documents = read(&session, format!("{text}---\n{text}")).unwrap();
        assert_eq!(session.diagnostics().is_empty(), is_right, "{kind}");
        assert!(refuse_duplicates(&session, &documents).is_ok(), "two of them are two objects");
        assert_eq!(documents[0].identity.to_string(), format!("{kind} `a-…`"));
    }
}

#[test]
fn duplicates_are_refused() {
    let session = Session::new();
    let other = MAP.replace("{name: a}", "{name: a, namespace: b}");
    let mut documents = read(&session, format!("{MAP}---\n{other}")).unwrap();
    assert!(refuse_duplicates(&session, &documents).is_ok());
    documents[0].identity.namespace = Some(Arc::from("b"));
    assert!(refuse_duplicates(&session, &documents).is_err());
    assert_eq!(messages(&session), ["M002 a: ConfigMap `a` is defined twice in namespace `b`"]);
    let session = Session::new();
    let versions = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}\n---\n{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: a}}\n";
    assert!(refuse_duplicates(&session, &read(&session, versions).unwrap()).is_err());
}

/// A quadratic search would show in the time that this takes: all pairs of them are fifty million comparisons.
#[test]
fn many_documents_are_read_and_told_apart() {
    let session = Session::new();
    let document = |number| format!("---\n{}", MAP.replace("name: a", &format!("name: a{number}")));
    let text: String = (0..10_000).map(document).collect();
    let documents = read(&session, text).unwrap();
    assert_eq!(documents.len(), 10_000);
    assert!(refuse_duplicates(&session, &documents).is_ok());
}
