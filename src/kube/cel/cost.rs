//! What a rule of a CRD costs at most, by the sizes that its schema allows.
//!
//! The API server refuses a rule whose estimated cost is above ten million, times the number of values that it may be
//! held against. Its estimate (`cel-go`, `checker/cost.go`) knows every function; this one is coarse, and is believed
//! only where it is a hundred times above the limit. So far are all rules that go through a list without `maxItems`
//! inside of another one, which is the mistake that is made.

use super::ast::{Comprehension, Expr, Kind, Literal, Operator, Quantifier};
use super::types::unescaped;
use crate::yaml::Node;

/// `StaticEstimatedCostLimit`, a hundred times.
const CERTAINLY_TOO_MUCH: f64 = 100.0 * 10_000_000.0;

/// The largest request that the API server takes, in bytes: nothing in it is larger.
const MAX_REQUEST: f64 = 3.0 * 1024.0 * 1024.0;

/// Whether a rule certainly costs too much. `count` is how many values of the schema there may be.
pub(in crate::kube) fn is_too_much(rule: &Expr, schema: &Node, count: f64) -> bool {
    let mut estimator =
        Estimator { variables: vec![("self", Extent::Of(schema)), ("oldSelf", Extent::Of(schema))] };
    // There are no more of them than a request has room for, in however many lists.
    estimator.estimate(rule).0 * count.min(MAX_REQUEST / (min_bytes(schema) + 1.0)) > CERTAINLY_TOO_MUCH
}

/// How many items, entries or bytes a value of a schema may have.
pub(in crate::kube) fn max_count(schema: &Node) -> f64 {
    let number = |key: &str| {
        schema.get(key).and_then(Node::as_i64).filter(|value| *value >= 0).map(|value| value as f64)
    };
    // An item takes its own bytes and a comma, an entry a key in quotes besides.
    match schema.get("type").and_then(Node::as_str) {
        Some("array") => {
            let least = schema.get("items").map_or(1.0, min_bytes);
            number("maxItems").unwrap_or(MAX_REQUEST / (least + 1.0))
        }
        Some("object") => {
            let least = schema.get("additionalProperties").map_or(1.0, min_bytes);
            number("maxProperties").unwrap_or(MAX_REQUEST / (least + 6.0))
        }
        Some("string") => {
            // Texts with a format are of a known size.
            let format = schema.get("format").and_then(Node::as_str);
            let enumerated = schema.get("enum").and_then(Node::as_list).is_some();
            let fixed = enumerated || matches!(format, Some("date" | "date-time" | "duration"));
            number("maxLength").unwrap_or(if fixed { 64.0 } else { MAX_REQUEST })
        }
        _ => 1.0,
    }
}

/// The bytes that the shortest value of a schema takes.
fn min_bytes(schema: &Node) -> f64 {
    match schema.get("type").and_then(Node::as_str) {
        Some("string" | "array" | "object") => 2.0,
        Some("boolean") => 4.0,
        _ => 1.0,
    }
}

/// What is known of the size of a value.
#[derive(Clone, Copy)]
enum Extent<'s> {
    /// Small, or not known.
    Small,
    /// A value of this schema.
    Of(&'s Node),
    /// A list that a rule made of so many values of a schema.
    Many(f64, Option<&'s Node>),
}

impl<'s> Extent<'s> {
    fn count(self) -> f64 {
        match self {
            Extent::Small => 1.0,
            Extent::Of(schema) => max_count(schema),
            Extent::Many(count, _) => count,
        }
    }

    /// What the items of a list, or the values of a map, are.
    fn inner(self) -> Extent<'s> {
        match self {
            Extent::Small | Extent::Many(_, None) => Extent::Small,
            Extent::Many(_, Some(schema)) => Extent::Of(schema),
            Extent::Of(schema) => {
                let inner = schema.get("items").or_else(|| schema.get("additionalProperties"));
                inner.map_or(Extent::Small, Extent::Of)
            }
        }
    }
}

struct Estimator<'e, 's> {
    variables: Vec<(&'e str, Extent<'s>)>,
}

impl<'e, 's> Estimator<'e, 's> {
    /// The cost of an expression, and the size of its value.
    fn estimate(&mut self, expr: &'e Expr) -> (f64, Extent<'s>) {
        match &expr.kind {
            Kind::Literal(_) => (0.0, Extent::Small),
            Kind::Ident(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                (1.0, known.map_or(Extent::Small, |(_, extent)| *extent))
            }
            Kind::Select { operand, field, .. } | Kind::Has { operand, field } => {
                let (cost, of) = self.estimate(operand);
                let below = match of {
                    Extent::Of(schema) => {
                        let property =
                            schema.get("properties").and_then(|properties| properties.get(&unescaped(field)));
                        property.map_or_else(|| of.inner(), Extent::Of)
                    }
                    _ => Extent::Small,
                };
                (cost + 1.0, if matches!(expr.kind, Kind::Has { .. }) { Extent::Small } else { below })
            }
            Kind::Index { operand, index, .. } => {
                let (cost, of) = self.estimate(operand);
                (cost + self.estimate(index).0 + 1.0, of.inner())
            }
            Kind::Not(operand) | Kind::Negate(operand) => (self.estimate(operand).0 + 1.0, Extent::Small),
            Kind::Choice { condition, then, otherwise } => {
                let (first, of) = self.estimate(then);
                let second = self.estimate(otherwise).0;
                (self.estimate(condition).0 + first.max(second), of)
            }
            Kind::Binary { operator, left, right } => {
                let ((first, of), (second, other)) = (self.estimate(left), self.estimate(right));
                let own = match operator {
                    Operator::Equal | Operator::NotEqual => 1.0 + of.count().min(other.count()) * 0.1,
                    Operator::In => 1.0 + other.count(),
                    _ => 1.0,
                };
                (first + second + own, Extent::Small)
            }
            Kind::Call { target, function, arguments } => {
                let (mut cost, of) =
                    target.as_ref().map_or((0.0, Extent::Small), |target| self.estimate(target));
                for argument in arguments {
                    cost += self.estimate(argument).0;
                }
                let own = match function.as_str() {
                    "matches" => {
                        let pattern = arguments.last().map_or(1.0, |pattern| match &pattern.kind {
                            Kind::Literal(Literal::Text(pattern)) => pattern.len() as f64,
                            _ => 1.0,
                        });
                        (of.count() * 0.1).max(1.0) * (pattern * 0.25).max(1.0)
                    }
                    "contains" => 1.0 + of.count() * 0.1,
                    // No more of the text is looked at than the part that is looked for has.
                    "startsWith" | "endsWith" => {
                        let part = arguments.last().map_or(Extent::Small, |part| self.estimate(part).1);
                        1.0 + of.count().min(part.count()) * 0.1
                    }
                    _ => 1.0,
                };
                (cost + own, Extent::Small)
            }
            Kind::List(elements) => {
                let cost = elements.iter().map(|element| self.estimate(&element.value).0).sum::<f64>();
                (cost + 10.0, Extent::Many(elements.len() as f64, None))
            }
            Kind::Map(entries) | Kind::Message { fields: entries, .. } => {
                let cost =
                    entries.iter().map(|entry| self.estimate(&entry.key).0 + self.estimate(&entry.value).0);
                (cost.sum::<f64>() + 30.0, Extent::Small)
            }
            Kind::Bind { name, value, body } => {
                let (cost, of) = self.estimate(value);
                self.variables.push((name, of));
                let (inner, of) = self.estimate(body);
                self.variables.pop();
                (cost + inner, of)
            }
            Kind::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn comprehension(&mut self, comprehension: &'e Comprehension) -> (f64, Extent<'s>) {
        let Comprehension { quantifier, range, names, filter, body } = comprehension;
        let (cost, of) = self.estimate(range);
        let depth = self.variables.len();
        // Of two names, the first is an index or a key; the one name of a map is a key too.
        let is_map = matches!(of, Extent::Of(schema) if schema.get("items").is_none());
        for (index, name) in names.iter().enumerate() {
            let is_item = index + 1 == names.len() && !(is_map && names.len() == 1);
            self.variables.push((name, if is_item { of.inner() } else { Extent::Small }));
        }
        let inner = filter.as_ref().map_or(0.0, |filter| self.estimate(filter).0) + self.estimate(body).0;
        self.variables.truncate(depth);
        let result = match (quantifier, of) {
            (Quantifier::Filter, of) => of,
            (Quantifier::Map, of) => Extent::Many(of.count(), None),
            _ => Extent::Small,
        };
        (cost + of.count() * (inner + 1.0), result)
    }
}
