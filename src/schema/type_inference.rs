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
//! inferred than is allowed. A key that only one alternative names is taken to be what that one says (`Groups::or`), and
//! siblings of a `$ref` count in every draft (`of_schema`).
//!
//! Inference is lazy: of properties and items only the schemas are kept, as [`Groups`], and looked at when a walk
//! comes to them. So a recursive schema needs no special care.

use std::rc::Rc;
use std::sync::Arc;

use super::address::{ByAddress, References};
use super::groups::{Groups, Properties};
use crate::secrets;
use crate::yaml::{Generate, Kind, Merge, Node, Types, Value};

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
    pub(super) properties: Properties<'n>,
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
    pub(super) fn of_groups(&mut self, groups: &Groups<'n>) -> Rc<Inferred<'n>> {
        let mut inferred: Option<Rc<Inferred<'n>>> = None;
        for group in groups.iter() {
            let further = self.any_of(group.iter().copied());
            inferred = Some(match inferred {
                // Only where there are several is anything copied.
                Some(inferred) => Rc::new(Rc::unwrap_or_clone(inferred).and(&further)),
                None => further,
            });
        }
        inferred.unwrap_or_else(|| Rc::new(Inferred::unconstrained(Types::ANY)))
    }

    /// What is said about a value of which at least one of these schemas holds. Of no schema: nothing.
    fn any_of(&mut self, schemas: impl Iterator<Item = &'n Node>) -> Rc<Inferred<'n>> {
        let mut inferred: Option<Rc<Inferred<'n>>> = None;
        for schema in schemas {
            let branch = self.of_schema(schema);
            inferred = Some(match inferred {
                Some(inferred) => Rc::new(Rc::unwrap_or_clone(inferred).or(&branch)),
                None => branch,
            });
        }
        inferred.unwrap_or_else(|| Rc::new(Inferred::unconstrained(Types::ANY)))
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
        let keywords = Keywords::of(schema);
        let mut inferred = keywords.inferred(schema);
        if let Some(target) = keywords.reference.and_then(|_| self.references.target(schema)) {
            inferred = inferred.and(&self.of_schema(target));
        }
        for part in items_of(keywords.all_of) {
            inferred = inferred.and(&self.of_schema(part));
        }
        // That at most one alternative of a `oneOf` holds says nothing about a single one of them.
        for alternatives in [keywords.any_of, keywords.one_of].into_iter().flatten() {
            inferred = inferred.and(&self.any_of(items_of(Some(alternatives)).iter()));
        }
        for conditional in [keywords.then, keywords.otherwise].into_iter().flatten() {
            inferred.learn_keys(&self.of_schema(conditional));
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
            properties: Properties::Own(None),
            required: Vec::new(),
            additional: Additional::Unsaid,
            items: Groups::Unknown,
        }
    }

    /// What is said when both hold: the intersection. `self` is the schema that stands further out, whose words win.
    fn and(mut self, other: &Inferred<'n>) -> Self {
        self.types = self.types.and(other.types);
        self.add_annotations(other);
        self.properties.join(&other.properties, |own, other| own.and(other));
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
            (Additional::Wanted(own), Additional::Wanted(other)) => Additional::Wanted(own.and(other)),
        };
        self.items = self.items.and(&other.items);
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
        self.properties.join(&other.properties, |own, other| own.or(other));
        self.required.retain(|key| other.required.contains(key));
        self.items = self.items.or(&other.items);
        self
    }

    /// Takes over the keys that `then` or `else` names and nothing else names. What holds under a condition
    /// must not narrow what is said without it, as the condition may be false; but a key that is known
    /// there is a setting of the chart.
    fn learn_keys(&mut self, other: &Inferred<'n>) {
        for (key, groups) in other.properties.iter() {
            // `then: { properties: { a: false } }` refuses `a`, and `a: true` says nothing of it:
            // neither makes a setting of it.
            let says_something = groups.schemas().any(|schema| schema.as_map().is_some());
            if says_something && !self.properties.contains(key) {
                self.properties.insert(key, groups);
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

/// What may stand under keys without a name, when at least one of two schemas holds.
fn either_additional<'n>(own: Additional<'n>, other: &Additional<'n>) -> Additional<'n> {
    match (own, other) {
        (Additional::Unsaid, _) | (_, Additional::Unsaid) => Additional::Unsaid,
        (Additional::Refused, other) => other.clone(),
        (own, Additional::Refused) => own,
        (Additional::Wanted(own), Additional::Wanted(other)) => Additional::Wanted(own.or(other)),
    }
}

/// The keywords of a schema that are looked at here. They are found in one pass, as most schemas have few of them.
#[derive(Default)]
struct Keywords<'n> {
    reference: Option<&'n Node>,
    all_of: Option<&'n Node>,
    any_of: Option<&'n Node>,
    one_of: Option<&'n Node>,
    then: Option<&'n Node>,
    otherwise: Option<&'n Node>,
    types: Option<&'n Node>,
    constant: Option<&'n Node>,
    enumeration: Option<&'n Node>,
    properties: Option<&'n Node>,
    pattern_properties: Option<&'n Node>,
    additional_properties: Option<&'n Node>,
    unevaluated_properties: Option<&'n Node>,
    required: Option<&'n Node>,
    items: Option<&'n Node>,
    prefix_items: Option<&'n Node>,
    additional_items: Option<&'n Node>,
    description: Option<&'n Node>,
    write_only: Option<&'n Node>,
    merge: Option<&'n Node>,
    generate: Option<&'n Node>,
}

impl<'n> Keywords<'n> {
    fn of(schema: &'n Node) -> Self {
        let mut found = Keywords::default();
        for (key, entry) in schema.as_map().into_iter().flatten() {
            let keyword = match &**key {
                "$ref" => &mut found.reference,
                "allOf" => &mut found.all_of,
                "anyOf" => &mut found.any_of,
                "oneOf" => &mut found.one_of,
                "then" => &mut found.then,
                "else" => &mut found.otherwise,
                "type" => &mut found.types,
                "const" => &mut found.constant,
                "enum" => &mut found.enumeration,
                "properties" => &mut found.properties,
                "patternProperties" => &mut found.pattern_properties,
                "additionalProperties" => &mut found.additional_properties,
                "unevaluatedProperties" => &mut found.unevaluated_properties,
                "required" => &mut found.required,
                "items" => &mut found.items,
                "prefixItems" => &mut found.prefix_items,
                "additionalItems" => &mut found.additional_items,
                "description" => &mut found.description,
                "writeOnly" => &mut found.write_only,
                "x-merge" => &mut found.merge,
                "x-generate" => &mut found.generate,
                _ => continue,
            };
            *keyword = Some(&entry.node);
        }
        found
    }

    /// What they say by themselves, without the schemas that they apply. `schema` is the one that has them.
    fn inferred(&self, schema: &Node) -> Inferred<'n> {
        // `true`, and what is no schema at all, falls through: it has no keywords, so it says nothing.
        if schema.as_bool() == Some(false) {
            return Inferred::unconstrained(Types::NONE);
        }
        Inferred {
            types: self.types(),
            merge: self.merge.and_then(merge).unwrap_or(Merge::Replace),
            // What can be generated is a secret, also where the author forgot to say so.
            secret: self.write_only.and_then(Node::as_bool).unwrap_or(false) || self.generate.is_some(),
            // A wrong recipe was reported by `bounds.rs`.
            generate: self.generate.and_then(|rule| secrets::read_recipe(rule).ok()),
            description: self.description.and_then(Node::as_scalar).map(|scalar| Arc::clone(&scalar.text)),
            properties: Properties::Own(self.properties.and_then(Node::as_map)),
            required: items_of(self.required)
                .iter()
                .filter_map(Node::as_scalar)
                .map(|key| &*key.text)
                .collect(),
            additional: self.additional(),
            items: self.items(),
        }
    }

    /// The types that are allowed. `const` and `enum` are asked only where `type` says nothing: where it
    /// does, their values are of that type, or none could be right.
    fn types(&self) -> Types {
        if let Some(node) = self.types {
            return match node.as_list() {
                Some(names) => union(names, named_type),
                None => named_type(node),
            };
        }
        if let Some(value) = self.constant {
            return type_of(value);
        }
        match self.enumeration.and_then(Node::as_list) {
            Some(values) => union(values, type_of),
            None => Types::ANY,
        }
    }

    /// What is said about keys without a name of their own; those that match a `patternProperties` count among them.
    ///
    /// All are one group of alternatives: which of them applies depends on the key, and a table by
    /// path has one entry for all keys.
    fn additional(&self) -> Additional<'n> {
        let rest = self.additional_properties.or(self.unevaluated_properties);
        let patterns = self.pattern_properties.and_then(Node::as_map);
        let mut group: Vec<&'n Node> =
            patterns.into_iter().flat_map(|map| map.values()).map(|entry| &entry.node).collect();
        match rest {
            Some(rest) if rest.as_map().is_some() => group.push(rest),
            Some(rest) if rest.as_bool() == Some(false) => {}
            // Also with patterns: keys that match none of them may be anything.
            _ => return Additional::Unsaid,
        }
        if group.is_empty() { Additional::Refused } else { Additional::Wanted(Groups::any_of(group)) }
    }

    /// The schemas of a list's items. The place in the list is forgotten: those of single places (`prefixItems`, or
    /// `items` as a list in draft 07) and those of the rest become one group of alternatives.
    fn items(&self) -> Groups<'n> {
        let mut group: Vec<&'n Node> =
            items_of(self.prefix_items).iter().chain(items_of(self.items)).collect();
        let rest = [self.items, self.additional_items];
        group.extend(rest.into_iter().flatten().filter(|node| node.as_map().is_some()));
        Groups::any_of(group)
    }
}

/// The list under a keyword. An empty one where there is none, as every keyword that holds a list (`allOf`, `enum`,
/// `required`) says nothing when it is left out.
fn items_of(keyword: Option<&Node>) -> &[Node] {
    keyword.and_then(Node::as_list).unwrap_or_default()
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
fn merge(strategy: &Node) -> Option<Merge> {
    match strategy.as_str() {
        Some("append") => Some(Merge::Append),
        Some(_) => None,
        None => strategy.get("by").and_then(Node::as_str).map(|key| Merge::By(Arc::from(key))),
    }
}
