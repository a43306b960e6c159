//! What a chart is: metadata, templates, presets, CRDs; from a folder or bundled.

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// A chart that has been opened.
#[derive(Debug)]
pub struct Chart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what it installs.
    pub app_version: String,
    /// What it is, in one line.
    pub description: String,
    /// The presets by name.
    pub presets: IndexMap<String, SourceId>,
    /// The values schema.
    pub schema: Option<SourceId>,
}

/// A chart that is built into the program.
#[derive(Debug)]
pub struct Bundled {
    /// Its name.
    pub name: &'static str,
}

/// The charts that are built in.
pub fn bundled() -> impl Iterator<Item = &'static Bundled> {
    [].iter()
}

/// Opens a bundled chart by name, or a folder.
pub fn open(session: &Session, name: &str) -> Outcome<Chart> {
    Err(session.report(Diagnostic::error(Code::C001, format!("there is no chart `{name}`"))))
}
