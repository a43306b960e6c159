//! `toYaml` and `toYamlPretty`: how go-yaml 2 and 3 write values.
//!
//! `toYaml` writes JSON, reads that with go-yaml 2, and writes it again. So a few strings come out otherwise than they
//! went in, and a few cannot be written at all ([`through_json`]).
//!
//! ```text
//! value ─► node ─┬─► map, list: signs and indentation
//!                └─► scalar ─► Shape: what may be written plain, in quotes, as a block ─► a style ─► its text
//! ```

use std::borrow::Cow;

use super::order::{Encoder, sort};
use super::scalar::{Resolved, is_base_60, is_octal_of_v3, resolve};
use crate::gotemplate::error::Failure;
use crate::gotemplate::text::{Origin, Text, TextBuilder};
use crate::gotemplate::value::{List, Map, Value};
use crate::helm::{json, numbers};
use crate::limits::Limit;

/// `toYaml`: as Helm prints it, without a line break at the end.
///
/// # Errors
/// What go-yaml or `encoding/json` say of a value that cannot be written, for which `toYaml` itself prints nothing; a limit, of
/// one that is too large or contains itself.
pub fn print(value: &Value) -> Result<Text, Failure> {
    printed(value, Encoder::V2)
}

/// `toYamlPretty`: lists are indented below their key, and nothing is folded.
///
/// # Errors
/// As [`print()`].
pub fn print_pretty(value: &Value) -> Result<Text, Failure> {
    printed(value, Encoder::V3)
}

fn printed(value: &Value, encoder: Encoder) -> Result<Text, Failure> {
    let most = usize::try_from(Limit::Output.standard()).unwrap_or(usize::MAX);
    let mut printer = Printer {
        out: TextBuilder::default(),
        encoder,
        width: if encoder == Encoder::V2 { 80 } else { usize::MAX },
        column: 0,
        indent: -1,
        after_space: true,
        at_indent: true,
        most,
    };
    printer.node(value, Place::Root, 0)?;
    let ends_with_break = printer.column == 0 && printer.out.as_bytes().last() == Some(&b'\n');
    let text = printer.out.finish_or_else(|| value.origin());
    // The last line break is taken away, be it the document's or that of a block.
    Ok(if ends_with_break { text.slice(0..text.len() - 1) } else { text })
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    /// A key in its line, or the value of one.
    Key,
    /// A key behind `?`.
    LongKey,
    Value,
}

/// A string to be written.
struct Scalar<'a> {
    text: Cow<'a, str>,
    from: From<'a>,
}

/// Where the bytes of a scalar came from.
enum From<'a> {
    /// This string, whose bytes they are.
    Text(&'a Text),
    /// All of them from one place.
    One(Origin),
}

struct Printer {
    out: TextBuilder,
    encoder: Encoder,
    /// The column from which on texts are folded.
    width: usize,
    column: usize,
    indent: i32,
    /// Whether the last character was a space or a sign that needs none behind it.
    after_space: bool,
    /// Whether there are only spaces and signs such as `-` in the line so far.
    at_indent: bool,
    most: usize,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push(text.as_bytes(), Origin::NOWHERE);
        self.column += text.len();
    }

    fn put_break(&mut self) {
        self.out.push(b"\n", Origin::NOWHERE);
        self.column = 0;
        if self.encoder == Encoder::V3 {
            self.at_indent = true;
        }
    }

    fn write_indent(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or(0);
        if !self.at_indent || self.column > indent || (self.column == indent && !self.after_space) {
            self.put_break();
        }
        if self.column < indent {
            self.put(&" ".repeat(indent - self.column));
        }
        self.after_space = true;
        self.at_indent = true;
    }

    fn sign(&mut self, sign: &str, spaced: bool, is_space: bool, keeps_indent: bool) {
        if spaced && !self.after_space {
            self.put(" ");
        }
        self.put(sign);
        self.after_space = is_space;
        self.at_indent &= keeps_indent;
    }

    /// The indentation of what is inside; returns the one to go back to.
    fn deeper(&mut self, is_flow: bool, stays: bool) -> i32 {
        let before = self.indent;
        if self.indent < 0 {
            self.indent = if is_flow { 2 } else { 0 };
        } else if !stays {
            self.indent += 2;
        }
        before
    }

    fn node(&mut self, value: &Value, place: Place, depth: usize) -> Result<(), Failure> {
        if depth > json::DEPTH {
            return Err(json::too_deep());
        }
        if self.out.len() > self.most {
            return Err(json::too_long(self.most));
        }
        match value {
            Value::Nil => self.plain_word("null", Origin::NOWHERE),
            Value::Bool(value, origin) => self.plain_word(if *value { "true" } else { "false" }, *origin),
            Value::Int(value, origin) => self.plain_word(&value.value().to_string(), *origin),
            Value::Float(value, origin) => {
                let text = self.number(*value)?;
                self.plain_word(&text, *origin);
            }
            Value::String(text) => {
                let scalar = self.scalar_of(text)?;
                self.scalar(&scalar, place);
            }
            Value::Bytes(bytes) if self.encoder == Encoder::V2 => {
                use base64::Engine;
                let text = base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes());
                self.scalar(&Scalar { text: text.into(), from: From::One(bytes.origin()) }, place);
            }
            Value::Bytes(bytes) => {
                let items = bytes.as_bytes().iter().map(|byte| Value::int(i64::from(*byte)));
                self.list(
                    &List { items: items.collect(), of: crate::gotemplate::value::ListType::Any },
                    place,
                    depth,
                )?;
            }
            Value::List(list) if list.is_nil() && self.encoder == Encoder::V2 => {
                self.plain_word("null", Origin::NOWHERE);
            }
            Value::List(list) => self.list(list, place, depth)?,
            Value::Map(map) if map.is_nil() && self.encoder == Encoder::V2 => {
                self.plain_word("null", Origin::NOWHERE);
            }
            Value::Map(map) => self.map(map, depth)?,
            Value::Object(object) => self.node(&object.plain(), place, depth + 1)?,
        }
        Ok(())
    }

    fn list(&mut self, list: &List, place: Place, depth: usize) -> Result<(), Failure> {
        if list.items.is_empty() {
            self.sign("[", true, true, false);
            self.sign("]", false, false, false);
            return Ok(());
        }
        let stays = self.encoder == Encoder::V2 && place == Place::Value && !self.at_indent;
        let before = self.deeper(false, stays);
        for item in &list.items {
            self.write_indent();
            self.sign("-", true, false, true);
            self.node(item, Place::Item, depth + 1)?;
        }
        self.indent = before;
        Ok(())
    }

    fn map(&mut self, map: &Map, depth: usize) -> Result<(), Failure> {
        let entries = map.entries.borrow();
        if entries.is_empty() {
            self.sign("{", true, true, false);
            self.sign("}", false, false, false);
            return Ok(());
        }
        let mut sorted = Vec::with_capacity(entries.len());
        for (key, entry) in entries.iter() {
            let text = self.key_text(key)?;
            sorted.push((text.chars().collect::<Vec<char>>(), (text, entry)));
        }
        let before = self.deeper(false, false);
        for (text, entry) in sort(sorted, self.encoder) {
            self.write_indent();
            let key = Scalar { text, from: From::One(entry.key) };
            let shape = Shape::of(&key.text, self.encoder);
            if !shape.line_breaks && key.text.len() <= 128 {
                self.shaped(&key, &shape, Place::Key);
                self.sign(":", false, false, false);
            } else {
                self.sign("?", true, false, true);
                self.shaped(&key, &shape, Place::LongKey);
                self.write_indent();
                self.sign(":", true, false, true);
            }
            self.node(&entry.value, Place::Value, depth + 1)?;
        }
        self.indent = before;
        Ok(())
    }

    /// A number as go-yaml writes it; `toYaml` takes the way through JSON, where whole numbers become integers again.
    fn number(&self, value: f64) -> Result<String, String> {
        if self.encoder == Encoder::V3 {
            return Ok(match numbers::general(value).as_str() {
                "+Inf" => ".inf".to_owned(),
                "-Inf" => "-.inf".to_owned(),
                "NaN" => ".nan".to_owned(),
                text => text.to_owned(),
            });
        }
        let Some(text) = numbers::json(value) else {
            return Err(format!("json: unsupported value: {}", numbers::general(value)));
        };
        Ok(match resolve(&text) {
            Resolved::Int(value) => value.to_string(),
            Resolved::Float(value) => numbers::general(value),
            _ => text,
        })
    }

    fn scalar_of<'a>(&self, text: &'a Text) -> Result<Scalar<'a>, String> {
        let read = self.string(text.as_bytes())?;
        let from = match &read {
            Cow::Borrowed(_) => From::Text(text),
            Cow::Owned(_) => From::One(Origin { verbatim: false, ..text.origin() }),
        };
        Ok(Scalar { text: read, from })
    }

    fn string<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, str>, String> {
        match self.encoder {
            Encoder::V2 => through_json(bytes),
            Encoder::V3 => Ok(String::from_utf8_lossy(bytes)),
        }
    }

    fn key_text<'a>(&self, key: &'a [u8]) -> Result<Cow<'a, str>, String> {
        let text = self.string(key)?;
        // libyaml looks for the colon of a key for 1024 characters, in the key's line.
        let is_too_long =
            || json::written_length(key) > 1024 || key.windows(2).any(|pair| pair == [0xc2, 0x85]);
        if self.encoder == Encoder::V2 && (key.len() > 160 || matches!(text, Cow::Owned(_))) && is_too_long()
        {
            return Err("yaml: did not find expected ',' or '}'".to_owned());
        }
        Ok(text)
    }

    fn plain_word(&mut self, text: &str, origin: Origin) {
        if !self.after_space {
            self.put(" ");
        }
        self.out.push(text.as_bytes(), origin);
        self.column += text.len();
        self.after_space = false;
        self.at_indent = false;
    }

    fn scalar(&mut self, scalar: &Scalar<'_>, place: Place) {
        let shape = Shape::of(&scalar.text, self.encoder);
        self.shaped(scalar, &shape, place);
    }

    /// Whether a string would be read as something else, or is said to be by YAML 1.1.
    fn would_change(&self, text: &str) -> bool {
        resolve(text) != Resolved::Str
            || is_base_60(text)
            || self.encoder == Encoder::V3 && text.starts_with("0o") && is_octal_of_v3(text)
    }

    fn shaped(&mut self, scalar: &Scalar<'_>, shape: &Shape, place: Place) {
        let text = &*scalar.text;
        let is_key = place == Place::Key;
        let style = if text.contains('\n') {
            if shape.block_allowed && !is_key { Style::Literal } else { Style::Double }
        } else if self.would_change(text) {
            Style::Double
        } else if shape.plain_allowed {
            Style::Plain
        } else if shape.single_allowed {
            Style::Single
        } else {
            Style::Double
        };
        let before = self.deeper(true, false);
        let mut writer = Writer { printer: self, scalar, folds: !is_key };
        match style {
            Style::Plain => writer.plain(),
            Style::Single => writer.single(),
            Style::Double => writer.double(),
            Style::Literal => writer.literal(),
        }
        self.indent = before;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a string that goes through JSON comes out as: a byte that is no UTF-8 as U+FFFD, and a next line (U+0085) as
/// what go-yaml makes of a line break in a quoted text.
///
/// # Errors
/// Control characters that JSON lets through and libyaml does not.
fn through_json(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut replaced = Vec::new();
            json::push_replaced(&mut replaced, bytes);
            Cow::Owned(String::from_utf8_lossy(&replaced).into_owned())
        }
    };
    // All that is looked for has one of these bytes.
    if !bytes.iter().any(|byte| matches!(byte, 0x7f | 0xc2 | 0xef)) {
        return Ok(text);
    }
    let is_refused = |character: char| matches!(character, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(is_refused) {
        return Err("yaml: control characters are not allowed".to_owned());
    }
    if text.contains(NEXT_LINE) {
        return folded(&text).map(Cow::Owned);
    }
    Ok(text)
}

const NEXT_LINE: char = '\u{85}';

/// What go-yaml reads of a quoted text in which next lines stand: one is a space, several are one line break less; the
/// spaces around them are left out.
fn folded(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(NEXT_LINE) {
        out.push_str(rest.get(..at).unwrap_or_default().trim_end_matches(' '));
        let behind = rest.get(at..).unwrap_or_default();
        let next = behind.trim_start_matches([NEXT_LINE, ' ']);
        let breaks = behind.get(..behind.len() - next.len()).unwrap_or_default();
        if breaks.ends_with(NEXT_LINE) && ["---", "..."].iter().any(|marker| is_marker(next, marker)) {
            return Err("yaml: found unexpected document indicator".to_owned());
        }
        match breaks.matches(NEXT_LINE).count() {
            1 => out.push(' '),
            count => out.push_str(&"\n".repeat(count - 1)),
        }
        rest = next;
    }
    out.push_str(rest);
    Ok(out)
}

fn is_marker(text: &str, marker: &str) -> bool {
    text.strip_prefix(marker).is_some_and(|rest| rest.starts_with([' ', NEXT_LINE]))
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// How a string may be written.
struct Shape {
    line_breaks: bool,
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Shape {
    fn of(text: &str, encoder: Encoder) -> Shape {
        let Some(first) = text.chars().next() else {
            return Shape {
                line_breaks: false,
                plain_allowed: true,
                single_allowed: true,
                block_allowed: false,
            };
        };
        let last = text.chars().next_back().unwrap_or(first);
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut line_breaks, mut special, mut tabs) = (false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut after_space, mut after_break) = (false, false);
        let mut after_blank = true;
        let mut characters = text.chars().enumerate().peekable();
        while let Some((index, character)) = characters.next() {
            let before_blank = characters.peek().is_none_or(|(_, next)| matches!(next, ' ' | '\t'));
            indicators |= match character {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
                | '`'
                    if index == 0 =>
                {
                    true
                }
                '?' | '-' if index == 0 => before_blank,
                ':' => before_blank,
                '#' => after_blank,
                _ => false,
            };
            if character == '\t' && encoder == Encoder::V3 {
                tabs = true;
            } else if !is_printable(character) {
                special = true;
            }
            if character == ' ' {
                break_space |= after_break;
                after_space = true;
                after_break = false;
            } else if is_break(character) {
                line_breaks = true;
                space_break |= after_space;
                after_space = false;
                after_break = true;
            } else {
                after_space = false;
                after_break = false;
            }
            after_blank = matches!(character, ' ' | '\t' | '\0') || is_break(character);
        }
        let trailing_space = last == ' ';
        let outer = |character: char| character == ' ' || is_break(character);
        let plain_allowed = !(indicators
            || line_breaks
            || outer(first)
            || outer(last)
            || break_space
            || space_break
            || tabs
            || special);
        Shape {
            line_breaks,
            plain_allowed,
            single_allowed: !(break_space || space_break || tabs || special),
            block_allowed: !(trailing_space || space_break || special),
        }
    }
}

/// Writes one scalar.
struct Writer<'p, 's> {
    printer: &'p mut Printer,
    scalar: &'s Scalar<'s>,
    /// Whether long lines are folded.
    folds: bool,
}

impl Writer<'_, '_> {
    /// Copies a part of the scalar, in which there is no line break.
    fn copy(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let text = self.scalar.text.get(from..to).unwrap_or_default();
        match self.scalar.from {
            From::Text(whole) => self.printer.out.push_part(whole, from..to),
            From::One(origin) => self.printer.out.push(text.as_bytes(), origin),
        }
        self.printer.column += if text.is_ascii() { text.len() } else { text.chars().count() };
    }

    /// Writes other characters for the one at a byte.
    fn instead(&mut self, at: usize, text: &str) {
        let origin = match self.scalar.from {
            From::Text(whole) => {
                whole.segments_in(at..at + 1).next().map_or(Origin::NOWHERE, |(_, origin)| origin)
            }
            From::One(origin) => origin,
        };
        self.printer.out.push(text.as_bytes(), Origin { verbatim: false, ..origin });
        self.printer.column += text.len();
    }

    /// Writes the line break at a byte of the scalar.
    fn copy_break(&mut self, at: usize, character: char) {
        if character == '\n' {
            self.instead(at, "\n");
        } else {
            self.copy(at, at + character.len_utf8());
        }
        self.printer.column = 0;
        self.printer.at_indent = true;
    }

    fn is_space_at(&self, at: usize) -> bool {
        self.scalar.text.as_bytes().get(at) == Some(&b' ')
    }

    fn ends(&mut self) {
        self.printer.after_space = false;
        self.printer.at_indent = false;
    }

    fn plain(&mut self) {
        let text = &*self.scalar.text;
        if !self.printer.after_space && (self.printer.encoder == Encoder::V2 || !text.is_empty()) {
            self.printer.put(" ");
        }
        self.folded_lines(0, text.len(), |_| None);
        if self.printer.encoder == Encoder::V2 || !text.is_empty() {
            self.printer.after_space = false;
        }
        self.printer.at_indent = false;
    }

    /// Copies the scalar, with a line break in the place of a lone space in a line that is too long.
    ///
    /// A space before `first` or from `end` on is kept; `replace` has what is written for some characters.
    fn folded_lines(&mut self, first: usize, end: usize, replace: impl Fn(char) -> Option<&'static str>) {
        let text = &*self.scalar.text;
        let mut copied = 0;
        let mut column = self.printer.column;
        let (mut after_space, mut after_break) = (false, false);
        for (at, character) in text.char_indices() {
            if character == ' ' {
                let folds = self.folds
                    && !after_space
                    && column > self.printer.width
                    && at >= first
                    && at < end
                    && !self.is_space_at(at + 1);
                if folds {
                    self.copy(copied, at);
                    self.printer.at_indent = false;
                    self.printer.write_indent();
                    copied = at + 1;
                    column = self.printer.column;
                } else {
                    column += 1;
                }
                after_space = true;
            } else if is_break(character) {
                self.copy(copied, at);
                if !after_break && character == '\n' {
                    self.printer.put_break();
                }
                self.copy_break(at, character);
                copied = at + character.len_utf8();
                column = 0;
                after_break = true;
            } else {
                if after_break {
                    self.copy(copied, at);
                    copied = at;
                    self.printer.write_indent();
                    column = self.printer.column;
                }
                if let Some(written) = replace(character) {
                    self.copy(copied, at);
                    self.instead(at, written);
                    copied = at + character.len_utf8();
                    column += written.len();
                } else {
                    column += 1;
                }
                self.printer.at_indent = false;
                after_space = false;
                after_break = false;
            }
        }
        self.copy(copied, text.len());
    }

    fn single(&mut self) {
        self.printer.sign("'", true, false, false);
        let end = self.scalar.text.len().saturating_sub(1);
        self.folded_lines(1, end, |character| (character == '\'').then_some("''"));
        self.printer.sign("'", false, false, false);
        self.ends();
    }

    fn double(&mut self) {
        self.printer.sign("\"", true, false, false);
        let text = &*self.scalar.text;
        let mut copied = 0;
        let mut column = self.printer.column;
        let mut after_space = false;
        // go-yaml looks for a byte order mark at the start, whatever character it is about to write.
        let escapes_all = text.starts_with('\u{feff}');
        for (at, character) in text.char_indices() {
            if escapes_all
                || !is_printable(character)
                || is_break(character)
                || matches!(character, '"' | '\\')
            {
                self.copy(copied, at);
                let escape = escape(character);
                self.instead(at, &escape);
                copied = at + character.len_utf8();
                column += escape.len();
                after_space = false;
            } else if character == ' ' {
                let is_inside = at > 0 && at < text.len() - 1;
                if self.folds && !after_space && column > self.printer.width && is_inside {
                    self.copy(copied, at);
                    self.printer.write_indent();
                    if self.is_space_at(at + 1) {
                        self.printer.put("\\");
                    }
                    copied = at + 1;
                    column = self.printer.column;
                } else {
                    column += 1;
                }
                after_space = true;
            } else {
                column += 1;
                after_space = false;
            }
        }
        self.copy(copied, text.len());
        self.printer.sign("\"", false, false, false);
        self.ends();
    }

    fn literal(&mut self) {
        self.printer.sign("|", true, false, false);
        let text = &*self.scalar.text;
        if text.starts_with(|character: char| character == ' ' || is_break(character)) {
            self.printer.sign("2", false, false, false);
        }
        let mut backwards = text.chars().rev();
        let (last, before) = (backwards.next(), backwards.next());
        if !last.is_some_and(is_break) {
            self.printer.sign("-", false, false, false);
        } else if before.is_none_or(is_break) {
            self.printer.sign("+", false, false, false);
        }
        self.printer.put_break();
        self.printer.at_indent = true;
        self.printer.after_space = true;
        let mut copied = 0;
        let mut after_break = true;
        for (at, character) in text.char_indices() {
            if is_break(character) {
                self.copy(copied, at);
                self.copy_break(at, character);
                copied = at + character.len_utf8();
                after_break = true;
            } else if after_break {
                self.printer.write_indent();
                self.printer.at_indent = false;
                after_break = false;
            }
        }
        self.copy(copied, text.len());
    }
}

/// A character as a text in double quotes has it.
fn escape(character: char) -> String {
    let short = match character {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => {
            let code = u32::from(character);
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    short.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceId, Span};

    fn text(bytes: impl Into<Vec<u8>>) -> Text {
        Text::plain(bytes)
    }

    /// The tables were asked of Helm (`tests/helm/codecs/make.py`).
    fn hold(table: &str, print: fn(&Value) -> Result<Text, Failure>) {
        let rows: Vec<(String, String)> = serde_json::from_str(table).unwrap();
        assert!(rows.len() > 200);
        for (given, expected) in rows {
            let value = json::parse(&text(given.as_str())).unwrap();
            let printed = print(&value).map(|text| text.to_str().into_owned()).unwrap_or_default();
            assert_eq!(printed, expected, "{given}");
        }
    }

    #[test]
    fn to_yaml_prints_as_helm_does() {
        hold(include_str!("../../../tests/helm/codecs/to-yaml.json"), print);
    }

    #[test]
    fn to_yaml_pretty_prints_as_helm_does() {
        hold(include_str!("../../../tests/helm/codecs/to-yaml-pretty.json"), print_pretty);
    }

    #[test]
    fn to_json_prints_as_helm_does() {
        hold(include_str!("../../../tests/helm/codecs/to-json.json"), json::print);
    }

    #[test]
    fn bytes_that_are_no_text_and_bytes() {
        let printed = |value: &Value| print(value).unwrap().to_str().into_owned();
        assert_eq!(printed(&Value::plain_string(*b"a\xff\xe2\x82b")), "a\u{fffd}\u{fffd}\u{fffd}b");
        assert_eq!(printed(&Value::Bytes(text("hi"))), "aGk=");
        assert_eq!(print_pretty(&Value::Bytes(text("hi"))).unwrap().to_str(), "- 104\n- 105");
        assert_eq!(printed(&Value::int(3)), "3");
        assert!(print(&Value::Float(f64::NAN, Origin::NOWHERE)).is_err());
    }

    #[test]
    fn each_scalar_and_key_keeps_its_origin() {
        let map = Map::new(crate::gotemplate::value::MapType::Any);
        let at = |start: usize| Origin::value(Span::new(SourceId(0), start, start + 1));
        let two = {
            let mut builder = TextBuilder::default();
            builder.push(b"first ", at(1));
            builder.push(b"it's: ", at(2));
            builder.push(b"last", at(3));
            builder.finish()
        };
        map.insert(b"key", at(0), Value::String(two));
        map.insert(b"number", at(4), Value::Float(2.5, at(5)));
        map.insert(b"lines", at(6), Value::list(vec![Value::String(Text::new("a\nb\n", at(7)))]));
        let printed = print(&Value::Map(map.into())).unwrap();
        assert_eq!(printed.to_str(), "key: 'first it''s: last'\nlines:\n- |\n  a\n  b\nnumber: 2.5");
        let parts: Vec<(String, u32)> = printed
            .segments()
            .filter(|(_, origin)| origin.value != Span::NOWHERE)
            .map(|(range, origin)| {
                (String::from_utf8_lossy(&printed.as_bytes()[range]).into_owned(), origin.value.start)
            })
            .collect();
        let parts: Vec<(&str, u32)> = parts.iter().map(|(text, start)| (text.as_str(), *start)).collect();
        let expected = [
            ("key", 0),
            ("first ", 1),
            ("it''s: ", 2),
            ("last", 3),
            ("lines", 6),
            ("a\n", 7),
            ("b", 7),
            ("number", 4),
            ("2.5", 5),
        ];
        // The last line break of a block may belong to it or to the line behind it.
        assert_eq!(
            parts.iter().map(|(text, at)| (text.trim_end(), *at)).collect::<Vec<_>>(),
            expected.iter().map(|(text, at)| (text.trim_end(), *at)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn what_contains_itself_is_refused_and_the_order_of_keys_never_panics() {
        let map = std::rc::Rc::new(Map::new(crate::gotemplate::value::MapType::Any));
        map.insert(b"a", Origin::NOWHERE, Value::Map(map.clone()));
        assert!(print(&Value::Map(map.clone())).is_err() && json::print(&Value::Map(map.clone())).is_err());
        map.entries.borrow_mut().clear();
        // Keys that Helm's comparison puts in a circle.
        let keys = ["|", "1_000", "123456789012345678901", "a1", "a01", "a|", "1a", "|1", "é1", "00", "0"];
        let many = keys.iter().flat_map(|a| keys.iter().map(move |b| (format!("{a}{b}"), Value::Nil)));
        assert!(print(&Value::map(many)).unwrap().len() > 500);
    }
}
