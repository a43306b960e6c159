//! `Place`: where validation stands in a document, what is further up, and how it reports.

use super::facts::{Ancestors, Condition, Fact, From, List, Path, Word, is_optional};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::kube::api::table::{Shape, TypeId};
use crate::kube::context::{Context, PathStack, Position};
use crate::manifest::{Location, anchor_span};
use crate::yaml::{Entry, Node};

/// An object of the API that is being validated: the document itself, or a map below it whose type has a name.
///
/// Lists and maps of any keys are no places: `parent` is the next object, so that a container's parent is its pod's
/// spec.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(super) context: &'p Context<'p>,
    /// The object.
    pub(super) node: &'p Node,
    /// Its path from the root of the document.
    pub(super) path: &'p PathStack<'p>,
    pub(super) type_id: TypeId,
    /// The next object further up.
    pub(super) parent: Option<&'p Place<'p>>,
}

impl<'p> Place<'p> {
    /// Whether what is missing may be written in before the API server sees it. What makes pods out of a custom resource
    /// may do so: Knative names containers that have no name.
    pub(super) fn may_be_filled_in(&self) -> bool {
        const COMPLETE: &[&str] = &["Rollout", "ScaledJob"];
        self.context.custom
            && self.root().path.last_key().is_some()
            && !COMPLETE.contains(&&*self.context.object.kind)
    }

    /// The entry of a field; none where the API server sees none: it reads null, an empty text and an empty list as
    /// nothing.
    pub(super) fn entry(&self, field: &str) -> Option<&'p Entry> {
        self.node.as_map()?.get(field).filter(|entry| !is_absent(&entry.node))
    }

    /// Whether one of the versions asks what this minor version of Kubernetes began to ask.
    pub(super) fn is_asked_since(&self, minor: u8) -> bool {
        let (_, newest) = self.context.versions.minors();
        newest >= minor
    }

    /// Whether the table says that the field is required.
    pub(super) fn is_required_by_table(&self, field: &str) -> bool {
        let table = self.context.table();
        let Shape::Object { fields, .. } = table.get(self.type_id).shape else { return false };
        table.field(fields, field).is_some_and(|field| field.required) && !is_optional(self.type_id, field)
    }

    /// Whether another key of the object is a misspelt form of this field: then the field is not missing.
    pub(super) fn is_misspelt(&self, field: &str) -> bool {
        let Shape::Object { fields, .. } = self.context.table().get(self.type_id).shape else { return false };
        let Some(map) = self.node.as_map() else { return false };
        Position { context: self.context, path: self.path }.is_misspelt(fields, map, field)
    }

    /// The value of a field.
    pub(super) fn field(&self, field: &str) -> Option<&'p Node> {
        self.entry(field).map(|entry| &entry.node)
    }

    /// The text of a field's scalar, whatever it is to YAML.
    pub(super) fn text(&self, field: &str) -> Option<&'p str> {
        scalar_text(self.field(field)?)
    }

    /// The integer of a field.
    pub(super) fn integer(&self, field: &str) -> Option<i64> {
        self.field(field)?.as_i64()
    }

    /// Whether a field is `true`.
    pub(super) fn is_true(&self, field: &str) -> bool {
        self.text(field) == Some("true")
    }

    /// The items of a field's list.
    pub(super) fn items(&self, field: &str) -> &'p [Node] {
        self.field(field).and_then(Node::as_list).unwrap_or(&[])
    }

    /// The value at these keys below the object.
    pub(super) fn at(&self, keys: &[&str]) -> Option<&'p Node> {
        let found = keys.iter().try_fold(self.node, |node, key| node.get(key))?;
        Some(found).filter(|node| !is_absent(node))
    }

    /// The key that the object stands under, directly or in a list.
    pub(super) fn key(&self) -> Option<&'p str> {
        self.path.nearest_key()
    }

    /// The object so many levels further up.
    pub(super) fn up(&self, levels: u8) -> Option<&Place<'p>> {
        let mut place = self;
        for _ in 0..levels {
            place = place.parent?;
        }
        Some(place)
    }

    /// The object and those further up, from the inside out.
    pub(super) fn chain(&self) -> impl Iterator<Item = &Place<'p>> {
        std::iter::successors(Some(self), |place| place.parent)
    }

    /// The document.
    pub(super) fn root(&self) -> &Place<'p> {
        self.chain().last().unwrap_or(self)
    }

    /// Whether a fact counts here.
    pub(super) fn meets(&self, conditions: List<Condition>) -> bool {
        conditions.items().iter().all(|condition| match condition {
            Condition::Under(ancestors) => self.is_under(ancestors),
            Condition::Outside(ancestors) => !self.is_under(ancestors),
            Condition::When(path, values) => self.has_value(path, *values),
            Condition::Unless(path, values) => !self.has_value(path, *values),
        })
    }

    fn is_under(&self, ancestors: &Ancestors) -> bool {
        self.chain().any(|place| {
            ancestors.types.items().contains(&place.type_id)
                || place.key().is_some_and(|key| ancestors.keys.has(key))
        })
    }

    fn has_value(&self, path: &Path, values: List<Word>) -> bool {
        let found = self.values_at(path);
        if found.is_empty() {
            return values.has("absent");
        }
        values.has("present")
            || found.iter().any(|node| scalar_text(node).is_some_and(|text| values.has(text)))
    }

    /// What stands at a path.
    pub(super) fn values_at(&self, path: &Path) -> Vec<&'p Node> {
        let start = match path.from {
            From::Level(levels) => self.up(levels),
            From::Ancestor(types) => self.chain().find(|place| types.items().contains(&place.type_id)),
        };
        let mut nodes: Vec<&'p Node> = start.map(|place| place.node).into_iter().collect();
        for key in path.keys.texts() {
            nodes = nodes.into_iter().flat_map(|node| below(node, key)).collect();
        }
        nodes
    }

    /// Reports a finding about a field of the object; about the object itself where `field` is empty. Where the field is
    /// not there, the finding is at the object, and its path names the field.
    pub(super) fn report(&self, fact: &Fact, field: &str, finding: Diagnostic) {
        if field.is_empty() {
            return self.report_at(fact, self.path, self.whole(), finding);
        }
        match self.node.as_map().and_then(|map| map.get(field)) {
            Some(entry) => {
                let path = self.path.key(field, entry.key_span);
                self.report_at(fact, &path, Location::value(&entry.node), finding);
            }
            None => {
                let key = self.path.last_key_span().unwrap_or(self.node.span);
                let path = self.path.key(field, key);
                let finding = finding.due_to(self.context.session.left_out(self.node.span, field));
                self.report_at(fact, &path, self.whole().of_missing(), finding);
            }
        }
    }

    /// Whether an error was reported of an item of a field's list, as a whole.
    pub(super) fn is_item_refused(&self, list: &str, index: usize) -> bool {
        let of_list = self.path.key(list, self.node.span);
        let of_item = of_list.index(index);
        Position { context: self.context, path: &of_item }.is_refused()
    }

    /// Reports a finding about an item of a field's list, or about a field of that item.
    pub(super) fn report_item(
        &self,
        fact: &Fact,
        list: &str,
        index: usize,
        field: &str,
        finding: Diagnostic,
    ) {
        let Some(entry) = self.node.as_map().and_then(|map| map.get(list)) else { return };
        let Some(item) = entry.node.as_list().and_then(|items| items.get(index)) else { return };
        let of_list = self.path.key(list, entry.key_span);
        let of_item = of_list.index(index);
        match item.as_map().and_then(|map| map.get(field)).filter(|_| !field.is_empty()) {
            Some(entry) => {
                let path = of_item.key(field, entry.key_span);
                self.report_at(fact, &path, Location::value(&entry.node), finding);
            }
            None if field.is_empty() => self.report_at(fact, &of_item, Location::value(item), finding),
            None => {
                let path = of_item.key(field, entry.key_span);
                self.report_at(fact, &path, Location::value(item).of_missing(), finding);
            }
        }
    }

    /// Reports a finding about the value under a key of a field's map; `at_key` points at the key itself.
    pub(super) fn report_entry(&self, fact: &Fact, map: &str, key: &str, at_key: bool, finding: Diagnostic) {
        let Some(entry) = self.node.as_map().and_then(|fields| fields.get(map)) else { return };
        let Some(inner) = entry.node.as_map().and_then(|entries| entries.get(key)) else { return };
        let of_map = self.path.key(map, entry.key_span);
        let path = of_map.key(key, inner.key_span);
        let location =
            if at_key { Location::key(self.context.session, inner) } else { Location::value(&inner.node) };
        self.report_at(fact, &path, location, finding);
    }

    /// Reports that a field's map lacks a key that another field asks for: at `asking`, which is what somebody wrote.
    pub(super) fn report_missing_entry(
        &self,
        fact: &Fact,
        map: &str,
        key: &str,
        asking: &Node,
        finding: Diagnostic,
    ) {
        let of_map = self.path.key(map, asking.span);
        let path = of_map.key(key, asking.span);
        self.report_at(fact, &path, Location::value(asking).of_missing(), finding);
    }

    /// Reports a finding about any place below the object, given as keys and indices: `spec.ports.0.port`.
    pub(super) fn report_below(&self, fact: &Fact, steps: &[Step<'_>], finding: Diagnostic) {
        report_steps(*self, fact, self.path, self.node, self.whole(), steps, finding);
    }

    /// Adds another place that a finding is about.
    pub(super) fn also(&self, finding: Diagnostic, node: &Node, text: &str) -> Diagnostic {
        finding.also(self.context.session.resolve(anchor_span(node)), text)
    }

    fn whole(&self) -> Location {
        Location::whole(self.node, self.path.last_key_span())
    }

    fn report_at(&self, fact: &Fact, path: &PathStack<'_>, location: Location, finding: Diagnostic) {
        let finding = Diagnostic { level: fact.level, ..finding }.named(fact.address());
        let finding = finding.note(format!("the API server asks this of `{}`", fact.address()));
        let position = Position { context: self.context, path };
        // One mistake gives one finding: the first one, which is that of the type where there is one.
        if position.is_refused() {
            return;
        }
        position.report(finding, location);
    }
}

/// A step down from an object.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'s> {
    /// A field, or a key of a map.
    Key(&'s str),
    /// An item of a list.
    Index(usize),
}

/// Goes down as far as there is something, and reports there under the whole path.
fn report_steps(
    place: Place<'_>,
    fact: &Fact,
    path: &PathStack<'_>,
    node: &Node,
    location: Location,
    steps: &[Step<'_>],
    finding: Diagnostic,
) {
    let Some((step, rest)) = steps.split_first() else {
        return place.report_at(fact, path, location, finding);
    };
    match step {
        Step::Key(key) => match node.as_map().and_then(|map| map.get(key)) {
            Some(entry) => {
                let below = path.key(key, entry.key_span);
                let location = Location::value(&entry.node);
                report_steps(place, fact, &below, &entry.node, location, rest, finding);
            }
            None => {
                let below = path.key(key, path.last_key_span().unwrap_or(node.span));
                report_steps(place, fact, &below, node, location.of_missing(), rest, finding);
            }
        },
        Step::Index(index) => match node.as_list().and_then(|items| items.get(*index)) {
            Some(item) => {
                let location = Location::value(item);
                report_steps(place, fact, &path.index(*index), item, location, rest, finding);
            }
            None => place.report_at(fact, path, location, finding),
        },
    }
}

/// What stands under a key of a map, or of each item of a list.
fn below<'n>(node: &'n Node, key: &str) -> Vec<&'n Node> {
    let of = |node: &'n Node| node.get(key);
    let found: Vec<&'n Node> = match node.as_list() {
        Some(items) => items.iter().filter_map(of).collect(),
        None => of(node).into_iter().collect(),
    };
    // A list of values stands for its items; one of objects is gone through by the next key.
    let mut values = Vec::new();
    for node in found {
        match node.as_list() {
            // Its items count as they are: a list that holds an empty text is not an empty list.
            Some(items) if items.iter().all(|item| item.as_scalar().is_some()) => values.extend(items),
            _ if is_absent(node) => {}
            _ => values.push(node),
        }
    }
    values
}

/// Whether the API server sees nothing there.
pub(super) fn is_absent(node: &Node) -> bool {
    node.is_null()
        || node.as_scalar().is_some_and(|scalar| scalar.text.is_empty())
        || node.as_list().is_some_and(<[Node]>::is_empty)
}

/// The text of a scalar, whatever it is to YAML.
pub(super) fn scalar_text(node: &Node) -> Option<&str> {
    node.as_scalar().map(|scalar| &*scalar.text)
}

/// An error with this code; the level of its fact replaces its own when it is reported.
pub(super) fn finding(code: Code, message: impl Into<String>) -> Diagnostic {
    Diagnostic { level: Level::Error, ..Diagnostic::error(code, message) }
}
