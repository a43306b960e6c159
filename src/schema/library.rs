//! A library: types that a schema may refer to without having them, `{"$ref": "kubernetes#/ResourceRequirements"}`.
//!
//! Such a reference is resolved when the schema is read. The definitions that it needs are put into the schema's `$defs`,
//! and the reference leads there from then on, so all that walks a schema sees one that is whole:
//!
//! ```text
//! resources: {"$ref": "kubernetes#/ResourceRequirements"}
//!
//! resources: {"$ref": "#/$defs/io.k8s.api.core.v1.ResourceRequirements"}
//! $defs:     {"io.k8s.api.core.v1.ResourceRequirements": {"type": "object", …}, …}
//! ```
//!
//! What a definition consists of has the place of the first reference that needed it, as it stands nowhere else.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value as JsonValue;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// Where types come from that a schema does not have itself.
pub trait Library: Debug + Send + Sync {
    /// The definitions of a type and of all that it refers to, with the name of its own.
    ///
    /// # Errors
    /// A name that no type has, or several.
    fn find(&self, name: &str) -> Result<Definitions, NotFound>;
}

/// A type of a library.
#[derive(Clone, Debug)]
pub struct Definitions {
    /// The name of its definition.
    pub name: String,
    /// It and those that it refers to, as `#/$defs/NAME`, by name.
    pub all: BTreeMap<String, JsonValue>,
}

/// Why there is no type of a name.
#[derive(Clone, Debug)]
pub enum NotFound {
    /// No type has it; with the names that are most like it, or none.
    Unknown(Option<String>),
    /// Several types have it: these.
    Ambiguous(Vec<String>),
}

/// What a reference into the library begins with.
const PREFIX: &str = "kubernetes#/";

/// Whether a schema's text may refer to the library: what is kept of such a schema holds for one version alone.
pub fn may_need_library(text: &str) -> bool {
    text.contains(PREFIX)
}

/// Resolves all references into the library.
///
/// # Errors
/// C004 for names that no type has, or several.
pub(super) fn resolve(session: &Session, root: &mut Node, library: &dyn Library) -> Outcome<()> {
    let before = session.errors();
    let mut found = BTreeMap::new();
    visit(session, root, library, &mut found);
    session.clean_since(before)?;
    if found.is_empty() {
        return Ok(());
    }
    let span = root.span;
    let Some(map) = root.as_map_mut() else { return Ok(()) };
    let defs =
        map.or_insert_with(Arc::from("$defs"), || Entry { key_span: span, node: Node::empty_map(span) });
    if let Some(defs) = defs.node.as_map_mut() {
        for (name, (definition, span)) in found {
            defs.or_insert_with(Arc::from(name), || Entry {
                key_span: span,
                node: node_of(&definition, span),
            });
        }
    }
    Ok(())
}

/// The definitions that were needed, with the place of the reference that needed each.
type Found = BTreeMap<String, (JsonValue, Span)>;

/// Visits all nodes, as schemas may stand anywhere. Their depth is limited when they are read.
fn visit(session: &Session, node: &mut Node, library: &dyn Library, found: &mut Found) {
    match &mut node.value {
        Value::Map(map) => {
            if let Some(entry) = map.get_mut("$ref")
                && let Some(name) = entry.node.as_str().and_then(|text| text.strip_prefix(PREFIX))
            {
                let name = name.to_owned();
                refer(session, &mut entry.node, &name, library, found);
            }
            map.values_mut().for_each(|entry| visit(session, &mut entry.node, library, found));
        }
        Value::List(items) => items.iter_mut().for_each(|item| visit(session, item, library, found)),
        Value::Scalar(_) => {}
    }
}

fn refer(session: &Session, reference: &mut Node, name: &str, library: &dyn Library, found: &mut Found) {
    let span = reference.span;
    match library.find(name) {
        Ok(definitions) => {
            *reference = Node::string(format!("#/$defs/{}", definitions.name), span);
            for (name, definition) in definitions.all {
                found.entry(name).or_insert((definition, span));
            }
        }
        Err(NotFound::Unknown(near)) => {
            let message = format!("the `$ref` `{PREFIX}{name}` names no type of the Kubernetes API");
            let help = match near {
                Some(near) => format!("did you mean `{PREFIX}{near}`?"),
                None => "write the name of a type, `kubernetes#/Toleration`, or of a kind, \
                         `kubernetes#/apps/v1/Deployment`"
                    .to_owned(),
            };
            let finding = Diagnostic::error(Code::C004, message).at(span, "this reference").help(help);
            session.report(finding);
        }
        Err(NotFound::Ambiguous(names)) => {
            let message = format!("the `$ref` `{PREFIX}{name}` names several types of the Kubernetes API");
            let names: Vec<String> = names.iter().map(|name| format!("`{PREFIX}{name}`")).collect();
            let help = format!("write one of {}", names.join(", "));
            session.report(Diagnostic::error(Code::C004, message).at(span, "this reference").help(help));
        }
    }
}

/// JSON as a tree that stands at one place.
fn node_of(json: &JsonValue, span: Span) -> Node {
    match json {
        JsonValue::String(text) => Node::string(text.as_str(), span),
        JsonValue::Array(items) => {
            Node::new(Value::List(items.iter().map(|item| node_of(item, span)).collect()), span)
        }
        JsonValue::Object(fields) => {
            let mut node = Node::empty_map(span);
            if let Some(map) = node.as_map_mut() {
                for (key, value) in fields {
                    let entry = Entry { key_span: span, node: node_of(value, span) };
                    map.insert(Arc::from(key.as_str()), entry);
                }
            }
            node
        }
        scalar => Node::plain(scalar.to_string(), span),
    }
}
