//! One registered text: its name, its lines, and which parts of it are secret.
//!
//! A source never changes, but for two things that are filled in later and change nothing that was said before:
//! where its lines begin, and the ranges that no writer may show. Both are behind their own lock, so a source can be
//! shared between threads by `Arc`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::fingerprint::fingerprint;
use super::map::SourceMap;
use super::packed_text::PackedText;

/// One text that was read or produced, with its name for people.
#[derive(Debug)]
pub struct Source {
    /// How people call it: a path as it was given, `--set (2nd)`, `<stdin>`.
    pub name: String,
    /// Where it came from.
    pub kind: SourceKind,
    /// The whole text; every span indexes into it.
    pub text: Text,
    /// Byte offsets of the starts of lines. Found when a line is first asked for: most sources never have a finding.
    line_starts: OnceLock<Vec<u32>>,
    /// A lock, because sources are shared between the threads of a run.
    hidden: Mutex<HiddenRanges>,
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
    /// A rendered template; its spans lead to the template through the source map.
    Derived(Arc<SourceMap>),
}

/// A source's text, cheap to clone.
#[derive(Clone, Debug)]
pub enum Text {
    /// What is built into the program is not copied.
    BuiltIn(&'static str),
    /// What is built into the program and rarely read. It is unpacked when it is.
    Packed(PackedText, Arc<OnceLock<String>>),
    /// Whatever was read or made.
    Shared(Arc<str>),
    /// A long text that was read or made, where it is: as an `Arc<str>` it would be there twice for a while.
    Long(Arc<String>),
}

impl Source {
    pub(crate) fn new(kind: SourceKind, name: String, text: Text) -> Self {
        Source { name, kind, text, line_starts: OnceLock::new(), hidden: Mutex::default() }
    }

    /// The line and column (both from 1, columns in characters) of a byte offset.
    ///
    /// An offset beyond the end is taken as the end. The column of an offset inside a character is
    /// 1, as nothing better is known.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let starts = self.line_starts();
        let offset = offset.min(self.text.len());
        // The first line begins at 0, so one start at least is not beyond the offset.
        let line = starts.partition_point(|&start| start as usize <= offset).max(1);
        let start = starts.get(line - 1).map_or(0, |&start| start as usize);
        let column = self.text.get(start..offset).map_or(0, |text| text.chars().count());
        (line, column + 1)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            // 32 bits are enough, as they are for spans.
            std::iter::once(0).chain(breaks.map(|at| at as u32 + 1)).collect()
        })
    }

    /// The same text with a mask of its own: what is hidden by now is hidden there too, and what will be hidden in
    /// one of them is not in the other.
    pub(crate) fn with_own_mask(&self) -> Self {
        let hidden = Mutex::new(self.hidden_ranges().clone());
        Source { hidden, ..Source::new(self.kind.clone(), self.name.clone(), self.text.clone()) }
    }

    /// Whether this very range is marked as secret.
    pub(crate) fn hides(&self, range: &Range<usize>) -> bool {
        self.hidden_ranges().contains(range)
    }

    /// Marks a range as secret: no writer will show it.
    pub(crate) fn hide(&self, range: Range<usize>) {
        self.hidden_ranges().insert(range);
    }

    /// Marks what stands in a range for a secret, which its text does not tell: an expression over secrets. What is made
    /// of it is not shown, and the text is.
    pub(crate) fn hide_value(&self, range: Range<usize>) {
        self.hidden_ranges().values.insert((range.start, range.end));
    }

    /// Whether a part of this range stands for a secret that its text does not tell.
    pub(crate) fn stands_for_secret(&self, range: &Range<usize>) -> bool {
        overlaps(&self.hidden_ranges().values, range)
    }

    /// The ranges that stand for secrets which their texts do not tell.
    pub(crate) fn hidden_values(&self) -> Vec<(usize, usize)> {
        self.hidden_ranges().values.iter().copied().collect()
    }

    /// The ranges that are marked as secret.
    pub(crate) fn hidden(&self) -> Vec<(usize, usize)> {
        self.hidden_ranges().all()
    }

    /// Says that the schema has named every secret of this source, so that keys need not be guessed at.
    pub fn secrets_are_known(&self) {
        self.raise(Readability::Known);
    }

    /// Says that some documents of this source could not be read: nobody knows what is secret in those.
    pub(crate) fn has_unreadable_documents(&self) {
        self.raise(Readability::SomeUnreadable);
    }

    /// Says that this source could not be read: nobody knows what is secret in it.
    pub(crate) fn is_unreadable(&self) {
        self.raise(Readability::Unreadable);
    }

    /// The text as writers may show it; `make` masks it when it is first asked for, and again when more was hidden.
    pub(crate) fn masked(&self, make: impl FnOnce() -> String) -> Arc<str> {
        if let Some(masked) = &self.hidden_ranges().masked {
            return Arc::clone(masked);
        }
        // Not under the lock, as `make` asks what is hidden.
        let masked: Arc<str> = make().into();
        self.hidden_ranges().masked = Some(Arc::clone(&masked));
        masked
    }

    fn raise(&self, readability: Readability) {
        let mut hidden = self.hidden_ranges();
        if readability > hidden.readability {
            hidden.masked = None;
        }
        hidden.readability = hidden.readability.max(readability);
    }

    /// What is known of the secrets of this source.
    pub(crate) fn readability(&self) -> Readability {
        self.hidden_ranges().readability
    }

    /// Whether a part of this range was marked as secret; nothing is guessed.
    pub fn hides_in(&self, range: Range<usize>) -> bool {
        self.hidden_ranges().overlap(&range)
    }

    fn hidden_ranges(&self) -> MutexGuard<'_, HiddenRanges> {
        // A panic while the lock is held leaves ranges that are as good as before it: ranges are only ever added.
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of the secrets of a source, from what may be shown of it to what may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readability {
    /// Nothing: secrets are guessed at.
    #[default]
    Unknown,
    /// The schema has named every one.
    Known,
    /// One of its documents could not be read.
    SomeUnreadable,
    /// It could not be read.
    Unreadable,
}

/// The ranges of one source that no writer may show. What is secret, and how it is blanked, is decided in `secrets`.
#[derive(Clone, Debug, Default)]
struct HiddenRanges {
    readability: Readability,
    /// The text as it may be shown, if it was asked for since more was hidden.
    masked: Option<Arc<str>>,
    /// Starts and ends in bytes. They may overlap: a list is hidden as a whole, and an item of it by itself. Not merged
    /// into larger ones, as `contains` is asked for the ranges that were put in.
    ranges: BTreeSet<(usize, usize)>,
    /// Ranges whose text may be shown, and what it comes to may not.
    values: BTreeSet<(usize, usize)>,
}

/// Whether one of some ranges has a byte of another one.
fn overlaps(ranges: &BTreeSet<(usize, usize)>, range: &Range<usize>) -> bool {
    ranges.iter().any(|&(start, end)| start < range.end && range.start < end)
}

impl HiddenRanges {
    /// Whether this very range is hidden.
    fn contains(&self, range: &Range<usize>) -> bool {
        self.ranges.contains(&(range.start, range.end))
    }

    fn insert(&mut self, range: Range<usize>) {
        if self.ranges.insert((range.start, range.end)) {
            self.masked = None;
        }
    }

    /// All of them, by their starts.
    fn all(&self) -> Vec<(usize, usize)> {
        self.ranges.iter().copied().collect()
    }

    /// Whether a byte of the range is hidden.
    fn overlap(&self, range: &Range<usize>) -> bool {
        overlaps(&self.ranges, range) || overlaps(&self.values, range)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::BuiltIn(text) => text,
            Text::Packed(packed, text) => text.get_or_init(|| packed.unpack()),
            Text::Shared(text) => text,
            Text::Long(text) => text,
        }
    }
}

impl Text {
    /// A fingerprint of the text; one that is packed brings its own, and is not unpacked for it.
    pub(crate) fn fingerprint(&self) -> u64 {
        match self {
            Text::Packed(packed, _) => packed.fingerprint(),
            _ => fingerprint(self.as_bytes()),
        }
    }
}

/// Shorter texts are copied, without the room that was reserved for more.
const LONG: usize = 64 << 10;

impl From<String> for Text {
    fn from(text: String) -> Self {
        if text.len() < LONG { Text::Shared(text.into()) } else { Text::Long(Arc::new(text)) }
    }
}

impl From<PackedText> for Text {
    fn from(packed: PackedText) -> Self {
        Text::Packed(packed, Arc::default())
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Text::Shared(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::Shared(text.into())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Text::from(text.as_str())
    }
}

impl From<Box<str>> for Text {
    fn from(text: Box<str>) -> Self {
        Text::from(String::from(text))
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Text::from(text.into_owned())
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}
