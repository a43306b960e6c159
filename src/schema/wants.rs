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
use std::rc::Rc;
use std::sync::Arc;

use super::address::{ByAddress, References};
use super::groups::Groups;
use super::type_inference::{Additional, Inference};
use crate::yaml::{NewWant, Node, Segment, Types, ValuePath, WantId, Wants, WantsBuilder};

/// Larger tables are cut: what is beyond is open to anything. Those of the bundled charts, with the types of Kubernetes
/// in them, have 400 to 600 entries.
const MAX_WANTS: usize = 20_000;

/// The same for the schemas of all entries and of the places below them, each counted as often as it applies: a
/// hundred definitions that refer to each other in all ways make few entries, with very many schemas each.
const MAX_SCHEMAS: usize = 500_000;

/// The table of a schema, which has passed `bounds.rs`. Places to which the same schemas apply
/// share an entry, so recursion ends.
pub(super) fn wants(references: &Rc<References<'_>>) -> Wants {
    let mut inference = Inference::new(Rc::clone(references));
    let mut table = WantTable::default();
    let mut builder = WantsBuilder::default();
    // The order matters: `Wants` takes entry 0 for the root, and `ANYTHING` is entry 1. No schema at all says nothing,
    // so the latter needs no entry made by hand.
    table.intern(&Groups::One(references.root()));
    table.intern(&Groups::Unknown);
    while let Some(groups) = table.waiting.pop_front() {
        builder.push(table.want(&mut inference, &groups));
    }
    builder.build()
}

/// The schema's words for a path, as its author wrote them. None for a path that the schema does not know.
pub(super) fn description(references: &Rc<References<'_>>, path: &ValuePath) -> Option<Arc<str>> {
    let mut inference = Inference::new(Rc::clone(references));
    let mut inferred = inference.of_groups(&Groups::One(references.root()));
    for segment in &path.0 {
        let groups = match segment {
            Segment::Key(key) => match inferred.properties.get(key.as_str()) {
                Some(groups) => groups,
                None if !inferred.types.allows(Types::OBJECT) => return None,
                None => match &inferred.additional {
                    Additional::Wanted(groups) => groups.clone(),
                    Additional::Unsaid | Additional::Refused => return None,
                },
            },
            Segment::Index(_) if !inferred.types.allows(Types::ARRAY) => return None,
            Segment::Index(_) => inferred.items.clone(),
        };
        inferred = inference.of_groups(&groups);
    }
    inferred.description.clone()
}

/// What is wanted where nothing is known; the second entry of every table.
const ANYTHING: WantId = WantId(1);

/// The table while it is filled.
#[derive(Default)]
struct WantTable<'n> {
    /// The ids of places with one schema, which are nearly all.
    of_one: ByAddress<WantId>,
    /// The ids of the others, by the addresses of their schemas.
    of_several: HashMap<Vec<Vec<*const Node>>, WantId>,
    /// How many ids were given.
    count: usize,
    /// How many schemas were put together.
    schemas: usize,
    /// The schemas of entries that have an id and are not added yet: an entry's id must be known before it is, as it
    /// may refer to itself. In the order of their ids.
    waiting: VecDeque<Groups<'n>>,
}

impl<'n> WantTable<'n> {
    /// The entry of a place, a new one if no place with these schemas was met. Schemas are told apart by address: nodes
    /// of one tree that does not move have one each.
    fn intern(&mut self, groups: &Groups<'n>) -> WantId {
        let known = match groups {
            Groups::One(schema) => self.of_one.get(&std::ptr::from_ref(*schema)),
            _ => self.of_several.get(&addresses(groups)),
        };
        if let Some(id) = known {
            return *id;
        }
        if self.count >= MAX_WANTS || self.schemas >= MAX_SCHEMAS {
            return ANYTHING;
        }
        #[expect(clippy::expect_used, reason = "bounded by the lines above")]
        let id = WantId(u32::try_from(self.count).expect("there are no more than MAX_WANTS entries"));
        self.count += 1;
        match groups {
            Groups::One(schema) => self.of_one.insert(*schema, id),
            _ => self.of_several.insert(addresses(groups), id),
        };
        self.waiting.push_back(groups.clone());
        id
    }

    /// What is inferred from the schemas of one place, with ids for the schemas of the places below it.
    fn want(&mut self, inference: &mut Inference<'n>, groups: &Groups<'n>) -> NewWant<'n> {
        let inferred = inference.of_groups(groups);
        let below: usize = inferred.properties.iter().map(|(_, groups)| groups.schemas().count()).sum();
        self.schemas = self.schemas.saturating_add(groups.schemas().count()).saturating_add(below);
        let properties =
            inferred.properties.iter().map(|(key, groups)| (key, self.intern(&groups))).collect();
        let additional = match &inferred.additional {
            Additional::Unsaid => Some(ANYTHING),
            Additional::Refused => None,
            Additional::Wanted(groups) => Some(self.intern(groups)),
        };
        let items = self.intern(&inferred.items);
        // Where no map (no list) may stand, `None` says that no key (no item) is allowed.
        NewWant {
            types: inferred.types,
            merge: inferred.merge.clone(),
            secret: inferred.secret,
            generate: inferred.generate,
            properties,
            required: inferred.required.clone(),
            additional: additional.filter(|_| inferred.types.allows(Types::OBJECT)),
            items: Some(items).filter(|_| inferred.types.allows(Types::ARRAY)),
        }
    }
}

fn addresses(groups: &Groups<'_>) -> Vec<Vec<*const Node>> {
    let of_group = |group: &[&Node]| group.iter().map(|schema| std::ptr::from_ref(*schema)).collect();
    groups.iter().map(of_group).collect()
}
