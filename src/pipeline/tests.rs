//! How many threads work on a set changes nothing: not what is read, not what is found, not what is hidden.

use std::collections::BTreeMap;

use super::{manifests, render};
use crate::chart::Snapshot;
use crate::manifest::Document;
use crate::request::Request;
use crate::secrets::masked_text;
use crate::session::{Outcome, Session};
use crate::source::SourceKind;

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
fn described(session: &Session, documents: Outcome<Vec<Document>>) -> String {
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
