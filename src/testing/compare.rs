//! When a value is the one that a test expects, and when it is a part of another one.

use std::cell::Cell;

use crate::yaml::{Kind, Node, Scalar, Value};

/// Whether two values are the same: the order of keys, quotes and the spelling of a number do not count. A number and a
/// text are never the same.
pub(super) fn is_equal(expected: &Node, found: &Node) -> bool {
    match (&expected.value, &found.value) {
        (Value::Scalar(expected), Value::Scalar(found)) => is_same_scalar(expected, found),
        (Value::List(expected), Value::List(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(expected, found)| is_equal(expected, found))
        }
        (Value::Map(expected), Value::Map(found)) => {
            expected.len() == found.len()
                && expected.iter().all(|(key, entry)| {
                    found.get(key).is_some_and(|found| is_equal(&entry.node, &found.node))
                })
        }
        _ => false,
    }
}

fn is_same_scalar(expected: &Scalar, found: &Scalar) -> bool {
    let is_number = |scalar: &Scalar| matches!(scalar.kind, Kind::Int | Kind::Float);
    match (expected.kind, found.kind) {
        (Kind::Bool, Kind::Bool) => expected.is_true() == found.is_true(),
        (Kind::Null, Kind::Null) => true,
        // By their digits where they have one form: a double does not tell large integers apart.
        (Kind::Int, Kind::Int) => expected.printed() == found.printed(),
        _ if is_number(expected) && is_number(found) => {
            expected.printed() == found.printed() || expected.as_f64() == found.as_f64()
        }
        (Kind::Str, Kind::Str) => expected.text == found.text,
        _ => false,
    }
}

/// A part and a value that are too large to be held against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// How many pairs of values are held against each other: each item of one list against each of another one.
pub(super) const MOST_PAIRS: usize = 20_000_000;

/// The first part of what a test expects in a value that is not in it: items of a list, in any order; keys of a map; a
/// text in a text.
///
/// # Errors
/// Two lists that are too long.
pub(super) fn missing_part<'p>(part: &'p Node, whole: &Node) -> Result<Option<&'p Node>, TooLarge> {
    match (&part.value, &whole.value) {
        (Value::Scalar(text), Value::Scalar(whole)) if text.kind == Kind::Str && whole.kind == Kind::Str => {
            Ok((!whole.text.contains(&*text.text)).then_some(part))
        }
        _ => missing_below(part, whole, &Cell::new(MOST_PAIRS)),
    }
}

/// The same below the value: there a text is in another one if it is the same. `left` is how many pairs may still be looked at.
fn missing_below<'p>(part: &'p Node, whole: &Node, left: &Cell<usize>) -> Result<Option<&'p Node>, TooLarge> {
    left.set(left.get().checked_sub(1).ok_or(TooLarge)?);
    let is_in = |item: &Node, items: &[Node]| {
        for whole in items {
            if missing_below(item, whole, left)?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    };
    match (&part.value, &whole.value) {
        (Value::List(parts), Value::List(items)) => {
            for part in parts {
                if !is_in(part, items)? {
                    return Ok(Some(part));
                }
            }
            Ok(None)
        }
        // One item, without a list around it.
        (_, Value::List(items)) => Ok((!is_in(part, items)?).then_some(part)),
        (Value::Map(parts), Value::Map(map)) => {
            for (key, entry) in parts {
                let Some(found) = map.get(key) else { return Ok(Some(&entry.node)) };
                let missing = missing_below(&entry.node, &found.node, left)?;
                if missing.is_some() {
                    return Ok(missing);
                }
            }
            Ok(None)
        }
        _ => Ok((!is_equal(part, whole)).then_some(part)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::parse_one;

    fn node(yaml: &str) -> Node {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "t.yaml", yaml);
        parse_one(&session, source).unwrap().unwrap()
    }

    #[test]
    fn values_are_equal_as_kubernetes_reads_them() {
        for (one, other, equal) in [
            ("{a: 1, b: x}", "{b: 'x', a: 0x1}", true),
            ("1.0", "1", true),
            ("1.10", "1.1", true),
            ("1", "'1'", false),
            ("true", "True", true),
            ("9007199254740993", "9007199254740992", false),
            ("[1, 2]", "[2, 1]", false),
            ("[1]", "[1, 2]", false),
            ("{a: 1}", "{a: 1, b: 2}", false),
            ("{}", "[]", false),
        ] {
            assert_eq!(is_equal(&node(one), &node(other)), equal, "{one} {other}");
        }
    }

    #[test]
    fn parts_are_found_in_values() {
        for (part, whole, found) in [
            ("b", "abc", true),
            ("[{name: A}]", "[{name: B, value: 1}, {name: A, value: 2}]", true),
            ("{name: A}", "[{name: A, value: 2}]", true),
            ("[{name: A, value: 1}]", "[{name: B, value: 1}, {name: A, value: 2}]", false),
            ("[{name: A}]", "[{name: AB}]", false),
            ("[2, 1]", "[1, 2, 3]", true),
            ("[4]", "[1, 2, 3]", false),
            ("{a: {b: 1}}", "{a: {b: 1, c: 2}, d: 3}", true),
            ("{a: {b: 2}}", "{a: {b: 1, c: 2}, d: 3}", false),
            ("{a: [1]}", "{a: [1, 2]}", true),
            ("1", "1", true),
            ("a", "[a, b]", true),
        ] {
            assert_eq!(
                missing_part(&node(part), &node(whole)).is_ok_and(|missing| missing.is_none()),
                found,
                "{part} in {whole}"
            );
        }
    }
}
