//! Slots: bound values put where their placeholders stand.

use std::sync::Arc;

use super::{Filled, Loader, ParseLimits, read};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::Outcome;
use crate::source::{Origin, OriginId, SourceId, Span};
use crate::yaml::bind::{Piece, pieces, whole_slot};
use crate::yaml::{Bound, Kind, Node, Scalar, Style, Value};

impl Loader<'_, '_> {
    /// Fills the slots of a scalar: the value itself where a slot is all of a plain scalar, text elsewhere.
    pub(super) fn fill(&mut self, text: &str, style: Style, span: Span) -> Outcome<Filled> {
        if let (Style::Plain, Some(index)) = (style, whole_slot(text)) {
            return self.whole(index, span);
        }
        let mut filled = String::with_capacity(text.len());
        let mut origins: Vec<OriginId> = Vec::new();
        let mut failed = false;
        let mut place = span;
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Slot(index) => {
                    match self.text_of(index, span)? {
                        Some((part, written)) => {
                            filled.push_str(&part);
                            if whole_slot(text).is_some() {
                                place = written;
                            }
                        }
                        None => failed = true,
                    }
                    origins.extend(self.bindings.get(index).and_then(|binding| binding.origin));
                }
            }
        }
        if failed {
            return Ok(Filled::Absent(None, span));
        }
        let scalar = Scalar {
            text: Arc::from(filled),
            kind: Kind::Str,
            style: if style == Style::Plain { Style::Quoted } else { style },
        };
        let origin = self.joined(&origins, self.is_pasted(text), span);
        Ok(Filled::Present(Node { value: Value::Scalar(scalar), span: place, origin }))
    }

    fn whole(&mut self, index: usize, span: Span) -> Outcome<Filled> {
        let Some(binding) = self.bindings.get(index) else { return Ok(Filled::Absent(None, span)) };
        binding.used.set(true);
        match &binding.bound {
            Bound::Value(node) if node.is_null() => Ok(Filled::Absent(Some("null".to_owned()), span)),
            Bound::Value(node) => {
                let mut node = node.clone();
                node.set_origin(binding.origin);
                Ok(Filled::Present(node))
            }
            Bound::Absent(path) => Ok(Filled::Absent(Some(path.clone()), span)),
            Bound::Failed => Ok(Filled::Absent(None, span)),
            Bound::Fragment(source) => self.fragment(*source, span),
        }
    }

    fn fragment(&mut self, source: SourceId, span: Span) -> Outcome<Filled> {
        let depth = self.limits.depth.saturating_sub(self.depth);
        if depth == 0 {
            return Err(self.too_much(span, "macros nested too deep", Limit::Nesting));
        }
        let limits = ParseLimits { depth, documents: 2, ..self.limits };
        let mut documents = read(self.session, source, self.bindings, limits, self.shared)?;
        let nodes = 1 + documents.iter().map(Node::weight).sum::<usize>();
        let Some(left) = self.shared.left.get().checked_sub(nodes) else {
            let limits = self.session.limits();
            let most = limits.said(Limit::Fragments);
            let message =
                format!("the template does too much work: macros inside macros make more than {most} values");
            let finding = Diagnostic::error(Code::T008, message).at(self.session.resolve(span), "here");
            let help = limits.help(Limit::Fragments, "look for fragments that repeat each other");
            return Err(self.session.report(finding.help(help)));
        };
        self.shared.left.set(left);
        if documents.len() > 1 {
            let finding = Diagnostic::error(Code::T006, "a macro may print one YAML document only");
            return Err(self.session.report(finding.at(self.session.resolve(span), "this prints several")));
        }
        Ok(documents
            .pop()
            .map_or(Filled::Absent(Some("an empty fragment".to_owned()), span), Filled::Present))
    }

    /// The text of a slot inside a scalar, and where it was written; none when it has none and that was reported.
    fn text_of(&mut self, index: usize, span: Span) -> Outcome<Option<(Arc<str>, Span)>> {
        match self.whole(index, span)? {
            Filled::Present(Node { value: Value::Scalar(Scalar { text, kind, .. }), span, .. }) => {
                let text = if kind == Kind::Bool { Arc::from(text.to_ascii_lowercase()) } else { text };
                Ok(Some((text, span)))
            }
            Filled::Present(node) => {
                let message = format!("{} cannot stand inside text", node.noun());
                let place = self.place(index, span);
                let finding = Diagnostic::error(Code::T006, message).at(place, "this expression");
                let help =
                    "let the expression be the whole value, or turn it into text with `to_json` or `to_yaml`";
                self.session.report(finding.also(node.span, "the value").help(help));
                Ok(None)
            }
            Filled::Absent(path, _) => {
                self.absent(path, self.place(index, span), "part of a text");
                Ok(None)
            }
        }
    }

    fn place(&self, index: usize, span: Span) -> Span {
        let origin = self.bindings.get(index).and_then(|binding| binding.origin);
        origin
            .and_then(|id| self.session.origin(id))
            .map_or_else(|| self.session.resolve(span), |o| o.expression)
    }

    /// Reports that a place needs a value and has none; a missing path means that the reason was reported already.
    pub(super) fn absent(&self, path: Option<String>, span: Span, place: &str) {
        let Some(path) = path else { return };
        let finding =
            Diagnostic::error(Code::T006, format!("{place} needs a value, and `{path}` is not set"));
        let help = "set it, give it a default (`{{ … | default(…) }}`), or put the place into `{% if … is defined %}`";
        self.session.report(finding.at(self.session.resolve(span), "this has no value").help(help));
    }

    /// Whether a value stands as it is in one line with words of the template.
    fn is_pasted(&self, text: &str) -> bool {
        let origin = |index: usize| self.session.origin(self.bindings.get(index)?.origin?);
        text.lines().any(|line| {
            let words = |piece: Piece<'_>| matches!(piece, Piece::Text(text) if text.contains(char::is_alphanumeric));
            let raw = |piece: Piece<'_>| matches!(piece, Piece::Slot(index) if origin(index).is_some_and(|it| it.raw));
            pieces(line).any(words) && pieces(line).any(raw)
        })
    }

    /// One origin for a scalar that several expressions went into.
    fn joined(&self, origins: &[OriginId], raw: bool, span: Span) -> Option<OriginId> {
        let parts: Vec<Origin> = origins.iter().filter_map(|id| self.session.origin(*id)).collect();
        match parts.as_slice() {
            [only] if only.raw == raw => return origins.first().copied(),
            [only] => return self.session.add_origin(Origin { raw, ..only.clone() }),
            _ => {}
        }
        let inputs = parts.into_iter().flat_map(|part| part.inputs).collect();
        self.session.add_origin(Origin { expression: self.session.resolve(span), inputs, raw })
    }
}
