//! The grammar of Kubernetes' quantities: `100m`, `1.5Gi`, `1e3`.

const SUFFIXES: &[&str] =
    &["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Whether the text is a quantity.
pub(super) fn is_quantity(text: &str) -> bool {
    let Some((number, suffix)) = split(text) else { return false };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let dots = number.bytes().filter(|byte| *byte == b'.').count();
    digits > 0 && dots <= 1 && (SUFFIXES.contains(&suffix) || is_exponent(suffix))
}

/// The amount in base units (`1Gi` is 1073741824, `100m` is 0.1), as near as a double can hold it; none for what is no quantity.
pub fn quantity(text: &str) -> Option<f64> {
    if !is_quantity(text) {
        return None;
    }
    let (number, suffix) = split(text)?;
    let amount: f64 = number.parse().ok()?;
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    Some(sign * amount * scale(suffix)?)
}

fn scale(suffix: &str) -> Option<f64> {
    let power = |base: f64, letters: &str, letter: &str| {
        letters.find(letter).filter(|_| !letter.is_empty()).map(|at| base.powi(at as i32 + 1))
    };
    match suffix {
        "" => Some(1.0),
        "n" => Some(1e-9),
        "u" => Some(1e-6),
        "m" => Some(1e-3),
        _ if is_exponent(suffix) => format!("1{suffix}").parse().ok(),
        _ => match suffix.strip_suffix('i') {
            Some(letter) => power(1024.0, "KMGTPE", letter),
            None => power(1000.0, "kMGTPE", suffix),
        },
    }
}

/// What was probably meant by a suffix that is none.
pub(super) fn suggestion(text: &str) -> Option<&'static str> {
    let (_, suffix) = split(text)?;
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
fn split(text: &str) -> Option<(&str, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    unsigned.split_at_checked(end)
}

fn is_exponent(suffix: &str) -> bool {
    let Some(exponent) = suffix.strip_prefix(['e', 'E']) else { return false };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_amounts() {
        for (text, amount) in [
            ("1", 1.0),
            ("100m", 0.1),
            ("1.5Gi", 1.5 * 1024.0 * 1024.0 * 1024.0),
            ("2k", 2e3),
            ("2Ki", 2048.0),
            ("1e3", 1e3),
            ("1E3", 1e3),
            ("1E", 1e18),
            ("-5M", -5e6),
        ] {
            assert_eq!(quantity(text), Some(amount), "{text}");
        }
        assert_eq!(quantity("banana"), None);
    }
}
