//! JSON that can be shown: what a terminal or a build server would act on is escaped in its strings, as JSON allows.
//!
//! A reader of the JSON gets the same strings. `serde_json` by itself escapes what JSON demands, and lets marks of
//! direction and the C1 controls through, of which one begins an escape sequence in a terminal.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::source::is_unprintable;

/// A value as JSON of several lines, ending in a line break.
#[expect(
    clippy::expect_used,
    reason = "values of strings and numbers always serialize, and memory takes any text"
)]
pub fn json_text(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Visible(PrettyFormatter::new()));
    value.serialize(&mut serializer).expect("strings and numbers serialize");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is written as UTF-8")
}

/// A text that is JSON already, with the same escapes. Outside of strings, JSON has none of these characters.
pub fn visible_json(text: &str) -> String {
    text.split_inclusive(['\n', '\t', '\r']).map(escaped_fragment).collect()
}

/// A part of a string without what has an escape of its own. The second of two `#` is escaped, as commands of build
/// servers begin with them.
fn escaped_fragment(fragment: &str) -> String {
    let mut visible = String::with_capacity(fragment.len());
    let mut previous = ' ';
    for character in fragment.chars() {
        let is_blank = matches!(character, '\n' | '\t' | '\r');
        if (is_unprintable(character) && !is_blank) || (character == '#' && previous == '#') {
            // In UTF-16, as JSON has it.
            for unit in character.encode_utf16(&mut [0; 2]) {
                visible.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            visible.push(character);
        }
        previous = character;
    }
    visible
}

/// Writes JSON as [`PrettyFormatter`] does, with more escapes.
struct Visible<'i>(PrettyFormatter<'i>);

impl Formatter for Visible<'_> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.is_ascii() && !fragment.contains("##") && !fragment.contains('\u{7f}') {
            return writer.write_all(fragment.as_bytes());
        }
        writer.write_all(escaped_fragment(fragment).as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped_and_reads_back_the_same() {
        let text = "a\u{202e}\u{7f}\u{9b}31m\u{85}\u{e0041}##[error]x ::error::y\n\u{1b}";
        let json = json_text(&serde_json::json!([text, 1]));
        assert!(!json.chars().any(|c| is_unprintable(c) && c != '\n') && !json.contains("##["), "{json}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()[0], text);
        assert_eq!(visible_json("{\n\t\"a\": \"\u{9b}##[\"}"), "{\n\t\"a\": \"\\u009b#\\u0023[\"}");
    }
}
