//! Functions that search with regular expressions.

use std::ops::Range;
use std::rc::Rc;

use super::convert::{Answer, boolean, decode_rune, fixed, int_arg};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::text::{Text, TextBuilder};
use crate::gotemplate::value::{List, ListType, Value};
use crate::helm::host::Host;
use crate::helm::patterns::Compiled;

use Param::{Int, String as Str};

/// The functions of this file. Those that begin with `must` differ in Go by how they report an error.
pub const TABLE: &[Function] = &[
    fixed("mustRegexFind", &[Str, Str], find),
    fixed("mustRegexFindAll", &[Str, Str, Int], find_all),
    fixed("mustRegexMatch", &[Str, Str], |call| {
        let matches = compiled(call)?.regex.is_match(call.text(1).as_bytes());
        boolean(call, matches)
    }),
    fixed("mustRegexReplaceAll", &[Str, Str, Str], |call| replace_all(call, false)),
    fixed("mustRegexReplaceAllLiteral", &[Str, Str, Str], |call| replace_all(call, true)),
    fixed("mustRegexSplit", &[Str, Str, Int], split),
    fixed("regexFind", &[Str, Str], find),
    fixed("regexFindAll", &[Str, Str, Int], find_all),
    fixed("regexMatch", &[Str, Str], matches),
    fixed("regexQuoteMeta", &[Str], quote_meta),
    fixed("regexReplaceAll", &[Str, Str, Str], |call| replace_all(call, false)),
    fixed("regexReplaceAllLiteral", &[Str, Str, Str], |call| replace_all(call, true)),
    fixed("regexSplit", &[Str, Str, Int], split),
];

/// Compiles the pattern of the first argument, or finds it among those compiled before, and pays for a search through the
/// second one.
fn compiled(call: &mut Call<'_, '_>) -> Result<Rc<Compiled>, Failure> {
    let pattern = call.text(0);
    let host = call.host::<Host>();
    let known = host.and_then(|host| host.patterns.borrow().get(pattern.as_bytes()).cloned());
    let compiled = match known {
        Some(known) => known,
        None => {
            call.evaluation.charge_fuel(pattern.len() + 64)?;
            let new = Rc::new(
                Compiled::new(pattern.as_bytes())
                    .map_err(|message| Failure::new(format!("error parsing regexp: {message}")))?,
            );
            if let Some(host) = host {
                let mut patterns = host.patterns.borrow_mut();
                if patterns.len() >= 256 {
                    patterns.clear();
                }
                patterns.insert(pattern.as_bytes().to_vec(), Rc::clone(&new));
            }
            new
        }
    };
    let steps = (call.text(1).len() / 64 + 1).saturating_mul(compiled.cost);
    call.evaluation.charge_fuel(steps)?;
    Ok(compiled)
}

fn matches(call: &mut Call<'_, '_>) -> Answer {
    match compiled(call) {
        Ok(compiled) => boolean(call, compiled.regex.is_match(call.text(1).as_bytes())),
        Err(failure) if failure.kind == crate::gotemplate::error::ErrorKind::Function => boolean(call, false),
        Err(failure) => Err(failure),
    }
}

fn find(call: &mut Call<'_, '_>) -> Answer {
    let compiled = compiled(call)?;
    let text = call.text(1);
    let found = compiled.regex.find(text.as_bytes()).map_or(0..0, |found| found.range());
    Ok(Value::String(text.slice(found)))
}

/// The matches, of which at most `most` are wanted. Empty ones that touch the one before are passed over.
fn all_matches(compiled: &Compiled, bytes: &[u8], most: Option<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut end_before = None;
    while at <= bytes.len() && most.is_none_or(|most| found.len() < most) {
        let Some(next) = compiled.regex.find_at(bytes, at) else { break };
        let is_wanted = if next.end() == at {
            at += decode_rune(bytes.get(at..).unwrap_or_default()).1.max(1);
            Some(next.start()) != end_before
        } else {
            at = next.end();
            true
        };
        end_before = Some(next.end());
        if is_wanted {
            found.push(next.range());
        }
    }
    found
}

fn most(call: &Call<'_, '_>) -> Option<usize> {
    usize::try_from(int_arg(call, 2)).ok()
}

fn strings_or_nil(call: &mut Call<'_, '_>, text: &Text, parts: Vec<Range<usize>>) -> Answer {
    call.evaluation.charge_items(parts.len())?;
    if parts.is_empty() {
        return Ok(Value::List(Rc::new(List { items: Vec::new(), of: ListType::NilStrings })));
    }
    Ok(Value::strings(parts.into_iter().map(|part| text.slice(part))))
}

fn find_all(call: &mut Call<'_, '_>) -> Answer {
    let compiled = compiled(call)?;
    let text = call.text(1);
    let parts = all_matches(&compiled, text.as_bytes(), most(call));
    strings_or_nil(call, &text, parts)
}

fn split(call: &mut Call<'_, '_>) -> Answer {
    let compiled = compiled(call)?;
    let text = call.text(1);
    let most = most(call);
    if most == Some(0) {
        return strings_or_nil(call, &text, Vec::new());
    }
    if text.is_empty() && !call.text(0).is_empty() {
        return Ok(Value::strings([text]));
    }
    let mut parts = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for found in all_matches(&compiled, text.as_bytes(), most) {
        if most.is_some_and(|most| parts.len() + 1 >= most) {
            break;
        }
        end = found.start;
        if found.end != 0 {
            parts.push(begin..end);
        }
        begin = found.end;
    }
    if end != text.len() {
        parts.push(begin..text.len());
    }
    call.evaluation.charge_items(parts.len())?;
    Ok(Value::strings(parts.into_iter().map(|part| text.slice(part))))
}

/// A part of a replacement.
enum Piece {
    /// Bytes of the replacement itself.
    Own(Range<usize>),
    /// What a group matched.
    Group(usize),
}

/// The parts of a replacement, in which `$1`, `${1}`, `$name` and `${name}` stand for groups, and `$$` for `$`.
fn pieces(replacement: &[u8], names: &[String]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'$', replacement.get(at..).unwrap_or_default()) {
        let dollar = at + found;
        pieces.push(Piece::Own(at..dollar));
        let rest = replacement.get(dollar + 1..).unwrap_or_default();
        if rest.first() == Some(&b'$') {
            pieces.push(Piece::Own(dollar..dollar + 1));
            at = dollar + 2;
        } else if let Some((group, length)) = group_of(rest, names) {
            pieces.extend(group.map(Piece::Group));
            at = dollar + 1 + length;
        } else {
            pieces.push(Piece::Own(dollar..dollar + 1));
            at = dollar + 1;
        }
    }
    pieces.push(Piece::Own(at..replacement.len()));
    pieces
}

/// The group that is named behind a `$`, if it exists, and the length of the name. `None` if it is none.
fn group_of(text: &[u8], names: &[String]) -> Option<(Option<usize>, usize)> {
    let braced = text.first() == Some(&b'{');
    let inner = text.get(usize::from(braced)..)?;
    let mut length = 0;
    while let (Some(rune), size) = decode_rune(inner.get(length..).unwrap_or_default()) {
        if !(rune.is_alphanumeric() || rune == '_') {
            break;
        }
        length += size;
    }
    if length == 0 || braced && inner.get(length) != Some(&b'}') {
        return None;
    }
    let name = std::str::from_utf8(inner.get(..length)?).ok()?;
    let is_number =
        name.bytes().all(|byte| byte.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    let group = if is_number {
        name.parse::<usize>().ok().filter(|group| *group < names.len())
    } else {
        names.iter().position(|other| other == name)
    };
    Some((group, length + if braced { 2 } else { 0 }))
}

fn replace_all(call: &mut Call<'_, '_>, literal: bool) -> Answer {
    let compiled = compiled(call)?;
    let (text, replacement) = (call.text(1), call.text(2));
    let bytes = text.as_bytes();
    let pieces = if literal {
        vec![Piece::Own(0..replacement.len())]
    } else {
        pieces(replacement.as_bytes(), &compiled.names)
    };
    let mut builder = TextBuilder::default();
    let (mut at, mut end_before) = (0, 0);
    let mut charged = 0_usize;
    while at <= bytes.len() {
        let Some(found) = compiled.regex.captures_at(bytes, at) else { break };
        let Some(whole) = found.get(0) else { break };
        builder.push_part(&text, end_before..whole.start());
        // Not for an empty match behind another one.
        if whole.end() > end_before || whole.start() == 0 {
            for piece in &pieces {
                match piece {
                    Piece::Own(part) => builder.push_part(&replacement, part.clone()),
                    Piece::Group(group) => {
                        if let Some(group) = found.get(*group) {
                            builder.push_part(&text, group.range());
                        }
                    }
                }
            }
        }
        end_before = whole.end();
        let width = decode_rune(bytes.get(at..).unwrap_or_default()).1.max(1);
        at = whole.end().max(at + width);
        if builder.len() >= charged + (1 << 16) {
            call.evaluation.charge_text(builder.len() - charged)?;
            call.evaluation.charge_text(builder.len())?;
            charged = builder.len();
        }
    }
    builder.push_part(&text, end_before..bytes.len());
    call.evaluation.charge_text(builder.len())?;
    Ok(Value::String(builder.finish_or_else(|| text.origin())))
}

fn quote_meta(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    call.evaluation.charge_text(text.len().saturating_mul(2))?;
    let mut builder = TextBuilder::default();
    for (at, byte) in text.as_bytes().iter().enumerate() {
        if br"\.+*?()|[]{}^$".contains(byte) {
            builder.push(b"\\", super::convert::beside(&text));
        }
        builder.push_part(&text, at..at + 1);
    }
    Ok(Value::String(builder.finish_or_else(|| text.origin())))
}
