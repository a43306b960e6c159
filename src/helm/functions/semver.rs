//! Functions over versions.

use std::any::Any;
use std::cmp::Ordering;
use std::rc::Rc;

use super::convert::{Answer, boolean, fixed, made, refuse};
use crate::gotemplate::function::{Call, Failure, Function, Methods, Param};
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Int, IntType, Object, Value};
use crate::helm::version::{Constraint, Version};

use Param::{Any as Anything, String as Str};

const VERSION: Param = Param::Named("*semver.Version");

/// The functions of this file.
pub const TABLE: &[Function] =
    &[fixed("semver", &[Str], semver), fixed("semverCompare", &[Str, Str], semver_compare)];

/// The methods of versions.
pub const METHODS: Methods = Methods {
    of: "*semver.Version",
    functions: &[
        fixed("Compare", &[Anything, VERSION], |call| {
            let order = rank(call)?;
            super::convert::int(call, order as i64)
        }),
        fixed("Equal", &[Anything, VERSION], |call| compared(call, Ordering::is_eq)),
        fixed("GreaterThan", &[Anything, VERSION], |call| compared(call, Ordering::is_gt)),
        fixed("GreaterThanEqual", &[Anything, VERSION], |call| compared(call, Ordering::is_ge)),
        fixed("IncMajor", &[Anything], next_major),
        fixed("IncMinor", &[Anything], next_minor),
        fixed("IncPatch", &[Anything], next_patch),
        fixed("LessThan", &[Anything, VERSION], |call| compared(call, Ordering::is_lt)),
        fixed("LessThanEqual", &[Anything, VERSION], |call| compared(call, Ordering::is_le)),
        fixed("Major", &[Anything], |call| number(call, |version| version.major)),
        fixed("Metadata", &[Anything], |call| text(call, |version| version.metadata.clone())),
        fixed("Minor", &[Anything], |call| number(call, |version| version.minor)),
        fixed("Original", &[Anything], |call| text(call, |version| version.original.clone())),
        fixed("Patch", &[Anything], |call| number(call, |version| version.patch)),
        fixed("Prerelease", &[Anything], |call| text(call, |version| version.pre.clone())),
        fixed("String", &[Anything], |call| text(call, Version::to_string)),
    ],
};

/// The methods of versions that are no pointers: Go lets templates call those alone that need none.
pub const VALUE_METHODS: Methods = Methods {
    of: "semver.Version",
    functions: &[
        fixed("IncMajor", &[Anything], next_major),
        fixed("IncMinor", &[Anything], next_minor),
        fixed("IncPatch", &[Anything], next_patch),
        fixed("Major", &[Anything], |call| number(call, |version| version.major)),
        fixed("Metadata", &[Anything], |call| text(call, |version| version.metadata.clone())),
        fixed("Minor", &[Anything], |call| number(call, |version| version.minor)),
        fixed("Patch", &[Anything], |call| number(call, |version| version.patch)),
        fixed("Prerelease", &[Anything], |call| text(call, |version| version.pre.clone())),
        fixed("String", &[Anything], |call| text(call, Version::to_string)),
    ],
};

/// Go's `*semver.Version`, and `semver.Version` as some of its methods return it.
#[derive(Debug)]
struct Held {
    version: Version,
    is_pointer: bool,
    origin: Origin,
}

impl Object for Held {
    fn type_name(&self) -> &'static str {
        if self.is_pointer { "*semver.Version" } else { "semver.Version" }
    }

    fn kind_name(&self) -> &'static str {
        if self.is_pointer { "ptr" } else { "struct" }
    }

    fn field(&self, _: &str) -> Option<Value> {
        None
    }

    fn print(&self) -> String {
        self.version.to_string()
    }

    fn plain(&self) -> Value {
        Value::String(Text::new(self.version.to_string(), self.origin))
    }

    fn origin(&self) -> Origin {
        self.origin
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn semver(call: &mut Call<'_, '_>) -> Answer {
    let version = Version::parse(&call.text(0).to_str()).map_err(Failure::new)?;
    Ok(Value::Object(Rc::new(Held { version, is_pointer: true, origin: call.origin() })))
}

fn semver_compare(call: &mut Call<'_, '_>) -> Answer {
    call.evaluation.charge_fuel(call.text(0).len() / 8 + 1)?;
    let constraint = Constraint::parse(&call.text(0).to_str()).map_err(Failure::new)?;
    let version = Version::parse(&call.text(1).to_str()).map_err(Failure::new)?;
    boolean(call, constraint.check(&version))
}

fn held<'c>(call: &Call<'c, '_>, index: usize) -> Result<&'c Version, Failure> {
    let args: &'c [Value] = call.args;
    match args.get(index) {
        Some(Value::Object(object)) => match object.as_any().downcast_ref::<Held>() {
            Some(held) => Ok(&held.version),
            None => refuse("it is not a version"),
        },
        _ => refuse("it is not a version"),
    }
}

fn rank(call: &Call<'_, '_>) -> Result<Ordering, Failure> {
    Ok(held(call, 0)?.rank(held(call, 1)?))
}

fn compared(call: &mut Call<'_, '_>, holds: fn(Ordering) -> bool) -> Answer {
    let order = rank(call)?;
    boolean(call, holds(order))
}

fn number(call: &mut Call<'_, '_>, part: fn(&Version) -> u64) -> Answer {
    let number = part(held(call, 0)?);
    Ok(Value::Int(Int::of(i128::from(number), IntType::Uint64), call.origin()))
}

fn text(call: &mut Call<'_, '_>, part: fn(&Version) -> String) -> Answer {
    let text = part(held(call, 0)?);
    made(call, text)
}

/// The next release of a version.
fn next(call: &mut Call<'_, '_>, numbers: fn(&Version) -> Option<(u64, u64, u64)>) -> Answer {
    let version = held(call, 0)?;
    let Some((major, minor, patch)) = numbers(version) else {
        return refuse("version increment would overflow uint64");
    };
    let prefix = if version.original.starts_with('v') { "v" } else { "" };
    let original = format!("{prefix}{major}.{minor}.{patch}");
    let version = Version { major, minor, patch, pre: String::new(), metadata: String::new(), original };
    Ok(Value::Object(Rc::new(Held { version, is_pointer: false, origin: call.origin() })))
}

fn next_major(call: &mut Call<'_, '_>) -> Answer {
    next(call, |version| Some((version.major.checked_add(1)?, 0, 0)))
}

fn next_minor(call: &mut Call<'_, '_>) -> Answer {
    next(call, |version| Some((version.major, version.minor.checked_add(1)?, 0)))
}

/// Of a version before a release, the release.
fn next_patch(call: &mut Call<'_, '_>) -> Answer {
    next(call, |version| {
        let patch = if version.pre.is_empty() { version.patch.checked_add(1)? } else { version.patch };
        Some((version.major, version.minor, patch))
    })
}
