//! A plan that was made when the program was tested, as text: bundled templates are neither read nor checked again.

use std::fmt;
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::TemplateFile;
use super::alias::Aliases;
use super::engine::Facts;
use super::expression::{Expression, PathExpr, Step};
use super::fingerprint::fingerprint;
use super::instrument::Insertion;
use super::plan::Plan;
use super::reads::Reads;
use crate::source::Span;

/// A plan as it is written, for reading.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Read {
    insertions: Vec<Vec<Insertion>>,
    expressions: Vec<Note>,
    aliases: Aliases,
}

/// The same, for writing.
#[derive(Serialize)]
struct Written<'p> {
    /// The fingerprint of what it was made of; it comes first.
    of: &'p str,
    insertions: &'p [Vec<Insertion>],
    expressions: Vec<Note>,
    aliases: &'p Aliases,
}

/// A printed expression.
#[derive(Deserialize, Serialize)]
struct Note {
    /// Its template.
    #[serde(rename = "t")]
    template: usize,
    /// Its bytes in the template.
    #[serde(rename = "s")]
    start: usize,
    #[serde(rename = "e")]
    end: usize,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    bare: Option<PathExpr>,
    /// The paths that it reads besides.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    paths: Vec<PathExpr>,
    #[serde(rename = "k", default, skip_serializing_if = "is_false")]
    known: bool,
    #[serde(rename = "w", default, skip_serializing_if = "is_false")]
    trims: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Writes a plan down.
pub(super) fn write(plan: &Plan, of: &str) -> String {
    let facts = &plan.facts;
    let expressions = facts.expressions.iter().zip(&facts.homes).map(|(found, home)| note(found, *home));
    let (insertions, aliases) = (&plan.insertions, &facts.aliases);
    let written = Written { of, insertions, expressions: expressions.collect(), aliases };
    serde_json::to_string(&written).unwrap_or_default() + "\n"
}

fn note(found: &Expression, template: usize) -> Note {
    let mut paths: Vec<PathExpr> = found.paths.iter().map(|(path, _)| path.clone()).collect();
    if found.bare.is_some() && found.paths.first().map(|(path, _)| path) == found.bare.as_ref() {
        paths.remove(0);
    }
    let Expression { span, bare, known, trims, .. } = found.clone();
    Note { template, start: span.start as usize, end: span.end as usize, bare, paths, known, trims }
}

/// Whether a plan was made of what has this fingerprint.
pub(super) fn is_of(text: &str, fingerprint: &str) -> bool {
    text.starts_with(&format!("{{\"of\":\"{fingerprint}\""))
}

/// Reads a plan that was made of these templates.
pub(super) fn read(text: &'static str, templates: &[TemplateFile]) -> Option<Plan> {
    let read: Read = serde_json::from_str(text).ok()?;
    let homes = read.expressions.iter().map(|note| note.template).collect();
    let expressions = read.expressions.into_iter().map(|note| expression(note, templates));
    let facts = Facts { expressions: expressions.collect::<Option<_>>()?, homes, aliases: read.aliases };
    Some(Plan { insertions: read.insertions, facts, reads: Reads::default() })
}

fn expression(note: Note, templates: &[TemplateFile]) -> Option<Expression> {
    let span = Span::new(templates.get(note.template)?.source, note.start, note.end);
    let paths = note.bare.clone().into_iter().chain(note.paths).filter_map(PathExpr::with_text);
    let paths = paths.collect();
    Some(Expression { span, bare: note.bare, paths, known: note.known, trims: note.trims })
}

/// Tells templates, and the fingerprint of what their schema wants, from others.
pub(super) fn of(templates: &[TemplateFile], texts: &[Arc<str>], wants: &str) -> String {
    let names = templates.iter().map(|file| &*file.name);
    fingerprint(names.chain(texts.iter().map(|text| &**text)).chain([wants]))
}

/// The variable, then each step: a string for a key, a number for an index, null for what is computed. The places
/// inside the template are left out, because only the check needs them.
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

impl<'de> Deserialize<'de> for PathExpr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PathVisitor)
    }
}

struct PathVisitor;

impl<'de> Visitor<'de> for PathVisitor {
    type Value = PathExpr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PathExpr, A::Error> {
        let root = list.next_element()?.unwrap_or_default();
        let mut path = PathExpr { root, steps: Vec::new(), start: 0, end: 0 };
        while let Some(step) = list.next_element()? {
            path.steps.push(step);
        }
        Ok(path)
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StepVisitor)
    }
}

struct StepVisitor;

impl Visitor<'_> for StepVisitor {
    type Value = Step;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key, an index or null")
    }

    fn visit_str<E>(self, key: &str) -> Result<Step, E> {
        Ok(Step::Key(key.to_owned(), 0, 0))
    }

    fn visit_u64<E>(self, index: u64) -> Result<Step, E> {
        Ok(Step::Index(usize::try_from(index).unwrap_or(usize::MAX)))
    }

    fn visit_unit<E>(self) -> Result<Step, E> {
        Ok(Step::Dynamic)
    }
}
