//! Where a field of the output comes from.

use super::cover::Cover;
use super::place::{Index, Place, Written, place};
use super::{object, query};
use crate::manifest::{Document, Identity};
use crate::pipeline::Rendering;
use crate::session::{Outcome, Session};
use crate::source::{Origin, Span};
use crate::yaml::{Entry, Node, Segment, Value, ValuePath};

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
    pub maker: Maker,
}

/// Who made a field.
#[derive(Clone, Debug)]
pub enum Maker {
    /// The template says it itself, or another file of the chart.
    Text {
        /// Where.
        template: Place,
    },
    /// The program wrote it: the namespace of an object that names none.
    Program,
    /// An expression of a template.
    Expression {
        /// The expression.
        text: String,
        /// Where it stands.
        template: Place,
        /// The values that it read: first the one that the field is, if it is one.
        reads: Vec<Read>,
    },
}

/// A value that an expression read.
#[derive(Clone, Debug)]
pub struct Read {
    /// As the template writes it.
    pub name: String,
    /// The setting that it is; none for what is no setting, or was set by nobody.
    pub setting: Option<ValuePath>,
    /// Where it was written.
    pub written: Option<Written>,
}

/// Finds the field at `path` in the object that `name` names (`Kind/name` or `namespace/Kind/name`), and says where it
/// comes from. A map or a list that no single expression made gives one answer for each part.
///
/// # Errors
/// Q001 for an object or a field that is not rendered, or a name that several objects have.
pub fn field(session: &Session, rendering: &Rendering, name: &str, path: &str) -> Outcome<Vec<Field>> {
    let document = object::find(session, &rendering.documents, name)?;
    let steps = query::steps(path);
    let (path, node) =
        query::follow(&document.node, &steps).map_err(|astray| object::lost(session, document, &astray))?;
    let index = Index::new(&rendering.settled);
    let asker = Asker { session, index: &index, cover: Cover::new(session, rendering), document };
    let mut found = Vec::new();
    asker.ask(node, &path, &mut found);
    Ok(found)
}

struct Asker<'s> {
    session: &'s Session,
    index: &'s Index,
    cover: Cover<'s>,
    document: &'s Document,
}

impl Asker<'_> {
    fn ask(&self, node: &Node, path: &ValuePath, found: &mut Vec<Field>) {
        let origin = node.origin.and_then(|id| self.session.origin(id));
        match (&node.value, &origin) {
            (Value::Map(map), None) if !map.is_empty() => {
                map.iter().for_each(|(key, entry)| self.ask(&entry.node, &path.key(&**key), found));
            }
            (Value::List(items), None) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(at, item)| self.ask(item, &path.index(at), found));
            }
            _ => found.push(self.answer(node, path, origin.as_ref())),
        }
    }

    fn answer(&self, node: &Node, path: &ValuePath, origin: Option<&Origin>) -> Field {
        let maker = match origin {
            Some(origin) => self.expression(node, origin),
            None if self.is_written_by_the_program(node, path) => Maker::Program,
            None => Maker::Text { template: place(self.session, node.span) },
        };
        let mut value = node.clone();
        self.cover.apply(&mut value, (self.document, path), &maker, !self.index.settings(node.span).is_empty());
        Field { object: self.document.identity.clone(), path: path.clone(), value, maker }
    }

    fn expression(&self, node: &Node, origin: &Origin) -> Maker {
        let mut reads: Vec<Read> = Vec::new();
        // What the field is comes first: of a map that was read as a whole, the part that stands here.
        let own = self.read(node.span, None);
        for input in &origin.inputs {
            let whole = input.span.and_then(|span| self.read(span, Some(&input.path)));
            let read = whole.unwrap_or_else(|| Read { name: input.path.to_string(), setting: None, written: None });
            match &own {
                Some(own) if covers(&read, own) => {
                    reads.insert(0, Read { name: read.name, ..own.clone() });
                }
                _ => reads.push(read),
            }
        }
        let text = self.session.text(origin.expression);
        Maker::Expression { text, template: place(self.session, origin.expression), reads }
    }

    /// The setting at a span, by the name that the template gives it.
    fn read(&self, span: Span, name: Option<&str>) -> Option<Read> {
        let settings = self.index.settings(span);
        let ends_alike = |path: &&ValuePath| {
            name.is_some_and(|name| name.strip_prefix("values.") == Some(path.to_string().as_str()))
        };
        let setting = settings.iter().find(ends_alike).or_else(|| settings.first())?.clone();
        let name = name.map_or_else(|| setting.to_string(), str::to_owned);
        Some(Read { name, setting: Some(setting), written: self.index.written(self.session, span) })
    }

    /// The check puts a namespace behind the name and shows it where the metadata begins.
    fn is_written_by_the_program(&self, node: &Node, path: &ValuePath) -> bool {
        let [Segment::Key(metadata), Segment::Key(key)] = path.0.as_slice() else { return false };
        let entry: Option<&Entry> = self.document.node.as_map().and_then(|map| map.get(metadata.as_str()));
        key == "namespace" && entry.is_some_and(|entry| entry.key_span == node.span)
    }
}

/// Whether what an input read is the field's own value, or holds it.
fn covers(read: &Read, own: &Read) -> bool {
    match (&read.setting, &own.setting) {
        (Some(read), Some(own)) => own.0.starts_with(&read.0),
        _ => false,
    }
}
