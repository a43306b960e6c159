//! Maps by address: what tells the schemas of one file apart, and where their references lead.
//!
//! Two schemas may be equal and still be two, as each has its own place. Nodes of one borrowed tree do not move, so
//! the address of a node says which one it is, and costs nothing to compare.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::subschemas::target;
use crate::yaml::Node;

/// A map from nodes of one tree that does not move.
pub(super) type ByAddress<V> = HashMap<*const Node, V, BuildHasherDefault<AddressHasher>>;

/// Spreads an address over 64 bits. The standard hasher takes twenty times as long, and is made for keys that
/// somebody chooses; nobody chooses addresses.
#[derive(Default)]
pub(super) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write_usize(&mut self, address: usize) {
        // The golden ratio's bits: neighbours get far from each other. The high half is the good one, and a map looks
        // at the low one first.
        self.0 = (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32);
    }

    fn write(&mut self, bytes: &[u8]) {
        // No address is written so; it is right all the same.
        for byte in bytes {
            self.write_usize(self.0 as usize ^ usize::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Where the references of a schema's file lead, each looked up once.
pub(super) struct References<'n> {
    root: &'n Node,
    /// By the schema that has the `$ref`. In a `RefCell`, as walks share it.
    targets: RefCell<ByAddress<Option<&'n Node>>>,
}

impl<'n> References<'n> {
    /// `root` is the whole schema, in which references are looked up.
    pub(super) fn new(root: &'n Node) -> Self {
        References { root, targets: RefCell::default() }
    }

    /// The root of the file.
    pub(super) fn root(&self) -> &'n Node {
        self.root
    }

    /// Where the `$ref` of a schema leads, as [`target`] says.
    pub(super) fn target(&self, schema: &'n Node) -> Option<&'n Node> {
        schema.get("$ref")?;
        *self.targets.borrow_mut().entry(schema).or_insert_with(|| target(self.root, schema))
    }
}
