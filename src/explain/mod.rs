//! The way back: who set a setting and which fields it reaches; which expression and which line a field comes from.
//!
//! [`setting`], [`fields_of`] and [`looks_at`] look from the values, [`field`] looks from the output. All they need lies in the trees
//! already, as spans and origins: nothing is written down for them while a chart is rendered.

mod cover;
mod field;
mod look;
mod making;
mod object;
mod place;
mod query;
mod reach;
mod setting;
mod sought;

pub use field::{Field, Maker, Read, field};
pub use look::{Looked, looks_at};
pub use making::Makings;
pub use place::{Place, Written};
pub use reach::{Reached, Way, fields_of};
pub use setting::{Key, Setting, Step, setting};
