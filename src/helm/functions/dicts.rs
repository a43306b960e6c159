//! Functions over maps: making, reading, changing in place, merging, copying.

use std::rc::Rc;

use super::convert::{Answer, boolean, fixed, is_empty, map_arg, open, refuse, string};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::value::{Entry, List, Map, MapType, Value};
use crate::limits::Limit;

use Param::{Any, Map as Dict, String as Str};

/// The functions of this file. Those that begin with `must` differ in Go by how they report an error.
pub const TABLE: &[Function] = &[
    fixed("deepCopy", &[Any], deep_copy),
    open("dict", &[], Any, dict),
    open("dig", &[], Any, dig),
    fixed("get", &[Dict, Str], get),
    fixed("hasKey", &[Dict, Str], has_key),
    open("keys", &[], Dict, keys),
    open("merge", &[Dict], Dict, |call| merge_all(call, false)),
    open("mergeOverwrite", &[Dict], Dict, |call| merge_all(call, true)),
    fixed("mustDeepCopy", &[Any], deep_copy),
    open("mustMerge", &[Dict], Dict, |call| merge_all(call, false)),
    open("mustMergeOverwrite", &[Dict], Dict, |call| merge_all(call, true)),
    open("omit", &[Dict], Str, |call| chosen(call, false)),
    open("pick", &[Dict], Str, |call| chosen(call, true)),
    open("pluck", &[Str], Dict, pluck),
    fixed("set", &[Dict, Str, Any], set),
    fixed("unset", &[Dict, Str], unset),
    fixed("values", &[Dict], values),
];

/// Fails where more maps and lists stand inside each other than may: as a rule, one holds itself.
fn check_depth(call: &mut Call<'_, '_>, depth: usize) -> Result<(), Failure> {
    let limits = *call.evaluation.budget().limits();
    if depth as u64 <= limits.get(Limit::Nesting) {
        return Ok(());
    }
    let most = limits.said(Limit::Nesting);
    Err(Failure::limit(
        Limit::Nesting,
        format!("this has more than {most} lists and maps inside each other, or holds itself"),
    ))
}

fn new_map(entries: impl IntoIterator<Item = (Rc<[u8]>, Entry)>) -> Value {
    let map = Map::new(MapType::Any);
    map.entries.borrow_mut().extend(entries);
    Value::Map(Rc::new(map))
}

fn nil_map() -> Value {
    Value::Map(Rc::new(Map::new(MapType::Nil)))
}

fn dict(call: &mut Call<'_, '_>) -> Answer {
    call.evaluation.charge_items(call.args.len() / 2)?;
    let map = Map::new(MapType::Any);
    for pair in call.args.chunks(2) {
        let Some(key) = pair.first() else { continue };
        let key = string(call, key)?;
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::plain_string(""));
        map.insert(key.as_bytes(), key.origin(), value);
    }
    Ok(Value::Map(Rc::new(map)))
}

fn dig(call: &mut Call<'_, '_>) -> Answer {
    let [path @ .., default, map] = call.args else { return refuse("dig needs at least three arguments") };
    if path.is_empty() {
        return refuse("dig needs at least three arguments");
    }
    let mut value = map.clone();
    for key in path {
        let Value::String(_) = key else { return refuse(not_a("string", key)) };
    }
    for key in path {
        let Value::String(key) = key else { continue };
        let found = match &value {
            Value::Map(map) if matches!(map.of, MapType::Any | MapType::Nil) => map.get(key.as_bytes()),
            other => return refuse(not_a("map[string]interface {}", other)),
        };
        match found {
            Some(inner) => value = inner,
            None => return Ok(default.clone()),
        }
    }
    Ok(value)
}

fn not_a(wanted: &str, value: &Value) -> String {
    let found = match value {
        Value::Nil => "nil",
        other => other.type_name(),
    };
    format!("interface conversion: interface {{}} is {found}, not {wanted}")
}

fn get(call: &mut Call<'_, '_>) -> Answer {
    let found = map_arg(call, 0).and_then(|map| map.get(call.text(1).as_bytes()));
    Ok(found.unwrap_or_else(|| Value::plain_string("")))
}

fn has_key(call: &mut Call<'_, '_>) -> Answer {
    let found = map_arg(call, 0).and_then(|map| map.get(call.text(1).as_bytes()));
    boolean(call, found.is_some())
}

fn keys(call: &mut Call<'_, '_>) -> Answer {
    let mut keys = Vec::new();
    for index in 0..call.args.len() {
        let Some(map) = map_arg(call, index) else { continue };
        call.evaluation.charge_items(map.len() + keys.len())?;
        let entries = map.entries.borrow();
        keys.extend(
            entries.iter().map(|(key, entry)| crate::gotemplate::text::Text::new(key.to_vec(), entry.key)),
        );
    }
    Ok(Value::strings(keys))
}

fn values(call: &mut Call<'_, '_>) -> Answer {
    let Some(map) = map_arg(call, 0) else { return Ok(Value::list(Vec::new())) };
    call.evaluation.charge_items(map.len())?;
    let values = map.entries.borrow().values().map(|entry| entry.value.clone()).collect();
    Ok(Value::list(values))
}

fn pluck(call: &mut Call<'_, '_>) -> Answer {
    let key = call.text(0);
    let found = (1..call.args.len()).filter_map(|index| map_arg(call, index)?.get(key.as_bytes()));
    Ok(Value::list(found.collect()))
}

/// A map of the entries whose keys are named, or of all others.
fn chosen(call: &mut Call<'_, '_>, named: bool) -> Answer {
    let Some(map) = map_arg(call, 0) else { return Ok(new_map([])) };
    call.evaluation.charge_items(map.len())?;
    let names: std::collections::BTreeSet<Vec<u8>> =
        (1..call.args.len()).map(|index| call.text(index).as_bytes().to_vec()).collect();
    let entries = map.entries.borrow();
    let kept = entries.iter().filter(|(key, _)| names.contains(key.as_ref()) == named);
    Ok(new_map(kept.map(|(key, entry)| (Rc::clone(key), entry.clone()))))
}

fn set(call: &mut Call<'_, '_>) -> Answer {
    let Some(map) = map_arg(call, 0) else { return refuse("assignment to entry in nil map") };
    let key = call.text(1);
    call.evaluation.charge_items(1)?;
    map.insert(key.as_bytes(), key.origin(), call.arg(2));
    Ok(Value::Map(map))
}

fn unset(call: &mut Call<'_, '_>) -> Answer {
    let Some(map) = map_arg(call, 0) else { return Ok(nil_map()) };
    map.entries.borrow_mut().remove(call.text(1).as_bytes());
    Ok(Value::Map(map))
}

fn merge_all(call: &mut Call<'_, '_>, overwrites: bool) -> Answer {
    let sources: Vec<Rc<Map>> = (1..call.args.len()).filter_map(|index| map_arg(call, index)).collect();
    let target = match map_arg(call, 0) {
        Some(target) => target,
        None if sources.is_empty() => return Ok(nil_map()),
        None => Rc::new(Map::new(MapType::Any)),
    };
    for source in sources {
        merge(call, &target, &source, overwrites, 0)?;
    }
    Ok(Value::Map(target))
}

/// Merges one map into another, in place. What the target lacks, or holds as a zero value, it gets; the values of two maps are
/// merged, and of others the source's wins if it `overwrites`. A `nil` of the source is passed over unless it overwrites.
/// What is taken over is not copied: both maps hold the same.
fn merge(
    call: &mut Call<'_, '_>,
    target: &Rc<Map>,
    source: &Rc<Map>,
    overwrites: bool,
    depth: usize,
) -> Result<(), Failure> {
    check_depth(call, depth)?;
    if Rc::ptr_eq(target, source) && !overwrites {
        return Ok(());
    }
    let entries: Vec<(Rc<[u8]>, Entry)> =
        source.entries.borrow().iter().map(|(key, entry)| (Rc::clone(key), entry.clone())).collect();
    call.evaluation.charge_items(entries.len())?;
    for (key, entry) in entries {
        if matches!(entry.value, Value::Nil) {
            if overwrites {
                put(target, key, entry)?;
            }
            continue;
        }
        let held = target.get(&key);
        if let (Some(Value::Map(held)), Value::Map(value)) = (&held, &entry.value) {
            merge(call, held, value, overwrites, depth + 1)?;
        }
        let keeps = match &held {
            Some(held) if !is_zero(held) => {
                !overwrites || matches!((held, &entry.value), (Value::Map(_), Value::Map(_)))
            }
            _ => false,
        };
        if !keeps {
            put(target, key, entry)?;
        }
    }
    Ok(())
}

/// Puts an entry into a map, if its type takes the value.
fn put(target: &Rc<Map>, key: Rc<[u8]>, entry: Entry) -> Result<(), Failure> {
    if target.of == MapType::Strings && !matches!(entry.value, Value::String(_)) {
        return refuse("reflect.Set: value of type interface {} is not assignable to type string");
    }
    target.entries.borrow_mut().insert(key, entry);
    Ok(())
}

/// What merging takes for nothing: as `empty`, but for structs.
fn is_zero(value: &Value) -> bool {
    is_empty(value)
}

fn deep_copy(call: &mut Call<'_, '_>) -> Answer {
    match call.arg(0) {
        Value::Nil => refuse("reflect: call of reflect.Value.Type on zero Value"),
        value => copied(call, &value, 0),
    }
}

/// A copy that shares no map with the original.
fn copied(call: &mut Call<'_, '_>, value: &Value, depth: usize) -> Answer {
    check_depth(call, depth)?;
    match value {
        Value::List(list) => {
            call.evaluation.charge_items(list.items.len())?;
            let items =
                list.items.iter().map(|item| copied(call, item, depth + 1)).collect::<Result<_, _>>()?;
            Ok(Value::List(Rc::new(List { items, of: list.of })))
        }
        Value::Map(map) => {
            let entries: Vec<(Rc<[u8]>, Entry)> =
                map.entries.borrow().iter().map(|(key, entry)| (Rc::clone(key), entry.clone())).collect();
            call.evaluation.charge_items(entries.len())?;
            let copy = Map::new(map.of);
            for (key, Entry { key: origin, value }) in entries {
                let value = copied(call, &value, depth + 1)?;
                copy.insert(&key, origin, value);
            }
            Ok(Value::Map(Rc::new(copy)))
        }
        other => Ok(other.clone()),
    }
}
