//! Derived values: what a chart computes from its own values, before they are checked.
//!
//! ```yaml
//! # derived.yaml
//! url: https://{{ values.host }}:{{ values.port }}/      a text with values in it
//! workers: {{ values.replicas * 2 }}                     an expression alone keeps its type
//! labels: {{ merge({"app": values.name}, values.labels) }}
//! tier: web                                              no expression at all
//! ```
//!
//! They are a layer above the chart's defaults and presets, and below files and flags. What a file or a flag sets is
//! not computed at all. Expressions see the merged values, those of files and flags too, and other derived values.
//!
//! ```text
//! derived.yaml ─ read ─► DerivedValues          its tree, and a template of its own for each value with expressions
//!                            │ the layers and flags above
//!                            ▼
//!                         evaluate ─► Layer     level by level (order): first those that need no other
//! ```
//!
//! Each value with expressions is a small template, and so has what templates have: functions, limits, the check
//! against the schema, findings at its own text.

mod evaluate;
mod order;
mod read;
mod tags;

pub use evaluate::{Above, Evaluated};
pub use read::DerivedValues;
