//! Functions that change the case of letters, and the classes of characters that they go by.

use unicode_general_category::{GeneralCategory, get_general_category};

use super::convert::{Answer, fixed, for_each_rune, made, mapped, push_rune};
use crate::gotemplate::function::{Call, Function, Param};
use crate::gotemplate::value::Value;

/// The functions of this file.
pub const TABLE: &[Function] = &[
    fixed("camelcase", &[Param::String], camelcase),
    fixed("kebabcase", &[Param::String], |call| joined_words(call, '-')),
    fixed("lower", &[Param::String], |call| Ok(Value::String(mapped(&call.text(0), lower)))),
    fixed("snakecase", &[Param::String], |call| joined_words(call, '_')),
    fixed("swapcase", &[Param::String], swapcase),
    fixed("title", &[Param::String], title_case),
    fixed("untitle", &[Param::String], untitle),
    fixed("upper", &[Param::String], |call| Ok(Value::String(mapped(&call.text(0), upper)))),
];

/// The one character that is the capital of another; itself if there is none, or if it would be several.
fn upper(rune: char) -> char {
    let mut mapped = rune.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => single,
        _ => match rune {
            '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => shifted(rune, 8),
            '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => shifted(rune, 9),
            _ => rune,
        },
    }
}

fn shifted(rune: char, by: u32) -> char {
    char::from_u32(u32::from(rune) + by).unwrap_or(rune)
}

/// The one character that is the small letter of another.
fn lower(rune: char) -> char {
    rune.to_lowercase().next().unwrap_or(rune)
}

/// The character that begins a word: the capital, but for letters made of two.
fn title(rune: char) -> char {
    match rune {
        '\u{01C4}'..='\u{01C6}' => '\u{01C5}',
        '\u{01C7}'..='\u{01C9}' => '\u{01C8}',
        '\u{01CA}'..='\u{01CC}' => '\u{01CB}',
        '\u{01F1}'..='\u{01F3}' => '\u{01F2}',
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => rune,
        _ => upper(rune),
    }
}

fn is_upper(rune: char) -> bool {
    get_general_category(rune) == GeneralCategory::UppercaseLetter
}

fn is_lower(rune: char) -> bool {
    get_general_category(rune) == GeneralCategory::LowercaseLetter
}

fn is_title(rune: char) -> bool {
    get_general_category(rune) == GeneralCategory::TitlecaseLetter
}

fn is_letter(rune: char) -> bool {
    use GeneralCategory::{LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter};
    matches!(
        get_general_category(rune),
        LowercaseLetter | ModifierLetter | OtherLetter | TitlecaseLetter | UppercaseLetter
    )
}

fn is_number(rune: char) -> bool {
    use GeneralCategory::{DecimalNumber, LetterNumber, OtherNumber};
    matches!(get_general_category(rune), DecimalNumber | LetterNumber | OtherNumber)
}

fn is_punctuation(rune: char) -> bool {
    use GeneralCategory::{
        ClosePunctuation, ConnectorPunctuation, DashPunctuation, FinalPunctuation, InitialPunctuation,
        OpenPunctuation, OtherPunctuation,
    };
    matches!(
        get_general_category(rune),
        ClosePunctuation
            | ConnectorPunctuation
            | DashPunctuation
            | FinalPunctuation
            | InitialPunctuation
            | OpenPunctuation
            | OtherPunctuation
    )
}

/// Letters at the beginning of words as capitals. Words are parted by white space, and by signs of ASCII but `_`.
fn title_case(call: &mut Call<'_, '_>) -> Answer {
    let mut before = ' ';
    let text = mapped(&call.text(0), |rune| {
        let begins = is_separator(before);
        before = rune;
        if begins { title(rune) } else { rune }
    });
    Ok(Value::String(text))
}

fn is_separator(rune: char) -> bool {
    if rune.is_ascii() {
        return !(rune.is_ascii_alphanumeric() || rune == '_');
    }
    rune.is_whitespace()
}

/// The first letter of each word as a small one. Words are parted by white space.
fn untitle(call: &mut Call<'_, '_>) -> Answer {
    let mut begins = true;
    let text = mapped(&call.text(0), |rune| {
        if rune.is_whitespace() {
            begins = true;
            return rune;
        }
        let first = std::mem::replace(&mut begins, false);
        if first { lower(rune) } else { rune }
    });
    Ok(Value::String(text))
}

fn swapcase(call: &mut Call<'_, '_>) -> Answer {
    let mut after_space = true;
    let text = mapped(&call.text(0), |rune| {
        if is_upper(rune) || is_title(rune) {
            after_space = false;
            lower(rune)
        } else if is_lower(rune) {
            if std::mem::replace(&mut after_space, false) { title(rune) } else { upper(rune) }
        } else {
            after_space = rune.is_whitespace();
            rune
        }
    });
    Ok(Value::String(text))
}

/// What may stand between words.
fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || rune.is_whitespace()
}

/// The characters, with U+FFFD for what is none.
fn runes(bytes: &[u8]) -> Vec<char> {
    let mut runes = Vec::with_capacity(bytes.len());
    for_each_rune(bytes, |rune, _| runes.push(rune.unwrap_or('\u{FFFD}')));
    runes
}

/// Words begin with a capital and are joined, as type names are written. Connectors at the beginning stay, and all but one
/// of several.
fn camelcase(call: &mut Call<'_, '_>) -> Answer {
    let runes = runes(call.text(0).as_bytes());
    let mut out = Vec::with_capacity(runes.len());
    let mut rest = runes.iter().copied();
    let mut last = None;
    let mut first_is_upper = false;
    for rune in rest.by_ref() {
        if is_connector(rune) {
            push_rune(&mut out, rune);
            last = Some(rune);
        } else {
            first_is_upper = is_upper(rune);
            last = Some(upper(rune));
            break;
        }
    }
    let Some(mut last) = last else { return made(call, out) };
    for rune in rest {
        let before = last;
        last = rune;
        if is_connector(rune) && is_connector(before) {
            push_rune(&mut out, before);
            continue;
        }
        if is_connector(before) {
            first_is_upper = is_upper(rune);
            last = upper(rune);
        } else {
            if first_is_upper {
                if is_upper(rune) {
                    last = lower(rune);
                } else {
                    first_is_upper = false;
                }
            }
            push_rune(&mut out, before);
        }
    }
    push_rune(&mut out, last);
    made(call, out)
}

/// What a word is made of, for [`joined_words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// Nothing, or bytes that are no characters up to the end.
    Invalid,
    Number,
    /// Begins with a capital.
    UpperCase,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// Words in small letters with a connector between them.
fn joined_words(call: &mut Call<'_, '_>, connector: char) -> Answer {
    let text = call.text(0);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let (mut kind, mut word) = next_word(&mut rest);
    while !rest.is_empty() {
        if kind != Word::Connector {
            push_lower(&mut out, kind, word, connector);
        }
        let (before, last) = (kind, word);
        (kind, word) = next_word(&mut rest);
        match before {
            Word::Number => {
                push_alphanumerics(&mut out, &mut kind, &mut word, &mut rest, connector);
                if !matches!(kind, Word::Invalid | Word::Punctuation | Word::Connector) {
                    push_rune(&mut out, connector);
                }
            }
            Word::Connector => push_lower(&mut out, before, last, connector),
            Word::Punctuation => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punctuation) {
                    push_rune(&mut out, connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word) = next_word(&mut rest);
                if kind != Word::Alphabet {
                    push_lower(&mut out, Word::Number, number, connector);
                    if !matches!(kind, Word::Connector | Word::Punctuation) {
                        push_rune(&mut out, connector);
                    }
                    continue;
                }
                push_rune(&mut out, connector);
                push_lower(&mut out, Word::Number, number, connector);
                push_alphanumerics(&mut out, &mut kind, &mut word, &mut rest, connector);
                if !matches!(kind, Word::Invalid | Word::Connector | Word::Punctuation) {
                    push_rune(&mut out, connector);
                }
            }
        }
    }
    push_lower(&mut out, kind, word, connector);
    made(call, out)
}

/// Appends words of small letters and numbers, up to one of another kind.
fn push_alphanumerics<'t>(
    out: &mut Vec<u8>,
    kind: &mut Word,
    word: &mut &'t [u8],
    rest: &mut &'t [u8],
    connector: char,
) {
    while matches!(kind, Word::Alphabet | Word::Number) {
        push_lower(out, *kind, word, connector);
        (*kind, *word) = next_word(rest);
    }
}

fn push_lower(out: &mut Vec<u8>, kind: Word, word: &[u8], connector: char) {
    if !matches!(kind, Word::UpperCase | Word::Connector) {
        out.extend_from_slice(word);
        return;
    }
    for_each_rune(word, |rune, _| {
        let rune = rune.unwrap_or('\u{FFFD}');
        push_rune(
            out,
            if is_connector(rune) {
                connector
            } else if is_upper(rune) {
                lower(rune)
            } else {
                rune
            },
        );
    });
}

/// A letter of a script that joins letters to words: not of Chinese.
fn is_alphabet(rune: char) -> bool {
    let is_chinese =
        matches!(rune, '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}');
    is_letter(rune) && !is_chinese
}

/// Takes the next word off a text, and says what it is made of.
fn next_word<'t>(rest: &mut &'t [u8]) -> (Word, &'t [u8]) {
    let text = *rest;
    let mut decoded = WordReader { text, at: 0 };
    let Some((first, end)) = decoded.next_rune(None) else {
        *rest = &[];
        return (Word::Invalid, text);
    };
    let continues: fn(char) -> bool = match first {
        rune if is_connector(rune) => is_connector,
        rune if is_punctuation(rune) => is_punctuation,
        rune if is_upper(rune) => is_upper,
        rune if is_alphabet(rune) => |rune| is_alphabet(rune) && !is_upper(rune),
        rune if is_number(rune) => is_number,
        _ => |rune| !(is_connector(rune) || is_alphabet(rune) || is_number(rune) || is_punctuation(rune)),
    };
    let kind = match first {
        rune if is_connector(rune) => Word::Connector,
        rune if is_punctuation(rune) => Word::Punctuation,
        rune if is_upper(rune) => Word::UpperCase,
        rune if is_alphabet(rune) => Word::Alphabet,
        rune if is_number(rune) => Word::Number,
        _ => Word::Other,
    };
    let mut length = end;
    if kind == Word::UpperCase {
        length = capitalized(&mut decoded, first, end);
    } else {
        let mut last = first;
        while let Some((rune, end)) = decoded.next_rune(Some(last)) {
            if !continues(rune) {
                break;
            }
            last = rune;
            length = end;
        }
    }
    let (word, others) = text.split_at(length.min(text.len()));
    *rest = others;
    (kind, word)
}

/// The length of a word that begins with a capital: `Word`, or `WORD`, which leaves the last capital to a word behind it.
fn capitalized(decoded: &mut WordReader<'_>, first: char, end: usize) -> usize {
    let mut length = end;
    let Some((mut rune, mut end)) = decoded.next_rune(Some(first)) else { return length };
    if is_upper(rune) {
        let mut previous = length;
        length = end;
        while let Some((next, next_end)) = decoded.next_rune(Some(rune)) {
            if !is_upper(next) {
                return if is_alphabet(next) { previous } else { length };
            }
            previous = length;
            length = next_end;
            rune = next;
        }
        return length;
    }
    while is_alphabet(rune) && !is_upper(rune) {
        length = end;
        let Some(next) = decoded.next_rune(Some(rune)) else { break };
        (rune, end) = next;
    }
    length
}

/// Reads characters and passes over bytes that are none.
struct WordReader<'t> {
    text: &'t [u8],
    at: usize,
}

impl WordReader<'_> {
    /// The next character and the end of it; bytes at the end of the text that are none count as the one before.
    fn next_rune(&mut self, before: Option<char>) -> Option<(char, usize)> {
        if self.at >= self.text.len() {
            return None;
        }
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            let (rune, size) = super::convert::decode_rune(rest);
            self.at += size;
            if let Some(rune) = rune.filter(|rune| *rune != '\u{FFFD}') {
                return Some((rune, self.at));
            }
        }
        before.map(|rune| (rune, self.at))
    }
}
