//! The functions of CEL and of Kubernetes' libraries that rules of CRDs use. What is not here gives no value.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;
use std::rc::Rc;

use super::value::{Types, Value, compare, duration, time};
use crate::kube::json_schema::format_violation;
use crate::kube::quantity::{is_quantity, quantity_nanos};

/// No function makes a text longer than this, in bytes. What would be longer is not known.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// A function with or without a target.
pub(super) fn call<'v>(
    types: Types<'v>,
    target: Option<&Value<'v>>,
    function: &str,
    arguments: &[Value<'v>],
) -> Option<Value<'v>> {
    // `size(x)` is `x.size()`, and `matches(x, y)` is `x.matches(y)`.
    let (target, arguments) = match (target, function) {
        (None, "size" | "matches") => (Some(arguments.first()?), arguments.get(1..)?),
        (target, _) => (target, arguments),
    };
    match target {
        None => global(function, arguments.first()?),
        Some(Value::Optional(inner)) => of_optional(inner.as_deref(), function, arguments),
        Some(Value::Text(text)) => of_text(types, text, function, arguments),
        Some(Value::Quantity(amount)) => of_quantity(*amount, function, arguments),
        Some(value) => match types.items(value) {
            Some(items) => of_list(types, &items, function, arguments),
            None => match function {
                "size" => Some(Value::Int(i64::try_from(types.entries(value)?.len()).ok()?)),
                _ => None,
            },
        },
    }
}

/// A function of a library: `optional.of(x)`.
pub(super) fn library_call<'v>(
    types: Types<'v>,
    library: &str,
    function: &str,
    arguments: &[Value<'v>],
) -> Option<Value<'v>> {
    match (library, function, arguments) {
        ("optional", "none", []) => Some(Value::Optional(None)),
        ("optional", "of", [value]) => Some(Value::Optional(Some(Rc::new(value.clone())))),
        ("sets", "contains", [all, some]) => {
            let (all, some) = (types.items(all)?, types.items(some)?);
            Some(Value::Bool(some.iter().all(|item| contains(types, &all, item))))
        }
        ("sets", "intersects", [a, b]) => {
            let (a, b) = (types.items(a)?, types.items(b)?);
            Some(Value::Bool(a.iter().any(|item| contains(types, &b, item))))
        }
        ("sets", "equivalent", [a, b]) => {
            let (a, b) = (types.items(a)?, types.items(b)?);
            let within = |a: &[Value<'v>], b: &[Value<'v>]| a.iter().all(|item| contains(types, b, item));
            Some(Value::Bool(within(&a, &b) && within(&b, &a)))
        }
        ("math", "greatest" | "least", values) => {
            let values = match values {
                [list] if types.items(list).is_some() => types.items(list)?,
                values => values.to_vec(),
            };
            let wanted = if function == "least" { Ordering::Less } else { Ordering::Greater };
            extreme(&values, wanted)
        }
        _ => None,
    }
}

fn contains<'v>(types: Types<'v>, items: &[Value<'v>], wanted: &Value<'v>) -> bool {
    items.iter().any(|item| types.equal(item, wanted) == Some(true))
}

fn global<'v>(function: &str, argument: &Value<'v>) -> Option<Value<'v>> {
    let text = match argument {
        Value::Text(text) => Some(&**text),
        _ => None,
    };
    Some(match function {
        "dyn" => argument.clone(),
        "string" => Value::Text(match argument {
            Value::Text(text) => text.clone(),
            Value::Int(value) => Cow::Owned(value.to_string()),
            Value::Uint(value) => Cow::Owned(value.to_string()),
            Value::Bool(value) => Cow::Owned(value.to_string()),
            _ => return None,
        }),
        "int" => Value::Int(match argument {
            Value::Int(value) => *value,
            Value::Uint(value) => i64::try_from(*value).ok()?,
            Value::Double(value) if value.abs() < 9e15 => *value as i64,
            Value::Text(text) => text.parse().ok()?,
            _ => return None,
        }),
        "double" => Value::Double(match argument {
            Value::Double(value) => *value,
            Value::Int(value) => *value as f64,
            Value::Uint(value) => *value as f64,
            Value::Text(text) => text.parse().ok()?,
            _ => return None,
        }),
        "uint" => Value::Uint(match argument {
            Value::Uint(value) => *value,
            Value::Int(value) => u64::try_from(*value).ok()?,
            Value::Text(text) => text.parse().ok()?,
            _ => return None,
        }),
        "bool" => match argument {
            Value::Bool(_) => argument.clone(),
            _ => Value::Bool(text?.parse().ok()?),
        },
        "duration" => match argument {
            Value::Duration(_) => argument.clone(),
            _ => Value::Duration(duration(text?)?),
        },
        "timestamp" => match argument {
            Value::Timestamp(_) => argument.clone(),
            _ => Value::Timestamp(time(text?)?),
        },
        "quantity" => Value::Quantity(quantity_nanos(text?)?),
        "isQuantity" => Value::Bool(is_quantity(text?)),
        "isIP" => Value::Bool(text?.parse::<IpAddr>().is_ok()),
        "isCIDR" => Value::Bool(format_violation("cidr", text?).is_none()),
        _ => return None,
    })
}

fn of_optional<'v>(inner: Option<&Value<'v>>, function: &str, arguments: &[Value<'v>]) -> Option<Value<'v>> {
    match (function, inner, arguments) {
        ("hasValue", inner, []) => Some(Value::Bool(inner.is_some())),
        ("value", Some(value), []) => Some(value.clone()),
        ("orValue", Some(value), [_]) => Some(value.clone()),
        ("orValue", None, [other]) => Some(other.clone()),
        ("or", Some(value), [_]) => Some(Value::Optional(Some(Rc::new(value.clone())))),
        ("or", None, [other]) => Some(other.clone()),
        _ => None,
    }
}

fn of_quantity<'v>(amount: i128, function: &str, arguments: &[Value<'v>]) -> Option<Value<'v>> {
    let other = match arguments {
        [Value::Quantity(other)] => Some(*other),
        _ => None,
    };
    Some(match function {
        "isGreaterThan" => Value::Bool(amount > other?),
        "isLessThan" => Value::Bool(amount < other?),
        "compareTo" => Value::Int(amount.cmp(&other?) as i64),
        "sign" => Value::Int(i64::try_from(amount.signum()).ok()?),
        "add" => Value::Quantity(amount.checked_add(other?)?),
        "sub" => Value::Quantity(amount.checked_sub(other?)?),
        "isInteger" => Value::Bool(amount % 1_000_000_000 == 0),
        _ => return None,
    })
}

fn of_list<'v>(
    types: Types<'v>,
    items: &[Value<'v>],
    function: &str,
    arguments: &[Value<'v>],
) -> Option<Value<'v>> {
    let int = |value: usize| i64::try_from(value).ok().map(Value::Int);
    let found_at = |at: Option<usize>| at.map_or(Some(Value::Int(-1)), int);
    match (function, arguments) {
        ("size", []) => int(items.len()),
        ("isSorted", []) => {
            let mut pairs = items.windows(2);
            let sorted = pairs.try_fold(true, |all, pair| match pair {
                [a, b] => Some(all && compare(a, b)? != Ordering::Greater),
                _ => Some(all),
            });
            sorted.map(Value::Bool)
        }
        ("sum", []) => items
            .iter()
            .try_fold(0_i64, |sum, item| match item {
                Value::Int(value) => sum.checked_add(*value),
                _ => None,
            })
            .map(Value::Int),
        ("min", []) => extreme(items, Ordering::Less),
        ("max", []) => extreme(items, Ordering::Greater),
        ("indexOf", [wanted]) => {
            found_at(items.iter().position(|item| types.equal(item, wanted) == Some(true)))
        }
        ("lastIndexOf", [wanted]) => {
            found_at(items.iter().rposition(|item| types.equal(item, wanted) == Some(true)))
        }
        ("join", arguments) => {
            let separator = match arguments {
                [] => "",
                [Value::Text(separator)] => separator,
                _ => return None,
            };
            let texts = items.iter().map(|item| match item {
                Value::Text(text) => Some(&**text),
                _ => None,
            });
            let texts = texts.collect::<Option<Vec<_>>>()?;
            let length = texts.iter().map(|text| text.len() + separator.len()).sum::<usize>();
            (length <= MAX_TEXT).then(|| Value::Text(Cow::Owned(texts.join(separator))))
        }
        ("distinct", []) => {
            let mut kept: Vec<Value<'v>> = Vec::new();
            // Each is compared with those before it: longer lists are left to the server.
            if items.len() > 1_000 {
                return None;
            }
            for item in items {
                if !contains(types, &kept, item) {
                    kept.push(item.clone());
                }
            }
            Some(Value::List(Rc::new(kept)))
        }
        ("slice", [Value::Int(start), Value::Int(end)]) => {
            let (start, end) = (usize::try_from(*start).ok()?, usize::try_from(*end).ok()?);
            Some(Value::List(Rc::new(items.get(start..end)?.to_vec())))
        }
        _ => None,
    }
}

/// The least or the greatest of some values.
fn extreme<'v>(values: &[Value<'v>], wanted: Ordering) -> Option<Value<'v>> {
    let (first, rest) = values.split_first()?;
    let mut found = first;
    for value in rest {
        if compare(value, found)? == wanted {
            found = value;
        }
    }
    Some(found.clone())
}

fn of_text<'v>(types: Types<'v>, text: &str, function: &str, arguments: &[Value<'v>]) -> Option<Value<'v>> {
    let owned = |text: String| Some(Value::Text(Cow::Owned(text)));
    // Offsets are in characters.
    let int = |count: usize| i64::try_from(count).ok().map(Value::Int);
    let characters =
        |at: Option<usize>| at.map_or(Some(Value::Int(-1)), |at| int(text.get(..at)?.chars().count()));
    match (function, arguments) {
        ("size", []) => int(text.chars().count()),
        ("startsWith", [Value::Text(part)]) => Some(Value::Bool(text.starts_with(&**part))),
        ("endsWith", [Value::Text(part)]) => Some(Value::Bool(text.ends_with(&**part))),
        ("contains", [Value::Text(part)]) => Some(Value::Bool(text.contains(&**part))),
        ("matches", [Value::Text(pattern)]) => {
            types.api.patterns.matches(pattern, text).ok().map(Value::Bool)
        }
        ("lowerAscii", []) => owned(text.to_ascii_lowercase()),
        ("upperAscii", []) => owned(text.to_ascii_uppercase()),
        ("trim", []) => owned(text.trim().to_owned()),
        ("replace", [Value::Text(from), Value::Text(to)]) => {
            replace(text, from, to, usize::MAX).and_then(owned)
        }
        // A negative count stands for all.
        ("replace", [Value::Text(from), Value::Text(to), Value::Int(count)]) => {
            replace(text, from, to, usize::try_from(*count).unwrap_or(usize::MAX)).and_then(owned)
        }
        ("split", [Value::Text(separator)]) => {
            let parts = text.split(&**separator).map(|part| Value::Text(Cow::Owned(part.to_owned())));
            // An empty separator gives the characters alone.
            let empty = separator.is_empty();
            let parts = parts.filter(|part| !empty || !matches!(part, Value::Text(part) if part.is_empty()));
            Some(Value::List(Rc::new(parts.collect())))
        }
        ("indexOf", [Value::Text(part)]) => characters(text.find(&**part)),
        ("lastIndexOf", [Value::Text(part)]) => characters(text.rfind(&**part)),
        ("charAt", [Value::Int(at)]) => {
            owned(text.chars().nth(usize::try_from(*at).ok()?).map(String::from).unwrap_or_default())
        }
        ("substring", [Value::Int(start)]) => {
            let start = usize::try_from(*start).ok()?;
            (start <= text.chars().count()).then(|| owned(text.chars().skip(start).collect()))?
        }
        ("substring", [Value::Int(start), Value::Int(end)]) => {
            let (start, end) = (usize::try_from(*start).ok()?, usize::try_from(*end).ok()?);
            let fits = start <= end && end <= text.chars().count();
            fits.then(|| owned(text.chars().skip(start).take(end - start).collect()))?
        }
        _ => None,
    }
}

/// The text with so many matches replaced; none if it would be longer than [`MAX_TEXT`].
fn replace(text: &str, from: &str, to: &str, count: usize) -> Option<String> {
    let matches = text.matches(from).take(count).count();
    let grown = matches.checked_mul(to.len())?.checked_add(text.len())?;
    (grown <= MAX_TEXT).then(|| text.replacen(from, to, count))
}
