//! The requirements of selectors: `key`, `operator`, `values`, and what the operator asks of the values (K004, K005).
//!
//! The API's description has three fields and an enum at most; how they depend on each other stands in code of the API
//! server: `ValidateLabelSelectorRequirement` of `apimachinery` (`meta/v1/validation`), `NewRequirement`
//! (`labels/selector.go`), and for nodes the same operators with `Gt` and `Lt`.
//!
//! | operator | `values` |
//! |---|---|
//! | `In`, `NotIn` | one or more; in `matchExpressions` each a label's value |
//! | `Exists`, `DoesNotExist` | none |
//! | `Gt`, `Lt` | one, an integer |

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::{Format, IndexRange, Shape, TypeId};
use crate::kube::context::Position;
use crate::kube::string_formats;
use crate::manifest::Location;
use crate::yaml::{Entry, Node};

/// Holds the items of `matchExpressions` (about labels) and `matchFields` against what the API server asks of them
/// beyond their types. The position is that of the list.
///
/// A list is known by its key and not by its type, so that selectors in custom resources are checked too: a schema of a
/// CRD does not say that it has copied one, and their controllers read them by the same code of Kubernetes.
pub(super) fn check_requirements(position: Position<'_>, items: TypeId, nodes: &[Node]) {
    let about_labels = match position.path.last_key() {
        Some("matchExpressions") => true,
        Some("matchFields") => false,
        _ => return,
    };
    let table = position.context.table();
    let Shape::Object { fields, .. } = table.get(items).shape else { return };
    // Expressions of quotas are about scopes, whose values may be any.
    let about_labels = about_labels && table.field(fields, "scopeName").is_none();
    for (index, node) in nodes.iter().enumerate() {
        let path = position.path.index(index);
        let requirement = Requirement { position: position.at_path(&path), node };
        // A required field that is missing was reported by the walk.
        let Some(operator) = requirement.text("operator") else { continue };
        // What an unknown operator asks of its values is not known.
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
    /// That of the item.
    position: Position<'r>,
    node: &'r Node,
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
        let table = self.position.context.table();
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

    /// Holds the key against the form that keys of labels have.
    fn check_key(&self) {
        let Some(key) = self.text("key") else { return };
        if let Some(must_be) = string_formats::violation(Format::QualifiedName, key) {
            let finding = Diagnostic::error(Code::K005, format!("`key` must be {must_be}"));
            self.report_at("key", finding.help(string_formats::advice(Format::QualifiedName)));
        }
    }

    /// Holds the number of values, and their form, against what the operator asks.
    fn check_values(&self, operator: &str, about_labels: bool) {
        // No values, and an empty list of them, are the same to the API server.
        let values = self.entry("values").and_then(|entry| entry.node.as_list()).unwrap_or(&[]);
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                self.refuse_values(operator, "needs `values`", "add at least one");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                self.refuse_values(operator, "takes no `values`", "remove them, or write `In` or `NotIn`");
            }
            // Nodes' labels are texts; these two read them as numbers.
            "Gt" | "Lt" if values.len() != 1 => {
                self.refuse_values(operator, "takes one integer", "write one, in quotes: `values: [\"4\"]`");
            }
            // The API server takes any text, and the scheduler then finds no node.
            "Gt" | "Lt" if !values.iter().all(is_integer) => {
                let message = format!("the operator `{operator}` takes one integer");
                let finding = Diagnostic::error(Code::K005, message);
                self.report_accepted_at("values", finding.help("write one, in quotes: `values: [\"4\"]`"));
            }
            // Fields have any values; those of `metadata.name` are longer than labels may be.
            "In" | "NotIn" if about_labels => self.check_label_values(values),
            _ => {}
        }
    }

    /// Reports each value that no label can have: the requirement could never be met by it.
    fn check_label_values(&self, values: &[Node]) {
        let Some(entry) = self.entry("values") else { return };
        let list = self.position.path.key("values", entry.key_span);
        for (index, value) in values.iter().enumerate() {
            let Some(scalar) = value.as_scalar() else { continue };
            let Some(must_be) = string_formats::violation(Format::LabelValue, &scalar.text) else { continue };
            let path = list.index(index);
            let below = self.position.at_path(&path);
            let finding = Diagnostic::error(Code::K005, format!("`{}` must be {must_be}", below.name()))
                .help(string_formats::advice(Format::LabelValue));
            below.report(finding, Location::value(value));
        }
    }

    /// Reports the values as a whole; where there are none, at the operator. `reason` completes "the operator `In` …".
    fn refuse_values(&self, operator: &str, reason: &str, help: &str) {
        let message = format!("the operator `{operator}` {reason}");
        let finding = Diagnostic::error(Code::K005, message).help(help);
        match (self.entry("values"), self.entry("operator")) {
            (None, Some(operator)) => {
                let path = self.position.path.key("values", operator.key_span);
                self.position.at_path(&path).report(finding, Location::value(&operator.node).of_missing());
            }
            _ => self.report_at("values", finding),
        }
    }

    /// The same for what the API server takes.
    fn report_accepted_at(&self, key: &str, finding: Diagnostic) {
        let Some(entry) = self.entry(key) else { return };
        let path = self.position.path.key(key, entry.key_span);
        self.position.at_path(&path).report_accepted(finding, Location::value(&entry.node));
    }

    /// Reports a finding at the value of one of the three fields.
    fn report_at(&self, key: &str, finding: Diagnostic) {
        let Some(entry) = self.entry(key) else { return };
        let path = self.position.path.key(key, entry.key_span);
        self.position.at_path(&path).report(finding, Location::value(&entry.node));
    }
}

/// Whether the API server reads an integer here: `strconv.ParseInt(…, 10, 64)`, which takes no `0x10`.
fn is_integer(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| scalar.text.parse::<i64>().is_ok())
}
