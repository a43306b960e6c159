//! What came of tests of a chart, as data for the writers.

use crate::diagnostic::Diagnostic;

/// A case of tests, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestedCase {
    /// The suite that it belongs to.
    pub suite: String,
    /// Its name in the suite.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// Its line there.
    pub line: usize,
    /// Why it failed, also reported in the session; empty if it passed.
    pub failures: Vec<Diagnostic>,
    /// What differs from its snapshot, for people: plain and in colours.
    pub differences: Option<[String; 2]>,
}

impl TestedCase {
    /// Whether nothing is wrong with it.
    pub fn is_passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// The cases of a run, and what to know besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tested {
    /// In the order of their files.
    pub cases: Vec<TestedCase>,
    /// A phrase each.
    pub notes: Vec<String>,
    /// Whether people are shown failed cases alone.
    pub failed_alone: bool,
}

impl Tested {
    /// How many cases failed.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.is_passed()).count()
    }
}
