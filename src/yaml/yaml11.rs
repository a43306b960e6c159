//! Plain scalars as Kubernetes reads them: YAML 1.1 by Go's reader, then JSON.

use super::Kind;
use super::scalar::{resolve_core, yaml_1_1_bool};

/// What a plain scalar is to Kubernetes, with its text in JSON's terms (`511` for `0777`); none when that is the text itself, as a string.
pub fn resolve_kubernetes(text: &str) -> Option<(Kind, String)> {
    if let Some(value) = yaml_1_1_bool(text) {
        return Some((Kind::Bool, value.to_string()));
    }
    match resolve_core(text) {
        Kind::Null => return Some((Kind::Null, "null".to_owned())),
        Kind::Bool => return Some((Kind::Bool, text.to_ascii_lowercase())),
        Kind::Float if !text.contains(|c: char| c.is_ascii_digit()) => {
            return Some((Kind::Float, text.to_owned()));
        }
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    let digits = if text.starts_with('.') { text.to_owned() } else { text.replace('_', "") };
    integer(&digits).map(|value| (Kind::Int, value.to_string())).or_else(|| float(&digits))
}

/// An integer of 64 bits with Go's prefixes: `0x`, `0b`, `0o`, and a bare `0` for octal.
fn integer(text: &str) -> Option<i128> {
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
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// A number with a fraction or an exponent. One that JSON writes without them is an integer to Kubernetes.
fn float(text: &str) -> Option<(Kind, String)> {
    let unsigned = text.trim_start_matches(['+', '-']);
    let signs = text.len() - unsigned.len();
    let made_of = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let opens = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if signs > 1 || !opens || !unsigned.chars().all(made_of) {
        return None;
    }
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    let whole = value.fract() == 0.0 && value.abs() < 1e21;
    Some(if whole { (Kind::Int, format!("{value:.0}")) } else { (Kind::Float, value.to_string()) })
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
