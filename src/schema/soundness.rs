//! The soundness of a table that was read from a file: no walk through it leaves an array, goes on for ever or overflows its stack.
//!
//! A file may be damaged, or written by somebody else. What it says of values is its own affair; that it can be asked is looked at here. The
//! bounds are those of schemas (`bounds.rs`), for the same reason: schemas that apply to one value are walked by recursion, and each as
//! often as it applies. They are wider by the rows that a table has more than its schema.

use super::table::{Constant, Keyword, Name, SchemaId, Table};
use crate::limits::Limit;

/// Schemas inside each other at one value.
const MAX_HEIGHT: usize = 2 * Limit::SchemaDepth.standard() as usize;
/// Schemas that apply to one value, with their keywords.
const MAX_WEIGHT: u64 = 64 * Limit::SchemaBranches.standard();
/// Rows that are looked at here; of a table that was made of a schema there are as many as the table has, and few more.
const MAX_STEPS: u64 = 20_000_000;

/// Whether a table can be asked.
pub(super) fn is_sound(table: &Table) -> bool {
    let mut check = SoundnessCheck { table, weights: vec![State::New; table.schemas.len()], steps: 0 };
    check.are_rows_sound() && check.do_walks_end()
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
            Keyword::Items(schema) | Keyword::Not(schema) => is_schema(schema),
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

    /// Whether every walk over the schemas of one value ends.
    fn do_walks_end(&mut self) -> bool {
        let ids = 0..self.table.schemas.len();
        ids.into_iter().all(|at| u32::try_from(at).is_ok_and(|at| self.weigh(SchemaId(at), 0).is_some()))
    }

    /// What applies to a value with a schema, which is `depth` schemas below one that applies to the same value. None if that is out of
    /// bounds.
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
