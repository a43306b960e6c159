//! Printing: from trees to block YAML, and to JSON in many lines or in one.
//!
//! What is printed is read by others: `kubectl` (YAML 1.1 through Go and JSON), Helm, PyYAML, editors. So both formats
//! hold only what every reader takes for the same tree. That is a smaller language than YAML: strings are quoted
//! wherever some reader could see anything else in them, and numbers have one form ([`canonical_number`]). Values keep
//! their lexemes, so the JSON is not left to `serde_json`, which would decode numbers. `tests/print.rs` reads the
//! output back with several readers.
//!
//! ```text
//! data:                     a map
//!   port: "8080"            a string that some reader takes for a number
//!   script: |               a string of several lines
//!     #!/bin/sh
//!     exec web
//!   empty: {}
//!   hosts:                  a list, at the column of its key
//!   - a
//!   - b: 1
//! ```
//!
//! # Columns
//!
//! The caller says at which `column` a node begins. A collection indents its entries, except for the first one where
//! that goes on behind a dash ([`Lead`]); a leaf is never indented, as it always goes on behind a colon or a dash.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::node::{Node, Value};
use super::packed::PackedNode;
use super::scalar::{Kind, ScalarRef, canonical_number};
use super::view::{NodeView, View};
use super::yaml_1_1::may_resolve;
use crate::source::{command_marks, is_unprintable};

/// Prints a tree as block YAML, ending in a line break: two spaces a level, lists at the column of their key, strings
/// in quotes wherever some reader could take them for something else, text of several lines as a `|` block.
pub fn print_yaml(node: &Node) -> String {
    yaml(node, |_| None)
}

/// As [`print_yaml`], of a packed tree.
pub(super) fn print_packed_yaml(node: PackedNode<'_>) -> String {
    yaml(node, |_| None)
}

fn yaml<'n, N: NodeView<'n>>(node: N, remark: impl Fn(N) -> Option<String>) -> String {
    let mut printer = Printer { out: String::with_capacity(1024), remark, quoted: None, tree: PhantomData };
    printer.nested(node, 0, Lead::Line);
    printer.out
}

/// Prints like [`print_yaml`], without the last line break, to be put into a larger text. Whatever follows there, it
/// is read as the same value: its last scalar is no block that ends in a line break, as how many of these count would
/// depend on what stands behind it.
pub fn print_yaml_part(node: &Node) -> String {
    let out = String::with_capacity(1024);
    let mut printer = Printer { out, remark: |_: &Node| None, quoted: last_leaf(node), tree: PhantomData };
    printer.nested(node, 0, Lead::Line);
    // Its last line ends in one.
    printer.out.pop();
    printer.out
}

/// The scalar that is printed last.
fn last_leaf(node: &Node) -> Option<&Node> {
    match &node.value {
        Value::Scalar(_) => Some(node),
        Value::List(items) => last_leaf(items.last()?),
        Value::Map(map) => last_leaf(&map.get_index(map.len().checked_sub(1)?)?.1.node),
    }
}

/// Prints like [`print_yaml`], with a comment after each leaf that `remark` has one for: `replicas: 2 # mine.yaml:3`.
pub fn print_yaml_with<'n>(node: &'n Node, remark: impl Fn(&'n Node) -> Option<String>) -> String {
    yaml(node, remark)
}

/// Prints block YAML into a string.
struct Printer<'n, N, R> {
    out: String,
    /// The comment behind a leaf, without its `#`.
    remark: R,
    /// A scalar that is no block if it ends in a line break.
    quoted: Option<N>,
    tree: PhantomData<&'n ()>,
}

/// What stands on the line before a node's first entry.
#[derive(Clone, Copy, PartialEq)]
enum Lead {
    /// Nothing: the first entry indents itself.
    Line,
    /// `- `: the first entry goes on behind it.
    Dash,
}

/// YAML allows a key without `?` (an implicit key) 1,024 characters up to its `:`, so longer keys are printed as `?
/// key`. The limit here is lower, because readers do not agree on what they count.
const LONGEST_SIMPLE_KEY: usize = 1_000;

impl<'n, N: NodeView<'n>, R: Fn(N) -> Option<String>> Printer<'n, N, R> {
    /// A node that begins at `column`, on a line of its own or behind a dash.
    fn nested(&mut self, node: N, column: usize, lead: Lead) {
        match node.view() {
            View::Map(entries) if entries.len() > 0 => self.map(entries, column, lead),
            View::List(items) if items.len() > 0 => self.list(items, column, lead),
            // It stands behind a dash two columns before, or is all of the document.
            _ => self.leaf(node, column.saturating_sub(2)),
        }
    }

    /// The entries of a map that is not empty, whose keys begin at `column`.
    fn map(&mut self, entries: N::Entries, column: usize, mut lead: Lead) {
        for (key, node) in entries {
            self.indent(column, lead);
            lead = Lead::Line;
            // A key is one line, however many it has: blocks are for values.
            let start = self.out.len();
            push_string(&mut self.out, key);
            let simple = self.out.len() - start <= LONGEST_SIMPLE_KEY;
            if !simple {
                // How long a key is printed is known only when its escapes are written.
                self.out.insert_str(start, "? ");
                self.out.push('\n');
                self.indent(column, Lead::Line);
            }
            self.out.push(':');
            self.after_colon(node, column, simple);
        }
    }

    /// The value of a key at `column`. The key is `simple` unless it stands behind a `?`, on a line of its own.
    fn after_colon(&mut self, node: N, column: usize, simple: bool) {
        match node.view() {
            View::List(items) if items.len() > 0 => {
                self.out.push('\n');
                // A list may stand at its key's column, as `kubectl` prints it, but not at that of a lone `:`.
                self.list(items, if simple { column } else { column + 2 }, Lead::Line);
            }
            View::Map(entries) if entries.len() > 0 => {
                self.out.push('\n');
                self.map(entries, column + 2, Lead::Line);
            }
            _ => {
                self.out.push(' ');
                self.leaf(node, column);
            }
        }
    }

    /// The items of a list that is not empty, whose dashes stand at `column`.
    fn list(&mut self, items: N::Items, column: usize, mut lead: Lead) {
        for item in items {
            self.indent(column, lead);
            lead = Lead::Line;
            self.out.push_str("- ");
            self.nested(item, column + 2, Lead::Dash);
        }
    }

    /// A scalar or an empty collection, up to the end of its last line; `column` is that of its parent.
    fn leaf(&mut self, node: N, column: usize) {
        let is_quoted = |text: &str| text.ends_with('\n') && self.quoted.is_some_and(|last| last.is(node));
        let string = node.scalar().filter(|scalar| scalar.kind == Kind::Str).map(|scalar| &**scalar.text);
        let block = string.filter(|text| is_block_safe(text) && !is_quoted(text));
        match (node.view(), block) {
            (_, Some(text)) => self.out.push_str(block_header(text)),
            (View::Scalar(scalar), _) => push_scalar(&mut self.out, scalar),
            (View::List(_), _) => self.out.push_str("[]"),
            (View::Map(_), _) => self.out.push_str("{}"),
        }
        if let Some(remark) = (self.remark)(node) {
            self.out.push_str(" # ");
            self.out.push_str(&remark);
        }
        self.out.push('\n');
        if let Some(text) = block {
            self.block(text, column + 2);
        }
    }

    /// The lines of a `|` block. Empty ones are not indented: nothing should stand at the end of a line.
    fn block(&mut self, text: &str, column: usize) {
        for line in text.split_inclusive('\n') {
            if line != "\n" {
                self.indent(column, Lead::Line);
            }
            self.out.push_str(line);
        }
        if !text.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// The spaces before an entry, unless it goes on behind a dash.
    fn indent(&mut self, column: usize, lead: Lead) {
        if lead == Lead::Line {
            push_spaces(&mut self.out, column);
        }
    }
}

/// A scalar that is no block, as YAML.
fn push_scalar(out: &mut String, scalar: ScalarRef<'_>) {
    match common_form(scalar) {
        Some(text) => out.push_str(&text),
        None if scalar.kind == Kind::Str => push_string(out, scalar.text),
        // `.inf` and `.nan`: in lower case all readers know them.
        None => out.push_str(&scalar.text.to_ascii_lowercase()),
    }
}

/// A string on one line: a key, or a value that is no block.
fn push_string(out: &mut String, text: &str) {
    if is_plain_safe(text) { out.push_str(text) } else { push_quoted_yaml(out, text) }
}

/// Whether a string may be printed without quotes: no YAML reader, 1.1 or 1.2, can take it for anything else.
///
/// Stricter than YAML: what is not printable ASCII is quoted, and so is most of what begins with punctuation.
fn is_plain_safe(text: &str) -> bool {
    let bytes = text.as_bytes();
    begins_plainly(bytes) && continues_plainly(bytes) && !may_resolve(text)
}

/// Whether the first bytes can begin nothing but a plain scalar: no indicator, no `---` and no `...`.
fn begins_plainly(bytes: &[u8]) -> bool {
    match bytes {
        // Flags of programs, `-c` and `--port`, are usual in lists of arguments.
        [b'-', b'-', third, ..] => third.is_ascii_alphanumeric(),
        [b'-', second, ..] => second.is_ascii_alphanumeric(),
        [b'.', b'.', ..] => false,
        [first, ..] => first.is_ascii_alphanumeric() || b"/_.$(+".contains(first),
        [] => false,
    }
}

/// Whether nothing in the text ends a plain scalar early (`: `, ` #`) or needs an escape.
fn continues_plainly(bytes: &[u8]) -> bool {
    let mut previous = 0;
    for &byte in bytes {
        // `##[` is how commands of build servers begin.
        let ends_early =
            (previous == b':' && byte == b' ') || (matches!(previous, b' ' | b'#') && byte == b'#');
        if ends_early || !matches!(byte, b' '..=b'~') {
            return false;
        }
        previous = byte;
    }
    // At its end a colon would make a key of it, and a space would be lost.
    previous != b':' && previous != b' '
}

/// Whether a text can be a `|` block for every reader: what they disagree on is an indented or empty first line,
/// lines of nothing but spaces, and characters that must be escaped.
fn is_block_safe(text: &str) -> bool {
    if !text.contains('\n') || text.starts_with([' ', '\t', '\n']) {
        return false;
    }
    let lines_are_safe = text
        .split('\n')
        .all(|line| line.is_empty() || (!line.trim().is_empty() && !is_command_of_server(line)));
    lines_are_safe && !text.chars().any(|c| is_unprintable(c) && c != '\n' && c != '\t')
}

/// Whether a build server would take a line of a block for a command, if what is printed goes to the log of a job.
fn is_command_of_server(line: &str) -> bool {
    (line.contains("::") || line.contains("##")) && !command_marks(line).is_empty()
}

/// The header of a literal block, with the indicator that keeps the text's final line breaks as they are.
fn block_header(text: &str) -> &'static str {
    match text.strip_suffix('\n') {
        None => "|-",
        Some(rest) if rest.ends_with('\n') => "|+",
        Some(_) => "|",
    }
}

/// A string in double quotes, for YAML. Two escapes are never written: `\/`, which YAML 1.1 has not, and a pair of
/// surrogates, which JSON would need and YAML readers take for two characters.
fn push_quoted_yaml(out: &mut String, text: &str) {
    push_quoted(out, text, |out, character| {
        let code = u32::from(character);
        out.push_str(&match code {
            0..=0xff => format!("\\x{code:02x}"),
            0x100..=0xffff => format!("\\u{code:04x}"),
            _ => format!("\\U{code:08x}"),
        });
    });
}

// JSON.

/// Prints a tree as JSON, two spaces a level, ending in a line break. Numbers keep all their digits.
pub fn print_json(node: &Node) -> String {
    json(node)
}

/// As [`print_json`], of a packed tree.
pub(super) fn print_packed_json(node: PackedNode<'_>) -> String {
    json(node)
}

fn json<'n>(node: impl NodeView<'n>) -> String {
    let mut out = String::with_capacity(1024);
    push_json(&mut out, node, 0);
    out.push('\n');
    out
}

/// Prints a tree as JSON on one line, for tables and sentences, without a line break at the end: `{"a": [1, 2]}`.
pub fn print_inline(node: &Node) -> String {
    let mut line = String::new();
    // Made of the long form, so that there is one writer of JSON. Strings have their line breaks escaped, so a line can
    // only end between two tokens.
    for part in print_json(node).lines().map(str::trim_start) {
        if line.ends_with([',', ':']) {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

/// A node whose first line is indented already; `column` is the indentation of that line.
fn push_json<'n, N: NodeView<'n>>(out: &mut String, node: N, column: usize) {
    match node.view() {
        View::Scalar(scalar) => push_json_scalar(out, scalar),
        View::List(items) if items.len() == 0 => out.push_str("[]"),
        View::Map(entries) if entries.len() == 0 => out.push_str("{}"),
        View::List(items) => push_json_list(out, items, column),
        View::Map(entries) => push_json_map(out, entries, column),
    }
}

/// The items of a list that is not empty, each on a line of its own.
fn push_json_list<'n, N: NodeView<'n>>(out: &mut String, items: impl Iterator<Item = N>, column: usize) {
    // A comma ends the line before, as soon as there is one.
    let mut opening = '[';
    for item in items {
        open_json_line(out, opening, column + 2);
        push_json(out, item, column + 2);
        opening = ',';
    }
    close_json_line(out, ']', column);
}

/// The entries of a map that is not empty, each on a line of its own.
fn push_json_map<'n, N: NodeView<'n>>(
    out: &mut String,
    entries: impl Iterator<Item = (&'n str, N)>,
    column: usize,
) {
    let mut opening = '{';
    for (key, node) in entries {
        open_json_line(out, opening, column + 2);
        push_json_string(out, key);
        out.push_str(": ");
        push_json(out, node, column + 2);
        opening = ',';
    }
    close_json_line(out, '}', column);
}

fn open_json_line(out: &mut String, opening: char, column: usize) {
    out.push(opening);
    out.push('\n');
    push_spaces(out, column);
}

fn close_json_line(out: &mut String, closing: char, column: usize) {
    out.push('\n');
    push_spaces(out, column);
    out.push(closing);
}

/// A scalar as JSON.
fn push_json_scalar(out: &mut String, scalar: ScalarRef<'_>) {
    match common_form(scalar) {
        Some(text) => out.push_str(&text),
        // A string; infinity and "not a number" too, which JSON does not have.
        None => push_json_string(out, scalar.text),
    }
}

/// A JSON string; what would be invisible is escaped as well as what JSON demands.
fn push_json_string(out: &mut String, text: &str) {
    push_quoted(out, text, |out, character| {
        // JSON escapes are in UTF-16, so what is beyond U+FFFF is a pair of surrogates.
        for unit in character.encode_utf16(&mut [0; 2]) {
            // The short escapes of JSON, `\b` and `\f`, are no other characters than these.
            out.push_str(&format!("\\u{unit:04x}"));
        }
    });
}

// What both formats share.

/// A null, a boolean or a finite number as both formats have it, in one spelling. None for strings, `.inf` and `.nan`.
fn common_form(scalar: ScalarRef<'_>) -> Option<Cow<'_, str>> {
    match scalar.kind {
        Kind::Null => Some("null".into()),
        Kind::Bool => Some(if scalar.is_true() { "true" } else { "false" }.into()),
        Kind::Int | Kind::Float => canonical_number(scalar.kind, scalar.text),
        Kind::Str => None,
    }
}

/// A string in double quotes, with the escapes that YAML and JSON have in common; `push_escape` writes any other one.
fn push_quoted(out: &mut String, text: &str, push_escape: impl Fn(&mut String, char)) {
    out.push('"');
    let mut previous = ' ';
    for character in text.chars() {
        match character {
            // No build server should see a command in a string.
            '#' if previous == '#' => push_escape(out, character),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if is_unprintable(character) => push_escape(out, character),
            _ => out.push(character),
        }
        previous = character;
    }
    out.push('"');
}

/// Appends spaces, many at a time.
fn push_spaces(out: &mut String, mut column: usize) {
    const SPACES: &str = "                                                                ";
    while column > 0 {
        let some = column.min(SPACES.len());
        out.push_str(&SPACES[..some]);
        column -= some;
    }
}
