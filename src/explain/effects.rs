//! What a setting does to the output: the fields that it affects, and the lines of templates that use it to decide
//! something.
//!
//! Each document is walked once. At a node that an expression printed, the index tells which setting it is, and how
//! this setting is related to the one that is asked for, here `engine.resources`:
//!
//! | the node is | relation | then |
//! |---|---|---|
//! | `engine.resources` or `engine.resources.limits.cpu` | inside | an affected field, and nothing below it is looked at |
//! | `engine` | ancestor | its children are looked at |
//! | `ui.replicas` | unrelated | nothing: the leaf is another setting |
//! | no setting, and its expression read `engine.resources.limits.cpu` | none | a field that was computed, if it is a leaf |
//!
//! A use in a condition leaves no trace in the output, so uses are found in the text of the templates, also in branches
//! that this render did not take.

use std::collections::BTreeSet;

use super::location::{Location, SettingIndex, is_leaf, location};
use crate::manifest::{Document, Identity};
use crate::pipeline::Rendering;
use crate::session::Session;
use crate::source::{Input, Origin, SourceKind, Span};
use crate::yaml::{Node, Segment, Value, ValuePath};

/// What a setting does to the output.
#[derive(Clone, Debug)]
pub struct SettingEffects {
    /// Every field that holds the setting or was computed from it, in the order of the output.
    pub fields: Vec<AffectedField>,
    /// Every line of a template that uses the setting without printing it, in the order of the templates.
    pub uses: Vec<SettingUse>,
}

/// A field of the output that depends on a setting.
#[derive(Clone, Debug)]
pub struct AffectedField {
    /// The object.
    pub object: Identity,
    /// The field in it.
    pub path: ValuePath,
    /// How it depends on the setting.
    pub influence: Influence,
    /// The expression of the template that printed it.
    pub expression: String,
    /// Where the expression stands.
    pub template: Location,
}

/// How a field depends on a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Influence {
    /// The field is the setting, or a part of it.
    Direct,
    /// The field was computed from the setting, perhaps with others.
    Computed,
}

/// A line of a template that uses a setting in a condition, a loop or a computed variable. It may have no effect on
/// this output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingUse {
    /// Where the first use in the line stands.
    pub template: Location,
    /// The line, without the white space around it.
    pub line: String,
}

/// What the setting at a path does to the output, or does through a part of it. For the root of the values, everything
/// that any setting does.
pub fn setting_effects(session: &Session, rendering: &Rendering, setting: &ValuePath) -> SettingEffects {
    let index = SettingIndex::new(&rendering.checked);
    let mut fields = Vec::new();
    for document in &rendering.documents {
        let document = &document.unpack();
        let values = &rendering.checked.values;
        let is_helm = rendering.is_of_helm(document);
        let search = FieldSearch { session, index: &index, setting, document, values, is_helm };
        search.visit(&document.node, &ValuePath::root(), &mut fields);
    }
    let mut uses = uses(session, rendering, &index, setting);
    if let Some(places) = rendering.checked.places_that_read(session, setting) {
        // What prints a field of the answer is said there.
        let is_new = |place: &Location| {
            !fields.iter().any(|field: &AffectedField| is_same_line(&field.template, place))
        };
        for span in places {
            let place = location(session, span);
            if is_new(&place) && !uses.iter().any(|known| is_same_line(&known.template, &place)) {
                uses.push(SettingUse { line: line_of(session, &place), template: place });
            }
        }
        uses.sort_by(|one, other| {
            (&one.template.file, one.template.line).cmp(&(&other.template.file, other.template.line))
        });
    }
    SettingEffects { fields, uses }
}

fn is_same_line(one: &Location, other: &Location) -> bool {
    one.file == other.file && one.line == other.line
}

/// The line of a place, without the white space around it.
fn line_of(session: &Session, place: &Location) -> String {
    let text = session.source(place.span.source).text.clone();
    text.lines().nth(place.line - 1).unwrap_or_default().trim().to_owned()
}

/// The search through one document for fields that a setting affects.
struct FieldSearch<'s> {
    session: &'s Session,
    index: &'s SettingIndex,
    setting: &'s ValuePath,
    document: &'s Document,
    values: &'s Node,
    is_helm: bool,
}

impl FieldSearch<'_> {
    /// Adds the affected fields at and below a node, in the order of the document.
    fn visit(&self, node: &Node, path: &ValuePath, found: &mut Vec<AffectedField>) {
        // Without an origin, the template wrote it, and at most its children were printed by expressions.
        let Some(origin) = node.origin.and_then(|id| self.session.origin(id)) else {
            return self.visit_children(node, path, found);
        };
        match self.relation_of(node) {
            Some(Relation::Inside) => found.push(self.affected(node, &origin, path, Influence::Direct)),
            // A leaf with the span of a setting is that setting. If that is another one, this one is not in it, even
            // where the expression read both, as `default` does.
            Some(Relation::Ancestor | Relation::Unrelated) if is_leaf(node) => {
                if self.derives_from_setting(node.span) {
                    found.push(self.affected(node, &origin, path, Influence::Computed));
                }
            }
            None if is_leaf(node) && self.reads_setting(&origin) => {
                let influence = if self.is_setting_as_it_is(node, &origin) {
                    Influence::Direct
                } else {
                    Influence::Computed
                };
                found.push(self.affected(node, &origin, path, influence));
            }
            // A map or list of which only a part may be affected: what was handed on as a whole keeps the spans of its
            // parts.
            _ => self.visit_children(node, path, found),
        }
    }

    fn visit_children(&self, node: &Node, path: &ValuePath, found: &mut Vec<AffectedField>) {
        match &node.value {
            Value::Scalar(_) => {}
            Value::Map(map) => {
                for (key, entry) in map.iter() {
                    self.visit(&entry.node, &path.key(&**key), found);
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.visit(item, &path.index(index), found);
                }
            }
        }
    }

    /// How the setting that a node is stands to the one that is asked for, the closest relation if it is several
    /// settings; none for a node that is no setting, as it was computed.
    fn relation_of(&self, node: &Node) -> Option<Relation> {
        self.index.settings(node.span).iter().map(|path| Relation::between(path, self.setting)).min()
    }

    /// Whether an expression read the setting, a part of it, or an ancestor of it.
    fn reads_setting(&self, origin: &Origin) -> bool {
        let mut spans = origin.inputs.iter().filter_map(|input| input.span);
        spans.any(|span| self.is_of_setting(span) || self.derives_from_setting(span))
    }

    /// Whether what is written at a place is the setting, a part of it, or an ancestor of it.
    fn is_of_setting(&self, span: Span) -> bool {
        let mut settings = self.index.settings(span).iter();
        settings.any(|path| Relation::between(path, self.setting) != Relation::Unrelated)
    }

    /// Whether what is written at a place is computed from the setting, perhaps through other derived values.
    fn derives_from_setting(&self, span: Span) -> bool {
        let mut waiting = vec![span];
        let mut seen = BTreeSet::new();
        while let Some(span) = waiting.pop() {
            for input in self.session.derived_from(span).iter().flat_map(|inputs| inputs.iter()) {
                let Some(span) = input.span else { continue };
                if self.is_of_setting(span) {
                    return true;
                }
                if seen.insert(span) {
                    waiting.push(span);
                }
            }
        }
        false
    }

    /// Whether a text of a template of Helm is that of the one setting that it was printed from.
    fn is_setting_as_it_is(&self, node: &Node, origin: &Origin) -> bool {
        let [Input { span: Some(span), .. }] = origin.inputs.as_slice() else { return false };
        let mut settings = self.index.settings(*span).iter().filter_map(|path| path.find(self.values));
        let printed = node.as_scalar().map(|scalar| &scalar.text);
        self.is_helm && settings.any(|setting| setting.as_scalar().map(|scalar| &scalar.text) == printed)
    }

    fn affected(
        &self,
        node: &Node,
        origin: &Origin,
        path: &ValuePath,
        influence: Influence,
    ) -> AffectedField {
        let expression = self.action_with_setting(node.span).unwrap_or(origin.expression);
        AffectedField {
            object: self.document.identity.clone(),
            path: path.clone(),
            influence,
            expression: self.session.text(expression),
            template: location(self.session, expression),
        }
    }

    /// Of several actions of a template of Helm that printed one scalar, the one that names the setting.
    fn action_with_setting(&self, span: Span) -> Option<Span> {
        let Some(Segment::Key(key)) = self.setting.0.last().filter(|_| self.is_helm) else { return None };
        let source = self.session.source(span.source);
        let SourceKind::Derived(map) = &source.kind else { return None };
        let names_it = |action: &Span| {
            let text = self.session.text(*action);
            text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
                .any(|word| word == key.as_str())
        };
        map.expressions(span.start, span.end).into_iter().find(names_it)
    }
}

/// How a path is related to the setting that is asked for; closer relations first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    /// It is the setting or a descendant of it.
    Inside,
    /// It is an ancestor of the setting.
    Ancestor,
    Unrelated,
}

impl Relation {
    fn between(path: &ValuePath, setting: &ValuePath) -> Self {
        if path.0.starts_with(&setting.0) {
            Relation::Inside
        } else if setting.0.starts_with(&path.0) {
            Relation::Ancestor
        } else {
            Relation::Unrelated
        }
    }
}

/// Every line of the templates that uses a setting, or a part of it, without printing it; each line once.
fn uses(
    session: &Session,
    rendering: &Rendering,
    index: &SettingIndex,
    setting: &ValuePath,
) -> Vec<SettingUse> {
    // A use of an ancestor counts for nothing here: `{% if engine %}` tells nothing of `engine.replicas`.
    let is_of_setting = |span: &Span| index.settings(*span).iter().any(|path| path.0.starts_with(&setting.0));
    let mut found: Vec<SettingUse> = Vec::new();
    let of_members = rendering.members.iter().map(|(program, values)| (program, &**values));
    let programs = std::iter::once((&rendering.program, &*rendering.checked.values)).chain(of_members);
    for value_use in programs.flat_map(|(program, values)| program.value_uses(session, values)) {
        if !value_use.values.iter().any(is_of_setting) {
            continue;
        }
        // A line that uses it twice, as `{% if a.b and a.c %}` does, is one use.
        let template = location(session, value_use.span);
        if !found.iter().any(|known| is_same_line(&known.template, &template)) {
            let line = line_of(session, &template);
            found.push(SettingUse { template, line });
        }
    }
    for (span, inputs) in session.derived_values() {
        if inputs.iter().filter_map(|input| input.span).any(|span| is_of_setting(&span)) {
            let template = location(session, span);
            found.push(SettingUse { line: line_of(session, &template), template });
        }
    }
    found
}
