//! Templates with bound values, and minijinja's only home: no other module names the engine.
//!
//! A printed value does not become text. It stands in a table of bindings, the rendered text has a *slot* where it was
//! printed, and the YAML reader puts the value itself into the tree at that slot. So a template needs no quoting and no
//! indentation, and a value cannot break out of its place.
//!
//! # The states of one render
//!
//! ```text
//! TemplateFile…                 name, source, role
//!     │ analyse                 parsed once, checked; all findings are reported. Or a plan that was stored
//!     ▼
//! Plan                          what is put into the texts, which expressions are printed, what they read: data
//!     │ Program::new            (compile is both, PendingProgram is both on two threads)
//!     ▼
//! Program                       instrumented templates, compiled when needed; shared by threads, for any values
//!     │        RenderInput      values, other globals, cluster capabilities, secrets
//!     │            │ RenderContext::new
//!     │            ▼
//!     │        RenderContext    the same as the engine sees it
//!     ▼            ▼
//! run, BegunRun::outputs        nothing is reported yet, so any thread can do it
//!     ▼
//! RawOutput                     text with slots and source marks, and the raw value of each slot; or the engine's error
//!     │ bind                    reports what is wrong, on the thread that owns the session
//!     ▼
//! RenderedTemplate              text with slots as a derived source with its source map, and a binding for each slot
//!     │ manifest::split reads the documents and marks the bindings that it used
//!     ▼
//! refuse_unused                 a binding that no document used is an error
//! ```
//!
//! [`render`] is `run` and `bind` in one call.
//!
//! # Which way imports run
//!
//! ```text
//! engine ──► binding ──► analysis ──► file, chart_files, errors, go_syntax, shell_word
//! ```
//!
//! * `analysis` reads templates before anything is rendered. It knows syntax trees and schemas, and no value.
//! * `binding` knows values: how the engine holds them, what a slot stands for, where it was written.
//! * `engine` sets minijinja up and runs it.
//! * [`file`], `chart_files`, `errors`, `go_syntax` and `shell_word` know none of the three.

mod analysis;
mod binding;
mod chart_files;
mod engine;
mod errors;
mod file;
pub(crate) mod go_syntax;
mod shell_word;
#[cfg(test)]
mod tests;

pub use analysis::{Plan, SettingReads, ValueUse};
pub use binding::{KnownTexts, RenderedTemplate, refuse_unused};
pub use chart_files::{ChartFiles, FileContent};
pub use engine::{
    BegunRun, Capabilities, FUNCTIONS, PendingProgram, Program, RawOutput, RenderContext, RenderInput,
    SecondThread, TemplateFunction, analyse, bind, compile, filter_names, render, run, run_only,
    setting_reads, test_names,
};
pub use file::{Role, TemplateFile};
