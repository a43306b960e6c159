//! Functions that tell the types of values, and whether two are the same.

use super::convert::{Answer, boolean, fixed, made};
use crate::gotemplate::compare;
use crate::gotemplate::function::{Call, Function, Param};

use Param::{Any, String as Str};

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("deepEqual", &[Any, Any], deep_equal),
    fixed("kindIs", &[Str, Any], |call| {
        boolean(call, call.text(0).as_bytes() == call.arg(1).kind_name().as_bytes())
    }),
    fixed("kindOf", &[Any], |call| made(call, call.arg(0).kind_name())),
    fixed("typeIs", &[Str, Any], |call| {
        boolean(call, call.text(0).as_bytes() == call.arg(1).type_name().as_bytes())
    }),
    fixed("typeIsLike", &[Str, Any], type_is_like),
    fixed("typeOf", &[Any], |call| made(call, call.arg(0).type_name())),
];

fn deep_equal(call: &mut Call<'_, '_>) -> Answer {
    let equal = compare::deep_equal(&call.arg(0), &call.arg(1), call.evaluation.budget())?;
    boolean(call, equal)
}

/// As `typeIs`, and a pointer is taken for what it points to.
fn type_is_like(call: &mut Call<'_, '_>) -> Answer {
    let (wanted, found) = (call.text(0), call.arg(1).type_name());
    let is_it = [found, found.strip_prefix('*').unwrap_or(found)]
        .iter()
        .any(|name| name.as_bytes() == wanted.as_bytes());
    boolean(call, is_it)
}
