//! Growth limits: how large and how deep the values may be that expressions make.
//!
//! The engine's fuel counts instructions, and one instruction can make a value of any size: `x ~ x` doubles a text,
//! `replace` can multiply it by its own length. So [`measure`] stands behind every operator that can do so (see
//! `analysis/instrument.rs`), and the engine's filters that multiply text are replaced by ones that look at the
//! result's size *before* they make it.
//!
//! Behind an operator is soon enough: `~` and `+` make at most the sum of their operands, and of `"x" * n` the engine
//! itself makes no more than 100 MB (`MAX_REPEATED_STRING_LEN` in minijinja's `value/ops.rs`). A filter can make
//! gigabytes at once. The size of what it makes is estimated from its arguments, never too low, so that now and then a
//! text is refused that would just have fitted.

use minijinja::value::{Kwargs, Rest, StringInput, Value as Jinja, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use crate::limits::{Limit, Limits};
use crate::template::binding::{NodeRef, RenderState};
use crate::template::errors::{check_text_size, limit_error};

/// Replaces the engine's filters that multiply text.
pub(super) fn register(engine: &mut Environment<'static>, limits: Limits) {
    engine.add_filter(
        "format",
        move |state: &mut State, template: &Jinja, arguments: Rest<ValueOrKwargs>| {
            check_formatted(&limits, template, &arguments)?;
            filters::format(state, template, arguments)
        },
    );
    engine.add_filter(
        "join",
        move |state: &mut State,
              value: &Jinja,
              joiner: Option<StringInput<'_>>,
              attribute: Option<&str>,
              kwargs: Kwargs| {
            check_joined(&limits, value, joiner.as_ref(), attribute)?;
            filters::join(state, value, joiner, attribute, kwargs)
        },
    );
    engine.add_filter(
        "replace",
        move |state: &mut State, value: StringInput<'_>, from: StringInput<'_>, to: StringInput<'_>| {
            let text = value.as_str();
            let found = text.matches(from.as_str()).count();
            let longest = found.saturating_mul(to.as_str().len()).saturating_add(text.len());
            check_text_size(longest, &limits)?;
            filters::replace(state, value, from, to)
        },
    );
}

/// The measuring filter: gives back the value that it is given, or refuses a string, list or map that has grown too
/// large, with all that is in it.
///
/// # Errors
/// When the value is too large or too deep, or too much has been measured in this run.
pub(super) fn measure(state: &mut State, limits: &Limits, value: Jinja) -> Result<Jinja, Error> {
    let size = Size::of(&value, limits)?;
    RenderState::of(state).add_measured(limits, size.parts)?;
    Ok(value)
}

/// How much a value holds. A part that is shared counts as often as it is seen, since printing repeats it too.
#[derive(Default)]
struct Size {
    /// Scalars, lists and maps.
    parts: usize,
    /// Bytes of all strings.
    bytes: usize,
}

impl Size {
    /// # Errors
    /// When it is too large or too deep, which is found out without walking all of it.
    fn of(value: &Jinja, limits: &Limits) -> Result<Self, Error> {
        let mut size = Size::default();
        size.add(value, limits, 0)?;
        Ok(size)
    }

    /// Adds a value that lies in `depth` others.
    fn add(&mut self, value: &Jinja, limits: &Limits, depth: usize) -> Result<(), Error> {
        self.parts += 1;
        if depth > limits.of(Limit::Levels) {
            let most = limits.said(Limit::Levels);
            return Err(limit_error(Limit::Levels, format!("a value nested more than {most} levels deep")));
        }
        if let Some(text) = value.as_str() {
            self.bytes += text.len();
        } else if is_made_collection(value) {
            // What `+` makes is a chain of chains, so it is asked for its length before it is walked.
            if let Some(length) = value.len()
                && length > limits.of(Limit::Items)
            {
                self.parts += length;
            }
            self.check(limits)?;
            for item in value.try_iter()? {
                let inner = if value.kind() == ValueKind::Map { value.get_item(&item)? } else { item };
                self.add(&inner, limits, depth + 1)?;
            }
        }
        self.check(limits)
    }

    /// Refuses what is too large so far.
    fn check(&self, limits: &Limits) -> Result<(), Error> {
        // Asked after each part, so that a value that is far too large is not walked to its end. The value itself is a
        // part, besides its items.
        if self.parts > limits.of(Limit::Items) + 1 {
            let most = limits.said(Limit::Items);
            return Err(limit_error(Limit::Items, format!("a list or map of more than {most} items")));
        }
        check_text_size(self.bytes, limits)
    }

    /// The length of its text in bytes, never too small.
    fn text_length(&self) -> usize {
        self.parts.saturating_mul(LONGEST_NUMBER).saturating_add(self.bytes)
    }
}

/// The digits of the largest number that the engine has, with room for quotes and commas.
const LONGEST_NUMBER: usize = 48;

/// Whether a template made this list or map. The values' own trees are as large as their files, and are not copied.
fn is_made_collection(value: &Jinja) -> bool {
    let is_collection = match value.kind() {
        ValueKind::Seq | ValueKind::Map => true,
        // One without a length may have no end, and is not walked here; a loop over it takes fuel.
        ValueKind::Iterable => value.len().is_some(),
        _ => false,
    };
    is_collection && value.downcast_object_ref::<NodeRef>().is_none()
}

/// Refuses items that would be too long when they are joined.
fn check_joined(
    limits: &Limits,
    value: &Jinja,
    joiner: Option<&StringInput<'_>>,
    attribute: Option<&str>,
) -> Result<(), Error> {
    let between = joiner.map_or(0, |joiner| joiner.as_str().len());
    // Sums saturate: a product of two lengths can be larger than a `usize`, and must not wrap round to a small one.
    let mut bytes: usize = 0;
    for item in value.try_iter()? {
        let item = match attribute {
            Some(name) => item.get_attr(name)?,
            None => item,
        };
        bytes = bytes.saturating_add(Size::of(&item, limits)?.text_length()).saturating_add(between);
        check_text_size(bytes, limits)?;
    }
    Ok(())
}

/// Refuses a text that could be too long when it is formatted: each `%` as long as the longest argument or the widest
/// field.
fn check_formatted(limits: &Limits, template: &Jinja, arguments: &[ValueOrKwargs]) -> Result<(), Error> {
    // What is no text is refused by the engine's own filter.
    let text = template.as_str().unwrap_or_default();
    // A width out of the arguments (`%*d`) could be any number, and one of four digits is wider than `LONGEST_WIDTH`.
    if text.contains('*') || text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 3) {
        return Err(Error::new(ErrorKind::InvalidOperation, "`format` takes widths of up to 999 characters"));
    }
    let mut longest = LONGEST_WIDTH;
    for argument in arguments {
        longest = longest.max(Size::of(argument, limits)?.text_length());
    }
    let fields = text.matches('%').count();
    check_text_size(fields.saturating_mul(longest).saturating_add(text.len()), limits)
}

/// The widest field that `format` may fill, in characters.
const LONGEST_WIDTH: usize = 999;
