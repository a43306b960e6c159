//! Characters as Go knows them: decoding, and what is a letter or printable.

use std::sync::LazyLock;

use regex::Regex;

/// The first character of bytes and its length; what is no UTF-8 counts as U+FFFD, one byte long.
pub(super) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    if first < 0x80 {
        return Some((char::from(first), 1));
    }
    let len = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let character = bytes.get(..len).and_then(|bytes| std::str::from_utf8(bytes).ok()?.chars().next());
    Some(character.map_or((char::REPLACEMENT_CHARACTER, 1), |character| (character, len)))
}

/// Go's `unicode.IsLetter` or `unicode.IsDigit`.
pub(super) fn is_letter_or_digit(character: char) -> bool {
    character.is_ascii_alphanumeric() || (!character.is_ascii() && belongs(&LETTERS_AND_DIGITS, character))
}

/// Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, and the ASCII space.
pub fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\0'..='\x7f' => false,
        _ => belongs(&PRINTABLE, character),
    }
}

/// A character as `%#U` prints it: `U+0078 'x'`.
pub(super) fn code_point(character: char) -> String {
    let number = format!("U+{:04X}", u32::from(character));
    if is_printable(character) { format!("{number} '{character}'") } else { number }
}

static LETTERS_AND_DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").ok());
static PRINTABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").ok());

fn belongs(class: &Option<Regex>, character: char) -> bool {
    class.as_ref().is_some_and(|class| class.is_match(character.encode_utf8(&mut [0; 4])))
}
