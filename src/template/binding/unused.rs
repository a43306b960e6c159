//! A value that was printed and never reached a document is an error (T007), never a silent loss.
//!
//! That happens where the text of a set block or a macro, in which the value was printed, is not printed itself.

use std::collections::BTreeSet;

use super::binder::RenderedTemplate;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Bound, SLOT_CLOSE, SLOT_OPEN, comments};

/// Reports the bindings that no document used, once the rendered text has been read. Comments may hold values.
pub fn refuse_unused(session: &Session, rendered: &RenderedTemplate) {
    let is_lost = |slot: &usize| {
        let binding = &rendered.bindings[*slot];
        // What failed was reported already.
        !binding.used.get() && !matches!(binding.bound, Bound::Failed)
    };
    let lost: Vec<usize> = (0..rendered.bindings.len()).filter(is_lost).collect();
    if lost.is_empty() {
        return;
    }
    // Comments are looked for only now: nearly no template gets here.
    let commented = commented_slots(session, rendered);
    for slot in lost.into_iter().filter(|slot| !commented.contains(slot)) {
        let origin = rendered.bindings[slot].origin.and_then(|id| session.origin(id));
        let place = origin.map_or_else(|| Span::new(rendered.source, 0, 1), |origin| origin.expression);
        let finding = Diagnostic::error(Code::T007, "this value never reached the document");
        let finding = finding.at(session.resolve(place), "printed here, and lost");
        session.report(
            finding.help("print the set block or macro that it stands in, or take the expression out"),
        );
    }
}

/// The slots inside comments of the rendered text and of its fragments, and all slots of fragments that are printed
/// inside a comment.
fn commented_slots(session: &Session, rendered: &RenderedTemplate) -> BTreeSet<usize> {
    let fragment = |slot: usize| match rendered.bindings.get(slot).map(|binding| &binding.bound) {
        Some(Bound::Fragment(source)) => Some(session.source(*source).text.clone()),
        _ => None,
    };
    let fragments = (0..rendered.bindings.len()).filter_map(fragment);
    let mut pending: Vec<usize> = Vec::new();
    for text in std::iter::once(session.source(rendered.source).text.clone()).chain(fragments) {
        pending.extend(comments(&text).iter().flat_map(|comment| slots_in(comment)));
    }
    let mut found = BTreeSet::new();
    // Fragments can be printed inside each other.
    while let Some(slot) = pending.pop() {
        if found.insert(slot) {
            pending.extend(fragment(slot).iter().flat_map(|text| slots_in(text)));
        }
    }
    found
}

/// The numbers of the slots in a text.
fn slots_in(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.split(SLOT_OPEN).skip(1).filter_map(|rest| rest.split(SLOT_CLOSE).next()?.parse().ok())
}
