//! From a CRD's structural schema to types of the table.

use serde_json::{Map, Value};

use super::builder::Builder;
use super::table::{Field, Format, Kind, Life, Limits, Shape, Slice, Type, TypeId, Unique};

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

/// Adds one version of a custom kind with its OpenAPI v3 schema.
pub fn add_custom_kind(builder: &mut Builder, custom: CustomKind<'_>, version: &str, schema: &Value) {
    let metadata = builder.table().metadata;
    let text = builder.add_type(Type::new(Shape::Text(Format::Plain)));
    let own = Some(schema).and_then(Value::as_object);
    let mut fields = own.map(|schema| fields(builder, schema)).unwrap_or_default();
    for (name, shape) in [("apiVersion", text), ("kind", text), ("metadata", metadata)] {
        let name = builder.name(name);
        fields.retain(|field| field.name != name);
        fields.push(Field { name, shape, required: false, life: Life::ALWAYS });
    }
    let open = own.is_none_or(|schema| is_set(schema, PRESERVE));
    let shape = Shape::Object { fields: builder.fields(fields), open };
    let shape = builder.add_type(Type::new(shape));
    let kind = builder.name(custom.kind);
    let api_version = builder.name(&format!("{}/{version}", custom.group));
    let namespaced = custom.namespaced;
    builder.kind(Kind { kind, api_version, shape, namespaced, custom: true, life: Life::ALWAYS });
}

const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";
const EMBEDDED: &str = "x-kubernetes-embedded-resource";

type Schema = Map<String, Value>;

fn add_schema(builder: &mut Builder, schema: &Value) -> TypeId {
    let Some(schema) = schema.as_object() else { return builder.add_type(Type::new(Shape::Any)) };
    let shape = shape(builder, schema);
    let allowed: Vec<&str> = list(schema, "enum").iter().filter_map(Value::as_str).collect();
    let allowed = if matches!(shape, Shape::Text(_)) { builder.words(allowed) } else { Slice::EMPTY };
    let limits = limits(builder, schema, shape);
    let of = Type { shape, allowed, limits, nullable: is_set(schema, "nullable") };
    builder.add_type(of)
}

fn shape(builder: &mut Builder, schema: &Schema) -> Shape {
    if is_set(schema, INT_OR_STRING) {
        return Shape::IntOrString(Format::Plain);
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => object(builder, schema),
        Some("array") => array(builder, schema),
        Some("string") => Shape::Text(match format {
            "date-time" => Format::Time,
            "byte" => Format::Base64,
            _ => Format::Plain,
        }),
        Some("integer") => Shape::Integer(if format == "int32" { 32 } else { 64 }),
        Some("number") => Shape::Number,
        Some("boolean") => Shape::Boolean,
        _ => Shape::Any,
    }
}

fn object(builder: &mut Builder, schema: &Schema) -> Shape {
    let open = is_set(schema, PRESERVE);
    let embedded = is_set(schema, EMBEDDED);
    match schema.get("additionalProperties") {
        Some(values @ Value::Object(_)) => {
            return Shape::Map { values: add_schema(builder, values), keys: Format::Plain };
        }
        Some(Value::Bool(true)) => return Shape::Free,
        _ => {}
    }
    // An embedded resource has the fields of every resource, whether its schema says so or not.
    if embedded || (open && !schema.contains_key("properties")) {
        return Shape::Free;
    }
    let fields = fields(builder, schema);
    Shape::Object { fields: builder.fields(fields), open }
}

fn fields(builder: &mut Builder, schema: &Schema) -> Vec<Field> {
    let required = list(schema, "required");
    let properties = schema.get("properties").and_then(Value::as_object);
    let field = |(key, property): (&String, &Value)| {
        // A default is written in before the API server looks for what is missing.
        let defaulted = property.get("default").is_some();
        let required = !defaulted && required.iter().any(|name| name == key.as_str());
        let shape = add_schema(builder, property);
        Field { name: builder.name(key), shape, required, life: Life::ALWAYS }
    };
    properties.into_iter().flatten().map(field).collect()
}

fn array(builder: &mut Builder, schema: &Schema) -> Shape {
    let items = schema.get("items").unwrap_or(&Value::Null);
    let items = add_schema(builder, items);
    let unique = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => Unique::Item,
        Some("map") => {
            let keys: Vec<&str> =
                list(schema, "x-kubernetes-list-map-keys").iter().filter_map(Value::as_str).collect();
            Unique::Keys(builder.words(keys))
        }
        _ => Unique::No,
    };
    Shape::List { items, unique }
}

fn limits(builder: &mut Builder, schema: &Schema, shape: Shape) -> u32 {
    let (low, high) = match shape {
        Shape::Text(_) => ("minLength", "maxLength"),
        Shape::List { .. } => ("minItems", "maxItems"),
        Shape::Object { .. } | Shape::Map { .. } | Shape::Free => ("minProperties", "maxProperties"),
        _ => ("minimum", "maximum"),
    };
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let pattern = schema.get("pattern").and_then(Value::as_str).map(|pattern| builder.name(pattern));
    builder.limits(Limits { low: bound(low), high: bound(high), pattern })
}

fn list<'s>(schema: &'s Schema, key: &str) -> &'s [Value] {
    schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_set(schema: &Schema, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}
