//! Which string of a tree is which: strings enter the engine shared, and are known by their address.

use std::ops::Range;

use crate::yaml::{Node, Value};

/// Where each string of a tree is, by its address.
#[derive(Debug, Default)]
pub(super) struct Strings {
    /// Ascending by address: the range of the steps that lead there.
    places: Vec<(usize, Range<usize>)>,
    steps: Vec<u32>,
}

impl Strings {
    pub(super) fn of(root: &Node) -> Self {
        let mut strings = Strings::default();
        strings.add(root, &mut Vec::new());
        // Of strings at one address the first one counts.
        strings.places.sort_by_key(|(address, _)| *address);
        strings.places.dedup_by_key(|(address, _)| *address);
        strings
    }

    pub(super) fn find(&self, text: &str) -> Option<&[u32]> {
        let address = text.as_ptr() as usize;
        let at = self.places.binary_search_by_key(&address, |(address, _)| *address).ok()?;
        self.steps.get(self.places[at].1.clone())
    }

    fn add(&mut self, node: &Node, steps: &mut Vec<u32>) {
        let mut each = |position: usize, child: &Node| {
            steps.push(u32::try_from(position).unwrap_or(u32::MAX));
            self.add(child, steps);
            steps.pop();
        };
        match &node.value {
            Value::Scalar(scalar) => {
                let start = self.steps.len();
                self.steps.extend_from_slice(steps);
                self.places.push((scalar.text.as_ptr() as usize, start..self.steps.len()));
            }
            Value::List(items) => items.iter().enumerate().for_each(|(at, item)| each(at, item)),
            Value::Map(map) => map.values().enumerate().for_each(|(at, entry)| each(at, &entry.node)),
        }
    }
}
