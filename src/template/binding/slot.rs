//! Slots: what one render has printed. The bind filter makes them, and the formatter writes their numbers into the
//! text.
//!
//! The engine evaluates `{{ (image)|_b(3) }}`: the filter takes the value of `image` and the number 3, puts both
//! into a new slot of the [`RenderState`], and returns the slot's number as an object. The formatter, which the engine
//! calls for whatever is printed, writes that number between two noncharacters. Only what no filter has seen (the
//! result of a `{% call %}` block) becomes a slot in the formatter itself.
//!
//! ```text
//! values.replicas ─ _b(3) ─► slot 7: expression 3, Node(…) ─► SlotNumber(7) ─ print_slot ─► <U+FDD0>7<U+FDD1>
//! ```
//!
//! Both numbers are needed: an expression in a loop prints once for each turn, into a slot of its own each time.

use std::num::NonZeroU32;
use std::sync::Arc;

use minijinja::value::{Object, Value as Jinja};
use minijinja::{Error, ErrorKind, Output, State};

use super::provenance::Provenance;
use super::removed::{self, RemovedReads};
use super::value::NodeRef;
use crate::limits::{Limit, Limits};
use crate::source::Span;
use crate::template::analysis::{Expression, ExpressionTable};
use crate::template::errors::{check_output_size, limit_error};
use crate::yaml::{MARK_CLOSE, MARK_OPEN, SLOT_CLOSE, SLOT_OPEN};

/// What one run of a template has done so far. It is kept in the engine's state, so threads share nothing; a state that
/// runs several templates gets a new one for each.
#[derive(Debug, Default)]
pub(crate) struct RenderState {
    /// The slots by their numbers, which is the order of printing.
    pub(crate) slots: Slots,
    /// The `null`s because of which slots, or parts of them, have no value: the slot, and the place; ascending.
    pub(crate) removed: Vec<(usize, Span)>,
    /// Bytes of text, as far as they are counted.
    bytes: usize,
    /// Parts of values that were looked at while they were measured.
    measured: usize,
    /// The left operands of `*` whose right ones are still evaluated, innermost last.
    pub(crate) factors: Vec<Jinja>,
}

/// One printed value. A large set has a million of them at once, so what few have is apart.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The number of the expression, and one.
    expression: Option<NonZeroU32>,
    pub(crate) value: SlotValue,
    details: Option<Box<Details>>,
}

/// What is known besides of a slot, if there is anything.
#[derive(Debug)]
struct Details {
    inputs: Vec<Option<NodeRef>>,
    warning: Option<String>,
}

impl Slot {
    fn new(
        expression: Option<usize>,
        value: SlotValue,
        inputs: Vec<Option<NodeRef>>,
        warning: Option<String>,
    ) -> Self {
        let has_details = !inputs.is_empty() || warning.is_some();
        let details = has_details.then(|| Box::new(Details { inputs, warning }));
        // No template is so long that it has more expressions (`Limit::Text`).
        let number = expression.and_then(|number| u32::try_from(number).ok()?.checked_add(1));
        Slot { expression: number.and_then(NonZeroU32::new), value, details }
    }

    /// The number of the expression; none for what a `{% call %}` block prints, which passes no filter.
    pub(crate) fn expression(&self) -> Option<usize> {
        expression_number(self.expression)
    }

    /// The values that went into a computed one, in the order of the expression's paths.
    pub(crate) fn inputs(&self) -> &[Option<NodeRef>] {
        self.details.as_ref().map_or(&[], |details| &details.inputs)
    }

    /// What `warn(…)` says of it.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.details.as_ref()?.warning.as_deref()
    }
}

fn expression_number(kept: Option<NonZeroU32>) -> Option<usize> {
    kept.map(|number| number.get() as usize - 1)
}

/// Slots by their numbers. In chunks: a list that grows is copied, and a chunk can be dropped when its slots are bound.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    chunks: Vec<Vec<Slot>>,
}

/// How many slots a chunk has. The first one grows as far as it is needed.
const CHUNK: usize = 4096;

impl Slots {
    pub(crate) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Slot> {
        self.chunks.get(number / CHUNK)?.get(number % CHUNK)
    }

    fn push(&mut self, slot: Slot) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(slot),
            Some(_) => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(slot);
                self.chunks.push(chunk);
            }
            None => self.chunks.push(vec![slot]),
        }
    }

    /// The expressions that have printed the slots.
    pub(crate) fn printed_by(&self) -> PrintedBy {
        PrintedBy(self.chunks.iter().flatten().map(|slot| slot.expression).collect())
    }
}

impl IntoIterator for Slots {
    type Item = Slot;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<Slot>>>;

    /// The slots by their numbers; each chunk goes when its slots were taken.
    fn into_iter(self) -> Self::IntoIter {
        self.chunks.into_iter().flatten()
    }
}

/// For each slot the number of the expression that has printed it.
#[derive(Debug)]
pub(crate) struct PrintedBy(Vec<Option<NonZeroU32>>);

impl PrintedBy {
    pub(crate) fn get(&self, slot: usize) -> Option<usize> {
        expression_number(self.0.get(slot).copied().flatten())
    }
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
    /// What the engine has captured, which is a string.
    fn fragment(value: &Jinja) -> Self {
        SlotValue::Fragment(value.to_str().unwrap_or_else(|| Arc::from("")))
    }
}

/// How much a run has done that is limited.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    slots: usize,
    bytes: usize,
    measured: usize,
}

impl Work {
    /// What was done after `before`; none if slots were added, which belong to the run that they were added in.
    pub(crate) fn since(self, before: Work) -> Option<Work> {
        (self.slots == before.slots).then(|| Work {
            slots: 0,
            bytes: self.bytes.saturating_sub(before.bytes),
            measured: self.measured.saturating_sub(before.measured),
        })
    }
}

impl RenderState {
    /// What has been done so far.
    pub(crate) fn work(&self) -> Work {
        Work { slots: self.slots.len(), bytes: self.bytes, measured: self.measured }
    }

    /// Counts what an import did that was made for another template.
    ///
    /// # Errors
    /// When this one would have done too much by that.
    pub(crate) fn add_work(&mut self, limits: &Limits, work: Work) -> Result<(), Error> {
        self.add_measured(limits, work.measured)?;
        self.add_bytes(limits, work.bytes)
    }

    /// Counts parts of a value that were measured.
    ///
    /// # Errors
    /// When too much has been measured in this run.
    pub(crate) fn add_measured(&mut self, limits: &Limits, parts: usize) -> Result<(), Error> {
        // Measuring takes time as well. A loop that adds one item to a long list a thousand times is stopped here.
        self.measured = self.measured.saturating_add(parts);
        if self.measured > limits.of(Limit::Made) {
            return Err(limit_error(
                Limit::Made,
                "lists, maps and texts are made, or looked at, over and over again",
            ));
        }
        Ok(())
    }

    /// That of the template that is running.
    pub(crate) fn of<'s>(state: &'s mut State<'_, '_>) -> &'s mut RenderState {
        state.get_or_insert_extension_with(RenderState::default)
    }

    /// Adds a slot and gives its number.
    ///
    /// # Errors
    /// When the template has printed too many values, or too much text in them.
    fn add_slot(&mut self, limits: &Limits, slot: Slot) -> Result<usize, Error> {
        if self.slots.len() >= limits.of(Limit::Prints) {
            let most = limits.said(Limit::Prints);
            return Err(limit_error(Limit::Prints, format!("more than {most} values printed")));
        }
        // Nodes of the values are shared and cost nothing here; the binder counts them.
        let bytes = match &slot.value {
            SlotValue::Computed(value) => value.as_str().map_or(0, str::len),
            SlotValue::Failed(message) => message.len(),
            _ => 0,
        };
        self.add_bytes(limits, bytes + slot.warning().map_or(0, str::len))?;
        self.slots.push(slot);
        Ok(self.slots.len() - 1)
    }

    /// Counts text that is printed, and stops a template that prints without end. What a macro prints is counted when
    /// it is captured, although it may never be printed: until then it is held in memory all the same.
    pub(crate) fn add_bytes(&mut self, limits: &Limits, bytes: usize) -> Result<(), Error> {
        self.bytes += bytes;
        check_output_size(self.bytes, limits)
    }
}

// The engine passes values alone from one function to the next. So what these functions have to say to each other
// travels inside of objects that no template can look into.

/// What the bind filter gives to the formatter: the number of a slot.
#[derive(Debug)]
struct SlotNumber(usize);

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
    let provenance = Provenance::new(expressions);
    let value = classify(state, &provenance, expression, value);
    let inputs = match (&value, expression.bare()) {
        // The node itself says where it was written.
        (SlotValue::Node(_), Some(_)) => Vec::new(),
        _ => expression.paths().map(|read| provenance.of_input(state, read)).collect(),
    };
    let removed = removed_behind(state, &provenance, expression, &value);
    let slot = Slot::new(Some(number), value, inputs, warning);
    let render = RenderState::of(state);
    let number = render.add_slot(limits, slot)?;
    render.removed.extend(removed.into_iter().map(|span| (number, span)));
    Ok(Jinja::from_object(SlotNumber(number)))
}

/// The `null`s because of which an expression has no value, or its value lacks a part.
fn removed_behind(
    state: &State,
    provenance: &Provenance<'_>,
    expression: Expression<'_>,
    value: &SlotValue,
) -> Vec<Span> {
    // The usual case: none of what was taken away has been read.
    if removed::so_far(RemovedReads::is_empty) {
        return Vec::new();
    }
    match value {
        SlotValue::Node(_) | SlotValue::Fragment(_) | SlotValue::FailedBefore => Vec::new(),
        // A chart refuses what it has looked at just before.
        SlotValue::Failed(_) => removed::so_far(RemovedReads::last).into_iter().collect(),
        SlotValue::Absent | SlotValue::Undefined | SlotValue::Computed(_) => {
            expression.paths().filter_map(|path| provenance.removed(state, path)).collect()
        }
    }
}

/// What an expression has printed, by the value that it has come to.
fn classify(
    state: &State,
    provenance: &Provenance<'_>,
    expression: Expression<'_>,
    value: Jinja,
) -> SlotValue {
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
    // The engine lets an undefined value into a filter. Whether it is an error is known here: a setting that the schema
    // has leaves its key out.
    if value.is_undefined() {
        return if expression.in_schema() { SlotValue::Absent } else { SlotValue::Undefined };
    }
    if value.is_none() {
        return SlotValue::Absent;
    }
    // A scalar. That of a bare path is a node of the values, which messages can point to.
    let node = match expression.bare() {
        Some(path) => provenance.of_scalar(state, path, expression.paths().next(), &value),
        None => None,
    };
    node.map_or(SlotValue::Computed(value), SlotValue::Node)
}

/// A piece of what a captured text stands for.
#[derive(Clone, Debug)]
pub(crate) enum PrintedPiece {
    /// Text of a template.
    Text(Arc<str>),
    /// A value of the values.
    Node(NodeRef),
    /// A computed value.
    Computed(Jinja),
    /// Nothing: what stands before it is left out, or an error was reported.
    Nothing,
}

/// What the text of a macro or of a set block stands for, piece by piece: its slots are replaced by their values, those
/// of the texts in it too, and what says where the text was written is left out.
///
/// # Errors
/// When it is more text than a template may print: a text may have another in it many times.
pub(crate) fn printed_pieces(
    state: &mut State<'_, '_>,
    limits: &Limits,
    captured: &Jinja,
) -> Result<Vec<PrintedPiece>, Error> {
    let render = RenderState::of(state);
    let mut pieces = Vec::new();
    // A stack and no recursion: texts may be in each other as often as a template likes.
    let mut open = vec![(captured.to_str().unwrap_or_else(|| Arc::from("")), 0)];
    while let Some((text, at)) = open.pop() {
        let rest = &text[at..];
        let end = rest.find([SLOT_OPEN, MARK_OPEN]).unwrap_or(rest.len());
        let (before, tail) = rest.split_at(end);
        // A piece takes memory beside its text.
        render.add_bytes(limits, before.len() + std::mem::size_of::<PrintedPiece>())?;
        if !before.is_empty() {
            pieces.push(PrintedPiece::Text(Arc::from(before)));
        }
        let Some(opening) = tail.chars().next() else { continue };
        let close = if opening == SLOT_OPEN { SLOT_CLOSE } else { MARK_CLOSE };
        // One that was cut short, as a filter may do, has the rest of the text.
        let length = tail.find(close).map_or(tail.len(), |at| at + close.len_utf8());
        open.push((Arc::clone(&text), at + end + length));
        if opening != SLOT_OPEN {
            continue;
        }
        let number = tail[..length].trim_start_matches(SLOT_OPEN).trim_end_matches(SLOT_CLOSE).parse();
        let slot = number.ok().and_then(|number: usize| render.slots.get(number));
        match slot.map(|slot| &slot.value) {
            Some(SlotValue::Fragment(inner)) => open.push((Arc::clone(inner), 0)),
            Some(SlotValue::Node(node)) => pieces.push(PrintedPiece::Node(node.clone())),
            Some(SlotValue::Computed(value)) => pieces.push(PrintedPiece::Computed(value.clone())),
            _ => pieces.push(PrintedPiece::Nothing),
        }
    }
    Ok(pieces)
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
            let slot = Slot::new(None, value, Vec::new(), None);
            RenderState::of(state).add_slot(limits, slot)?
        }
    };
    // In one piece, and without the machinery of `write!`: a set has a slot for each of its values.
    let mut text = String::with_capacity(LONGEST_SLOT);
    text.push(SLOT_OPEN);
    push_number(&mut text, number);
    text.push(SLOT_CLOSE);
    out.write_str(&text).map_err(Error::from)
}

/// The bytes of the longest slot: two noncharacters and the digits of the largest number.
const LONGEST_SLOT: usize = 26;

/// Adds a number in decimal digits.
fn push_number(text: &mut String, number: usize) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}
