//! Flow collections: `[a, b]` and `{a: b}`, in one line or in several.

use super::scalar::{flow_end, is_plain_start, skip_spaces};
use super::{LONGEST_KEY, Quick, Simple, What, token};

impl Quick<'_> {
    /// A flow collection, none of whose further lines begins before the column `least`. Gives its end.
    pub(super) fn flow(&mut self, open: usize, least: usize) -> Simple<usize> {
        let is_map = self.byte(open) == b'{';
        let closing = if is_map { b'}' } else { b']' };
        let opened = self.open(if is_map { What::Map(0) } else { What::List(0) }, open..open + 1)?;
        let mut inside = 0;
        let mut at = self.gap(open + 1, least)?;
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
        let whats =
            if is_map { (What::Map(inside), What::MapEnd) } else { (What::List(inside), What::ListEnd) };
        self.close(opened, whats, at..at + 1);
        Some(at + 1)
    }

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

    fn flow_node(&mut self, at: usize, least: usize) -> Simple<usize> {
        match self.byte(at) {
            b'[' | b'{' => self.flow(at, least),
            _ => self.flow_scalar(at),
        }
    }

    fn flow_scalar(&mut self, at: usize) -> Simple<usize> {
        let (token, end) = match self.byte(at) {
            b'"' | b'\'' => self.quoted(at)?,
            _ if is_plain_start(self.bytes, at) => {
                let end = flow_end(self.bytes, at)?;
                (token(What::Plain, at..end), end)
            }
            _ => return None,
        };
        self.tokens.push(token);
        Some(end)
    }

    /// Passes over white space, further lines included.
    fn gap(&self, from: usize, least: usize) -> Simple<usize> {
        let mut at = skip_spaces(self.bytes, from);
        while self.bytes.get(at) == Some(&b'\n') {
            let start = at + 1;
            at = skip_spaces(self.bytes, start);
            let empty = self.bytes.get(at).is_none_or(|byte| *byte == b'\n');
            if !empty && (at - start < least || at == start && self.is_marker(at)) {
                return None;
            }
        }
        Some(at)
    }
}
