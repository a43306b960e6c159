//! Node properties (YAML 1.2.2, section 6.9): anchors, which aliases repeat, and tags.
//!
//! `!!str`, `!!int` and their like are understood, all other tags are refused. A tag of an application (`!Ref`,
//! `!vault`) asks for a program that knows it: leaving it out would change what the document says.

use std::collections::HashMap;

use granit_parser::Tag;

use super::shared::ParseLimits;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Reported, Session};
use crate::source::Span;
use crate::yaml::node::Node;
use crate::yaml::scalar::{Kind, parse_float, resolve_core};

/// What may stand before a value: an anchor, as a number, 0 for none, and a tag (`&base !!map`). Tags are boxed,
/// because hardly any value has one and every event has room for it.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) anchor: usize,
    pub(super) tag: Option<Box<Tag>>,
}

/// The anchors of a document by number, and what aliases have cost so far. The parser numbers anchors from 1 and
/// resolves their names, so a name that is used again is another number.
#[derive(Default)]
pub(super) struct Anchors {
    known: HashMap<usize, Anchor>,
    /// The weight of all nodes that aliases have added.
    expanded: usize,
}

struct Anchor {
    /// None while the anchored node is still being read.
    node: Option<Node>,
    /// The weight of the node.
    weight: usize,
    span: Span,
}

impl Anchors {
    /// Forgets the anchors, at the start of a document. What aliases have cost is counted for the whole text.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Notes that the node of an anchor begins; 0 is no anchor.
    pub(super) fn begin(&mut self, anchor: usize, span: Span) {
        if anchor > 0 {
            self.known.insert(anchor, Anchor { node: None, weight: 0, span: span.first_byte() });
        }
    }

    /// Keeps the node of an anchor; 0 is no anchor.
    pub(super) fn define(&mut self, anchor: usize, node: &Node, span: Span) {
        if anchor > 0 {
            let weight = node.weight();
            self.known.insert(anchor, Anchor { node: Some(node.clone()), weight, span: span.first_byte() });
        }
    }

    /// A copy of the anchored node, for an alias at `span`. It keeps the spans of the original, where its values are
    /// written.
    ///
    /// # Errors
    /// Y001 for an unknown anchor, Y004 for an alias inside its own node and for too many copies.
    pub(super) fn resolve(
        &mut self,
        session: &Session,
        limits: &ParseLimits,
        anchor: usize,
        span: Span,
    ) -> Outcome<Node> {
        let Some(found) = self.known.get(&anchor) else {
            let finding = Diagnostic::error(Code::Y001, "an unknown anchor").at(span, "this alias");
            return Err(session.report(finding));
        };
        let Some(node) = found.node.clone() else {
            let finding = Diagnostic::error(Code::Y004, "an alias inside the node that it repeats")
                .at(span, "this alias");
            return Err(session.report(finding.also(found.span, "its anchor is still open here")));
        };
        // By weight and not by number of aliases: a hundred aliases of a scalar are harmless, ten of each other are
        // "billion laughs".
        self.expanded += found.weight;
        if self.expanded > limits.expanded {
            let limits = session.limits();
            let message = format!("aliases expand to more than {} nodes", limits.said(Limit::Aliases));
            let finding =
                Diagnostic::error(Code::Y004, message).at(span, "this alias").also(found.span, "its anchor");
            let help = limits.help(Limit::Aliases, "write the repeated part out or repeat less of it");
            return Err(session.report(finding.help(help)));
        }
        Ok(node)
    }
}

/// The kind of a scalar with a tag. The tag must fit the text: `!!int 1.5` is refused, not rounded.
///
/// # Errors
/// Y005.
pub(super) fn kind_of_tagged(session: &Session, tag: &Tag, text: &str, span: Span) -> Outcome<Kind> {
    // A tag names a kind, and the core schema says which texts are of that kind.
    let if_resolved = |kind: Kind| (resolve_core(text) == kind).then_some(kind);
    let kind = match tag.core_suffix() {
        Some("str") => Some(Kind::Str),
        Some("null") => if_resolved(Kind::Null),
        Some("bool") => if_resolved(Kind::Bool),
        Some("int") => if_resolved(Kind::Int),
        // Every integer is a float as well.
        Some("float") => parse_float(text).map(|_| Kind::Float),
        // The non-specific tag: the value is not resolved.
        None if tag.original() == "!" => Some(Kind::Str),
        _ => None,
    };
    kind.ok_or_else(|| unknown_tag(session, span))
}

/// Refuses a list or a map with a tag other than the `expected` one, `seq` or `map`.
///
/// # Errors
/// Y005.
pub(super) fn check_collection_tag(
    session: &Session,
    tag: Option<&Tag>,
    expected: &str,
    span: Span,
) -> Outcome<()> {
    match tag {
        Some(tag) if tag.core_suffix() != Some(expected) => Err(unknown_tag(session, span.first_byte())),
        _ => Ok(()),
    }
}

/// Reports a tag that is unknown, or does not fit what it stands before (Y005). The tag is not named: a text without quotes
/// that begins with `!` is read as one, and may be a secret.
fn unknown_tag(session: &Session, span: Span) -> Reported {
    let message = "there is a tag that has no meaning here";
    let help =
        "remove it; `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq` are understood";
    session.report(Diagnostic::error(Code::Y005, message).at(span, "before this value").help(help))
}
