//! Texts that could not be read: their keys and their punctuation may be shown, and of their values nothing.
//!
//! Nobody knows what is a value in such a text, so what is shown is what can be nothing but a key: the first name of a
//! line, up to its colon, and in flow style whatever stands before a colon.
//!
//! ```text
//! password: "hunter2           password: "*******
//!   more of it                   **** ** **
//! token: hunter2: hunter2      token: *******: *******
//! {"a" "hunter2": 1}           {"a" "*******": *}
//! ```

use std::ops::Range;

use super::names::is_empty_or_filled_in;
use super::texts::secrets_of_lines;

/// Everything in a text of YAML or JSON that is no key and no punctuation, as byte ranges.
pub(super) fn written_values(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    // The key whose block of text the lines are in, by its indentation; and the quote that is open.
    let mut block: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let indent = content.len() - content.trim_start().len();
        let is_inside = quote.is_some() || block.is_some_and(|above| content.is_empty() || indent > above);
        if is_inside {
            ranges.push(start + indent.min(content.len())..start + content.len());
            if quote.is_some_and(|quote| closes(content, quote)) {
                quote = None;
            }
            start += line.len();
            continue;
        }
        let begin = key_end(content);
        let value = content[begin..].trim_start();
        block = is_block_head(value).then(|| {
            indent + content[indent..].len() - content[indent..].trim_start_matches(['-', ' ']).len()
        });
        quote = open_quote(value);
        if block.is_none() {
            let offset = start + content.len() - value.len();
            ranges.extend(pieces(value).into_iter().map(|range| offset + range.start..offset + range.end));
        }
        start += line.len();
    }
    ranges
}

/// Where the value of a line begins: behind dashes, and behind a key and its colon.
fn key_end(line: &str) -> usize {
    let words = line.trim_start_matches([' ', '\t', '-', '?']);
    let at = line.len() - words.len();
    // Markers of documents and directives have no value.
    if line.starts_with("---") && words.is_empty() {
        return line.len();
    }
    let quoted = words.chars().next().filter(|first| matches!(first, '"' | '\''));
    let end = match quoted {
        Some(quote) => words[1..]
            .find(quote)
            .map(|end| end + 2)
            .filter(|end| words[*end..].trim_start().starts_with(':')),
        None => words.find(':').filter(|end| words[..*end].chars().all(is_key)),
    };
    let Some(end) = end else { return at };
    let colon = end + words[end..].find(':').map_or(0, |colon| colon + 1);
    // `a:b` is no key with a value, but a text.
    let is_key = words[colon..].is_empty() || words[colon..].starts_with([' ', '\t']) || quoted.is_some();
    if is_key { at + colon } else { at }
}

/// The characters of a key that is not quoted.
fn is_key(c: char) -> bool {
    c.is_alphanumeric() || "_-./$<".contains(c)
}

/// Whether a value is the head of a block of text: `|`, `>-`, with a tag or an anchor before it.
fn is_block_head(value: &str) -> bool {
    let last = value.split(" #").next().unwrap_or(value).split_whitespace().next_back().unwrap_or("");
    last.starts_with(['|', '>']) && last.len() <= 3
}

/// The quote that a value opens and does not close in its line.
fn open_quote(value: &str) -> Option<char> {
    let mut open = None;
    let mut escaped = false;
    let mut before = ' ';
    for character in value.chars() {
        match open {
            _ if escaped => escaped = false,
            Some('"') if character == '\\' => escaped = true,
            Some(quote) if character == quote => open = None,
            // In the middle of a word it is an apostrophe.
            None if matches!(character, '"' | '\'') && !before.is_alphanumeric() => open = Some(character),
            _ => {}
        }
        before = character;
    }
    open
}

/// Whether a line closes the quote that was open before it.
fn closes(line: &str, quote: char) -> bool {
    line.matches(quote).count() % 2 == 1
}

/// The parts of a value that are no punctuation. Of a flow collection the keys are left, where a colon follows.
fn pieces(value: &str) -> Vec<Range<usize>> {
    let is_flow = value.starts_with(['{', '[', ',', '}', ']']);
    let is_mark =
        |c: char| c.is_whitespace() || if is_flow { "{}[],:\"'".contains(c) } else { "\"'".contains(c) };
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    for (at, character) in value.char_indices().chain([(value.len(), ' ')]) {
        if is_mark(character) {
            if let Some(start) = start.take() {
                let rest = &value[at..];
                let is_key = is_flow
                    && (rest.starts_with("\":")
                        || rest.starts_with("':")
                        || rest.starts_with(": ")
                        || rest.starts_with("\" :"))
                    && value[..start].trim_end_matches(['"', '\'', ' ']).ends_with(['{', ',', '[']);
                if !is_key {
                    ranges.push(start..at);
                }
            }
        } else {
            start = start.or(Some(at));
        }
    }
    ranges
}

/// The values in the text of a flag that could not be read: what follows each equals sign, up to a comma that another
/// path follows.
pub(super) fn flag_values(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    // `path=value,path=value`: a piece without an equals sign goes on with the value before it.
    for piece in text.split_inclusive(',') {
        let end = start + piece.strip_suffix(',').unwrap_or(piece).len();
        let value = match piece.split_once('=') {
            Some((path, _)) => start + path.len() + 1,
            None if start > 0 => start,
            None => end,
        };
        if value < end {
            ranges.push(value..end);
        }
        start += piece.len();
    }
    // What is JSON has keys, and is a value as a whole.
    if text.trim_start().starts_with('{') {
        ranges.push(0..text.len());
    }
    ranges
}

/// The secrets in a text that is no YAML, as templates are. If it is the text of a Secret, all values in it but those
/// that are filled in.
pub(super) fn values_of_secret(text: &str) -> Vec<Range<usize>> {
    let is_secret = text.lines().any(|line| {
        let line = line.trim_start_matches(['-', ' ']);
        line.strip_prefix("kind:")
            .is_some_and(|kind| kind.trim().trim_matches(['"', '\'']).eq_ignore_ascii_case("secret"))
    });
    if !is_secret {
        return secrets_of_lines(text);
    }
    let mut ranges = secrets_of_lines(text);
    let mut start = 0;
    let mut within = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let indent = content.len() - content.trim_start().len();
        let key = content.trim_start_matches(['-', ' ']);
        if !content.is_empty() && within.is_some_and(|above| indent <= above) {
            within = None;
        }
        if within.is_some() && !key.starts_with("{%") {
            let value = &content[key_end(content)..];
            let value = value.trim_start();
            if !is_empty_or_filled_in(value.trim_matches(['"', '\''])) {
                ranges.push(start + content.len() - value.len()..start + content.len());
            }
        } else if ["data:", "stringData:", "stringdata:"].iter().any(|name| key.starts_with(name)) {
            within = Some(indent);
            let value = content[key_end(content)..].trim_start();
            ranges.push(start + content.len() - value.len()..start + content.len());
        }
        start += line.len();
    }
    ranges
}
