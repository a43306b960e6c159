//! A schema as a tree of settings, for documentation: what it says of each.

use std::cell::RefCell;
use std::collections::HashMap;

use super::constraints;
use super::subschemas::target;
use super::type_inference::{Additional, Groups, Inference, Inferred};
use crate::yaml::{Generate, Merge, Node, Segment, Types, ValuePath};

/// A schema, walked from setting to setting. A recursive schema has no last setting: who walks must stop.
pub struct SettingTree<'s> {
    root: &'s Node,
    inference: RefCell<Inference<'s>>,
}

/// One place of a schema.
#[derive(Clone)]
pub struct SettingNode<'s> {
    groups: Groups<'s>,
    /// The schemas that hold whatever the values are; those of an `if` may be among the groups only.
    certain: Vec<&'s Node>,
    inferred: Inferred<'s>,
}

/// What a schema says of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingDocs {
    /// Its words for it, on one line.
    pub description: Option<String>,
    /// Its type in words: `integer`, `string or null`, `list of Kubernetes Toleration`.
    pub type_name: String,
    /// What else must hold, each a phrase: `at least 1`, "one of `a`, `b`".
    pub limits: Vec<String>,
    /// How a list of a higher layer meets that of a lower one.
    pub merge: Merge,
    /// Whether writers mask it.
    pub secret: bool,
    /// How `plimsoll secrets` makes one.
    pub generate: Option<Generate>,
}

impl<'s> SettingNode<'s> {
    /// The schemas that surely hold; what is known from alternatives or conditions alone holds as those say.
    fn holding(&self) -> Groups<'s> {
        if self.certain.is_empty() {
            return self.groups.clone();
        }
        self.certain.iter().map(|schema| vec![*schema]).collect()
    }
}

impl<'s> SettingTree<'s> {
    /// The settings of a schema's tree.
    pub fn new(root: &'s Node) -> Self {
        SettingTree { root, inference: RefCell::new(Inference { root, known: HashMap::new() }) }
    }

    /// The place of all values.
    pub fn root(&self) -> SettingNode<'s> {
        self.node(vec![vec![self.root]], vec![self.root])
    }

    /// The place at a path, if the schema names it or lets anything stand there.
    pub fn at(&self, path: &ValuePath) -> Option<SettingNode<'s>> {
        path.0.iter().try_fold(self.root(), |node, segment| match segment {
            Segment::Key(key) => self.property(&node, key),
            Segment::Index(_) => self.item(&node),
        })
    }

    /// The settings that the schema names below a place, in its order.
    pub fn properties(&self, node: &SettingNode<'s>) -> Vec<(String, SettingNode<'s>)> {
        let named = node.inferred.properties.iter();
        let below =
            |key: &str, groups: &Groups<'s>| self.node(groups.clone(), self.certain_property(node, key));
        named.map(|(key, groups)| (key.to_string(), below(key, groups))).collect()
    }

    /// Whether a key must be there.
    pub(crate) fn requires(&self, node: &SettingNode<'s>, key: &str) -> bool {
        node.inferred.required.iter().any(|required| **required == *key)
    }

    /// What must stand under a key without a name of its own, if the schema says anything of it.
    pub fn additional(&self, node: &SettingNode<'s>) -> Option<SettingNode<'s>> {
        match &node.inferred.additional {
            Additional::Wanted(groups) => Some(self.node(groups.clone(), self.certain_rest(node))),
            _ => None,
        }
    }

    /// What each item of a list must be; none where no list can be.
    pub fn item(&self, node: &SettingNode<'s>) -> Option<SettingNode<'s>> {
        let certain = || self.keyword(node, "items");
        node.inferred.types.allows(Types::ARRAY).then(|| self.node(node.inferred.items.clone(), certain()))
    }

    /// What is said of a place.
    pub fn docs(&self, node: &SettingNode<'s>) -> SettingDocs {
        let words = node.inferred.description.as_deref();
        SettingDocs {
            description: words.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
            type_name: self.type_name(node, 0),
            limits: constraints::of_groups(self.root, &node.holding()),
            merge: node.inferred.merge.clone(),
            secret: node.inferred.secret,
            generate: node.inferred.generate,
        }
    }

    /// The Kubernetes type that a place holds, such as `Affinity`: its fields are documented there.
    pub fn kubernetes_type(&self, node: &SettingNode<'s>) -> Option<String> {
        let name = node.groups.iter().flatten().find_map(|schema| self.definition(schema))?;
        let last = name.strip_prefix("io.k8s.")?.rsplit('.').next()?;
        Some(last.to_owned())
    }

    /// Every schema that holds for a place without a condition, references followed.
    pub(super) fn schemas(&self, node: &SettingNode<'s>) -> Vec<&'s Node> {
        let mut found = Vec::new();
        node.holding()
            .iter()
            .flatten()
            .for_each(|schema| constraints::applied(self.root, schema, &mut found));
        found
    }

    /// What tells a place from another: the same is said of two places of the same identity.
    pub(crate) fn identity(node: &SettingNode<'s>) -> Vec<*const Node> {
        node.groups.iter().flatten().map(|schema| std::ptr::from_ref(*schema)).collect()
    }

    fn property(&self, node: &SettingNode<'s>, key: &str) -> Option<SettingNode<'s>> {
        let certain = self.certain_property(node, key);
        if let Some(groups) = node.inferred.properties.get(key) {
            return Some(self.node(groups.clone(), certain));
        }
        match &node.inferred.additional {
            _ if !node.inferred.types.allows(Types::OBJECT) => None,
            Additional::Refused => None,
            Additional::Unsaid => Some(self.node(Vec::new(), certain)),
            Additional::Wanted(groups) => Some(self.node(groups.clone(), self.certain_rest(node))),
        }
    }

    fn node(&self, groups: Groups<'s>, certain: Vec<&'s Node>) -> SettingNode<'s> {
        let inferred = self.inference.borrow_mut().of_groups(&groups);
        SettingNode { groups, certain, inferred }
    }

    /// What the schemas that surely hold here say under a keyword.
    fn keyword(&self, node: &SettingNode<'s>, keyword: &str) -> Vec<&'s Node> {
        let mut all = Vec::new();
        node.certain.iter().for_each(|schema| constraints::applied(self.root, schema, &mut all));
        all.into_iter().filter_map(|schema| schema.get(keyword)).collect()
    }

    fn certain_property(&self, node: &SettingNode<'s>, key: &str) -> Vec<&'s Node> {
        self.keyword(node, "properties").into_iter().filter_map(|named| named.get(key)).collect()
    }

    fn certain_rest(&self, node: &SettingNode<'s>) -> Vec<&'s Node> {
        self.keyword(node, "additionalProperties")
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

    fn type_name(&self, node: &SettingNode<'s>, depth: usize) -> String {
        if let Some(name) = self.kubernetes_type(node) {
            return format!("Kubernetes {name}");
        }
        let inner = |of: Option<SettingNode<'s>>| {
            let kind = of.filter(|_| depth < MAX_KINDS).map(|node| self.type_name(&node, depth + 1));
            kind.filter(|kind| kind != ANYTHING).map_or_else(String::new, |kind| format!(" of {kind}"))
        };
        let types = node.inferred.types;
        let mut names: Vec<String> = Vec::new();
        if types == Types::ANY {
            return ANYTHING.to_owned();
        }
        for (one, name) in NAMES.iter().filter(|(one, _)| types.and(*one) == *one) {
            names.push(match *one {
                Types::ARRAY => format!("list{}", inner(self.item(node))),
                Types::OBJECT if node.inferred.properties.is_empty() => {
                    format!("map{}", inner(self.additional(node)))
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
