//! Tags: what `!!str`, `!!int` and their like make of a value. All others are refused.
//!
//! A tag of an application (`!Ref`, `!vault`) asks for a program that knows it. Leaving it out would change what the document says.

use granit_parser::Tag;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::Span;
use crate::yaml::scalar::{Kind, parse_float, resolve_core};

/// The kind of a scalar with a tag. The tag must fit the text: `!!int 1.5` is refused, not rounded.
///
/// # Errors
/// Y005.
pub(super) fn scalar_kind(session: &Session, tag: &Tag, text: &str, span: Span) -> Outcome<Kind> {
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
    kind.ok_or_else(|| unknown(session, tag, span))
}

/// Refuses a list or a map with a tag other than the `expected` one, `seq` or `map`.
///
/// # Errors
/// Y005.
pub(super) fn check_collection(
    session: &Session,
    tag: Option<&Tag>,
    expected: &str,
    span: Span,
) -> Outcome<()> {
    match tag {
        Some(tag) if tag.core_suffix() != Some(expected) => Err(unknown(session, tag, span.first_byte())),
        _ => Ok(()),
    }
}

fn unknown(session: &Session, tag: &Tag, span: Span) -> Reported {
    let message = format!("the tag `{}` has no meaning here", tag.original());
    let help =
        "remove it; `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq` are understood";
    session.report(Diagnostic::error(Code::Y005, message).at(span, "on this value").help(help))
}
