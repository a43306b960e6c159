//! minijinja, set up to bind values: its environment, the functions of templates, and the stages of a render.
//!
//! ```text
//! program        a plan and an environment ─► Program (syntax, limits, the bind filter, the formatter)
//! functions      what templates can call; filters: those of the engine, and what each may make (ordering: those that
//!                compare); growth: how large the values may be that all of them make, and operators
//! addresses      where URLs and hosts lead, as the peers of a NetworkPolicy: what two of the functions give
//! patterns       regular expressions: `regex_replace`, `matching`
//! imports        what imports of libraries gave, for the templates that share a state of the engine
//! runner         one state of the engine for many templates: Program, globals ─► RawOutput
//! render         RenderInput ─► RenderContext; run; bind: RawOutput ─► RenderedTemplate
//! pending        a program that a second thread makes while the schema and the values are read
//! second_thread  the same run on two threads
//! ```

mod addresses;
mod filters;
mod functions;
mod growth;
mod imports;
mod ordering;
mod patterns;
mod pending;
mod program;
mod render;
mod runner;
mod second_thread;
mod versions;

pub use filters::{filter_names, test_names};
pub use functions::{FUNCTIONS, TemplateFunction};
pub use pending::PendingProgram;
pub use program::{Program, analyse, compile, setting_reads};
pub use render::{Capabilities, RenderContext, RenderInput, bind, render, run, run_only};
pub use runner::RawOutput;
pub use second_thread::{BegunRun, SecondThread};
