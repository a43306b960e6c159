//! The bounds of a schema: references that leave the file, recursion without end and growth beyond limits are refused.
//!
//! Everything behind this file walks schemas by plain recursion and follows every `$ref`. It may, as two things hold
//! of a schema that has passed:
//!
//! * Not more than [`Limit::SchemaBranches`] schemas apply to one value, each counted as often as a walk would meet it. So no walk over
//!   the schemas of one value takes for ever.
//! * These are not nested deeper than [`Limit::SchemaHeight`], references followed. So no such walk overflows its
//!   stack, not even that of jsonschema, which goes that deep at each level of the values.
//!
//! And all patterns together take no more than [`Limit::Patterns`] when they are compiled.
//!
//! Recursion through a property or an item is fine: it ends where the values end. Recursion at one value does not:
//!
//! ```text
//! { "properties": { "child": { "$ref": "#" } } }         passes
//! { "allOf": [{ "$ref": "#" }] }                         refused: this schema is a part of itself
//! a: allOf [b, b]   b: allOf [c, c]   c: allOf [d, d] …   refused from 14 on: 2^14 schemas apply to one value
//! ```

use std::collections::HashSet;
use std::rc::Rc;

use super::address::{ByAddress, References};
use super::pattern::compiled_size;
use super::subschemas::{Reach, subschemas};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::secrets;
use crate::session::{Outcome, Reported, Session};
use crate::yaml::Node;

// Constants, and not the limits of the session: these two cannot be raised, as the stack cannot.

/// Schemas inside each other, references followed.
const MAX_DEPTH: usize = Limit::SchemaDepth.standard() as usize;
/// The same for those of one value.
const MAX_HEIGHT: usize = Limit::SchemaHeight.standard() as usize;
/// Bytes of all compiled patterns.
const MAX_PATTERNS: u64 = Limit::Patterns.standard();
/// Subschemas that may apply to one value, references and branches multiplied out.
const MAX_WEIGHT: u64 = Limit::SchemaBranches.standard();

/// Looks at every schema in a schema, before anything is compiled or inferred: what comes after counts on references
/// that lead somewhere in this file and on recursion that ends.
///
/// # Errors
/// C004 for the first schema that is out of bounds, and for each wrong recipe of `x-generate`.
pub(super) fn check_bounds(session: &Session, references: &References<'_>) -> Outcome<()> {
    let before = session.errors();
    let mut check = BoundsCheck {
        session,
        references,
        rows: Vec::new(),
        by_address: ByAddress::default(),
        patterns: HashSet::new(),
        left_for_patterns: MAX_PATTERNS,
    };
    let root = check.row(references.root());
    check.visit(root, 0)?;
    session.clean_since(before)
}

/// The walk over all schemas of a file. Its methods give an error for what would make the walk itself unsafe to go on
/// with, so there is one finding of that kind at most.
struct BoundsCheck<'s, 'n> {
    session: &'s Session,
    references: &'s References<'n>,
    /// The schemas that were met, by number.
    rows: Vec<Row<'n>>,
    /// Their numbers.
    by_address: ByAddress<usize>,
    /// The patterns that were met.
    patterns: HashSet<&'n str>,
    /// Bytes that further ones may take.
    left_for_patterns: u64,
}

/// A schema that was met.
struct Row<'n> {
    schema: &'n Node,
    /// The schemas inside of it. Shared, as the walk goes on while they are looked through.
    inner: Rc<[(Reach, usize)]>,
    /// Where its `$ref` leads.
    target: Option<usize>,
    seen: bool,
    weight: State,
}

/// What is known of a schema's weight.
#[derive(Clone, Copy)]
enum State {
    /// Nothing; what is inside of it was not looked up either.
    New,
    /// It is being weighed: to meet it then is a circle.
    Open,
    Known(Weight),
}

/// What applies to one value with a schema.
#[derive(Clone, Copy)]
struct Weight {
    /// How many schemas, itself included. Each counts as often as it is met: this is the number of steps of a walk
    /// without memory, such as that of `constraints.rs`.
    schemas: u64,
    /// How many schemas the longest way down from it passes.
    height: usize,
}

impl<'n> BoundsCheck<'_, 'n> {
    /// The number of a schema.
    fn row(&mut self, schema: &'n Node) -> usize {
        *self.by_address.entry(schema).or_insert_with(|| {
            let row = Row { schema, inner: Rc::default(), target: None, seen: false, weight: State::New };
            self.rows.push(row);
            self.rows.len() - 1
        })
    }

    /// Looks up what is inside of a schema, and what it refers to.
    fn open(&mut self, at: usize) {
        let schema = self.rows[at].schema;
        let inner = subschemas(schema).into_iter().map(|(reach, inner)| (reach, self.row(inner))).collect();
        let target = self.references.target(schema).map(|target| self.row(target));
        let row = &mut self.rows[at];
        (row.inner, row.target) = (inner, target);
    }

    /// Checks a schema, then those in it and the one that it refers to.
    fn visit(&mut self, at: usize, depth: usize) -> Outcome<()> {
        // A schema that was met on a shorter way is not visited again on a longer one. That loses nothing: the limit
        // is far from what a stack can hold.
        if std::mem::replace(&mut self.rows[at].seen, true) {
            return Ok(());
        }
        let schema = self.rows[at].schema;
        if depth > MAX_DEPTH {
            return Err(self.too_much(schema, "schemas are nested too deep, references followed"));
        }
        // Few schemas have one of these, and each is looked up by itself.
        let has =
            |first: char| schema.as_map().is_some_and(|map| map.keys().any(|key| key.starts_with(first)));
        if has('$') {
            self.check_references(schema)?;
        }
        if has('x') {
            self.check_recipe(schema);
        }
        self.check_patterns(schema)?;
        self.weigh(at, 0)?;
        let inner = Rc::clone(&self.rows[at].inner);
        for (_, inner) in inner.iter() {
            self.visit(*inner, depth + 1)?;
        }
        match self.rows[at].target {
            Some(target) => self.visit(target, depth + 1),
            None => Ok(()),
        }
    }

    /// Refuses references that leave the file, and those that lead nowhere.
    ///
    /// Nothing is ever fetched, neither from the network nor from another file: a chart must render the same
    /// everywhere.
    fn check_references(&self, schema: &'n Node) -> Outcome<()> {
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(node) = schema.get(keyword) else { continue };
            // What is no string is no reference into this file either.
            let reference = node.as_str().unwrap_or_default();
            // `#name` is an anchor: local too, but it would have to be looked up by walking the whole file.
            let is_pointer = reference == "#" || reference.starts_with("#/");
            // Where the other two lead depends on the schemas that are passed on the way to them.
            if !is_pointer || keyword != "$ref" {
                return Err(self.foreign(node, keyword, reference));
            }
            if self.references.target(schema).is_none() {
                let message = format!("the `$ref` `{reference}` leads nowhere");
                let finding = Diagnostic::error(Code::C004, message).at(node.span, "this reference");
                let help = "write it as `#/definitions/NAME` or `#/$defs/NAME`, and define that";
                return Err(self.session.report(finding.help(help)));
            }
        }
        // The root may have an `$id`: it is a name there, and changes nothing.
        match schema.get("$id") {
            Some(id) if !std::ptr::eq(schema, self.references.root()) => {
                let finding =
                    Diagnostic::error(Code::C004, "an `$id` inside a schema changes what `#/…` means");
                Err(self.session.report(finding.at(id.span, "this one").help("remove it")))
            }
            _ => Ok(()),
        }
    }

    /// What `x-generate` says is read where values are masked and secrets made, long after anybody could be told of it.
    fn check_recipe(&self, schema: &Node) {
        let Some(Err(wrong)) = schema.get("x-generate").map(secrets::read_recipe) else { return };
        let finding = Diagnostic::error(Code::C004, wrong.message).at(wrong.span, "this recipe");
        self.session.report(finding.help(wrong.help));
    }

    /// Counts the patterns of a schema. Each is bounded by itself; hundreds of them would take gigabytes together.
    fn check_patterns(&mut self, schema: &'n Node) -> Outcome<()> {
        let pattern = schema.get("pattern").and_then(|node| Some((node.as_str()?, node.span)));
        let of_keys = schema.get("patternProperties").and_then(Node::as_map);
        let keys = of_keys.into_iter().flatten().map(|(key, entry)| (&**key, entry.key_span));
        for (pattern, span) in pattern.into_iter().chain(keys) {
            if !self.patterns.insert(pattern) {
                continue;
            }
            match self.left_for_patterns.checked_sub(compiled_size(pattern, self.left_for_patterns)) {
                Some(left) => self.left_for_patterns = left,
                None => {
                    let most = Limit::Patterns.row().said(MAX_PATTERNS);
                    let message = format!("all patterns of this schema together take more than {most}");
                    let finding = Diagnostic::error(Code::C004, message).at(span, "with this one");
                    return Err(self
                        .session
                        .report(finding.help("write shorter patterns, or fewer repetitions")));
                }
            }
        }
        Ok(())
    }

    fn foreign(&self, node: &Node, keyword: &str, reference: &str) -> Reported {
        let message = format!("the `{keyword}` `{reference}` does not point into this file");
        let finding = Diagnostic::error(Code::C004, message).at(node.span, "this reference");
        let help = "copy the definition into the schema and write `\"$ref\": \"#/definitions/NAME\"`; nothing is ever fetched";
        self.session.report(finding.help(help))
    }

    /// What applies to a value with this schema, which is `depth` schemas below one that applies to the same value.
    /// Each schema is weighed once.
    fn weigh(&mut self, at: usize, depth: usize) -> Outcome<Weight> {
        let schema = self.rows[at].schema;
        let known = match self.rows[at].weight {
            State::Open => return Err(self.too_much(schema, "this schema is a part of itself")),
            State::Known(weight) => Some(weight),
            State::New => None,
        };
        // The height of what was weighed before counts too. Otherwise a long chain of references would pass if its
        // parts were met one by one, the last part first, and the next walk to meet it as a whole would overflow its
        // stack.
        if depth + known.map_or(0, |weight| weight.height) > MAX_HEIGHT {
            return Err(self.too_much(schema, "references follow each other too long"));
        }
        if let Some(weight) = known {
            return Ok(weight);
        }
        self.open(at);
        self.rows[at].weight = State::Open;
        let mut weight = Weight { schemas: 1, height: 0 };
        let (inner, target) = (Rc::clone(&self.rows[at].inner), self.rows[at].target);
        let inner = inner.iter().filter(|(reach, _)| *reach == Reach::Same).map(|(_, inner)| *inner);
        for applied in inner.chain(target) {
            let below = self.weigh(applied, depth + 1)?;
            weight.schemas = weight.schemas.saturating_add(below.schemas);
            weight.height = weight.height.max(below.height + 1);
        }
        if weight.schemas > MAX_WEIGHT {
            return Err(self.too_much(schema, "too many schemas apply to one value"));
        }
        self.rows[at].weight = State::Known(weight);
        Ok(weight)
    }

    fn too_much(&self, schema: &Node, message: &str) -> Reported {
        // Only where it begins: the lines of a large schema would fill the screen.
        let mut span = schema.span;
        span.end = span.end.min(span.start.saturating_add(1));
        let finding = Diagnostic::error(Code::C004, message).at(span, "this schema");
        self.session
            .report(finding.help("simplify the schema: every chart's real one is far below this limit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceKind;
    use crate::yaml;

    fn passes(schema: &str) -> bool {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "values.schema.json", schema);
        let root = yaml::parse_one(&session, source).expect("YAML").expect("a schema");
        check_bounds(&session, &References::new(&root)).is_ok()
    }

    /// A chain of references `a0` → `a1` → …, and properties that lead to every tenth link of it, the last one first.
    fn chain(length: usize) -> String {
        let links: Vec<String> =
            (0..length).map(|at| format!(r##""a{at}": {{"$ref": "#/definitions/a{}"}}"##, at + 1)).collect();
        let entries: Vec<String> = (0..length)
            .rev()
            .step_by(10)
            .map(|at| format!(r##""p{at}": {{"$ref": "#/definitions/a{at}"}}"##))
            .collect();
        let (links, entries) = (links.join(","), entries.join(","));
        format!(r#"{{"properties": {{{entries}}}, "definitions": {{{links}, "a{length}": {{}}}}}}"#)
    }

    #[test]
    fn a_chain_of_references_is_as_long_wherever_it_is_entered() {
        assert!(passes(&chain(60)));
        assert!(!passes(&chain(70)));
    }

    #[test]
    fn patterns_are_counted_together() {
        let schema = |count: usize, pattern: &dyn Fn(usize) -> String| {
            let properties: Vec<String> =
                (0..count).map(|at| format!(r#""p{at}": {{"pattern": "{}"}}"#, pattern(at))).collect();
            format!(r#"{{"properties": {{{}}}}}"#, properties.join(","))
        };
        let common = |at: usize| format!("^([a-z]{{1,100}}){{1,50}}{at}$");
        assert!(passes(&schema(10, &common)));
        assert!(!passes(&schema(599, &common)));
        // The same one is compiled once.
        assert!(passes(&schema(599, &|_| common(0))));
        let other = |at: usize| format!("^\\\\p{{L}}{{1,100}}{at}$");
        assert!(passes(&schema(5, &other)));
        assert!(!passes(&schema(599, &other)));
    }

    #[test]
    fn recursion_at_one_value_is_refused_and_through_a_property_is_not() {
        assert!(passes(r##"{"properties": {"child": {"$ref": "#"}}}"##));
        assert!(!passes(r##"{"allOf": [{"$ref": "#"}]}"##));
    }
}
