//! The fast path through a schema: an evaluation over its table that finds values right, or says nothing.
//!
//! Two layers: [`Table::holds`] is a plain evaluation, yes or no, exactly as jsonschema's; [`Acceptance`] walks the
//! same keywords and goes on where only a warning of the author (`x-warning`) is due, which it notes down with its
//! path.
//!
//! ```text
//! right values                      Some([])            nothing to report, and jsonschema was not compiled
//! right, with a warning             Some([warning])     reported as it is
//! something is wrong, or not known  None                jsonschema says what
//! ```
//!
//! jsonschema stays the judge of everything that is wrong, and of keywords that the table does not know. So this
//! knows no messages. `tests/values/fast_path.rs` and `keywords.rs` beside it hold both paths against each other.
//!
//! The invariant is one-sided. To accept values that jsonschema refuses would be an error that nobody sees, so each
//! keyword here must ask for as much. To say nothing of right values costs time and nothing else.
//!
//! Both layers are recursive, and their depth is the product of two: how deep the values are, and how many schemas
//! apply to each of them inside each other. Each factor has a limit of its own, which is too much for a stack where both
//! are reached; so there is one for the product ([`MAX_DEPTH`]).

use super::extension_keywords::AuthorMessage;
use super::json_adapter::{are_unique, number};
use super::table::{
    ARRAY, BOOLEAN, Constant, INTEGER, Keyword, NULL, NUMBER, Name, OBJECT, Property, STRING, SchemaId,
    Sentence, Slice, Table,
};
use crate::diagnostic::Level;
use crate::source::Span;
use crate::yaml::{Kind, Map, Node, Scalar, Segment, Value, ValuePath};

/// Schemas inside each other, those of all values on the way from the root together. What is deeper is left to
/// jsonschema.
const MAX_DEPTH: u32 = 512;

/// A warning of the author's, and the value that it is about.
pub(super) type AuthorWarning<'t> = (AuthorMessage<'t>, ValuePath);

impl Table {
    /// The author's warnings about values that are right otherwise. None when something is wrong, or when jsonschema
    /// has to say whether it is.
    pub(super) fn accept(&self, values: &Node) -> Option<Vec<AuthorWarning<'_>>> {
        let mut acceptance = Acceptance { table: self, warnings: Vec::new() };
        let root = PathStack {
            parent: None,
            step: PathStep::Root,
            depth: 0,
            schemas_left: MAX_DEPTH,
            sentence: None,
        };
        acceptance.accept(self.root, values, &root)?;
        Some(acceptance.warnings)
    }
}

/// How the walk came to a value: a list from the value up to the root. It lies on the stack of the recursion, so
/// nothing is allocated for a path unless a warning needs it.
#[derive(Clone, Copy)]
struct PathStack<'w> {
    parent: Option<&'w PathStack<'w>>,
    step: PathStep<'w>,
    /// How many steps the value is below the root.
    depth: usize,
    /// How many more schemas there may be inside each other.
    schemas_left: u32,
    /// The innermost sentence that applies, and the depth of the value that it is about.
    sentence: Option<(&'w Sentence, usize)>,
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
        PathStack { parent: Some(self), step, depth: self.depth + 1, ..*self }
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

/// The walk that accepts values. Its methods give `None` as soon as something is wrong, or not known.
struct Acceptance<'t> {
    table: &'t Table,
    warnings: Vec<AuthorWarning<'t>>,
}

impl<'t> Acceptance<'t> {
    /// Holds one schema against a value, which `path` leads to.
    fn accept(&mut self, id: SchemaId, node: &Node, path: &PathStack<'_>) -> Option<()> {
        let table = self.table;
        let schema = table.schema(id)?;
        // A copy for the sentence, which holds for this schema and not for its neighbours.
        let mut path = *path;
        path.schemas_left = path.schemas_left.checked_sub(1)?;
        if let Some(sentence) = schema.sentence {
            path.sentence = Some((table.sentences.get(sentence as usize)?, path.depth));
        }
        // No keyword is left out for a sentence that was given already: jsonschema goes on
        // too, and reports each violation.
        for keyword in schema.keywords.of(&table.keywords)? {
            self.keyword(keyword, node, &path)?;
        }
        Some(())
    }

    /// Goes into the subschemas of a keyword, as a warning may be due in one of them. `anyOf`, `oneOf` and `not` are
    /// not gone into: what fails in them does not make the values wrong, so they are evaluated as a whole.
    fn keyword(&mut self, keyword: &Keyword, node: &Node, path: &PathStack<'_>) -> Option<()> {
        let table = self.table;
        match (*keyword, &node.value) {
            (Keyword::AllOf(parts), _) => {
                for part in parts.of(&table.parts)? {
                    self.accept(*part, node, path)?;
                }
                Some(())
            }
            (Keyword::If { condition, then, otherwise }, _) => {
                let branch = if table.holds(condition, node, path.schemas_left)? { then } else { otherwise };
                self.accept(branch, node, path)
            }
            (Keyword::Items(schema), Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.accept(schema, item, &path.child(PathStep::Index(index)))?;
                }
                Some(())
            }
            (Keyword::Properties(named), Value::Map(map)) => {
                let accept = |key: &str, schema, node: &Node| {
                    self.accept(schema, node, &path.child(PathStep::Key(key))).map(|()| true)
                };
                table.all_properties(named, map, accept).map(|_| ())
            }
            (Keyword::Object { named, patterns, others }, Value::Map(map)) => {
                // All keys are looked at before unknown ones fail: where these are but a warning, another warning may
                // be due further down.
                let mut has_unknown_keys = false;
                let warned = self.warnings.len();
                for (key, entry) in map {
                    let is_known = table.each_schema_of(named, patterns, others, key, |schema| {
                        self.accept(schema, &entry.node, &path.child(PathStep::Key(key))).map(|()| true)
                    })?;
                    has_unknown_keys |= !is_known;
                }
                // In which order jsonschema asks both keywords is its own affair.
                if patterns.start < patterns.end && self.warnings.len() > warned {
                    return None;
                }
                if has_unknown_keys { self.fail(path) } else { Some(()) }
            }
            _ if table.asserts(keyword, node, path.schemas_left)? => Some(()),
            _ => self.fail(path),
        }
    }

    /// Something does not hold. When the author calls that a warning, it is noted down and the values are right so far.
    fn fail(&mut self, path: &PathStack<'_>) -> Option<()> {
        let (sentence, depth) = path.sentence.filter(|(sentence, _)| sentence.warning)?;
        // Looked up again for its lifetime: the path's is that of the walk.
        self.warnings.push((self.table.author_message(sentence)?, path.path_to(depth)));
        Some(())
    }
}

// Evaluation. It must say exactly what jsonschema says, to the last quirk: lengths count characters, `1.0` is an
// integer, and a keyword holds of every value that it does not speak of.
impl Table {
    /// Whether all of a schema holds of a value. `schemas_left` is how many there may be inside each other, this one
    /// included.
    fn holds(&self, id: SchemaId, node: &Node, schemas_left: u32) -> Option<bool> {
        let schemas_left = schemas_left.checked_sub(1)?;
        for keyword in self.schema(id)?.keywords.of(&self.keywords)? {
            if !self.asserts(keyword, node, schemas_left)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether one keyword does.
    fn asserts(&self, keyword: &Keyword, node: &Node, schemas_left: u32) -> Option<bool> {
        let holds = |schema, node: &Node| self.holds(schema, node, schemas_left);
        match *keyword {
            Keyword::Unknown => None,
            Keyword::Never => Some(false),
            Keyword::Types(types) => Some(types & types_of(node) != 0),
            Keyword::Const(constant) => self.equal(constant, node),
            Keyword::Enum(values) => {
                all_or_any(values.of(&self.constants)?, true, |constant| self.equal(*constant, node))
            }
            Keyword::AllOf(parts) => all_or_any(parts.of(&self.parts)?, false, |part| holds(*part, node)),
            Keyword::AnyOf(parts) => all_or_any(parts.of(&self.parts)?, true, |part| holds(*part, node)),
            Keyword::OneOf(parts) => {
                let mut held = 0;
                for part in parts.of(&self.parts)? {
                    held += usize::from(holds(*part, node)?);
                }
                Some(held == 1)
            }
            Keyword::Not(schema) => Some(!holds(schema, node)?),
            Keyword::If { condition, then, otherwise } => {
                let branch = if holds(condition, node)? { then } else { otherwise };
                holds(branch, node)
            }
            _ => match &node.value {
                Value::Scalar(scalar) if scalar.kind == Kind::Str => self.of_text(keyword, &scalar.text),
                Value::Scalar(scalar) => Some(of_number(keyword, scalar)),
                Value::List(items) => self.of_list(keyword, items, schemas_left),
                Value::Map(map) => self.of_map(keyword, map, schemas_left),
            },
        }
    }

    fn of_text(&self, keyword: &Keyword, text: &str) -> Option<bool> {
        match *keyword {
            Keyword::MinLength(least) => Some(text.chars().count() >= least as usize),
            // No text has more characters than bytes.
            Keyword::MaxLength(most) => {
                Some(text.len() <= most as usize || text.chars().count() <= most as usize)
            }
            Keyword::Pattern(pattern) => self.finds(pattern, text),
            _ => Some(true),
        }
    }

    fn of_list(&self, keyword: &Keyword, items: &[Node], schemas_left: u32) -> Option<bool> {
        match *keyword {
            Keyword::MinItems(least) => Some(items.len() >= least as usize),
            Keyword::MaxItems(most) => Some(items.len() <= most as usize),
            Keyword::Unique => Some(are_unique(items)),
            Keyword::Items(schema) => all_or_any(items, false, |item| self.holds(schema, item, schemas_left)),
            _ => Some(true),
        }
    }

    fn of_map(&self, keyword: &Keyword, map: &Map, schemas_left: u32) -> Option<bool> {
        match *keyword {
            Keyword::MinProperties(least) => Some(map.len() >= least as usize),
            Keyword::MaxProperties(most) => Some(map.len() <= most as usize),
            Keyword::Required(names) => {
                all_or_any(names.of(&self.names)?, false, |name| Some(map.contains_key(self.name(*name)?)))
            }
            Keyword::Properties(named) => {
                self.all_properties(named, map, |_, schema, node| self.holds(schema, node, schemas_left))
            }
            Keyword::PropertyNames(schema) => all_or_any(map, false, |(key, _)| {
                self.holds(schema, &Node::string(key.clone(), Span::NOWHERE), schemas_left)
            }),
            Keyword::Object { named, patterns, others } => {
                for (key, entry) in map {
                    let mut holds = true;
                    let is_known = self.each_schema_of(named, patterns, others, key, |schema| {
                        holds = self.holds(schema, &entry.node, schemas_left)?;
                        Some(holds)
                    })?;
                    if !(is_known && holds) {
                        return Some(false);
                    }
                }
                Some(true)
            }
            _ => Some(true),
        }
    }

    /// Equality as JSON Schema has it: `1.0` equals `1`.
    fn equal(&self, constant: Constant, node: &Node) -> Option<bool> {
        Some(match (constant, node.as_scalar()) {
            (Constant::Null, _) => node.is_null(),
            (Constant::Boolean(expected), _) => node.as_bool() == Some(expected),
            (Constant::Text(expected), _) => node.as_str() == Some(self.name(expected)?),
            (Constant::Integer(expected), Some(scalar)) => decoded(scalar)
                .is_some_and(|number| number.is_at_least(expected) && number.is_at_most(expected)),
            (Constant::Integer(_), None) => false,
        })
    }

    /// Whether something holds of each named property that a map has.
    ///
    /// Looked for from the smaller side: values name few of a chart's settings, and a small schema is found in a
    /// large map by hashing.
    fn all_properties<'n>(
        &'n self,
        named: Slice,
        map: &'n Map,
        mut holds: impl FnMut(&'n str, SchemaId, &'n Node) -> Option<bool>,
    ) -> Option<bool> {
        let properties = named.of(&self.properties)?;
        if map.len() <= properties.len() {
            return all_or_any(map, false, |(key, entry)| match self.property(properties, key)? {
                Some(schema) => holds(key, schema, &entry.node),
                None => Some(true),
            });
        }
        all_or_any(properties, false, |Property { name, schema }| {
            let name = self.name(*name)?;
            match map.get(name) {
                Some(entry) => holds(name, *schema, &entry.node),
                None => Some(true),
            }
        })
    }

    /// Calls `look` with each schema that applies to the value under a key, until it gives false. Gives whether there
    /// is any: a key to which none applies is refused.
    fn each_schema_of(
        &self,
        named: Slice,
        patterns: Slice,
        others: Option<SchemaId>,
        key: &str,
        mut look: impl FnMut(SchemaId) -> Option<bool>,
    ) -> Option<bool> {
        let mut is_known = false;
        if let Some(schema) = self.property(named.of(&self.properties)?, key)? {
            is_known = true;
            if !look(schema)? {
                return Some(true);
            }
        }
        for (pattern, schema) in patterns.of(&self.pattern_properties)? {
            if self.finds(*pattern, key)? {
                is_known = true;
                if !look(*schema)? {
                    return Some(true);
                }
            }
        }
        if let (false, Some(schema)) = (is_known, others) {
            look(schema)?;
            return Some(true);
        }
        Some(is_known)
    }

    /// What must hold of a property, if it is one of these.
    fn property(&self, named: &[Property], key: &str) -> Option<Option<SchemaId>> {
        let order = |property: &Property| self.name(property.name).unwrap_or_default().cmp(key);
        Some(named.binary_search_by(order).ok().map(|at| named[at].schema))
    }

    /// What the author says.
    fn author_message(&self, sentence: &Sentence) -> Option<AuthorMessage<'_>> {
        let name = |name: Option<Name>| name.and_then(|name| self.name(name));
        Some(AuthorMessage {
            level: if sentence.warning { Level::Warning } else { Level::Error },
            message: self.name(sentence.message)?,
            help: name(sentence.help),
            at: name(sentence.at),
            code: name(sentence.code),
        })
    }
}

/// Whether something holds of any item (`wanted` is true) or of all (it is false): the first item of which it is
/// `wanted` decides.
fn all_or_any<T>(
    items: impl IntoIterator<Item = T>,
    wanted: bool,
    mut holds: impl FnMut(T) -> Option<bool>,
) -> Option<bool> {
    for item in items {
        if holds(item)? == wanted {
            return Some(wanted);
        }
    }
    Some(!wanted)
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
        Keyword::Above(limit) => decoded(scalar).is_none_or(|number| !number.is_at_most(limit)),
        Keyword::Below(limit) => decoded(scalar).is_none_or(|number| !number.is_at_least(limit)),
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

// Limits of the table are 32 bits wide, so none is rounded where it becomes a double.
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
