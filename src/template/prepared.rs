//! A plan that was made when the program was tested: bundled templates are neither read nor checked again. It is written down as
//! JSON, which `build.rs` packs into constant data.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::TemplateFile;
use super::alias::Aliases;
use super::expression::{Expression, PathExpr, Step};
use super::facts::Facts;
use super::fingerprint::fingerprint;
use super::instrument::Insertions;
use super::packed::{PackedAlias, PackedPath, PackedPlan, PackedStep, PackedVariable, Range};
use super::plan::Plan;
use super::reads::SettingReads;
use crate::source::{SourceId, Span, Text};

/// The plans of all bundled charts.
mod plans {
    use crate::template::packed::*;

    include!(concat!(env!("OUT_DIR"), "/plans.rs"));
}

/// The plan of the bundled chart with this name.
pub(super) fn of_chart(name: &str) -> Option<&'static PackedPlan> {
    plans::PLANS.iter().find(|(chart, _)| *chart == name).map(|(_, plan)| *plan)
}

/// A plan as it is written.
#[derive(Serialize)]
struct Written<'p> {
    /// The fingerprint of what it was made of.
    of: &'p str,
    insertions: Vec<Vec<(usize, &'p str)>>,
    expressions: Vec<Note<'p>>,
    aliases: &'p Aliases,
}

/// A printed expression.
#[derive(Serialize)]
struct Note<'p> {
    /// Its template.
    #[serde(rename = "t")]
    template: usize,
    /// Its bytes in the template.
    #[serde(rename = "s")]
    start: u32,
    #[serde(rename = "e")]
    end: u32,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    bare: Option<&'p PathExpr>,
    /// The paths that it reads besides.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    paths: Vec<&'p PathExpr>,
    #[serde(rename = "k", skip_serializing_if = "is_false")]
    known: bool,
    #[serde(rename = "w", skip_serializing_if = "is_false")]
    trims: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Writes the plan of so many templates down.
pub(super) fn write(plan: &Plan, templates: usize, of: &str) -> String {
    let insertions = (0..templates).map(|template| plan.insertions.of(template).collect()).collect();
    let expressions = plan.facts.expressions.all().map(note).collect();
    let written = Written { of, insertions, expressions, aliases: &plan.facts.aliases };
    serde_json::to_string(&written).unwrap_or_default() + "\n"
}

fn note(found: &Expression) -> Note<'_> {
    let mut paths: Vec<&PathExpr> = found.paths.iter().map(|reading| &reading.path).collect();
    let bare = found.bare.as_ref();
    if bare.is_some() && paths.first().copied() == bare {
        paths.remove(0);
    }
    let Expression { template, span, known, trims, .. } = *found;
    Note { template, start: span.start, end: span.end, bare, paths, known, trims }
}

/// A packed plan of these templates.
pub(super) fn read(plan: &'static PackedPlan, templates: &[TemplateFile]) -> Plan {
    let sources = templates.iter().map(|file| file.source).collect();
    let facts = Facts::packed(plan, sources);
    Plan { insertions: Insertions::Packed(plan), facts, reads: SettingReads::default() }
}

/// Tells templates, and the fingerprint of what their schema wants, from others.
pub(super) fn of(templates: &[TemplateFile], texts: &[Text], wants: &str) -> String {
    let names = templates.iter().map(|file| &*file.name);
    fingerprint(names.chain(texts.iter().map(|text| &**text)).chain([wants]))
}

impl PackedPlan {
    /// A range of the text.
    pub(super) fn text(&self, range: Range) -> &'static str {
        self.text.get(range.0 as usize..range.1 as usize).unwrap_or_default()
    }

    /// What is put into a template: offsets in it, and texts.
    pub(super) fn insertions_of(&self, template: usize) -> impl Iterator<Item = (usize, &str)> {
        let range = self.templates.get(template).copied().unwrap_or(Range(0, 0));
        slice(self.insertions, range).iter().map(|insertion| (insertion.0 as usize, self.text(insertion.1)))
    }

    /// An expression, with its place in the text of its template.
    pub(super) fn expression(&self, id: usize, sources: &[SourceId]) -> Option<Expression> {
        let packed = self.expressions.get(id)?;
        let template = packed.template as usize;
        let span = Span { source: *sources.get(template)?, start: packed.place.0, end: packed.place.1 };
        let mut paths = slice(self.paths, packed.paths).iter().map(|path| self.path(*path)).peekable();
        let bare = if packed.bare { paths.peek().cloned() } else { None };
        let paths = paths.filter_map(PathExpr::read).collect();
        Some(Expression { template, span, bare, paths, known: packed.known, trims: packed.trims })
    }

    /// A path. Its places inside the template are not packed, because only the check needs them.
    pub(super) fn path(&self, packed: PackedPath) -> PathExpr {
        let step = |step: &PackedStep| match *step {
            PackedStep::Key(key) => Step::Key(self.text(key).to_owned(), 0, 0),
            PackedStep::Index(index) => Step::Index(index as usize),
            PackedStep::Dynamic => Step::Dynamic,
        };
        let steps = slice(self.steps, packed.steps).iter().map(step).collect();
        PathExpr { root: self.text(packed.root).to_owned(), steps, start: 0, end: 0 }
    }

    /// The position of a variable.
    pub(super) fn variable(&self, template: usize, name: &str) -> Option<usize> {
        let key = |variable: &PackedVariable| (variable.template as usize, self.text(variable.name));
        self.variables.binary_search_by(|variable| key(variable).cmp(&(template, name))).ok()
    }

    /// What a variable may stand for.
    pub(super) fn aliases_of(&self, variable: &PackedVariable) -> &'static [PackedAlias] {
        slice(self.aliases, variable.aliases)
    }
}

fn slice<T>(all: &'static [T], range: Range) -> &'static [T] {
    all.get(range.0 as usize..range.1 as usize).unwrap_or_default()
}

/// The variable, then each step: a string for a key, a number for an index, null for what is computed. The places
/// inside the template are left out.
impl Serialize for PathExpr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.steps.len() + 1))?;
        list.serialize_element(&self.root)?;
        for step in &self.steps {
            match step {
                Step::Key(key, ..) => list.serialize_element(key)?,
                Step::Index(index) => list.serialize_element(index)?,
                Step::Dynamic => list.serialize_element(&())?,
            }
        }
        list.end()
    }
}
