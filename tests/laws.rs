//! Laws that hold for every input: the same bytes everywhere, spans, precedence, and data that stays data.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::path::Path;
use std::process::Command;

use plimsoll::pipeline;
use plimsoll::request::{Request, ValuesFile};
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::yaml::{self, Node, Value};
use plimsoll::{emit, formats};
use proptest::prelude::*;
use support::files::{folder_of, write};
use support::program::{self, PROGRAM};

/// A chart's folder with one template.
fn chart(template: &str) -> tempfile::TempDir {
    folder_of(&[("chart.yaml", "name: t\nversion: 0.0.1\n"), ("templates/t.yaml", template)])
}

/// A string as a values file can hold it, with everything but letters and digits escaped.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Texts made of what means something to YAML, to templates and to terminals.
fn text() -> impl Strategy<Value = String> {
    let telling = prop::sample::select(vec![
        "{{ values.x }}",
        "{% if x %}",
        "---\n",
        "...\n",
        "- a: b",
        ": ",
        " #",
        "\n",
        "\r\n",
        "\t",
        "\"",
        "'",
        "|",
        ">",
        "&a",
        "*a",
        "!!str",
        "<<",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\u{fdd0}0\u{fdd1}",
        "\u{fdd2}0,0\u{fdd3}",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}",
        "\u{1b}[31m",
        "\u{0}",
        "\u{7f}",
        "\\",
        "NO",
        "0777",
        "1e3",
        "~",
        "null",
        "true",
        " ",
        "  ",
        "é",
        "日本",
        "🦀",
        "%",
        "@",
        "`",
    ]);
    let part = prop_oneof![3 => telling.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// The rendered text of a chart; none when a finding refused it.
fn rendered(folder: &Path, files: &[&str]) -> Result<String, String> {
    let session = Session::new();
    let request = Request {
        chart: folder.display().to_string(),
        files: files.iter().map(|file| ValuesFile::Path(folder.join(file))).collect(),
        allow_unknown: vec!["t/T".to_owned()],
        ..Request::default()
    };
    let documents = pipeline::render(&session, &request);
    let findings = formats::write_human(&session, formats::Style::Plain);
    documents.map(|documents| emit::stream(&documents, emit::Format::Yaml)).map_err(|_| findings)
}

fn read(text: &str) -> Node {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "printed.yaml", text);
    yaml::parse_one(&session, source).unwrap().unwrap()
}

fn text_at<'n>(node: &'n Node, path: &[&str]) -> &'n str {
    path.iter()
        .fold(node, |node, key| node.get(key).unwrap_or_else(|| panic!("no `{key}`")))
        .as_str()
        .unwrap()
}

const EVERYWHERE: &str = r#"apiVersion: t/v1
kind: T
metadata:
  name: t
spec:
  plain: {{ values.x }}
  quoted: "{{ values.x }}"
  single: '{{ values.x }}'
  inside: "a{{ values.x }}z"
  bare: a{{ values.x }}z
  block: |
    first
    {{ values.x }}
    last
  flow: {key: {{ values.x }}, other: [{{ values.x }}, 1]}
  list:
  - {{ values.x }}
  - after
  made: {{ values.x ~ "" }}
  json: {{ [values.x] | to_json }}
  yaml: {{ [values.x] | to_yaml }}
  keys:
    {{ values.x ~ "k" }}: key
    "q{{ values.x }}": quoted key
  # {{ values.x }}
  last: end
"#;

const SPEC: &[&str] = &[
    "plain", "quoted", "single", "inside", "bare", "block", "flow", "list", "made", "json", "yaml", "keys",
    "last",
];

/// Whether the line break after `to_yaml` is the template's own or there is none, it is none of the text's.
#[test]
fn texts_that_end_in_empty_lines_go_through_to_yaml() {
    let template = "apiVersion: t/v1\nkind: T\nmetadata:\n  name: t\nspec:\n  whole: {{ [values.x] | to_yaml }}\n  block: |\n    {{ [values.x] | to_yaml }}\n  last: end\n";
    for x in ["a\nb", "a\n", "a\n\n", "a\n\n\n", "\"---\n\n", "\n"] {
        let folder = chart(template);
        write(folder.path(), "values.yaml", format!("x: {}\n", quoted(x)));
        let node = read(&rendered(folder.path(), &[]).unwrap());
        for key in ["whole", "block"] {
            let embedded = read(text_at(node.get("spec").unwrap(), &[key]));
            assert_eq!(embedded.as_list().unwrap()[0].as_str(), Some(x), "{key}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in a value, the document around it is the same, and the value comes out as it went in.
    #[test]
    fn a_bound_text_stays_itself_and_changes_nothing_around_it(x in text()) {
        let folder = chart(EVERYWHERE);
        write(folder.path(), "values.yaml", format!("x: {}\n", quoted(&x)));
        let printed = rendered(folder.path(), &[]).unwrap_or_else(|findings| panic!("{x:?}: {findings}"));
        let node = read(&printed);
        let keys: Vec<&str> = node.as_map().unwrap().keys().map(|key| &**key).collect();
        prop_assert_eq!(keys, ["apiVersion", "kind", "metadata", "spec"]);
        let spec = node.get("spec").unwrap();
        let keys: Vec<&str> = spec.as_map().unwrap().keys().map(|key| &**key).collect();
        prop_assert_eq!(keys, SPEC);
        for key in ["plain", "quoted", "single", "made"] {
            prop_assert_eq!(text_at(spec, &[key]), &x, "{}", key);
        }
        for key in ["inside", "bare"] {
            prop_assert_eq!(text_at(spec, &[key]), format!("a{x}z"));
        }
        prop_assert_eq!(text_at(spec, &["block"]), format!("first\n{x}\nlast\n"));
        prop_assert_eq!(text_at(spec, &["flow", "key"]), &x);
        let list = spec.get("list").unwrap().as_list().unwrap();
        prop_assert_eq!((list.len(), list[0].as_str(), list[1].as_str()), (2, Some(&*x), Some("after")));
        let keys: Vec<&str> = spec.get("keys").unwrap().as_map().unwrap().keys().map(|key| &**key).collect();
        prop_assert_eq!(keys, [format!("{x}k"), format!("q{x}")]);
        let json: Vec<String> = serde_json::from_str(text_at(spec, &["json"])).unwrap();
        prop_assert_eq!(json, [x.clone()]);
        let embedded = read(text_at(spec, &["yaml"]));
        prop_assert_eq!(embedded.as_list().unwrap()[0].as_str(), Some(&*x));
    }

    /// No text is too strange for the reader: it gives a tree or a finding whose place lies in the text.
    #[test]
    fn reading_any_text_ends_in_a_tree_or_in_findings(x in text()) {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "v.yaml", x.as_str());
        let node = yaml::parse_one(&session, source);
        prop_assert!(node.is_ok() || session.errors() > 0);
        for finding in session.diagnostics() {
            for label in &finding.labels {
                prop_assert!(label.span.end as usize <= x.len(), "{:?}", finding);
            }
        }
        if let Ok(Some(node)) = node {
            each(&node, &mut |node| assert!(x.get(node.span.range()).is_some(), "{node:?}"));
            let again = read(&yaml::print_yaml(&node));
            prop_assert_eq!(yaml::print_json(&node), yaml::print_json(&again));
        }
        let shown = formats::write_human(&session, formats::Style::Plain);
        prop_assert!(!shown.contains('\u{1b}'), "{:?}", shown);
    }

    /// Later files win, in whichever order they come.
    #[test]
    fn every_order_of_files_keeps_precedence(order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle()) {
        let folder = chart("apiVersion: t/v1\nkind: T\nmetadata:\n  name: t\nspec: {{ values.spec }}\n");
        write(folder.path(), "values.yaml", "spec: {all: default, kept: default}\n");
        let names: Vec<String> = order.iter().map(|n| format!("f{n}.yaml")).collect();
        for (n, name) in order.iter().zip(&names) {
            write(folder.path(), name, format!("spec:\n  all: f{n}\n  own{n}: f{n}\n  to{}: f{n}\n", n / 2));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let spec = read(&rendered(folder.path(), &names).unwrap());
        let last = |fits: &dyn Fn(usize) -> bool| format!("f{}", order.iter().rfind(|n| fits(**n)).unwrap());
        prop_assert_eq!(text_at(&spec, &["spec", "all"]), last(&|_| true));
        prop_assert_eq!(text_at(&spec, &["spec", "kept"]), "default");
        for n in 0..4 {
            prop_assert_eq!(text_at(&spec, &["spec", &format!("own{n}")]), format!("f{n}"));
        }
        for half in 0..2 {
            prop_assert_eq!(text_at(&spec, &["spec", &format!("to{half}")]), last(&|n| n / 2 == half));
        }
    }
}

fn each(node: &Node, visit: &mut dyn FnMut(&Node)) {
    visit(node);
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| each(item, visit)),
        Value::Map(map) => map.values().for_each(|entry| each(&entry.node, visit)),
    }
}

/// The span of a scalar covers what was written; that of a key, the key.
#[test]
fn spans_cover_their_text() {
    let text = "plain: text\n\"quoted\": \"a\\tb\"\nsingle: 'it''s'\n日本: é # comment\nflow: {a: [1, two], b: ~}\nlist:\n- 1.10\n- - x\n";
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "v.yaml", text);
    let root = yaml::parse_one(&session, source).unwrap().unwrap();
    let mut covered = Vec::new();
    each(&root, &mut |node| {
        if node.as_scalar().is_some() {
            covered.push(session.text(node.span));
        }
    });
    assert_eq!(covered, ["text", "\"a\\tb\"", "'it''s'", "é", "1", "two", "~", "1.10", "x"]);
    let keys: Vec<String> =
        root.as_map().unwrap().values().map(|entry| session.text(entry.key_span)).collect();
    assert_eq!(keys, ["plain", "\"quoted\"", "single", "日本", "flow", "list"]);
}

/// One chart, written file by file in an order of one's own, so that the system lists its folders in another one.
fn copy(order: &[usize]) -> tempfile::TempDir {
    let folder = folder_of(&[
        ("c/chart.yaml", "name: t\nversion: 0.0.1\n"),
        ("c/values.yaml", "b: {z: 1, a: 2}\na: [1.10, NO]\n"),
    ]);
    let names = ["a.yaml", "b.yaml", "c.yaml", "z.yaml", "m.yaml", "_lib.yaml"];
    for name in order.iter().map(|n| names[*n]) {
        let text = match name {
            "_lib.yaml" => "{% macro app() %}app: {{ release.name }}{% endmacro %}\n".to_owned(),
            _ => format!(
                "{{% import '_lib.yaml' as lib %}}\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}, labels: {{{{ lib.app() }}}}}}\ndata:\n  b: {{{{ values.b | to_json }}}}\n  sum: {{{{ checksum(values.a, values.b) }}}}\n{{% for k in values.b %}}\n  k-{{{{ k }}}}: x\n{{% endfor %}}\n",
                &name[..1]
            ),
        };
        write(folder.path(), &format!("c/templates/{name}"), &text);
        write(folder.path(), &format!("c/files/{name}"), name);
    }
    folder
}

/// What the program prints for a chart, called from a folder with these environment variables besides the test's own.
fn printed(folder: &Path, chart: &str, settings: &[(&str, &str)]) -> String {
    let mut command = Command::new(PROGRAM);
    command.args(["render", chart, "--set", "b.n=null"]).current_dir(folder).envs(settings.iter().copied());
    let ended = program::run(&mut command);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended.out
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = copy(&[0, 1, 2, 3, 4, 5]);
    let expected = printed(first.path(), "./c", &[]);
    assert_eq!(expected.matches("kind: ConfigMap").count(), 5);
    let other = copy(&[5, 3, 4, 0, 2, 1]);
    let absolute = other.path().join("c").display().to_string();
    assert_eq!(printed(other.path(), "c", &[]), expected);
    assert_eq!(printed(Path::new("/"), &absolute, &[]), expected);
    assert_eq!(printed(&other.path().join("c"), ".", &[]), expected);
    for settings in [
        [("TZ", "Asia/Tokyo"), ("LANG", "tr_TR.UTF-8")],
        [("HOME", "/nonexistent"), ("LC_ALL", "C")],
        [("RUST_BACKTRACE", "1"), ("COLUMNS", "7")],
    ] {
        assert_eq!(printed(first.path(), "./c", &settings), expected, "{settings:?}");
    }
}
