//! Which fields of the output a setting reaches.

use super::place::{Index, Location, is_leaf, location};
use crate::manifest::{Document, Identity};
use crate::pipeline::Rendering;
use crate::session::Session;
use crate::source::Origin;
use crate::yaml::{Node, Segment, Value, ValuePath};

/// A field that a setting reaches.
#[derive(Clone, Debug)]
pub struct AffectedField {
    /// The object.
    pub object: Identity,
    /// The field in it.
    pub path: ValuePath,
    /// How.
    pub effect: Effect,
    /// The expression of the template.
    pub expression: String,
    /// Where the expression stands.
    pub template: Location,
}

/// How a setting reaches a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The field is the setting, or a part of it.
    Direct,
    /// The field was computed from the setting, perhaps with others.
    Computed,
}

/// Every field that a setting reaches, in the order of the output: those that hold it, and those that were computed from it.
/// What a template only looks at to decide what it writes is not among them.
pub fn affected_fields(session: &Session, rendering: &Rendering, setting: &ValuePath) -> Vec<AffectedField> {
    let index = Index::new(&rendering.merged);
    let mut found = Vec::new();
    for document in &rendering.documents {
        let search = Search { session, index: &index, setting, document };
        search.look(&document.node, &ValuePath::root(), &mut found);
    }
    found
}

struct Search<'s> {
    session: &'s Session,
    index: &'s Index,
    setting: &'s ValuePath,
    document: &'s Document,
}

/// How what was read stands to the setting that is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// It is the setting or lies in it.
    Inside,
    /// It is a map or list around the setting.
    Around,
    Foreign,
}

impl Search<'_> {
    fn look(&self, node: &Node, path: &ValuePath, found: &mut Vec<AffectedField>) {
        let origin = node.origin.and_then(|id| self.session.origin(id));
        let Some(origin) = origin else { return self.look_inside(node, path, found) };
        match (self.relation_of(node), is_leaf(node)) {
            (Some(Relation::Inside), _) => found.push(self.reached(&origin, path, Effect::Direct)),
            (Some(Relation::Foreign), true) | (Some(Relation::Around), true) => {}
            (None, true) if self.reads(&origin) => found.push(self.reached(&origin, path, Effect::Computed)),
            _ => self.look_inside(node, path, found),
        }
    }

    fn look_inside(&self, node: &Node, path: &ValuePath, found: &mut Vec<AffectedField>) {
        match &node.value {
            Value::Scalar(_) => {}
            Value::Map(map) => {
                map.iter().for_each(|(key, entry)| self.look(&entry.node, &path.key(&**key), found))
            }
            Value::List(items) => {
                items.iter().enumerate().for_each(|(at, item)| self.look(item, &path.index(at), found));
            }
        }
    }

    /// How the value that a node is stands to the setting; none when it was computed.
    fn relation_of(&self, node: &Node) -> Option<Relation> {
        let settings = self.index.settings(node.span);
        settings.iter().map(|path| relation(path, self.setting)).min_by_key(|relation| *relation as u8)
    }

    /// Whether an expression read the setting, a part of it, or something around it.
    fn reads(&self, origin: &Origin) -> bool {
        let spans = origin.inputs.iter().filter_map(|input| input.span);
        spans
            .flat_map(|span| self.index.settings(span))
            .any(|path| relation(path, self.setting) != Relation::Foreign)
    }

    fn reached(&self, origin: &Origin, path: &ValuePath, effect: Effect) -> AffectedField {
        AffectedField {
            object: self.document.identity.clone(),
            path: path.clone(),
            effect,
            expression: self.session.text(origin.expression),
            template: location(self.session, origin.expression),
        }
    }
}

fn relation(read: &ValuePath, setting: &ValuePath) -> Relation {
    let (read, setting): (&[Segment], &[Segment]) = (&read.0, &setting.0);
    if read.starts_with(setting) {
        Relation::Inside
    } else if setting.starts_with(read) {
        Relation::Around
    } else {
        Relation::Foreign
    }
}
