//! The schemas of bundled charts as one table (`src/schema/keyword_table.rs`), written as Rust source.
//!
//! A keyword that is not in `keyword` fails the build: the fast path would skip it, and accept values that jsonschema refuses.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hash;

use serde_json::{Map, Value};

use super::automaton::Automaton;
use super::keyword_table::{
    Constant, Keyword, Name, Pattern, Property, Schema, SchemaId, Sentence, Slice, TYPES,
};
use super::{Result, array};

type Object = Map<String, Value>;

/// Words and hints: they say nothing about what is valid. `x-help`, `x-at` and `x-code` belong to a sentence.
const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "default",
    "examples",
    "writeOnly",
    "x-help",
    "x-at",
    "x-code",
    "x-generate",
    "x-merge",
    "x-pattern-help",
    "x-message",
    "x-warning",
];

/// An array of the table while it grows: equal runs of items are kept once, as schemas made by schemars repeat themselves.
struct Pool<T> {
    items: Vec<T>,
    known: HashMap<Vec<T>, Slice>,
}

impl<T: Clone + Eq + Hash> Pool<T> {
    fn new() -> Self {
        Pool { items: Vec::new(), known: HashMap::new() }
    }

    fn slice(&mut self, items: Vec<T>) -> Result<Slice> {
        if let Some(slice) = self.known.get(&items) {
            return Ok(*slice);
        }
        let slice = Slice {
            start: u32::try_from(self.items.len())?,
            end: u32::try_from(self.items.len() + items.len())?,
        };
        self.items.extend_from_slice(&items);
        self.known.insert(items, slice);
        Ok(slice)
    }

    fn one(&mut self, item: T) -> Result<u32> {
        Ok(self.slice(vec![item])?.start)
    }
}

/// The table while it is made.
pub struct TableBuilder {
    text: String,
    names: HashMap<String, Name>,
    schemas: Pool<Schema>,
    keywords: Pool<Keyword>,
    properties: Pool<Property>,
    parts: Pool<SchemaId>,
    constants: Pool<Constant>,
    required: Pool<Name>,
    sentences: Pool<Sentence>,
    expressions: HashMap<String, u32>,
    patterns: Vec<Pattern>,
    classes: Vec<u8>,
    moves: Vec<u16>,
    /// The definitions of the schema at hand.
    definitions: Object,
    /// Those that have been met, by name. None while one is being built: if it is met again then, it is recursive.
    done: HashMap<String, Option<SchemaId>>,
}

impl TableBuilder {
    pub fn new() -> Self {
        TableBuilder {
            text: String::new(),
            names: HashMap::new(),
            schemas: Pool::new(),
            keywords: Pool::new(),
            properties: Pool::new(),
            parts: Pool::new(),
            constants: Pool::new(),
            required: Pool::new(),
            sentences: Pool::new(),
            expressions: HashMap::new(),
            patterns: Vec::new(),
            classes: Vec::new(),
            moves: Vec::new(),
            definitions: Object::new(),
            done: HashMap::new(),
        }
    }

    /// Adds a whole schema.
    pub fn root(&mut self, mut schema: Object) -> Result<SchemaId> {
        match schema.remove("$schema").as_ref().and_then(Value::as_str) {
            Some("http://json-schema.org/draft-07/schema#") => {}
            other => return Err(format!("`$schema` is {other:?}, and draft 07 is meant").into()),
        }
        self.done.clear();
        self.definitions = match schema.remove("definitions") {
            Some(Value::Object(definitions)) => definitions,
            _ => Object::new(),
        };
        self.object(&schema)
    }

    fn schema(&mut self, schema: &Value) -> Result<SchemaId> {
        match schema {
            Value::Bool(true) => self.add(Vec::new(), None),
            Value::Bool(false) => self.add(vec![Keyword::Never], None),
            Value::Object(object) => self.object(object),
            other => Err(format!("{other} is no schema").into()),
        }
    }

    fn object(&mut self, schema: &Object) -> Result<SchemaId> {
        if let Some(reference) = schema.get("$ref") {
            let name = reference.as_str().and_then(|reference| reference.strip_prefix("#/definitions/"));
            // In draft 07, nothing beside a `$ref` is asked.
            return match name.filter(|name| schema.len() == 1 && !name.contains(['/', '~', '%'])) {
                Some(name) => self.definition(name),
                None => Err(format!("`{reference}` is not `#/definitions/NAME` alone").into()),
            };
        }
        let mut keywords = Vec::new();
        for (key, value) in schema {
            keywords.extend(self.keyword(key, value, schema).map_err(|error| format!("{key}: {error}"))?);
        }
        keywords.sort_by_key(|(priority, _)| *priority);
        let sentence = self.sentence(schema)?;
        self.add(keywords.into_iter().map(|(_, keyword)| keyword).collect(), sentence)
    }

    fn add(&mut self, keywords: Vec<Keyword>, sentence: Option<u32>) -> Result<SchemaId> {
        let keywords = self.keywords.slice(keywords)?;
        Ok(SchemaId(self.schemas.one(Schema { keywords, sentence })?))
    }

    fn definition(&mut self, name: &str) -> Result<SchemaId> {
        if let Some(done) = self.done.get(name) {
            return done.ok_or_else(|| format!("the definition `{name}` is a part of itself").into());
        }
        self.done.insert(name.to_owned(), None);
        let schema = self.definitions.get(name).ok_or_else(|| format!("no definition `{name}`"))?.clone();
        let id = self.schema(&schema).map_err(|error| format!("{name}: {error}"))?;
        self.done.insert(name.to_owned(), Some(id));
        Ok(id)
    }

    /// A keyword, with its place in the order in which jsonschema asks them.
    fn keyword(&mut self, key: &str, value: &Value, schema: &Object) -> Result<Option<(u8, Keyword)>> {
        let size = || Ok::<u32, Box<dyn std::error::Error>>(u32::try_from(value.as_u64().ok_or("no size")?)?);
        Ok(Some(match key {
            "type" => (1, Keyword::Types(types(value)?)),
            "const" => (5, Keyword::Const(self.constant(value)?)),
            "enum" => (6, Keyword::Enum(self.constants(value)?)),
            "minimum" => (10, Keyword::Minimum(integer(value)?)),
            "maximum" => (11, Keyword::Maximum(integer(value)?)),
            "minLength" => (20, Keyword::MinLength(size()?)),
            "maxLength" => (21, Keyword::MaxLength(size()?)),
            "minItems" => (22, Keyword::MinItems(size()?)),
            "maxItems" => (23, Keyword::MaxItems(size()?)),
            "required" => (26, Keyword::Required(self.required(value)?)),
            "pattern" => (30, Keyword::Pattern(self.pattern(value)?)),
            "uniqueItems" if *value == Value::Bool(true) => (35, Keyword::Unique),
            "properties" | "additionalProperties" => return self.properties(key, schema),
            "items" if !value.is_array() => (44, Keyword::Items(self.schema(value)?)),
            "allOf" => (50, Keyword::AllOf(self.parts(value)?)),
            "anyOf" => (51, Keyword::AnyOf(self.parts(value)?)),
            "not" => (53, Keyword::Not(self.not(value)?)),
            "if" => (54, self.condition(value, schema)?),
            "then" if schema.contains_key("if") => return Ok(None),
            // Neither is known to jsonschema, so both are but words.
            "format" if *value == "int32" || *value == "int64" => return Ok(None),
            annotation if ANNOTATIONS.contains(&annotation) => return Ok(None),
            _ => {
                return Err(
                    "this keyword (with this value) is not one that `build/schema_table.rs` knows".into()
                );
            }
        }))
    }

    /// `properties` with `additionalProperties`, once for both.
    fn properties(&mut self, key: &str, schema: &Object) -> Result<Option<(u8, Keyword)>> {
        let named = schema.get("properties");
        if key == "additionalProperties" && named.is_some() {
            return Ok(None);
        }
        let mut properties = Vec::new();
        for (name, schema) in named.and_then(Value::as_object).into_iter().flatten() {
            properties.push((name, self.schema(schema)?));
        }
        properties.sort_by_key(|(name, _)| *name);
        let properties =
            properties.into_iter().map(|(name, schema)| Ok(Property { name: self.name(name)?, schema }));
        let named = properties.collect::<Result<Vec<Property>>>()?;
        let named = self.properties.slice(named)?;
        Ok(Some(match schema.get("additionalProperties") {
            None | Some(Value::Bool(true)) => (40, Keyword::Properties(named)),
            Some(Value::Bool(false)) => (40, Keyword::Object { named, others: None }),
            Some(others) => (40, Keyword::Object { named, others: Some(self.schema(others)?) }),
        }))
    }

    fn parts(&mut self, value: &Value) -> Result<Slice> {
        let parts = value.as_array().ok_or("no list")?.iter().map(|part| self.schema(part));
        let parts = parts.collect::<Result<Vec<SchemaId>>>()?;
        self.parts.slice(parts)
    }

    /// A sentence inside would be the innermost one where `not` fails, and nobody could mean that.
    fn not(&mut self, value: &Value) -> Result<SchemaId> {
        let id = self.schema(value)?;
        match self.schemas.items[id.0 as usize].sentence {
            None => Ok(id),
            Some(_) => Err("a sentence belongs beside `not`".into()),
        }
    }

    fn condition(&mut self, value: &Value, schema: &Object) -> Result<Keyword> {
        let then = schema.get("then").ok_or("`if` without `then`")?;
        Ok(Keyword::If { condition: self.schema(value)?, then: self.schema(then)? })
    }

    fn constants(&mut self, value: &Value) -> Result<Slice> {
        let constants = value.as_array().ok_or("no list")?.iter().map(|value| self.constant(value));
        let constants = constants.collect::<Result<Vec<Constant>>>()?;
        self.constants.slice(constants)
    }

    fn constant(&mut self, value: &Value) -> Result<Constant> {
        match value {
            Value::Bool(value) => Ok(Constant::Boolean(*value)),
            Value::String(text) => Ok(Constant::Text(self.name(text)?)),
            _ => Ok(Constant::Integer(integer(value)?)),
        }
    }

    fn required(&mut self, value: &Value) -> Result<Slice> {
        let names = value.as_array().ok_or("no list")?.iter();
        let names = names.map(|name| self.name(name.as_str().ok_or("no name")?));
        let names = names.collect::<Result<Vec<Name>>>()?;
        self.required.slice(names)
    }

    fn pattern(&mut self, value: &Value) -> Result<u32> {
        let expression = value.as_str().ok_or("no expression")?;
        if let Some(known) = self.expressions.get(expression) {
            return Ok(*known);
        }
        let automaton = Automaton::of(expression)?;
        let at = u32::try_from(self.patterns.len())?;
        let (classes, moves) = (u32::try_from(self.classes.len())?, u32::try_from(self.moves.len())?);
        self.patterns.push(Pattern { classes, moves, width: u32::try_from(automaton.width)? });
        self.classes.extend(automaton.classes);
        self.moves.extend(automaton.moves);
        self.expressions.insert(expression.to_owned(), at);
        Ok(at)
    }

    fn sentence(&mut self, schema: &Object) -> Result<Option<u32>> {
        let words = |key: &str| schema.get(key).and_then(Value::as_str);
        let (warning, message) = match (words("x-message"), words("x-warning")) {
            (Some(message), _) => (false, message),
            (None, Some(message)) => (true, message),
            (None, None) => return Ok(None),
        };
        let mut name = |key| words(key).map(|words| self.name(words)).transpose();
        let (help, at, code) = (name("x-help")?, name("x-at")?, name("x-code")?);
        let sentence = Sentence { warning, message: self.name(message)?, help, at, code };
        self.sentences.one(sentence).map(Some)
    }

    fn name(&mut self, text: &str) -> Result<Name> {
        if let Some(name) = self.names.get(text) {
            return Ok(*name);
        }
        let start = u32::try_from(self.text.len())?;
        self.text.push_str(text);
        let name = Name { start, end: u32::try_from(self.text.len())? };
        self.names.insert(text.to_owned(), name);
        Ok(name)
    }

    /// The table as Rust source.
    pub fn source(&self) -> Result<String> {
        let mut out = String::new();
        array(&mut out, "SCHEMAS: &[Schema]", &self.schemas.items)?;
        array(&mut out, "KEYWORDS: &[Keyword]", &self.keywords.items)?;
        array(&mut out, "PROPERTIES: &[Property]", &self.properties.items)?;
        array(&mut out, "PARTS: &[SchemaId]", &self.parts.items)?;
        array(&mut out, "CONSTANTS: &[Constant]", &self.constants.items)?;
        array(&mut out, "NAMES: &[Name]", &self.required.items)?;
        array(&mut out, "SENTENCES: &[Sentence]", &self.sentences.items)?;
        array(&mut out, "PATTERNS: &[Pattern]", &self.patterns)?;
        writeln!(out, "static CLASSES: &[u8] = &{:?};", self.classes)?;
        writeln!(out, "static MOVES: &[u16] = &{:?};", self.moves)?;
        writeln!(out, "pub(crate) static TABLE: Table = Table {{ text: {:?}, schemas: SCHEMAS,", self.text)?;
        out.push_str(
            "keywords: KEYWORDS, properties: PROPERTIES, parts: PARTS, constants: CONSTANTS, names: NAMES,\n",
        );
        out.push_str("sentences: SENTENCES, patterns: PATTERNS, classes: CLASSES, moves: MOVES };\n");
        let mut expressions: Vec<(&String, &u32)> = self.expressions.iter().collect();
        expressions.sort_by_key(|(_, at)| **at);
        let expressions: Vec<&String> = expressions.into_iter().map(|(expression, _)| expression).collect();
        writeln!(out, "#[cfg(test)]\npub(crate) const EXPRESSIONS: &[&str] = &{expressions:?};")?;
        Ok(out)
    }
}

fn types(value: &Value) -> Result<u8> {
    let names = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    names.iter().try_fold(0, |types, name| {
        let at = TYPES.iter().position(|known| name == known).ok_or_else(|| format!("no type {name}"))?;
        Ok(types | 1 << at)
    })
}

fn integer(value: &Value) -> Result<i32> {
    Ok(i32::try_from(value.as_i64().ok_or_else(|| format!("{value} is no integer"))?)?)
}
