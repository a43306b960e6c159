//! From a schema to its table.
//!
//! The builder knows every keyword of draft 07 and of 2020-12 in one of three ways: it has a row for it, it leaves it
//! to jsonschema ([`Keyword::Unknown`]: a value that meets it takes the slow path), or it is an annotation.
//!
//! It also says whether the schema is surely valid. What it says so of, jsonschema compiles: each value of a keyword
//! is held against what the meta-schema asks of it, or something narrower. Where that is not sure, the keyword is
//! unknown, and jsonschema has to look at the whole schema when the chart is opened.
//!
//! ```text
//! { "type": "object", "properties": { "port": { "type": "integer", "minimum": 1 } } }
//!
//! keywords     0 Types(INTEGER)   1 Minimum(1)   2 Types(OBJECT)   3 Properties(0..1)
//! schemas      0 { keywords 0..2 }               1 { keywords 2..4 }
//! properties   0 { name: port, schema: 0 }
//! ```
//!
//! A schema is added from the inside out, so that the keywords of one stand together. What a reference leads to is
//! added once, and has its row before it is looked into: it may be reached from inside of itself.

use std::collections::HashMap;

use foldhash::quality::RandomState;
use std::sync::Arc;

use super::address::{ByAddress, References};
use super::pattern::{self, LazyPattern};
use super::table::{
    Constant, Keyword, Name, Pattern, Property, Schema, SchemaId, Sentence, Slice, TYPES, Table,
};
use crate::yaml::{Entry, Kind, Node, Value};

/// The table of a schema, and what jsonschema has to say of it.
pub(super) struct Built {
    pub(super) table: Table,
    /// Whether jsonschema would compile the schema. If not, it may all the same.
    pub(super) is_surely_valid: bool,
}

/// The table of a schema whose bounds were checked (`bounds.rs`).
pub(super) fn build(references: &References<'_>) -> Built {
    let mut builder = TableBuilder::new(references);
    builder.fill();
    Built { table: builder.table, is_surely_valid: builder.is_surely_valid }
}

/// The drafts of JSON Schema whose keywords are told apart here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Draft {
    /// Draft 07: nothing beside a `$ref` is asked, and a `format` is.
    Draft07,
    /// 2020-12, and what names no draft.
    Draft202012,
    /// Any other: only jsonschema knows it.
    Other,
}

impl Draft {
    fn of(root: &Node) -> Self {
        let Some(named) = root.get("$schema") else { return Draft::Draft202012 };
        match named.as_str().unwrap_or_default().trim_end_matches('#') {
            "http://json-schema.org/draft-07/schema" => Draft::Draft07,
            "https://json-schema.org/draft/2020-12/schema" => Draft::Draft202012,
            _ => Draft::Other,
        }
    }
}

/// The value of a keyword may be wrong: jsonschema has to say.
#[derive(Debug)]
struct MayBeInvalid;

type Checked<T> = Result<T, MayBeInvalid>;

/// A keyword of the table with its place in the order in which jsonschema asks them.
type Ordered = (u8, Keyword);

/// Asked after all others: the order is that of findings, and an unknown keyword has none here.
const UNKNOWN: Ordered = (u8::MAX, Keyword::Unknown);

/// Keywords of both drafts that change what others mean, or that are not valid with a value that was not taken before.
const UNKNOWN_HERE: &[&str] = &[
    "multipleOf",
    "items",
    "$id",
    "$schema",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "$vocabulary",
];

/// The table while it is made.
struct TableBuilder<'n, 'r> {
    references: &'r References<'n>,
    draft: Draft,
    table: Table,
    is_surely_valid: bool,
    /// Where names stand in the text.
    names: HashMap<&'n str, Name, RandomState>,
    /// Which of the patterns an expression is.
    expressions: HashMap<&'n str, u32, RandomState>,
    /// The rows of what references lead to.
    targets: ByAddress<SchemaId>,
    /// Those rows that are still empty.
    waiting: Vec<(SchemaId, &'n Node)>,
    /// The row of the schema that asks nothing.
    anything: Option<SchemaId>,
}

impl<'n, 'r> TableBuilder<'n, 'r> {
    fn new(references: &'r References<'n>) -> Self {
        TableBuilder {
            references,
            draft: Draft::of(references.root()),
            table: Table::default(),
            is_surely_valid: true,
            names: HashMap::default(),
            expressions: HashMap::default(),
            targets: ByAddress::default(),
            waiting: Vec::new(),
            anything: None,
        }
    }

    /// Fills the table. References are followed from a list, so that no chain of them is as deep as the stack.
    fn fill(&mut self) {
        if self.draft == Draft::Other {
            self.is_surely_valid = false;
            self.table.root = self.add(&[Keyword::Unknown], None);
            return;
        }
        self.table.root = self.target(self.references.root());
        while let Some((id, node)) = self.waiting.pop() {
            self.table.schemas[id.0 as usize] = self.row_of(node);
        }
    }

    /// Adds a schema, with everything in it.
    fn schema(&mut self, node: &'n Node) -> SchemaId {
        if node.as_bool() == Some(true) {
            return self.anything();
        }
        let schema = self.row_of(node);
        self.push(schema)
    }

    /// The row of what a reference leads to: the same for all references to it.
    fn target(&mut self, node: &'n Node) -> SchemaId {
        if let Some(id) = self.targets.get(&std::ptr::from_ref(node)) {
            return *id;
        }
        let id = self.push(Schema { keywords: Slice { start: 0, end: 0 }, sentence: None });
        self.targets.insert(node, id);
        self.waiting.push((id, node));
        id
    }

    /// The schema that asks nothing.
    fn anything(&mut self) -> SchemaId {
        if self.anything.is_none() {
            self.anything = Some(self.add(&[], None));
        }
        self.anything.unwrap_or_default()
    }

    fn add(&mut self, keywords: &[Keyword], sentence: Option<u32>) -> SchemaId {
        let keywords = append(&mut self.table.keywords, keywords.iter().copied());
        self.push(Schema { keywords, sentence })
    }

    fn push(&mut self, schema: Schema) -> SchemaId {
        self.table.schemas.push(schema);
        SchemaId(row(self.table.schemas.len() - 1))
    }

    fn row_of(&mut self, node: &'n Node) -> Schema {
        let (keywords, sentence) = match (&node.value, node.as_bool()) {
            (Value::Map(_), _) => (self.keywords_of(node), self.sentence(node)),
            (_, Some(true)) => (Vec::new(), None),
            (_, Some(false)) => (vec![(0, Keyword::Never)], None),
            _ => {
                self.is_surely_valid = false;
                (vec![UNKNOWN], None)
            }
        };
        let keywords = keywords.into_iter().map(|(_, keyword)| keyword);
        Schema { keywords: append(&mut self.table.keywords, keywords), sentence }
    }

    /// The keywords of a schema, in the order in which jsonschema asks them (`keyword_priority` in its
    /// `keywords/mod.rs`). The same order is needed and not just as good: warnings about one place come in the order
    /// in which they are found.
    fn keywords_of(&mut self, schema: &'n Node) -> Vec<Ordered> {
        let mut keywords: Vec<Ordered> = Vec::new();
        let referred = self.references.target(schema);
        if let Some(referred) = referred {
            let part = self.target(referred);
            keywords.push((70, Keyword::AllOf(append(&mut self.table.parts, [part]))));
        }
        for (key, entry) in schema.as_map().into_iter().flatten() {
            let asked = self.keyword(key, &entry.node, schema).unwrap_or_else(|MayBeInvalid| {
                self.is_surely_valid = false;
                Some(UNKNOWN)
            });
            // What stands beside a `$ref` of draft 07 has to be valid, and nothing more.
            if referred.is_none() || self.draft != Draft::Draft07 {
                keywords.extend(asked);
            }
        }
        keywords.sort_by_key(|(priority, _)| *priority);
        keywords
    }

    /// A keyword with its place in the order; nothing for what says nothing of values.
    fn keyword(&mut self, key: &str, value: &'n Node, schema: &'n Node) -> Checked<Option<Ordered>> {
        Ok(Some(match key {
            "type" => (1, Keyword::Types(types(value)?)),
            "const" => (5, self.constant(value).map_or(Keyword::Unknown, Keyword::Const)),
            "enum" => (6, self.enumeration(value)?),
            "minimum" => (10, bound(value, Keyword::Minimum)?),
            "maximum" => (11, bound(value, Keyword::Maximum)?),
            "exclusiveMinimum" => (12, bound(value, Keyword::Above)?),
            "exclusiveMaximum" => (13, bound(value, Keyword::Below)?),
            "minLength" => (20, Keyword::MinLength(size(value)?)),
            "maxLength" => (21, Keyword::MaxLength(size(value)?)),
            "minItems" => (22, Keyword::MinItems(size(value)?)),
            "maxItems" => (23, Keyword::MaxItems(size(value)?)),
            "minProperties" => (24, Keyword::MinProperties(size(value)?)),
            "maxProperties" => (25, Keyword::MaxProperties(size(value)?)),
            "required" => (26, Keyword::Required(self.names_of(value)?)),
            "pattern" => (30, Keyword::Pattern(self.pattern(text(value)?)?)),
            "uniqueItems" if boolean(value)? => (35, Keyword::Unique),
            "properties" | "patternProperties" | "additionalProperties" => return self.object(key, schema),
            "items" if value.as_list().is_none() => {
                let items = self.schema(value);
                // It is about those behind them, then: to ask it of all items would be wrong inside of a `not`.
                let has_others = self.draft != Draft::Draft07 && schema.get("prefixItems").is_some();
                (44, if has_others { Keyword::Unknown } else { Keyword::Items(items) })
            }
            "propertyNames" => (45, self.keys(value)),
            "allOf" => (50, Keyword::AllOf(self.parts_of(value)?)),
            "anyOf" => (51, Keyword::AnyOf(self.parts_of(value)?)),
            "oneOf" => (52, Keyword::OneOf(self.parts_of(value)?)),
            "not" => (53, self.not(value)),
            "if" => (54, self.condition(value, schema)),
            // They have a row where there is an `if`. Without one they say nothing, but have to be valid.
            "then" | "else" => {
                if schema.get("if").is_none() {
                    self.schema(value);
                }
                return Ok(None);
            }
            "definitions" | "$defs" => {
                // One that nothing refers to has to be valid all the same.
                for (_, entry) in members(Some(value))? {
                    self.target(&entry.node);
                }
                return Ok(None);
            }
            "format" | "contentEncoding" | "contentMediaType" => {
                let is_asked = self.draft == Draft::Draft07 && !is_width(text(value)?);
                return Ok(is_asked.then_some(UNKNOWN));
            }
            "$ref" if is_plain_reference(text(value)?) => return Ok(None),
            "$schema" if std::ptr::eq(schema, self.references.root()) => return Ok(None),
            "$id" if is_plain_uri(text(value)?) => return Ok(None),
            "title" | "description" | "$comment" => return text(value).map(|_| None),
            "readOnly" | "writeOnly" | "deprecated" | "uniqueItems" => return boolean(value).map(|_| None),
            "examples" => return value.as_list().ok_or(MayBeInvalid).map(|_| None),
            _ => return self.rare_keyword(key, value),
        }))
    }

    /// A keyword that is looked at for whether it is valid, and left to jsonschema.
    fn rare_keyword(&mut self, key: &str, value: &'n Node) -> Checked<Option<Ordered>> {
        match key {
            "multipleOf" if number(value)? > 0.0 => {}
            "minContains" | "maxContains" => {
                size(value)?;
            }
            "contains"
            | "additionalItems"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema" => {
                self.schema(value);
            }
            "prefixItems" => {
                self.parts_of(value)?;
            }
            "items" if self.draft == Draft::Draft07 => {
                self.parts_of(value)?;
            }
            "dependentSchemas" => {
                for (_, entry) in members(Some(value))? {
                    self.schema(&entry.node);
                }
            }
            "dependentRequired" => {
                for (_, entry) in members(Some(value))? {
                    self.names_of(&entry.node)?;
                }
            }
            "dependencies" => {
                for (_, entry) in members(Some(value))? {
                    if entry.node.as_list().is_some() {
                        self.names_of(&entry.node)?;
                    } else {
                        self.schema(&entry.node);
                    }
                }
            }
            _ if UNKNOWN_HERE.contains(&key) || key == "$ref" => return Err(MayBeInvalid),
            // Neither a keyword of a draft nor one of ours: jsonschema passes over it.
            _ => return Ok(None),
        }
        Ok(Some(UNKNOWN))
    }

    /// `properties`, `patternProperties` and `additionalProperties`, once for all three.
    fn object(&mut self, key: &str, schema: &'n Node) -> Checked<Option<Ordered>> {
        let keywords = ["properties", "patternProperties", "additionalProperties"];
        let [named, patterns, others] = keywords.map(|keyword| schema.get(keyword));
        // The first of those that are there makes the row.
        let first = [named, patterns, others].iter().position(Option::is_some);
        if first.map(|at| keywords[at]) != Some(key) {
            return Ok(None);
        }
        let mut properties: Vec<(&'n str, SchemaId)> = Vec::new();
        for (name, entry) in members(named)? {
            properties.push((name, self.schema(&entry.node)));
        }
        // A binary search compares bytes, as `str` does here.
        properties.sort_unstable_by_key(|(name, _)| *name);
        let rows = properties.into_iter().map(|(name, schema)| Property { name: self.name(name), schema });
        let rows: Vec<Property> = rows.collect();
        let named = append(&mut self.table.properties, rows);
        let mut found = Vec::new();
        for (expression, entry) in members(patterns)? {
            found.push((self.pattern(expression)?, self.schema(&entry.node)));
        }
        let patterns = append(&mut self.table.pattern_properties, found);
        let others = match others.map(|others| (others, others.as_bool())) {
            None | Some((_, Some(true))) if patterns.start == patterns.end => {
                return Ok(Some((40, Keyword::Properties(named))));
            }
            None | Some((_, Some(true))) => Some(self.anything()),
            Some((_, Some(false))) => None,
            Some((others, None)) => Some(self.schema(others)),
        };
        Ok(Some((40, Keyword::Object { named, patterns, others })))
    }

    fn parts_of(&mut self, value: &'n Node) -> Checked<Slice> {
        let parts = value.as_list().filter(|parts| !parts.is_empty()).ok_or(MayBeInvalid)?;
        let parts: Vec<SchemaId> = parts.iter().map(|part| self.schema(part)).collect();
        Ok(append(&mut self.table.parts, parts))
    }

    fn not(&mut self, value: &'n Node) -> Keyword {
        let id = self.schema(value);
        // It would be the innermost sentence where `not` fails, which is what the slow path goes by.
        let has_sentence = self.table.schemas[id.0 as usize].sentence.is_some();
        if has_sentence { Keyword::Unknown } else { Keyword::Not(id) }
    }

    /// What holds of the keys of a map, as far as it is plain: no sentence may be inside, as for `not`.
    fn keys(&mut self, value: &'n Node) -> Keyword {
        let id = self.schema(value);
        if self.is_plain(id) { Keyword::PropertyNames(id) } else { Keyword::Unknown }
    }

    /// Whether a schema is made of forms and choices alone, without a word of the author's.
    fn is_plain(&self, id: SchemaId) -> bool {
        let Some(schema) = self.table.schema(id) else { return false };
        let is_plain = |keyword: &Keyword| match keyword {
            Keyword::Types(_) | Keyword::Const(_) | Keyword::Enum(_) | Keyword::Pattern(_) => true,
            Keyword::MinLength(_) | Keyword::MaxLength(_) => true,
            Keyword::AnyOf(parts) => {
                parts.of(&self.table.parts).is_some_and(|parts| parts.iter().all(|part| self.is_plain(*part)))
            }
            _ => false,
        };
        let keywords = schema.keywords.of(&self.table.keywords);
        schema.sentence.is_none() && keywords.is_some_and(|keywords| keywords.iter().all(is_plain))
    }

    fn condition(&mut self, value: &'n Node, schema: &'n Node) -> Keyword {
        let condition = self.schema(value);
        let mut branch = |keyword| match schema.get(keyword) {
            Some(branch) => self.schema(branch),
            None => self.anything(),
        };
        Keyword::If { condition, then: branch("then"), otherwise: branch("else") }
    }

    fn enumeration(&mut self, value: &'n Node) -> Checked<Keyword> {
        let values = value.as_list().ok_or(MayBeInvalid)?;
        let constants: Option<Vec<Constant>> = values.iter().map(|value| self.constant(value)).collect();
        let constants = constants.map(|constants| append(&mut self.table.constants, constants));
        Ok(constants.map_or(Keyword::Unknown, Keyword::Enum))
    }

    /// None for lists, maps and numbers that are no small integers, whose equality is left to jsonschema.
    fn constant(&mut self, value: &'n Node) -> Option<Constant> {
        let scalar = value.as_scalar()?;
        match scalar.kind {
            Kind::Null => Some(Constant::Null),
            Kind::Bool => value.as_bool().map(Constant::Boolean),
            Kind::Str => Some(Constant::Text(self.name(&scalar.text))),
            Kind::Int => i32::try_from(scalar.as_i64()?).ok().map(Constant::Integer),
            Kind::Float => None,
        }
    }

    /// Different names, as `required` has them.
    fn names_of(&mut self, value: &'n Node) -> Checked<Slice> {
        let mut names: Vec<Name> = Vec::new();
        for name in value.as_list().ok_or(MayBeInvalid)? {
            names.push(self.name(text(name)?));
        }
        // Equal names have equal ranges.
        let mut sorted = names.clone();
        sorted.sort_unstable_by_key(|name| (name.start, name.end));
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(MayBeInvalid);
        }
        Ok(append(&mut self.table.names, names))
    }

    fn pattern(&mut self, expression: &'n str) -> Checked<u32> {
        if let Some(known) = self.expressions.get(expression) {
            return Ok(*known);
        }
        if !pattern::is_common(expression) {
            return Err(MayBeInvalid);
        }
        let at = row(self.table.patterns.len());
        let name = self.name(expression);
        self.table.patterns.push(Pattern { expression: name, compiled: LazyPattern::default() });
        self.expressions.insert(expression, at);
        Ok(at)
    }

    /// What the author says when a schema does not hold: `x-message` has precedence over `x-warning`.
    fn sentence(&mut self, schema: &'n Node) -> Option<u32> {
        let words = |key: &str| schema.get(key).and_then(Node::as_str);
        let (warning, message) = match words("x-message") {
            Some(message) => (false, message),
            None => (true, words("x-warning")?),
        };
        let mut name = |key| words(key).map(|words| self.name(words));
        let (help, at, code) = (name("x-help"), name("x-at"), name("x-code"));
        let sentence = Sentence { warning, message: self.name(message), help, at, code };
        self.table.sentences.push(sentence);
        Some(row(self.table.sentences.len() - 1))
    }

    /// A text of the table, once.
    fn name(&mut self, text: &'n str) -> Name {
        *self.names.entry(text).or_insert_with(|| {
            let start = row(self.table.text.len());
            self.table.text.push_str(text);
            Name { start, end: row(self.table.text.len()) }
        })
    }
}

/// Adds rows to an array of the table.
fn append<T>(rows: &mut Vec<T>, added: impl IntoIterator<Item = T>) -> Slice {
    let start = row(rows.len());
    rows.extend(added);
    Slice { start, end: row(rows.len()) }
}

/// An index of the table.
#[expect(
    clippy::expect_used,
    reason = "a source has less than 4 GiB, and a table no more rows than its schema has bytes"
)]
fn row(index: usize) -> u32 {
    u32::try_from(index).expect("a table of less than 4 Gi rows")
}

fn types(value: &Node) -> Checked<u8> {
    let names = value.as_list().unwrap_or(std::slice::from_ref(value));
    let mut types = 0;
    for name in names {
        let name = text(name)?;
        let at = TYPES.iter().position(|known| name == *known).ok_or(MayBeInvalid)?;
        if types & (1 << at) != 0 {
            return Err(MayBeInvalid);
        }
        types |= 1 << at;
    }
    if types == 0 { Err(MayBeInvalid) } else { Ok(types) }
}

fn number(value: &Node) -> Checked<f64> {
    let scalar = value.as_scalar().filter(|scalar| matches!(scalar.kind, Kind::Int | Kind::Float));
    scalar.and_then(|scalar| scalar.as_f64()).ok_or(MayBeInvalid)
}

/// A bound of numbers. One that is no small integer is left to jsonschema, which compares numbers of any size.
fn bound(value: &Node, keyword: fn(i32) -> Keyword) -> Checked<Keyword> {
    number(value)?;
    let scalar = value.as_scalar().filter(|scalar| scalar.kind == Kind::Int);
    let integer = scalar.and_then(|scalar| scalar.as_i64()).and_then(|integer| i32::try_from(integer).ok());
    Ok(integer.map_or(Keyword::Unknown, keyword))
}

/// A bound of lengths.
fn size(value: &Node) -> Checked<u32> {
    let scalar = value.as_scalar().filter(|scalar| scalar.kind == Kind::Int).ok_or(MayBeInvalid)?;
    scalar.as_i64().and_then(|size| u32::try_from(size).ok()).ok_or(MayBeInvalid)
}

fn text(value: &Node) -> Checked<&str> {
    value.as_str().ok_or(MayBeInvalid)
}

fn boolean(value: &Node) -> Checked<bool> {
    value.as_bool().ok_or(MayBeInvalid)
}

/// The members of a map; none where there is no map.
fn members(value: Option<&Node>) -> Checked<impl Iterator<Item = (&Arc<str>, &Entry)>> {
    let map = value.map(|value| value.as_map().ok_or(MayBeInvalid)).transpose()?;
    Ok(map.into_iter().flatten())
}

/// Whether a format is the width of a type, as schemas that schemars makes of Rust numbers have it: jsonschema knows
/// no such format, and passes over it.
fn is_width(format: &str) -> bool {
    ["int", "uint", "float", "double"].iter().any(|width| format.starts_with(width))
}

/// Whether a `$ref` consists of what URIs consist of.
fn is_plain_reference(reference: &str) -> bool {
    reference.chars().all(|c| c.is_ascii_alphanumeric() || "#/-._~$".contains(c))
}

/// Whether an `$id` consists of what URIs consist of, and is not relative to anything.
fn is_plain_uri(id: &str) -> bool {
    let rest = id.strip_prefix("https://").or_else(|| id.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/".contains(c))
    })
}
