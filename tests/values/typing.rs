//! What plain scalars become, by what is wanted.

use plimsoll::diagnostic::Level;

use super::{Given, compact};

const SCHEMA: &str = r#"{"additionalProperties": false, "properties": {
    "s": {"type": "string"}, "n": {"type": "number"}, "i": {"type": "integer"}, "b": {"type": "boolean"},
    "u": {"type": ["string", "integer"]}, "l": {"type": "array", "items": {"type": "string"}}, "any": {},
    "m": {"type": "object", "additionalProperties": {"type": "string"}}, "on": {"type": "string"}}}"#;

fn read(values: &str) -> super::Got {
    Given { layers: vec![values], schema: Some(SCHEMA), ..Given::default() }.merge()
}

#[test]
fn where_only_a_string_can_be_meant_it_is_the_text_as_written() {
    for text in [
        "1.10",
        "NO",
        "yes",
        "0777",
        "9007199254740993",
        "1e3",
        "true",
        "0x1F",
        ".5",
        "12:30",
        "2001-12-14",
        "1_000",
        ".inf",
    ] {
        let got = read(&format!("s: {text}\nl: [{text}]\nm: {{k: {text}}}\n"));
        let expected = format!(r#"{{"s": "{text}", "l": ["{text}"], "m": {{"k": "{text}"}}}}"#);
        assert_eq!(got.json.as_deref().map(compact), Some(compact(&expected)), "{}", got.said());
        assert!(got.findings.is_empty(), "{}", got.said());
    }
}

#[test]
fn a_plain_null_stays_null() {
    for text in ["null", "~", ""] {
        assert_eq!(read(&format!("s: {text}\n")).json.as_deref(), Some("{}"));
    }
    assert_eq!(read("l: [null]\n").codes(), ["V103"]);
}

#[test]
fn never_the_other_way_round() {
    for (values, code, patch) in [
        ("i: '3'\n", "V103", Some("3")),
        ("n: \"1.5\"\n", "V103", Some("1.5")),
        ("b: 'true'\n", "V103", Some("true")),
        ("b: yes\n", "V108", Some("true")),
        ("b: Off\n", "V108", Some("false")),
        ("b: n\n", "V108", Some("false")),
        ("b: 'yes'\n", "V103", None),
        ("b: 1\n", "V103", None),
        ("i: 1.5\n", "V103", None),
        ("i: text\n", "V103", None),
    ] {
        let got = read(values);
        assert_eq!(got.codes(), [code], "{values}");
        let found = got.findings[0].patch.as_ref().map(|patch| patch.replacement.as_str());
        assert_eq!(found, patch, "{values}");
    }
}

#[test]
fn lookalikes_are_warned_of_where_nothing_is_known() {
    for text in ["NO", "y", "On", "0777", "1_000", "1e3", "12:30", "="] {
        let got = read(&format!("any: {text}\n"));
        assert_eq!(got.codes(), ["Y007"], "{text}");
        assert_eq!(got.underlined(), text);
        assert_eq!(got.findings[0].level, Level::Warning);
        assert!(got.json.is_some());
    }
    for text in ["'NO'", "\"0777\"", "true", "17", "1.5", "text", "0", "10.0.0.1", "1.2.3", "v1.10"] {
        assert!(read(&format!("any: {text}\n")).findings.is_empty(), "{text}");
    }
}

#[test]
fn a_lookalike_number_is_warned_of_without_advice_to_quote() {
    let got = read("i: 0777\n");
    assert_eq!(got.codes(), ["Y007"]);
    assert!(got.said().contains("decimal digits"), "{}", got.said());
}

#[test]
fn boolean_words_as_keys() {
    assert_eq!(read("any: {y: 1}\n").underlined(), "y");
    assert!(read("any: {'y': 1}\n").findings.is_empty());
    assert!(read("on: text\n").findings.is_empty(), "the schema names this key");
}

#[test]
fn numbers_keep_their_digits() {
    for text in ["9007199254740993", "1.10", "18446744073709551615"] {
        let printed = read(&format!("n: {text}\n")).json.unwrap_or_default();
        assert!(printed.contains(&format!(": {text}")), "{printed}");
    }
}

#[test]
fn numbers_that_nothing_can_hold() {
    for text in [".inf", "-.inf", ".nan", "1e400", &format!("0x1{}", "0".repeat(256))] {
        assert!(read(&format!("n: {text}\n")).codes().contains(&"Y008"), "{text}");
    }
}
