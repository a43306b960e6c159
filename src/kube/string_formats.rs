//! The formats of strings and keys: what each accepts, and what to say of a text that does not fit.
//!
//! Names are those of Kubernetes' `apimachinery` and the rules are its rules, from `util/validation/validation.go`:
//! `IsDNS1123Label`, `IsDNS1123Subdomain`, `IsValidPortName`, `IsQualifiedName`, `IsValidLabelValue`, `IsConfigMapKey`,
//! `IsRelaxedEnvVarName`, and from `api/validation/path` `IsValidPathSegmentName`.
//!
//! Kubernetes has regular expressions for most of them. Here each is a pass over bytes: names and labels are in every
//! document, and an expression would have to be compiled first. Lengths are bytes there and here; where a text has
//! other characters than ASCII, it is refused for that anyway.

use jiff::civil::DateTime;

use super::api::table::Format;

/// What a text of this format must be, if this one is not: the end of a sentence that begins with "must be".
pub(super) fn violation(format: Format, text: &str) -> Option<&'static str> {
    // The sentence stands beside its check, so that no format can have one without the other.
    let (fits, must_be) = match format {
        Format::AnyText => return None,
        Format::DateTime => (is_date_time(text), "a time such as `2026-01-31T12:00:00Z` (RFC 3339)"),
        Format::MicroTime => {
            (is_micro_time(text), "a time with microseconds, such as `2026-01-31T12:00:00.000000Z`")
        }
        Format::Base64 => (is_base64(text), "base64"),
        Format::Dns1123Label => {
            (is_dns1123_label(text), "lower-case letters, digits and `-`, at most 63 characters")
        }
        Format::Dns1123Subdomain => {
            (is_dns1123_subdomain(text), "lower-case letters, digits, `-` and `.`, at most 253 characters")
        }
        Format::PortName => (
            is_port_name(text),
            "a port's name: lower-case letters, digits and `-`, at most 15 characters, one of them a letter",
        ),
        Format::Percent => (is_percent(text), "an integer or a percentage such as `25%`"),
        // `ValidateAnnotations` of `apimachinery` makes lower case of it first.
        Format::AnnotationKey if is_qualified_name(&text.to_ascii_lowercase()) => return None,
        Format::QualifiedName | Format::AnnotationKey => (
            is_qualified_name(text),
            "a name of at most 63 letters, digits, `-`, `_` and `.`, with an optional domain and `/` before it",
        ),
        Format::LabelValue => (
            is_label_value(text),
            "at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
        ),
        Format::ConfigMapKey => (
            is_config_map_key(text),
            "letters, digits, `-`, `_` and `.`, at most 253 characters, and not `..`",
        ),
        Format::EnvVarName => (is_env_var_name(text), "printable ASCII characters without `=`"),
    };
    (!fits).then_some(must_be)
}

/// What to do about a text that is not of this format.
pub(super) fn advice(format: Format) -> &'static str {
    match format {
        Format::AnyText => "write it in that form",
        Format::DateTime => "write the date, `T`, the time of day, and `Z` or an offset such as `+02:00`",
        Format::MicroTime => "write the time of day with six digits after the seconds",
        Format::Base64 => "encode it with `base64`",
        Format::Percent => "write `%` after the number, or take the quotes off it",
        Format::Dns1123Label | Format::Dns1123Subdomain | Format::PortName => {
            "use lower case, replace other characters by `-`, and shorten it if need be"
        }
        Format::QualifiedName | Format::AnnotationKey | Format::LabelValue | Format::ConfigMapKey => {
            "replace other characters by `-`, and shorten it if need be"
        }
        Format::EnvVarName => "replace other characters by `_`",
    }
}

/// A DNS label of RFC 1123: the names of Services, namespaces and containers.
pub(super) fn is_dns1123_label(text: &str) -> bool {
    text.len() <= 63 && is_dns1123_label_of_any_length(text)
}

/// A DNS label of RFC 1035, `[a-z]([-a-z0-9]*[a-z0-9])?`, at most 63 characters: a letter comes first.
pub(super) fn is_dns1035_label(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && is_dns1123_label(text)
}

/// A DNS subdomain of RFC 1123: the names of most objects. A label in it may be longer than 63 characters, as
/// `apimachinery` counts the whole alone.
pub(super) fn is_dns1123_subdomain(text: &str) -> bool {
    // Every part between two dots is a label, so an empty one (`a..b`, `.a`) is refused with the labels.
    text.len() <= 253 && text.split('.').all(is_dns1123_label_of_any_length)
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_dns1123_label_of_any_length(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// A segment of a URL's path: the names of RBAC objects, such as `system:node`.
pub(super) fn is_path_segment_name(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%'])
}

/// The name of a port, after RFC 6335: with a letter, so that it is not taken for a port's number.
pub(super) fn is_port_name(text: &str) -> bool {
    text.len() <= 15
        && is_dns1123_label_of_any_length(text)
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && !text.contains("--")
}

/// `[0-9]+%`: no sign, no fraction, and more than 100 % passes.
fn is_percent(text: &str) -> bool {
    let Some(digits) = text.strip_suffix('%') else { return false };
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The key of a label or annotation: a name, with a DNS subdomain and `/` before it or not.
pub(super) fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        // A second slash is in the name, which has none.
        Some((prefix, name)) => is_dns1123_subdomain(prefix) && is_unprefixed_name(name),
        None => is_unprefixed_name(text),
    }
}

/// The value of a label: a name, or nothing at all.
fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_unprefixed_name(text)
}

/// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`, at most 63 characters.
fn is_unprefixed_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let at_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63 && bytes.iter().copied().all(inner) && at_end(bytes.first()) && at_end(bytes.last())
}

/// A key of a ConfigMap or Secret. It becomes the name of a file where it is mounted, so it is neither `.` nor begins
/// with `..`.
pub(super) fn is_config_map_key(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=253).contains(&text.len()) && text.bytes().all(inner) && text != "." && !text.starts_with("..")
}

/// The relaxed rule. Kubernetes before 1.32 wants letters, digits, `-`, `_` and `.`, and no digit in front, unless its
/// `RelaxedEnvironmentVariableValidation` is on.
pub(super) fn is_env_var_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=')
}

/// Base64 with its padding; line breaks are allowed, as the API server allows them.
///
/// Checked without decoding: a Secret may hold a megabyte.
fn is_base64(text: &str) -> bool {
    let mut length = 0_usize;
    let mut padding = 0_usize;
    for byte in text.bytes().filter(|byte| !b"\r\n".contains(byte)) {
        match byte {
            b'=' => padding += 1,
            // Padding ends the text.
            _ if padding > 0 => return false,
            b'+' | b'/' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
        length += 1;
    }
    length.is_multiple_of(4) && padding <= 2
}

/// A time of RFC 3339: `2026-01-31T12:00:00Z`, with a fraction of a second or an offset if need be.
///
/// The API server reads times with Go's `time.Parse(time.RFC3339, …)`. jiff knows the calendar, but it reads much that
/// Go refuses: a space or `t` for the `T`, `z`, times without seconds or without colons, offsets such as `+02` and
/// `+02:00:30`, time zones in brackets, years of six digits, and a leap second, `23:59:60`. So the form is checked
/// first, character by character, and jiff is asked for the date and the time of day alone. The rest it would refuse
/// where Go does not: it reads no more than nine digits of a fraction.
///
/// Go itself takes a little more than RFC 3339: one digit for the hour, a comma before the fraction, and an offset up
/// to `+24:60`. Those are mistakes wherever they stand in a manifest, and they are refused here.
fn is_date_time(text: &str) -> bool {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let Some((date_time, rest)) = text.split_at_checked(FORM.len()) else { return false };
    let in_form = date_time.bytes().zip(FORM).all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        _ => byte == *form,
    });
    // Go's `time` has no leap seconds, and jiff reads one as 59.
    let leap_second = date_time.ends_with("60");
    in_form && !leap_second && date_time.parse::<DateTime>().is_ok() && is_fraction_and_offset(rest)
}

/// A time of RFC 3339 with six digits of a fraction: `MicroTime.UnmarshalJSON` parses with a layout that has them.
fn is_micro_time(text: &str) -> bool {
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    digits == 6 && is_date_time(text)
}

/// What follows the seconds: `Z`, `.5Z`, `+02:00`, `.123456+02:00`.
fn is_fraction_and_offset(text: &str) -> bool {
    let offset = match text.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if offset.len() == fraction.len() {
                return false;
            }
            offset
        }
        None => text,
    };
    // `parse` alone would take `+1` as two digits.
    let two_digits_below = |part: &str, limit: u8| {
        part.len() == 2
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u8>().is_ok_and(|value| value < limit)
    };
    match offset.strip_prefix(['+', '-']).and_then(|offset| offset.split_once(':')) {
        Some((hours, minutes)) => two_digits_below(hours, 24) && two_digits_below(minutes, 60),
        None => offset == "Z",
    }
}
