//! The fast path, granit-parser and tokens that are known give the same trees, with the same spans, and the same findings.

use std::fmt::Write;
use std::path::Path;

use super::bindings::Bindings;
use super::fast_path::{FastPath, json_document};
use super::loader::{LoadContext, read};
use super::shared::{Reader, Shared, TextCache};
use super::skeleton::Skeleton;
use super::{ParseLimits, cut, parse_chunk};
use crate::session::Session;
use crate::source::{SourceKind, Span};
use crate::yaml::{Node, Value};

/// Everything that a reader makes of a text.
fn made(text: &str, reader: Reader) -> String {
    made_of(text, None, reader)
}

/// The same for a text whose tokens may be known.
fn made_of(text: &str, skeleton: Option<&Skeleton>, reader: Reader) -> String {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "text.yaml", text);
    let limits = ParseLimits::default();
    let bindings = Bindings { session: &session, all: &[] };
    let nodes =
        read(source, skeleton, LoadContext { bindings, limits, shared: &Shared::new(reader, limits) });
    let mut made = String::new();
    nodes.into_iter().flatten().for_each(|node| list(&node, &mut made));
    for finding in session.diagnostics() {
        let _ = writeln!(made, "{finding:?}");
    }
    made
}

/// One line a node.
fn list(node: &Node, made: &mut String) {
    let mut line = |key: &str, node: &Node| {
        let Span { start, end, .. } = node.span;
        let _ = write!(made, "{start}..{end} {key} ");
        let _ = match &node.value {
            Value::Scalar(scalar) => writeln!(made, "{scalar:?}"),
            _ => writeln!(made, "{}", node.noun()),
        };
        list(node, made);
    };
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| line("-", item)),
        Value::Map(map) => map.iter().for_each(|(key, entry)| {
            line(&format!("{key:?} {}..{}", entry.key_span.start, entry.key_span.end), &entry.node)
        }),
    }
}

/// What several threads would make of a text, if it can be cut and all of it is simple.
fn made_in_chunks(text: &str) -> Option<String> {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "text.yaml", text);
    let chunks = cut(text, 1);
    let mut made = String::new();
    for chunk in chunks.iter().filter(|_| chunks.len() > 1) {
        let (nodes, _) = parse_chunk(&session, source, chunk.clone(), &[], ParseLimits::default())?;
        nodes.iter().for_each(|node| list(node, &mut made));
    }
    (chunks.len() > 1 && session.diagnostics().is_empty()).then_some(made)
}

fn assert_same(text: &str) {
    let fast = made(text, Reader::Both);
    let general = made(text, Reader::GeneralOnly);
    let skeleton = Skeleton::default();
    for time in ["first", "second"] {
        assert_eq!(made_of(text, Some(&skeleton), Reader::Both), fast, "the {time} time: {text:?}");
    }
    if let Some(chunks) = made_in_chunks(text) {
        assert_eq!(chunks, fast, "in chunks: {text:?}");
    }
    if fast != general {
        let differs = fast.lines().zip(general.lines()).position(|(a, b)| a != b).unwrap_or_default();
        let around =
            |made: &str| made.lines().skip(differs.saturating_sub(4)).take(8).collect::<Vec<_>>().join("\n");
        panic!("of {text:?}\n--- fast path\n{}\n--- granit-parser\n{}", around(&fast), around(&general));
    }
}

/// Whether the fast path reads all of a text.
fn is_simple(text: &str) -> bool {
    let Some(mut fast_path) = FastPath::new(text, 0, 128) else { return false };
    loop {
        match fast_path.document() {
            Some(true) => {}
            Some(false) => return true,
            None => return false,
        }
    }
}

/// Texts that are simple: the fast path reads them.
const SIMPLE: &[&str] = &[
    "",
    "\n\n# nothing\n",
    "---\n---\n# nothing\n---",
    "a: 1",
    "a: 1\nb:\n  c: x y # comment\n  d:\n  e: \"q\\n\" # z\ng:\n- 1\n-\n- h: 1\n  i: 2\n- - a\n  - b\n-   k: 1\n'q k': v\nn: 'it''s'\no:\n",
    "  a: 1\n  b: 2\n",
    "a:\n  - b:\n      - c\n    d: e\n  -\n    f: g\nh: i\n",
    "a:\n- b\n# c\n- d\n\ne: f\n---\n- a\n- b: 1",
    "a: |\n  x\n",
    "a: |\n  x",
    "a: |\n  x\n   \n",
    "a: |\n  x\n \n     \nb: |\n  #x\n #y\n",
    "a: |\n\n  x\n\n   y\n\nb: |-\n    x\n    y\n\nc: |+\n  z\n\nd: 1\n",
    "a:\n  b: |\n    x\n  # c\n\n  d: |-\n    y\t\n  f:\n    - |\n      q\n\n    - |-\n      r\n  g: \"a\" # x\n",
    "- |\n a\n- b\n",
    "{\"a\": 1, \"b\": [true, null], c: d}\n",
    "{\"a\":1,\n \"b\": [1,\n\n 2], e: {}, f: []}",
    "z: [a,\n  b, {x: 1,\n y: 2}, http://x:80/a?b#c]\nh: {a: b}\n",
    "a: -1\nb: --flag\nc: a:b\nd: x#y\ne: [-1, a-b]\n\"f\": 'g'\nhttp://x: y\n",
    "a: \"\\\"\\\\\\/\\n\\t\\r\"\nb: 'a\\b'\nc: '''x'''\nd: ''\ne: \"\"\n",
    "ключ: значение\n\u{fdd0}12\u{fdd1}: \u{fdd0}1\u{fdd1}:x\n",
    "a: 1\na: 2\n",
    "a: 1 \nb:   2   # c\n# d\n   # e\n",
    "a:\n  b:\n    c: 1\nd: 2\n",
    "<<: 1\na: {<<: {b: c}}\n",
    "a: yes\nb: ~\nc: null\nd: 0777\nnull: 1\n",
    "- - - a\n    - b\n  - c\n- d\n",
];

/// Texts that are not simple: right ones, and wrong ones.
const OTHER: &[&str] = &[
    "a: &x 1\nb: *x\n",
    "a: !!str 1\n",
    "a: b\n  c\n",
    "a: 'b\n  c'\n",
    "a: >\n  b\n  c\n",
    "a: |2\n  b\n",
    "a: | # c\n  b\n",
    "a: |\n   \n  b\n",
    "a: |\nb: 1\n",
    "? a\n: b\n",
    "a\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: 1\n...\nb: 2\n",
    "--- a\n",
    "a:\tb\n",
    "a: b\tc\n",
    "\ta: b\n",
    "a: 1\r\nb: 2\r\n",
    "\u{feff}a: 1\n",
    "a: \"\\u0041\"\n",
    "a: b: c\n",
    "a: b:\n",
    "a : b\n",
    "a: [b\n",
    "a: [b, ]\n",
    "a: {b, c}\n",
    "a: {b: }\n",
    "a: [b: c]\n",
    "a: [b c\n d]\n",
    "a: [\nb]\n",
    "a: {b:1}\n",
    "a: [b] c\n",
    "a: \"b\" c\n",
    "a: \"b\"#c\n",
    "a: @b\n",
    "a: `b`\n",
    "a: %b\n",
    "a: ? b\n",
    "a: - b\n",
    "a: 1\n  b: 2\n",
    "a:\n  b: 1\n c: 2\n",
    "a: 1\n- b\n",
    "- a\nb: 1\n",
    "- a\n  b\n",
    "-\n  - a\n - b\n",
    "a: b\n\n  c\n",
    "[a]: b\n",
    "a: [b, # c\n  d]\n",
    "a: \u{85}b\n",
    "a: \u{2028}b\n",
    "a: \u{7f}\n",
    "[a]\nb\n",
];

#[test]
fn both_readers_give_the_same_tree() {
    for text in SIMPLE {
        assert!(is_simple(text), "{text:?} is not read by the fast path");
        assert_same(text);
    }
    for text in OTHER {
        assert!(!is_simple(text), "{text:?} is read by the fast path");
        assert_same(text);
    }
    // The fast path ends where a document is not simple, and what came before it stays.
    for text in
        SIMPLE.iter().flat_map(|simple| OTHER.iter().map(move |other| format!("{simple}\n---\n{other}")))
    {
        assert_same(&text);
    }
}

/// Texts that are JSON, and such as look like it.
const JSON: &[&str] = &[
    "{}",
    " [ ] \n\n",
    "{\"a\": 1, \"b\": [true, false, null], \"c\": {\"d\": \"e\"}}\n",
    "{\n  \"a\":[\n1\n,2 ,{}\n]\n}",
    "[-0, -1.5, 1e3, 2E+10, 0.1e-2, 12345678901234567890, \"\", \"é\", \"a\\n\\\"\\\\\"]",
    "{\"a\":\"b\",\"\":\"c\",\"<<\":{\"x\":1},\"null\":1,\"1\":2}",
    "{\"a\": 1, \"a\": 2}",
    "{\"a\": \"\\u0041\"}",
    "{\"a\": 'b'}",
    "{a: \"b\", \"c\": d}",
    "[01, 1., .5, +1, 0x1f, 1_000, .inf, nan, True, ~, yes]",
    "{\"a\": 1}\n---\n{\"b\": 2}\n",
    "{\"a\": 1} # c",
    "{\"a\":\t1}",
    "{\"a\": \"b\tc\"}",
    "{\"a\"\n: 1}",
    "{\"a\":\n---\n1}",
    "[\n---\n]",
    "[1,]",
    "[,1]",
    "{\"a\"}",
    "[\"a\": 1]",
    "{\"a\" 1}",
    "[1 2]",
    "[\"a\" \"b\"]",
    "[\"a\"b]",
    "[1\"b\"]",
    "[[]]]",
    "[",
    "{\"a\": [}",
    "\u{feff}{}",
    "{\"a\": \"\u{85}\"}",
];

#[test]
fn json_is_read_alike() {
    let signs = [
        "\n", " ", "\t", ",", ":", "\"", "\\", "[", "]", "{", "}", "#", " #", "-", "0", "e", ".", "---\n",
        "&a ",
    ];
    for text in JSON {
        assert_same(text);
        // Each place without its letter, and with another one.
        for (at, letter) in text.char_indices() {
            let (before, after) = (&text[..at], &text[at + letter.len_utf8()..]);
            assert_same(&format!("{before}{after}"));
            for sign in signs {
                assert_same(&format!("{before}{sign}{letter}{after}"));
            }
        }
    }
    let mut files = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".schema.json") {
            files.push(std::fs::read_to_string(path).unwrap());
        }
    }
    assert!(files.len() > 4);
    for text in &files {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "text.json", text.as_str());
        assert!(json_document(text, source, 128, &TextCache::default()).is_some());
        assert_same(text);
    }
}

#[test]
fn nesting_ends_at_the_same_depth() {
    for depth in [1, 63, 127, 128, 129, 200] {
        assert_same(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        assert_same(&format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)));
        assert_same(&format!("{}a: 1", "- ".repeat(depth)));
        let maps: String = (0..depth).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert_same(&maps);
    }
}

#[test]
fn the_texts_of_this_repository_are_simple() {
    let texts = texts();
    let simple = texts.iter().filter(|text| is_simple(text)).count();
    assert!(simple * 10 > texts.len() * 7, "{simple} of {}", texts.len());
    texts.iter().for_each(|text| assert_same(text));
    let cut = texts.iter().filter(|text| made_in_chunks(text).is_some()).count();
    assert!(cut > 50, "{cut} texts can be read in chunks");
}

/// Texts that people would write by mistake: a piece of a text is left out, doubled, or moved to another place.
#[test]
fn both_readers_agree_on_broken_texts() {
    let texts = texts();
    let pool: Vec<&str> = SIMPLE.iter().copied().chain(texts.iter().map(String::as_str)).collect();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |end: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % end.max(1)
    };
    // The same numbers in each run, so that a failure can be looked into.
    for _ in 0..4_000 {
        let text = pool[below(pool.len())];
        let mut letters: Vec<char> = text.chars().take(600).collect();
        for _ in 0..=below(3) {
            let at = below(letters.len() + 1);
            let length = below(6);
            let end = (at + length).min(letters.len());
            let piece: Vec<char> = letters.drain(at..end).collect();
            let to = below(letters.len() + 1);
            match below(4) {
                0 => drop(piece),
                1 => drop(letters.splice(to..to, piece)),
                2 => drop(letters.splice(at..at, piece.repeat(2))),
                _ => {
                    let sign = PIECES[below(PIECES.len())];
                    drop(letters.splice(at..at, piece.into_iter().chain(sign.chars())));
                }
            }
        }
        assert_same(&letters.into_iter().collect::<String>());
    }
}

/// What means something to YAML.
const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    "  ",
    " ",
    ": ",
    ":",
    "- ",
    "-",
    "#",
    " #",
    "\"",
    "'",
    "''",
    "\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    "|-",
    ">",
    "&a",
    "*a",
    "!t",
    "---\n",
    "...\n",
    "\t",
    "?",
    "%",
    "@",
    "<<: ",
    "\n- ",
    "\n  a: b\n",
    "~",
    "é",
];

/// Every YAML text of the charts, the values and the specifications.
fn texts() -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["charts", "values", "tests", "examples"] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    let blocks = |text: &str| -> Vec<String> {
        let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
        blocks.filter(|(kind, _)| kind.starts_with("yaml")).map(|(_, text)| text.to_owned()).collect()
    };
    let pages = files.iter().filter(|text| text.contains("```")).flat_map(|text| blocks(text));
    pages.chain(files.iter().filter(|text| !text.contains("```")).cloned()).collect()
}

fn collect(folder: &Path, texts: &mut Vec<String>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if path.is_dir() {
            collect(&path, texts);
        } else if matches!(ending, "yaml" | "yml" | "md") {
            texts.extend(std::fs::read_to_string(&path));
        }
    }
}
