//! Functions over strings: cutting, joining, indenting, quoting.

use std::ops::Range;

use super::convert::{
    Answer, beside, boolean, decode_rune, fixed, for_each_rune, int_arg, made, occurrences, open, push_rune,
    refuse, string, strings,
};
use crate::gotemplate::characters::is_printable;
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::text::{Origin, Text, TextBuilder};
use crate::gotemplate::value::{Map, MapType, Value};
use crate::gotemplate::{print, quote};

use Param::{Any, Int, String as Str};

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("abbrev", &[Int, Str], abbrev),
    fixed("abbrevboth", &[Int, Int, Str], abbrevboth),
    open("cat", &[], Any, cat),
    fixed("contains", &[Str, Str], contains),
    fixed("hasPrefix", &[Str, Str], has_prefix),
    fixed("hasSuffix", &[Str, Str], has_suffix),
    fixed("hello", &[], |_| Ok(Value::plain_string("Hello!"))),
    fixed("indent", &[Int, Str], |call| indented(call, false)),
    fixed("initials", &[Str], initials),
    fixed("join", &[Str, Any], join),
    fixed("nindent", &[Int, Str], |call| indented(call, true)),
    fixed("nospace", &[Str], nospace),
    fixed("plural", &[Str, Str, Int], plural),
    open("quote", &[], Any, quote),
    fixed("repeat", &[Int, Str], repeat),
    fixed("replace", &[Str, Str, Str], replace),
    fixed("split", &[Str, Str], |call| split_map(call, 1, -1)),
    fixed("splitList", &[Str, Str], split_list),
    fixed("splitn", &[Str, Int, Str], |call| split_map(call, 2, int_arg(call, 1))),
    open("squote", &[], Any, squote),
    fixed("substr", &[Int, Int, Str], substr),
    fixed("toString", &[Any], to_string),
    fixed("toStrings", &[Any], to_strings),
    fixed("trim", &[Str], |call| Ok(Value::String(trimmed(&call.text(0), char::is_whitespace)))),
    fixed("trimAll", &[Str, Str], trim_all),
    fixed("trimPrefix", &[Str, Str], trim_prefix),
    fixed("trimSuffix", &[Str, Str], trim_suffix),
    fixed("trimall", &[Str, Str], trim_all),
    fixed("trunc", &[Int, Str], trunc),
    fixed("wrap", &[Int, Str], |call| wrap(call, 1, b"\n", false)),
    fixed("wrapWith", &[Int, Str, Str], wrap_with),
];

fn abbrev(call: &mut Call<'_, '_>) -> Answer {
    let (width, text) = (int_arg(call, 0), call.text(1));
    Ok(Value::String(if width < 4 { text } else { abbreviated(&text, 0, width) }))
}

fn abbrevboth(call: &mut Call<'_, '_>) -> Answer {
    let (left, right, text) = (int_arg(call, 0), int_arg(call, 1), call.text(2));
    let as_it_is = right < 4 || left > 0 && right < 7;
    Ok(Value::String(if as_it_is { text } else { abbreviated(&text, left, right) }))
}

/// The string cut to a width, with three dots where something is missing: at the end, and before `left` if that is not near
/// the beginning. Cut between bytes, whatever they are.
fn abbreviated(text: &Text, left: i64, width: i64) -> Text {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if length <= width {
        return text.clone();
    }
    let left = left.min(length);
    let left = if length - left < width - 3 { length - (width - 3) } else { left };
    let place = |at: i64| usize::try_from(at).unwrap_or(0).min(text.len());
    let mut builder = TextBuilder::default();
    if left <= 4 {
        builder.push_part(text, 0..place(width - 3));
        builder.push(b"...", beside(text));
    } else if width < 7 {
        return text.made("");
    } else if left + width - 3 < length {
        builder.push(b"...", beside(text));
        builder.push_text(&abbreviated(&text.slice(place(left)..text.len()), 0, width - 3));
    } else {
        builder.push(b"...", beside(text));
        builder.push_part(text, place(length - (width - 3))..text.len());
    }
    builder.finish()
}

fn cat(call: &mut Call<'_, '_>) -> Answer {
    let parts: Vec<Text> = present(call)
        .map(|value| print::display(value, call.evaluation.budget()))
        .collect::<Result<_, _>>()?;
    let text = joined(call, &parts, &Text::plain(" "))?;
    Ok(Value::String(text))
}

/// The arguments that are not `nil`.
fn present<'c>(call: &Call<'c, '_>) -> impl Iterator<Item = &'c Value> + use<'c> {
    let args: &'c [Value] = call.args;
    args.iter().filter(|value| !matches!(value, Value::Nil))
}

/// Strings with a separator between them.
fn joined(call: &mut Call<'_, '_>, parts: &[Text], separator: &Text) -> Result<Text, Failure> {
    let between = separator.len().saturating_mul(parts.len().saturating_sub(1));
    call.evaluation.charge_text(parts.iter().map(Text::len).sum::<usize>().saturating_add(between))?;
    let mut builder = TextBuilder::default();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            builder.push_text(separator);
        }
        builder.push_text(part);
    }
    Ok(builder.finish_or_else(|| Origin::of_all(parts.iter().map(Text::origin))))
}

fn join(call: &mut Call<'_, '_>) -> Answer {
    let parts = strings(call, &call.arg(1))?;
    let separator = call.text(0);
    let text = joined(call, &parts, &separator)?;
    Ok(Value::String(text))
}

fn contains(call: &mut Call<'_, '_>) -> Answer {
    let (part, whole) = (call.text(0), call.text(1));
    boolean(call, memchr::memmem::find(whole.as_bytes(), part.as_bytes()).is_some())
}

fn has_prefix(call: &mut Call<'_, '_>) -> Answer {
    boolean(call, call.text(1).as_bytes().starts_with(call.text(0).as_bytes()))
}

fn has_suffix(call: &mut Call<'_, '_>) -> Answer {
    boolean(call, call.text(1).as_bytes().ends_with(call.text(0).as_bytes()))
}

/// Spaces at the beginning of each line, the first and empty ones too.
fn indented(call: &mut Call<'_, '_>, on_new_line: bool) -> Answer {
    let text = call.text(1);
    let Ok(spaces) = usize::try_from(int_arg(call, 0)) else {
        return refuse("strings: negative Repeat count");
    };
    let breaks: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let grown = spaces.saturating_mul(breaks.len() + 1).saturating_add(text.len()).saturating_add(1);
    call.evaluation.charge_text(grown)?;
    let pad = vec![b' '; spaces];
    let mut builder = TextBuilder::default();
    if on_new_line {
        builder.push(b"\n", Origin::NOWHERE);
    }
    let mut from = 0;
    for end in breaks.into_iter().map(|at| at + 1).chain([text.len()]) {
        builder.push(&pad, Origin::NOWHERE);
        builder.push_part(&text, from..end);
        from = end;
    }
    Ok(Value::String(builder.finish_or_else(|| text.origin())))
}

/// The first byte of each word, as the character of that number.
fn initials(call: &mut Call<'_, '_>) -> Answer {
    let mut bytes = Vec::new();
    let mut in_gap = true;
    for &byte in call.text(0).as_bytes() {
        let rune = char::from(byte);
        if rune.is_whitespace() {
            in_gap = true;
        } else if in_gap {
            push_rune(&mut bytes, rune);
            in_gap = false;
        }
    }
    made(call, bytes)
}

/// Without white space. A string that has some comes out with its bytes taken for characters.
fn nospace(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    let is_space = |byte: u8| char::from(byte).is_whitespace();
    if !text.as_bytes().iter().any(|byte| is_space(*byte)) {
        return Ok(Value::String(text));
    }
    let mut builder = TextBuilder::default();
    for (range, origin) in text.segments() {
        let mut offset = 0;
        while offset < range.len() {
            let rest = text.as_bytes().get(range.start + offset..range.end).unwrap_or_default();
            let run = rest.iter().take_while(|byte| byte.is_ascii() && !is_space(**byte)).count();
            builder.push_part(&text, range.start + offset..range.start + offset + run);
            if let Some(byte) = rest.get(run).filter(|byte| !is_space(**byte)) {
                let mut bytes = Vec::new();
                push_rune(&mut bytes, char::from(*byte));
                builder.push(&bytes, Origin { verbatim: false, ..origin });
            }
            offset += run + 1;
        }
    }
    Ok(Value::String(builder.finish_or_else(|| text.origin())))
}

fn plural(call: &mut Call<'_, '_>) -> Answer {
    Ok(Value::String(call.text(usize::from(int_arg(call, 2) != 1))))
}

fn quote(call: &mut Call<'_, '_>) -> Answer {
    let parts: Vec<Text> =
        present(call).map(|value| Ok(quoted(&string(call, value)?))).collect::<Result<_, Failure>>()?;
    let text = joined(call, &parts, &Text::plain(" "))?;
    Ok(Value::String(text))
}

/// A string between double quotes, escaped as Go does it.
fn quoted(text: &Text) -> Text {
    let bytes = text.as_bytes();
    let origin = beside(text);
    let mut builder = TextBuilder::default();
    builder.push(b"\"", origin);
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        let (rune, size) = decode_rune(bytes.get(at..).unwrap_or_default());
        let escape = match rune {
            Some(rune) if is_printable(rune) && !matches!(rune, '"' | '\\') => None,
            Some(rune) => {
                let mut escaped = String::new();
                quote::push_escaped(&mut escaped, rune, '"', false);
                Some(escaped)
            }
            None => bytes.get(at).map(|byte| format!("\\x{byte:02x}")),
        };
        if let Some(escape) = escape {
            builder.push_part(text, from..at);
            builder.push(escape.as_bytes(), origin);
            from = at + size;
        }
        at += size;
    }
    builder.push_part(text, from..bytes.len());
    builder.push(b"\"", origin);
    builder.finish()
}

fn squote(call: &mut Call<'_, '_>) -> Answer {
    let mut quoted = |value: &Value| -> Result<Text, Failure> {
        let text = print::display(value, call.evaluation.budget())?;
        let mut builder = TextBuilder::default();
        builder.push(b"'", beside(&text));
        builder.push_text(&text);
        builder.push(b"'", beside(&text));
        Ok(builder.finish())
    };
    let args = call.args;
    let present = args.iter().filter(|value| !matches!(value, Value::Nil));
    let parts: Vec<Text> = present.map(&mut quoted).collect::<Result<_, Failure>>()?;
    let text = joined(call, &parts, &Text::plain(" "))?;
    Ok(Value::String(text))
}

fn repeat(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(1);
    let Ok(count) = usize::try_from(int_arg(call, 0)) else {
        return refuse("strings: negative Repeat count");
    };
    if text.is_empty() {
        return Ok(Value::String(text));
    }
    call.evaluation.charge_text(text.len().saturating_mul(count))?;
    let mut builder = TextBuilder::default();
    for _ in 0..count {
        builder.push_text(&text);
    }
    Ok(Value::String(builder.finish_or_else(|| text.origin())))
}

fn replace(call: &mut Call<'_, '_>) -> Answer {
    let (old, new, text) = (call.text(0), call.text(1), call.text(2));
    let places = occurrences(text.as_bytes(), old.as_bytes());
    if places.is_empty() || old == new {
        return Ok(Value::String(text));
    }
    call.evaluation.charge_text(text.len().saturating_add(new.len().saturating_mul(places.len())))?;
    let mut builder = TextBuilder::default();
    let mut from = 0;
    for at in places {
        builder.push_part(&text, from..at);
        builder.push_text(&new);
        from = at + old.len();
    }
    builder.push_part(&text, from..text.len());
    Ok(Value::String(builder.finish_or_else(|| text.origin())))
}

/// The parts of a string between separators, of which at most `most` are wanted; an empty separator parts characters.
fn parts(text: &Text, separator: &[u8], most: Option<usize>) -> Vec<Range<usize>> {
    if most == Some(0) {
        return Vec::new();
    }
    let mut ranges = Vec::new();
    let mut from = 0;
    if separator.is_empty() {
        for_each_rune(text.as_bytes(), |_, at| {
            if at > 0 && most.is_none_or(|most| ranges.len() + 1 < most) {
                ranges.push(from..at);
                from = at;
            }
        });
        if !text.is_empty() {
            ranges.push(from..text.len());
        }
        return ranges;
    }
    let between = most.map_or(usize::MAX, |most| most - 1);
    for at in memchr::memmem::find_iter(text.as_bytes(), separator).take(between) {
        ranges.push(from..at);
        from = at + separator.len();
    }
    ranges.push(from..text.len());
    ranges
}

fn split_map(call: &mut Call<'_, '_>, index: usize, most: i64) -> Answer {
    let (separator, text) = (call.text(0), call.text(index));
    let ranges = parts(&text, separator.as_bytes(), usize::try_from(most).ok());
    call.evaluation.charge_items(ranges.len())?;
    let map = Map::new(MapType::Strings);
    for (number, range) in ranges.into_iter().enumerate() {
        map.insert(format!("_{number}").as_bytes(), Origin::NOWHERE, Value::String(text.slice(range)));
    }
    Ok(Value::Map(std::rc::Rc::new(map)))
}

fn split_list(call: &mut Call<'_, '_>) -> Answer {
    let (separator, text) = (call.text(0), call.text(1));
    let ranges = parts(&text, separator.as_bytes(), None);
    call.evaluation.charge_items(ranges.len())?;
    Ok(Value::strings(ranges.into_iter().map(|range| text.slice(range))))
}

fn substr(call: &mut Call<'_, '_>) -> Answer {
    let (start, end, text) = (int_arg(call, 0), int_arg(call, 1), call.text(2));
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let (start, end) = match (start, end) {
        (start, end) if start < 0 => (0, end),
        (start, end) if end < 0 || end > length => (start, length),
        both => both,
    };
    if end < 0 || end > length {
        return refuse(format!("runtime error: slice bounds out of range [:{end}] with length {length}"));
    }
    if start > end {
        return refuse(format!("runtime error: slice bounds out of range [{start}:{end}]"));
    }
    let place = |at: i64| usize::try_from(at).unwrap_or(0);
    Ok(Value::String(text.slice(place(start)..place(end))))
}

fn to_strings(call: &mut Call<'_, '_>) -> Answer {
    let parts = strings(call, &call.arg(0))?;
    Ok(Value::strings(parts))
}

fn to_string(call: &mut Call<'_, '_>) -> Answer {
    let text = string(call, &call.arg(0))?;
    Ok(Value::String(text))
}

/// The string without the characters at both ends that are trimmed.
fn trimmed(text: &Text, is_trimmed: impl Fn(char) -> bool) -> Text {
    let bytes = text.as_bytes();
    let (mut start, mut end) = (0, 0);
    let mut begun = false;
    for_each_rune(bytes, |rune, at| {
        let size = rune.map_or(1, char::len_utf8);
        if is_trimmed(rune.unwrap_or('\u{FFFD}')) {
            if !begun {
                start = at + size;
            }
        } else {
            begun = true;
            end = at + size;
        }
    });
    text.slice(start.min(end)..end)
}

fn trim_all(call: &mut Call<'_, '_>) -> Answer {
    let cut = call.text(0);
    let cut = cut.to_str();
    Ok(Value::String(trimmed(&call.text(1), |rune| cut.contains(rune))))
}

fn trim_prefix(call: &mut Call<'_, '_>) -> Answer {
    let (prefix, text) = (call.text(0), call.text(1));
    let from = if text.as_bytes().starts_with(prefix.as_bytes()) { prefix.len() } else { 0 };
    Ok(Value::String(text.slice(from..text.len())))
}

fn trim_suffix(call: &mut Call<'_, '_>) -> Answer {
    let (suffix, text) = (call.text(0), call.text(1));
    let cut = if text.as_bytes().ends_with(suffix.as_bytes()) { suffix.len() } else { 0 };
    Ok(Value::String(text.slice(0..text.len() - cut)))
}

fn trunc(call: &mut Call<'_, '_>) -> Answer {
    let (count, text) = (int_arg(call, 0), call.text(1));
    let kept = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(Value::String(if kept >= text.len() {
        text
    } else if count < 0 {
        text.slice(text.len() - kept..text.len())
    } else {
        text.slice(0..kept)
    }))
}

fn wrap_with(call: &mut Call<'_, '_>) -> Answer {
    let separator = call.text(1);
    let separator = if separator.is_empty() { b"\n" } else { separator.as_bytes() };
    wrap(call, 2, separator, true)
}

/// Line breaks at spaces, so that lines have at most as many bytes as the first argument says; longer words are cut or left.
fn wrap(call: &mut Call<'_, '_>, index: usize, line_break: &[u8], cuts_words: bool) -> Answer {
    let text = call.text(index);
    let bytes = text.as_bytes();
    let width = usize::try_from(int_arg(call, 0)).unwrap_or(1).max(1);
    let mut builder = TextBuilder::default();
    let mut lines = 0_usize;
    let mut offset = 0;
    while bytes.len() - offset > width {
        if bytes.get(offset) == Some(&b' ') {
            offset += 1;
            continue;
        }
        lines += 1;
        if lines.is_multiple_of(256) {
            call.evaluation.charge_text(line_break.len().saturating_mul(256))?;
        }
        let line = bytes.get(offset..=offset + width).unwrap_or_default();
        let (end, next) = if let Some(space) = memchr::memrchr(b' ', line) {
            (offset + space, offset + space + 1)
        } else if cuts_words {
            (offset + width, offset + width)
        } else {
            match memchr::memchr(b' ', bytes.get(offset + width..).unwrap_or_default()) {
                Some(space) => (offset + width + space, offset + width + space + 1),
                None => break,
            }
        };
        builder.push_part(&text, offset..end);
        builder.push(line_break, Origin::NOWHERE);
        offset = next;
    }
    call.evaluation.charge_text(text.len())?;
    builder.push_part(&text, offset..bytes.len());
    Ok(Value::String(builder.finish_or_else(|| text.origin())))
}
