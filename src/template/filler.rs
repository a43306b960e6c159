//! Turning what one template printed into bindings: values with their places, fragments, and what is refused.

use std::cell::Cell;
use std::sync::Arc;

use super::engine::{Slot, What};
use super::expression::Expression;
use super::functions::is_shell_word;
use super::render::RenderedTemplate;
use super::strip::strip;
use super::value::{NOWHERE, NoNode, Place, Tree, settle, to_node};
use super::{Program, errors};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::secrets::SecretTexts;
use crate::session::Session;
use crate::source::{Input, Origin, OriginId, SourceId, SourceKind, Span};
use crate::yaml::{Binding, Bound, Node};

/// The paths of an expression with the values that they led to.
fn inputs<'s>(
    expression: &'s Expression,
    slot: &'s Slot,
) -> impl Iterator<Item = (&'s Arc<str>, Option<&'s Place>)> {
    let bare = match &slot.what {
        What::Place(place) if expression.bare.is_some() => Some(place),
        _ => None,
    };
    let place = move |position: usize| {
        bare.filter(|_| position == 0).or_else(|| slot.inputs.get(position).and_then(Option::as_ref))
    };
    expression.paths.iter().enumerate().map(move |(position, reading)| (&reading.text, place(position)))
}

/// Whether it is a text that a shell would read as more than a word. What an expression made is not, if no character
/// of it means anything to a shell: base64 and percent-encoding give such texts.
fn is_raw(what: &What) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "%+/=_.~:@-".contains(c);
    match what {
        What::Place(place) => place.node().and_then(Node::as_str).is_some_and(|text| !is_shell_word(text)),
        What::Computed(value) => {
            value.as_str().is_some_and(|text| !is_shell_word(text) && !text.chars().all(harmless))
        }
        _ => false,
    }
}

/// Turns what one template printed into bindings.
pub(super) struct Filler<'f> {
    pub(super) session: &'f Session,
    pub(super) program: &'f Program,
    pub(super) trees: &'f [Arc<Tree>],
    pub(super) slots: &'f [Slot],
    /// Texts that no message may quote.
    pub(super) secrets: &'f SecretTexts,
    /// How many nodes may still be bound.
    pub(super) left: Cell<usize>,
}

impl Filler<'_> {
    pub(super) fn rendered(&self, name: &Arc<str>, text: &str) -> RenderedTemplate {
        let bindings = self.slots.iter().map(|slot| self.binding(name, slot)).collect();
        RenderedTemplate { name: Arc::clone(name), source: self.derive(name, text), bindings }
    }

    fn derive(&self, name: &str, text: &str) -> SourceId {
        let templates: Vec<SourceId> = self.program.templates.iter().map(|file| file.source).collect();
        let (text, derivation) = strip(text, &templates, &|index| self.expression(index));
        self.session.add_source(SourceKind::Derived(derivation), format!("{name} (rendered)"), text)
    }

    fn expression(&self, slot: usize) -> Option<&Expression> {
        self.program.facts.expressions.get(self.slots.get(slot)?.expression?)
    }

    fn binding(&self, name: &str, slot: &Slot) -> Binding {
        let expression = slot.expression.and_then(|id| self.program.facts.expressions.get(id));
        let span = expression.map(|expression| expression.span);
        let origin = expression.and_then(|expression| self.origin(expression, slot));
        let place = span.unwrap_or_else(|| self.anywhere(name));
        if let Some(message) = &slot.warning {
            let finding = Diagnostic::warning(Code::V110, self.secrets.redact(message));
            self.session.report(self.at_values(finding, place, "the chart looks at it here", slot));
        }
        let bound = match &slot.what {
            What::Place(found) => match found.node() {
                Some(node) if self.spend(node, place) => self.settled(node.clone(), place),
                _ => Bound::Failed,
            },
            What::Fragment(text) => Bound::Fragment(self.derive(name, text)),
            What::Absent => Bound::Absent(expression.map_or_else(String::new, |e| self.session.text(e.span))),
            What::Undefined => self.refuse(Code::T003, "this expression has no value", place, slot),
            What::Refused(message) => self.refuse(Code::T010, &self.secrets.redact(message), place, slot),
            What::Told => Bound::Failed,
            What::Computed(_) if self.left.get() == 0 => Bound::Failed,
            What::Computed(value) => match to_node(value, self.trees, place, &self.program.limits) {
                Ok(node) if self.spend(&node, place) => self.settled(node, place),
                Ok(_) => Bound::Failed,
                Err(reason) => self.no_node(&reason, place, slot),
            },
        };
        Binding::new(bound, origin)
    }

    fn settled(&self, mut node: Node, place: Span) -> Bound {
        settle(&mut node, place, self.trees);
        Bound::Value(node)
    }

    /// Whether this tree may still be bound; the first one that may not is reported.
    fn spend(&self, node: &Node, place: Span) -> bool {
        let left = self.left.get();
        if left == 0 {
            return false;
        }
        let rest = left.checked_sub(node.weight());
        self.left.set(rest.unwrap_or(0));
        if rest.is_none() {
            let most = self.program.limits.said(Limit::Bound);
            self.too_much(Limit::Bound, &format!("it binds more than {most} values"), place);
        }
        rest.is_some()
    }

    /// A computed value that cannot be bound.
    fn no_node(&self, reason: &NoNode, place: Span, slot: &Slot) -> Bound {
        let message = errors::no_node(reason, &self.program.limits);
        match reason {
            NoNode::TooMuch(limit) => self.too_much(*limit, &message, place),
            _ => self.refuse(Code::T004, &message, place, slot),
        }
    }

    fn too_much(&self, limit: Limit, what: &str, place: Span) -> Bound {
        let message = format!("the template does too much work: {what}");
        let finding = Diagnostic::error(Code::T008, message).at(place, "this expression");
        self.session.report(finding.help(self.program.limits.help(limit, errors::LOOK_FOR_A_LOOP)));
        Bound::Failed
    }

    fn origin(&self, expression: &Expression, slot: &Slot) -> Option<OriginId> {
        let inputs = inputs(expression, slot).map(|(path, place)| {
            let span = place.and_then(Place::node).map(|node| node.span).filter(|span| *span != NOWHERE);
            Input { path: Arc::clone(path), span }
        });
        let inputs: Vec<Input> = inputs.collect();
        let raw = is_raw(&slot.what) && inputs.iter().any(|input| input.span.is_some());
        self.session.add_origin(Origin { expression: expression.span, inputs, raw })
    }

    fn refuse(&self, code: Code, message: &str, place: Span, slot: &Slot) -> Bound {
        let finding = Diagnostic::error(code, message);
        self.session.report(if code == Code::T010 {
            let finding = self.at_values(finding, place, "the chart refuses it here", slot);
            finding.help("change the values that lead here")
        } else {
            let finding = finding.at(place, "this expression").help(errors::SET_IT);
            self.labels(slot).into_iter().fold(finding, |finding, (span, text)| finding.also(span, text))
        });
        Bound::Failed
    }

    /// Where the values behind an expression were written, each once.
    fn labels(&self, slot: &Slot) -> Vec<(Span, String)> {
        let expression = slot.expression.and_then(|id| self.program.facts.expressions.get(id));
        let mut labels = Vec::new();
        for (path, found) in expression.into_iter().flat_map(|expression| inputs(expression, slot)) {
            let Some(node) = found.and_then(Place::node) else { continue };
            let label = (node.span, format!("`{path}` is set here"));
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    /// A finding in the chart's own words: at the first value behind it, or at the expression when there is none.
    fn at_values(&self, finding: Diagnostic, place: Span, here: &str, slot: &Slot) -> Diagnostic {
        let mut values = self.labels(slot).into_iter();
        let finding = match values.next() {
            Some((span, text)) => finding.at(span, text).also(place, here),
            None => finding.at(place, here),
        };
        values.fold(finding, |finding, (span, text)| finding.also(span, text))
    }

    fn anywhere(&self, name: &str) -> Span {
        let file = self.program.templates.iter().find(|file| &*file.name == name);
        Span::new(file.map_or(self.program.templates[0].source, |file| file.source), 0, 1)
    }
}
