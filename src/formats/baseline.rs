//! A baseline: the findings that a repository has accepted for now, as a file; what is new is told from it.
//!
//! ```text
//! # plimsoll baseline 1
//! 2f1d0c5e… R308 deploy/web.yaml the container `web` can write to its root file system
//! ```
//!
//! A line a finding, sorted, so that two branches merge well. Only the fingerprint counts; the rest is for people who read
//! the file. A fingerprint is made of the code, the message, the file and the text of the line, so a finding is known again
//! after lines have moved.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Fingerprints, Location, NO_LOCATION, unique_findings};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::escaped;

/// The first line of the file.
const HEAD: &str = "# plimsoll baseline 1";

/// The findings of a baseline, by their fingerprints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeSet<String>);

/// What a run has of a baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Findings that are in both, and were dropped.
    pub found: usize,
    /// Findings of the baseline that are there no more.
    pub gone: usize,
}

/// That a path cannot be read, or is nothing that can be linted, says nothing of a file, and is never accepted.
const NEVER_KNOWN: &[Code] = &[Code::S001, Code::L001, Code::L003, Code::C001];

impl Baseline {
    /// Reads the file.
    ///
    /// # Errors
    /// The number of the first line that is none of a baseline, from 1.
    pub fn read(text: &str) -> Result<Baseline, usize> {
        let mut lines = text.lines().enumerate();
        if !matches!(lines.next(), Some((_, HEAD))) {
            return Err(1);
        }
        let mut known = BTreeSet::new();
        for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
            let fingerprint = line.split(' ').next().unwrap_or_default();
            let is_fingerprint = fingerprint.len() >= 32
                && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            if !is_fingerprint {
                return Err(index + 1);
            }
            known.insert(fingerprint.to_owned());
        }
        Ok(Baseline(known))
    }

    /// The number of findings in it.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops the findings of a session that are in the baseline.
    pub fn drop_known(&self, session: &Session) -> Known {
        let fingerprints = fingerprints(session);
        let all: BTreeSet<&String> = fingerprints.values().collect();
        let found = self.0.iter().filter(|known| all.contains(known)).count();
        session.reword_since(0, |finding| {
            let fingerprint = fingerprints.get(&key(session, &finding));
            let is_known = fingerprint.is_some_and(|fingerprint| self.0.contains(fingerprint));
            (!is_known).then_some(finding)
        });
        Known { found, gone: self.len() - found }
    }
}

/// The file for all findings of a session, and the baseline that it holds.
pub fn write_baseline(session: &Session) -> (String, Baseline) {
    let fingerprints = fingerprints(session);
    let mut lines = BTreeSet::new();
    let mut known = BTreeSet::new();
    for finding in unique_findings(session) {
        let Some(fingerprint) = fingerprints.get(&key(session, &finding)) else { continue };
        let location = Location::reviewable(session, &finding);
        let file = location.as_ref().map_or(NO_LOCATION, Location::repository_path);
        lines.insert(format!(
            "{fingerprint} {} {} {}\n",
            finding.code,
            escaped(file),
            escaped(&finding.message)
        ));
        known.insert(fingerprint.clone());
    }
    let text: String = std::iter::once(format!("{HEAD}\n")).chain(lines).collect();
    (text, Baseline(known))
}

/// What tells a finding from all others of its session.
type Key = (&'static str, String, Vec<(String, u32, u32)>);

fn key(session: &Session, finding: &Diagnostic) -> Key {
    let place = |span: crate::source::Span| (session.source(span.source).name.clone(), span.start, span.end);
    let labels = finding.labels.iter().map(|label| place(label.span)).collect();
    (finding.code.id, finding.message.clone(), labels)
}

/// The fingerprints of what can be accepted.
fn fingerprints(session: &Session) -> BTreeMap<Key, String> {
    let mut fingerprints = Fingerprints::new(session);
    let mut found = BTreeMap::new();
    for finding in unique_findings(session) {
        if NEVER_KNOWN.contains(&finding.code) {
            continue;
        }
        let location = Location::reviewable(session, &finding);
        found.insert(key(session, &finding), fingerprints.of(&finding, location.as_ref()));
    }
    found
}
