//! Findings for editors and `grep`: a line each.

use super::finding::{Location, unique_findings};
use crate::diagnostic::Diagnostic;
use crate::session::Session;
use crate::source::escaped;

/// A line for each finding, `path:line:column: error[K003]: message`; `plimsoll` stands for the place of one that has
/// none. Control characters are written out, so a finding never takes two lines.
pub fn write_short(session: &Session) -> String {
    let mut text = String::new();
    for finding in unique_findings(session) {
        text.push_str(&short_line(session, &finding));
        text.push('\n');
    }
    text
}

/// The line of one finding, without its break.
pub(super) fn short_line(session: &Session, finding: &Diagnostic) -> String {
    let location = match Location::primary(session, finding) {
        Some(location) => format!("{}:{}:{}", escaped(&location.file), location.line, location.column),
        // As `gcc` and `make` do: the name of the program in the place of a file.
        None => "plimsoll".to_owned(),
    };
    format!("{location}: {}[{}]: {}", finding.level, finding.code, escaped(&finding.message))
}
