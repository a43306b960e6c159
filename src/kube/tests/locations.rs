//! Where findings about bound values are shown.

use std::sync::Arc;

use super::target;
use crate::diagnostic::{Diagnostic, Label};
use crate::kube::check;
use crate::manifest::split;
use crate::session::Session;
use crate::source::{Input, Mapping, Origin, SourceKind, Span};
use crate::yaml::{Binding, SLOT_CLOSE, SLOT_OPEN, parse_one};

/// A document whose `{{ … }}` are bound to values of a values file; the findings with all their labels.
fn bound(template: &str, values: &str) -> Vec<String> {
    let session = Session::new();
    let values_source = session.add_source(SourceKind::File, "values.yaml", values);
    let template_source = session.add_source(SourceKind::File, "template.yaml", template);
    let values = parse_one(&session, values_source).unwrap().unwrap();
    // By hand what `template` does, which this module must not know: text is copied, and an expression becomes a slot.
    let mut derived = String::new();
    let mut marks = Vec::new();
    let mut bindings = Vec::new();
    let mut rest = 0;
    let mark = |marks: &mut Vec<Mapping>, at: usize, start: usize, end: usize, verbatim| {
        marks.push(Mapping { at: at as u32, from: Span::new(template_source, start, end), verbatim });
    };
    while let Some(open) = template[rest..].find("{{").map(|at| at + rest) {
        let close = open + template[open..].find("}}").unwrap() + 2;
        mark(&mut marks, derived.len(), rest, open, true);
        derived.push_str(&template[rest..open]);
        mark(&mut marks, derived.len(), open, close, false);
        derived.push_str(&format!("{SLOT_OPEN}{}{SLOT_CLOSE}", bindings.len()));
        let path = template[open + 2..close - 2].trim();
        let node = values.get(path).unwrap().clone();
        let inputs = vec![Input { path: format!("values.{path}").into(), span: Some(node.span) }];
        let expression = Span::new(template_source, open, close);
        let origin = session.add_origin(Origin { expression, inputs, raw: false });
        bindings.push(Binding::new(node, origin));
        rest = close;
    }
    mark(&mut marks, derived.len(), rest, template.len(), true);
    derived.push_str(&template[rest..]);
    let source =
        session.add_source(SourceKind::Derived(Arc::new(marks.into_iter().collect())), "rendered", derived);
    let mut documents = split(&session, &Arc::from("template.yaml"), source, &bindings).all().unwrap();
    documents.iter_mut().for_each(|document| check(&session, &target("1.37"), document));
    // Each label as source, text, words: what a writer has to draw.
    let label = |label: &Label| {
        format!(" [{} {} {}]", session.source(label.span.source).name, session.text(label.span), label.text)
    };
    let show = |finding: Diagnostic| {
        format!("{}{}", finding.code, finding.labels.iter().map(label).collect::<String>())
    };
    session.diagnostics().into_iter().map(show).collect()
}

#[test]
fn findings_lead_to_the_values() {
    let template = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ name }}}
spec:
  replicas: {{ replicas }}
  selector: {matchLabels: {app: web}}
  paused: {{ paused }}
  template:
    metadata: {labels: {app: web, version: {{ version }}, on: {{ paused }}}}
    spec:
      containers:
        - name: web
          image: nginx
          resources: {{ resources }}
          imagePullPolicy: If{{ policy }}
";
    let values = "name: web\nreplicas: 2\npaused: True\nversion: 1.10\npolicy: NotPresent\nresources: {limits: {cpu: 1}}\n";
    assert_eq!(bound(template, values), Vec::<String>::new());
    for (old, new, expected) in [
        (
            "replicas: 2",
            "replicas: two",
            "K003 [values.yaml two this value] [template.yaml {{ replicas }} becomes `spec.replicas` of Deployment `web`]",
        ),
        (
            "{cpu: 1}",
            "{cpu: a}",
            "K005 [values.yaml a this value] [template.yaml {{ resources }} becomes `spec.template.spec.containers[0].resources.limits.cpu` of Deployment `web`]",
        ),
        (
            "{limits:",
            "{limit:",
            "K001 [values.yaml limit this value] [template.yaml {{ resources }} becomes `spec.template.spec.containers[0].resources.limit` of Deployment `web`]",
        ),
        (
            "NotPresent",
            "Absent",
            "K004 [values.yaml Absent this value goes into it] [template.yaml {{ policy }} becomes `spec.template.spec.containers[0].imagePullPolicy` of Deployment `web`]",
        ),
    ] {
        assert_eq!(bound(template, &values.replace(old, new)), [expected], "{new}");
    }
    let found = bound(&template.replace("paused:", "pausd:"), values);
    assert_eq!(found, ["K001 [template.yaml pausd this is `spec.pausd` of Deployment `web`]"]);
}
