//! A tree on one line, for tables and sentences.

use super::{Node, print_json};

/// Prints a tree as JSON on one line, without a line break at the end: `{"a": [1, 2]}`. A scalar that is no string
/// stands as it was written.
pub fn print_inline(node: &Node) -> String {
    let mut line = String::new();
    // Strings have their line breaks escaped, so each line of the long form ends between two tokens.
    for part in print_json(node).lines().map(str::trim_start) {
        if line.ends_with([',', ':']) {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}
