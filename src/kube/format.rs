//! What names, keys, times and encoded bytes must look like.

use super::table::Format;

/// What the text must be, if it is not that: the end of a sentence that begins with "must be".
pub(super) fn complaint(format: Format, text: &str) -> Option<&'static str> {
    let (fits, must_be) = match format {
        Format::Plain => return None,
        Format::Time => (is_time(text), "a time such as `2026-01-31T12:00:00Z` (RFC 3339)"),
        Format::Base64 => (is_base64(text), "base64"),
        Format::Label => (is_label(text), "lower-case letters, digits and `-`, at most 63 characters"),
        Format::Subdomain => {
            (is_subdomain(text), "lower-case letters, digits, `-` and `.`, at most 253 characters")
        }
        Format::PortName => (
            is_port_name(text),
            "a port's name: lower-case letters, digits and `-`, at most 15 characters, one of them a letter",
        ),
        Format::Percent => (is_percent(text), "an integer or a percentage such as `25%`"),
        Format::QualifiedName => (
            is_qualified_name(text),
            "a name of at most 63 letters, digits, `-`, `_` and `.`, with an optional domain and `/` before it",
        ),
        Format::LabelValue => (
            text.is_empty() || is_name(text),
            "at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
        ),
        Format::FileName => {
            (is_file_name(text), "letters, digits, `-`, `_` and `.`, at most 253 characters, and not `..`")
        }
        Format::Variable => (is_variable(text), "printable ASCII characters without `=`"),
    };
    (!fits).then_some(must_be)
}

/// What to do about a text that is not of a format.
pub(super) fn remedy(format: Format) -> &'static str {
    match format {
        Format::Plain => "write it in that form",
        Format::Time => "write the date, `T`, the time of day, and `Z` or an offset such as `+02:00`",
        Format::Base64 => "encode it with `base64`",
        Format::Percent => "write `%` behind the number, or take the quotes off it",
        Format::Label | Format::Subdomain | Format::PortName => {
            "use lower case, replace other characters by `-`, and shorten it if need be"
        }
        Format::QualifiedName | Format::LabelValue | Format::FileName => {
            "replace other characters by `-`, and shorten it if need be"
        }
        Format::Variable => "replace other characters by `_`",
    }
}

/// Whether the text may be an RBAC object's name: a path segment.
pub(super) fn is_path_segment(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%'])
}

pub(super) fn is_label(text: &str) -> bool {
    text.len() <= 63 && is_label_of_any_length(text)
}

pub(super) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label_of_any_length)
}

fn is_label_of_any_length(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_port_name(text: &str) -> bool {
    text.len() <= 15
        && is_label_of_any_length(text)
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && !text.contains("--")
}

fn is_percent(text: &str) -> bool {
    let digits = text.strip_suffix('%').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((domain, name)) => is_subdomain(domain) && is_name(name),
        None => is_name(text),
    }
}

fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63 && bytes.iter().copied().all(inner) && ends(bytes.first()) && ends(bytes.last())
}

fn is_file_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=253).contains(&text.len()) && text.bytes().all(inner) && text != "." && !text.starts_with("..")
}

fn is_variable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=')
}

/// Base64 with its padding; line breaks are allowed, as the API server allows them.
fn is_base64(text: &str) -> bool {
    let (mut length, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes().filter(|byte| !b"\r\n".contains(byte)) {
        match byte {
            b'=' => padding += 1,
            _ if padding > 0 => return false,
            b'+' | b'/' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
        length += 1;
    }
    length % 4 == 0 && padding <= 2
}

/// A time of RFC 3339: `2026-01-31T12:00:00Z`, with a fraction or an offset if need be.
fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let Some((clock, zone)) = time.split_at_checked(8) else { return false };
    is_date(date) && is_clock(clock) && is_zone(zone)
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (number(&text[..4]), number(&text[5..7]), number(&text[8..]))
    else {
        return false;
    };
    (1..=12).contains(&month) && (1..=days(year, month)).contains(&day)
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_clock(text: &str) -> bool {
    let mut parts = text.split(':').map(|part| if part.len() == 2 { number(part) } else { None });
    let mut below = |limit: u32| parts.next().flatten().is_some_and(|value| value < limit);
    below(24) && below(60) && below(60) && parts.next().is_none()
}

fn is_zone(text: &str) -> bool {
    let zone = match text.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => text,
    };
    let offset = zone.strip_prefix(['+', '-']).and_then(|offset| offset.split_once(':'));
    let two = |part: &str, limit| part.len() == 2 && number(part).is_some_and(|value| value < limit);
    zone == "Z" || offset.is_some_and(|(hours, minutes)| two(hours, 24) && two(minutes, 60))
}

fn number(digits: &str) -> Option<u32> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}
