//! `FastPath`: the part of YAML that nearly all manifests are written in, cut into tokens in one pass.
//!
//! It knows block and flow collections, scalars of one line and literal blocks. A document with anything else (anchors,
//! tags, texts of several lines, a tab where it matters, whatever is wrong) is not *simple*, and granit-parser reads it
//! instead. So this reader has no errors and no sentences: each function gives None, [`Simple`], as soon as it meets
//! what it does not know for sure. What it does read gives the same tree with the same spans as granit-parser.
//!
//! A recursive descent over lines: `at` is always the first letter of a line with content, and `column` the spaces
//! before it. Tokens of a document are kept until the whole document is known to be simple, so none has to be taken
//! back. They are a flat list, in which a collection is a token that opens it, with the number of its entries, and one
//! that closes it:
//!
//! ```text
//! ports:          Map(2)  Plain "ports"  List(2)  Plain "80"  Plain "443"  ListEnd
//! - 80                    Plain "host"   Quoted "'a'"  MapEnd
//! - 443
//! host: 'a'
//! ```
//!
//! # Why every check is as strict as it is
//!
//! A document that is refused costs time, and one that is read differently from granit-parser is a bug. So a construct
//! is taken only if it is usual in manifests and cannot be read in two ways, however easy any other would be.
//! `tests.rs` holds that more than seven in ten of the repository's own texts are simple, the specifications of what is
//! wrong among them. Where the span of a token looks strange (a list begins behind its first dash), it is what
//! granit-parser says: findings must not depend on the reader.

mod json;
mod scalars;

use std::ops::Range;

pub(super) use json::document as json_document;
use scalars::{
    Literal, Quoted, Simple, byte, flow_plain_end, is_blank, is_plain_start, is_simple, line_end, literal,
    plain_end, quoted, skip_spaces,
};

/// A token, and the bytes that it covers. Small, because a large document has a token for every word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What a token is. The text of a scalar is what the token covers, or stands in [`FastPath::texts`] at the given index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A plain scalar, which may be empty.
    Plain,
    /// A quoted scalar without escapes. The token covers the quotes as well.
    Quoted,
    /// A quoted scalar with escapes.
    Escaped(u32),
    /// A literal block (`|`), without its indentation.
    Literal(u32),
    /// With so many entries.
    Map(u32),
    MapEnd,
    /// With so many items.
    List(u32),
    ListEnd,
}

/// The longest key that is simple. YAML allows 1,024 characters without a `?`, and granit-parser is left to count
/// those.
const LONGEST_KEY: usize = 1_000;

/// Reads a text document by document.
///
/// Invariant between two calls of [`FastPath::document`]: `at` and `column` are those of the next line with content, or
/// `at` is the end of the text and `over` is set.
pub(super) struct FastPath<'t> {
    bytes: &'t [u8],
    text: &'t str,
    /// The tokens of the present document.
    pub(super) tokens: Vec<Token>,
    /// Texts of scalars that the source does not have word for word.
    pub(super) texts: Vec<String>,
    /// Where the present document begins.
    pub(super) start: usize,
    /// The next line with content: its first byte that is no space.
    at: usize,
    /// The spaces before that.
    column: usize,
    /// Whether the document has no further line: `at` is the end of the text, or a marker.
    over: bool,
    /// Collections that are open.
    depth: usize,
    max_depth: usize,
}

impl<'t> FastPath<'t> {
    /// A reader of the documents from the byte `begin` on, which is the start of a line. It takes `max_depth`
    /// collections inside each other. None if the text has a character that is not simple anywhere: then none of its
    /// documents is tried.
    pub(super) fn new(text: &'t str, begin: usize, max_depth: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        // Once for the whole text, so that no function below has to think of strange characters.
        if !is_simple(bytes.get(begin..)?) {
            return None;
        }
        let mut reader = FastPath {
            bytes,
            text,
            tokens: Vec::new(),
            texts: Vec::new(),
            start: begin,
            at: begin,
            column: 0,
            over: false,
            depth: 0,
            max_depth,
        };
        reader.line(begin);
        Some(reader)
    }

    /// Reads the next document that has content into `tokens` and `texts`. False at the end of the text; none if the
    /// document is not simple: then `start` is where it begins.
    pub(super) fn document(&mut self) -> Simple<bool> {
        self.tokens.clear();
        self.texts.clear();
        loop {
            self.start = self.at - self.column;
            if self.at == self.bytes.len() {
                return Some(false);
            }
            if self.over {
                self.marker()?;
            }
            // Still over if the next marker, or the end of the text, follows at once: then there is no document between
            // them.
            if !self.over {
                self.root()?;
                // Not over if a line is left that belongs to no collection. Behind `...` there may be directives.
                return (self.over && self.byte(self.at) != b'.').then_some(true);
            }
        }
    }

    /// Passes over a `---` that stands alone.
    fn marker(&mut self) -> Simple {
        self.bytes.get(self.at..)?.strip_prefix(b"---")?;
        self.over = false;
        self.next_line(self.at + 3)
    }

    /// A document: a collection. A scalar alone is no Kubernetes document, and left to granit-parser.
    fn root(&mut self) -> Simple {
        if matches!(self.byte(self.at), b'[' | b'{') {
            let end = self.flow(self.at, 0)?;
            return self.next_line(end);
        }
        self.block()
    }

    /// The block collection that begins with the present line.
    fn block(&mut self) -> Simple {
        if self.is_item(self.at) { self.list(self.at) } else { self.map() }
    }

    /// The block map whose first key begins the present line.
    fn map(&mut self) -> Simple {
        let column = self.column;
        let opened = self.open(TokenKind::Map(0), self.at..self.at)?;
        let mut entries = 0;
        loop {
            let (key, end) = self.scalar(self.at)?;
            self.tokens.push(key);
            let colon = self.colon(end).filter(|colon| colon - self.at < LONGEST_KEY)?;
            self.value(colon, column)?;
            entries += 1;
            if self.over || self.column < column {
                break;
            }
            self.is_at(column)?;
        }
        self.close(opened, TokenKind::Map(entries), TokenKind::MapEnd, self.at..self.at);
        Some(())
    }

    /// The value behind a colon, in a map at this column.
    fn value(&mut self, colon: usize, column: usize) -> Simple {
        let at = skip_spaces(self.bytes, colon + 1);
        if !is_blank(self.bytes, at) {
            return self.inline(at, column);
        }
        self.next_line(at)?;
        if self.over || self.column < column {
            // The map ends with a key that has no value.
            self.nothing(colon)
        } else if self.column > column {
            self.block()
        } else if self.is_item(self.at) {
            // A list at the column of its key, as `kubectl` prints them.
            self.list(self.behind_dash())
        } else {
            // The next key.
            self.nothing(colon)
        }
    }

    /// The list whose first dash begins the present line; its token is at `start`, where granit-parser lets it begin.
    fn list(&mut self, start: usize) -> Simple {
        let column = self.column;
        let opened = self.open(TokenKind::List(0), start..start)?;
        let mut items = 0;
        loop {
            self.item(column)?;
            items += 1;
            // A list may stand at the column of its key; the map that it is in will see to the next key.
            if self.over || self.column < column || (self.column == column && !self.is_item(self.at)) {
                break;
            }
            self.is_at(column)?;
        }
        self.close(opened, TokenKind::List(items), TokenKind::ListEnd, self.at..self.at);
        Some(())
    }

    /// What follows the dash that begins the present line: its item, or the line's end. There granit-parser lets a list
    /// begin that stands at the column of its key.
    fn behind_dash(&self) -> usize {
        let at = skip_spaces(self.bytes, self.at + 1);
        if is_blank(self.bytes, at) { line_end(self.bytes, at) } else { at }
    }

    /// The item of a list at this column whose dash begins the present line.
    fn item(&mut self, column: usize) -> Simple {
        let dash = self.at;
        let at = skip_spaces(self.bytes, dash + 1);
        if is_blank(self.bytes, at) {
            let end = self.behind_dash();
            self.next_line(at)?;
            return if self.over || self.column <= column { self.nothing(end) } else { self.block() };
        }
        // `- a: 1` and `- - 1`: a collection that begins in the same line, as if its dash were a space.
        if self.is_item(at) || self.is_key(at) {
            self.at = at;
            self.column = column + at - dash;
            return self.block();
        }
        self.inline(at, column)
    }

    /// A value that begins behind its key or its dash, in a collection at this column.
    fn inline(&mut self, at: usize, column: usize) -> Simple {
        let end = match self.byte(at) {
            b'|' => return self.literal_block(at + 1, column),
            b'[' | b'{' => self.flow(at, column + 1)?,
            _ => {
                let (token, end) = self.scalar(at)?;
                self.tokens.push(token);
                end
            }
        };
        self.next_line(end)?;
        // A deeper line would go on with the value.
        (self.over || self.column <= column).then_some(())
    }

    // Flow collections: `[a, b]` and `{a: b}`, in one line or in several.

    /// A flow collection, none of whose further lines begins before the column `least`. Gives its end.
    fn flow(&mut self, open: usize, least: usize) -> Simple<usize> {
        let is_map = self.byte(open) == b'{';
        let closing = if is_map { b'}' } else { b']' };
        let kind = if is_map { TokenKind::Map(0) } else { TokenKind::List(0) };
        let opened = self.open(kind, open..open + 1)?;
        let mut inside = 0;
        let mut at = self.gap(open + 1, least)?;
        // A bracket that closes at once is looked for once: behind a comma (`[a, ]`) it is not simple.
        while inside > 0 || self.byte(at) != closing {
            inside += 1;
            at = if is_map { self.flow_entry(at, least)? } else { self.flow_node(at, least)? };
            at = self.gap(at, least)?;
            match self.byte(at) {
                b',' => at = self.gap(at + 1, least)?,
                byte if byte == closing => break,
                _ => return None,
            }
        }
        if is_map {
            self.close(opened, TokenKind::Map(inside), TokenKind::MapEnd, at..at + 1);
        } else {
            self.close(opened, TokenKind::List(inside), TokenKind::ListEnd, at..at + 1);
        }
        Some(at + 1)
    }

    /// A key, its colon and its value. What has no colon (`{a, b}`) is not simple.
    fn flow_entry(&mut self, at: usize, least: usize) -> Simple<usize> {
        let quoted = matches!(self.byte(at), b'"' | b'\'');
        let colon = self.flow_scalar(at)?;
        // Behind a quoted key, as in JSON, the value may follow at once.
        let parted = quoted || matches!(self.byte(colon + 1), b' ' | b'\n');
        if self.byte(colon) != b':' || !parted || colon - at >= LONGEST_KEY {
            return None;
        }
        let at = self.gap(colon + 1, least)?;
        self.flow_node(at, least)
    }

    /// An item or a value of a flow collection.
    fn flow_node(&mut self, at: usize, least: usize) -> Simple<usize> {
        match self.byte(at) {
            b'[' | b'{' => self.flow(at, least),
            _ => self.flow_scalar(at),
        }
    }

    /// A scalar of a flow collection. Gives its end.
    fn flow_scalar(&mut self, at: usize) -> Simple<usize> {
        let (token, end) = match self.byte(at) {
            b'"' | b'\'' => self.quoted_scalar(at)?,
            _ if is_plain_start(self.bytes, at) => {
                let end = flow_plain_end(self.bytes, at)?;
                (token(TokenKind::Plain, at..end), end)
            }
            _ => return None,
        };
        self.tokens.push(token);
        Some(end)
    }

    /// Passes over white space, further lines included. A comment is not simple there.
    fn gap(&self, from: usize, least: usize) -> Simple<usize> {
        let mut at = skip_spaces(self.bytes, from);
        while self.bytes.get(at) == Some(&b'\n') {
            let start = at + 1;
            at = skip_spaces(self.bytes, start);
            let is_empty = self.bytes.get(at).is_none_or(|byte| *byte == b'\n');
            // YAML wants further lines deeper than the block that the collection is in. A marker ends the document, and
            // is an error here.
            let is_too_shallow = at - start < least;
            let begins_document = at == start && self.is_marker(at);
            if !is_empty && (is_too_shallow || begins_document) {
                return None;
            }
        }
        Some(at)
    }

    // Scalars.

    /// A scalar of one line, and its end.
    fn scalar(&mut self, at: usize) -> Simple<(Token, usize)> {
        if matches!(self.byte(at), b'"' | b'\'') {
            return self.quoted_scalar(at);
        }
        if !is_plain_start(self.bytes, at) {
            return None;
        }
        let end = plain_end(self.bytes, at)?;
        Some((token(TokenKind::Plain, at..end), end))
    }

    /// A quoted scalar of one line, and its end.
    fn quoted_scalar(&mut self, at: usize) -> Simple<(Token, usize)> {
        let Quoted { end, unescaped } = quoted(self.text, at)?;
        let kind = match unescaped {
            None => TokenKind::Quoted,
            Some(text) => TokenKind::Escaped(self.keep(text)),
        };
        Some((token(kind, at..end), end))
    }

    /// A literal block in a collection at this column; `at` is the byte behind its bar.
    fn literal_block(&mut self, at: usize, column: usize) -> Simple {
        let Literal { text, range, next_line } = literal(self.text, at, column)?;
        let kind = TokenKind::Literal(self.keep(text));
        self.tokens.push(token(kind, range));
        self.line(next_line);
        // A line behind the block that is deeper than its parent belongs to neither.
        (self.over || self.column <= column).then_some(())
    }

    /// Keeps a text that the source does not have word for word. Gives its index in `texts`.
    fn keep(&mut self, text: String) -> u32 {
        self.texts.push(text);
        narrow(self.texts.len() - 1)
    }

    /// An empty scalar: what a key or a dash has that nothing follows.
    fn nothing(&mut self, at: usize) -> Simple {
        self.tokens.push(token(TokenKind::Plain, at..at));
        Some(())
    }

    /// Begins a collection. Gives the index of its token, which [`Self::close`] needs: how much is in it is known at
    /// its end only.
    fn open(&mut self, kind: TokenKind, range: Range<usize>) -> Simple<usize> {
        // granit-parser will say that it is too deep.
        if self.depth == self.max_depth {
            return None;
        }
        self.depth += 1;
        self.tokens.push(token(kind, range));
        Some(self.tokens.len() - 1)
    }

    /// Ends a collection. `opening` replaces the kind of the token that began it, now that the number of entries is
    /// known.
    fn close(&mut self, opened: usize, opening: TokenKind, closing: TokenKind, range: Range<usize>) {
        self.depth -= 1;
        self.tokens[opened].kind = opening;
        self.tokens.push(token(closing, range));
    }

    /// A colon that ends a key.
    fn colon(&self, at: usize) -> Simple<usize> {
        (self.byte(at) == b':' && matches!(self.byte(at + 1), b' ' | b'\n')).then_some(at)
    }

    /// Whether a dash here begins an item of a list.
    fn is_item(&self, at: usize) -> bool {
        self.byte(at) == b'-' && matches!(self.byte(at + 1), b' ' | b'\n')
    }

    /// Whether a key and its colon begin here. It is read twice for this: in most lists of maps only the first key of
    /// an item is, and a scalar of one line ends soon.
    fn is_key(&mut self, at: usize) -> bool {
        // A key with escapes is written down when it is looked at, and again when it is read.
        let texts = self.texts.len();
        let end = self.scalar(at).map(|(_, end)| end);
        self.texts.truncate(texts);
        end.and_then(|end| self.colon(end)).is_some()
    }

    /// Whether the present line continues a collection at this column: neither deeper nor in between.
    fn is_at(&self, column: usize) -> Simple {
        (self.column == column).then_some(())
    }

    /// A byte of the text, which ends as if with a line break.
    fn byte(&self, at: usize) -> u8 {
        byte(self.bytes, at)
    }

    /// Ends the present line, of which only a comment may be left, and finds the next one with content.
    fn next_line(&mut self, from: usize) -> Simple {
        let at = skip_spaces(self.bytes, from);
        // A `#` right behind a scalar or a bracket is a part of it, or an error.
        let commented = self.byte(at) == b'#' && self.byte(at.wrapping_sub(1)) == b' ';
        if !commented && self.byte(at) != b'\n' {
            return None;
        }
        self.line(line_end(self.bytes, at) + 1);
        Some(())
    }

    /// Finds the first line with content from the line on that starts here. Empty lines and lines with a comment alone
    /// have none.
    fn line(&mut self, mut start: usize) {
        loop {
            let at = skip_spaces(self.bytes, start);
            if at >= self.bytes.len() {
                self.at = self.bytes.len();
                self.column = 0;
                self.over = true;
                return;
            }
            if !is_blank(self.bytes, at) {
                self.at = at;
                self.column = at - start;
                self.over = at == start && self.is_marker(at);
                return;
            }
            start = line_end(self.bytes, at) + 1;
        }
    }

    /// Whether a document begins (`---`) or ends (`...`) here, at the first column.
    fn is_marker(&self, at: usize) -> bool {
        let sign = self.bytes.get(at..at + 3);
        sign.is_some_and(|sign| sign == b"---" || sign == b"...") && self.byte(at + 3).is_ascii_whitespace()
    }
}

fn token(kind: TokenKind, range: Range<usize>) -> Token {
    Token { kind, start: narrow(range.start), end: narrow(range.end) }
}

/// An offset or an index in the width of a token. No text that is read has more than 1 GiB (`Limit::FileSize`), so
/// nothing is cut off; spans have the same width.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
