//! What the fuzz targets do with a text, and what must hold of it. No input may end in a panic; each target says what else.
//!
//! Several pieces of one input (a template and its values, for example) are divided by a line `=====`.

use std::sync::Arc;

use plimsoll::emit::{Format, stream};
use plimsoll::formats::{Style, write_human, write_json};
use plimsoll::kube::{self, Target};
use plimsoll::manifest::{self, Document, PackedDocument};
use plimsoll::rules::{self, Levels, ObjectSet};
use plimsoll::schema::{self, Schema};
use plimsoll::session::Session;
use plimsoll::source::{SourceId, SourceKind};
use plimsoll::template::{self, Capabilities, RenderInput, Role, TemplateFile};
use plimsoll::values::{self, Layer, LayerKind, SetKind};
use plimsoll::yaml::{self, Kind, Node, ParseLimits, Value, ValuePath, Wants, print_yaml};

/// The YAML parser: every span lies in the text, on character boundaries, inside that of the node above it.
pub fn yaml(text: &str) {
    let session = Session::new();
    for node in nodes(&session, text) {
        check_spans(&session, &node);
    }
    drawn(&session);
}

/// The printer: what is printed reads the same, here and with libyaml.
pub fn print(text: &str) {
    let session = Session::new();
    for node in nodes(&session, text) {
        let printed = print_yaml(&node);
        let again = nodes(&Session::new(), &printed);
        assert!(again.len() == 1 && same(&again[0], &node), "{printed}");
        match serde_yaml::from_str::<serde_yaml::Value>(&printed) {
            Ok(other) => assert!(alike(&node, &other), "{printed}\n{other:?}"),
            // It has no place for integers of more than 64 bits.
            Err(error) => assert!(error.to_string().contains("128"), "{printed}\n{error}"),
        }
    }
}

/// The `--set` grammar and its kin, onto a small tree.
pub fn set(text: &str) {
    for kind in [SetKind::Set, SetKind::String, SetKind::Json] {
        let session = Session::new();
        let flag = session.add_source(SourceKind::Flag, "--set", text);
        if let (Ok(edits), Some(below)) =
            (values::parse_set(&session, kind, flag), layer(&session, "a: {b: [1, {c: x}]}\nd: ''\n"))
        {
            let _ = values::merge(&session, &[below], &edits, &Wants::anything());
        }
        drawn(&session);
    }
}

/// The law of merging: nothing added changes nothing, and nothing survives that the higher layer replaced.
pub fn merge(text: &str) {
    let session = Session::new();
    let [low, high] = pieces(text);
    if let (Some(low), Some(high), Some(empty)) =
        (layer(&session, low), layer(&session, high), layer(&session, ""))
    {
        let merged = |layers: &[Layer]| values::merge(&session, layers, &[], &Wants::anything());
        if let Ok(alone) = merged(std::slice::from_ref(&low)) {
            assert_eq!(merged(&[low.clone(), empty.clone()]).ok(), Some(alone.clone()));
            assert_eq!(merged(&[empty, low.clone()]).ok(), Some(alone));
        }
        if let Ok(both) = merged(&[low, high.clone()]) {
            holds(&both, &high.root);
        }
    }
    drawn(&session);
}

/// A template and its values, down to manifests. A value is data: no document's kind comes out of one.
pub fn render(text: &str) {
    let session = Session::new();
    let [template, values] = pieces(text);
    let Some(values) = layer(&session, values) else { return drawn(&session) };
    let source = session.add_source(SourceKind::File, "t.yaml", template);
    let file = TemplateFile { name: Arc::from("t.yaml"), source, role: Role::Document };
    if let Ok(program) = template::compile(&session, &[file], &Arc::new(Wants::anything())) {
        let capabilities = Capabilities { version: "1.37".to_owned(), has: Arc::new(|_| false) };
        let context = RenderInput {
            values: Arc::clone(&values.root),
            tombstones: Arc::default(),
            globals: Vec::new(),
            files: template::ChartFiles::default(),
            capabilities,
            secrets: plimsoll::secrets::SecretTexts::default(),
        };
        for rendered in template::render(&session, &program, context).unwrap_or_default() {
            let split = manifest::split(&session, &rendered.name, rendered.source, &rendered.bindings).all();
            judged(&session, split.unwrap_or_default());
        }
    }
    drawn(&session);
}

/// Plain manifests: what was split and printed splits into the same objects.
pub fn split(text: &str) {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "m.yaml", text);
    if let Ok(documents) = manifest::split(&session, &Arc::from("m.yaml"), source, &[]).all() {
        // What was read of a number is printed as one, until the check has seen that a string was meant.
        let text = |document: &Document, path: &str| {
            let node = ValuePath::from_pointer(path, &document.node).find(&document.node);
            node.and_then(Node::as_scalar).is_none_or(|scalar| scalar.kind == Kind::Str)
        };
        let named = |document: &Document| {
            ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"]
                .iter()
                .all(|path| text(document, path))
        };
        if documents.iter().all(named) {
            same_again(&documents);
        }
    }
    drawn(&session);
}

/// A schema and values.
pub fn schema(text: &str) {
    let session = Session::new();
    let [schema, values] = pieces(text);
    let source = session.add_source(SourceKind::File, "values.schema.json", schema);
    if let (Ok(schema), Some(layer)) = (Schema::compile(&session, source), layer(&session, values))
        && let Ok(merged) = values::merge(&session, &[layer], &[], schema.wants())
    {
        let _ = schema::check(&session, &schema, &merged, &yaml::Tombstones::default());
    }
    drawn(&session);
}

/// The strict check, typed decoding and all rules, on plain manifests; what passes prints and splits into the same objects.
pub fn kube(text: &str) {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "m.yaml", text);
    if let Ok(documents) = manifest::split(&session, &Arc::from("m.yaml"), source, &[]).all() {
        judged(&session, documents);
    }
    drawn(&session);
}

fn judged(session: &Session, mut documents: Vec<Document>) {
    let before = session.errors();
    let target = Target { namespace: Some("default".into()), ..Target::default() };
    documents.iter_mut().for_each(|document| kube::check(session, &target, document));
    if session.errors() > before {
        return;
    }
    let packed = PackedDocument::pack_all(documents.iter().cloned());
    let set = ObjectSet::new(session, &packed, &[], Vec::new());
    let _ = rules::check(session, &set, Levels::default(), &[]);
    same_again(&documents);
}

fn same_again(documents: &[Document]) {
    let printed = stream(documents, Format::Yaml);
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "again.yaml", printed.as_str());
    let again = manifest::split(&session, &Arc::from("again.yaml"), source, &[]).all();
    let again = again.unwrap_or_else(|_| panic!("{printed}\n{}", write_human(&session, Style::Plain)));
    assert_eq!(again.len(), documents.len(), "{printed}");
    for (found, document) in again.iter().zip(documents) {
        assert_eq!(found.identity, document.identity, "{printed}");
        assert!(same(&found.node, &document.node), "{printed}");
    }
}

/// Findings can be drawn, whatever is in them, and no control character reaches a terminal.
fn drawn(session: &Session) {
    let text = write_human(session, Style::Plain);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    let _ = write_json(session);
}

fn pieces(text: &str) -> [&str; 2] {
    text.split_once("\n=====\n").unwrap_or((text, "")).into()
}

fn nodes(session: &Session, text: &str) -> Vec<Node> {
    let source = session.add_source(SourceKind::File, "f.yaml", text);
    yaml::parse_documents(session, source, &[], ParseLimits::default()).unwrap_or_default()
}

fn layer(session: &Session, text: &str) -> Option<Layer> {
    let source: SourceId = session.add_source(SourceKind::File, "values.yaml", text);
    values::read_layer(session, source, LayerKind::File).ok()
}

fn check_spans(session: &Session, node: &Node) {
    let text = &session.source(node.span.source).text;
    assert!(text.get(node.span.range()).is_some(), "{:?}", node.span);
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| check_spans(session, item)),
        Value::Map(map) => {
            for entry in map.values() {
                assert!(text.get(entry.key_span.range()).is_some(), "{:?}", entry.key_span);
                check_spans(session, &entry.node);
            }
        }
    }
}

/// Whether two trees are equal, whatever notation their numbers and booleans have.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, x), (l, y))| k == l && same(&x.node, &y.node))
        }
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y)),
        (Value::Scalar(x), Value::Scalar(y)) => match (x.kind, y.kind) {
            (Kind::Bool, Kind::Bool) => a.as_bool() == b.as_bool(),
            (Kind::Int, Kind::Int) if x.as_i64().is_some() => x.as_i64() == y.as_i64(),
            (Kind::Int | Kind::Float, Kind::Int | Kind::Float) => {
                let (x, y) = (x.as_f64(), y.as_f64());
                // Hexadecimal digits beyond 128 bits become the nearest double.
                x == y
                    || x.is_none()
                    || y.is_none()
                    || (x.is_some_and(f64::is_nan) && y.is_some_and(f64::is_nan))
            }
            _ => a == b,
        },
        _ => false,
    }
}

/// Whether libyaml reads what we meant.
fn alike(node: &Node, other: &serde_yaml::Value) -> bool {
    use serde_yaml::Value as Other;
    match (&node.value, other) {
        (Value::Map(map), Other::Mapping(other)) => {
            map.len() == other.len()
                && map
                    .iter()
                    .all(|(key, entry)| other.get(&**key).is_some_and(|value| alike(&entry.node, value)))
        }
        (Value::List(items), Other::Sequence(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(item, other)| alike(item, other))
        }
        // A number that no double holds, or an integer of more than 128 bits, is text for libyaml.
        (Value::Scalar(scalar), Other::String(text)) => {
            let beyond = match scalar.kind {
                Kind::Float => !scalar.as_f64().is_some_and(f64::is_finite),
                Kind::Int => scalar.text.parse::<i128>().is_err(),
                _ => false,
            };
            beyond || (scalar.kind == Kind::Str && *scalar.text == **text)
        }
        (Value::Scalar(scalar), Other::Null) => scalar.kind == Kind::Null,
        (Value::Scalar(scalar), Other::Bool(_)) => scalar.kind == Kind::Bool,
        (Value::Scalar(scalar), Other::Number(_)) => matches!(scalar.kind, Kind::Int | Kind::Float),
        _ => false,
    }
}

/// Every scalar and list of the higher layer is in the merged tree, and what it removed is not.
fn holds(merged: &Node, high: &Node) {
    let Value::Map(high) = &high.value else {
        return assert!(same(merged, &without_nulls(high)), "{high:?}");
    };
    for (key, entry) in high {
        match merged.get(key) {
            None => assert!(entry.node.is_null() || hollow(&entry.node), "`{key}` is lost"),
            Some(found) => {
                assert!(!entry.node.is_null(), "`{key}` was removed, and is there");
                holds(found, &entry.node);
            }
        }
    }
}

/// A null in a list's map removes its key, too: there is nothing below it.
fn without_nulls(node: &Node) -> Node {
    let mut node = node.clone();
    match &mut node.value {
        Value::Map(map) => {
            map.retain(|_, entry| !entry.node.is_null());
            map.values_mut().for_each(|entry| entry.node = without_nulls(&entry.node));
        }
        Value::List(items) => items.iter_mut().for_each(|item| *item = without_nulls(item)),
        Value::Scalar(_) => {}
    }
    node
}

/// A map that only removes leaves nothing behind where there was nothing.
fn hollow(node: &Node) -> bool {
    node.as_map().is_some_and(|map| map.values().all(|entry| entry.node.is_null() || hollow(&entry.node)))
}
