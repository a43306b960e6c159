//! From a template's text to its syntax tree, and what is refused on the way.

use std::ops::Range;

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{Token, parse as parse_jinja, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::visitor::each_statement;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::secrets::SecretTexts;
use crate::session::Session;
use crate::source::Span;
use crate::template::errors::ErrorContext;
use crate::template::file::TemplateFile;

/// The syntax of templates. `trim_blocks` and `lstrip_blocks` together make a line with nothing but a `{% … %}` vanish, so
/// that control flow leaves no blank lines in YAML; a final line break is kept, because a block scalar may need it.
#[expect(clippy::expect_used, reason = "a wrong syntax would render something else")]
pub(crate) fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    builder.build().expect("only delimiters can be wrong, and these are the default ones")
}

/// Parses a template. What is wrong with it is reported, and gives none.
pub(super) fn parse_template<'t>(session: &Session, file: &TemplateFile, text: &'t str) -> Option<Stmt<'t>> {
    match parse(session, file, text) {
        Ok(tree) => Some(tree),
        Err(finding) => {
            session.report(*finding);
            None
        }
    }
}

fn parse<'t>(session: &Session, file: &TemplateFile, text: &'t str) -> Result<Stmt<'t>, Box<Diagnostic>> {
    let span = |range: Range<usize>| Span::new(file.source, range.start, range.end);
    let limits = session.limits();
    if text.len() > limits.of(Limit::Text) {
        let message = format!("the template is larger than {}", limits.said(Limit::Text));
        let finding = Diagnostic::error(Code::T008, message).at(span(0..1), "this file");
        let help = limits.help(Limit::Text, "put data into the chart's `files/`");
        return Err(Box::new(finding.help(help)));
    }
    if let Some((range, reason)) = too_deep(text) {
        let finding = Diagnostic::error(Code::T008, format!("the template is too deep: {reason}"));
        let finding = finding.at(span(range), "here");
        return Err(Box::new(finding.help("split it, or put data into the values")));
    }
    // Without a name: errors alone would repeat it, and `locate` does not need it.
    let tree = parse_jinja(text, "", syntax()).map_err(|error| {
        // This text is the author's own, not an instrumented one, so its offsets need no way back; and no value is in it.
        let locate = |_: &str, range: Range<usize>| Some(span(range));
        let context = ErrorContext { limits, locate: &locate, secrets: &SecretTexts::default() };
        Box::new(context.finding(&error))
    })?;
    if let Some(range) = unnamed_import(&tree) {
        let finding = Diagnostic::error(Code::T001, "this is not a template: an import needs a name");
        let finding = finding.at(span(range), "this is no name");
        return Err(Box::new(finding.help("write `{% import \"…\" as NAME %}`")));
    }
    Ok(tree)
}

/// Where a template would make the parser, or a visitor of its tree, recurse too deep, as a range of bytes, and why.
///
/// It is found in the tokens, before anything recurses: a long chain such as `a + a + a …` makes a tree as deep as it is long,
/// and so does a chain of `elif`, each of which the parser puts inside the one before. Both are bounded by counting, whatever
/// the expression is. What cannot be cut into tokens is left to the parser, which says what is wrong.
fn too_deep(text: &str) -> Option<(Range<usize>, String)> {
    let standard = |limit: Limit| limit.row().said(limit.standard());
    // Tokens since the last `{{`, `{%` or text.
    let mut tokens = 0;
    let mut elifs = 0;
    for token in tokenize(text, false, syntax()) {
        let (token, span) = token.ok()?;
        match token {
            Token::VariableStart | Token::BlockStart | Token::TemplateData(_) => tokens = 0,
            Token::Ident("elif") if tokens == 0 => elifs += 1,
            _ => tokens += 1,
        }
        let reason = if tokens > Limit::Words.standard() {
            format!("an expression of more than {} words and signs", standard(Limit::Words))
        } else if elifs > Limit::Elif.standard() {
            format!("more than {} `elif`", standard(Limit::Elif))
        } else {
            continue;
        };
        return Some((span.start_offset as usize..span.end_offset as usize, reason));
    }
    None
}

/// The place of what stands for the name of an import and is none: `{% import "lib.yaml" as 5 %}`. The engine's parser lets any
/// expression stand there, and its compiler panics at most that are no variable.
fn unnamed_import(tree: &Stmt<'_>) -> Option<Range<usize>> {
    let mut found = None;
    each_statement(tree, &mut |statement| {
        if let Stmt::Import(import) = statement
            && !matches!(import.name, Expr::Var(_))
        {
            let span = import.name.span();
            found.get_or_insert(span.start_offset as usize..span.end_offset as usize);
        }
    });
    found
}
