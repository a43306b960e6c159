//! R304: a container that runs as root, or may.

use super::pod::{Container, Pod};
use super::{Finding, Page, Report, Rule, Set};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::ValuePath;

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
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for pod in set.pods().filter(|pod| !pod.is_windows()) {
        let open = pod.containers().filter(|container| !container.refuses_root());
        let (said, unsaid): (Vec<_>, Vec<_>) = open.partition(|container| says_root(container).is_some());
        for container in said {
            report.add(said_finding(&container));
        }
        let unsaid = unsaid.iter().filter(|container| container.user().is_none());
        let names: Vec<String> = unsaid.map(|container| format!("`{}`", container.spec.name)).collect();
        if !names.is_empty() {
            report.add(unsaid_finding(pod, &names));
        }
    }
}

/// The path of what makes a container root: a user 0, or its own `false` that takes back what the pod says.
fn says_root(container: &Container<'_>) -> Option<ValuePath> {
    let own = container.security();
    let above = |of_container| if of_container { container.path() } else { container.pod.path() };
    match container.user() {
        Some(0) => {
            let of_container = own.is_some_and(|own| own.run_as_user.is_some());
            Some(above(of_container).key("securityContext").key("runAsUser"))
        }
        None if own.is_some_and(|own| own.run_as_non_root == Some(false)) => {
            Some(above(true).key("securityContext").key("runAsNonRoot"))
        }
        _ => None,
    }
}

fn said_finding(container: &Container<'_>) -> Finding {
    let name = &container.spec.name;
    let (message, help) = match container.user() {
        Some(_) => (
            format!("the container `{name}` runs as root"),
            "write another `runAsUser`, one that the image has",
        ),
        None => (format!("the container `{name}` may run as root"), "write `true`, or a `runAsUser`"),
    };
    let path = says_root(container).unwrap_or_default();
    Finding::new(container.pod.subject, path, message).help(help)
}

/// One finding a pod: one line of it says the missing thing for all containers.
fn unsaid_finding(pod: Pod<'_>, names: &[String]) -> Finding {
    let containers = if names.len() > 1 { "containers" } else { "container" };
    let names = names.join(", ");
    let message = format!("nothing keeps the {containers} {names} from running as root");
    Finding::new(pod.subject, pod.path().key("securityContext"), message).help(
        "set `runAsNonRoot: true` in the pod's `securityContext`, and `runAsUser` if the image names no user",
    )
}
