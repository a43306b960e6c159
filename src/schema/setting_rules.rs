//! The rules of a schema that tie settings together, as sentences.
//!
//! A rule is a schema with words of its author's, or an `if` that can be put into words:
//!
//! ```text
//! { "if": { "properties": { "tls": { "const": true } } }, "then": { "required": ["secretName"] } }
//!
//! if `tls` is `true`, then `secretName` is set
//! ```
//!
//! Every place of the settings is visited once a branch, from the root down ([`RuleCollector`]). Conditions are
//! put into words by [`statements`]: all of a condition, or none of it. A sentence that left out a part would
//! claim more than the schema does.

use std::collections::BTreeSet;

use super::constraints::{of_own_keywords, one_of, quoted};
use super::setting_tree::{SettingNode, SettingTree};
use super::subschemas::list;
use crate::secrets::shown_key;
use crate::yaml::{Node, Segment, ValuePath};

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

/// Every rule of a schema, each once, from the root down in the order of the schema. Kubernetes types are not entered:
/// what ties their fields is not the chart's.
pub fn setting_rules(settings: &SettingTree<'_>) -> Vec<SettingRule> {
    let mut collector = RuleCollector { settings, ancestors: BTreeSet::new(), visited: 0, found: Vec::new() };
    collector.node(&settings.root(), "", 0);
    collector.found
}

/// A path with `[]` for every index, the form of [`SettingRule::at`]: `hosts[0].name` becomes `hosts[].name`.
pub(crate) fn wildcard_path(path: &ValuePath) -> String {
    let mut text = String::new();
    for segment in &path.0 {
        match segment {
            Segment::Key(key) => text = path_below(&text, key),
            Segment::Index(_) => text.push_str("[]"),
        }
    }
    text
}

/// The path of a key below a path, quoted where a key with dots would read as several: `ingress."a.b/c"`. It is shown, so
/// without a secret that the key may hold.
///
/// Of texts and not of [`ValuePath`]s, as these have no wildcard.
pub(crate) fn path_below(path: &str, key: &str) -> String {
    let key = ValuePath::root().key(shown_key(key)).to_string();
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

// `RuleCollector::ancestors` stops recursion. But a few definitions that refer to each other can have more ways through
// them than any walk could go.

/// How many settings inside each other are looked at.
const MAX_DEPTH: usize = 16;

/// How many settings are looked at. The bundled charts have some hundreds.
const MAX_SETTINGS: usize = 20_000;

/// How many rules are written down; no page could use more.
const MAX_RULES: usize = 2_000;

/// The walk from setting to setting that collects rules.
struct RuleCollector<'o, 's> {
    settings: &'o SettingTree<'s>,
    /// The nodes from the root down to this one, by identity: a schema that comes back to itself has said everything.
    /// Only ancestors, not all nodes that were met: a definition that two settings refer to has its rules at both.
    ancestors: BTreeSet<Vec<*const Node>>,
    /// How many settings were looked at.
    visited: usize,
    found: Vec<SettingRule>,
}

impl<'s> RuleCollector<'_, 's> {
    /// Collects the rules of a place, then those of all places below it.
    fn node(&mut self, node: &SettingNode<'s>, path: &str, depth: usize) {
        let identity = SettingTree::identity(node);
        // No identity is no schema, so there are no rules at it or below.
        if identity.is_empty() || depth == MAX_DEPTH {
            return;
        }
        if self.visited == MAX_SETTINGS || self.found.len() > MAX_RULES {
            return;
        }
        self.visited += 1;
        // What ties the fields of a Kubernetes type is documented there.
        if self.settings.kubernetes_type(node).is_some() {
            return;
        }
        if !self.ancestors.insert(identity.clone()) {
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
        // Any key that the schema does not name, as `[]` is any index.
        if let Some(other) = self.settings.additional(node) {
            self.node(&other, &path_below(path, "*"), depth + 1);
        }
        self.ancestors.remove(&identity);
    }

    /// Collects the rule of one schema that applies to the setting at `path`, if it is a rule.
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
        // A JSON pointer: `/a/b~1c` leads to `a` and then to `b/c`. Not read as a `ValuePath`, which needs values to
        // tell an index from a key; an author's pointer goes into maps.
        let mut at = path.to_owned();
        let pointer = words("x-at").unwrap_or_default();
        for token in pointer.split('/').skip(1) {
            at = path_below(&at, &token.replace("~1", "/").replace("~0", "~"));
        }
        // A definition that applies to one place in two ways has its rules there once. A search,
        // as there are a few dozen rules.
        let rule = SettingRule { kind, at, message, help: words("x-help") };
        if !self.found.contains(&rule) {
            self.found.push(rule);
        }
    }
}

/// The sentence of an `if` with its `then` and `else`. None if the condition cannot be put into words, or neither of
/// the two can; one of the two alone is a true sentence.
fn demand(schema: &Node, path: &str) -> Option<String> {
    let said = |keyword: &str| joined(&statements(schema.get(keyword)?, path)?);
    let condition = said("if")?;
    match (said("then"), said("else")) {
        (Some(then), Some(other)) => Some(format!("if {condition}, then {then}; otherwise {other}")),
        (Some(then), None) => Some(format!("if {condition}, then {then}")),
        (None, Some(other)) => Some(format!("unless {condition}, {other}")),
        (None, None) => None,
    }
}

/// Several statements as one; none of no statement.
fn joined(statements: &[String]) -> Option<String> {
    (!statements.is_empty()).then(|| statements.join(" and "))
}

/// Keywords of conditions that have no words here. What they say needs "any", "all" or "as defined at", and such
/// sentences were harder to read than the schema.
const UNSAYABLE: &[&str] =
    &["anyOf", "oneOf", "$ref", "items", "contains", "patternProperties", "dependentRequired"];

/// What a schema states of the value at `path` and of the settings below it. None when a part of it cannot be put into
/// words: a sentence that leaves out a part of the condition would be wrong, so none is better.
fn statements(schema: &Node, path: &str) -> Option<Vec<String>> {
    if UNSAYABLE.iter().any(|keyword| schema.get(keyword).is_some()) {
        return None;
    }
    let mut found = about_value(schema, path);
    let properties = schema.get("properties").and_then(Node::as_map);
    for (key, entry) in properties.into_iter().flatten() {
        found.extend(statements(&entry.node, &path_below(path, key))?);
    }
    let required = list(schema, "required");
    for key in required.iter().filter_map(Node::as_str) {
        // A property with a statement of its own is said to be something, so it need not be said to be set. By the
        // letter, `properties` alone holds of a map without the key too, which is why authors write both.
        if properties.is_none_or(|map| !map.contains_key(key)) {
            found.push(format!("`{}` is set", path_below(path, key)));
        }
    }
    for part in list(schema, "allOf") {
        found.extend(statements(part, path)?);
    }
    if let Some(not) = schema.get("not") {
        found.push(negated(not, path)?);
    }
    Some(found)
}

/// The opposite of what a schema states. One statement is negated by its verb; several are negated together, as `not`
/// denies that all of them hold, and not each.
fn negated(schema: &Node, path: &str) -> Option<String> {
    let inner = statements(schema, path)?;
    let [only] = inner.as_slice() else {
        return joined(&inner).map(|inner| format!("it is not so that {inner}"));
    };
    // The verb stands behind the name. A key may have spaces, and a statement may have another verb or be negated.
    Some(match only.split_once(" is ") {
        Some((name, what)) if (name == WHOLE || name.ends_with('`')) && !what.starts_with("not ") => {
            format!("{name} is not {what}")
        }
        _ => format!("it is not so that {only}"),
    })
}

/// How statements call the value itself.
const WHOLE: &str = "the whole";

/// What a schema states of the value itself, each statement with its subject: "`replicas` is at least 1".
fn about_value(schema: &Node, path: &str) -> Vec<String> {
    let name = if path.is_empty() { WHOLE.to_owned() } else { format!("`{path}`") };
    // Of a `const` or an `enum`, everything else that is demanded of the value follows. And `x is a` is plainer than
    // `x is always a`, as the constraints have it.
    if let Some(value) = schema.get("const") {
        return vec![format!("{name} is {}", quoted(value))];
    }
    if let Some(values) = schema.get("enum").and_then(Node::as_list) {
        return vec![format!("{name} is {}", one_of(values))];
    }
    // An author's help is an order ("write letters …"), which cannot follow "is".
    let pattern_help = schema.get("x-pattern-help").and_then(Node::as_str);
    let mut found = Vec::new();
    for phrase in of_own_keywords(schema) {
        found.push(match pattern_help {
            Some(help) if help == phrase => format!("{name} has its form ({phrase})"),
            _ => format!("{name} is {phrase}"),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(schema: &str) -> String {
        let session = crate::session::Session::new();
        let source = session.add_source(crate::source::SourceKind::File, "values.schema.json", schema);
        let schema = crate::yaml::parse_one(&session, source).unwrap().unwrap();
        let rules = setting_rules(&SettingTree::new(&schema));
        rules.into_iter().map(|rule| rule.message).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn many_ways_through_a_schema_are_not_all_gone() {
        let mut definitions = String::new();
        for level in 0..15 {
            let next = format!("{{\"$ref\": \"#/definitions/d{}\"}}", level + 1);
            let properties: Vec<String> = ('a'..='j').map(|key| format!("{key}: {next}")).collect();
            definitions += &format!("  d{level}: {{properties: {{{}}}}}\n", properties.join(", "));
        }
        let schema =
            format!("$ref: '#/definitions/d0'\ndefinitions:\n{definitions}  d15: {{type: string}}\n");
        assert_eq!(said(&schema), "");
    }

    /// Whatever a statement looks like, its negation is never the statement itself.
    #[test]
    fn a_negated_statement_says_so() {
        for (not, sentence) in [
            ("required: [a]", "if `a` is not set, then `b` is set"),
            ("properties: {a: {minimum: 1}}", "if `a` is not at least 1, then `b` is set"),
            (
                "properties: {a: {pattern: x, x-pattern-help: write x}}",
                "if it is not so that `a` has its form (write x), then `b` is set",
            ),
            ("not: {required: [a]}", "if it is not so that `a` is not set, then `b` is set"),
            (
                "properties: {a is b: {minimum: 1}}",
                "if it is not so that `\"a is b\"` is at least 1, then `b` is set",
            ),
            ("required: [a, c]", "if it is not so that `a` is set and `c` is set, then `b` is set"),
        ] {
            assert_eq!(said(&format!("if: {{not: {{{not}}}}}\nthen: {{required: [b]}}\n")), sentence);
        }
    }
}
