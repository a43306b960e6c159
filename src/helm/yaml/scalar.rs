//! The law of plain scalars of Helm: what go-yaml 2 makes of them.
//!
//! Helm reads YAML with `sigs.k8s.io/yaml`, which decodes it with go-yaml 2 and writes the result as JSON. The same law
//! decides which strings `toYaml` has to quote.

/// What a plain scalar is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolved {
    /// `null`, `~` and nothing at all.
    Null,
    /// A boolean, also by YAML 1.1's words.
    Bool(bool),
    /// A whole number of Go's `int64` or `uint64`.
    Int(i128),
    /// A `float64`.
    Float(f64),
    /// A date or a time, which stays a string and has to be quoted if it is one.
    Time,
    /// A string.
    Str,
}

/// What a plain scalar is.
pub(super) fn resolve(text: &str) -> Resolved {
    let Some(first) = text.as_bytes().first() else { return Resolved::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Resolved::Float(f64::INFINITY),
            _ => dotted(text).map_or(Resolved::Str, Resolved::Float),
        },
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => Resolved::Str,
    }
}

fn word(text: &str) -> Resolved {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Resolved::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Resolved::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        _ => Resolved::Str,
    }
}

/// A number that begins with a dot. Unlike in other numbers, `_` may stand between two digits only.
fn dotted(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let misplaced =
        |(at, byte): (usize, &u8)| *byte == b'_' && !(at > 0 && is_digit(at - 1) && is_digit(at + 1));
    if bytes.iter().enumerate().any(misplaced) {
        return None;
    }
    float(&text.replace('_', ""))
}

fn number(text: &str) -> Resolved {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if is_time(text) {
        return Resolved::Time;
    }
    let without = if text.contains('_') { &text.replace('_', "") } else { text };
    if let Some(value) = integer(without).or_else(|| signed_behind(without, "0b", 2)) {
        return Resolved::Int(value);
    }
    float(without).map_or(Resolved::Str, Resolved::Float)
}

/// A number whose sign stands behind its prefix, as in `0b-11`: go-yaml looks at what is behind it by itself.
fn signed_behind(text: &str, prefix: &str, radix: u32) -> Option<i128> {
    let digits = text.strip_prefix(prefix)?;
    let value = i64::from_str_radix(digits, radix).ok()?;
    Some(i128::from(value))
}

/// Whether go-yaml 3 sees a number in what is a string to go-yaml 2: `0o-17`.
pub(super) fn is_octal_of_v3(text: &str) -> bool {
    signed_behind(&text.replace('_', ""), "0o", 8).is_some()
}

/// As `strconv.ParseInt(text, 0, 64)`, and `strconv.ParseUint` where that overflows.
fn integer(text: &str) -> Option<i128> {
    let (negative, signed, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, unsigned.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, unsigned.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, unsigned.get(2..)?),
        [b'0', _, ..] => (8, unsigned.get(1..)?),
        _ => (10, unsigned),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    let most = if signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=most).contains(&value).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, if a `float64` can hold it.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && are_digits(digits)
    });
    if !are_digits(whole) || !are_digits(fraction) || whole.len() + fraction.len() == 0 || !exponent_fits {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Whether a text is in one of the forms of dates and times that go-yaml 2 knows.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    // A year of four digits comes first.
    if bytes.len() < 8 || bytes.get(4) != Some(&b'-') || !bytes.iter().take(4).all(u8::is_ascii_digit) {
        return false;
    }
    let mut rest = Clock { text: bytes };
    let Some(date) = rest.date() else { return false };
    if !date {
        return false;
    }
    match rest.text {
        [] => true,
        [b'T' | b't', ..] => {
            rest.skip(1);
            rest.time().is_some() && rest.zone().is_some() && rest.text.is_empty()
        }
        [b' ', ..] => {
            while rest.text.first() == Some(&b' ') {
                rest.skip(1);
            }
            rest.time().is_some() && rest.text.is_empty()
        }
        _ => false,
    }
}

/// What is left of a time that is read.
struct Clock<'t> {
    text: &'t [u8],
}

impl Clock<'_> {
    fn skip(&mut self, by: usize) {
        self.text = self.text.get(by..).unwrap_or_default();
    }

    /// A number of one or two digits.
    fn number(&mut self) -> Option<u32> {
        let digits = self.text.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
        let value = self.text.get(..digits).filter(|digits| !digits.is_empty())?;
        let value = value.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        self.skip(digits);
        Some(value)
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        (self.text.first() == Some(&sign)).then(|| self.skip(1))
    }

    /// `2006-1-2`: whether there is such a day.
    fn date(&mut self) -> Option<bool> {
        let year =
            self.text.iter().take(4).fold(0, |year, digit| year * 10 + u32::from(digit.wrapping_sub(b'0')));
        self.skip(4);
        self.sign(b'-')?;
        let month = self.number()?;
        self.sign(b'-')?;
        let day = self.number()?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Some(false),
        };
        Some((1..=days).contains(&day))
    }

    /// `15:4:5.999999999`
    fn time(&mut self) -> Option<()> {
        let hour = self.number()?;
        self.sign(b':')?;
        let minute = self.number()?;
        self.sign(b':')?;
        let second = self.number()?;
        if let [b'.' | b',', b'0'..=b'9', ..] = self.text {
            self.skip(1);
            while self.text.first().is_some_and(u8::is_ascii_digit) {
                self.skip(1);
            }
        }
        (hour < 24 && minute < 60 && second < 60).then_some(())
    }

    /// `Z` or `+07:00`.
    fn zone(&mut self) -> Option<()> {
        if self.text.first() == Some(&b'Z') {
            self.skip(1);
            return Some(());
        }
        let [b'+' | b'-', a, b, b':', c, d, ..] = self.text else { return None };
        let two = |high: &u8, low: &u8| {
            (high.is_ascii_digit() && low.is_ascii_digit())
                .then(|| u32::from(high - b'0') * 10 + u32::from(low - b'0'))
        };
        let (hours, minutes) = (two(a, b)?, two(c, d)?);
        self.skip(6);
        (hours <= 24 && minutes <= 60).then_some(())
    }
}

/// Whether a string is a number in base 60 to YAML 1.1, which go-yaml does not read, but quotes:
/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
pub(super) fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) || !unsigned.contains(':') {
        return false;
    }
    let of_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (places, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut places = places.split(':');
    of_number(fraction)
        && places.next().is_some_and(of_number)
        && places.all(|place| matches!(place.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}
