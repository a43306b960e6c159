//! How ranges of flat arrays are serialized: as a start and a length, whose numbers are smaller than those of two places.

/// Makes a range of two places (`u32`) and a pair of start and length of each other, for `#[serde(from, into)]`.
macro_rules! serialize_with_length {
    ($range:ident, $start:tt, $end:tt) => {
        impl From<(u32, u32)> for $range {
            fn from((start, length): (u32, u32)) -> Self {
                $range { $start: start, $end: start.saturating_add(length) }
            }
        }

        impl From<$range> for (u32, u32) {
            fn from(range: $range) -> Self {
                (range.$start, range.$end.saturating_sub(range.$start))
            }
        }
    };
}

pub(crate) use serialize_with_length;
