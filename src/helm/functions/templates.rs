//! Functions that run templates, and those that ask a cluster or the network, which answer from what the host was given.

use super::convert::{Answer, fixed};
use crate::gotemplate::function::{Call, Function, Param};
use crate::gotemplate::value::Value;
use crate::helm::host::Host;

use Param::{Any, String as Str};

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("getHostByName", &[Str], |_| Ok(Value::plain_string(""))),
    fixed("include", &[Str, Any], include),
    fixed("lookup", &[Str, Str, Str, Str], lookup),
    fixed("tpl", &[Str, Any], tpl),
];

fn include(call: &mut Call<'_, '_>) -> Answer {
    let name = call.text(0);
    Ok(Value::String(call.evaluation.include(&name.to_str(), call.arg(1), call.place)?))
}

fn tpl(call: &mut Call<'_, '_>) -> Answer {
    Ok(Value::String(call.evaluation.tpl(&call.text(0), call.arg(1), call.place)?))
}

fn lookup(call: &mut Call<'_, '_>) -> Answer {
    let none: [(&str, Value); 0] = [];
    let Some(host) = call.host::<Host>() else { return Ok(Value::map(none)) };
    let texts: Vec<String> = (0..4).map(|index| call.text(index).to_str().into_owned()).collect();
    let [version, kind, namespace, name] = texts.as_slice() else { return Ok(Value::map(none)) };
    Ok(host.lookup(version, kind, namespace, name))
}
