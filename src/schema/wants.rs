//! From a schema to the table of what is wanted by path.
//!
//! The table is a graph and not a tree: an entry refers to those of its properties and items by id, and a recursive schema has a cycle.
//! It is filled breadth first from a queue, so that no depth of a schema overflows the stack, and so that a table which is cut knows the
//! settings near the root.

use std::collections::{HashMap, VecDeque};

use super::type_inference::{Additional, Groups, Inference};
use crate::yaml::{Node, Types, Want, WantId, Wants};

/// Larger tables are cut: what is beyond is open to anything.
const MAX_WANTS: usize = 20_000;

/// The table of a schema. Places to which the same schemas apply share an entry, so recursion ends.
pub(super) fn wants(root: &Node) -> Wants {
    let inference = Inference { root, known: HashMap::new() };
    let mut table = WantTable { inference, wants: Vec::new(), ids: HashMap::new(), waiting: VecDeque::new() };
    // Entry 0 is the root and entry 1 is `ANYTHING`, whose schemas are none.
    table.intern(vec![vec![root]]);
    table.intern(Vec::new());
    while let Some((id, groups)) = table.waiting.pop_front() {
        table.wants[id.0 as usize] = table.want(&groups);
    }
    Wants::new(table.wants)
}

/// What is wanted where nothing is known; the second entry of every table.
const ANYTHING: WantId = WantId(1);

struct WantTable<'n> {
    inference: Inference<'n>,
    wants: Vec<Want>,
    ids: HashMap<Vec<Vec<*const Node>>, WantId>,
    waiting: VecDeque<(WantId, Groups<'n>)>,
}

impl<'n> WantTable<'n> {
    /// The entry of a place, by identity of its schemas: nodes of one tree that does not move have one address each.
    fn intern(&mut self, groups: Groups<'n>) -> WantId {
        let address = |group: &Vec<&'n Node>| group.iter().map(|node| std::ptr::from_ref(*node)).collect();
        let key: Vec<Vec<*const Node>> = groups.iter().map(address).collect();
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        if self.wants.len() >= MAX_WANTS {
            return ANYTHING;
        }
        let id = WantId(u32::try_from(self.wants.len()).unwrap_or(ANYTHING.0));
        self.ids.insert(key, id);
        self.wants.push(Want::default());
        self.waiting.push_back((id, groups));
        id
    }

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
