//! Whether a schema of the table holds of a value: exactly what jsonschema says of it.

use jsonschema::json::Array;

use super::author::Words;
use super::instance::number;
use super::table::{
    ARRAY, BOOLEAN, Constant, INTEGER, Keyword, NULL, NUMBER, Name, OBJECT, Pattern, Property, STRING,
    Schema, SchemaId, Sentence, Slice, Table,
};
use crate::diagnostic::Level;
use crate::yaml::{Kind, Map, Node, Scalar, Value};

impl Table {
    /// Whether all of a schema holds of a value.
    pub(super) fn holds(&self, id: SchemaId, node: &Node) -> bool {
        slice(self.keywords, self.schema(id).keywords).iter().all(|keyword| self.asserts(keyword, node))
    }

    /// Whether one keyword does.
    pub(super) fn asserts(&self, keyword: &Keyword, node: &Node) -> bool {
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
            Keyword::Properties(named) => self.each(named, map, |_, schema, node| self.holds(schema, node)),
            Keyword::Object { named, others } => map.iter().all(|(key, entry)| {
                let schema = self.property(named, key).or(others);
                schema.is_some_and(|schema| self.holds(schema, &entry.node))
            }),
            _ => true,
        }
    }

    fn equal(&self, constant: Constant, node: &Node) -> bool {
        match (constant, node.as_scalar()) {
            (Constant::Boolean(expected), _) => node.as_bool() == Some(expected),
            (Constant::Text(expected), _) => node.as_str() == Some(self.name(expected)),
            (Constant::Integer(expected), Some(scalar)) => {
                size(scalar).is_some_and(|size| size.is_at_least(expected) && size.is_at_most(expected))
            }
            (Constant::Integer(_), None) => false,
        }
    }

    /// Whether something holds of each named property that a map has; they are looked for from the smaller side.
    pub(super) fn each<'n>(
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
    pub(super) fn property(&self, named: Slice, key: &str) -> Option<SchemaId> {
        let named = slice(self.properties, named);
        let at = named.binary_search_by(|Property { name, .. }| self.name(*name).cmp(key)).ok()?;
        Some(named[at].schema)
    }

    /// Whether an expression finds something in a text.
    fn matches(&self, pattern: Pattern, text: &str) -> bool {
        let (classes, width) = (&self.classes[pattern.classes as usize..], pattern.width as usize);
        let moves = &self.moves[pattern.moves as usize..];
        let mut state = Pattern::START;
        for byte in text.bytes() {
            let class = classes[usize::from(byte)];
            state = moves[usize::from(state) * width + usize::from(class)];
            if state <= Pattern::MATCHED {
                return state == Pattern::MATCHED;
            }
        }
        moves[usize::from(state) * width + width - 1] == Pattern::MATCHED
    }

    pub(super) fn schema(&self, id: SchemaId) -> Schema {
        self.schemas[id.0 as usize]
    }

    fn name(&self, name: Name) -> &str {
        &self.text[name.start as usize..name.end as usize]
    }

    /// What the author says.
    pub(super) fn words(&self, sentence: &Sentence) -> Words<'_> {
        let name = |name: Option<Name>| name.map(|name| self.name(name));
        Words {
            level: if sentence.warning { Level::Warning } else { Level::Error },
            message: self.name(sentence.message),
            help: name(sentence.help),
            at: name(sentence.at),
            code: name(sentence.code),
        }
    }
}

/// A part of an array of the table.
pub(super) fn slice<T>(all: &[T], Slice { start, end }: Slice) -> &[T] {
    &all[start as usize..end as usize]
}

/// The types that a value has.
fn types_of(node: &Node) -> u8 {
    match &node.value {
        Value::Map(_) => OBJECT,
        Value::List(_) => ARRAY,
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Null => NULL,
            Kind::Bool => BOOLEAN,
            Kind::Str => STRING,
            Kind::Int | Kind::Float if size(scalar).is_some_and(Size::is_integer) => INTEGER | NUMBER,
            Kind::Int | Kind::Float => NUMBER,
        },
    }
}

fn of_number(keyword: &Keyword, scalar: &Scalar) -> bool {
    match *keyword {
        Keyword::Minimum(least) => size(scalar).is_none_or(|size| size.is_at_least(least)),
        Keyword::Maximum(most) => size(scalar).is_none_or(|size| size.is_at_most(most)),
        _ => true,
    }
}

/// A number as jsonschema sees it.
#[derive(Clone, Copy)]
enum Size {
    Integer(i128),
    Real(f64),
}

/// None for what is no number.
fn size(scalar: &Scalar) -> Option<Size> {
    if !matches!(scalar.kind, Kind::Int | Kind::Float) {
        return None;
    }
    if let Some(integer) = scalar.as_i64() {
        return Some(Size::Integer(integer.into()));
    }
    let number = number(scalar);
    match number.as_i128() {
        Some(integer) => Some(Size::Integer(integer)),
        None => number.as_f64().map(Size::Real),
    }
}

impl Size {
    fn is_integer(self) -> bool {
        match self {
            Size::Integer(_) => true,
            Size::Real(real) => real.fract() == 0.0,
        }
    }

    fn is_at_least(self, limit: i32) -> bool {
        match self {
            Size::Integer(integer) => integer >= limit.into(),
            Size::Real(real) => real >= limit.into(),
        }
    }

    fn is_at_most(self, limit: i32) -> bool {
        match self {
            Size::Integer(integer) => integer <= limit.into(),
            Size::Real(real) => real <= limit.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::validator::Checked;
    use super::*;
    use crate::chart::values::{EXPRESSIONS, TABLE};
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
        let (mut found, texts) = (0, texts());
        assert_eq!(EXPRESSIONS.len(), TABLE.patterns.len());
        for (expression, pattern) in EXPRESSIONS.iter().zip(TABLE.patterns) {
            let checked = Checked::new(json!({ "pattern": expression })).expect("a right schema");
            for text in &texts {
                let expected = checked.validator.is_valid(&Node::string(text.as_str(), Span::NOWHERE));
                assert_eq!(TABLE.matches(*pattern, text), expected, "{expression}: {text:?}");
                found += usize::from(expected);
            }
        }
        assert!(found > 10_000, "{found}");
    }
}
