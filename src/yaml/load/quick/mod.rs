//! The quick road through a text: the YAML that nearly all manifests are written in, cut into tokens in one pass.
//!
//! It knows block and flow collections, scalars of one line and literal blocks. A document with anything else (anchors, tags,
//! texts of several lines, whatever is wrong) is not *simple*: granit-parser reads it instead. What is simple gives the same
//! tree with the same spans on both roads.

mod flow;
mod scalar;

use std::ops::Range;

use scalar::{is_blank, is_simple, line_end, skip_spaces};

/// A token, and the bytes that it covers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What a token is. The text of a scalar is what it covers, or stands in [`Quick::texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Plain,
    /// With a quote on each side.
    Quoted,
    /// A quoted scalar with escapes.
    Escaped(u32),
    Literal(u32),
    /// With so many entries.
    Map(u32),
    MapEnd,
    /// With so many items.
    List(u32),
    ListEnd,
}

/// Keys of one line that are not longer are simple.
const LONGEST_KEY: usize = 1_000;

/// None where the text is not simple.
type Simple<T = ()> = Option<T>;

/// Reads a text document by document.
pub(super) struct Quick<'t> {
    bytes: &'t [u8],
    text: &'t str,
    /// Of the present document.
    pub(super) tokens: Vec<Token>,
    /// What scalars say that the source does not say word for word.
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
    deepest: usize,
}

impl<'t> Quick<'t> {
    /// A reader that takes so many collections in each other; none if no document of the text can be simple. It begins at the start
    /// of a line, with a document.
    pub(super) fn new(text: &'t str, begin: usize, deepest: usize) -> Option<Self> {
        let (tokens, texts) = (Vec::new(), Vec::new());
        let bytes = text.as_bytes();
        let (start, at, column, over, depth) = (begin, begin, 0, false, 0);
        let mut quick = Quick { bytes, text, tokens, texts, start, at, column, over, depth, deepest };
        quick.line(begin);
        is_simple(bytes.get(begin..)?).then_some(quick)
    }

    /// Reads the next document that has content. False at the end of the text.
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
            if !self.over {
                self.root()?;
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

    fn map(&mut self) -> Simple {
        let (column, opened) = (self.column, self.open(What::Map(0), self.at..self.at)?);
        for entries in 1.. {
            let (key, end) = self.scalar(self.at)?;
            self.tokens.push(key);
            let colon = self.colon(end).filter(|colon| colon - self.at < LONGEST_KEY)?;
            self.value(colon, column)?;
            if self.over || self.column < column {
                self.close(opened, (What::Map(entries), What::MapEnd), self.at..self.at);
                break;
            }
            self.is_at(column)?;
        }
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
            self.nothing(colon)
        } else if self.column > column {
            self.block()
        } else if self.is_item(self.at) {
            self.list(self.behind_dash())
        } else {
            self.nothing(colon)
        }
    }

    /// The list whose first dash begins the present line; granit-parser lets it begin at `start`.
    fn list(&mut self, start: usize) -> Simple {
        let (column, opened) = (self.column, self.open(What::List(0), start..start)?);
        for items in 1.. {
            self.item(column)?;
            // A list may stand at the column of its key; the map that it is in will see to the next key.
            if self.over || self.column < column || (self.column == column && !self.is_item(self.at)) {
                self.close(opened, (What::List(items), What::ListEnd), self.at..self.at);
                break;
            }
            self.is_at(column)?;
        }
        Some(())
    }

    /// What follows the dash that begins the present line: the first item of a list at the column of its key, or the line's end.
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
        if self.is_item(at) || self.is_key(at) {
            (self.at, self.column) = (at, column + at - dash);
            return self.block();
        }
        self.inline(at, column)
    }

    /// A value that begins behind its key or its dash, in a collection at this column.
    fn inline(&mut self, at: usize, column: usize) -> Simple {
        let end = match self.byte(at) {
            b'|' => return self.literal(at + 1, column),
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

    /// An empty scalar.
    fn nothing(&mut self, at: usize) -> Simple {
        self.tokens.push(token(What::Plain, at..at));
        Some(())
    }

    fn open(&mut self, what: What, range: Range<usize>) -> Simple<usize> {
        self.depth = Some(self.depth + 1).filter(|depth| *depth <= self.deepest)?;
        self.tokens.push(token(what, range));
        Some(self.tokens.len() - 1)
    }

    fn close(&mut self, opened: usize, (opening, closing): (What, What), range: Range<usize>) {
        self.depth -= 1;
        if let Some(token) = self.tokens.get_mut(opened) {
            token.what = opening;
        }
        self.tokens.push(token(closing, range));
    }

    /// A colon that ends a key.
    fn colon(&self, at: usize) -> Simple<usize> {
        (self.byte(at) == b':' && matches!(self.byte(at + 1), b' ' | b'\n')).then_some(at)
    }

    fn is_item(&self, at: usize) -> bool {
        self.byte(at) == b'-' && matches!(self.byte(at + 1), b' ' | b'\n')
    }

    fn is_key(&mut self, at: usize) -> bool {
        let texts = self.texts.len();
        let end = self.scalar(at).map(|(_, end)| end);
        self.texts.truncate(texts);
        end.and_then(|end| self.colon(end)).is_some()
    }

    fn is_at(&self, column: usize) -> Simple {
        (self.column == column).then_some(())
    }

    /// A byte of the text, which ends as if with a line break.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// Ends the present line, of which only a comment may be left, and finds the next one with content.
    fn next_line(&mut self, from: usize) -> Simple {
        let at = skip_spaces(self.bytes, from);
        let commented = self.byte(at) == b'#' && self.byte(at.wrapping_sub(1)) == b' ';
        if !commented && self.byte(at) != b'\n' {
            return None;
        }
        self.line(line_end(self.bytes, at) + 1);
        Some(())
    }

    /// Finds the first line with content from the line on that starts here.
    fn line(&mut self, mut start: usize) {
        loop {
            let at = skip_spaces(self.bytes, start);
            if at >= self.bytes.len() {
                (self.at, self.column, self.over) = (self.bytes.len(), 0, true);
                return;
            }
            if !is_blank(self.bytes, at) {
                (self.at, self.column) = (at, at - start);
                self.over = at == start && self.is_marker(at);
                return;
            }
            start = line_end(self.bytes, at) + 1;
        }
    }

    /// Whether a document begins or ends here, at the first column.
    fn is_marker(&self, at: usize) -> bool {
        let sign = self.bytes.get(at..at + 3);
        sign.is_some_and(|sign| sign == b"---" || sign == b"...") && self.byte(at + 3).is_ascii_whitespace()
    }
}

fn token(what: What, range: Range<usize>) -> Token {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Token { what, start: offset(range.start), end: offset(range.end) }
}
