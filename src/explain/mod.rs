//! The way back: who set a setting and which fields it reaches; which expression and which line a field comes from.
//!
//! [`setting`], [`affected_fields`] and [`setting_uses`] look from the values, [`field`] looks from the output. All they need lies in the trees
//! already, as spans and origins: nothing is written down for them while a chart is rendered.

mod field;
mod field_mask;
mod look;
mod making;
mod object;
mod place;
mod query;
mod reach;
mod setting;
mod sought;

pub use field::{Field, Provenance, ValueRead, field};
pub use look::{SettingUse, setting_uses};
pub use making::VariableDefinitions;
pub use place::{LayerLocation, Location};
pub use reach::{AffectedField, Effect, affected_fields};
pub use setting::{ChildSetting, HistoryEntry, Setting, setting};
