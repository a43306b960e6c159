//! Functions that draw from chance: here from the seed of the host, and what they give is marked as drawn.

use super::convert::{Answer, fixed, int_arg, push_rune, refuse};
use crate::gotemplate::function::{Call, Failure, Function, Param};
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Int, Value};
use crate::helm::host::{Draw, FIXED_NOW, Host};

use Param::{Int as Number, String as Str};

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("randAlpha", &[Number], |call| letters(call, "randAlpha", &|byte| byte.is_ascii_alphabetic())),
    fixed("randAlphaNum", &[Number], |call| {
        letters(call, "randAlphaNum", &|byte| byte.is_ascii_alphanumeric())
    }),
    fixed("randAscii", &[Number], |call| letters(call, "randAscii", &|byte| (32..127).contains(&byte))),
    fixed("randBytes", &[Number], rand_bytes),
    fixed("randInt", &[Number, Number], rand_int),
    fixed("randNumeric", &[Number], |call| letters(call, "randNumeric", &|byte| byte.is_ascii_digit())),
    fixed("shuffle", &[Str], shuffle),
    fixed("uuidv4", &[], uuid),
];

/// A stream of bytes for a call of a function with its arguments.
pub fn draw(call: &Call<'_, '_>, function: &str, arguments: &[&[u8]]) -> Draw {
    let mut label = vec![function.as_bytes()];
    label.extend_from_slice(arguments);
    match call.host::<Host>() {
        Some(host) => host.draw(&label),
        None => Host::fixed(FIXED_NOW).draw(&label),
    }
}

/// Whether what is drawn must be what it looks like.
pub fn is_genuine(call: &Call<'_, '_>) -> bool {
    call.host::<Host>().is_some_and(Host::is_genuine)
}

/// The origin of what was drawn.
pub fn drawn(call: &Call<'_, '_>) -> Origin {
    Origin { drawn: true, ..call.origin() }
}

/// A drawn string.
pub fn drawn_text(call: &Call<'_, '_>, bytes: impl Into<Vec<u8>>) -> Answer {
    Ok(Value::String(Text::new(bytes, drawn(call))))
}

fn letters(call: &mut Call<'_, '_>, function: &str, wanted: &dyn Fn(u8) -> bool) -> Answer {
    let count = int_arg(call, 0);
    let Ok(length) = usize::try_from(count) else { return Ok(Value::plain_string("")) };
    charge(call, length)?;
    let alphabet: Vec<u8> = (0..128).filter(|byte| wanted(*byte)).collect();
    let mut draw = draw(call, function, &[&count.to_be_bytes()]);
    let text: Vec<u8> = (0..length).map(|_| draw.one_of(&alphabet)).collect();
    drawn_text(call, text)
}

fn charge(call: &mut Call<'_, '_>, bytes: usize) -> Result<(), Failure> {
    call.evaluation.charge_text(bytes)?;
    call.evaluation.charge_fuel(bytes)
}

fn rand_bytes(call: &mut Call<'_, '_>) -> Answer {
    let count = int_arg(call, 0);
    let Ok(length) = usize::try_from(count) else {
        return refuse("runtime error: makeslice: len out of range");
    };
    charge(call, length.saturating_mul(4) / 3)?;
    use base64::Engine;
    let text = super::encoding::BASE64.encode(draw(call, "randBytes", &[&count.to_be_bytes()]).bytes(length));
    drawn_text(call, text)
}

fn rand_int(call: &mut Call<'_, '_>) -> Answer {
    let (least, most) = (int_arg(call, 0), int_arg(call, 1));
    let Some(span) = u64::try_from(most.wrapping_sub(least)).ok().filter(|span| *span > 0) else {
        return refuse("invalid argument to Intn");
    };
    let number = draw(call, "randInt", &[&least.to_be_bytes(), &most.to_be_bytes()]).below(span);
    let number = least.wrapping_add_unsigned(number);
    Ok(Value::Int(Int::new(number), drawn(call)))
}

fn shuffle(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    charge(call, text.len())?;
    let mut runes = Vec::with_capacity(text.len());
    super::convert::for_each_rune(text.as_bytes(), |rune, _| runes.push(rune.unwrap_or('\u{FFFD}')));
    let mut draw = draw(call, "shuffle", &[text.as_bytes()]);
    for last in (1..runes.len()).rev() {
        let other = usize::try_from(draw.below(last as u64 + 1)).unwrap_or(0);
        runes.swap(last, other);
    }
    let mut bytes = Vec::with_capacity(text.len());
    for rune in runes {
        push_rune(&mut bytes, rune);
    }
    drawn_text(call, bytes)
}

fn uuid(call: &mut Call<'_, '_>) -> Answer {
    let mut bytes = draw(call, "uuidv4", &[]).bytes(16);
    if let Some(version) = bytes.get_mut(6) {
        *version = *version & 0x0f | 0x40;
    }
    if let Some(variant) = bytes.get_mut(8) {
        *variant = *variant & 0x3f | 0x80;
    }
    let mut text = super::encoding::hexadecimal(&bytes);
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    drawn_text(call, text)
}
