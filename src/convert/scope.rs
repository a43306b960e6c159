//! What a place in a Helm template sees: the dot, variables, and names that are taken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::symbols::{Item, Place, Symbol};
use crate::gotemplate::ast::{At, Unit};

/// What a place in a template sees.
#[derive(Clone, Debug)]
pub(super) struct Scope<'t> {
    pub(super) dot: Symbol<'t>,
    /// By their slots; the first is `$`. None for one of which nothing is known.
    pub(super) variables: Vec<Option<Variable<'t>>>,
    /// Why nothing is known of variables, by their slots.
    pub(super) lost: BTreeMap<usize, Place>,
    pub(super) unit: Arc<Unit>,
    /// Whether it is written into the file of the macros.
    pub(super) in_library: bool,
    /// How many loops it is in.
    pub(super) loops: usize,
    /// How many conditions and loops it is in.
    pub(super) depth: usize,
    /// Names of variables in the bound template.
    pub(super) names: BTreeSet<String>,
    /// Statements that an expression needs before it.
    pub(super) pending: Vec<Item<'t>>,
    /// What conditions around it have asked for, so that it is there.
    pub(super) present: Vec<String>,
    /// What is being translated, for a note beside it.
    pub(super) at: At,
    /// Comments that have not been written yet, the last one first, by their place.
    pub(super) comments: Vec<(usize, String)>,
}

/// A variable of a Go template.
#[derive(Clone, Debug)]
pub(super) struct Variable<'t> {
    pub(super) symbol: Symbol<'t>,
    /// Its name in the bound template, if it is a variable there.
    pub(super) name: Option<String>,
    /// Whether it is a key of a namespace, so that loops can set it.
    pub(super) in_namespace: bool,
    /// How many loops, and how many conditions and loops, it was declared in.
    pub(super) loops: usize,
    pub(super) depth: usize,
    /// Where it is declared.
    pub(super) declared: Declared,
}

/// Where a variable is declared: the text, and the place in it.
pub(super) type Declared = (Arc<str>, u32);

/// Names that mean something in every bound template.
const TAKEN: &[&str] = &[
    "values",
    "release",
    "chart",
    "kube",
    "files",
    "loop",
    "lib",
    "true",
    "false",
    "none",
    "not",
    "and",
    "or",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "for",
    "set",
    "macro",
    "self",
    "caller",
    "True",
    "False",
    "None",
    "range",
    "merge",
    "fail",
    "coalesce",
    "checksum",
    "namespace",
    "semver",
    "omit",
    "pick",
    "entry",
];

impl<'t> Scope<'t> {
    pub(super) fn new(dot: Symbol<'t>, unit: &Arc<Unit>, in_library: bool) -> Scope<'t> {
        let dollar = Variable {
            symbol: dot.clone(),
            name: None,
            in_namespace: false,
            loops: 0,
            depth: 0,
            declared: (Arc::clone(&unit.name), 0),
        };
        Scope {
            dot,
            variables: vec![Some(dollar)],
            lost: BTreeMap::new(),
            unit: Arc::clone(unit),
            in_library,
            loops: 0,
            depth: 0,
            names: BTreeSet::new(),
            pending: Vec::new(),
            present: Vec::new(),
            at: At::default(),
            comments: Vec::new(),
        }
    }

    /// A part of the template's text.
    pub(super) fn written(&self, at: At) -> String {
        let bytes = self.unit.text.get(at.start as usize..at.end as usize).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// A name that no variable has yet, as like this one as can be.
    pub(super) fn fresh_name(&mut self, wanted: &str) -> String {
        let mut word: String =
            wanted.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if word.is_empty() || word == "_" || word.starts_with(|c: char| c.is_ascii_digit()) {
            word = "item".to_owned();
        }
        if TAKEN.contains(&word.as_str()) {
            word.push_str("_value");
        }
        let mut name = word.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{word}{number}");
            number += 1;
        }
        name
    }

    pub(super) fn set_variable(&mut self, slot: usize, variable: Option<Variable<'t>>) {
        if self.variables.len() <= slot {
            self.variables.resize(slot + 1, None);
        }
        self.lost.remove(&slot);
        if let Some(place) = self.variables.get_mut(slot) {
            *place = variable;
        }
    }

    /// Nothing is known of a variable from here on, because of what stands at a place.
    pub(super) fn lose_variable(&mut self, slot: usize, cause: Place) {
        self.set_variable(slot, None);
        self.lost.insert(slot, cause);
    }

    /// The comments that stand before a place of the template.
    pub(super) fn comments_before(&mut self, place: usize) -> Vec<Item<'t>> {
        let mut found = Vec::new();
        while let Some((_, text)) = self.comments.pop_if(|(at, _)| *at < place) {
            found.push(Item::Comment(text));
        }
        found
    }
}

/// The comments of a text with their places, the last one first.
pub(super) fn comments(text: &[u8]) -> Vec<(usize, String)> {
    let text = String::from_utf8_lossy(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")).map(|offset| at + offset) {
        at = open + 2;
        let inner = text.get(at..).unwrap_or_default();
        let trimmed = inner.strip_prefix('-').unwrap_or(inner).trim_start();
        let Some(words) = trimmed.strip_prefix("/*") else { continue };
        let Some(end) = words.find("*/") else { break };
        let words = words.get(..end).unwrap_or_default().trim();
        at = open + 2 + (inner.len() - trimmed.len()) + 2 + end;
        if !words.is_empty() {
            found.push((open, words.replace("#}", "# }")));
        }
    }
    found.reverse();
    found
}
