//! The formats that findings can be written in, by name.

use std::str::FromStr;

use super::human::write_closing;
use super::{Style, nearest, write_github, write_gitlab, write_json, write_junit, write_sarif, write_short};
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

/// What findings for people end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Counts of findings, if there are any, and what errors kept from being done, such as `rendered`.
    Undone(&'static str),
    /// Counts of files and findings, always.
    Linted {
        /// Files that were looked at.
        files: usize,
        /// What to know besides, a phrase each.
        notes: Vec<String>,
    },
}

/// Everything that was reported, in a format.
pub fn write(session: &Session, format: Format, style: Style, closing: &Closing) -> String {
    match format {
        Format::Human => write_closing(session, style, closing),
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
        let near = nearest(name, names.iter().copied()).map(|near| format!("did you mean `{near}`? "));
        Err(format!("{}the formats are {}", near.unwrap_or_default(), names.join(", ")))
    }
}
