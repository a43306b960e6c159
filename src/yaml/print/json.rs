//! JSON, in many lines or in one. Values keep their lexemes, so this is no `serde_json`, which would decode numbers.

use std::fmt::Write;

use super::yaml::push_spaces;
use crate::source::is_unprintable;
use crate::yaml::node::{Map, Node, Value};
use crate::yaml::scalar::{Kind, Scalar, canonical_number};

/// Prints a tree as JSON, two spaces a level, ending in a line break. Numbers keep all their digits.
pub fn print_json(node: &Node) -> String {
    let mut out = String::with_capacity(1024);
    push_node(&mut out, node, 0);
    out.push('\n');
    out
}

/// Prints a tree as JSON on one line, for tables and sentences, without a line break at the end: `{"a": [1, 2]}`.
pub fn print_inline(node: &Node) -> String {
    let mut line = String::new();
    // Strings have their line breaks escaped, so a line of the long form can only end between two tokens.
    for part in print_json(node).lines().map(str::trim_start) {
        if line.ends_with([',', ':']) {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

/// A node whose first line is indented already; `column` is the indentation of that line.
fn push_node(out: &mut String, node: &Node, column: usize) {
    match &node.value {
        Value::Scalar(scalar) => push_scalar(out, scalar),
        Value::List(items) if items.is_empty() => out.push_str("[]"),
        Value::Map(map) if map.is_empty() => out.push_str("{}"),
        Value::List(items) => push_list(out, items, column),
        Value::Map(map) => push_map(out, map, column),
    }
}

fn push_list(out: &mut String, items: &[Node], column: usize) {
    let mut opening = '[';
    for item in items {
        open_line(out, opening, column + 2);
        push_node(out, item, column + 2);
        opening = ',';
    }
    close_line(out, ']', column);
}

fn push_map(out: &mut String, map: &Map, column: usize) {
    let mut opening = '{';
    for (key, entry) in map {
        open_line(out, opening, column + 2);
        push_string(out, key);
        out.push_str(": ");
        push_node(out, &entry.node, column + 2);
        opening = ',';
    }
    close_line(out, '}', column);
}

fn open_line(out: &mut String, opening: char, column: usize) {
    out.push(opening);
    out.push('\n');
    push_spaces(out, column);
}

fn close_line(out: &mut String, closing: char, column: usize) {
    out.push('\n');
    push_spaces(out, column);
    out.push(closing);
}

fn push_scalar(out: &mut String, scalar: &Scalar) {
    match scalar.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool if scalar.text.eq_ignore_ascii_case("true") => out.push_str("true"),
        Kind::Bool => out.push_str("false"),
        Kind::Int | Kind::Float => match canonical_number(scalar.kind, &scalar.text) {
            Some(number) => out.push_str(&number),
            // JSON has no infinity and no "not a number".
            None => push_string(out, &scalar.text),
        },
        Kind::Str => push_string(out, &scalar.text),
    }
}

/// Writes a JSON string; what would be invisible is escaped as well as what JSON demands.
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if is_unprintable(character) => push_escape(out, character),
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// As JSON wants it: in UTF-16, so what is beyond U+FFFF is a pair of surrogates.
fn push_escape(out: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}
