//! Expressions of Go templates, and of Jinja, as expressions of Jinja.
//!
//! ```text
//! pipeline     condition { "|" condition }          Go: what is before becomes the last argument; Jinja: a filter
//! condition    either [ "?" either ":" either ]
//! either       both { ("||" | "or") both }
//! both         comparison { ("&&" | "and") comparison }
//! comparison   sum [ ("==" | "!=" | "<" | … | "in") sum ]
//! sum          application { ("+" | "-" | "*" | "/" | "%" | "~") application }
//! application  operand { operand }                  Go: a function with its arguments
//! operand      text | number | path | "(" pipeline ")" | name "(" [ pipeline { "," pipeline } ] ")"
//! ```

use super::functions::{self, Called};
use super::translated::{Binds, Translated, choice, infix, list};

/// The most words of an expression, and the most parentheses inside each other.
const MOST_WORDS: usize = 400;
const DEPTH: usize = 20;

/// An expression as it is written here. What is not understood is taken for Jinja.
///
/// # Errors
/// For what has nothing of the kind here: what to do instead.
pub(super) fn translate(
    text: &str,
    dot: Option<&str>,
    renamed: &dyn Fn(&str) -> Option<String>,
) -> Result<Translated, String> {
    let as_it_is = || Translated::new(text, Binds::Choice);
    let Some(words) = words(text) else { return Ok(as_it_is()) };
    let mut parser = Parser { words, at: 0, depth: 0, dot, renamed, is_go: false };
    match parser.pipeline() {
        Ok(found) if parser.at == parser.words.len() => Ok(Translated { is_go: parser.is_go, ..found }),
        Err(Stop::Instead(instead)) => Err(instead),
        Ok(_) | Err(Stop::NotUnderstood) => Ok(as_it_is()),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    kind: WordKind,
    text: String,
    /// Whether a blank stands before it.
    after_blank: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WordKind {
    /// In quotes, as Jinja takes it.
    Text,
    Number,
    /// `.`, `.Values.a`, `$`, `$x.a`, `values.a`
    Path,
    Sign,
}

/// The words of an expression; none for one that is in neither language.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words: Vec<Word> = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let after_blank = trimmed.len() < rest.len();
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return Some(words) };
        if words.len() == MOST_WORDS {
            return None;
        }
        let (kind, length, written) = match first {
            '"' | '\'' | '`' => {
                let length = quoted_length(rest, first)?;
                let written = rest.get(..length)?;
                (WordKind::Text, length, if first == '`' { requoted(written)? } else { written.to_owned() })
            }
            '0'..='9' => {
                let length =
                    rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
                (WordKind::Number, length, rest.get(..length)?.to_owned())
            }
            '.' | '$' | '_' | 'a'..='z' | 'A'..='Z' => {
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
                let length =
                    rest.char_indices().skip(1).find(|(_, c)| !is_part(*c)).map_or(rest.len(), |(at, _)| at);
                (WordKind::Path, length, rest.get(..length)?.to_owned())
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
                (WordKind::Sign, sign.len(), (*sign).to_owned())
            }
        };
        words.push(Word { kind, text: written, after_blank });
        rest = rest.get(length..)?;
    }
}

const SIGNS: [&str; 21] = [
    "||", "&&", "==", "!=", "<=", ">=", "|", "(", ")", "[", "]", ",", "?", ":", "!", "<", ">", "+", "-", "*",
    "~",
];

fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A raw text of Go in quotes.
fn requoted(written: &str) -> Option<String> {
    let inner = written.strip_prefix('`')?.strip_suffix('`')?;
    Some(format!("\"{}\"", inner.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")))
}

enum Stop {
    NotUnderstood,
    Instead(String),
}

type Parsed = Result<Translated, Stop>;

struct Parser<'p> {
    words: Vec<Word>,
    at: usize,
    depth: usize,
    dot: Option<&'p str>,
    renamed: &'p dyn Fn(&str) -> Option<String>,
    is_go: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Word> {
        self.words.get(self.at)
    }

    /// Whether one of these comes next, which is then read.
    fn take(&mut self, signs: &[&str]) -> Option<String> {
        let word =
            self.peek().filter(|word| word.kind != WordKind::Text && signs.contains(&word.text.as_str()))?;
        let text = word.text.clone();
        self.at += 1;
        Some(text)
    }

    fn pipeline(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Stop::NotUnderstood);
        }
        let mut value = self.condition()?;
        while self.take(&["|"]).is_some() {
            let Some(name) = self.peek().filter(|word| word.kind == WordKind::Path).cloned() else {
                return Err(Stop::NotUnderstood);
            };
            self.at += 1;
            // `default(3)`: a filter with its arguments, and a filter alone.
            let is_call = self.peek().is_some_and(|next| next.text == "(" && !next.after_blank);
            if is_call {
                let arguments = self.arguments()?;
                value = self.call(&name.text, arguments, Some(value), true)?;
                continue;
            }
            let mut arguments = Vec::new();
            while self.begins_operand() {
                arguments.push(self.operand()?);
            }
            if !arguments.is_empty() {
                self.is_go = true;
            }
            value = self.call(&name.text, arguments, Some(value), false)?;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn condition(&mut self) -> Parsed {
        let value = self.either()?;
        if self.take(&["?"]).is_none() {
            // Jinja's own: `a if b else c`.
            if self.take(&["if"]).is_some() {
                let test = self.either()?;
                let text = match self.take(&["else"]) {
                    Some(_) => {
                        let other = self.condition()?;
                        format!("{} if {} else {}", value.at_least(Binds::Or), test.text, other.text)
                    }
                    None => format!("{} if {}", value.at_least(Binds::Or), test.text),
                };
                return Ok(Translated::new(text, Binds::Choice));
            }
            return Ok(value);
        }
        self.is_go = true;
        let chosen = self.either()?;
        self.take(&[":"]).ok_or(Stop::NotUnderstood)?;
        let other = self.condition()?;
        Ok(choice(&value, &chosen, &other))
    }

    fn either(&mut self) -> Parsed {
        let mut value = self.both()?;
        while let Some(sign) = self.take(&["||", "or"]) {
            self.is_go |= sign == "||";
            let right = self.both()?;
            value = infix(&value, "or", &right, Binds::Or);
        }
        Ok(value)
    }

    fn both(&mut self) -> Parsed {
        let mut value = self.negation()?;
        while let Some(sign) = self.take(&["&&", "and"]) {
            self.is_go |= sign == "&&";
            let right = self.negation()?;
            value = infix(&value, "and", &right, Binds::And);
        }
        Ok(value)
    }

    fn negation(&mut self) -> Parsed {
        if self.take(&["!"]).is_some() {
            self.is_go = true;
            let value = self.negation()?;
            return Ok(Translated::new(format!("not {}", value.at_least(Binds::Not)), Binds::Not));
        }
        // Jinja's `not` reaches over a comparison, and Go's takes one operand: of one alone they are the same.
        if self.peek().is_some_and(|word| word.text == "not" && word.kind == WordKind::Path) {
            self.at += 1;
            let value = self.negation()?;
            return Ok(Translated::new(format!("not {}", value.at_least(Binds::Not)), Binds::Not));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed {
        let value = self.sum()?;
        if self.take(&["is"]).is_some() {
            // A test of Jinja.
            let not = if self.take(&["not"]).is_some() { "not " } else { "" };
            let name =
                self.peek().filter(|word| word.kind == WordKind::Path).cloned().ok_or(Stop::NotUnderstood)?;
            self.at += 1;
            let text = format!("{} is {not}{}", value.at_least(Binds::Sum), name.text);
            return Ok(Translated::new(text, Binds::Comparison));
        }
        match self.take(&["==", "!=", "<=", ">=", "<", ">", "in"]) {
            Some(sign) => {
                let right = self.sum()?;
                Ok(infix(&value, &sign, &right, Binds::Comparison))
            }
            None => Ok(value),
        }
    }

    fn sum(&mut self) -> Parsed {
        let mut value = self.application()?;
        while let Some(sign) = self.take(&["+", "-", "*", "~"]) {
            let right = self.application()?;
            value = infix(&value, &sign, &right, Binds::Sum);
        }
        Ok(value)
    }

    /// Go's way to call a function: its name, and arguments behind it.
    fn application(&mut self) -> Parsed {
        let head = self.peek().cloned().ok_or(Stop::NotUnderstood)?;
        let next = self.words.get(self.at + 1).cloned();
        let is_name = head.kind == WordKind::Path && functions::is_name(&head.text);
        let called_by_parentheses = next.is_some_and(|next| next.text == "(" && !next.after_blank);
        if is_name && !called_by_parentheses && !is_reserved(&head.text) {
            self.at += 1;
            let mut arguments = Vec::new();
            while self.begins_operand() {
                arguments.push(self.operand()?);
            }
            if arguments.is_empty() {
                self.at -= 1;
                return self.operand();
            }
            self.is_go = true;
            return self.call(&head.text, arguments, None, false);
        }
        let value = self.operand()?;
        // `.Files.Get "a"`, `.Capabilities.APIVersions.Has "apps/v1"`: methods.
        if head.kind == WordKind::Path && self.begins_operand() {
            self.is_go = true;
            let argument = self.operand()?;
            let argument = argument.text;
            return match head.text.trim_start_matches('$') {
                ".Files.Get" => Ok(Translated::new(format!("files[{argument}]"), Binds::Operand)),
                ".Capabilities.APIVersions.Has" => {
                    Ok(Translated::new(format!("kube.has({argument})"), Binds::Operand))
                }
                _ => Err(Stop::NotUnderstood),
            };
        }
        Ok(value)
    }

    fn begins_operand(&self) -> bool {
        let Some(word) = self.peek() else { return false };
        match word.kind {
            WordKind::Text | WordKind::Number => true,
            WordKind::Path => !is_infix(&word.text),
            WordKind::Sign => word.text == "(" && word.after_blank,
        }
    }

    fn operand(&mut self) -> Parsed {
        let word = self.peek().cloned().ok_or(Stop::NotUnderstood)?;
        self.at += 1;
        let mut value = match word.kind {
            WordKind::Text | WordKind::Number => Translated::new(word.text, Binds::Operand),
            WordKind::Path => {
                let is_call = self.peek().is_some_and(|next| next.text == "(" && !next.after_blank);
                if is_call && functions::is_name(&word.text) {
                    let arguments = self.arguments()?;
                    return self.call(&word.text, arguments, None, true);
                }
                if is_call {
                    let arguments = self.arguments()?;
                    let path = self.path(&word.text)?;
                    return Ok(Translated::new(format!("{path}({})", list(&arguments)), Binds::Operand));
                }
                Translated::new(self.path(&word.text)?, Binds::Operand)
            }
            WordKind::Sign if word.text == "(" => {
                let inner = self.pipeline()?;
                self.take(&[")"]).ok_or(Stop::NotUnderstood)?;
                // What is taken out of parentheses is put into them again where it has to be.
                inner
            }
            WordKind::Sign if word.text == "-" => {
                let number = self.operand()?;
                Translated::new(format!("-{}", number.text), Binds::Operand)
            }
            WordKind::Sign if word.text == "[" => {
                let items = self.items("]")?;
                Translated::new(format!("[{}]", list(&items)), Binds::Operand)
            }
            WordKind::Sign => return Err(Stop::NotUnderstood),
        };
        // Keys behind it: `(…).a`, `x[0]`.
        while let Some(next) = self.peek().cloned().filter(|next| !next.after_blank) {
            if next.kind == WordKind::Path && next.text.starts_with('.') && next.text.len() > 1 {
                self.at += 1;
                value = Translated::new(
                    format!("{}{}", value.at_least(Binds::Operand), next.text),
                    Binds::Operand,
                );
            } else if next.text == "[" && next.kind == WordKind::Sign {
                self.at += 1;
                let index = self.pipeline()?;
                self.take(&["]"]).ok_or(Stop::NotUnderstood)?;
                let text = format!("{}[{}]", value.at_least(Binds::Operand), index.text);
                value = Translated::new(text, Binds::Operand);
            } else {
                break;
            }
        }
        Ok(value)
    }

    /// `(a, b)`, behind a name.
    fn arguments(&mut self) -> Result<Vec<Translated>, Stop> {
        self.take(&["("]).ok_or(Stop::NotUnderstood)?;
        self.items(")")
    }

    fn items(&mut self, close: &str) -> Result<Vec<Translated>, Stop> {
        let mut items = Vec::new();
        if self.take(&[close]).is_some() {
            return Ok(items);
        }
        loop {
            items.push(self.pipeline()?);
            if self.take(&[close]).is_some() {
                return Ok(items);
            }
            self.take(&[","]).ok_or(Stop::NotUnderstood)?;
        }
    }

    fn call(
        &mut self,
        name: &str,
        arguments: Vec<Translated>,
        piped: Option<Translated>,
        by_parentheses: bool,
    ) -> Parsed {
        let found = functions::call(name, &arguments, piped.as_ref(), by_parentheses);
        match found {
            Called::Same(value) => Ok(value),
            Called::Written(value) => {
                self.is_go = true;
                Ok(value)
            }
            Called::Instead(instead) => Err(Stop::Instead(instead)),
            Called::Unknown => Err(Stop::NotUnderstood),
        }
    }

    /// A path from the dot, from a variable, or from a name.
    fn path(&mut self, written: &str) -> Result<String, Stop> {
        if !written.starts_with(['.', '$']) {
            return Ok(match written {
                "nil" => {
                    self.is_go = true;
                    "none".to_owned()
                }
                _ => written.to_owned(),
            });
        }
        self.is_go = true;
        let from_root = written.strip_prefix('$').filter(|rest| rest.is_empty() || rest.starts_with('.'));
        if let Some(variable) = written.strip_prefix('$').filter(|_| from_root.is_none()) {
            let (name, rest) = variable
                .split_once('.')
                .map_or((variable, String::new()), |(name, rest)| (name, format!(".{rest}")));
            let name = (self.renamed)(name).unwrap_or_else(|| name.to_owned());
            return Ok(format!("{name}{rest}"));
        }
        let path = from_root.unwrap_or(written);
        let root = path.split('.').nth(1).unwrap_or_default();
        // Inside of `range` and `with` these are reached by `$` alone, and people forget it.
        let dot = if from_root.is_some() || functions::is_root(root) { None } else { self.dot };
        if let Some(dot) = dot {
            let rest = path.strip_prefix('.').unwrap_or_default();
            return Ok(if rest.is_empty() { dot.to_owned() } else { format!("{dot}.{rest}") });
        }
        functions::root_path(path).ok_or_else(|| Stop::Instead(functions::instead_of_root(path)))
    }
}

/// Words that stand between operands.
fn is_infix(word: &str) -> bool {
    matches!(word, "and" | "or" | "in" | "is" | "if" | "else")
}

fn is_reserved(word: &str) -> bool {
    matches!(word, "true" | "false" | "none" | "nil" | "in" | "is" | "if" | "else")
}
