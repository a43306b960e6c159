//! One Kubernetes version as its OpenAPI file (`api/openapi-spec/swagger.json`) describes it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::table::{Field, Kind, Life, Table, Type};

/// Reads a whole OpenAPI file; the table has no versions yet.
pub fn read(swagger: &Value) -> Result<Table, String> {
    let definitions = swagger.get("definitions").and_then(Value::as_object);
    let definitions = definitions.ok_or("this is not an OpenAPI 2 file: it has no `definitions`")?;
    let types = definitions
        .iter()
        .map(|(name, definition)| Ok((name.clone(), type_of(name, definition)?)))
        .collect::<Result<BTreeMap<_, _>, String>>()?;
    let kinds = kinds(swagger, &kind_types(definitions));
    if kinds.is_empty() {
        return Err("this OpenAPI file has no `paths` that lead to a kind".to_owned());
    }
    Ok(Table { versions: Vec::new(), kinds, types })
}

/// What the file leaves open of types whose form the API server knows better.
const FORMS: &[(&str, &str)] = &[
    (".pkg.api.resource.Quantity", "quantity"),
    (".pkg.util.intstr.IntOrString", "int-or-string"),
    (".apiextensions.v1.JSON", "any"),
    (".apiextensions.v1.JSONSchemaPropsOrArray", "any"),
    (".apiextensions.v1.JSONSchemaPropsOrBool", "any"),
    (".apiextensions.v1.JSONSchemaPropsOrStringArray", "any"),
];

fn type_of(name: &str, definition: &Value) -> Result<Type, String> {
    let fields = definition.get("properties").and_then(Value::as_object);
    let form = FORMS.iter().find(|(end, _)| name.ends_with(end)).map(|(_, form)| *form);
    let is = match (form, fields, text(definition, "type"), text(definition, "format")) {
        (Some(form), ..) => form.to_owned(),
        (None, Some(_), ..) => "object".to_owned(),
        (None, None, Some("object"), _) => "free".to_owned(),
        (None, None, Some(of), Some(format)) => format!("{of}:{format}"),
        (None, None, None, _) => "any".to_owned(),
        (None, None, Some(of), None) => {
            return Err(format!("`{name}` is a bare `{of}`, which has no form yet"));
        }
    };
    let fields = fields.filter(|_| form.is_none()).map(|fields| {
        fields
            .iter()
            .map(|(key, field)| Ok((key.clone(), field_of(definition, key, field)?)))
            .collect::<Result<BTreeMap<_, _>, String>>()
            .map_err(|reason| format!("`{name}`: {reason}"))
    });
    let unions = definition.get("x-kubernetes-unions").cloned();
    Ok(Type { is, fields: fields.transpose()?, unions, life: Life::default() })
}

fn field_of(owner: &Value, key: &str, field: &Value) -> Result<Field, String> {
    let required = strings(owner, "required").any(|name| name == key);
    let own = strings(field, "enum");
    let mut allowed: Vec<String> = match field.get("items") {
        Some(items) => own.chain(strings(items, "enum")).collect(),
        None => own.collect(),
    };
    allowed.sort();
    Ok(Field {
        r#type: written(field).ok_or_else(|| format!("`{key}` has no type that is known"))?,
        merge_key: text(field, "x-kubernetes-patch-merge-key").map(str::to_owned),
        list: text(field, "x-kubernetes-list-type").map(str::to_owned),
        list_keys: strings(field, "x-kubernetes-list-map-keys").collect(),
        life: Life::default(),
        required,
        r#enum: allowed,
    })
}

/// A type as the table writes it: `string`, `[integer:int32]`, `{string}`, a name.
fn written(schema: &Value) -> Option<String> {
    if let Some(reference) = text(schema, "$ref") {
        return reference.rsplit('/').next().map(str::to_owned);
    }
    match (text(schema, "type")?, text(schema, "format")) {
        ("array", _) => Some(format!("[{}]", written(schema.get("items")?)?)),
        ("object", _) => Some(match schema.get("additionalProperties") {
            Some(values) => format!("{{{}}}", written(values)?),
            None => "{any}".to_owned(),
        }),
        (of, Some(format)) => Some(format!("{of}:{format}")),
        (of, None) => Some(of.to_owned()),
    }
}

type KindTypes<'a> = BTreeMap<(&'a str, &'a str, &'a str), &'a str>;

/// The definition of each kind, by group, version and kind.
fn kind_types(definitions: &serde_json::Map<String, Value>) -> KindTypes<'_> {
    let mut types = BTreeMap::new();
    for (name, definition) in definitions {
        let kinds = definition.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
        // What is registered in every group (`DeleteOptions`, `WatchEvent`) is no kind of its own.
        if let Some([kind]) = kinds.map(Vec::as_slice) {
            types.extend(group_version_kind(kind).map(|key| (key, name.as_str())));
        }
    }
    types
}

/// The kinds that a path of their own leads to: others are parts or lists.
fn kinds(swagger: &Value, types: &KindTypes<'_>) -> Vec<Kind> {
    let mut kinds: BTreeMap<(&str, &str, &str), Kind> = BTreeMap::new();
    let paths = swagger.get("paths").and_then(Value::as_object);
    for (path, operations) in paths.into_iter().flatten() {
        let Some((namespaced, plural)) = resource(path) else { continue };
        let operations = operations.as_object().into_iter().flat_map(|operations| operations.values());
        let names = operations.filter_map(|operation| operation.get("x-kubernetes-group-version-kind"));
        for key in names.filter_map(group_version_kind) {
            let Some(of) = types.get(&key) else { continue };
            let (group, version, kind) = key;
            let entry = kinds.entry(key).or_insert_with(|| Kind {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
                r#type: (*of).to_owned(),
                plural: plural.to_owned(),
                namespaced,
                life: Life::default(),
            });
            entry.namespaced |= namespaced;
        }
    }
    kinds.into_values().collect()
}

/// Whether a path leads to objects of a namespace, and their plural; none for single objects and parts of them.
fn resource(path: &str) -> Option<(bool, &str)> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let below = match parts.as_slice() {
        ["api", _, below @ ..] | ["apis", _, _, below @ ..] => below,
        _ => return None,
    };
    match below {
        ["namespaces", "{namespace}", plural] => Some((true, plural)),
        [plural] => Some((false, plural)),
        _ => None,
    }
}

fn group_version_kind(value: &Value) -> Option<(&str, &str, &str)> {
    Some((text(value, "group")?, text(value, "version")?, text(value, "kind")?))
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn strings<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = String> + use<'v> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
}
