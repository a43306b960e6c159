//! Known texts: what templates printed when they ran last, so that what is the same again is not worked out again.
//!
//! Values are not in what a template prints, their slots are. So with `render --each` nearly all texts are the same for
//! each of a thousand values files, and with them their source maps and tokens:
//!
//! ```text
//! printed, and the expressions of its slots ─► the same as the last time? ─► text, source map, skeleton
//! ```
//!
//! Nothing but time depends on it: all that these are made of is compared, byte by byte.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::source::{SourceMap, Text};
use crate::yaml::Skeleton;

/// The texts that the templates of a program printed last. Threads can share it.
#[derive(Debug, Default)]
pub struct KnownTexts {
    texts: RwLock<HashMap<Place, KnownText>>,
}

/// The name of a template, and the slot that a fragment of it stands for; none for the template's own text.
type Place = (Arc<str>, Option<usize>);

/// What became of a text that was printed.
#[derive(Clone, Debug)]
pub(super) struct DerivedText {
    /// Without marks.
    pub(super) text: Text,
    pub(super) source_map: Arc<SourceMap>,
    /// None if it is not to be kept.
    pub(super) skeleton: Option<Arc<Skeleton>>,
}

/// A text with what it was made of.
#[derive(Debug)]
struct KnownText {
    printed: Box<str>,
    /// The slots in it, with the expressions that printed them: the text has the slots' numbers alone.
    slots: Vec<(usize, Option<usize>)>,
    derived: DerivedText,
}

impl KnownTexts {
    /// What became of the same text when it was printed at this place; `expression` tells which one printed a slot.
    pub(super) fn find(
        &self,
        place: &Place,
        printed: &str,
        expression: impl Fn(usize) -> Option<usize>,
    ) -> Option<DerivedText> {
        // A panic while the lock is held ends the program, or leaves a table that is whole.
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        let known = texts.get(place)?;
        let is_same = *known.printed == *printed
            && known.slots.iter().all(|(number, printed_by)| expression(*number) == *printed_by);
        is_same.then(|| known.derived.clone())
    }

    /// Keeps what became of a text, in the place of what was printed there before.
    pub(super) fn keep(
        &self,
        place: Place,
        printed: &str,
        slots: Vec<(usize, Option<usize>)>,
        derived: DerivedText,
    ) {
        let known = KnownText { printed: printed.into(), slots, derived };
        self.texts.write().unwrap_or_else(PoisonError::into_inner).insert(place, known);
    }
}
