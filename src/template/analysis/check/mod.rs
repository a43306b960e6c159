//! Each template held against the values schema before anything is rendered, in branches not taken too.
//!
//! The checker walks a template's tree once, top to bottom, with a stack of scopes that says what each name means. It finds:
//!
//! * paths that the schema does not have (T002), and names that nothing has (T009);
//! * a macro's text that is used as a value, and blocks that work on text (T005);
//! * which printed paths the schema knows, so that they may be unset;
//! * which settings are read, for V111. A macro's body is walked once more for each set of settings that it is called with.
//!
//! It does not run anything, so where a meaning cannot be told, it is [`Meaning::Anything`](scopes::Meaning::Anything) and nothing
//! is checked below it: the check has no false findings at the price of some that it misses.

mod checker;
mod findings;
mod names;
mod scopes;

pub(super) use checker::check_template;
pub(super) use names::ChartNames;
pub(crate) use names::KnownNames;
