//! How many threads work on plain manifests changes nothing: not what is read, not what is found, not what is hidden.

use super::manifests;
use crate::request::Request;
use crate::secrets::masked_text;
use crate::session::Session;
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
    let documents = manifests(&session, &request, &sources);
    let mut made = format!("{documents:?}\n");
    session.diagnostics().iter().for_each(|finding| made += &format!("{finding:?}\n"));
    sources.iter().for_each(|source| made.push_str(&masked_text(&session.source(*source))));
    made
}

fn assert_same(texts: &[String]) -> String {
    let alone = made(texts, 1);
    for threads in [2, 3] {
        assert_eq!(made(texts, threads), alone, "{threads} threads");
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
