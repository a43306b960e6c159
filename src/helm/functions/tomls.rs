//! Functions that write values as TOML, and read it.

use toml::value::Offset;

use super::convert::{Answer, fixed, made, refuse};
use super::dates::{self, Date};
use super::layout::{Time, Zone};
use super::named::Named;
use crate::gotemplate::error::ErrorKind;
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{List, Map, Value};
use crate::helm::numbers;
use crate::limits::Limit;

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("fromToml", &[Param::String], from_toml),
    fixed("mustToToml", &[Param::Any], |call| match printed(call)? {
        Ok(text) => made(call, text),
        Err(message) => refuse(message),
    }),
    fixed("toToml", &[Param::Any], |call| match printed(call)? {
        Ok(text) | Err(text) => made(call, text),
    }),
];

/// The value as TOML, or what cannot be written, in words.
fn printed(call: &mut Call<'_, '_>) -> Result<Result<String, String>, Failure> {
    let value = call.arg(0);
    if matches!(value, Value::Nil) {
        return refuse("reflect: call of reflect.Value.Type on zero Value");
    }
    let limits = *call.evaluation.budget().limits();
    let most = usize::try_from(limits.get(Limit::Text)).unwrap_or(usize::MAX);
    let depth = usize::try_from(limits.get(Limit::Nesting)).unwrap_or(usize::MAX);
    let mut printer = Printer { out: String::new(), most, depth };
    let result = printer.entry(&[], &value);
    call.evaluation.charge_fuel(printer.out.len() / 16 + 1)?;
    call.evaluation.charge_text(printer.out.len())?;
    match result {
        Ok(()) => Ok(Ok(printer.out)),
        Err(failure) if matches!(failure.kind, ErrorKind::Limit(_)) => Err(failure),
        Err(failure) => Ok(Err(failure.message)),
    }
}

fn too_large() -> Failure {
    Failure::limit(Limit::Nesting, "this is too large for TOML, or holds itself")
}

struct Printer {
    out: String,
    most: usize,
    depth: usize,
}

/// What decides whether a value stands behind its key or below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Nothing,
    Scalar,
    Table,
    Tables,
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        _ => false,
    }
}

/// The map that an object is written as, if it is one of those.
fn fields(value: &Value) -> Option<Value> {
    let Value::Object(object) = value else { return None };
    let plain = object.plain();
    matches!(plain, Value::Map(_)).then_some(plain)
}

fn shape(value: &Value) -> Result<Shape, Failure> {
    Ok(match value {
        value if is_nothing(value) => Shape::Nothing,
        Value::Map(_) => Shape::Table,
        Value::Object(_) if fields(value).is_some() => Shape::Table,
        Value::List(list) if !list.items.is_empty() => {
            let mut all_tables = true;
            for item in &list.items {
                match shape(item)? {
                    Shape::Nothing => return Err(Failure::new("toml: cannot encode array with nil element")),
                    Shape::Table => {}
                    Shape::Scalar | Shape::Tables => all_tables = false,
                }
            }
            if all_tables { Shape::Tables } else { Shape::Scalar }
        }
        _ => Shape::Scalar,
    })
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            char if char < ' ' || char == '\u{7f}' => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

fn key_text(key: &str) -> String {
    let is_bare = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_bare { key.to_owned() } else { quoted(key) }
}

impl Printer {
    fn check(&self, path: &[String]) -> Result<(), Failure> {
        if self.out.len() > self.most || path.len() > self.depth {
            return Err(too_large());
        }
        Ok(())
    }

    fn indent(&mut self, path: &[String]) {
        for _ in 1..path.len() {
            self.out.push_str("  ");
        }
    }

    fn line_break(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    /// A value with its key, or a table with its heading; without a path, the whole.
    fn entry(&mut self, path: &[String], value: &Value) -> Result<(), Failure> {
        self.check(path)?;
        let joined = || path.iter().map(|key| key_text(key)).collect::<Vec<_>>().join(".");
        match shape(value)? {
            Shape::Nothing if path.is_empty() => self.element(value, 0),
            Shape::Nothing => Ok(()),
            Shape::Table => {
                if path.len() == 1 {
                    self.line_break();
                }
                if !path.is_empty() {
                    self.indent(path);
                    self.out.push_str(&format!("[{}]", joined()));
                    self.line_break();
                }
                self.table(path, value)
            }
            Shape::Tables => {
                if path.is_empty() {
                    return Err(Failure::new("toml: top-level values must be Go maps or structs"));
                }
                let Value::List(list) = value else { return Ok(()) };
                for item in &list.items {
                    self.line_break();
                    self.indent(path);
                    self.out.push_str(&format!("[[{}]]", joined()));
                    self.line_break();
                    self.table(path, item)?;
                }
                Ok(())
            }
            Shape::Scalar => {
                if let Some(key) = path.last() {
                    self.indent(path);
                    self.out.push_str(&format!("{} = ", key_text(key)));
                    self.element(value, path.len())?;
                    self.out.push('\n');
                    return Ok(());
                }
                self.element(value, 0)
            }
        }
    }

    /// The keys of a map that stand behind each other, and those with headings.
    fn parted(map: &Map) -> Result<[Vec<(String, Value)>; 2], Failure> {
        let (mut direct, mut below) = (Vec::new(), Vec::new());
        for (key, entry) in &*map.entries.borrow() {
            let pair = (String::from_utf8_lossy(key).into_owned(), entry.value.clone());
            match shape(&entry.value)? {
                Shape::Table | Shape::Tables => below.push(pair),
                Shape::Nothing | Shape::Scalar => direct.push(pair),
            }
        }
        Ok([direct, below])
    }

    fn table(&mut self, path: &[String], value: &Value) -> Result<(), Failure> {
        let value = fields(value).unwrap_or_else(|| value.clone());
        let Value::Map(map) = &value else { return Ok(()) };
        for (key, value) in Printer::parted(map)?.into_iter().flatten() {
            let mut inner = path.to_vec();
            inner.push(key);
            self.entry(&inner, &value)?;
        }
        Ok(())
    }

    fn element(&mut self, value: &Value, depth: usize) -> Result<(), Failure> {
        if self.out.len() > self.most || depth > self.depth {
            return Err(too_large());
        }
        match value {
            Value::Nil => return Err(Failure::new("toml: cannot encode array with nil element")),
            Value::Bool(value, _) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Int(int, _) => self.out.push_str(&int.value().to_string()),
            Value::Float(float, _) => self.out.push_str(&float_text(*float)),
            Value::String(text) => self.out.push_str(&quoted(&text.to_str())),
            Value::Bytes(bytes) => {
                let numbers: Vec<String> = bytes.as_bytes().iter().map(u8::to_string).collect();
                self.out.push_str(&format!("[{}]", numbers.join(", ")));
            }
            Value::List(list) => self.array(list, depth)?,
            Value::Map(map) => self.inline(map, depth)?,
            Value::Object(object) => {
                if let Some(Value::Map(map)) = fields(value) {
                    return self.inline(&map, depth);
                }
                let any = object.as_any();
                if let Some(date) = any.downcast_ref::<Date>() {
                    self.out.push_str(&date.rfc3339());
                } else if let Some(named) = any.downcast_ref::<Named>() {
                    let is_duration = named.of == "time.Duration";
                    let text = if is_duration { quoted(&named.text) } else { named.number.to_string() };
                    self.out.push_str(&text);
                } else {
                    self.element(&object.plain(), depth + 1)?;
                }
            }
        }
        Ok(())
    }

    fn array(&mut self, list: &List, depth: usize) -> Result<(), Failure> {
        self.out.push('[');
        for (index, item) in list.items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            self.element(item, depth + 1)?;
        }
        self.out.push(']');
        Ok(())
    }

    /// A table in one line. Keys without a value are left out, and their commas are not.
    fn inline(&mut self, map: &Map, depth: usize) -> Result<(), Failure> {
        let [direct, below] = Printer::parted(map)?;
        self.out.push('{');
        let (direct_count, below_count) = (direct.len(), below.len());
        for (index, (key, value)) in direct.into_iter().enumerate() {
            if is_nothing(&value) {
                continue;
            }
            self.out.push_str(&format!("{} = ", key_text(&key)));
            self.element(&value, depth + 1)?;
            if below_count > 0 || index + 1 < direct_count {
                self.out.push_str(", ");
            }
        }
        for (index, (key, value)) in below.into_iter().enumerate() {
            self.out.push_str(&format!("{} = ", key_text(&key)));
            self.element(&value, depth + 1)?;
            if index + 1 < below_count {
                self.out.push_str(", ");
            }
        }
        self.out.push('}');
        Ok(())
    }
}

fn float_text(float: f64) -> String {
    if float.is_nan() {
        return if float.is_sign_negative() { "-nan" } else { "nan" }.to_owned();
    }
    if float.is_infinite() {
        return if float < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let text = numbers::general(float);
    if text.contains(['e', '.']) { text } else { format!("{text}.0") }
}

fn from_toml(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    call.evaluation.charge_fuel(text.len() / 16 + 1)?;
    call.evaluation.charge_text(text.len().saturating_mul(4))?;
    let origin = call.origin();
    let wrong = |message: String| Ok(Value::map([("Error", Value::plain_string(message))]));
    let Ok(source) = std::str::from_utf8(text.as_bytes()) else {
        return wrong("toml: invalid UTF-8".to_owned());
    };
    match source.parse::<toml::Table>() {
        Ok(table) => Ok(value_of(toml::Value::Table(table), origin)),
        Err(error) => wrong(format!("toml: {}", error.message())),
    }
}

fn value_of(value: toml::Value, origin: Origin) -> Value {
    match value {
        toml::Value::String(text) => Value::String(Text::new(text, origin)),
        toml::Value::Integer(number) => Value::int64(number).with_origin(origin),
        toml::Value::Float(number) => Value::Float(number, origin),
        toml::Value::Boolean(value) => Value::Bool(value, origin),
        toml::Value::Datetime(date) => date_of(date, origin),
        toml::Value::Array(items) => {
            Value::list(items.into_iter().map(|item| value_of(item, origin)).collect())
        }
        toml::Value::Table(table) => {
            Value::map(table.into_iter().map(|(key, item)| (key, value_of(item, origin))))
        }
    }
}

/// A date, a time or both; without a zone, the zone is called after what there is.
fn date_of(date: toml::value::Datetime, origin: Origin) -> Value {
    let (year, month, day) = match date.date {
        Some(date) => (i64::from(date.year), i64::from(date.month), i64::from(date.day)),
        None => (0, 1, 1),
    };
    let time = date.time;
    let clock = time.map_or(0, |time| {
        i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0))
    });
    let nanos = time.and_then(|time| time.nanosecond).unwrap_or(0);
    let (offset, zone) = match (date.offset, date.date, date.time) {
        (Some(Offset::Z), _, _) => (0, Zone::Utc),
        (Some(Offset::Custom { minutes: 0 }), _, _) => (0, Zone::Utc),
        (Some(Offset::Custom { minutes }), _, _) => {
            let offset = i32::from(minutes) * 60;
            (offset, Zone::Fixed(offset, "".into()))
        }
        (None, Some(_), Some(_)) => (0, Zone::Fixed(0, "datetime-local".into())),
        (None, Some(_), None) => (0, Zone::Fixed(0, "date-local".into())),
        (None, None, _) => (0, Zone::Fixed(0, "time-local".into())),
    };
    let seconds = super::layout::days_from_civil(year, month, day) * 86_400 + clock - i64::from(offset);
    dates::date(Time { seconds, nanos, zone }, origin, false)
}
