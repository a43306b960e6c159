//! What expressions of a Helm template stand for, as far as it is known without any values of a user, and the items that
//! templates become.

use std::rc::Rc;
use std::sync::Arc;

use super::note::Note;
use crate::gotemplate::ast::Number;
use crate::helm::tree::Tree;
use crate::template::go_syntax::{Binds, Translated, choice};

/// What an expression of a Go template stands for.
#[derive(Clone, Debug)]
pub(super) enum Symbol<'t> {
    /// What all templates of Helm begin with, and hand on as `.` or `$`.
    Root,
    /// A path below it, other than `Values`: `Release.Name`.
    Context(String),
    /// A map that the template makes, by its keys: what is handed to `include`.
    Dict(Vec<(String, Symbol<'t>)>),
    /// A list that the template makes.
    List(Vec<Symbol<'t>>),
    /// A value that a bound template has as well.
    Value(Expression<'t>),
    /// The name of a value's type, which is asked for to be compared.
    KindOf(Box<Expression<'t>>),
    /// The chart's files of a pattern: `.Files.Glob "config/*"`.
    Files(String),
    /// A file of the chart, by its path.
    File(String),
}

/// An expression of a bound template, with what is known of its value.
#[derive(Clone, Debug)]
pub(super) struct Expression<'t> {
    pub(super) code: Translated,
    /// What the chart's defaults have at its place.
    pub(super) known: Option<&'t Tree>,
    /// Whether there may be no value.
    pub(super) is_nullable: bool,
    /// Whether its parts may lack what the defaults show: it is an item of a list, of which each may be another.
    pub(super) is_item: bool,
    /// Whether it is a key of a map in a loop: Helm prints one of digits as a number.
    pub(super) is_key: bool,
    /// The value that it is the text of: `toString`.
    pub(super) of_string: Option<Rc<Expression<'t>>>,
    /// Whether it stands for all that a file of the templates prints, of which there is only a checksum.
    pub(super) is_file: bool,
    /// Whether it is what `split` made, whose parts Go calls `_0`, `_1`.
    pub(super) is_split: bool,
    /// Whether it is a text, whatever the values are.
    pub(super) is_text: bool,
    /// The text that it always is.
    pub(super) constant: Option<String>,
    pub(super) form: Form,
    /// Whether a text of `form` YAML is printed as it is, and all else as YAML: `ternary .x (toYaml .x) (typeIs "string" .x)`.
    pub(super) is_text_or_yaml: bool,
    pub(super) layout: Layout,
    /// All texts that it can be; none if these are not known.
    pub(super) choices: Vec<String>,
    /// The same as a text, if it is a macro.
    pub(super) as_text: Option<Rc<Expression<'t>>>,
    /// What it prints, if it is a macro that prints items of a list: they can stand among others only as they are.
    pub(super) lines: Option<Rc<Vec<Item<'t>>>>,
}

/// How a value is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// In quotes, by `quote` and `squote`.
    Quoted(char),
    /// As YAML: `toYaml`.
    Yaml,
    /// As JSON: `toJson`.
    Json,
    /// It is a call of a macro, which prints YAML.
    Fragment(Shape),
}

/// What a piece of YAML is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Entries of a map.
    Map,
    /// Items of a list.
    List,
}

/// Where the lines of a value stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Where it is printed.
    Inline,
    /// On lines of their own: `nindent`.
    NewLine(usize),
    /// Moved to the right: `indent`.
    Indented(usize),
}

/// A part of a template on its way: text, printed values and statements of a bound template, before they have lines.
#[derive(Clone, Debug)]
pub(super) enum Item<'t> {
    Text(String),
    /// A value, and what is said if it cannot stand there.
    Print(Expression<'t>, Rc<Note>),
    /// What a helper prints, put into its place.
    Lines(Vec<Item<'t>>, Layout),
    If {
        /// Conditions, each with what stands behind it.
        branches: Vec<(Translated, Vec<Item<'t>>)>,
        otherwise: Vec<Item<'t>>,
    },
    For {
        /// What stands between `for` and `%}`.
        head: String,
        /// Whether there is an item, as far as the defaults and the conditions around it tell.
        is_filled: bool,
        body: Vec<Item<'t>>,
        otherwise: Vec<Item<'t>>,
    },
    /// `{% set name = value %}`
    Set {
        name: String,
        value: String,
    },
    /// Any other statement, without its braces.
    Statement(String),
    /// The words of a comment.
    Comment(String),
    /// What is left to a person.
    Note(Note),
}

impl<'t> Expression<'t> {
    /// A setting, of which this is the default.
    pub(super) fn setting(code: impl Into<String>, known: Option<&'t Tree>) -> Expression<'t> {
        let is_nullable = matches!(known, None | Some(Tree::Nil));
        Expression { known, is_nullable, ..Expression::value(code, Binds::Operand) }
    }

    /// Something that always has a value.
    pub(super) fn value(code: impl Into<String>, binds: Binds) -> Expression<'t> {
        Expression {
            code: Translated::new(code, binds),
            known: None,
            is_nullable: false,
            is_item: false,
            of_string: None,
            is_key: false,
            is_file: false,
            is_split: false,
            is_text: false,
            constant: None,
            form: Form::Plain,
            is_text_or_yaml: false,
            layout: Layout::Inline,
            choices: Vec::new(),
            as_text: None,
            lines: None,
        }
    }

    /// As [`Expression::value`], of a text.
    pub(super) fn text(code: impl Into<String>, binds: Binds) -> Expression<'t> {
        Expression { is_text: true, ..Expression::value(code, binds) }
    }

    /// Something of which nothing is known.
    pub(super) fn unknown(code: impl Into<String>, binds: Binds) -> Expression<'t> {
        Expression { is_nullable: true, ..Expression::value(code, binds) }
    }

    /// A text that stands in the template.
    pub(super) fn constant(text: &str) -> Expression<'t> {
        let code = quoted(text);
        Expression { constant: Some(text.to_owned()), ..Expression::text(code, Binds::Operand) }
    }

    pub(super) fn none() -> Expression<'t> {
        Expression::unknown("none", Binds::Operand)
    }

    pub(super) fn number(number: &Number, written: &str) -> Expression<'t> {
        // Numbers of Go may have other bases and underscores.
        let code = match number.int {
            Some(int) if !number.is_float => int.to_string(),
            _ => written.to_owned(),
        };
        Expression::value(code, Binds::Operand)
    }

    /// The same value under another name.
    pub(super) fn called(&self, code: impl Into<String>) -> Expression<'t> {
        let code = Translated::new(code, Binds::Operand);
        Expression { code, layout: Layout::Inline, ..self.clone() }
    }

    /// A part of it by a key.
    pub(super) fn part(&self, key: &str) -> Expression<'t> {
        let known = match self.known {
            Some(Tree::Map(fields)) => {
                fields.iter().find(|field| *field.key == *key.as_bytes()).map(|field| &field.value)
            }
            _ => None,
        };
        let base = self.code.at_least(Binds::Operand);
        let code = match is_identifier(key) {
            true => format!("{base}.{key}"),
            false => format!("{base}[{}]", quoted(key)),
        };
        let mut part = Expression::setting(code, known);
        part.is_nullable |= self.is_item;
        part.is_item = self.is_item;
        part
    }

    /// As [`Expression::part`], where there may be nothing to take it from: `(.Values.a).b`.
    pub(super) fn part_if_any(&self, key: &str) -> Expression<'t> {
        if !self.is_nullable {
            return self.part(key);
        }
        let code = format!("({})", self.with_default("{}").text);
        let base = Expression { code: Translated::new(code, Binds::Operand), ..self.clone() };
        Expression { is_nullable: true, ..base.part(key) }
    }

    /// As something that a text is made of: nothing is an empty text.
    pub(super) fn in_text(&self) -> Translated {
        match self.is_nullable && !self.is_text {
            true => self.with_default("\"\""),
            false => self.code.clone(),
        }
    }

    /// As [`Expression::in_text`], of a text that an expression puts together: there a boolean would be `True`.
    pub(super) fn in_joined(&self) -> Translated {
        match self.known {
            Some(Tree::Bool(..)) if !self.is_text => {
                Translated::new(format!("{} | lower", self.in_text().at_least(Binds::Filter)), Binds::Filter)
            }
            _ => self.in_text(),
        }
    }

    /// With something else, if there is no value.
    pub(super) fn with_default(&self, other: &str) -> Translated {
        Translated::new(format!("{} | default({other})", self.code.at_least(Binds::Filter)), Binds::Filter)
    }

    /// As something that can be compared: nothing is `none`.
    pub(super) fn compared(&self) -> Translated {
        match self.is_nullable && !self.is_text && self.code.text != "none" {
            true => self.with_default("none"),
            false => self.code.clone(),
        }
    }

    /// As a list or map that can be looked through.
    pub(super) fn collection(&self, empty: &str) -> Translated {
        match self.is_nullable {
            true => self.with_default(empty),
            false => self.code.clone(),
        }
    }

    /// All texts that it can be; none if these are not known.
    pub(super) fn all_choices(&self) -> Vec<String> {
        match &self.constant {
            Some(constant) => vec![constant.clone()],
            None => self.choices.clone(),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.known, Some(Tree::List(_))) || self.code.text.starts_with('[')
    }

    pub(super) fn is_map(&self) -> bool {
        const MAPS: &[&str] = &["{", "merge(", "omit(", "pick(", "files_text(", "files_base64("];
        matches!(self.known, Some(Tree::Map(_)))
            || (self.code.binds == Binds::Operand
                && MAPS.iter().any(|start| self.code.text.starts_with(start)))
    }

    /// Whether it is certain to be a list, or a map: an empty default says little of what others give.
    pub(super) fn certain_shape(&self) -> Option<Shape> {
        match (self.form, self.known) {
            (Form::Fragment(shape), _) => Some(shape),
            (_, Some(Tree::List(items))) if !items.is_empty() => Some(Shape::List),
            (_, Some(Tree::Map(fields))) if !fields.is_empty() => Some(Shape::Map),
            (_, Some(Tree::List(_) | Tree::Map(_))) => None,
            _ if self.is_list() => Some(Shape::List),
            _ if self.is_map() => Some(Shape::Map),
            _ => None,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.known, Some(Tree::Int(..) | Tree::Float(..)))
    }
}

/// Whether a key can stand behind a dot.
pub(super) fn is_identifier(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A text as it is written in a bound template.
pub(super) fn quoted(text: &str) -> String {
    let mut code = String::with_capacity(text.len() + 2);
    code.push('"');
    for character in text.chars() {
        match character {
            '"' => code.push_str("\\\""),
            '\\' => code.push_str("\\\\"),
            '\n' => code.push_str("\\n"),
            '\t' => code.push_str("\\t"),
            '\r' => code.push_str("\\r"),
            other => code.push(other),
        }
    }
    code.push('"');
    code
}

/// Whether a name stands in a text, and not as a part of another one.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// A version of three numbers, as `chart.yaml` takes it: Helm takes `v1.2` as well.
pub(super) fn version(text: &str) -> String {
    let text = text.trim_start_matches('v');
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let mut parts: Vec<&str> = numbers.split('.').collect();
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().copied().all(is_number) {
        return "0.1.0".to_owned();
    }
    parts.resize(3, "0");
    format!("{}{rest}", parts.join("."))
}

impl<'t> Expression<'t> {
    /// A symbol that is a value already.
    pub(super) fn of(symbol: &Symbol<'t>) -> Result<Expression<'t>, Unsure> {
        match symbol {
            Symbol::Value(value) => value.plain(),
            _ => Err(Unsure::new("this is not a value here")),
        }
    }

    /// The value as an operand: what was turned into YAML is a text then.
    ///
    /// # Errors
    /// What a macro prints is no value.
    pub(super) fn plain(&self) -> Result<Expression<'t>, Unsure> {
        let filter = |name: &str| {
            let code = format!("{} | {name}", self.code.at_least(Binds::Filter));
            Expression::text(code, Binds::Filter)
        };
        if self.is_file {
            return Err(Unsure::new("what a whole file prints cannot be used as a value here"));
        }
        match self.form {
            Form::Plain => Ok(Expression { layout: Layout::Inline, ..self.clone() }),
            Form::Yaml if self.is_text_or_yaml => {
                let value = self.compared();
                let text = match self.known {
                    Some(Tree::String(..)) => self.in_text(),
                    _ => choice(
                        &Translated::new(
                            format!("{} is string", value.at_least(Binds::Sum)),
                            Binds::Comparison,
                        ),
                        &value,
                        &Translated::new(
                            format!("{} | to_yaml", value.at_least(Binds::Filter)),
                            Binds::Filter,
                        ),
                    ),
                };
                Ok(Expression::text(text.text, text.binds))
            }
            Form::Yaml => Ok(filter("to_yaml")),
            Form::Json => Ok(filter("to_json")),
            Form::Quoted(quote) => {
                let code = format!(
                    "{} ~ {} ~ {}",
                    quoted(&quote.to_string()),
                    self.in_text().at_least(Binds::Filter),
                    quoted(&quote.to_string())
                );
                Ok(Expression::text(code, Binds::Sum))
            }
            Form::Fragment(_) => match &self.as_text {
                Some(text) => Ok(Expression::clone(text)),
                None => Err(Unsure::new("what a macro prints is not a value here")),
            },
        }
    }
}

/// Why something has no certain translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsure {
    pub(super) why: String,
    /// What is to be seen to first, if it follows from that: a template and its line.
    pub(super) follows: Option<Place>,
}

/// A template, and its line, from 1.
pub(super) type Place = (Arc<str>, usize);

impl Unsure {
    pub(super) fn new(why: impl Into<String>) -> Unsure {
        Unsure { why: why.into(), follows: None }
    }

    /// That a variable holds something that is not certain, because of what stands elsewhere.
    pub(super) fn of_variable(cause: Option<&Place>, here: &str) -> Unsure {
        let place = match cause {
            Some((unit, line)) if **unit == *here => format!(", because of line {line}"),
            Some((unit, line)) => {
                let file = unit.split_once('/').map_or(&**unit, |(_, rest)| rest);
                format!(", because of {file}:{line}")
            }
            None => String::new(),
        };
        Unsure { why: format!("what the variable holds is not certain{place}"), follows: cause.cloned() }
    }
}
