//! Functions that write values as YAML and JSON, and read them.

use super::convert::{Answer, fixed, refuse};
use crate::gotemplate::function::{Call, Function, Param};
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
    fixed("mustFromJson", &[Str], |call| read(call, json::parse).or_else(refused)),
    fixed("mustToJson", &[Any], |call| print(call, json::print).or_else(refused)),
    fixed("mustToPrettyJson", &[Any], |call| print(call, json::print_pretty).or_else(refused)),
    fixed("mustToRawJson", &[Any], |call| print(call, json::print_raw).or_else(refused)),
    fixed("mustToYaml", &[Any], |call| print(call, yaml::print).or_else(refused)),
    fixed("toJson", &[Any], |call| print(call, json::print).or_else(hidden)),
    fixed("toPrettyJson", &[Any], |call| print(call, json::print_pretty).or_else(hidden)),
    fixed("toRawJson", &[Any], |call| print(call, json::print_raw).or_else(refused)),
    fixed("toYaml", &[Any], |call| print(call, yaml::print).or_else(hidden)),
    fixed("toYamlPretty", &[Any], |call| print(call, yaml::print_pretty).or_else(hidden)),
];

/// Why there is no result.
enum Unread {
    /// What is wrong with the text or value.
    Wrong(String),
    /// A limit was reached, which cannot be hidden.
    Failed(crate::gotemplate::function::Failure),
}

fn read(call: &mut Call<'_, '_>, read: fn(&Text) -> Result<Value, String>) -> Result<Value, Unread> {
    let text = call.text(0);
    // A value of one byte takes about as much as a step, and as a list of so many items.
    call.evaluation.charge_fuel(text.len() / 16 + 1).map_err(Unread::Failed)?;
    call.evaluation.charge_text(text.len()).map_err(Unread::Failed)?;
    read(&text).map_err(Unread::Wrong)
}

fn print(call: &mut Call<'_, '_>, print: fn(&Value) -> Result<Text, String>) -> Result<Value, Unread> {
    let text = print(&call.arg(0)).map_err(Unread::Wrong)?;
    call.evaluation.charge_fuel(text.len() / 64 + 1).map_err(Unread::Failed)?;
    call.evaluation.charge_text(text.len()).map_err(Unread::Failed)?;
    Ok(Value::String(text))
}

fn in_map(reason: Unread) -> Answer {
    match reason {
        Unread::Wrong(message) => Ok(Value::map([("Error", Value::plain_string(message))])),
        Unread::Failed(failure) => Err(failure),
    }
}

fn in_list(reason: Unread) -> Answer {
    match reason {
        Unread::Wrong(message) => Ok(Value::list(vec![Value::plain_string(message)])),
        Unread::Failed(failure) => Err(failure),
    }
}

fn hidden(reason: Unread) -> Answer {
    match reason {
        Unread::Wrong(_) => Ok(Value::plain_string("")),
        Unread::Failed(failure) => Err(failure),
    }
}

fn refused(reason: Unread) -> Answer {
    match reason {
        Unread::Wrong(message) => refuse(message),
        Unread::Failed(failure) => Err(failure),
    }
}
