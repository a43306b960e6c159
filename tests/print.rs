//! What is printed must mean the same to every reader: to our own, to other libraries, to Kubernetes.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use plimsoll::session::Session;
use plimsoll::source::{SourceKind, Span};
use plimsoll::yaml::{self, Entry, Kind, Map, Node, Value, print_json, print_yaml, print_yaml_part};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn span(session: &Session) -> Span {
    Span::new(session.add_source(SourceKind::File, "test", ""), 0, 0)
}

fn parse(text: &str) -> Node {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "printed.yaml", text);
    let node = yaml::parse_one(&session, source);
    assert_eq!(session.diagnostics(), [], "in {text:?}");
    node.unwrap().unwrap_or_else(|| Node::plain("null", Span::new(source, 0, 0)))
}

fn map(entries: impl IntoIterator<Item = (String, Node)>, span: Span) -> Node {
    let entries = entries.into_iter();
    let map: Map = entries.map(|(key, node)| (Arc::from(key), Entry { key_span: span, node })).collect();
    Node::new(Value::Map(map), span)
}

/// Numbers of a fixed sequence, so that each run prints the same corpus.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn text(&mut self, alphabet: &[&str], longest: usize) -> String {
        let length = 1 + self.below(longest);
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

const SIGNIFICANT: &[&str] = &[
    "a", "b", " ", ":", "-", "#", "\n", "\"", "'", "{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "%",
    "@", "`", "?", "=", "<", "~", "\\", "/", ".", "$", "(", "é", "y", "0", "\t", ": ", " #", "- ", "? ",
    "---", "...", "<<",
];
const NUMERIC: &[&str] = &[
    "0",
    "1",
    "7",
    "8",
    "9",
    "_",
    ".",
    "e",
    "E",
    "+",
    "-",
    "x",
    "o",
    "b",
    "f",
    ":",
    "T",
    "Z",
    ",",
    "1_0",
    "0x",
    "0o",
    "0b",
    ".inf",
    ".nan",
    "inf",
    "nan",
    "2024-01-01",
    "12:30",
    " ",
];
const UNICODE: &[&str] = &[
    "é",
    "日",
    "😀",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{200d}",
    "\u{202e}",
    "\u{fdd0}",
    "\u{fdd1}",
    "\u{ffff}",
    "\u{1fffe}",
    "\u{1b}",
    "\u{0}",
    "\u{7}",
    "\r",
    "\n",
    "a",
    " ",
    "\u{ad}",
    "\u{fffd}",
    "\u{e000}",
    "\u{10ffff}",
];
const LINES: &[&str] = &[
    "set -e\n",
    "  indented\n",
    "\n",
    "\ttab\n",
    "trailing \n",
    "# no comment\n",
    "---\n",
    "a: b\n",
    "- x\n",
    "end",
    " ",
];
const WORDS: &[&str] = &[
    "",
    " ",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "a\nb",
    " a\nb",
    "\ta\nb",
    "a\n b\n",
    "a\n \nb",
    "a\n\t\nb",
    "a \nb",
    "#",
    "# a",
    "a #b",
    "a: b",
    "a:",
    ":a",
    "-",
    "- a",
    "--",
    "---",
    "--- a",
    "...",
    "... a",
    "?",
    "? a",
    "*",
    "*a",
    "&a",
    "!a",
    "!!str a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "[",
    "]",
    "{",
    "}",
    "{}",
    "[]",
    ",",
    "'",
    "\"",
    "''",
    "\"\"",
    "<<",
    "=",
    "~",
    "null",
    "Null",
    "NULL",
    "nULL",
    "true",
    "True",
    "TRUE",
    "tRue",
    "false",
    "False",
    "FALSE",
    "y",
    "Y",
    "n",
    "N",
    "yes",
    "Yes",
    "YES",
    "yEs",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "oFF",
    "0",
    "-0",
    "+0",
    "00",
    "0777",
    "0o17",
    "0x1f",
    "0b11",
    "08",
    "1_000",
    "0_7",
    "0x_1f",
    "1e3",
    "1E3",
    "1e+3",
    ".5",
    "5.",
    "1.10",
    "+1",
    "-1",
    ".inf",
    "-.Inf",
    "+.INF",
    ".nan",
    ".NaN",
    "inf",
    "NaN",
    "Infinity",
    "12:30",
    "12:30:45",
    "190:20:30",
    "2024-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "2024-01-01 10:00:00",
    "9223372036854775808",
    "1e400",
    "--foo=bar",
    "-c",
    "-f",
    "--",
    "-x",
    "a'b",
    "a\"b",
    "a\\b",
    "\\/",
    "{{ x }}",
    "{% x %}",
    "a\r\nb",
    "${A}",
    "$(A)",
    "a:b",
    "http://a/b:1?c=d#e",
    "a b",
    "a  b",
    "a ",
    " a",
    "é",
    "日本",
    "a,b",
    "a]b",
    "0.0.0.0/0",
];

/// More than 5,000 strings that printers are known to stumble over.
fn corpus() -> Vec<String> {
    let mut dice = Dice(7);
    let mut strings: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for (alphabet, longest, count) in [
        (SIGNIFICANT, 12, 2_500),
        (NUMERIC, 6, 2_000),
        (UNICODE, 8, 700),
        (LINES, 6, 700),
        (SIGNIFICANT, 900, 30),
    ] {
        strings.extend((0..count).map(|_| dice.text(alphabet, longest)));
    }
    strings.push("long ".repeat(5_000));
    strings.push("x".repeat(1_100));
    strings.sort();
    strings.dedup();
    assert!(strings.len() > 5_000, "{}", strings.len());
    strings
}

/// The corpus as values, as list items, as keys, and in nested lists.
fn corpus_tree(strings: &[String]) -> Node {
    let session = Session::new();
    let span = span(&session);
    let string = |text: &String| Node::string(text.as_str(), span);
    let list = |items: Vec<Node>| Node::new(Value::List(items), span);
    let numbered = strings.iter().enumerate().map(|(index, text)| (format!("k{index}"), string(text)));
    let keyed = strings.iter().map(|text| (text.clone(), string(text)));
    let deep = strings
        .iter()
        .map(|text| list(vec![list(vec![string(text)]), map([(text.clone(), string(text))], span)]));
    map(
        [
            ("values".to_owned(), map(numbered, span)),
            ("items".to_owned(), list(strings.iter().map(string).collect())),
            ("keys".to_owned(), map(keyed, span)),
            ("deep".to_owned(), list(deep.collect())),
        ],
        span,
    )
}

fn corpus_json(strings: &[String]) -> Json {
    let numbered: serde_json::Map<_, _> =
        strings.iter().enumerate().map(|(index, text)| (format!("k{index}"), json!(text))).collect();
    let keyed: serde_json::Map<_, _> = strings.iter().map(|text| (text.clone(), json!(text))).collect();
    let deep: Vec<_> = strings.iter().map(|text| json!([[text], {text: text}])).collect();
    json!({"values": numbered, "items": strings, "keys": keyed, "deep": deep})
}

/// Runs a program with a text on standard input; none when it is not installed.
fn run(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program}: {}", errors.chars().take(2_000).collect::<String>());
    Some(String::from_utf8(output.stdout).unwrap())
}

fn has(program: &str, arguments: &[&str]) -> bool {
    let found = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: `{program} {}` does not run here", arguments.join(" "));
    }
    found
}

fn assert_same(found: &Json, meant: &Json, at: &str) {
    match (found, meant) {
        (Json::Object(a), Json::Object(b)) => {
            assert_eq!(a.len(), b.len(), "keys at {at}");
            for (key, meant) in b {
                let found = a.get(key).unwrap_or_else(|| panic!("no key {key:?} at {at}"));
                assert_same(found, meant, &format!("{at}.{key:?}"));
            }
        }
        (Json::Array(a), Json::Array(b)) => {
            assert_eq!(a.len(), b.len(), "length at {at}");
            a.iter()
                .zip(b)
                .enumerate()
                .for_each(|(index, (a, b))| assert_same(a, b, &format!("{at}[{index}]")));
        }
        (Json::Number(a), Json::Number(b)) => assert_eq!(a.as_f64(), b.as_f64(), "at {at}"),
        _ => assert_eq!(found, meant, "at {at}"),
    }
}

const PYTHON: &str = "import sys, json, yaml; loader = getattr(yaml, sys.argv[1]); \
    json.dump(yaml.load(sys.stdin.buffer.read(), loader), sys.stdout)";

#[test]
fn our_reader_reads_back_the_corpus() {
    let tree = corpus_tree(&corpus());
    assert_eq!(parse(&print_yaml(&tree)), tree);
}

#[test]
fn the_yaml_organisations_reader_reads_back_the_corpus() {
    let strings = corpus();
    let printed = print_yaml(&corpus_tree(&strings));
    let read: Json = serde_yaml::from_str(&printed).unwrap();
    assert_same(&read, &corpus_json(&strings), "");
}

#[test]
fn pyyaml_reads_back_the_corpus() {
    if !has("python3", &["-c", "import yaml"]) {
        return;
    }
    let strings = corpus();
    let printed = print_yaml(&corpus_tree(&strings));
    for loader in ["SafeLoader", "CSafeLoader"] {
        if loader == "CSafeLoader" && !has("python3", &["-c", "import yaml; yaml.CSafeLoader"]) {
            continue;
        }
        let read = run("python3", &["-c", PYTHON, loader], &printed).unwrap();
        assert_same(&serde_json::from_str(&read).unwrap(), &corpus_json(&strings), loader);
    }
}

/// kubectl decodes any object and prints it as JSON, without a cluster.
fn through_kubectl(body: &Node) -> Json {
    let head = "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: thing\n";
    let text = format!("{head}body:\n{}", indented(&print_yaml(body)));
    let arguments = ["label", "--local", "--dry-run=client", "-o", "json", "-f", "-", "x=y"];
    let mut read: Json = serde_json::from_str(&run("kubectl", &arguments, &text).unwrap()).unwrap();
    read["body"].take()
}

fn indented(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| if line == "\n" { line.to_owned() } else { format!("  {line}") })
        .collect()
}

#[test]
fn kubectl_reads_back_the_corpus() {
    if !has("kubectl", &["version", "--client"]) {
        return;
    }
    let strings = corpus();
    assert_same(&through_kubectl(&corpus_tree(&strings)), &corpus_json(&strings), "");
}

fn scalars() -> BTreeMap<String, Json> {
    serde_json::from_str(include_str!("kubernetes-scalars.json")).unwrap()
}

#[test]
fn the_known_scalars_stay_strings() {
    let texts: Vec<String> = scalars().into_keys().collect();
    assert_eq!(texts.len(), 96);
    let tree = corpus_tree(&texts);
    assert_eq!(parse(&print_yaml(&tree)), tree);
    if has("kubectl", &["version", "--client"]) {
        assert_same(&through_kubectl(&tree), &corpus_json(&texts), "");
    }
}

/// Each of the 96 that we read as more than a string, printed, is to Kubernetes what it was to us.
#[test]
fn the_known_scalars_keep_their_value() {
    let session = Session::new();
    let span = span(&session);
    let typed = scalars().into_keys().map(|text| (text.clone(), Node::plain(text.as_str(), span)));
    let typed = typed.filter(|(_, node)| {
        let finite = node.as_scalar().and_then(|s| s.as_f64()).is_none_or(f64::is_finite);
        node.as_str().is_none() && finite
    });
    let tree = map(typed, span);
    assert!(tree.count() > 30);
    let meant: Json = serde_json::from_str(&print_json(&tree)).unwrap();
    if has("python3", &["-c", "import yaml"]) {
        let read = run("python3", &["-c", PYTHON, "SafeLoader"], &print_yaml(&tree)).unwrap();
        assert_same(&serde_json::from_str(&read).unwrap(), &meant, "PyYAML");
    }
    if has("kubectl", &["version", "--client"]) {
        assert_same(&through_kubectl(&tree), &meant, "kubectl");
    }
}

#[test]
fn numbers_have_one_form() {
    let session = Session::new();
    let span = span(&session);
    for (written, yaml, json) in [
        ("8080", "8080", "8080"),
        ("0777", "777", "777"),
        ("0o17", "15", "15"),
        ("0x1F", "31", "31"),
        ("+1", "1", "1"),
        ("-0", "0", "0"),
        ("-007", "-7", "-7"),
        ("9007199254740993", "9007199254740993", "9007199254740993"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("1.10", "1.10", "1.10"),
        ("1e3", "1.0e+3", "1.0e+3"),
        ("+12e03", "12.0e+3", "12.0e+3"),
        ("1E-07", "1.0e-7", "1.0e-7"),
        (".5", "0.5", "0.5"),
        ("5.", "5.0", "5.0"),
        ("-.5", "-0.5", "-0.5"),
        ("007.50", "7.50", "7.50"),
        ("0e0", "0.0", "0.0"),
        (".INF", ".inf", "\".INF\""),
        ("0xffffffffffffffffffffffffffffffffffffffff", "1.461501637330903e+48", "1.461501637330903e+48"),
    ] {
        let node = Node::plain(written, span);
        assert_ne!(node.as_scalar().unwrap().kind, Kind::Str, "{written}");
        assert_eq!(print_yaml(&node).trim_end(), yaml);
        assert_eq!(print_json(&node).trim_end(), json);
    }
}

#[test]
fn the_layout_is_the_one_that_kubectl_prints() {
    let text = "\
apiVersion: v1
spec:
  ports:
  - name: http
    port: 80
  - name: https
    port: 443
  empty: {}
  none: []
  unset: null
  on: true
  matrix:
  - - 1
    - 2
  - []
  script: |
    set -e
      exec \"$@\"

    # done
  args:
  - --verbose
  - |-
    one
    two
  - key: |+
      end

  \"yes\": \"no\"
";
    let canonical = text.replace("  on: true", "  \"on\": true");
    assert_eq!(print_yaml(&parse(&canonical)), canonical);
}

fn any_tree() -> impl Strategy<Value = Node> {
    let session = Session::new();
    let span = span(&session);
    let string = prop_oneof![any::<String>(), proptest::sample::select(corpus())];
    let leaf = prop_oneof![
        string.prop_map(move |text| Node::string(text, span)),
        any::<i64>().prop_map(move |int| Node::plain(int.to_string(), span)),
        any::<i32>().prop_map(move |int| Node::plain(format!("{int}.5"), span)),
        Just(Node::plain("true", span)),
        Just(Node::plain("false", span)),
        Just(Node::plain("null", span)),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(move |items| Node::new(Value::List(items), span)),
            prop::collection::vec((any::<String>(), inner), 0..6).prop_map(move |entries| map(entries, span)),
        ]
    })
}

proptest! {
    #[test]
    fn printing_and_parsing_are_inverse(tree in any_tree()) {
        prop_assert_eq!(parse(&print_yaml(&tree)), tree);
    }

    #[test]
    fn json_is_json(tree in any_tree()) {
        let read: Json = serde_json::from_str(&print_json(&tree)).unwrap();
        let through_yaml: Json = serde_yaml::from_str(&print_yaml(&tree)).unwrap();
        assert_same(&through_yaml, &read, "");
    }
}

/// A text of a few words, which printers are known to stumble over.
fn telling_text() -> impl Strategy<Value = String> {
    let words: Vec<&str> = [WORDS, SIGNIFICANT, LINES, &["\r", "é", "\u{85}", "\u{2028}", "\u{7f}"]].concat();
    prop::collection::vec(prop::sample::select(words), 0..5).prop_map(|words| words.concat())
}

/// Values of all kinds inside each other, as a template hands them to `to_yaml` and `to_json`.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        8 => telling_text().prop_map(Json::from),
        1 => any::<i64>().prop_map(Json::from),
        1 => any::<bool>().prop_map(Json::from),
        1 => Just(Json::Null),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((telling_text(), inner), 0..4)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

fn node_of_json(json: &Json, span: Span) -> Node {
    match json {
        Json::String(text) => Node::string(text.as_str(), span),
        Json::Array(items) => {
            Node::new(Value::List(items.iter().map(|item| node_of_json(item, span)).collect()), span)
        }
        Json::Object(entries) => {
            map(entries.iter().map(|(key, value)| (key.clone(), node_of_json(value, span))), span)
        }
        scalar => Node::plain(scalar.to_string(), span),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// What `to_yaml` and `to_json` make, by our reader and another one, and whatever stands behind it: the line
    /// break of the template, or more of them.
    #[test]
    fn a_part_of_a_text_reads_back_as_the_same_value(json in value()) {
        let session = Session::new();
        let node = node_of_json(&json, span(&session));
        let part = print_yaml_part(&node);
        prop_assert!(!part.ends_with('\n'), "{part:?}");
        for text in [part.clone(), format!("{part}\n"), format!("{part}\n\n"), print_json(&node)] {
            prop_assert_eq!(&parse(&text), &node, "{:?}", text);
            let read: Json = serde_yaml::from_str(&text).expect("YAML");
            prop_assert_eq!(&read, &json, "{:?}", text);
        }
        // In a block of a file, deeper than it is itself.
        let indented = part.replace('\n', "\n    ");
        let file = format!("file:\n    {}\n", indented.replace("\n    \n", "\n\n"));
        let nested = parse(&file);
        prop_assert_eq!(nested.get("file").expect("the file"), &node, "{:?}", file);
    }
}
