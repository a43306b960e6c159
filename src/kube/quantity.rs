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
