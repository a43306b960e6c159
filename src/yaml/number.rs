//! Numbers as every reader takes them: YAML 1.1, YAML 1.2 and JSON alike.

use std::borrow::Cow;

use super::{Kind, Scalar, parse_float};

/// A number's text in the one form that YAML 1.1, YAML 1.2 and JSON read the same. Digits are never lost: `1.10`
/// stays, `0777` (decimal in YAML 1.2) becomes `777`, `0o17` `15`, `1e3` `1.0e+3`. None for what JSON cannot say.
pub(super) fn canonical_number(scalar: &Scalar) -> Option<Cow<'_, str>> {
    let text = &*scalar.text;
    match scalar.kind {
        Kind::Int => canonical_int(text),
        Kind::Float => canonical_float(text).map(Cow::Owned),
        _ => None,
    }
}

fn canonical_int(text: &str) -> Option<Cow<'_, str>> {
    if let Some(octal) = text.strip_prefix("0o") {
        return from_radix(octal, 8).map(Cow::Owned);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return from_radix(hex, 16).map(Cow::Owned);
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let digits = unsigned.trim_start_matches('0');
    let sign = if text.starts_with('-') && !digits.is_empty() { "-" } else { "" };
    let canonical = sign.len() + digits.len() == text.len() && !digits.is_empty();
    let whole = if digits.is_empty() { "0" } else { digits };
    Some(if canonical { Cow::Borrowed(text) } else { Cow::Owned(format!("{sign}{whole}")) })
}

/// Beyond 128 bits the nearest double has to do: that is what Kubernetes makes of such a number.
fn from_radix(digits: &str, radix: u32) -> Option<String> {
    if let Ok(number) = u128::from_str_radix(digits, radix) {
        return Some(number.to_string());
    }
    let add = |sum: f64, digit: char| sum * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or(0));
    canonical_float(&format!("{:e}", digits.chars().fold(0.0, add)))
}

/// A dot with digits on both sides and a signed exponent: the only form in which all readers see a float.
fn canonical_float(text: &str) -> Option<String> {
    if !parse_float(text).is_some_and(|_| text.bytes().any(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, ""));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    Some(format!("{sign}{whole}.{fraction}{}", canonical_exponent(exponent)))
}

fn canonical_exponent(exponent: &str) -> String {
    let sign = if exponent.starts_with('-') { '-' } else { '+' };
    match exponent.trim_start_matches(['+', '-']).trim_start_matches('0') {
        "" => String::new(),
        digits => format!("e{sign}{digits}"),
    }
}
