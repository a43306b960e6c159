//! A template on its way: text, printed values and statements of a bound template, before they have lines.

use std::rc::Rc;

use super::symbols::{Expression, Layout};
use crate::template::go_syntax::Translated;

/// A part of a template.
#[derive(Clone, Debug)]
pub(super) enum Item<'t> {
    Text(String),
    /// A value, and what is said if it cannot stand there.
    Print(Expression<'t>, Rc<Note>),
    /// What a helper prints, put into its place.
    Lines(Vec<Item<'t>>, Layout),
    If {
        /// Conditions, each with what stands behind it.
        branches: Vec<(Translated, Vec<Item<'t>>)>,
        otherwise: Vec<Item<'t>>,
    },
    For {
        /// What stands between `for` and `%}`.
        head: String,
        body: Vec<Item<'t>>,
        otherwise: Vec<Item<'t>>,
    },
    /// `{% set name = value %}`
    Set { name: String, value: String },
    /// Any other statement, without its braces.
    Statement(String),
    /// The words of a comment.
    Comment(String),
    /// What is left to a person.
    Note(Note),
}

/// Something of a Helm template that has no certain translation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The template, as Helm has it: `templates/service.yaml`.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The action as it is written there.
    pub action: String,
    /// Why it is left.
    pub why: String,
}

impl Note {
    /// As a comment of a template.
    pub(super) fn comment(&self) -> String {
        let action: String = self.action.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = format!("convert: {}:{}: {action}: {}", self.file, self.line, self.why);
        // Nothing in it may end the comment.
        text.replace("#}", "# }")
    }
}
