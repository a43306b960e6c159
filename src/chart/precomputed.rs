//! What depends on nothing but a bundled chart, as static data that `build.rs` works out and writes.

use crate::schema::BuiltIn;
use crate::schema::keyword_table::SchemaId;
use crate::yaml::{Generate, PackedKey, PackedWant, PackedWants, Types, WantId};

include!(concat!(env!("OUT_DIR"), "/wants.rs"));

/// The table of all schemas.
pub(crate) mod bundled_schemas {
    use crate::schema::keyword_table::{
        Constant::{self, Boolean, Integer, Text},
        Keyword::{self, *},
        Name, Pattern, Property, Schema, SchemaId, Sentence, Slice, Table,
    };

    include!(concat!(env!("OUT_DIR"), "/schemas.rs"));
}

/// What was worked out of one chart's schema.
struct Built {
    name: &'static str,
    root: SchemaId,
    wants: PackedWants,
}

/// What is known of a bundled chart before the program starts: reading and compiling Skyflo's schema alone would take some ten milliseconds at each
/// start.
#[derive(Clone, Copy, Debug)]
pub struct Precomputed {
    /// What the schema expects at each path.
    pub wants: &'static PackedWants,
    /// The schema, for accepting values that are right.
    pub schema: BuiltIn,
}

impl Precomputed {
    /// What was worked out of a bundled chart.
    pub(super) fn of(chart: &str) -> Option<Self> {
        let built = CHARTS.iter().find(|built| built.name == chart)?;
        let schema = BuiltIn { table: &bundled_schemas::TABLE, root: built.root };
        Some(Precomputed { wants: &built.wants, schema })
    }
}
