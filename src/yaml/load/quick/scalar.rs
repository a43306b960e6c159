//! Scalars and the bytes that they are made of.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};

use super::{Quick, Simple, Token, What, token};

/// Whether nothing in a text needs a closer look, wherever it stands: no control characters but tabs and line feeds, and
/// no character that some reader takes for a line break or refuses.
pub(super) fn is_simple(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = odd_byte(rest) {
        let simple = match rest[at..] {
            [0xc2, second, ..] => second > 0x9f,
            [0xe2, 0x80, third, ..] => !matches!(third, 0xa8 | 0xa9),
            [0xe2, ..] => true,
            [0xef, 0xbb, 0xbf, ..] | [0xef, 0xbf, 0xbe | 0xbf, ..] => false,
            [0xef, ..] => true,
            _ => false,
        };
        if !simple {
            return false;
        }
        rest = &rest[at + 1..];
    }
    true
}

/// The first byte that is not simple whatever follows it. Blocks without a branch inside are looked through many bytes at a time.
fn odd_byte(bytes: &[u8]) -> Option<usize> {
    let odd = |byte: &u8| {
        (*byte < 0x20) & (*byte != 0x0a) & (*byte != 0x09) | matches!(*byte, 0x7f | 0xc2 | 0xe2 | 0xef)
    };
    let has_odd = |block: &[u8]| block.iter().fold(false, |found, byte| found | odd(byte));
    let start = bytes.chunks(BLOCK).position(has_odd)? * BLOCK;
    bytes[start..].iter().position(odd).map(|at| start + at)
}

const BLOCK: usize = 256;

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

/// Whether a plain scalar can begin here.
pub(super) fn is_plain_start(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at..).unwrap_or_default() {
        [b'-', second, ..] => !matches!(second, b' ' | b'\n' | b'\t' | b',' | b'[' | b']' | b'{' | b'}'),
        [first, ..] => !b" \t\n-?:,[]{}#&*!|>'\"%@`".contains(first),
        [] => false,
    }
}

/// Bytes at which a plain scalar may end: of the first kind in blocks, of the second in flow collections besides.
const STOPS: [u8; 256] = {
    let mut table = [0; 256];
    let (all, flow) = (b"\n\t:#", b",[]{}");
    let mut at = 0;
    while at < all.len() {
        table[all[at] as usize] = 1;
        at += 1;
    }
    at = 0;
    while at < flow.len() {
        table[flow[at] as usize] = 2;
        at += 1;
    }
    table
};

/// The end of the plain scalar of a block that begins here: before a colon that ends a key, a comment, the line's end.
pub(super) fn plain_end(bytes: &[u8], start: usize) -> Simple<usize> {
    end_of_plain(bytes, start, 1)
}

/// The end of the plain scalar of a flow collection that begins here.
pub(super) fn flow_end(bytes: &[u8], start: usize) -> Simple<usize> {
    end_of_plain(bytes, start, 2)
}

fn end_of_plain(bytes: &[u8], start: usize, kind: u8) -> Simple<usize> {
    let mut at = start;
    loop {
        let stop = |byte: &u8| (1..=kind).contains(&STOPS[*byte as usize]);
        at = bytes.get(at..)?.iter().position(stop).map_or(bytes.len(), |found| at + found);
        let ends = match bytes.get(at) {
            Some(b'\t') => return None,
            Some(b':') => ends_key(bytes, at, kind),
            Some(b'#') => bytes.get(at - 1) == Some(&b' '),
            _ => true,
        };
        if ends {
            break;
        }
        at += 1;
    }
    let text = bytes.get(start..at)?;
    let spaces = text.iter().rev().take_while(|byte| **byte == b' ').count();
    Some(at - spaces)
}

fn ends_key(bytes: &[u8], colon: usize, kind: u8) -> bool {
    match bytes.get(colon + 1) {
        None | Some(b' ' | b'\n' | b'\t') => true,
        Some(b',' | b'[' | b']' | b'{' | b'}') => kind == 2,
        _ => false,
    }
}

impl Quick<'_> {
    /// A scalar of one line, and its end.
    pub(super) fn scalar(&mut self, at: usize) -> Simple<(Token, usize)> {
        if matches!(self.byte(at), b'"' | b'\'') {
            return self.quoted(at);
        }
        let end = if is_plain_start(self.bytes, at) { plain_end(self.bytes, at)? } else { return None };
        Some((token(What::Plain, at..end), end))
    }

    /// A quoted scalar of one line, and its end.
    pub(super) fn quoted(&mut self, at: usize) -> Simple<(Token, usize)> {
        let quote = self.byte(at);
        // A whole text may be one line, so nothing is looked at beyond the scalar.
        let rest = self.bytes.get(at + 1..)?;
        let stop =
            if quote == b'"' { memchr3(b'"', b'\\', b'\n', rest) } else { memchr2(b'\'', b'\n', rest) };
        let first = stop?;
        let end = at + 1 + first;
        if self.byte(end) == b'\n' {
            return None;
        }
        if memchr(b'\t', &rest[..first]).is_some() {
            return None;
        }
        if self.byte(end) == quote && (quote == b'"' || self.byte(end + 1) != b'\'') {
            return Some((token(What::Quoted, at..end + 1), end + 1));
        }
        self.escaped(at)
    }

    fn escaped(&mut self, at: usize) -> Simple<(Token, usize)> {
        let quote = self.byte(at);
        let mut text = String::new();
        let mut end = at + 1;
        loop {
            let rest = self.text.get(end..)?;
            let stop = rest.find([char::from(quote), '\\', '\t', '\n'])?;
            text.push_str(&rest[..stop]);
            end += stop;
            match (quote, self.byte(end), self.byte(end + 1)) {
                (b'\'', b'\'', b'\'') => text.push('\''),
                (b'\'', b'\\', _) => {
                    text.push('\\');
                    end += 1;
                    continue;
                }
                (_, b'\t' | b'\n', _) => return None,
                (_, b'\\', escape) => text.push(unescaped(escape)?),
                _ => break,
            }
            end += 2;
        }
        let what = What::Escaped(self.keep(text));
        Some((token(what, at..end + 1), end + 1))
    }

    /// A literal block in a collection at this column; `at` is the byte behind its bar.
    pub(super) fn literal(&mut self, at: usize, column: usize) -> Simple {
        let chomp = self.byte(at);
        let header = if matches!(chomp, b'-' | b'+') { at + 1 } else { at };
        let head_end = skip_spaces(self.bytes, header);
        if self.bytes.get(head_end) != Some(&b'\n') {
            return None;
        }
        let (start, indent) = self.first_of_literal(head_end + 1)?;
        if indent <= column {
            return None;
        }
        let mut text = "\n".repeat(memchr::memchr_iter(b'\n', &self.bytes[head_end + 1..start]).count());
        let mut line = start - indent;
        while line < self.bytes.len() {
            let end = line_end(self.bytes, line);
            match self.line_of_literal(line..end, indent) {
                Ok(content) => text.push_str(self.text.get(content)?),
                Err(b'\t') => return None,
                Err(_) => break,
            }
            text.push('\n');
            line = end + 1;
        }
        chomped(&mut text, chomp);
        let end = skip_spaces(self.bytes, line).min(self.bytes.len());
        let what = What::Literal(self.keep(text));
        self.tokens.push(token(what, start..end));
        self.line(line);
        (self.over || self.column <= column).then_some(())
    }

    /// The first byte of a literal block that is no space, and its column. Empty lines before it have fewer spaces.
    fn first_of_literal(&self, mut line: usize) -> Simple<(usize, usize)> {
        let mut most = 0;
        loop {
            let at = skip_spaces(self.bytes, line);
            match self.bytes.get(at)? {
                b'\n' => most = most.max(at - line),
                b'\t' => return None,
                _ => return (at - line >= most).then_some((at, at - line)),
            }
            line = at + 1;
        }
    }

    /// The content of a line; the byte that ends the block where the line is not deep enough.
    fn line_of_literal(&self, line: Range<usize>, indent: usize) -> Result<Range<usize>, u8> {
        let at = skip_spaces(self.bytes, line.start).min(line.end);
        if at - line.start >= indent {
            return Ok(line.start + indent..line.end);
        }
        if at == line.end { Ok(at..at) } else { Err(self.byte(at)) }
    }

    fn keep(&mut self, text: String) -> u32 {
        self.texts.push(text);
        u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)
    }
}

/// What a backslash and this byte stand for, where that is simple.
fn unescaped(escape: u8) -> Simple<char> {
    match escape {
        b'n' => Some('\n'),
        b't' => Some('\t'),
        b'r' => Some('\r'),
        b'"' | b'\\' | b'/' => Some(char::from(escape)),
        _ => None,
    }
}

/// Takes line breaks off the end: all of them, all but one, or none.
fn chomped(text: &mut String, chomp: u8) {
    if chomp != b'+' {
        text.truncate(text.trim_end_matches('\n').len());
    }
    if !matches!(chomp, b'+' | b'-') && !text.is_empty() {
        text.push('\n');
    }
}
