//! `Anchors`: the anchored nodes of a document, and the aliases that repeat them.

use std::collections::HashMap;

use super::limits::ParseLimits;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::node::Node;

/// The anchors of a document by number, and what aliases have cost so far. The parser numbers anchors from 1 and resolves their
/// names, so a name that is used again is another number.
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

    /// A copy of the anchored node, for an alias at `span`. It keeps the spans of the original, where its values are written.
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
