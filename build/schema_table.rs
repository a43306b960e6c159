//! The schemas of bundled charts as one table (`src/schema/keyword_table.rs`), written as Rust source.
//!
//! A keyword that is not in [`TableBuilder::keyword`] fails the build: the fast path would skip it, and accept values
//! that jsonschema refuses. So a new keyword in a bundled schema has to be added in three places: here, in
//! `keyword_table.rs` and in `fast_path.rs`.
//!
//! A schema is compiled from the inside out. Its subschemas are in the table before it, so that their ids are known,
//! and the keywords of one schema are added at once, so that they stand together:
//!
//! ```text
//! { "type": "object", "properties": { "port": { "type": "integer", "minimum": 1 } } }
//!
//! keywords     0 Types(INTEGER)   1 Minimum(1)   2 Types(OBJECT)   3 Properties(0..1)
//! schemas      0 { keywords 0..2 }               1 { keywords 2..4 }
//! properties   0 { name: port, schema: 0 }
//! ```

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hash;

use serde_json::{Map, Value};

use super::automaton::Automaton;
use super::keyword_table::{
    Constant, Keyword, Name, Pattern, Property, Schema, SchemaId, Sentence, Slice, TYPES,
};
use super::{Result, array};

/// A schema that is not just `true` or `false`.
type Object = Map<String, Value>;

// Listed, and not "whatever else there is": a keyword that asserts something and is not known here must fail the build.

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

/// An array of the table while it grows: equal runs of items are kept once, as schemas made by schemars repeat
/// themselves. Only whole runs are looked up; a run inside a longer one is stored again.
struct Pool<T> {
    items: Vec<T>,
    known: HashMap<Vec<T>, Slice>,
}

impl<T: Clone + Eq + Hash> Pool<T> {
    fn new() -> Self {
        Pool { items: Vec::new(), known: HashMap::new() }
    }

    /// Where these items stand together in the array. They are added unless they are there.
    fn slice(&mut self, items: Vec<T>) -> Result<Slice> {
        // Sharing crosses charts: each schema has the types of pods in it, which differ by descriptions
        // at most, and those are left out.
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

    /// The index of a single item.
    fn one(&mut self, item: T) -> Result<u32> {
        Ok(self.slice(vec![item])?.start)
    }
}

/// The table while it is made. Its arrays are those of `keyword_table::Table`; the rest is memory of what is in them.
pub struct TableBuilder {
    text: String,
    /// Where names and strings stand in `text`.
    names: HashMap<String, Name>,
    schemas: Pool<Schema>,
    keywords: Pool<Keyword>,
    properties: Pool<Property>,
    parts: Pool<SchemaId>,
    constants: Pool<Constant>,
    required: Pool<Name>,
    sentences: Pool<Sentence>,
    /// Which of `patterns` an expression is.
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
    /// A table without a schema.
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

    /// Adds a whole schema file, and gives the id of its root.
    ///
    /// # Errors
    /// What is in it that the fast path does not know, after the names of the definition and the keyword.
    pub fn root(&mut self, mut schema: Object) -> Result<SchemaId> {
        // Keywords mean different things in other drafts: what stands beside a `$ref`, or a list under `items`.
        match schema.remove("$schema").as_ref().and_then(Value::as_str) {
            Some("http://json-schema.org/draft-07/schema#") => {}
            other => return Err(format!("`$schema` is {other:?}, and draft 07 is meant").into()),
        }
        // Definitions have equal names in several files, and need not be equal.
        self.done.clear();
        self.definitions = match schema.remove("definitions") {
            Some(Value::Object(definitions)) => definitions,
            _ => Object::new(),
        };
        self.object(&schema)
    }

    /// Adds a schema, with everything in it.
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
            // Draft 07 ignores what stands beside a `$ref`, so nothing may stand there that was meant to count.
            return match name.filter(|name| schema.len() == 1 && !name.contains(['/', '~', '%'])) {
                Some(name) => self.definition(name),
                None => Err(format!("`{reference}` is not `#/definitions/NAME` alone").into()),
            };
        }
        let mut keywords = Vec::new();
        for (key, value) in schema {
            keywords.extend(self.keyword(key, value, schema).map_err(|error| format!("{key}: {error}"))?);
        }
        // No two keywords of one schema have the same priority: an object of JSON has each key once.
        keywords.sort_by_key(|(priority, _)| *priority);
        let sentence = self.sentence(schema)?;
        self.add(keywords.into_iter().map(|(_, keyword)| keyword).collect(), sentence)
    }

    /// Adds a schema of these keywords, unless it is there.
    fn add(&mut self, keywords: Vec<Keyword>, sentence: Option<u32>) -> Result<SchemaId> {
        let keywords = self.keywords.slice(keywords)?;
        Ok(SchemaId(self.schemas.one(Schema { keywords, sentence })?))
    }

    /// Adds what a definition says, once. A recursive one is refused: its own id is not known while it is built. None
    /// of the bundled charts has one, and a table without circles is one on which every walk ends.
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

    /// A keyword, with its place in the order in which jsonschema asks them (`keyword_priority` in its
    /// `keywords/mod.rs`): what is cheap first. None for what asserts nothing by itself.
    ///
    /// The same order is needed and not just as good: warnings about one place come in the order in which they are
    /// found, and both paths must report the same.
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
            // Neither is a format that jsonschema knows, and it ignores those, so both are but words.
            // Any other format fails the build.
            "format" if *value == "int32" || *value == "int64" => return Ok(None),
            annotation if ANNOTATIONS.contains(&annotation) => return Ok(None),
            _ => {
                return Err(
                    "this keyword (with this value) is not one that `build/schema_table.rs` knows".into()
                );
            }
        }))
    }

    /// `properties` with `additionalProperties`, once for both: which keys are additional depends on the former. Of the
    /// two, `properties` makes the pair; `additionalProperties` does where it stands alone.
    fn properties(&mut self, key: &str, schema: &Object) -> Result<Option<(u8, Keyword)>> {
        let named = schema.get("properties");
        if key == "additionalProperties" && named.is_some() {
            return Ok(None);
        }
        let mut properties = Vec::new();
        for (name, schema) in named.and_then(Value::as_object).into_iter().flatten() {
            properties.push((name, self.schema(schema)?));
        }
        // Their ids are known now; in which order they were compiled makes no difference. Binary search on the fast
        // path compares bytes, as `str` does here.
        properties.sort_by_key(|(name, _)| *name);
        let mut named = Vec::with_capacity(properties.len());
        for (name, schema) in properties {
            named.push(Property { name: self.name(name)?, schema });
        }
        let named = self.properties.slice(named)?;
        let keyword = match schema.get("additionalProperties") {
            None | Some(Value::Bool(true)) => Keyword::Properties(named),
            Some(Value::Bool(false)) => Keyword::Object { named, others: None },
            Some(others) => Keyword::Object { named, others: Some(self.schema(others)?) },
        };
        Ok(Some((40, keyword)))
    }

    /// The schemas of `allOf` or `anyOf`.
    fn parts(&mut self, value: &Value) -> Result<Slice> {
        let parts = value.as_array().ok_or("no list")?.iter().map(|part| self.schema(part));
        let parts = parts.collect::<Result<Vec<SchemaId>>>()?;
        self.parts.slice(parts)
    }

    /// The schema of `not`. A sentence inside would be the innermost one where `not` fails, and nobody could mean that.
    fn not(&mut self, value: &Value) -> Result<SchemaId> {
        let id = self.schema(value)?;
        match self.schemas.items[id.0 as usize].sentence {
            None => Ok(id),
            Some(_) => Err("a sentence belongs beside `not`".into()),
        }
    }

    /// `if` with `then`. `else` is not among the keywords, as no bundled schema has one.
    fn condition(&mut self, value: &Value, schema: &Object) -> Result<Keyword> {
        let then = schema.get("then").ok_or("`if` without `then`")?;
        Ok(Keyword::If { condition: self.schema(value)?, then: self.schema(then)? })
    }

    /// The values of `enum`.
    fn constants(&mut self, value: &Value) -> Result<Slice> {
        let constants = value.as_array().ok_or("no list")?.iter().map(|value| self.constant(value));
        let constants = constants.collect::<Result<Vec<Constant>>>()?;
        self.constants.slice(constants)
    }

    /// A value of `const` or `enum`. Of all others than scalars (and of null and fractions),
    /// none stands in a bundled schema.
    fn constant(&mut self, value: &Value) -> Result<Constant> {
        match value {
            Value::Bool(value) => Ok(Constant::Boolean(*value)),
            Value::String(text) => Ok(Constant::Text(self.name(text)?)),
            _ => Ok(Constant::Integer(integer(value)?)),
        }
    }

    fn required(&mut self, value: &Value) -> Result<Slice> {
        let mut names = Vec::new();
        for name in value.as_array().ok_or("no list")? {
            names.push(self.name(name.as_str().ok_or("no name")?)?);
        }
        self.required.slice(names)
    }

    /// Adds the automaton of an expression, once: automata are the largest part of the table.
    fn pattern(&mut self, value: &Value) -> Result<u32> {
        let expression = value.as_str().ok_or("no expression")?;
        if let Some(known) = self.expressions.get(expression) {
            return Ok(*known);
        }
        let automaton = Automaton::of(expression)?;
        let at = u32::try_from(self.patterns.len())?;
        self.patterns.push(Pattern {
            classes: u32::try_from(self.classes.len())?,
            moves: u32::try_from(self.moves.len())?,
            width: u32::try_from(automaton.width)?,
        });
        self.classes.extend(automaton.classes);
        self.moves.extend(automaton.moves);
        self.expressions.insert(expression.to_owned(), at);
        Ok(at)
    }

    /// What the author says when a schema does not hold, as `src/schema/extension_keywords.rs` reads it.
    fn sentence(&mut self, schema: &Object) -> Result<Option<u32>> {
        let words = |key: &str| schema.get(key).and_then(Value::as_str);
        let (warning, message) = match (words("x-message"), words("x-warning")) {
            (Some(message), _) => (false, message),
            (None, Some(message)) => (true, message),
            (None, None) => return Ok(None),
        };
        let mut name = |key| words(key).map(|words| self.name(words)).transpose();
        let help = name("x-help")?;
        let at = name("x-at")?;
        let code = name("x-code")?;
        let sentence = Sentence { warning, message: self.name(message)?, help, at, code };
        self.sentences.one(sentence).map(Some)
    }

    /// Interns a text: where it stands in the table's text, to which it is added unless it is there.
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
        // For the test that holds the automata against jsonschema; the program itself needs no expressions.
        let mut expressions: Vec<(&String, &u32)> = self.expressions.iter().collect();
        expressions.sort_by_key(|(_, at)| **at);
        let expressions: Vec<&String> = expressions.into_iter().map(|(expression, _)| expression).collect();
        writeln!(out, "#[cfg(test)]\npub(crate) const EXPRESSIONS: &[&str] = &{expressions:?};")?;
        Ok(out)
    }
}

/// A type, or a list of types, as a set of bits.
fn types(value: &Value) -> Result<u8> {
    let names = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut types = 0;
    for name in names {
        let at = TYPES.iter().position(|known| name == known).ok_or_else(|| format!("no type {name}"))?;
        types |= 1 << at;
    }
    Ok(types)
}

/// An integer of 32 bits; a schema with a larger one fails the build.
fn integer(value: &Value) -> Result<i32> {
    Ok(i32::try_from(value.as_i64().ok_or_else(|| format!("{value} is no integer"))?)?)
}
