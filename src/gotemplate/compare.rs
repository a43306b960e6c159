//! Comparing values: Go's `eq` and `lt` for basic kinds, and `reflect.DeepEqual`.

use super::budget::Budget;
use super::error::Failure;
use super::value::Value;
use crate::limits::Limit;

/// `eq`: one value against one.
///
/// # Errors
/// When the kinds cannot be compared.
pub fn equal(left: &Value, right: &Value) -> Result<bool, Failure> {
    match (left, right) {
        (Value::Bool(left, _), Value::Bool(right, _)) => Ok(left == right),
        (Value::Int(left, _), Value::Int(right, _)) => Ok(left.value() == right.value()),
        (Value::Float(left, _), Value::Float(right, _)) => Ok(left == right),
        (Value::String(left), Value::String(right)) => Ok(left == right),
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        _ if is_basic(left) || is_basic(right) => {
            let (left, right) = (left.type_name(), right.type_name());
            Err(Failure::new(format!("incompatible types for comparison: {left} and {right}")))
        }
        _ if left.kind_name() != right.kind_name() => {
            let (left, right) = (left.type_name(), right.type_name());
            Err(Failure::new(format!("non-comparable types {left} and {right}")))
        }
        (Value::Object(left), Value::Object(right)) => Ok(std::rc::Rc::ptr_eq(left, right)),
        _ => Err(Failure::new(format!("non-comparable type {}", right.type_name()))),
    }
}

/// `lt`: one value against one.
///
/// # Errors
/// When the kinds cannot be compared.
pub fn less(left: &Value, right: &Value) -> Result<bool, Failure> {
    if !is_basic(left) || !is_basic(right) {
        return Err(Failure::new("invalid type for comparison"));
    }
    match (left, right) {
        (Value::Int(left, _), Value::Int(right, _)) => Ok(left.value() < right.value()),
        (Value::Float(left, _), Value::Float(right, _)) => Ok(left < right),
        (Value::String(left), Value::String(right)) => Ok(left.as_bytes() < right.as_bytes()),
        (Value::Bool(..), Value::Bool(..)) => Err(Failure::new("invalid type for comparison")),
        _ => {
            let (left, right) = (left.type_name(), right.type_name());
            Err(Failure::new(format!("incompatible types for comparison: {left} and {right}")))
        }
    }
}

fn is_basic(value: &Value) -> bool {
    matches!(value, Value::Bool(..) | Value::Int(..) | Value::Float(..) | Value::String(_))
}

/// `reflect.DeepEqual`: types count, and what both hold.
///
/// # Errors
/// When they are nested too deep, or hold themselves.
pub fn deep_equal(left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, Failure> {
    deep(left, right, budget, 0)
}

fn deep(left: &Value, right: &Value, budget: &mut Budget, depth: usize) -> Result<bool, Failure> {
    budget.charge_fuel(1)?;
    if depth > budget.limits().of(Limit::Nesting) {
        let most = budget.limits().said(Limit::Nesting);
        let message = format!("this has more than {most} lists and maps inside each other, or holds itself");
        return Err(Failure::limit(Limit::Nesting, message));
    }
    Ok(match (left, right) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(left, _), Value::Bool(right, _)) => left == right,
        (Value::Int(left, _), Value::Int(right, _)) => left == right,
        (Value::Float(left, _), Value::Float(right, _)) => left == right,
        (Value::String(left), Value::String(right)) | (Value::Bytes(left), Value::Bytes(right)) => {
            budget.charge_fuel(left.len().min(right.len()) / 64)?;
            left == right
        }
        (Value::List(left), Value::List(right)) => {
            if left.of != right.of || left.items.len() != right.items.len() {
                return Ok(false);
            }
            for (left, right) in left.items.iter().zip(&right.items) {
                if !deep(left, right, budget, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(left), Value::Map(right)) => {
            if std::rc::Rc::ptr_eq(&left.entries, &right.entries) && left.of == right.of {
                return Ok(true);
            }
            let (of, other) = (left.of, right.of);
            let (left, right) = (left.entries.borrow(), right.entries.borrow());
            if of != other || left.len() != right.len() {
                return Ok(false);
            }
            for ((key, value), (other_key, other)) in left.iter().zip(right.iter()) {
                if key != other_key || !deep(&value.value, &other.value, budget, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Object(left), Value::Object(right)) => {
            if std::rc::Rc::ptr_eq(left, right) {
                return Ok(true);
            }
            left.type_name() == right.type_name() && deep(&left.plain(), &right.plain(), budget, depth + 1)?
        }
        _ => false,
    })
}
