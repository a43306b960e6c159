//! What a comment says of a setting, in the forms that tools for charts of Helm have given it.
//!
//! | form | tool |
//! |---|---|
//! | `# -- (int) How many.`, `# @default -- as many as needed`, `# @section -- Scaling`, `# @ignored` | helm-docs |
//! | `# @schema`, lines of a JSON Schema in YAML, `# @schema` | helm-schema (dadav) |
//! | `# @schema type:[string, null]; enum:[a, b]` | helm-values-schema-json (losisin) |
//! | `## @param a.b [array, nullable, default: none] What it is.`, `@section`, `@skip`, `@extra` | readme-generator-for-helm |
//! | anything else above a key, if it does not look like a setting that is commented out | none |

use std::sync::Arc;

use crate::session::Session;
use crate::source::{SourceKind, Span};
use crate::yaml::{self, Node, Value};

/// What comments say of one setting.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    /// In words; several lines as one.
    pub(super) description: Option<String>,
    /// Keywords of JSON Schema.
    pub(super) keywords: Vec<(String, Node)>,
    /// Which types are meant, by hints that are for readers.
    pub(super) hints: Vec<Hint>,
    /// What to show as the default.
    pub(super) default_text: Option<String>,
    /// The heading that it belongs under.
    pub(super) section: Option<String>,
    /// Whether it is not to be shown.
    pub(super) is_hidden: bool,
    /// Whether it must be set.
    pub(super) is_required: bool,
}

/// A type that a comment names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// As JSON Schema calls it.
    Type(&'static str),
    /// One that JSON Schema does not have.
    Anything,
}

impl About {
    /// What is said in two places; the first has the say.
    pub(super) fn or(self, other: &About) -> About {
        About {
            description: self.description.or_else(|| other.description.clone()),
            keywords: if self.keywords.is_empty() { other.keywords.clone() } else { self.keywords },
            hints: if self.hints.is_empty() { other.hints.clone() } else { self.hints },
            default_text: self.default_text.or_else(|| other.default_text.clone()),
            section: self.section.or_else(|| other.section.clone()),
            is_hidden: self.is_hidden || other.is_hidden,
            is_required: self.is_required || other.is_required,
        }
    }

    /// Adds the keywords of a schema in YAML.
    ///
    /// # Errors
    /// A text that is not the map of a schema.
    pub(super) fn add_schema(&mut self, text: &str) -> Result<(), ()> {
        let node = read_yaml(text).ok_or(())?;
        let Value::Map(map) = node.value else { return Err(()) };
        for (key, entry) in map {
            self.add_keyword(&key, entry.node);
        }
        Ok(())
    }

    /// Adds what stands behind `@schema` on its line.
    ///
    /// # Errors
    /// What is no list of `keyword:value`.
    pub(super) fn add_line(&mut self, text: &str) -> Result<(), ()> {
        for part in split_outside(text, ';') {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            let (key, value) = match part.split_once(':') {
                Some((key, value)) => (key.trim(), value.trim()),
                None if part.bytes().all(|byte| byte.is_ascii_alphabetic()) => (part, "true"),
                None => return Err(()),
            };
            // In YAML these would need quotes, which nobody writes here.
            let node = if ["title", "description", "pattern", "format", "$ref", "$id"].contains(&key) {
                Node::string(unquoted(value), Span::NOWHERE)
            } else {
                read_yaml(value).ok_or(())?
            };
            self.add_keyword(key, node);
        }
        Ok(())
    }

    fn add_keyword(&mut self, key: &str, mut node: Node) {
        match key {
            "description" => self.description = node.as_str().map(str::to_owned).or(self.description.take()),
            "required" if node.as_bool().is_some() => self.is_required = node.as_bool() == Some(true),
            "hidden" => self.is_hidden = node.as_bool() == Some(true),
            "type" => {
                name_null(&mut node);
                self.set(key, node);
            }
            "item" => {
                name_null(&mut node);
                self.set_of_items("type", node);
            }
            "itemEnum" => self.set_of_items("enum", node),
            "itemProperties" => self.set_of_items("properties", node),
            "itemRef" => self.set_of_items("$ref", node),
            _ if KEYWORDS.contains(&key) || key.starts_with("x-") => {
                name_nulls(&mut node);
                self.set(key, node);
            }
            _ => {}
        }
    }

    fn set(&mut self, key: &str, node: Node) {
        self.keywords.retain(|(known, _)| known != key);
        self.keywords.push((key.to_owned(), node));
    }

    fn set_of_items(&mut self, key: &str, node: Node) {
        let mut items = match self.keywords.iter().position(|(known, _)| known == "items") {
            Some(at) => self.keywords.remove(at).1,
            None => Node::empty_map(Span::NOWHERE),
        };
        if let Some(map) = items.as_map_mut() {
            map.insert(Arc::from(key), yaml::Entry { key_span: Span::NOWHERE, node });
        }
        self.set("items", items);
    }

    /// Takes a hint such as `(int)` off the beginning of a description of helm-docs.
    pub(super) fn take_hint<'t>(&mut self, text: &'t str) -> &'t str {
        let Some((name, rest)) = text.strip_prefix('(').and_then(|text| text.split_once(')')) else {
            return text;
        };
        if name.contains(' ') && !name.contains('|') {
            return text;
        }
        self.hints = name.split(['|', ',']).map(|name| hint(name.trim())).collect();
        if self.hints.contains(&Hint::Anything) {
            self.hints = Vec::new();
            // What is no type of JSON, such as `tpl/string`, says more than any of them.
            let known = ["tpl/", "yaml", "raw"].iter().any(|word| name.starts_with(word));
            return if known { rest.trim_start() } else { text };
        }
        rest.trim_start()
    }

    /// Reads what stands between brackets behind `@param`.
    pub(super) fn add_modifiers(&mut self, text: &str) {
        for modifier in split_outside(text, ',') {
            let modifier = modifier.trim();
            if let Some(default) = modifier.strip_prefix("default:") {
                self.default_text = Some(unquoted(default.trim()).to_owned());
            } else if modifier == "nullable" {
                self.hints.push(Hint::Type("null"));
            } else if let known @ Hint::Type(_) = hint(modifier) {
                self.hints.push(known);
            }
        }
        // `nullable` says what else may stand there, and not what does.
        if self.hints == [Hint::Type("null")] {
            self.hints = Vec::new();
        }
    }
}

/// Keywords that are taken over.
const KEYWORDS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "default",
    "dependentRequired",
    "deprecated",
    "else",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "if",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "then",
    "title",
    "uniqueItems",
    "writeOnly",
];

/// The type of a hint, by its many names.
fn hint(name: &str) -> Hint {
    Hint::Type(match name.to_ascii_lowercase().as_str() {
        "int" | "integer" | "int64" | "int32" => "integer",
        "float" | "number" | "double" => "number",
        "bool" | "boolean" => "boolean",
        "string" | "str" => "string",
        "list" | "array" | "[]string" => "array",
        "object" | "map" | "dict" => "object",
        "null" | "nil" => "null",
        _ => return Hint::Anything,
    })
}

/// A short text of YAML; none of what is not.
fn read_yaml(text: &str) -> Option<Node> {
    // In a session of its own, as nobody can be told of a place in it.
    let session = Session::new();
    let source = session.add_source(SourceKind::Bundled, "comment".to_owned(), text.to_owned());
    yaml::parse_one(&session, source).ok().flatten()
}

/// `null` as the name of a type, which YAML reads as nothing.
fn name_null(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(scalar) if scalar.kind == yaml::Kind::Null => {
            *node = Node::string("null", Span::NOWHERE);
        }
        Value::List(items) => items.iter_mut().for_each(name_null),
        _ => {}
    }
}

/// The same for each `type` inside of a schema.
fn name_nulls(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(name_nulls),
        Value::Map(map) => {
            for (key, entry) in map {
                if **key == *"type" {
                    name_null(&mut entry.node);
                } else {
                    name_nulls(&mut entry.node);
                }
            }
        }
    }
}

/// The parts of a text between separators that stand in no quotes and no brackets.
fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0_usize, None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{' | '(') => depth += 1,
            (None, ']' | '}' | ')') => depth = depth.saturating_sub(1),
            (None, _) if character == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + separator.len_utf8();
            }
            (None, _) => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// A text without the quotes around it.
fn unquoted(text: &str) -> &str {
    ['"', '\'', '`'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(about: &About) -> String {
        let shown = |(key, node): &(String, Node)| format!("{key}={}", yaml::print_inline(node));
        about.keywords.iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn keywords_on_one_line() {
        for (line, expected) in [
            ("type:[string, null]; enum:[a,b]", r#"type=["string", "null"] enum=["a", "b"]"#),
            (
                "type: string;pattern:^[a-z;]+$;minLength:1",
                r#"type="string" pattern="^[a-z;]+$" minLength=1"#,
            ),
            ("item: string; itemEnum: [x, y]", r#"items={"type": "string", "enum": ["x", "y"]}"#),
            ("additionalProperties: false; skipProperties:true", "additionalProperties=false"),
            ("anyOf:[{type: null}, {type: integer}]", r#"anyOf=[{"type": "null"}, {"type": "integer"}]"#),
        ] {
            let mut about = About::default();
            about.add_line(line).unwrap();
            assert_eq!(keywords(&about), expected, "{line}");
        }
        assert!(About::default().add_line("no keyword at all").is_err());
    }

    #[test]
    fn hints_and_modifiers() {
        let mut about = About::default();
        assert_eq!(about.take_hint("(int) How many"), "How many");
        assert_eq!(about.hints, [Hint::Type("integer")]);
        let mut about = About::default();
        assert_eq!(about.take_hint("(see below) How many"), "(see below) How many");
        let mut about = About::default();
        about.add_modifiers("array, nullable, default: \"[a, b]\"");
        assert_eq!(about.hints, [Hint::Type("array"), Hint::Type("null")]);
        assert_eq!(about.default_text.as_deref(), Some("[a, b]"));
    }
}
