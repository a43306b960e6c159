//! minijinja, set up to bind values: its environment, the functions of templates, and the stages of a render.
//!
//! ```text
//! program        compile: a plan and an environment ─► Program (syntax, limits, the bind filter, the formatter)
//! functions      what templates can call; growth: how large the values may be that they make
//! imports        what imports of libraries gave, for the templates that share a state of the engine
//! runner         one state of the engine for many templates: Program, globals ─► RawOutput
//! render         RenderInput ─► RenderContext; run; bind: RawOutput ─► RenderedTemplate
//! second_thread  the same run on two threads
//! ```

mod functions;
mod growth;
mod imports;
mod program;
mod render;
mod runner;
mod second_thread;

pub use functions::{FILTERS, FUNCTIONS, TESTS, TemplateFunction};
pub use program::{Program, bundled_plan_as_json, bundled_program, compile, plan_as_json, setting_reads};
pub use render::{Capabilities, RenderContext, RenderInput, bind, render, run};
pub use runner::RawOutput;
pub use second_thread::{BegunRun, SecondThread};
