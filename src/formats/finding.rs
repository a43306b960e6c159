//! What all writers take of findings: each finding once, its location in terms of files and lines, and its fingerprint.
//!
//! A finding has spans: bytes of a source. A writer needs what its reader can find, and there are two readers:
//!
//! * The user who runs the program sees every place as it is, be it in a file, a flag or a bundled template:
//!   [`Location::primary`].
//! * The reviewer of a change sees files of the repository alone. A finding whose place to edit is in no file, `--set`
//!   for example, is shown at the first of its labels that is in one: [`Location::reviewable`].

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::excerpt::MaskedTexts;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::secrets;
use crate::session::Session;
use crate::source::{SourceKind, Span, escaped};

/// What a session has to say, in the order of reporting, each finding once.
///
/// The same thing is found twice where a file is read twice, as lint does with a values file that belongs to two sets.
/// So findings are the same when they say the same of the same places by *name*, whatever the ids of the sources. The sets
/// of values with which it was found become a note of the one that stays.
pub(super) fn unique_findings(session: &Session) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut findings: Vec<Diagnostic> = Vec::new();
    for finding in session.diagnostics() {
        match seen.entry(identity(session, &finding)) {
            Entry::Vacant(entry) => {
                entry.insert(findings.len());
                findings.push(finding);
            }
            Entry::Occupied(first) => {
                let sets = &mut findings[*first.get()].sets;
                sets.extend(finding.sets.into_iter().filter(|set| !sets.contains(set)).collect::<Vec<_>>());
            }
        }
    }
    for finding in &mut findings {
        finding.notes.extend(sets_of(finding).map(|sets| format!("found with {sets}")));
    }
    redacted(session, findings)
}

/// Findings without what must not be shown in their words.
pub(super) fn redacted(session: &Session, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut texts = MaskedTexts::new(session);
    findings.iter_mut().for_each(|finding| redact(session, &mut texts, finding));
    findings
}

/// The sets of values with which a finding was found, for people: `` `a.yaml`, `b.yaml` and 3 more ``. None if it does not
/// depend on them.
pub(super) fn sets_of(finding: &Diagnostic) -> Option<String> {
    let shown: Vec<String> = finding.sets.iter().take(MAX_SETS).map(|set| format!("`{set}`")).collect();
    if shown.is_empty() {
        return None;
    }
    let more = finding.sets.len() - shown.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(shown.join(", ") + &rest)
}

/// Sets that a note names.
const MAX_SETS: usize = 4;

/// Takes out of a finding's words what must not be shown of the lines that it points at: some findings are reported
/// before it is known that a value is a secret, and name the value; and help may write a value in another way.
fn redact(session: &Session, texts: &mut MaskedTexts<'_>, finding: &mut Diagnostic) {
    // Wherever it was written: a path of an argument stands in no source.
    let words = [&mut finding.message].into_iter().chain(&mut finding.notes).chain(&mut finding.help);
    for text in words.chain(finding.labels.iter_mut().map(|label| &mut label.text)) {
        if let Cow::Owned(shown) = secrets::shown_sentence(text) {
            *text = shown;
        }
    }
    if let Some(patch) = &finding.patch {
        let span = session.resolve(patch.span);
        let range = span.range();
        if texts.get(span.source, range.clone()).at(range.clone())
            != session.source(span.source).text.get(range)
        {
            finding.patch = None;
        }
    }
    // The words of a chart were written before there was any value, and R217 names what holds a credential, not the
    // credential.
    if [Code::V107, Code::V110, Code::R217].contains(&finding.code) {
        return;
    }
    // Help is in words of our own, with examples; and what a place is in an object quotes names alone.
    let is_quoting = |text: &&String| !text.starts_with("this is ") && !text.starts_with("becomes ");
    let mut quoted = BTreeSet::new();
    let mut hidden = BTreeSet::new();
    for label in &finding.labels {
        let span = session.resolve(label.span);
        let source = session.source(span.source);
        let masked = texts.get(span.source, span.range());
        let first = masked.line_around(span.start as usize);
        let last = masked.line_around((span.end as usize).saturating_sub(1).max(span.start as usize));
        // A label may be of a whole document, of which a finding quotes no more than its beginning.
        let lines = first.start..last.end.min(first.end + MAX_LOOKED_AT).max(first.end);
        let lines = lines.start..source.text.floor_char_boundary(lines.end);
        let lines_start = lines.start;
        let (Some(shown), Some(written)) = (masked.at(lines.clone()), source.text.get(lines)) else {
            continue;
        };
        if shown == written {
            continue;
        }
        // Of a long line what is near to the label.
        let near = |text: &str, at: usize| {
            text.floor_char_boundary(at.clamp(lines_start, lines_start + text.len()) - lines_start)
        };
        let start = near(written, (span.start as usize).saturating_sub(MAX_LOOKED_AT));
        let end = near(written, (span.start as usize).saturating_add(MAX_LOOKED_AT)).max(start);
        if let (Some(written), Some(shown)) = (written.get(start..end), shown.get(start..end)) {
            hidden.extend(secrets::hidden_texts(written, shown));
        }
        let labels = finding.labels.iter().map(|label| &label.text).filter(is_quoting);
        let words = labels.chain([&finding.message]);
        for word in words.chain(&finding.notes).flat_map(|text| quoted_words(text)) {
            let word = word.trim_end_matches('…');
            if word.len() > 1 && written.contains(word) && !shown.contains(word) {
                quoted.insert(word.to_owned());
            }
        }
    }
    if quoted.is_empty() && hidden.is_empty() {
        return;
    }
    let clean = |text: &mut String| {
        for word in &quoted {
            *text = text.replace(&format!("`{word}`"), "`***`").replace(&format!("`{word}…`"), "`***`");
        }
        // The longest first: one may be the beginning of another.
        for hidden in &hidden {
            *text = hidden.taken_out_of(text);
        }
    };
    clean(&mut finding.message);
    finding.notes.iter_mut().for_each(clean);
    finding.help.iter_mut().for_each(clean);
    finding
        .labels
        .iter_mut()
        .filter(|label| is_quoting(&&label.text))
        .for_each(|label| clean(&mut label.text));
    if let Some(patch) = &finding.patch {
        let mut replacement = patch.replacement.clone();
        clean(&mut replacement);
        if replacement != patch.replacement {
            finding.patch = None;
        }
    }
}

/// Bytes around the beginning of a label, and behind its first line, in which the texts are looked for that must not be shown.
const MAX_LOOKED_AT: usize = 16 << 10;

/// What stands between backticks in a text.
fn quoted_words(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).filter(|quoted| !quoted.is_empty())
}

/// What two findings have in common that say the same: code, message, and all labels. Notes and help
/// explain what is said there, and do not count.
fn identity(session: &Session, finding: &Diagnostic) -> Vec<String> {
    let mut parts = vec![finding.code.id.to_owned(), finding.message.clone()];
    for label in &finding.labels {
        let Span { source, start, end } = label.span;
        // By name and not by id: a file that is read for two sets is two sources.
        let name = &session.source(source).name;
        // A null byte is in no name of a file, so no two places give the same text.
        parts.push(format!("{name}\0{start}\0{end}\0{}", label.text));
    }
    parts
}

/// How many findings have this level.
pub(super) fn count(findings: &[Diagnostic], level: Level) -> usize {
    findings.iter().filter(|finding| finding.level == level).count()
}

/// The notes and then the help of a finding, escaped, a line each.
pub(super) fn advice(finding: &Diagnostic) -> impl Iterator<Item = String> + '_ {
    finding.notes.iter().chain(&finding.help).map(|line| escaped(line))
}

/// A range of a text. Lines and columns count from 1, columns in characters, ends are exclusive.
///
/// Its JSON is a part of the format `json`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    /// The source's name: a path as it was given, or a description such as `--set (flag 1)` of what is no file. Not
    /// escaped.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    #[serde(skip)]
    pub(super) origin: FileOrigin,
    /// The same range in bytes, in the template if the text was rendered from one.
    #[serde(skip)]
    pub(super) span: Span,
}

/// Whether a text can be opened under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileOrigin {
    /// A file of the user's.
    Disk,
    /// A file that is built into the program.
    BuiltIn,
    /// A flag or standard input.
    Input,
}

/// The name that stands for the location of a finding without one: it is about what was asked for.
pub(super) const NO_LOCATION: &str = "(command line)";

impl Location {
    /// The location of a span, in the template if the text was rendered from one: users do not see the rendered text.
    pub(super) fn of(session: &Session, span: Span) -> Location {
        let span = session.resolve(span);
        // Of the source and not of its masked text: masking by bytes changes how many characters a line has.
        let source = session.source(span.source);
        let (line, column) = source.line_column(span.start as usize);
        let (end_line, end_column) = source.line_column(span.end as usize);
        let origin = match source.kind {
            SourceKind::File => FileOrigin::Disk,
            SourceKind::Bundled => FileOrigin::BuiltIn,
            // A derived text has been resolved above, unless its source map does not know the place.
            SourceKind::Stdin | SourceKind::Flag | SourceKind::Derived(_) => FileOrigin::Input,
        };
        Location { file: source.name.clone(), line, column, end_line, end_column, origin, span }
    }

    /// The place to edit; the first one that is known for findings that name none. None for a finding without labels,
    /// which is about what was asked for and not about a text.
    pub(super) fn primary(session: &Session, finding: &Diagnostic) -> Option<Location> {
        let label = finding.primary().or(finding.labels.first())?;
        Some(Location::of(session, label.span))
    }

    /// The location that a reviewer can be shown: the place to edit if it is in a file of the user's, else the first
    /// place that is, else the place to edit.
    ///
    /// GitHub, GitLab and code scanning annotate files of a repository, and a flag or a bundled template is none.
    pub(super) fn reviewable(session: &Session, finding: &Diagnostic) -> Option<Location> {
        let primary = Location::primary(session, finding)?;
        if primary.origin == FileOrigin::Disk {
            return Some(primary);
        }
        let mut others = finding.labels.iter().map(|label| Location::of(session, label.span));
        Some(others.find(|location| location.origin == FileOrigin::Disk).unwrap_or(primary))
    }

    /// The file's name without a leading `./`: tools that annotate files of a repository compare names with those of
    /// git.
    pub(super) fn repository_path(&self) -> &str {
        self.file.strip_prefix("./").unwrap_or(&self.file)
    }
}

/// Gives each finding of a run a fingerprint of its own: the same in the next run although lines were added above it.
///
/// Readers of a report, GitLab for example, recognize a finding of an earlier run by it. So it is made of the text of
/// the line, and not of its number.
pub(super) struct Fingerprints<'s> {
    texts: MaskedTexts<'s>,
    /// How often each digest was given.
    given: BTreeMap<String, usize>,
}

/// So many bytes of the digest are kept: 32 hexadecimal digits, as GitLab's own reports have.
const FINGERPRINT_BYTES: usize = 16;

impl<'s> Fingerprints<'s> {
    /// For one report, in which each fingerprint is unique.
    pub(super) fn new(session: &'s Session) -> Self {
        Fingerprints { texts: MaskedTexts::new(session), given: BTreeMap::new() }
    }

    /// The first bytes of a SHA-256 of the code, the message, the file and the line as writers may show it, in
    /// hexadecimal.
    ///
    /// Findings that have all of these in common get a number, from the second on: `…-2`. So the calls must be in the
    /// order of the findings. The line is masked, as a short secret could be guessed from its digest.
    pub(super) fn of(&mut self, finding: &Diagnostic, location: Option<&Location>) -> String {
        let (file, line) = match location {
            Some(location) => (location.file.as_str(), self.line(location)),
            None => (NO_LOCATION, String::new()),
        };
        // A null byte between the parts: `ab` and `c` must not be the same as `a` and `bc`.
        let parts = [finding.code.id, &finding.message, file, &line].join("\0");
        let digest = Sha256::digest(parts.as_bytes());
        let short: String = digest.iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect();
        // GitLab shows one finding a fingerprint, and drops the others.
        let count = self.given.entry(short.clone()).or_default();
        *count += 1;
        if *count == 1 { short } else { format!("{short}-{count}") }
    }

    /// The line that a location begins in, without indentation: a change of that alone is no other finding.
    fn line(&mut self, location: &Location) -> String {
        let text = self.texts.get(location.span.source, location.span.range());
        text.line_at(location.span.start as usize).trim().to_owned()
    }
}
