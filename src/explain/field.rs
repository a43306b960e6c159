//! Where a field of the output comes from.

use super::field_mask::FieldMask;
use super::place::{Index, LayerLocation, Location, is_leaf, location};
use super::{object, query};
use crate::manifest::{Document, Identity};
use crate::pipeline::Rendering;
use crate::session::{Outcome, Session};
use crate::source::{Origin, Span};
use crate::values::each_node;
use crate::yaml::{Entry, Node, Segment, ValuePath};

/// A field of the output, or one of the fields inside of what was asked for.
#[derive(Clone, Debug)]
pub struct Field {
    /// The object.
    pub object: Identity,
    /// The field in it.
    pub path: ValuePath,
    /// What it holds; stars for a secret.
    pub value: Node,
    /// Who made it.
    pub provenance: Provenance,
}

/// Who made a field.
#[derive(Clone, Debug)]
pub enum Provenance {
    /// The template says it itself, or another file of the chart.
    TemplateText {
        /// Where.
        template: Location,
    },
    /// The program wrote it: the namespace of an object that names none.
    Program,
    /// An expression of a template.
    Expression {
        /// The expression.
        text: String,
        /// Where it stands.
        template: Location,
        /// The values that it read: first the one that the field is, if it is one.
        reads: Vec<ValueRead>,
    },
}

/// A value that an expression read.
#[derive(Clone, Debug)]
pub struct ValueRead {
    /// As the template writes it.
    pub name: String,
    /// The setting that it is; none for what is no setting, or was set by nobody.
    pub setting: Option<ValuePath>,
    /// Where it was written.
    pub written: Option<LayerLocation>,
}

/// Finds the field at `path` in the object that `name` names (`Kind/name` or `namespace/Kind/name`), and says where it
/// comes from. A map or a list gives one answer for each part.
///
/// # Errors
/// Q001 for an object or a field that is not rendered, or a name that several objects have.
pub fn field(session: &Session, rendering: &Rendering, name: &str, path: &str) -> Outcome<Vec<Field>> {
    let document = object::find(session, &rendering.documents, name)?;
    let steps = query::steps(path);
    let (path, node) =
        query::follow(&document.node, &steps).map_err(|astray| object::lost(session, document, &astray))?;
    let index = Index::new(&rendering.merged);
    let mask = FieldMask::new(session, rendering, &index);
    let values = &rendering.merged.values;
    let asker = Asker { session, values, index: &index, mask, document };
    let mut found = Vec::new();
    asker.ask(node, &path, &mut found);
    Ok(found)
}

/// Parts of a map that are told one by one.
const MAX_PARTS: usize = 12;

struct Asker<'s> {
    session: &'s Session,
    values: &'s Node,
    index: &'s Index,
    mask: FieldMask<'s>,
    document: &'s Document,
}

impl Asker<'_> {
    /// Layers may have made the parts of one map together, so each part is asked for by itself.
    fn ask(&self, node: &Node, path: &ValuePath, found: &mut Vec<Field>) {
        each_node(node, path, &mut |path, part| {
            if is_leaf(part) {
                found.push(self.answer(part, path));
            }
        });
    }

    fn answer(&self, node: &Node, path: &ValuePath) -> Field {
        let provenance = match node.origin.and_then(|id| self.session.origin(id)) {
            Some(origin) => self.expression(node, &origin),
            None if self.is_written_by_the_program(node, path) => Provenance::Program,
            None => Provenance::TemplateText { template: location(self.session, node.span) },
        };
        let mut value = node.clone();
        self.mask.apply(&mut value, (self.document, path), &provenance);
        Field { object: self.document.identity.clone(), path: path.clone(), value, provenance }
    }

    fn expression(&self, node: &Node, origin: &Origin) -> Provenance {
        let mut reads: Vec<ValueRead> = Vec::new();
        // What the field is comes first: of a map that was read as a whole, the part that stands here.
        let own = self.read(node.span, None);
        for input in &origin.inputs {
            let whole = input.span.and_then(|span| self.read(span, Some(&input.path)));
            let read = whole.unwrap_or_else(|| ValueRead {
                name: input.path.to_string(),
                setting: None,
                written: None,
            });
            match &own {
                Some(own) if covers(&read, own) => {
                    reads.insert(0, ValueRead { name: read.name, ..own.clone() });
                }
                _ => reads.extend(self.parts(read)),
            }
        }
        match own {
            Some(own) if !reads.iter().any(|read| read.setting == own.setting) => reads.insert(0, own),
            _ => {}
        }
        let text = self.session.text(origin.expression);
        Provenance::Expression { text, template: location(self.session, origin.expression), reads }
    }

    /// The setting at a span, by the name that the template gives it.
    fn read(&self, span: Span, name: Option<&str>) -> Option<ValueRead> {
        let settings = self.index.settings(span);
        let ends_alike = |path: &&ValuePath| {
            name.is_some_and(|name| name.strip_prefix("values.") == Some(path.to_string().as_str()))
        };
        let setting = settings.iter().find(ends_alike).or_else(|| settings.first())?.clone();
        let name = name.map_or_else(|| setting.to_string(), str::to_owned);
        Some(ValueRead { name, setting: Some(setting), written: self.index.written(self.session, span) })
    }

    /// The parts of a map that was read as a whole, each with its own line, unless there are too many to be told.
    fn parts(&self, read: ValueRead) -> Vec<ValueRead> {
        let node = read.setting.as_ref().and_then(|path| Some((path, path.find(self.values)?)));
        let Some((path, node)) = node.filter(|(_, node)| node.as_map().is_some()) else { return vec![read] };
        let mut parts: Vec<ValueRead> = Vec::new();
        each_node(node, path, &mut |path, part| {
            if part.as_scalar().is_some() {
                let written = self.index.written(self.session, part.span);
                parts.push(ValueRead { name: read.name.clone(), setting: Some(path.clone()), written });
            }
        });
        if parts.is_empty() || parts.len() > MAX_PARTS { vec![read] } else { parts }
    }

    /// The check puts a namespace behind the name and shows it where the metadata begins.
    fn is_written_by_the_program(&self, node: &Node, path: &ValuePath) -> bool {
        let [Segment::Key(metadata), Segment::Key(key)] = path.0.as_slice() else { return false };
        let entry: Option<&Entry> = self.document.node.as_map().and_then(|map| map.get(metadata.as_str()));
        key == "namespace" && entry.is_some_and(|entry| entry.key_span == node.span)
    }
}

/// Whether what an input read is the field's own value, or holds it.
fn covers(read: &ValueRead, own: &ValueRead) -> bool {
    match (&read.setting, &own.setting) {
        (Some(read), Some(own)) => own.0.starts_with(&read.0),
        _ => false,
    }
}
