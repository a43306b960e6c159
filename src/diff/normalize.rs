//! When two values are the same: one text for all ways to write a value, and plain scalars as Kubernetes reads them.
//!
//! | written | also written | the same, since |
//! |---|---|---|
//! | `{a: 1, b: 2}` | `{b: 2, a: 1}` | maps have no order |
//! | `'web'` | `web` | quotes are style |
//! | `1.0` | `1` | JSON, which the API server gets, has one kind of number |
//! | `1000m`, `"1"` | `1` | only where the API says that a quantity stands |
//! | `affinity: null` | nothing | the API server drops null, unless the type is nullable or anything may stand there |
//! | `"1"` | not `1` | a string is no number |
//! | `[a, b]` | not `[b, a]` | lists have an order, even sets: those are compared member by member |

use std::fmt::Write;

use crate::kube::{TypeRef, quantity_nanos};
use crate::manifest::Document;
use crate::yaml::{Kind, Map, Node, Scalar, Value, parse_float, resolve_scalars};

/// Makes of each plain scalar what Kubernetes makes of it by the rules of YAML 1.1, `420` of `0644` and `false` of
/// `NO`.
///
/// Manifests from a disk or a cluster are applied as they stand. Read like this they can be compared with rendered
/// ones, whose scalars are unambiguous.
pub fn read_as_yaml_1_1(documents: &mut [Document]) {
    documents.iter_mut().for_each(|document| resolve_scalars(&mut document.node));
}

/// Whether Kubernetes takes a field for one that is not there: null says nothing, except where the type says so.
/// Without a type null counts as a value: the CRD, which is not at hand, may make the field nullable.
pub(super) fn is_absent(node: &Node, of: Option<TypeRef<'_>>) -> bool {
    node.is_null() && of.is_some_and(|of| !of.keeps_null())
}

/// The value in one form whatever the order of its maps, its quotes, its spelling of numbers and, where Kubernetes
/// reads a quantity, its unit (`1000m` is `1`). Two values are the same if their forms are equal.
///
/// ```text
/// {a: [1.0, 'x'], b: null}   →   {"a":[n1,s"x",],"b":~,}
/// ```
pub(super) fn canonical_form(node: &Node, of: Option<TypeRef<'_>>) -> String {
    let mut out = String::new();
    push(&mut out, node, of);
    out
}

fn push(out: &mut String, node: &Node, of: Option<TypeRef<'_>>) {
    match &node.value {
        Value::Scalar(scalar) => push_scalar(out, scalar, of),
        Value::List(items) => {
            let item = of.and_then(TypeRef::item);
            out.push('[');
            for node in items {
                push(out, node, item);
                out.push(',');
            }
            out.push(']');
        }
        Value::Map(map) => push_map(out, map, of),
    }
}

fn push_map(out: &mut String, map: &Map, of: Option<TypeRef<'_>>) {
    // Sorted, as `Map` keeps the order in which its keys were written.
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    out.push('{');
    for (key, entry) in entries {
        let of = of.and_then(|of| of.key(key));
        if is_absent(&entry.node, of) {
            continue;
        }
        // Writing to a string never fails.
        let _ = write!(out, "{key:?}:");
        push(out, &entry.node, of);
        out.push(',');
    }
    out.push('}');
}

/// Different kinds have different first letters; a text is quoted, so that nothing in it can look like the end: `n1`,
/// `s"1"`, `btrue`, `~`, and `q1000000000` for a quantity of 1.
fn push_scalar(out: &mut String, scalar: &Scalar, of: Option<TypeRef<'_>>) {
    let text = &*scalar.text;
    if scalar.kind != Kind::Null && of.is_some_and(TypeRef::is_quantity) {
        let _ = match quantity_nanos(text) {
            Some(nanos) => write!(out, "q{nanos}"),
            // No quantity, or one too fine or too large: the text is all that can be compared.
            None => write!(out, "q{text:?}"),
        };
        return;
    }
    let _ = match scalar.kind {
        Kind::Null => write!(out, "~"),
        Kind::Bool => write!(out, "b{}", text.to_ascii_lowercase()),
        Kind::Int | Kind::Float => write!(out, "n{}", canonical_number(scalar)),
        Kind::Str => write!(out, "s{text:?}"),
    };
}

/// Whole numbers keep all their digits; `1.0` is `1`, as it is in JSON.
fn canonical_number(scalar: &Scalar) -> String {
    if let Some(whole) = scalar.as_i64() {
        return whole.to_string();
    }
    match parse_float(&scalar.text) {
        Some(float) if scalar.kind == Kind::Float => float.to_string(),
        // A whole number beyond 64 bits: as a double, it would be the same as its neighbours.
        _ => scalar.text.to_string(),
    }
}
