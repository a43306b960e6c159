//! Templates of Go's `text/template`, as charts of Helm are written in: knows nothing of Helm.
//!
//! ```text
//! text ─► lexer ─► parser ─► Templates ─► Evaluation, with values and functions ─► Text: bytes, and where each came from
//! ```

pub(crate) mod ast;
pub mod budget;
mod builtins;
pub mod characters;
pub mod compare;
pub mod error;
pub mod eval;
pub mod float;
pub mod function;
mod lexer;
mod number;
mod parser;
pub mod print;
pub mod quote;
pub mod reads;
pub mod templates;
#[cfg(test)]
mod tests;
pub mod text;
pub mod value;
