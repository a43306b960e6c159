//! The rules of a schema that tie settings together, as sentences.

use std::collections::BTreeSet;

use super::constraints::{one_of, own, quoted};
use super::setting_tree::{SettingNode, SettingTree};
use crate::yaml::{Node, ValuePath};

/// A rule of a schema about one or several settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRule {
    /// What kind of sentence it is.
    pub kind: SettingRuleKind,
    /// The setting that a finding would point at, as a path with `[]` for any item of a list; empty for the root.
    pub at: String,
    /// The sentence, without a full stop.
    pub message: String,
    /// What to do about it, in the author's words.
    pub help: Option<String>,
}

/// What a rule's sentence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingRuleKind {
    /// The author's words for what is refused (`x-message`).
    Refused,
    /// The author's words for what is warned of (`x-warning`).
    Warned,
    /// What must hold, made from an `if` without words.
    Demanded,
}

/// Every rule of a schema, from the root down; inside Kubernetes types there are none of the chart's.
pub fn setting_rules(settings: &SettingTree<'_>) -> Vec<SettingRule> {
    let mut collector = RuleCollector { settings, ancestors: BTreeSet::new(), found: Vec::new() };
    collector.node(&settings.root(), "", 0);
    collector.found
}

/// A path with `[]` for every index: the form of [`SettingRule::at`].
pub(crate) fn wildcard_path(path: &ValuePath) -> String {
    use crate::yaml::Segment;
    path.0.iter().fold(String::new(), |text, segment| match segment {
        Segment::Key(key) => path_below(&text, key),
        Segment::Index(_) => format!("{text}[]"),
    })
}

/// The path of a key below a path.
pub(crate) fn path_below(path: &str, key: &str) -> String {
    let key = ValuePath::root().key(key).to_string();
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// Settings inside each other that are looked at.
const MAX_DEPTH: usize = 16;
/// Rules that are written down; no page could use more.
const MAX_RULES: usize = 2_000;

struct RuleCollector<'o, 's> {
    settings: &'o SettingTree<'s>,
    /// The nodes on the way down, by identity: a schema that comes back to itself has said everything.
    ancestors: BTreeSet<Vec<*const Node>>,
    found: Vec<SettingRule>,
}

impl<'s> RuleCollector<'_, 's> {
    fn node(&mut self, node: &SettingNode<'s>, path: &str, depth: usize) {
        let identity = SettingTree::identity(node);
        if identity.is_empty() || depth == MAX_DEPTH || self.found.len() > MAX_RULES {
            return;
        }
        // What ties the fields of a Kubernetes type is documented there.
        if self.settings.kubernetes_type(node).is_some() || !self.ancestors.insert(identity.clone()) {
            return;
        }
        for schema in self.settings.schemas(node) {
            self.schema(schema, path);
        }
        for (key, inner) in self.settings.properties(node) {
            self.node(&inner, &path_below(path, &key), depth + 1);
        }
        if let Some(item) = self.settings.item(node) {
            self.node(&item, &format!("{path}[]"), depth + 1);
        }
        if let Some(other) = self.settings.additional(node) {
            self.node(&other, &path_below(path, "*"), depth + 1);
        }
        self.ancestors.remove(&identity);
    }

    fn schema(&mut self, schema: &Node, path: &str) {
        let words = |keyword: &str| schema.get(keyword).and_then(Node::as_str).map(str::to_owned);
        let (kind, message) = if let Some(message) = words("x-message") {
            (SettingRuleKind::Refused, message)
        } else if let Some(message) = words("x-warning") {
            (SettingRuleKind::Warned, message)
        } else if let Some(message) = demand(schema, path) {
            (SettingRuleKind::Demanded, message)
        } else {
            return;
        };
        // A JSON pointer: `/a/b~1c` leads to `a` and then to `b/c`.
        let mut at = path.to_owned();
        for token in words("x-at").unwrap_or_default().split('/').skip(1) {
            at = path_below(&at, &token.replace("~1", "/").replace("~0", "~"));
        }
        let rule = SettingRule { kind, at, message, help: words("x-help") };
        if !self.found.contains(&rule) {
            self.found.push(rule);
        }
    }
}

/// `If … , then …`, as far as the conditions can be said.
fn demand(schema: &Node, path: &str) -> Option<String> {
    let condition = all(&statements(schema.get("if")?, path)?)?;
    let said = |keyword: &str| all(&statements(schema.get(keyword)?, path)?);
    match (said("then"), said("else")) {
        (Some(then), Some(other)) => Some(format!("if {condition}, then {then}; otherwise {other}")),
        (Some(then), None) => Some(format!("if {condition}, then {then}")),
        (None, Some(other)) => Some(format!("unless {condition}, {other}")),
        (None, None) => None,
    }
}

fn all(statements: &[String]) -> Option<String> {
    (!statements.is_empty()).then(|| statements.join(" and "))
}

/// What a schema states of the settings below `path`; none when a part of it cannot be put into words.
fn statements(schema: &Node, path: &str) -> Option<Vec<String>> {
    let mut found = about_value(schema, path);
    let properties = schema.get("properties").and_then(Node::as_map);
    for (key, entry) in properties.into_iter().flatten() {
        found.extend(statements(&entry.node, &path_below(path, key))?);
    }
    let required = schema.get("required").and_then(Node::as_list).unwrap_or_default();
    for key in required.iter().filter_map(Node::as_str) {
        // Of a property with a statement of its own, that says enough.
        if properties.is_none_or(|map| !map.contains_key(key)) {
            found.push(format!("`{}` is set", path_below(path, key)));
        }
    }
    for part in schema.get("allOf").and_then(Node::as_list).unwrap_or_default() {
        found.extend(statements(part, path)?);
    }
    if let Some(not) = schema.get("not") {
        found.push(negated(not, path)?);
    }
    // A sentence that leaves out a part of the condition would be wrong; none is better.
    let hard = ["anyOf", "oneOf", "$ref", "items", "contains", "patternProperties", "dependentRequired"];
    (!hard.iter().any(|keyword| schema.get(keyword).is_some())).then_some(found)
}

/// The opposite of what a schema states. One statement is negated by its verb; of several, only all together are.
fn negated(schema: &Node, path: &str) -> Option<String> {
    let inner = statements(schema, path)?;
    let [only] = inner.as_slice() else {
        return all(&inner).map(|inner| format!("it is not so that {inner}"));
    };
    Some(match only.strip_suffix(" is set") {
        Some(name) => format!("{name} is not set"),
        None => only.replacen(" is ", " is not ", 1),
    })
}

fn about_value(schema: &Node, path: &str) -> Vec<String> {
    let name = if path.is_empty() { "the whole".to_owned() } else { format!("`{path}`") };
    if let Some(value) = schema.get("const") {
        return vec![format!("{name} is {}", quoted(value))];
    }
    if let Some(values) = schema.get("enum").and_then(Node::as_list) {
        return vec![format!("{name} is {}", one_of(values))];
    }
    let advice = schema.get("x-pattern-help").and_then(Node::as_str);
    let said = |phrase: String| match advice {
        Some(advice) if advice == phrase => format!("{name} has its form ({phrase})"),
        _ => format!("{name} is {phrase}"),
    };
    own(schema).into_iter().map(said).collect()
}
