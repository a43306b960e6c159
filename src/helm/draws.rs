//! What chance or the clock has made of what templates print: the real Helm would make something else each time.

use super::documents::Document;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::Span;

/// Where a document has a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// In a Secret, or a key, a certificate or a hash: it must be nobody's guess.
    Secret(Span),
    /// Elsewhere.
    Other(Span),
}

/// How keys, certificates and hashes of passwords begin, also in Base64.
const SECRETS: [&[u8]; 6] = [b"-----BEGIN ", b"LS0tLS1CRUdJTi", b"$2a$", b"$2y$", b"{SHA}", b"$apr1$"];

/// The draw that a document has; the one that matters more, if there are several.
pub fn draw(document: &Document) -> Option<Draw> {
    let text = &document.text;
    let mut drawn = text.segments().filter(|(_, origin)| origin.drawn).peekable();
    drawn.peek()?;
    // It is read for that, so only where it has to be.
    let is_of_secret = document.kind() == "Secret";
    let mut found = None;
    for (range, origin) in drawn {
        let bytes = text.as_bytes().get(range).unwrap_or_default();
        let is_secret = is_of_secret
            || SECRETS.iter().any(|start| bytes.windows(start.len()).any(|window| window == *start));
        if is_secret {
            return Some(Draw::Secret(origin.template));
        }
        found.get_or_insert(Draw::Other(origin.template));
    }
    found
}

/// Refuses or warns of a draw.
pub fn report(session: &Session, draw: Draw) {
    match draw {
        Draw::Secret(span) => {
            let message =
                "this is drawn by chance, and there is no chance here: everybody would get the same secret";
            let help = "set the value that the chart has for it, or give `--seed-file FILE` with a secret of your own";
            session.report(Diagnostic::error(Code::H011, message).at(span, "drawn here").help(help));
        }
        Draw::Other(span) => {
            let message =
                "this is drawn by chance or from the clock: Helm would make something else each time";
            let help = "set the value that the chart has for it, if there is one; here it is always the same";
            session.report(Diagnostic::warning(Code::H011, message).at(span, "drawn here").help(help));
        }
    }
}
