//! Where a finding about a document is shown: the value in the values file, the expression, the path in the object.
//!
//! A node that was bound from a value has two places that matter: where the value was written, which is what the user
//! edits, and the expression of the template that brought it into the document. The labels of a finding name both.
//!
//! | the node | primary label | secondary labels |
//! |---|---|---|
//! | is written in the template or file itself | it | |
//! | is a value, `{{ values.replicas }}` | the value in the values file | the expression |
//! | was computed from one value, `{{ values.name ~ "-x" }}` | that value | the expression |
//! | was computed from several, or from none | the expression | the values, at most four |

use super::document::Identity;
use crate::diagnostic::Diagnostic;
use crate::session::Session;
use crate::source::{Origin, OriginId, SourceKind, Span, ValueRange};
use crate::yaml::{Entry, Node, PackedNode, PackedTree, Segment, Tree, Value, ValuePath};

/// A place in a document: where it was written, and what it was bound from.
#[derive(Clone, Copy)]
pub struct Location {
    span: Span,
    origin: Option<OriginId>,
    /// Whether what the finding is about would have its place there, and has none.
    missing: bool,
}

impl Location {
    /// The node itself; of a map or a list, its beginning.
    pub fn value(node: &Node) -> Location {
        Location { span: anchor_span(node), origin: node.origin, missing: false }
    }

    /// The key of an entry. A key that a template wrote has no origin, whatever its value has.
    pub fn key(session: &Session, entry: &Entry) -> Location {
        // A whole map that was bound has its keys in a values file, and there the key is part of what was bound.
        let derived = matches!(session.source(entry.key_span.source).kind, SourceKind::Derived(_));
        Location { span: entry.key_span, origin: entry.node.origin.filter(|_| !derived), missing: false }
    }

    /// A whole map, for what is missing in it: the key that it stands under, if there is one and it was not bound.
    pub fn whole(node: &Node, key: Option<Span>) -> Location {
        let key = key.filter(|_| node.origin.is_none());
        Location { span: key.unwrap_or_else(|| anchor_span(node)), origin: node.origin, missing: false }
    }

    /// The same place, for a field that is missing from it.
    pub fn of_missing(self) -> Location {
        Location { missing: true, ..self }
    }

    /// The place at a path, or at its nearest ancestor if the path leads nowhere.
    pub fn at_path(root: &Node, path: &ValuePath) -> Location {
        let mut node = root;
        // Of the node, if it is in a map; an item of a list has none.
        let mut key = None;
        for segment in &path.0 {
            let child = match (&node.value, segment) {
                (Value::Map(map), Segment::Key(name)) => {
                    map.get(name.as_str()).map(|entry| (&entry.node, Some(entry.key_span)))
                }
                (Value::List(items), Segment::Index(index)) => items.get(*index).map(|item| (item, None)),
                _ => None,
            };
            let Some(child) = child else { return Location::whole(node, key) };
            (node, key) = child;
        }
        if node.as_map().is_some() { Location::whole(node, key) } else { Location::value(node) }
    }

    /// As [`Location::at_path`], in a packed tree: without making nodes of it, since a large object may have very many
    /// findings.
    pub fn in_packed(root: PackedNode<'_>, path: &ValuePath) -> Location {
        let mut node = root;
        let mut key = None;
        let whole = |node: PackedNode<'_>, key: Option<Span>| {
            let origin = node.origin();
            let key = key.filter(|_| origin.is_none());
            Location { span: key.unwrap_or_else(|| packed_anchor(node)), origin, missing: false }
        };
        for segment in &path.0 {
            let child = match segment {
                Segment::Key(name) => node.get(name).map(|child| (child, child.key_span())),
                Segment::Index(index) => {
                    node.as_list().and_then(|items| items.get(*index)).map(|item| (item, None))
                }
            };
            let Some(child) = child else { return whole(node, key) };
            (node, key) = child;
        }
        if node.as_map().is_some() {
            whole(node, key)
        } else {
            Location { span: packed_anchor(node), origin: node.origin(), missing: false }
        }
    }

    /// Where it stands: in the text that the document was read from, or where its value was written.
    pub fn span(self) -> Span {
        self.span
    }

    /// The one span that stands for it in a secondary label, as in "the Service is here": the expression that bound it,
    /// or else its own.
    pub fn display_span(self, session: &Session) -> Span {
        let origin = self.origin.and_then(|id| session.origin(id));
        origin.map_or_else(|| session.resolve(self.span), |origin| origin.expression)
    }
}

/// A tree in which places are found by their paths.
pub trait LocatedTree: Tree {
    /// The place at a path, or at its nearest ancestor if the path leads nowhere.
    fn location(&self, path: &ValuePath) -> Location;
}

impl LocatedTree for Node {
    fn location(&self, path: &ValuePath) -> Location {
        Location::at_path(self, path)
    }
}

impl LocatedTree for PackedTree {
    fn location(&self, path: &ValuePath) -> Location {
        Location::in_packed(self.root(), path)
    }
}

/// As [`anchor_span`], of a packed node.
fn packed_anchor(node: PackedNode<'_>) -> Span {
    let first_item = node.as_list().and_then(|items| items.get(0));
    let first_entry = node.as_map().and_then(|map| map.values().next()).and_then(PackedNode::key_span);
    match (first_entry, first_item) {
        (Some(key), _) => key,
        (_, Some(item)) => packed_anchor(item),
        _ => node.span(),
    }
}

/// A short span that stands for a node: of a map its first key, of a list its first item. Marking all lines of a map
/// would hide what is pointed at.
pub fn anchor_span(node: &Node) -> Span {
    let first_entry = node.as_map().and_then(|map| map.values().next());
    let first_item = node.as_list().and_then(|items| items.first());
    match (first_entry, first_item) {
        (Some(entry), _) => entry.key_span,
        // The item was bound, and the list was written in the template: what is about the list is not about the value.
        (_, Some(item)) if node.origin.is_none() && item.origin.is_some() => node.span.first_byte(),
        (_, Some(item)) => anchor_span(item),
        _ => node.span,
    }
}

/// Adds the labels: primary where the user should edit, secondary where the value enters the document. `path` is what
/// the place is called in the object; the empty path is the whole of it.
pub fn label_finding(
    session: &Session,
    finding: Diagnostic,
    location: Location,
    path: &ValuePath,
    object: &Identity,
) -> Diagnostic {
    let what = if path.0.is_empty() { object.to_string() } else { format!("`{path}` of {object}") };
    // In the template, if the node is from a rendered text. A bound value has its span in the values file already.
    let own = session.resolve(location.span);
    match location.origin.and_then(|id| session.origin(id)) {
        None => match session.value_of(location.span) {
            // A key that came from the values.
            Some(ValueRange { value, action, .. }) if location.missing => {
                finding.at(value, format!("{what} belongs here")).also(action, "printed here")
            }
            Some(ValueRange { value, action, .. }) => {
                finding.at(value, "this goes into it").also(action, format!("becomes {what}"))
            }
            None if location.missing => finding.at(own, format!("{what} belongs here")),
            None => finding.at(own, format!("this is {what}")),
        },
        // The value is of the template's own making: it was computed, and has no place in a values file.
        Some(origin) if own.source == origin.expression.source => {
            label_computed_value(finding, &origin, &what)
        }
        Some(origin) => finding.at(own, "this value").also(origin.expression, format!("becomes {what}")),
    }
}

/// More inputs than this are not shown: an excerpt each would fill a screen.
const MAX_INPUTS: usize = 4;

/// The labels of a value that the template made out of others. Its only input is what the user edits. Of several inputs
/// it is not known which one is wrong, so the expression comes first.
fn label_computed_value(finding: Diagnostic, origin: &Origin, what: &str) -> Diagnostic {
    let inputs: Vec<(Span, &str)> =
        // An input that no layer sets has no place to be shown at.
        origin.inputs.iter().filter_map(|input| Some((input.span?, &*input.path))).collect();
    let becomes = format!("becomes {what}");
    // The value that was read may be right, and the expression wrong. But a user has the values file to edit, and not
    // the chart.
    if let [(span, _)] = inputs[..] {
        return finding.at(span, "this value goes into it").also(origin.expression, becomes);
    }
    let mut finding = finding.at(origin.expression, becomes);
    for (span, path) in inputs.into_iter().take(MAX_INPUTS) {
        finding = finding.also(span, format!("`{path}`"));
    }
    finding
}
