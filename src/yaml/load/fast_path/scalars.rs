//! Where the scalars of simple documents end, and what they say: functions over bytes, without state.
//!
//! Each gives None where the text is not simple, and then granit-parser reads it. Bytes can be compared with ASCII
//! characters anywhere in UTF-8: no byte of a longer character is one.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

/// None where the text is not simple.
pub(super) type Simple<T = ()> = Option<T>;

/// Whether nothing in a text needs a closer look, wherever it stands: no control characters but tabs and line feeds,
/// and no character that some reader takes for a line break or refuses. Those are U+0080 to U+009F (with U+0085, "next
/// line"), U+2028 and U+2029, the byte order mark, U+FFFE and U+FFFF. A carriage return is one of the control
/// characters.
pub(super) fn is_simple(bytes: &[u8]) -> bool {
    let mut words = bytes.chunks_exact(WORD);
    let rest = bytes.len() - words.remainder().len();
    let are_words_simple = words.by_ref().enumerate().all(|(number, word)| {
        is_plain_ascii(u64::from_ne_bytes(word.try_into().unwrap_or_default()))
            || (0..WORD).all(|at| is_simple_at(bytes, number * WORD + at))
    });
    are_words_simple && (rest..bytes.len()).all(|at| is_simple_at(bytes, at))
}

/// Bytes that are looked at in one step: this runs over every byte of every text.
const WORD: usize = 8;

/// Whether all bytes of a word are printable characters of ASCII, tabs or line feeds.
fn is_plain_ascii(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // The high bit of each byte that is less than `byte`. Right where no byte has its high bit set: it is set here for the
    // subtraction, so that none borrows from its neighbour.
    let below = |word: u64, byte: u64| !((word | HIGH) - ONES * byte) & HIGH;
    let is = |byte: u64| below(word ^ (ONES * byte), 1);
    let allowed = is(0x09) | is(0x0a);
    ((word & HIGH) | (below(word, 0x20) & !allowed) | is(0x7f)) == 0
}

/// Whether the character that may begin here is simple.
fn is_simple_at(bytes: &[u8], at: usize) -> bool {
    ODD[usize::from(bytes[at])] == 0 || is_simple_from(bytes, at)
}

/// Whether the character that this odd byte may begin is simple.
fn is_simple_from(bytes: &[u8], at: usize) -> bool {
    match bytes[at..] {
        [0xc2, second, ..] => second > 0x9f,
        [0xe2, 0x80, third, ..] => !matches!(third, 0xa8 | 0xa9),
        [0xe2, ..] => true,
        [0xef, 0xbb, 0xbf, ..] | [0xef, 0xbf, 0xbe | 0xbf, ..] => false,
        [0xef, ..] => true,
        _ => false,
    }
}

/// 1 for each byte that may begin a character that is not simple.
const ODD: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let is_odd = byte < 0x20 && byte != 0x0a && byte != 0x09 || matches!(byte, 0x7f | 0xc2 | 0xe2 | 0xef);
        table[byte] = is_odd as u8;
        byte += 1;
    }
    table
};

// Positions may lie behind the end of a text, by one line break that it does not have. There is nothing there, which is
// what the empty default of functions below means.

/// The first byte from here on that is no space.
pub(super) fn skip_spaces(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len())
}

/// The end of the line that this byte is in.
pub(super) fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr(b'\n', bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |at| from + at)
}

/// Whether nothing but a comment begins here.
pub(super) fn is_blank(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), None | Some(b'\n' | b'#'))
}

/// Whether a plain scalar can begin here: not with an indicator. A dash may, where it begins no item: `-1`, `--flag`.
pub(super) fn is_plain_start(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at..).unwrap_or_default() {
        [b'-', second, ..] => !matches!(second, b' ' | b'\n' | b'\t' | b',' | b'[' | b']' | b'{' | b'}'),
        [first, ..] => !b" \t\n-?:,[]{}#&*!|>'\"%@`".contains(first),
        [] => false,
    }
}

/// Bytes at which a plain scalar may end, as a table for the loop over its bytes: [`ANYWHERE`] for those that end it in
/// blocks too, [`IN_FLOW`] for those that end it in flow collections only, 0 for all others.
const STOPS: [u8; 256] = {
    // `for` is not for constants yet.
    let mut table = [0; 256];
    let anywhere = b"\n\t:#";
    let flow = b",[]{}";
    let mut at = 0;
    while at < anywhere.len() {
        table[anywhere[at] as usize] = ANYWHERE;
        at += 1;
    }
    at = 0;
    while at < flow.len() {
        table[flow[at] as usize] = IN_FLOW;
        at += 1;
    }
    table
};

const ANYWHERE: u8 = 1;
const IN_FLOW: u8 = 2;

/// The end of the plain scalar of a block that begins here: before a colon that ends a key, a comment, the line's end.
pub(super) fn plain_end(bytes: &[u8], start: usize) -> Simple<usize> {
    end_of_plain(bytes, start, ANYWHERE)
}

/// The end of the plain scalar of a flow collection that begins here.
pub(super) fn flow_plain_end(bytes: &[u8], start: usize) -> Simple<usize> {
    end_of_plain(bytes, start, IN_FLOW)
}

/// `most` is the highest number in [`STOPS`] that counts.
fn end_of_plain(bytes: &[u8], start: usize, most: u8) -> Simple<usize> {
    let mut at = start;
    loop {
        let stop = |byte: &u8| (ANYWHERE..=most).contains(&STOPS[*byte as usize]);
        at = bytes.get(at..)?.iter().position(stop).map_or(bytes.len(), |found| at + found);
        let ends = match bytes.get(at) {
            // Readers differ on tabs before a comment or a colon.
            Some(b'\t') => return None,
            Some(b':') => ends_key(bytes, at, most),
            // A comment needs a space before it. No plain scalar begins with `#`, so there is a byte before this one.
            Some(b'#') => bytes.get(at - 1) == Some(&b' '),
            _ => true,
        };
        if ends {
            break;
        }
        at += 1;
    }
    // Spaces at its end are not a part of it.
    let text = bytes.get(start..at)?;
    let spaces = text.iter().rev().take_while(|byte| **byte == b' ').count();
    Some(at - spaces)
}

/// Whether this colon ends a key, and is not part of a scalar such as `http://x`.
fn ends_key(bytes: &[u8], colon: usize, most: u8) -> bool {
    match bytes.get(colon + 1) {
        None | Some(b' ' | b'\n' | b'\t') => true,
        Some(b',' | b'[' | b']' | b'{' | b'}') => most == IN_FLOW,
        _ => false,
    }
}

/// A quoted scalar of one line.
pub(super) struct Quoted {
    /// One past the closing quote.
    pub(super) end: usize,
    /// The text without its escapes; none if it stands between the quotes word for word.
    pub(super) unescaped: Option<String>,
}

/// The quoted scalar that begins with the quote at `at`.
pub(super) fn quoted(text: &str, at: usize) -> Simple<Quoted> {
    let bytes = text.as_bytes();
    let quote = *bytes.get(at)?;
    // A whole text may be one line, so nothing is looked at beyond the scalar.
    let rest = bytes.get(at + 1..)?;
    let stop = if quote == b'"' { memchr3(b'"', b'\\', b'\n', rest) } else { memchr2(b'\'', b'\n', rest) };
    let first = stop?;
    let end = at + 1 + first;
    // Lines are folded in quotes, and readers differ on the tabs around their ends: both are left to granit-parser.
    if byte(bytes, end) == b'\n' || memchr(b'\t', &rest[..first]).is_some() {
        return None;
    }
    // Two single quotes are an escape for one of them.
    let is_closed = byte(bytes, end) == quote && (quote == b'"' || byte(bytes, end + 1) != b'\'');
    if is_closed {
        return Some(Quoted { end: end + 1, unescaped: None });
    }
    // From its start once more: few have escapes.
    escaped(text, at)
}

/// The quoted scalar that begins with the quote at `at`, and has escapes.
fn escaped(text: &str, at: usize) -> Simple<Quoted> {
    let bytes = text.as_bytes();
    let quote = byte(bytes, at);
    let mut unescaped = String::new();
    let mut end = at + 1;
    loop {
        let rest = text.get(end..)?;
        let stop = rest.find([char::from(quote), '\\', '\t', '\n'])?;
        unescaped.push_str(&rest[..stop]);
        end += stop;
        let next = byte(bytes, end + 1);
        match byte(bytes, end) {
            b'\t' | b'\n' => return None,
            b'\\' if quote == b'"' => {
                unescaped.push(unescaped_byte(next)?);
                end += 2;
            }
            // In single quotes there is one escape, the doubled quote, and a backslash is a backslash.
            b'\\' => {
                unescaped.push('\\');
                end += 1;
            }
            b'\'' if next == b'\'' => {
                unescaped.push('\'');
                end += 2;
            }
            // The closing quote.
            _ => return Some(Quoted { end: end + 1, unescaped: Some(unescaped) }),
        }
    }
}

/// What a backslash and this byte stand for in double quotes, where that is simple: `\x41` and its like are not.
fn unescaped_byte(escape: u8) -> Simple<char> {
    match escape {
        b'n' => Some('\n'),
        b't' => Some('\t'),
        b'r' => Some('\r'),
        b'"' | b'\\' | b'/' => Some(char::from(escape)),
        _ => None,
    }
}

/// A literal block.
pub(super) struct Literal {
    /// Its text, without indentation.
    pub(super) text: String,
    /// The bytes that it covers, as granit-parser counts them: from its first letter to the first letter of the line
    /// behind it.
    pub(super) range: Range<usize>,
    /// Where the line behind it begins.
    pub(super) next_line: usize,
}

/// The literal block of a collection at `column`; `at` is the byte behind its `|`.
pub(super) fn literal(text: &str, at: usize, column: usize) -> Simple<Literal> {
    let bytes = text.as_bytes();
    let chomping = byte(bytes, at);
    let header = if matches!(chomping, b'-' | b'+') { at + 1 } else { at };
    let header_end = skip_spaces(bytes, header);
    if bytes.get(header_end) != Some(&b'\n') {
        return None;
    }
    let (start, indent) = first_of_literal(bytes, header_end + 1)?;
    // A block without a line of its own is empty, which is rare, and granit-parser knows how to say it.
    if indent <= column {
        return None;
    }
    // Empty lines before the first one with a letter are content.
    let mut content = "\n".repeat(memchr_iter(b'\n', &bytes[header_end + 1..start]).count());
    let mut line = start - indent;
    while line < bytes.len() {
        let end = line_end(bytes, line);
        let Some(content_of_line) = line_of_literal(bytes, line..end, indent)? else { break };
        content.push_str(text.get(content_of_line)?);
        content.push('\n');
        line = end + 1;
    }
    chomp(&mut content, chomping);
    let end = skip_spaces(bytes, line).min(bytes.len());
    Some(Literal { text: content, range: start..end, next_line: line })
}

/// The first byte of a literal block that is no space, and its column. Empty lines before it have fewer spaces: more
/// are an error in YAML (1.2.2, section 8.1.1.1).
fn first_of_literal(bytes: &[u8], mut line: usize) -> Simple<(usize, usize)> {
    let mut most = 0;
    loop {
        let at = skip_spaces(bytes, line);
        match bytes.get(at)? {
            b'\n' => most = most.max(at - line),
            b'\t' => return None,
            _ => return (at - line >= most).then_some((at, at - line)),
        }
        line = at + 1;
    }
}

/// The content of a line of a literal block with this indentation; `Some(None)` for a line that is not deep enough, and
/// so ends the block.
fn line_of_literal(bytes: &[u8], line: Range<usize>, indent: usize) -> Simple<Option<Range<usize>>> {
    let at = skip_spaces(bytes, line.start).min(line.end);
    if at - line.start >= indent {
        return Some(Some(line.start + indent..line.end));
    }
    // An empty line may have fewer spaces.
    if at == line.end {
        return Some(Some(at..at));
    }
    // A tab may be meant as indentation, which it is not in YAML.
    if byte(bytes, at) == b'\t' { None } else { Some(None) }
}

/// Takes line breaks off the end of a literal block: none for `+`, all for `-`, and all but one otherwise.
fn chomp(text: &mut String, chomping: u8) {
    if chomping != b'+' {
        text.truncate(text.trim_end_matches('\n').len());
    }
    if !matches!(chomping, b'+' | b'-') && !text.is_empty() {
        text.push('\n');
    }
}

/// A byte of a text, which ends as if with a line break.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What eight bytes say together is what each of them says, whatever its neighbours are.
    #[test]
    fn words_are_plain_where_their_bytes_are() {
        let is_plain = |byte: u8| byte < 0x80 && ODD[usize::from(byte)] == 0;
        for neighbour in [0x00, 0x09, 0x0a, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff] {
            for byte in 0..=u8::MAX {
                for at in 0..WORD {
                    let mut word = [neighbour; WORD];
                    word[at] = byte;
                    let expected = word.iter().all(|byte| is_plain(*byte));
                    assert_eq!(is_plain_ascii(u64::from_ne_bytes(word)), expected, "{word:?}");
                }
            }
        }
    }
}
