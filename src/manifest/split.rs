//! From one text to its objects: YAML documents are read, lists unfolded, identities taken.
//!
//! Fields that tell an object from others are read as the strings that the check will make of them, so a plain
//! `name: 1.10` needs no quotes. Whether they are right is for the check to say.
//!
//! ```text
//! apiVersion: v1                        Document  v1, ConfigMap, a
//! kind: List                        ─►  Document  v1, ConfigMap, b
//! items:
//! - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
//! - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
//! ```
//!
//! Where one document is no object, the others are checked all the same: a [`Split`] has them, and says that it is not
//! complete. So one broken document does not hide the findings about the others.

use std::ops::Range;
use std::sync::Arc;

use super::document::{Document, Identity, Soundness};
use super::location::anchor_span;
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
    ///
    /// # Errors
    /// The last of what was reported while the text was split.
    pub fn all(self) -> Outcome<Vec<Document>> {
        self.complete.map(|()| self.documents)
    }
}

/// Reads the objects of a rendered template or of a plain YAML file, whose name is `template`. A `v1/List` is
/// unfolded. What is no object is reported (M001), each one of it.
pub fn split(session: &Session, template: &Arc<str>, source: SourceId, bindings: &[Binding]) -> Split {
    match parse(session, source, bindings) {
        Ok(nodes) => documents_of(session, template, nodes),
        Err(reported) => Split { documents: Vec::new(), complete: Err(reported) },
    }
}

/// What was read of a chunk of a text.
pub(super) struct Chunk {
    pub(super) split: Split,
    /// The nodes that count against [`ParseLimits::filled`](crate::yaml::ParseLimits) for the text as a whole.
    pub(super) filled: usize,
}

/// Reads the objects in a chunk of a text (`yaml::chunks`), a range of its bytes. None if the text has to be read as a
/// whole: then nothing that was reported counts.
pub(super) fn split_chunk(
    session: &Session,
    template: &Arc<str>,
    source: SourceId,
    chunk: Range<usize>,
    bindings: &[Binding],
) -> Option<Chunk> {
    let (nodes, filled) = parse_chunk(session, source, chunk, bindings, session.limits().into())?;
    Some(Chunk { split: documents_of(session, template, nodes), filled })
}

/// The objects among the documents of a text.
fn documents_of(session: &Session, template: &Arc<str>, nodes: Vec<Node>) -> Split {
    let mut split = Split { documents: Vec::with_capacity(nodes.len()), complete: Ok(()) };
    // One error is enough: it is only the token of a failure that was reported.
    for object in nodes.into_iter().flat_map(|node| unfold_list(session, node)) {
        let identified = object.and_then(|node| Ok((identify(session, &node)?, node)));
        match identified {
            Ok((identity, node)) => {
                split.documents.push(Document {
                    template: Arc::clone(template),
                    node,
                    identity,
                    soundness: Soundness::Sound,
                });
            }
            Err(reported) => split.complete = Err(reported),
        }
    }
    split
}

/// The documents of a text as trees.
fn parse(session: &Session, source: SourceId, bindings: &[Binding]) -> Outcome<Vec<Node>> {
    // In a rendered text, reserved characters mark slots; in any other text they would be mistaken for slots.
    if !matches!(session.source(source).kind, SourceKind::Derived(_)) {
        refuse_reserved(session, source)?;
    }
    parse_documents(session, source, bindings, session.limits().into())
}

/// The items of a `v1/List`, or the object itself. Other kinds whose names end in `List`, `ConfigMapList` for example,
/// are not unfolded: they are unknown kinds to the check, which says so.
fn unfold_list(session: &Session, mut node: Node) -> Vec<Outcome<Node>> {
    if !is_list(&node) {
        return vec![Ok(node)];
    }
    // Taken out and not copied: a List may be all of a cluster's objects.
    let Some(Value::List(items)) =
        node.as_map_mut().and_then(|map| map.shift_remove("items")).map(|entry| entry.node.value)
    else {
        return vec![Err(refuse(session, &node, "a `List` needs a list of `items`"))];
    };
    let refuse_nested = |item: Node| {
        if is_list(&item) {
            Err(refuse(session, &item, "a `List` cannot stand inside a `List`"))
        } else {
            Ok(item)
        }
    };
    items.into_iter().map(refuse_nested).collect()
}

/// Whether this is the one kind that `kubectl` makes of several objects.
fn is_list(node: &Node) -> bool {
    node.get("kind").and_then(Node::as_str) == Some("List")
        && node.get("apiVersion").and_then(Node::as_str) == Some("v1")
}

/// Reads what tells the object from others.
///
/// # Errors
/// M001 for the first thing that is missing: without it, the object cannot be named in messages, so there is nothing
/// more to say.
fn identify(session: &Session, node: &Node) -> Outcome<Identity> {
    if node.as_map().is_none() {
        let message = format!("a document must be a Kubernetes object, and this is {}", node.noun());
        return Err(refuse(session, node, &message));
    }
    let of_object =
        |key: &str| required(session, node, node.get(key), || session.left_out(node.span, key), key);
    let api_version = of_object("apiVersion")?;
    let kind = of_object("kind")?;
    let metadata = node.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name"));
    // Has a finding of its own: "`metadata.name` is missing" would be true, and would not help.
    if name.is_none() && metadata.is_some_and(|metadata| metadata.get("generateName").is_some()) {
        return Err(refuse_generated_name(session, node, &kind));
    }
    // `metadata` need not be a map for this: whatever has no key `name` has no name.
    let left_out = || match metadata {
        Some(metadata) => session.left_out(metadata.span, "name"),
        None => session.left_out(node.span, "metadata"),
    };
    let name = required(session, node, name, left_out, "metadata.name")?;
    // Kubernetes takes an empty namespace for none.
    let namespace = metadata.and_then(|metadata| metadata.get("namespace")).and_then(text);
    let namespace = namespace.filter(|namespace| !namespace.is_empty());
    Ok(Identity { api_version, kind, namespace, name })
}

/// The text of a field that every object has; only a string can be meant there. `left_out` is the `null` that it is
/// left out for, if there is one.
fn required(
    session: &Session,
    object: &Node,
    field: Option<&Node>,
    left_out: impl FnOnce() -> Option<Span>,
    path: &str,
) -> Outcome<Arc<str>> {
    let Some(field) = field else {
        // `metadata` without a name is nearer to where the name belongs than the object.
        let metadata =
            object.as_map().and_then(|map| map.get("metadata")).filter(|_| path == "metadata.name");
        let label = format!("`{path}` of this object belongs here");
        let mut finding = refusal(session, object, &format!("`{path}` is missing"), &label);
        if let (Some(metadata), None, Some(label)) = (metadata, object.origin, finding.labels.first_mut()) {
            label.span = session.resolve(metadata.key_span);
        }
        return Err(session.report(finding.due_to(left_out())));
    };
    let message = match text(field) {
        Some(text) if !text.is_empty() => return Ok(text),
        Some(_) => format!("`{path}` is empty"),
        None => format!("`{path}` must be a string, and this is {}", field.noun()),
    };
    let label = format!("this is `{path}` of an object");
    Err(session.report(refusal(session, field, &message, &label)))
}

/// A scalar as the string that the check (`kube::check`) will make of it, whatever its kind in YAML: the name `1.10`
/// keeps its zero. None for null.
fn text(node: &Node) -> Option<Arc<str>> {
    let scalar = node.as_scalar()?;
    match scalar.kind {
        Kind::Null => None,
        // A bound boolean prints in the one way that booleans have.
        Kind::Bool if node.origin.is_some() => Some(Arc::from(scalar.text.to_ascii_lowercase())),
        _ => Some(Arc::clone(&scalar.text)),
    }
}

/// Refuses an object whose name the API server would choose.
fn refuse_generated_name(session: &Session, object: &Node, kind: &str) -> Reported {
    let message = format!("this {kind} has a `generateName` and no `name`, so it cannot be applied");
    let key = object.get("metadata").and_then(Node::as_map).and_then(|map| map.get("generateName"));
    let place = session.resolve(key.map_or(object.span, |entry| entry.key_span));
    let finding = Diagnostic::error(Code::M001, message)
        .at(place, "this key")
        .help("write `name` with a name of its own: what is applied twice must be one object");
    session.report(finding)
}

/// Reports what is no object (M001), at a short span.
fn refuse(session: &Session, node: &Node, message: &str) -> Reported {
    session.report(refusal(session, node, message, "here"))
}

fn refusal(session: &Session, node: &Node, message: &str, label: &str) -> Diagnostic {
    // Of a list its first character, as it is the list that is wrong and not its first item.
    let span = if node.as_list().is_some() { node.span.first_byte() } else { anchor_span(node) };
    let origin = node.origin.and_then(|id| session.origin(id));
    Diagnostic::error(Code::M001, message)
        .at(session.resolve(span), label)
        .also_if(origin.map(|origin| origin.expression), "comes into the document here")
        .help("every document needs `apiVersion`, `kind` and `metadata.name`")
}
