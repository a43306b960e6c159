//! Strings of templates: bytes, and beside them where each came from.
//!
//! Strings stay clean: no marks stand in them, so what measures, cuts, hashes or compares a string sees what Go would see.
//! What is known of its bytes stands beside them, as a list of segments:
//!
//! ```text
//! bytes     "image: nginx:1.27"
//! segments   └──7──┘└───10────┘
//!            │       └ printed by `{{ .Values.image }}` of templates/pod.yaml, and written in values.yaml, line 3
//!            └ text of templates/pod.yaml, from byte 112 on
//! ```
//!
//! What cuts, joins or repeats strings carries the segments along. What makes other bytes of them marks its whole result
//! with what went in ([`Origin::of_all`]).

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use crate::source::Span;

/// Where bytes of a string, or a number or boolean, came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place in a template: its text itself, or the action that printed it. [`Span::NOWHERE`] as long as no template
    /// has printed it.
    pub template: Span,
    /// Whether the bytes repeat those of the template one by one, so that offsets can be carried over.
    pub verbatim: bool,
    /// Where the value was written, in a values file or a flag; [`Span::NOWHERE`] if it is none of the values.
    pub value: Span,
    /// Whether it was drawn from chance or from the clock: another run of Helm would have another one.
    pub drawn: bool,
}

impl Origin {
    /// Of what no template and no values file wrote, such as the name of the release.
    pub const NOWHERE: Origin =
        Origin { template: Span::NOWHERE, verbatim: false, value: Span::NOWHERE, drawn: false };

    /// Of the text of a template that stands between two actions.
    pub fn literal(template: Span) -> Origin {
        Origin { template, verbatim: true, ..Origin::NOWHERE }
    }

    /// Of what a value says that was written there.
    pub fn value(value: Span) -> Origin {
        Origin { value, ..Origin::NOWHERE }
    }

    /// The same, printed by the action at this place, if no template printed it before.
    #[must_use]
    pub fn printed_at(self, action: Span) -> Origin {
        if self.template == Span::NOWHERE {
            Origin { template: action, verbatim: false, ..self }
        } else {
            self
        }
    }

    /// Of other bytes that were made of so many bytes of this origin.
    #[must_use]
    pub fn remade(self, covered: usize) -> Origin {
        let Span { source, start, end } = self.template;
        let template = match self.verbatim {
            true => Span::new(source, start as usize, (start as usize + covered).min(end as usize)),
            false => self.template,
        };
        Origin { template, verbatim: false, ..self }
    }

    /// Of what was made of several: the first place in a template and the first of a value, and drawn if one of them was.
    #[must_use]
    pub fn of_all(origins: impl IntoIterator<Item = Origin>) -> Origin {
        origins.into_iter().fold(Origin::NOWHERE, Origin::with)
    }

    fn with(self, other: Origin) -> Origin {
        let first = |mine: Span, others: Span| if mine == Span::NOWHERE { others } else { mine };
        Origin {
            template: first(self.template, other.template),
            verbatim: false,
            value: first(self.value, other.value),
            drawn: self.drawn || other.drawn,
        }
    }

    /// The origin of what stands `by` bytes further.
    fn advanced(self, by: usize) -> Origin {
        if !self.verbatim {
            return self;
        }
        let Span { source, start, end } = self.template;
        Origin { template: Span::new(source, (start as usize + by).min(end as usize), end as usize), ..self }
    }
}

/// A stretch of a string with one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// One past its last byte in the string; it begins where the one before it ends.
    pub end: usize,
    /// Where it came from.
    pub origin: Origin,
}

/// A string: cheap to clone, never changed. Go's strings are bytes, and need not be UTF-8.
#[derive(Clone, Debug)]
pub struct Text(Rc<Content>);

#[derive(Debug)]
struct Content {
    bytes: Box<[u8]>,
    segments: Segments,
}

/// Most strings have one origin, which needs no list.
#[derive(Debug)]
enum Segments {
    One(Origin),
    /// Ascending, the last one ends with the string.
    Many(Box<[Segment]>),
}

impl Text {
    /// A string of one origin.
    pub fn new(bytes: impl Into<Vec<u8>>, origin: Origin) -> Text {
        Text(Rc::new(Content { bytes: bytes.into().into_boxed_slice(), segments: Segments::One(origin) }))
    }

    /// A string that nobody wrote.
    pub fn plain(bytes: impl Into<Vec<u8>>) -> Text {
        Text::new(bytes, Origin::NOWHERE)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// Its bytes as text; what is no UTF-8 becomes U+FFFD.
    pub fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0.bytes)
    }

    /// The number of its bytes.
    pub fn len(&self) -> usize {
        self.0.bytes.len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.bytes.is_empty()
    }

    /// Its segments with the ranges of bytes that they cover; an empty string has none.
    pub fn segments(&self) -> impl Iterator<Item = (Range<usize>, Origin)> + '_ {
        self.segments_in(0..self.len())
    }

    /// The segments of a part, with ranges in the whole string.
    pub fn segments_in(&self, part: Range<usize>) -> impl Iterator<Item = (Range<usize>, Origin)> + '_ {
        let (one, many) = match &self.0.segments {
            Segments::One(origin) => (Some(Segment { end: self.len(), origin: *origin }), &[][..]),
            Segments::Many(segments) => (None, &**segments),
        };
        let first = many.partition_point(|segment| segment.end <= part.start);
        let before = first.checked_sub(1).and_then(|index| many.get(index)).map_or(0, |segment| segment.end);
        let rest = many.get(first..).unwrap_or_default();
        one.into_iter()
            .chain(rest.iter().copied())
            .scan(before, move |start, segment| {
                let range = *start..segment.end;
                *start = segment.end;
                Some((range, segment.origin))
            })
            .take_while(move |(range, _)| range.start < part.end)
            .map(move |(range, origin)| {
                let start = range.start.max(part.start);
                (start..range.end.min(part.end), origin.advanced(start - range.start))
            })
            .filter(|(range, _)| !range.is_empty())
    }

    /// What it was made of, as one origin: of an empty string, what it had as a whole.
    pub fn origin(&self) -> Origin {
        match &self.0.segments {
            Segments::One(origin) => *origin,
            Segments::Many(segments) => Origin::of_all(segments.iter().map(|segment| segment.origin)),
        }
    }

    /// A part of it, with the segments of that part.
    #[must_use]
    pub fn slice(&self, part: Range<usize>) -> Text {
        if part == (0..self.len()) {
            return self.clone();
        }
        let mut builder = TextBuilder::default();
        builder.push_part(self, part);
        builder.finish_or_else(|| self.origin())
    }

    /// Other bytes, made of this string.
    #[must_use]
    pub fn made(&self, bytes: impl Into<Vec<u8>>) -> Text {
        Text::new(bytes, Origin { verbatim: false, ..self.origin() })
    }

    /// The same string, printed by the action at this place.
    #[must_use]
    pub fn printed_at(&self, action: Span) -> Text {
        if self.segments().all(|(_, origin)| origin.template != Span::NOWHERE) {
            return self.clone();
        }
        let mut builder = TextBuilder::default();
        for (range, origin) in self.segments() {
            builder.push(self.as_bytes().get(range).unwrap_or_default(), origin.printed_at(action));
        }
        builder.finish_or_else(|| self.origin().printed_at(action))
    }
}

/// Strings are the same if their bytes are, wherever they came from.
impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

/// A string has no more segments: one that was put together of itself again and again would have as many as bytes, each of
/// which takes more than those.
const MOST_SEGMENTS: usize = 1 << 18;

/// A string in the making.
#[derive(Clone, Debug, Default)]
pub struct TextBuilder {
    bytes: Vec<u8>,
    segments: Vec<Segment>,
}

impl TextBuilder {
    /// The number of bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was pushed so far.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends bytes of one origin.
    pub fn push(&mut self, bytes: &[u8], origin: Origin) {
        if bytes.is_empty() {
            return;
        }
        let begins = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes.len();
        let before_last = self.segments.len().checked_sub(2).and_then(|index| self.segments.get(index));
        let last_begins = before_last.map_or(0, |segment| segment.end);
        let is_full = self.segments.len() >= MOST_SEGMENTS;
        match self.segments.last_mut() {
            Some(last) if continues(last.origin, begins - last_begins, origin) => last.end = end,
            // What comes now is known by what it is with all that comes.
            Some(last) if is_full => *last = Segment { end, origin: Origin::of_all([last.origin, origin]) },
            _ => self.segments.push(Segment { end, origin }),
        }
    }

    /// Appends a string with its segments.
    pub fn push_text(&mut self, text: &Text) {
        self.push_part(text, 0..text.len());
    }

    /// Appends a part of a string with the segments of that part.
    pub fn push_part(&mut self, text: &Text, part: Range<usize>) {
        for (range, origin) in text.segments_in(part) {
            self.push(text.as_bytes().get(range).unwrap_or_default(), origin);
        }
    }

    /// The string.
    pub fn finish(self) -> Text {
        self.finish_or_else(|| Origin::NOWHERE)
    }

    /// The string; if it is empty, with this origin. It is not asked for otherwise: that of a string takes as long as the
    /// string has segments, however short the part that is wanted of it.
    pub fn finish_or_else(self, of_empty: impl FnOnce() -> Origin) -> Text {
        let segments = match self.segments.as_slice() {
            [] => Segments::One(of_empty()),
            [one] => Segments::One(one.origin),
            _ => Segments::Many(self.segments.into_boxed_slice()),
        };
        Text(Rc::new(Content { bytes: self.bytes.into_boxed_slice(), segments }))
    }
}

/// Whether what comes next belongs to a segment: of the same origin, or the text of a template that goes on where the
/// segment's `covered` bytes end.
fn continues(segment: Origin, covered: usize, next: Origin) -> bool {
    if segment.verbatim && next.verbatim { segment.advanced(covered) == next } else { segment == next }
}
