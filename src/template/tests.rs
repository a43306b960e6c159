//! Small charts rendered in memory.

use std::sync::Arc;

use super::{Context, TemplateFile, compile, refuse_unused, render};
use crate::session::Session;
use crate::source::SourceKind;
use crate::yaml::{Limits, Node, Wants, parse_documents, parse_one, print_yaml};

fn show(values: &str, templates: &[(&str, &str)]) -> String {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "values.yaml", values);
    let values = parse_one(&session, source).unwrap();
    let files: Vec<TemplateFile> = templates
        .iter()
        .map(|(name, text)| TemplateFile {
            name: Arc::from(*name),
            source: session.add_source(SourceKind::File, *name, *text),
        })
        .collect();
    let wants = Arc::new(Wants::anything());
    let attempt = || {
        let program = compile(&session, &files, &wants)?;
        let nowhere = Node::empty_map(crate::source::Span::new(source, 0, 0));
        let context = Context { values: values.unwrap_or(nowhere), globals: Vec::new(), secrets: Vec::new() };
        let mut out = String::new();
        for rendered in render(&session, &program, &context)? {
            let before = session.errors();
            for document in parse_documents(&session, rendered.source, &rendered.bindings, Limits::default())? {
                out.push_str(&print_yaml(&document));
            }
            refuse_unused(&session, &rendered);
            session.clean_since(before)?;
        }
        Ok::<_, crate::session::Reported>(out)
    };
    attempt().unwrap_or_else(|_| {
        let lines = session.diagnostics().into_iter().map(|finding| {
            let place = finding.primary().map(|label| {
                let span = session.resolve(label.span);
                let (line, column) = session.source(span.source).line_column(span.start as usize);
                format!(" at {}:{line}:{column} `{}`", session.source(span.source).name, session.text(span))
            });
            format!("{}: {}{}\n", finding.code, finding.message, place.unwrap_or_default())
        });
        lines.collect()
    })
}

#[test]
fn values_keep_their_types() {
    let template = "a: {{ values.a }}\nb: '{{ values.a }}'\nc: x{{ values.a }}\nd: |\n  text {{ values.t }}\ne: [{{ values.a }}, {{ values.t }}]\n{{ values.t }}: k\n";
    insta_like(show("a: 1.10\nt: 'a: b'\n", &[("t.yaml", template)]), "a: 1.10\nb: \"1.10\"\nc: x1.10\nd: |\n  text a: b\ne:\n- 1.10\n- 'a: b'\n'a: b': k\n");
}

fn insta_like(found: String, expected: &str) {
    assert_eq!(found, expected, "\n--- found\n{found}");
}

#[test]
fn macros_are_fragments() {
    let lib = "{% macro labels(c) %}\napp: {{ c }}\nn: {{ values.n }}\n{% endmacro %}\n{% macro box(p) %}\nname: {{ p.name }}\nport: {{ p.port }}\n{% endmacro %}\n";
    let template = "{% import '_l.yaml' as l %}\nlabels: {{ l.labels('web') }}\nmore:\n  <<: {{ l.labels('x') }}\n  app: y\nlist:\n{% for p in values.ports %}\n  - {{ l.box(p) }}\n{% endfor %}\n";
    insta_like(show("n: 2\nports: [{name: a, port: 1}, {name: b, port: 0x10}]\n", &[("_l.yaml", lib), ("t.yaml", template)]), "labels:\n  app: web\n  n: 2\nmore:\n  n: 2\n  app: y\nlist:\n- name: a\n  port: 1\n- name: b\n  port: 0x10\n");
}

#[test]
fn findings_point_at_the_template() {
    let template = "a: {{ values.x + 1 }}\n";
    insta_like(show("y: 1\n", &[("t.yaml", template)]), "");
    insta_like(show("y: 1\n", &[("t.yaml", "a: 1\nb: {{ vals.x }}\nc: {{ values.y | nindent(2) }}\n")]), "");
    insta_like(show("y: 1\n", &[("t.yaml", "a: [{{ values.q }}]\nc: {{ values.y ~ 'x' }}\nz: {{- values.y -}}\n\nd: \"{{ values.qq }}\"\n")]), "");
}
