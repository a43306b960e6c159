//! The walk down a document, beside the table: maps, lists and what is in them.

use super::Api;
use super::duplicates;
use super::format::complaint;
use super::requirement;
use super::scalar::{self, Size};
use super::table::{Field, Format, Shape, Slice, Type, TypeId, Unique};
use super::trail::Trail;
use super::versions::{Versions, say};
use super::written::{self, AppliedText};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Identity;
use crate::manifest::{Location, label_finding};
use crate::session::Session;
use crate::yaml::{Entry, Kind, Node, Style, Value, same_in_yaml_1_1};

/// What the whole walk has in view.
#[derive(Clone, Copy)]
pub(super) struct Walk<'w> {
    pub(super) session: &'w Session,
    pub(super) api: &'w Api,
    pub(super) versions: Versions,
    /// The object that is walked, for messages.
    pub(super) object: &'w Identity,
    /// Whether it is a custom resource.
    pub(super) custom: bool,
    /// What becomes of the text.
    pub(super) applied_text: AppliedText,
}

impl Walk<'_> {
    /// Checks a node against a type, and everything below it.
    pub(super) fn node(&self, id: TypeId, node: &mut Node, trail: &Trail<'_>) {
        let of = self.api.table.get(id);
        if node.is_null() {
            return self.null(of, node, trail);
        }
        match (of.shape, &mut node.value) {
            (Shape::Any, _) | (Shape::Free, Value::Map(_)) => self.anything(node, trail),
            (Shape::Object { fields, open }, Value::Map(_)) => self.object(fields, open, node, trail),
            (Shape::Map { values, keys }, Value::Map(_)) => self.map(values, keys, node, trail),
            (Shape::List { items, unique }, Value::List(_)) => self.list(items, unique, node, trail),
            (_, Value::Scalar(_)) if !is_collection(of.shape) => return scalar::check(self, of, node, trail),
            _ => return self.mistyped(of.shape, node, trail),
        }
        self.size(of, node, trail);
    }

    /// Reports a finding about a place of this object.
    pub(super) fn report(&self, finding: Diagnostic, place: Location, trail: &Trail<'_>) {
        self.session.report(label_finding(self.session, finding, place, &trail.path(), self.object));
    }

    /// Reports a value of the wrong type (K003).
    pub(super) fn mistyped(&self, wanted: Shape, node: &Node, trail: &Trail<'_>) {
        let name = trail.name();
        let message = format!("`{name}` must be {}, and this is {}", noun(wanted), node.noun());
        let finding = Diagnostic::error(Code::K003, message).help(scalar::advice(wanted, node, &name));
        self.report(finding, Location::value(node), trail);
    }

    /// The code for what a type's limits forbid.
    pub(super) fn limit_code(&self) -> Code {
        if self.custom { Code::K010 } else { Code::K005 }
    }

    fn null(&self, of: Type, node: &Node, trail: &Trail<'_>) {
        // Programs that print objects write `creationTimestamp: null`, and Kubernetes reads it as nothing.
        let harmless = matches!(of.shape, Shape::Any | Shape::Text(Format::Time));
        if of.nullable || harmless {
            return;
        }
        let message = format!("`{}` is null, and must be {}", trail.name(), noun(of.shape));
        let help = match of.shape {
            Shape::List { .. } => "leave it out, or write `[]`",
            shape if is_collection(shape) => "leave it out, or write `{}`",
            _ => "leave it out, or write a value",
        };
        self.report(
            Diagnostic::error(Code::K003, message).help(help),
            Location::whole(node, trail.last_key()),
            trail,
        );
    }

    fn object(&self, fields: Slice, open: bool, node: &mut Node, trail: &Trail<'_>) {
        self.require(fields, node, trail);
        let Value::Map(map) = &mut node.value else { return };
        for (key, entry) in map {
            let below = trail.key(key, entry.key_span);
            match self.api.table.field(fields, key) {
                Some(field) => {
                    self.check_life(field, entry, &below);
                    let within = Walk { versions: self.versions.within(field.life), ..*self };
                    within.node(field.shape, &mut entry.node, &below);
                }
                None if open => self.anything(&entry.node, &below),
                None => self.unknown(fields, key, entry, trail),
            }
        }
    }

    /// Reports required fields that are not there (K002).
    fn require(&self, fields: Slice, node: &Node, trail: &Trail<'_>) {
        let table = &self.api.table;
        let Some(map) = node.as_map() else { return };
        for field in table.fields(fields).iter().filter(|field| field.required) {
            let name = table.name(field.name);
            if map.contains_key(name) || !self.versions.lacking(field.life).is_empty() {
                continue;
            }
            let message = format!("`{name}` is missing");
            let wanted = noun(table.get(field.shape).shape);
            let finding = Diagnostic::error(Code::K002, message).help(format!("add `{name}`: {wanted}"));
            self.report(finding, Location::whole(node, trail.last_key()), trail);
        }
    }

    /// Reports a field that some of the versions do not have (K008).
    fn check_life(&self, field: &Field, entry: &Entry, trail: &Trail<'_>) {
        let lacking = self.versions.lacking(field.life);
        if lacking.is_empty() {
            return;
        }
        let message = format!("`{}` is not there in Kubernetes {}", trail.name(), say(&lacking));
        let finding = Diagnostic::error(Code::K008, message);
        let help = "leave it out, or render for other versions with `--kube-version`";
        self.report(finding.help(help), Location::key(self.session, entry), trail);
    }

    /// Reports a field that the type does not have (K001).
    fn unknown(&self, fields: Slice, key: &str, entry: &Entry, trail: &Trail<'_>) {
        let table = &self.api.table;
        let names = table.fields(fields).iter().map(|field| table.name(field.name));
        let owner = if trail.path().0.is_empty() { self.object.kind.clone() } else { trail.name() };
        let message = format!("`{owner}` has no field `{key}`");
        let count = names.clone().count();
        let mut finding = Diagnostic::error(Code::K001, message).did_you_mean(key, names.clone());
        if finding.help.is_empty() {
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            let help = match count {
                0 => "remove it: nothing may stand here".to_owned(),
                1..=MAX_LISTED => format!("remove it; the fields are {}", names.join(", ")),
                _ => "remove it, or move it to where it belongs".to_owned(),
            };
            finding = finding.help(help);
        }
        let below = trail.key(key, entry.key_span);
        self.report(finding, Location::key(self.session, entry), &below);
    }

    fn map(&self, values: TypeId, keys: Format, node: &mut Node, trail: &Trail<'_>) {
        let Value::Map(map) = &mut node.value else { return };
        for (key, entry) in map {
            let below = trail.key(key, entry.key_span);
            written::check_key(self, key, entry, &below);
            if let Some(must_be) = complaint(keys, key) {
                let finding = Diagnostic::error(Code::K005, format!("the key `{key}` is not allowed"))
                    .help(format!("a key of `{}` must be {must_be}", trail.name()));
                self.report(finding, Location::key(self.session, entry), &below);
            }
            self.node(values, &mut entry.node, &below);
        }
    }

    fn list(&self, items: TypeId, unique: Unique, node: &mut Node, trail: &Trail<'_>) {
        let Value::List(nodes) = &mut node.value else { return };
        for (index, item) in nodes.iter_mut().enumerate() {
            self.node(items, item, &trail.index(index));
        }
        duplicates::check(self, unique, nodes, trail);
        requirement::check(self, items, nodes, trail);
    }

    /// Where nothing is known of the type, warns of plain scalars that YAML readers disagree about (Y007).
    fn anything(&self, node: &Node, trail: &Trail<'_>) {
        match &node.value {
            Value::Map(map) => {
                for (key, entry) in map {
                    let below = trail.key(key, entry.key_span);
                    written::check_key(self, key, entry, &below);
                    self.anything(&entry.node, &below);
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.anything(item, &trail.index(index));
                }
            }
            // A bound value was read with its own schema in view, and warned about there.
            Value::Scalar(scalar) if scalar.style == Style::Plain && node.origin.is_none() => {
                if scalar.kind != Kind::Null && !same_in_yaml_1_1(&scalar.text) {
                    let message = format!("`{}` reads differently in YAML 1.1 and 1.2", trail.name());
                    let help =
                        "write quotes around it if it is text, else `true`, `false` or a decimal number";
                    let finding = Diagnostic::warning(Code::Y007, message).help(help);
                    self.report(finding, Location::value(node), trail);
                }
            }
            Value::Scalar(_) => {}
        }
    }

    /// Holds the number of items or entries against the type's limits.
    fn size(&self, of: Type, node: &Node, trail: &Trail<'_>) {
        let (size, unit) = match &node.value {
            Value::Map(map) => (map.len(), "entries"),
            Value::List(items) => (items.len(), "items"),
            Value::Scalar(_) => return,
        };
        let size = Size { value: size as f64, unit };
        scalar::check_bounds(self, of, size, node, trail);
    }
}

/// Fields of a type are listed in a help line if they are so few.
const MAX_LISTED: usize = 8;

/// What a form is called, with its article.
pub(super) fn noun(shape: Shape) -> &'static str {
    match shape {
        Shape::Any => "a value",
        Shape::Free | Shape::Object { .. } | Shape::Map { .. } => "a map",
        Shape::List { .. } => "a list",
        Shape::Text(Format::Time) => "a time",
        Shape::Text(_) => "a string",
        Shape::Integer(_) => "an integer",
        Shape::Number => "a number",
        Shape::Boolean => "a boolean",
        Shape::Quantity => "a quantity",
        Shape::IntOrString(Format::PortName) => "a port's number or name",
        Shape::IntOrString(Format::Percent) => "an integer or a percentage",
        Shape::IntOrString(_) => "an integer or a string",
    }
}

fn is_collection(shape: Shape) -> bool {
    matches!(shape, Shape::Free | Shape::Object { .. } | Shape::Map { .. } | Shape::List { .. })
}
