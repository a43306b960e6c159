//! Slots: what one render has printed, kept in the engine's state while a template runs.

use std::sync::Arc;

use minijinja::value::{Object, Value as Jinja};
use minijinja::{Error, State};

use super::value::NodeRef;
use crate::limits::{Limit, Limits};
use crate::template::errors::{check_output_size, limit_error};

/// What one run of a template has done so far. The engine gives each run a state of its own, so threads share nothing.
#[derive(Debug, Default)]
pub(crate) struct RenderState {
    /// The slots by their numbers, which is the order of printing.
    pub(crate) slots: Vec<Slot>,
    /// Bytes of text, as far as they are counted.
    bytes: usize,
    /// Parts of values that were looked at while they were measured.
    pub(crate) measured: usize,
}

/// One printed value.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The number of the expression; none for what a `{% call %}` block prints, which passes no filter.
    pub(crate) expression: Option<usize>,
    pub(crate) value: SlotValue,
    /// The values that went into a computed one, in the order of the expression's paths.
    pub(crate) inputs: Vec<Option<NodeRef>>,
    /// What `warn(…)` says of it.
    pub(crate) warning: Option<String>,
}

/// What was printed.
#[derive(Debug)]
pub(crate) enum SlotValue {
    /// A node of the values, with its lexeme.
    Node(NodeRef),
    /// A computed value.
    Computed(Jinja),
    /// The text of a macro, a set block or `caller()`: YAML with slots and marks of its own.
    Fragment(Arc<str>),
    /// Null, or a setting that nobody set: it leaves its key out.
    Absent,
    /// An undefined value that is not excused.
    Undefined,
    /// `fail("…")`
    Failed(String),
    /// A `fail("…")` that was reported at its call.
    FailedBefore,
}

impl SlotValue {
    pub(super) fn fragment(value: &Jinja) -> Self {
        SlotValue::Fragment(value.to_str().unwrap_or_else(|| Arc::from("")))
    }
}

impl RenderState {
    /// That of the template that is running.
    pub(crate) fn of<'s>(state: &'s mut State<'_, '_>) -> &'s mut RenderState {
        state.get_or_insert_extension_with(RenderState::default)
    }

    /// Adds a slot and gives its number.
    ///
    /// # Errors
    /// When the template has printed too many values, or too much text in them.
    pub(super) fn add_slot(&mut self, limits: &Limits, slot: Slot) -> Result<usize, Error> {
        if self.slots.len() >= limits.of(Limit::Prints) {
            let most = limits.said(Limit::Prints);
            return Err(limit_error(Limit::Prints, format!("more than {most} values printed")));
        }
        // Nodes of the values are shared and cost nothing here; the binder counts them.
        if let SlotValue::Computed(value) = &slot.value {
            self.add_bytes(limits, value.as_str().map_or(0, str::len))?;
        }
        self.slots.push(slot);
        Ok(self.slots.len() - 1)
    }

    /// Counts text that is printed, and stops a template that prints without end. What a macro prints is counted when it is
    /// captured, although it may never be printed: until then it is held in memory all the same.
    pub(crate) fn add_bytes(&mut self, limits: &Limits, bytes: usize) -> Result<(), Error> {
        self.bytes += bytes;
        check_output_size(self.bytes, limits)
    }
}

// The engine passes values alone from one function to the next. So what these functions have to say to each other travels inside of
// objects that no template can look into.

/// What the bind filter gives to the formatter: the number of a slot.
#[derive(Debug)]
pub(super) struct SlotNumber(pub(super) usize);

impl Object for SlotNumber {}

/// What `fail(…)` gives to the bind filter: its message; none if it was reported at the call.
#[derive(Debug)]
pub(crate) struct FailedWith(pub(crate) Option<String>);

impl Object for FailedWith {}

/// What `warn(…)` gives to the bind filter: the value itself, and what is to be said of it.
#[derive(Debug)]
pub(crate) struct WarnedValue {
    pub(crate) message: String,
    pub(crate) value: Jinja,
}

impl Object for WarnedValue {}
