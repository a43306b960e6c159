//! How many threads work on a set changes nothing: not what is read, not what is found, not what is hidden. And nothing
//! is rendered twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::{Prepared, Ready, manifests, prepare, render};
use crate::chart::Snapshot;
use crate::manifest::{self, DocumentText, PackedDocument};
use crate::request::{Request, ValuesFile};
use crate::secrets::masked_text;
use crate::session::{Outcome, Session};
use crate::source::SourceKind;
use crate::yaml::Strictness;

/// An object and what is wrong with it, for each number.
fn object(number: usize) -> String {
    let name = format!("app-{number}");
    match number % 7 {
        0 => format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\nstringData:\n  pin: hide-me-{number}\n"
        ),
        1 => format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: nobody}}, prots: []}}\n"
        ),
        2 => format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: app-{}}}\ndata: {{port: 1}}\n",
            number % 11
        ),
        3 => format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n    - name: main\n      image: web:latest\n      \
             envFrom: [{{secretRef: {{name: app-{}}}}}]\n",
            number * 3
        ),
        4 => format!("apiVersion: example.com/v1\nkind: Odd\nmetadata: {{name: {name}}}\n"),
        5 => format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\nstringData: [hide-me-too-{number}]\n"
        ),
        _ => format!("kind: {name}\n"),
    }
}

/// Everything that comes of some texts.
fn made(texts: &[String], threads: usize) -> String {
    let session = Session::new();
    let add = |text: &String| session.add_source(SourceKind::File, "all.yaml", text.as_str());
    let sources: Vec<_> = texts.iter().map(add).collect();
    let request = Request { threads, ..Request::default() };
    described(&session, manifests(&session, &request, &sources))
}

/// Documents, findings, and every source as it would be shown.
fn described(session: &Session, documents: Outcome<Vec<PackedDocument>>) -> String {
    let mut described = format!("{documents:?}\n");
    session.diagnostics().iter().for_each(|finding| described += &format!("{finding:?}\n"));
    session.sources().iter().for_each(|source| described.push_str(&masked_text(source)));
    described
}

fn assert_same(texts: &[String]) -> String {
    assert_same_by_threads(|threads| made(texts, threads))
}

fn assert_same_by_threads(made: impl Fn(usize) -> String) -> String {
    let alone = made(1);
    for threads in [2, 3] {
        assert_eq!(made(threads), alone, "{threads} threads");
    }
    alone
}

/// Objects of these kinds, as one text.
fn text(kinds: &[usize]) -> String {
    let numbers = (0..2_800).filter(|number| kinds.contains(&(number % 7)));
    numbers.map(object).collect::<Vec<_>>().join("---\n")
}

#[test]
fn the_number_of_threads_changes_nothing() {
    // What the rules find is there only if nothing else is wrong.
    for (kinds, finding) in
        [(&[0, 3][..], "`web:latest`"), (&[0, 1, 2, 3, 4, 5], "`prots`"), (&[0, 3, 6], "missing")]
    {
        let one = text(kinds);
        assert!(one.len() > 64 << 10, "{} bytes are too few for several threads", one.len());
        let made = assert_same(std::slice::from_ref(&one));
        assert!(made.contains(finding) && !made.contains("pin: hide-me"), "{made}");
        let many: Vec<String> = one.split("---\n").map(str::to_owned).collect();
        assert_same(&many);
    }
}

#[test]
fn what_is_not_simple_is_read_as_a_whole() {
    let simple = text(&[0, 3]);
    for odd in ["a: &x 1\nb: *x\n", "kind: [\n", "a: 1\na: 2\n", "\u{fdd0}: 1\n", "--- # x\n"] {
        assert_same(&[format!("{simple}---\n{odd}---\n{simple}")]);
    }
}

/// Everything that comes of a chart whose one template prints a pod for each number. `container` is what its containers
/// have besides their names, with `n` for the number.
fn made_of_chart(container: &str, threads: usize) -> String {
    let template = format!(
        "{{% macro labels(n) %}}{{app: {{{{ n }}}}, of: {{{{ values.owner }}}}}}{{% endmacro %}}\n\
         {{% for n in range(700) %}}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  \
         name: {{{{ \"app-\" ~ n }}}}\n  labels: {{{{ labels(\"a\" ~ n) }}}}\n\
         spec:\n  containers:\n    - name: main\n{container}{{% endfor %}}\n"
    );
    let files = [
        ("chart.yaml", "name: many\nversion: 0.0.1\n"),
        ("values.yaml", "image: web\nport: 80\nowner: ops\ngreeting: hello $HOME\n"),
        ("templates/pods.yaml", &*template),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let snapshot = Snapshot { name: "many".to_owned(), files: BTreeMap::from(files) };
    let session = Session::new();
    let request =
        Request { chart: "many".to_owned(), snapshot: Some(snapshot), threads, ..Request::default() };
    described(&session, render(&session, &request))
}

#[test]
fn the_number_of_threads_changes_nothing_of_a_chart() {
    for (container, finding) in [
        // Bound values, and texts that are made of several.
        ("      image: {{ values.image }}:latest\n", "`web:latest`"),
        ("      image: {{ values.image }}-{{ n }}:latest\n", ":latest`"),
        ("      image: web:1\n      args: [-c, 'echo {{ values.greeting }}']\n      command: [sh]\n", "R220"),
        ("      image: web:1\n      prots: [{{ values.port }}]\n", "`prots`"),
        ("      image: web:1\n      env: [{name: PASSWORD, value: {{ \"hide-me-\" ~ n }}}]\n", "PASSWORD"),
        // What is lost, in every document.
        ("      image: web:1\n{% set lost %}{{ n }}{% endset %}", "never reached"),
    ] {
        let made = assert_same_by_threads(|threads| made_of_chart(container, threads));
        assert!(made.matches(finding).count() >= 700, "{finding}: {made}");
    }
}

#[test]
fn what_is_not_simple_in_a_chart_is_read_as_a_whole() {
    for odd in ["args: &args [a]\n      command: *args\n", "args: [\n", "args: 'a\n\n        b'\n"] {
        let container = format!("      image: web:1\n{{% if n == 699 %}}      {odd}{{% endif %}}");
        assert_same_by_threads(|threads| made_of_chart(&container, threads));
    }
}

/// A chart of three templates that fail in different ways if a setting is missing.
const THREE_TEMPLATES: [(&str, &str); 6] = [
    ("chart.yaml", "name: three\nversion: 0.0.1\n"),
    ("values.yaml", "mode: fast\nname: web\ntext: some\nnumber: 1\nnote: none\n"),
    (
        "values.schema.json",
        r#"{"required": ["mode"], "properties": {"name": {"type": "string"}, "text": {"type": "string"},
            "number": {"type": "integer"}, "note": {"type": "string"}, "mode": {"type": "string"}}}"#,
    ),
    (
        "templates/name.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ values.name }}}\ndata: {note: {{ values.note }}}\n",
    ),
    (
        "templates/text.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: text}\ndata: {text: \"is {{ values.text }}\"}\n",
    ),
    (
        "templates/number.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: number}\ndata: {next: \"{{ values.number + 1 }}\"}\n",
    ),
];

#[test]
fn nothing_is_rendered_twice() {
    // What was not set or taken away, whether it renders, and how many templates run. A template that the engine ends is
    // run once more by itself, so that its error does not depend on what ran before it; that is all that is allowed.
    for (values, right, runs) in [
        ("{}", true, 3),
        ("note: null", true, 3),
        // Missed by the reader of documents, and where values are bound.
        ("name: null", false, 3),
        ("text: null", false, 3),
        ("name: UPPER", false, 3),
        ("number: null", false, 4),
        ("{name: null, text: null, number: null}", false, 4),
    ] {
        let files = THREE_TEMPLATES.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let request = Request {
            chart: "three".to_owned(),
            snapshot: Some(Snapshot { name: "three".to_owned(), files: BTreeMap::from(files) }),
            files: vec![ValuesFile::Text("mine.yaml".to_owned(), values.to_owned())],
            threads: 2,
            ..Request::default()
        };

        let session = Session::new();
        let prepared = prepare(&session, &request).expect("a chart");
        let rendered = prepared.render(&session, &[]);
        assert_eq!(rendered.is_ok(), right, "{values}: {:?}", session.diagnostics());
        assert_eq!(prepared.program().expect("templates").runs.load(Relaxed), runs, "{values}");

        // With a second thread, which begins before the values are checked.
        let session = Session::new();
        let ready = Ready::open(&session, &request).expect("a chart");
        let program = Arc::clone(ready.prepared.program().expect("templates"));
        let merged = ready.merge(&session).expect("values");
        assert_eq!(ready.render(&session, merged).is_ok(), right, "{values}");
        assert_eq!(program.runs.load(Relaxed), runs, "{values}, two threads");
    }
}

#[test]
fn wrong_values_run_no_template_without_a_second_thread() {
    let files = THREE_TEMPLATES.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let snapshot = Some(Snapshot { name: "three".to_owned(), files: BTreeMap::from(files) });
    let session = Session::new();
    let request = Request { chart: "three".to_owned(), snapshot, ..Request::default() };
    let prepared = prepare(&session, &request).expect("a chart");
    let wrong = ValuesFile::Text("mine.yaml".to_owned(), "mode: null".to_owned());
    // A template is run when its output is asked for, and nobody asks for it.
    assert!(prepared.render(&session, &[wrong]).is_err());
    assert_eq!(prepared.program().expect("templates").runs.load(Relaxed), 0);
}

/// Templates that print one text for different expressions, in a macro and outside of it, and different ones for some
/// values.
const ALIKE: [(&str, &str); 2] = [
    ("chart.yaml", "name: alike\nversion: 0.0.1\n"),
    (
        "templates/alike.yaml",
        "{% macro labels(name) %}\napp: {% if values.first is defined %}{{- values.first }}{% else %}{{ name }}{% endif %}\n\
         note: [{{ name }}{% for more in values.more | default([]) %}, {{ more }}{% endfor %}]\n{% endmacro %}\n\
         apiVersion: v1\nkind: Pod\nmetadata:\n  \
         name: {% if values.first is defined %}{{- values.first }}{% else %}{{ values.second }}{% endif %}\n  \
         annotations: {{ labels(values.second) }}\nspec:\n  containers: [{name: main, image: \"{{ values.image }}\"}]\n",
    ),
];

/// What was printed for other values has no effect: not on objects, not on places, not on findings.
#[test]
fn texts_that_are_known_change_nothing() {
    let files = ALIKE.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let snapshot = Some(Snapshot { name: "alike".to_owned(), files: BTreeMap::from(files) });
    let request = Request { chart: "alike".to_owned(), snapshot, ..Request::default() };
    let open = || {
        let session = Session::new();
        let prepared = prepare(&session, &request).expect("a chart");
        (session, prepared)
    };
    let used = open();
    let made = |(session, prepared): &(Session, Prepared), values: &str| {
        let overlay = session.snapshot().overlay();
        let values = ValuesFile::Text("mine.yaml".to_owned(), values.to_owned());
        let documents = prepared.render(&overlay, &[values]).map(|rendering| rendering.documents);
        let kinds: Vec<SourceKind> = overlay.sources().iter().map(|source| source.kind.clone()).collect();
        let texts: Vec<String> = overlay.sources().iter().map(|source| source.text.to_string()).collect();
        format!("{documents:#?}\n{kinds:#?}\n{texts:#?}\n{:#?}", overlay.diagnostics())
    };
    let images = ["web", "web:1", "[]"];
    let names =
        ["second: b", "{first: a, second: b}", "second: c", "{second: c, more: [x, y]}", "second: []"];
    for _ in 0..2 {
        for name in names {
            for image in images {
                let name = name.trim_matches(['{', '}']);
                let values = format!("{{{name}, image: {image}}}");
                // Each time as the first of its kind, and as one behind others.
                assert_eq!(made(&used, &values), made(&open(), &values), "{values}");
            }
        }
    }
}

/// What a text that is read in chunks comes to is what it comes to as a whole.
#[test]
fn chunks_change_nothing() {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "all.yaml", text(&[0, 1, 2, 3, 4, 5]));
    let name = Arc::from("all.yaml");
    let whole = manifest::split(&session, &name, source, &[]).all().unwrap();
    let text = DocumentText { name, source, bindings: &[], strictness: Strictness::Strict };
    let chunks = manifest::split_all(&session, 1, &[text]).remove(0);
    assert!(chunks.complete.is_ok() && whole.len() > 1_000);
    assert_eq!(format!("{:?}", chunks.documents), format!("{whole:?}"));
}
