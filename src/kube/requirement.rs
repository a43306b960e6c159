//! The requirements of selectors: `key`, `operator`, `values`, and what the operator asks of the values.

use super::format::{complaint, remedy};
use super::table::{Format, Shape, Slice, TypeId};
use super::trail::Trail;
use super::walk::Walk;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Location;
use crate::yaml::{Entry, Node};

/// Holds the items of `matchExpressions` (about labels) and `matchFields` against what the API server asks of them beyond
/// their types. Selectors in custom resources are read by the same code of Kubernetes, by their controllers.
pub(super) fn check(walk: &Walk<'_>, items: TypeId, nodes: &[Node], trail: &Trail<'_>) {
    let Some(list @ ("matchExpressions" | "matchFields")) = trail.key_name() else { return };
    let Shape::Object { fields, .. } = walk.api.table.get(items).shape else { return };
    let about_labels = list == "matchExpressions";
    for (index, node) in nodes.iter().enumerate() {
        let trail = trail.index(index);
        let requirement = Requirement { walk, node, trail: &trail };
        let Some(operator) = requirement.text("operator") else { continue };
        if requirement.refuse_operator(fields, operator) {
            continue;
        }
        if about_labels {
            requirement.check_key();
        }
        requirement.check_values(operator, about_labels);
    }
}

struct Requirement<'r> {
    walk: &'r Walk<'r>,
    node: &'r Node,
    trail: &'r Trail<'r>,
}

impl<'r> Requirement<'r> {
    fn entry(&self, key: &str) -> Option<&'r Entry> {
        self.node.as_map()?.get(key)
    }

    fn text(&self, key: &str) -> Option<&'r str> {
        self.entry(key)?.node.as_scalar().map(|scalar| &*scalar.text)
    }

    /// Whether the operator is none; where the table has the operators, it has reported that already.
    fn refuse_operator(&self, fields: Slice, operator: &str) -> bool {
        let table = &self.walk.api.table;
        let allowed = table.field(fields, "operator").map(|field| table.get(field.shape).allowed);
        let mut listed = table.words(allowed.unwrap_or(Slice::EMPTY)).peekable();
        let said = listed.peek().is_some();
        let known = if said { listed.any(|word| word == operator) } else { LABELS.contains(&operator) };
        if !known && !said {
            let message = format!("`operator` cannot be `{operator}`");
            let finding =
                Diagnostic::error(Code::K004, message).did_you_mean(operator, LABELS.iter().copied());
            self.report("operator", finding.help("write `In`, `NotIn`, `Exists` or `DoesNotExist`"));
        }
        !known
    }

    fn check_key(&self) {
        let wrong = self.text("key").and_then(|key| complaint(Format::QualifiedName, key));
        if let Some(must_be) = wrong {
            let finding = Diagnostic::error(Code::K005, format!("`key` must be {must_be}"));
            self.report("key", finding.help(remedy(Format::QualifiedName)));
        }
    }

    fn check_values(&self, operator: &str, about_labels: bool) {
        let values = self.entry("values").and_then(|entry| entry.node.as_list()).unwrap_or_default();
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                self.refuse(operator, "needs `values`", "add at least one");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                self.refuse(operator, "takes no `values`", "remove them, or write `In` or `NotIn`");
            }
            "Gt" | "Lt" if !matches!(values, [one] if is_integer(one)) => {
                self.refuse(operator, "takes one integer", "write one, in quotes: `values: [\"4\"]`");
            }
            "In" | "NotIn" if about_labels => self.check_labels(values),
            _ => {}
        }
    }

    fn check_labels(&self, values: &[Node]) {
        let Some(entry) = self.entry("values") else { return };
        for (index, value) in values.iter().enumerate() {
            let wrong = value.as_scalar().and_then(|scalar| complaint(Format::LabelValue, &scalar.text));
            let Some(must_be) = wrong else { continue };
            let list = self.trail.key("values", entry.key_span);
            let trail = list.index(index);
            let finding = Diagnostic::error(Code::K005, format!("`{}` must be {must_be}", trail.name()));
            self.walk.report(finding.help(remedy(Format::LabelValue)), Location::value(value), &trail);
        }
    }

    fn refuse(&self, operator: &str, what: &str, help: &str) {
        let message = format!("the operator `{operator}` {what}");
        let finding = Diagnostic::error(Code::K005, message).help(help);
        let key = if self.entry("values").is_some() { "values" } else { "operator" };
        self.report(key, finding);
    }

    fn report(&self, key: &str, finding: Diagnostic) {
        let Some(entry) = self.entry(key) else { return };
        self.walk.report(finding, Location::value(&entry.node), &self.trail.key(key, entry.key_span));
    }
}

/// The operators where the table lists none: `Gt` and `Lt` are for nodes.
const LABELS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist"];

fn is_integer(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| scalar.text.parse::<i64>().is_ok())
}
