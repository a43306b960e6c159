//! The `--set` grammar, and how flags change the merged tree.

use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::{self, SetKind};
use plimsoll::yaml::Wants;

use super::{Given, compact};

const SCHEMA: &str = r#"{"properties": {"s": {"type": "string"}, "flag": {"type": "boolean"}, "i": {"type": "integer"},
    "args": {"type": "array", "items": {"type": "string"}, "x-merge": "append"}}}"#;

fn set(kind: SetKind, base: &str, flags: &[&str]) -> super::Got {
    let flags = flags.iter().map(|flag| (kind, *flag)).collect();
    Given { layers: vec![base], flags, schema: Some(SCHEMA) }.merge()
}

fn assert_sets(kind: SetKind, table: &[(&str, &str, &str)]) {
    for (base, flag, expected) in table {
        let got = set(kind, base, &[flag]);
        assert_eq!(got.json.as_deref().map(compact), Some(compact(expected)), "{flag}: {}", got.said());
    }
}

#[test]
fn grammar() {
    assert_sets(
        SetKind::Set,
        &[
            ("{}", "a=1", r#"{"a": 1}"#),
            ("{}", "a.b=c,d=e", r#"{"a": {"b": "c"}, "d": "e"}"#),
            ("{}", "a.b.c=1,a.b.d=2", r#"{"a": {"b": {"c": 1, "d": 2}}}"#),
            ("{}", "a={x,y}", r#"{"a": ["x", "y"]}"#),
            ("{}", "a={1,true,null}", r#"{"a": [1, true, null]}"#),
            ("{}", "a={}", r#"{"a": []}"#),
            ("{}", "a={x,y},b=1", r#"{"a": ["x", "y"], "b": 1}"#),
            ("{}", "a[0]=x", r#"{"a": ["x"]}"#),
            ("{}", "a[0].b=x,a[1].b=y", r#"{"a": [{"b": "x"}, {"b": "y"}]}"#),
            ("{}", "a[0][0]=x", r#"{"a": [["x"]]}"#),
            ("{a: [1, 2, 3]}", "a[1]=x", r#"{"a": [1, "x", 3]}"#),
            ("{a: [{b: 1, c: 2}]}", "a[0].b=x", r#"{"a": [{"b": "x", "c": 2}]}"#),
            ("{a: [1]}", "a[1]=2", r#"{"a": [1, 2]}"#),
            ("{a: 1, b: 2}", "a=null", r#"{"b": 2}"#),
            ("{a: {b: 1}}", "a=null", "{}"),
            ("{a: {b: 1}}", "a.b=null", r#"{"a": {}}"#),
            ("{a: null}", "a.b=1", r#"{"a": {"b": 1}}"#),
            ("{}", r"a\.b=1", r#"{"a.b": 1}"#),
            ("{}", r"a=x\,y", r#"{"a": "x,y"}"#),
            ("{}", r"a\=b=1", r#"{"a=b": 1}"#),
            ("{}", r"a\[0\]=1", r#"{"a[0]": 1}"#),
            ("{}", r"a=\{x\}", r#"{"a": "{x}"}"#),
            ("{}", r"a={x\,y,z}", r#"{"a": ["x,y", "z"]}"#),
            ("{}", r"a=\\", r#"{"a": "\\"}"#),
            ("{}", "a=b=c", r#"{"a": "b=c"}"#),
            ("{}", "a=http://x:1/y?z=1", r#"{"a": "http://x:1/y?z=1"}"#),
            ("{}", "a=", r#"{"a": ""}"#),
            ("{}", "a=~", r#"{"a": "~"}"#),
            ("{}", "a=NO", r#"{"a": "NO"}"#),
            ("{}", "a=2001-12-14", r#"{"a": "2001-12-14"}"#),
            ("{}", "a= x ", r#"{"a": " x "}"#),
            ("{}", "s=1.10", r#"{"s": "1.10"}"#),
            ("{}", "s=true", r#"{"s": "true"}"#),
            ("{}", "s=null", "{}"),
            ("{}", "flag=true", r#"{"flag": true}"#),
            ("{}", "i=3", r#"{"i": 3}"#),
            ("{args: [a]}", "args={1,b}", r#"{"args": ["a", "1", "b"]}"#),
        ],
    );
}

#[test]
fn strings_and_json() {
    assert_sets(
        SetKind::String,
        &[
            ("{}", "a=1", r#"{"a": "1"}"#),
            ("{}", "a=null", r#"{"a": "null"}"#),
            ("{}", "a={1,true}", r#"{"a": ["1", "true"]}"#),
            ("{}", "a.b=true,c=0777", r#"{"a": {"b": "true"}, "c": "0777"}"#),
        ],
    );
    assert_sets(
        SetKind::Json,
        &[
            ("{}", r#"a={"b":1}"#, r#"{"a": {"b": 1}}"#),
            ("{a: {c: 2}}", r#"a={"b":1}"#, r#"{"a": {"c": 2, "b": 1}}"#),
            ("{}", r#"a=["x, y", {"z": [1, 2]}],b="c""#, r#"{"a": ["x, y", {"z": [1, 2]}], "b": "c"}"#),
            ("{x: 1}", r#"{"a": {"b": null}, "c": 1.10}"#, r#"{"x": 1, "a": {}, "c": 1.1}"#),
            ("{a: 1}", "a=null", "{}"),
            ("{}", r#"a="quote \" , comma""#, r#"{"a": "quote \" , comma"}"#),
        ],
    );
    assert_sets(
        SetKind::Literal,
        &[
            ("{}", r"a=x\,y=\.z", r#"{"a": "x\\,y=\\.z"}"#),
            ("{}", "a.b={x,y}", r#"{"a": {"b": "{x,y}"}}"#),
            ("{a: [1, 2]}", "a[1]= null ", r#"{"a": [1, " null "]}"#),
            ("{}", r"a\.b=1", r#"{"a\\": {"b": "1"}}"#),
            ("{}", "a,b=", r#"{"a,b": ""}"#),
        ],
    );
}

#[test]
fn flags_in_command_line_order_win_over_layers() {
    let got = set(SetKind::Set, "{a: 0}", &["a=1", "a=2", "b.c=1", "b=null", "b.d=2"]);
    assert_eq!(got.json.as_deref().map(compact), Some(compact(r#"{"a": 2, "b": {"d": 2}}"#)));
}

#[test]
fn what_cannot_be_read() {
    for (flag, underlined) in [
        ("", ""),
        ("a", ""),
        ("=1", "="),
        ("a.=1", "="),
        (".a=1", "."),
        ("a,b=1", ","),
        ("a=1,", ","),
        ("a..b=1", "."),
        ("a[x]=1", "["),
        ("a[-1]=1", "["),
        ("a[=1", "["),
        ("a[0]b=1", "b"),
        ("[0]=1", "["),
        ("a={x,y", "{"),
        ("a={x}y", "y"),
        ("a[1e3]=1", "["),
        ("a[99999999999999999999]=1", "["),
    ] {
        let got = set(SetKind::Set, "{}", &[flag]);
        assert_eq!(got.codes(), ["V002"], "{flag}");
        assert_eq!(got.underlined(), underlined, "{flag}");
    }
    for flag in ["a=b", "a=", "a={1,2}", r#"{"a": }"#, "a=[1", r#"a="x" y"#] {
        assert_eq!(set(SetKind::Json, "{}", &[flag]).codes(), ["V002"], "{flag}");
    }
    // In a later line of the JSON.
    assert_eq!(set(SetKind::Json, "{}", &["a={\"b\":\n1,\n x}"]).underlined(), "x");
}

#[test]
fn what_does_not_fit() {
    for (base, flag, code, underlined) in [
        ("{a: [1]}", "a[2]=x", "V003", "[2]"),
        ("{}", "a[9999999999]=1", "V003", "[9999999999]"),
        ("{a: 1}", "a.b=1", "V003", "b"),
        ("{a: 1}", "a[0]=1", "V003", "[0]"),
        ("{a: [1]}", "a.b=1", "V003", "b"),
        ("{a: {b: 1}}", "a[0]=1", "V003", "[0]"),
        ("{a: {b: 1}}", "a=1", "V001", "1"),
        ("{a: {b: 1}}", "a={}", "V001", "{}"),
    ] {
        let got = set(SetKind::Set, base, &[flag]);
        assert_eq!(got.codes(), [code], "{base} {flag}");
        assert_eq!(got.underlined(), underlined, "{base} {flag}");
    }
}

#[test]
fn the_schema_judges_flags_too() {
    assert_eq!(set(SetKind::Set, "{}", &["flag=yes"]).codes(), ["V108"]);
    assert_eq!(set(SetKind::Set, "{}", &["flag=1"]).codes(), ["V103"]);
    let got = set(SetKind::Json, "{}", &[r#"flag={"x": 1}"#]);
    assert_eq!((got.codes(), got.underlined()), (vec!["V103"], "flag".to_owned()));
}

#[test]
fn a_hundred_thousand_dots() {
    for flag in ["a.".repeat(100_000) + "a=1", "a".to_owned() + &"[0]".repeat(100_000) + "=1"] {
        assert_eq!(set(SetKind::Set, "{}", &[&flag]).codes(), ["V002"]);
    }
    let deep = format!("a={}", "[".repeat(100_000));
    assert_eq!(set(SetKind::Json, "{}", &[&deep]).codes().len(), 1);
}

#[test]
fn a_file_becomes_one_string() {
    let session = Session::new();
    let flag = session.add_source(SourceKind::Flag, "--set-file", "a.b=ca.pem,c=other");
    let mut asked = Vec::new();
    let edits = values::parse_set_file(&session, flag, |path, _| {
        asked.push(path.to_owned());
        Ok(session.add_source(SourceKind::File, path, "line 1\nNO\n"))
    });
    let root = values::merge(&session, &[], &edits.expect("edits"), &Wants::anything()).expect("values");
    assert_eq!(asked, ["ca.pem", "other"]);
    assert_eq!(root.get("a").and_then(|a| a.get("b")).and_then(|b| b.as_str()), Some("line 1\nNO\n"));
}
