//! A cache of the regular expressions of CRD schemas, compiled when they are first needed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use crate::limits::Limit;

/// The patterns that were compiled so far. Matching takes time linear in the text, so no pattern can stall a run; how
/// large one may become is limited as well.
#[derive(Debug, Default)]
pub(in crate::kube) struct Patterns {
    compiled: Mutex<BTreeMap<String, Result<Regex, UnusablePattern>>>,
}

/// Why a pattern is not matched against texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kube) enum UnusablePattern {
    /// Compiled, it needs more bytes than `pattern-size` allows.
    TooLarge,
    /// The `regex` crate does not read it: it has no look-around and no backreferences.
    Unsupported,
}

impl Patterns {
    /// Whether the text matches the pattern anywhere.
    pub(in crate::kube) fn matches(&self, pattern: &str, text: &str) -> Result<bool, UnusablePattern> {
        // A thread that panicked while it held the lock has left a map that is whole: entries go in complete.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), compile(pattern));
        }
        match &compiled[pattern] {
            Ok(expression) => Ok(expression.is_match(text)),
            Err(reason) => Err(*reason),
        }
    }
}

/// Compiles one pattern.
pub(in crate::kube) fn compile(pattern: &str) -> Result<Regex, UnusablePattern> {
    // This limit cannot be raised, so no session has to be asked.
    let most = Limit::PatternSize.standard() as usize;
    RegexBuilder::new(pattern).size_limit(most).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => UnusablePattern::TooLarge,
        _ => UnusablePattern::Unsupported,
    })
}
