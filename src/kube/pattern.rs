//! The regular expressions of CRD schemas, compiled when they are first met.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use crate::limits::Limit;

/// The patterns that were compiled so far. The expressions take linear time, so no pattern can stall a run.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: Mutex<BTreeMap<String, Option<Regex>>>,
}

impl Patterns {
    /// Whether the text matches; what is no expression of ours is not held against the text.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), compile(pattern));
        }
        let known = compiled.get(pattern).and_then(Option::as_ref);
        known.is_none_or(|expression| expression.is_match(text))
    }
}

pub(super) fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(Limit::PatternSize.standard() as usize).build().ok()
}
