//! Where a finding about a document is shown: the value in the values file, the expression, the path in the object.

use crate::diagnostic::Diagnostic;
use crate::manifest::Identity;
use crate::session::Session;
use crate::source::{Origin, OriginId, SourceKind, Span};
use crate::yaml::{Entry, Node, Segment, ValuePath};

/// The way from the root of a document to a node. It lives on the stack, so that nothing is built unless
/// something is found.
#[derive(Clone, Copy)]
pub(super) struct Trail<'t> {
    parent: Option<&'t Trail<'t>>,
    step: Step<'t>,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Root,
    Key(&'t str, Span),
    Index(usize),
}

impl<'t> Trail<'t> {
    pub(super) const ROOT: Trail<'static> = Trail { parent: None, step: Step::Root };

    pub(super) fn key(&'t self, key: &'t str, span: Span) -> Trail<'t> {
        Trail { parent: Some(self), step: Step::Key(key, span) }
    }

    pub(super) fn index(&'t self, index: usize) -> Trail<'t> {
        Trail { parent: Some(self), step: Step::Index(index) }
    }

    /// The path from the root.
    pub(super) fn path(&self) -> ValuePath {
        let above = self.parent.map_or_else(ValuePath::root, Trail::path);
        match self.step {
            Step::Root => above,
            Step::Key(key, _) => above.key(key),
            Step::Index(index) => above.index(index),
        }
    }

    /// What messages call the node: its key, with the indices that follow it.
    pub(super) fn name(&self) -> String {
        let path = self.path();
        let last_key = path.0.iter().rposition(|segment| matches!(segment, Segment::Key(_)));
        ValuePath(path.0[last_key.unwrap_or(0)..].to_vec()).to_string()
    }

    /// The last step, if it was a key.
    fn last_key(&self) -> Option<Span> {
        if let Step::Key(_, span) = self.step { Some(span) } else { None }
    }
}

/// A place in a document: where it was written, and what it was bound from.
#[derive(Clone, Copy)]
pub(super) struct Place {
    span: Span,
    origin: Option<OriginId>,
}

impl Place {
    /// The node itself.
    pub(super) fn value(node: &Node) -> Place {
        Place { span: anchor(node), origin: node.origin }
    }

    /// The key of an entry. A key that a template wrote has no origin, whatever its value has.
    pub(super) fn key(session: &Session, entry: &Entry) -> Place {
        let derived = matches!(session.source(entry.key_span.source).kind, SourceKind::Derived(_));
        Place { span: entry.key_span, origin: entry.node.origin.filter(|_| !derived) }
    }

    /// A whole map, for what is missing in it: the key that it stands under, unless it was bound.
    pub(super) fn whole(node: &Node, trail: &Trail<'_>) -> Place {
        let key = trail.last_key().filter(|_| node.origin.is_none());
        Place { span: key.unwrap_or_else(|| anchor(node)), origin: node.origin }
    }
}

/// A span of few characters that stands for a node: its first key if it is a map.
pub(super) fn anchor(node: &Node) -> Span {
    let first_entry = node.as_map().and_then(|map| map.values().next());
    let first_item = node.as_list().and_then(|items| items.first());
    match (first_entry, first_item) {
        (Some(entry), _) => entry.key_span,
        (_, Some(item)) => anchor(item),
        _ => node.span,
    }
}

/// Adds the labels: primary where the user should edit, secondary where the value enters the document.
pub(super) fn locate(
    session: &Session,
    finding: Diagnostic,
    place: Place,
    trail: &Trail<'_>,
    object: &Identity,
) -> Diagnostic {
    let path = trail.path();
    let what = if path.0.is_empty() { object.to_string() } else { format!("`{path}` of {object}") };
    let own = session.resolve(place.span);
    match place.origin.and_then(|id| session.origin(id)) {
        None => finding.at(own, format!("this is {what}")),
        Some(origin) if own.source == origin.expression.source => computed(finding, &origin, &what),
        Some(origin) => finding.at(own, "this value").also(origin.expression, format!("becomes {what}")),
    }
}

/// The labels of a value that the template made out of others.
fn computed(finding: Diagnostic, origin: &Origin, what: &str) -> Diagnostic {
    let mut inputs = origin.inputs.iter().filter_map(|input| Some((input.span?, &input.path)));
    let (first, more) = (inputs.next(), inputs.next());
    let becomes = format!("becomes {what}");
    match (first, more) {
        (Some((span, _)), None) => {
            finding.at(span, "this value goes into it").also(origin.expression, becomes)
        }
        _ => {
            let finding = finding.at(origin.expression, becomes);
            let inputs = first.into_iter().chain(more).chain(inputs).take(MAX_INPUTS);
            inputs.fold(finding, |finding, (span, path)| finding.also(span, format!("`{path}`")))
        }
    }
}

/// More inputs than this are not shown.
const MAX_INPUTS: usize = 4;
