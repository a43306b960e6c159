//! The bounds of a schema: references that leave the file, recursion without end and growth beyond limits are refused.

use std::collections::{HashMap, HashSet};

use super::subschemas::{Reach, subschemas, target};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::secrets;
use crate::session::{Outcome, Reported, Session};
use crate::yaml::Node;

/// Schemas inside each other, references followed.
const MAX_DEPTH: usize = Limit::SchemaDepth.standard() as usize;
/// Subschemas that may apply to one value, references and branches multiplied out.
const MAX_WEIGHT: u64 = Limit::SchemaBranches.standard();

/// Looks at every schema in a schema, before anything is compiled or inferred: what comes after counts on references that lead
/// somewhere in this file and on recursion that ends.
///
/// # Errors
/// C004 for the first schema that is out of bounds, and for each wrong recipe of `x-generate`.
pub(super) fn check_bounds(session: &Session, root: &Node) -> Outcome<()> {
    let before = session.errors();
    let mut check = BoundsCheck { session, root, seen: HashSet::new(), weights: HashMap::new() };
    check.visit(root, 0)?;
    session.clean_since(before)
}

struct BoundsCheck<'s, 'n> {
    session: &'s Session,
    root: &'n Node,
    /// By address: the tree does not move while it is looked at.
    seen: HashSet<*const Node>,
    /// None while a schema is being weighed.
    weights: HashMap<*const Node, Option<u64>>,
}

impl<'n> BoundsCheck<'_, 'n> {
    fn visit(&mut self, schema: &'n Node, depth: usize) -> Outcome<()> {
        if !self.seen.insert(schema) {
            return Ok(());
        }
        if depth > MAX_DEPTH {
            return Err(self.too_much(schema, "schemas are nested too deep, references followed"));
        }
        self.check_references(schema)?;
        self.check_recipe(schema);
        self.weigh(schema, 0)?;
        for (_, inner) in subschemas(schema) {
            self.visit(inner, depth + 1)?;
        }
        target(self.root, schema).map_or(Ok(()), |target| self.visit(target, depth + 1))
    }

    /// Nothing is ever fetched, neither from the network nor from another file: a chart must render the same everywhere.
    fn check_references(&self, schema: &Node) -> Outcome<()> {
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(node) = schema.get(keyword) else { continue };
            let reference = node.as_str().unwrap_or_default();
            let local = reference == "#" || reference.starts_with("#/");
            if !local || keyword != "$ref" {
                return Err(self.foreign(node, keyword, reference));
            }
            if target(self.root, schema).is_none() {
                let message = format!("the `$ref` `{reference}` leads nowhere");
                let finding = Diagnostic::error(Code::C004, message).at(node.span, "this reference");
                let help = "write it as `#/definitions/NAME` or `#/$defs/NAME`, and define that";
                return Err(self.session.report(finding.help(help)));
            }
        }
        match schema.get("$id") {
            Some(id) if !std::ptr::eq(schema, self.root) => {
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

    fn foreign(&self, node: &Node, keyword: &str, reference: &str) -> Reported {
        let message = format!("the `{keyword}` `{reference}` does not point into this file");
        let finding = Diagnostic::error(Code::C004, message).at(node.span, "this reference");
        let help = "copy the definition into the schema and write `\"$ref\": \"#/definitions/NAME\"`; nothing is ever fetched";
        self.session.report(finding.help(help))
    }

    /// How many schemas apply to one value here. Doubling references (`a` is twice `b`, `b` twice `c`, …) would
    /// take for ever, and one that comes back to itself would never end.
    fn weigh(&mut self, schema: &'n Node, depth: usize) -> Outcome<u64> {
        match self.weights.get(&std::ptr::from_ref(schema)) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(self.too_much(schema, "this schema is a part of itself")),
            None if depth > MAX_DEPTH => {
                return Err(self.too_much(schema, "references follow each other too long"));
            }
            None => {}
        }
        self.weights.insert(schema, None);
        let mut weight: u64 = 1;
        let inner = subschemas(schema).into_iter().filter(|(reach, _)| *reach == Reach::Same);
        for applied in inner.map(|(_, inner)| inner).chain(target(self.root, schema)) {
            weight = weight.saturating_add(self.weigh(applied, depth + 1)?);
        }
        if weight > MAX_WEIGHT {
            return Err(self.too_much(schema, "too many schemas apply to one value"));
        }
        self.weights.insert(schema, Some(weight));
        Ok(weight)
    }

    fn too_much(&self, schema: &Node, message: &str) -> Reported {
        let mut span = schema.span;
        span.end = span.end.min(span.start.saturating_add(1));
        let finding = Diagnostic::error(Code::C004, message).at(span, "this schema");
        self.session
            .report(finding.help("simplify the schema: every chart's real one is far below this limit"))
    }
}
