//! R313: a pod with a token that it does not need.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedPod};

pub(super) const RULE: Rule = Rule {
    code: Code::R313,
    name: "default-account-token",
    level: Level::Allow,
    page: Page {
        what: "A pod runs as the ServiceAccount `default`, with a token for the Kubernetes API that it was not asked to have: neither the pod nor a ServiceAccount `default` among the objects sets `automountServiceAccountToken: false`. The token alone gives few rights, so this rule is for those who ask for it.",
        why: "Rights that somebody once gives to `default` reach every pod of the namespace, and whoever breaks into one of them has a token to try.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  automountServiceAccountToken: false
  containers:
    - name: web
      image: nginx:1.29.3",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each pod that is given the token of `default` without asking.
fn check(set: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    if !mounts_token(set, pod) {
        return;
    }
    let message = format!("{} has the token of the ServiceAccount `default`", pod.object.identity());
    let path = pod.path().and_key("automountServiceAccountToken");
    report.add(Finding::new(pod.object, path, message).help(
        "set `automountServiceAccountToken: false`, or name a ServiceAccount with the rights that it needs",
    ));
}

/// Whether the pod is given the token of `default`. Its own field wins over that of the ServiceAccount; the default
/// is true.
fn mounts_token(set: &ObjectSet<'_>, pod: TypedPod<'_>) -> bool {
    let name = pod.spec.service_account_name.as_deref();
    // The admission plugin `ServiceAccount` writes `default` where no name is given.
    if !matches!(name, None | Some("" | "default")) {
        return false;
    }
    // Of the set alone: what the account of the cluster says is in no manifest.
    let of_account = || {
        let account = set.find("ServiceAccount", pod.object.namespace(), "default")?;
        account.node().get("automountServiceAccountToken")?.as_bool()
    };
    pod.spec.automount_service_account_token.or_else(of_account).unwrap_or(true)
}
