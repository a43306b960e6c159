//! JSON Schema over the spanned tree: what a chart wants by path, and every violation at the data's own place.
//!
//! [`Schema::compile`] reads a schema, refuses what is not local or not bounded, and works out its
//! [`Wants`](crate::yaml::Wants); [`check`] holds values against it. [`SettingTree`] reads it for people.
//!
//! ```text
//! subschemas ◄── bounds             which keywords hold schemas; where a `$ref` leads; what is refused
//!     ▲
//! type_inference ◄── wants          what is said of one value by all schemas that apply; the table by path
//!     ▲
//! setting_tree ◄── setting_rules    documentation: settings, constraints as phrases, rules as sentences
//!
//! keyword_table ◄── fast_path       a built-in schema as static data; finds values right
//! compiled ◄── check                jsonschema over `json_adapter`; finds out what is wrong
//!                └─► extension_keywords, sentences     the author's words, or ours
//! ```
//!
//! A schema is read in three forms, each where it is best: as a spanned tree, where findings point into it and where
//! its words are shown; as JSON, which jsonschema compiles; and as the static table of the fast path. What is expected
//! by path is worked out of the first.

mod bounds;
mod check;
mod compiled;
mod constraints;
mod context;
mod extension_keywords;
mod fast_path;
mod json_adapter;
pub mod keyword_table;
mod location;
mod sentences;
mod setting_rules;
mod setting_tree;
mod subschemas;
mod type_inference;
mod wants;

pub use check::{accepted, check, check_demanding, findings, missing};
pub use compiled::Schema;
pub(crate) use constraints::inline_code;
pub use context::Demands;
pub use fast_path::BuiltIn;
pub(crate) use sentences::{elsewhere, reworded};
pub use setting_rules::{SettingRule, SettingRuleKind, setting_rules};
pub(crate) use setting_rules::{path_below, wildcard_path};
pub use setting_tree::{SettingDocs, SettingNode, SettingTree};
