//! Numbers written so that every reader takes them for the same: YAML 1.1, YAML 1.2 and JSON alike.
//!
//! This works on texts, not on decoded numbers: no digit may get lost on the way from a values file to a manifest.

use std::borrow::Cow;

use super::core::{Kind, parse_float};

/// A number's text in the one form that YAML 1.1, YAML 1.2 and JSON read the same: `1.10` stays, `0777` (decimal in YAML 1.2)
/// becomes `777`, `0o17` `15`, `1e3` `1.0e+3`. None for what JSON cannot say (`.inf`, `.nan`), and for what is no number.
pub(in crate::yaml) fn canonical_number(kind: Kind, text: &str) -> Option<Cow<'_, str>> {
    match kind {
        Kind::Int => canonical_int(text),
        Kind::Float => canonical_float(text).map(Cow::Owned),
        _ => None,
    }
}

/// Decimal digits without leading zeros, and a sign only if it is a minus.
fn canonical_int(text: &str) -> Option<Cow<'_, str>> {
    if let Some(octal) = text.strip_prefix("0o") {
        return from_radix(octal, 8).map(Cow::Owned);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return from_radix(hex, 16).map(Cow::Owned);
    }
    let digits = text.trim_start_matches(['+', '-']).trim_start_matches('0');
    if digits.is_empty() {
        // All zeros. There is no negative zero among integers.
        return Some(Cow::Borrowed("0"));
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    // Nearly every number is in this form already.
    let is_canonical = sign.len() + digits.len() == text.len();
    Some(if is_canonical { Cow::Borrowed(text) } else { Cow::Owned(format!("{sign}{digits}")) })
}

/// Beyond 128 bits the nearest double has to do: that is what Kubernetes makes of such a number.
fn from_radix(digits: &str, radix: u32) -> Option<String> {
    if let Ok(number) = u128::from_str_radix(digits, radix) {
        return Some(number.to_string());
    }
    // `from_str_radix` can only have failed because the number is too large: the text was resolved to an integer, so each
    // character is a digit.
    let mut nearest = 0.0;
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        nearest = nearest * f64::from(radix) + f64::from(digit);
    }
    canonical_float(&format!("{nearest:e}"))
}

/// A dot with digits on both sides and a signed exponent: the only form in which all readers see a float. PyYAML takes `1e3` and
/// `1.0e3` for strings, and JSON knows neither `.5` nor `5.`.
fn canonical_float(text: &str) -> Option<String> {
    // Infinity and "not a number" have no digit.
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digits || parse_float(text).is_none() {
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

/// The exponent with its sign and without leading zeros; nothing for an exponent of zero.
fn canonical_exponent(exponent: &str) -> String {
    let sign = if exponent.starts_with('-') { '-' } else { '+' };
    match exponent.trim_start_matches(['+', '-']).trim_start_matches('0') {
        "" => String::new(),
        digits => format!("e{sign}{digits}"),
    }
}
