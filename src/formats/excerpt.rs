//! Excerpts: a few lines of a source as a terminal may show them, masked, escaped and cut, with a source map for spans
//! into them.
//!
//! A text goes through three hands before it is shown:
//!
//! ```text
//! source ──mask──► MaskedText ──cut long lines, escape──► Excerpt
//!         same offsets            other offsets
//! ```
//!
//! Masking keeps every offset, so a span of the source is a span of the masked text. Cutting and escaping do not; the
//! excerpt notes where they shift the text, and [`Excerpt::translate`] moves a range along. Of the line `a: ⎋[31mx` (⎋
//! is the control character 0x1b), which begins at byte 100 of its source:
//!
//! ```text
//! shown    a: \u{1b}[31mx
//! shifts   (100, 0)  the line begins       (100, 0)  the window begins
//!          (104, 9)  behind the escape: one byte has become six
//!          (109, 14) the window ends        (109, 14) the line ends
//! ```
//!
//! A range that begins at byte 108 begins at 9 + (108 - 104) = 13 in what is shown.
//!
//! Ranges are taken as they come. Nothing guarantees that the span of a finding fits its text, and a report must not
//! fail for that: offsets beyond the end are moved to the end, and those inside of a character to its boundary.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::secrets;
use crate::session::Session;
use crate::source::{Source, SourceId, command_marks, is_unprintable};

/// The masked texts of a session's sources: each is made once, as masking costs a pass over the text.
pub(super) struct MaskedTexts<'s> {
    session: &'s Session,
    made: BTreeMap<SourceId, MaskedText>,
}

impl<'s> MaskedTexts<'s> {
    /// None yet: most sources of a session have no finding.
    pub(super) fn new(session: &'s Session) -> Self {
        MaskedTexts { session, made: BTreeMap::new() }
    }

    /// The masked text of a source, of which the lines of a range may be shown: secrets in comments are masked in these.
    /// Secrets that are hidden after the first call are not in its mask.
    pub(super) fn get(&mut self, source: SourceId, shown: Range<usize>) -> &MaskedText {
        let source_of = || self.session.source(source);
        let text = self.made.entry(source).or_insert_with(|| MaskedText::new(&source_of()));
        for line in text.line(shown.start)..=text.line(shown.end.max(shown.start)) {
            if text.with_comments.insert(line) {
                let range = text.line_range(line);
                secrets::mask_comment(&source_of(), &mut text.text, range);
            }
        }
        text
    }
}

/// A source's text as writers may show it: secrets are masked, offsets are those of the source.
pub(super) struct MaskedText {
    text: String,
    /// Byte offsets of the starts of lines. Masking keeps line breaks, so they are those of the source.
    line_starts: Vec<usize>,
    /// The lines whose comments were looked at. A comment tells a secret rarely, and looking for one takes longest.
    with_comments: BTreeSet<usize>,
}

impl MaskedText {
    fn new(source: &Source) -> Self {
        let text = secrets::masked_text(source).to_string();
        // In bytes, as the byte of a line break is in no other character of UTF-8.
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        MaskedText { text, line_starts, with_comments: BTreeSet::new() }
    }

    /// The index of the line, from 0, that an offset lies in.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The text of the line that an offset lies in, without its break.
    pub(super) fn line_at(&self, offset: usize) -> &str {
        &self.text[self.line_range(self.line(offset))]
    }

    /// The part of the masked text at a range; none if the range does not fit.
    pub(super) fn at(&self, range: Range<usize>) -> Option<&str> {
        self.text.get(range)
    }

    /// The range of the line that an offset lies in, without its break.
    pub(super) fn line_around(&self, offset: usize) -> Range<usize> {
        self.line_range(self.line(offset))
    }

    /// The part of a range that lies in its first line, at character boundaries, without the line break.
    pub(super) fn in_first_line(&self, range: Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(range.start);
        let line = self.line_range(self.line(start));
        // The start may be the line break itself, which is not in the line: then it is the end of the line.
        let end = self.text.ceil_char_boundary(range.end).clamp(start.min(line.end), line.end);
        start.min(line.end)..end
    }

    /// The lines that the ranges begin in, and all between; the ranges lie in one line each.
    pub(super) fn excerpt(&self, ranges: &[Range<usize>]) -> Excerpt {
        let lines = || ranges.iter().map(|range| self.line(range.start));
        // No caller gives no ranges; the excerpt would be the first line.
        let first = lines().min().unwrap_or(0);
        let last = lines().max().unwrap_or(0);
        let mut excerpt = Excerpt { text: String::new(), first_line: first + 1, shifts: Vec::new() };
        for index in first..=last {
            let line = self.line_range(index);
            let inside = ranges.iter().filter(|range| line.contains(&range.start));
            let window = window(&self.text, line.clone(), inside);
            excerpt.push_line(&self.text, line, window);
        }
        excerpt
    }

    /// A line without its break, be it `\n` or `\r\n`; empty at the end for an index beyond the last line.
    fn line_range(&self, index: usize) -> Range<usize> {
        let start = self.line_starts.get(index).copied().unwrap_or(self.text.len());
        // The last line has no break that would have to be taken off.
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = &self.text[start..end];
        start..start + line.trim_end_matches('\r').len()
    }
}

/// Longer lines are cut around what is pointed at, in bytes: a minified manifest is one line, and would fill the
/// screen.
const LONGEST_LINE: usize = 400;
/// How much of a cut line is kept before and after what is pointed at, in bytes.
const CONTEXT: usize = 120;

/// The part of a line that is shown: all of it unless it is long. Of a long one, the surroundings of the first range.
fn window<'r>(
    text: &str,
    line: Range<usize>,
    ranges: impl Iterator<Item = &'r Range<usize>>,
) -> Range<usize> {
    if line.len() <= LONGEST_LINE {
        return line;
    }
    let first = ranges.min_by_key(|range| range.start).cloned().unwrap_or(line.start..line.start);
    let start = text.floor_char_boundary(first.start.saturating_sub(CONTEXT).max(line.start));
    // A range may be as long as its line, so it is cut as well.
    let end = first.end.min(first.start + CONTEXT) + CONTEXT;
    start..text.ceil_char_boundary(end.min(line.end))
}

/// Some lines in a row, with every unprintable character written out.
pub(super) struct Excerpt {
    /// The lines as they are shown.
    pub(super) text: String,
    /// The number of the first line, from 1.
    pub(super) first_line: usize,
    /// Where shown and masked text go out of step: (masked offset, shown offset), ascending.
    shifts: Vec<(usize, usize)>,
}

impl Excerpt {
    /// Where a range of the masked text is shown.
    pub(super) fn translate(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.shown_offset(range.start);
        // Both ends may lie in what was cut away, on either side of the window.
        start..self.shown_offset(range.end).max(start)
    }

    /// The line and column, from 1, of an offset in what is shown.
    pub(super) fn line_column(&self, shown: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(shown)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (self.first_line + before.matches('\n').count(), before[line_start..].chars().count() + 1)
    }

    /// A shift applies up to the next one: `shown = shift.shown + (offset - shift.masked)`.
    fn shown_offset(&self, offset: usize) -> usize {
        let after = self.shifts.partition_point(|(masked, _)| *masked <= offset);
        let next = self.shifts.get(after).map_or(self.text.len(), |(_, shown)| *shown);
        // Before the first line of the excerpt nothing is shown.
        let Some(index) = after.checked_sub(1) else { return 0 };
        let (masked, shown) = self.shifts[index];
        // What was cut away is shown as one character, and an escaped character as several: an offset inside is at the
        // beginning.
        self.text.floor_char_boundary((shown + (offset - masked)).min(next))
    }

    /// Adds a line of `text`, of which `window` is shown. A cut end is a `…`.
    fn push_line(&mut self, text: &str, line: Range<usize>, window: Range<usize>) {
        if !self.shifts.is_empty() {
            self.text.push('\n');
        }
        self.shifts.push((line.start, self.text.len()));
        if window.start > line.start {
            self.text.push('…');
        }
        self.push_escaped(text, &window);
        if window.end < line.end {
            self.text.push('…');
        }
        self.shifts.push((line.end, self.text.len()));
    }

    /// Adds the window of a line, each unprintable character as `\u{…}`, and notes a shift behind each of them.
    fn push_escaped(&mut self, text: &str, window: &Range<usize>) {
        self.shifts.push((window.start, self.text.len()));
        // Of commands of build servers, those that are found anywhere in a line.
        let commands = command_marks(&text[window.clone()]);
        for (at, character) in text[window.clone()].char_indices() {
            let begins_command = character == '#' && commands.contains(&at);
            // The renderer expands tabs itself.
            if begins_command || (is_unprintable(character) && character != '\t') {
                self.text.extend(character.escape_unicode());
                self.shifts.push((window.start + at + character.len_utf8(), self.text.len()));
            } else {
                self.text.push(character);
            }
        }
        self.shifts.push((window.end, self.text.len()));
    }
}
