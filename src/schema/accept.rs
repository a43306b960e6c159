//! The quick way through a built-in schema: a walk over its table that finds values right, or says nothing.
//!
//! jsonschema stays the judge of everything that is wrong.

use super::author::Words;
use super::holds::slice;
use super::table::{Keyword, SchemaId, Sentence, Slice, Table};
use crate::yaml::{Map, Node, Segment, ValuePath};

/// One schema of the table.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// The table.
    pub table: &'static Table,
    /// The root of the schema.
    pub root: SchemaId,
}

/// A warning of the author's, and the value that it is about.
pub(super) type Warned = (Words<'static>, ValuePath);

impl BuiltIn {
    /// The author's warnings about values that are right otherwise; none when something is wrong.
    pub(super) fn accept(self, values: &Node) -> Option<Vec<Warned>> {
        let mut walk = Walk { table: self.table, warned: Vec::new() };
        walk.accept(self.root, values, &Way { above: None, step: Step::Root, depth: 0, said: None })?;
        Some(walk.warned)
    }
}

/// How the walk came to a value.
#[derive(Clone, Copy)]
struct Way<'w> {
    above: Option<&'w Way<'w>>,
    step: Step<'w>,
    depth: usize,
    /// The innermost sentence that applies, and the depth of the value that it is about.
    said: Option<(&'static Sentence, usize)>,
}

#[derive(Clone, Copy)]
enum Step<'w> {
    Root,
    Key(&'w str),
    Index(usize),
}

impl<'w> Way<'w> {
    fn below(&'w self, step: Step<'w>) -> Way<'w> {
        Way { above: Some(self), step, depth: self.depth + 1, said: self.said }
    }

    /// The path of the value above or here that stands so deep.
    fn path(&self, depth: usize) -> ValuePath {
        let ways = std::iter::successors(Some(self), |way| way.above).filter(|way| way.depth <= depth);
        let mut path: Vec<Segment> = ways.filter_map(|way| way.step.segment()).collect();
        path.reverse();
        ValuePath(path)
    }
}

impl Step<'_> {
    fn segment(self) -> Option<Segment> {
        match self {
            Step::Root => None,
            Step::Key(key) => Some(Segment::Key(key.into())),
            Step::Index(index) => Some(Segment::Index(index)),
        }
    }
}

/// Goes through what is asserted, and goes on where only a warning was due.
struct Walk {
    table: &'static Table,
    warned: Vec<Warned>,
}

impl Walk {
    /// None as soon as something is wrong.
    fn accept(&mut self, id: SchemaId, node: &Node, way: &Way<'_>) -> Option<()> {
        let table = self.table;
        let schema = table.schema(id);
        let sentence = schema.sentence.and_then(|at| table.sentences.get(at as usize));
        let way = &Way { said: sentence.map(|sentence| (sentence, way.depth)).or(way.said), ..*way };
        slice(table.keywords, schema.keywords).iter().try_for_each(|keyword| self.keyword(keyword, node, way))
    }

    fn keyword(&mut self, keyword: &Keyword, node: &Node, way: &Way<'_>) -> Option<()> {
        let table = self.table;
        match (*keyword, node.as_map()) {
            (Keyword::AllOf(parts), _) => {
                slice(table.parts, parts).iter().try_for_each(|part| self.accept(*part, node, way))
            }
            (Keyword::If { condition, then }, _) if table.holds(condition, node) => {
                self.accept(then, node, way)
            }
            (Keyword::If { .. }, _) => Some(()),
            (Keyword::Items(schema), _) => {
                let mut items = node.as_list().unwrap_or_default().iter().enumerate();
                items.try_for_each(|(index, item)| self.accept(schema, item, &way.below(Step::Index(index))))
            }
            (Keyword::Properties(named), Some(map)) => {
                let accept =
                    |key, schema, node| self.accept(schema, node, &way.below(Step::Key(key))).is_some();
                table.each(named, map, accept).then_some(())
            }
            (Keyword::Object { named, others }, Some(map)) => self.object(map, named, others, way),
            _ if table.asserts(keyword, node) => Some(()),
            _ => self.fail(way),
        }
    }

    fn object(&mut self, map: &Map, named: Slice, others: Option<SchemaId>, way: &Way<'_>) -> Option<()> {
        let mut unknown = false;
        for (key, entry) in map {
            match self.table.property(named, key).or(others) {
                Some(schema) => self.accept(schema, &entry.node, &way.below(Step::Key(key)))?,
                None => unknown = true,
            }
        }
        if unknown { self.fail(way) } else { Some(()) }
    }

    /// Something does not hold: it is noted when the author calls it a warning.
    fn fail(&mut self, way: &Way<'_>) -> Option<()> {
        let (sentence, depth) = way.said.filter(|(sentence, _)| sentence.warning)?;
        self.warned.push((self.table.words(sentence), way.path(depth)));
        Some(())
    }
}
