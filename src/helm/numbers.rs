//! Numbers as Go writes them: `strconv.FormatFloat` in its forms, and that of JSON.

/// The shortest decimal digits that are read back as the same number, and the exponent of the first of them: of
/// `1250`, `125` and 3.
struct Shortest {
    negative: bool,
    digits: String,
    exponent: i32,
}

impl Shortest {
    /// Of a finite number. Of two shortest forms that are as near, Go takes the even one, as `serde_json` does; Rust's
    /// own formatting takes the larger one.
    fn of(value: impl serde::Serialize) -> Shortest {
        let written = serde_json::to_string(&value).unwrap_or_default();
        let unsigned = written.trim_start_matches('-');
        let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let zeros = all.len() - digits.len();
        let exponent: i32 = exponent.parse().unwrap_or(0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a few digits")]
        let first = whole.len() as i32 - 1 - zeros as i32;
        let negative = written.starts_with('-');
        match digits.trim_end_matches('0') {
            "" => Shortest { negative, digits: "0".to_owned(), exponent: 0 },
            digits => Shortest { negative, digits: digits.to_owned(), exponent: exponent + first },
        }
    }

    /// With an exponent of two digits or more: `1.25e+03`.
    fn scientific(&self) -> String {
        let (first, rest) = self.digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if self.negative { "-" } else { "" };
        let direction = if self.exponent < 0 { '-' } else { '+' };
        format!("{sign}{first}{point}{rest}e{direction}{:02}", self.exponent.unsigned_abs())
    }

    /// Without an exponent: `1250`, `0.00125`.
    fn plain(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digits = &self.digits;
        let Ok(whole) = usize::try_from(self.exponent + 1) else {
            let zeros = self.exponent.unsigned_abs() as usize - 1;
            return format!("{sign}0.{}{digits}", "0".repeat(zeros));
        };
        match digits.get(whole..) {
            _ if whole == 0 => format!("{sign}0.{digits}"),
            Some(fraction) if !fraction.is_empty() => {
                format!("{sign}{}.{fraction}", digits.get(..whole).unwrap_or_default())
            }
            _ => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
        }
    }

    /// As `%g` with as few digits as possible: with an exponent below -4 and from 6 on.
    fn general(&self) -> String {
        if (-4..6).contains(&self.exponent) { self.plain() } else { self.scientific() }
    }
}

fn special(value: f64) -> Option<&'static str> {
    match value {
        _ if value.is_nan() => Some("NaN"),
        _ if value.is_infinite() => Some(if value > 0.0 { "+Inf" } else { "-Inf" }),
        _ => None,
    }
}

/// `strconv.FormatFloat(value, 'g', -1, 64)`.
pub(super) fn general(value: f64) -> String {
    special(value).map_or_else(|| Shortest::of(value).general(), str::to_owned)
}

/// `strconv.FormatFloat(value, 'g', -1, 32)`: what becomes of a number as a key.
#[expect(clippy::cast_possible_truncation, reason = "what Go does")]
pub(super) fn general_of_32_bits(value: f64) -> String {
    let value = value as f32;
    special(f64::from(value)).map_or_else(|| Shortest::of(value).general(), str::to_owned)
}

/// As `encoding/json` writes a number; none for what JSON does not have.
pub(super) fn json(value: f64) -> Option<String> {
    if special(value).is_some() {
        return None;
    }
    let shortest = Shortest::of(value);
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let scientific = shortest.scientific();
        // `1e-09` is `1e-9` there.
        return Some(scientific.replace("e-0", "e-"));
    }
    Some(shortest.plain())
}
