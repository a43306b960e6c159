//! Every rule of merging, in both orders.

use super::{Given, compact};

const BY_NAME: &str = r#"{"properties": {
    "env": {"type": "array", "x-merge": {"by": "name"}, "items": {"type": "object"}},
    "args": {"type": "array", "x-merge": "append"},
    "plain": {"type": "array"}}}"#;

fn merged(layers: &[&str], schema: Option<&str>) -> Result<serde_json::Value, Vec<&'static str>> {
    let got = Given { layers: layers.to_vec(), schema, ..Given::default() }.merge();
    got.json.as_deref().map(compact).ok_or(got.codes())
}

fn assert_merges(layers: &[&str], schema: Option<&str>, expected: &str) {
    assert_eq!(merged(layers, schema), Ok(compact(expected)), "{layers:?}");
}

#[test]
fn layers_without_schema() {
    let table: &[(&[&str], &str)] = &[
        (&[], "{}"),
        (&["", "# only a comment\n", "---\n"], "{}"),
        (&["{a: 1}", "{a: 2}"], r#"{"a": 2}"#),
        (&["{a: 2}", "{a: 1}"], r#"{"a": 1}"#),
        (&["{a: {b: 1, c: 2}}", "{a: {c: 3, d: 4}}"], r#"{"a": {"b": 1, "c": 3, "d": 4}}"#),
        (&["{a: {c: 3, d: 4}}", "{a: {b: 1, c: 2}}"], r#"{"a": {"c": 2, "d": 4, "b": 1}}"#),
        (&["{a: [1, 2]}", "{a: [3]}"], r#"{"a": [3]}"#),
        (&["{a: [1, 2]}", "{a: []}"], r#"{"a": []}"#),
        (&["{a: 1, b: 2}", "{a: null}"], r#"{"b": 2}"#),
        (&["{a: null, b: 2}", "{a: 1}"], r#"{"a": 1, "b": 2}"#),
        (&["{a: {b: 1}}", "{a: null}"], "{}"),
        (&["{a: {b: 1}}", "{a: ~}", "{a: {c: 2}}"], r#"{"a": {"c": 2}}"#),
        (&["{a: {b: 1}}", "{a: {b: null}}"], r#"{"a": {}}"#),
        (&["{a: {b: null}}"], r#"{"a": {}}"#),
        (&["{a: [null, 1]}"], r#"{"a": [null, 1]}"#),
        (&["{a: [{b: null, c: 1}]}"], r#"{"a": [{"c": 1}]}"#),
        (&["{a: {}}", "{a: 1}"], r#"{"a": 1}"#),
        (&["{a: {b: 1}}", "{a: {}}"], r#"{"a": {"b": 1}}"#),
        (&["{a: []}", "{a: x}"], r#"{"a": "x"}"#),
        (&["{a: x}", "{a: []}"], r#"{"a": []}"#),
    ];
    for (layers, expected) in table {
        assert_merges(layers, None, expected);
    }
}

#[test]
fn lists_by_strategy() {
    let table: &[(&[&str], &str)] = &[
        (&["{args: [a, b]}", "{args: [c]}"], r#"{"args": ["a", "b", "c"]}"#),
        (&["{args: [c]}", "{args: [a, b]}"], r#"{"args": ["c", "a", "b"]}"#),
        (&["{args: [a]}", "{args: null}"], "{}"),
        (&["{plain: [a]}", "{plain: [b]}"], r#"{"plain": ["b"]}"#),
        (
            &[
                "{env: [{name: A, value: '1'}, {name: B, value: '2'}]}",
                "{env: [{name: B, value: '3'}, {name: C}]}",
            ],
            r#"{"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}, {"name": "C"}]}"#,
        ),
        (
            &["{env: [{name: A, value: '1'}]}", "{env: [{name: A, value: null, from: x}]}"],
            r#"{"env": [{"name": "A", "from": "x"}]}"#,
        ),
        (&["{env: [{name: A}]}", "{env: [{other: 1}]}"], r#"{"env": [{"name": "A"}, {"other": 1}]}"#),
    ];
    for (layers, expected) in table {
        assert_merges(layers, Some(BY_NAME), expected);
    }
}

#[test]
fn a_map_meets_something_else() {
    for (lower, upper, underlined) in [
        ("a: {b: 1}", "a: 1", "1"),
        ("a: 1", "a: {b: 1}", "{b: 1}"),
        ("a: {b: 1}", "a: [1]", "[1]"),
        ("a: [1]", "a: {b: 1}", "{b: 1}"),
        ("a: {b: {c: 1}}", "a: {b: text}", "text"),
        ("a: text", "a:\n  b: 1\n  c: 2\n", "b: 1"),
    ] {
        let got = Given { layers: vec![lower, upper], ..Given::default() }.merge();
        assert_eq!(got.codes(), ["V001"], "{lower} + {upper}");
        assert_eq!(got.underlined(), underlined);
        assert_eq!(got.findings[0].labels.len(), 2, "both places are shown");
    }
}

#[test]
fn all_clashes_are_reported_at_once() {
    let layers = vec!["{a: {x: 1}, b: {x: 1}, c: 1}", "{a: 1, b: [1], c: {x: 1}}"];
    assert_eq!(Given { layers, ..Given::default() }.merge().codes(), ["V001", "V001", "V001"]);
}

#[test]
fn a_root_that_is_no_map() {
    for text in ["- a", "text", "[]", "3"] {
        assert_eq!(Given { layers: vec![text], ..Given::default() }.merge().codes(), ["V004"], "{text}");
    }
}
