//! Functions that write strings in other alphabets, and checksums.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256, Sha512};

use super::convert::{Answer, fixed, made};
use crate::gotemplate::function::{Call, Function, Param};

use Param::String as Str;

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("adler32sum", &[Str], adler32),
    fixed("b32dec", &[Str], b32dec),
    fixed("b32enc", &[Str], b32enc),
    fixed("b64dec", &[Str], b64dec),
    fixed("b64enc", &[Str], b64enc),
    fixed("sha1sum", &[Str], |call| made(call, hexadecimal(&sha1::Sha1::digest(call.text(0).as_bytes())))),
    fixed("sha256sum", &[Str], |call| made(call, hexadecimal(&Sha256::digest(call.text(0).as_bytes())))),
    fixed("sha512sum", &[Str], |call| made(call, hexadecimal(&Sha512::digest(call.text(0).as_bytes())))),
];

/// Base64 as Go's `StdEncoding` has it: padded, and bits behind the last byte may be anything.
pub const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Bytes in two digits of base 16 each.
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn b64enc(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    call.evaluation.charge_text(text.len().saturating_mul(4) / 3)?;
    made(call, BASE64.encode(text.as_bytes()))
}

fn b64dec(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    call.evaluation.charge_text(text.len())?;
    match base64_decoded(text.as_bytes()) {
        Ok(bytes) => made(call, bytes),
        Err(place) => made(call, format!("illegal base64 data at input byte {place}")),
    }
}

/// The bytes that Base64 stands for; where Go finds the first byte that does not belong there, if there is one. Line breaks are
/// passed over.
pub fn base64_decoded(text: &[u8]) -> Result<Vec<u8>, usize> {
    let digits: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    BASE64
        .decode(&digits)
        .map_err(|_| base_error(text, 4, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')))
}

/// Where Go finds the first byte that does not belong into a text of groups of digits with padding.
fn base_error(text: &[u8], group: usize, is_digit: impl Fn(u8) -> bool) -> usize {
    let mut in_group = 0;
    let mut bytes =
        text.iter().copied().enumerate().filter(|(_, byte)| !matches!(byte, b'\n' | b'\r')).peekable();
    while let Some((at, byte)) = bytes.next() {
        if is_digit(byte) {
            in_group = (in_group + 1) % group;
            continue;
        }
        if byte != b'=' || in_group < 2 {
            return at;
        }
        // One `=` behind three digits, two behind two.
        if in_group == 2 {
            match bytes.peek() {
                None => return text.len(),
                Some((next, byte)) if *byte != b'=' => return next - 1,
                Some(_) => {
                    bytes.next();
                }
            }
        }
        return bytes.peek().map_or(text.len(), |(next, _)| *next);
    }
    // So many bytes before the end, as if no line break stood between them.
    text.len() - in_group
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn b32enc(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    call.evaluation.charge_text(text.len().saturating_mul(8) / 5)?;
    let mut out = Vec::new();
    for group in text.as_bytes().chunks(5) {
        let bits =
            (0..5).fold(0_u64, |bits, index| bits << 8 | u64::from(group.get(index).copied().unwrap_or(0)));
        let digits = (group.len() * 8).div_ceil(5);
        for index in 0..8_usize {
            let digit = usize::try_from(bits >> (35 - 5 * index) & 31).unwrap_or(0);
            out.push(if index < digits { BASE32.get(digit).copied().unwrap_or(b'=') } else { b'=' });
        }
    }
    made(call, out)
}

fn b32dec(call: &mut Call<'_, '_>) -> Answer {
    let text = call.text(0);
    match base32_decoded(text.as_bytes()) {
        Ok(bytes) => made(call, bytes),
        Err(place) => made(call, format!("illegal base32 data at input byte {place}")),
    }
}

/// The bytes that Base32 stands for; where Go finds the first byte that does not belong there, if there is one.
fn base32_decoded(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let mut bits = 0_u64;
        let mut digits = 0;
        let mut ended = false;
        while digits < 8 {
            let Some(&byte) = text.get(at) else { return Err(at - digits) };
            at += 1;
            let left = text.len() - at;
            if byte == b'=' && digits >= 2 && left < 8 {
                if left + digits < 7 {
                    return Err(text.len());
                }
                if let Some(place) =
                    (0..7 - digits).find(|index| text.get(at + index).is_some_and(|byte| *byte != b'='))
                {
                    return Err(at + place - 1);
                }
                if matches!(digits, 1 | 3 | 6) {
                    return Err(at - 1);
                }
                ended = true;
                break;
            }
            let Some(digit) = BASE32.iter().position(|letter| *letter == byte) else { return Err(at - 1) };
            bits = bits << 5 | digit as u64;
            digits += 1;
        }
        let bytes = (bits << (5 * (8 - digits))).to_be_bytes();
        out.extend_from_slice(bytes.get(3..3 + digits * 5 / 8).unwrap_or_default());
        if ended {
            break;
        }
    }
    Ok(out)
}

fn adler32(call: &mut Call<'_, '_>) -> Answer {
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in call.text(0).as_bytes() {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    made(call, (high << 16 | low).to_string())
}
