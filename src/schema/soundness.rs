//! The soundness of a table that was read from a file: no walk through it leaves an array, goes on for ever or
//! overflows its stack.
//!
//! A file may be damaged, or written by somebody else. What it says of values is its own affair; that it can be asked
//! is looked at here, and that properties are found: they are searched by halves. The bounds are those of schemas
//! (`bounds.rs`), for the same reason: schemas that apply to one value are walked by recursion, and each as often as it
//! applies. They are wider by the rows that a table has more than its schema.

use super::table::{Constant, Keyword, Name, SchemaId, Table};
use crate::limits::Limit;

/// Schemas inside each other at one value.
const MAX_HEIGHT: usize = 2 * Limit::SchemaDepth.standard() as usize;
/// Schemas that apply to one value, with their keywords.
const MAX_WEIGHT: u64 = 64 * Limit::SchemaBranches.standard();
/// Rows that are looked at here; of a table that was made of a schema there are as many as the table has, and few more.
const MAX_STEPS: u64 = 20_000_000;
/// Bytes of names that are compared here. Those of a file can overlap, and be many and long.
const MAX_COMPARED: usize = 20_000_000;

/// Whether a table can be asked.
pub(super) fn is_sound(table: &Table) -> bool {
    let mut check = SoundnessCheck { table, weights: vec![State::New; table.schemas.len()], steps: 0 };
    check.are_rows_sound() && check.do_properties_ascend() && check.do_walks_end()
}

struct SoundnessCheck<'t> {
    table: &'t Table,
    /// By schema.
    weights: Vec<State>,
    steps: u64,
}

/// What is known of a schema.
#[derive(Clone, Copy)]
enum State {
    New,
    /// It is being weighed: to meet it then is a circle.
    Open,
    Known(Weight),
}

/// What applies to a value with a schema.
#[derive(Clone, Copy)]
struct Weight {
    /// How many schemas and keywords, each as often as it is met.
    rows: u64,
    /// How many schemas the longest way down from it passes.
    height: usize,
}

impl SoundnessCheck<'_> {
    /// Whether all that a row refers to is there.
    fn are_rows_sound(&self) -> bool {
        let table = self.table;
        let is_name = |name: Name| table.name(name).is_some();
        let is_schema = |id: SchemaId| table.schema(id).is_some();
        let is_pattern = |pattern: u32| (pattern as usize) < table.patterns.len();
        let is_constant = |constant: Constant| match constant {
            Constant::Text(name) => is_name(name),
            Constant::Null | Constant::Boolean(_) | Constant::Integer(_) => true,
        };
        let is_keyword = |keyword: &Keyword| match *keyword {
            Keyword::Const(constant) => is_constant(constant),
            Keyword::Enum(values) => values.of(&table.constants).is_some(),
            Keyword::Required(names) => names.of(&table.names).is_some(),
            Keyword::Pattern(pattern) => is_pattern(pattern),
            Keyword::Properties(named) => named.of(&table.properties).is_some(),
            Keyword::Object { named, patterns, others } => {
                named.of(&table.properties).is_some()
                    && patterns.of(&table.pattern_properties).is_some()
                    && others.is_none_or(is_schema)
            }
            Keyword::Items(schema) | Keyword::Not(schema) | Keyword::PropertyNames(schema) => {
                is_schema(schema)
            }
            Keyword::AllOf(parts) | Keyword::AnyOf(parts) | Keyword::OneOf(parts) => {
                parts.of(&table.parts).is_some()
            }
            Keyword::If { condition, then, otherwise } => {
                [condition, then, otherwise].into_iter().all(is_schema)
            }
            _ => true,
        };
        is_schema(table.root)
            && table.schemas.iter().all(|schema| {
                let is_sentence = |sentence: u32| (sentence as usize) < table.sentences.len();
                schema.keywords.of(&table.keywords).is_some() && schema.sentence.is_none_or(is_sentence)
            })
            && table.keywords.iter().all(is_keyword)
            && table.properties.iter().all(|property| is_name(property.name) && is_schema(property.schema))
            && table
                .pattern_properties
                .iter()
                .all(|(pattern, schema)| is_pattern(*pattern) && is_schema(*schema))
            && table.parts.iter().all(|part| is_schema(*part))
            && table.constants.iter().all(|constant| is_constant(*constant))
            && table.names.iter().all(|name| is_name(*name))
            && table.patterns.iter().all(|pattern| is_name(pattern.expression))
            && table.sentences.iter().all(|sentence| {
                let words = [Some(sentence.message), sentence.help, sentence.at, sentence.code];
                words.into_iter().flatten().all(is_name)
            })
    }

    /// Whether the properties of each schema ascend by name, each once.
    fn do_properties_ascend(&self) -> bool {
        let table = self.table;
        let mut compared = 0;
        // How many properties up to each do not ascend: slices overlap, and none is walked more than once.
        let mut descents = Vec::with_capacity(table.properties.len());
        let mut before: Option<&str> = None;
        for property in &table.properties {
            let name = table.name(property.name).unwrap_or_default();
            compared += before.map_or(0, |before| before.len().min(name.len()));
            if compared > MAX_COMPARED {
                return false;
            }
            let descends = before.is_some_and(|before| before >= name);
            descents.push(descents.last().copied().unwrap_or(0) + u32::from(descends));
            before = Some(name);
        }
        table.keywords.iter().all(|keyword| match keyword {
            Keyword::Properties(named) | Keyword::Object { named, .. } => {
                named.of(&descents).is_some_and(|descents| descents.first() == descents.last())
            }
            _ => true,
        })
    }

    /// Whether every walk over the schemas of one value ends.
    fn do_walks_end(&mut self) -> bool {
        let ids = 0..self.table.schemas.len();
        ids.into_iter().all(|at| u32::try_from(at).is_ok_and(|at| self.weigh(SchemaId(at), 0).is_some()))
    }

    /// What applies to a value with a schema, which is `depth` schemas below one that applies to the same value. None
    /// if that is out of bounds.
    fn weigh(&mut self, id: SchemaId, depth: usize) -> Option<Weight> {
        let known = match self.weights.get(id.0 as usize)? {
            State::Open => return None,
            State::Known(weight) => Some(*weight),
            State::New => None,
        };
        if depth + known.map_or(0, |weight| weight.height) > MAX_HEIGHT {
            return None;
        }
        if known.is_some() {
            return known;
        }
        self.weights[id.0 as usize] = State::Open;
        let table = self.table;
        let mut weight = Weight { rows: 1, height: 0 };
        for keyword in table.schema(id)?.keywords.of(&table.keywords)? {
            self.add(&mut weight, None);
            match *keyword {
                Keyword::AllOf(parts) | Keyword::AnyOf(parts) | Keyword::OneOf(parts) => {
                    for part in parts.of(&table.parts)? {
                        let below = self.weigh(*part, depth + 1)?;
                        self.add(&mut weight, Some(below));
                    }
                }
                Keyword::Not(schema) => {
                    let below = self.weigh(schema, depth + 1)?;
                    self.add(&mut weight, Some(below));
                }
                Keyword::If { condition, then, otherwise } => {
                    for schema in [condition, then, otherwise] {
                        let below = self.weigh(schema, depth + 1)?;
                        self.add(&mut weight, Some(below));
                    }
                }
                _ => {}
            }
            if weight.rows > MAX_WEIGHT || self.steps > MAX_STEPS {
                return None;
            }
        }
        self.weights[id.0 as usize] = State::Known(weight);
        Some(weight)
    }

    /// Counts one row more, and what applies below it.
    fn add(&mut self, weight: &mut Weight, below: Option<Weight>) {
        self.steps += 1;
        weight.rows = weight.rows.saturating_add(below.map_or(1, |below| below.rows));
        weight.height = weight.height.max(below.map_or(0, |below| below.height + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::super::compiled::{PrecompiledSchema, Schema};
    use super::super::table::{Schema as Row, Slice};
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::{self, Node, WantRef};

    /// Has every keyword of a table, and is recursive.
    const SCHEMA: &str = r##"{
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"tree": {"properties": {"child": {"$ref": "#/definitions/tree"}, "n": {"minimum": 1, "maximum": 9}}}},
        "required": ["a"], "minProperties": 1, "maxProperties": 20, "x-warning": "w", "x-help": "h", "x-at": "/a", "x-code": "V110",
        "properties": {
            "a": {"type": ["string", "null"], "pattern": "^a+$", "minLength": 1, "maxLength": 3, "x-message": "m", "writeOnly": true},
            "b": {"type": "array", "items": {"enum": ["x", 1, null, true]}, "uniqueItems": true, "minItems": 1, "maxItems": 4, "x-merge": {"by": "k"}},
            "c": {"allOf": [{"$ref": "#/definitions/tree"}, {"not": {"const": 5}}], "x-generate": {"bytes": 16, "as": "hex"}},
            "d": {"anyOf": [{"type": "string"}, {"exclusiveMinimum": 0, "exclusiveMaximum": 9}], "oneOf": [{"const": 1}, {"const": "é"}]},
            "e": {"if": {"required": ["x"]}, "then": {"required": ["y"]}, "else": false, "multipleOf": 2}
        },
        "patternProperties": {"^p": {"type": "integer"}},
        "additionalProperties": {"type": "boolean"}
    }"##;

    const VALUES: &str =
        "a: aa\nb: [x, 1]\nc: {child: {child: {n: 3}}}\nd: 1\ne: {x: 1, y: 2}\np1: 1\nother: true\n";

    fn compiled(schema: &str) -> (Session, Schema) {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "values.schema.json", schema);
        let schema = Schema::compile(&session, source).expect("a right schema");
        (session, schema)
    }

    /// Asks a sound table everything.
    fn ask(session: &Session, precompiled: &PrecompiledSchema, values: &Node) {
        let source = session.add_source(SourceKind::File, "values.schema.json", SCHEMA);
        let schema = Schema::from_precompiled(source, precompiled);
        let _ = super::super::accepted(session, &schema, values);
        ask_wants(schema.wants().root(), 6);
    }

    fn ask_wants(want: WantRef<'_>, depth: usize) {
        let _ = (want.required().count(), want.merge(), want.names("a"), want.property("child").is_some());
        if depth > 0 {
            let below = want.properties().map(|(_, below)| below).chain(want.additional()).chain(want.item());
            below.for_each(|below| ask_wants(below, depth - 1));
        }
    }

    #[test]
    fn what_was_made_here_is_sound_and_is_read_back() {
        let (session, schema) = compiled(SCHEMA);
        let text = serde_json::to_string(&schema.precompiled()).expect("JSON");
        let precompiled: PrecompiledSchema = serde_json::from_str(&text).expect("what was written");
        assert!(precompiled.is_sound());
        assert_eq!(serde_json::to_string(&precompiled).expect("JSON"), text);
        let source = session.add_source(SourceKind::File, "values.yaml", VALUES);
        let values = yaml::parse_one(&session, source).expect("YAML").expect("values");
        let read_back = Schema::from_precompiled(schema.source, &precompiled);
        for schema in [&schema, &read_back] {
            assert_eq!(super::super::findings(&session, schema, &values), []);
            assert_eq!(
                super::super::accepted(&session, schema, &values).map(|found| found.len()),
                None,
                "`multipleOf`"
            );
        }
        for wrong in ["a: b\n", "b: [1, 1]\n", "p1: x\n", "e: {x: 1}\n"] {
            let source = session.add_source(SourceKind::File, "values.yaml", wrong);
            let values = yaml::parse_one(&session, source).expect("YAML").expect("values");
            let found = super::super::findings(&session, &schema, &values);
            assert!(!found.is_empty());
            assert_eq!(super::super::findings(&session, &read_back, &values), found);
        }
        ask(&session, &precompiled, &values);
    }

    /// Every number of the written form is changed, and every byte of its strings.
    #[test]
    fn what_is_damaged_is_refused_or_can_be_asked() {
        let (session, schema) = compiled(SCHEMA);
        let text = serde_json::to_string(&schema.precompiled()).expect("JSON");
        let source = session.add_source(SourceKind::File, "values.yaml", VALUES);
        let values = yaml::parse_one(&session, source).expect("YAML").expect("values");
        let (mut sound, mut unsound, mut unreadable) = (0, 0, 0);
        let mut try_text = |damaged: &str| match serde_json::from_str::<PrecompiledSchema>(damaged) {
            Ok(precompiled) if precompiled.is_sound() => {
                sound += 1;
                ask(&session, &precompiled, &values);
            }
            Ok(_) => unsound += 1,
            Err(_) => unreadable += 1,
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            for other in ["0", "1", "2", "3", "17", "40", "4294967295"] {
                if digits > 0 {
                    try_text(&format!("{}{other}{}", &text[..at], &text[at + digits..]));
                }
            }
            if digits == 0 && text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                try_text(&format!("{}é{}", &text[..at], &text[at + 1..]));
            }
            at += digits.max(1);
        }
        assert!(sound > 500 && unsound > 500 && unreadable > 500, "{sound} {unsound} {unreadable}");
    }

    /// Of properties in another order some would not be found, and what the schema says of them would not hold.
    #[test]
    fn properties_that_do_not_ascend_are_refused() {
        let (_, schema) = compiled(SCHEMA);
        let text = serde_json::to_value(schema.precompiled()).expect("JSON")["table"].to_string();
        let table = || serde_json::from_str::<Table>(&text).expect("what was written");
        assert!(is_sound(&table()));
        let slices = table().keywords.into_iter().filter_map(|keyword| match keyword {
            Keyword::Properties(named) | Keyword::Object { named, .. } => {
                Some(named.start as usize..named.end as usize)
            }
            _ => None,
        });
        let mut swapped = 0;
        for at in slices.flat_map(|slice| slice.clone().zip(slice.skip(1))) {
            let mut other = table();
            other.properties.swap(at.0, at.1);
            assert!(!is_sound(&other), "{at:?}");
            let mut twice = table();
            twice.properties[at.1] = twice.properties[at.0];
            assert!(!is_sound(&twice), "{at:?}");
            swapped += 1;
        }
        assert_eq!(swapped, 5, "of `a` to `e`, and of `child` and `n`");
    }

    /// A table of schemas each of which applies those with the given ids to the same value.
    fn applying(parts: &[&[u32]]) -> Table {
        let mut table = Table::default();
        for ids in parts {
            let start = u32::try_from(table.parts.len()).expect("a few");
            table.parts.extend(ids.iter().map(|id| SchemaId(*id)));
            let end = u32::try_from(table.parts.len()).expect("a few");
            let at = u32::try_from(table.keywords.len()).expect("a few");
            table.keywords.push(Keyword::AllOf(Slice { start, end }));
            table.schemas.push(Row { keywords: Slice { start: at, end: at + 1 }, sentence: None });
        }
        table
    }

    #[test]
    fn walks_without_end_are_refused() {
        let chain = |length: u32, times: usize| -> Table {
            let parts: Vec<Vec<u32>> =
                (0..length).map(|at| vec![at + 1; times]).chain([Vec::new()]).collect();
            applying(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        let backwards = |length: u32| -> Table {
            let parts: Vec<Vec<u32>> =
                std::iter::once(Vec::new()).chain((0..length).map(|at| vec![at])).collect();
            applying(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        for (table, sound) in [
            (applying(&[&[1, 1], &[]]), true),
            (applying(&[&[0]]), false),
            (applying(&[&[1], &[2], &[0]]), false),
            (applying(&[&[1]]), false),
            (applying(&[]), false),
            (chain(200, 1), true),
            (chain(100_000, 1), false),
            (backwards(200), true),
            (backwards(100_000), false),
            (chain(10, 2), true),
            (chain(40, 2), false),
        ] {
            assert_eq!(is_sound(&table), sound, "{} schemas", table.schemas.len());
        }
    }
}
