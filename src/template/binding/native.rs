//! Native values: the engine's own numbers in the place of those that know where they were written.
//!
//! The engine cannot count with a [`NumberRef`], nor compare one. So operators, and filters that compute, are given
//! native values; whatever only hands values on (loops, variables, lists, `first`, `reverse`, …) is not, and they keep
//! their identity.

use std::sync::Arc;

use minijinja::value::{Kwargs, ObjectRepr, Tuple, Value as Jinja, ValueKind};

use super::value::{NodeRef, NumberRef};

/// A number as the engine's own. Anything else stays as it is, a list of numbers too.
pub(crate) fn native_number(value: Jinja) -> Jinja {
    match value.downcast_object_ref::<NumberRef>() {
        Some(number) => number.to_native(),
        None => value,
    }
}

/// The arguments of a call, each by [`native_number`], those with a name too.
pub(crate) fn native_arguments(arguments: &mut [Jinja]) {
    for argument in arguments {
        if argument.is_kwargs() {
            let has_number = entries(argument).any(|(_, value)| is_number_ref(&value));
            if has_number {
                let native = entries(argument).map(|(key, value)| (key.to_string(), native_number(value)));
                *argument = Jinja::from(native.collect::<Kwargs>());
            }
        } else if is_number_ref(argument) {
            *argument = native_number(argument.clone());
        }
    }
}

/// The same value to be compared: with native numbers at any depth. What holds no others is not copied.
///
/// A template can make no value that is deeper than some levels, so that this may recurse.
pub(crate) fn native(value: &Jinja) -> Jinja {
    if let Some(node) = value.downcast_object_ref::<NodeRef>() {
        return Jinja::from_object(node.native());
    }
    if is_number_ref(value) {
        return native_number(value.clone());
    }
    if !holds_foreign(value) {
        return value.clone();
    }
    match value.kind() {
        ValueKind::Map => Jinja::from_pairs(entries(value).map(|(key, value)| (key, native(&value)))),
        _ => {
            let items: Vec<Jinja> =
                value.try_iter().into_iter().flatten().map(|item| native(&item)).collect();
            // A tuple is equal to no list.
            if value.is_tuple() { Jinja::from(Tuple::from(items)) } else { Jinja::from(items) }
        }
    }
}

/// Whether a list or map that a template made holds a part of the values.
fn holds_foreign(value: &Jinja) -> bool {
    let is_foreign = |value: &Jinja| {
        value.downcast_object_ref::<NodeRef>().is_some() || is_number_ref(value) || holds_foreign(value)
    };
    match value.as_object().map(|object| object.repr()) {
        Some(ObjectRepr::Map) => entries(value).any(|(_, value)| is_foreign(&value)),
        Some(ObjectRepr::Seq | ObjectRepr::Iterable) => {
            value.try_iter().is_ok_and(|mut items| items.any(|item| is_foreign(&item)))
        }
        _ => false,
    }
}

fn is_number_ref(value: &Jinja) -> bool {
    value.downcast_object_ref::<NumberRef>().is_some()
}

/// The entries of a map.
fn entries(map: &Jinja) -> impl Iterator<Item = (Jinja, Jinja)> + '_ {
    let keys = map.try_iter().into_iter().flatten();
    keys.map(|key| {
        let value = map.get_item(&key).unwrap_or(Jinja::UNDEFINED);
        (key, value)
    })
}

/// The text of a number that knows where it was written.
pub(crate) fn number_text(value: &Jinja) -> Option<Arc<str>> {
    value.downcast_object_ref::<NumberRef>().map(NumberRef::text)
}
