//! The source map of a derived text: which place of a template each byte of it came from.
//!
//! ```text
//! template  spec:\n  replicas: {{ values.count }}\n
//! derived   spec:\n  replicas: 3\n
//!           ^ at 0, verbatim   ^ at 18, the expression `values.count`
//! ```
//!
//! Mappings have no ends: each reaches to the next one, and the last to the end of the text. A text may be derived from
//! several templates, as macros of other files print into it.
//!
//! A large render has a mapping for each of its lines and slots, so they are packed: every [`STRIDE`]th is kept as it is,
//! and of those between only how far they are from the one before, in four or five bytes instead of twenty.

use std::collections::BTreeSet;
use std::ops::Range;

use super::provenance::{SourceId, Span};

/// From byte `at` of the derived text on, up to the next mapping, what stands there came from `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Byte offset in the derived text.
    pub at: u32,
    /// The place in the template.
    pub from: Span,
    /// The derived text repeats the template byte for byte from here on (so offsets can be carried over);
    /// otherwise all of it stands for the one expression `from`.
    pub verbatim: bool,
}

/// The mappings of one derived text, ascending by `at`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// Every [`STRIDE`]th mapping, with the offset in `packed` of those behind it.
    kept: Vec<(Mapping, u32)>,
    /// The mappings between, each as [`pack`] writes it.
    packed: Vec<u8>,
    len: usize,
    last: Option<Mapping>,
    /// The bytes that chance or the clock has made, ascending.
    drawn: Vec<(u32, u32)>,
    values: Vec<ValueRange>,
}

/// Bytes of a derived text that came from a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRange {
    /// The bytes.
    pub bytes: Range<u32>,
    /// Where the value was written.
    pub value: Span,
    /// The action that printed it.
    pub action: Span,
}

/// How many mappings there are from one that is kept as it is to the next: a lookup reads half as many on average.
const STRIDE: usize = 32;

impl SourceMap {
    /// Adds a mapping that begins at or after the last one.
    pub fn push(&mut self, mapping: Mapping) {
        match self.last.filter(|_| !self.len.is_multiple_of(STRIDE)) {
            Some(last) => pack(last, mapping, &mut self.packed),
            None => {
                // Clamped as offsets are: 4 GiB of mappings belong to no text that is read.
                let offset = u32::try_from(self.packed.len()).unwrap_or(u32::MAX);
                self.kept.push((mapping, offset));
            }
        }
        self.len += 1;
        self.last = Some(mapping);
    }

    /// The place in the template that the bytes `start..end` of the derived text came from; none if no mapping begins
    /// at or before `start`.
    ///
    /// A range over several mappings becomes one place from the first to the last of them. Where these two lie in
    /// different templates no single place covers the range, and the first one is given.
    pub fn resolve(&self, start: u32, end: u32) -> Option<Span> {
        let first = self.mapping_at(start)?;
        let from = first.original(start, end);
        // The end is exclusive: the last byte decides. An empty range is where it starts.
        let last_byte = end.saturating_sub(1).max(start);
        let last = self.mapping_at(last_byte)?;
        if last == first || last.from.source != from.source {
            return Some(from);
        }
        // The place of the last byte alone: `end` itself may belong to the next mapping.
        let to = last.original(end.saturating_sub(1), end);
        // A template may print later parts first, in loops for example. Then there is no range from the first to the
        // last.
        if to.end <= from.start {
            return Some(from);
        }
        Some(Span { end: to.end.max(from.end), ..from })
    }

    /// Notes that chance or the clock has made the bytes `start..end`, which begin at or after those of the last draw.
    pub fn note_drawn(&mut self, start: u32, end: u32) {
        match self.drawn.last_mut() {
            Some((_, last_end)) if *last_end == start => *last_end = end,
            _ => self.drawn.push((start, end)),
        }
    }

    /// The bytes of `start..end` that chance or the clock has made, ascending.
    pub fn drawn(&self, start: u32, end: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let first = self.drawn.partition_point(|(_, drawn_end)| *drawn_end <= start);
        let rest = self.drawn.get(first..).unwrap_or_default();
        let within = rest.iter().take_while(move |(drawn_start, _)| *drawn_start < end);
        within.map(move |&(drawn_start, drawn_end)| (drawn_start.max(start), drawn_end.min(end)))
    }

    /// Notes bytes that came from a value, which begin at or after those of the last one.
    pub fn push_value(&mut self, range: ValueRange) {
        self.values.push(range);
    }

    /// The ranges that came from values, ascending.
    pub fn values(&self) -> &[ValueRange] {
        &self.values
    }

    /// The value that all bytes of `start..end` came from; none if there are several, or other text between.
    pub fn value_of(&self, start: u32, end: u32) -> Option<&ValueRange> {
        let at = self.values.partition_point(|range| range.bytes.end <= start);
        let first = self.values.get(at).filter(|range| range.bytes.start <= start)?;
        let mut covered = first.bytes.end;
        // A value may have been printed in several pieces.
        for range in self.values.get(at + 1..).unwrap_or_default() {
            if covered >= end || range.bytes.start != covered || range.value != first.value {
                break;
            }
            covered = range.bytes.end;
        }
        (covered >= end).then_some(first)
    }

    /// The expressions that printed bytes of `start..end` of the derived text, in the order of the text, each once.
    pub fn expressions(&self, start: u32, end: u32) -> Vec<Span> {
        let after = self.kept.partition_point(|(mapping, _)| mapping.at <= start);
        let mut mappings: Vec<Mapping> = Vec::new();
        for index in after.saturating_sub(1)..self.kept.len() {
            if self.kept[index].0.at >= end {
                break;
            }
            mappings.extend(self.stride(index));
        }
        let mut found = Vec::new();
        for (index, mapping) in mappings.iter().enumerate() {
            let reaches = mappings.get(index + 1).map_or(u32::MAX, |next| next.at);
            let has_bytes = mapping.at < end && reaches > start && reaches > mapping.at;
            if has_bytes && !mapping.verbatim && !found.contains(&mapping.from) {
                found.push(mapping.from);
            }
        }
        found
    }

    /// The texts that the derived text came from, each once.
    pub fn sources(&self) -> BTreeSet<SourceId> {
        (0..self.kept.len()).flat_map(|index| self.stride(index)).map(|mapping| mapping.from.source).collect()
    }

    /// The last mapping that begins at or before `offset`.
    fn mapping_at(&self, offset: u32) -> Option<Mapping> {
        let after = self.kept.partition_point(|(mapping, _)| mapping.at <= offset);
        self.stride(after.checked_sub(1)?).take_while(|mapping| mapping.at <= offset).last()
    }

    /// A mapping that is kept as it is, by its position, and those between it and the next such one.
    fn stride(&self, index: usize) -> impl Iterator<Item = Mapping> {
        let kept = self.kept.get(index).copied();
        let packed_end = self.kept.get(index + 1).map_or(self.packed.len(), |(_, end)| *end as usize);
        let packed_start = kept.map_or(packed_end, |(_, start)| start as usize);
        let mut packed = self.packed.get(packed_start..packed_end).unwrap_or_default();
        let next = move |last: &Mapping| (!packed.is_empty()).then(|| unpack(*last, &mut packed));
        std::iter::successors(kept.map(|(mapping, _)| mapping), next)
    }
}

impl FromIterator<Mapping> for SourceMap {
    fn from_iter<I: IntoIterator<Item = Mapping>>(mappings: I) -> Self {
        let mut map = SourceMap::default();
        mappings.into_iter().for_each(|mapping| map.push(mapping));
        map
    }
}

impl Mapping {
    /// The place in the template of the derived bytes `start..end`, which begin in this mapping.
    fn original(self, start: u32, end: u32) -> Span {
        if !self.verbatim {
            return self.from;
        }
        // No underflow: the mapping was looked up for `start`, so it begins at or before it.
        let first = self.from.start + (start - self.at);
        Span { source: self.from.source, start: first, end: first + end.saturating_sub(start) }
    }
}

/// Two bits of the first number of a packed mapping; the rest is the distance in the derived text.
const VERBATIM: u64 = 1;
const OTHER_SOURCE: u64 = 2;

/// Writes a mapping as what it has other than the one before it.
fn pack(last: Mapping, mapping: Mapping, packed: &mut Vec<u8>) {
    let mut flags = 0;
    if mapping.verbatim {
        flags |= VERBATIM;
    }
    if mapping.from.source != last.from.source {
        flags |= OTHER_SOURCE;
    }
    write(packed, u64::from(mapping.at.saturating_sub(last.at)) << 2 | flags);
    if flags & OTHER_SOURCE != 0 {
        write(packed, u64::from(mapping.from.source.0));
    }
    // A loop jumps back, so the distance in the template has a sign, which goes into the lowest bit.
    let distance = i64::from(mapping.from.start) - i64::from(last.from.start);
    write(packed, distance.unsigned_abs() << 1 | u64::from(distance < 0));
    write(packed, u64::from(mapping.from.end - mapping.from.start));
}

/// Reads what [`pack`] has written, from the front of `packed`.
fn unpack(last: Mapping, packed: &mut &[u8]) -> Mapping {
    // All numbers that were packed had 32 bits, and so have their sums.
    let first = read(packed);
    let source = if first & OTHER_SOURCE != 0 { SourceId(read(packed) as u32) } else { last.from.source };
    let distance = read(packed);
    let start = match distance & 1 {
        0 => last.from.start + (distance >> 1) as u32,
        _ => last.from.start - (distance >> 1) as u32,
    };
    let end = start + read(packed) as u32;
    Mapping {
        at: last.at + (first >> 2) as u32,
        from: Span { source, start, end },
        verbatim: first & VERBATIM != 0,
    }
}

/// Writes a number in groups of seven bits, the lowest first; all bytes but the last have their highest bit set.
fn write(packed: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

/// Reads a number from the front; 0 where there is none.
fn read(packed: &mut &[u8]) -> u64 {
    let mut number = 0;
    let mut shift = 0;
    while let Some((byte, rest)) = packed.split_first() {
        *packed = rest;
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(at: u32, start: usize, end: usize, verbatim: bool) -> Mapping {
        Mapping { at, from: Span::new(SourceId(7), start, end), verbatim }
    }

    /// `ab{{ x }}cd` became `ab123cd`.
    fn sample() -> SourceMap {
        [mapping(0, 0, 2, true), mapping(2, 2, 9, false), mapping(5, 9, 11, true)].into_iter().collect()
    }

    fn resolved(start: u32, end: u32) -> Option<(u32, u32)> {
        sample().resolve(start, end).map(|span| (span.start, span.end))
    }

    #[test]
    fn verbatim_text_keeps_its_offsets_and_an_expression_is_one_place() {
        assert_eq!(resolved(1, 2), Some((1, 2)));
        assert_eq!(resolved(3, 4), Some((2, 9)));
        assert_eq!(resolved(6, 7), Some((10, 11)));
        assert_eq!(resolved(6, 6), Some((10, 10)));
    }

    #[test]
    fn expressions_are_those_that_printed_a_byte() {
        let expressions = |start, end| sample().expressions(start, end).len();
        assert_eq!(
            [expressions(0, 2), expressions(1, 3), expressions(4, 5), expressions(5, 9)],
            [0, 1, 1, 0]
        );
        let many: SourceMap =
            (0..100).map(|at| mapping(at, 10 * at as usize, 10 * at as usize + 5, false)).collect();
        assert_eq!(many.expressions(30, 70).len(), 40);
    }

    #[test]
    fn a_range_over_several_mappings_is_one_place() {
        assert_eq!(resolved(1, 6), Some((1, 10)));
        assert_eq!(resolved(3, 6), Some((2, 10)));
    }

    #[test]
    fn nothing_comes_from_nowhere() {
        assert_eq!(SourceMap::default().resolve(0, 1), None);
    }

    #[test]
    fn packed_mappings_are_what_was_pushed() {
        // Near and far, forwards and back, in one source and in others, several at one byte.
        let mappings: Vec<Mapping> = (0..200_u32)
            .map(|number| Mapping {
                at: number / 2 * (1 + number % 3 * 40_000),
                from: Span::new(
                    SourceId(number % 7 / 5 * u32::MAX),
                    [0, 3, 90_000, u32::MAX as usize - 20][number as usize % 4],
                    [20, 9, 100_000, u32::MAX as usize][number as usize % 4],
                ),
                verbatim: number % 3 == 0,
            })
            .scan(0, |least, mapping| {
                *least = mapping.at.max(*least);
                Some(Mapping { at: *least, ..mapping })
            })
            .collect();
        let map: SourceMap = mappings.iter().copied().collect();
        for offset in mappings.iter().flat_map(|mapping| [mapping.at, mapping.at + 1]) {
            let expected = mappings.iter().rfind(|mapping| mapping.at <= offset).copied();
            assert_eq!(map.mapping_at(offset), expected, "{offset}");
        }
    }
}
