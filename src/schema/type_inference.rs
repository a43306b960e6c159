//! Type inference: what is said about one value by its schema and by all schemas that apply with it.
//!
//! A schema may apply others to the same value: by `$ref` and `allOf` (all of them hold: [`Inferred::and`]), by `anyOf` and `oneOf` (at
//! least one holds: [`Inferred::or`]), by `then` and `else` (one may hold: [`Inferred::learn_keys`]). What is inferred is an approximation
//! from above: it never refuses what the schema allows, but it may allow more. That is enough, as it decides which types a text
//! from a flag may become, how lists are merged and what is secret; the schema itself judges the result.
//!
//! Inference is lazy: of properties and items only the schemas are kept, as [`Groups`], and looked at when somebody goes there. So a
//! recursive schema needs no special care.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::subschemas::target;
use crate::secrets;
use crate::yaml::{Generate, Kind, Merge, Node, Types, Value};

/// The schemas of a property or an item, in conjunctive form: every group holds, and of a group at least one schema. No group:
/// nothing is known.
pub(super) type Groups<'n> = Vec<Vec<&'n Node>>;

/// What is said about one value.
#[derive(Clone, Debug)]
pub(super) struct Inferred<'n> {
    pub(super) types: Types,
    /// `x-merge`.
    pub(super) merge: Merge,
    /// `writeOnly`, in any schema that applies.
    pub(super) secret: bool,
    /// `x-generate`.
    pub(super) generate: Option<Generate>,
    /// The first one that is found: that of the schema itself comes before those of its `$ref`.
    pub(super) description: Option<Arc<str>>,
    /// In the order of the schema, which is that of documentation.
    pub(super) properties: IndexMap<Arc<str>, Groups<'n>>,
    pub(super) required: Vec<Arc<str>>,
    pub(super) additional: Additional<'n>,
    pub(super) items: Groups<'n>,
}

/// What is said about keys that have no name in the schema.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Additional<'n> {
    /// Nothing: they may be anything.
    Unsaid,
    /// There must be none.
    Refused,
    /// What they must be.
    Wanted(Groups<'n>),
}

/// Infers, each schema once: bundled schemas refer to the same definitions many times.
pub(super) struct Inference<'n> {
    pub(super) root: &'n Node,
    pub(super) known: HashMap<*const Node, Rc<Inferred<'n>>>,
}

impl<'n> Inference<'n> {
    /// What is said about a place: all groups together.
    pub(super) fn of_groups(&mut self, groups: &Groups<'n>) -> Inferred<'n> {
        let mut groups = groups.iter();
        let Some(first) = groups.next() else { return Inferred::unconstrained(Types::ANY) };
        let first = self.any_of(first.iter().copied());
        groups.fold(first, |inferred, group| inferred.and(&self.any_of(group.iter().copied())))
    }

    fn any_of(&mut self, schemas: impl Iterator<Item = &'n Node>) -> Inferred<'n> {
        let mut inferred: Option<Inferred<'n>> = None;
        for schema in schemas {
            let branch = self.of_schema(schema);
            inferred = Some(inferred.map_or_else(|| (*branch).clone(), |inferred| inferred.or(&branch)));
        }
        inferred.unwrap_or_else(|| Inferred::unconstrained(Types::ANY))
    }

    /// Ends, as `bounds.rs` has refused schemas that apply themselves to one value.
    fn of_schema(&mut self, schema: &'n Node) -> Rc<Inferred<'n>> {
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return Rc::clone(known);
        }
        let mut inferred = own(schema);
        if let Some(target) = target(self.root, schema) {
            inferred = inferred.and(&self.of_schema(target));
        }
        for part in list(schema, "allOf") {
            inferred = inferred.and(&self.of_schema(part));
        }
        for keyword in ["anyOf", "oneOf"] {
            if schema.get(keyword).is_some() {
                inferred = inferred.and(&self.any_of(list(schema, keyword).iter()));
            }
        }
        for condition in ["then", "else"].iter().filter_map(|keyword| schema.get(keyword)) {
            inferred.learn_keys(&self.of_schema(condition));
        }
        let inferred = Rc::new(inferred);
        self.known.insert(schema, Rc::clone(&inferred));
        inferred
    }
}

impl<'n> Inferred<'n> {
    /// No word about anything but the types.
    fn unconstrained(types: Types) -> Self {
        Inferred {
            types,
            merge: Merge::Replace,
            secret: false,
            generate: None,
            description: None,
            properties: IndexMap::new(),
            required: Vec::new(),
            additional: Additional::Unsaid,
            items: Vec::new(),
        }
    }

    /// Both hold.
    fn and(mut self, other: &Inferred<'n>) -> Self {
        self.types = self.types.and(other.types);
        self.take_words(other);
        for (key, groups) in &other.properties {
            extend(self.properties.entry(Arc::clone(key)).or_default(), groups);
        }
        for key in &other.required {
            if !self.required.contains(key) {
                self.required.push(Arc::clone(key));
            }
        }
        self.additional = match (self.additional, &other.additional) {
            (Additional::Refused, _) | (_, Additional::Refused) => Additional::Refused,
            (Additional::Unsaid, other) => other.clone(),
            (own, Additional::Unsaid) => own,
            (Additional::Wanted(mut own), Additional::Wanted(other)) => {
                extend(&mut own, other);
                Additional::Wanted(own)
            }
        };
        extend(&mut self.items, &other.items);
        self
    }

    /// At least one of both holds.
    fn or(mut self, other: &Inferred<'n>) -> Self {
        self.additional = match (self.types.allows(Types::OBJECT), other.types.allows(Types::OBJECT)) {
            (false, _) => other.additional.clone(),
            (_, false) => self.additional,
            _ => either_additional(self.additional, &other.additional),
        };
        self.types = self.types.or(other.types);
        self.take_words(other);
        for (key, groups) in &other.properties {
            let own = self.properties.entry(Arc::clone(key)).or_default();
            *own = either(std::mem::take(own), groups);
        }
        self.required.retain(|key| other.required.contains(key));
        self.items = either(self.items, &other.items);
        self
    }

    /// What a condition says never narrows what is said without it, but it may name further keys.
    fn learn_keys(&mut self, other: &Inferred<'n>) {
        for (key, groups) in &other.properties {
            let says_something = groups.iter().flatten().any(|schema| schema.as_map().is_some());
            if says_something && !self.properties.contains_key(key) {
                self.properties.insert(Arc::clone(key), groups.clone());
            }
        }
    }

    fn take_words(&mut self, other: &Inferred<'n>) {
        self.secret |= other.secret;
        self.generate = self.generate.or(other.generate);
        if self.description.is_none() {
            self.description.clone_from(&other.description);
        }
        if self.merge == Merge::Replace {
            self.merge = other.merge.clone();
        }
    }
}

fn extend<'n>(own: &mut Groups<'n>, other: &Groups<'n>) {
    for group in other {
        let same = |known: &Vec<&Node>| {
            known.len() == group.len() && known.iter().zip(group).all(|(a, b)| std::ptr::eq(*a, *b))
        };
        if !own.iter().any(same) {
            own.push(group.clone());
        }
    }
}

/// One group that allows what either allows; a side that says nothing gives way, since the other names the key.
fn either<'n>(own: Groups<'n>, other: &Groups<'n>) -> Groups<'n> {
    if own.is_empty() || other.is_empty() {
        return if own.is_empty() { other.clone() } else { own };
    }
    let mut group: Vec<&'n Node> = Vec::new();
    for schema in own.iter().chain(other).flatten().copied() {
        if !group.iter().any(|known| std::ptr::eq(*known, schema)) {
            group.push(schema);
        }
    }
    vec![group]
}

fn either_additional<'n>(own: Additional<'n>, other: &Additional<'n>) -> Additional<'n> {
    match (own, other) {
        (Additional::Unsaid, _) | (_, Additional::Unsaid) => Additional::Unsaid,
        (Additional::Refused, other) => other.clone(),
        (own, Additional::Refused) => own,
        (Additional::Wanted(own), Additional::Wanted(other)) => Additional::Wanted(either(own, other)),
    }
}

/// What the schema's own keywords say.
fn own(schema: &Node) -> Inferred<'_> {
    if schema.as_bool() == Some(false) {
        return Inferred::unconstrained(Types::NONE);
    }
    let mut inferred = Inferred::unconstrained(types(schema));
    inferred.secret = schema.get("writeOnly").and_then(Node::as_bool).unwrap_or(false);
    let description = schema.get("description").and_then(Node::as_scalar);
    inferred.description = description.map(|scalar| Arc::clone(&scalar.text));
    inferred.merge = merge(schema).unwrap_or_default();
    // A wrong recipe was reported by `bounds.rs`.
    inferred.generate = schema.get("x-generate").and_then(|rule| secrets::read_recipe(rule).ok());
    for (key, entry) in schema.get("properties").and_then(Node::as_map).into_iter().flatten() {
        inferred.properties.insert(Arc::clone(key), vec![vec![&entry.node]]);
    }
    inferred.required = list(schema, "required")
        .iter()
        .filter_map(Node::as_scalar)
        .map(|scalar| Arc::clone(&scalar.text))
        .collect();
    inferred.additional = additional(schema);
    inferred.items = items(schema);
    inferred
}

fn list<'n>(schema: &'n Node, keyword: &str) -> &'n [Node] {
    schema.get(keyword).and_then(Node::as_list).unwrap_or_default()
}

fn types(schema: &Node) -> Types {
    let all_of = |nodes: &[Node], one: fn(&Node) -> Types| {
        nodes.iter().fold(Types::NONE, |types, node| types.or(one(node)))
    };
    if let Some(node) = schema.get("type") {
        return node.as_list().map_or_else(|| named_type(node), |names| all_of(names, named_type));
    }
    if let Some(value) = schema.get("const") {
        return type_of(value);
    }
    schema.get("enum").and_then(Node::as_list).map_or(Types::ANY, |values| all_of(values, type_of))
}

fn named_type(name: &Node) -> Types {
    match name.as_str().unwrap_or_default() {
        "null" => Types::NULL,
        "boolean" => Types::BOOLEAN,
        "integer" => Types::INTEGER,
        "number" => Types::NUMBER,
        "string" => Types::STRING,
        "array" => Types::ARRAY,
        "object" => Types::OBJECT,
        _ => Types::NONE,
    }
}

fn type_of(value: &Node) -> Types {
    match &value.value {
        Value::Map(_) => Types::OBJECT,
        Value::List(_) => Types::ARRAY,
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Null => Types::NULL,
            Kind::Bool => Types::BOOLEAN,
            Kind::Int | Kind::Float => Types::NUMBER,
            Kind::Str => Types::STRING,
        },
    }
}

fn merge(schema: &Node) -> Option<Merge> {
    let strategy = schema.get("x-merge")?;
    match strategy.as_str() {
        Some("append") => Some(Merge::Append),
        Some(_) => None,
        None => strategy.get("by").and_then(Node::as_str).map(|key| Merge::By(Arc::from(key))),
    }
}

/// Keys without a name of their own; those that match a pattern count among them.
fn additional(schema: &Node) -> Additional<'_> {
    let rest = schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties"));
    let patterns = schema.get("patternProperties").and_then(Node::as_map);
    let mut group: Vec<&Node> =
        patterns.into_iter().flat_map(|map| map.values()).map(|entry| &entry.node).collect();
    match rest {
        Some(rest) if rest.as_map().is_some() => group.push(rest),
        Some(rest) if rest.as_bool() == Some(false) => {}
        _ => return Additional::Unsaid,
    }
    if group.is_empty() { Additional::Refused } else { Additional::Wanted(vec![group]) }
}

fn items(schema: &Node) -> Groups<'_> {
    let mut group: Vec<&Node> = list(schema, "prefixItems").iter().chain(list(schema, "items")).collect();
    let rest = [schema.get("items"), schema.get("additionalItems")];
    group.extend(rest.into_iter().flatten().filter(|node| node.as_map().is_some()));
    if group.is_empty() { Vec::new() } else { vec![group] }
}
