//! R107: a key of a ConfigMap or a Secret that it does not have.

use super::references::{Reference, To};
use super::trail::path_to;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R107,
    name: "missing-key",
    level: Level::Deny,
    page: Page {
        what: "A pod, a monitor or a TriggerAuthentication asks for a key that the ConfigMap or Secret of the set does not have, and the reference is not `optional`. An object without any data is filled by somebody else, and so is the token of a ServiceAccount: nothing is said of them.",
        why: "The container stays in `CreateContainerConfigError`, or the volume cannot be mounted, until somebody adds the key.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: tokn}}}]}]
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {token: change-me}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}]}]
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {token: change-me}",
    },
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for to in [To::ConfigMap, To::Secret] {
        // First those of pods, then those of other kinds.
        for of_pod in [true, false] {
            let references = set.references().to(set, to).filter(|one| one.is_of_pod() == of_pod);
            references.for_each(|reference| judge_reference(set, report, &reference));
        }
    }
}

fn judge_reference(set: &ObjectSet<'_>, report: &mut Report, reference: &Reference<'_>) {
    let keys = reference.keys().filter_map(|node| Some((node, node.as_str()?)));
    let mut keys = keys.filter(|_| !reference.is_optional()).peekable();
    let Some(holder) = keys.peek().and_then(|_| reference.target(set)) else { return };
    for (node, key) in keys {
        if !may_have(holder, key) {
            report.add(finding(reference, holder, key, node));
        }
    }
}

fn finding(reference: &Reference<'_>, holder: &Subject<'_>, key: &str, node: &Node) -> Finding {
    let subject = &reference.subject;
    let message = format!("{} has no key `{key}`", holder.document.identity);
    let at = DATA.iter().find(|part| holder.document.node.get(part).is_some());
    let data = ValuePath::root().and_key(*at.unwrap_or(&"data"));
    let finding = Finding::new(subject, path_to(&subject.document.node, node), message);
    let finding = finding.also(holder, data, "its keys are here");
    match nearest(key, keys(holder)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("add the key, or name one that is there"),
    }
}

/// Whether the object has the key, or somebody else fills it.
fn may_have(holder: &Subject<'_>, key: &str) -> bool {
    let made = holder.document.node.get("type").and_then(Node::as_str);
    let (mut keys, mut empty) = (keys(holder), true);
    let found = keys.any(|known| {
        empty = false;
        known == key
    });
    found || empty || made == Some("kubernetes.io/service-account-token")
}

fn keys<'s>(holder: &Subject<'s>) -> impl Iterator<Item = &'s str> {
    let parts = DATA.iter().filter_map(|part| holder.document.node.get(part)?.as_map());
    parts.flat_map(|part| part.keys().map(|key| &**key))
}

const DATA: [&str; 3] = ["data", "stringData", "binaryData"];
