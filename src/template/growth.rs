//! What expressions may make: how large and how deep, and the filters that could make more than they were given.

use minijinja::value::{Kwargs, Rest, StringInput, Value as Jinja, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use super::engine::Prints;
use super::limits::{beyond, fits};
use super::value::Place;
use crate::limits::{Limit, Limits};

/// Replaces the engine's filters that multiply text by ones that look at the result's size first.
pub(super) fn register(engine: &mut Environment<'static>, limits: Limits) {
    engine.add_filter(
        "format",
        move |state: &mut State, template: &Jinja, arguments: Rest<ValueOrKwargs>| {
            format(state, &limits, template, arguments)
        },
    );
    engine.add_filter(
        "join",
        move |state: &mut State,
              value: &Jinja,
              joiner: Option<StringInput<'_>>,
              attribute: Option<&str>,
              kwargs: Kwargs| {
            weigh_joined(&limits, value, joiner.as_ref(), attribute)?;
            filters::join(state, value, joiner, attribute, kwargs)
        },
    );
    engine.add_filter(
        "replace",
        move |state: &mut State, value: StringInput<'_>, from: StringInput<'_>, to: StringInput<'_>| {
            let (text, new) = (value.as_str(), to.as_str());
            let found = text.matches(from.as_str()).count();
            fits(found.saturating_mul(new.len()).saturating_add(text.len()), &limits)?;
            filters::replace(state, value, from, to)
        },
    );
}

/// Refuses strings, lists and maps that have grown too large, with all that is in them.
pub(super) fn measure(state: &mut State, limits: &Limits, value: Jinja) -> Result<Jinja, Error> {
    let size = Size::of(&value, limits)?;
    let printed = state.get_or_insert_extension_with(Prints::default);
    printed.measured += size.parts;
    if printed.measured > limits.of(Limit::Made) {
        return Err(beyond(Limit::Made, "lists and maps are made over and over again"));
    }
    Ok(value)
}

/// How much a value holds. A part that is shared counts as often as it is seen, since printing repeats it too.
#[derive(Default)]
struct Size {
    parts: usize,
    bytes: usize,
}

impl Size {
    fn of(value: &Jinja, limits: &Limits) -> Result<Self, Error> {
        let mut size = Size::default();
        size.add(value, limits, 0)?;
        Ok(size)
    }

    fn add(&mut self, value: &Jinja, limits: &Limits, depth: usize) -> Result<(), Error> {
        self.parts += 1;
        if depth > limits.of(Limit::Levels) {
            let most = limits.said(Limit::Levels);
            return Err(beyond(Limit::Levels, format!("a value nested more than {most} levels deep")));
        }
        if let Some(text) = value.as_str() {
            self.bytes += text.len();
        } else if is_made(value) {
            // What `+` makes is a chain of chains, so it is asked for its length before it is walked.
            self.parts += value.len().filter(|length| *length > limits.of(Limit::Items)).unwrap_or(0);
            self.check(limits)?;
            for item in value.try_iter()? {
                let inner = if value.kind() == ValueKind::Map { value.get_item(&item)? } else { item };
                self.add(&inner, limits, depth + 1)?;
            }
        }
        self.check(limits)
    }

    fn check(&self, limits: &Limits) -> Result<(), Error> {
        if self.parts > limits.of(Limit::Items) + 1 {
            let most = limits.said(Limit::Items);
            return Err(beyond(Limit::Items, format!("a list or map of more than {most} items")));
        }
        fits(self.bytes, limits)
    }

    /// The length of its text, never too small.
    fn text(&self) -> usize {
        self.parts.saturating_mul(LONGEST_NUMBER).saturating_add(self.bytes)
    }
}

/// The digits of the largest number that the engine has, with room for quotes and commas.
const LONGEST_NUMBER: usize = 48;

/// Whether a template made this list or map. The values' own trees are as large as their files, and are not copied.
fn is_made(value: &Jinja) -> bool {
    let many = match value.kind() {
        ValueKind::Seq | ValueKind::Map => true,
        ValueKind::Iterable => value.len().is_some(),
        _ => false,
    };
    many && value.downcast_object_ref::<Place>().is_none()
}

/// Refuses items that would be too long when they are joined.
fn weigh_joined(
    limits: &Limits,
    value: &Jinja,
    joiner: Option<&StringInput<'_>>,
    attribute: Option<&str>,
) -> Result<(), Error> {
    let between = joiner.map_or(0, |joiner| joiner.as_str().len());
    let mut bytes: usize = 0;
    for item in value.try_iter()? {
        let item = attribute.map_or_else(|| Ok(item.clone()), |name| item.get_attr(name))?;
        bytes = bytes.saturating_add(Size::of(&item, limits)?.text()).saturating_add(between);
        fits(bytes, limits)?;
    }
    Ok(())
}

fn format(
    state: &mut State,
    limits: &Limits,
    template: &Jinja,
    arguments: Rest<ValueOrKwargs>,
) -> Result<Jinja, Error> {
    let text = template.as_str().unwrap_or_default();
    let mut longest = LONGEST_WIDTH;
    for argument in arguments.iter() {
        longest = longest.max(Size::of(argument, limits)?.text());
    }
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    if text.contains('*') || numbers.into_iter().any(|digits| digits.len() > 3) {
        return Err(Error::new(ErrorKind::InvalidOperation, "`format` takes widths of up to 999 characters"));
    }
    fits(text.matches('%').count().saturating_mul(longest).saturating_add(text.len()), limits)?;
    filters::format(state, template, arguments)
}

/// The widest field that `format` may fill, in characters.
const LONGEST_WIDTH: usize = 999;
