//! Schemas of several charts as one: each mounted at the key that its chart's values stand under.
//!
//! ```text
//! shop    {properties: {host: …}}                    {properties: {host: …, cache: {properties: {size: …},
//! cache   {properties: {size: {$ref: "#/$defs/n"}},      ─►                          $defs: {n: …}}}}
//!          $defs: {n: …}}                            with `$ref: "#/properties/cache/$defs/n"`
//! ```
//!
//! So whatever asks the schema (types of flags, secrets, the check, references and editors) sees all of it.

use std::sync::Arc;

use crate::yaml::{Entry, Map, Node, Value};

/// Mounts a schema under a key of the values of another one. What that one says of the key holds besides.
pub fn mount(root: &mut Node, key: &str, mut schema: Node) {
    // `true` allows anything, as an empty map does; what allows nothing stays as it is.
    if root.as_bool() == Some(true) {
        *root = Node::empty_map(root.span);
    }
    let span = root.span;
    let Some(map) = root.as_map_mut() else { return };
    let empty = || Entry { key_span: span, node: Node::empty_map(span) };
    let properties = map.or_insert_with(Arc::from("properties"), empty);
    let Some(properties) = properties.node.as_map_mut() else { return };
    let known = properties.get(key).map(|entry| entry.node.clone());
    let place = match known {
        Some(_) => format!("#/properties/{key}/allOf/1"),
        None => format!("#/properties/{key}"),
    };
    if let Some(map) = schema.as_map_mut() {
        map.retain(|keyword, _| !matches!(&**keyword, "$schema" | "$id"));
    }
    move_references(&mut schema, &place);
    let node = match known {
        None => schema,
        Some(known) => {
            let mut both = Map::default();
            let all = Node::new(Value::List(vec![known, schema]), span);
            both.insert(Arc::from("allOf"), Entry { key_span: span, node: all });
            Node::new(Value::Map(both), span)
        }
    };
    properties.insert(Arc::from(key), Entry { key_span: span, node });
}

/// Lets a schema know the setting that switches its chart on and off, if it does not: a condition such as
/// `cache.enabled` stands among the settings of a chart whose author need not have thought of it.
pub fn allow_switch(schema: &mut Node, switch: &str, chart: &str) {
    let span = schema.span;
    let Some(map) = schema.as_map_mut() else { return };
    let entry = |node: Node| Entry { key_span: span, node };
    let properties = map.or_insert_with(Arc::from("properties"), || entry(Node::empty_map(span)));
    let Some(properties) = properties.node.as_map_mut() else { return };
    properties.or_insert_with(Arc::from(switch), || {
        let mut said = Map::default();
        let words = format!("Whether the chart `{chart}` is rendered.");
        said.insert(Arc::from("description"), entry(Node::string(words, span)));
        said.insert(Arc::from("type"), entry(Node::string("boolean", span)));
        entry(Node::new(Value::Map(said), span))
    });
}

/// A schema that another one documents: as one more that holds for all values.
pub fn with_words(mut written: Node, words: Node) -> Node {
    let span = written.span;
    let Some(map) = written.as_map_mut() else { return written };
    let nothing = || Entry { key_span: span, node: Node::new(Value::List(Vec::new()), span) };
    let all = map.or_insert_with(Arc::from("allOf"), nothing);
    if let Value::List(items) = &mut all.node.value {
        items.push(words);
    }
    written
}

/// Lets every reference into the schema lead to where its root stands now.
fn move_references(schema: &mut Node, place: &str) {
    match &mut schema.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| move_references(item, place)),
        Value::Map(map) => {
            for (keyword, entry) in map {
                match &**keyword {
                    "$ref" => {
                        let target = entry.node.as_str().and_then(|text| text.strip_prefix('#'));
                        if let Some(target) = target.map(str::to_owned) {
                            entry.node = Node::string(format!("{place}{target}"), entry.node.span);
                        }
                    }
                    // Keys below these are names, and what they hold are schemas.
                    "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                        for (_, below) in entry.node.as_map_mut().into_iter().flatten() {
                            move_references(&mut below.node, place);
                        }
                    }
                    // Data, which may look like anything.
                    "enum" | "const" | "default" | "examples" => {}
                    _ => move_references(&mut entry.node, place),
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
    use crate::yaml::{parse_one, print_inline};

    fn read(session: &Session, text: &str) -> Node {
        parse_one(session, session.add_source(SourceKind::File, "s.json", text)).unwrap().unwrap()
    }

    #[test]
    fn references_follow_a_schema_to_its_place() {
        for (root, mounted, expected) in [
            ("{}", "{$schema: x, $ref: '#'}", r##"{properties: {a: {$ref: "#/properties/a"}}}"##),
            (
                "{properties: {b: {}}}",
                "{properties: {$ref: {$ref: '#/$defs/c'}}, $defs: {c: {const: {$ref: '#'}}}}",
                r##"{properties: {b: {}, a: {properties: {$ref: {$ref: "#/properties/a/$defs/c"}}, $defs: {c: {const: {$ref: "#"}}}}}}"##,
            ),
            (
                "{properties: {a: {title: t}}}",
                "{$ref: '#/$defs/c'}",
                r##"{properties: {a: {allOf: [{title: t}, {$ref: "#/properties/a/allOf/1/$defs/c"}]}}}"##,
            ),
            ("true", "{}", "{properties: {a: {}}}"),
        ] {
            let session = Session::new();
            let mut schema = read(&session, root);
            mount(&mut schema, "a", read(&session, mounted));
            assert_eq!(schema, read(&session, expected), "{}", print_inline(&schema));
        }
    }
}
