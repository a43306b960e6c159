//! Findings as workflow commands of GitHub Actions, which become annotations of a change.

use super::place::{Home, Place, main_place, visible_place};
use super::{Diagnostic, escaped, unique};
use crate::session::Session;

/// A workflow command for each finding. One that is in no file of the user's, such as a flag, has no `file`; its message names the place.
pub fn write_github(session: &Session) -> String {
    unique(session).iter().map(|finding| command(session, finding)).collect()
}

fn command(session: &Session, finding: &Diagnostic) -> String {
    let shown = visible_place(session, finding).filter(|place| place.home == Home::Disk);
    let mut properties = shown.as_ref().map(position).unwrap_or_default();
    properties.push(("title", format!("{}: {}", finding.code, finding.code.title)));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    let text = text(session, finding, shown.is_some());
    format!("::{} {}::{}\n", finding.level, properties.join(","), data(&text))
}

/// A workflow command that is no finding: `level` is `notice`, `warning` or `error`.
pub fn github_command(level: &str, file: Option<&str>, title: &str, text: &str) -> String {
    let file = file.map(|file| format!("file={},", property(&escaped(file)))).unwrap_or_default();
    format!("::{level} {file}title={}::{}\n", property(title), data(text))
}

fn position(place: &Place) -> Vec<(&'static str, String)> {
    let name = place.file.strip_prefix("./").unwrap_or(&place.file);
    let mut properties = vec![
        ("file", escaped(name)),
        ("line", place.line.to_string()),
        ("endLine", place.end_line.to_string()),
        ("col", place.column.to_string()),
    ];
    // GitHub takes an end column for ranges within one line only.
    if place.line == place.end_line {
        properties.push(("endColumn", place.end_column.to_string()));
    }
    properties
}

/// The message with what to do, a line each; the place comes first where there is no file to show.
fn text(session: &Session, finding: &Diagnostic, located: bool) -> String {
    let place = main_place(session, finding).filter(|_| !located);
    let place = place.map(|place| format!("{}:{}:{}: ", escaped(&place.file), place.line, place.column));
    let message = place.unwrap_or_default() + &escaped(&finding.message);
    let rest = finding.notes.iter().chain(&finding.help).map(|line| escaped(line));
    std::iter::once(message).chain(rest).collect::<Vec<_>>().join("\n")
}

/// What a command's message may hold.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What the value of a command's property may hold.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
