//! Each keyword of JSON Schema by itself: the table and jsonschema judge alike.

use plimsoll::diagnostic::{Code, Level};
use plimsoll::schema::{self, Schema};
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::yaml::{self, Node};

/// Schemas that are judged by the table alone, whatever the values are.
const KNOWN: &[&str] = &[
    "true",
    "false",
    "{}",
    r#"{"type": "integer"}"#,
    r#"{"type": ["number", "null"]}"#,
    r#"{"type": ["string", "boolean"]}"#,
    r#"{"type": ["array", "object"]}"#,
    r#"{"const": 1}"#,
    r#"{"const": "a"}"#,
    r#"{"const": null}"#,
    r#"{"const": true}"#,
    r#"{"enum": [1, "a", null, false]}"#,
    r#"{"enum": []}"#,
    r#"{"minimum": 2}"#,
    r#"{"maximum": 2}"#,
    r#"{"exclusiveMinimum": 2}"#,
    r#"{"exclusiveMaximum": 2}"#,
    r#"{"minLength": 2}"#,
    r#"{"maxLength": 2}"#,
    r#"{"minItems": 1}"#,
    r#"{"maxItems": 1}"#,
    r#"{"minProperties": 1}"#,
    r#"{"maxProperties": 1}"#,
    r#"{"required": ["a", "b"]}"#,
    r#"{"required": []}"#,
    r#"{"pattern": "^a"}"#,
    r#"{"uniqueItems": true}"#,
    r#"{"uniqueItems": false}"#,
    r#"{"properties": {"a": {"type": "integer"}, "b": true, "c": false}}"#,
    r#"{"properties": {"a": {}}, "additionalProperties": false}"#,
    r#"{"properties": {"a": {}}, "additionalProperties": {"type": "string"}}"#,
    r#"{"additionalProperties": {"type": "string"}}"#,
    r#"{"additionalProperties": true}"#,
    r#"{"patternProperties": {"^a": {"type": "integer"}, "b$": {"minimum": 2}}}"#,
    r#"{"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": false}"#,
    r#"{"properties": {"ab": {"maximum": 5}}, "patternProperties": {"^a": {"minimum": 2}}, "additionalProperties": {"type": "null"}}"#,
    r#"{"propertyNames": {"pattern": "^a"}}"#,
    r#"{"propertyNames": {"anyOf": [{"enum": ["a", "b"]}, {"minLength": 2, "maxLength": 3}]}}"#,
    r#"{"propertyNames": {"type": "integer"}}"#,
    r#"{"items": {"type": "integer"}}"#,
    r#"{"items": false}"#,
    r#"{"allOf": [{"minimum": 1}, {"maximum": 2}]}"#,
    r#"{"anyOf": [{"type": "string"}, {"minimum": 2}]}"#,
    r#"{"oneOf": [{"minimum": 2}, {"maximum": 2}, {"type": "string"}]}"#,
    r#"{"not": {"type": "string"}}"#,
    r#"{"not": {}}"#,
    r#"{"if": {"type": "integer"}, "then": {"minimum": 2}, "else": {"type": "string"}}"#,
    r#"{"if": {"type": "integer"}, "then": {"minimum": 2}}"#,
    r#"{"if": {"type": "integer"}, "else": {"type": "string"}}"#,
    r#"{"if": false, "else": {"minLength": 2}}"#,
    r#"{"if": {"type": "integer"}}"#,
    r#"{"then": false, "else": false}"#,
    r##"{"$ref": "#/definitions/x", "definitions": {"x": {"minimum": 2}}}"##,
    r##"{"$ref": "#/$defs/x", "$defs": {"x": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}}]}}}"##,
    r##"{"properties": {"a": {"$ref": "#"}}, "required": ["a"]}"##,
    r##"{"properties": {"b": {"maximum": 1}, "a": {"$ref": "#/properties/b"}}}"##,
    r#"{"type": "integer", "x-warning": "w"}"#,
    r#"{"type": "integer", "minimum": 5, "x-warning": "w", "x-help": "h", "x-at": "/a", "x-code": "V107"}"#,
    r#"{"type": "integer", "x-message": "m", "x-warning": "w"}"#,
    r#"{"x-warning": "outer", "properties": {"a": {"minimum": 2, "x-warning": "inner"}}, "required": ["b"], "additionalProperties": false}"#,
    r#"{"x-warning": "outer", "properties": {"a": {"minimum": 2, "x-message": "inner"}}, "required": ["b"]}"#,
    r#"{"x-warning": "w", "anyOf": [{"type": "string"}, {"minimum": 5, "x-message": "m"}]}"#,
    r#"{"x-warning": "w", "not": {"type": "integer"}}"#,
    r#"{"if": {"minimum": 2, "x-warning": "c"}, "then": {"maximum": 3, "x-warning": "t"}}"#,
    r#"{"title": "t", "description": "d", "default": 1, "examples": [1], "$comment": "c", "deprecated": true, "readOnly": true}"#,
    r#"{"type": "integer", "anything": {"type": 1}}"#,
    r#"{"format": "int32"}"#,
];

/// Schemas that jsonschema has to be asked about, for values that meet a keyword of them.
const PARTLY_KNOWN: &[&str] = &[
    r#"{"multipleOf": 2}"#,
    r#"{"minimum": 1.5}"#,
    r#"{"maximum": 99999999999}"#,
    r#"{"const": 1.0}"#,
    r#"{"const": [1]}"#,
    r#"{"enum": [{"a": 1}, 1]}"#,
    r#"{"propertyNames": {"not": {"pattern": "^a"}}}"#,
    r#"{"propertyNames": {"pattern": "^a", "x-message": "m"}}"#,
    r#"{"contains": {"type": "integer"}}"#,
    r#"{"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}"#,
    r#"{"not": {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}}"#,
    r#"{"oneOf": [{"prefixItems": [{}], "items": false}, {"type": "array"}]}"#,
    r#"{"if": {"prefixItems": [{}, {}], "items": false}, "else": {"maxItems": 0}}"#,
    r#"{"unevaluatedProperties": false, "properties": {"a": {}}}"#,
    r#"{"unevaluatedItems": false}"#,
    r#"{"dependentRequired": {"a": ["b"]}}"#,
    r#"{"dependentSchemas": {"a": {"required": ["b"]}}}"#,
    r#"{"dependencies": {"a": ["b"], "b": {"minProperties": 2}}}"#,
    r#"{"format": "date"}"#,
    r#"{"pattern": "\\bab\\b"}"#,
    r#"{"pattern": "^\\p{L}+$"}"#,
    r#"{"patternProperties": {"^\\u0061": {"type": "integer"}}}"#,
    r#"{"not": {"type": "string", "x-message": "m"}}"#,
    r#"{"x-warning": "w", "properties": {"ab": {"maximum": 5}}, "patternProperties": {"^a": {"minimum": 2}}}"#,
    r#"{"items": {"multipleOf": 2}}"#,
    r#"{"anyOf": [{"type": "string"}, {"multipleOf": 2}]}"#,
    r#"{"if": {"multipleOf": 2}, "then": {"minimum": 3}}"#,
    r##"{"minimum": 2, "$ref": "#/definitions/x", "definitions": {"x": {"multipleOf": 3}}}"##,
];

/// Schemas that jsonschema refuses: so does the program, when the chart is opened.
const WRONG: &[&str] = &[
    r#"{"type": "text"}"#,
    r#"{"type": []}"#,
    r#"{"type": ["string", "string"]}"#,
    r#"{"type": 1}"#,
    r#"{"enum": 1}"#,
    r#"{"minimum": "1"}"#,
    r#"{"multipleOf": 0}"#,
    r#"{"minLength": -1}"#,
    r#"{"maxLength": 1.5}"#,
    r#"{"required": ["a", "a"]}"#,
    r#"{"required": [1]}"#,
    r#"{"required": "a"}"#,
    r#"{"pattern": "("}"#,
    r#"{"pattern": "(?=a)"}"#,
    r#"{"pattern": 1}"#,
    r#"{"patternProperties": {"[": {}}}"#,
    r#"{"properties": []}"#,
    r#"{"properties": {"a": 1}}"#,
    r#"{"items": 1}"#,
    r#"{"allOf": []}"#,
    r#"{"anyOf": {}}"#,
    r#"{"not": 1}"#,
    r#"{"if": 1}"#,
    r#"{"then": 1}"#,
    r#"{"definitions": {"a": {"type": "text"}}}"#,
    r#"{"$defs": {"a": {"minimum": true}}}"#,
    r#"{"uniqueItems": 1}"#,
    r#"{"additionalProperties": 1}"#,
    r#"{"dependentRequired": {"a": 1}}"#,
    r#"{"contains": 1}"#,
    r#"{"title": 1}"#,
    r#"{"properties": {"a": {"anyOf": [{"items": {"maxItems": "1"}}]}}}"#,
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "1.0",
    "1.5",
    "2.0",
    "1e3",
    "99999999999999999999",
    "''",
    "a",
    "ab",
    "abc",
    "é😀",
    "'1'",
    "2024-02-30",
    "[]",
    "[1]",
    "[1, 1.0]",
    "[a]",
    "[a, b, a]",
    "[[], [null]]",
    "{}",
    "{a: 1}",
    "{a: x}",
    "{b: 1}",
    "{a: 1, b: 2}",
    "{a: 2, c: 3}",
    "{ab: 1}",
    "{ab: 7}",
    "{ab: 3, cb: 1}",
    "{a: {a: 1}}",
    "{A: x}",
    "{x: y, z: 1}",
];

const DRAFTS: &[&str] =
    &["", "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"];

/// A schema for the setting `v`, in a draft.
fn schema_text(schema: &str, draft: &str) -> String {
    if schema.starts_with("{") && schema.contains("\"$ref\"") {
        // Its references lead from the root.
        let comma = if draft.is_empty() { String::new() } else { format!("{{\"$schema\": \"{draft}\", ") };
        return if draft.is_empty() { schema.to_owned() } else { schema.replacen('{', &comma, 1) };
    }
    let draft = if draft.is_empty() { String::new() } else { format!("\"$schema\": \"{draft}\", ") };
    format!("{{{draft}\"properties\": {{\"v\": {schema}}}}}")
}

fn compile(session: &Session, text: &str) -> Option<Schema> {
    let source = session.add_source(SourceKind::File, "values.schema.json", text);
    Schema::compile(session, source).ok()
}

fn values(session: &Session, text: &str, is_root: bool) -> Option<Node> {
    let text = if is_root { format!("{text}\n") } else { format!("v: {text}\n") };
    let source = session.add_source(SourceKind::File, "values.yaml", text);
    yaml::parse_one(session, source).ok()?
}

/// Holds all values against a schema on both paths. Gives how many the table accepts, and how many right ones it does
/// not.
fn compare(schema: &str, draft: &str) -> (usize, usize) {
    let session = Session::new();
    let text = schema_text(schema, draft);
    let compiled =
        compile(&session, &text).unwrap_or_else(|| panic!("{text} is refused: {:?}", session.diagnostics()));
    let (mut accepted, mut missed) = (0, 0);
    for value in VALUES {
        let Some(values) = values(&session, value, text.contains("\"$ref\"")) else { continue };
        let expected = schema::findings_without_table(&session, &compiled, &values);
        assert!(expected.iter().all(|finding| finding.code != Code::C004), "jsonschema does not take {text}");
        let is_wrong = expected.iter().any(|finding| finding.level == Level::Error);
        match schema::accepted(&session, &compiled, &values) {
            Some(warnings) => {
                assert_eq!(warnings, expected, "{text}: {value}");
                accepted += 1;
            }
            None if is_wrong => {}
            None => missed += 1,
        }
        assert_eq!(schema::findings(&session, &compiled, &values), expected, "{text}: {value}");
    }
    (accepted, missed)
}

#[test]
fn known_keywords_are_judged_by_the_table_alone() {
    for schema in KNOWN {
        for draft in DRAFTS {
            let (_, missed) = compare(schema, draft);
            assert_eq!(missed, 0, "{schema} of {draft:?} accepts less than jsonschema");
        }
    }
}

#[test]
fn other_keywords_are_left_to_jsonschema() {
    for schema in PARTLY_KNOWN {
        let missed: usize = DRAFTS.iter().map(|draft| compare(schema, draft).1).sum();
        assert!(missed > 0, "{schema} is known");
    }
}

#[test]
fn other_drafts_are_left_to_jsonschema() {
    for draft in ["http://json-schema.org/draft-04/schema#", "https://json-schema.org/draft/2019-09/schema"] {
        assert_eq!(compare(r#"{"type": "integer"}"#, draft).0, 0);
    }
}

#[test]
fn wrong_schemas_are_refused_when_they_are_read() {
    for schema in WRONG {
        for draft in DRAFTS {
            let session = Session::new();
            let text = schema_text(schema, draft);
            let compiled = compile(&session, &text);
            // What one draft does not know is not wrong in it.
            let Some(compiled) = compiled else { continue };
            let values = values(&session, "{}", false).expect("values");
            let found = schema::findings_without_table(&session, &compiled, &values);
            assert!(found.iter().all(|finding| finding.code != Code::C004), "{text} was not refused at once");
        }
        let is_refused = |draft: &&str| compile(&Session::new(), &schema_text(schema, draft)).is_none();
        assert!(DRAFTS.iter().any(is_refused), "{schema} is not refused");
    }
}
