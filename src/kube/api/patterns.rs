//! A cache of the regular expressions of CRD schemas, compiled when they are first needed.
//!
//! A CRD may have hundreds of patterns, of which a document meets a handful. So nothing is compiled when a CRD is read,
//! and what was compiled serves all documents of the run.
//!
//! The API server matches with Go's `regexp`. The `regex` crate is of the same family (RE2): linear in the text,
//! without look-around and backreferences. So what one of them reads, the other reads nearly always.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use crate::limits::Limit;

/// The patterns that were compiled so far. Matching takes time linear in the text, so no pattern can stall a run; how
/// large one may become is limited as well.
#[derive(Debug, Default)]
pub(in crate::kube) struct Patterns {
    /// By the text of the pattern, as several CRDs have the same. Failures too: one that is too large is costly to find
    /// out. A lock, because documents are checked by several threads; it is held while matching, which is short.
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
    /// Whether the text matches the pattern anywhere: patterns of JSON Schema are not anchored.
    ///
    /// # Errors
    /// A pattern that cannot be compiled, each time that it is asked for.
    pub(in crate::kube) fn matches(&self, pattern: &str, text: &str) -> Result<bool, UnusablePattern> {
        // A thread that panicked while it held the lock has left a map that is whole: entries go in complete.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked up twice and not by `entry`, which would copy the pattern for each text that is matched.
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), compile(pattern));
        }
        match &compiled[pattern] {
            Ok(expression) => Ok(expression.is_match(text)),
            Err(reason) => Err(*reason),
        }
    }
}

/// Compiles one pattern, within the size that [`Limit::PatternSize`] sets.
pub(in crate::kube) fn compile(pattern: &str) -> Result<Regex, UnusablePattern> {
    // This limit cannot be raised, so no session has to be asked.
    let most = Limit::PatternSize.standard() as usize;
    RegexBuilder::new(pattern).size_limit(most).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => UnusablePattern::TooLarge,
        _ => UnusablePattern::Unsupported,
    })
}
