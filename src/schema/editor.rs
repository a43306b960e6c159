//! A schema as editors read it: with what they show, and without what they would show twice.
//!
//! | what | becomes | why |
//! |---|---|---|
//! | a property without a title | its key is the title | an editor shows the title of whatever is around it otherwise |
//! | a value of the chart's defaults | `default` of its property | shown beside it, and filled in |
//! | `description` with Markdown | `markdownDescription` too | an editor escapes the signs of Markdown in the other |
//! | `x-pattern-help` | `patternErrorMessage` | the words for a text that does not match |
//! | properties of a condition | patterns of properties, which match the key alone | editors offer the keys of `properties` wherever they stand: once for each condition |
//!
//! | subschemas that are written several times | a definition that all of them refer to | defaults are those of each place, so definitions are copied for them; most of what is in a copy is the same |
//! | definitions that nothing refers to | nothing | their copies took their place |
//!
//! Values that are right stay right, and what is wrong is found at the same place. All of it is added when a schema is
//! printed: what the program holds values against is smaller.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as JsonValue, json};

use crate::yaml::{Node, Value, from_node};

type Schema = Map<String, JsonValue>;

/// The schema of a chart, for editors; it has passed [`Schema::compile`](super::Schema::compile), which bounds it.
pub fn for_editors(schema: JsonValue, defaults: Option<&Node>) -> JsonValue {
    let mut shown = schema.clone();
    visit(&mut shown, &schema, &schema);
    if let (Some(defaults), Some(map)) = (defaults, shown.as_object()) {
        let definitions = map.clone();
        if let Some(map) = shown.as_object_mut() {
            add_defaults(map, defaults, &definitions);
        }
    }
    share(&mut shown);
    drop_unused(&mut shown);
    shown
}

/// The schema as a text that people can read: what is short stands on one line.
pub fn editor_text(schema: &JsonValue) -> String {
    let mut text = String::new();
    write_value(schema, 0, &mut text);
    text.push('\n');
    text
}

/// How long a line may be that has more than one value.
const LINE: usize = 160;

fn write_value(value: &JsonValue, indent: usize, text: &mut String) {
    let flat = value.to_string();
    let margin = "  ".repeat(indent + 1);
    let (open, close, entries): (char, char, Vec<(String, &JsonValue)>) = match value {
        JsonValue::Object(map) if flat.len() + indent * 2 > LINE || indent == 0 => {
            let named =
                map.iter().map(|(key, value)| (format!("{}: ", JsonValue::from(key.as_str())), value));
            ('{', '}', named.collect())
        }
        JsonValue::Array(items) if flat.len() + indent * 2 > LINE => {
            ('[', ']', items.iter().map(|item| (String::new(), item)).collect())
        }
        _ => return text.push_str(&flat),
    };
    text.push(open);
    for (index, (name, value)) in entries.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&margin);
        text.push_str(name);
        write_value(value, indent + 1, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(indent));
    text.push(close);
}

/// Subschemas that are shorter stay where they are: a reference would not be shorter by much.
const SHORTEST_SHARED: usize = 120;

/// Makes a definition of each subschema that is written more than once.
fn share(root: &mut JsonValue) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    count(root, &mut counts);
    counts.retain(|_, count| *count > 1);
    let group = match root.get("$defs") {
        Some(_) => "$defs",
        None => "definitions",
    };
    let taken = root.get(group).and_then(JsonValue::as_object);
    let taken = taken.map(|named| named.keys().cloned().collect()).unwrap_or_default();
    let mut shared = Shared { group, counts, taken, made: Schema::new(), names: BTreeMap::new() };
    let Some(map) = root.as_object_mut() else { return };
    shared.below(map);
    if shared.made.is_empty() {
        return;
    }
    let Some(named) = map.entry(group).or_insert_with(|| json!({})).as_object_mut() else { return };
    named.extend(shared.made);
}

/// Keywords with one schema for other values.
const BELOW: [&str; 3] = ["items", "additionalProperties", "propertyNames"];

/// Counts the subschemas that could be shared by their texts.
fn count(schema: &JsonValue, counts: &mut BTreeMap<String, usize>) {
    let Some(map) = schema.as_object() else { return };
    let named = NAMED.iter().filter_map(|keyword| map.get(*keyword)?.as_object()).flat_map(Map::values);
    let one = BELOW.iter().filter_map(|keyword| map.get(*keyword));
    let several = COMBINATIONS.iter().filter_map(|keyword| map.get(*keyword)?.as_array()).flatten();
    for below in named.chain(one).chain(several) {
        if below.is_object() {
            let text = below.to_string();
            if text.len() >= SHORTEST_SHARED {
                *counts.entry(text).or_default() += 1;
            }
            count(below, counts);
        }
    }
}

/// Subschemas on their way to definitions.
struct Shared {
    /// `definitions` or `$defs`.
    group: &'static str,
    /// How often each is written, of those that are written more than once.
    counts: BTreeMap<String, usize>,
    /// Names of definitions.
    taken: BTreeSet<String>,
    made: Schema,
    /// The names of those that were made, by their texts.
    names: BTreeMap<String, String>,
}

impl Shared {
    fn below(&mut self, schema: &mut Schema) {
        for keyword in NAMED {
            let Some(named) = schema.get_mut(keyword).and_then(JsonValue::as_object_mut) else { continue };
            // A definition has its name already.
            let is_definition = matches!(keyword, "definitions" | "$defs");
            for (key, below) in named {
                match (is_definition, below.as_object_mut()) {
                    (true, Some(definition)) => self.below(definition),
                    _ => self.replace(below, key),
                }
            }
        }
        for keyword in BELOW {
            if let Some(below) = schema.get_mut(keyword) {
                self.replace(below, keyword);
            }
        }
        for keyword in COMBINATIONS {
            let parts = schema.get_mut(keyword).and_then(JsonValue::as_array_mut);
            parts.into_iter().flatten().for_each(|part| self.replace(part, keyword));
        }
    }

    /// Puts a reference into the place of a schema that is written elsewhere as well.
    fn replace(&mut self, schema: &mut JsonValue, word: &str) {
        let Some(map) = schema.as_object_mut() else { return };
        let text = JsonValue::Object(map.clone()).to_string();
        if !self.counts.contains_key(&text) || map.contains_key("$ref") {
            return self.below(map);
        }
        let name = match self.names.get(&text) {
            Some(name) => name.clone(),
            None => {
                let name = self.name(word);
                self.names.insert(text, name.clone());
                let mut definition = map.clone();
                self.below(&mut definition);
                self.made.insert(name.clone(), JsonValue::Object(definition));
                name
            }
        };
        *schema = json!({ "$ref": format!("#/{}/{name}", self.group) });
    }

    /// A name for a definition, after the key that it stands under.
    fn name(&mut self, word: &str) -> String {
        let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = if plain.is_empty() { "shared".to_owned() } else { plain };
        let mut name = plain.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        name
    }
}

/// Takes away definitions that nothing refers to.
fn drop_unused(root: &mut JsonValue) {
    const GROUPS: [&str; 2] = ["definitions", "$defs"];
    let Some(map) = root.as_object() else { return };
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut rest: Vec<&JsonValue> =
        map.iter().filter(|(key, _)| !GROUPS.contains(&key.as_str())).map(|(_, value)| value).collect();
    // Whether there is a reference that is none to a definition: then all of them stay.
    let mut has_others = false;
    while let Some(value) = rest.pop() {
        match value {
            JsonValue::Array(items) => rest.extend(items),
            JsonValue::Object(object) => {
                for (key, value) in object {
                    let Some(reference) = value.as_str().filter(|_| key == "$ref") else {
                        rest.push(value);
                        continue;
                    };
                    let pointer = reference.strip_prefix("#/").unwrap_or_default();
                    let mut parts = pointer.split('/');
                    match (parts.next(), parts.next()) {
                        (Some(group), Some(name)) if GROUPS.contains(&group) => {
                            if used.insert(format!("{group}/{name}")) {
                                rest.extend(map.get(group).and_then(|named| named.get(name)));
                            }
                        }
                        _ => has_others = true,
                    }
                }
            }
            _ => {}
        }
    }
    if has_others {
        return;
    }
    let Some(map) = root.as_object_mut() else { return };
    for group in GROUPS {
        if let Some(named) = map.get_mut(group).and_then(JsonValue::as_object_mut) {
            named.retain(|name, _| used.contains(&format!("{group}/{name}")));
            if named.is_empty() {
                map.shift_remove(group);
            }
        }
    }
}

/// Keywords with one schema for a condition on the same value.
const CONDITIONS: [&str; 4] = ["if", "then", "else", "not"];
/// Keywords with several schemas for the same value.
const COMBINATIONS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords with schemas by name, for other values or for none.
const NAMED: [&str; 4] = ["properties", "patternProperties", "definitions", "$defs"];

/// Visits a schema and all below it. `original` is the same schema as it was, `root` all of it.
fn visit(schema: &mut JsonValue, original: &JsonValue, root: &JsonValue) {
    let (Some(schema), Some(original_map)) = (schema.as_object_mut(), original.as_object()) else { return };
    add_words(schema);
    for keyword in CONDITIONS {
        if let Some(condition) = schema.get_mut(keyword) {
            hide(condition, &[original], root);
        }
    }
    for keyword in COMBINATIONS {
        let parts = schema.get_mut(keyword).and_then(JsonValue::as_array_mut);
        for part in parts.into_iter().flatten().filter(|part| part.get("$ref").is_none()) {
            // What a part alone declares stays.
            hide(part, &[original], root);
        }
    }
    for keyword in NAMED {
        let Some(named) = schema.get_mut(keyword).and_then(JsonValue::as_object_mut) else { continue };
        for (key, below) in named {
            let Some(original) = original_map.get(keyword).and_then(|named| named.get(key)) else { continue };
            visit(below, original, root);
            if keyword == "properties"
                && let Some(property) = below.as_object_mut()
                && !property.contains_key("title")
            {
                wrap_reference(property);
                property.insert("title".to_owned(), json!(key));
            }
        }
    }
    for keyword in ["items", "additionalProperties"] {
        if let (Some(below), Some(original)) = (schema.get_mut(keyword), original_map.get(keyword)) {
            visit(below, original, root);
        }
    }
}

fn add_words(schema: &mut Schema) {
    let text = |key: &str| schema.get(key).and_then(JsonValue::as_str).map(str::to_owned);
    let description = text("description").filter(|description| description.contains(['`', '*', '[', '_']));
    let help = text("x-pattern-help").filter(|_| schema.contains_key("pattern"));
    for (key, words) in [("markdownDescription", description), ("patternErrorMessage", help)] {
        if let Some(words) = words.filter(|_| !schema.contains_key(key)) {
            schema.insert(key.to_owned(), json!(words));
        }
    }
}

/// In draft 07 nothing counts beside a `$ref`, so it is put into an `allOf` before something is put beside it.
fn wrap_reference(schema: &mut Schema) {
    if let Some(reference) = schema.shift_remove("$ref") {
        let parts = schema.entry("allOf").or_insert_with(|| json!([]));
        if let Some(parts) = parts.as_array_mut() {
            parts.insert(0, json!({ "$ref": reference }));
        }
    }
}

/// Makes the properties of a condition patterns, those that are declared for the same value without a condition.
fn hide(condition: &mut JsonValue, declared: &[&JsonValue], root: &JsonValue) {
    let Some(condition) = condition.as_object_mut() else { return };
    let mut patterns = Schema::new();
    if let Some(properties) = condition.get_mut("properties").and_then(JsonValue::as_object_mut) {
        let mut kept = Schema::new();
        for (key, mut property) in std::mem::take(properties) {
            let below: Vec<&JsonValue> =
                declared.iter().flat_map(|schema| declared_below(schema, &key, root, 0)).collect();
            hide(&mut property, &below, root);
            let into = if below.is_empty() { &mut kept } else { &mut patterns };
            let name = if below.is_empty() { key } else { format!("^{}$", escaped(&key)) };
            into.insert(name, property);
        }
        *properties = kept;
    }
    if condition.get("properties").and_then(JsonValue::as_object).is_some_and(Map::is_empty) {
        condition.shift_remove("properties");
    }
    if !patterns.is_empty()
        && let Some(there) = condition.entry("patternProperties").or_insert_with(|| json!({})).as_object_mut()
    {
        for (pattern, schema) in patterns {
            there.entry(pattern).or_insert(schema);
        }
    }
    for keyword in CONDITIONS {
        if let Some(inner) = condition.get_mut(keyword) {
            hide(inner, declared, root);
        }
    }
    for keyword in COMBINATIONS {
        let parts = condition.get_mut(keyword).and_then(JsonValue::as_array_mut);
        parts.into_iter().flatten().for_each(|part| hide(part, declared, root));
    }
}

/// References that lead to references: more than anybody writes.
const MAX_DEPTH: usize = 16;

/// The schemas that hold without a condition for what stands under a key of a value with this schema.
fn declared_below<'s>(
    schema: &'s JsonValue,
    key: &str,
    root: &'s JsonValue,
    depth: usize,
) -> Vec<&'s JsonValue> {
    let mut found: Vec<&JsonValue> =
        schema.get("properties").and_then(|properties| properties.get(key)).into_iter().collect();
    if depth < MAX_DEPTH {
        let target =
            schema.get("$ref").and_then(JsonValue::as_str).and_then(|reference| target(root, reference));
        let parts = schema.get("allOf").and_then(JsonValue::as_array).into_iter().flatten();
        let plain = parts.filter(|part| part.get("$ref").is_some());
        for part in target.into_iter().chain(plain) {
            found.extend(declared_below(part, key, root, depth + 1));
        }
    }
    found
}

fn target<'s>(root: &'s JsonValue, reference: &str) -> Option<&'s JsonValue> {
    root.pointer(reference.strip_prefix('#')?)
}

/// A key as a regular expression that matches it alone.
fn escaped(key: &str) -> String {
    let mut pattern = String::new();
    for character in key.chars() {
        if r"\^$.|?*+()[]{}/".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// Puts defaults beside the properties that they are values of. A definition that a property refers to is copied to it
/// where there are defaults below, as they are those of this property alone.
fn add_defaults(schema: &mut Schema, defaults: &Node, definitions: &Schema) {
    let Some(values) = defaults.as_map() else { return };
    inline(schema, definitions);
    let Some(properties) = schema.get_mut("properties").and_then(JsonValue::as_object_mut) else { return };
    for (key, entry) in values {
        let Some(property) = properties.get_mut(&**key).and_then(JsonValue::as_object_mut) else { continue };
        let is_secret = ["writeOnly", "x-generate"].iter().any(|keyword| property.contains_key(*keyword));
        if is_secret || property.contains_key("default") {
            continue;
        }
        let is_shown = match &entry.node.value {
            Value::Map(map) => map.is_empty(),
            Value::List(items) => items.iter().all(|item| item.as_scalar().is_some()),
            Value::Scalar(_) => !entry.node.is_null(),
        };
        match from_node::<JsonValue>(&entry.node) {
            Ok(default) if is_shown => {
                wrap_reference(property);
                property.insert("default".to_owned(), default);
            }
            _ => add_defaults(property, &entry.node, definitions),
        }
    }
}

/// Puts the definition that a schema refers to in the place of the reference, if it has properties of the chart's own.
fn inline(schema: &mut Schema, definitions: &Schema) {
    let reference = |schema: &JsonValue| schema.get("$ref").and_then(JsonValue::as_str).map(str::to_owned);
    for _ in 0..MAX_DEPTH {
        let own = schema.get("$ref").and_then(JsonValue::as_str).map(str::to_owned);
        let parts = schema.get("allOf").and_then(JsonValue::as_array);
        let first = parts.and_then(|parts| parts.iter().position(|part| reference(part).is_some()));
        let of_part = first.and_then(|first| reference(&parts?[first]));
        let Some(name) = own.or(of_part) else { return };
        let path: Option<Vec<&str>> = name.strip_prefix("#/").map(|pointer| pointer.split('/').collect());
        let Some([group, name]) = path.as_deref() else { return };
        let definition =
            definitions.get(*group).and_then(|group| group.get(*name)).and_then(JsonValue::as_object);
        // Types of Kubernetes are large, and a chart has no defaults for most of what is in them.
        let Some(definition) = definition.filter(|_| !name.starts_with("io.k8s.")) else { return };
        let definition = definition.clone();
        if schema.shift_remove("$ref").is_none()
            && let (Some(first), Some(parts)) =
                (first, schema.get_mut("allOf").and_then(JsonValue::as_array_mut))
        {
            parts.remove(first);
            if parts.is_empty() {
                schema.shift_remove("allOf");
            }
        }
        // Words of the definition that the schema's own take the place of.
        let has_words = schema.contains_key("description");
        for (key, value) in definition {
            if has_words && key == "markdownDescription" {
                continue;
            }
            match (schema.get_mut(&key), value) {
                (Some(JsonValue::Array(parts)), JsonValue::Array(more)) if key == "allOf" => {
                    parts.extend(more)
                }
                (Some(_), _) => {}
                (None, value) => {
                    schema.insert(key, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::parse_one;

    fn shown(schema: JsonValue, defaults: &str) -> JsonValue {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "values.yaml", defaults);
        let defaults = parse_one(&session, source).unwrap();
        for_editors(schema, defaults.as_ref())
    }

    #[test]
    fn properties_have_titles_words_and_defaults() {
        let schema = json!({
            "title": "Web",
            "properties": {
                "size": {"type": "integer", "description": "How many, see `count`."},
                "image": {"$ref": "#/definitions/Image"},
                "other": {"description": "Another.", "allOf": [{"$ref": "#/definitions/Image"}]},
                "password": {"type": "string", "writeOnly": true},
                "name": {"title": "Name", "type": "string", "pattern": "^a$", "x-pattern-help": "write `a`"},
            },
            "definitions": {"Image": {"type": "object", "properties": {"tag": {"type": "string"}}}},
        });
        let found = shown(schema, "size: 2\nimage: {tag: '1'}\npassword: secret\nother: {}\n");
        let expected = json!({
            "title": "Web",
            "properties": {
                "size": {"type": "integer", "description": "How many, see `count`.",
                    "markdownDescription": "How many, see `count`.", "title": "size", "default": 2},
                "image": {"title": "image", "type": "object",
                    "properties": {"tag": {"type": "string", "title": "tag", "default": "1"}}},
                "other": {"description": "Another.", "allOf": [{"$ref": "#/definitions/Image"}], "title": "other",
                    "default": {}},
                "password": {"type": "string", "writeOnly": true, "title": "password"},
                "name": {"title": "Name", "type": "string", "pattern": "^a$", "x-pattern-help": "write `a`",
                    "patternErrorMessage": "write `a`"},
            },
            "definitions": {"Image": {"type": "object", "properties": {"tag": {"type": "string", "title": "tag"}}}},
        });
        assert_eq!(found, expected, "{found:#}");
    }

    #[test]
    fn what_is_written_several_times_is_a_definition() {
        let long = json!({
            "type": "string", "title": "x", "maxLength": 63,
            "description": "A text that is long enough to be a definition of its own, as several settings have it.",
        });
        let schema = json!({
            "properties": {"a": {"properties": {"x": long}}, "b": {"properties": {"x": long}}},
            "definitions": {"Unused": {"type": "object"}, "x": {"type": "null"}},
        });
        let found = shown(schema, "{}");
        for key in ["a", "b"] {
            assert_eq!(found["properties"][key]["properties"]["x"], json!({"$ref": "#/definitions/x-2"}));
        }
        assert_eq!(found["definitions"], json!({"x-2": long}), "{found:#}");
    }

    #[test]
    fn keys_of_conditions_are_offered_once() {
        let schema = json!({
            "properties": {"a.b": {"$ref": "#/definitions/A"}},
            "allOf": [{
                "if": {"properties": {"a.b": {"properties": {"on": {"const": true}}}}, "required": ["a.b"]},
                "then": {"required": ["c"], "properties": {"c": {"type": "string"}}},
            }],
            "definitions": {"A": {"properties": {"on": {"type": "boolean"}}}},
        });
        let found = shown(schema, "{}");
        let expected = json!([{
            "if": {"required": ["a.b"],
                "patternProperties": {"^a\\.b$": {"patternProperties": {"^on$": {"const": true}}}}},
            // Nothing else declares it.
            "then": {"required": ["c"], "properties": {"c": {"type": "string"}}},
        }]);
        assert_eq!(found["allOf"], expected, "{found:#}");
    }
}
