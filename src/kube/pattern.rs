//! The regular expressions of CRD schemas, compiled when they are first met.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use crate::limits::Limit;

/// The patterns that were compiled so far. The expressions take linear time, so no pattern can stall a run.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: Mutex<BTreeMap<String, Result<Regex, Unreadable>>>,
}

/// Why a pattern is not held against texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Compiled, it takes more than is given to it.
    TooLarge,
    /// No expression that takes linear time.
    Unknown,
}

impl Patterns {
    /// Whether the text matches.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Result<bool, Unreadable> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), compile(pattern));
        }
        match compiled.get(pattern) {
            Some(Ok(expression)) => Ok(expression.is_match(text)),
            Some(Err(reason)) => Err(*reason),
            None => Ok(true),
        }
    }
}

pub(super) fn compile(pattern: &str) -> Result<Regex, Unreadable> {
    let most = Limit::PatternSize.standard() as usize;
    RegexBuilder::new(pattern).size_limit(most).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Unreadable::TooLarge,
        _ => Unreadable::Unknown,
    })
}
