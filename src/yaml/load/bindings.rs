//! `Bindings`: the table of bound values while a text with slots is read, and what is said of values that do not fit
//! where they stand.
//!
//! The loader walks events and builds nodes; what it asks about the binding of a slot, or about an origin, is answered
//! here.

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{Origin, OriginId, Span};
use crate::yaml::slots::{Absent, Binding, Piece, SLOT_OPEN, pieces};

/// What the slots of a text stand for. Empty for a text that was not rendered.
#[derive(Clone, Copy)]
pub(super) struct Bindings<'s> {
    pub(super) session: &'s Session,
    pub(super) all: &'s [Binding],
}

impl<'s> Bindings<'s> {
    /// What stands behind a slot.
    pub(super) fn get(self, index: usize) -> Option<&'s Binding> {
        self.all.get(index)
    }

    /// Whether something is bound into a text.
    pub(super) fn has_slot(self, text: &str) -> bool {
        // The byte that a slot begins with is looked for first, as nearly no other text has it.
        !self.all.is_empty() && memchr::memchr(0xef, text.as_bytes()).is_some() && text.contains(SLOT_OPEN)
    }

    /// Where to point for a slot: at its expression in the template if that is known, or at the slot's place.
    pub(super) fn place(self, index: usize, span: Span) -> Span {
        let origin = self.get(index).and_then(|binding| binding.origin);
        match origin.and_then(|id| self.session.origin(id)) {
            Some(origin) => origin.expression,
            None => self.session.resolve(span),
        }
    }

    /// One origin for a scalar that several expressions went into.
    ///
    /// `origins` are those of the slots, in their order; `raw` says whether the scalar is a text into which a value is
    /// pasted ([`Bindings::is_pasted`]); `span` is the scalar's, which stands for the expression if there are several.
    /// None if the session has no room for one more.
    pub(super) fn joined_origin(self, origins: &[OriginId], raw: bool, span: Span) -> Option<OriginId> {
        let parts: Vec<Origin> = origins.iter().filter_map(|id| self.session.origin(*id)).collect();
        match parts.as_slice() {
            // The usual case, `"{{ value }}"` and `www.{{ host }}`: the origin of the slot says it all, and no new one
            // is made.
            [only] if only.raw == raw => return origins.first().copied(),
            [only] => return self.session.add_origin(Origin { raw, ..only.clone() }),
            _ => {}
        }
        let inputs = parts.into_iter().flat_map(|part| part.inputs).collect();
        self.session.add_origin(Origin { expression: self.session.resolve(span), inputs, raw })
    }

    /// Whether some line of a text has both words of the template and a value as it was set, without quotes around it:
    /// the text of a shell script, for example, into which a value is pasted. Rule R220 asks for it.
    ///
    /// By lines, because a value that is a whole line of a script, or all of it, is meant as a program.
    pub(super) fn is_pasted(self, text: &str) -> bool {
        let is_word =
            |piece: Piece<'_>| matches!(piece, Piece::Text(text) if text.contains(char::is_alphanumeric));
        let is_raw = |piece: Piece<'_>| matches!(piece, Piece::Slot(index) if self.is_raw(index));
        text.lines().any(|line| pieces(line).any(is_word) && pieces(line).any(is_raw))
    }

    /// Whether the value of a slot is in its text as it was set, and not as one quoted word.
    fn is_raw(self, index: usize) -> bool {
        let origin = self.get(index).and_then(|binding| binding.origin);
        origin.and_then(|id| self.session.origin(id)).is_some_and(|origin| origin.raw)
    }

    /// Reports that a place needs a value and has none; nothing, if the reason was reported already.
    pub(super) fn report_absent(self, absent: Option<Absent>, span: Span, place: &str) {
        let Some(Absent { path, removed }) = absent else { return };
        let finding =
            Diagnostic::error(Code::T006, format!("{place} needs a value, and `{path}` is not set"));
        let help = "set it, give it a default (`{{ … | default(…) }}`), or put the place into `{% if … is defined %}`";
        let finding = finding.at(self.session.resolve(span), "this has no value").help(help);
        self.session.report(finding.due_to(removed));
    }

    /// A slot that is spelled with escapes, `"\uFDD0…"`, is no slot of ours. It passes the check of the source's text,
    /// so a quoted scalar is looked at again once its escapes are read.
    ///
    /// # Errors
    /// S002.
    pub(super) fn refuse_escaped_slots(self, text: &str, span: Span) -> Outcome<()> {
        // Escapes make more characters out of fewer. A slot that is written as it is stands in both texts.
        let written = self.session.text(span).matches(SLOT_OPEN).count();
        if text.matches(SLOT_OPEN).count() <= written {
            return Ok(());
        }
        let message = "the noncharacter U+FDD0 is reserved, and an escape writes it here";
        let finding = Diagnostic::error(Code::S002, message).at(self.session.resolve(span), "in this text");
        Err(self.session.report(finding.help("let the text come from a value: there it is data")))
    }
}
