//! Plain scalars by the core schema of YAML 1.2: what Plimsoll itself reads.
//!
//! The source is the table of section 10.3.2 in the specification (YAML 1.2.2, "Tag Resolution" of the core schema). Its regular
//! expressions are written out as small functions here, because every plain scalar of every text passes through them.

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

/// What the core schema makes of a plain scalar: `0777` and `0o17` are integers, `1e3` is a float, `yes` and `1_000` are
/// strings.
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
/// Infinity and "not a number" are taken in any case, not only in the three spellings of the core schema: the kind was decided
/// before, and a tag (`!!float .INf`) may say that a text is a float.
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
    if let Some(octal) = text.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    is_decimal(text)
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
