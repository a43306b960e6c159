//! What a person may do about many findings: where most of the errors are.

use std::collections::BTreeSet;

use crate::diagnostic::Level;
use crate::session::Session;
use crate::source::SourceKind;

/// Names of folders whose manifests are mostly not applied: what tests read, and often wrong on purpose, samples, copies.
const FOLDERS: &[&str] = &[
    "testdata",
    "test-data",
    "fixtures",
    "tests",
    "test",
    "e2e",
    "examples",
    "samples",
    "docs",
    "archive",
    "archived",
    "_archived",
    "vendor",
    "third_party",
];

/// Fewer errors than this are looked at one by one.
const MIN_ERRORS: usize = 10;

/// Folders of one name that have most of the errors of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrowdedFolders {
    /// Their name.
    pub name: &'static str,
    /// How many errors are below them.
    pub errors: usize,
    /// How many there are.
    pub all: usize,
}

/// The folders of one well-known name that at least half of many errors are below.
pub fn crowded_folders(session: &Session) -> Option<CrowdedFolders> {
    let findings = session.diagnostics();
    let errors = findings.iter().filter(|finding| finding.level == Level::Error);
    let mut counts = vec![0; FOLDERS.len()];
    let mut all = 0;
    for error in errors {
        all += 1;
        let Some(label) = error.primary() else { continue };
        let source = session.source(session.resolve(label.span).source);
        if source.kind != SourceKind::File {
            continue;
        }
        let parts: BTreeSet<&str> = source.name.split(['/', '\\']).collect();
        for (name, count) in FOLDERS.iter().zip(&mut counts) {
            *count += usize::from(parts.contains(name));
        }
    }
    let most = counts.iter().copied().max().filter(|most| *most >= MIN_ERRORS && 2 * most >= all)?;
    let index = counts.iter().position(|count| *count == most)?;
    Some(CrowdedFolders { name: FOLDERS[index], errors: most, all })
}
