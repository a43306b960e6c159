//! Number constants of templates, as Go's parser reads them.

use super::ast::Number;
use super::quote;

/// A number or character constant.
///
/// # Errors
/// A sentence, when it is none.
pub(super) fn constant(text: &[u8], is_character: bool) -> Result<Number, String> {
    if is_character {
        let Some(character) = quote::unquote_character(text) else {
            return Err(format!("malformed character constant: {}", String::from_utf8_lossy(text)));
        };
        let (int, uint) = (Some(i64::from(character)), Some(u64::from(character)));
        return Ok(Number { int, uint, float: Some(f64::from(character)), is_float: false });
    }
    let text = String::from_utf8_lossy(text);
    if text.strip_suffix('i').is_some_and(|text| float(text).is_some()) {
        return Err("complex numbers are not supported".to_owned());
    }
    let mut number = Number { int: None, uint: None, float: None, is_float: false };
    let (magnitude, negative) = match text.strip_prefix('-') {
        Some(rest) => (unsigned(rest), true),
        None => (unsigned(text.strip_prefix('+').unwrap_or(&text)), false),
    };
    if let Some(magnitude) = magnitude {
        let signed = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
        number.int = i64::try_from(signed).ok();
        // Go's unsigned numbers are written without a sign, but `-0` and `+0` are zero.
        let bare = !text.starts_with(['-', '+']) || number.int == Some(0);
        number.uint = bare.then_some(magnitude);
    }
    #[expect(clippy::cast_precision_loss, reason = "what Go does")]
    if let Some(int) = number.int {
        number.float = Some(int as f64);
    } else if let Some(uint) = number.uint {
        number.float = Some(uint as f64);
    } else if let Some(float) = float(&text) {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", quote::quoted(text.as_bytes())));
        }
        number.float = Some(float);
        number.int = whole(float);
        number.uint = number.int.and_then(|int| u64::try_from(int).ok());
    }
    if number.float.is_none() {
        return Err(format!("illegal number syntax: {}", quote::quoted(text.as_bytes())));
    }
    let is_hexadecimal = text.len() > 2 && text.starts_with("0x") || text.starts_with("0X");
    number.is_float = match is_hexadecimal {
        true => text.contains(['p', 'P']),
        false => text.contains(['.', 'e', 'E', 'p', 'P']),
    };
    Ok(number)
}

/// A float that is a whole number of 64 bits.
fn whole(float: f64) -> Option<i64> {
    // Two to the power of 63.
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    let fits = float.fract() == 0.0 && (-BOUND..BOUND).contains(&float);
    #[expect(clippy::cast_possible_truncation, reason = "it fits")]
    fits.then_some(float as i64)
}

/// `strconv.ParseUint` with base 0: prefixes tell the base, underscores may stand between digits.
pub(super) fn unsigned(text: &str) -> Option<u64> {
    let (digits, base, prefixed) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (text.get(2..)?, 16, true),
        [b'0', b'o' | b'O', ..] => (text.get(2..)?, 8, true),
        [b'0', b'b' | b'B', ..] => (text.get(2..)?, 2, true),
        [b'0', _, ..] => (text.get(1..)?, 8, true),
        _ => (text, 10, false),
    };
    let mut value: u64 = 0;
    let mut after_digit = prefixed;
    for character in digits.chars() {
        if character == '_' {
            if !after_digit {
                return None;
            }
            after_digit = false;
            continue;
        }
        value = value.checked_mul(u64::from(base))?.checked_add(u64::from(character.to_digit(base)?))?;
        after_digit = true;
    }
    (after_digit && !digits.is_empty()).then_some(value)
}

/// `strconv.ParseFloat`, with underscores between digits and hexadecimal floats.
fn float(text: &str) -> Option<f64> {
    let (negative, bare) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match bare.strip_prefix("0x").or_else(|| bare.strip_prefix("0X")) {
        Some(digits) => hexadecimal_float(&digits.replace('_', ""))?,
        None => {
            let starts_well = bare.starts_with(|c: char| c.is_ascii_digit() || c == '.');
            let underscores_fine = !bare.contains("__") && !bare.starts_with('_') && !bare.ends_with('_');
            let value: f64 = bare.replace('_', "").parse().ok()?;
            // Rust reads `1e999` as infinity, Go refuses it.
            (starts_well && underscores_fine && value.is_finite()).then_some(value)?
        }
    };
    Some(if negative { -value } else { value })
}

fn hexadecimal_float(digits: &str) -> Option<f64> {
    let at = digits.find(['p', 'P'])?;
    let (mantissa, exponent) = (digits.get(..at)?, digits.get(at + 1..)?);
    let mut exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value = 0.0;
    for character in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(character.to_digit(16)?);
    }
    exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    Some(value * f64::from(exponent.clamp(-1100, 1100)).exp2())
}
