//! R307: a container whose programs may gain rights.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedContainer, TypedPod};

pub(super) const RULE: Rule = Rule {
    code: Code::R307,
    name: "privilege-escalation",
    level: Level::Allow,
    page: Page {
        what: "A container does not set `allowPrivilegeEscalation: false`. Privileged ones and those with `CAP_SYS_ADMIN` are reported as such (the API server refuses the field there), and Windows has no such field. The Pod Security level `restricted` demands it; elsewhere it is one of several walls, so this rule is for those who ask for it.",
        why: "A program in the container that runs with the rights of its owner (setuid), such as `sudo` or an old `mount`, can make its caller root.",
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
  containers:
    - name: web
      image: nginx:1.29.3
      securityContext: {allowPrivilegeEscalation: false}",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each container that does not forbid it.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    if pod.is_windows() {
        return;
    }
    for container in pod.containers() {
        // Left out, it counts as true. There is no such field for the whole pod.
        let allows = container.security().and_then(|own| own.allow_privilege_escalation) != Some(false);
        // The API server refuses `false` for a privileged container and for one with `CAP_SYS_ADMIN`, and `privileged`
        // reports those.
        if container.is_privileged() || adds_sys_admin(&container) || !allows {
            continue;
        }
        let message =
            format!("the container `{}` may gain more rights than it starts with", container.spec.name);
        let path = container.path().and_key("securityContext").and_key("allowPrivilegeEscalation");
        let finding = Finding::new(pod.object, path, message);
        let finding = finding.help("set `securityContext.allowPrivilegeEscalation: false`");
        let set = "`securityContext.allowPrivilegeEscalation: false`";
        report.add(finding.lacks(&container, "a ban on privilege escalation", set));
    }
}

/// Whether a container is given the capability with which it may gain any other.
fn adds_sys_admin(container: &TypedContainer<'_>) -> bool {
    let added = container.security().and_then(|own| own.capabilities.as_ref()?.add.as_ref());
    added.into_iter().flatten().any(|name| name.trim_start_matches("CAP_") == "SYS_ADMIN")
}
