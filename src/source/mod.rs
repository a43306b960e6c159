//! What was read, and where in it: sources, spans, lines and the way back from derived text; the only disk access.

mod derived;
mod origin;
mod read;
mod secrets;
mod text;

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

pub use derived::{Derivation, Mark};
pub use origin::{Input, Origin, OriginId};
pub use read::{ReadError, list_files, read_stdin, read_text, relative, text_of};
pub use secrets::{guess_masked, looks_like_a_secret};
pub use text::Text;

/// Names one registered [`Source`]; an index into the session's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub(crate) u32);

/// A byte range of one source. Small and `Copy`: provenance is a span, nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text that the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// No place: of what nobody wrote, such as the name of a release. What is bound gets the place of its expression instead.
    pub const NOWHERE: Span = Span { source: SourceId(u32::MAX), start: 0, end: 0 };

    /// A span from byte `start` to byte `end` (exclusive).
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { source, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The span as a range of byte indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Where it starts: for a list or a map, whose lines would say nothing, the place to point at.
    pub fn first_byte(self) -> Span {
        Span { end: self.start.saturating_add(1), ..self }
    }

    /// The smallest span that covers both; `self` when they lie in different sources.
    pub fn to(self, other: Span) -> Span {
        if self.source != other.source {
            return self;
        }
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Where a source's text came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A file that the user named or that a chart folder holds.
    File,
    /// Standard input.
    Stdin,
    /// A file that is built into the program.
    Bundled,
    /// The text of a command-line flag; the name shows the flag as it was typed.
    Flag,
    /// A rendered template; its spans lead back through the derivation.
    Derived(Derivation),
}

/// One text that was read or produced, with its name for people.
#[derive(Debug)]
pub struct Source {
    /// How people call it: a path as it was given, `--set (2nd)`, `<stdin>`.
    pub name: String,
    /// Where it came from.
    pub kind: SourceKind,
    /// The whole text; every span indexes into it.
    pub text: Text,
    line_starts: OnceLock<Vec<u32>>,
    secrets: Mutex<secrets::Mask>,
}

impl Source {
    pub(crate) fn new(kind: SourceKind, name: String, text: Text) -> Self {
        Source { name, kind, text, line_starts: OnceLock::new(), secrets: Mutex::default() }
    }

    /// The line and column (both from 1, columns in characters) of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let starts = self.line_starts();
        let offset = offset.min(self.text.len());
        let line = starts.partition_point(|&start| start as usize <= offset).max(1);
        let start = starts.get(line - 1).map_or(0, |&s| s as usize);
        let column = self.text.get(start..offset).map_or(0, |text| text.chars().count());
        (line, column + 1)
    }

    /// The same text for another branch of the run, with what is hidden by now and with what will be hidden there.
    pub(crate) fn branch(&self) -> Self {
        let secrets = Mutex::new(self.mask().clone());
        Source { secrets, ..Source::new(self.kind.clone(), self.name.clone(), self.text.clone()) }
    }

    /// Whether this very range is marked as secret.
    pub(crate) fn hides(&self, range: &Range<usize>) -> bool {
        self.mask().hides(range)
    }

    /// Marks a range as secret: no writer will show it.
    pub(crate) fn hide(&self, range: Range<usize>) {
        self.mask().hide(range);
    }

    /// The ranges that are marked as secret.
    pub(crate) fn hidden(&self) -> Vec<(usize, usize)> {
        self.mask().hidden()
    }

    /// Says that the schema has named every secret of this source, so that keys need not be guessed at.
    pub fn secrets_are_known(&self) {
        self.mask().known = true;
    }

    /// Whether the schema has named every secret of this source.
    pub(crate) fn has_known_secrets(&self) -> bool {
        self.mask().known
    }

    /// Whether a part of this range was marked as secret; nothing is guessed.
    pub fn hides_in(&self, range: Range<usize>) -> bool {
        self.mask().hides_in(range)
    }

    /// The text with every secret replaced, byte for byte, so that spans still fit.
    pub fn masked_text(&self) -> String {
        self.mask().apply(&self.text)
    }

    fn mask(&self) -> MutexGuard<'_, secrets::Mask> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(breaks.map(|at| at as u32 + 1)).collect()
        })
    }
}
