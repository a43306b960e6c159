//! Texts of manifests, read as `kubectl` reads them: what it refuses, and which objects it finds.
//!
//! Each row says what is right. Where `kubectl` is installed, it is asked too (`kubectl label --local` needs no
//! cluster), so that a row cannot be wrong.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use plimsoll::manifest;
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use serde_json::Value;

const A: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
const B: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n";
const JSON: &str =
    r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "{\"}"}}"#;

/// What is in a text: each object with the entry `x` of its `data`; none if it is refused.
type Found = Option<Vec<String>>;

struct Row {
    title: &'static str,
    text: String,
    found: Found,
}

fn row(title: &'static str, parts: &[&str], found: &[&str]) -> Row {
    let found = found.iter().map(|one| (*one).to_owned()).collect();
    Row { title, text: parts.concat(), found: Some(found) }
}

fn refused(title: &'static str, parts: &[&str]) -> Row {
    Row { title, text: parts.concat(), found: None }
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        // Lists.
        row("a List", &["apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n"], &["Pod a"]),
        row("a List of another version", &["apiVersion: v2\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]\n"], &["Pod a"]),
        row("a List without items", &["apiVersion: v1\nkind: List\nitems: []\n"], &[]),
        row("a List with null", &["apiVersion: v1\nkind: List\nitems: null\n"], &[]),
        row("a list of one kind", &["apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"], &["ConfigMap a"]),
        row("items take the kind of the list", &["apiVersion: v1\nkind: ConfigMapList\nitems:\n- {metadata: {name: a}, data: {x: one}}\n- {metadata: {name: b}}\n"], &["ConfigMap a one", "ConfigMap b"]),
        row("a list of roles", &["apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nmetadata: {resourceVersion: \"1\"}\nitems: [{metadata: {name: a}, rules: []}]\n"], &["Role a"]),
        row("a list of custom objects", &["apiVersion: example.com/v1\nkind: WidgetList\nitems: [{metadata: {name: a}}]\n"], &["Widget a"]),
        row("another kind in a list", &["apiVersion: v1\nkind: ConfigMapList\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: a}}]\n"], &["Secret a"]),
        row("a kind whose name ends like that of a list", &["apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\n"], &["AllowList a"]),
        refused("an item with half of it", &["apiVersion: v1\nkind: ConfigMapList\nitems: [{kind: ConfigMap, metadata: {name: a}}]\n"]),
        refused("items of a List without a kind", &["apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}}]\n"]),
        refused("a List in a List", &["apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]}]\n"]),
        refused("items that are no objects", &["apiVersion: v1\nkind: ConfigMapList\nitems: [1]\n"]),
        refused("items that are a map", &["apiVersion: v1\nkind: ConfigMapList\nitems: {a: b}\n"]),
        // Quoted texts of several lines.
        row("deeper than its key", &[A, "data:\n  x: \"one\n    two\"\n"], &["ConfigMap a one two"]),
        row("as deep as its key", &[A, "data:\n  x: \"one\n  two\n  \"\n"], &["ConfigMap a one two "]),
        row("less deep than its key", &[A, "data:\n  x: 'one\n two\n\n three'\n"], &["ConfigMap a one two\nthree"]),
        row("not indented", &[A, "data:\n  x: \"one\ntwo\\\n three \\\"\n\"\n---\n", B], &["ConfigMap a one twothree \" ", "ConfigMap b"]),
        row("two of them, behind an anchor", &[A, "data: &d\n  x: 'it''s\n  here'\n  z: 'a\n\n  b'\n"], &["ConfigMap a it's here"]),
        row("in a list", &["apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - args: [b]\n    name: \"a\n    b\"\n"], &["Pod a"]),
        row("in brackets", &[A, "data: {x: \"one\ntwo\"}\n"], &["ConfigMap a one two"]),
        refused("a plain text that is not deeper", &[A, "data:\n  x: one\n  two\n"]),
        refused("a marker in a quoted text", &[A, "data:\n  x: \"one\n--- \ntwo\"\n"]),
        refused("a line of dashes in a quoted text", &[A, "data:\n  x: \"one\n-----END KEY-----\n\"\n"]),
        // Tags.
        row("a number that is tagged a string", &[A, "data: {x: !!str 12}\n"], &["ConfigMap a 12"]),
        row("a boolean that is tagged a string", &[A, "data: {x: !!str yes}\n"], &["ConfigMap a yes"]),
        row("a tag that says: as it stands", &[A, "data: {x: ! 12}\n"], &["ConfigMap a 12"]),
        // Streams.
        row("JSON objects", &[JSON, "\n", JSON, "\n"], &["ConfigMap a {\"}", "ConfigMap a {\"}"]),
        row("JSON objects on one line", &[JSON, JSON, JSON], &["ConfigMap a {\"}", "ConfigMap a {\"}", "ConfigMap a {\"}"]),
        row("JSON objects with tabs", &["{\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"metadata\": {\"name\": \"a\"}}\n{\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"metadata\": {\"name\": \"b\"}}\n"], &["Pod a", "Pod b"]),
        row("JSON behind YAML", &[A, "---\n", JSON, "\n"], &["ConfigMap a", "ConfigMap a {\"}"]),
        row("a comment behind the marker", &[A, "--- # next\n", B], &["ConfigMap a", "ConfigMap b"]),
        row("an end and a marker", &[A, "...\n---\n", B], &["ConfigMap a", "ConfigMap b"]),
        row("a byte order mark", &["\u{feff}", A], &["ConfigMap a"]),
        row("line breaks of Windows", &["apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n---\r\n", B], &["ConfigMap a", "ConfigMap b"]),
        row("nothing between markers", &["---\n\n---\n# nothing\n---\n", A], &["ConfigMap a"]),
        refused("a directive", &["%YAML 1.2\n---\n", A]),
        refused("a directive of YAML 1.1", &["# text\n\n%YAML 1.1\n---\n", A]),
        refused("a directive for tags", &["%TAG !e! tag:example.com,2026:\n---\n", A]),
        refused("an object behind the marker", &["--- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"]),
        refused("a second object behind the marker", &[A, "--- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"]),
        refused("a text behind the marker", &[A, "---x\n", B]),
        refused("a comma between JSON objects", &[JSON, ",", JSON]),
        // Names that are made up.
        row("a generated name", &["apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-}\n"], &["Job a-"]),
    ]
}

/// Where `kubectl` passes over an object in silence, it is refused.
const PASSED_OVER: [&str; 2] = [
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n...\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n... # end\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---\n",
];

#[test]
fn texts_are_read_as_kubectl_reads_them() {
    for Row { title, text, found } in rows() {
        assert_eq!(read(&text), found, "{title}:\n{text}");
    }
}

#[test]
fn what_kubectl_passes_over_is_refused() {
    for text in PASSED_OVER {
        assert_eq!(read(text), None, "{text}");
        if let Some(found) = ask_kubectl(text) {
            assert_eq!(found, Some(vec!["ConfigMap a".to_owned()]), "{text}");
        }
    }
}

#[test]
fn the_rows_are_what_kubectl_says() {
    for Row { title, text, found } in rows() {
        match ask_kubectl(&text) {
            Some(said) => assert_eq!(said, found, "{title}:\n{text}"),
            None => {
                eprintln!("kubectl is not installed: the rows are not held against it");
                return;
            }
        }
    }
}

/// What Plimsoll finds in a text.
fn read(text: &str) -> Found {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "a.yaml", text);
    let split = manifest::split(&session, &Arc::from("a.yaml"), source, &[]);
    let documents = split.all().ok()?;
    let said = |document: &manifest::Document| {
        let entry = document.node.get("data").and_then(|data| data.get("x"));
        let entry = entry.and_then(|entry| entry.as_str()).map_or(String::new(), |text| format!(" {text}"));
        format!("{} {}{entry}", document.identity.kind, document.identity.name)
    };
    Some(documents.iter().map(said).collect())
}

/// What `kubectl` finds in a text; none if it is not installed.
fn ask_kubectl(text: &str) -> Option<Found> {
    let mut command = Command::new("kubectl");
    command.args(["label", "--local", "--dry-run=client", "-o", "json", "-f", "-", "asked=yes"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    // A text that is refused need not be read to its end.
    let _ = child.stdin.take().expect("a pipe").write_all(text.as_bytes());
    let output = child.wait_with_output().expect("its output");
    if !output.status.success() {
        return Some(None);
    }
    let objects = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let said = |object: Value| {
        let metadata = &object["metadata"];
        let name = metadata["name"].as_str().or(metadata["generateName"].as_str()).unwrap_or_default();
        let entry = object["data"]["x"].as_str().map_or(String::new(), |text| format!(" {text}"));
        format!("{} {name}{entry}", object["kind"].as_str().unwrap_or_default())
    };
    Some(Some(objects.map(|object| said(object.expect("JSON"))).collect()))
}
