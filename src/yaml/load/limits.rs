//! `ParseLimits`: how much of a text is read before it is refused.

use crate::limits::{Limit, Limits};

/// How much of a text is read before it is refused. The numbers come from the run's limits.
#[derive(Clone, Copy, Debug)]
pub struct ParseLimits {
    /// Lists and maps inside each other.
    pub depth: usize,
    /// Nodes that aliases may add to the documents of a text ("billion laughs").
    pub expanded: usize,
    /// Documents in one text.
    pub documents: usize,
    /// Nodes that fragments inside fragments may bring into the documents of one text: a fragment that stands in another
    /// one is read each time that the other one is, so a few of them can double without end.
    pub filled: usize,
}

impl Default for ParseLimits {
    fn default() -> Self {
        ParseLimits::from(&Limits::default())
    }
}

impl From<&Limits> for ParseLimits {
    fn from(limits: &Limits) -> Self {
        ParseLimits {
            depth: limits.of(Limit::Nesting),
            expanded: limits.of(Limit::Aliases),
            documents: limits.of(Limit::Documents),
            filled: limits.of(Limit::Fragments),
        }
    }
}
