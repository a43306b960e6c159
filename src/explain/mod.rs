//! Explanations: who set a setting and which fields it affects; which expression and which line a field comes from.
//!
//! | question | answered by | looks |
//! |---|---|---|
//! | What is this setting, and which layer won? | [`setting`] | at the layers of the values and at the schema |
//! | Which fields does it affect, and which lines of templates use it? | [`setting_effects`] | from the values to the output |
//! | Where does this field come from? | [`field`] | from the output back to the values |
//!
//! Nothing is written down for explanations while a chart is rendered. All they need lies in the trees already: each node of the
//! values keeps the span that it was parsed from, and each node of a document that an expression printed has an
//! [`Origin`](crate::source::Origin) with the expression and the spans of the values that it read. So a span is the join between
//! both worlds: `location` has the index from spans to settings that every answer needs.
//!
//! Every value in an answer is masked: secrets are shown as stars.

mod effects;
mod field;
mod location;
mod lookup;
mod provenance;
mod setting;
mod typed_path;

pub use effects::{AffectedField, Influence, SettingEffects, SettingUse, setting_effects};
pub use field::{Field, field};
pub use location::{LayerLocation, Location};
pub use provenance::{Provenance, ValueRead, VariableDefinitions};
pub use setting::{ChildSetting, HistoryEntry, Setting, setting};
