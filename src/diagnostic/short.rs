//! Findings for editors and `grep`: a line each.

use super::place::main_place;
use super::{Diagnostic, escaped, unique};
use crate::session::Session;

/// A line for each finding, `path:line:column: error[K003]: message`; `plimsoll` stands for the place of one that has
/// none. Control characters are written out, so a finding never takes two lines.
pub fn write_short(session: &Session) -> String {
    unique(session).iter().map(|finding| line(session, finding) + "\n").collect()
}

pub(super) fn line(session: &Session, finding: &Diagnostic) -> String {
    let place = match main_place(session, finding) {
        Some(place) => format!("{}:{}:{}", escaped(&place.file), place.line, place.column),
        None => "plimsoll".to_owned(),
    };
    format!("{place}: {}[{}]: {}", finding.level, finding.code, escaped(&finding.message))
}
