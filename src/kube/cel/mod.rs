//! CEL, the Common Expression Language, as Kubernetes has it: parsed, checked for names and types, and evaluated.
//!
//! The rules of CRDs (`x-kubernetes-validations`), admission policies, match conditions of webhooks and selectors of
//! devices are expressions of it. The API server compiles them when it takes the object (K019), and holds custom
//! resources against the rules of their CRD (K010).
//!
//! ```text
//! lexer ─► parser ─► ast ─┬─► types      names that nothing declares, fields that are not there, types of results
//!                         ├─► cost       what a rule of a CRD costs at most
//!                         └─► evaluate   a value, over the nodes of a document; within a budget
//! ```
//!
//! What is not known here never counts against a document: a function without code, an error at run time (an index out
//! of range, say) and an exhausted budget all leave the question to the server.
//!
//! The crate `cel` is not used. It parses with the runtime of ANTLR, knows no types, has no budget, and wants every
//! object copied into values of its own.

mod ast;
mod cache;
mod cost;
mod evaluate;
mod functions;
mod lexer;
mod parser;
mod types;
mod value;

pub(super) use ast::{Expr, is_word};
pub(super) use cache::Rules;
pub(super) use cost::{is_too_much, max_count};
pub(super) use evaluate::holds;
pub(super) use parser::parse;
pub(super) use types::{Scope, Type, check};

/// Why an expression is not one of CEL, or not of what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// In bytes from the start of the expression.
    pub(super) offset: usize,
    /// A clause: "nothing declares `objekt`".
    pub(super) message: String,
    /// Whether it is a limit of ours that was met, so that nothing is known to be wrong.
    pub(super) is_limit: bool,
}

impl Refusal {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Refusal { offset, message: message.into(), is_limit: false }
    }

    fn limit(offset: usize) -> Self {
        Refusal { offset, message: "the expression is nested too deeply".to_owned(), is_limit: true }
    }
}

#[cfg(test)]
mod tests;
