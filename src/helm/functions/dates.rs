//! Functions over dates and durations.

use crate::gotemplate::function::Function;

/// The functions of this file.
pub const TABLE: &[Function] = &[];

/// A number with a name, as Go's months and weekdays are.
#[derive(Debug)]
pub struct Named {
    /// The number.
    pub number: i64,
}
