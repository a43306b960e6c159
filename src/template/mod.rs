//! minijinja's only home: bound values, marks, functions, and the check of a template against the schema.
//!
//! [`compile`] holds each template against the values schema and prepares the engine once; [`render`] runs every
//! template of the program with one set of values. What comes out is not text but a text with *slots*: each printed
//! value stands in a table of bindings, and the YAML reader puts it into the tree where its slot stands.

mod alias;
mod check;
mod depth;
mod engine;
mod errors;
mod expression;
mod facts;
mod filler;
mod fingerprint;
mod functions;
mod growth;
mod helper;
mod instrument;
mod limits;
mod look;
mod packed;
mod plan;
mod prepared;
mod program;
mod reads;
mod refusals;
mod render;
mod strings;
mod strip;
mod syntax;
mod unused;
mod value;

pub use fingerprint::fingerprint;
pub use functions::{FILTERS, FUNCTIONS, TESTS};
pub use helper::SecondThread;
pub use look::ValueUse;
pub use program::{
    Program, Role, TemplateFile, bundled_plan_as_json, bundled_program, compile, plan_as_json,
};
pub use reads::{SettingReads, setting_reads};
pub use render::{Capabilities, RawOutput, RenderContext, RenderInput, RenderedTemplate, bind, render, run};
pub use unused::refuse_unused;
