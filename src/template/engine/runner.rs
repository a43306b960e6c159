//! One thread's run of templates: several in one state of the engine, so that a library is imported once for all of
//! them.
//!
//! # Why nothing but time depends on it
//!
//! What a template comes to must not depend on which ones ran before it, in which order, on how many threads. So a
//! template that fails in a state that it shares, whatever the reason, is run once more by itself ([`Runner::alone`]),
//! and what comes of that counts: the error with its place, and which limit was reached. What is left to show is that a
//! template which succeeds among others succeeds alone, and prints the same:
//!
//! * *Variables.* A template runs in a frame that is dropped behind it. Libraries that are shared do not depend on who
//!   imports them (`analysis/shared_imports.rs`).
//! * *Instructions.* The shared state has the fuel of one template. What a template takes alone is its own work and that
//!   of the imports it needs, and the shared state has paid for both.
//! * *Slots, bytes and measured parts* begin anew with each template. An import that was made before is counted again.
//! * *Depth.* The shared state is deeper by a block and an include. An import that was made before takes no depth, and so
//!   only those are shared that are far from the limit, which is fixed.

use minijinja::value::Value as Jinja;
use minijinja::{Captured, Error};

use super::program::{Program, RUN_BLOCK, TEMPLATE_TO_RUN};
use crate::limits::Limit;
use crate::template::binding::{RemovedReads, RenderState, watch};
use crate::template::errors::check_output_size;

/// What the engine made of one template: nothing has been looked at yet, and nothing reported.
#[derive(Debug)]
pub struct RawOutput {
    /// The position of the template.
    pub(super) template: usize,
    pub(super) result: Result<Printed, Error>,
    /// What it has read of the settings that a `null` took away.
    pub(super) removed: RemovedReads,
}

/// What one template printed.
#[derive(Debug)]
pub(super) struct Printed {
    /// The text, with slots and source marks.
    pub(super) text: String,
    /// What stands in its slots, and why some of them have no value.
    pub(super) state: RenderState,
}

/// Runs templates of a program with the same globals, one after the other, on one thread.
#[derive(Debug)]
pub(super) struct Runner<'p> {
    program: &'p Program,
    /// The globals by name: one shared map, of which a reference is cloned.
    globals: Jinja,
    /// The state that templates share, if there is one with fuel in it.
    shared: Option<Captured<'p>>,
}

/// A state is given up when it has used this part of its fuel, so that hardly any template runs out of it that would
/// not do so alone, and is run twice.
const FUEL_PART: u64 = 16;

impl<'p> Runner<'p> {
    pub(super) fn new(program: &'p Program, globals: Jinja) -> Self {
        Runner { program, globals, shared: None }
    }

    /// Compiles a template if need be, and runs it.
    pub(super) fn run(&mut self, template: usize) -> RawOutput {
        let (result, removed) = match watch(|| self.among_others(template)) {
            (Ok(printed), removed) => (Ok(printed), removed),
            (Err(_), _) => watch(|| self.alone(template)),
        };
        let result = result.and_then(|printed| {
            check_output_size(printed.text.len(), &self.program.limits)?;
            Ok(printed)
        });
        RawOutput { template, result, removed }
    }

    #[cfg(test)]
    fn count(&self) {
        self.program.runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// Runs a template in the state that all share. Afterwards the state is there if it can take another one.
    fn among_others(&mut self, template: usize) -> Result<Printed, Error> {
        #[cfg(test)]
        self.count();
        let mut state = match self.shared.take() {
            Some(state) => state,
            None => self.program.state_template()?.render_captured(self.globals.clone())?,
        };
        let name = Jinja::from(&*self.program.templates[template].name);
        let text = state.with_state_mut(|state| {
            state.set_temp(TEMPLATE_TO_RUN, name);
            state.render_block(RUN_BLOCK)
        })?;
        let run = take_run(&mut state);
        let used = state.state().fuel_levels().map_or(0, |(used, _)| used);
        if used < self.program.limits.get(Limit::Fuel) / FUEL_PART {
            self.shared = Some(state);
        }
        Ok(Printed { text, state: run })
    }

    /// Runs a template in a state of its own.
    fn alone(&self, template: usize) -> Result<Printed, Error> {
        #[cfg(test)]
        self.count();
        let template = self.program.compiled(template)?;
        // Captured, because the slots are in the engine's state, which a plain render drops.
        let mut state = template.render_captured(self.globals.clone())?;
        let run = take_run(&mut state);
        Ok(Printed { text: state.into_output(), state: run })
    }
}

/// What the template that ran last has printed. One that has printed nothing has no state.
fn take_run(state: &mut Captured<'_>) -> RenderState {
    let run = state.with_state_mut(|state| state.get_extension_mut::<RenderState>().map(std::mem::take));
    run.unwrap_or_default()
}
