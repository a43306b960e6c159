//! Settings that contradict each other: which of them a finding points at first.
//!
//! A rule between settings names one of them (`x-at`): mostly the one that is missing, and that is often a default, in a file
//! that nobody edits. The words that the user has to look at are those of the highest layer among all that the rule
//! speaks of:
//!
//! ```text
//! "if": { ui.ingress.enabled: true }, "then": { ui.ingress.hosts: at least one }, "x-at": "/ui/ingress/hosts"
//!
//! mine.yaml          ui: {ingress: {enabled: true}}      first: `ui.ingress.enabled`
//! defaults.yaml      ui: {ingress: {hosts: []}}          second: `ui.ingress.hosts`
//! ```
//!
//! Layers are read from the lowest to the highest, so their sources are numbered in that order.

use serde_json::Value as JsonValue;

use super::json_adapter;
use super::location::key_span;
use crate::diagnostic::{Diagnostic, Suggestions};
use crate::source::Span;
use crate::yaml::{Node, ValuePath};

/// A violation of a rule between settings.
#[derive(Clone, Copy)]
pub(super) struct BrokenRule<'n> {
    /// The schema with the words.
    pub(super) schema: &'n JsonValue,
    /// Where its value is.
    pub(super) base: &'n ValuePath,
    /// The value that broke it: it, or one inside of it.
    pub(super) instance: &'n ValuePath,
    pub(super) values: &'n Node,
    /// What the search for a better place may cost, for all findings together. Afterwards they point where `x-at` says.
    pub(super) suggestions: &'n Suggestions,
}

/// Steps for one setting of a condition, for which paths are made.
const STEPS_OF_SETTING: usize = 10;
/// Steps for one value of a schema that is compiled, and for a schema as such.
const STEPS_OF_COMPILATION: usize = 500;

/// Lets a finding point first at what the highest layer says of the rule's settings. It points at what `x-at` names; that comes
/// second, unless it is in the highest layer itself.
pub(super) fn pointed_at_the_highest_layer(finding: Diagnostic, rule: BrokenRule<'_>) -> Diagnostic {
    let Some(named) = finding.labels.first().cloned() else { return finding };
    let mut highest: Option<(Span, ValuePath)> = None;
    // Of a rule that its whole map breaks, the condition has the words.
    let instance = Some(rule.instance.clone()).filter(|instance| instance != rule.base);
    for path in instance.into_iter().chain(rule.settings()) {
        let Some(span) = key_span(rule.values, &path) else { continue };
        // Of several in one layer the first counts: what broke the rule, then the condition from left to right.
        let floor = highest.as_ref().map_or(named.span, |(span, _)| *span);
        if span.source > floor.source {
            highest = Some((span, path));
        }
    }
    let Some((span, path)) = highest else { return finding };
    let labels = finding.labels[1..].to_vec();
    let finding = Diagnostic { labels, ..finding };
    finding.also(named.span, named.text).at(span, format!("`{path}`"))
}

impl BrokenRule<'_> {
    /// The settings of which the rule's condition speaks and that are as it says.
    fn settings(self) -> Vec<ValuePath> {
        let mut found = Vec::new();
        let Some(value) = self.base.find(self.values) else { return found };
        // The condition of a `not` that does not hold holds.
        for condition in ["if", "not"].iter().filter_map(|key| self.schema.get(key)) {
            self.collect(condition, value, self.base, &mut found);
        }
        found
    }

    /// Collects the settings of a condition that holds.
    fn collect(self, condition: &JsonValue, value: &Node, path: &ValuePath, found: &mut Vec<ValuePath>) {
        let properties = condition.get("properties").and_then(JsonValue::as_object);
        for (key, inner) in properties.into_iter().flatten() {
            if !self.suggestions.spend(STEPS_OF_SETTING) {
                return;
            }
            let Some(below) = value.get(key) else { continue };
            let path = path.key(key);
            if inner.get("properties").is_none() {
                found.push(path.clone());
            }
            self.collect(inner, below, &path, found);
        }
        for part in parts(condition, "allOf") {
            self.collect(part, value, path, found);
        }
        // Of alternatives, those count that are so.
        for part in parts(condition, "anyOf") {
            if self.holds(part, value) {
                self.collect(part, value, path, found);
            }
        }
        if let Some(denied) = condition.get("not") {
            self.collect(denied, value, path, found);
        }
    }

    /// Whether a value is as a part of a schema says. A part that cannot stand alone, as it refers to others, counts as one
    /// that is: then a finding may point at one setting of the rule rather than at another.
    fn holds(self, part: &JsonValue, value: &Node) -> bool {
        let steps = (1 + size(part)).saturating_mul(STEPS_OF_COMPILATION);
        self.suggestions.spend(steps)
            && json_adapter::validator(part)
                .map_or(true, |validator| validator.is_valid(&json_adapter::to_json(value)))
    }
}

/// The number of values in a part of a schema.
fn size(part: &JsonValue) -> usize {
    let below: usize = match part {
        JsonValue::Array(items) => items.iter().map(size).sum(),
        JsonValue::Object(keys) => keys.values().map(size).sum(),
        _ => 0,
    };
    1 + below
}

fn parts<'n>(condition: &'n JsonValue, keyword: &str) -> impl Iterator<Item = &'n JsonValue> {
    condition.get(keyword).and_then(JsonValue::as_array).into_iter().flatten()
}
