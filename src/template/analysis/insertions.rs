//! The text that is put into templates before they are compiled, and the way back from a compiled text's offsets.

use std::borrow::Cow;

use super::precompiled::packed::PackedPlan;

/// Text that is put into a template.
#[derive(Debug)]
pub(crate) struct Insertion {
    /// The byte offset in the template before which it is put.
    pub(super) at: usize,
    pub(super) text: Cow<'static, str>,
}

impl Insertion {
    pub(super) fn new(at: usize, text: impl Into<Cow<'static, str>>) -> Self {
        Insertion { at, text: text.into() }
    }
}

/// What is put into each template of a chart, in the order of the offsets.
#[derive(Debug)]
pub(crate) enum InsertionTable {
    /// Of templates that were analysed in this run.
    Analysed(Vec<Vec<Insertion>>),
    /// Of a plan that is built in.
    Packed(&'static PackedPlan),
}

impl InsertionTable {
    /// What is put into one template: offsets in it, ascending, and texts.
    pub(super) fn of(&self, template: usize) -> impl Iterator<Item = (usize, &str)> {
        // One of the two is empty: an iterator of either kind needs neither a box nor an enum of its own.
        let (analysed, packed) = match self {
            InsertionTable::Analysed(analysed) => (analysed.get(template), None),
            InsertionTable::Packed(plan) => (None, Some(plan.insertions_of(template))),
        };
        let analysed = analysed.into_iter().flatten().map(|insertion| (insertion.at, &*insertion.text));
        analysed.chain(packed.into_iter().flatten())
    }

    /// The instrumented text of a template, which is what the engine compiles.
    pub(crate) fn instrumented(&self, template: usize, source: &str) -> String {
        let inserted: usize = self.of(template).map(|(_, text)| text.len()).sum();
        let mut text = String::with_capacity(source.len() + inserted);
        let mut done = 0;
        // Offsets are those of the engine's tokens and spans: ascending by now, and between characters.
        for (at, insertion) in self.of(template) {
            text.push_str(source.get(done..at).unwrap_or_default());
            text.push_str(insertion);
            done = at;
        }
        text.push_str(source.get(done..).unwrap_or_default());
        text
    }

    /// The offset in a template for an offset in its instrumented text. All that was put in stands for the place where it was put.
    ///
    /// ```text
    /// template        a: {{ x }}
    /// instrumented    a: {{( x )|__bind(0)}}
    ///                       ^^^^^^^^^^^^^^^^^ inserted twice, and ` x ` between
    /// ```
    pub(crate) fn original_offset(&self, template: usize, offset: usize) -> usize {
        // How much of both texts has been passed. From one insertion to the next both have the same text. It is walked from the start,
        // since it is asked for errors alone.
        let mut original = 0;
        let mut instrumented = 0;
        for (at, insertion) in self.of(template) {
            let behind = instrumented + (at - original) + insertion.len();
            if behind > offset {
                break;
            }
            original = at;
            instrumented = behind;
        }
        original + (offset - instrumented)
    }
}
