//! Templates of Go's `text/template`, as charts of Helm are written in: knows nothing of Helm.
//!
//! ```text
//! text ─► lexer ─► parser ─► Template ─► eval, with values and functions ─► Text: bytes, and where each came from
//! ```

pub mod error;
pub mod eval;
pub mod function;
pub mod text;
pub mod value;
