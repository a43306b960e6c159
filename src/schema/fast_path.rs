//! The fast path through a built-in schema: an evaluation over its table that finds values right, or says nothing.
//!
//! Two layers: [`Table::holds`] is a plain evaluation, yes or no, exactly as jsonschema's;
//! [`Acceptance`] walks the same keywords and goes on where only a warning of the author (`x-warning`)
//! is due, which it notes down with its path.
//!
//! ```text
//! right values                      Some([])            nothing to report, and jsonschema was not compiled
//! right, with a warning             Some([warning])     reported as it is
//! something is wrong                None                jsonschema says what
//! ```
//!
//! jsonschema stays the judge of everything that is wrong. So this knows no messages, and needs only the keywords that
//! bundled schemas use; `build.rs` fails on any other. `tests/values/fast_path.rs` holds both paths against each other.
//!
//! The invariant is one-sided. To accept values that jsonschema refuses would be an error that nobody sees, so each
//! keyword here must ask for as much. To say nothing of right values costs time and nothing else.

use jsonschema::json::Array;

use super::extension_keywords::AuthorMessage;
use super::json_adapter::number;
use super::keyword_table::{
    ARRAY, BOOLEAN, Constant, INTEGER, Keyword, NULL, NUMBER, Name, OBJECT, Pattern, Property, STRING,
    Schema, SchemaId, Sentence, Slice, Table,
};
use crate::diagnostic::Level;
use crate::yaml::{Kind, Map, Node, Scalar, Segment, Value, ValuePath};

/// One schema of the table. A handle that is copied: table and schema are static data.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// The table.
    pub table: &'static Table,
    /// The root of the schema.
    pub root: SchemaId,
}

/// A warning of the author's, and the value that it is about.
pub(super) type AuthorWarning = (AuthorMessage<'static>, ValuePath);

impl BuiltIn {
    /// The author's warnings about values that are right otherwise; none when something is wrong.
    pub(super) fn accept(self, values: &Node) -> Option<Vec<AuthorWarning>> {
        let mut acceptance = Acceptance { table: self.table, warnings: Vec::new() };
        let root = PathStack { parent: None, step: PathStep::Root, depth: 0, sentence: None };
        acceptance.accept(self.root, values, &root)?;
        Some(acceptance.warnings)
    }
}

/// How the walk came to a value: a linked list from the value up to the root. Its links lie in the frames of the
/// recursion, so nothing is allocated for a path unless a warning needs it.
#[derive(Clone, Copy)]
struct PathStack<'w> {
    parent: Option<&'w PathStack<'w>>,
    step: PathStep<'w>,
    /// How many steps the value is below the root.
    depth: usize,
    /// The innermost sentence that applies, and the depth of the value that it is about.
    sentence: Option<(&'static Sentence, usize)>,
}

/// The last step to a value.
#[derive(Clone, Copy)]
enum PathStep<'w> {
    Root,
    Key(&'w str),
    Index(usize),
}

impl<'w> PathStack<'w> {
    /// One step further down. Sentences are inherited: they apply to whatever is violated inside.
    fn child(&'w self, step: PathStep<'w>) -> PathStack<'w> {
        PathStack { parent: Some(self), step, depth: self.depth + 1, sentence: self.sentence }
    }

    /// The path of this value or of the ancestor at this depth.
    fn path_to(&self, depth: usize) -> ValuePath {
        // From the value up, so in reverse; a path is only made for a warning.
        let ancestors = std::iter::successors(Some(self), |path| path.parent);
        let mut segments: Vec<Segment> = Vec::new();
        for ancestor in ancestors.filter(|path| path.depth <= depth) {
            match ancestor.step {
                PathStep::Root => {}
                PathStep::Key(key) => segments.push(Segment::Key(key.into())),
                PathStep::Index(index) => segments.push(Segment::Index(index)),
            }
        }
        segments.reverse();
        ValuePath(segments)
    }
}

/// The walk that accepts values. Its methods give `None` as soon as something is wrong, so that `?` ends the walk.
struct Acceptance {
    table: &'static Table,
    warnings: Vec<AuthorWarning>,
}

impl Acceptance {
    /// Holds one schema against a value, which `path` leads to.
    fn accept(&mut self, id: SchemaId, node: &Node, path: &PathStack<'_>) -> Option<()> {
        let table = self.table;
        let schema = table.schema(id);
        // A copy for the sentence, which holds for this schema and not for its neighbours.
        let mut path = *path;
        if let Some(sentence) = schema.sentence.and_then(|index| table.sentences.get(index as usize)) {
            path.sentence = Some((sentence, path.depth));
        }
        // No keyword is left out for a sentence that was given already: jsonschema goes on
        // too, and reports each violation.
        for keyword in slice(table.keywords, schema.keywords) {
            self.keyword(keyword, node, &path)?;
        }
        Some(())
    }

    /// Goes into the subschemas of a keyword, as a warning may be due in one of them. `anyOf` and `not` are not gone
    /// into: what fails in them does not make the values wrong, so they are evaluated as a whole.
    fn keyword(&mut self, keyword: &Keyword, node: &Node, path: &PathStack<'_>) -> Option<()> {
        let table = self.table;
        match (*keyword, node.as_map()) {
            (Keyword::AllOf(parts), _) => {
                for part in slice(table.parts, parts) {
                    self.accept(*part, node, path)?;
                }
                Some(())
            }
            (Keyword::If { condition, then }, _) => {
                // Of the condition nothing is reported, so it is evaluated; `then` is gone into like `allOf`.
                if table.holds(condition, node) { self.accept(then, node, path) } else { Some(()) }
            }
            (Keyword::Items(schema), _) => {
                // What is no list has no items: the keyword does not speak of it.
                for (index, item) in node.as_list().unwrap_or_default().iter().enumerate() {
                    self.accept(schema, item, &path.child(PathStep::Index(index)))?;
                }
                Some(())
            }
            (Keyword::Properties(named), Some(map)) => {
                let accept =
                    |key, schema, node| self.accept(schema, node, &path.child(PathStep::Key(key))).is_some();
                table.all_properties(named, map, accept).then_some(())
            }
            (Keyword::Object { named, others }, Some(map)) => self.object(map, named, others, path),
            _ if table.asserts(keyword, node) => Some(()),
            _ => self.fail(path),
        }
    }

    /// `properties` with `additionalProperties`. All keys are looked at before unknown ones fail: where these are but a
    /// warning, another warning may be due further down.
    fn object(
        &mut self,
        map: &Map,
        named: Slice,
        others: Option<SchemaId>,
        path: &PathStack<'_>,
    ) -> Option<()> {
        let mut has_unknown_keys = false;
        for (key, entry) in map {
            match self.table.property(named, key).or(others) {
                Some(schema) => self.accept(schema, &entry.node, &path.child(PathStep::Key(key)))?,
                None => has_unknown_keys = true,
            }
        }
        if has_unknown_keys { self.fail(path) } else { Some(()) }
    }

    /// Something does not hold. When the author calls that a warning, it is noted down and the values are right so far.
    fn fail(&mut self, path: &PathStack<'_>) -> Option<()> {
        let (sentence, depth) = path.sentence.filter(|(sentence, _)| sentence.warning)?;
        self.warnings.push((self.table.author_message(sentence), path.path_to(depth)));
        Some(())
    }
}

// Evaluation. It must say exactly what jsonschema says, to the last quirk: lengths count characters, `1.0` is an
// integer, and a keyword holds of every value that it does not speak of.
impl Table {
    /// Whether all of a schema holds of a value.
    fn holds(&self, id: SchemaId, node: &Node) -> bool {
        slice(self.keywords, self.schema(id).keywords).iter().all(|keyword| self.asserts(keyword, node))
    }

    /// Whether one keyword does.
    fn asserts(&self, keyword: &Keyword, node: &Node) -> bool {
        match *keyword {
            Keyword::Never => false,
            Keyword::Types(types) => types & types_of(node) != 0,
            Keyword::Const(constant) => self.equal(constant, node),
            Keyword::Enum(values) => {
                slice(self.constants, values).iter().any(|constant| self.equal(*constant, node))
            }
            Keyword::AllOf(parts) => slice(self.parts, parts).iter().all(|part| self.holds(*part, node)),
            Keyword::AnyOf(parts) => slice(self.parts, parts).iter().any(|part| self.holds(*part, node)),
            Keyword::Not(schema) => !self.holds(schema, node),
            Keyword::If { condition, then } => !self.holds(condition, node) || self.holds(then, node),
            _ => match &node.value {
                Value::Scalar(scalar) if scalar.kind == Kind::Str => self.of_text(keyword, &scalar.text),
                Value::Scalar(scalar) => of_number(keyword, scalar),
                Value::List(items) => self.of_list(keyword, items),
                Value::Map(map) => self.of_map(keyword, map),
            },
        }
    }

    // One function for each type of values, as in the specification a keyword asserts something of
    // one type and holds of all others.

    fn of_text(&self, keyword: &Keyword, text: &str) -> bool {
        match *keyword {
            Keyword::MinLength(least) => text.chars().count() >= least as usize,
            // No text has more characters than bytes.
            Keyword::MaxLength(most) => text.len() <= most as usize || text.chars().count() <= most as usize,
            Keyword::Pattern(pattern) => self.matches(self.patterns[pattern as usize], text),
            _ => true,
        }
    }

    fn of_list(&self, keyword: &Keyword, items: &[Node]) -> bool {
        match *keyword {
            Keyword::MinItems(least) => items.len() >= least as usize,
            Keyword::MaxItems(most) => items.len() <= most as usize,
            Keyword::Unique => items.is_unique(),
            Keyword::Items(schema) => items.iter().all(|item| self.holds(schema, item)),
            _ => true,
        }
    }

    fn of_map(&self, keyword: &Keyword, map: &Map) -> bool {
        match *keyword {
            Keyword::Required(names) => {
                slice(self.names, names).iter().all(|name| map.contains_key(self.name(*name)))
            }
            Keyword::Properties(named) => {
                self.all_properties(named, map, |_, schema, node| self.holds(schema, node))
            }
            Keyword::Object { named, others } => map.iter().all(|(key, entry)| {
                let schema = self.property(named, key).or(others);
                schema.is_some_and(|schema| self.holds(schema, &entry.node))
            }),
            _ => true,
        }
    }

    /// Equality as JSON Schema has it: `1.0` equals `1`.
    fn equal(&self, constant: Constant, node: &Node) -> bool {
        match (constant, node.as_scalar()) {
            (Constant::Boolean(expected), _) => node.as_bool() == Some(expected),
            (Constant::Text(expected), _) => node.as_str() == Some(self.name(expected)),
            (Constant::Integer(expected), Some(scalar)) => decoded(scalar)
                .is_some_and(|number| number.is_at_least(expected) && number.is_at_most(expected)),
            (Constant::Integer(_), None) => false,
        }
    }

    /// Whether something holds of each named property that a map has.
    ///
    /// Looked for from the smaller side: values name few of a chart's settings, and then each key is a binary search
    /// among the schema's. A large map has an index of its keys, in which the few names of a small schema are found.
    fn all_properties<'n>(
        &'n self,
        named: Slice,
        map: &'n Map,
        mut holds: impl FnMut(&'n str, SchemaId, &'n Node) -> bool,
    ) -> bool {
        let properties = slice(self.properties, named);
        if map.len() <= properties.len() {
            return map.iter().all(|(key, entry)| {
                self.property(named, key).is_none_or(|schema| holds(key, schema, &entry.node))
            });
        }
        properties.iter().all(|Property { name, schema }| {
            let name = self.name(*name);
            map.get(name).is_none_or(|entry| holds(name, *schema, &entry.node))
        })
    }

    /// What must hold of a property that the schema names.
    fn property(&self, named: Slice, key: &str) -> Option<SchemaId> {
        let named = slice(self.properties, named);
        let at = named.binary_search_by(|Property { name, .. }| self.name(*name).cmp(key)).ok()?;
        Some(named[at].schema)
    }

    /// Whether an expression finds something anywhere in a text: a run of its automaton, which `build/automaton.rs` has
    /// made of it. Each byte is looked up in its class first, which keeps the table of moves small. The last move of a
    /// state is that for the end of the text.
    fn matches(&self, pattern: Pattern, text: &str) -> bool {
        let classes = &self.classes[pattern.classes as usize..];
        let moves = &self.moves[pattern.moves as usize..];
        let width = pattern.width as usize;
        let mut state = Pattern::START;
        for byte in text.bytes() {
            let class = classes[usize::from(byte)];
            state = moves[usize::from(state) * width + usize::from(class)];
            // `FAILED` is 0 and `MATCHED` is 1, and neither is ever left: one comparison in the loop asks for both.
            if state <= Pattern::MATCHED {
                return state == Pattern::MATCHED;
            }
        }
        moves[usize::from(state) * width + width - 1] == Pattern::MATCHED
    }

    fn schema(&self, id: SchemaId) -> Schema {
        self.schemas[id.0 as usize]
    }

    fn name(&self, name: Name) -> &str {
        &self.text[name.start as usize..name.end as usize]
    }

    /// What the author says.
    fn author_message(&self, sentence: &Sentence) -> AuthorMessage<'_> {
        let name = |name: Option<Name>| name.map(|name| self.name(name));
        AuthorMessage {
            level: if sentence.warning { Level::Warning } else { Level::Error },
            message: self.name(sentence.message),
            help: name(sentence.help),
            at: name(sentence.at),
            code: name(sentence.code),
        }
    }
}

/// A part of an array of the table.
fn slice<T>(all: &[T], Slice { start, end }: Slice) -> &[T] {
    &all[start as usize..end as usize]
}

/// The types that a value has, as bits: an integer is a number as well.
fn types_of(node: &Node) -> u8 {
    match &node.value {
        Value::Map(_) => OBJECT,
        Value::List(_) => ARRAY,
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Null => NULL,
            Kind::Bool => BOOLEAN,
            Kind::Str => STRING,
            // Every number without a fraction is an integer from draft 06 on, `1.0` and `1e3` too.
            Kind::Int | Kind::Float if decoded(scalar).is_some_and(Decoded::is_integer) => INTEGER | NUMBER,
            Kind::Int | Kind::Float => NUMBER,
        },
    }
}

/// Numbers; booleans and null too, which are scalars without a keyword of their own and so decode to nothing.
fn of_number(keyword: &Keyword, scalar: &Scalar) -> bool {
    match *keyword {
        Keyword::Minimum(least) => decoded(scalar).is_none_or(|number| number.is_at_least(least)),
        Keyword::Maximum(most) => decoded(scalar).is_none_or(|number| number.is_at_most(most)),
        _ => true,
    }
}

/// A number as jsonschema sees it: integers of any size are compared exactly, and everything else as a double.
#[derive(Clone, Copy)]
enum Decoded {
    /// Wide enough for both `i64` and `u64`.
    Integer(i128),
    Real(f64),
}

/// None for what is no number.
fn decoded(scalar: &Scalar) -> Option<Decoded> {
    if !matches!(scalar.kind, Kind::Int | Kind::Float) {
        return None;
    }
    // Nearly all numbers; the rest goes through the very number that jsonschema gets.
    if let Some(integer) = scalar.as_i64() {
        return Some(Decoded::Integer(integer.into()));
    }
    let number = number(scalar);
    match number.as_i128() {
        Some(integer) => Some(Decoded::Integer(integer)),
        None => number.as_f64().map(Decoded::Real),
    }
}

// Limits of the table are 32 bits wide (`build/schema_table.rs` refuses others), so none is
// rounded where it becomes a double.
impl Decoded {
    fn is_integer(self) -> bool {
        match self {
            Decoded::Integer(_) => true,
            Decoded::Real(real) => real.fract() == 0.0,
        }
    }

    fn is_at_least(self, limit: i32) -> bool {
        match self {
            Decoded::Integer(integer) => integer >= limit.into(),
            Decoded::Real(real) => real >= limit.into(),
        }
    }

    fn is_at_most(self, limit: i32) -> bool {
        match self {
            Decoded::Integer(integer) => integer <= limit.into(),
            Decoded::Real(real) => real <= limit.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::compiled::CompiledValidator;
    use super::*;
    use crate::chart::bundled_schemas::{EXPRESSIONS, TABLE};
    use crate::source::Span;

    /// Pieces that the expressions of the bundled schemas are about, and such as they are not.
    const PIECES: &[&str] = &[
        "",
        "a",
        "Z",
        "0",
        "7",
        "10",
        "100",
        "%",
        "/",
        ":",
        ".",
        ",",
        "-",
        "_",
        "@",
        " ",
        "\n",
        "\r",
        "\u{2028}",
        "é",
        "😀",
        "~",
        "+",
        "=",
        "<",
        ">",
        "?",
        "&",
        "#",
        "*",
        "://",
        "...",
        "http",
        "https://",
        "redis://",
        "rediss",
        "unix://",
        "postgres",
        "postgresql",
        "ql://",
        "+asyncpg",
        "asyncpg",
        "psycopg",
        "mongodb",
        "+srv",
        "sqlite",
        "/run",
        "/var",
        "/secrets",
        "/kubernetes.io",
        "Ki",
        "m",
        "ms",
        "h",
        "d",
        "e",
        "E3",
        "true",
        "false",
        "sslmode=",
        "example.com",
        "sha256:",
        "<generate:",
        "your-password",
        "your-256-bit-jwt-secret",
        "your-32-byte-encryption-key-hex",
        "skillflaw:skillflaw@",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN RSA PRIVATE KEY-----",
        "10.0.0.0/8",
        "::1/128",
    ];

    /// Texts of one, two and three pieces, and of as many characters as expressions count.
    fn texts() -> Vec<String> {
        let mut texts: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
        for (at, first) in PIECES.iter().enumerate() {
            texts.extend(PIECES.iter().map(|second| format!("{first}{second}")));
            let third = PIECES[(at * 7 + 3) % PIECES.len()];
            texts.extend(PIECES.iter().map(|second| format!("{first}{second}{third}")));
        }
        for length in [5, 6, 31, 32, 33, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025] {
            texts.extend(["a", "é", "F", "/"].map(|character| character.repeat(length)));
            texts.push(format!("sha256:{}", "0".repeat(length)));
        }
        texts
    }

    #[test]
    fn expressions_find_what_jsonschema_finds() {
        let texts = texts();
        let mut found = 0;
        assert_eq!(EXPRESSIONS.len(), TABLE.patterns.len());
        for (expression, pattern) in EXPRESSIONS.iter().zip(TABLE.patterns) {
            let checked = CompiledValidator::new(json!({ "pattern": expression })).expect("a right schema");
            for text in &texts {
                let expected = checked.validator.is_valid(&Node::string(text.as_str(), Span::NOWHERE));
                assert_eq!(TABLE.matches(*pattern, text), expected, "{expression}: {text:?}");
                found += usize::from(expected);
            }
        }
        // Texts of which no expression finds anything would prove nothing.
        assert!(found > 10_000, "{found}");
    }
}
