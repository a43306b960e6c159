//! Replacements that findings are certain of, for what stands in a file as it was read.

use crate::diagnostic::Diagnostic;
use crate::kube::api::table::Shape;
use crate::session::Session;
use crate::source::{SourceKind, Span};
use crate::yaml::Node;

/// Whether a place is in a file, and not in what a template printed.
pub(super) fn is_in_file(session: &Session, span: Span) -> bool {
    let source = session.source(span.source);
    source.kind == SourceKind::File && !source.hides_in(span.range())
}

/// Whether a key or a plain scalar is written in a file as it is called.
pub(super) fn is_written(session: &Session, span: Span, text: &str) -> bool {
    is_in_file(session, span) && session.text(span) == text
}

/// Adds a word in the place of another one; quotes stay.
pub(super) fn with_word(session: &Session, finding: Diagnostic, node: &Node, near: &str) -> Diagnostic {
    let Some(text) = node.as_str().filter(|_| is_in_file(session, node.span)) else { return finding };
    let written = session.text(node.span);
    let Some((before, after)) = written.split_once(text) else { return finding };
    match (before, after) {
        ("", "") | ("\"", "\"") | ("'", "'") => {
            finding.guess(node.span, &written, format!("{before}{near}{after}"))
        }
        _ => finding,
    }
}

/// Adds quotes around a plain scalar.
pub(super) fn in_quotes(session: &Session, finding: Diagnostic, node: &Node) -> Diagnostic {
    let written = session.text(node.span);
    let is_simple = !written.is_empty() && !written.contains(['"', '\\', '\n']);
    match is_simple && is_in_file(session, node.span) {
        true => finding.patch(node.span, format!("\"{written}\"")),
        false => finding,
    }
}

/// Takes the quotes off a number or a boolean.
pub(super) fn without_quotes(
    session: &Session,
    finding: Diagnostic,
    node: &Node,
    expected: Shape,
) -> Diagnostic {
    let Some(text) = node.as_str().filter(|_| is_in_file(session, node.span)) else { return finding };
    let fits = match expected {
        Shape::Boolean => matches!(text, "true" | "false"),
        // As it would be printed: leading zeros make another number of it for some readers.
        _ => text.parse::<i64>().is_ok_and(|number| number.to_string() == text),
    };
    let written = session.text(node.span);
    let is_quoted = written == format!("\"{text}\"") || written == format!("'{text}'");
    if fits && is_quoted { finding.patch(node.span, text) } else { finding }
}
