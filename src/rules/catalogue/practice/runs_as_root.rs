//! R304: a container that runs as root, or may.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedContainer, TypedPod};

pub(super) const RULE: Rule = Rule {
    code: Code::R304,
    name: "runs-as-root",
    level: Level::Warn,
    page: Page {
        what: "A container runs as user 0, or nothing keeps its image from it: neither the container nor its pod sets `runAsNonRoot: true` or another `runAsUser`. Pods for Windows have no root and are left alone.",
        why: "Whoever breaks into the program is root in the container, and root on the node after one mistake of the container runtime or of a mounted volume.",
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
  securityContext: {runAsNonRoot: true}
  containers:
    - name: web
      image: nginxinc/nginx-unprivileged:1.29.3",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each container that is root by what is written, and once a pod all of those of which nothing is written.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    if pod.is_windows() {
        return;
    }
    // Where nothing is said at all, one finding a pod: one line in the pod's context is enough for all containers.
    let mut unsaid: Vec<TypedContainer<'_>> = Vec::new();
    for container in pod.containers().filter(|container| !container.refuses_root()) {
        match root_cause(&container) {
            Some(cause) => report.add(root_finding(&container, cause)),
            None if container.user().is_none() => unsaid.push(container),
            None => {}
        }
    }
    if !unsaid.is_empty() {
        report.add(unsaid_finding(pod, &unsaid));
    }
}

/// What makes a container root.
#[derive(Clone, Copy)]
enum RootCause {
    /// Its own `runAsUser: 0`.
    OwnUser,
    /// The `runAsUser: 0` of its pod.
    PodUser,
    /// Its own `runAsNonRoot: false`, which takes back what the pod says.
    TakenBack,
}

/// What makes a container root; none if it has another user, or if nothing is said.
fn root_cause(container: &TypedContainer<'_>) -> Option<RootCause> {
    let own = container.security();
    match container.user() {
        Some(0) if own.is_some_and(|own| own.run_as_user.is_some()) => Some(RootCause::OwnUser),
        Some(0) => Some(RootCause::PodUser),
        // Also where the pod says nothing, and `false` is the default: it was written on purpose.
        None if own.is_some_and(|own| own.run_as_non_root == Some(false)) => Some(RootCause::TakenBack),
        _ => None,
    }
}

/// The finding at the field that makes a container root.
fn root_finding(container: &TypedContainer<'_>, cause: RootCause) -> Finding {
    let name = &container.spec.name;
    let parent = match cause {
        RootCause::PodUser => container.pod.path(),
        RootCause::OwnUser | RootCause::TakenBack => container.path(),
    };
    let security = parent.and_key("securityContext");
    let (path, message, help) = match cause {
        RootCause::OwnUser | RootCause::PodUser => (
            security.and_key("runAsUser"),
            format!("the container `{name}` runs as root"),
            "write another `runAsUser`, one that the image has",
        ),
        RootCause::TakenBack => (
            security.and_key("runAsNonRoot"),
            format!("the container `{name}` may run as root"),
            "write `true`, or a `runAsUser`",
        ),
    };
    Finding::new(container.pod.object, path, message).help(help)
}

/// The finding at the security context of a pod, whether there is one or not, about some of its containers.
fn unsaid_finding(pod: TypedPod<'_>, containers: &[TypedContainer<'_>]) -> Finding {
    let names: Vec<String> =
        containers.iter().map(|container| format!("`{}`", container.spec.name)).collect();
    let names = names.join(", ");
    let only = if let [only] = containers { Some(only) } else { None };
    let containers = if only.is_some() { "container" } else { "containers" };
    let message = format!("nothing keeps the {containers} {names} from running as root");
    let finding = Finding::new(pod.object, pod.path().and_key("securityContext"), message).help(
        "set `runAsNonRoot: true` in the pod's `securityContext`, and `runAsUser` if the image names no user",
    );
    let set = "`securityContext.runAsNonRoot: true`";
    match only {
        Some(only) => finding.lacks(only, "a non-root user", set),
        None => finding,
    }
}
