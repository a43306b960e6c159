//! Excerpts: a few lines of a source as a terminal may show them, masked, escaped and cut, with the way for spans into them.

use std::ops::Range;

use super::is_unprintable;

/// A source's text as writers may show it: secrets are masked, offsets are those of the source.
pub(super) struct Masked {
    text: String,
    line_starts: Vec<usize>,
}

/// Some lines in a row, with every unprintable character written out.
pub(super) struct Excerpt {
    /// The lines as they are shown.
    pub(super) text: String,
    /// The number of the first line, from 1.
    pub(super) first_line: usize,
    /// Where shown and masked text go out of step: (masked offset, shown offset), ascending.
    steps: Vec<(usize, usize)>,
}

/// Longer lines are cut around what is pointed at, in bytes.
const LONGEST_LINE: usize = 400;
/// How much of a cut line is kept before and after what is pointed at, in bytes.
const SURROUNDINGS: usize = 120;

impl Masked {
    pub(super) fn new(text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Masked { text, line_starts }
    }

    /// The index of the line, from 0, that an offset lies in.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The text of the line that an offset lies in, without its break.
    pub(super) fn line_at(&self, offset: usize) -> &str {
        self.text.get(self.line_range(self.line(offset))).unwrap_or_default()
    }

    /// The part of a range that lies in its first line, at character boundaries, without the line break.
    pub(super) fn in_first_line(&self, range: Range<usize>) -> Range<usize> {
        let start = floor(&self.text, range.start);
        let line = self.line_range(self.line(start));
        let end = ceil(&self.text, range.end).clamp(start.min(line.end), line.end);
        start.min(line.end)..end
    }

    /// The lines that the ranges begin in, and all between; the ranges lie in one line each.
    pub(super) fn excerpt(&self, ranges: &[Range<usize>]) -> Excerpt {
        let lines = || ranges.iter().map(|range| self.line(range.start));
        let (first, last) = (lines().min().unwrap_or(0), lines().max().unwrap_or(0));
        let mut excerpt = Excerpt { text: String::new(), first_line: first + 1, steps: Vec::new() };
        for index in first..=last {
            let line = self.line_range(index);
            let inside = ranges.iter().filter(|range| line.contains(&range.start));
            let window = window(&self.text, line.clone(), inside);
            excerpt.push_line(&self.text, line, window);
        }
        excerpt
    }

    fn line_range(&self, index: usize) -> Range<usize> {
        let start = self.line_starts.get(index).copied().unwrap_or(self.text.len());
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = self.text.get(start..end).unwrap_or_default();
        start..start + line.trim_end_matches('\r').len()
    }
}

impl Excerpt {
    /// Where a range of the masked text is shown.
    pub(super) fn translate(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.shown(range.start);
        start..self.shown(range.end).max(start)
    }

    /// The line and column, from 1, of an offset in what is shown.
    pub(super) fn line_column(&self, shown: usize) -> (usize, usize) {
        let before = &self.text[..floor(&self.text, shown)];
        let line = before.rsplit('\n').next().unwrap_or_default();
        (self.first_line + before.matches('\n').count(), line.chars().count() + 1)
    }

    fn shown(&self, offset: usize) -> usize {
        let after = self.steps.partition_point(|(masked, _)| *masked <= offset);
        let next = self.steps.get(after).map_or(self.text.len(), |(_, shown)| *shown);
        let Some((masked, shown)) = self.steps.get(after.wrapping_sub(1)) else { return 0 };
        // What was cut away is shown as one character: its inside is its beginning.
        floor(&self.text, (shown + (offset - masked)).min(next))
    }

    fn push_line(&mut self, text: &str, line: Range<usize>, window: Range<usize>) {
        if !self.steps.is_empty() {
            self.text.push('\n');
        }
        self.steps.push((line.start, self.text.len()));
        if window.start > line.start {
            self.text.push('…');
        }
        self.push_escaped(text, &window);
        if window.end < line.end {
            self.text.push('…');
        }
        self.steps.push((line.end, self.text.len()));
    }

    fn push_escaped(&mut self, text: &str, window: &Range<usize>) {
        self.steps.push((window.start, self.text.len()));
        for (at, character) in text.get(window.clone()).unwrap_or_default().char_indices() {
            if is_unprintable(character) && character != '\t' {
                self.text.extend(character.escape_unicode());
                self.steps.push((window.start + at + character.len_utf8(), self.text.len()));
            } else {
                self.text.push(character);
            }
        }
        self.steps.push((window.end, self.text.len()));
    }
}

/// The part of a line that is shown: all of it unless it is long.
fn window<'r>(
    text: &str,
    line: Range<usize>,
    ranges: impl Iterator<Item = &'r Range<usize>>,
) -> Range<usize> {
    if line.len() <= LONGEST_LINE {
        return line;
    }
    let first = ranges.min_by_key(|range| range.start).cloned().unwrap_or(line.start..line.start);
    let start = floor(text, first.start.saturating_sub(SURROUNDINGS).max(line.start));
    let end = first.end.min(first.start + SURROUNDINGS) + SURROUNDINGS;
    start..ceil(text, end.min(line.end))
}

fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

fn ceil(text: &str, offset: usize) -> usize {
    text.ceil_char_boundary(offset.min(text.len()))
}
