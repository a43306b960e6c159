//! Where templates look at values without printing them, and where they make variables of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::parse;

use super::Program;
use super::alias::follow;
use super::engine::syntax;
use super::expression::{bare_path, each_path};
use super::syntax::{each_statement, expressions};
use super::value::{Place, Tree};
use crate::session::Session;
use crate::source::{SourceId, Span};
use crate::yaml::Node;

/// A path in a template that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueUse {
    /// The path.
    pub span: Span,
    /// Where the values were written that it may stand for.
    pub values: Vec<Span>,
}

/// Every look at a value that is set, in the order of the templates. The templates are read once more for it.
pub(super) fn value_uses(session: &Session, program: &Program, values: &Arc<Node>) -> Vec<ValueUse> {
    let root = Place::root(&Tree::new(Arc::clone(values), Arc::clone(&program.wants)));
    let mut found = Vec::new();
    for (index, file) in program.templates.iter().enumerate() {
        let text = session.source(file.source).text.clone();
        let Ok(tree) = parse(&text, "", syntax()) else { continue };
        each_statement(&tree, &mut |statement| {
            for expr in looking(statement) {
                each_path(expr, &mut |path| {
                    let places = follow(&program.facts.aliases.ways(index, &path), &root);
                    let values: Vec<Span> =
                        places.iter().filter_map(Place::node).map(|node| node.span).collect();
                    let span = Span::new(file.source, path.start as usize, path.end as usize);
                    found.extend((!values.is_empty()).then_some(ValueUse { span, values }));
                });
            }
        });
    }
    found
}

/// The expressions of a statement that look at something. A printed one has its origin, and a variable that is only
/// another name for a path is followed wherever it is used.
fn looking<'a>(statement: &'a Stmt<'a>) -> Vec<&'a Expr<'a>> {
    match statement {
        Stmt::EmitExpr(_) => Vec::new(),
        Stmt::Set(_) | Stmt::WithBlock(_) => {
            expressions(statement).into_iter().filter(|expr| bare_path(expr).is_none()).collect()
        }
        _ => expressions(statement),
    }
}

/// Where variables are made: the expression of each `{% set %}`, by the template that can use the variable and the name that
/// it uses, `url` or `lib.url`. Of a variable that is made twice, the first place counts.
pub(super) fn variable_definitions(
    session: &Session,
    program: &Program,
) -> BTreeMap<(SourceId, String), Span> {
    let mut made = BTreeMap::new();
    let mut imports: Vec<(SourceId, String, String)> = Vec::new();
    for file in &program.templates {
        let text = session.source(file.source).text.clone();
        let Ok(tree) = parse(&text, "", syntax()) else { continue };
        each_statement(&tree, &mut |statement| match statement {
            Stmt::Set(set) => {
                let (Expr::Var(name), place) = (&set.target, set.expr.span()) else { return };
                let span = Span::new(file.source, place.start_offset as usize, place.end_offset as usize);
                made.entry((file.source, name.id.to_owned())).or_insert(span);
            }
            Stmt::Import(import) => {
                let (Expr::Const(path), Expr::Var(name)) = (&import.expr, &import.name) else { return };
                let path = path.value.as_str().unwrap_or_default().to_owned();
                imports.push((file.source, name.id.to_owned(), path));
            }
            _ => {}
        });
    }
    for (user, alias, path) in imports {
        let Some(file) = program.templates.iter().find(|file| *file.name == path) else { continue };
        let own =
            made.range((file.source, String::new())..).take_while(|((source, _), _)| *source == file.source);
        let exported: Vec<(String, Span)> =
            own.map(|((_, name), span)| (format!("{alias}.{name}"), *span)).collect();
        for (name, span) in exported {
            made.entry((user, name)).or_insert(span);
        }
    }
    made
}
