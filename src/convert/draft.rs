//! A converted chart: its files, what is left of it, and how it compares.

use std::collections::BTreeMap;

use super::compare::Comparison;
use super::note::Note;

/// A chart of Helm as one of bound templates.
#[derive(Debug)]
pub struct Converted {
    /// Its name.
    pub name: String,
    /// Its files, by their paths below its folder.
    pub files: BTreeMap<String, String>,
    /// What is left to a person, in the order of the files.
    pub notes: Vec<Note>,
    /// What is not converted by itself, in a phrase each.
    pub left_out: Vec<String>,
    /// Whether the schema is that of the chart.
    pub has_own_schema: bool,
    /// Both charts with each set of the chart's own values.
    pub comparisons: Vec<Comparison>,
}

impl Converted {
    /// Whether nothing is left to do: no note, and all objects are equal.
    pub fn is_equal(&self) -> bool {
        self.notes.is_empty() && self.comparisons.iter().all(Comparison::is_equal)
    }
}
