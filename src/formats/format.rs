//! The formats by name, as `--format` and its kin take them, and the choice of a writer.

use std::str::FromStr;

use super::github::write_github;
use super::gitlab::write_gitlab;
use super::human::{Style, Summary, write_short, write_with_summary};
use super::json::write_json;
use super::junit::write_junit;
use super::sarif::write_sarif;
use crate::diagnostic::nearest;
use crate::session::Session;

/// A form of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: excerpts, drawn as compilers draw them.
    Human,
    /// A line each.
    Short,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// A JUnit report.
    Junit,
}

/// Every format with its name.
pub const FORMATS: &[(&str, Format)] = &[
    ("human", Format::Human),
    ("short", Format::Short),
    ("json", Format::Json),
    ("sarif", Format::Sarif),
    ("github", Format::Github),
    ("gitlab", Format::Gitlab),
    ("junit", Format::Junit),
];

/// Everything that was reported, in a format. `style` and `summary` are for people alone.
pub fn write(session: &Session, format: Format, style: Style, summary: &Summary) -> String {
    match format {
        Format::Human => write_with_summary(session, style, summary),
        Format::Short => write_short(session),
        Format::Json => write_json(session),
        Format::Sarif => write_sarif(session),
        Format::Github => write_github(session),
        Format::Gitlab => write_gitlab(session),
        Format::Junit => write_junit(session),
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) {
            return Ok(*format);
        }
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? "),
            None => String::new(),
        };
        Err(format!("{hint}the formats are {}", names.join(", ")))
    }
}
