//! The regular expressions of CRD schemas, compiled when they are first met.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jsonschema::{PatternOptions, Validator};
use serde_json::{Value, json};

/// The patterns that were compiled so far. Linear-time expressions only, so no pattern can stall a run.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: Mutex<BTreeMap<String, Option<Validator>>>,
}

impl Patterns {
    /// Whether the text matches; what is no expression of ours is not held against the text.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), compile(pattern));
        }
        let known = compiled.get(pattern).and_then(Option::as_ref);
        known.is_none_or(|validator| validator.is_valid(&Value::from(text)))
    }
}

pub(super) fn compile(pattern: &str) -> Option<Validator> {
    let options = jsonschema::draft7::options().with_pattern_options(PatternOptions::regex());
    options.build(&json!({ "pattern": pattern })).ok()
}
