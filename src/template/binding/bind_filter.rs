//! The bind filter, which every printed expression goes through, and the formatter, which writes a slot's number into the text.
//!
//! The engine evaluates `{{ (image)|__bind(3) }}`: the filter takes the value of `image` and the number 3, puts both into a new slot
//! of the [`RenderState`], and returns the slot's number as an object. The formatter, which the engine calls for
//! whatever is printed, writes that number between two noncharacters. Only what no filter has seen (the result of a
//! `{% call %}` block) becomes a slot in the formatter itself.

use minijinja::value::Value as Jinja;
use minijinja::{Error, ErrorKind, Output, State};

use super::provenance::Provenance;
use super::slot::{FailedWith, RenderState, Slot, SlotNumber, SlotValue, WarnedValue};
use super::value::NodeRef;
use crate::limits::Limits;
use crate::template::analysis::{Expression, ExpressionTable};
use crate::yaml::{SLOT_CLOSE, SLOT_OPEN};

/// The bind filter: makes a slot of a value that the expression with this number prints.
///
/// # Errors
/// When the template prints too much.
pub(crate) fn bind_value(
    state: &mut State,
    expressions: &ExpressionTable,
    limits: &Limits,
    value: Jinja,
    number: usize,
) -> Result<Jinja, Error> {
    let Some(expression) = expressions.get(number) else {
        return Err(Error::new(ErrorKind::InvalidOperation, "an expression that is not in the table"));
    };
    let (value, warning) = match value.downcast_object_ref::<WarnedValue>() {
        Some(warned) => (warned.value.clone(), Some(warned.message.clone())),
        None => (value, None),
    };
    // Looked up anew, because a template may give this name to something else.
    let values = state.lookup("values").and_then(|values| values.downcast_object_ref::<NodeRef>().cloned());
    let provenance = Provenance { expressions, template: expression.template, values: values.as_ref() };
    let value = classify(state, &provenance, expression, value);
    let inputs = match (&value, &expression.bare) {
        // The node itself says where it was written.
        (SlotValue::Node(_), Some(_)) => Vec::new(),
        _ => expression.paths.iter().map(|read| provenance.of_input(state, read)).collect(),
    };
    let slot = Slot { expression: Some(number), value, inputs, warning };
    let number = RenderState::of(state).add_slot(limits, slot)?;
    Ok(Jinja::from_object(SlotNumber(number)))
}

fn classify(state: &State, provenance: &Provenance<'_>, expression: &Expression, value: Jinja) -> SlotValue {
    // Only what the engine captures is a safe string: the `safe` filter is taken out of it.
    if value.is_safe() {
        return SlotValue::fragment(&value);
    }
    if let Some(failed) = value.downcast_object_ref::<FailedWith>() {
        return failed.0.clone().map_or(SlotValue::FailedBefore, SlotValue::Failed);
    }
    if let Some(node) = value.downcast_object_ref::<NodeRef>() {
        return if node.is_set() { SlotValue::Node(node.clone()) } else { SlotValue::Absent };
    }
    // The engine lets an undefined value into a filter. Whether it is an error is known here: a setting that the schema has leaves
    // its key out.
    if value.is_undefined() {
        return if expression.in_schema { SlotValue::Absent } else { SlotValue::Undefined };
    }
    if value.is_none() {
        return SlotValue::Absent;
    }
    // A scalar. That of a bare path is a node of the values: with its node it keeps its lexeme, so that `1.10` stays `1.10`.
    let node = match &expression.bare {
        Some(path) => provenance.of_scalar(state, path, expression.paths.first(), &value),
        None => None,
    };
    node.map_or(SlotValue::Computed(value), SlotValue::Node)
}

/// The formatter: writes the slot of a value that is printed.
///
/// # Errors
/// When the template prints too much.
pub(crate) fn print_slot(
    out: &mut Output,
    state: &mut State,
    limits: &Limits,
    value: &Jinja,
) -> Result<(), Error> {
    let number = match value.downcast_object_ref::<SlotNumber>() {
        Some(slot) => slot.0,
        None => {
            let value =
                if value.is_safe() { SlotValue::fragment(value) } else { SlotValue::Computed(value.clone()) };
            let slot = Slot { expression: None, value, inputs: Vec::new(), warning: None };
            RenderState::of(state).add_slot(limits, slot)?
        }
    };
    write!(out, "{SLOT_OPEN}{number}{SLOT_CLOSE}").map_err(Error::from)
}
