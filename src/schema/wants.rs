//! From a schema to the table of what is wanted by path.
//!
//! The table is a graph and not a tree: an entry refers to those of its properties and items by id, and
//! a recursive schema has a cycle.
//!
//! ```text
//! { "properties": { "name": { "type": "string" }, "children": { "items": { "$ref": "#" } } } }
//!
//! id  schemas         types   properties                items
//! 0   [[#]]           any     name -> 2, children -> 3   1
//! 1   []              any                               1        ANYTHING
//! 2   [[name]]        string
//! 3   [[children]]    any                               4
//! 4   [[items]]       any     name -> 2, children -> 3   1        a `$ref` is a schema of its own: 4 is not 0
//! ```
//!
//! What identifies an entry is the set of schemas that apply there ([`Groups`]). It is filled breadth
//! first from a queue, so that no depth of a schema overflows the stack, and so that a table which is cut
//! knows the settings near the root.

use std::collections::{HashMap, VecDeque};

use super::type_inference::{Additional, Groups, Inference};
use crate::yaml::{Node, Types, Want, WantId, Wants};

/// Larger tables are cut: what is beyond is open to anything. Those of the bundled charts, with the types of Kubernetes
/// in them, have 400 to 600 entries.
const MAX_WANTS: usize = 20_000;

/// The table of a schema, which has passed `bounds.rs`. Places to which the same schemas apply
/// share an entry, so recursion ends.
pub(super) fn wants(root: &Node) -> Wants {
    let inference = Inference::new(root);
    let mut table = WantTable { inference, wants: Vec::new(), ids: HashMap::new(), waiting: VecDeque::new() };
    // The order matters: `Wants` takes entry 0 for the root, and `ANYTHING` is entry 1. No schema at all says nothing,
    // so the latter needs no entry made by hand.
    table.intern(vec![vec![root]]);
    table.intern(Vec::new());
    while let Some((id, groups)) = table.waiting.pop_front() {
        table.wants[id.0 as usize] = table.want(&groups);
    }
    Wants::new(table.wants)
}

/// What is wanted where nothing is known; the second entry of every table.
const ANYTHING: WantId = WantId(1);

/// The table while it is filled.
struct WantTable<'n> {
    inference: Inference<'n>,
    /// By id. An entry that is still in `waiting` is empty: its id must be known before it is, as it may refer to
    /// itself.
    wants: Vec<Want>,
    ids: HashMap<Vec<Vec<*const Node>>, WantId>,
    waiting: VecDeque<(WantId, Groups<'n>)>,
}

impl<'n> WantTable<'n> {
    /// The entry of a place, a new one if no place with these schemas was met. Schemas are told apart by address: nodes
    /// of one tree that does not move have one each.
    fn intern(&mut self, groups: Groups<'n>) -> WantId {
        let addresses = |group: &Vec<&'n Node>| group.iter().map(|node| std::ptr::from_ref(*node)).collect();
        let key: Vec<Vec<*const Node>> = groups.iter().map(addresses).collect();
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        if self.wants.len() >= MAX_WANTS {
            return ANYTHING;
        }
        #[expect(clippy::expect_used, reason = "bounded by the lines above")]
        let id = WantId(u32::try_from(self.wants.len()).expect("there are no more than MAX_WANTS entries"));
        self.ids.insert(key, id);
        self.wants.push(Want::default());
        self.waiting.push_back((id, groups));
        id
    }

    /// What is inferred from the schemas of one place, with ids for the schemas of the places below it.
    fn want(&mut self, groups: &Groups<'n>) -> Want {
        let inferred = self.inference.of_groups(groups);
        let mut properties = indexmap::IndexMap::with_capacity(inferred.properties.len());
        for (key, groups) in inferred.properties {
            properties.insert(key, self.intern(groups));
        }
        let additional = match inferred.additional {
            Additional::Unsaid => Some(ANYTHING),
            Additional::Refused => None,
            Additional::Wanted(groups) => Some(self.intern(groups)),
        };
        let items = self.intern(inferred.items);
        // Where no map (no list) may stand, `None` says that no key (no item) is allowed.
        Want {
            types: inferred.types,
            merge: inferred.merge,
            secret: inferred.secret,
            generate: inferred.generate,
            description: inferred.description,
            properties,
            required: inferred.required,
            additional: additional.filter(|_| inferred.types.allows(Types::OBJECT)),
            items: Some(items).filter(|_| inferred.types.allows(Types::ARRAY)),
        }
    }
}
