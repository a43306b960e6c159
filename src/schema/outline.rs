//! A schema read for people: what it says of each setting, place by place.

use std::cell::RefCell;
use std::collections::HashMap;

use super::facts::{Additional, Facter, Facts, Groups};
use super::walk::target;
use super::{Schema, limits};
use crate::yaml::{Generate, Merge, Node, Segment, Types, ValuePath};

/// A schema, walked from setting to setting. A recursive schema has no last setting: who walks must stop.
pub struct Outline<'s> {
    root: &'s Node,
    facter: RefCell<Facter<'s>>,
}

/// One place of a schema.
#[derive(Clone)]
pub struct Spot<'s> {
    groups: Groups<'s>,
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

impl Schema {
    /// The schema, to be walked.
    pub fn outline(&self) -> Outline<'_> {
        let root = self.root();
        Outline { root, facter: RefCell::new(Facter { root, known: HashMap::new() }) }
    }
}

impl<'s> Outline<'s> {
    /// The place of all values.
    pub fn root(&self) -> Spot<'s> {
        self.spot(vec![vec![self.root]])
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
        named.map(|(key, groups)| (key.to_string(), self.spot(groups.clone()))).collect()
    }

    /// What must stand under a key without a name of its own, if the schema says anything of it.
    pub fn additional(&self, spot: &Spot<'s>) -> Option<Spot<'s>> {
        match &spot.facts.additional {
            Additional::Wanted(groups) => Some(self.spot(groups.clone())),
            _ => None,
        }
    }

    /// What each item of a list must be; none where no list can be.
    pub fn item(&self, spot: &Spot<'s>) -> Option<Spot<'s>> {
        spot.facts.types.allows(Types::ARRAY).then(|| self.spot(spot.facts.items.clone()))
    }

    /// What is said of a place.
    pub fn about(&self, spot: &Spot<'s>) -> About {
        let words = spot.facts.description.as_deref();
        About {
            description: words.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
            kind: self.kind(spot, 0),
            limits: limits::of_groups(self.root, &spot.groups),
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
        spot.groups.iter().flatten().for_each(|schema| limits::applied(self.root, schema, &mut found));
        found
    }

    /// What tells a place from another: two with the same mark are said the same of.
    pub(super) fn mark(spot: &Spot<'s>) -> Vec<*const Node> {
        spot.groups.iter().flatten().map(|schema| std::ptr::from_ref(*schema)).collect()
    }

    fn property(&self, spot: &Spot<'s>, key: &str) -> Option<Spot<'s>> {
        if let Some(groups) = spot.facts.properties.get(key) {
            return Some(self.spot(groups.clone()));
        }
        match &spot.facts.additional {
            _ if !spot.facts.types.allows(Types::OBJECT) => None,
            Additional::Refused => None,
            Additional::Unsaid => Some(self.spot(Vec::new())),
            Additional::Wanted(groups) => Some(self.spot(groups.clone())),
        }
    }

    fn spot(&self, groups: Groups<'s>) -> Spot<'s> {
        let facts = self.facter.borrow_mut().of_groups(&groups);
        Spot { groups, facts }
    }

    /// The name of the definition that a schema refers to, itself or as its only part.
    fn definition(&self, schema: &'s Node) -> Option<&'s str> {
        let own = |schema: &'s Node| schema.get("$ref")?.as_str()?.rsplit('/').next();
        let parts = schema.get("allOf").and_then(Node::as_list).unwrap_or_default();
        own(schema).or_else(|| parts.iter().find_map(own)).filter(|_| target(self.root, schema).is_some() || !parts.is_empty())
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
