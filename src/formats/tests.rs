//! What the writers print.

use super::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span, is_unprintable};

fn place(session: &Session, source: SourceId, token: &str) -> Span {
    let text = session.source(source).text.clone();
    let start = text.find(token).unwrap();
    Span::new(source, start, start + token.len())
}

fn sample() -> Session {
    let session = Session::new();
    let values = session.add_source(SourceKind::File, "values/prod.yaml", "# production\n\nreplicas: two\n");
    let template = "spec:\n  replicas: {{ values.engine.replicas }}\n";
    let template = session.add_source(SourceKind::File, "charts/skyflo/templates/engine.yaml", template);
    let two = place(&session, values, "two");
    let finding = Diagnostic::error(Code::K003, "`replicas` must be an integer, and this is a string")
        .at(two, "this value")
        .also(
            place(&session, template, "{{ values.engine.replicas }}"),
            "becomes spec.replicas of Deployment `engine`",
        )
        .help("write a number, for example `replicas: 2`");
    // Twice, as where a file belongs to two sets: every writer shows it once.
    session.report(finding.clone());
    session.report(finding);
    session.report(
        Diagnostic::warning(Code::Y007, "odd").at(two, "").note("a note").help("a number").patch(two, "2"),
    );
    session
}

#[test]
fn the_picture() {
    let picture = "\
error[K003]: `replicas` must be an integer, and this is a string
 --> values/prod.yaml:3:11
  |
3 | replicas: two
  |           ^^^ this value
  |
 ::: charts/skyflo/templates/engine.yaml:2:13
  |
2 |   replicas: {{ values.engine.replicas }}
  |             ---------------------------- becomes spec.replicas of Deployment `engine`
  |
  = help: write a number, for example `replicas: 2`

warning[Y007]: odd
 --> values/prod.yaml:3:11
  |
3 | replicas: two
  |           ^^^
  |
  = note: a note
help: a number
  |
3 - replicas: two
3 + replicas: 2
  |

error: 1 error, 1 warning; nothing was rendered
 |
 = for more: `plimsoll explain K003`, `plimsoll explain Y007`
";
    assert_eq!(write_human(&sample(), Style::Plain), picture);
}

/// The lines of one finding about `token` of a file.
fn shown(text: &str, token: &str) -> String {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "a.yaml", text);
    session.report(Diagnostic::error(Code::Y001, "odd").at(place(&session, source, token), "here"));
    write_human(&session, Style::Plain)
}

#[test]
fn control_characters_are_written_out_and_columns_are_true() {
    // The column is that of the source, in which the escape is one character and not six.
    let text = shown("a: \u{1b}[31m\u{202e}x\tbad\n", "bad");
    assert!(text.contains("a.yaml:1:12\n"), "{text}");
    assert!(text.contains(r"1 | a: \u{1b}[31m\u{202e}x    bad"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "b\u{1b}.yaml", "x: 1\n");
    let finding =
        Diagnostic::error(Code::Y001, "odd \u{1b}]0;t\u{7}").at(Span::new(source, 3, 4), "\u{202e}");
    session.report(finding.note("\u{1b}").help("\u{1b}").patch(Span::new(source, 3, 4), "\u{1b}"));
    assert!(!write_human(&session, Style::Plain).contains(|c| is_unprintable(c) && c != '\n'));
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let text = shown(&format!("{}bad{}", "x".repeat(100_000), "y".repeat(100_000)), "bad");
    assert!(text.contains("a.yaml:1:100001\n") && text.contains("xbady") && text.len() < 1_000, "{text}");
}

#[test]
fn secrets_are_stars() {
    for (text, hidden) in [("password: hunter2\n", "hunter2"), ("a: 1\ntoken: hunter2 # x\n", "hunter2")] {
        let picture = shown(text, hidden);
        assert!(picture.contains("*******") && !picture.contains("hunter2"), "{picture}");
    }
}

#[test]
fn places_of_any_kind_are_drawn() {
    // In nothing, behind the last line break, over two lines, inside of a character, and beyond the end.
    for (text, start, end) in
        [("", 0, 0), ("a\n", 2, 2), ("a: b\nc: d\n", 3, 9), ("é\r\nb", 1, 3), ("a", 5, 9)]
    {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "a.yaml", text);
        session.report(Diagnostic::error(Code::Y001, "odd").at(Span::new(source, start, end), "here"));
        let picture = write_human(&session, Style::Plain);
        assert!(picture.contains("here"), "{text:?}: {picture}");
    }
}

#[test]
fn far_places_of_one_file_are_drawn_apart() {
    let session = Session::new();
    let text = format!("a: 1\n{}a: 2\n", "b\n".repeat(50_000));
    let source = session.add_source(SourceKind::File, "a.yaml", text.as_str());
    // Each has its own position; in one snippet, the second would have none.
    let second = text.rfind("a: 2").unwrap();
    let finding =
        Diagnostic::error(Code::Y002, "twice").at(Span::new(source, second, second + 1), "the second");
    session.report(finding.also(Span::new(source, 0, 1), "the first"));
    let picture = write_human(&session, Style::Plain);
    assert!(picture.contains("--> a.yaml:50002:1") && picture.contains("::: a.yaml:1:1"), "{picture}");
}

#[test]
fn nothing_reported_is_nothing_said() {
    assert_eq!(write_human(&Session::new(), Style::Color), "");
}

#[test]
fn json_has_the_same_findings() {
    let json: serde_json::Value = serde_json::from_str(&write_json(&sample())).unwrap();
    assert_eq!(json["summary"], serde_json::json!({"errors": 1, "warnings": 1}));
    // The names of the properties are a promise, so they are written out here and not taken from the structs.
    let label = serde_json::json!({
        "file": "values/prod.yaml", "line": 3, "column": 11, "endLine": 3, "endColumn": 14,
        "text": "this value", "primary": true
    });
    assert_eq!(json["diagnostics"][0]["code"], "K003");
    assert_eq!(json["diagnostics"][0]["labels"][0], label);
    assert_eq!(json["diagnostics"][1]["patch"]["replacement"], "2");
}

proptest::proptest! {
    /// Whatever a source holds and wherever spans point, the writers draw it, and nothing unprintable comes through.
    #[test]
    fn any_finding_can_be_drawn(
        text in "([a-z:\\- \t\r\n\u{1b}\u{202e}é日😀{}]|[a-z]{300}){0,30}",
        spans in proptest::collection::vec((0usize..400, 0usize..60), 1..5),
        patch in proptest::option::of((0usize..400, 0usize..60, "[a-z\n\u{1b}é]{0,8}")),
    ) {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "a\u{7}.yaml", text.as_str());
        let span = |start: usize, length: usize| Span::new(source, start, start + length);
        let mut finding = Diagnostic::error(Code::Y001, "odd").at(span(spans[0].0, spans[0].1), "here");
        for (start, length) in &spans[1..] {
            finding = finding.also(span(*start, *length), "there\u{1b}");
        }
        if let Some((start, length, replacement)) = patch {
            finding = finding.patch(span(start, length), replacement);
        }
        session.report(finding);
        let picture = write_human(&session, Style::Plain);
        proptest::prop_assert!(picture.contains("here"));
        proptest::prop_assert!(!picture.contains(|c| is_unprintable(c) && c != '\n'), "{picture:?}");
        proptest::prop_assert!(serde_json::from_str::<serde_json::Value>(&write_json(&session)).is_ok());
    }
}
