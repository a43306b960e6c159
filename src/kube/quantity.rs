//! Kubernetes' quantities, `100m`, `1.5Gi`, `1e3`: their grammar, and their amounts.
//!
//! The grammar is that of `resource.ParseQuantity` in `apimachinery`:
//!
//! ```text
//! quantity ::= [+-] number suffix
//! number   ::= digits | digits . digits | digits . | . digits
//! suffix   ::= n u m (none) k M G T P E | Ki Mi Gi Ti Pi Ei | (e | E) [+-] digits
//! ```
//!
//! An amount is compared in billionths, as an integer of 128 bits: `n` is the smallest suffix, and what is counted in
//! floats is not exact. `apimachinery` counts alike, but for three things: it rounds what is finer than a billionth
//! away from zero, it cuts binary amounts at 2⁶³-1, and decimal ones have no end. Here, those are no amounts.
//!
//! `E` alone is 10¹⁸, and with digits behind it an exponent: `1E` is `1e18`, and `1E3` is 1000.

/// Every suffix that is no exponent.
const SUFFIXES: &[&str] =
    &["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Whether the text is a quantity.
pub(super) fn is_quantity(text: &str) -> bool {
    // `Quantity.UnmarshalJSON` trims what it reads.
    let text = text.trim();
    let Some((number, suffix)) = split_suffix(text) else { return false };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let dots = number.bytes().filter(|byte| *byte == b'.').count();
    digits > 0 && dots <= 1 && (SUFFIXES.contains(&suffix) || is_exponent(suffix))
}

/// The amount in billionths, exactly, so that equal amounts are equal whatever their suffix; none for what is no
/// quantity, is finer than a billionth, or is too large for 128 bits (38 digits).
///
/// ```
/// use plimsoll::kube::quantity_nanos;
///
/// assert_eq!(quantity_nanos("1.5"), Some(1_500_000_000));
/// assert_eq!(quantity_nanos("1500m"), quantity_nanos("1.5"));
/// assert_eq!(quantity_nanos("1.5 cores"), None);
/// ```
pub fn quantity_nanos(text: &str) -> Option<i128> {
    let text = text.trim();
    if !is_quantity(text) {
        return None;
    }
    let (number, suffix) = split_suffix(text)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    // `1.5000000000000` is not finer than `1.5`.
    let fraction = fraction.trim_end_matches('0');
    // The digits without their point, `15` of `1.5`; `.5` and `5.` have none on one side of it.
    let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
    // From here on every step is checked: a text may have any number of digits.
    let (factor, exponent) = suffix_scale(suffix)?;
    // In billionths, and back by as many digits as stood behind the point.
    let shift = exponent + 9 - i32::try_from(fraction.len()).ok()?;
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    let product = digits.checked_mul(factor)?;
    let amount = if shift >= 0 {
        product.checked_mul(power)?
    } else if product % power == 0 {
        product / power
    } else {
        // A division with a remainder: there is a digit behind the billionths.
        return None;
    };
    Some(if text.starts_with('-') { -amount } else { amount })
}

/// A suffix as a factor and a power of ten: `Ki` is 1024 · 10⁰, `m` is 1 · 10⁻³.
fn suffix_scale(suffix: &str) -> Option<(i128, i32)> {
    // In steps of a thousand, from 10⁻⁹ on.
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    if let Some(at) = decimal.iter().position(|known| *known == suffix) {
        return Some((1, i32::try_from(at).ok()? * 3 - 9));
    }
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(at) = binary.iter().position(|known| *known == suffix) {
        return Some((1024_i128.checked_pow(u32::try_from(at).ok()? + 1)?, 0));
    }
    // `e3`. An exponent of a hundred is beyond what the result can hold.
    Some((1, suffix.get(1..)?.parse().ok().filter(|exponent: &i32| exponent.abs() < 100)?))
}

/// What was probably meant by a suffix that is none. Both readings are named, since `K` may have meant either.
pub(super) fn suggestion(text: &str) -> Option<&'static str> {
    let (_, suffix) = split_suffix(text)?;
    Some(match suffix.trim() {
        "K" | "KB" | "kB" | "kb" => "`k` is 1000 and `Ki` is 1024",
        "MB" | "mb" | "Mb" | "mi" | "MiB" => "`M` is 1000² and `Mi` is 1024²",
        "GB" | "gb" | "Gb" | "g" | "gi" | "GiB" => "`G` is 1000³ and `Gi` is 1024³",
        "TB" | "tb" | "t" | "ti" | "TiB" => "`T` is 1000⁴ and `Ti` is 1024⁴",
        "ki" | "KiB" => "`Ki` is 1024",
        _ => return None,
    })
}

/// The number with its sign taken off, and what follows it.
fn split_suffix(text: &str) -> Option<(&str, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    unsigned.split_at_checked(end)
}

/// Whether the suffix is a decimal exponent, `e3` or `E-6`. Digits are needed: a bare `E` is a suffix of its own, and
/// `e` is none.
fn is_exponent(suffix: &str) -> bool {
    let Some(exponent) = suffix.strip_prefix(['e', 'E']) else { return false };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_amounts_are_equal_to_the_last_digit() {
        for (one, other) in [
            ("1", "1000m"),
            ("0.7", "700m"),
            ("1Gi", "1024Mi"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("0.5e-3", "500u"),
            ("-1.50", "-1500m"),
            (".5", "0.500"),
        ] {
            assert_eq!(quantity_nanos(one), quantity_nanos(other), "{one} {other}");
            assert!(quantity_nanos(one).is_some(), "{one}");
        }
        // Too fine, too large, and an exponent that no integer holds: no amounts, and no panics.
        assert_eq!(quantity_nanos("0.1n"), None);
        assert_eq!(quantity_nanos("99999999999999999999999999999999E"), None);
        assert_eq!(quantity_nanos("1e2147483648"), None);
        // 2⁵³+1 and 2⁵³ are one double.
        assert_ne!(quantity_nanos("9007199254740993"), quantity_nanos("9007199254740992"));
    }
}
