//! The JSON Schema of a profile: draft 07, closed, and no larger than an editor and a start-up can bear.
//!
//! schemars generates a schema from the types; transforms, in the order in which [`schema_of`] lists them, then make of
//! it what the program's messages and editors need. Draft 07 is what editors' YAML plug-ins understand best.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::datafly::Datafly;
use super::flow8::Flow8;
use super::forms;
use super::skillflaw::SkillFlaw;
use super::skyflo::Skyflo;

/// The schema of a profile's values; none when there is no such profile.
pub fn schema(name: &str) -> Option<Value> {
    match name {
        "datafly" => Some(schema_of::<Datafly>()),
        "flow8" => Some(schema_of::<Flow8>()),
        "skillflaw" => Some(schema_of::<SkillFlaw>()),
        "skyflo" => Some(schema_of::<Skyflo>()),
        _ => None,
    }
}

/// The schema as the text of `schemas/<name>.schema.json`: a line for each key of a definition, for whoever reads
/// the changes, and no white space beyond that, since each start of the program reads it.
pub fn schema_text(name: &str) -> Option<String> {
    let mut text = String::new();
    write_lines(&schema(name)?, 0, &mut text);
    text.push('\n');
    Some(text)
}

/// How deep objects are spread over lines: down to the keys of a definition (`definitions`, its name, `properties`, a key).
const SPREAD_DEPTH: usize = 4;

fn write_lines(value: &Value, depth: usize, text: &mut String) {
    let Some(object) = value.as_object().filter(|object| depth < SPREAD_DEPTH && !object.is_empty()) else {
        return text.push_str(&value.to_string());
    };
    let indent = " ".repeat(depth);
    for (index, (key, value)) in object.iter().enumerate() {
        text.push_str(if index == 0 { "{\n" } else { ",\n" });
        text.push_str(&format!("{indent} {}: ", Value::from(key.as_str())));
        write_lines(value, depth + 1, text);
    }
    text.push_str(&format!("\n{indent}}}"));
}

fn schema_of<T: JsonSchema>() -> Value {
    // In this order: `close` looks for the type `object`, which `drop_null` makes of `object or null`.
    let settings = SchemaSettings::draft07()
        .with_transform(RecursiveTransform(drop_null))
        .with_transform(RecursiveTransform(name_choices))
        .with_transform(RecursiveTransform(close))
        .with_transform(describe_kubernetes)
        .with_transform(add_examples);
    settings.into_generator().into_root_schema_for::<T>().into()
}

/// Takes `null` out of what an `Option` may be.
///
/// `null` takes a key back when layers are merged, so no merged value is null, and no message has to speak of it.
fn drop_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        // schemars writes an `Option<String>` as the type `["string", "null"]`, an `Option` of an enum with a null
        // among its values, and an `Option` of anything else as `anyOf`.
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            // One type is written as a string, not as a list of one.
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(mut branches)) = object.remove("anyOf") {
        branches.retain(|branch| branch != &json!({ "type": "null" }));
        match branches.as_slice() {
            [only] => absorb(object, only.clone()),
            _ => drop(object.insert("anyOf".to_owned(), Value::Array(branches))),
        }
    }
}

/// Puts what the only branch of an `anyOf` says into the schema itself.
fn absorb(object: &mut Map<String, Value>, branch: Value) {
    match branch {
        // In draft 07 whatever stands beside a `$ref` is ignored, so one with neighbours (a description) is wrapped.
        Value::Object(inner) if !inner.contains_key("$ref") || object.is_empty() => object.extend(inner),
        branch => drop(object.insert("allOf".to_owned(), json!([branch]))),
    }
}

/// An enum whose variants have descriptions comes as `oneOf` constants; as an `enum`, its error lists the names.
fn name_choices(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let Some(Value::Array(branches)) = object.get("oneOf") else { return };
    let Some(names) = branches.iter().map(|branch| branch.get("const").cloned()).collect::<Option<Vec<_>>>()
    else {
        return;
    };
    object.remove("oneOf");
    object.insert("type".to_owned(), json!("string"));
    object.insert("enum".to_owned(), Value::Array(names));
}

/// Closes each object whose keys are known.
///
/// serde's `deny_unknown_fields` can't be used beside `flatten`, so some types arrive open.
fn close(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let known = object.get("type").is_some_and(|kind| kind == "object") && object.contains_key("properties");
    if known && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

/// Shortens Kubernetes's own descriptions to their first sentence, and gives its two scalar types their grammar, and its
/// fields their forms.
///
/// The full descriptions run to paragraphs, and an editor shows a line or two. k8s-openapi describes `Quantity` as any string, and
/// `IntOrString` by an extension of Kubernetes that no editor knows.
fn describe_kubernetes(schema: &mut Schema) {
    let Some(Value::Object(definitions)) = schema.get_mut("definitions") else { return };
    for (name, definition) in definitions.iter_mut().filter(|(name, _)| name.starts_with("io.k8s.")) {
        match name.rsplit('.').next() {
            Some("Quantity") => *definition = forms::quantity(),
            Some("IntOrString") => *definition = json!({ "type": ["integer", "string"] }),
            _ => shorten(definition),
        }
    }
    for (form, fields) in forms::fields() {
        fields.iter().for_each(|field| set_form(definitions, field, &form));
    }
}

/// Sets the form of a field of one of Kubernetes's own types beside its type.
fn set_form(definitions: &mut Map<String, Value>, field: &str, form: &Value) {
    let (field, of_items) = field.strip_suffix("[]").map_or((field, false), |field| (field, true));
    let Some((kind, field)) = field.split_once('.') else { return };
    let of_kind = |(name, _): &(&String, &mut Value)| {
        name.starts_with("io.k8s.") && name.rsplit('.').next() == Some(kind)
    };
    // A chart has the types that its settings lead to.
    let Some((_, definition)) = definitions.iter_mut().find(of_kind) else { return };
    let field = definition.get_mut("properties").and_then(|fields| fields.get_mut(field));
    let place = if of_items { field.and_then(|field| field.get_mut("items")) } else { field };
    if let (Some(Value::Object(place)), Value::Object(form)) = (place, form) {
        place.extend(form.clone());
    }
}

/// What an editor shows beside a setting whose description does not say what a value looks like, by the setting's key.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("className", &["nginx", "traefik"]),
    ("email", &["ops@example.com"]),
    ("existingSecret", &["app-credentials"]),
    ("host", &["app.example.com"]),
    ("ingressClassName", &["nginx", "traefik"]),
    ("registry", &["registry.example.com"]),
    ("repository", &["registry.example.com/team/app"]),
    ("secretName", &["app-tls"]),
    ("serviceAccountName", &["app"]),
    ("storageClass", &["gp3", "standard-rwo", "managed-csi"]),
    ("tag", &["1.4.2"]),
];

/// Gives texts of the charts' own settings examples. The types of Kubernetes are described by themselves.
fn add_examples(schema: &mut Schema) {
    for (key, value) in schema.as_object_mut().into_iter().flatten() {
        match (key.as_str(), value) {
            ("definitions", Value::Object(definitions)) => {
                let own = definitions.iter_mut().filter(|(name, _)| !name.starts_with("io.k8s."));
                own.for_each(|(_, definition)| exemplify(definition));
            }
            ("properties", Value::Object(properties)) => {
                give_examples(properties);
                properties.values_mut().for_each(exemplify);
            }
            _ => {}
        }
    }
}

fn exemplify(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                give_examples(properties);
            }
            object.values_mut().for_each(exemplify);
        }
        Value::Array(items) => items.iter_mut().for_each(exemplify),
        _ => {}
    }
}

fn give_examples(properties: &mut Map<String, Value>) {
    for (key, examples) in EXAMPLES {
        let Some(Value::Object(property)) = properties.get_mut(*key) else { continue };
        // Conditions speak of the same keys, and of no type.
        let is_text = property.get("type").is_some_and(|kind| kind == "string");
        if is_text && property.contains_key("description") && !property.contains_key("enum") {
            property.insert("examples".to_owned(), json!(examples));
        }
    }
}

fn shorten(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(text)) = object.get_mut("description") {
                let end = text.find(". ").or_else(|| text.find(".\n")).map_or(text.len(), |dot| dot + 1);
                text.truncate(end);
            }
            object.values_mut().for_each(shorten);
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        _ => {}
    }
}
