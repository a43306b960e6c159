//! The functions that Go's templates have by themselves.

use std::fmt::Write;

use super::characters::{decode, is_printable};
use super::compare::{equal, less};
use super::error::Failure;
use super::function::{Call, Function, Param, Signature};
use super::print;
use super::text::{Text, TextBuilder};
use super::value::{Int, IntType, List, ListType, Value};

/// All of them.
pub(super) const TABLE: &[Function] = &[
    Function { name: "and", signature: several(&[Param::Reflect]), run: never },
    Function { name: "call", signature: several(&[Param::Reflect]), run: call },
    Function { name: "eq", signature: several(&[Param::Reflect]), run: eq },
    Function { name: "ge", signature: exactly(&[Param::Reflect, Param::Reflect]), run: ge },
    Function { name: "gt", signature: exactly(&[Param::Reflect, Param::Reflect]), run: gt },
    Function { name: "html", signature: any_number(), run: html },
    Function { name: "index", signature: several(&[Param::Reflect]), run: index },
    Function { name: "js", signature: any_number(), run: js },
    Function { name: "le", signature: exactly(&[Param::Reflect, Param::Reflect]), run: le },
    Function { name: "len", signature: exactly(&[Param::Reflect]), run: len },
    Function { name: "lt", signature: exactly(&[Param::Reflect, Param::Reflect]), run: lt },
    Function { name: "ne", signature: exactly(&[Param::Reflect, Param::Reflect]), run: ne },
    Function { name: "not", signature: exactly(&[Param::Reflect]), run: not },
    Function { name: "or", signature: several(&[Param::Reflect]), run: never },
    Function { name: "print", signature: any_number(), run: print },
    Function {
        name: "printf",
        signature: Signature { params: &[Param::String], rest: Some(Param::Any) },
        run: printf,
    },
    Function { name: "println", signature: any_number(), run: println },
    Function { name: "slice", signature: several(&[Param::Reflect]), run: slice },
    Function { name: "urlquery", signature: any_number(), run: urlquery },
];

const fn exactly(params: &'static [Param]) -> Signature {
    Signature { params, rest: None }
}

const fn several(params: &'static [Param]) -> Signature {
    Signature { params, rest: Some(Param::Reflect) }
}

const fn any_number() -> Signature {
    Signature { params: &[], rest: Some(Param::Any) }
}

type Outcome = Result<Value, Failure>;

/// `and` and `or`: the engine looks at their arguments one by one.
fn never(_call: &mut Call<'_, '_>) -> Outcome {
    Err(Failure::new("is evaluated by the engine"))
}

fn call(call: &mut Call<'_, '_>) -> Outcome {
    match call.arg(0) {
        Value::Nil => Err(Failure::new("call of nil")),
        // No value of ours is a function.
        other => Err(Failure::new(format!("non-function of type {}", other.type_name()))),
    }
}

/// A truth about the arguments.
fn truth(call: &Call<'_, '_>, truth: bool) -> Outcome {
    Ok(Value::Bool(truth, call.origin()))
}

fn compared(call: &mut Call<'_, '_>, left: &Value, right: &Value) -> Result<bool, Failure> {
    if let (Value::String(left), Value::String(right)) = (left, right) {
        call.evaluation.charge_fuel(left.len().min(right.len()) / 64)?;
    }
    equal(left, right)
}

fn eq(call: &mut Call<'_, '_>) -> Outcome {
    let Some((left, others)) = call.args.split_first() else { return truth(call, false) };
    if others.is_empty() {
        return Err(Failure::new("missing argument for comparison"));
    }
    for right in others {
        if compared(call, left, right)? {
            return truth(call, true);
        }
    }
    truth(call, false)
}

fn ne(call: &mut Call<'_, '_>) -> Outcome {
    let same = compared(call, &call.arg(0), &call.arg(1))?;
    truth(call, !same)
}

fn lt(call: &mut Call<'_, '_>) -> Outcome {
    truth(call, less(&call.arg(0), &call.arg(1))?)
}

fn le(call: &mut Call<'_, '_>) -> Outcome {
    let is_less = less(&call.arg(0), &call.arg(1))? || equal(&call.arg(0), &call.arg(1))?;
    truth(call, is_less)
}

fn gt(call: &mut Call<'_, '_>) -> Outcome {
    let is_less = less(&call.arg(0), &call.arg(1))? || equal(&call.arg(0), &call.arg(1))?;
    truth(call, !is_less)
}

fn ge(call: &mut Call<'_, '_>) -> Outcome {
    truth(call, !less(&call.arg(0), &call.arg(1))?)
}

fn not(call: &mut Call<'_, '_>) -> Outcome {
    truth(call, !call.arg(0).is_true())
}

/// An object that is a map or a list, as one.
fn opened(value: Value) -> Value {
    match &value {
        Value::Object(object) if matches!(object.kind_name(), "map" | "slice") => object.plain(),
        _ => value,
    }
}

fn len(call: &mut Call<'_, '_>) -> Outcome {
    let value = opened(call.arg(0));
    let len = match &value {
        Value::String(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.len(),
        Value::Nil => return Err(Failure::new("len of nil pointer")),
        other => return Err(Failure::new(format!("len of type {}", other.type_name()))),
    };
    Ok(Value::Int(Int::new(i64::try_from(len).unwrap_or(i64::MAX)), call.origin()))
}

/// A number that an index is, from 0 to `most`.
fn position(index: &Value, most: usize) -> Result<usize, Failure> {
    match index {
        Value::Int(int, _) => match usize::try_from(int.value()) {
            Ok(index) if index <= most => Ok(index),
            _ => Err(Failure::new(format!("index out of range: {}", int.value()))),
        },
        Value::Nil => Err(Failure::new("cannot index slice/array with nil")),
        other => Err(Failure::new(format!("cannot index slice/array with type {}", other.type_name()))),
    }
}

fn index(call: &mut Call<'_, '_>) -> Outcome {
    let mut item = call.arg(0);
    if matches!(item, Value::Nil) {
        return Err(Failure::new("index of untyped nil"));
    }
    for index in call.rest(1) {
        item = index_one(&opened(item), index)?;
    }
    Ok(item)
}

fn index_one(item: &Value, index: &Value) -> Outcome {
    let out_of_range = |index: usize| Failure::new(format!("reflect: slice index out of range: {index}"));
    match item {
        Value::Nil => Err(Failure::new("index of nil pointer")),
        Value::List(list) => {
            let at = position(index, list.items.len())?;
            list.items.get(at).cloned().ok_or_else(|| out_of_range(at))
        }
        Value::String(text) | Value::Bytes(text) => {
            let at = position(index, text.len())?;
            let byte = text.as_bytes().get(at).ok_or_else(|| out_of_range(at))?;
            Ok(Value::Int(Int::of(i128::from(*byte), IntType::Uint8), text.slice(at..at + 1).origin()))
        }
        Value::Map(map) => {
            let key = match index {
                Value::String(key) => key,
                Value::Nil => return Err(Failure::new("value is nil; should be of type string")),
                other => {
                    let message = format!("value has type {}; should be string", other.type_name());
                    return Err(Failure::new(message));
                }
            };
            let missing = if map.holds_strings() { Value::plain_string("") } else { Value::Nil };
            Ok(map.get(key.as_bytes()).unwrap_or(missing))
        }
        other => Err(Failure::new(format!("can't index item of type {}", other.type_name()))),
    }
}

fn slice(call: &mut Call<'_, '_>) -> Outcome {
    let item = opened(call.arg(0));
    let indexes = call.rest(1);
    if indexes.len() > 3 {
        return Err(Failure::new(format!("too many slice indexes: {}", indexes.len())));
    }
    let len = match &item {
        Value::Nil => return Err(Failure::new("slice of untyped nil")),
        Value::String(_) if indexes.len() == 3 => return Err(Failure::new("cannot 3-index slice a string")),
        Value::String(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.items.len(),
        other => return Err(Failure::new(format!("can't slice item of type {}", other.type_name()))),
    };
    let mut bounds = [0, len, len];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, len)?;
    }
    let [start, end, most] = bounds;
    if start > end {
        return Err(Failure::new(format!("invalid slice index: {start} > {end}")));
    }
    if end > most {
        return Err(Failure::new(format!("invalid slice index: {end} > {most}")));
    }
    Ok(match item {
        Value::String(text) => Value::String(text.slice(start..end)),
        Value::Bytes(text) => Value::Bytes(text.slice(start..end)),
        Value::List(list) => {
            call.evaluation.charge_items(end - start)?;
            let items = list.items.get(start..end).unwrap_or_default().to_vec();
            let of: ListType = list.of;
            Value::List(std::rc::Rc::new(List { items, of }))
        }
        other => other,
    })
}

fn print(call: &mut Call<'_, '_>) -> Outcome {
    print::print(call.args, call.evaluation.budget()).map(Value::String)
}

fn println(call: &mut Call<'_, '_>) -> Outcome {
    print::println(call.args, call.evaluation.budget()).map(Value::String)
}

fn printf(call: &mut Call<'_, '_>) -> Outcome {
    print::printf(&call.text(0), call.rest(1), call.evaluation.budget()).map(Value::String)
}

/// What `html`, `js` and `urlquery` work on: their arguments as `print` prints them, with `<no value>` for nothing.
fn arguments(call: &mut Call<'_, '_>) -> Result<Text, Failure> {
    if call.args.iter().any(|arg| matches!(arg, Value::Nil)) {
        let shown = |arg: &Value| match arg {
            Value::Nil => Value::plain_string("<no value>"),
            other => other.clone(),
        };
        let args: Vec<Value> = call.args.iter().map(shown).collect();
        return print::print(&args, call.evaluation.budget());
    }
    print::print(call.args, call.evaluation.budget())
}

/// The bytes of a text, some of them replaced; the others keep where they came from.
fn replaced(text: &Text, mut by: impl FnMut(char, &[u8], &mut String) -> bool) -> Text {
    let bytes = text.as_bytes();
    let mut builder = TextBuilder::default();
    let (mut at, mut kept) = (0, 0);
    let mut replacement = String::new();
    while let Some((character, len)) = decode(bytes.get(at..).unwrap_or_default()) {
        replacement.clear();
        if by(character, bytes.get(at..at + len).unwrap_or_default(), &mut replacement) {
            builder.push_part(text, kept..at);
            builder.push(replacement.as_bytes(), text.slice(at..at + len).origin().remade(len));
            kept = at + len;
        }
        at += len;
    }
    if kept == 0 {
        return text.clone();
    }
    builder.push_part(text, kept..bytes.len());
    builder.finish_or_else(|| text.origin())
}

fn html(call: &mut Call<'_, '_>) -> Outcome {
    let text = arguments(call)?;
    call.evaluation.charge_text(text.len().saturating_mul(5))?;
    let escaped = replaced(&text, |character, _, by| {
        by.push_str(match character {
            '\0' => "\u{fffd}",
            '"' => "&#34;",
            '\'' => "&#39;",
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => return false,
        });
        true
    });
    Ok(Value::String(escaped))
}

fn js(call: &mut Call<'_, '_>) -> Outcome {
    let text = arguments(call)?;
    call.evaluation.charge_text(text.len().saturating_mul(6))?;
    let escaped = replaced(&text, |character, bytes, by| {
        match character {
            '\\' => by.push_str("\\\\"),
            '\'' => by.push_str("\\'"),
            '"' => by.push_str("\\\""),
            '<' | '>' | '&' | '=' | '\0'..='\x1f' => {
                // Writing to a string cannot fail.
                let _ = write!(by, "\\u{:04X}", u32::from(character));
            }
            ' '..='\x7f' => return false,
            // A byte that is no UTF-8 is kept.
            _ if bytes.len() == 1 => return false,
            _ if is_printable(character) => return false,
            _ => {
                let _ = write!(by, "\\u{:04X}", u32::from(character));
            }
        }
        true
    });
    Ok(Value::String(escaped))
}

fn urlquery(call: &mut Call<'_, '_>) -> Outcome {
    let text = arguments(call)?;
    call.evaluation.charge_text(text.len().saturating_mul(3))?;
    let escaped = replaced(&text, |character, bytes, by| {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '~') {
            return false;
        }
        if character == ' ' {
            by.push('+');
            return true;
        }
        for byte in bytes {
            let _ = write!(by, "%{byte:02X}");
        }
        true
    });
    Ok(Value::String(escaped))
}
