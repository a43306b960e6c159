//! The requirements of selectors: `key`, `operator`, `values`, and what the operator asks of the values (K004, K005).

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::{Format, IndexRange, Shape, TypeId};
use crate::kube::context::{Context, PathStack};
use crate::kube::string_formats;
use crate::manifest::Location;
use crate::yaml::{Entry, Node};

/// Holds the items of `matchExpressions` (about labels) and `matchFields` against what the API server asks of them beyond
/// their types. Selectors in custom resources are read by the same code of Kubernetes, by their controllers.
pub(super) fn check_requirements(context: &Context<'_>, items: TypeId, nodes: &[Node], path: &PathStack<'_>) {
    let about_labels = match path.last_key() {
        Some("matchExpressions") => true,
        Some("matchFields") => false,
        _ => return,
    };
    let Shape::Object { fields, .. } = context.table().get(items).shape else { return };
    for (index, node) in nodes.iter().enumerate() {
        let path = path.index(index);
        let requirement = Requirement { context, node, path: &path };
        let Some(operator) = requirement.text("operator") else { continue };
        if !requirement.check_operator(fields, operator) {
            continue;
        }
        if about_labels {
            requirement.check_key();
        }
        requirement.check_values(operator, about_labels);
    }
}

/// The operators where the table lists none: `Gt` and `Lt` are for nodes, whose type lists its own.
const LABEL_OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist"];

/// One item of `matchExpressions` or `matchFields`.
struct Requirement<'r> {
    context: &'r Context<'r>,
    node: &'r Node,
    path: &'r PathStack<'r>,
}

impl<'r> Requirement<'r> {
    fn entry(&self, key: &str) -> Option<&'r Entry> {
        self.node.as_map()?.get(key)
    }

    fn text(&self, key: &str) -> Option<&'r str> {
        self.entry(key)?.node.as_scalar().map(|scalar| &*scalar.text)
    }

    /// Whether there is such an operator. Where the table lists the operators, the walk has reported one that is none.
    fn check_operator(&self, fields: IndexRange, operator: &str) -> bool {
        let table = self.context.table();
        let allowed = table.field(fields, "operator").map(|field| table.get(field.type_id).allowed);
        let mut listed = table.words(allowed.unwrap_or(IndexRange::EMPTY)).peekable();
        if listed.peek().is_some() {
            return listed.any(|word| word == operator);
        }
        if LABEL_OPERATORS.contains(&operator) {
            return true;
        }
        let finding = Diagnostic::error(Code::K004, format!("`operator` cannot be `{operator}`"))
            .did_you_mean(operator, LABEL_OPERATORS.iter().copied())
            .help("write `In`, `NotIn`, `Exists` or `DoesNotExist`");
        self.report_at("operator", finding);
        false
    }

    fn check_key(&self) {
        let Some(key) = self.text("key") else { return };
        if let Some(must_be) = string_formats::violation(Format::QualifiedName, key) {
            let finding = Diagnostic::error(Code::K005, format!("`key` must be {must_be}"));
            self.report_at("key", finding.help(string_formats::advice(Format::QualifiedName)));
        }
    }

    fn check_values(&self, operator: &str, about_labels: bool) {
        let values = self.entry("values").and_then(|entry| entry.node.as_list()).unwrap_or(&[]);
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                self.refuse_values(operator, "needs `values`", "add at least one");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                self.refuse_values(operator, "takes no `values`", "remove them, or write `In` or `NotIn`");
            }
            // Nodes' labels are texts; these two read them as numbers.
            "Gt" | "Lt" if !matches!(values, [one] if is_integer(one)) => {
                self.refuse_values(operator, "takes one integer", "write one, in quotes: `values: [\"4\"]`");
            }
            // Fields have any values; those of `metadata.name` are longer than labels may be.
            "In" | "NotIn" if about_labels => self.check_label_values(values),
            _ => {}
        }
    }

    fn check_label_values(&self, values: &[Node]) {
        let Some(entry) = self.entry("values") else { return };
        let list = self.path.key("values", entry.key_span);
        for (index, value) in values.iter().enumerate() {
            let Some(scalar) = value.as_scalar() else { continue };
            let Some(must_be) = string_formats::violation(Format::LabelValue, &scalar.text) else { continue };
            let path = list.index(index);
            let finding = Diagnostic::error(Code::K005, format!("`{}` must be {must_be}", path.name()))
                .help(string_formats::advice(Format::LabelValue));
            self.context.report(finding, Location::value(value), &path);
        }
    }

    /// Reports the values as a whole, or the operator where there are none.
    fn refuse_values(&self, operator: &str, reason: &str, help: &str) {
        let message = format!("the operator `{operator}` {reason}");
        let finding = Diagnostic::error(Code::K005, message).help(help);
        let key = if self.entry("values").is_some() { "values" } else { "operator" };
        self.report_at(key, finding);
    }

    fn report_at(&self, key: &str, finding: Diagnostic) {
        let Some(entry) = self.entry(key) else { return };
        let path = self.path.key(key, entry.key_span);
        self.context.report(finding, Location::value(&entry.node), &path);
    }
}

fn is_integer(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| scalar.text.parse::<i64>().is_ok())
}
