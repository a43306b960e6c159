//! A cache of the rules of CRDs, parsed when they are first needed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Expr, parse};

/// The rules that were parsed so far. A lock, because documents are checked by several threads.
#[derive(Debug, Default)]
pub(in crate::kube) struct Rules {
    /// By their text, as many types have the same. None for one that is no expression: that is reported of the CRD.
    parsed: Mutex<BTreeMap<String, Option<Arc<Expr>>>>,
}

impl Rules {
    /// The expression of a rule.
    pub(in crate::kube) fn get(&self, rule: &str) -> Option<Arc<Expr>> {
        // A thread that panicked while it held the lock has left a map that is whole: entries go in complete.
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if !parsed.contains_key(rule) {
            parsed.insert(rule.to_owned(), parse(rule).ok().map(Arc::new));
        }
        parsed.get(rule).cloned().flatten()
    }
}
