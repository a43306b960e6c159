//! Filters that compare or count: in the place of the engine's own, with the same arguments and results.
//!
//! The engine's `sort`, `min`, `unique` and their like turn a text to lower case each time it is compared, so that one
//! long text among many short ones takes for ever; and they do not know the numbers that have kept their lexemes.
//! Here a key is made of each item once ([`Keys`]), and the items themselves stay what they are. `int` and `float`
//! refuse what the engine's own would turn into another number without a word.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Tuple, Value as Jinja, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State, filters, tests};

use super::growth::{Size, check_items, pay};
use crate::limits::Limits;
use crate::template::binding::{native, native_arguments, native_number};

/// The items that a filter goes through. They are paid for with all that is in them, as comparing looks at it.
fn items(state: &mut State, limits: &Limits, value: &Jinja) -> Result<Vec<Jinja>, Error> {
    if value.as_str().is_some() {
        check_items(value.len().unwrap_or(0), limits)?;
    }
    let size = Size::looked_at(value, limits)?;
    let items: Vec<Jinja> =
        filters::list(state, value.clone())?.try_iter()?.checked().collect::<Result<_, _>>()?;
    // Each is compared as often as a tree of all is deep.
    let times = items.len().max(2).ilog2() as usize;
    pay(state, limits, size.parts.saturating_mul(times), size.bytes.saturating_mul(times))?;
    Ok(items)
}

/// What a path of keys and positions leads to: `spec.ports.0`. Undefined, if it leads nowhere.
pub(super) fn at_path(value: &Jinja, path: &str) -> Jinja {
    path.split('.').fold(value.clone(), |value, part| {
        let found = match part.parse() {
            Ok(position) => value.get_item_by_index(position),
            Err(_) => value.get_attr(part),
        };
        found.unwrap_or_default()
    })
}

/// Refuses a path that is too long to be one: it is looked up in each item.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    const LONGEST: usize = 1_000;
    if path.len() > LONGEST {
        let message = format!("the path to an attribute has more than {LONGEST} characters");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    Ok(())
}

/// What items are compared by.
struct Keys<'k> {
    /// The paths to the parts that count; none for the item itself.
    paths: Vec<&'k str>,
    case_sensitive: bool,
}

impl<'k> Keys<'k> {
    fn new(attribute: Option<&'k str>, kwargs: &Kwargs) -> Result<Self, Error> {
        let case_sensitive = kwargs.get::<Option<bool>>("case_sensitive")?.unwrap_or(false);
        attribute.map_or(Ok(()), check_path)?;
        Ok(Keys { paths: attribute.into_iter().collect(), case_sensitive })
    }

    fn of(&self, item: &Jinja) -> Jinja {
        match self.paths[..] {
            [] => self.part(item),
            [path] => self.part(&at_path(item, path)),
            _ => self.paths.iter().map(|path| self.part(&at_path(item, path))).collect(),
        }
    }

    /// A value as it is compared: native numbers, and texts without regard to their case.
    fn part(&self, value: &Jinja) -> Jinja {
        match value.as_str() {
            Some(text) if !self.case_sensitive => Jinja::from(text.to_ascii_lowercase()),
            _ => native(value),
        }
    }

    /// Items with their keys, in the order of these.
    fn sorted(&self, items: Vec<Jinja>, reverse: bool) -> Vec<(Jinja, Jinja)> {
        let mut keyed: Vec<(Jinja, Jinja)> = items.into_iter().map(|item| (self.of(&item), item)).collect();
        keyed.sort_by(|(one, _), (other, _)| {
            let ordering = one.cmp(other);
            if reverse { ordering.reverse() } else { ordering }
        });
        keyed
    }
}

pub(super) fn sort(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let (value, kwargs): (&Jinja, Kwargs) = from_args(arguments)?;
    let attributes = kwargs.get::<Option<&str>>("attribute")?.unwrap_or_default();
    let mut keys = Keys::new(None, &kwargs)?;
    check_path(attributes)?;
    keys.paths = attributes.split(',').map(str::trim).filter(|path| !path.is_empty()).collect();
    let reverse = kwargs.get::<Option<bool>>("reverse")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let items = items(state, limits, value)?;
    Ok(keys.sorted(items, reverse).into_iter().map(|(_, item)| item).collect())
}

/// Pairs of a key and its value, in the order of the keys, or of the values.
pub(super) fn dictsort(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let (value, kwargs): (&Jinja, Kwargs) = from_args(arguments)?;
    if value.kind() != ValueKind::Map {
        return Err(Error::new(ErrorKind::InvalidOperation, "cannot convert value into pair list"));
    }
    let by = if kwargs.get::<Option<&str>>("by")? == Some("value") { "1" } else { "0" };
    let keys = Keys::new(Some(by), &kwargs)?;
    let reverse = kwargs.get::<Option<bool>>("reverse")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let pair = |key: Jinja| {
        let value = value.get_item(&key).unwrap_or_default();
        Jinja::from(Tuple::from(vec![key, value]))
    };
    let pairs = items(state, limits, value)?.into_iter().map(pair).collect();
    Ok(keys.sorted(pairs, reverse).into_iter().map(|(_, pair)| pair).collect())
}

/// The first of the least.
pub(super) fn min(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    extreme(state, limits, arguments, |keyed| keyed.into_iter().next())
}

/// The last of the greatest.
pub(super) fn max(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    extreme(state, limits, arguments, |keyed| keyed.into_iter().next_back())
}

/// A key and its item.
type Keyed = (Jinja, Jinja);

fn extreme(
    state: &mut State,
    limits: &Limits,
    arguments: &[Jinja],
    choose: fn(Vec<Keyed>) -> Option<Keyed>,
) -> Result<Jinja, Error> {
    let (value, kwargs): (&Jinja, Kwargs) = from_args(arguments)?;
    let keys = Keys::new(kwargs.get("attribute")?, &kwargs)?;
    kwargs.assert_all_used()?;
    let items = items(state, limits, value)?;
    Ok(choose(keys.sorted(items, false)).map_or(Jinja::UNDEFINED, |(_, item)| item))
}

/// The items without those that are equal to an earlier one.
pub(super) fn unique(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let (value, kwargs): (&Jinja, Kwargs) = from_args(arguments)?;
    let keys = Keys::new(kwargs.get("attribute")?, &kwargs)?;
    kwargs.assert_all_used()?;
    let mut seen = BTreeSet::new();
    let items = items(state, limits, value)?;
    Ok(items.into_iter().filter(|item| seen.insert(keys.of(item))).collect())
}

/// Items with the same key, as pairs of the key and a list, in the order of the keys.
pub(super) fn groupby(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let (value, attribute, kwargs): (&Jinja, Option<&str>, Kwargs) = from_args(arguments)?;
    let default = kwargs.get::<Option<Jinja>>("default")?.unwrap_or_default();
    let path = match attribute {
        Some(path) => path,
        None => kwargs.get("attribute")?,
    };
    let keys = Keys::new(None, &kwargs)?;
    check_path(path)?;
    kwargs.assert_all_used()?;
    let shown = |item: &Jinja| {
        let found = at_path(item, path);
        if found.is_undefined() { default.clone() } else { found }
    };
    // What is shown is that of the first item.
    let mut keyed: Vec<(Jinja, Jinja, Jinja)> = Vec::new();
    for item in items(state, limits, value)? {
        let shown = shown(&item);
        keyed.push((keys.part(&shown), shown, item));
    }
    keyed.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for (key, shown, item) in keyed {
        match groups
            .last_mut()
            .filter(|_| last.as_ref().is_some_and(|last: &Jinja| last.cmp(&key) == Ordering::Equal))
        {
            Some(group) => group.items.push(item),
            None => groups.push(Group { grouper: shown, items: vec![item] }),
        }
        last = Some(key);
    }
    Ok(groups.into_iter().map(Jinja::from_object).collect())
}

/// A group of items: a pair, whose parts have names as well.
#[derive(Debug)]
struct Group {
    grouper: Jinja,
    items: Vec<Jinja>,
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        match (key.as_usize(), key.as_str()) {
            (Some(0), _) | (_, Some("grouper")) => Some(self.grouper.clone()),
            (Some(1), _) | (_, Some("list")) => Some(Jinja::from(self.items.clone())),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(2)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("").field(&self.grouper).field(&self.items).finish()
    }
}

/// Numbers added up, or lists put together.
pub(super) fn sum(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let (value, attribute, start, kwargs): (&Jinja, Option<&str>, Option<Jinja>, Kwargs) =
        from_args(arguments)?;
    let attribute = attribute.map_or_else(|| kwargs.get("attribute"), |path| Ok(Some(path)))?;
    let start = start.map_or_else(|| kwargs.get("start"), |start| Ok(Some(start)))?;
    kwargs.assert_all_used()?;
    attribute.map_or(Ok(()), check_path)?;
    let start = start.unwrap_or_else(|| Jinja::from(0));
    let items = items(state, limits, value)?;
    let parts =
        items.into_iter().map(|item| attribute.map_or_else(|| item.clone(), |path| at_path(&item, path)));
    match start.kind() {
        // The engine's own makes a new text, or a new chain of lists, for each item.
        ValueKind::String => {
            Err(Error::new(ErrorKind::InvalidOperation, "`sum` adds numbers; put texts together with `join`"))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let mut all: Vec<Jinja> = start.try_iter()?.collect();
            for part in parts {
                check_items(all.len().saturating_add(part.len().unwrap_or(0)), limits)?;
                all.extend(part.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?);
            }
            Ok(Jinja::from(all))
        }
        _ => filters::sum(
            state,
            parts.map(native_number).collect(),
            None,
            Some(start),
            Kwargs::from_iter(std::iter::empty::<(&str, Jinja)>()),
        ),
    }
}

/// The engine's own, but for numbers that no integer of it can hold.
pub(super) fn int(state: &mut State, _: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let mut arguments = arguments.to_vec();
    native_arguments(&mut arguments);
    let (value, default, base, kwargs): (&Jinja, Option<Jinja>, Option<u32>, Kwargs) = from_args(&arguments)?;
    let is_float = value.kind() == ValueKind::Number && !value.is_integer();
    // Of a text that is no integer, the engine takes the number before its point.
    let text_of_float = || match value.as_str() {
        Some(text) if base.is_none_or(|base| base == 10) && text.parse::<i128>().is_err() => {
            text.parse().ok()
        }
        _ => None,
    };
    let float = if is_float { f64::try_from(value.clone()).ok() } else { text_of_float() };
    // Beyond these the conversion stops at the end of the range.
    if float.is_some_and(|float| !float.is_finite() || float.abs() >= TOO_LARGE) {
        return Err(Error::new(ErrorKind::InvalidOperation, "this number is too large for an integer"));
    }
    filters::int(state, value, default, base, kwargs)
}

/// 2^127: the first that 128 bits with a sign do not hold.
const TOO_LARGE: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

/// The engine's own, but for integers that no float is equal to.
pub(super) fn float(state: &mut State, _: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let mut arguments = arguments.to_vec();
    native_arguments(&mut arguments);
    let (value, default, kwargs): (&Jinja, Option<Jinja>, Kwargs) = from_args(&arguments)?;
    let float = filters::float(state, value, default, kwargs)?;
    if value.is_integer() && value.cmp(&float) != Ordering::Equal {
        return Err(Error::new(ErrorKind::InvalidOperation, "no float is equal to this integer"));
    }
    Ok(float)
}

/// The engine's own, but for two divisors at which it panics: zero, and -1, which divides every integer.
pub(super) fn is_divisibleby(_: &mut State, _: &Limits, arguments: &[Jinja]) -> Result<bool, Error> {
    let mut arguments = arguments.to_vec();
    native_arguments(&mut arguments);
    let (value, divisor): (&Jinja, &Jinja) = from_args(&arguments)?;
    if divisor.kind() == ValueKind::Number && divisor.is_integer() {
        if !divisor.is_true() {
            return Ok(false);
        }
        if value.is_integer() && divisor.as_i64() == Some(-1) {
            return Ok(true);
        }
    }
    Ok(tests::is_divisibleby(value, divisor))
}
