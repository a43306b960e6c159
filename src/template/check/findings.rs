//! The findings of the check, with what the author most likely meant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::machinery::Span as JinjaSpan;
use minijinja::machinery::ast::{Expr, Stmt};

use super::macros::Home;
use super::meaning::Known;
use super::{Checker, variable};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::template::TemplateFile;
use crate::template::expression::PathExpr;
use crate::template::syntax::bodies;
use crate::yaml::WantRef;

/// The names that a chart's templates share.
#[derive(Debug, Default)]
pub(in crate::template) struct Names<'t> {
    /// The macros and top-level variables of each template.
    exports: BTreeMap<Arc<str>, BTreeSet<String>>,
    homes: BTreeMap<Arc<str>, Home<'t>>,
}

impl<'t> Names<'t> {
    pub(in crate::template) fn of(
        files: &'t [TemplateFile],
        trees: impl Iterator<Item = (usize, &'t Stmt<'t>)>,
    ) -> Self {
        let mut names = Names::default();
        for (index, tree) in trees {
            let exported = bodies(tree).into_iter().flatten().filter_map(|statement| match statement {
                Stmt::Macro(node) => Some(node.name.to_owned()),
                Stmt::Set(node) => variable(&node.target),
                Stmt::SetBlock(node) => variable(&node.target),
                _ => None,
            });
            let file = &files[index];
            names.exports.insert(Arc::clone(&file.name), exported.collect());
            names.homes.insert(Arc::clone(&file.name), Home { file, tree });
        }
        names
    }

    /// The template of a macro.
    pub(super) fn home(&self, template: &str) -> Option<&Home<'t>> {
        self.homes.get(template)
    }
}

impl Checker<'_, '_> {
    pub(super) fn unknown_key(&self, parent: &str, key: &str, span: Span, want: WantRef<'_>) -> Diagnostic {
        let message = format!("the values schema has no `{parent}.{key}`");
        let finding = Diagnostic::error(Code::T002, message).at(span, "this key");
        let finding = finding.did_you_mean(key, want.known_keys());
        finding.help("add the key to the values schema, or correct the path")
    }

    pub(super) fn unknown_name(&self, path: &PathExpr) -> Diagnostic {
        let start = path.start as usize;
        let span = Span::new(self.file.source, start, start + path.root.len());
        let finding = Diagnostic::error(Code::T009, format!("nothing is called `{}` here", path.root));
        let names: BTreeSet<&str> =
            self.scopes.iter().flat_map(|scope| scope.keys().map(String::as_str)).collect();
        let below_values = self.scopes[0]
            .get("values")
            .is_some_and(|known| matches!(known, Known::Place(want, _) if want.names(path.root.as_str())));
        let finding = finding.at(span, "this name").did_you_mean(&path.root, names);
        if below_values {
            finding.help(format!("settings are below `values`: write `values.{}`", path.root))
        } else {
            finding
        }
    }

    pub(super) fn name_in(
        &self,
        known: impl Iterator<Item = &'static str> + Clone,
        name: &str,
        what: &str,
        span: JinjaSpan,
    ) {
        if known.clone().any(|known| known == name) {
            return;
        }
        let help = match name {
            "toYaml" | "nindent" | "indent" | "quote" | "squote" | "tojson" | "toJson" | "safe"
            | "escape" | "e" => {
                "values are bound, not pasted: leave it out, the value keeps its type and needs no quotes or indentation"
            }
            "include" | "tpl" | "lookup" | "required" | "printf" => {
                "Helm's functions are not here: macros, `~`, and the values schema take their place"
            }
            _ => "docs/templates.md lists what there is",
        };
        let finding = Diagnostic::error(Code::T009, format!("there is no {what} `{name}`"));
        let finding = finding.at(self.span(span), "in this expression").did_you_mean(name, known);
        self.session.report(finding.help(help));
    }

    pub(super) fn imported(&self, expr: &Expr<'_>) -> Option<Arc<str>> {
        let name = expr.as_const()?.as_str()?.to_owned();
        if let Some((known, _)) = self.names.exports.get_key_value(name.as_str()) {
            return Some(Arc::clone(known));
        }
        let finding = Diagnostic::error(Code::T009, format!("the chart has no template `{name}`"));
        let finding = finding.at(self.place(expr), "this import");
        let known = self.names.exports.keys().map(|name| &**name);
        let finding = finding.did_you_mean(&name, known);
        let help =
            "imports name files below the chart's `templates/`, or the library's files below `plimsoll/`";
        self.session.report(finding.help(help));
        None
    }

    pub(super) fn exported(&self, module: &str, name: &str, span: Span) {
        let Some(exports) = self.names.exports.get(module) else { return };
        if !exports.contains(name) {
            let finding = Diagnostic::error(Code::T009, format!("`{module}` has no macro `{name}`"));
            let finding =
                finding.at(span, "this name").did_you_mean(name, exports.iter().map(String::as_str));
            self.session.report(finding.help("define it there with `{% macro … %}`"));
        }
    }

    pub(super) fn refuse_fragment(&self, expr: &Expr<'_>) {
        let message = "a macro's text is used as a value";
        let finding =
            Diagnostic::error(Code::T005, message).at(self.place(expr), "this is YAML text, not a value");
        let help = "let it stand alone as `{{ … }}`; a value that is needed in several places is made by an expression: `{% set name = … %}`";
        self.session.report(finding.help(help));
    }

    pub(super) fn refuse_block(&self, span: JinjaSpan, what: &str) {
        let finding =
            Diagnostic::error(Code::T005, format!("`{{% {what} %}}` works on text, and values are bound"));
        let finding = finding.at(self.span(span), "this block");
        self.session.report(finding.help("apply filters to values, inside `{{ … }}`"));
    }
}
