//! JSON: the part of YAML that programs write, read in one pass without events.
//!
//! Schemas are JSON, and so are many manifests and values that programs hand over. A text that is one JSON object or
//! array from end to end becomes a tree at once; of any other text this reader says nothing, and the fast path or
//! granit-parser reads it from its start on. So it knows no errors. What it reads gives the same tree, with the same
//! spans, as granit-parser: `tests.rs` holds them against each other.
//!
//! Strings of several lines, escapes beyond the usual, tabs between tokens, a key that comes twice and everything
//! that is not JSON are left to the others.

use std::sync::Arc;

use super::scalars::{Quoted, Simple, byte, is_simple, quoted};
use crate::source::{SourceId, Span};
use crate::yaml::load::shared::TextCache;
use crate::yaml::node::{Entry, Map, Node, Value};
use crate::yaml::scalar::{Kind, Scalar, Style, resolve_core};

/// The longest key that is simple, as on the fast path.
const LONGEST_KEY: usize = 1_000;

/// The tree of a text that is JSON, with at most `max_depth` collections inside each other. None for any other text.
pub(in crate::yaml::load) fn document(
    text: &str,
    source: SourceId,
    max_depth: usize,
    keys: &TextCache,
) -> Simple<Node> {
    let bytes = text.as_bytes();
    // Looked at before all bytes are: most texts are no JSON.
    let mut reader = JsonReader { text, bytes, at: 0, source, depth: max_depth, keys, entries: Vec::new() };
    reader.gap();
    if !matches!(reader.next(), b'{' | b'[') || !is_simple(bytes) {
        return None;
    }
    let root = reader.node()?;
    reader.gap();
    (reader.at == bytes.len()).then_some(root)
}

struct JsonReader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    source: SourceId,
    /// How many more collections there may be inside each other.
    depth: usize,
    keys: &'t TextCache,
    /// The entries of all maps that are open, one map after the other: so each map is made with the room that it needs.
    entries: Vec<(Arc<str>, Entry)>,
}

impl JsonReader<'_> {
    fn node(&mut self) -> Simple<Node> {
        match self.next() {
            b'{' => self.nested(Self::map),
            b'[' => self.nested(Self::list),
            b'"' => {
                let start = self.at;
                let text = self.string(|text| Arc::from(text))?;
                Some(self.scalar(Scalar { text, kind: Kind::Str, style: Style::Quoted }, start))
            }
            _ => self.plain(),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Simple<Value>) -> Simple<Node> {
        let start = self.at;
        self.depth = self.depth.checked_sub(1)?;
        self.at += 1;
        self.gap();
        let value = read(self)?;
        self.depth += 1;
        Some(Node::new(value, Span::new(self.source, start, self.at)))
    }

    /// The rest of a map whose bracket was passed.
    fn map(&mut self) -> Simple<Value> {
        let first = self.entries.len();
        if !self.take(b'}') {
            loop {
                let start = self.at;
                if self.next() != b'"' {
                    return None;
                }
                let keys = self.keys;
                let key = self.string(|key| keys.get(key))?;
                let key_span = Span::new(self.source, start, self.at);
                self.gap();
                if self.at - start >= LONGEST_KEY || !self.take(b':') {
                    return None;
                }
                self.gap();
                let node = self.node()?;
                self.entries.push((key, Entry { key_span, node }));
                self.gap();
                if self.take(b'}') {
                    break;
                }
                self.comma()?;
            }
        }
        let mut map = Map::with_capacity(self.entries.len() - first);
        for (key, entry) in self.entries.drain(first..) {
            // A key that comes twice is an error, which the others report.
            if map.contains_key(&key) {
                return None;
            }
            map.push(key, entry);
        }
        Some(Value::Map(map))
    }

    /// The rest of a list whose bracket was passed.
    fn list(&mut self) -> Simple<Value> {
        let mut items = Vec::new();
        if !self.take(b']') {
            loop {
                items.push(self.node()?);
                self.gap();
                if self.take(b']') {
                    break;
                }
                self.comma()?;
            }
        }
        Some(Value::List(items))
    }

    /// A string, given to `keep` without its escapes.
    fn string(&mut self, keep: impl FnOnce(&str) -> Arc<str>) -> Simple<Arc<str>> {
        let start = self.at;
        let Quoted { end, unescaped } = quoted(self.text, start)?;
        self.at = end;
        match unescaped {
            Some(text) => Some(keep(text.as_str())),
            None => Some(keep(self.text.get(start + 1..end - 1)?)),
        }
    }

    /// A number, a boolean or null.
    fn plain(&mut self) -> Simple<Node> {
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        self.at += length;
        let text = self.text.get(start..self.at)?;
        // Words are strings in YAML, and no JSON.
        let is_json = matches!(text, "true" | "false" | "null") || is_number(text.as_bytes());
        let kind = resolve_core(text);
        is_json.then(|| self.scalar(Scalar { text: Arc::from(text), kind, style: Style::Plain }, start))
    }

    fn scalar(&self, scalar: Scalar, start: usize) -> Node {
        Node::new(Value::Scalar(scalar), Span::new(self.source, start, self.at))
    }

    /// A comma, with what is between it and the next token.
    fn comma(&mut self) -> Simple {
        if !self.take(b',') {
            return None;
        }
        self.gap();
        Some(())
    }

    /// Passes over spaces and line breaks.
    fn gap(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n')) {
            self.at += 1;
        }
    }

    fn next(&self) -> u8 {
        byte(self.bytes, self.at)
    }

    /// Passes over a byte if it is this one.
    fn take(&mut self, wanted: u8) -> bool {
        let is_next = self.bytes.get(self.at) == Some(&wanted);
        self.at += usize::from(is_next);
        is_next
    }
}

/// Whether this is a number of JSON.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}
