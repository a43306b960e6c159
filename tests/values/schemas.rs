//! What a schema wants by path, and how its violations are told.

use plimsoll::diagnostic::Level;
use plimsoll::session::Session;
use plimsoll::yaml::{Generate, Merge, Types, WantRef};

use super::{Given, Got, compile};

const SCHEMA: &str = r##"{
  "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
  "required": ["engine"],
  "properties": {
    "engine": {"$ref": "#/definitions/engine"},
    "mode": {"enum": ["fast", "slow"], "description": "How it runs."},
    "version": {"const": 2},
    "hosts": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 2, "uniqueItems": true},
    "ratio": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "multipleOf": 0.25},
    "store": {"anyOf": [{"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}}, {"type": "string"}]},
    "size": {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+Mi$"}]},
    "time": {"type": "string", "format": "date-time"}
  },
  "definitions": {"engine": {
    "type": "object", "additionalProperties": false, "required": ["replicas", "secrets"],
    "properties": {
      "replicas": {"type": "integer", "minimum": 1, "maximum": 9},
      "tls": {"type": "boolean"},
      "name": {"type": "string", "pattern": "^[a-z]+$", "x-pattern-help": "use small letters"},
      "secrets": {"type": "object", "additionalProperties": false, "required": ["key", "model"], "properties": {
        "key": {"type": "string", "writeOnly": true, "minLength": 8, "pattern": "^[a-z]*$", "x-generate": {"length": 32}},
        "model": {"type": "string", "description": "The model that answers."},
        "token": {"type": "string", "writeOnly": true}
      }}
    },
    "allOf": [
      {"if": {"properties": {"tls": {"const": true}}, "required": ["tls"]}, "then": {"required": ["name"]},
       "x-message": "with `tls` the engine needs a `name`", "x-help": "set `engine.name`", "x-at": "/tls"},
      {"not": {"properties": {"replicas": {"const": 2}}, "required": ["replicas"]},
       "x-warning": "two replicas do not make a majority", "x-at": "/replicas"}
    ]
  }}
}"##;

/// Values that are right, for the cases to add to.
const RIGHT: &str = "engine: {replicas: 1, secrets: {key: abcdefgh, model: m}}\n";

fn read(values: &str) -> Got {
    Given { layers: vec![values], schema: Some(SCHEMA), ..Given::default() }.merge()
}

fn read_also(values: &str) -> Got {
    read(&format!("{RIGHT}{values}"))
}

#[test]
fn right_values_say_nothing() {
    let more =
        "mode: fast\nversion: 2\nhosts: [a, b]\nratio: 0.5\nstore: x\nsize: 3\ntime: 2020-01-01T00:00:00Z\n";
    let got = read_also(more);
    assert!(got.findings.is_empty(), "{}", got.said());
}

#[test]
fn every_code_has_its_sentence() {
    for (values, code, underlined, sentence) in [
        ("moed: fast\n", "V101", "moed", "`moed` is not a setting of this chart"),
        ("moed: fast\n", "V101", "moed", "did you mean `mode`?"),
        ("replicas: 3\n", "V101", "replicas", "the chart knows it as `engine.replicas`"),
        ("zzz: 3\n", "V101", "zzz", "remove it, or use one of `engine`, `mode`"),
        ("hosts: {a: b}\n", "V103", "hosts", "`hosts` must be a list, and this is a map"),
        ("hosts: [a, {b: c}]\n", "V103", "{", "`hosts[1]` must be a string, and this is a map"),
        ("hosts: []\n", "V104", "hosts", "`hosts` must have an item"),
        ("hosts: [a, b, c]\n", "V104", "hosts", "must have at most 2 items"),
        ("hosts: ['']\n", "V104", "''", "`hosts[0]` must not be empty"),
        ("hosts: [a, a]\n", "V109", "hosts", "has the same item twice"),
        ("ratio: 0\n", "V104", "0", "`ratio` must be more than 0, and this is 0"),
        ("ratio: 2\n", "V104", "2", "must be at most 1, and this is 2"),
        ("ratio: 0x10000000000000000\n", "V104", "0x10000000000000000", "must be at most 1"),
        ("ratio: 0.3\n", "V104", "0.3", "must be a multiple of 0.25"),
        ("mode: fsat\n", "V105", "fsat", "`mode` must be one of `fast`, `slow`"),
        ("mode: fsat\n", "V105", "fsat", "did you mean `fast`?"),
        ("mode: other\n", "V105", "other", "How it runs."),
        ("version: 3\n", "V105", "3", "`version` must be `2`"),
        ("time: now\n", "V106", "now", "`time` is not a valid date-time"),
        ("store: {uri: x}\n", "V102", "store", "`store.url` is required"),
        ("store: 3.5\nsize: 4\n", "", "", ""),
        ("store: [x]\n", "V103", "store", "`store` must be a map or a string, and this is a list"),
        ("size: 4Gi\n", "V106", "4Gi", "it must match `^[0-9]+Mi$`"),
        ("size: [4]\n", "V103", "size", "`size` must be an integer or a string"),
    ] {
        let got = read_also(values);
        assert_eq!(
            got.codes(),
            if code.is_empty() { vec![] } else { vec![code] },
            "{values}: {}",
            got.said()
        );
        if !code.is_empty() {
            assert_eq!(got.underlined(), underlined, "{values}");
            assert!(got.said().contains(sentence), "{values}: {}", got.said());
        }
    }
}

#[test]
fn missing_values_are_all_told_at_once() {
    let got = read("engine:\n  secrets: {}\n");
    assert_eq!(got.codes(), ["V102", "V102", "V102"]);
    let said = got.said();
    for sentence in [
        "`engine.replicas` is required",
        "--set engine.replicas=…",
        "The model that answers.",
        "--set engine.secrets.model=…",
        "plimsoll secrets demo > secrets.yaml",
    ] {
        assert!(said.contains(sentence), "{said}");
    }
    assert_eq!(read("{}").codes(), ["V102"]);
    assert_eq!(read("").codes(), ["V102"]);
}

#[test]
fn the_authors_sentence_is_told_once_at_the_place_he_chose() {
    let got = read("engine: {tls: true, replicas: 1, secrets: {key: abcdefgh, model: m}}\n");
    assert_eq!(got.codes(), ["V107"]);
    assert_eq!(got.underlined(), "tls");
    assert!(
        got.said().contains("with `tls` the engine needs a `name`")
            && got.said().contains("set `engine.name`")
    );
}

#[test]
fn a_warning_lets_values_pass() {
    let got = read("engine: {replicas: 2, secrets: {key: abcdefgh, model: m}}\n");
    assert_eq!((got.codes(), got.underlined()), (vec!["V110"], "replicas".to_owned()));
    assert_eq!(got.findings[0].level, Level::Warning);
    assert!(got.json.is_some());
}

#[test]
fn no_secret_is_ever_quoted() {
    for values in [
        "engine: {replicas: 1, secrets: {key: HUSH, model: m}}\n",
        "engine: {replicas: 1, secrets: {key: [HUSH], model: m}}\n",
        "engine: {replicas: 1, secrets: {key: abcdefgh, model: m, token: {HUSH: 1}}}\n",
    ] {
        let got = read(values);
        assert!(!got.findings.is_empty() && !got.said().contains("HUSH"), "{}", got.said());
    }
    let number = r#"{"properties": {"pin": {"type": "integer", "writeOnly": true}}}"#;
    for (values, schema) in
        [("pin: '4711'\n", Some(number)), ("pin: 04711\n", Some(number)), ("password: 04711\n", None)]
    {
        let got = Given { layers: vec![values], schema, ..Given::default() }.merge();
        assert_eq!(got.findings.len(), 1);
        assert!(got.findings[0].patch.is_none() && !got.said().contains("4711"), "{}", got.said());
    }
    let session = Session::new();
    let given = Given {
        layers: vec!["engine: {secrets: {key: HUSHHUSH, model: shown}}\n"],
        schema: Some(SCHEMA),
        ..Given::default()
    };
    let _ = given.run(&session);
    let span = session.diagnostics()[0].labels[0].span;
    let masked = plimsoll::secrets::masked_text(&session.source(span.source));
    assert!(masked.contains("shown") && !masked.contains("HUSH"), "{masked}");
}

fn wants_of(schema: &str, check: impl Fn(WantRef<'_>)) {
    let session = Session::new();
    let schema = compile(&session, schema);
    check(schema.unwrap_or_else(|| panic!("{:#?}", session.diagnostics())).wants().root());
}

fn types_at(schema: &str, path: &[&str]) -> Option<Types> {
    let mut found = None;
    let session = Session::new();
    if let Some(schema) = compile(&session, schema) {
        let root = Some(schema.wants().root());
        let want = path.iter().fold(root, |want, key| match *key {
            "[]" => want.and_then(WantRef::item),
            key => want.and_then(|want| want.property(key)),
        });
        found = want.map(|want| want.types());
    }
    found
}

#[test]
fn types_by_path() {
    let s = r##"{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"t": {"type": "string"}}, "properties": {
        "ref": {"$ref": "#/definitions/t"},
        "all": {"allOf": [{"type": ["string", "integer"]}, {"type": ["string", "null"]}]},
        "any": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "one": {"oneOf": [{"$ref": "#/definitions/t"}, {"type": "null"}]},
        "enum": {"enum": ["a", "b"]}, "mixed": {"enum": ["a", 1]}, "const": {"const": true},
        "cond": {"type": "object", "properties": {"x": {"type": "string"}},
                 "if": {"required": ["x"]}, "then": {"properties": {"x": {"minLength": 3}, "y": {"type": "boolean"}}}},
        "closed": {"type": "object", "additionalProperties": false}, "open": {"type": "object"},
        "map": {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": {"type": "string"}},
        "list": {"type": "array", "items": {"type": "integer"}},
        "tuple": {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]},
        "branch": {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false},
                             {"type": "object", "properties": {"b": {"type": "integer"}}, "additionalProperties": false}]},
        "maybe": {"anyOf": [{"type": "object", "additionalProperties": false, "properties": {"k": {"type": "string"}}}, {"type": "null"}]}
    }}"##;
    let string = Some(Types::STRING);
    for (path, expected) in [
        (vec!["ref"], string),
        (vec!["all"], string),
        (vec!["any"], Some(Types::STRING.or(Types::INTEGER))),
        (vec!["one"], Some(Types::STRING.or(Types::NULL))),
        (vec!["enum"], string),
        (vec!["mixed"], Some(Types::STRING.or(Types::NUMBER))),
        (vec!["const"], Some(Types::BOOLEAN)),
        (vec!["cond", "x"], string),
        (vec!["cond", "y"], Some(Types::BOOLEAN)),
        (vec!["closed", "x"], None),
        (vec!["open", "x"], Some(Types::ANY)),
        (vec!["open", "x", "[]", "y"], Some(Types::ANY)),
        (vec!["map", "x-a"], string),
        (vec!["map", "b"], string),
        (vec!["list", "[]"], Some(Types::INTEGER)),
        (vec!["list", "x"], None),
        (vec!["tuple", "[]"], Some(Types::INTEGER.or(Types::STRING))),
        (vec!["branch", "a"], string),
        (vec!["branch", "b"], Some(Types::INTEGER)),
        (vec!["branch", "c"], None),
        (vec!["maybe", "k"], string),
        (vec!["maybe", "z"], None),
        (vec!["unknown"], Some(Types::ANY)),
    ] {
        assert_eq!(types_at(s, &path), expected, "{path:?}");
    }
}

#[test]
fn a_recursive_schema_has_a_finite_table() {
    let s = r##"{"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}}}}"##;
    wants_of(s, |root| {
        let deep = (0..50).try_fold(root, |want, _| want.property("children")?.item());
        assert_eq!(deep.and_then(|want| want.property("name")).map(|want| want.types()), Some(Types::STRING));
    });
    let mut values = "name: 1.10\n".to_owned();
    values.push_str("children: [{children: [{nmae: x}]}]\n");
    let got = Given { layers: vec![&values], schema: Some(s), ..Given::default() }.merge();
    assert_eq!((got.codes(), got.underlined()), (vec!["V101"], "nmae".to_owned()));
}

#[test]
fn annotations_reach_the_wants() {
    let s = r##"{"definitions": {"s": {"type": "string", "writeOnly": true, "x-generate": {"bytes": 16, "as": "hex"}}},
        "properties": {"a": {"$ref": "#/definitions/s"}, "l": {"x-merge": {"by": "name"}}, "m": {"x-merge": "append"}},
        "required": ["a"]}"##;
    wants_of(s, |root| {
        let want = |key: &str| root.property(key).expect("a want");
        assert!(want("a").secret());
        assert_eq!(want("a").generate(), Some(Generate::Hex { bytes: 16 }));
        assert_eq!(want("l").merge(), Merge::By("name".into()));
        assert_eq!(want("m").merge(), Merge::Append);
        assert_eq!(root.required().collect::<Vec<_>>(), ["a"]);
    });
}
