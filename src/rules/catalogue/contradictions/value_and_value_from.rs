//! R210: an environment variable with a value and a reference to one.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedPod};

pub(super) const RULE: Rule = Rule {
    code: Code::R210,
    name: "value-and-value-from",
    level: Level::Deny,
    page: Page {
        what: "An environment variable has both `value` and `valueFrom`.",
        why: "The API server refuses the pod. Of a Deployment that is already there it keeps the old pods, and the new ones never come.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      env:
        - name: COLOUR
          value: red
          valueFrom: {configMapKeyRef: {name: web, key: colour}}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      env:
        - name: COLOUR
          valueFrom: {configMapKeyRef: {name: web, key: colour}}",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each variable with both fields, of init containers too: the API server validates all containers alike.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    for container in pod.containers() {
        for (index, variable) in container.spec.env.iter().flatten().enumerate() {
            // The API server says "may not be specified when `value` is not empty": an empty value is none.
            let has_value = variable.value.as_deref().is_some_and(|value| !value.is_empty());
            if !has_value || variable.value_from.is_none() {
                continue;
            }
            let path = container.path().and_key("env").and_index(index);
            let message = format!("`{}` has a value and takes another from elsewhere", variable.name);
            let finding = Finding::new(pod.object, path.key("value"), message)
                .also(pod.object, path.key("valueFrom"), "the other")
                .help("remove one of them");
            report.add(finding);
        }
    }
}
