//! From the structural schema of a CRD to types of the table.
//!
//! A structural schema is the part of OpenAPI v3 that the API server demands of CRDs: `properties`, `items` and
//! `additionalProperties` make up a tree, and `allOf`, `anyOf`, `oneOf` and `not` may only narrow values further. The
//! tree alone is read here. What narrows values across fields, and `x-kubernetes-validations`, is left to the cluster.
//!
//! | in the schema | becomes |
//! |---|---|
//! | `type: object` with `properties` | [`Shape::Object`], open with `x-kubernetes-preserve-unknown-fields` |
//! | `type: object` with a schema as `additionalProperties` | [`Shape::Map`] |
//! | `type: object` with neither that keeps fields, or with `x-kubernetes-embedded-resource` | [`Shape::FreeMap`] |
//! | `type: array` | [`Shape::List`], with its `x-kubernetes-list-type` |
//! | `x-kubernetes-int-or-string` | [`Shape::IntOrString`], whatever `anyOf` says besides |
//! | `enum` of strings, bounds, `pattern`, `nullable` | the same of the [`Type`] |
//! | no type | [`Shape::Any`] |
//!
//! Nothing here is an error. A CRD is not ours to mend, and the API server has judged it: what cannot be read allows
//! anything.

use serde_json::{Map, Value};

use super::builder::Builder;
use super::table::{
    Availability, Constraints, Field, Format, IndexRange, ListType, ObjectKind, Shape, Type, TypeId,
};

/// A custom kind: what its objects are called and where they live.
#[derive(Clone, Copy, Debug)]
pub struct CustomKind<'c> {
    /// For example `cert-manager.io`.
    pub group: &'c str,
    /// For example `Certificate`.
    pub kind: &'c str,
    /// Whether objects live in a namespace or in the cluster.
    pub namespaced: bool,
}

/// Adds one version of a custom kind with its schema.
///
/// `apiVersion`, `kind` and `metadata` have the types that they have in every object, whatever the schema says: the API
/// server does the same. An object without a schema keeps any field.
pub fn add_custom_kind(builder: &mut Builder, custom: CustomKind<'_>, version: &str, schema: &Value) {
    let metadata = builder.table().metadata;
    let text = builder.add_type(Type::new(Shape::Text(Format::AnyText)));
    let schema = schema.as_object();
    let mut object_fields = schema.map_or_else(Vec::new, |schema| fields(builder, schema));
    for (name, type_id) in [("apiVersion", text), ("kind", text), ("metadata", metadata)] {
        let name = builder.name(name);
        // The builder stores each name once, so equal names of one schema are equal ranges.
        object_fields.retain(|field| field.name != name);
        object_fields.push(Field { name, type_id, required: false, availability: Availability::ALWAYS });
    }
    let open = schema.is_none_or(|schema| is_set(schema, PRESERVE));
    let shape = Shape::Object { fields: builder.fields(object_fields), open };
    let kind = ObjectKind {
        kind: builder.name(custom.kind),
        api_version: builder.name(&format!("{}/{version}", custom.group)),
        type_id: builder.add_type(Type::new(shape)),
        namespaced: custom.namespaced,
        custom: true,
        availability: Availability::ALWAYS,
    };
    builder.kind(kind);
}

/// Keeps fields that the schema does not have, which the API server would drop otherwise.
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
/// Stands in the place of a `type`: `8080` or `http`.
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";
/// A whole Kubernetes object inside of another.
const EMBEDDED: &str = "x-kubernetes-embedded-resource";

type Schema = Map<String, Value>;

/// Adds the type of a schema, with everything below it.
fn add_schema(builder: &mut Builder, schema: &Value) -> TypeId {
    let Some(schema) = schema.as_object() else { return builder.add_type(Type::new(Shape::Any)) };
    let shape = shape(builder, schema);
    // The table has words alone: an enum of numbers is left to the cluster.
    let allowed = match shape {
        Shape::Text(_) => builder.words(list(schema, "enum").iter().filter_map(Value::as_str)),
        _ => IndexRange::EMPTY,
    };
    let constraints = constraints(builder, schema, shape);
    builder.add_type(Type { shape, allowed, constraints, nullable: is_set(schema, "nullable") })
}

/// The form of a schema's values, with everything below them stored.
fn shape(builder: &mut Builder, schema: &Schema) -> Shape {
    // Before the type: a structural schema must not have both.
    if is_set(schema, INT_OR_STRING) {
        return Shape::IntOrString(Format::AnyText);
    }
    let format = schema.get("format").and_then(Value::as_str);
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => object(builder, schema),
        Some("array") => array(builder, schema),
        Some("string") => Shape::Text(match format {
            Some("date-time") => Format::DateTime,
            Some("byte") => Format::Base64,
            _ => Format::AnyText,
        }),
        // Without a format, an integer is one of Go, `int64`.
        Some("integer") => Shape::Integer(if format == Some("int32") { 32 } else { 64 }),
        Some("number") => Shape::Number,
        Some("boolean") => Shape::Boolean,
        _ => Shape::Any,
    }
}

/// The form of a map, by what its schema says of the keys.
fn object(builder: &mut Builder, schema: &Schema) -> Shape {
    let open = is_set(schema, PRESERVE);
    let embedded = is_set(schema, EMBEDDED);
    match schema.get("additionalProperties") {
        Some(values @ Value::Object(_)) => {
            return Shape::Map { values: add_schema(builder, values), keys: Format::AnyText };
        }
        // `false` is the default, and says nothing.
        Some(Value::Bool(true)) => return Shape::FreeMap,
        _ => {}
    }
    // An embedded resource has the fields of every resource, whether its schema says so or not.
    if embedded || (open && !schema.contains_key("properties")) {
        return Shape::FreeMap;
    }
    let fields = fields(builder, schema);
    Shape::Object { fields: builder.fields(fields), open }
}

/// The properties of a schema as fields, each with its type stored.
fn fields(builder: &mut Builder, schema: &Schema) -> Vec<Field> {
    let required = list(schema, "required");
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
    let mut fields = Vec::with_capacity(properties.len());
    for (key, property) in properties {
        // A default is written in before the API server looks for what is missing.
        let defaulted = property.get("default").is_some();
        fields.push(Field {
            type_id: add_schema(builder, property),
            name: builder.name(key),
            required: !defaulted && required.iter().any(|name| name == key.as_str()),
            availability: Availability::ALWAYS,
        });
    }
    fields
}

/// The form of a list. What is no list of a known kind is atomic, as it is to the API server.
fn array(builder: &mut Builder, schema: &Schema) -> Shape {
    let items = add_schema(builder, schema.get("items").unwrap_or(&Value::Null));
    let list_type = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => ListType::Set,
        Some("map") => {
            let keys = list(schema, "x-kubernetes-list-map-keys").iter().filter_map(Value::as_str);
            ListType::Keyed(builder.words(keys))
        }
        _ => ListType::Atomic,
    };
    Shape::List { items, list_type }
}

/// Stores the constraints of a schema, those that apply to values of its form; the result is an index
/// ([`Type::constraints`]).
fn constraints(builder: &mut Builder, schema: &Schema, shape: Shape) -> u32 {
    // JSON Schema has a pair of keywords for each form, and ignores those of another: `maxLength` of a number says
    // nothing.
    let (minimum, maximum) = match shape {
        Shape::Text(_) => ("minLength", "maxLength"),
        Shape::List { .. } => ("minItems", "maxItems"),
        Shape::Object { .. } | Shape::Map { .. } | Shape::FreeMap => ("minProperties", "maxProperties"),
        _ => ("minimum", "maximum"),
    };
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let pattern = schema.get("pattern").and_then(Value::as_str).map(|pattern| builder.name(pattern));
    builder.constraints(Constraints { minimum: bound(minimum), maximum: bound(maximum), pattern })
}

/// The list under a key of the schema; what is no list has no items.
fn list<'s>(schema: &'s Schema, key: &str) -> &'s [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a key of the schema is `true`; anything else, and no such key, is false.
fn is_set(schema: &Schema, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}
