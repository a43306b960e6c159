//! Every leaf of Skyflo's documents that a bare path bound names its values line; every computed one names its inputs.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use plimsoll::pipeline::render;
use plimsoll::request::{Request, ValuesFile};
use plimsoll::session::Session;
use plimsoll::source::{Origin, SourceKind};
use plimsoll::yaml::{Node, Value, ValuePath};

#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Leaves that the template says itself.
    written: usize,
    /// Leaves that a bare path into the values bound.
    bare: usize,
    /// Leaves that other expressions bound.
    computed: usize,
}

fn leaves(node: &Node, path: &ValuePath, visit: &mut dyn FnMut(&ValuePath, &Node)) {
    match &node.value {
        Value::Scalar(_) => visit(path, node),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| leaves(item, &path.index(at), visit))
        }
        Value::Map(map) => map.iter().for_each(|(key, entry)| leaves(&entry.node, &path.key(&**key), visit)),
    }
}

/// A path into the values, also through variables and macro parameters such as `settings`. The library calls `entry` what
/// templates make by expressions.
fn is_bare_path(text: &str) -> bool {
    let foreign =
        ["release.", "chart.", "kube.", "loop.", "lib.", "entry."].iter().any(|root| text.starts_with(root));
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '[' | ']' | '"');
    text.contains('.') && !foreign && text.chars().all(plain)
}

/// Whether a template itself says this, as in `{"name": "http", "port": 8080}`, and hands it to a macro.
fn is_written_in_a_template(text: &str) -> bool {
    let templates = std::fs::read_dir("charts/skyflo/templates").expect("the templates").flatten();
    let mut texts = templates.map(|entry| std::fs::read_to_string(entry.path()).expect("a template"));
    texts.any(|template| {
        [format!("\"{text}\""), format!(": {text}"), format!("{text},")]
            .iter()
            .any(|form| template.contains(form))
    })
}

/// Holds one leaf against its origin: what a bare path bound lies where the value was written.
fn check(session: &Session, place: &str, leaf: &Node, origin: &Origin) -> bool {
    let expression = session.text(origin.expression);
    if !is_bare_path(&expression) {
        return false;
    }
    let [input] = origin.inputs.as_slice() else {
        panic!("{place}: `{expression}` has {} inputs", origin.inputs.len())
    };
    let text = leaf.as_scalar().map(|scalar| scalar.text.to_string()).unwrap_or_default();
    let Some(span) = input.span else {
        assert!(
            is_written_in_a_template(&text),
            "{place}: `{expression}` does not know where it was written"
        );
        return false;
    };
    let written = session.text(leaf.span);
    assert!(
        !matches!(session.source(span.source).kind, SourceKind::Derived(_)),
        "{place}: written in a rendered text"
    );
    let inside =
        leaf.span.source != span.source || (span.start <= leaf.span.start && leaf.span.end <= span.end);
    assert!(inside, "{place}: the leaf lies outside of what `{expression}` read");
    let plain = written.trim_matches(['"', '\'']);
    assert!(
        plain == text || written.contains('\n') || written.contains('\\'),
        "{place}: `{written}` is not `{text}`"
    );
    true
}

fn count(preset: Option<&str>, file: Option<&str>) -> Count {
    let session = Session::new();
    let request = Request {
        chart: "skyflo".to_owned(),
        presets: preset.map(str::to_owned).into_iter().collect(),
        files: file
            .map(|name| ValuesFile::Path(format!("tests/skyflo/values/{name}.yaml").into()))
            .into_iter()
            .collect(),
        ..Request::default()
    };
    let documents = render(&session, &request).expect("a clean render");
    let mut count = Count::default();
    for document in &documents {
        leaves(&document.node, &ValuePath::root(), &mut |path, leaf| {
            let place = format!("{} {path}", document.identity);
            match leaf.origin.and_then(|id| session.origin(id)) {
                None => count.written += 1,
                Some(origin) if check(&session, &place, leaf, &origin) => count.bare += 1,
                Some(origin) => {
                    let expression = session.text(origin.expression);
                    let reads = expression.contains("values.") || expression.contains("settings.");
                    let named = origin.inputs.iter().any(|input| !input.path.is_empty());
                    assert!(named || !reads, "{place}: `{expression}` names no inputs");
                    count.computed += 1;
                }
            }
        });
    }
    count
}

#[test]
fn every_bound_leaf_knows_where_it_comes_from() {
    for (preset, file) in [
        (Some("evaluation"), None),
        (None, Some("minimal")),
        (None, Some("original")),
        (None, Some("production-by-url")),
        (None, Some("production-by-fields")),
    ] {
        let count = count(preset, file);
        println!("{preset:?} {file:?}: {count:?}");
        assert!(count.bare > 70 && count.computed > 250 && count.written > 200, "{count:?}");
    }
}
