//! Floats as Go's `strconv.FormatFloat` writes them.

/// A float in the form `e`, `f`, `g`, `b` or `x` (or a capital), with a number of digits, or as few as tell it from others.
pub fn format_float(value: f64, form: u8, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let magnitude = value.abs();
    let text = match form {
        b'e' | b'E' => exponential(&Digits::of(magnitude, precision.map(|digits| digits + 1)), precision),
        b'f' | b'F' => match precision {
            Some(precision) => format!("{magnitude:.precision$}"),
            // Rust prints as few digits as tell it from others, and never an exponent.
            None => format!("{magnitude}"),
        },
        b'b' => binary(magnitude),
        b'x' | b'X' => hexadecimal(magnitude, precision),
        _ => general(magnitude, precision),
    };
    let text = format!("{sign}{text}");
    if form.is_ascii_uppercase() { text.to_ascii_uppercase() } else { text }
}

/// Decimal digits without zeros at the end, and where the point stands: `0.d₁d₂… · 10^point`.
struct Digits {
    digits: String,
    point: i32,
}

impl Digits {
    /// So many digits, or as few as tell it from others.
    fn of(magnitude: f64, count: Option<usize>) -> Digits {
        let text = match count {
            Some(count) => format!("{:.*e}", count.saturating_sub(1), magnitude),
            None => shortest(magnitude),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_end_matches('0').to_owned();
        let point = if digits.is_empty() { 0 } else { exponent.parse().unwrap_or(0) + 1 };
        Digits { digits, point }
    }
}

/// As few digits as tell a number from others. Of two that are as few and as near, Go takes the even one.
fn shortest(magnitude: f64) -> String {
    let text = format!("{magnitude:e}");
    let digits =
        text.split('e').next().map_or(0, |mantissa| mantissa.bytes().filter(u8::is_ascii_digit).count());
    let nearest = format!("{magnitude:.*e}", digits.saturating_sub(1));
    if nearest.parse() == Ok(magnitude) { nearest } else { text }
}

fn exponential(digits: &Digits, precision: Option<usize>) -> String {
    let mut shown = digits.digits.clone();
    if shown.is_empty() {
        shown.push('0');
    }
    let wanted = precision.map_or(shown.len(), |precision| precision + 1);
    while shown.len() < wanted {
        shown.push('0');
    }
    let (first, rest) = shown.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let exponent = if digits.digits.is_empty() { 0 } else { digits.point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.unsigned_abs())
}

fn general(magnitude: f64, precision: Option<usize>) -> String {
    let precision = precision.map(|precision| precision.max(1));
    let digits = Digits::of(magnitude, precision);
    let count = i32::try_from(digits.digits.len()).unwrap_or(i32::MAX);
    // From which exponent on it is shown: with as few digits as possible, Go shows those from 6 on.
    let from = match precision {
        None => 6,
        Some(precision) => {
            let precision = i32::try_from(precision).unwrap_or(i32::MAX);
            if precision > count && count >= digits.point { count } else { precision }
        }
    };
    let exponent = digits.point - 1;
    if exponent < -4 || exponent >= from {
        return exponential(&digits, None);
    }
    let mut text = String::new();
    if digits.point <= 0 {
        text.push_str("0.");
        (digits.point..0).for_each(|_| text.push('0'));
        text.push_str(&digits.digits);
        if digits.digits.is_empty() {
            return "0".to_owned();
        }
        return text;
    }
    let point = usize::try_from(digits.point).unwrap_or(0);
    for (index, digit) in digits.digits.chars().enumerate() {
        if index == point {
            text.push('.');
        }
        text.push(digit);
    }
    (digits.digits.len()..point).for_each(|_| text.push('0'));
    text
}

/// Mantissa and exponent to the base of two, as whole numbers.
fn parts(magnitude: f64) -> (u64, i32) {
    let bits = magnitude.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let mantissa = bits & ((1 << 52) - 1);
    if exponent == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, exponent - 1075) }
}

fn binary(magnitude: f64) -> String {
    let (mantissa, exponent) = parts(magnitude);
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(magnitude: f64, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(magnitude);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // One bit before the point, 60 behind it.
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - i32::try_from(shift).unwrap_or(0);
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = u32::try_from(precision).unwrap_or(0) * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) => format!("{fraction:0<precision$}").chars().take(precision).collect(),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x{}{point}{fraction}p{sign}{:02}", mantissa >> 60, exponent.unsigned_abs())
}
