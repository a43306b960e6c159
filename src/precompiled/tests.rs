//! What is kept is read as it was written; and what is not what was written is never used, whatever it is.

use std::collections::BTreeMap;

use super::*;
use crate::chart::{self, Snapshot};
use crate::pipeline;
use crate::request::Request;

const FILES: [(&str, &str); 4] = [
    ("chart.yaml", "name: shop\nversion: 1.0.0\n"),
    ("values.yaml", "name: web\nports: [80, 443]\nlabels: {team: a}\n"),
    (
        "values.schema.json",
        r##"{"type": "object", "additionalProperties": false, "required": ["name"],
            "properties": {
              "name": {"$ref": "#/definitions/name"},
              "ports": {"type": "array", "items": {"type": "integer", "maximum": 65535}},
              "labels": {
                "type": "object",
                "patternProperties": {"^[a-z]+$": {"enum": ["a", "b", null, 3, true]}},
                "additionalProperties": false
              }
            },
            "allOf": [
              {"if": {"required": ["labels"]}, "then": {"required": ["ports"]}, "x-message": "labels need ports"}
            ],
            "definitions": {
              "name": {"anyOf": [{"type": "string", "minLength": 1}, {"not": {"type": ["string", "null"]}}]}
            }}"##,
    ),
    (
        "templates/web.yaml",
        r#"{% import "_lib.yaml" as lib %}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ values.name }}
  labels: {{ lib.labels(values.labels) }}
data:
  {% for port in values.ports %}
  port-{{ loop.index }}: {{ port ~ "" }}
  {% endfor %}
  note: {{ values.name ~ "-" ~ release.name }}
"#,
    ),
];

const LIBRARY: &str = "\
{% macro labels(more) %}
app: shop
{% if more.team is defined %}
team: {{ more.team }}
{% endif %}
{% endmacro %}
";

fn shop() -> Snapshot {
    let mut files: BTreeMap<String, Vec<u8>> =
        FILES.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    files.insert("templates/_lib.yaml".to_owned(), LIBRARY.as_bytes().to_vec());
    Snapshot { name: "shop".to_owned(), files }
}

fn with_form(bytes: Vec<u8>) -> Snapshot {
    let mut snapshot = shop();
    snapshot.files.insert(PRECOMPILED.to_owned(), bytes);
    snapshot
}

fn made() -> Vec<u8> {
    let session = Session::new();
    let chart = chart::open_snapshot(&session, &shop()).expect("a chart");
    make(&session, &chart, &pipeline::templates(&session, &chart), &library()).expect("a right chart")
}

/// What is rendered, or what is said instead.
fn rendered(snapshot: Snapshot) -> (Result<String, ()>, Vec<Diagnostic>) {
    let session = Session::new();
    let request = Request { snapshot: Some(snapshot), ..Request::default() };
    let documents = pipeline::render(&session, &request);
    let text = documents.map(|documents| crate::emit::stream(&documents, crate::emit::Format::Yaml));
    (text.map_err(|_| ()), session.diagnostics())
}

fn is_used(snapshot: &Snapshot) -> bool {
    let session = Session::new();
    let chart = chart::open_snapshot(&session, snapshot).expect("a chart");
    read(&session, &chart, &pipeline::templates(&session, &chart)).is_some()
}

/// The types of the newest version of Kubernetes.
fn library() -> Arc<dyn crate::schema::Library> {
    pipeline::api_types(crate::kube::Versions::default())
}

#[test]
fn a_current_form_is_used_and_changes_nothing() {
    let snapshot = with_form(made());
    assert!(is_used(&snapshot));
    assert_eq!(rendered(snapshot), rendered(shop()));
    assert_eq!(rendered(shop()).1, []);
}

/// What the program makes of its own charts is used for the same charts in a folder.
#[test]
fn what_is_made_is_sound() {
    for name in chart::bundled().map(|chart| Some(chart.name)).chain([None]) {
        let session = Session::new();
        let chart = match name {
            Some(bundled) => chart::open(&session, bundled),
            None => chart::open_snapshot(&session, &shop()),
        };
        let chart = chart.expect("a chart");
        let templates = pipeline::templates(&session, &chart);
        let made = make(&session, &chart, &templates, &library()).expect("a right chart");
        let form = decode(&made, fingerprint_of(&session, &chart, &templates)).expect("what was written");
        assert!(form.is_sound(&session, &chart, &templates), "{}", chart.name);
    }
}

#[test]
fn a_form_is_the_same_each_time() {
    assert_eq!(made(), made());
}

/// Whatever it was made of, and whatever is wrong with it: a warning, and the same output.
#[test]
fn what_does_not_fit_is_not_used() {
    let mut of_another_template = with_form(made());
    of_another_template.files.insert("templates/_more.yaml".to_owned(), b"{# nothing #}\n".to_vec());
    let mut of_another_schema = with_form(made());
    let schema = format!("{}\n", FILES[2].1);
    of_another_schema.files.insert("values.schema.json".to_owned(), schema.into_bytes());
    let other_version = [HEAD.as_bytes(), b"0.0.0-other\n", &made()[head().len()..]].concat();
    let mut truncated = made();
    truncated.truncate(truncated.len() - 1);
    let mut longer = made();
    longer.push(0);
    for (snapshot, words) in [
        (of_another_template, "the chart has changed since it was made"),
        (of_another_schema, "the chart has changed since it was made"),
        (with_form(other_version), "another version of plimsoll made it"),
        (with_form(truncated), "is damaged"),
        (with_form(longer), "is damaged"),
        (with_form(head().into_bytes()), "is damaged"),
        (with_form(Vec::new()), "is not a precompiled form"),
        (with_form(b"\x7fELF".to_vec()), "is not a precompiled form"),
    ] {
        assert!(!is_used(&snapshot));
        let (output, said) = rendered(snapshot);
        assert_eq!(output, rendered(shop()).0);
        let [finding] = &said[..] else { panic!("{said:?}") };
        assert_eq!(finding.code, Code::C007);
        assert!(finding.message.contains(words), "{} lacks {words}", finding.message);
    }
}

/// Somebody may write a file by hand whose fingerprints are right. It may say wrong things of the chart, as its author
/// could in the chart itself; it must not end the program, nor keep it busy.
#[test]
fn a_form_with_right_fingerprints_and_a_wrong_body_is_harmless() {
    let made = made();
    let start = head().len() + 16;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap_or(0)
    };
    let mut used = 0;
    for _ in 0..800 {
        let mut form = made.clone();
        for _ in 0..=next(3) {
            let at = start + next(form.len() - start);
            form[at] = [0, 1, 0x7f, 0x80, 0xff, form[at].wrapping_add(1), form[at] ^ 0x10][next(7)];
        }
        let body = fingerprint(&form[start..]);
        form[start - 8..start].copy_from_slice(&body.to_le_bytes());
        let snapshot = with_form(form);
        used += usize::from(is_used(&snapshot));
        let _ = rendered(snapshot);
    }
    // Else none of them got past the check of its bounds, and nothing was tried.
    assert!(used > 20, "{used}");
}
