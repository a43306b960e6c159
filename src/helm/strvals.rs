//! The grammar of `--set` and its kin, as Helm has it.
//!
//! ```text
//! --set          a.b=1,c[0].d=x,e={p,q}    numbers, booleans and null by their look; `\` escapes
//! --set-string   a.b=1                     the same, always strings
//! --set-json     a.b={"c": 1},d=[2]        or a whole object
//! --set-literal  a.b=x,y=z                 all behind the first `=` is the string
//! --set-file     a.b=path                  what the file has
//! ```
//!
//! What Helm does with odd texts is done here too, also where it drops something without a word (`a[0`).

use std::ops::Range;
use std::rc::Rc;

use super::json::{self, Target};
use super::placed::Placed;
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Entry, Int, List, Map, MapType, Value};
use crate::limits::Limit;
use crate::source::{SourceId, Span};

/// Which flag it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `--set`
    Set,
    /// `--set-string`
    SetString,
    /// `--set-json`
    SetJson,
    /// `--set-literal`
    SetLiteral,
    /// `--set-file`
    SetFile,
}

/// Why a flag cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetError {
    /// What is wrong, as Helm says it.
    pub message: String,
    /// The place in the flag.
    pub span: Span,
}

/// Puts what a flag says into values. `text` is all of `source`; `read_file` gives the bytes of a file for `--set-file`.
///
/// # Errors
/// What is wrong with the flag. What stands before that may have been put into the values.
pub fn set(
    values: &Map,
    flag: Flag,
    text: &str,
    source: SourceId,
    read_file: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
) -> Result<(), SetError> {
    let placed = Placed::Source(source, 0);
    let trimmed = text.trim();
    if flag == Flag::SetJson && trimmed.starts_with('{') {
        let offset = text.len() - text.trim_start().len();
        let place = Span::new(source, offset, offset + trimmed.len());
        return set_object(values, trimmed, Placed::Source(source, offset))
            .map_err(|message| SetError { message, span: place });
    }
    let mut parser = Parser { text, at: 0, placed, flag, read_file, depth: 0 };
    loop {
        match parser.key(values, 0) {
            Ok(End::More) => {}
            Ok(End::OfText) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// `--set-json {…}`: an object, merged into the values.
fn set_object(values: &Map, text: &str, placed: Placed<'_>) -> Result<(), String> {
    let refused = || format!("failed parsing --set-json data JSON: {text}");
    let (value, end) = json::parse_first(text.as_bytes(), placed).map_err(|_| refused())?;
    if !text.get(end..).unwrap_or_default().trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err(refused());
    }
    if let Value::Map(map) = Target::Map.take(value).map_err(|_| refused())? {
        merge(values, &map);
    }
    Ok(())
}

/// Puts the entries of one map into another; maps under the same key are merged.
pub(super) fn merge(into: &Map, from: &Map) {
    for (key, entry) in from.entries.borrow().iter() {
        if let (Some(Value::Map(old)), Value::Map(new)) = (into.get(key), &entry.value) {
            merge(&old, new);
        } else {
            into.entries.borrow_mut().insert(key.clone(), entry.clone());
        }
    }
}

/// Whether something may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Another key may follow.
    More,
    /// The text ended where that is no error.
    OfText,
}

/// Characters up to a stop.
struct Run {
    text: String,
    range: Range<usize>,
    /// The stop; none at the end of the text.
    stop: Option<char>,
}

/// The largest index of a list.
const MAX_INDEX: i64 = 65536;

/// Names inside each other.
const MAX_NAMES: usize = 30;

struct Parser<'t, 'f> {
    text: &'t str,
    at: usize,
    placed: Placed<'t>,
    flag: Flag,
    read_file: &'f mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    /// Lists and maps inside each other, of any kind.
    depth: usize,
}

type Outcome<T> = Result<T, SetError>;

impl Parser<'_, '_> {
    fn fail<T>(&self, message: impl Into<String>, range: Range<usize>) -> Outcome<T> {
        Err(SetError { message: message.into(), span: self.placed.span(range) })
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn take(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn until(&mut self, stops: &[char]) -> Run {
        let mut text = String::new();
        let start = self.at;
        loop {
            let end = self.at;
            match self.take() {
                None => return Run { text, range: start..end, stop: None },
                Some(stop) if stops.contains(&stop) => {
                    return Run { text, range: start..end, stop: Some(stop) };
                }
                Some('\\') if self.flag != Flag::SetLiteral => match self.take() {
                    None => return Run { text, range: start..end, stop: None },
                    Some(escaped) => text.push(escaped),
                },
                Some(character) => text.push(character),
            }
        }
    }

    fn key(&mut self, data: &Map, names: usize) -> Outcome<End> {
        let stops: &[char] =
            if self.flag == Flag::SetLiteral { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let key = self.until(stops);
        let Some(stop) = key.stop else {
            if key.text.is_empty() {
                return Ok(End::OfText);
            }
            return self.fail(format!("key {} has no value", quoted(&key.text)), key.range);
        };
        match stop {
            '[' => self.index(data, &key, names),
            '=' => self.value_of_key(data, &key),
            ',' => {
                let message = format!("key {} has no value (cannot end with ,)", quoted(&key.text));
                self.fail(message, key.range)
            }
            _ => self.name(data, &key, names + 1),
        }
    }

    fn put(&self, data: &Map, key: &Run, value: Value) {
        if !key.text.is_empty() {
            let origin = self.placed.origin(key.range.clone());
            data.entries.borrow_mut().insert(key.text.as_bytes().into(), Entry { key: origin, value });
        }
    }

    /// Go's conversion of an `interface{}`, which panics.
    fn mismatch<T>(&self, value: &Value, wanted: &str, range: Range<usize>) -> Outcome<T> {
        let is = match value {
            Value::Nil => "nil",
            Value::Bool(..) => "bool",
            Value::Int(..) => "int64",
            Value::Float(..) => "float64",
            Value::List(_) => "[]interface {}",
            Value::Map(_) => "map[string]interface {}",
            _ => "string",
        };
        let message =
            format!("unable to parse key: interface conversion: interface {{}} is {is}, not {wanted}");
        self.fail(message, range)
    }

    /// `name.…`
    fn name(&mut self, data: &Map, key: &Run, names: usize) -> Outcome<End> {
        if names > MAX_NAMES {
            let message = format!(
                "value name nested level is greater than maximum supported nested level of {MAX_NAMES}"
            );
            return self.fail(message, key.range.clone());
        }
        let inner = match data.get(key.text.as_bytes()) {
            None => Rc::new(Map::new(MapType::Any)),
            Some(Value::Map(map)) => map,
            Some(other) => return self.mismatch(&other, "map[string]interface {}", key.range.clone()),
        };
        let end = self.deeper(key.range.clone(), |parser| parser.key(&inner, names))?;
        if !inner.is_empty() {
            // A map that was there keeps the place of its key.
            if data.get(key.text.as_bytes()).is_none() {
                self.put(data, key, Value::Map(inner));
            }
        } else if end == End::More {
            return self.fail(format!("key map {} has no value", quoted(&key.text)), key.range.clone());
        }
        Ok(end)
    }

    /// `key[…`
    fn index(&mut self, data: &Map, key: &Run, names: usize) -> Outcome<End> {
        let Some(index) = self.key_index()? else { return Ok(End::OfText) };
        let mut items = match data.get(key.text.as_bytes()) {
            None => Vec::new(),
            Some(Value::List(list)) => items_of(&list),
            Some(other) => return self.mismatch(&other, "[]interface {}", key.range.clone()),
        };
        let end = self.item(&mut items, index, names)?;
        self.put(data, key, Value::list(items));
        Ok(end)
    }

    /// An index up to its `]`; none where the text ends before that, which Helm takes for the end of the flag.
    fn key_index(&mut self) -> Outcome<Option<i64>> {
        let run = self.until(&[']']);
        if run.stop.is_none() {
            return Ok(None);
        }
        match run.text.parse::<i64>() {
            Ok(index) => Ok(Some(index)),
            Err(error) => {
                use std::num::IntErrorKind::{NegOverflow, PosOverflow};
                let reason = match error.kind() {
                    PosOverflow | NegOverflow => "value out of range",
                    _ => "invalid syntax",
                };
                let text = quoted(&run.text);
                self.fail(format!("error parsing index: strconv.Atoi: parsing {text}: {reason}"), run.range)
            }
        }
    }

    /// What stands behind an index.
    fn item(&mut self, items: &mut Vec<Value>, index: i64, names: usize) -> Outcome<End> {
        let begin = self.at;
        if index < 0 {
            return self.fail(format!("negative {index} index not allowed"), begin..begin);
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let run = self.until(&['[', '.', '=']);
        if !run.text.is_empty() {
            let runes: Vec<String> = run.text.chars().map(|rune| format!("{rune:?}")).collect();
            let message = format!("unexpected data at end of array index: [{}]", runes.join(" "));
            return self.fail(message, run.range);
        }
        match run.stop {
            None => Ok(End::OfText),
            Some('=') => {
                let (value, _) = self.value()?;
                self.put_item(items, index, value)
            }
            Some('[') => {
                let Some(next) = self.key_index()? else { return Ok(End::OfText) };
                let mut inner = match items.get(at) {
                    None | Some(Value::Nil) => Vec::new(),
                    Some(Value::List(list)) => items_of(list),
                    Some(other) => return self.mismatch(&other.clone(), "[]interface {}", run.range),
                };
                if self.deeper(run.range, |parser| parser.item(&mut inner, next, names))? == End::OfText {
                    return Ok(End::OfText);
                }
                self.put_item(items, index, Value::list(inner))
            }
            Some(_) => {
                let inner = match items.get(at) {
                    Some(Value::Map(map)) => Rc::clone(map),
                    _ => Rc::new(Map::new(MapType::Any)),
                };
                if let Some(item) = items.get_mut(at) {
                    *item = Value::Map(Rc::clone(&inner));
                }
                if self.deeper(run.range, |parser| parser.key(&inner, names))? == End::OfText {
                    return Ok(End::OfText);
                }
                self.put_item(items, index, Value::Map(inner))
            }
        }
    }

    fn put_item(&self, items: &mut Vec<Value>, index: i64, value: Value) -> Outcome<End> {
        if index > MAX_INDEX {
            let message = format!("index of {index} is greater than maximum supported index of {MAX_INDEX}");
            return self.fail(message, self.at..self.at);
        }
        let at = usize::try_from(index).unwrap_or_default();
        if items.len() <= at {
            items.resize_with(at + 1, Value::default);
        }
        if let Some(item) = items.get_mut(at) {
            *item = value;
        }
        Ok(End::More)
    }

    /// Bounds what Helm does not: indexes and names that follow each other without end.
    fn deeper<T>(&mut self, range: Range<usize>, inside: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.depth += 1;
        if self.depth > usize::try_from(Limit::PathSteps.standard()).unwrap_or(usize::MAX) {
            let most = Limit::PathSteps.row().said(Limit::PathSteps.standard());
            return self.fail(format!("a path has more than {most} steps"), range);
        }
        let result = inside(self);
        self.depth -= 1;
        result
    }

    fn value_of_key(&mut self, data: &Map, key: &Run) -> Outcome<End> {
        let (value, end) = self.value()?;
        self.put(data, key, value);
        Ok(end)
    }

    /// What stands behind `=`.
    fn value(&mut self) -> Outcome<(Value, End)> {
        match self.flag {
            Flag::SetJson => self.json_value().map(|value| (value, End::More)),
            Flag::SetLiteral => {
                let start = self.at;
                self.at = self.text.len();
                let bytes = self.text.get(start..).unwrap_or_default();
                let text = self.placed.verbatim(bytes.as_bytes(), start..self.at, start..self.at);
                Ok((Value::String(text), End::More))
            }
            _ => match self.peek() {
                None => Ok((Value::String(self.placed.made("", self.at..self.at)), End::OfText)),
                Some('{') => self.list().map(|list| (list, End::More)),
                Some(_) => {
                    let run = self.until(&[',']);
                    Ok((self.typed(&run)?, End::More))
                }
            },
        }
    }

    fn list(&mut self) -> Outcome<Value> {
        let start = self.at;
        self.take();
        let mut items = Vec::new();
        loop {
            let run = self.until(&[',', '}']);
            if run.stop.is_none() {
                return self.fail("list must terminate with '}'", start..run.range.end);
            }
            let ends = run.stop == Some('}');
            if ends && self.peek() == Some(',') {
                self.take();
            }
            items.push(self.typed(&run)?);
            if ends {
                return Ok(Value::list(items));
            }
        }
    }

    /// A value by its look.
    fn typed(&mut self, run: &Run) -> Outcome<Value> {
        let origin = self.placed.origin(run.range.clone());
        let text = run.text.as_str();
        let string = |origin: Origin| Value::String(Text::new(text, origin));
        match self.flag {
            Flag::SetFile => match (self.read_file)(text) {
                Ok(bytes) => return Ok(Value::String(Text::new(bytes, origin))),
                Err(message) => return self.fail(message, run.range.clone()),
            },
            Flag::Set => {}
            _ => return Ok(string(origin)),
        }
        let is = |word: &str| {
            text.chars().count() == word.len()
                && text.chars().zip(word.chars()).all(|(mine, theirs)| {
                    // U+017F is a long s, which Go folds too.
                    mine.eq_ignore_ascii_case(&theirs) || (mine == '\u{17f}' && theirs == 's')
                })
        };
        if is("true") || is("false") {
            return Ok(Value::Bool(is("true"), origin));
        }
        if is("null") {
            return Ok(Value::Nil);
        }
        let integer = if text == "0" || !text.starts_with('0') { text.parse::<i64>().ok() } else { None };
        Ok(match integer {
            Some(value) => Value::Int(Int::int64(value), origin),
            None => string(origin),
        })
    }

    /// Blanks and a comma: whether nothing else stands before the comma.
    fn is_empty_value(&mut self) -> bool {
        loop {
            match self.peek() {
                None => return true,
                Some(',') => {
                    self.take();
                    return true;
                }
                Some(character) if character.is_whitespace() => {
                    self.take();
                }
                Some(_) => return false,
            }
        }
    }

    fn json_value(&mut self) -> Outcome<Value> {
        if self.is_empty_value() {
            return Ok(Value::Nil);
        }
        let start = self.at;
        let Placed::Source(source, offset) = self.placed else { return Ok(Value::Nil) };
        let rest = self.text.get(start..).unwrap_or_default();
        match json::parse_first(rest.as_bytes(), Placed::Source(source, offset + start)) {
            Ok((value, length)) => {
                self.at = start + length;
                self.is_empty_value();
                Ok(value)
            }
            Err((message, at)) => self.fail(message, start + at..start + at),
        }
    }
}

fn items_of(list: &List) -> Vec<Value> {
    list.items.clone()
}

/// A text in quotes, as Go's `%q` has it.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;

    fn apply(flag: Flag, text: &str) -> (Session, Rc<Map>, Result<(), SetError>) {
        let session = Session::new();
        let source = session.add_source(SourceKind::Flag, "--set", text);
        let values = Rc::new(Map::new(MapType::Any));
        let done = set(&values, flag, text, source, &mut |path| match path {
            "missing" => Err("no such file".to_owned()),
            path => Ok(format!("<{path}>").into_bytes()),
        });
        (session, values, done)
    }

    /// The tables were asked of Helm (`tests/helm/codecs/make.py`).
    #[test]
    fn flags_are_read_as_helm_reads_them() {
        let tables = [
            (Flag::Set, include_str!("../../tests/helm/codecs/set.json")),
            (Flag::SetString, include_str!("../../tests/helm/codecs/set-string.json")),
            (Flag::SetJson, include_str!("../../tests/helm/codecs/set-json.json")),
            (Flag::SetLiteral, include_str!("../../tests/helm/codecs/set-literal.json")),
        ];
        for (flag, table) in tables {
            let rows: Vec<(String, Option<String>)> = serde_json::from_str(table).unwrap();
            for (given, expected) in rows {
                let (_, values, done) = apply(flag, &given);
                let printed = json::print(&Value::Map(values)).unwrap();
                let found: Option<serde_json::Value> =
                    done.is_ok().then(|| serde_json::from_slice(printed.as_bytes()).unwrap());
                let expected: Option<serde_json::Value> =
                    expected.map(|text| serde_json::from_str(&text).unwrap());
                let alike = |a: &serde_json::Value, b: &serde_json::Value| a == b || json_of(a) == json_of(b);
                let same = match (&found, &expected) {
                    (Some(found), Some(expected)) => alike(found, expected),
                    (None, None) => true,
                    _ => false,
                };
                assert!(same, "{flag:?} {given:?}: {found:?}, and Helm has {expected:?} ({done:?})");
            }
        }
    }

    /// With numbers as Go writes them: Helm's binding to Python writes a whole number without its fraction.
    fn json_of(value: &serde_json::Value) -> String {
        let value = json::parse(&Text::plain(value.to_string())).unwrap();
        json::print(&value).unwrap().to_str().into_owned()
    }

    #[test]
    fn values_and_errors_know_their_place_in_the_flag() {
        let (session, values, _) = apply(Flag::Set, "a.b=12,c={x,true}");
        let Some(Value::Map(a)) = values.get(b"a") else { panic!() };
        assert_eq!(session.text(a.get(b"b").unwrap().origin().value), "12");
        assert_eq!(session.text(a.entries.borrow()[&b"b"[..]].key.value), "b");
        let Some(Value::List(c)) = values.get(b"c") else { panic!() };
        assert_eq!(session.text(c.items[1].origin().value), "true");
        let (session, values, _) = apply(Flag::SetJson, "a={\"b\": \"c\"}");
        let Some(Value::Map(a)) = values.get(b"a") else { panic!() };
        assert_eq!(session.text(a.get(b"b").unwrap().origin().value), "\"c\"");
        for (text, place) in [("a=1,bc", "bc"), ("a[x]=1", "x"), ("a=1,b.c=2,a.d=3", "a")] {
            let (session, _, done) = apply(Flag::Set, text);
            assert_eq!(session.text(done.unwrap_err().span), place, "{text}");
        }
    }

    #[test]
    fn files_and_objects() {
        let (_, values, done) = apply(Flag::SetFile, "a=x,b={y,z}");
        assert!(done.is_ok());
        assert_eq!(
            json::print_raw(&Value::Map(values)).unwrap().to_str(),
            r#"{"a":"<x>","b":["<y>","<z>"]}"#
        );
        assert_eq!(apply(Flag::SetFile, "a=missing").2.unwrap_err().message, "no such file");
        let (session, values, done) = apply(Flag::SetJson, " {\"a\": [true]} ");
        assert!(done.is_ok());
        let Some(Value::List(list)) = values.get(b"a") else { panic!() };
        assert_eq!(session.text(list.items[0].origin().value), "true");
        assert!(apply(Flag::SetJson, "{\"a\": 1} x").2.is_err());
    }

    #[test]
    fn indexes_and_paths_are_bounded() {
        let (_, values, done) = apply(Flag::Set, "a[65536]=1");
        assert!(
            done.is_ok() && matches!(values.get(b"a"), Some(Value::List(list)) if list.items.len() == 65537)
        );
        assert!(apply(Flag::Set, &format!("a{}=1", "[0]".repeat(100_000))).2.is_err());
        assert!(apply(Flag::Set, &format!("{}=1", "a[0].".repeat(100_000))).2.is_err());
    }
}
