//! The engine's filters and tests that templates can use: what there is, and what each may make.
//!
//! **No filter of the engine is called but through its row.** The engine begins with none (`program.rs`), so that what
//! comes in with a version of it cannot be called, by a name that a template makes either (`map(values.name)`). A row
//! says what the filter may make of its arguments, as the engine's fuel does not see
//! it: [`Row::asks`] is called before the filter is, and refuses what would be too large. What comes back is measured.
//!
//! Filters that compare items are not the engine's own (`ordering.rs`): it compares long texts as often as there are
//! items, and knows nothing of numbers that have kept their lexemes.

use std::borrow::Cow;

use minijinja::value::{Rest, Value as Jinja, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters, tests};

use super::growth::{List, Size, check_items, compared, measure, pay};
use super::ordering;
use super::patterns;
use crate::limits::Limits;
use crate::template::binding::native_arguments;
use crate::template::errors::check_text_size;

/// A filter or test, and what it may make.
struct Row {
    name: &'static str,
    /// The function behind it: the engine's own, or one of `ordering.rs`.
    function: fn(Limits) -> Jinja,
    asks: Asks,
}

/// What is asked before a filter is called. All but the first pay for the texts and items of their arguments.
#[derive(Clone, Copy)]
enum Asks {
    /// Nothing, and nothing is paid: it looks at no more than one item.
    Nothing,
    /// Nothing: of a list it looks at its length or at an item, of a text perhaps at all of it.
    Texts,
    /// Nothing: it makes no more than it is given, of which it looks at each item once.
    Once,
    /// The size of what it would make, by its arguments.
    Size(fn(&Limits, &Arguments<'_>) -> Result<(), Error>),
    /// Nothing: the function asks and pays itself. Of tests: what they compare is paid for as by an operator.
    Itself,
}

use Asks::{Itself, Nothing, Once, Texts};

/// A row of a filter of the engine, with what it asks.
macro_rules! row {
    ($name:literal, $function:path, $asks:expr) => {
        Row { name: $name, function: |_| Jinja::from_function($function), asks: $asks }
    };
}

/// A row of a filter of `ordering.rs`, which asks and pays itself.
macro_rules! own {
    ($name:literal, $function:path) => {
        Row {
            name: $name,
            function: |limits| {
                Jinja::from_function(move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
                    $function(state, &limits, &arguments.into_values())
                })
            },
            asks: Itself,
        }
    };
}

/// The filters that templates can use, besides `default` and the functions that make text (`functions.rs`). `safe`,
/// `indent`, `tojson` and their like are left out: values are bound, not pasted.
static FILTER_ROWS: &[Row] = &[
    row!("abs", filters::abs, Nothing),
    row!("attr", filters::attr, Texts),
    row!("batch", filters::batch, Asks::Size(batches)),
    row!("bool", filters::bool, Nothing),
    row!("capitalize", filters::capitalize, Asks::Size(other_case)),
    row!("chain", filters::chain, Asks::Size(all_items)),
    row!("count", filters::length, Texts),
    own!("dictsort", ordering::dictsort),
    row!("first", filters::first, Nothing),
    own!("float", ordering::float),
    row!("format", filters::format, Asks::Size(formatted)),
    own!("groupby", ordering::groupby),
    own!("int", ordering::int),
    row!("items", filters::items, Asks::Size(all_items)),
    row!("join", filters::join, Asks::Size(joined)),
    row!("last", filters::last, Texts),
    row!("length", filters::length, Texts),
    row!("lines", filters::lines, Asks::Size(lines)),
    row!("list", filters::list, Asks::Size(all_items)),
    row!("lower", filters::lower, Asks::Size(other_case)),
    own!("max", ordering::max),
    own!("min", ordering::min),
    own!("regex_replace", patterns::regex_replace),
    row!("reject", filters::reject, Once),
    row!("rejectattr", filters::rejectattr, Asks::Size(attribute)),
    row!("replace", filters::replace, Asks::Size(replaced)),
    row!("reverse", filters::reverse, Once),
    row!("round", filters::round, Nothing),
    row!("select", filters::select, Once),
    row!("selectattr", filters::selectattr, Asks::Size(attribute)),
    row!("slice", filters::slice, Asks::Size(slices)),
    own!("sort", ordering::sort),
    row!("split", filters::split, Asks::Size(split)),
    row!("string", filters::string, Asks::Size(as_text)),
    own!("sum", ordering::sum),
    row!("title", filters::title, Asks::Size(other_case)),
    row!("trim", filters::trim, Asks::Size(trimmed)),
    row!("trim_prefix", trim_prefix, Asks::Size(as_text)),
    row!("trim_suffix", trim_suffix, Asks::Size(as_text)),
    own!("unique", ordering::unique),
    row!("upper", filters::upper, Asks::Size(other_case)),
    row!("zip", filters::zip, Asks::Size(all_items)),
];

/// The tests that templates can use after `is`, besides `defined` and `undefined` (`functions.rs`).
static TEST_ROWS: &[Row] = &[
    row!("boolean", tests::is_boolean, Nothing),
    own!("divisibleby", ordering::is_divisibleby),
    row!("endingwith", tests::is_endingwith, Once),
    row!("eq", tests::is_eq, Itself),
    row!("equalto", tests::is_eq, Itself),
    row!("even", tests::is_even, Nothing),
    row!("false", tests::is_false, Nothing),
    row!("float", tests::is_float, Nothing),
    row!("ge", tests::is_ge, Itself),
    row!("gt", tests::is_gt, Itself),
    row!("in", tests::is_in, Itself),
    row!("int", tests::is_integer, Nothing),
    row!("integer", tests::is_integer, Nothing),
    row!("iterable", tests::is_iterable, Once),
    row!("le", tests::is_le, Itself),
    row!("lt", tests::is_lt, Itself),
    row!("mapping", tests::is_mapping, Nothing),
    own!("matching", patterns::is_matching),
    row!("ne", tests::is_ne, Itself),
    row!("none", tests::is_none, Nothing),
    row!("number", tests::is_number, Nothing),
    row!("odd", tests::is_odd, Nothing),
    row!("sequence", tests::is_sequence, Nothing),
    row!("startingwith", tests::is_startingwith, Once),
    row!("string", tests::is_string, Nothing),
    row!("true", tests::is_true, Nothing),
];

/// The names of the filters that templates can use, besides the functions that make text.
pub fn filter_names() -> Vec<&'static str> {
    let mut names: Vec<&str> =
        FILTER_ROWS.iter().map(|row| row.name).chain(["d", "default", "map"]).collect();
    names.sort_unstable();
    names
}

/// The names of the tests that templates can use after `is`.
pub fn test_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = TEST_ROWS.iter().map(|row| row.name).chain(["defined", "undefined"]).collect();
    names.sort_unstable();
    names
}

/// Adds them to an engine that has none.
pub(super) fn register(engine: &mut Environment<'static>, limits: Limits) {
    for row in FILTER_ROWS {
        let function = (row.function)(limits);
        engine.add_filter(row.name, move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
            let made = row.call(state, &limits, &function, arguments.into_values())?;
            // What chooses an item makes none.
            if matches!(row.asks, Nothing | Texts) { Ok(made) } else { measure(state, &limits, made) }
        });
    }
    engine.add_filter("map", move |state: &mut State, value: Jinja, arguments: Rest<ValueOrKwargs>| {
        map(state, &limits, &value, &arguments.into_values())
    });
    for row in TEST_ROWS {
        let function = (row.function)(limits);
        engine.add_test(row.name, move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
            row.test(state, &limits, &function, arguments.into_values())
        });
    }
}

impl Row {
    fn call(
        &self,
        state: &mut State,
        limits: &Limits,
        function: &Jinja,
        mut arguments: Vec<Jinja>,
    ) -> Result<Jinja, Error> {
        native_arguments(&mut arguments);
        let given = Arguments(&arguments);
        match self.asks {
            Nothing | Itself => {}
            Texts => pay(state, limits, 0, given.bytes())?,
            Once | Asks::Size(_) => pay(state, limits, given.items(), given.bytes())?,
        }
        if let Asks::Size(ask) = self.asks {
            ask(limits, &Arguments(&arguments))?;
        }
        function.call(state, &arguments)
    }

    /// As [`Row::call`]. Tests that compare are given what they compare as an operator is.
    fn test(
        &self,
        state: &mut State,
        limits: &Limits,
        function: &Jinja,
        mut arguments: Vec<Jinja>,
    ) -> Result<bool, Error> {
        if matches!(self.asks, Itself) {
            for (position, argument) in arguments.iter_mut().enumerate() {
                *argument = compared(state, limits, argument.clone(), position > 0)?;
            }
        }
        Ok(self.call(state, limits, function, arguments)?.is_true())
    }
}

// Filters that the engine does not have.

/// The text without this beginning, if it has it.
fn trim_prefix(text: Cow<'_, str>, prefix: Cow<'_, str>) -> String {
    text.strip_prefix(&*prefix).unwrap_or(&text).to_owned()
}

/// The text without this end, if it has it: once, so that a name can be cut off and not end in a dash.
fn trim_suffix(text: Cow<'_, str>, suffix: Cow<'_, str>) -> String {
    text.strip_suffix(&*suffix).unwrap_or(&text).to_owned()
}

/// The arguments of a filter, the filtered value first.
struct Arguments<'a>(&'a [Jinja]);

impl Arguments<'_> {
    /// The argument at a position, counted from the filtered value, or with a name.
    fn get(&self, position: usize, name: &str) -> Option<Jinja> {
        match self.0.get(position).filter(|argument| !argument.is_kwargs()) {
            Some(argument) => Some(argument.clone()),
            None => self.0.last().filter(|last| last.is_kwargs())?.get_attr(name).ok(),
        }
    }

    /// The filtered value.
    fn value(&self) -> Jinja {
        self.0.first().cloned().unwrap_or_default()
    }

    /// The items of all lists and maps, each counted as its length says.
    fn items(&self) -> usize {
        let is_collection = |value: &&Jinja| value.as_object().is_some();
        let lengths = self.0.iter().filter(is_collection).map(|value| value.len().unwrap_or(0));
        lengths.fold(0, usize::saturating_add)
    }

    fn bytes(&self) -> usize {
        self.0.iter().filter_map(|value| value.as_str()).map(str::len).fold(0, usize::saturating_add)
    }

    fn text_len(&self) -> usize {
        self.value().as_str().map_or(0, str::len)
    }
}

/// How many items a loop over a value has: of a text, its characters.
fn count(value: &Jinja) -> usize {
    value.len().unwrap_or(0)
}

// What filters may make.

/// `chain`, `items`, `list`, `zip`: the items of all arguments together, of a text each character.
fn all_items(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    check_items(arguments.0.iter().map(count).fold(0, usize::saturating_add), limits)
}

/// `batch`: the items, a list for each batch, and the last batch filled up.
fn batches(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    let items = count(&arguments.value());
    let size = arguments.get(1, "count").and_then(|size| size.as_usize()).unwrap_or(0).max(1);
    let filled = if arguments.get(2, "fill_with").is_some() { size } else { 0 };
    check_items(items.saturating_add(items / size).saturating_add(filled), limits)
}

/// `slice`: the items, a list for each slice, and an item to fill it up.
fn slices(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    let slices = arguments.get(1, "count").and_then(|size| size.as_usize()).unwrap_or(0);
    check_items(count(&arguments.value()).saturating_add(slices.saturating_mul(2)), limits)
}

/// `upper`, `title` and their like: a character becomes three at most, if it is not ASCII.
fn other_case(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    match arguments.value().as_str() {
        Some(text) if text.is_ascii() => check_text_size(text.len(), limits),
        Some(text) => check_text_size(text.len().saturating_mul(3), limits),
        None => as_text(limits, arguments),
    }
}

/// `lines`: one item for each line.
fn lines(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    check_items(arguments.value().as_str().map_or(0, |text| text.matches('\n').count() + 1), limits)
}

/// `selectattr`, `rejectattr`: no more than there is, by a path that is looked up in each item.
fn attribute(_: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    arguments.0.get(1).and_then(Jinja::as_str).map_or(Ok(()), ordering::check_path)
}

/// `split`: one item more than separators.
fn split(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    let value = arguments.value();
    let text = value.as_str().unwrap_or_default();
    let most = arguments.get(2, "maxsplits").and_then(|most| most.as_usize()).unwrap_or(usize::MAX);
    let parts = match arguments.get(1, "split").filter(|separator| !separator.is_none()) {
        Some(separator) => text.matches(separator.as_str().unwrap_or_default()).count(),
        None => text.split_whitespace().count(),
    };
    check_items(parts.min(most).saturating_add(1), limits)
}

/// `string`, and whatever turns its value into text.
fn as_text(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    check_text_size(Size::of(&arguments.value(), limits)?.text_length(), limits)
}

/// `trim`: each character that goes is looked for among those that may.
fn trimmed(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    as_text(limits, arguments)?;
    // Nobody needs as many as make this slow.
    match arguments.get(1, "chars").as_ref().and_then(Jinja::as_str) {
        Some(chars) => check_items(chars.len().saturating_mul(arguments.text_len()) / 1_000, limits),
        None => Ok(()),
    }
}

/// `replace`: each place that is found becomes as long as the replacement.
fn replaced(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    for argument in arguments.0 {
        check_text_size(Size::of(argument, limits)?.text_length(), limits)?;
    }
    let text = |position| arguments.0.get(position).map(ToString::to_string).unwrap_or_default();
    let (value, from, to) = (text(0), text(1), text(2));
    let longest = value.matches(&*from).count().saturating_mul(to.len()).saturating_add(value.len());
    check_text_size(longest, limits)
}

/// `join`: all items, with what is put between them.
fn joined(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    let value = arguments.value();
    if value.as_str().is_some() {
        check_items(count(&value), limits)?;
    }
    let joiner = arguments.get(1, "d");
    let between = joiner.map_or(Ok(0), |joiner| Size::of(&joiner, limits).map(|size| size.text_length()))?;
    let attribute = arguments.get(2, "attribute");
    let attribute = attribute.as_ref().and_then(Jinja::as_str);
    attribute.map_or(Ok(()), ordering::check_path)?;
    // Sums saturate: a product of two lengths can be larger than a `usize`, and must not wrap round to a small one.
    let mut bytes: usize = 0;
    // What cannot be joined is refused by the engine's own filter.
    for item in value.try_iter().into_iter().flatten() {
        let item = match attribute {
            Some(path) => ordering::at_path(&item, path),
            None => item,
        };
        bytes = bytes.saturating_add(Size::of(&item, limits)?.text_length()).saturating_add(between);
        check_text_size(bytes, limits)?;
    }
    Ok(())
}

/// `format`: each `%` as long as the longest argument or the widest field.
fn formatted(limits: &Limits, arguments: &Arguments<'_>) -> Result<(), Error> {
    let template = arguments.value();
    // What is no text is refused by the engine's own filter.
    let text = template.as_str().unwrap_or_default();
    // A width out of the arguments (`%*d`) could be any number, and one of four digits is wider than `LONGEST_WIDTH`.
    if text.contains('*') || text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 3) {
        return Err(Error::new(ErrorKind::InvalidOperation, "`format` takes widths of up to 999 characters"));
    }
    let mut longest = LONGEST_WIDTH;
    for argument in arguments.0.iter().skip(1) {
        longest = longest.max(Size::of(argument, limits)?.text_length());
    }
    let fields = text.matches('%').count();
    check_text_size(fields.saturating_mul(longest).saturating_add(text.len()), limits)
}

/// The widest field that `format` may fill, in characters.
const LONGEST_WIDTH: usize = 999;

/// The engine's `map`, an item at a time, so that it is refused as soon as all together are too large.
fn map(state: &mut State, limits: &Limits, value: &Jinja, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let is_text = value.as_str().is_some();
    let items = count(value);
    if is_text {
        check_items(items, limits)?;
    }
    pay(state, limits, items, 0)?;
    let path =
        arguments.last().filter(|last| last.is_kwargs()).and_then(|named| named.get_attr("attribute").ok());
    path.as_ref().and_then(Jinja::as_str).map_or(Ok(()), ordering::check_path)?;
    let engines = Jinja::from_function(filters::map);
    let mut call = vec![value.clone()];
    call.extend_from_slice(arguments);
    // What has no items, the engine says what is wrong with.
    if items == 0 {
        return engines.call(state, &call);
    }
    let mut list = List::new(limits);
    for item in value.try_iter()?.checked() {
        call[0] = Jinja::from(vec![item?]);
        for mapped in engines.call(state, &call)?.try_iter()?.checked() {
            list.push(mapped?)?;
        }
    }
    list.pay(state)
}
