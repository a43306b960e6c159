//! R304: a container that runs as root, or may.

use super::pod::{Container, Pod};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

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
    judge: &[Judge::Pod(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    if pod.is_windows() {
        return;
    }
    let open = || pod.containers().filter(|container| !container.refuses_root());
    for (container, said) in open().filter_map(|container| Some((container, says_root(&container)?))) {
        report.add(said_finding(&container, said));
    }
    let unsaid = open().filter(|container| says_root(container).is_none() && container.user().is_none());
    let names: Vec<String> = unsaid.map(|container| format!("`{}`", container.spec.name)).collect();
    if !names.is_empty() {
        report.add(unsaid_finding(pod, &names));
    }
}

/// What makes a container root.
#[derive(Clone, Copy)]
enum Said {
    /// The user 0 of its own.
    Own,
    /// The user 0 of its pod.
    OfPod,
    /// Its own `false` takes back what the pod says.
    TakenBack,
}

fn says_root(container: &Container<'_>) -> Option<Said> {
    let own = container.security();
    match container.user() {
        Some(0) if own.is_some_and(|own| own.run_as_user.is_some()) => Some(Said::Own),
        Some(0) => Some(Said::OfPod),
        None if own.is_some_and(|own| own.run_as_non_root == Some(false)) => Some(Said::TakenBack),
        _ => None,
    }
}

fn said_finding(container: &Container<'_>, said: Said) -> Finding {
    let name = &container.spec.name;
    let above = if matches!(said, Said::OfPod) { container.pod.path() } else { container.path() };
    let path = above.key("securityContext");
    let (path, message, help) = match said {
        Said::Own | Said::OfPod => (
            path.key("runAsUser"),
            format!("the container `{name}` runs as root"),
            "write another `runAsUser`, one that the image has",
        ),
        Said::TakenBack => (
            path.key("runAsNonRoot"),
            format!("the container `{name}` may run as root"),
            "write `true`, or a `runAsUser`",
        ),
    };
    Finding::new(container.pod.subject, path, message).help(help)
}

/// One finding a pod: one line of it says the missing thing for all containers.
fn unsaid_finding(pod: Pod<'_>, names: &[String]) -> Finding {
    let containers = if names.len() > 1 { "containers" } else { "container" };
    let names = names.join(", ");
    let message = format!("nothing keeps the {containers} {names} from running as root");
    Finding::new(pod.subject, pod.path().and_key("securityContext"), message).help(
        "set `runAsNonRoot: true` in the pod's `securityContext`, and `runAsUser` if the image names no user",
    )
}
