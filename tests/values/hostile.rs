//! Schemas that would reach out, never end or grow without bounds.

use std::time::{Duration, Instant};

use plimsoll::schema;
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::yaml;

use super::{Given, compile};

/// The only code that compiling a schema reports, and what it says.
fn refused(schema: &str) -> (&'static str, String) {
    let session = Session::new();
    assert!(compile(&session, schema).is_none(), "{schema:.200}");
    let findings = session.diagnostics();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    (findings[0].code.id, findings[0].message.clone())
}

#[test]
fn references_that_leave_the_file() {
    for reference in [
        "http://example.com/s.json",
        "https://example.com/s.json#/a",
        "file:///etc/passwd",
        "//host/s.json",
        "data:application/json,{}",
        "../other.json",
        "other.json",
        "/etc/passwd",
        "#anchor",
        "",
    ] {
        let (code, message) =
            refused(&format!(r#"{{"properties": {{"a": {{"items": {{"$ref": "{reference}"}}}}}}}}"#));
        assert_eq!(code, "C004");
        assert!(message.contains(&format!("`{reference}`")), "{message}");
    }
    assert_eq!(refused(r##"{"$dynamicRef": "#/a"}"##).0, "C004");
    assert_eq!(refused(r##"{"$ref": "#/definitions/none"}"##).0, "C004");
    assert_eq!(refused(r##"{"properties": {"a": {"$id": "http://x/", "$ref": "#/b"}}, "b": {}}"##).0, "C004");
    assert_eq!(refused(r##"{"$schema": "http://example.com/meta"}"##).0, "C004");
}

#[test]
fn names_that_look_like_references_are_names() {
    let schema = r##"{"properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}, "default": {"$ref": "http://x"}, "enum": [{"$ref": "y"}, {}]}"##;
    assert!(compile(&Session::new(), schema).is_some());
}

#[test]
fn what_is_no_schema() {
    for schema in [
        "[]",
        "3",
        r#"{"type": "strnig"}"#,
        r#"{"minimum": "x"}"#,
        r#"{"pattern": "("}"#,
        r#"{"pattern": "(?=a)"}"#,
        r#"{"required": "a"}"#,
    ] {
        assert_eq!(refused(schema).0, "C004", "{schema}");
    }
    assert_eq!(refused("{").0, "Y001");
}

#[test]
fn references_in_a_circle() {
    assert_eq!(refused(r##"{"$ref": "#"}"##).0, "C004");
    assert_eq!(refused(r##"{"definitions": {"a": {"allOf": [{"$ref": "#/definitions/b"}]}, "b": {"anyOf": [{"$ref": "#/definitions/a"}]}}}"##).0, "C004");
    let mutual = r##"{"properties": {"a": {"$ref": "#/definitions/a"}}, "definitions": {
        "a": {"properties": {"b": {"$ref": "#/definitions/b"}}}, "b": {"properties": {"a": {"$ref": "#/definitions/a"}}}}}"##;
    assert!(compile(&Session::new(), mutual).is_some());
}

#[test]
fn doubling_references() {
    let definition = |n: usize| {
        format!(
            r##""d{n}": {{"allOf": [{{"$ref": "#/definitions/d{}"}}, {{"$ref": "#/definitions/d{}"}}]}}"##,
            n + 1,
            n + 1
        )
    };
    let definitions = (0..40).map(definition).collect::<Vec<_>>().join(",");
    let schema =
        format!(r##"{{"$ref": "#/definitions/d0", "definitions": {{{definitions}, "d40": {{}}}}}}"##);
    assert_eq!(refused(&schema).0, "C004");
}

#[test]
fn long_chains_of_references() {
    for step in
        [r##"{"$ref": "#/definitions/dN"}"##, r##"{"properties": {"a": {"$ref": "#/definitions/dN"}}}"##]
    {
        let definition = |n: usize| format!(r#""d{n}": {}"#, step.replace('N', &(n + 1).to_string()));
        let definitions = (0..20_000).map(definition).collect::<Vec<_>>().join(",");
        let schema =
            format!(r##"{{"$ref": "#/definitions/d0", "definitions": {{{definitions}, "d20000": {{}}}}}}"##);
        let refusal = std::thread::Builder::new().stack_size(2 << 20).spawn(move || refused(&schema).0);
        assert_eq!(refusal.expect("a thread").join().expect("no overflow"), "C004");
    }
}

#[test]
fn many_schemas_inside_each_other_for_each_of_many_values_inside_each_other() {
    // Each within its limit, and together too much for a stack.
    let keyword = |at: usize| ["allOf", "anyOf", "oneOf"][at % 3];
    let links: Vec<String> = (0..30)
        .map(|at| format!(r##""d{at}": {{"{}": [{{"$ref": "#/definitions/d{}"}}]}}"##, keyword(at), at + 1))
        .collect();
    let links = links.join(",");
    let schema = format!(
        r##"{{"$ref": "#/definitions/d0", "definitions": {{{links}, "d30": {{"properties": {{"c": {{"$ref": "#/definitions/d0"}}}}}}}}}}"##
    );
    let session = Session::new();
    let schema = compile(&session, &schema).expect("a right schema");
    let accepted = |depth: usize| {
        let text = format!("{}1{}", "{\"c\":".repeat(depth), "}".repeat(depth));
        let source = session.add_source(SourceKind::File, "values.yaml", text);
        let values = yaml::parse_one(&session, source).unwrap().unwrap();
        schema::accepted(&session, &schema, &values)
    };
    assert_eq!(accepted(1), Some(Vec::new()));
    assert_eq!(accepted(120), None);
}

#[test]
fn expressions_and_limits_take_linear_time() {
    let schema = r#"{"properties": {"a": {"type": "string", "pattern": "^(a+)+$", "maxLength": 1000000000000000000}}}"#;
    let values = format!("a: {}b\n", "a".repeat(100_000));
    let start = Instant::now();
    let got = Given { layers: vec![&values], schema: Some(schema), ..Given::default() }.merge();
    assert_eq!(got.codes(), ["V106"]);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_limit_beyond_all_numbers_is_refused_or_harmless() {
    let session = Session::new();
    let compiled = compile(&session, r#"{"maxLength": 1e18, "maxItems": 1e18}"#).is_some();
    assert!(compiled || session.diagnostics().iter().all(|finding| finding.code.id == "C004"));
}
