//! The built-in table as static data: the kinds of Kubernetes and of the bundled CRDs.

use std::borrow::Cow;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;

// The generated source names all of these, variants without their enum as `Debug` prints them.
use super::table::{
    Availability, Constraints, Field, Format::*, IndexRange, ListType::*, Name, ObjectKind, Segment,
    Shape::*, Table, Type, TypeId,
};

// `MINORS`, `TEXT`, `KINDS`, `TYPES`, `FIELDS`, `WORDS`, `CONSTRAINTS`, `METADATA` and `SEGMENTS`, as `build.rs` writes
// them.
include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The segments, one after the other, each deflated by itself.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/segments.bin"));

/// The full names of the named types, a line each, in the order of their ids; deflated.
pub(super) static TYPE_NAMES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/type_names.bin"));

/// The segments that were unpacked so far. They are constants, which is why all tables share them.
static UNPACKED: [OnceLock<Segment>; SEGMENTS.len()] = [const { OnceLock::new() }; SEGMENTS.len()];

/// The minor versions of Kubernetes 1 that the table knows, ascending: 34 stands for 1.34.
pub(super) const KNOWN_MINORS: &[u8] = MINORS;

/// The built-in table. It borrows static data; what extends it makes copies of the arrays that grow.
pub(super) fn built_in() -> Table {
    Table {
        text: Cow::Borrowed(TEXT),
        kinds: Cow::Borrowed(KINDS),
        types: Cow::Borrowed(TYPES),
        fields: Cow::Borrowed(FIELDS),
        words: Cow::Borrowed(WORDS),
        constraints: Cow::Borrowed(CONSTRAINTS),
        metadata: METADATA,
        segments: segment,
    }
}

/// The segment of a number.
fn segment(number: usize) -> Option<&'static Segment> {
    Some(UNPACKED.get(number)?.get_or_init(|| unpack(number).unwrap_or_default()))
}

/// Unpacks a segment. What the build has packed can be unpacked, which a test holds for all: there is nobody to report to.
fn unpack(number: usize) -> Option<Segment> {
    let &(start, end, length) = SEGMENTS.get(number)?;
    let mut bytes = Vec::with_capacity(length);
    DeflateDecoder::new(PACKED.get(start..end)?).read_to_end(&mut bytes).ok()?;
    postcard::from_bytes(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_can_be_unpacked() {
        for number in 0..SEGMENTS.len() {
            let unpacked = unpack(number).map(|segment| segment.types.len());
            assert!(unpacked.is_some_and(|types| types > 0), "segment {number}");
        }
        let sizes = SEGMENTS.iter().map(|(start, end, _)| end - start);
        assert!(sizes.sum::<usize>() <= 2_000_000, "what is packed has become too large");
    }
}
