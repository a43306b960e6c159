//! What expressions may make: how large and how deep, and the filters that could make more than they were given.

use minijinja::value::{Kwargs, Rest, StringInput, Value as Jinja, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use super::engine::Prints;
use super::limits;
use super::value::Place;

/// Replaces the engine's filters that multiply text by ones that look at the result's size first.
pub(super) fn register(engine: &mut Environment<'static>) {
    engine.add_filter("format", format);
    engine.add_filter("join", join);
    engine.add_filter("replace", replace);
}

/// Refuses strings, lists and maps that have grown too large, with all that is in them.
pub(super) fn measure(state: &mut State, value: Jinja) -> Result<Jinja, Error> {
    let size = Size::of(&value)?;
    let printed = state.get_or_insert_extension_with(Prints::default);
    printed.measured += size.parts;
    if printed.measured > limits::MEASURED {
        return Err(too_much("lists and maps are made over and over again"));
    }
    Ok(value)
}

fn too_much(what: &'static str) -> Error {
    Error::new(ErrorKind::OutOfFuel, what)
}

const TOO_LARGE: &str = "a text of more than 8 MiB, or a list of more than 100,000 items";

/// How much a value holds. A part that is shared counts as often as it is seen, since printing repeats it too.
#[derive(Default)]
struct Size {
    parts: usize,
    bytes: usize,
}

impl Size {
    fn of(value: &Jinja) -> Result<Self, Error> {
        let mut size = Size::default();
        size.add(value, 0)?;
        Ok(size)
    }

    fn add(&mut self, value: &Jinja, depth: usize) -> Result<(), Error> {
        self.parts += 1;
        if depth > limits::DEPTH {
            return Err(too_much("a value nested more than 64 levels deep"));
        }
        if let Some(text) = value.as_str() {
            self.bytes += text.len();
        } else if is_made(value) {
            // What `+` makes is a chain of chains, so it is asked for its length before it is walked.
            self.parts += value.len().filter(|length| *length > limits::ITEMS).unwrap_or(0);
            self.check()?;
            for item in value.try_iter()? {
                let inner = if value.kind() == ValueKind::Map { value.get_item(&item)? } else { item };
                self.add(&inner, depth + 1)?;
            }
        }
        self.check()
    }

    fn check(&self) -> Result<(), Error> {
        let fits = self.parts <= limits::ITEMS + 1 && self.bytes <= limits::STRING;
        if fits { Ok(()) } else { Err(too_much(TOO_LARGE)) }
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

fn fits(bytes: usize) -> Result<(), Error> {
    if bytes > limits::STRING { Err(too_much(TOO_LARGE)) } else { Ok(()) }
}

fn replace(
    state: &mut State,
    value: StringInput<'_>,
    from: StringInput<'_>,
    to: StringInput<'_>,
) -> Result<Jinja, Error> {
    let found = value.as_str().matches(from.as_str()).count();
    fits(found.saturating_mul(to.as_str().len()).saturating_add(value.as_str().len()))?;
    filters::replace(state, value, from, to)
}

fn join(
    state: &mut State,
    value: &Jinja,
    joiner: Option<StringInput<'_>>,
    attribute: Option<&str>,
    kwargs: Kwargs,
) -> Result<Jinja, Error> {
    let between = joiner.as_ref().map_or(0, |joiner| joiner.as_str().len());
    let mut bytes: usize = 0;
    for item in value.try_iter()? {
        let item = attribute.map_or_else(|| Ok(item.clone()), |name| item.get_attr(name))?;
        bytes = bytes.saturating_add(Size::of(&item)?.text()).saturating_add(between);
        fits(bytes)?;
    }
    filters::join(state, value, joiner, attribute, kwargs)
}

fn format(state: &mut State, template: &Jinja, arguments: Rest<ValueOrKwargs>) -> Result<Jinja, Error> {
    let text = template.as_str().unwrap_or_default();
    let mut longest = LONGEST_WIDTH;
    for argument in arguments.iter() {
        longest = longest.max(Size::of(argument)?.text());
    }
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    if text.contains('*') || numbers.into_iter().any(|digits| digits.len() > 3) {
        return Err(Error::new(ErrorKind::InvalidOperation, "`format` takes widths of up to 999 characters"));
    }
    fits(text.matches('%').count().saturating_mul(longest).saturating_add(text.len()))?;
    filters::format(state, template, arguments)
}

/// The widest field that `format` may fill, in characters.
const LONGEST_WIDTH: usize = 999;
