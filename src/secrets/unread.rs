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

use super::judge::{is_name_key, is_public_field, is_secret_kind, is_value_key};
use super::lines::{closes, key_end, open_quote};
use super::names::{NameSays, name_says};
use super::texts::{secret_ranges, secrets_of_lines};

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

/// Whether a value is the head of a block of text: `|`, `>-`, with a tag or an anchor before it.
fn is_block_head(value: &str) -> bool {
    let last = value.split(" #").next().unwrap_or(value).split_whitespace().next_back().unwrap_or("");
    last.starts_with(['|', '>']) && last.len() <= 3
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
    // Without a sign, what stands behind the first word may be the value.
    if !text.contains('=')
        && let Some(at) = text.find([':', ' ', '\t'])
    {
        ranges.push(at + 1..text.len());
    }
    // What is JSON has keys, and is a value as a whole.
    if text.trim_start().starts_with('{') {
        ranges.push(0..text.len());
    }
    ranges
}

/// The secrets in the text of a flag that could be read: in its values, and those that another one names:
/// `env[0].name=DB_PASSWORD,env[0].value=x`.
pub(super) fn secrets_of_flag(text: &str) -> Vec<Range<usize>> {
    let mut assigned: Vec<(&str, &str, Range<usize>)> = Vec::new();
    let mut start = 0;
    for piece in text.split_inclusive(',') {
        let end = start + piece.strip_suffix(',').unwrap_or(piece).len();
        match (piece.split_once('='), assigned.last_mut()) {
            (Some((path, _)), _) => {
                let (above, key) = path.rsplit_once('.').unwrap_or(("", path));
                assigned.push((above, key, start + path.len() + 1..end));
            }
            // A comma in the value before it.
            (None, Some((_, _, value))) => value.end = end,
            (None, None) => {}
        }
        start += piece.len();
    }
    let written = |value: &Range<usize>| text.get(value.clone()).unwrap_or_default();
    let is_named = |above: &str| {
        let mut names = assigned.iter().filter(|(beside, key, _)| *beside == above && is_name_key(key));
        names.any(|(_, _, name)| name_says(written(name)) == NameSays::Secret)
    };
    let mut ranges = secret_ranges(text);
    for (above, key, value) in &assigned {
        if is_value_key(key) && is_named(above) {
            ranges.push(value.clone());
        } else {
            let found = secret_ranges(written(value)).into_iter();
            ranges.extend(found.map(|range| range.start + value.start..range.end + value.start));
        }
    }
    ranges
}

/// The secrets in a text that is no YAML, as templates are. If it is the text of a Secret, all values in it but those
/// that are filled in.
pub(super) fn values_of_secret(text: &str) -> Vec<Range<usize>> {
    let mut ranges = secrets_of_lines(text);
    let Some(secret) = secret_in(text) else { return ranges };
    let mut values = Vec::new();
    for section in content_of_secret(text, secret) {
        let found = written_values(&text[section.clone()]).into_iter();
        values.extend(found.map(|range| range.start + section.start..range.end + section.start));
    }
    ranges.extend(without_filled_in(text, values));
    ranges
}

/// A template as the YAML that it is without what it fills in: a word in the place of each expression, and nothing in that of what
/// stands in lines of its own. Byte for byte as long, so that places are those of the template.
pub(super) fn without_expressions(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for range in expressions(text) {
        let before = text[..range.start].rsplit('\n').next().unwrap_or_default();
        let after = text[range.end..].split('\n').next().unwrap_or_default();
        let is_alone = before.trim_matches(['-', ' ', '\t']).is_empty() && after.trim().is_empty();
        let is_statement = text[range.clone()].starts_with("{%") || text[range.clone()].starts_with("{#");
        let fill = if is_alone || is_statement { b' ' } else { b'_' };
        let part = bytes.get_mut(range).into_iter().flatten();
        part.filter(|byte| **byte != b'\n' && **byte != b'\r').for_each(|byte| *byte = fill);
    }
    // Whole characters are replaced, so this is a text again.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Ranges without what is filled in there.
pub(super) fn without_filled_in(text: &str, ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let filled_in = filled_in(text);
    let left = ranges.into_iter().flat_map(|range| without(range, &filled_in));
    // Quotes around an expression tell nothing.
    left.filter(|range| text.get(range.clone()).is_none_or(|text| text.contains(char::is_alphanumeric)))
        .collect()
}

/// How a text tells that there is a Secret in it.
#[derive(Clone, Copy, PartialEq)]
enum SecretIn {
    /// Its kind stands at the top, and so do its fields.
    Block,
    /// Its kind stands further in, where a reference to a Secret has one too.
    Within,
    /// It is written with braces, so lines do not tell where its fields begin and end.
    Flow,
}

/// Whether there is a Secret in a text, by its kind or by a field that nothing else has.
fn secret_in(text: &str) -> Option<SecretIn> {
    let is_brace = |line: &str| line.starts_with('{') && !line.starts_with("{{") && !line.starts_with("{%");
    let is_flow = text.lines().any(is_brace);
    let mut found = None;
    for at in memchr::memmem::find_iter(text.as_bytes(), b"kind") {
        // A minified object has many in one line.
        let before = text[text.ceil_char_boundary(at.saturating_sub(NEAR))..at].trim_end_matches(['"', '\'']);
        let after = text[at + 4..].trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
        let Some(value) = after.strip_prefix(':') else { continue };
        let value = value.trim_start_matches([' ', '\t', '"', '\'']);
        let word = &value[..value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len())];
        if !is_secret_kind(word) {
            continue;
        }
        // What stands before it in its line.
        let head = before.rsplit('\n').next().unwrap_or_default();
        let place = if is_flow {
            SecretIn::Flow
        } else if head.is_empty() || head.starts_with("- ") {
            SecretIn::Block
        } else {
            SecretIn::Within
        };
        if place != SecretIn::Within {
            return Some(place);
        }
        found = Some(place);
    }
    found.or_else(|| text.contains("stringData").then_some(SecretIn::Within))
}

/// The parts of a text that hold what a Secret holds, as ranges of whole lines.
fn content_of_secret(text: &str, secret: SecretIn) -> Vec<Range<usize>> {
    if secret == SecretIn::Flow {
        return std::iter::once(0..text.len()).collect();
    }
    let mut sections: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    // The indentation of the field that the lines belong to.
    let mut within = None;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let content = line.trim_end();
        let indent = content.len() - content.trim_start().len();
        let is_statement = content.trim_start().starts_with("{%") || content.trim_start().starts_with("{{");
        if content.is_empty() || is_statement || within.is_some_and(|above| indent > above) {
            if let (Some(_), Some(last)) = (within, sections.last_mut()) {
                last.end = end;
            }
            start = end;
            continue;
        }
        within = None;
        let key = content.trim_start_matches(['-', ' ']);
        let name = key.split(':').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let is_content = match secret {
            SecretIn::Block if indent == 0 && key.contains(':') => !is_public_field(name),
            // An object in a line of its own.
            _ if key.starts_with('{') => key.contains("ata") && key.contains("kind"),
            _ => matches!(name, "data" | "stringData" | "stringdata"),
        };
        if is_content && !content.starts_with("---") {
            within = Some(indent);
            sections.push(start..end);
        }
        start = end;
    }
    sections
}

/// The expressions, statements and comments of a template, as byte ranges.
fn expressions(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    // What is not closed fills in nothing, and neither does what comes behind it.
    let mut never_closed: Vec<&str> = Vec::new();
    while let Some(found) = text[at..].find('{') {
        let start = at + found;
        let close = match text.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let end = if never_closed.contains(&close) { None } else { text[start..].find(close) };
        let Some(end) = end.map(|end| start + end + 2) else {
            if !never_closed.contains(&close) {
                never_closed.push(close);
            }
            at = start + 2;
            continue;
        };
        ranges.push(start..end);
        at = end;
    }
    ranges
}

/// What a template fills in, as byte ranges: its expressions and statements, but for the texts in quotes in them.
fn filled_in(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for Range { start, end } in expressions(text) {
        let mut open: Option<char> = None;
        let mut piece = start;
        for (offset, character) in text[start..end].char_indices() {
            let here = start + offset;
            match open {
                Some(quote) if character == quote => {
                    open = None;
                    piece = here;
                }
                None if matches!(character, '"' | '\'' | '`') && !is_said(&text[start..here]) => {
                    open = Some(character);
                    ranges.push(piece..here + 1);
                }
                _ => {}
            }
        }
        if open.is_none() {
            ranges.push(piece..end);
        }
    }
    ranges
}

/// Functions whose texts in quotes are words for people, names and keys, and never what is printed.
const SAYING: &[&str] =
    &["required", "fail", "include", "template", "index", "get", "hasKey", "dig", "lookup", "define", "has"];

/// Bytes before a place that are looked at.
const NEAR: usize = 200;

/// Whether a text in quotes behind this part of an expression is none that is printed: `required "set it"`, `values["a"]`.
fn is_said(before: &str) -> bool {
    // The function stands near, or nobody sees it: an expression may have a text in quotes for each two of its bytes.
    let before = before[before.ceil_char_boundary(before.len().saturating_sub(NEAR))..].trim_end();
    if before.ends_with(['[', '.']) {
        return true;
    }
    let start = before.rfind(['|', '(', '{', '%', '~']).map_or(0, |at| at + 1);
    let first = |text: &str| {
        let text = text.trim_start_matches(['-', ' ', '\t']);
        text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
    };
    let last =
        |text: &str| text.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned();
    // The function stands before its arguments, or before their bracket.
    let call = before[..start].strip_suffix('(').map(last).unwrap_or_default();
    SAYING.contains(&&*first(&before[start..])) || SAYING.contains(&&*call)
}

/// What is left of a range without others, which ascend.
fn without(range: Range<usize>, others: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut left = Vec::new();
    let mut start = range.start;
    let first = others.partition_point(|other| other.end <= range.start);
    for other in others[first..].iter().take_while(|other| other.start < range.end) {
        if other.start > start {
            left.push(start..other.start);
        }
        start = start.max(other.end);
    }
    if start < range.end {
        left.push(start..range.end);
    }
    left
}
