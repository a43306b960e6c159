//! Where templates use values without printing them, and where they define variables: what `explain` tells besides
//! provenance.
//!
//! Nothing of this is needed to render, so it is not a part of the plan. The templates are parsed once more for it.
//!
//! ```text
//! {% if values.ingress.enabled %}        a use of `ingress.enabled`: it decides what is printed, and is in no document
//! {% set url = "http://" ~ host %}       a use of what `host` stands for; and `url` is defined here
//! {% set host = values.host %}           no use: `host` is another name, and is followed where it is used
//! ```

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Expr, Import, Set, Stmt};
use minijinja::machinery::{Span as JinjaSpan, parse};

use super::expression::{PathStep, each_path, is_bare_path};
use super::plan::Plan;
use super::routes::{Descend, follow, routes_of_variable};
use super::syntax::syntax;
use super::syntax_tree::{each_own_expression, each_statement, variable_name};
use crate::session::Session;
use crate::source::{SourceId, Span};
use crate::template::file::{TemplateFile, position};
use crate::yaml::{Node, Value};

/// A path in a template whose value is used without being printed: in a condition, a loop, an argument, a computed
/// variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueUse {
    /// The path.
    pub span: Span,
    /// Where the values were written that it may stand for.
    pub values: Vec<Span>,
}

/// Every use of a value that is set, in the order of the templates.
pub(crate) fn value_uses(
    session: &Session,
    templates: &[TemplateFile],
    plan: &Plan,
    values: &Node,
) -> Vec<ValueUse> {
    let mut found = Vec::new();
    for (template, file) in templates.iter().enumerate() {
        let text = session.source(file.source).text.clone();
        // What is no template was reported when it was compiled.
        let Ok(tree) = parse(&text, "", syntax()) else { continue };
        each_statement(&tree, &mut |statement| {
            each_unprinted_expression(statement, &mut |expr| {
                each_path(expr, &mut |path| {
                    let routes = routes_of_variable(plan, template, path.root);
                    let steps: Vec<PathStep<'_>> = path.steps.iter().map(|written| written.step).collect();
                    let places = follow(plan, &routes, &steps, &values);
                    if !places.is_empty() {
                        let span = Span::new(file.source, path.start as usize, path.end as usize);
                        let values = places.into_iter().map(|node| node.span).collect();
                        found.push(ValueUse { span, values });
                    }
                });
            });
        });
    }
    found
}

/// Calls `visit` with the expressions of a statement that are evaluated and not printed. A variable that is only another
/// name for a path is no use: the path is followed wherever the variable is used.
fn each_unprinted_expression<'t>(statement: &'t Stmt<'t>, visit: &mut dyn FnMut(&'t Expr<'t>)) {
    match statement {
        Stmt::EmitExpr(_) => {}
        Stmt::Set(_) | Stmt::WithBlock(_) => each_own_expression(statement, &mut |expr| {
            if !is_bare_path(expr) {
                visit(expr);
            }
        }),
        _ => each_own_expression(statement, visit),
    }
}

/// The values as nodes, without what the schema knows and nobody set.
impl Descend for &Node {
    fn child(&self, key: &str) -> Option<Self> {
        self.get(key)
    }

    fn item(&self, index: usize) -> Option<Self> {
        self.as_list()?.get(index)
    }

    fn children(&self) -> Vec<Self> {
        match &self.value {
            Value::Scalar(_) => Vec::new(),
            Value::List(items) => items.iter().collect(),
            Value::Map(map) => map.values().map(|entry| &entry.node).collect(),
        }
    }
}

/// Where templates define variables: the expression of each `{% set %}`, by the template that can use the variable and
/// the name that it has there, `url` or `lib.url`. Of a variable that is set twice, the first place counts.
pub(crate) fn variable_definitions(
    session: &Session,
    templates: &[TemplateFile],
) -> BTreeMap<(SourceId, String), Span> {
    let mut definitions = BTreeMap::new();
    let mut imports = Vec::new();
    for file in templates {
        let text = session.source(file.source).text.clone();
        let Ok(tree) = parse(&text, "", syntax()) else { continue };
        each_statement(&tree, &mut |statement| match statement {
            Stmt::Set(set) => {
                // A `set` onto an attribute of a namespace defines no variable.
                if let Some((name, span)) = definition(file, set) {
                    definitions.entry((file.source, name)).or_insert(span);
                }
            }
            Stmt::Import(import) => imports.extend(ImportedAs::new(file, import)),
            _ => {}
        });
    }
    // Last, since a library may stand behind the templates that import it.
    for import in imports {
        let Some(library) = position(templates, &import.template) else { continue };
        let library = templates[library].source;
        // Those of the library: sources come first in the order, and no name is before the empty one.
        let own =
            definitions.range((library, String::new())..).take_while(|((source, _), _)| *source == library);
        let exported: Vec<(String, Span)> =
            own.map(|((_, name), span)| (format!("{}.{name}", import.name), *span)).collect();
        for (name, span) in exported {
            definitions.entry((import.user, name)).or_insert(span);
        }
    }
    definitions
}

/// The name that a `{% set %}` defines, and the place of its expression.
fn definition(file: &TemplateFile, set: &Set<'_>) -> Option<(String, Span)> {
    Some((variable_name(&set.target)?.to_owned(), span_in(file, set.expr.span())))
}

/// `{% import "template" as name %}`, and where it stands.
struct ImportedAs {
    user: SourceId,
    name: String,
    template: String,
}

impl ImportedAs {
    /// None for a template whose name is computed.
    fn new(file: &TemplateFile, import: &Import<'_>) -> Option<Self> {
        let Expr::Const(template) = &import.expr else { return None };
        let template = template.value.as_str()?.to_owned();
        Some(ImportedAs { user: file.source, name: variable_name(&import.name)?.to_owned(), template })
    }
}

fn span_in(file: &TemplateFile, span: JinjaSpan) -> Span {
    Span::new(file.source, span.start_offset as usize, span.end_offset as usize)
}
