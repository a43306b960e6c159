//! What templates read of the values, as far as it decides which keys a map takes.

use std::collections::BTreeMap;
use std::fmt;

/// The settings that templates read, as a tree.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// Whether the place is used as a whole: printed, handed on, or walked through.
    whole: bool,
    keys: BTreeMap<String, Reads>,
}

impl Reads {
    /// Adds a read of what is at a path of keys: of all that is there, or only of whether it is there.
    pub fn add<S: AsRef<str>>(&mut self, path: &[S], as_a_whole: bool) {
        let mut here = self;
        for key in path {
            here = here.keys.entry(key.as_ref().to_owned()).or_default();
        }
        here.whole |= as_a_whole;
    }

    /// Whether the place is used as a whole.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What is read below a key.
    pub(super) fn below(&self, key: &str) -> Option<&Reads> {
        self.keys.get(key)
    }

    /// The keys that are read by name, sorted.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }
}

/// The paths that are read, with a star behind those of which the whole is used.
impl fmt::Display for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn collect(reads: &Reads, path: &str, found: &mut Vec<String>) {
            if reads.whole || (reads.keys.is_empty() && !path.is_empty()) {
                found.push(format!("{path}{}", if reads.whole { "*" } else { "" }));
            }
            for (key, below) in &reads.keys {
                let dot = if path.is_empty() { "" } else { "." };
                collect(below, &format!("{path}{dot}{key}"), found);
            }
        }
        let mut found = Vec::new();
        collect(self, "", &mut found);
        f.write_str(&found.join(" "))
    }
}
