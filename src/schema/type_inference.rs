//! Type inference: what is said about one value by its schema and by all schemas that apply with it.
//!
//! A schema may apply others to the same value. How two of them are combined depends on the keyword:
//!
//! | keyword | holds | combined by |
//! |---|---|---|
//! | `$ref`, `allOf` | all of them | [`Inferred::and`], an intersection |
//! | `anyOf`, `oneOf` | at least one | [`Inferred::or`], a union |
//! | `then`, `else` | one of them, perhaps | [`Inferred::learn_keys`]: names of keys, and nothing else |
//! | `not`, `if`, `contains`, … | - | not looked at |
//!
//! ```text
//! { "type": ["string", "null"], "anyOf": [{ "type": "integer" }, { "type": "string", "writeOnly": true }] }
//!
//! own keywords     string | null
//! anyOf            integer | string, secret
//! inferred         string, secret               the intersection of both
//! ```
//!
//! What is inferred is an approximation from above: it may allow more than the schema does. It decides which types a
//! text from a flag may become, how lists are merged and what is secret, and the schema itself judges the result. So to
//! allow too much costs nothing: what is wrong is found a stage later. There are two exceptions where less may be
//! inferred than is allowed. A key that only one alternative names is taken to be what that one says (`either`), and
//! siblings of a `$ref` count in every draft (`of_schema`).
//!
//! Inference is lazy: of properties and items only the schemas are kept, as [`Groups`], and looked at when a walk
//! comes to them. So a recursive schema needs no special care.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::address::{ByAddress, References};
use super::subschemas::list;
use crate::secrets;
use crate::yaml::{Generate, Kind, Merge, Node, Types, Value};

/// The schemas of a property or an item, in conjunctive normal form: every group holds, and of each group at least one
/// schema. No group: nothing is known.
///
/// ```text
/// allOf: [{ properties: { a: S1 } }, { anyOf: [{ properties: { a: S2 } }, { properties: { a: S3 } }] }]
///
/// groups of a    [[S1], [S2, S3]]        S1 and (S2 or S3)
/// ```
///
/// A list of lists, instead of one combined schema, because the nodes are borrowed from the schema's tree: a new schema
/// would have to be made and kept somewhere.
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
    pub(super) properties: IndexMap<&'n str, Groups<'n>>,
    pub(super) required: Vec<&'n str>,
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

/// Infers, with a cache: each schema is looked at once, as schemas refer to the same definitions many times.
pub(super) struct Inference<'n> {
    references: Rc<References<'n>>,
    /// By address, which is what tells a schema from another one here: nodes of one borrowed tree do not move. `Rc`, so
    /// that the cache can be filled further while an entry of it is in use.
    cache: ByAddress<Rc<Inferred<'n>>>,
}

impl<'n> Inference<'n> {
    /// Infers from a schema, whose references are these.
    pub(super) fn new(references: Rc<References<'n>>) -> Self {
        Inference { references, cache: ByAddress::default() }
    }

    /// What is said about a place: all groups together.
    pub(super) fn of_groups(&mut self, groups: &Groups<'n>) -> Inferred<'n> {
        // From the first group on, not from `unconstrained`: most places have one group, and `and` copies all
        // properties.
        let Some((first, others)) = groups.split_first() else { return Inferred::unconstrained(Types::ANY) };
        let mut inferred = self.any_of(first.iter().copied());
        for group in others {
            inferred = inferred.and(&self.any_of(group.iter().copied()));
        }
        inferred
    }

    /// What is said about a value of which at least one of these schemas holds. Of no schema: nothing.
    fn any_of(&mut self, schemas: impl Iterator<Item = &'n Node>) -> Inferred<'n> {
        let mut inferred: Option<Inferred<'n>> = None;
        for schema in schemas {
            let branch = self.of_schema(schema);
            inferred = Some(match inferred {
                Some(inferred) => inferred.or(&branch),
                None => (*branch).clone(),
            });
        }
        inferred.unwrap_or_else(|| Inferred::unconstrained(Types::ANY))
    }

    /// What a schema says about its value, with all that it applies to the same value.
    ///
    /// The recursion ends: `bounds.rs` has refused schemas that apply themselves to the value that they are applied to.
    /// It goes as deep as [`Limit::SchemaDepth`](crate::limits::Limit) at most.
    fn of_schema(&mut self, schema: &'n Node) -> Rc<Inferred<'n>> {
        if let Some(known) = self.cache.get(&std::ptr::from_ref(schema)) {
            return Rc::clone(known);
        }
        // Own keywords count beside a `$ref` too. That is so from draft 2019-09 on, and draft 07 ignores them. But
        // what people write there is a description or `writeOnly`, and nothing is lost where these count in every
        // draft: more is explained and masked.
        let mut inferred = of_own_keywords(schema);
        if let Some(target) = self.references.target(schema) {
            inferred = inferred.and(&self.of_schema(target));
        }
        for part in list(schema, "allOf") {
            inferred = inferred.and(&self.of_schema(part));
        }
        // That at most one alternative of a `oneOf` holds says nothing about a single one of them.
        for keyword in ["anyOf", "oneOf"] {
            if schema.get(keyword).is_some() {
                inferred = inferred.and(&self.any_of(list(schema, keyword).iter()));
            }
        }
        for keyword in ["then", "else"] {
            if let Some(conditional) = schema.get(keyword) {
                inferred.learn_keys(&self.of_schema(conditional));
            }
        }
        let inferred = Rc::new(inferred);
        self.cache.insert(schema, Rc::clone(&inferred));
        inferred
    }
}

impl<'n> Inferred<'n> {
    /// Says nothing about anything but the types: the neutral element of [`Inferred::and`]
    /// where these are [`Types::ANY`].
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

    /// What is said when both hold: the intersection. `self` is the schema that stands further out, whose words win.
    fn and(mut self, other: &Inferred<'n>) -> Self {
        self.types = self.types.and(other.types);
        self.add_annotations(other);
        for (key, groups) in &other.properties {
            add_groups(self.properties.entry(key).or_default(), groups);
        }
        for key in &other.required {
            if !self.required.contains(key) {
                self.required.push(key);
            }
        }
        // By the letter, `additionalProperties: false` of one schema refuses the keys that only the other one names.
        // They stay here: nobody writes such a schema on purpose, and that its values are wrong is found by the schema.
        self.additional = match (self.additional, &other.additional) {
            (Additional::Refused, _) | (_, Additional::Refused) => Additional::Refused,
            (Additional::Unsaid, other) => other.clone(),
            (own, Additional::Unsaid) => own,
            (Additional::Wanted(mut own), Additional::Wanted(other)) => {
                add_groups(&mut own, other);
                Additional::Wanted(own)
            }
        };
        add_groups(&mut self.items, &other.items);
        self
    }

    /// What is said when at least one of both holds: the union.
    fn or(mut self, other: &Inferred<'n>) -> Self {
        // Before `types`, which it asks: an alternative that is no map (`null`, a string) says nothing about
        // keys, although it lets them be anything. Without this, `anyOf: [{ object… }, { type: null }]`
        // would open every nullable map.
        self.additional = match (self.types.allows(Types::OBJECT), other.types.allows(Types::OBJECT)) {
            (false, _) => other.additional.clone(),
            (_, false) => self.additional,
            _ => either_additional(self.additional, &other.additional),
        };
        self.types = self.types.or(other.types);
        self.add_annotations(other);
        for (key, groups) in &other.properties {
            let own = self.properties.entry(key).or_default();
            *own = either(std::mem::take(own), groups);
        }
        self.required.retain(|key| other.required.contains(key));
        self.items = either(self.items, &other.items);
        self
    }

    /// Takes over the keys that `then` or `else` names and nothing else names. What holds under a condition
    /// must not narrow what is said without it, as the condition may be false; but a key that is known
    /// there is a setting of the chart.
    fn learn_keys(&mut self, other: &Inferred<'n>) {
        for (key, groups) in &other.properties {
            // `then: { properties: { a: false } }` refuses `a`, and `a: true` says nothing of it:
            // neither makes a setting of it.
            let says_something = groups.iter().flatten().any(|schema| schema.as_map().is_some());
            if says_something && !self.properties.contains_key(key) {
                self.properties.insert(key, groups.clone());
            }
        }
    }

    /// Takes over the annotations of a schema that applies as well. They are about the setting and not about one
    /// alternative, so this is the same for `and` and `or`: a value that is a secret in one alternative must be
    /// masked whichever of them it meets.
    fn add_annotations(&mut self, other: &Inferred<'n>) {
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

/// Adds the groups that are not there yet. Two ways through a schema often lead to one definition, and if that is
/// recursive, its groups would double with each step down: no two places would be the same, and the table of
/// [`wants`](super::wants) would never end.
fn add_groups<'n>(own: &mut Groups<'n>, other: &Groups<'n>) {
    for group in other {
        if !own.iter().any(|known| is_same_group(known, group)) {
            own.push(group.clone());
        }
    }
}

/// Whether two groups are the same schemas in the same order. By address: to compare the trees
/// would take time and find no more.
fn is_same_group(a: &[&Node], b: &[&Node]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| std::ptr::eq(*a, *b))
}

/// One group that allows what either allows.
///
/// A side that says nothing gives way. By the letter, `anyOf: [{ properties: { a: S } }, { … }]` says nothing about
/// `a`, as the second alternative may hold. But who sets `a` means the alternative that names it, and to know its type,
/// its secrets and its description is worth more.
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

/// What may stand under keys without a name, when at least one of two schemas holds.
fn either_additional<'n>(own: Additional<'n>, other: &Additional<'n>) -> Additional<'n> {
    match (own, other) {
        (Additional::Unsaid, _) | (_, Additional::Unsaid) => Additional::Unsaid,
        (Additional::Refused, other) => other.clone(),
        (own, Additional::Refused) => own,
        (Additional::Wanted(own), Additional::Wanted(other)) => Additional::Wanted(either(own, other)),
    }
}

/// What the schema's own keywords say, without the schemas that it applies.
fn of_own_keywords(schema: &Node) -> Inferred<'_> {
    // `true`, and what is no schema at all, falls through: it has no keywords, so it says nothing.
    if schema.as_bool() == Some(false) {
        return Inferred::unconstrained(Types::NONE);
    }
    let mut inferred = Inferred::unconstrained(types(schema));
    inferred.secret = schema.get("writeOnly").and_then(Node::as_bool).unwrap_or(false);
    let description = schema.get("description").and_then(Node::as_scalar);
    inferred.description = description.map(|scalar| Arc::clone(&scalar.text));
    inferred.merge = merge(schema).unwrap_or(Merge::Replace);
    // A wrong recipe was reported by `bounds.rs`.
    inferred.generate = schema.get("x-generate").and_then(|rule| secrets::read_recipe(rule).ok());
    for (key, entry) in schema.get("properties").and_then(Node::as_map).into_iter().flatten() {
        inferred.properties.insert(&**key, vec![vec![&entry.node]]);
    }
    for key in list(schema, "required").iter().filter_map(Node::as_scalar) {
        inferred.required.push(&key.text);
    }
    inferred.additional = additional(schema);
    inferred.items = items(schema);
    inferred
}

/// The types that a schema's own keywords allow. `const` and `enum` are asked only where `type` says nothing: where it
/// does, their values are of that type, or none could be right.
fn types(schema: &Node) -> Types {
    if let Some(node) = schema.get("type") {
        return match node.as_list() {
            Some(names) => union(names, named_type),
            None => named_type(node),
        };
    }
    if let Some(value) = schema.get("const") {
        return type_of(value);
    }
    match schema.get("enum").and_then(Node::as_list) {
        Some(values) => union(values, type_of),
        None => Types::ANY,
    }
}

/// The union of what `types_of` gives for each node.
fn union(nodes: &[Node], types_of: fn(&Node) -> Types) -> Types {
    nodes.iter().fold(Types::NONE, |types, node| types.or(types_of(node)))
}

/// The types that a name under `type` stands for. A name that JSON Schema does not have allows nothing;
/// such a schema does not compile.
fn named_type(name: &Node) -> Types {
    match name.as_str() {
        Some("null") => Types::NULL,
        Some("boolean") => Types::BOOLEAN,
        Some("integer") => Types::INTEGER,
        Some("number") => Types::NUMBER,
        Some("string") => Types::STRING,
        Some("array") => Types::ARRAY,
        Some("object") => Types::OBJECT,
        _ => Types::NONE,
    }
}

/// The type of a value that `const` or `enum` names.
fn type_of(value: &Node) -> Types {
    match &value.value {
        Value::Map(_) => Types::OBJECT,
        Value::List(_) => Types::ARRAY,
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Null => Types::NULL,
            Kind::Bool => Types::BOOLEAN,
            // JSON Schema has one kind of number: where `1` is allowed, `1.0` is too.
            Kind::Int | Kind::Float => Types::NUMBER,
            Kind::Str => Types::STRING,
        },
    }
}

/// The merge strategy of `x-merge`, which is `append` or `{ by: KEY }`. None for anything
/// else: the list is replaced then.
fn merge(schema: &Node) -> Option<Merge> {
    let strategy = schema.get("x-merge")?;
    match strategy.as_str() {
        Some("append") => Some(Merge::Append),
        Some(_) => None,
        None => strategy.get("by").and_then(Node::as_str).map(|key| Merge::By(Arc::from(key))),
    }
}

/// What is said about keys without a name of their own; those that match a `patternProperties` count among them.
///
/// All are one group of alternatives: which of them applies depends on the key, and a table by
/// path has one entry for all keys.
fn additional(schema: &Node) -> Additional<'_> {
    let rest = schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties"));
    let patterns = schema.get("patternProperties").and_then(Node::as_map);
    let mut group: Vec<&Node> =
        patterns.into_iter().flat_map(|map| map.values()).map(|entry| &entry.node).collect();
    match rest {
        Some(rest) if rest.as_map().is_some() => group.push(rest),
        Some(rest) if rest.as_bool() == Some(false) => {}
        // Also with patterns: keys that match none of them may be anything.
        _ => return Additional::Unsaid,
    }
    if group.is_empty() { Additional::Refused } else { Additional::Wanted(vec![group]) }
}

/// The schemas of a list's items. The place in the list is forgotten: those of single places (`prefixItems`, or `items`
/// as a list in draft 07) and those of the rest become one group of alternatives.
fn items(schema: &Node) -> Groups<'_> {
    let mut group: Vec<&Node> = list(schema, "prefixItems").iter().chain(list(schema, "items")).collect();
    let rest = [schema.get("items"), schema.get("additionalItems")];
    group.extend(rest.into_iter().flatten().filter(|node| node.as_map().is_some()));
    if group.is_empty() { Vec::new() } else { vec![group] }
}
