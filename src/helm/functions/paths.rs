//! Functions over paths with slashes.

use super::convert::{Answer, boolean, fixed};
use crate::gotemplate::function::{Call, Function, Param};
use crate::gotemplate::text::Text;
use crate::gotemplate::value::Value;

use Param::String as Str;

/// The functions of this file. Those that begin with `os` are of the system that the program runs on in Go; here all are of one
/// with slashes.
pub const TABLE: &[Function] = &[
    fixed("base", &[Str], base),
    fixed("clean", &[Str], |call| Ok(Value::String(clean(&call.text(0))))),
    fixed("dir", &[Str], dir),
    fixed("ext", &[Str], ext),
    fixed("isAbs", &[Str], is_abs),
    fixed("osBase", &[Str], base),
    fixed("osClean", &[Str], |call| Ok(Value::String(clean(&call.text(0))))),
    fixed("osDir", &[Str], dir),
    fixed("osExt", &[Str], ext),
    fixed("osIsAbs", &[Str], is_abs),
];

fn base(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Ok(Value::String(text.made(".")));
    }
    let end = bytes.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    if end == 0 {
        return Ok(Value::String(text.slice(0..1)));
    }
    let start = memchr::memrchr(b'/', bytes.get(..end).unwrap_or_default()).map_or(0, |at| at + 1);
    Ok(Value::String(text.slice(start..end)))
}

/// The shortest path that means the same: without `.`, without `..` behind a name, without doubled slashes.
pub fn clean(text: &Text) -> Text {
    let bytes = text.as_bytes();
    let rooted = bytes.first() == Some(&b'/');
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in bytes.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match kept.last() {
                Some(last) if *last != b".." => {
                    kept.pop();
                }
                _ if rooted => {}
                _ => kept.push(part),
            },
            _ => kept.push(part),
        }
    }
    let mut cleaned = if rooted { b"/".to_vec() } else { Vec::new() };
    cleaned.extend_from_slice(&kept.join(&b'/'));
    if cleaned.is_empty() {
        cleaned.push(b'.');
    }
    if cleaned == bytes { text.clone() } else { text.made(cleaned) }
}

fn dir(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    let end = memchr::memrchr(b'/', text.as_bytes()).map_or(0, |at| at + 1);
    Ok(Value::String(clean(&text.slice(0..end))))
}

fn ext(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    let bytes = text.as_bytes();
    let name = memchr::memrchr(b'/', bytes).map_or(0, |at| at + 1);
    let point = memchr::memrchr(b'.', bytes).filter(|at| *at >= name).unwrap_or(bytes.len());
    Ok(Value::String(text.slice(point..bytes.len())))
}

fn is_abs(call: &mut Call<'_, '_>) -> Answer {
    boolean(call, call.text(0).as_bytes().first() == Some(&b'/'))
}
