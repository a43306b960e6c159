//! Printing: from trees to block YAML, and to JSON in many lines or in one.
//!
//! What is printed is read by others: `kubectl` (YAML 1.1 through Go and JSON), Helm, PyYAML, editors. So both printers write only what
//! every reader takes for the same tree. That is a smaller language than YAML: strings are quoted wherever some reader could
//! see anything else in them, and numbers have one form (`scalar/number.rs`). `tests/print.rs` reads the output back with several readers.

mod json;
mod yaml;

pub use json::{print_inline, print_json};
pub use yaml::{print_yaml, print_yaml_with};
