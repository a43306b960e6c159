//! What all functions share: arguments as numbers and strings the way Sprig casts them, items of lists, results with origins.

use std::rc::Rc;

use crate::gotemplate::function::{Call, Failure, Function, Param, Signature};
use crate::gotemplate::print;
use crate::gotemplate::text::{Origin, Text, TextBuilder};
use crate::gotemplate::value::{Int, List, ListType, Map, Value};

/// What a function gives.
pub type Answer = Result<Value, Failure>;

/// What Go says where a function does what a `nil` cannot.
pub const NIL: &str = "runtime error: invalid memory address or nil pointer dereference";

/// A function with a fixed number of arguments.
pub const fn fixed(
    name: &'static str,
    params: &'static [Param],
    run: fn(&mut Call<'_, '_>) -> Answer,
) -> Function {
    Function { name, signature: Signature { params, rest: None }, run }
}

/// A function that takes any number of further arguments.
pub const fn open(
    name: &'static str,
    params: &'static [Param],
    rest: Param,
    run: fn(&mut Call<'_, '_>) -> Answer,
) -> Function {
    Function { name, signature: Signature { params, rest: Some(rest) }, run }
}

/// A failure in words.
pub fn refuse<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::new(message))
}

/// Sprig's `strval`: a string as it is, anything else as `print` has it.
pub fn string(call: &mut Call<'_, '_>, value: &Value) -> Result<Text, Failure> {
    match value {
        Value::String(text) | Value::Bytes(text) => Ok(text.clone()),
        other => print::display(other, call.evaluation.budget()),
    }
}

/// A boolean made of the arguments.
pub fn boolean(call: &Call<'_, '_>, value: bool) -> Answer {
    Ok(Value::Bool(value, call.origin()))
}

/// An `int64` made of the arguments.
pub fn int64(call: &Call<'_, '_>, value: i64) -> Answer {
    Ok(Value::Int(Int::int64(value), call.origin()))
}

/// An `int` made of the arguments.
pub fn int(call: &Call<'_, '_>, value: i64) -> Answer {
    Ok(Value::Int(Int::new(value), call.origin()))
}

/// A `float64` made of the arguments.
pub fn float(call: &Call<'_, '_>, value: f64) -> Answer {
    Ok(Value::Float(value, call.origin()))
}

/// A string of other bytes, made of the arguments.
pub fn made(call: &Call<'_, '_>, bytes: impl Into<Vec<u8>>) -> Answer {
    Ok(Value::String(Text::new(bytes, call.origin())))
}

/// An argument of one of the types `int`, `int64` and `uint32`.
pub fn int_arg(call: &Call<'_, '_>, index: usize) -> i64 {
    match call.args.get(index) {
        Some(Value::Int(int, _)) => wrapped(*int),
        _ => 0,
    }
}

/// A `bool` argument.
pub fn bool_arg(call: &Call<'_, '_>, index: usize) -> bool {
    matches!(call.args.get(index), Some(Value::Bool(true, _)))
}

/// A map argument; `None` for a `nil` map.
pub fn map_arg(call: &Call<'_, '_>, index: usize) -> Option<Rc<Map>> {
    match call.args.get(index) {
        Some(Value::Map(map)) if !map.is_nil() => Some(Rc::clone(map)),
        _ => None,
    }
}

/// Its value as an `int64`, with the bits of a larger one.
pub fn wrapped(int: Int) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "what a conversion in Go does")]
    let bits = int.value() as i64;
    bits
}

/// Go's conversion of a `float64` to an `int64`: towards zero, and the smallest number for whatever does not fit.
pub fn truncated(float: f64) -> i64 {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    if (-BOUND..BOUND).contains(&float) {
        #[expect(clippy::cast_possible_truncation, reason = "what a conversion in Go does")]
        let whole = float as i64;
        whole
    } else {
        i64::MIN
    }
}

/// An integer as a `float64`.
#[expect(clippy::cast_precision_loss, reason = "what a conversion in Go does")]
pub fn as_float(int: i128) -> f64 {
    int as f64
}

/// What `int64` and `int` make of anything: numbers, booleans and strings of numbers; 0 of everything else.
pub fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(int, _) => wrapped(*int),
        Value::Float(float, _) => truncated(*float),
        Value::Bool(value, _) => i64::from(*value),
        Value::String(text) => std::str::from_utf8(text.as_bytes())
            .ok()
            .and_then(|text| parse_int(without_zero_decimals(text), 0))
            .unwrap_or(0),
        Value::Object(object) => {
            object.as_any().downcast_ref::<super::named::Named>().map_or(0, |named| named.number)
        }
        Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) => 0,
    }
}

/// What `float64` makes of anything.
pub fn to_float(value: &Value) -> f64 {
    match value {
        Value::Float(float, _) => *float,
        Value::Int(int, _) => as_float(int.value()),
        Value::Bool(value, _) => f64::from(u8::from(*value)),
        Value::String(text) => std::str::from_utf8(text.as_bytes()).ok().and_then(parse_float).unwrap_or(0.0),
        Value::Object(_) => as_float(i128::from(to_int(value))),
        Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) => 0.0,
    }
}

/// Without a fraction of zeros: `1.00` is `1`.
fn without_zero_decimals(text: &str) -> &str {
    let digits = text.trim_end_matches('0');
    match digits.strip_suffix('.') {
        Some(whole) if digits.len() < text.len() => whole,
        // Points that stand before one another are passed over, and what is before the first of them with zeros behind
        // it counts.
        Some(whole) => {
            let inner = without_zero_decimals(whole);
            if inner.len() < whole.len() { inner } else { text }
        }
        None => text,
    }
}

/// Go's `strconv.ParseInt` to 64 bits: with base 0, prefixes name the base, and digits may be parted by `_`.
pub fn parse_int(text: &str, base: u32) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (base, digits) = if base == 0 { detect_base(digits)? } else { (base, digits.to_owned()) };
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(base)) {
        return None;
    }
    let value = u64::from_str_radix(&digits, base).ok()?;
    let value = if negative { -i128::from(value) } else { i128::from(value) };
    i64::try_from(value).ok()
}

/// The base that a prefix names, and the digits without it and without `_`.
fn detect_base(text: &str) -> Option<(u32, String)> {
    if !underscores_fit(text) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let (base, rest) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, lower.get(1..)?)
    } else {
        (10, lower.as_str())
    };
    Some((base, rest.replace('_', "")))
}

/// Whether each `_` of a number without a sign stands between digits, or between the prefix of a base and a digit.
fn underscores_fit(number: &str) -> bool {
    let lower = number.to_ascii_lowercase();
    let hexadecimal = lower.starts_with("0x");
    let prefixed = hexadecimal || lower.starts_with("0b") || lower.starts_with("0o");
    let mut before = if prefixed { '0' } else { '^' };
    for char in lower.chars().skip(if prefixed { 2 } else { 0 }) {
        let is_digit = char.is_ascii_digit() || hexadecimal && char.is_ascii_hexdigit();
        match char {
            '_' if before != '0' => return false,
            '_' => before = '_',
            _ if is_digit => before = '0',
            _ if before == '_' => return false,
            _ => before = '!',
        }
    }
    before != '_'
}

/// Go's `strconv.ParseFloat`: `None` also for what is too large.
pub fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), "inf" | "infinity" | "nan") {
        // A sign before `nan` is refused.
        return if lower == "nan" && unsigned.len() < text.len() { None } else { text.parse().ok() };
    }
    if !underscores_fit(&lower) {
        return None;
    }
    let digits = lower.replace('_', "");
    let value = if let Some(hexadecimal) = digits.strip_prefix("0x") {
        parse_hexadecimal_float(hexadecimal)?
    } else if digits.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        digits.parse::<f64>().ok()?
    } else {
        return None;
    };
    value.is_finite().then_some(if text.starts_with('-') { -value } else { value })
}

/// What stands after `0x` of a hexadecimal `float64`, whose exponent of two must be there.
fn parse_hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    if exponent.strip_prefix(['+', '-']).unwrap_or(exponent).bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let mut exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 {
        return None;
    }
    let mut value = 0.0_f64;
    for digit in whole.chars() {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    for digit in fraction.chars() {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
        exponent = exponent.checked_sub(4)?;
    }
    Some(value * 2.0_f64.powi(exponent))
}

/// The items of a slice: a list, bytes, or an object that is a slice.
pub fn items_of(value: &Value) -> Option<Rc<List>> {
    match value {
        Value::List(list) => Some(Rc::clone(list)),
        Value::Bytes(text) => {
            let item = |byte: &u8| {
                let int = Int::of(i128::from(*byte), crate::gotemplate::value::IntType::Uint8);
                Value::Int(int, text.origin())
            };
            let items = text.as_bytes().iter().map(item).collect();
            Some(Rc::new(List { items, of: ListType::Named("[]uint8") }))
        }
        Value::Object(object) if object.kind_name() == "slice" => match object.plain() {
            Value::List(list) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

/// The items of an argument that must be a slice; what it is asked for stands in the refusal.
pub fn items(call: &mut Call<'_, '_>, index: usize, asked: &str) -> Result<Rc<List>, Failure> {
    let value = call.arg(index);
    if matches!(value, Value::Nil) {
        return refuse(NIL);
    }
    let list =
        items_of(&value).ok_or_else(|| Failure::new(format!("Cannot {asked} type {}", value.kind_name())))?;
    call.evaluation.charge_items(list.items.len())?;
    Ok(list)
}

/// Sprig's `toStrings`: the items of a list but for `nil`, or one string.
pub fn strings(call: &mut Call<'_, '_>, value: &Value) -> Result<Vec<Text>, Failure> {
    match items_of(value) {
        Some(list) => {
            call.evaluation.charge_items(list.items.len())?;
            list.items
                .iter()
                .filter(|item| !matches!(item, Value::Nil))
                .map(|item| string(call, item))
                .collect()
        }
        None if matches!(value, Value::Nil) => Ok(Vec::new()),
        None => Ok(vec![string(call, value)?]),
    }
}

/// Sprig's `empty`: zero values, and empty strings, lists and maps.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::Bool(value, _) => !value,
        Value::Int(int, _) => int.value() == 0,
        Value::Float(float, _) => *float == 0.0,
        Value::String(text) | Value::Bytes(text) => text.is_empty(),
        Value::List(list) => list.items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Object(object) => match object.kind_name() {
            "slice" | "map" => match object.plain() {
                Value::List(list) => list.items.is_empty(),
                Value::Map(map) => map.is_empty(),
                _ => false,
            },
            "int" => {
                object.as_any().downcast_ref::<super::named::Named>().is_some_and(|named| named.number == 0)
            }
            _ => false,
        },
    }
}

/// The origin of bytes that were added around or inside a string: its own, but they are not its bytes.
pub fn beside(text: &Text) -> Origin {
    Origin { verbatim: false, ..text.origin() }
}

/// The string with its bytes changed: where their number stayed the same, each keeps its origin.
pub fn changed(text: &Text, bytes: Vec<u8>) -> Text {
    if bytes.len() != text.len() {
        return text.made(bytes);
    }
    if bytes == text.as_bytes() {
        return text.clone();
    }
    let mut builder = TextBuilder::default();
    for (range, origin) in text.segments() {
        builder.push(bytes.get(range).unwrap_or_default(), origin);
    }
    builder.finish_or_else(|| text.origin())
}

/// Each character changed; what is no UTF-8 becomes U+FFFD, as in Go's `strings.Map`.
pub fn mapped(text: &Text, mut map: impl FnMut(char) -> char) -> Text {
    let mut bytes = Vec::with_capacity(text.len());
    for_each_rune(text.as_bytes(), |rune, _| push_rune(&mut bytes, map(rune.unwrap_or('\u{FFFD}'))));
    changed(text, bytes)
}

/// Appends a character.
pub fn push_rune(bytes: &mut Vec<u8>, rune: char) {
    bytes.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Calls with each character and the place of its first byte; with `None` for each byte that is no UTF-8.
pub fn for_each_rune(bytes: &[u8], mut visit: impl FnMut(Option<char>, usize)) {
    let mut at = 0;
    while at < bytes.len() {
        let (rune, size) = decode_rune(bytes.get(at..).unwrap_or_default());
        visit(rune, at);
        at += size;
    }
}

/// The first character and its size; `None` and 1 for a byte that is no UTF-8.
pub fn decode_rune(bytes: &[u8]) -> (Option<char>, usize) {
    let Some(&first) = bytes.first() else { return (None, 0) };
    if first < 0x80 {
        return (Some(char::from(first)), 1);
    }
    let head = bytes.get(..bytes.len().min(4)).unwrap_or(bytes);
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
    };
    valid.chars().next().map_or((None, 1), |rune| (Some(rune), rune.len_utf8()))
}

/// The places of a string in another, one behind the other; those of an empty one are before each character and at the end.
pub fn occurrences(haystack: &[u8], needle: &[u8]) -> Vec<usize> {
    if needle.is_empty() {
        let mut places = Vec::new();
        for_each_rune(haystack, |_, at| places.push(at));
        places.push(haystack.len());
        return places;
    }
    memchr::memmem::find_iter(haystack, needle).collect()
}
