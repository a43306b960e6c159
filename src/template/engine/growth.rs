//! Growth limits: how large and how deep the values may be that expressions make, and how much work that may be.
//!
//! The engine's fuel counts instructions, and one instruction can make a value of any size, or look at one: `x ~ x`
//! doubles a text, `replace` can multiply it by its own length, `in` searches all of it. So whatever can grow asks
//! before it grows, and whatever looks at many bytes pays for them. Everything goes through this file:
//!
//! | what | asks before | pays |
//! |---|---|---|
//! | filters and tests of the engine (`filters.rs`) | for what their row of the table says | for their arguments, and for what they have made |
//! | functions of ours (`functions.rs`) | for the texts that they make ([`check_text_size`]), and by turning arguments into trees | |
//! | `*` | for the product ([`repeated`], [`repeats`]) | as below |
//! | `~`, `+`, lists, maps, slices, values of `set` | nothing: they make no more than their operands have, which are within the limits themselves | for what they have made ([`measure`]) |
//! | comparisons, `in` | nothing: they make a boolean | for their right operand ([`compared`]) |
//!
//! So no value is larger than the limits `text` and `items` at any time, and all that a template makes together is
//! bounded by `made`. What is estimated beforehand is never too low, so that now and then a text is refused that would
//! just have fitted.
//!
//! Nothing stays lazy: an iterator that a filter gives (`reverse`, `zip`, `[1:]`, …) becomes a list at once. One that
//! is sliced in each turn of a loop would be a chain of iterators as long as the loop, which the engine walks by
//! recursion.

use minijinja::value::{ObjectRepr, Value as Jinja, ValueKind};
use minijinja::{Error, ErrorKind, State};

use crate::limits::{Limit, Limits};
use crate::template::binding::{NodeRef, RenderState, native, native_number, number_text};
use crate::template::errors::{check_text_size, limit_error};

/// The measuring filter: gives back the value that it is given, as a list if it is an iterator, or refuses a string,
/// list or map that has grown too large, with all that is in it.
///
/// # Errors
/// When the value is too large or too deep, or too much has been made in this run.
pub(super) fn measure(state: &mut State, limits: &Limits, value: Jinja) -> Result<Jinja, Error> {
    let (value, size) = settled(value, limits)?;
    RenderState::of(state).add_measured(limits, size.made())?;
    Ok(value)
}

/// As [`measure`], for what is put into a namespace.
///
/// # Errors
/// When there is a namespace in it as well. One that holds itself has no end: turned into text, it would overflow the
/// stack.
pub(super) fn store(state: &mut State, limits: &Limits, value: Jinja) -> Result<Jinja, Error> {
    let value = measure(state, limits, value)?;
    if holds_namespace(&value) {
        let message = "a namespace cannot be put into a namespace";
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    Ok(value)
}

/// Whether it is a namespace, or a list or map with one. It was measured, so that it is not deep.
fn holds_namespace(value: &Jinja) -> bool {
    if !is_made_collection(value) {
        return false;
    }
    // The engine does not show the type, but for its name.
    if value.as_object().is_some_and(|object| object.type_name().ends_with("::Namespace")) {
        return true;
    }
    let is_map = value.kind() == ValueKind::Map;
    let part = |item: Jinja| if is_map { value.get_item(&item).unwrap_or_default() } else { item };
    value.try_iter().is_ok_and(|mut items| items.any(|item| holds_namespace(&part(item))))
}

/// Counts work: how many parts of values are looked at, and how many bytes of texts.
///
/// # Errors
/// When too much has been done in this run.
pub(super) fn pay(state: &mut State, limits: &Limits, parts: usize, bytes: usize) -> Result<(), Error> {
    let parts = parts.saturating_add(bytes / BYTES_LOOKED_AT);
    // The usual case costs nothing.
    if parts == 0 { Ok(()) } else { RenderState::of(state).add_measured(limits, parts) }
}

/// How many bytes of a text that is looked at count as one part: comparing and searching go over some gigabytes a
/// second.
const BYTES_LOOKED_AT: usize = 64;

/// How many bytes of a text that is made count as one part. They take memory, as long as the text lives, and so fewer
/// of them do: all texts of a template together can have 160 MB.
const BYTES_MADE: usize = 16;

/// Refuses more items than a list or map may have.
///
/// # Errors
/// When there are too many.
pub(super) fn check_items(items: usize, limits: &Limits) -> Result<(), Error> {
    if items > limits.of(Limit::Items) {
        let most = limits.said(Limit::Items);
        return Err(limit_error(Limit::Items, format!("a list or map of more than {most} items")));
    }
    Ok(())
}

// Operands.

/// The left operand of `*`: what is repeated, or how often, is kept for the right one.
pub(super) fn repeated(state: &mut State, value: Jinja) -> Jinja {
    let value = operand(value);
    RenderState::of(state).factors.push(value.clone());
    value
}

/// The right operand of `*`.
///
/// # Errors
/// When the product would be too large.
pub(super) fn repeats(state: &mut State, limits: &Limits, value: Jinja) -> Result<Jinja, Error> {
    let value = operand(value);
    let left = RenderState::of(state).factors.pop().unwrap_or_default();
    match (Factor::of(&left), Factor::of(&value)) {
        (Factor::Text(bytes), Factor::Times(times)) | (Factor::Times(times), Factor::Text(bytes)) => {
            check_text_size(bytes.saturating_mul(times), limits)?;
        }
        (Factor::Items(items), Factor::Times(times)) | (Factor::Times(times), Factor::Items(items)) => {
            check_items(items.saturating_mul(times), limits)?;
        }
        _ => {}
    }
    Ok(value)
}

/// What an operand of `*` is to the product.
#[derive(Clone, Copy)]
enum Factor {
    /// So many bytes.
    Text(usize),
    /// So many items.
    Items(usize),
    Times(usize),
    /// Nothing that repeats anything.
    Other,
}

impl Factor {
    fn of(value: &Jinja) -> Self {
        match value.kind() {
            ValueKind::String => Factor::Text(value.as_str().map_or(0, str::len)),
            ValueKind::Seq | ValueKind::Iterable => Factor::Items(value.len().unwrap_or(usize::MAX)),
            ValueKind::Number => value.as_usize().map_or(Factor::Other, Factor::Times),
            _ => Factor::Other,
        }
    }
}

/// An operand of an operator that counts.
pub(super) fn operand(value: Jinja) -> Jinja {
    native_number(value)
}

/// The step of a slice.
///
/// # Errors
/// When it goes nowhere or backwards, which the engine panics at if the bounds do not fit.
pub(super) fn step(value: Jinja) -> Result<Jinja, Error> {
    let value = operand(value);
    if value.is_none() || value.as_usize().is_some_and(|step| step > 0) {
        return Ok(value);
    }
    let message = "a slice with bounds has a step of 1 or more; `reverse` turns it round";
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// What is sliced from its end to its beginning. Of an empty list the engine would take an item that is not there, of
/// null it makes an empty list.
///
/// # Errors
/// When it is a text, of which that would be no text.
pub(super) fn sliced_backwards(value: Jinja) -> Result<Jinja, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Bytes => {
            let message = "a text cannot be sliced backwards; `reverse` turns it round";
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
        _ if value.len() == Some(0) => Ok(Jinja::from(())),
        _ => Ok(value),
    }
}

/// An operand of a comparison or of `in`; the `right` one pays for both, as no more of the left one is looked at.
///
/// # Errors
/// When too much has been done in this run.
pub(super) fn compared(
    state: &mut State,
    limits: &Limits,
    value: Jinja,
    right: bool,
) -> Result<Jinja, Error> {
    if right {
        let size = Size::looked_at(&value, limits)?;
        pay(state, limits, size.parts, size.bytes)?;
    }
    Ok(native(&value))
}

// Sizes.

/// How much a value holds. A part that is shared counts as often as it is seen, since printing repeats it too.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    /// Scalars, lists and maps.
    pub(super) parts: usize,
    /// Bytes of all strings.
    pub(super) bytes: usize,
    /// What the parts take beyond what a scalar does, in scalars.
    extra: usize,
}

/// What a place in the values takes beyond what a scalar does, and an entry of a map beyond what an item does.
const EXTRA: usize = 3;

impl Size {
    /// # Errors
    /// When it is too large or too deep, which is found out without walking all of it.
    pub(super) fn of(value: &Jinja, limits: &Limits) -> Result<Self, Error> {
        let mut size = Size::default();
        size.add(value, limits, 0)?;
        Ok(size)
    }

    /// Of a value with all that is in it, where it is a part of the values as well.
    pub(super) fn looked_at(value: &Jinja, limits: &Limits) -> Result<Self, Error> {
        match value.downcast_object_ref::<NodeRef>() {
            Some(node) => Ok(Size { parts: node.weight(), ..Size::default() }),
            None => Size::of(value, limits),
        }
    }

    /// Adds a value that lies in `depth` others.
    fn add(&mut self, value: &Jinja, limits: &Limits, depth: usize) -> Result<(), Error> {
        self.parts = self.parts.saturating_add(1);
        check_depth(depth, limits)?;
        if let Some(text) = value.as_str() {
            self.bytes = self.bytes.saturating_add(text.len());
        } else if is_made_collection(value) {
            let is_map = value.kind() == ValueKind::Map;
            // What `+` makes is a chain of chains, so it is asked for its length before it is walked.
            if let Some(length) = value.len() {
                check_items(length, limits)?;
            }
            self.check(limits)?;
            for item in value.try_iter()? {
                let inner = if is_map { value.get_item(&item)? } else { item };
                self.extra += if is_map { EXTRA } else { 0 };
                self.add(&inner, limits, depth + 1)?;
            }
        } else if let Some(text) = number_text(value) {
            self.bytes = self.bytes.saturating_add(text.len());
            self.extra += EXTRA;
        } else if value.as_object().is_some() {
            self.extra += EXTRA;
        }
        self.check(limits)
    }

    /// Refuses what is too large so far.
    fn check(&self, limits: &Limits) -> Result<(), Error> {
        // Asked after each part, so that a value that is far too large is not walked to its end. The value itself is a
        // part, besides its items.
        check_items(self.parts.saturating_sub(1), limits)?;
        check_text_size(self.bytes, limits)
    }

    /// The length of its text in bytes, never too small: in a list, texts stand in quotes, with escapes.
    pub(super) fn text_length(&self) -> usize {
        let longest = if self.parts > 1 { self.bytes.saturating_mul(LONGEST_ESCAPE) } else { self.bytes };
        self.parts.saturating_mul(LONGEST_NUMBER).saturating_add(longest)
    }

    /// The parts that it counts as when it is made.
    fn made(&self) -> usize {
        self.parts.saturating_add(self.extra).saturating_add(self.bytes / BYTES_MADE)
    }
}

/// The digits of the largest number that the engine has, with room for quotes and commas.
const LONGEST_NUMBER: usize = 48;

/// The bytes of the escape of a character of one byte: `\u{7f}`.
const LONGEST_ESCAPE: usize = 6;

fn check_depth(depth: usize, limits: &Limits) -> Result<(), Error> {
    if depth > limits.of(Limit::Levels) {
        let most = limits.said(Limit::Levels);
        return Err(limit_error(Limit::Levels, format!("a value nested more than {most} levels deep")));
    }
    Ok(())
}

/// Whether a template made this list or map. The values' own trees are as large as their files, and are not copied.
fn is_made_collection(value: &Jinja) -> bool {
    let is_collection = matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable);
    is_collection && value.downcast_object_ref::<NodeRef>().is_none()
}

/// The value with its size; an iterator as the list of what it gives.
fn settled(value: Jinja, limits: &Limits) -> Result<(Jinja, Size), Error> {
    let is_lazy = value.as_object().is_some_and(|object| object.repr() == ObjectRepr::Iterable);
    if !is_lazy {
        let size = Size::of(&value, limits)?;
        return Ok((value, size));
    }
    let mut list = List::new(limits);
    for item in value.try_iter()?.checked() {
        list.push(item?)?;
    }
    Ok(list.end())
}

/// A list in the making, which is refused as soon as it is too large.
pub(super) struct List<'l> {
    limits: &'l Limits,
    items: Vec<Jinja>,
    size: Size,
}

impl<'l> List<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        List { limits, items: Vec::new(), size: Size { parts: 1, ..Size::default() } }
    }

    /// # Errors
    /// When the list is too large with it.
    pub(super) fn push(&mut self, item: Jinja) -> Result<(), Error> {
        self.size.add(&item, self.limits, 1)?;
        self.items.push(item);
        Ok(())
    }

    fn end(self) -> (Jinja, Size) {
        (Jinja::from(self.items), self.size)
    }

    /// # Errors
    /// When too much has been made in this run.
    pub(super) fn pay(self, state: &mut State) -> Result<Jinja, Error> {
        let limits = self.limits;
        let (list, size) = self.end();
        RenderState::of(state).add_measured(limits, size.made())?;
        Ok(list)
    }
}
