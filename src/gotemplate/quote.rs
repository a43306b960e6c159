//! Quoted strings as Go writes and reads them.

use std::fmt::Write;

use super::characters::{decode, is_printable};

/// Bytes as Go's `strconv.Quote` has them.
pub fn quoted(bytes: &[u8]) -> String {
    quoted_with(bytes, '"', false)
}

/// Bytes in quotes of a kind; with `ascii`, everything else is escaped.
pub(super) fn quoted_with(bytes: &[u8], quote: char, ascii: bool) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push(quote);
    let mut rest = bytes;
    while let Some((character, len)) = decode(rest) {
        if character == char::REPLACEMENT_CHARACTER && len == 1 {
            let _ = write!(text, "\\x{:02x}", rest.first().copied().unwrap_or_default());
        } else {
            push_escaped(&mut text, character, quote, ascii);
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    text.push(quote);
    text
}

/// Appends a character as it stands in quotes of a kind; with `ascii`, everything else is escaped.
pub fn push_escaped(text: &mut String, character: char, quote: char, ascii: bool) {
    let number = u32::from(character);
    // Writing to a string cannot fail.
    let _ = match character {
        '\\' => text.write_str("\\\\"),
        _ if character == quote => write!(text, "\\{character}"),
        _ if is_printable(character) && (character.is_ascii() || !ascii) => text.write_char(character),
        '\x07' => text.write_str("\\a"),
        '\x08' => text.write_str("\\b"),
        '\x0c' => text.write_str("\\f"),
        '\n' => text.write_str("\\n"),
        '\r' => text.write_str("\\r"),
        '\t' => text.write_str("\\t"),
        '\x0b' => text.write_str("\\v"),
        _ if number < 0x20 || number == 0x7f => write!(text, "\\x{number:02x}"),
        _ if number < 0x10000 => write!(text, "\\u{number:04x}"),
        _ => write!(text, "\\U{number:08x}"),
    };
}

/// Whether bytes can stand between back quotes.
pub(super) fn can_be_raw(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        !text.chars().any(|c| (c < ' ' && c != '\t') || matches!(c, '`' | '\x7f' | '\u{feff}'))
    })
}

/// What a string in double or back quotes says; none if it is not well formed.
pub(super) fn unquote(quoted: &[u8]) -> Option<Vec<u8>> {
    match quoted {
        [b'`', inner @ .., b'`'] => Some(inner.iter().copied().filter(|byte| *byte != b'\r').collect()),
        [b'"', inner @ .., b'"'] => {
            let mut rest = inner;
            let mut bytes = Vec::with_capacity(inner.len());
            while !rest.is_empty() {
                match unquote_one(&mut rest, b'"')? {
                    Unquoted::Byte(byte) => bytes.push(byte),
                    Unquoted::Character(character) => {
                        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    Unquoted::Raw(raw) => bytes.push(raw),
                }
            }
            Some(bytes)
        }
        _ => None,
    }
}

/// What a character in single quotes says; none if it is not well formed.
pub(super) fn unquote_character(quoted: &[u8]) -> Option<u32> {
    let [b'\'', inner @ .., b'\''] = quoted else { return None };
    let mut rest = inner;
    let character = match decode(rest) {
        Some((character, len)) if !matches!(character, '\\' | '\'' | '\n') => {
            rest = rest.get(len..)?;
            u32::from(character)
        }
        _ => match unquote_one(&mut rest, b'\'')? {
            Unquoted::Byte(byte) | Unquoted::Raw(byte) => u32::from(byte),
            Unquoted::Character(character) => u32::from(character),
        },
    };
    rest.is_empty().then_some(character)
}

/// What one character or escape says.
enum Unquoted {
    /// A byte that an escape names.
    Byte(u8),
    Character(char),
    /// A byte as it stands there.
    Raw(u8),
}

fn unquote_one(rest: &mut &[u8], quote: u8) -> Option<Unquoted> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    if *first == quote || *first == b'\n' {
        return None;
    }
    if *first != b'\\' {
        return Some(Unquoted::Raw(*first));
    }
    let (sign, after) = rest.split_first()?;
    *rest = after;
    let byte = match sign {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        b'\'' | b'"' if *sign == quote => *sign,
        b'x' => return Some(Unquoted::Byte(u8::try_from(digits(rest, 2, 16)?).ok()?)),
        b'u' => return Some(Unquoted::Character(char::from_u32(digits(rest, 4, 16)?)?)),
        b'U' => return Some(Unquoted::Character(char::from_u32(digits(rest, 8, 16)?)?)),
        b'0'..=b'7' => {
            let high = u32::from(sign - b'0') * 64;
            return Some(Unquoted::Byte(u8::try_from(high + digits(rest, 2, 8)?).ok()?));
        }
        _ => return None,
    };
    Some(Unquoted::Byte(byte))
}

fn digits(rest: &mut &[u8], count: usize, base: u32) -> Option<u32> {
    let (number, after) = rest.split_at_checked(count)?;
    *rest = after;
    number
        .iter()
        .try_fold(0u32, |sum, digit| sum.checked_mul(base)?.checked_add(char::from(*digit).to_digit(base)?))
}
