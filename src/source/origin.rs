//! What a bound value was made of: the template's expression and the values that went into it.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::Span;

/// Names an [`Origin`] of the session; small enough to stand in every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OriginId(NonZeroU32);

impl OriginId {
    pub(crate) fn from_index(index: usize) -> Option<Self> {
        u32::try_from(index + 1).ok().and_then(NonZeroU32::new).map(OriginId)
    }

    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// One value that an expression read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path as the template writes it, for example `values.engine.replicas`.
    pub path: Arc<str>,
    /// Where the value was written; none when nobody set it.
    pub span: Option<Span>,
}

/// The provenance of one value of a rendered document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The expression in the template.
    pub expression: Span,
    /// The values that went into it; one for a bare path, several for a computed value.
    pub inputs: Vec<Input>,
    /// Whether a text that somebody set is in it as it is: neither a number or boolean, nor one word of a shell in its quotes.
    /// A longer text counts only where such a value stands in one line with words of the template.
    pub raw: bool,
}
