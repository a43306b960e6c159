//! R313: a pod with a token that it does not need.

use super::pod::Pod;
use super::{Finding, Page, Report, Rule, Set};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;

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
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for pod in set.pods().filter(|pod| mounts_token(set, pod)) {
        let message =
            format!("{} has the token of the ServiceAccount `default`", pod.subject.document.identity);
        let path = pod.path().key("automountServiceAccountToken");
        let finding = Finding::new(pod.subject, path, message);
        report.add(finding.help(
            "set `automountServiceAccountToken: false`, or name a ServiceAccount with the rights that it needs",
        ));
    }
}

fn mounts_token(set: &Set<'_>, pod: &Pod<'_>) -> bool {
    let of_default =
        pod.spec.service_account_name.as_deref().is_none_or(|name| matches!(name, "" | "default"));
    let account = set.find("ServiceAccount", pod.subject.namespace(), "default");
    let of_account = account.and_then(|account| match &account.object {
        Object::ServiceAccount(account) => account.automount_service_account_token,
        _ => None,
    });
    of_default && pod.spec.automount_service_account_token.or(of_account).unwrap_or(true)
}
