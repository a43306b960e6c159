//! `Map`: a mapping in the order it was written, small where mappings are small.

use std::collections::HashMap;
use std::sync::Arc;

use super::Entry;

/// A mapping in the order it was written. Most have a few entries, which are looked through; a larger one has an index of its
/// keys besides. Its hashes differ from map to map, so that nobody can write keys that collide in all of them; no hash
/// reaches output.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<(Arc<str>, Entry)>,
    /// Of a map with more than [`FEW`] entries.
    index: Option<Box<Index>>,
}

type Index = HashMap<Arc<str>, usize, foldhash::fast::RandomState>;

/// So many entries are looked through faster than they are hashed.
const FEW: usize = 12;

impl Map {
    /// An empty map with room for so many entries.
    pub fn with_capacity(entries: usize) -> Self {
        Map { entries: Vec::with_capacity(entries), index: None }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The position of a key.
    pub fn get_index_of(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|(known, _)| **known == *key),
        }
    }

    /// Whether it has a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get_index_of(key).is_some()
    }

    /// The entry under a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.get_index_of(key).and_then(|at| self.get_index(at)).map(|(_, entry)| entry)
    }

    /// The entry under a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        let at = self.get_index_of(key)?;
        self.entries.get_mut(at).map(|(_, entry)| entry)
    }

    /// The key and the entry at a position.
    pub fn get_index(&self, at: usize) -> Option<(&Arc<str>, &Entry)> {
        self.entries.get(at).map(|(key, entry)| (key, entry))
    }

    /// Puts an entry under a key: in the place of the one that is there, or last. Gives the one that was there.
    pub fn insert(&mut self, key: Arc<str>, entry: Entry) -> Option<Entry> {
        match self.get_mut(&key) {
            Some(there) => Some(std::mem::replace(there, entry)),
            None => {
                self.push(key, entry);
                None
            }
        }
    }

    /// The entry under a key; a new one, last, if there is none.
    pub fn or_insert_with(&mut self, key: Arc<str>, new: impl FnOnce() -> Entry) -> &mut Entry {
        let at = self.get_index_of(&key).unwrap_or_else(|| {
            self.push(key, new());
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    /// Takes an entry out; those behind it move up.
    pub fn shift_remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.get_index_of(key)?;
        let (_, entry) = self.entries.remove(at);
        self.index_anew();
        Some(entry)
    }

    /// Puts a new entry before the one at a position. The key must not be there.
    pub fn shift_insert(&mut self, at: usize, key: Arc<str>, entry: Entry) {
        self.entries.insert(at.min(self.entries.len()), (key, entry));
        self.index_anew();
    }

    /// Moves an entry to another position; those between move by one.
    pub fn move_index(&mut self, from: usize, to: usize) {
        let range = self.entries.get_mut(from.min(to)..=from.max(to)).unwrap_or_default();
        if from > to {
            range.rotate_right(1)
        } else {
            range.rotate_left(1)
        }
        self.index_anew();
    }

    /// Keeps the entries that are to be kept.
    pub fn retain(&mut self, mut keep: impl FnMut(&Arc<str>, &mut Entry) -> bool) {
        self.entries.retain_mut(|(key, entry)| keep(key, entry));
        self.index_anew();
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Arc<str>> + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The entries, in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, entry)| entry)
    }

    /// The entries, in order, to be changed.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Entry> {
        self.entries.iter_mut().map(|(_, entry)| entry)
    }

    /// Keys and entries, in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.entries.iter())
    }

    /// Adds an entry whose key is not there.
    pub(super) fn push(&mut self, key: Arc<str>, entry: Entry) {
        if let Some(index) = &mut self.index {
            index.insert(Arc::clone(&key), self.entries.len());
        }
        self.entries.push((key, entry));
        if self.entries.len() > FEW && self.index.is_none() {
            self.index_anew();
        }
    }

    fn index_anew(&mut self) {
        let positions = || self.entries.iter().enumerate().map(|(at, (key, _))| (Arc::clone(key), at));
        self.index = (self.entries.len() > FEW).then(|| Box::new(positions().collect()));
    }
}

/// The keys and entries of a map, in order.
#[derive(Clone, Debug)]
pub struct Iter<'m>(std::slice::Iter<'m, (Arc<str>, Entry)>);

impl<'m> Iterator for Iter<'m> {
    type Item = (&'m Arc<str>, &'m Entry);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, entry)| (key, entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'m> IntoIterator for &'m Map {
    type Item = (&'m Arc<str>, &'m Entry);
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Iter<'m> {
        self.iter()
    }
}

type EachMut<'m> = fn(&'m mut (Arc<str>, Entry)) -> (&'m Arc<str>, &'m mut Entry);

impl<'m> IntoIterator for &'m mut Map {
    type Item = (&'m Arc<str>, &'m mut Entry);
    type IntoIter = std::iter::Map<std::slice::IterMut<'m, (Arc<str>, Entry)>, EachMut<'m>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter_mut().map(|(key, entry)| (&*key, entry))
    }
}

impl IntoIterator for Map {
    type Item = (Arc<str>, Entry);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Entry)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl FromIterator<(Arc<str>, Entry)> for Map {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Entry)>>(entries: I) -> Self {
        let mut map = Map::default();
        map.extend(entries);
        map
    }
}

impl Extend<(Arc<str>, Entry)> for Map {
    fn extend<I: IntoIterator<Item = (Arc<str>, Entry)>>(&mut self, entries: I) {
        for (key, entry) in entries {
            self.insert(key, entry);
        }
    }
}
