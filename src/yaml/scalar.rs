//! What plain scalars mean: YAML 1.2 core, and where YAML 1.1 (which Kubernetes reads) would see something else.

use super::Kind;

/// The kind of a plain scalar in the YAML 1.2 core schema (section 10.3.2 of the specification).
pub fn resolve_core(text: &str) -> Kind {
    // Nearly all scalars are words that begin like nothing else.
    if text.as_bytes().first().is_some_and(|first| !BEGINS_SOMETHING[*first as usize]) {
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
const BEGINS_SOMETHING: [bool; 256] = table_of(b"~nNtTfF+-.0123456789");

/// First bytes of the boolean words of YAML 1.1.
const BEGINS_A_WORD: [bool; 256] = table_of(b"yYnNoO");

const fn table_of(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

/// The double that a number's text stands for; none for what is no number.
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

/// Whether a plain scalar means the same to a YAML 1.1 reader (PyYAML, go-yaml) and to YAML 1.2 core.
pub fn same_in_yaml_1_1(text: &str) -> bool {
    if is_yaml_1_1_bool(text) || text == "=" || text == "<<" {
        return false;
    }
    let digits = text.trim_start_matches(['+', '-']);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !numeric {
        return true;
    }
    match resolve_core(text) {
        Kind::Int => !digits.starts_with('0') || digits == "0" || digits.starts_with("0x"),
        Kind::Float => digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.contains(['e', 'E']),
        _ => is_dotted(digits) || !looks_numeric(digits),
    }
}

/// A version or an address, `1.2.3` or `10.0.0.1`: no reader takes several dots for a number.
fn is_dotted(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() > 2 && text.split('.').all(part)
}

/// Whether a string may be printed without quotes: no YAML reader, 1.1 or 1.2, can take it for anything else.
pub fn is_plain_safe(text: &str) -> bool {
    let bytes = text.as_bytes();
    opens_plainly(bytes) && runs_plainly(bytes) && !resolves_somewhere(text)
}

/// Whether the first bytes can begin nothing but a plain scalar: no indicator, no `---` and no `...`.
fn opens_plainly(bytes: &[u8]) -> bool {
    match bytes {
        [b'-', b'-', third, ..] => third.is_ascii_alphanumeric(),
        [b'-', second, ..] => second.is_ascii_alphanumeric(),
        [b'.', b'.', ..] => false,
        [first, ..] => first.is_ascii_alphanumeric() || b"/_.$(+".contains(first),
        [] => false,
    }
}

/// Whether nothing in the text ends a plain scalar early (`: `, ` #`) or needs an escape.
fn runs_plainly(bytes: &[u8]) -> bool {
    let mut previous = 0;
    for &byte in bytes {
        let breaks_off = (previous == b':' && byte == b' ') || (previous == b' ' && byte == b'#');
        if breaks_off || !PLAIN_BYTES[byte as usize] {
            return false;
        }
        previous = byte;
    }
    previous != b':' && previous != b' '
}

/// Printable ASCII, by code.
const PLAIN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b' ' as usize;
    while byte < 0x7f {
        table[byte] = true;
        byte += 1;
    }
    table
};

/// Whether some reader sees a null, a boolean, a number or a time. Words that mean something have five letters at most.
fn resolves_somewhere(text: &str) -> bool {
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    (numeric || text.len() <= 5)
        && (resolve_core(text) != Kind::Str || is_yaml_1_1_bool(text) || looks_numeric(text))
}

fn is_yaml_1_1_bool(text: &str) -> bool {
    yaml_1_1_bool(text).is_some()
}

/// What YAML 1.1 makes of its own boolean words, in the spellings that its readers know.
pub(super) fn yaml_1_1_bool(text: &str) -> Option<bool> {
    const WORDS: &[(&str, bool)] =
        &[("y", true), ("n", false), ("yes", true), ("no", false), ("on", true), ("off", false)];
    if text.len() > 3 || text.as_bytes().first().is_none_or(|first| !BEGINS_A_WORD[*first as usize]) {
        return None;
    }
    let spelled = |word: &str| {
        let capital = word.chars().next().map(|c| c.to_ascii_uppercase());
        text == word
            || text == word.to_ascii_uppercase()
            || (text.chars().next() == capital && text.get(1..) == word.get(1..))
    };
    WORDS.iter().find(|(word, _)| spelled(word)).map(|(_, value)| *value)
}

/// Whether some YAML 1.1 reader might see a number, a time or a date: digits and the signs that those are made of.
fn looks_numeric(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-', '.']);
    let special = unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("nan");
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    let made_of = |c: char| {
        c.is_ascii_hexdigit()
            || matches!(
                c,
                '_' | '.' | ',' | ':' | '+' | '-' | 'x' | 'X' | 'o' | 'O' | 't' | 'T' | 'z' | 'Z' | ' '
            )
    };
    special || (starts && text.chars().all(made_of))
}

fn is_int(text: &str) -> bool {
    if let Some(octal) = text.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|b| (b'0'..=b'7').contains(&b));
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit());
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text is a number with a fraction or an exponent, or without both.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let dots = mantissa.bytes().filter(|&b| b == b'.').count();
    let well_formed = digits > 0 && dots <= 1 && digits + dots == mantissa.len();
    well_formed && exponent.is_none_or(|e| is_int(e) && !e.starts_with("0x") && !e.starts_with("0o"))
}

fn is_special_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}
