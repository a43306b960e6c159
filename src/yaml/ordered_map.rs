//! `OrderedMap`: string keys in the order they were written, small where mappings are small.
//!
//! Most mappings of a manifest have a handful of keys. For those a vector that is looked through from its start is both
//! smaller and faster than any hash table: no hash, no second allocation, and the keys stand next to each other. Only a
//! map that has grown beyond [`FEW`] entries gets an index besides, so that a map of fifty thousand keys is not looked
//! through fifty thousand times.
//!
//! This is not `indexmap`, which hashes every key of every map, and whose maps take more room: a tree of a hundred
//! thousand manifests has some millions of maps.

use std::collections::HashMap;
use std::sync::Arc;

/// A map that keeps the order of its entries. The tree uses it for mappings ([`yaml::Map`](crate::yaml::Map)).
///
/// Invariant: no key is there twice, and the index, if there is one, has the position of every key.
#[derive(Clone, Debug)]
pub struct OrderedMap<V> {
    entries: Vec<(Arc<str>, V)>,
    /// Of a map with more than [`FEW`] entries. Boxed, so that it costs a small map one word.
    index: Option<Box<Index>>,
}

/// Positions of keys. The hasher is seeded at random, so nobody can write keys into a file that collide on purpose, and is cheaper
/// than the standard one, whose hashes took 3 % of `render --each`. No hash reaches output: only `entries` has an order.
type Index = HashMap<Arc<str>, usize, foldhash::quality::RandomState>;

/// So many entries are looked through faster than they are hashed.
const FEW: usize = 12;

/// Written out, because the derived one would ask for `V: Default`.
impl<V> Default for OrderedMap<V> {
    fn default() -> Self {
        OrderedMap { entries: Vec::new(), index: None }
    }
}

impl<V> OrderedMap<V> {
    /// An empty map with room for so many entries.
    pub fn with_capacity(entries: usize) -> Self {
        OrderedMap { entries: Vec::with_capacity(entries), index: None }
    }

    /// How many entries it has.
    #[inline]
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

    /// The value under a key.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&V> {
        self.get_index_of(key).and_then(|at| self.get_index(at)).map(|(_, value)| value)
    }

    /// The value under a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        let at = self.get_index_of(key)?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// The key and the value at a position.
    #[inline]
    pub fn get_index(&self, at: usize) -> Option<(&Arc<str>, &V)> {
        self.entries.get(at).map(|(key, value)| (key, value))
    }

    /// Puts a value under a key: in the place of the one that is there, or last. Gives the one that was there.
    pub fn insert(&mut self, key: Arc<str>, value: V) -> Option<V> {
        match self.get_mut(&key) {
            Some(there) => Some(std::mem::replace(there, value)),
            None => {
                self.push(key, value);
                None
            }
        }
    }

    /// The value under a key; a new one, last, if there is none.
    pub fn or_insert_with(&mut self, key: Arc<str>, new: impl FnOnce() -> V) -> &mut V {
        // By position, as a reference that is given back in one branch alone would borrow the map in the other one too.
        let at = self.get_index_of(&key).unwrap_or_else(|| {
            self.push(key, new());
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    /// Takes an entry out; those behind it move up. This and the three methods below take time for every entry of the
    /// map.
    pub fn shift_remove(&mut self, key: &str) -> Option<V> {
        let at = self.get_index_of(key)?;
        let (_, value) = self.entries.remove(at);
        self.rebuild_index();
        Some(value)
    }

    /// Puts a new entry before the one at a position, or last. The key must not be there.
    pub fn shift_insert(&mut self, at: usize, key: Arc<str>, value: V) {
        // No room for more: a vector would double, in every object that a namespace is written into.
        self.entries.reserve_exact(1);
        self.entries.insert(at.min(self.entries.len()), (key, value));
        self.rebuild_index();
    }

    /// Moves an entry to another position; those between move by one. Nothing happens if one of the positions is not
    /// there.
    pub fn move_index(&mut self, from: usize, to: usize) {
        // An empty range, if one of the positions is not there: rotating that does nothing.
        let range = self.entries.get_mut(from.min(to)..=from.max(to)).unwrap_or_default();
        if from > to {
            range.rotate_right(1)
        } else {
            range.rotate_left(1)
        }
        self.rebuild_index();
    }

    /// Keeps the entries for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&Arc<str>, &mut V) -> bool) {
        let before = self.entries.len();
        self.entries.retain_mut(|(key, value)| keep(key, value));
        // Where nothing was taken out, every entry is where it was.
        if self.entries.len() < before {
            self.rebuild_index();
        }
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Arc<str>> + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values, in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values, in order, to be changed.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> Iter<'_, V> {
        Iter(self.entries.iter())
    }

    /// Adds an entry without looking for its key, which must not be there: for readers that have looked already.
    #[inline]
    pub(super) fn push(&mut self, key: Arc<str>, value: V) {
        // The index is kept, not rebuilt: a map that is read key by key would take quadratic time.
        if let Some(index) = &mut self.index {
            index.insert(Arc::clone(&key), self.entries.len());
        }
        self.entries.push((key, value));
        if self.entries.len() > FEW && self.index.is_none() {
            self.rebuild_index();
        }
    }

    /// Makes the index anew, after positions have changed; a map that has become small loses it.
    fn rebuild_index(&mut self) {
        if self.entries.len() <= FEW {
            self.index = None;
            return;
        }
        let mut index = Index::with_capacity_and_hasher(self.entries.len(), Default::default());
        for (at, (key, _)) in self.entries.iter().enumerate() {
            index.insert(Arc::clone(key), at);
        }
        self.index = Some(Box::new(index));
    }
}

/// The keys and values of a map, in order. A type with a name, so that others can keep one (the deserializer does).
#[derive(Clone, Debug)]
pub struct Iter<'m, V>(std::slice::Iter<'m, (Arc<str>, V)>);

impl<'m, V> Iterator for Iter<'m, V> {
    type Item = (&'m Arc<str>, &'m V);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<V> ExactSizeIterator for Iter<'_, V> {}

impl<'m, V> IntoIterator for &'m OrderedMap<V> {
    type Item = (&'m Arc<str>, &'m V);
    type IntoIter = Iter<'m, V>;

    fn into_iter(self) -> Iter<'m, V> {
        self.iter()
    }
}

/// Lends the key for reading only: a changed key would no longer be where the index says. A function and not a closure,
/// whose type could not be named below.
type LendEntry<'m, V> = fn(&'m mut (Arc<str>, V)) -> (&'m Arc<str>, &'m mut V);

impl<'m, V> IntoIterator for &'m mut OrderedMap<V> {
    type Item = (&'m Arc<str>, &'m mut V);
    type IntoIter = std::iter::Map<std::slice::IterMut<'m, (Arc<str>, V)>, LendEntry<'m, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }
}

impl<V> IntoIterator for OrderedMap<V> {
    type Item = (Arc<str>, V);
    type IntoIter = std::vec::IntoIter<(Arc<str>, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<V> FromIterator<(Arc<str>, V)> for OrderedMap<V> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, V)>>(entries: I) -> Self {
        let mut map = OrderedMap::default();
        map.extend(entries);
        map
    }
}

impl<V> Extend<(Arc<str>, V)> for OrderedMap<V> {
    fn extend<I: IntoIterator<Item = (Arc<str>, V)>>(&mut self, entries: I) {
        // Not `push`: of a key that comes twice, or is there, the last value counts.
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(range: std::ops::Range<usize>) -> OrderedMap<usize> {
        range.map(|number| (Arc::from(number.to_string()), number)).collect()
    }

    /// Every key is where it is looked for, with an index and without.
    fn assert_found(map: &OrderedMap<usize>) {
        for (at, (key, value)) in map.iter().enumerate() {
            assert_eq!((map.get_index_of(key), map.get(key)), (Some(at), Some(value)));
            assert_eq!(key.parse(), Ok(*value));
        }
        assert_eq!(map.get("none"), None);
        assert_eq!(map.index.is_some(), map.len() > FEW);
    }

    #[test]
    fn keys_are_found_however_the_map_came_to_be() {
        for size in [0, 1, FEW, FEW + 1, 100] {
            let mut map = numbers(0..size);
            assert_found(&map);
            map.shift_insert(0, Arc::from("1000"), 1000);
            assert_found(&map);
            map.move_index(0, size);
            assert_eq!(map.get_index(size).map(|(_, value)| *value), Some(1000));
            assert_found(&map);
            assert_eq!(map.shift_remove("1000"), Some(1000));
            map.retain(|_, value| *value % 2 == 0);
            assert_found(&map);
            assert!(map.values().is_sorted());
        }
    }

    #[test]
    fn a_new_value_stays_where_the_old_one_was() {
        let mut map = numbers(0..20);
        assert_eq!(map.insert(Arc::from("7"), 70), Some(7));
        assert_eq!((map.get_index_of("7"), map.len()), (Some(7), 20));
        assert_eq!(*map.or_insert_with(Arc::from("7"), || 0), 70);
        assert_eq!(*map.or_insert_with(Arc::from("20"), || 20), 20);
        assert_eq!(map.get_index_of("20"), Some(20));
    }
}
