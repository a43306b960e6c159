//! Plain scalars by YAML 1.1 and JSON: what Kubernetes and older YAML readers make of them.
//!
//! `kubectl` and the API server read YAML in two steps: `sigs.k8s.io/yaml` decodes it with go-yaml 2 (its
//! `resolve.go` has the rules), writes the result as JSON, and the JSON is decoded into typed objects. So a plain
//! scalar is what both steps make of it: `0777` is 511 for the first, and `1e3` is a float for the first and the
//! integer 1000 for the second. `tests/kubernetes-scalars.json` has what `kubectl` made of some ninety of them.
//!
//! PyYAML and libyaml's users read YAML 1.1 as well, and differ from go-yaml: base 60 (`12:30`), octal, floats that
//! need a dot. [`same_in_yaml_1_1`] says whether none of that concerns a text.

use std::sync::Arc;

use super::node::{Node, Value};
use super::scalar::{Kind, Scalar, Style, byte_set, resolve_core};

/// What a plain scalar is to Kubernetes, with its text in JSON's terms (`511` for `0777`); none when that is the text
/// itself, as a string.
///
/// A date (`2001-01-01`) stays its text: JSON has no type for it.
pub fn resolve_kubernetes(text: &str) -> Option<(Kind, String)> {
    if let Some(value) = yaml_1_1_bool(text) {
        return Some((Kind::Bool, value.to_string()));
    }
    match resolve_core(text) {
        Kind::Null => return Some((Kind::Null, "null".to_owned())),
        Kind::Bool => return Some((Kind::Bool, text.to_ascii_lowercase())),
        // `.inf` and `.nan`, which JSON does not have.
        Kind::Float if !text.contains(|c: char| c.is_ascii_digit()) => {
            return Some((Kind::Float, text.to_owned()));
        }
        _ => {}
    }
    if !begins_like_a_number(text) {
        return None;
    }
    // go-yaml takes underscores out of numbers (`1_000`), but not out of those that begin with a dot.
    let digits = if text.starts_with('.') { text.to_owned() } else { text.replace('_', "") };
    match go_integer(&digits) {
        Some(value) => Some((Kind::Int, value.to_string())),
        None => go_float(&digits),
    }
}

/// Makes of each plain scalar of a tree what Kubernetes makes of it: `420` of `0644` and `false` of `NO`.
pub fn resolve_scalars(node: &mut Node) {
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|entry| resolve_scalars(&mut entry.node)),
        Value::List(items) => items.iter_mut().for_each(resolve_scalars),
        // What is quoted is a string in every version of YAML, and null is null: only plain scalars are read in two
        // ways.
        Value::Scalar(scalar) if scalar.style == Style::Plain && scalar.kind != Kind::Null => {
            if let Some((kind, text)) = resolve_kubernetes(&scalar.text) {
                *scalar = Scalar { text: Arc::from(text), kind, style: Style::Plain };
            }
        }
        Value::Scalar(_) => {}
    }
}

/// An integer of 64 bits with the prefixes of Go's `strconv.ParseInt(…, 0, 64)`: `0x`, `0b`, `0o`, and a bare `0` for
/// octal.
fn go_integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', b'o', ..] => (&lower[2..], 8),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (&lower[..], 10),
    };
    // Rust would take a second sign here, behind the first one or behind the prefix; Go does not.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    // Wide enough for both of Go's types, `int64` and `uint64`, and for a sign.
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// A number with a fraction or an exponent. One that JSON writes without them is an integer to Kubernetes.
fn go_float(text: &str) -> Option<(Kind, String)> {
    let unsigned = text.trim_start_matches(['+', '-']);
    let signs = text.len() - unsigned.len();
    let may_be_in_one = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let begins_well = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if signs > 1 || !begins_well || !unsigned.chars().all(may_be_in_one) {
        return None;
    }
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    // Go's encoding/json writes a double in the form of JavaScript: with an exponent from 1e21 on, and without a
    // fraction where there is none. What has neither is read back as an integer.
    let whole = value.fract() == 0.0 && value.abs() < 1e21;
    Some(if whole { (Kind::Int, format!("{value:.0}")) } else { (Kind::Float, value.to_string()) })
}

/// Whether a plain scalar means the same to YAML 1.1 readers (PyYAML, go-yaml) and to YAML 1.2 core.
///
/// Where it does not, what a user wrote may reach a cluster as something else, and Plimsoll says so. In doubt the
/// answer is no.
pub fn same_in_yaml_1_1(text: &str) -> bool {
    // `=` is the "default value" of YAML 1.1, `<<` its merge key; both are strings in the core schema.
    if yaml_1_1_bool(text).is_some() || text == "=" || text == "<<" {
        return false;
    }
    let digits = text.trim_start_matches(['+', '-']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return true;
    }
    match resolve_core(text) {
        // `017` is octal in YAML 1.1, and `0o17` a string.
        Kind::Int => !digits.starts_with('0') || digits == "0" || digits.starts_with("0x"),
        // Readers disagree on what begins with a dot (`+.5`) or has an exponent: PyYAML takes `1e3` for a string.
        Kind::Float => digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.contains(['e', 'E']),
        _ => is_dotted(digits) || !looks_numeric(digits),
    }
}

/// Whether some reader, of YAML 1.1 or 1.2, may see a null, a boolean, a number or a time in a plain scalar: then a
/// string has to be quoted.
pub(super) fn may_resolve(text: &str) -> bool {
    // Words that mean something have five letters at most (`false`), so a longer word needs no closer look.
    (begins_like_a_number(text) || text.len() <= 5)
        && (resolve_core(text) != Kind::Str || yaml_1_1_bool(text).is_some() || looks_numeric(text))
}

fn begins_like_a_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
}

/// First bytes of the boolean words that YAML 1.1 has and YAML 1.2 has not.
const MAY_BEGIN_BOOL: [bool; 256] = byte_set(b"yYnNoO");

/// What YAML 1.1 makes of its own boolean words, each in lower case, in capitals, and capitalized. `true` and `false`
/// are not among them: both sets of rules agree on those.
fn yaml_1_1_bool(text: &str) -> Option<bool> {
    const WORDS: &[(&str, bool)] =
        &[("y", true), ("n", false), ("yes", true), ("no", false), ("on", true), ("off", false)];
    if text.len() > 3 || text.as_bytes().first().is_none_or(|first| !MAY_BEGIN_BOOL[*first as usize]) {
        return None;
    }
    let is_spelling_of = |word: &str| {
        let capital = word.chars().next().map(|c| c.to_ascii_uppercase());
        text == word
            || text == word.to_ascii_uppercase()
            || (text.chars().next() == capital && text.get(1..) == word.get(1..))
    };
    WORDS.iter().find(|(word, _)| is_spelling_of(word)).map(|(_, value)| *value)
}

/// Whether some YAML 1.1 reader might see a number, a time or a date: digits and the signs that those are made of.
///
/// Coarser than any reader on purpose. The exact rules differ from reader to reader, and a pair of quotes too many does
/// no harm.
fn looks_numeric(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-', '.']);
    if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("nan") {
        return true;
    }
    let may_be_in_one = |c: char| c.is_ascii_hexdigit() || "_.,:+-xXoOtTzZ ".contains(c);
    begins_like_a_number(text) && text.chars().all(may_be_in_one)
}

/// A version or an address, `1.2.3` or `10.0.0.1`: no reader takes several dots for a number.
fn is_dotted(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() > 2 && text.split('.').all(is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table was measured with kubectl.
    #[test]
    fn scalars_are_read_as_kubectl_reads_them() {
        let table = include_str!("../../tests/kubernetes-scalars.json");
        let table: serde_json::Map<String, serde_json::Value> = serde_json::from_str(table).unwrap();
        for (text, wanted) in &table {
            let read = resolve_kubernetes(text);
            let special = resolve_core(text) == Kind::Float && !text.contains(|c: char| c.is_ascii_digit());
            // A tag, and what is no plain scalar, are not for this function.
            if text.starts_with(['!', '&', '#'])
                || text.contains(" #")
                || (wanted.get("error").is_some() && !special)
            {
                continue;
            }
            if special {
                assert!(matches!(&read, Some((Kind::Float, special)) if special == text), "{text}: {read:?}");
                continue;
            }
            let wanted = &wanted["value"];
            let found = match &read {
                None => serde_json::Value::from(text.as_str()),
                Some((_, json)) => serde_json::from_str(json).unwrap(),
            };
            let same = found == *wanted || found.as_f64().is_some_and(|found| Some(found) == wanted.as_f64());
            assert!(same, "{text}: {read:?}, and kubectl reads {wanted}");
        }
        assert!(table.len() > 90);
    }
}
