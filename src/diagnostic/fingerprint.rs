//! A finding's fingerprint: the same in the next run although lines were added above it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Diagnostic;
use super::excerpt::Masked;
use super::place::{NOWHERE, Place};
use crate::session::Session;
use crate::source::SourceId;

/// Gives each finding of a run a fingerprint of its own.
pub(super) struct Fingerprints<'s> {
    session: &'s Session,
    masked: BTreeMap<SourceId, Masked>,
    given: BTreeMap<String, usize>,
}

impl<'s> Fingerprints<'s> {
    pub(super) fn new(session: &'s Session) -> Self {
        Fingerprints { session, masked: BTreeMap::new(), given: BTreeMap::new() }
    }

    /// A digest of the code, the message, the file and the line as writers may show it, without its number. Findings
    /// that have all of these in common are counted.
    pub(super) fn of(&mut self, finding: &Diagnostic, place: Option<&Place>) -> String {
        let line = place.map(|place| self.line(place)).unwrap_or_default();
        let file = place.map_or(NOWHERE, |place| &place.file);
        let parts = [finding.code.id, &finding.message, file, &line].join("\0");
        let digest = Sha256::digest(parts.as_bytes());
        let short: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let count = self.given.entry(short.clone()).or_default();
        *count += 1;
        if *count == 1 { short } else { format!("{short}-{count}") }
    }

    fn line(&mut self, place: &Place) -> String {
        let text = || Masked::new(self.session.source(place.span.source).masked_text());
        let masked = self.masked.entry(place.span.source).or_insert_with(text);
        masked.line_at(place.span.start as usize).trim().to_owned()
    }
}
