//! Syntax of Go templates in a template of ours: what authors who come from Helm write out of habit, as it is written here.
//!
//! ```text
//! {{ .Values.name | default "web" }}      {{ values.name | default("web") }}
//! {{- range $key, $value := .Values.map }} {% for key, value in values.map | items %}
//! {% if values.a && values.b %}           {% if values.a and values.b %}
//! {{ end }}                               {% endfor %}
//! ```
//!
//! It is asked of templates alone that the engine refuses, so nothing that is right is ever taken for something else. It
//! reads both languages, and mixtures of them, since that is what stands in such templates.

mod expression;
mod functions;
mod tags;
mod translated;

use std::ops::Range;

pub(crate) use functions::{Called, arithmetic_sign, call, macro_name};
use tags::{Tag, TagKind};
pub(crate) use translated::{Binds, Translated, choice, infix};

/// What a tag should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// The tag as it is written here.
    Written(String),
    /// It is Go's syntax, and nothing here is the same; what takes its place.
    Instead(String),
}

/// A tag that is written as Go templates are, by its bytes in the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GoTag {
    pub(crate) range: Range<usize>,
    pub(crate) advice: Advice,
    /// Whether its reader was told already.
    pub(crate) was_reported: bool,
}

/// All tags of a template that are written as Go templates are.
pub(crate) fn find(text: &str) -> Vec<GoTag> {
    let mut blocks = Blocks::default();
    tags::tags(text).into_iter().filter_map(|tag| blocks.visit(text, &tag)).collect()
}

/// A block that is open at the end of a template: the bytes of its tag, and the word that it begins with.
pub(crate) fn unclosed(text: &str) -> Option<(Range<usize>, &str)> {
    let mut open: Vec<(Range<usize>, &str)> = Vec::new();
    for tag in tags::tags(text).into_iter().filter(|tag| tag.kind == TagKind::Statement) {
        let inner = tag.inner(text);
        let word = inner.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        match word {
            "if" | "for" | "with" | "macro" | "call" | "filter" | "block" | "autoescape" => {
                open.push((tag.range, word))
            }
            // `{% set x %}…{% endset %}` is a block, and `{% set x = 1 %}` is not.
            "set" if !inner.contains('=') => open.push((tag.range, word)),
            _ => {
                let Some(ended) = word.strip_prefix("end") else { continue };
                match open.last() {
                    Some((_, last)) if *last == ended => {
                        open.pop();
                    }
                    // Of a template that ends a block by the word of another the engine's message says it.
                    _ => return None,
                }
            }
        }
    }
    open.pop()
}

/// The tag that is open at a place of a template, by the place of its braces, and what would close it. Found by the
/// braces alone: none if the tag has an end before another one begins.
pub(crate) fn unclosed_tag(text: &str, place: usize) -> Option<(usize, &'static str)> {
    // The place of an error is in the tag, or behind it, in the text that was taken for a part of the tag.
    let before = text.get(..text.floor_char_boundary(place))?;
    let opened = [("{{", "}}"), ("{%", "%}")].into_iter();
    let (open, close) = opened
        .filter_map(|(open, close)| Some((before.rfind(open)?, close)))
        .max_by_key(|(open, _)| *open)?;
    let body = text.get(open + 2..)?;
    let next = ["{{", "{%", "{#"].into_iter().filter_map(|open| body.find(open)).min().unwrap_or(body.len());
    let is_closed = body.get(..next)?.contains(close);
    (!is_closed).then_some((open, close))
}

/// A block that is open, in either language, while the tags of a template are read.
#[derive(Debug)]
struct Block {
    /// The word that ends it here: `endif`; none for one of which nothing is left.
    end: Option<&'static str>,
    /// What the dot is inside of it, if the block sets it.
    dot: Option<String>,
    /// Variables that are called otherwise here: `$i` is `loop.index0`.
    renamed: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct Blocks(Vec<Block>);

impl Blocks {
    fn visit(&mut self, text: &str, tag: &Tag) -> Option<GoTag> {
        let advice = match tag.kind {
            TagKind::GoComment => {
                let inner = tag.inner(text).trim_start_matches("/*").trim_end_matches("*/").trim();
                Some(Advice::Written(format!("{{# {inner} #}}")))
            }
            TagKind::Expression => self.action(text, tag),
            TagKind::Statement => self.statement(tag.inner(text)),
        };
        Some(GoTag { range: tag.range.clone(), advice: advice?, was_reported: false })
    }

    /// `{{ … }}`: an expression, and all of Go's statements.
    fn action(&mut self, text: &str, tag: &Tag) -> Option<Advice> {
        let inner = tag.inner(text);
        let (word, rest) = split_word(inner);
        // What an `include` prints may go on through a pipe.
        if word != "include"
            && let Some(advice) = self.control(word, rest)
        {
            return Some(advice);
        }
        if let Some((variable, value)) = go_assignment(inner) {
            let value = match self.expression(value) {
                Ok(value) => value,
                Err(instead) => return Some(Advice::Instead(instead)),
            };
            return Some(Advice::Written(format!("{{% set {variable} = {} %}}", value.text)));
        }
        match self.expression(inner) {
            Ok(translated) if translated.is_go => {
                let is_quoted =
                    text.get(..tag.range.start).is_some_and(|before| before.ends_with(['"', '\'']));
                let printed = format!("{{{{ {} }}}}", translated.text);
                Some(Advice::Written(match translated.quoted && !is_quoted {
                    true => format!("\"{printed}\""),
                    false => printed,
                }))
            }
            Ok(_) => None,
            Err(instead) => Some(Advice::Instead(instead)),
        }
    }

    /// `{% … %}`: a statement of ours, with words of Go or C in it.
    fn statement(&mut self, inner: &str) -> Option<Advice> {
        let (word, rest) = split_word(inner);
        let is_of_go = matches!(word, "end" | "range" | "define" | "template" | "include");
        let (second, tail) = split_word(rest);
        match word {
            "else" if second == "if" => self.branch(tail, true),
            "if" | "elif" => {
                let translated = self.expression(rest);
                if word == "if" {
                    self.open("endif", None);
                }
                match translated {
                    Ok(value) if value.is_go => {
                        Some(Advice::Written(format!("{{% {word} {} %}}", value.text)))
                    }
                    Ok(_) => None,
                    Err(instead) => Some(Advice::Instead(instead)),
                }
            }
            // Files are included here by a name in quotes, and by nothing more.
            "include" if !rest.trim_end().ends_with('.') => None,
            _ if is_of_go => self.control(word, rest),
            "set" => {
                let (variable, value) = rest.split_once(":=")?;
                let value = self.expression(value).ok()?;
                let variable = variable.trim().trim_start_matches('$');
                Some(Advice::Written(format!("{{% set {variable} = {} %}}", value.text)))
            }
            "for" => {
                self.open("endfor", None);
                let (variables, list) = rest.split_once(" in ")?;
                let value = self.expression(list).ok().filter(|value| value.is_go)?;
                Some(Advice::Written(format!("{{% for {} in {} %}}", variables.trim(), value.text)))
            }
            "with" => {
                self.open("endwith", None);
                None
            }
            "macro" => {
                self.open("endmacro", None);
                None
            }
            "endif" | "endfor" | "endwith" | "endmacro" => {
                self.0.pop();
                None
            }
            _ => None,
        }
    }

    /// A statement of Go.
    fn control(&mut self, word: &str, rest: &str) -> Option<Advice> {
        match word {
            "if" => {
                let condition = self.expression(rest);
                self.open("endif", None);
                Some(written(condition, |text| format!("{{% if {text} %}}")))
            }
            "else" if rest.is_empty() => Some(Advice::Written("{% else %}".to_owned())),
            "else" => {
                let (second, tail) = split_word(rest);
                match second {
                    "if" => self.branch(tail, true),
                    "with" => self.branch(tail, false),
                    _ => None,
                }
            }
            "with" if !rest.is_empty() => Some(self.with(rest)),
            "range" if !rest.is_empty() => Some(self.range(rest)),
            "end" if rest.is_empty() => {
                let end = self.0.pop().map_or(Some("endif"), |block| block.end);
                Some(match end {
                    Some(end) => Advice::Written(format!("{{% {end} %}}")),
                    None => Advice::Instead("it ends what has no place here".to_owned()),
                })
            }
            "define" => {
                let name = functions::macro_name(rest)?;
                self.open("endmacro", None);
                Some(Advice::Written(format!("{{% macro {name}() %}}")))
            }
            "template" | "include" => {
                let name = functions::macro_name(rest)?;
                Some(Advice::Written(format!("{{{{ {name}() }}}}")))
            }
            "block" => {
                functions::macro_name(rest)?;
                self.0.push(Block { end: None, dot: None, renamed: Vec::new() });
                Some(Advice::Instead(
                    "write a macro in a file of `templates/` that begins with `_`".to_owned(),
                ))
            }
            "break" | "continue" if rest.is_empty() => Some(Advice::Written(format!("{{% {word} %}}"))),
            _ => None,
        }
    }

    /// `else if` and `else with`.
    fn branch(&mut self, rest: &str, is_if: bool) -> Option<Advice> {
        let condition = self.expression(rest);
        if !is_if && let (Some(block), Ok(value)) = (self.0.last_mut(), &condition) {
            block.dot = Some(value.text.clone());
        }
        Some(written(condition, |text| format!("{{% elif {text} %}}")))
    }

    /// The dot inside stands for what was tested: there is no dot here, so that is written out.
    fn with(&mut self, rest: &str) -> Advice {
        let (variable, value) = match go_assignment(rest) {
            Some((variable, value)) => (Some(variable), value),
            None => (None, rest),
        };
        let value = self.expression(value);
        let dot = value.as_ref().ok().map(|value| value.operand());
        self.open("endif", dot.clone());
        if let (Some(variable), Some(dot), Some(block)) = (variable, dot, self.0.last_mut()) {
            block.renamed.push((variable.to_owned(), dot));
        }
        written(value, |text| format!("{{% if {text} %}}"))
    }

    fn range(&mut self, rest: &str) -> Advice {
        let (variables, list) = match rest.split_once(":=") {
            Some((variables, list)) => (variables, list),
            None => ("", rest),
        };
        let list = self.expression(list);
        let mut names =
            variables.split(',').map(|name| name.trim().trim_start_matches('$')).filter(|n| !n.is_empty());
        let depth = self.0.iter().filter(|block| block.end == Some("endfor")).count();
        let item = if depth == 0 { "item".to_owned() } else { format!("item{}", depth + 1) };
        let (head, dot, renamed, of_items) = match (names.next(), names.next()) {
            (None, _) => (item.clone(), item, Vec::new(), false),
            (Some(one), None) => (one.to_owned(), one.to_owned(), Vec::new(), false),
            // By these names people count; by others they name keys.
            (Some(index @ ("_" | "i" | "j" | "n" | "idx" | "index")), Some(value)) => {
                let renamed = vec![(index.to_owned(), "loop.index0".to_owned())];
                (value.to_owned(), value.to_owned(), renamed, false)
            }
            (Some(key), Some(value)) => (format!("{key}, {value}"), value.to_owned(), Vec::new(), true),
        };
        self.0.push(Block { end: Some("endfor"), dot: Some(dot), renamed });
        let filter = if of_items { " | items" } else { "" };
        match list {
            Ok(list) if of_items => {
                Advice::Written(format!("{{% for {head} in {}{filter} %}}", list.operand()))
            }
            list => written(list, |text| format!("{{% for {head} in {text} %}}")),
        }
    }

    fn open(&mut self, end: &'static str, dot: Option<String>) {
        self.0.push(Block { end: Some(end), dot, renamed: Vec::new() });
    }

    fn expression(&self, text: &str) -> Result<Translated, String> {
        let dot = self.0.iter().rev().find_map(|block| block.dot.as_deref());
        let renamed = |name: &str| {
            let pairs = self.0.iter().rev().flat_map(|block| &block.renamed);
            pairs.filter(|(from, _)| from == name).map(|(_, to)| to.clone()).next()
        };
        expression::translate(text, dot, &renamed)
    }
}

fn written(value: Result<Translated, String>, tag: impl Fn(&str) -> String) -> Advice {
    match value {
        Ok(value) => Advice::Written(tag(&value.text)),
        Err(instead) => Advice::Instead(instead),
    }
}

/// The first word of a text, and what follows it.
fn split_word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim())
}

/// `$x := value`, `$x = value`: the variable's name, and the value.
fn go_assignment(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = split_word(text.strip_prefix('$')?);
    let value =
        rest.strip_prefix(":=").or_else(|| rest.strip_prefix('=').filter(|rest| !rest.starts_with('=')))?;
    (!name.is_empty()).then_some((name, value.trim()))
}

#[cfg(test)]
mod tests;
