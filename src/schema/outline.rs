//! A schema read for people: what it says of each setting, place by place.

use std::cell::RefCell;
use std::collections::HashMap;

use super::facts::{Additional, Facter, Facts, Groups};
use super::walk::target;
use super::{Schema, limits};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::{Generate, Merge, Node, Segment, Types, ValuePath, parse_one};

/// A schema, walked from setting to setting. A recursive schema has no last setting: who walks must stop.
pub struct Outline<'s> {
    root: &'s Node,
    facter: RefCell<Facter<'s>>,
}

/// One place of a schema.
#[derive(Clone)]
pub struct Spot<'s> {
    groups: Groups<'s>,
    /// The schemas that hold whatever the values are; those of an `if` may be among the groups only.
    certain: Vec<&'s Node>,
    facts: Facts<'s>,
}

/// What a schema says of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its words for it, on one line.
    pub description: Option<String>,
    /// Its type in words: `integer`, `string or null`, `list of Kubernetes Toleration`.
    pub kind: String,
    /// What else must hold, each a phrase: `at least 1`, "one of `a`, `b`".
    pub limits: Vec<String>,
    /// How a list of a higher layer meets that of a lower one.
    pub merge: Merge,
    /// Whether writers mask it.
    pub secret: bool,
    /// How `plimsoll secrets` makes one.
    pub generate: Option<Generate>,
}

impl<'s> Spot<'s> {
    /// The schemas that surely hold; what is known from alternatives or conditions alone holds as those say.
    fn holding(&self) -> Groups<'s> {
        if self.certain.is_empty() {
            return self.groups.clone();
        }
        self.certain.iter().map(|schema| vec![*schema]).collect()
    }
}

impl Schema {
    /// The schema itself as a tree, with its words: what [`Outline::new`] walks.
    ///
    /// # Errors
    /// None for a schema that was compiled from the same session: it was read then.
    pub fn tree(&self, session: &Session) -> Outcome<Node> {
        let empty = || Node::empty_map(Span::new(self.source, 0, 0));
        Ok(parse_one(session, self.source)?.unwrap_or_else(empty))
    }
}

impl<'s> Outline<'s> {
    /// The outline of a schema's tree.
    pub fn new(root: &'s Node) -> Self {
        Outline { root, facter: RefCell::new(Facter { root, known: HashMap::new() }) }
    }

    /// The place of all values.
    pub fn root(&self) -> Spot<'s> {
        self.spot(vec![vec![self.root]], vec![self.root])
    }

    /// The place at a path, if the schema names it or lets anything stand there.
    pub fn at(&self, path: &ValuePath) -> Option<Spot<'s>> {
        path.0.iter().try_fold(self.root(), |spot, segment| match segment {
            Segment::Key(key) => self.property(&spot, key),
            Segment::Index(_) => self.item(&spot),
        })
    }

    /// The settings that the schema names below a place, in its order.
    pub fn properties(&self, spot: &Spot<'s>) -> Vec<(String, Spot<'s>)> {
        let named = spot.facts.properties.iter();
        let below =
            |key: &str, groups: &Groups<'s>| self.spot(groups.clone(), self.certain_property(spot, key));
        named.map(|(key, groups)| (key.to_string(), below(key, groups))).collect()
    }

    /// Whether a key must be there.
    pub(crate) fn requires(&self, spot: &Spot<'s>, key: &str) -> bool {
        spot.facts.required.iter().any(|required| **required == *key)
    }

    /// What must stand under a key without a name of its own, if the schema says anything of it.
    pub fn additional(&self, spot: &Spot<'s>) -> Option<Spot<'s>> {
        match &spot.facts.additional {
            Additional::Wanted(groups) => Some(self.spot(groups.clone(), self.certain_rest(spot))),
            _ => None,
        }
    }

    /// What each item of a list must be; none where no list can be.
    pub fn item(&self, spot: &Spot<'s>) -> Option<Spot<'s>> {
        let certain = || self.keyword(spot, "items");
        spot.facts.types.allows(Types::ARRAY).then(|| self.spot(spot.facts.items.clone(), certain()))
    }

    /// What is said of a place.
    pub fn about(&self, spot: &Spot<'s>) -> About {
        let words = spot.facts.description.as_deref();
        About {
            description: words.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
            kind: self.kind(spot, 0),
            limits: limits::of_groups(self.root, &spot.holding()),
            merge: spot.facts.merge.clone(),
            secret: spot.facts.secret,
            generate: spot.facts.generate,
        }
    }

    /// The Kubernetes type that a place holds, such as `Affinity`: its fields are documented there.
    pub fn kubernetes_type(&self, spot: &Spot<'s>) -> Option<String> {
        let name = spot.groups.iter().flatten().find_map(|schema| self.definition(schema))?;
        let last = name.strip_prefix("io.k8s.")?.rsplit('.').next()?;
        Some(last.to_owned())
    }

    /// Every schema that holds for a place without a condition, references followed.
    pub(super) fn schemas(&self, spot: &Spot<'s>) -> Vec<&'s Node> {
        let mut found = Vec::new();
        spot.holding().iter().flatten().for_each(|schema| limits::applied(self.root, schema, &mut found));
        found
    }

    /// What tells a place from another: two with the same mark are said the same of.
    pub(crate) fn mark(spot: &Spot<'s>) -> Vec<*const Node> {
        spot.groups.iter().flatten().map(|schema| std::ptr::from_ref(*schema)).collect()
    }

    fn property(&self, spot: &Spot<'s>, key: &str) -> Option<Spot<'s>> {
        let certain = self.certain_property(spot, key);
        if let Some(groups) = spot.facts.properties.get(key) {
            return Some(self.spot(groups.clone(), certain));
        }
        match &spot.facts.additional {
            _ if !spot.facts.types.allows(Types::OBJECT) => None,
            Additional::Refused => None,
            Additional::Unsaid => Some(self.spot(Vec::new(), certain)),
            Additional::Wanted(groups) => Some(self.spot(groups.clone(), self.certain_rest(spot))),
        }
    }

    fn spot(&self, groups: Groups<'s>, certain: Vec<&'s Node>) -> Spot<'s> {
        let facts = self.facter.borrow_mut().of_groups(&groups);
        Spot { groups, certain, facts }
    }

    /// What the schemas that surely hold here say under a keyword.
    fn keyword(&self, spot: &Spot<'s>, keyword: &str) -> Vec<&'s Node> {
        let mut all = Vec::new();
        spot.certain.iter().for_each(|schema| limits::applied(self.root, schema, &mut all));
        all.into_iter().filter_map(|schema| schema.get(keyword)).collect()
    }

    fn certain_property(&self, spot: &Spot<'s>, key: &str) -> Vec<&'s Node> {
        self.keyword(spot, "properties").into_iter().filter_map(|named| named.get(key)).collect()
    }

    fn certain_rest(&self, spot: &Spot<'s>) -> Vec<&'s Node> {
        self.keyword(spot, "additionalProperties")
            .into_iter()
            .filter(|rest| rest.as_map().is_some())
            .collect()
    }

    /// The name of the definition that a schema refers to, itself or as its only part.
    fn definition(&self, schema: &'s Node) -> Option<&'s str> {
        let own = |schema: &'s Node| schema.get("$ref")?.as_str()?.rsplit('/').next();
        let parts = schema.get("allOf").and_then(Node::as_list).unwrap_or_default();
        own(schema)
            .or_else(|| parts.iter().find_map(own))
            .filter(|_| target(self.root, schema).is_some() || !parts.is_empty())
    }

    fn kind(&self, spot: &Spot<'s>, depth: usize) -> String {
        if let Some(name) = self.kubernetes_type(spot) {
            return format!("Kubernetes {name}");
        }
        let inner = |of: Option<Spot<'s>>| {
            let kind = of.filter(|_| depth < MAX_KINDS).map(|spot| self.kind(&spot, depth + 1));
            kind.filter(|kind| kind != ANYTHING).map_or_else(String::new, |kind| format!(" of {kind}"))
        };
        let types = spot.facts.types;
        let mut names: Vec<String> = Vec::new();
        if types == Types::ANY {
            return ANYTHING.to_owned();
        }
        for (one, name) in NAMES.iter().filter(|(one, _)| types.and(*one) == *one) {
            names.push(match *one {
                Types::ARRAY => format!("list{}", inner(self.item(spot))),
                Types::OBJECT if spot.facts.properties.is_empty() => {
                    format!("map{}", inner(self.additional(spot)))
                }
                _ => (*name).to_owned(),
            });
        }
        if types.and(Types::NUMBER) == Types::NUMBER {
            names.retain(|name| name != "integer");
        }
        match names.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        }
    }
}

/// Lists in lists that a type's name goes down.
const MAX_KINDS: usize = 3;

const ANYTHING: &str = "anything";

const NAMES: &[(Types, &str)] = &[
    (Types::BOOLEAN, "boolean"),
    (Types::INTEGER, "integer"),
    (Types::NUMBER, "number"),
    (Types::STRING, "string"),
    (Types::ARRAY, "list"),
    (Types::OBJECT, "map"),
    (Types::NULL, "null"),
];
