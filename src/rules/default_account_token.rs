//! R313: a pod with a token that it does not need.

use super::pod::Pod;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

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
    judge: &[Judge::Pod(judge)],
};

fn judge(set: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    if mounts_token(set, pod) {
        let message =
            format!("{} has the token of the ServiceAccount `default`", pod.subject.document.identity);
        let path = pod.path().and_key("automountServiceAccountToken");
        let finding = Finding::new(pod.subject, path, message);
        report.add(finding.help(
            "set `automountServiceAccountToken: false`, or name a ServiceAccount with the rights that it needs",
        ));
    }
}

fn mounts_token(set: &ObjectSet<'_>, pod: Pod<'_>) -> bool {
    let name = pod.spec.service_account_name.as_deref();
    if !matches!(name, None | Some("" | "default")) {
        return false;
    }
    let of_account = || {
        let account = set.find("ServiceAccount", pod.subject.namespace(), "default")?;
        account.document.node.get("automountServiceAccountToken")?.as_bool()
    };
    pod.spec.automount_service_account_token.or_else(of_account).unwrap_or(true)
}
