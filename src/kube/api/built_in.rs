//! The built-in table as static data: the kinds of Kubernetes and of the bundled CRDs.

use std::borrow::Cow;

// The generated source names all of these, variants without their enum as `Debug` prints them.
use super::table::{
    Availability, Constraints, Field, Format::*, IndexRange, ListType::*, Name, ObjectKind, Shape::*, Table,
    Type, TypeId,
};

// `MINORS`, `TEXT`, `KINDS`, `TYPES`, `FIELDS`, `WORDS`, `CONSTRAINTS` and `METADATA`, as `build.rs` writes them.
include!(concat!(env!("OUT_DIR"), "/table.rs"));

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
    }
}
