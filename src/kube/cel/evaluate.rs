//! What an expression gives, over the nodes of a document.
//!
//! None stands for everything that does not count: an error (as the server would report it), a function that has no
//! code here, and an exhausted budget. As in CEL, `false && error` is false all the same.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Comprehension, Expr, Kind, Literal, Operator, Quantifier};
use super::functions::{self, MAX_TEXT};
use super::types::unescaped;
use super::value::{Types, Value, compare};
use crate::kube::api::Api;
use crate::kube::api::table::TypeId;
use crate::yaml::Node;

/// So many nodes of expressions may be evaluated for one rule on one value. The rules of the Gateway API, which has
/// some of the longest, take a few thousand.
const BUDGET: u32 = 200_000;

/// So many bytes of a text are worth one node.
const BYTES_PER_STEP: u32 = 64;

/// Whether a rule holds for a value of this type; none if that is not known.
pub(in crate::kube) fn holds(rule: &Expr, node: &Node, id: TypeId, api: &Api) -> Option<bool> {
    let types = Types { api };
    let variables = vec![(Cow::Borrowed("self"), types.value(node, Some(id)))];
    let mut evaluator = Evaluator { types, variables, budget: BUDGET };
    match evaluator.evaluate(rule)? {
        Value::Bool(holds) => Some(holds),
        _ => None,
    }
}

struct Evaluator<'v> {
    types: Types<'v>,
    variables: Vec<(Cow<'v, str>, Value<'v>)>,
    budget: u32,
}

impl<'v> Evaluator<'v> {
    fn evaluate(&mut self, expr: &Expr) -> Option<Value<'v>> {
        self.budget = self.budget.checked_sub(1)?;
        let value = self.value_of(expr)?;
        // Every operand comes from here, so that what is done with long texts is paid by their length.
        if let Value::Text(text) = &value {
            self.budget = self.budget.checked_sub(u32::try_from(text.len()).ok()? / BYTES_PER_STEP)?;
        }
        Some(value)
    }

    fn value_of(&mut self, expr: &Expr) -> Option<Value<'v>> {
        Some(match &expr.kind {
            Kind::Literal(literal) => literal_value(literal),
            Kind::Ident(name) => self
                .variables
                .iter()
                .rev()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())?,
            Kind::Select { operand, field, optional } => {
                let value = self.evaluate(operand)?;
                let found = self.field(&value, field);
                match (&value, optional) {
                    (Value::Optional(inner), _) => {
                        let found = inner.as_ref().and_then(|inner| self.field(inner, field));
                        Value::Optional(found.map(Rc::new))
                    }
                    (_, true) => Value::Optional(found.map(Rc::new)),
                    (_, false) => found?,
                }
            }
            Kind::Has { operand, field } => {
                let value = self.evaluate(operand)?;
                Value::Bool(match &value {
                    Value::Optional(inner) => {
                        inner.as_ref().is_some_and(|inner| self.field(inner, field).is_some())
                    }
                    _ => self.field(&value, field).is_some(),
                })
            }
            Kind::Index { operand, index, optional } => {
                let value = self.evaluate(operand)?;
                let index = self.evaluate(index)?;
                let found = match &value {
                    Value::Optional(inner) => inner.as_ref().and_then(|inner| self.index(inner, &index)),
                    _ => self.index(&value, &index),
                };
                if *optional || matches!(value, Value::Optional(_)) {
                    Value::Optional(found.map(Rc::new))
                } else {
                    found?
                }
            }
            Kind::Call { target, function, arguments } => {
                let target = match target {
                    Some(target) => match self.library(target) {
                        Some(name) => return self.library_call(&name, function, arguments),
                        None => Some(self.evaluate(target)?),
                    },
                    None => None,
                };
                let arguments =
                    arguments.iter().map(|argument| self.evaluate(argument)).collect::<Option<Vec<_>>>()?;
                functions::call(self.types, target.as_ref(), function, &arguments)?
            }
            Kind::Not(operand) => Value::Bool(!self.boolean(operand)?),
            Kind::Negate(operand) => match self.evaluate(operand)? {
                Value::Int(value) => Value::Int(value.checked_neg()?),
                Value::Double(value) => Value::Double(-value),
                _ => return None,
            },
            Kind::Binary { operator, left, right } => return self.binary(*operator, left, right),
            Kind::Choice { condition, then, otherwise } => {
                let chosen = if self.boolean(condition)? { then } else { otherwise };
                return self.evaluate(chosen);
            }
            Kind::List(elements) => {
                let mut items = Vec::with_capacity(elements.len());
                for element in elements {
                    match (self.evaluate(&element.value)?, element.optional) {
                        (Value::Optional(inner), true) => items.extend(inner.map(|inner| (*inner).clone())),
                        (_, true) => return None,
                        (value, false) => items.push(value),
                    }
                }
                Value::List(Rc::new(items))
            }
            Kind::Map(entries) => {
                let mut map = Vec::with_capacity(entries.len());
                for entry in entries {
                    let key = self.evaluate(&entry.key)?;
                    match (self.evaluate(&entry.value)?, entry.optional) {
                        (Value::Optional(inner), true) => {
                            map.extend(inner.map(|inner| (key, (*inner).clone())))
                        }
                        (_, true) => return None,
                        (value, false) => map.push((key, value)),
                    }
                }
                Value::Map(Rc::new(map))
            }
            Kind::Message { .. } => return None,
            Kind::Comprehension(comprehension) => return self.comprehension(comprehension),
            Kind::Bind { name, value, body } => {
                let value = self.evaluate(value)?;
                return self.with(&[(name, value)], |evaluator| evaluator.evaluate(body));
            }
        })
    }

    fn boolean(&mut self, expr: &Expr) -> Option<bool> {
        match self.evaluate(expr)? {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Evaluates with more variables.
    fn with<T>(
        &mut self,
        variables: &[(&str, Value<'v>)],
        evaluate: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let depth = self.variables.len();
        let variables = variables.iter().map(|(name, value)| (Cow::Owned((*name).to_owned()), value.clone()));
        self.variables.extend(variables);
        let result = evaluate(self);
        self.variables.truncate(depth);
        result
    }

    /// The library that a name stands for, if it is no variable.
    fn library(&self, target: &Expr) -> Option<String> {
        match &target.kind {
            Kind::Ident(name) if !self.variables.iter().any(|(known, _)| known == name) => Some(name.clone()),
            _ => None,
        }
    }

    fn library_call(&mut self, library: &str, function: &str, arguments: &[Expr]) -> Option<Value<'v>> {
        let arguments =
            arguments.iter().map(|argument| self.evaluate(argument)).collect::<Option<Vec<_>>>()?;
        functions::library_call(self.types, library, function, &arguments)
    }

    fn field(&self, value: &Value<'v>, field: &str) -> Option<Value<'v>> {
        let name = unescaped(field);
        match value {
            Value::Node(node, id) => self.types.field(node, *id, &name),
            Value::Map(entries) => {
                let found = entries.iter().find(|(key, _)| matches!(key, Value::Text(key) if *key == name));
                found.map(|(_, value)| value.clone())
            }
            _ => None,
        }
    }

    fn index(&self, value: &Value<'v>, index: &Value<'v>) -> Option<Value<'v>> {
        match (value, index) {
            (Value::Node(node, id), Value::Text(key)) if node.as_map().is_some() => {
                self.types.field(node, *id, key)
            }
            (Value::Map(entries), _) => {
                let found = entries.iter().find(|(key, _)| self.types.equal(key, index) == Some(true));
                found.map(|(_, value)| value.clone())
            }
            (_, Value::Int(at)) => {
                let at = usize::try_from(*at).ok()?;
                self.types.items(value)?.into_iter().nth(at)
            }
            _ => None,
        }
    }

    fn binary(&mut self, operator: Operator, left: &Expr, right: &Expr) -> Option<Value<'v>> {
        if let Operator::And | Operator::Or = operator {
            // One side decides whatever the other one is, and an error does not.
            let decides = operator == Operator::Or;
            let first = self.boolean(left);
            if first == Some(decides) {
                return Some(Value::Bool(decides));
            }
            let second = self.boolean(right);
            if second == Some(decides) {
                return Some(Value::Bool(decides));
            }
            return first.and(second).map(Value::Bool);
        }
        let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
        Some(match operator {
            Operator::Equal => Value::Bool(self.types.equal(&left, &right)?),
            Operator::NotEqual => Value::Bool(!self.types.equal(&left, &right)?),
            Operator::Less => Value::Bool(compare(&left, &right)? == Ordering::Less),
            Operator::LessEqual => Value::Bool(compare(&left, &right)? != Ordering::Greater),
            Operator::Greater => Value::Bool(compare(&left, &right)? == Ordering::Greater),
            Operator::GreaterEqual => Value::Bool(compare(&left, &right)? != Ordering::Less),
            Operator::In => match self.types.items(&right) {
                Some(items) => {
                    self.budget = self.budget.checked_sub(u32::try_from(items.len()).ok()?)?;
                    Value::Bool(items.iter().any(|item| self.types.equal(&left, item) == Some(true)))
                }
                None => {
                    self.types.entries(&right)?;
                    Value::Bool(self.index(&right, &left).is_some())
                }
            },
            _ => return arithmetic(self.types, operator, &left, &right),
        })
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Option<Value<'v>> {
        let Comprehension { quantifier, range, names, filter, body } = comprehension;
        let range = self.evaluate(range)?;
        if matches!(quantifier, Quantifier::OptMap | Quantifier::OptFlatMap) {
            let Value::Optional(inner) = range else { return None };
            let Some(inner) = inner else { return Some(Value::Optional(None)) };
            let mapped =
                self.with(&[(names.first()?, (*inner).clone())], |evaluator| evaluator.evaluate(body))?;
            return Some(match quantifier {
                Quantifier::OptMap => Value::Optional(Some(Rc::new(mapped))),
                _ => mapped,
            });
        }
        let rounds: Vec<Vec<(&str, Value<'v>)>> = match (self.types.items(&range), &names[..]) {
            (Some(items), [name]) => items.into_iter().map(|item| vec![(&**name, item)]).collect(),
            (Some(items), [index, name]) => {
                let of = |(at, item): (usize, Value<'v>)| {
                    Some(vec![(&**index, Value::Int(i64::try_from(at).ok()?)), (&**name, item)])
                };
                items.into_iter().enumerate().map(of).collect::<Option<_>>()?
            }
            (None, [name]) => {
                self.types.entries(&range)?.into_iter().map(|(key, _)| vec![(&**name, key)]).collect()
            }
            (None, [key, name]) => self
                .types
                .entries(&range)?
                .into_iter()
                .map(|(k, value)| vec![(&**key, k), (&**name, value)])
                .collect(),
            _ => return None,
        };
        self.rounds(*quantifier, filter.as_ref(), body, rounds)
    }

    fn rounds(
        &mut self,
        quantifier: Quantifier,
        filter: Option<&Expr>,
        body: &Expr,
        rounds: Vec<Vec<(&str, Value<'v>)>>,
    ) -> Option<Value<'v>> {
        let (mut found, mut count, mut failed) = (Vec::new(), 0_u32, false);
        for variables in rounds {
            if let Some(filter) = filter
                && !self.with(&variables, |evaluator| evaluator.boolean(filter))?
            {
                continue;
            }
            match quantifier {
                Quantifier::All | Quantifier::Exists => {
                    let decides = quantifier == Quantifier::Exists;
                    match self.with(&variables, |evaluator| evaluator.boolean(body)) {
                        Some(value) if value == decides => return Some(Value::Bool(decides)),
                        Some(_) => {}
                        None => failed = true,
                    }
                }
                Quantifier::ExistsOne => {
                    count += u32::from(self.with(&variables, |evaluator| evaluator.boolean(body))?)
                }
                Quantifier::Filter => {
                    if self.with(&variables, |evaluator| evaluator.boolean(body))? {
                        found.push(variables.first()?.1.clone());
                    }
                }
                Quantifier::Map => found.push(self.with(&variables, |evaluator| evaluator.evaluate(body))?),
                _ => return None,
            }
        }
        match quantifier {
            _ if failed => None,
            Quantifier::All => Some(Value::Bool(true)),
            Quantifier::Exists => Some(Value::Bool(false)),
            Quantifier::ExistsOne => Some(Value::Bool(count == 1)),
            _ => Some(Value::List(Rc::new(found))),
        }
    }
}

fn literal_value<'v>(literal: &Literal) -> Value<'v> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::Text(text) => Value::Text(Cow::Owned(text.clone())),
        Literal::Bytes(bytes) => Value::Bytes(Arc::from(&bytes[..])),
    }
}

fn arithmetic<'v>(
    types: Types<'v>,
    operator: Operator,
    left: &Value<'v>,
    right: &Value<'v>,
) -> Option<Value<'v>> {
    if operator == Operator::Add
        && let (Some(mut items), Some(others)) = (types.items(left), types.items(right))
    {
        items.extend(others);
        return Some(Value::List(Rc::new(items)));
    }
    Some(match (left, right) {
        (Value::Int(a), Value::Int(b)) => Value::Int(match operator {
            Operator::Add => a.checked_add(*b)?,
            Operator::Subtract => a.checked_sub(*b)?,
            Operator::Multiply => a.checked_mul(*b)?,
            Operator::Divide => a.checked_div(*b)?,
            _ => a.checked_rem(*b)?,
        }),
        (Value::Uint(a), Value::Uint(b)) => Value::Uint(match operator {
            Operator::Add => a.checked_add(*b)?,
            Operator::Subtract => a.checked_sub(*b)?,
            Operator::Multiply => a.checked_mul(*b)?,
            Operator::Divide => a.checked_div(*b)?,
            _ => a.checked_rem(*b)?,
        }),
        (Value::Double(a), Value::Double(b)) => Value::Double(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            _ => return None,
        }),
        (Value::Text(a), Value::Text(b)) if operator == Operator::Add && a.len() + b.len() <= MAX_TEXT => {
            Value::Text(Cow::Owned(format!("{a}{b}")))
        }
        (Value::Duration(a), Value::Duration(b)) => Value::Duration(sum(operator, *a, *b)?),
        (Value::Timestamp(a), Value::Duration(b)) => Value::Timestamp(sum(operator, *a, *b)?),
        (Value::Timestamp(a), Value::Timestamp(b)) if operator == Operator::Subtract => {
            Value::Duration(a.checked_sub(*b)?)
        }
        _ => return None,
    })
}

fn sum(operator: Operator, a: i128, b: i128) -> Option<i128> {
    match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        _ => None,
    }
}
