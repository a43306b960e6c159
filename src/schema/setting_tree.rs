//! A schema as a tree of settings, for documentation: what it says of each.
//!
//! The reference and `explain` walk it; the checks of values do not. It differs from the table of wants (`wants.rs`),
//! which is made from the same inference: it keeps the schemas of each place, so that their constraints can be put into
//! words, and it is lazy: a place is inferred when a walk comes to it.
//!
//! Two sets of schemas belong to a place, and they answer two questions:
//!
//! ```text
//! { "properties": { "mode": { "enum": ["a", "b"] } },
//!   "if": …, "then": { "properties": { "mode": { "const": "a" }, "extra": { "maximum": 5 } } } }
//!
//!          groups (may apply)    certain (apply whatever the values are)    documented as
//! mode     [[enum]]              [enum]                                     one of `a`, `b`
//! extra    [[maximum]]           []                                         at most 5
//! ```
//!
//! The type, the children and whether it is a secret come from the groups. Constraints come from the certain schemas,
//! as a sentence "at most 5" that holds in one case alone would be wrong. Only where there is no certain schema are
//! those of the groups said: then the setting exists in that case alone.

use std::cell::RefCell;
use std::rc::Rc;

use super::address::References;
use super::constraints;
use super::groups::Groups;
use super::subschemas::list;
use super::type_inference::{Additional, Inference, Inferred};
use crate::yaml::{Generate, Merge, Node, Segment, Types, ValuePath};

/// A schema, walked from setting to setting. A recursive schema has no last setting: a caller must stop by itself, at a
/// depth or at a place that it has met (`identity`).
///
/// ```
/// # use plimsoll::{schema::SettingTree, session::Session, source::SourceKind, yaml};
/// # let session = Session::new();
/// # let text = r#"{"properties": {"replicas": {"type": "integer", "minimum": 1}}}"#;
/// # let source = session.add_source(SourceKind::File, "values.schema.json", text);
/// # let schema = yaml::parse_one(&session, source).unwrap().unwrap();
/// // Of { "properties": { "replicas": { "type": "integer", "minimum": 1 } } }
/// let settings = SettingTree::new(&schema);
/// let (name, replicas) = &settings.properties(&settings.root())[0];
/// let docs = settings.docs(replicas);
/// assert_eq!((name.as_str(), docs.type_name.as_str()), ("replicas", "integer"));
/// assert_eq!(docs.limits, ["at least 1"]);
/// ```
pub struct SettingTree<'s> {
    root: &'s Node,
    /// A cache, filled while the tree is walked by shared references.
    inference: RefCell<Inference<'s>>,
}

/// One place of a schema.
#[derive(Clone)]
pub struct SettingNode<'s> {
    /// All schemas that may apply to the place.
    groups: Groups<'s>,
    /// The schemas that hold whatever the values are; those of an alternative or of a `then` are among the groups only.
    certain: Vec<&'s Node>,
    inferred: Rc<Inferred<'s>>,
}

/// What a schema says of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingDocs {
    /// Its words for it, on one line.
    pub description: Option<String>,
    /// Its type in words: `integer`, `string or null`, `list of Kubernetes Toleration`;
    /// `anything` and `nothing` at the ends.
    pub type_name: String,
    /// What else must hold, each a phrase: `at least 1`, "one of `a`, `b`".
    pub limits: Vec<String>,
    /// How a list of a higher layer meets that of a lower one.
    pub merge: Merge,
    /// Whether writers mask it.
    pub secret: bool,
    /// How `plimsoll secrets` makes one.
    pub generate: Option<Generate>,
    /// The heading that a page has it under.
    pub section: Option<String>,
    /// What a page shows as its default.
    pub default_text: Option<String>,
    /// Whether pages leave it out.
    pub is_hidden: bool,
}

impl<'s> SettingNode<'s> {
    /// The schemas that surely hold; what is known from alternatives or conditions alone holds as those say.
    fn holding(&self) -> Groups<'s> {
        if self.certain.is_empty() {
            return self.groups.clone();
        }
        Groups::new(self.certain.iter().map(|schema| vec![*schema]).collect())
    }
}

impl<'s> SettingTree<'s> {
    /// The settings of a schema, given as a tree: the root of its file, in which references are looked up. It must have
    /// passed [`Schema::compile`](super::Schema::compile), which refuses schemas that would make the walk endless.
    pub fn new(root: &'s Node) -> Self {
        SettingTree { root, inference: RefCell::new(Inference::new(Rc::new(References::new(root)))) }
    }

    /// The place of all values.
    pub fn root(&self) -> SettingNode<'s> {
        self.node(Groups::One(self.root), vec![self.root])
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
        let mut properties = Vec::with_capacity(node.inferred.properties.len());
        for (key, groups) in node.inferred.properties.iter() {
            let child = self.node(groups, self.certain_property(node, key));
            properties.push((key.to_string(), child));
        }
        properties
    }

    /// Whether a key must be there.
    pub(crate) fn requires(&self, node: &SettingNode<'s>, key: &str) -> bool {
        node.inferred.required.contains(&key)
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
        if !node.inferred.types.allows(Types::ARRAY) {
            return None;
        }
        Some(self.node(node.inferred.items.clone(), self.keyword(node, "items")))
    }

    /// What is said of a place.
    pub fn docs(&self, node: &SettingNode<'s>) -> SettingDocs {
        let words = node.inferred.description.as_deref();
        let schemas = self.schemas(node);
        let said = |keyword: &str| schemas.iter().find_map(|schema| schema.get(keyword));
        let text = |keyword: &str| said(keyword).and_then(Node::as_str).map(str::to_owned);
        SettingDocs {
            // Line breaks are those of the schema's file.
            description: words.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
            type_name: self.type_name(node, 0),
            limits: constraints::of_groups(self.root, &node.holding()),
            merge: node.inferred.merge.clone(),
            secret: node.inferred.secret,
            generate: node.inferred.generate,
            section: text("x-section"),
            default_text: text("x-default"),
            is_hidden: said("x-hidden").and_then(Node::as_bool) == Some(true),
        }
    }

    /// The values that may stand at a place, as they are written, where the schema lists them all; empty where it does not.
    pub fn allowed(&self, node: &SettingNode<'s>) -> Vec<String> {
        let schemas = self.schemas(node);
        let listed = schemas.iter().find_map(|schema| schema.get("enum")?.as_list());
        match listed {
            Some(values) => values.iter().filter_map(Node::as_str).map(str::to_owned).collect(),
            None if node.inferred.types == Types::BOOLEAN => vec!["true".to_owned(), "false".to_owned()],
            None => Vec::new(),
        }
    }

    /// The Kubernetes type that a place holds, such as `Affinity`: its fields are documented there, so pages stop at
    /// it.
    ///
    /// It is known by the name of the definition, as the bundled schemas and Kubernetes' own OpenAPI document have it:
    /// `#/definitions/io.k8s.api.core.v1.Affinity`.
    pub fn kubernetes_type(&self, node: &SettingNode<'s>) -> Option<String> {
        let name = node.groups.schemas().find_map(|schema| definition_name(schema))?;
        // Without group and version, as the reference of Kubernetes calls it.
        let last = name.strip_prefix("io.k8s.")?.rsplit('.').next()?;
        Some(last.to_owned())
    }

    /// Every schema that holds for a place without a condition, references followed.
    pub(super) fn schemas(&self, node: &SettingNode<'s>) -> Vec<&'s Node> {
        let mut found = Vec::new();
        for schema in node.holding().schemas() {
            constraints::unconditional(self.root, schema, &mut found);
        }
        found
    }

    /// The schemas that may apply to a place, by their addresses: a walk that meets the same ones again has come back
    /// to where it was. Empty where the schema says nothing.
    ///
    /// Nodes of one borrowed tree do not move, so an address tells two definitions apart even if they are equal.
    pub(crate) fn identity(node: &SettingNode<'s>) -> Vec<*const Node> {
        node.groups.schemas().map(std::ptr::from_ref).collect()
    }

    fn property(&self, node: &SettingNode<'s>, key: &str) -> Option<SettingNode<'s>> {
        let certain = self.certain_property(node, key);
        if let Some(groups) = node.inferred.properties.get(key) {
            return Some(self.node(groups, certain));
        }
        // `Unsaid` would let any key stand below a string.
        if !node.inferred.types.allows(Types::OBJECT) {
            return None;
        }
        match &node.inferred.additional {
            Additional::Refused => None,
            Additional::Unsaid => Some(self.node(Groups::Unknown, certain)),
            Additional::Wanted(groups) => Some(self.node(groups.clone(), self.certain_rest(node))),
        }
    }

    /// The place to which these schemas apply. What they say is inferred here, once a node.
    fn node(&self, groups: Groups<'s>, certain: Vec<&'s Node>) -> SettingNode<'s> {
        let inferred = self.inference.borrow_mut().of_groups(&groups);
        SettingNode { groups, certain, inferred }
    }

    /// What the schemas that surely hold here say under a keyword.
    fn keyword(&self, node: &SettingNode<'s>, keyword: &str) -> Vec<&'s Node> {
        // Not cached: only pages ask, for each setting once.
        let mut certain = Vec::new();
        for schema in &node.certain {
            constraints::unconditional(self.root, schema, &mut certain);
        }
        certain.into_iter().filter_map(|schema| schema.get(keyword)).collect()
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

    /// The type of a place in words, `depth` levels of lists and maps down from where it is asked for.
    fn type_name(&self, node: &SettingNode<'s>, depth: usize) -> String {
        if let Some(name) = self.kubernetes_type(node) {
            return format!("Kubernetes {name}");
        }
        let types = node.inferred.types;
        if types == Types::ANY {
            return ANYTHING.to_owned();
        }
        let contains = |single: Types| types.and(single) == single;
        let mut names: Vec<String> = Vec::new();
        for (single, name) in TYPE_NAMES {
            // Every integer is a number: "integer or number" would say no more than "number".
            if !contains(*single) || (*single == Types::INTEGER && contains(Types::NUMBER)) {
                continue;
            }
            names.push(match *single {
                Types::ARRAY => format!("list{}", self.type_name_below(self.item(node), depth)),
                // A map with named keys has a section of its own, in which their types are.
                Types::OBJECT if node.inferred.properties.is_empty() => {
                    format!("map{}", self.type_name_below(self.additional(node), depth))
                }
                _ => (*name).to_owned(),
            });
        }
        match names.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        }
    }

    /// What a list or a map holds, as the end of its type's name: ` of integer`. Nothing is added where nothing is
    /// known, and beyond [`MAX_NAMED_LEVELS`], without which the name of a recursive schema would have no end.
    fn type_name_below(&self, child: Option<SettingNode<'s>>, depth: usize) -> String {
        let Some(child) = child.filter(|_| depth < MAX_NAMED_LEVELS) else { return String::new() };
        let name = self.type_name(&child, depth + 1);
        if name == ANYTHING { String::new() } else { format!(" of {name}") }
    }
}

/// The name of the definition that a schema refers to: by its own `$ref`, or by one in an `allOf`, as it is written in
/// draft 07 where a description stands beside it.
fn definition_name(schema: &Node) -> Option<&str> {
    let parts = list(schema, "allOf");
    referred_name(schema).or_else(|| parts.iter().find_map(referred_name))
}

/// The last token of a schema's own `$ref`.
fn referred_name(schema: &Node) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// How many levels of lists and maps inside each other a type's name goes down. Three make
/// `list of list of list of string`, which is the most that anybody would read.
const MAX_NAMED_LEVELS: usize = 3;

/// The name of the type of which nothing is known.
const ANYTHING: &str = "anything";

/// The single types with their names for people, in the order in which a name lists them:
/// `null` last, as in "string or null".
const TYPE_NAMES: &[(Types, &str)] = &[
    (Types::BOOLEAN, "boolean"),
    (Types::INTEGER, "integer"),
    (Types::NUMBER, "number"),
    (Types::STRING, "string"),
    (Types::ARRAY, "list"),
    (Types::OBJECT, "map"),
    (Types::NULL, "null"),
];
