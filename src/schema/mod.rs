//! JSON Schema over the spanned tree: what a chart wants by path, and every violation at the data's own place.
//!
//! [`Schema::compile`] reads a schema, refuses what is not local or not bounded, and works out its
//! [`Wants`](crate::yaml::Wants); [`check`] holds values against it. [`SettingTree`] reads it for people.
//!
//! ```text
//! library                           types that a schema may refer to and does not have
//! subschemas ◄── bounds             which keywords hold schemas; where a `$ref` leads; what is refused
//!     ▲
//! type_inference ◄── wants          what is said of one value by all schemas that apply; the table by path
//!     ▲
//! setting_tree ◄── setting_rules    documentation: settings, constraints as phrases, rules as sentences
//! editor                            the same for editors, in a schema that is printed
//!
//! table_builder ─► table ◄── fast_path      a schema as flat arrays, with its patterns; finds values right
//! inference                         a schema of default values and their comments, where nobody wrote one
//!
//! compiled ◄── check                jsonschema over `json_adapter`; finds out what is wrong
//!                └─► extension_keywords, sentences     the author's words, or ours
//!                      └─► contradiction              which of a rule's settings a finding points at first
//! ```
//!
//! A schema is read in three forms, each where it is best: as a spanned tree, where findings point into it and where
//! its words are shown; as JSON, which jsonschema compiles; and as the table of the fast path. The table, and what is
//! expected by path, are worked out of the first. Both can be kept beside a chart ([`PrecompiledSchema`]), and then
//! neither of the other two is made for values that are right.

mod address;
mod bounds;
mod check;
mod compiled;
mod constraints;
mod context;
mod contradiction;
mod editor;
mod extension_keywords;
mod fast_path;
mod groups;
mod inference;
mod json_adapter;
mod library;
mod location;
mod mounted;
mod pattern;
mod removed;
mod sentences;
mod setting_rules;
mod setting_tree;
mod soundness;
mod subschemas;
mod table;
mod table_builder;
mod type_inference;
mod wants;

pub use check::{accepted, check, check_demanding, findings, findings_without_table, missing, unset};
pub use compiled::{PrecompiledSchema, Schema};
pub(crate) use constraints::inline_code;
pub use context::Demands;
pub use editor::{editor_text, for_editors};
pub use inference::{Guess, Inferred, Purpose, Reads, Subject, infer, words};
pub use library::{Definitions, Library, NotFound, may_need_library};
pub use mounted::{allow_switch, mount, with_words};
pub use removed::{RemovedFrom, at_nulls};
pub(crate) use sentences::{elsewhere, reworded};
pub use setting_rules::{SettingRule, SettingRuleKind, setting_rules};
pub(crate) use setting_rules::{path_below, wildcard_path};
pub use setting_tree::{SettingDocs, SettingNode, SettingTree};
