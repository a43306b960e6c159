//! Functions that choose between values, and those that end a render: defaults, `ternary`, `fail`, `required`.

use super::convert::{Answer, bool_arg, boolean, fixed, is_empty, open};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::value::Value;

use Param::{Any, Bool, String as Str};

/// The functions of this file.
pub const TABLE: &[Function] = &[
    open("all", &[], Any, |call| boolean(call, !call.args.iter().any(is_empty))),
    open("any", &[], Any, |call| boolean(call, call.args.iter().any(|value| !is_empty(value)))),
    open("coalesce", &[], Any, coalesce),
    open("default", &[Any], Any, default),
    fixed("empty", &[Any], |call| boolean(call, is_empty(&call.arg(0)))),
    fixed("fail", &[Str], |call| Err(Failure::refused(call.text(0).to_str()))),
    fixed("required", &[Str, Any], required),
    fixed("ternary", &[Any, Any, Bool], |call| Ok(call.arg(usize::from(!bool_arg(call, 2))))),
];

fn coalesce(call: &mut Call<'_, '_>) -> Answer {
    Ok(call.args.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
}

fn default(call: &mut Call<'_, '_>) -> Answer {
    Ok(match call.args.get(1) {
        Some(given) if !is_empty(given) => given.clone(),
        _ => call.arg(0),
    })
}

fn required(call: &mut Call<'_, '_>) -> Answer {
    match call.arg(1) {
        Value::Nil => Err(Failure::refused(call.text(0).to_str())),
        Value::String(text) if text.is_empty() => Err(Failure::refused(call.text(0).to_str())),
        value => Ok(value),
    }
}
