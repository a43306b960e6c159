//! What would make a template's tree too deep, found before a tree is made: parser, compiler and visitors recurse.
//!
//! A long chain such as `a + a + a …` makes a tree as deep as it is long, and so does a chain of `elif`, each of which
//! the parser puts inside the one before. Both are bounded by counting, whatever the expression is. What is counted are
//! the engine's own tokens ([`too_deep`]).
//!
//! Cutting a template into tokens takes as long as reading it does, and nearly every template is made of tags of a few
//! words. So its tags are looked at first ([`each_plain_tag`]): in a tag of so many bytes there are not more tokens than
//! that. This look knows a small part of the syntax, and says nothing of a template with anything else in it.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::syntax::syntax;
use crate::limits::Limit;

/// Where a template would make the parser, or a visitor of its tree, recurse too deep, as a range of bytes, and why.
///
/// What cannot be cut into tokens is left to the parser, which says what is wrong.
pub(super) fn too_deep(text: &str) -> Option<(Range<usize>, String)> {
    if is_plainly_shallow(text, &mut |_| {}) {
        return None;
    }
    // The standard ones and not those of the run: what bounds a recursion cannot be raised.
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

/// Whether the bytes of the tags alone say that a template is not too deep. `visit` sees each tag, as of
/// [`each_plain_tag`].
pub(super) fn is_plainly_shallow<'t>(text: &'t str, visit: &mut dyn FnMut(&'t str)) -> bool {
    let mut elifs = 0;
    let mut short = true;
    let plain = each_plain_tag(text, &mut |tag| {
        visit(tag);
        // Less, and not as many, because the end of the tag counts as a sign too.
        short &= (tag.len() as u64) < Limit::Words.standard();
        elifs += u64::from(without_sign(tag).starts_with("elif"));
    });
    plain && short && elifs <= Limit::Elif.standard()
}

/// Calls `visit` with what stands between `{{` and `}}` and between `{%` and `%}`, with the signs that take white space
/// away, as far as the text is plain. False if it is not, wherever: what was visited means nothing then.
///
/// Plain is a tag of ASCII whose strings have no backslash and whose parentheses are closed, and which does not begin a
/// raw block. The engine's tokenizer and this function agree on where those end.
fn each_plain_tag<'t>(text: &'t str, visit: &mut dyn FnMut(&'t str)) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'{', &bytes[at..]) {
        let opened = at + found + 1;
        at = match bytes.get(opened) {
            Some(b'#') => {
                let Some(length) = memchr::memmem::find(&bytes[opened + 1..], b"#}") else { return false };
                opened + 1 + length + 2
            }
            Some(sign @ (b'{' | b'%')) => {
                let begin = opened + 1;
                let close = if *sign == b'{' { b'}' } else { b'%' };
                let Some(length) = length_of_tag(&bytes[begin..], close) else { return false };
                let tag = &text[begin..begin + length];
                if without_sign(tag).starts_with("raw") {
                    return false;
                }
                visit(tag);
                begin + length + 2
            }
            _ => opened,
        };
    }
    true
}

/// A tag from its first word on.
pub(super) fn without_sign(tag: &str) -> &str {
    tag.trim_start_matches(['-', '+']).trim_start()
}

/// How many bytes a plain tag has before its end, which is `close` and `}`.
fn length_of_tag(bytes: &[u8], close: u8) -> Option<usize> {
    let mut open = 0_usize;
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| IS_SIGN[usize::from(*byte)])?;
        match bytes[at] {
            sign if sign == close && open == 0 && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.checked_sub(1)?,
            quote @ (b'"' | b'\'') => {
                let length = memchr::memchr2(quote, b'\\', &bytes[at + 1..])?;
                at += 1 + length;
                if bytes[at] == b'\\' {
                    return None;
                }
            }
            byte if !byte.is_ascii() => return None,
            _ => {}
        }
        at += 1;
    }
}

/// Whether a byte says something of where a tag ends. Most do not, and all of every tag are looked at.
const IS_SIGN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = byte > 0x7f
            || matches!(byte as u8, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'' | b'%');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    /// What the engine's tokenizer says stands in the tags of a text; none where it refuses it.
    fn tags_by_tokens(text: &str) -> Option<Vec<&str>> {
        let mut tags = Vec::new();
        let mut opened = 0;
        for token in tokenize(text, false, syntax()) {
            let (token, span) = token.ok()?;
            match token {
                // Behind two braces, before the sign.
                Token::VariableStart | Token::BlockStart => opened = span.start_offset as usize + 2,
                Token::VariableEnd | Token::BlockEnd => {
                    tags.push(&text[opened..span.end_offset as usize - 2]);
                }
                _ => {}
            }
        }
        Some(tags)
    }

    fn agrees(text: &str) {
        let mut tags = Vec::new();
        if each_plain_tag(text, &mut |tag| tags.push(tag))
            && let Some(by_tokens) = tags_by_tokens(text)
        {
            assert_eq!(tags, by_tokens, "{text}");
        }
    }

    #[test]
    fn plain_tags_end_where_the_engine_ends_them() {
        for text in [
            "a: {{ b }}\n{%- if c -%}\nd\n{%+ endif +%}{# {{ #}",
            "{{ {'a': {'b': 1}} }} {{ x[{}] }}",
            "{{ '}}' ~ \"%}\" }} {% set x = '%}' %}",
            "{{ '\\'}}' }}",
            "{% raw %}{{ {% endraw %}{{ x }}",
            "{{ ( }} {{ ) }}",
            "{{ a %} }} {% b }} %}",
            "{{{ a }}} { { b }} {{ 5 %}}",
            "{{ ä }} ä {{ 'ä' }}",
            "{{- -1 -}} {{+ +1 +}} {%-%} {#- a -#} {#} b #}",
            "{{",
            "{%",
            "{#",
            "{{ '",
            "{",
            "",
            "}}",
            "{{ ) }}",
        ] {
            agrees(text);
        }
    }

    #[test]
    fn changed_tags_end_where_the_engine_ends_them() {
        let text =
            "a: {{ b.c['d'] }}\n{%- if e == \"f\" -%}\n{{ {'g': [h(1), 2]} }}{# i #}{% endif %}{{ j }}";
        for at in 0..text.len() {
            for sign in
                ["", "{", "}", "{{", "}}", "%", "{%", "%}", "#", "'", "\"", "(", "]", "-", "\\", "raw ", "\n"]
            {
                agrees(&format!("{}{sign}{}", &text[..at], &text[at..]));
                agrees(&format!("{}{sign}{}", &text[..at], &text[at + 1..]));
            }
        }
    }

    #[test]
    fn what_is_too_deep_is_found_in_tokens() {
        assert_eq!(too_deep(&format!("{{{{ a{} }}}}", " + a".repeat(400))), None);
        let chain = too_deep(&format!("{{{{ a{} }}}}", " + a".repeat(600)));
        assert!(chain.is_some_and(|(_, reason)| reason.contains("words and signs")));
        // Strings hold more bytes than words.
        assert_eq!(too_deep(&format!("{{{{ '{}' }}}}", "a".repeat(5_000))), None);
        let elifs = too_deep(&format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(600)));
        assert!(elifs.is_some_and(|(_, reason)| reason.contains("`elif`")));
    }
}
