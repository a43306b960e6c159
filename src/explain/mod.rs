//! Explanations: who set a setting and which fields it affects; which expression and which line a field comes from.
//!
//! | question | answered by | looks |
//! |---|---|---|
//! | What is this setting, and which layer won? | [`setting`] | at the layers of the values and at the schema |
//! | Which fields does it affect, and which lines of templates use it? | [`setting_effects`] | from the values to the output |
//! | Where does this field come from? | [`field`] | from the output back to the values |
//!
//! Nothing is recorded for explanations while a chart is rendered. All they need is in the trees: each node of the
//! values keeps the span that it was parsed from, and each node of a document that an expression printed has an
//! [`Origin`](crate::source::Origin) with the expression and the spans of the values that it read. So spans join the
//! output with the values: `location` has the index from spans to settings that every answer needs.
//!
//! Follow `replicas: {{ values.engine.replicas }}` of a template, with `replicas: 3` in line 4 of `values.yaml`:
//!
//! ```text
//! node of the document:  value 3, span values.yaml:4, origin ─► expression `values.engine.replicas`, inputs [values.yaml:4]
//!                                         │
//! SettingIndex:               values.yaml:4 ─► engine.replicas
//! ```
//!
//! So the field *is* the setting (its own span is one of the index). A field with `{{ values.engine.replicas * 2 }}`
//! has a span in the rendered text, and only its inputs lead to the index: it was *computed* from the setting.
//!
//! Every value in an answer is masked: secrets are shown as stars.

mod effects;
mod field;
mod location;
mod lookup;
mod provenance;
mod setting;

pub use effects::{AffectedField, Influence, SettingEffects, SettingUse, setting_effects};
pub use field::{Field, field};
pub use location::{LayerLocation, Location};
pub use provenance::{PrintedBy, Provenance, ValueRead, VariableDefinitions};
pub use setting::{ChildSetting, HistoryEntry, InputValue, Setting, setting};
