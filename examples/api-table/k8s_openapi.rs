//! One Kubernetes version as the crate `k8s-openapi` has it in its source (`src/v1_37`), told as an OpenAPI file.
//!
//! The crate is generated from the OpenAPI file of a release and keeps most of it, each definition in a file of its own:
//! the schema, for `schemars`, and the name and path of a kind. What it does not keep is said in CONTRIBUTING.md, and
//! comes from the Go types (`go_types.rs`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// The folder of a version, `k8s-openapi-0.29.0/src/v1_37`, as an OpenAPI file.
pub fn read(folder: &Path) -> Result<Value, String> {
    let mut sources = Vec::new();
    rust_files(folder, &mut Vec::new(), &mut sources)?;
    if sources.is_empty() {
        return Err(format!("{}: there is no definition in it", folder.display()));
    }
    // Schemas refer to each other as Rust does: `crate::api::core::v1::ServicePort`.
    let names: BTreeMap<&str, &str> =
        sources.iter().map(|source| (source.rust.as_str(), source.name.as_str())).collect();
    let mut definitions = Map::new();
    let mut paths = Map::new();
    for source in &sources {
        let mut definition = schema(&source.text, &names)
            .map_err(|reason| format!("{}: its schema has {reason}", source.name))?;
        if let Some(kind) = kind(&source.text) {
            let gvk = json!({"group": kind.group, "version": kind.version, "kind": kind.name});
            without_metadata(&mut definition);
            definition["x-kubernetes-group-version-kind"] = json!([gvk]);
            paths.extend(
                kind.path().map(|path| (path, json!({"post": {"x-kubernetes-group-version-kind": gvk}}))),
            );
            definitions.extend(kind.list(&source.name));
        }
        definitions.insert(source.name.clone(), definition);
    }
    Ok(json!({"swagger": "2.0", "paths": paths, "definitions": definitions}))
}

/// A file with a definition.
struct Source {
    /// `io.k8s.api.core.v1.ServicePort`.
    name: String,
    /// `crate::api::core::v1::ServicePort`.
    rust: String,
    text: String,
}

fn rust_files(folder: &Path, modules: &mut Vec<String>, into: &mut Vec<Source>) -> Result<(), String> {
    let error = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let module = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            modules.push(module);
            rust_files(&path, modules, into)?;
            modules.pop();
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        // `mod.rs` is of no definition.
        let Some(name) =
            text.lines().next().and_then(|line| line.strip_prefix("// Generated from definition "))
        else {
            continue;
        };
        let name = name.trim().to_owned();
        // The crate's own: one generic list for those of all kinds.
        if name == "io.k8s.List" {
            continue;
        }
        let of = name.rsplit('.').next().unwrap_or_default();
        into.push(Source { rust: format!("crate::{}::{of}", modules.join("::")), name, text });
    }
    Ok(())
}

/// What `impl Resource` says.
struct Kind<'s> {
    group: &'s str,
    version: &'s str,
    name: &'s str,
    plural: &'s str,
    scope: &'s str,
    list: Option<&'s str>,
}

fn kind(text: &str) -> Option<Kind<'_>> {
    let constant = |name: &str| between(text, &format!("const {name}: &'static str = \""), "\"");
    Some(Kind {
        group: constant("GROUP")?,
        version: constant("VERSION")?,
        name: constant("KIND")?,
        plural: constant("URL_PATH_SEGMENT")?,
        scope: between(text, "type Scope = crate::", ";")?,
        list: constant("LIST_KIND"),
    })
}

impl Kind<'_> {
    /// Where its objects are; none for what is a part of another (`pods/eviction`) or of the API itself (`APIGroup`).
    fn path(&self) -> Option<String> {
        let root = if self.group.is_empty() { "/api".to_owned() } else { format!("/apis/{}", self.group) };
        let within = match self.scope {
            "ClusterResourceScope" => "",
            "NamespaceResourceScope" => "namespaces/{namespace}/",
            _ => return None,
        };
        let (version, plural) = (self.version, self.plural);
        (!plural.is_empty()).then(|| format!("{root}/{version}/{within}{plural}"))
    }

    /// The definition of its list, which the crate has as one generic type.
    fn list(&self, name: &str) -> Option<(String, Value)> {
        let list = self.list?;
        let package = name.strip_suffix(self.name)?;
        let definition = json!({
            "type": "object",
            "required": ["items"],
            "properties": {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "items": {"type": "array", "items": {"$ref": format!("#/definitions/{name}")}},
                "metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"},
            },
        });
        Some((format!("{package}{list}"), definition))
    }
}

/// The crate says of every kind that it needs its `metadata`, as its trait does, and the API does not.
fn without_metadata(definition: &mut Value) {
    if let Some(required) = definition.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name != "metadata");
    }
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let rest = text.split_once(open)?.1;
    Some(rest.split_once(close)?.0)
}

/// The argument of `json_schema!`, as JSON.
fn schema(text: &str, names: &BTreeMap<&str, &str>) -> Result<Value, String> {
    let (_, rest) = text.split_once("json_schema!(").ok_or("no `json_schema!`")?;
    Reader { rest, names }.value()
}

/// Reads JSON in Rust: with commas behind the last entry, and calls in parentheses where another schema is meant.
struct Reader<'s> {
    rest: &'s str,
    names: &'s BTreeMap<&'s str, &'s str>,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, String> {
        match self.next()? {
            '{' => self.entries().map(Value::Object),
            '[' => self.items().map(Value::Array),
            '(' | '_' => self.reference(),
            '"' => self.text().map(Value::String),
            _ => self.word(),
        }
    }

    /// The next character that is no space; it stays.
    fn next(&mut self) -> Result<char, String> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next().ok_or_else(|| "no end".to_owned())
    }

    /// Takes the next character if it is this one.
    fn takes(&mut self, wanted: char) -> Result<bool, String> {
        let found = self.next()? == wanted;
        if found {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        Ok(found)
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.takes(wanted)? { Ok(()) } else { Err(format!("no `{wanted}` where one is expected")) }
    }

    fn entries(&mut self) -> Result<Map<String, Value>, String> {
        self.expect('{')?;
        let mut entries = Map::new();
        while !self.takes('}')? {
            let key = self.text()?;
            self.expect(':')?;
            entries.insert(key, self.value()?);
            self.takes(',')?;
        }
        Ok(entries)
    }

    fn items(&mut self) -> Result<Vec<Value>, String> {
        self.expect('[')?;
        let mut items = Vec::new();
        while !self.takes(']')? {
            items.push(self.value()?);
            self.takes(',')?;
        }
        Ok(items)
    }

    /// `__gen.subschema_for::<TYPE>()`, perhaps in parentheses and in a block that adds a description to what that gives.
    fn reference(&mut self) -> Result<Value, String> {
        let mut open = i32::from(self.next()? == '(');
        let (_, rest) = self.rest.split_once("subschema_for::<").ok_or("a call that is not known")?;
        let (rust, rest) = rest.split_once(">()").ok_or("a call that is not known")?;
        self.rest = rest;
        // To the parenthesis that closes the first one, if there was one; those of texts do not count.
        while open > 0 {
            if self.next()? == '"' {
                self.text()?;
                continue;
            }
            let skipped = self.rest.chars().next().unwrap_or_default();
            open += i32::from(skipped == '(') - i32::from(skipped == ')');
            self.rest = &self.rest[skipped.len_utf8()..];
        }
        let name = self.names.get(rust).ok_or_else(|| format!("a `{rust}`, which is not there"))?;
        Ok(json!({"$ref": format!("#/definitions/{name}")}))
    }

    /// A string literal. Its escapes are those of JSON but for `\'` and `\u{…}`, which only descriptions have.
    fn text(&mut self) -> Result<String, String> {
        self.expect('"')?;
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match characters.next().map(|(_, escaped)| escaped) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(escaped) => text.push(escaped),
                    None => break,
                },
                _ => text.push(character),
            }
        }
        Err("a text without an end".to_owned())
    }

    /// A number or a word such as `true`.
    fn word(&mut self) -> Result<Value, String> {
        let end = self.rest.find([',', '}', ']', ')']).ok_or("no end")?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        serde_json::from_str(word.trim()).map_err(|_| format!("`{}`, which is not a value", word.trim()))
    }
}
