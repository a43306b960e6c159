//! From one rendered text to its objects: documents are read, lists unfolded, identities taken.

use std::ops::Range;
use std::sync::Arc;

use super::{Document, Identity};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::{Binding, Kind, Node, Value, parse_chunk, parse_documents, refuse_reserved};

/// What was read of a text. What is wrong in one document hides nothing of what is wrong in the others.
#[derive(Debug)]
#[must_use]
pub struct Split {
    /// The sound ones.
    pub documents: Vec<Document>,
    /// Whether these are all that the text holds.
    pub complete: Outcome<()>,
}

impl Split {
    /// All documents, or that some could not be read.
    pub fn all(self) -> Outcome<Vec<Document>> {
        self.complete.map(|()| self.documents)
    }
}

/// Reads the objects of a rendered template or of a plain YAML file, whose name is `template`. A `v1/List` is
/// unfolded. What is no object is reported (M001), each one of it.
pub fn split(session: &Session, template: &Arc<str>, source: SourceId, bindings: &[Binding]) -> Split {
    match nodes(session, source, bindings) {
        Ok(nodes) => objects(session, template, nodes),
        Err(reported) => Split { documents: Vec::new(), complete: Err(reported) },
    }
}

/// Reads the objects in a part of a plain YAML file (`yaml::chunks`). None if the file has to be read as a whole: then nothing
/// that was reported counts.
pub fn split_part(
    session: &Session,
    template: &Arc<str>,
    source: SourceId,
    part: Range<usize>,
) -> Option<Split> {
    let nodes = parse_chunk(session, source, part, session.limits().into())?;
    Some(objects(session, template, nodes))
}

/// The objects among some documents.
fn objects(session: &Session, template: &Arc<str>, nodes: Vec<Node>) -> Split {
    let mut found = Split { documents: Vec::with_capacity(nodes.len()), complete: Ok(()) };
    for object in nodes.into_iter().flat_map(|node| unfold(session, node)) {
        match object.and_then(|node| Ok((identify(session, &node)?, node))) {
            Ok((identity, node)) => {
                found.documents.push(Document { template: Arc::clone(template), node, identity });
            }
            Err(reported) => found.complete = Err(reported),
        }
    }
    found
}

/// The documents of a text as trees.
fn nodes(session: &Session, source: SourceId, bindings: &[Binding]) -> Outcome<Vec<Node>> {
    // In a rendered text they mark slots; a text from elsewhere has none, and what looks like one would be lost.
    if !matches!(session.source(source).kind, SourceKind::Derived(_)) {
        refuse_reserved(session, source)?;
    }
    parse_documents(session, source, bindings, session.limits().into())
}

/// The items of a list, or the object itself.
fn unfold(session: &Session, mut node: Node) -> Vec<Outcome<Node>> {
    if !is_list(&node) {
        return vec![Ok(node)];
    }
    let Some(Value::List(items)) =
        node.as_map_mut().and_then(|map| map.shift_remove("items")).map(|entry| entry.node.value)
    else {
        return vec![Err(refuse(session, &node, "a `List` needs a list of `items`"))];
    };
    let check = |item: Node| {
        if is_list(&item) {
            Err(refuse(session, &item, "a `List` cannot stand inside a `List`"))
        } else {
            Ok(item)
        }
    };
    items.into_iter().map(check).collect()
}

fn is_list(node: &Node) -> bool {
    node.get("kind").and_then(Node::as_str) == Some("List")
        && node.get("apiVersion").and_then(Node::as_str) == Some("v1")
}

/// Reads what tells the object from others.
fn identify(session: &Session, node: &Node) -> Outcome<Identity> {
    if node.as_map().is_none() {
        let message = format!("a document must be a Kubernetes object, and this is {}", node.noun());
        return Err(refuse(session, node, &message));
    }
    let api_version = required(session, node, node.get("apiVersion"), "apiVersion")?;
    let kind = required(session, node, node.get("kind"), "kind")?;
    let metadata = node.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name"));
    if name.is_none() && metadata.is_some_and(|metadata| metadata.get("generateName").is_some()) {
        return Err(generated(session, node, &kind));
    }
    let name = required(session, node, name, "metadata.name")?;
    let namespace = metadata.and_then(|metadata| metadata.get("namespace")).and_then(text);
    let namespace = namespace.filter(|namespace| !namespace.is_empty());
    Ok(Identity { api_version, kind, namespace, name })
}

/// The text of a field that every object has; only a string can be meant there.
fn required(session: &Session, object: &Node, field: Option<&Node>, path: &str) -> Outcome<String> {
    let Some(field) = field else {
        return Err(refuse(session, object, &format!("`{path}` is missing")));
    };
    match text(field) {
        Some(text) if !text.is_empty() => Ok(text),
        Some(_) => Err(refuse(session, field, &format!("`{path}` is empty"))),
        None => {
            let message = format!("`{path}` must be a string, and this is {}", field.noun());
            Err(refuse(session, field, &message))
        }
    }
}

fn text(node: &Node) -> Option<String> {
    let scalar = node.as_scalar()?;
    match scalar.kind {
        Kind::Null => None,
        Kind::Bool if node.origin.is_some() => Some(scalar.text.to_ascii_lowercase()),
        _ => Some(scalar.text.to_string()),
    }
}

fn generated(session: &Session, object: &Node, kind: &str) -> Reported {
    let message = format!("this {kind} has a `generateName` and no `name`, so it cannot be applied");
    let key = object.get("metadata").and_then(Node::as_map).and_then(|map| map.get("generateName"));
    let place = session.resolve(key.map_or(object.span, |entry| entry.key_span));
    let finding = Diagnostic::error(Code::M001, message).at(place, "this key");
    session
        .report(finding.help("write `name` with a name of its own: what is applied twice must be one object"))
}

fn refuse(session: &Session, node: &Node, message: &str) -> Reported {
    let first_key = node.as_map().and_then(|map| map.values().next()).map(|entry| entry.key_span);
    let start = first_key.unwrap_or(node.span);
    let span = if node.as_list().is_some() { Span { end: start.start + 1, ..start } } else { start };
    let origin = node.origin.and_then(|id| session.origin(id));
    let finding = Diagnostic::error(Code::M001, message).at(session.resolve(span), "here");
    let finding = finding.also_if(origin.map(|origin| origin.expression), "comes into the document here");
    session.report(finding.help("every document needs `apiVersion`, `kind` and `metadata.name`"))
}
