//! Templates of Go's `text/template`, as charts of Helm are written in: knows nothing of Helm.
//!
//! ```text
//! text ─► lexer ─► parser ─► Templates ─► Evaluation, with values and functions ─► Text: bytes, and where each came from
//! ```

pub mod budget;
pub mod compare;
pub mod error;
pub mod eval;
pub mod function;
pub mod print;
pub mod templates;
pub mod text;
pub mod value;
