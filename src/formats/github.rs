//! Findings as workflow commands of GitHub Actions, which become annotations of a change.
//!
//! The syntax is that of "Workflow commands for GitHub Actions", a line each. The runner finds them in the output of a
//! job:
//!
//! ```text
//! ::error file=values/prod.yaml,line=3,endLine=3,col=11,endColumn=14,title=K003%3A a field …::`replicas` must …%0Awrite …
//! ```
//!
//! A message becomes an annotation at its file and line, with the line breaks that `%0A` stands for.

use super::finding::{FileOrigin, Location, advice, unique_findings};
use crate::diagnostic::Diagnostic;
use crate::session::Session;
use crate::source::escaped;

/// A workflow command for each finding. One that is in no file of the user's, such as a flag, has no `file`; its
/// message names the place.
pub fn write_github(session: &Session) -> String {
    unique_findings(session).iter().map(|finding| command_of(session, finding)).collect()
}

/// A workflow command that is no finding, with its line break: `level` is `notice`, `warning` or `error`. `title` is a
/// text of the program's own; `file` and `text` may hold anything.
pub fn github_command(level: &str, file: Option<&str>, title: &str, text: &str) -> String {
    let mut properties = Vec::new();
    if let Some(file) = file {
        properties.push(("file", escaped(file)));
    }
    properties.push(("title", title.to_owned()));
    command(level, &properties, text)
}

/// The command of one finding. Its level is `error` or `warning`, which GitHub calls alike.
fn command_of(session: &Session, finding: &Diagnostic) -> String {
    let location =
        Location::reviewable(session, finding).filter(|location| location.origin == FileOrigin::Disk);
    let mut properties = Vec::new();
    let mut text = String::new();
    match &location {
        Some(location) => properties = position(location),
        // Without a file there is no annotation, so the message has to say where.
        None => {
            if let Some(Location { file, line, column, .. }) = Location::primary(session, finding) {
                text = format!("{}:{line}:{column}: ", escaped(&file));
            }
        }
    }
    // The title is the heading of an annotation, so it is the same for all findings of a code; the message has what is
    // particular.
    properties.push(("title", format!("{}: {}", finding.code, finding.code.title)));
    text.push_str(&escaped(&finding.message));
    for line in advice(finding) {
        text.push('\n');
        text.push_str(&line);
    }
    command(&finding.level.to_string(), &properties, &text)
}

/// The properties that say where.
fn position(location: &Location) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        ("file", escaped(location.repository_path())),
        ("line", location.line.to_string()),
        ("endLine", location.end_line.to_string()),
        ("col", location.column.to_string()),
    ];
    // GitHub takes an end column for ranges within one line only.
    if location.line == location.end_line {
        properties.push(("endColumn", location.end_column.to_string()));
    }
    properties
}

/// A command in GitHub's syntax; properties and text are encoded here.
fn command(level: &str, properties: &[(&str, String)], text: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", escaped_property(value))).collect();
    format!("::{level} {}::{}\n", properties.join(","), escaped_data(text))
}

/// A command's message, percent-encoded: GitHub decodes these three and nothing else.
fn escaped_data(text: &str) -> String {
    // The percent sign first: the others bring new ones.
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a command's property: besides, `:` would end the properties and `,` the property.
fn escaped_property(text: &str) -> String {
    escaped_data(text).replace(':', "%3A").replace(',', "%2C")
}
