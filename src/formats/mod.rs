//! The formats that findings are written in: one writer each.
//!
//! | `--format` | file | read by |
//! |---|---|---|
//! | `human`, `short` | `human.rs` | people; editors and `grep` |
//! | `json` | `json.rs` | programs |
//! | `sarif` | `sarif.rs` | code scanning, editors |
//! | `github` | `github.rs` | GitHub Actions |
//! | `gitlab` | `gitlab.rs` | GitLab's merge requests |
//! | `junit` | `junit.rs` | test reports of CI systems |
//!
//! `tested.rs` has what tests of a chart came to, which `human`, `json` and `junit` show besides.
//!
//! `baseline.rs` writes findings down that are accepted for now, and tells new ones from them.
//!
//! This file has the names and chooses the writer. All writers build on `finding.rs`, those that show sources on
//! `excerpt.rs`:
//!
//! ```text
//! session ─► finding    each finding once, its location, its fingerprint ─► all writers
//!         ─► excerpt    lines of a source, masked, escaped and cut ───────► human; fingerprints
//! ```
//!
//! A writer makes one text of everything that a session has reported. Findings are not written as they are found,
//! because duplicates are left out and a summary stands at the end. Whatever the format:
//!
//! * each finding is written once, in the order of reporting (`finding.rs`);
//! * a place in a rendered text is shown in the template that it came from;
//! * secrets are masked, and no control character of the input comes through as it is (`excerpt.rs`,
//!   [`escaped`](crate::source::escaped));
//! * lines and columns count from 1, and columns are characters.

mod baseline;
mod encode;
mod excerpt;
mod finding;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod sarif;
mod tested;
#[cfg(test)]
mod tests;

pub use baseline::{Baseline, Known, write_baseline};
pub use encode::{json_text, visible_json};
pub use github::{github_command, write_github};
pub use gitlab::write_gitlab;
pub use human::{Detail, Style, Summary, frequent_rules, write_human, write_short};
pub use json::write_json;
pub use junit::write_junit;
pub use sarif::write_sarif;
pub use tested::{Tested, TestedCase};

use std::str::FromStr;

use self::finding::{count, unique_findings};
use self::human::write_with_summary;
use self::json::write_json_with;
use self::junit::write_junit_of_tests;
use crate::diagnostic::{Level, nearest};
use crate::session::Session;

/// A form of findings, as `--format` takes it.
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

/// Every format with its name, in the order in which help lists them. A new one has a row here and an arm in
/// [`write()`].
pub const FORMATS: &[(&str, Format)] = &[
    ("human", Format::Human),
    ("short", Format::Short),
    ("json", Format::Json),
    ("sarif", Format::Sarif),
    ("github", Format::Github),
    ("gitlab", Format::Gitlab),
    ("junit", Format::Junit),
];

/// How many findings there are, each counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// What stops a run.
    pub errors: usize,
    /// What does not.
    pub warnings: usize,
}

/// Counts what was reported.
pub fn count_findings(session: &Session) -> Counts {
    let findings = unique_findings(session);
    Counts { errors: count(&findings, Level::Error), warnings: count(&findings, Level::Warning) }
}

/// Everything that was reported, in a format. `style`, `detail` and `summary` are for people alone.
///
/// The text ends in a line break, or is empty: where nothing was reported, the formats for people and GitHub say
/// nothing, but an empty file would be no JSON and no XML.
pub fn write(session: &Session, format: Format, style: Style, detail: Detail, summary: &Summary) -> String {
    let tested = match summary {
        Summary::Tests(tested) => Some(tested),
        Summary::Findings { .. } | Summary::Lint { .. } => None,
    };
    match format {
        Format::Human => write_with_summary(session, style, detail, summary),
        Format::Short => write_short(session),
        Format::Json => write_json_with(session, tested),
        Format::Sarif => write_sarif(session),
        Format::Github => write_github(session),
        Format::Gitlab => write_gitlab(session),
        Format::Junit => match tested {
            Some(tested) => write_junit_of_tests(session, tested),
            None => write_junit(session),
        },
    }
}

/// Reads the name of a format; the error names the nearest one, and all of them.
impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) {
            return Ok(*format);
        }
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        // All formats are named in any case, as a wrong name may be near to none.
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? "),
            None => String::new(),
        };
        Err(format!("{hint}the formats are {}", names.join(", ")))
    }
}
