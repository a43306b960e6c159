//! The types of Kubernetes as JSON Schema, by name: what values schemas may refer to.
//!
//! | name | is |
//! |---|---|
//! | `ResourceRequirements` | the type of that name; of several of one group, that of the preferred version |
//! | `core.v1.Event`, `io.k8s.api.core.v1.Event` | the type whose full name ends so |
//! | `apps/v1/Deployment`, `v1/Pod` | the type of a kind |

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::DeflateDecoder;
use serde_json::{Map, Value, json};

use super::built_in::{TYPE_NAMES, built_in};
use super::kinds::stability;
use super::table::{Shape, Table, Type, TypeId};
use super::versions::Versions;
use crate::diagnostic::nearest;

/// A type with all that it refers to, as definitions of a JSON Schema.
#[derive(Clone, Debug)]
pub struct TypeSchemas {
    /// The full name of the type: `io.k8s.api.core.v1.ResourceRequirements`.
    pub name: String,
    /// It and those that it refers to, as `#/$defs/NAME`, by full name.
    pub definitions: BTreeMap<String, Value>,
}

/// Why there is no type of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoType {
    /// No type has it; the name that is most like it, if one is.
    Unknown(Option<String>),
    /// Several types have it: these.
    Ambiguous(Vec<String>),
}

/// The type of this name as all of these versions have it.
///
/// # Errors
/// A name that no type has, or several.
pub fn type_schemas(name: &str, versions: Versions) -> Result<TypeSchemas, NoType> {
    let table = built_in();
    let root = find(&table, name)?;
    let mut schemas = Schemas { table: &table, versions, waiting: vec![root] };
    let mut definitions = BTreeMap::new();
    while let Some(id) = schemas.waiting.pop() {
        let Some(name) = name_of(id) else { continue };
        if !definitions.contains_key(name) {
            let mut definition = schemas.of_type(id);
            if let Some(definition) = definition.as_object_mut() {
                definition.insert("title".to_owned(), json!(short(name)));
            }
            definitions.insert(name.to_owned(), definition);
        }
    }
    Ok(TypeSchemas { name: name_of(root).unwrap_or_default().to_owned(), definitions })
}

/// The full names of the named types, in the order of their ids.
fn names() -> &'static [String] {
    static NAMES: OnceLock<Vec<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut text = String::new();
        // What the build has packed can be unpacked; without names, no type is known.
        let _ = DeflateDecoder::new(TYPE_NAMES).read_to_string(&mut text);
        text.lines().map(str::to_owned).collect()
    })
}

fn name_of(id: TypeId) -> Option<&'static str> {
    names().get(id.0 as usize).map(String::as_str)
}

/// `Container` of `io.k8s.api.core.v1.Container`.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A full name without its version and its last part: what is the same in all versions of one group.
fn group_of(name: &str) -> &str {
    let owner = name.rsplit_once('.').map_or("", |(owner, _)| owner);
    owner.rsplit_once('.').map_or("", |(group, _)| group)
}

fn version_of(name: &str) -> &str {
    name.rsplit('.').nth(1).unwrap_or_default()
}

fn find(table: &Table, wanted: &str) -> Result<TypeId, NoType> {
    if let Some((api_version, kind)) = wanted.rsplit_once('/') {
        let kind = table.kind(api_version, kind).filter(|kind| !kind.custom);
        return kind.map(|kind| kind.type_id).ok_or_else(|| NoType::Unknown(near_kind(table, wanted)));
    }
    let all = (0..).map(TypeId).zip(names());
    let ends_so = |name: &str| {
        name.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let found: Vec<(TypeId, &String)> = all.filter(|(_, name)| ends_so(name)).collect();
    // Of several versions of one type the preferred one, as of a kind.
    let preferred = found.iter().max_by_key(|(_, name)| stability(version_of(name)));
    match preferred {
        None => Err(NoType::Unknown(near_type(wanted))),
        Some((id, name)) if found.iter().all(|(_, other)| group_of(other) == group_of(name)) => Ok(*id),
        Some(_) => {
            let short_names = found.iter().map(|(_, name)| name.trim_start_matches("io.k8s.api.").to_owned());
            Err(NoType::Ambiguous(short_names.collect()))
        }
    }
}

fn near_type(wanted: &str) -> Option<String> {
    let by_last = nearest(wanted, names().iter().map(|name| short(name)));
    by_last.or_else(|| nearest(wanted, names().iter().map(String::as_str))).map(str::to_owned)
}

fn near_kind(table: &Table, wanted: &str) -> Option<String> {
    let kinds = table.kinds.iter().filter(|kind| !kind.custom);
    let names: Vec<String> =
        kinds.map(|kind| format!("{}/{}", table.name(kind.api_version), table.name(kind.kind))).collect();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}

/// Types as schemas, with the named ones that are still to be defined.
struct Schemas<'t> {
    table: &'t Table,
    versions: Versions,
    waiting: Vec<TypeId>,
}

impl Schemas<'_> {
    /// A reference to a named type, or the schema of another.
    fn at(&mut self, id: TypeId) -> Value {
        match name_of(id) {
            Some(name) => {
                self.waiting.push(id);
                json!({ "$ref": format!("#/$defs/{name}") })
            }
            None => self.of_type(id),
        }
    }

    fn of_type(&mut self, id: TypeId) -> Value {
        let of = self.table.get(id);
        match of.shape {
            Shape::Any => json!({}),
            Shape::FreeMap => json!({ "type": "object" }),
            Shape::Object { fields, open } => {
                let mut properties = Map::new();
                let mut required = Vec::new();
                // By index, as the walk below borrows what the fields are read of.
                let fields = self.table.fields(fields).to_vec();
                let known =
                    fields.into_iter().filter(|field| self.versions.lacking(field.availability).is_empty());
                for field in known.collect::<Vec<_>>() {
                    let name = self.table.name(field.name).to_owned();
                    if field.required {
                        required.push(Value::from(name.as_str()));
                    }
                    properties.insert(name, self.at(field.type_id));
                }
                let mut schema = json!({ "type": "object", "properties": properties });
                if !required.is_empty() {
                    schema["required"] = Value::Array(required);
                }
                if !open {
                    schema["additionalProperties"] = Value::Bool(false);
                }
                schema
            }
            Shape::Map { values, .. } => {
                json!({ "type": "object", "additionalProperties": self.at(values) })
            }
            Shape::List { items, .. } => json!({ "type": "array", "items": self.at(items) }),
            Shape::Text(_) => self.text(of),
            Shape::Integer(_) => self.bounded(of, json!({ "type": "integer" })),
            Shape::Number => self.bounded(of, json!({ "type": "number" })),
            Shape::Boolean => json!({ "type": "boolean" }),
            // A number stands for itself, as it is written.
            Shape::Quantity => json!({ "type": ["number", "string"], "pattern": QUANTITY }),
            Shape::IntOrString(_) => json!({ "type": ["integer", "string"] }),
        }
    }

    fn text(&self, of: Type) -> Value {
        let allowed: Vec<&str> = self.table.words(of.allowed).collect();
        let mut schema = json!({ "type": "string" });
        if !allowed.is_empty() {
            schema["enum"] = json!(allowed);
        }
        if let Some(minimum) = self.table.constraints(of).minimum {
            schema["minLength"] = json!(minimum as u64);
        }
        schema
    }

    fn bounded(&self, of: Type, mut schema: Value) -> Value {
        let constraints = self.table.constraints(of);
        for (key, bound) in [("minimum", constraints.minimum), ("maximum", constraints.maximum)] {
            if let Some(bound) = bound {
                schema[key] = json!(bound as i64);
            }
        }
        schema
    }
}

/// A quantity: a decimal number with a suffix or an exponent.
const QUANTITY: &str =
    "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+)?$";

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> String {
        match type_schemas(name, Versions::default()) {
            Ok(found) => found.name,
            Err(NoType::Unknown(near)) => format!("unknown, near {}", near.unwrap_or_default()),
            Err(NoType::Ambiguous(names)) => format!("one of {}", names.join(" ")),
        }
    }

    #[test]
    fn types_are_found_by_their_names() {
        let rows = [
            ("ResourceRequirements", "io.k8s.api.core.v1.ResourceRequirements"),
            ("core.v1.Toleration", "io.k8s.api.core.v1.Toleration"),
            ("io.k8s.api.core.v1.Container", "io.k8s.api.core.v1.Container"),
            ("HorizontalPodAutoscalerSpec", "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec"),
            ("v1.HorizontalPodAutoscalerSpec", "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec"),
            ("apps/v1/Deployment", "io.k8s.api.apps.v1.Deployment"),
            ("v1/Pod", "io.k8s.api.core.v1.Pod"),
            ("Quantity", "io.k8s.apimachinery.pkg.api.resource.Quantity"),
            ("EventSeries", "one of core.v1.EventSeries events.v1.EventSeries"),
            ("ResourceRequirement", "unknown, near ResourceRequirements"),
            ("apps/v1/Deploymint", "unknown, near apps/v1/Deployment"),
            ("Nothing of the kind", "unknown, near "),
            ("", "unknown, near "),
        ];
        for (name, expected) in rows {
            assert_eq!(found(name), expected, "{name}");
        }
    }

    #[test]
    fn every_type_can_be_defined() {
        for name in names() {
            let schemas = type_schemas(name, Versions::default()).expect("a name");
            assert!(schemas.definitions.contains_key(&schemas.name), "{name}");
            for definition in schemas.definitions.values() {
                let text = definition.to_string();
                let references = text.split("\"#/$defs/").skip(1).filter_map(|rest| rest.split('"').next());
                for reference in references {
                    assert!(schemas.definitions.contains_key(reference), "{name}: {reference}");
                }
            }
        }
    }
}
