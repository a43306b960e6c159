//! A cache of what the table has no place for ([`Constraints::rest`](super::table::Constraints::rest)), read when it is
//! first needed.
//!
//! It is JSON in the text of the table. A run meets little of it, and each piece with every object of its kind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::table::{Name, Table};

/// The pieces that were read so far.
#[derive(Debug, Default)]
pub(in crate::kube) struct Rest {
    /// By their place in the text of the table, which only grows.
    read: Mutex<BTreeMap<Name, Arc<Value>>>,
}

impl Rest {
    /// What stands at a name of the table; null if it is no JSON.
    pub(in crate::kube) fn get(&self, table: &Table, name: Name) -> Arc<Value> {
        // A thread that panicked while it held the lock has left a map that is whole: entries go in complete.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read
            .entry(name)
            .or_insert_with(|| Arc::new(serde_json::from_str(table.name(name)).unwrap_or_default()));
        Arc::clone(read)
    }
}
