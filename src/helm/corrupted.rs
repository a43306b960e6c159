//! What Helm's reading of values corrupts, as findings: no run of Helm says so.

use super::yaml::{Note, NoteKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;

/// Warns of what Helm takes for something else than what was written.
pub fn report(session: &Session, notes: &[Note]) {
    for note in notes {
        let Note { kind, span, written, became } = note;
        let (message, help) = match kind {
            NoteKind::LostDigits => {
                (format!("Helm reads `{written}` as {became}: a number keeps 53 bits"), "put it in quotes")
            }
            NoteKind::Rewritten => {
                (format!("Helm reads `{written}` as {became}"), "put it in quotes if its form counts")
            }
            NoteKind::Radix => (
                format!("Helm reads `{written}` as the number {became}"),
                "put it in quotes if it is not a number",
            ),
            NoteKind::Underscores => (
                format!("Helm reads `{written}` as the number {became}"),
                "put it in quotes, or leave out the `_`",
            ),
            NoteKind::Word => (
                format!("Helm reads `{written}` as the boolean {became}"),
                "write `true` or `false`, or put it in quotes",
            ),
            NoteKind::Key => {
                (format!("Helm reads the key `{written}` as `{became}`"), "put the key in quotes")
            }
            NoteKind::Duplicate => (
                format!("the key `{written}` stands here for the second time, and Helm takes the last one"),
                "keep one of them",
            ),
            NoteKind::Dropped => (
                format!("Helm does not read `{written}`: the values end before it"),
                "indent it as the keys before it",
            ),
            NoteKind::Merge => (
                format!("what is merged after it (`<<`) takes the place of the key `{written}` in Helm"),
                "write the merge before the key",
            ),
            NoteKind::Tag => {
                session.hide(*span);
                (
                    "Helm reads this as a tag, which it does not know: only what is behind it is the value, as a text"
                        .to_owned(),
                    "put the value in quotes if the `!` is a part of it, and else leave the tag out",
                )
            }
        };
        session.report(Diagnostic::warning(Code::H010, message).at(*span, "written here").help(help));
    }
}
