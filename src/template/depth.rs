//! Templates that would make the parser and what walks its tree recurse beyond the stack, found before they are parsed.

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use crate::limits::Limit;

/// Where a template is too deep, as a range of bytes, and why. What cannot be cut into tokens is left to the parser.
pub(super) fn too_deep(text: &str, syntax: &SyntaxConfig) -> Option<(std::ops::Range<usize>, String)> {
    let said = |limit: Limit| limit.row().said(limit.standard());
    let (mut tokens, mut branches) = (0, 0);
    for token in tokenize(text, false, syntax.clone()) {
        let (token, span) = token.ok()?;
        match token {
            Token::VariableStart | Token::BlockStart | Token::TemplateData(_) => tokens = 0,
            Token::Ident("elif") if tokens == 0 => branches += 1,
            _ => tokens += 1,
        }
        let reason = if tokens > Limit::Words.standard() {
            format!("an expression of more than {} words and signs", said(Limit::Words))
        } else if branches > Limit::Elif.standard() {
            format!("more than {} `elif`", said(Limit::Elif))
        } else {
            continue;
        };
        return Some((span.start_offset as usize..span.end_offset as usize, reason));
    }
    None
}
