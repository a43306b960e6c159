//! The Rust types that kopium makes of CRDs, as in the crates `kcr_*`, read back as structural schemas.
//!
//! ```text
//! #[kube(group = "ray.io", version = "v1", kind = "RayJob", plural = "rayjobs")]     a kind, and its spec
//! #[kube(namespaced)]                                                                its scope
//! pub struct RayJobSpec {
//!     #[serde(default, skip_serializing_if = "Option::is_none", rename = "jobId")]   the key, if it is another
//!     pub job_id: Option<String>,                                                    its type, and whether it is required
//! ```
//!
//! Patterns, bounds, list types and rules are not kept. Neither are defaults: a field whose documentation speaks of one,
//! and a number, boolean or enum, is not taken to be required.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::described::{Described, any_map, anything, int_or_string, object};

/// What a file declares.
#[derive(Debug, Default)]
struct File {
    structs: BTreeMap<String, Vec<Field>>,
    enums: BTreeMap<String, Vec<String>>,
    kind: Option<Kind>,
}

#[derive(Debug)]
struct Field {
    key: String,
    of: String,
    /// Whether its documentation speaks of a default.
    has_default: bool,
}

/// What `#[kube(…)]` says.
#[derive(Debug, Default)]
struct Kind {
    group: String,
    version: String,
    kind: String,
    plural: String,
    namespaced: bool,
    status: bool,
    spec: String,
}

/// Reads each file of a crate that has a kind.
///
/// # Errors
/// A file that cannot be read, or with a type that is not known.
pub fn read(folder: &Path) -> Result<Vec<Described>, String> {
    let mut found = Vec::new();
    for path in crate::crd::files(&folder.join("src"), "rs")? {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file = parse(&text);
        if let Some(kind) = &file.kind {
            found.push(described(&file, kind).map_err(|reason| format!("{}: {reason}", path.display()))?);
        }
    }
    Ok(found)
}

fn described(file: &File, kind: &Kind) -> Result<Described, String> {
    let mut properties = BTreeMap::from([("spec".to_owned(), schema(file, &kind.spec, 0)?)]);
    if kind.status {
        properties.insert("status".to_owned(), any_map());
    }
    Ok(Described {
        group: kind.group.clone(),
        version: kind.version.clone(),
        kind: kind.kind.clone(),
        plural: kind.plural.clone(),
        namespaced: kind.namespaced,
        has_status: kind.status,
        // Whether the spec is required is not kept.
        schema: object(properties, Vec::new(), false),
    })
}

fn parse(text: &str) -> File {
    let mut file = File::default();
    let mut kind = Kind::default();
    let mut item: Option<(bool, String)> = None;
    let mut rename: Option<String> = None;
    let mut documentation = String::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(words) = line.strip_prefix("///") {
            documentation.push_str(&words.to_lowercase());
        } else if let Some(said) = line.strip_prefix("#[kube(") {
            kind.namespaced |= said.starts_with("namespaced");
            kind.status |= said.starts_with("status");
            if said.starts_with("group") {
                let text = |key: &str| quoted(said, key).unwrap_or_default();
                kind = Kind {
                    group: text("group"),
                    version: text("version"),
                    kind: text("kind"),
                    plural: text("plural"),
                    ..kind
                };
            }
        } else if line.starts_with("#[serde(") {
            rename = quoted(line, "rename").or(rename);
        } else if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            if !kind.group.is_empty() && kind.spec.is_empty() {
                name.clone_into(&mut kind.spec);
            }
            file.structs.insert(name.to_owned(), Vec::new());
            item = Some((true, name.to_owned()));
            documentation.clear();
        } else if let Some(name) = line.strip_prefix("pub enum ").and_then(|rest| rest.strip_suffix(" {")) {
            file.enums.insert(name.to_owned(), Vec::new());
            item = Some((false, name.to_owned()));
        } else if line == "}" {
            item = None;
        } else if let Some((is_struct, name)) = &item {
            let field = line.strip_prefix("pub ").and_then(|field| field.strip_suffix(',')?.split_once(": "));
            match field {
                Some((field, of)) if *is_struct => {
                    let key = rename.take().unwrap_or_else(|| field.trim_start_matches("r#").to_owned());
                    let has_default = ["default", "compatib"].iter().any(|word| documentation.contains(word));
                    documentation.clear();
                    let field = Field { key, of: of.to_owned(), has_default };
                    file.structs.entry(name.clone()).or_default().push(field);
                }
                None if !*is_struct && line.ends_with(',') => {
                    let variant = rename.take().unwrap_or_else(|| line.trim_end_matches(',').to_owned());
                    file.enums.entry(name.clone()).or_default().push(variant);
                }
                _ => {}
            }
        }
    }
    file.kind = (!kind.spec.is_empty()).then_some(kind);
    file
}

/// The text in quotes behind `key = `.
fn quoted(line: &str, key: &str) -> Option<String> {
    let rest = line.split(&format!("{key} = \"")).nth(1)?;
    let mut text = String::new();
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Some(text),
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    None
}

/// Types of CRDs are finite: what is deeper goes round in a circle, and is left open.
const MAX_DEPTH: usize = 64;

fn schema(file: &File, of: &str, depth: usize) -> Result<Value, String> {
    let of = of.trim();
    if depth > MAX_DEPTH {
        return Ok(anything());
    }
    if let Some(inner) = generic(of, "Option").or_else(|| generic(of, "Box")) {
        return schema(file, inner, depth);
    }
    if let Some(items) = generic(of, "Vec") {
        return Ok(json!({ "type": "array", "items": schema(file, items, depth + 1)? }));
    }
    if let Some(values) = generic(of, "BTreeMap").and_then(|inside| inside.strip_prefix("String, ")) {
        return Ok(match values {
            "serde_json::Value" => any_map(),
            values => json!({ "type": "object", "additionalProperties": schema(file, values, depth + 1)? }),
        });
    }
    Ok(match of {
        "String" => json!({ "type": "string" }),
        "bool" => json!({ "type": "boolean" }),
        "i32" => json!({ "type": "integer", "format": "int32" }),
        "i64" | "u32" | "u64" => json!({ "type": "integer" }),
        "f64" | "f32" => json!({ "type": "number" }),
        "serde_json::Value" => anything(),
        "IntOrString" => int_or_string(),
        "Condition" | "ObjectReference" => any_map(),
        name => match (file.structs.get(name), file.enums.get(name)) {
            (Some(fields), _) => {
                let mut properties = BTreeMap::new();
                let mut required = Vec::new();
                for field in fields {
                    properties.insert(field.key.clone(), schema(file, &field.of, depth + 1)?);
                    // What is no text and no object has a default more often than not, if it is required.
                    let is_plain = ["bool", "i32", "i64", "f64"].contains(&field.of.as_str())
                        || file.enums.contains_key(&field.of);
                    if generic(&field.of, "Option").is_none() && !field.has_default && !is_plain {
                        required.push(field.key.clone());
                    }
                }
                // An object without known fields was one that says nothing of them.
                let open = properties.is_empty();
                object(properties, required, open)
            }
            // An enum of numbers has their digits as variants.
            (_, Some(variants)) if variants.iter().all(|variant| variant.parse::<f64>().is_err()) => {
                json!({ "type": "string", "enum": variants })
            }
            (_, Some(_)) => anything(),
            _ => return Err(format!("`{name}` is not a type that is known")),
        },
    })
}

/// What stands between the angle brackets of a generic type.
fn generic<'t>(of: &'t str, name: &str) -> Option<&'t str> {
    of.strip_prefix(name)?.strip_prefix('<')?.strip_suffix('>')
}
