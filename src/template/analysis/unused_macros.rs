//! Macros that nobody calls: parts of libraries that the engine need not compile.
//!
//! A library has macros for many charts, and a chart calls some of them. The engine compiles a library as a whole: its
//! tokenizer, its parser and its code generator see every macro, in each run. So the plan leaves those out that nothing
//! can reach ([`Omit`](super::insertion::InsertionKind::Omit)). Each is checked as any other, and parsed here; only the engine
//! does not get it.
//!
//! Which ones can be reached is found by names alone, so that nothing has to be known of what variables stand for:
//!
//! * a macro at the top level of a library is *used* if its name stands anywhere as a name, an attribute or a text: in what is
//!   no such macro, or in a used one;
//! * nothing is left out of a chart that uses a library, or any name that a library is imported by, for anything but
//!   its attributes: passed on, printed, tested, looked up by a computed name;
//! * nor of a chart where an import or an include has a computed name; nor of a library that something includes, since what
//!   it prints counts then.
//!
//! A macro stays if it is not certain that the engine takes it as it is instrumented. So nothing is left out that the
//! engine's compiler would have refused, and a template is refused for the same reasons as before.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use foldhash::fast::RandomState;
use minijinja::machinery::ast::{Call, Expr, Macro, Spanned, Stmt};

use super::depth::{is_plainly_shallow, without_sign};
use super::insertion::Insertion;
use super::syntax_tree::{
    bodies, each_argument, each_child, each_own_expression, each_statement, variable_name,
};
use crate::template::file::{Role, TemplateFile, position};

/// How deep a macro that is left out may nest. The engine's parser refuses what nests 150 deep, and counts up to three for
/// a bracket and one for a statement.
const MOST_BRACKETS: usize = 24;
const MOST_STATEMENTS: usize = 16;

/// The macros of a chart's libraries that nothing can reach, as ranges of each template, ascending. The trees and texts
/// are of the templates, by position.
pub(super) fn unused_macros(
    files: &[TemplateFile],
    texts: &[impl AsRef<str>],
    trees: &[Stmt<'_>],
) -> Vec<Vec<Range<usize>>> {
    let mut unused: Vec<Vec<Range<usize>>> = files.iter().map(|_| Vec::new()).collect();
    let Some(libraries) = libraries(files, trees) else { return unused };
    let mut uses = Uses { modules: modules(trees), ..Uses::default() };
    for (tree, _) in trees.iter().zip(&libraries).filter(|(_, is_library)| **is_library) {
        uses.macros.extend(top_level(tree).filter_map(|statement| match statement {
            Stmt::Macro(node) => Some((node.name, false)),
            _ => None,
        }));
    }
    // Those that nothing has named so far, with the positions of their templates.
    let mut left = Vec::new();
    for (index, tree) in trees.iter().enumerate() {
        for statement in top_level(tree) {
            match statement {
                Stmt::Macro(node) if libraries[index] => left.push((index, node)),
                _ => uses.statement(statement),
            }
        }
    }
    loop {
        let before = left.len();
        left.retain(|(_, node)| {
            let is_used = uses.macros.get(node.name).is_none_or(|is_used| *is_used);
            if is_used {
                uses.macro_body(node);
            }
            !is_used
        });
        if left.len() == before {
            break;
        }
    }
    if uses.whole {
        return unused;
    }
    for (index, node) in left {
        if nesting(&node.body) <= MOST_STATEMENTS {
            unused[index].extend(range_of(texts[index].as_ref(), node));
        }
    }
    unused
}

/// Those parts of a template that the engine surely takes as they are instrumented: no tag of them nests deep, whatever its
/// brackets are. None of a template in which it is not plain where tags are, for who reads the plan.
pub(super) fn flat_parts(
    text: &str,
    parts: Vec<Range<usize>>,
    insertions: &[Insertion],
) -> Vec<Range<usize>> {
    if parts.is_empty() {
        return parts;
    }
    let mut deep = vec![false; parts.len()];
    let mut part = 0;
    let mut insertions = insertions.iter().map(|insertion| insertion.offset()).peekable();
    let plain = is_plainly_shallow(text, &mut |tag| {
        // By address: it is a part of the text.
        let start = tag.as_ptr() as usize - text.as_ptr() as usize;
        let end = start + tag.len();
        part += parts[part..].iter().take_while(|part| part.end <= start).count();
        if !parts.get(part).is_some_and(|part| part.contains(&start)) {
            return;
        }
        while insertions.next_if(|at| *at < start).is_some() {}
        let inserted = std::iter::from_fn(|| insertions.next_if(|at| *at <= end)).count();
        let written = tag.bytes().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count();
        let choices = tag.split_ascii_whitespace().filter(|word| *word == "else").count();
        deep[part] |= inserted + written + choices > MOST_BRACKETS;
    });
    let flat = parts.into_iter().zip(deep).filter(|(_, deep)| plain && !deep);
    flat.map(|(part, _)| part).collect()
}

fn top_level<'t>(tree: &'t Stmt<'t>) -> impl Iterator<Item = &'t Stmt<'t>> {
    bodies(tree).into_iter().flatten()
}

/// Which templates are libraries that are imported and never included. None if an import or an include may lead anywhere.
fn libraries(files: &[TemplateFile], trees: &[Stmt<'_>]) -> Option<Vec<bool>> {
    let mut libraries: Vec<bool> = files.iter().map(|file| file.role == Role::Library).collect();
    let mut all_are_known = true;
    let constant = |name: &Expr<'_>| name.as_const().and_then(|name| position(files, name.as_str()?));
    for tree in trees {
        each_statement(tree, &mut |statement| match statement {
            Stmt::Import(node) => all_are_known &= constant(&node.expr).is_some(),
            Stmt::FromImport(node) => all_are_known &= constant(&node.expr).is_some(),
            Stmt::Include(node) => match constant(&node.name) {
                Some(included) => libraries[included] = false,
                None => all_are_known = false,
            },
            Stmt::Extends(_) => all_are_known = false,
            _ => {}
        });
    }
    all_are_known.then_some(libraries)
}

/// The names that libraries are imported by.
fn modules<'t>(trees: &'t [Stmt<'t>]) -> BTreeSet<&'t str> {
    let mut modules = BTreeSet::new();
    for tree in trees {
        each_statement(tree, &mut |statement| match statement {
            Stmt::Import(node) => modules.extend(variable_name(&node.name)),
            // A library may give one that it has imported.
            Stmt::FromImport(node) => {
                for (name, alias) in &node.names {
                    if let (Some(name), Some(alias)) =
                        (variable_name(name), alias.as_ref().and_then(variable_name))
                    {
                        // What has two names is followed by none of them.
                        modules.extend([name, alias]);
                    }
                }
            }
            _ => {}
        });
    }
    modules
}

/// The bytes of a macro, from the `{%` before it to the `%}` behind its end.
fn range_of(text: &str, node: &Spanned<Macro<'_>>) -> Option<Range<usize>> {
    // The span is that of the words between the braces.
    let span = node.span();
    let start = text.get(..span.start_offset as usize)?.rfind("{%")?;
    let inside = span.end_offset as usize;
    let end = inside + text.get(inside..)?.find("%}")?;
    let last = text.get(start..end)?.rfind("{%")? + start + "{%".len();
    let is = |at: usize, end: usize, word: &str| {
        let tag = without_sign(text.get(at..end)?);
        tag.strip_prefix(word)
            .map(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    };
    let is_whole = is(start + "{%".len(), inside, "macro")? && is(last, end, "endmacro")?;
    is_whole.then_some(start..end + "%}".len())
}

/// How deep statements are inside each other.
fn nesting(statements: &[Stmt<'_>]) -> usize {
    let below = |statement: &Stmt<'_>| bodies(statement).into_iter().map(nesting).max().unwrap_or_default();
    statements.iter().map(|statement| 1 + below(statement)).max().unwrap_or_default()
}

/// What is named.
#[derive(Default)]
struct Uses<'t> {
    /// The names that libraries are imported by.
    modules: BTreeSet<&'t str>,
    /// The names of macros, and whether something has one of them: a name, an attribute or a text.
    macros: HashMap<&'t str, bool, RandomState>,
    /// A library may be used for something else than its attributes.
    whole: bool,
}

impl<'t> Uses<'t> {
    fn macro_body(&mut self, node: &'t Macro<'t>) {
        node.defaults.iter().for_each(|expr| self.expression(expr, false));
        node.body.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &'t Stmt<'t>) {
        match statement {
            Stmt::CallBlock(node) => {
                self.call(&node.call);
                node.macro_decl.defaults.iter().for_each(|expr| self.expression(expr, false));
            }
            Stmt::Do(node) => self.call(&node.call),
            // The name is another one for what is imported; with it, it may be a library.
            Stmt::FromImport(node) => {
                node.names
                    .iter()
                    .filter_map(|(name, _)| variable_name(name))
                    .for_each(|name| self.name(name));
            }
            Stmt::Import(_) => {}
            _ => {
                if let Stmt::Set(node) = statement {
                    self.expression(&node.target, true);
                }
                each_own_expression(statement, &mut |expr| self.expression(expr, false));
            }
        }
        bodies(statement).into_iter().flatten().for_each(|inner| self.statement(inner));
    }

    /// An expression; `is_base` says that an attribute of it is all that is looked at.
    fn expression(&mut self, expr: &'t Expr<'t>, is_base: bool) {
        self.whole |= !is_base && self.may_be_library(expr);
        match expr {
            Expr::Var(var) => self.name(var.id),
            Expr::Const(constant) => constant.value.as_str().into_iter().for_each(|text| self.name(text)),
            Expr::GetAttr(attr) => {
                self.name(attr.name);
                self.expression(&attr.expr, true);
            }
            Expr::GetItem(item) => match &item.subscript_expr {
                Expr::Const(constant) => {
                    constant.value.as_str().into_iter().for_each(|text| self.name(text));
                    self.expression(&item.expr, true);
                }
                subscript => {
                    self.expression(subscript, false);
                    self.expression(&item.expr, false);
                }
            },
            Expr::Call(call) => self.call(call),
            _ => each_child(expr, &mut |child| self.expression(child, false)),
        }
    }

    fn call(&mut self, call: &'t Call<'t>) {
        self.expression(&call.expr, true);
        each_argument(&call.args, &mut |expr| self.expression(expr, false));
    }

    fn name(&mut self, name: &str) {
        if let Some(is_used) = self.macros.get_mut(name) {
            *is_used = true;
        }
    }

    /// Whether an expression may give a library: by a name that one is imported by, or as such an attribute of one. It can get
    /// another name only where it is used for something else than its attributes.
    fn may_be_library(&self, expr: &Expr<'_>) -> bool {
        match expr {
            Expr::Var(var) => self.modules.contains(var.id),
            Expr::GetAttr(attr) => self.modules.contains(attr.name) && self.may_be_library(&attr.expr),
            Expr::GetItem(item) => match &item.subscript_expr {
                Expr::Const(constant) => {
                    let name = constant.value.as_str();
                    name.is_some_and(|name| self.modules.contains(name)) && self.may_be_library(&item.expr)
                }
                _ => false,
            },
            _ => false,
        }
    }
}
