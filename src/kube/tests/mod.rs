//! Documents and what the check finds in them.

mod custom;
mod faults;
mod locations;
mod objects;
mod string_formats;
mod typed;

use std::sync::Arc;

use super::{Target, check};
use crate::diagnostic::Diagnostic;
use crate::manifest::{Document, split};
use crate::session::Session;
use crate::source::SourceKind;
use crate::yaml::{Node, ValuePath};

fn read(session: &Session, text: &str) -> Vec<Document> {
    let name: Arc<str> = Arc::from("test.yaml");
    let source = session.add_source(SourceKind::File, &*name, text);
    split(session, &name, source, &[]).all().unwrap()
}

/// What `render --kube-version … --namespace prod` checks for.
fn target(versions: &str) -> Target {
    Target { versions: versions.parse().unwrap(), namespace: Some(Arc::from("prod")), ..Target::default() }
}

/// The findings as `CODE text-at-the-primary-label: message`, and the first document after the check.
fn check_with(target: &Target, text: &str) -> (Vec<String>, Node) {
    let session = Session::new();
    let mut documents = read(&session, text);
    documents.iter_mut().for_each(|document| check(&session, target, document));
    let show = |finding: &Diagnostic| {
        let primary = finding.primary().unwrap_or_else(|| panic!("no place: {finding:?}"));
        // Whatever a test provokes, its finding has to say what to do.
        assert!(!finding.help.is_empty(), "no help: {finding:?}");
        format!("{} {}: {}", finding.code, session.text(primary.span).trim(), finding.message)
    };
    (session.diagnostics().iter().map(show).collect(), documents.remove(0).node)
}

fn findings(text: &str) -> Vec<String> {
    check_with(&target("1.37"), text).0
}

/// The node at a path such as `spec.containers.0.name`.
fn at<'n>(node: &'n Node, path: &str) -> &'n Node {
    let pointer = format!("/{}", path.replace('.', "/"));
    ValuePath::from_pointer(&pointer, node).find(node).unwrap_or_else(|| panic!("no {path}"))
}

/// A right document, full of what could be taken for wrong: texts that YAML takes for numbers and booleans, a null, an
/// octal number, one port twice with two protocols.
const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, version: 1.10, on: yes}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 1}}
  template:
    metadata: {labels: {app: web}, creationTimestamp: null}
    spec:
      containers:
        - name: web
          image: nginx
          env:
            - {name: PORT, value: 8080}
            - {name: COUNTRY, value: NO}
          ports:
            - {name: http, containerPort: 80}
            - {name: quic, containerPort: 80, protocol: UDP}
          resources: {limits: {cpu: 0.5, memory: 1e3}, requests: {cpu: 100m}}
          readinessProbe: {httpGet: {path: /, port: http}}
      volumes:
        - name: config
          configMap: {name: web, defaultMode: 0o644}
";
