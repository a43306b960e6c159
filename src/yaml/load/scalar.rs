//! Scalars: what their style and tag make of them.

use std::sync::Arc;

use granit_parser::Tag;

use super::{Filled, Loader};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported};
use crate::source::Span;
use crate::yaml::{Kind, Node, SLOT_OPEN, Scalar, Style, Value, parse_float, resolve_core};

impl Loader<'_, '_> {
    pub(super) fn scalar(
        &mut self,
        text: &str,
        style: Style,
        tag: Option<&Tag>,
        span: Span,
    ) -> Outcome<Filled> {
        if self.has_slot(text) {
            if style == Style::Quoted {
                self.refuse_escaped_slots(text, span)?;
            }
            return self.fill(text, style, span);
        }
        let empty = style == Style::Plain && span.start == span.end;
        let text: Arc<str> = if empty { Arc::from("") } else { Arc::from(text) };
        let kind = match (tag, style) {
            (Some(tag), _) => self.tagged(tag, &text, span)?,
            (None, Style::Plain) => resolve_core(&text),
            (None, _) => Kind::Str,
        };
        Ok(Filled::Present(Node::new(Value::Scalar(Scalar { text, kind, style }), span)))
    }

    /// Whether something is bound into a text.
    pub(super) fn has_slot(&self, text: &str) -> bool {
        !self.bindings.is_empty() && text.contains(SLOT_OPEN)
    }

    /// A slot that is spelled with escapes, `"\uFDD0…"`, is no slot of ours.
    fn refuse_escaped_slots(&self, text: &str, span: Span) -> Outcome<()> {
        let written = self.session.text(span).matches(SLOT_OPEN).count();
        if text.matches(SLOT_OPEN).count() <= written {
            return Ok(());
        }
        let message = "the noncharacter U+FDD0 is reserved, and an escape writes it here";
        let finding = Diagnostic::error(Code::S002, message).at(self.session.resolve(span), "in this text");
        Err(self.session.report(finding.help("let the text come from a value: there it is data")))
    }

    fn tagged(&self, tag: &Tag, text: &str, span: Span) -> Outcome<Kind> {
        let kind = match tag.core_suffix() {
            Some("str") => Some(Kind::Str),
            Some("null") => Some(Kind::Null).filter(|kind| resolve_core(text) == *kind),
            Some("bool") => Some(Kind::Bool).filter(|kind| resolve_core(text) == *kind),
            Some("int") => Some(Kind::Int).filter(|kind| resolve_core(text) == *kind),
            Some("float") => Some(Kind::Float).filter(|_| parse_float(text).is_some()),
            None if tag.original() == "!" => Some(Kind::Str),
            _ => None,
        };
        kind.ok_or_else(|| self.unknown_tag(tag, span))
    }

    pub(super) fn collection_tag(&self, tag: Option<&Tag>, expected: &str, span: Span) -> Outcome<()> {
        match tag {
            Some(tag) if tag.core_suffix() != Some(expected) => Err(self.unknown_tag(tag, span.first_byte())),
            _ => Ok(()),
        }
    }

    fn unknown_tag(&self, tag: &Tag, span: Span) -> Reported {
        let message = format!("the tag `{}` has no meaning here", tag.original());
        let help =
            "remove it; `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq` are understood";
        self.session.report(Diagnostic::error(Code::Y005, message).at(span, "on this value").help(help))
    }
}
