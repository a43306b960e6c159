//! Sentences, wants and hostile schemas.

use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{Schema, check};
use crate::session::Session;
use crate::source::SourceKind;
use crate::values::{self, LayerKind};
use crate::yaml::{Merge, Types, ValuePath, WantRef, Wants};

fn compiled(session: &Session, schema: &str) -> Option<Schema> {
    let source = session.add_source(SourceKind::File, "values.schema.json", schema);
    Schema::compile(session, source).ok()
}

/// What values get to hear from a schema.
fn heard(schema: &str, values: &str) -> Vec<Diagnostic> {
    let session = Session::new();
    let schema = compiled(&session, schema).expect("a valid schema").for_chart("demo");
    let source = session.add_source(SourceKind::File, "values.yaml", values);
    let layer = values::read_layer(&session, source, LayerKind::File).expect("a layer");
    if let Ok(root) = values::merge(&session, &[layer], &[], schema.wants()) {
        let _ = check(&session, &schema, &root);
    }
    session.diagnostics()
}

/// Code, label's text and message of the only finding.
fn only(schema: &str, values: &str) -> (Code, String, String, String) {
    let heard = heard(schema, values);
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let finding = &heard[0];
    let label = finding.primary().map(|label| values[label.span.range()].to_owned()).unwrap_or_default();
    (finding.code, label, finding.message.clone(), finding.help.join("; "))
}

#[test]
fn author() {
    let schema = r##"{"properties": {"engine": {"$ref": "#/definitions/engine"}}, "definitions": {"engine": {"type": "object",
        "allOf": [{"if": {"properties": {"pdb": {"const": true}}, "required": ["pdb"]}, "then": {"properties": {"replicas": {"minimum": 2}}},
        "x-message": "a budget needs two replicas", "x-help": "raise `replicas`", "x-at": "/replicas"}]}}}"##;
    let (code, label, message, help) = only(schema, "engine:\n  pdb: true\n  replicas: 1\n");
    assert_eq!(
        (code, &*label, &*message, &*help),
        (Code::V107, "replicas", "a budget needs two replicas", "raise `replicas`")
    );
}

#[test]
fn first() {
    let schema = r##"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","additionalProperties":false,"required":["host","token"],"properties":{
      "replicas":{"type":"integer","minimum":1},"tag":{"type":"string"},"on":{"type":"boolean"},"mode":{"enum":["fast","slow"]},
      "name":{"type":"string","pattern":"^[a-z]+$"}, "host":{"type":"string","description":"Where it answers."},
      "token":{"type":"string","writeOnly":true,"x-generate":{"length":32}},
      "url":{"anyOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"null"}]}}}"##;
    for finding in
        heard(schema, "replicas: two\ntag: 1.10\non: yes\nmode: fst\nname: A\nhsot: x\nurl: {b: 1}\n")
    {
        eprintln!(
            "{} {} | {:?} | {:?} | {:?}",
            finding.code, finding.message, finding.labels, finding.notes, finding.help
        );
    }
    let session = Session::new();
    let wants = compiled(&session, schema).unwrap();
    let w = wants.wants();
    assert!(w.root().property("tag").unwrap().get().types.only_string());
}
