//! Functions over lists: making, taking parts, sorting, comparing items.

use std::rc::Rc;

use super::convert::{
    Answer, NIL, boolean, fixed, int_arg, is_empty, items, items_of, made, open, refuse, string, strings,
    to_int, truncated,
};
use crate::gotemplate::compare;
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::value::{Int, List, ListType, Value};

use Param::{Any, Int as Number};

/// The functions of this file. Those that begin with `must` differ in Go by how they report an error.
pub const TABLE: &[Function] = &[
    fixed("append", &[Any, Any], append),
    fixed("chunk", &[Number, Any], chunk),
    fixed("compact", &[Any], compact),
    open("concat", &[], Any, concat),
    fixed("first", &[Any], |call| {
        Ok(items(call, 0, "find first on")?.items.first().cloned().unwrap_or_default())
    }),
    fixed("has", &[Any, Any], has),
    fixed("initial", &[Any], |call| without_ends(call, "find initial on", 0, 1)),
    fixed("last", &[Any], |call| {
        Ok(items(call, 0, "find last on")?.items.last().cloned().unwrap_or_default())
    }),
    open("list", &[], Any, list),
    fixed("mustAppend", &[Any, Any], append),
    fixed("mustChunk", &[Number, Any], chunk),
    fixed("mustCompact", &[Any], compact),
    fixed("mustFirst", &[Any], |call| {
        Ok(items(call, 0, "find first on")?.items.first().cloned().unwrap_or_default())
    }),
    fixed("mustHas", &[Any, Any], has),
    fixed("mustInitial", &[Any], |call| without_ends(call, "find initial on", 0, 1)),
    fixed("mustLast", &[Any], |call| {
        Ok(items(call, 0, "find last on")?.items.last().cloned().unwrap_or_default())
    }),
    fixed("mustPrepend", &[Any, Any], prepend),
    fixed("mustPush", &[Any, Any], append),
    fixed("mustRest", &[Any], |call| without_ends(call, "find rest on", 1, 0)),
    fixed("mustReverse", &[Any], reverse),
    open("mustSlice", &[Any], Any, slice),
    fixed("mustUniq", &[Any], uniq),
    open("mustWithout", &[Any], Any, without),
    fixed("prepend", &[Any, Any], prepend),
    fixed("push", &[Any, Any], append),
    fixed("rest", &[Any], |call| without_ends(call, "find rest on", 1, 0)),
    fixed("reverse", &[Any], reverse),
    open("seq", &[], Number, seq),
    open("slice", &[Any], Any, slice),
    fixed("sortAlpha", &[Any], sort_alpha),
    open("tuple", &[], Any, list),
    fixed("uniq", &[Any], uniq),
    fixed("until", &[Number], until),
    fixed("untilStep", &[Number, Number, Number], |call| {
        counted(call, int_arg(call, 0), int_arg(call, 1), int_arg(call, 2)).map(ints)
    }),
    open("without", &[Any], Any, without),
];

fn list(call: &mut Call<'_, '_>) -> Answer {
    call.evaluation.charge_items(call.args.len())?;
    Ok(Value::list(call.args.to_vec()))
}

fn append(call: &mut Call<'_, '_>) -> Answer {
    let mut grown = items(call, 0, "push on")?.items.clone();
    grown.push(call.arg(1));
    Ok(Value::list(grown))
}

fn prepend(call: &mut Call<'_, '_>) -> Answer {
    let list = items(call, 0, "prepend on")?;
    let mut grown = Vec::with_capacity(list.items.len() + 1);
    grown.push(call.arg(1));
    grown.extend(list.items.iter().cloned());
    Ok(Value::list(grown))
}

/// All items but some at the ends; of an empty list, `nil`.
fn without_ends(call: &mut Call<'_, '_>, asked: &str, first: usize, last: usize) -> Answer {
    let list = items(call, 0, asked)?;
    if list.items.is_empty() {
        return Ok(Value::nil_list());
    }
    let end = list.items.len().saturating_sub(last);
    Ok(Value::list(list.items.get(first..end).unwrap_or_default().to_vec()))
}

fn chunk(call: &mut Call<'_, '_>) -> Answer {
    let list = items(call, 1, "chunk")?;
    let Some(size) = usize::try_from(int_arg(call, 0)).ok().filter(|size| *size > 0) else {
        return bad_chunks(int_arg(call, 0), list.items.len());
    };
    let chunks = list.items.chunks(size).map(|chunk| Value::list(chunk.to_vec())).collect();
    Ok(chunks_of(chunks))
}

fn chunks_of(items: Vec<Value>) -> Value {
    Value::List(Rc::new(List { items, of: ListType::Named("[][]interface {}") }))
}

/// Chunks of no size or a negative one, as Go's floating-point numbers have it: mostly more or fewer than there can be.
fn bad_chunks(size: i64, items: usize) -> Answer {
    #[expect(clippy::cast_precision_loss, reason = "what Go does")]
    let count = truncated(((items as f64 - 1.0) / size as f64).floor() + 1.0);
    if count == 0 { Ok(chunks_of(Vec::new())) } else { refuse("runtime error: makeslice: len out of range") }
}

fn compact(call: &mut Call<'_, '_>) -> Answer {
    let list = items(call, 0, "compact on")?;
    Ok(Value::list(list.items.iter().filter(|item| !is_empty(item)).cloned().collect()))
}

fn concat(call: &mut Call<'_, '_>) -> Answer {
    let mut all = Vec::new();
    for value in call.args {
        if matches!(value, Value::Nil) {
            return refuse(NIL);
        }
        let Some(list) = items_of(value) else {
            return refuse(format!("Cannot concat type {} as list", value.kind_name()));
        };
        call.evaluation.charge_items(list.items.len())?;
        all.extend(list.items.iter().cloned());
    }
    call.evaluation.charge_items(all.len())?;
    Ok(if all.is_empty() { Value::nil_list() } else { Value::list(all) })
}

/// Whether a list has an item that is deeply equal to a value.
fn holds(call: &mut Call<'_, '_>, list: &[Value], wanted: &Value) -> Result<bool, Failure> {
    call.evaluation.charge_fuel(list.len() / 4 + 1)?;
    for item in list {
        let is_it = match (item, wanted) {
            (Value::String(item), Value::String(wanted)) => item == wanted,
            _ => compare::deep_equal(wanted, item, call.evaluation.budget())?,
        };
        if is_it {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has(call: &mut Call<'_, '_>) -> Answer {
    if matches!(call.arg(1), Value::Nil) {
        return boolean(call, false);
    }
    let list = items(call, 1, "find has on")?;
    let found = holds(call, &list.items, &call.arg(0))?;
    boolean(call, found)
}

fn uniq(call: &mut Call<'_, '_>) -> Answer {
    let list = items(call, 0, "find uniq on")?;
    let mut kept: Vec<Value> = Vec::new();
    for item in &list.items {
        if !holds(call, &kept, item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn without(call: &mut Call<'_, '_>) -> Answer {
    let list = items(call, 0, "find without on")?;
    let omitted = call.args.get(1..).unwrap_or_default();
    let mut kept = Vec::new();
    for item in &list.items {
        if !holds(call, omitted, item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn reverse(call: &mut Call<'_, '_>) -> Answer {
    let list = items(call, 0, "find reverse on")?;
    Ok(Value::list(list.items.iter().rev().cloned().collect()))
}

fn slice(call: &mut Call<'_, '_>) -> Answer {
    let value = call.arg(0);
    if matches!(value, Value::Nil) {
        return refuse(NIL);
    }
    let Some(list) = items_of(&value) else {
        return refuse(format!("list should be type of slice or array but {}", value.kind_name()));
    };
    if list.items.is_empty() {
        return Ok(Value::Nil);
    }
    let length = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
    let start = call.args.get(1).map_or(0, to_int);
    let end = call.args.get(2).map_or(length, to_int);
    if start < 0 || start > end || end > length {
        return refuse("reflect.Value.Slice: slice index out of bounds");
    }
    let place = |at: i64| usize::try_from(at).unwrap_or(0);
    let part = place(start)..place(end);
    call.evaluation.charge_items(part.len())?;
    Ok(match &value {
        Value::Bytes(text) => Value::Bytes(text.slice(part)),
        _ => Value::List(Rc::new(List {
            items: list.items.get(part).unwrap_or_default().to_vec(),
            of: list.of,
        })),
    })
}

fn sort_alpha(call: &mut Call<'_, '_>) -> Answer {
    let value = call.arg(0);
    if items_of(&value).is_none() {
        let text = string(call, &value)?;
        return Ok(Value::strings([text]));
    }
    let mut sorted = strings(call, &value)?;
    call.evaluation.charge_fuel(sorted.len())?;
    sorted.sort_by(|left, right| left.as_bytes().cmp(right.as_bytes()));
    Ok(Value::strings(sorted))
}

fn until(call: &mut Call<'_, '_>) -> Answer {
    let count = int_arg(call, 0);
    counted(call, 0, count, if count < 0 { -1 } else { 1 }).map(ints)
}

fn ints(numbers: Vec<Value>) -> Value {
    Value::List(Rc::new(List { items: numbers, of: ListType::Ints }))
}

/// The numbers from one on up to another, which is not among them.
fn counted(call: &mut Call<'_, '_>, start: i64, stop: i64, step: i64) -> Result<Vec<Value>, Failure> {
    let distance = i128::from(stop) - i128::from(start);
    if distance == 0 || step == 0 || (distance < 0) != (step < 0) {
        return Ok(Vec::new());
    }
    let count = (distance.unsigned_abs() - 1) / i128::from(step).unsigned_abs() + 1;
    call.evaluation.charge_items(usize::try_from(count).unwrap_or(usize::MAX))?;
    let origin = call.origin();
    let number = |value: i64| Value::Int(Int::new(value), origin);
    let mut numbers = Vec::new();
    let mut value = start;
    for _ in 0..count {
        numbers.push(number(value));
        value = value.wrapping_add(step);
    }
    Ok(numbers)
}

/// Numbers with spaces between them, the last one included.
fn seq(call: &mut Call<'_, '_>) -> Answer {
    let numbers: Vec<i64> = (0..call.args.len()).map(|index| int_arg(call, index)).collect();
    let (start, step, end, towards) = match *numbers.as_slice() {
        [end] => {
            let step = if end < 1 { -1 } else { 1 };
            (1, step, end, step)
        }
        [start, end] => {
            let step = if end < start { -1 } else { 1 };
            (start, step, end, step)
        }
        [start, step, end] if end < start && step > 0 => (start, step, start, 0),
        [start, step, end] => (start, step, end, if end < start { -1 } else { 1 }),
        _ => (0, 1, 0, 0),
    };
    let numbers = counted(call, start, end.wrapping_add(towards), step)?;
    let mut text = String::new();
    for number in numbers {
        if let Value::Int(int, _) = number {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&int.value().to_string());
        }
    }
    call.evaluation.charge_text(text.len())?;
    made(call, text)
}
