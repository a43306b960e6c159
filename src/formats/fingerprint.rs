//! A finding's fingerprint: the same in the next run although lines were added above it.
//!
//! Code scanning and GitLab know a finding of an earlier run by it. So a line number must not be in it, and the text of the line is.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::excerpt::MaskedTexts;
use super::finding::{Location, NO_LOCATION};
use crate::diagnostic::Diagnostic;
use crate::session::Session;

/// Gives each finding of a run a fingerprint of its own.
pub(super) struct Fingerprints<'s> {
    texts: MaskedTexts<'s>,
    /// How often each digest was given.
    given: BTreeMap<String, usize>,
}

/// So many bytes of the digest are kept: 32 hexadecimal digits, as GitLab's own reports have.
const LENGTH: usize = 16;

impl<'s> Fingerprints<'s> {
    pub(super) fn new(session: &'s Session) -> Self {
        Fingerprints { texts: MaskedTexts::new(session), given: BTreeMap::new() }
    }

    /// The first bytes of a SHA-256 of the code, the message, the file and the line as writers may show it, in hexadecimal.
    ///
    /// Findings that have all of these in common are counted, from the second on: `…-2`. So the order of calls is that of the
    /// findings. The line is masked, as a digest of a short secret could be guessed.
    pub(super) fn of(&mut self, finding: &Diagnostic, location: Option<&Location>) -> String {
        let (file, line) = match location {
            Some(location) => (location.file.as_str(), self.line(location)),
            None => (NO_LOCATION, String::new()),
        };
        let parts = [finding.code.id, &finding.message, file, &line].join("\0");
        let digest = Sha256::digest(parts.as_bytes());
        let short: String = digest.iter().take(LENGTH).map(|byte| format!("{byte:02x}")).collect();
        let count = self.given.entry(short.clone()).or_default();
        *count += 1;
        if *count == 1 { short } else { format!("{short}-{count}") }
    }

    fn line(&mut self, location: &Location) -> String {
        let text = self.texts.get(location.span.source);
        text.line_at(location.span.start as usize).trim().to_owned()
    }
}
