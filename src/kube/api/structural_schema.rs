//! From the structural schema of a CRD to types of the table.
//!
//! A structural schema is the part of OpenAPI v3 that the API server demands of CRDs: `properties`, `items` and
//! `additionalProperties` make up a tree, and `allOf`, `anyOf`, `oneOf` and `not` may only narrow values further. The
//! tree becomes types. What else is said of a value has no place in them, and is kept with the type as the JSON that it
//! is ([`Constraints::rest`]).
//!
//! | in the schema | becomes |
//! |---|---|
//! | `type: object` with `properties` | [`Shape::Object`], open with `x-kubernetes-preserve-unknown-fields` |
//! | `type: object` with a schema as `additionalProperties` | [`Shape::Map`] |
//! | `type: object` with neither that keeps fields | [`Shape::FreeMap`] |
//! | `x-kubernetes-embedded-resource` | the same, with `apiVersion`, `kind` and `metadata` of every object |
//! | `type: array` | [`Shape::List`], with its `x-kubernetes-list-type` |
//! | `x-kubernetes-int-or-string` | [`Shape::IntOrString`], whatever `anyOf` says besides |
//! | `enum` of strings, bounds, `pattern`, `nullable` | the same of the [`Type`] |
//! | other enums, exclusive bounds, `multipleOf`, `format`, `allOf`, `anyOf`, `oneOf`, `not`, `x-kubernetes-validations`, `default` | [`Constraints::rest`] |
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

/// A version of a custom kind.
#[derive(Clone, Copy, Debug)]
pub struct CustomVersion<'c> {
    /// For example `v1beta1`.
    pub name: &'c str,
    /// Whether the status is a resource of its own (`subresources.status`).
    pub has_status: bool,
    /// Its structural schema (`openAPIV3Schema`).
    pub schema: &'c Value,
}

/// Stores the types of one version of a custom kind, and not the kind itself.
///
/// `apiVersion`, `kind` and `metadata` have the types that they have in every object, whatever the schema says: the API
/// server does the same. An object without a schema keeps any field.
pub fn custom_kind(builder: &mut Builder, custom: CustomKind<'_>, version: CustomVersion<'_>) -> ObjectKind {
    let schema = version.schema.as_object();
    let mut object_fields = schema.map_or_else(Vec::new, |schema| fields(builder, schema));
    add_object_fields(builder, &mut object_fields, false);
    let open = schema.is_none_or(|schema| is_set(schema, PRESERVE));
    let shape = Shape::Object { fields: builder.fields(object_fields), open };
    let constraints = schema.map_or(0, |schema| constraints(builder, schema, shape));
    ObjectKind {
        kind: builder.name(custom.kind),
        api_version: builder.name(&format!("{}/{}", custom.group, version.name)),
        type_id: builder.add_type(Type { constraints, ..Type::new(shape) }),
        namespaced: custom.namespaced,
        custom: true,
        drops_status: version.has_status,
        availability: Availability::ALWAYS,
    }
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
    // The table has words alone: an enum of numbers is in the rest of the constraints.
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
    if open && !embedded && !schema.contains_key("properties") {
        return Shape::FreeMap;
    }
    let mut fields = fields(builder, schema);
    if embedded {
        add_object_fields(builder, &mut fields, true);
    }
    Shape::Object { fields: builder.fields(fields), open }
}

/// Puts in the fields of every object, in the place of what the schema says of them. Those that say what an object is
/// are required of one inside of another (`schemaobjectmeta.Validate`).
fn add_object_fields(builder: &mut Builder, fields: &mut Vec<Field>, required: bool) {
    let metadata = builder.table().metadata;
    let text = builder.add_type(Type::new(Shape::Text(Format::AnyText)));
    for (name, type_id) in [("apiVersion", text), ("kind", text), ("metadata", metadata)] {
        let required = required && name != "metadata";
        let name = builder.name(name);
        // The builder stores each name once, so equal names of one schema are equal ranges.
        fields.retain(|field| field.name != name);
        fields.push(Field { name, type_id, required, availability: Availability::ALWAYS });
    }
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
    let items = schema.get("items").unwrap_or(&Value::Null);
    // A list that keeps unknown fields keeps those of its items (`skipPrune`).
    let kept = items.as_object().filter(|_| is_set(schema, PRESERVE)).map(|items| {
        let mut items = items.clone();
        items.insert(PRESERVE.to_owned(), Value::Bool(true));
        Value::Object(items)
    });
    let items = add_schema(builder, kept.as_ref().unwrap_or(items));
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
    let rest = rest(schema, shape);
    let rest = (!rest.is_empty()).then(|| builder.name(&Value::Object(rest).to_string()));
    builder.constraints(Constraints { minimum: bound(minimum), maximum: bound(maximum), pattern, rest })
}

/// The keywords of a schema that have no place in the table.
fn rest(schema: &Schema, shape: Shape) -> Schema {
    let mut rest = Schema::new();
    let mut keep = |key: &str| {
        if let Some(value) = schema.get(key) {
            rest.insert(key.to_owned(), value.clone());
        }
    };
    if !matches!(shape, Shape::Text(_)) || list(schema, "enum").iter().any(|value| !value.is_string()) {
        keep("enum");
    }
    for (key, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if is_set(schema, key) {
            keep(key);
            keep(bound);
        }
    }
    keep("multipleOf");
    // Of these two, the format of the type says the same; the others of numbers are their sizes in bits.
    let format = schema.get("format").and_then(Value::as_str);
    if matches!(shape, Shape::Text(Format::AnyText)) && format.is_some_and(|format| FORMATS.contains(&format))
    {
        keep("format");
    }
    // Where the table has no fields, it cannot require any.
    if !matches!(shape, Shape::Object { .. }) {
        keep("required");
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        if !list(schema, key).is_empty() && !says_int_or_string(schema, key) {
            keep(key);
        }
    }
    if schema.get("not").is_some_and(Value::is_object) {
        keep("not");
    }
    // Rules see defaults, so these are kept too.
    if !list(schema, "x-kubernetes-validations").is_empty() {
        keep("x-kubernetes-validations");
    }
    keep("default");
    rest
}

/// The formats of texts that the API server knows, but for those that types of the table have.
const FORMATS: &[&str] =
    &["cidr", "date", "duration", "email", "hostname", "ipv4", "ipv6", "mac", "uri", "uuid"];

/// Whether `anyOf` says what `int-or-string` says already: an integer, or a string.
fn says_int_or_string(schema: &Schema, key: &str) -> bool {
    let is_plain =
        |value: &Value| value.as_object().is_some_and(|part| part.len() == 1 && part.contains_key("type"));
    is_set(schema, INT_OR_STRING) && key == "anyOf" && list(schema, key).iter().all(is_plain)
}

/// The list under a key of the schema; what is no list has no items.
fn list<'s>(schema: &'s Schema, key: &str) -> &'s [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a key of the schema is `true`; anything else, and no such key, is false.
fn is_set(schema: &Schema, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}
