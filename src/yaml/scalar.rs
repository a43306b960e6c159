//! `Scalar`: its text, how it was written, and what the core schema of YAML 1.2 makes of it.
//!
//! An unquoted `0777`, `yes` or `1e3` has no meaning of its own: each reader *resolves* it, by rules of its own. Two
//! sets of rules matter here, and each has a file:
//!
//! | file | rules | used for |
//! |---|---|---|
//! | `scalar.rs` | the core schema of YAML 1.2.2, section 10.3.2 | whatever Plimsoll reads |
//! | `yaml_1_1.rs` | YAML 1.1 as Go's yaml package reads it, and then JSON: what `kubectl` does | telling where a cluster would see something else |
//!
//! The regular expressions of the core schema are written out as small functions, because every plain scalar of every
//! text passes through them. [`canonical_number`] writes numbers in the one form on which both sets of rules, and JSON,
//! agree. It works on texts, not on decoded numbers: no digit may get lost on the way from a values file to a manifest.

use std::borrow::Cow;
use std::sync::Arc;

/// A scalar, with its lexeme instead of a decoded value.
///
/// The text is kept because decoding loses what people meant: `1.10` as a double is `1.1`, an image tag `007` is 7, and
/// 2^53+1 has no double at all. Where the schema wants a string, the text as written is the value; where it wants a
/// number, [`Scalar::as_i64`] and [`Scalar::as_f64`] decode it at that moment.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text: as written for plain scalars, unescaped for the others. Shared, so that a value that is used a hundred
    /// times is stored once.
    pub text: Arc<str>,
    /// What YAML 1.2 core (or a wanted type) makes of it.
    pub kind: Kind,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes: the only style whose text is resolved to a [`Kind`].
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A literal (`|`) or folded (`>`) block.
    Block,
}

/// A scalar where it stands: a handle that is copied freely.
#[derive(Clone, Copy, Debug)]
pub struct ScalarRef<'t> {
    /// The text, as that of a [`Scalar`].
    pub text: &'t Arc<str>,
    /// What YAML 1.2 core (or a wanted type) makes of it.
    pub kind: Kind,
    /// How it was written.
    pub style: Style,
}

impl Scalar {
    /// The same scalar by reference.
    pub fn as_ref(&self) -> ScalarRef<'_> {
        ScalarRef { text: &self.text, kind: self.kind, style: self.style }
    }

    /// Whether it is the boolean `true`, which the core schema spells `True` and `TRUE` too.
    pub fn is_true(&self) -> bool {
        self.as_ref().is_true()
    }

    /// The integer, in decimal, octal (`0o17`) or hexadecimal (`0x1f`), if it fits into 64 bits. None for any other
    /// kind.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_ref().as_i64()
    }

    /// The text as it is printed: a number in the one form that all readers know, anything else as it is.
    pub fn printed(&self) -> Arc<str> {
        match canonical_number(self.kind, &self.text) {
            Some(text) if *text != *self.text => Arc::from(text),
            _ => Arc::clone(&self.text),
        }
    }

    /// The number, as near as a double can hold it. None for what is no number.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_ref().as_f64()
    }
}

impl ScalarRef<'_> {
    /// As [`Scalar::is_true`].
    pub fn is_true(self) -> bool {
        self.kind == Kind::Bool && self.text.eq_ignore_ascii_case("true")
    }

    /// As [`Scalar::as_i64`].
    pub fn as_i64(self) -> Option<i64> {
        if self.kind != Kind::Int {
            return None;
        }
        match prefixed_digits(self.text) {
            Some((digits, radix)) => i64::from_str_radix(digits, radix).ok(),
            None => self.text.parse().ok(),
        }
    }

    /// As [`Scalar::as_f64`].
    pub fn as_f64(self) -> Option<f64> {
        match self.kind {
            Kind::Int => match (self.as_i64(), prefixed_digits(self.text)) {
                (Some(int), _) => Some(int as f64),
                (None, Some((digits, radix))) => Some(nearest_double(digits, radix)),
                (None, None) => parse_float(self.text),
            },
            Kind::Float => parse_float(self.text),
            _ => None,
        }
    }
}

// The core schema.

/// The types that a scalar can have: the scalar tags of the core schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number without fraction and exponent.
    Int,
    /// Any other number, `.inf` and `.nan` included.
    Float,
    /// Text.
    Str,
}

impl Kind {
    /// What it is, with its article, as messages say it: `a string`.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool => "a boolean",
            Kind::Int => "an integer",
            Kind::Float => "a number",
            Kind::Str => "a string",
        }
    }
}

/// What the core schema makes of a plain scalar: `0777` and `0o17` are integers, `1e3` is a float, `yes` and `1_000`
/// are strings.
pub fn resolve_core(text: &str) -> Kind {
    // Nearly all scalars are words, which begin with a byte that nothing else begins with: one look at a table decides.
    if text.as_bytes().first().is_some_and(|first| !MAY_BEGIN_NON_STRING[*first as usize]) {
        return Kind::Str;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Kind::Bool,
        _ if is_int(text) => Kind::Int,
        _ if is_float(text) || is_special_float(text) => Kind::Float,
        _ => Kind::Str,
    }
}

/// First bytes of nulls, booleans and numbers.
const MAY_BEGIN_NON_STRING: [bool; 256] = byte_set(b"~nNtTfF+-.0123456789");

/// A set of bytes as a table, made when the program is compiled.
pub(super) const fn byte_set(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

/// The double that a number's text stands for; none for what is no number.
///
/// Infinity and "not a number" are taken in any case, not only in the three spellings of the core schema: the kind was
/// decided before, and a tag (`!!float .INf`) may say that a text is a float.
pub fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.trim_start_matches(['+', '-']);
    if unsigned.eq_ignore_ascii_case(".inf") {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if unsigned.eq_ignore_ascii_case(".nan") {
        return Some(f64::NAN);
    }
    if is_int(text) || is_float(text) { text.parse().ok() } else { None }
}

/// `[-+]?[0-9]+`, `0o[0-7]+` or `0x[0-9a-fA-F]+`. A leading zero means nothing: octal is `0o` in YAML 1.2.
fn is_int(text: &str) -> bool {
    match prefixed_digits(text) {
        Some((digits, radix)) => !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)),
        None => is_decimal(text),
    }
}

/// The digits behind `0o` or `0x`, and their radix.
fn prefixed_digits(text: &str) -> Option<(&str, u32)> {
    let octal = text.strip_prefix("0o").map(|digits| (digits, 8));
    octal.or_else(|| text.strip_prefix("0x").map(|digits| (digits, 16)))
}

/// `[-+]?[0-9]+`.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, which decimal integers fit too.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let dots = mantissa.bytes().filter(|byte| *byte == b'.').count();
    let well_formed = digits > 0 && dots <= 1 && digits + dots == mantissa.len();
    well_formed && exponent.is_none_or(is_decimal)
}

/// Infinity and "not a number", in the spellings of the core schema. Only infinity may have a sign.
fn is_special_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

// The canonical form of numbers.

/// A number's text in the one form that YAML 1.1, YAML 1.2 and JSON read the same: `1.10` stays, `0777` (decimal in
/// YAML 1.2) becomes `777`, `0o17` `15`, `1e3` `1.0e+3`. None for what JSON cannot say (`.inf`, `.nan`), and for what
/// is no number.
pub(super) fn canonical_number(kind: Kind, text: &str) -> Option<Cow<'_, str>> {
    match kind {
        Kind::Int => canonical_int(text),
        Kind::Float => canonical_float(text).map(Cow::Owned),
        _ => None,
    }
}

/// Decimal digits without leading zeros, and a sign only if it is a minus.
fn canonical_int(text: &str) -> Option<Cow<'_, str>> {
    if let Some((digits, radix)) = prefixed_digits(text) {
        return from_radix(digits, radix).map(Cow::Owned);
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
    // `from_str_radix` can only have failed because the number is too large: the text was resolved to an integer, so
    // each character is a digit.
    canonical_float(&format!("{:e}", nearest_double(digits, radix)))
}

/// The double that an integer of any length is nearest to.
fn nearest_double(digits: &str, radix: u32) -> f64 {
    let digits = digits.chars().filter_map(|c| c.to_digit(radix));
    digits.fold(0.0, |number, digit| number * f64::from(radix) + f64::from(digit))
}

/// A dot with digits on both sides and a signed exponent: the only form in which all readers see a float. PyYAML takes
/// `1e3` and `1.0e3` for strings, and JSON knows neither `.5` nor `5.`.
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
