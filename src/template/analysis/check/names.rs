//! The names that a template may use besides its own: those of the engine, and what the chart's templates export to each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::machinery::ast::{Macro, Stmt};

use crate::template::analysis::visitor::{bodies, variable_name};
use crate::template::file::TemplateFile;

/// What the engine offers to templates, by name. The engine hands this in, since the table of its functions
/// (`engine/functions.rs`) has their code as well.
#[derive(Debug)]
pub(crate) struct KnownNames {
    pub(crate) functions: Vec<&'static str>,
    pub(crate) filters: Vec<&'static str>,
    /// What can stand behind `is`.
    pub(crate) tests: Vec<&'static str>,
}

/// Where a macro is: its template and its name.
pub(super) type MacroId = (Arc<str>, Arc<str>);

/// The macros and top-level variables of a chart's templates, by the template's name.
#[derive(Debug, Default)]
pub(in crate::template::analysis) struct ChartNames<'t> {
    by_template: BTreeMap<Arc<str>, Exports<'t>>,
}

/// What a template exports, with its tree.
#[derive(Debug)]
struct Exports<'t> {
    file: &'t TemplateFile,
    tree: &'t Stmt<'t>,
    names: BTreeSet<String>,
}

/// The definition of a macro.
pub(super) struct MacroDefinition<'t> {
    /// The template that it stands in, with its tree.
    pub(super) file: &'t TemplateFile,
    pub(super) tree: &'t Stmt<'t>,
    pub(super) node: &'t Macro<'t>,
}

impl<'t> ChartNames<'t> {
    /// Of templates, by position and syntax tree.
    pub(in crate::template::analysis) fn new(
        files: &'t [TemplateFile],
        trees: impl Iterator<Item = (usize, &'t Stmt<'t>)>,
    ) -> Self {
        let mut by_template = BTreeMap::new();
        for (index, tree) in trees {
            let exported = bodies(tree).into_iter().flatten().filter_map(|statement| match statement {
                Stmt::Macro(node) => Some(node.name.to_owned()),
                Stmt::Set(node) => variable_name(&node.target),
                Stmt::SetBlock(node) => variable_name(&node.target),
                _ => None,
            });
            let file = &files[index];
            by_template.insert(Arc::clone(&file.name), Exports { file, tree, names: exported.collect() });
        }
        ChartNames { by_template }
    }

    /// The names of all templates.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_template.keys()
    }

    /// What a template exports; none if there is no such template.
    pub(super) fn exports(&self, template: &str) -> Option<&BTreeSet<String>> {
        self.by_template.get(template).map(|exports| &exports.names)
    }

    /// A macro that stands at the top level of its template.
    pub(super) fn macro_definition(&self, (template, name): &MacroId) -> Option<MacroDefinition<'t>> {
        let Exports { file, tree, .. } = *self.by_template.get(template)?;
        let node = bodies(tree).into_iter().flatten().find_map(|statement| match statement {
            Stmt::Macro(node) if node.name == &**name => Some(&**node),
            _ => None,
        })?;
        Some(MacroDefinition { file, tree, node })
    }
}
