//! Functions that write values as YAML and JSON, and read them.

use super::convert::{Answer, fixed};
use crate::gotemplate::error::ErrorKind;
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::text::Text;
use crate::gotemplate::value::Value;
use crate::helm::{json, yaml};

use Param::{Any, String as Str};

/// The functions of this file. Those without `must` hide what is wrong: printed is an empty text, and read a value that holds
/// the message.
pub const TABLE: &[Function] = &[
    fixed("fromJson", &[Str], |call| read(call, json::parse_map).or_else(in_map)),
    fixed("fromJsonArray", &[Str], |call| read(call, json::parse_list).or_else(in_list)),
    fixed("fromYaml", &[Str], |call| read(call, yaml::parse_map).or_else(in_map)),
    fixed("fromYamlArray", &[Str], |call| read(call, yaml::parse_list).or_else(in_list)),
    fixed("mustFromJson", &[Str], |call| read(call, json::parse)),
    fixed("mustToJson", &[Any], |call| print(call, json::print)),
    fixed("mustToPrettyJson", &[Any], |call| print(call, json::print_pretty)),
    fixed("mustToRawJson", &[Any], |call| print(call, json::print_raw)),
    fixed("mustToYaml", &[Any], |call| print(call, yaml::print)),
    fixed("toJson", &[Any], |call| print(call, json::print).or_else(hidden)),
    fixed("toPrettyJson", &[Any], |call| print(call, json::print_pretty).or_else(hidden)),
    fixed("toRawJson", &[Any], |call| print(call, json::print_raw)),
    fixed("toYaml", &[Any], |call| print(call, yaml::print).or_else(hidden)),
    fixed("toYamlPretty", &[Any], |call| print(call, yaml::print_pretty).or_else(hidden)),
];

fn read(call: &mut Call<'_, '_>, read: fn(&Text) -> Result<Value, String>) -> Answer {
    let text = call.text(0);
    // A value of one byte takes about as much as a step, and as a list of so many items.
    call.evaluation.charge_fuel(text.len() / 16 + 1)?;
    call.evaluation.charge_text(text.len())?;
    read(&text).map_err(Failure::new)
}

fn print(call: &mut Call<'_, '_>, print: fn(&Value) -> Result<Text, Failure>) -> Answer {
    let text = print(&call.arg(0))?;
    call.evaluation.charge_fuel(text.len() / 64 + 1)?;
    call.evaluation.charge_text(text.len())?;
    Ok(Value::String(text))
}

/// What stands in the place of a result, made of what is wrong. A limit that was reached is never hidden.
fn instead(failure: Failure, make: impl FnOnce(Value) -> Value) -> Answer {
    match failure.kind {
        ErrorKind::Limit(_) => Err(failure),
        _ => Ok(make(Value::plain_string(failure.message))),
    }
}

fn in_map(failure: Failure) -> Answer {
    instead(failure, |message| Value::map([("Error", message)]))
}

fn in_list(failure: Failure) -> Answer {
    instead(failure, |message| Value::list(vec![message]))
}

fn hidden(failure: Failure) -> Answer {
    instead(failure, |_| Value::plain_string(""))
}
