//! What depends on nothing but a bundled chart, as static data that `build.rs` works out and writes.
//!
//! ```text
//! schemas/NAME.wants.json  ─ build/wants.rs        ─► CHARTS, each with its wants and the id of its schema
//! schemas/NAME.schema.json ─ build/schema_table.rs ─► TABLE, one for all charts
//! ```
//!
//! Here and not in `schema`, as it is by charts' names; `schema` knows no chart. The templates' part of this stands
//! with the templates (`template/analysis/bundled_plan.rs`), for the same reason the other way round.

use crate::schema::BuiltIn;
use crate::schema::keyword_table::SchemaId;
use crate::yaml::{Generate, PackedKey, PackedWant, PackedWants, Types, WantId};

// `CHARTS`. Its items are written as expressions of the types that are imported above, by their bare names.
include!(concat!(env!("OUT_DIR"), "/wants.rs"));

/// The table of all schemas. A module of its own, because keywords (`Const`, `Enum`, …) are imported by their bare
/// names.
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
    /// The chart's name.
    name: &'static str,
    /// Its schema in the table of all.
    root: SchemaId,
    wants: PackedWants,
}

/// What is known of a bundled chart before the program starts: reading and compiling Skyflo's schema alone would take
/// some ten milliseconds at each start.
#[derive(Clone, Copy, Debug)]
pub struct Precomputed {
    /// What the schema expects at each path.
    pub wants: &'static PackedWants,
    /// The schema, for accepting values that are right.
    pub schema: BuiltIn,
}

impl Precomputed {
    /// What was worked out of a bundled chart. None for one whose files in `schemas/` were not made yet: it works
    /// like a chart of a user's own then.
    pub(super) fn of(chart: &str) -> Option<Self> {
        // The name is enough: the texts of a bundled chart are those of the build.
        let built = CHARTS.iter().find(|built| built.name == chart)?;
        let schema = BuiltIn { table: &bundled_schemas::TABLE, root: built.root };
        Some(Precomputed { wants: &built.wants, schema })
    }
}
