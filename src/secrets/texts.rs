//! Secrets in texts of any format: files in a ConfigMap, scripts, templates, what could not be read.
//!
//! It reads lines and no format. Where a line has a secret in it, everything behind the secret's first byte is taken for
//! a part of it. What goes on in further lines is seen by the lines' indentation, and by the end of a PEM block.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

use super::commands::secrets_of_shell;
use super::forms::{has_private_key, secret_start, url_password};
use super::lines::{closes, key_end, open_quote};
use super::names::{NameSays, is_empty_or_filled_in, name_says};
use super::slips::shown_key;
use crate::diagnostic::nearest;

/// A text of any format, a configuration file for example, with three stars in the place of whatever looks like a
/// secret. It has as many lines as the text. For texts that are shown alone: where spans must still fit, see
/// [`masked_text`](super::masked_text).
pub fn masked_lines(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in secret_ranges(text) {
        masked.push_str(&text[done..range.start]);
        masked.push_str("***");
        done = range.end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// A sentence of ours as it may be shown: it may name a path, an address or a key as somebody wrote it, and ends up in the log
/// of a pipeline. The password of a URL becomes three stars; of a key in quotes that holds a secret stays what is before it.
/// `user:password@` is an example, and stays.
///
/// ```
/// use plimsoll::secrets::shown_sentence;
///
/// assert_eq!(shown_sentence("no `https://ci:t0ps3cret@x.example/a`"), "no `https://ci:***@x.example/a`");
/// assert_eq!(shown_sentence("write `redis://user:password@host`"), "write `redis://user:password@host`");
/// assert_eq!(shown_sentence("`data.\"PASSWORD:t0ps3cret\"`"), "`data.\"PASSWORD:…\"`");
/// assert_eq!(shown_sentence("`data.\"b:\\\"t0ps3cret\"`"), "`data.\"b:…\"`");
/// assert_eq!(shown_sentence("write `mountToken: false`"), "write `mountToken: false`");
/// ```
pub fn shown_sentence(text: &str) -> Cow<'_, str> {
    let shown = without_url_passwords(text);
    match without_secrets_in_keys(&shown) {
        Some(shown) => Cow::Owned(shown),
        None => shown,
    }
}

/// A sentence without the secrets of keys in backticks; none if it has no such key. A key stands there as it is, or in quotes in
/// its path: `` `PASSWORD:…` ``, `` `data."PASSWORD:…"` ``.
fn without_secrets_in_keys(sentence: &str) -> Option<String> {
    let word = |word: &str| {
        // A quote in a quoted key is escaped, and divides nothing.
        let of_path = replaced_between('"', &word.replace("\\\"", ESCAPED_QUOTE), &|key| {
            changed_key(&key.replace(ESCAPED_QUOTE, "\""))
        });
        let of_path = of_path.map(|path| path.replace(ESCAPED_QUOTE, "\\\""));
        // An example of ours, such as `type="string"`, is no key that holds a secret.
        let is_named = |word: &str| {
            let name = word.split([':', '=']).next().unwrap_or_default();
            name_says(name) == NameSays::Secret
        };
        of_path.or_else(|| changed_key(word).filter(|_| is_named(word)))
    };
    replaced_between('`', sentence, &word)
}

/// Stands for a quote that is escaped; no sentence has it.
const ESCAPED_QUOTE: &str = "\u{1}";

/// A key without the secret that it holds; none if it holds none. With a blank behind its colon it is a key with its value, as
/// help writes them, and with one before that a part of a sentence.
fn changed_key(key: &str) -> Option<String> {
    let Cow::Owned(shown) = shown_key(key) else { return None };
    let value = shown.len() - "…".len();
    let is_key = key.find(char::is_whitespace).is_none_or(|blank| blank > value);
    is_key.then_some(shown)
}

/// A text with other words where words stand between two of these signs; none if it has none that changes.
fn replaced_between(sign: char, text: &str, change: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let last = text.matches(sign).count();
    let mut is_changed = false;
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    for (at, part) in text.split(sign).enumerate() {
        let changed = if at % 2 == 1 && at < last { change(part) } else { None };
        is_changed |= changed.is_some();
        parts.push(changed.map_or(Cow::Borrowed(part), Cow::Owned));
    }
    is_changed.then(|| parts.join(sign.encode_utf8(&mut [0; 4])))
}

/// A sentence with three stars in the place of each password of a URL.
fn without_url_passwords(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut done = 0;
    while let Some(at) = url_password(&text[done..]) {
        let start = done + at;
        let word = text[start..].find(|c: char| c.is_whitespace() || "\"'`<>".contains(c));
        let word = &text[start..word.map_or(text.len(), |length| start + length)];
        // Behind the last `@`, as in `url_password`, is the host.
        let end = start + word.rfind('@').unwrap_or(word.len());
        if end == start {
            break;
        }
        let is_example = &text[start..end] == "password";
        shown.push_str(&text[done..start]);
        shown.push_str(if is_example { "password" } else { "***" });
        done = end;
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// Whether there is a secret in a text.
pub(super) fn holds_secret(text: &str) -> bool {
    !secret_ranges(text).is_empty()
}

/// The secrets in the lines of a text that is no shell's, as byte ranges: ascending, none over a line's end.
pub(super) fn secrets_of_lines(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut state = State::Outside;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(at) = secret_of_line(&mut state, line) {
            ranges.push(start + at..start + line.trim_end().len().max(at));
        }
        start += line.len();
    }
    ranges
}

/// The secrets in a text as byte ranges: ascending, apart from each other, none over a line's end.
pub(super) fn secret_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = secrets_of_lines(text);
    let of_shell = secrets_of_shell(text);
    if !of_shell.is_empty() {
        // A quoted word may go over several lines.
        for range in of_shell {
            let mut at = range.start;
            for part in text[range].split_inclusive('\n') {
                let shown = part.trim_end_matches(['\n', '\r']);
                if !shown.is_empty() {
                    ranges.push(at..at + shown.len());
                }
                at += part.len();
            }
        }
        ranges.sort_by_key(|range| range.start);
        ranges = joined(ranges);
    }
    ranges
}

/// Ranges, sorted by their starts, with those that overlap as one.
fn joined(ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// What the lines before say of a line.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Outside,
    /// Inside a PEM block of a private key.
    PrivateKey,
    /// Below a key of this indentation that names a secret and has no value in its own line; whether the line is the
    /// next one.
    Below(usize, bool),
    /// Behind the value of a key of this indentation that is a secret, which may go on in lines that are further in.
    Behind(usize),
    /// In a quoted text that begins in the line of such a key.
    Quoted(usize, char),
    /// Behind the name of a secret that stands as a value at this column: `- name: DB_PASSWORD`.
    Named(usize),
}

/// Where the value begins that a name in the same line, or in the line before it, calls a secret: `{name: DB_PASSWORD, value: x}`.
fn named_value(state: &mut State, line: &str) -> Option<usize> {
    let was_named = match *state {
        State::Named(column) => Some(column),
        _ => None,
    };
    if was_named.is_some() {
        *state = State::Outside;
    }
    let words = line.trim_start_matches(['-', ' ', '\t']);
    let column = line.len() - words.len();
    let is_flow = words.starts_with('{');
    let after = |key: &str| {
        let at = words.find(key)?;
        let begins = at == 0 || words[..at].ends_with(['{', ',', ' ', '"', '\'']);
        let rest = words[at + key.len()..].trim_start_matches(['"', '\'']).strip_prefix(':')?;
        begins.then(|| line.len() - rest.trim_start().len())
    };
    let is_secret = |at: usize| {
        let name = line[at..].trim_start_matches(['"', '\'']);
        let end = name.find(|c: char| c.is_whitespace() || "\"',}".contains(c)).unwrap_or(name.len());
        name_says(&name[..end]) == NameSays::Secret
    };
    let says = |at: &usize| !is_empty_or_filled_in(line[*at..].trim().trim_matches(['"', '\'', '}', ',']));
    if is_flow {
        return if after("name").is_some_and(is_secret) { after("value").filter(says) } else { None };
    }
    if words.starts_with("name:") && after("name").is_some_and(is_secret) {
        *state = State::Named(column);
        return None;
    }
    // Misspelt, it is a value all the same.
    let key = words.split(':').next().unwrap_or_default();
    let is_value = key == "value" || ((4..=7).contains(&key.len()) && nearest(key, ["value"]).is_some());
    if was_named == Some(column) && is_value { after(key).filter(says) } else { None }
}

/// Keys below the name of a secret that say where it is kept.
const REFERENCE_KEYS: &[&str] = &["name", "key", "namespace", "optional", "kind", "file", "path", "type"];

/// The byte of a line at which its secret begins, if it has one.
fn secret_of_line(state: &mut State, line: &str) -> Option<usize> {
    let content = line.trim();
    let indent = line.len() - line.trim_start().len();
    if *state == State::PrivateKey {
        if content.contains("-----END") {
            *state = State::Outside;
            return Some(indent);
        }
        if may_be_of_key(content) {
            return (!content.is_empty()).then_some(indent);
        }
        // It is not closed: a sentence about keys, for example.
        *state = State::Outside;
    }
    if let State::Quoted(above, quote) = *state {
        // Whoever forgot to close it did so in that line: no key begins in a text of several lines.
        if content.is_empty() || indent > above || key_end(line) == indent {
            if closes(content, quote) {
                *state = State::Outside;
            }
            return (!content.is_empty()).then_some(indent);
        }
        *state = State::Outside;
    }
    if let State::Behind(above) = *state {
        if content.is_empty() {
            return None;
        }
        if indent > above && key_end(line) == indent && !content.contains(['=', '{', '}']) {
            return Some(indent);
        }
        *state = State::Outside;
    }
    if let State::Below(above, is_next) = *state {
        if content.is_empty() {
            return None;
        }
        let is_item = indent == above && content.starts_with("- ");
        let is_alone =
            indent == above && is_next && !content.contains([':', '=']) && !content.starts_with(['}', ']']);
        if indent > above || is_item || is_alone {
            *state = State::Below(above, false);
            return secret_below(line, indent);
        }
        *state = State::Outside;
    }
    if let Some(at) = named_value(state, line) {
        return Some(at);
    }
    if matches!(*state, State::Named(_)) {
        return None;
    }
    if opens_secret(content) {
        *state = State::Below(indent, true);
        return None;
    }
    let found = secret_start(line);
    if has_private_key(line) && !line.contains("-----END") {
        *state = State::PrivateKey;
    } else if found.is_some() {
        let begin = key_end(line);
        // In other formats a line is a value's end, unless it is quoted.
        if begin > indent {
            let value = line[begin..].trim();
            *state = match open_quote(value) {
                Some(quote) if value.starts_with(quote) => State::Quoted(indent, quote),
                None if !value.starts_with(['"', '\'', '{', '[', '|', '>']) => State::Behind(indent),
                _ => State::Outside,
            };
        }
    }
    found
}

/// Headers of a private key that is encrypted.
const KEY_HEADERS: &[&str] = &["Proc-Type:", "DEK-Info:", "Comment:", "Version:"];

/// Whether a line may stand in a PEM block: digits of Base64, or a header.
fn may_be_of_key(content: &str) -> bool {
    let written = content.trim_matches(['#', ' ', '\t', '"', '\'', ',', '\\']);
    let is_digit = |c: char| c.is_alphanumeric() || "+/=-_. \\".contains(c);
    KEY_HEADERS.iter().any(|header| written.starts_with(header))
        || (written.chars().all(is_digit) && !written.trim_end_matches('=').contains('='))
}

/// Whether a line ends behind the name of a secret, so that its value is in the lines below.
fn opens_secret(content: &str) -> bool {
    let Some(at) = memchr2(b':', b'=', content.as_bytes()) else { return false };
    let head = content[..at].trim_start_matches("- ").trim().trim_matches(['"', '\'']);
    let value = content[at + 1..].trim();
    let is_block = value.starts_with(['|', '>']) && value.len() <= 3;
    let is_open = is_block || matches!(value, "" | "{" | "[" | "\"\"\"" | "'''");
    // What most lines have is not worth a look at the name.
    if !is_open {
        return false;
    }
    match name_says(head) {
        NameSays::Secret => true,
        NameSays::Perhaps | NameSays::BareKey => is_block,
        NameSays::Nothing | NameSays::Place => false,
    }
}

/// The secret of a line below the name of one: all of it, or what stands behind its own key.
fn secret_below(line: &str, indent: usize) -> Option<usize> {
    let content = line.trim();
    // Nor are the statements and expressions of a template.
    if content.trim_matches(['}', ']', ')', ',', ';']).is_empty()
        || content.contains("{{")
        || content.contains("{%")
    {
        return None;
    }
    let item = content.strip_prefix("- ").map_or(0, |rest| content.len() - rest.trim_start().len());
    let words = &content[item..];
    let Some((key, value)) = words.split_once(": ").or_else(|| words.strip_suffix(':').map(|key| (key, "")))
    else {
        return Some(indent + item);
    };
    let key = key.trim().trim_matches(['"', '\'']);
    let value_text = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    if REFERENCE_KEYS.contains(&key)
        || is_empty_or_filled_in(value_text)
        || matches!(value_text, "{" | "[" | "|" | ">")
    {
        return None;
    }
    Some(indent + content.len() - value.trim_start().len())
}
