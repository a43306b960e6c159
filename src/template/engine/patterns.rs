//! Regular expressions in templates: the filter `regex_replace` and the test `matching`.
//!
//! They take linear time in the text, whatever the pattern is, and `\d`, `\w` and `\s` are those of ASCII: so a pattern means
//! what it means in Go's regexp, from where most of them come. A pattern is bounded when it is compiled, and the work of a search
//! is paid for before it begins.

use minijinja::value::Value as Jinja;
use minijinja::{Error, ErrorKind, State};
use regex_lite::{Regex, RegexBuilder};

use super::growth::pay;
use crate::limits::Limits;
use crate::template::errors::check_text_size;

/// The bytes that a compiled pattern may have: some hundred characters, or a repetition of some hundred times.
const PATTERN_BYTES: usize = 64 << 10;

/// How many parts compiling a pattern counts as, for each of its bytes.
const PARTS_OF_PATTERN: usize = 16;

/// How many bytes of a text are searched for what one part counts, with a pattern of 64 bytes.
const BYTES_SEARCHED: usize = 8;

/// `text | regex_replace(pattern, replacement)`: the text with each match replaced. `$1` and `${name}` in the replacement are
/// groups of the pattern, `$$` is a dollar.
///
/// # Errors
/// For arguments that are no texts, a pattern that is none or too large, and a text that would become too long.
pub(super) fn regex_replace(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let [value, pattern, replacement] = arguments else {
        return Err(wrong("`regex_replace` takes a pattern and a replacement"));
    };
    let text = text_of(value, "regex_replace")?;
    let Some(replacement) = replacement.as_str() else {
        return Err(wrong("`regex_replace` takes its replacement as a text"));
    };
    let pattern = compiled(state, limits, pattern, &text)?;
    let mut made = String::new();
    let mut end = 0;
    for groups in pattern.captures_iter(&text) {
        let Some(whole) = groups.get(0) else { continue };
        made.push_str(text.get(end..whole.start()).unwrap_or_default());
        groups.expand(replacement, &mut made);
        check_text_size(made.len(), limits)?;
        // What is put together of groups is work as well.
        pay(state, limits, 1, replacement.len())?;
        end = whole.end();
    }
    made.push_str(text.get(end..).unwrap_or_default());
    check_text_size(made.len(), limits)?;
    Ok(Jinja::from(made))
}

/// `text is matching(pattern)`: whether a part of the text matches, or with `^` and `$` all of it.
///
/// # Errors
/// As [`regex_replace`].
pub(super) fn is_matching(state: &mut State, limits: &Limits, arguments: &[Jinja]) -> Result<Jinja, Error> {
    let [value, pattern] = arguments else {
        return Err(wrong("`matching` takes one pattern: `is matching(\"^[a-z]+$\")`"));
    };
    let text = text_of(value, "matching")?;
    let pattern = compiled(state, limits, pattern, &text)?;
    Ok(Jinja::from(pattern.is_match(&text)))
}

/// A pattern, with what searching this text for it takes paid for.
fn compiled(state: &mut State, limits: &Limits, pattern: &Jinja, text: &str) -> Result<Regex, Error> {
    let Some(pattern) = pattern.as_str() else { return Err(wrong("a pattern is a text")) };
    let searched = (text.len() / BYTES_SEARCHED).saturating_mul(1 + pattern.len() / 64);
    pay(state, limits, pattern.len().saturating_mul(PARTS_OF_PATTERN).saturating_add(searched), 0)?;
    if pattern.len() > PATTERN_BYTES {
        return Err(wrong("the pattern is too long"));
    }
    RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).build().map_err(|error| {
        wrong(format!("the pattern is not a regular expression that is taken here: {error}"))
    })
}

/// The text that is searched: a number is searched as it is printed.
fn text_of(value: &Jinja, name: &str) -> Result<String, Error> {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => Ok(value.to_string()),
        ValueKind::Undefined => {
            Err(Error::new(ErrorKind::UndefinedError, format!("`{name}` needs a value here")))
        }
        kind => Err(wrong(format!("`{name}` takes text, and this is a {kind}"))),
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}
