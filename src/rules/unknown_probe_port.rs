//! R104: a probe or lifecycle handler of a port by a name that its container does not have.

use super::ports::{is_named, named, probe_ports};
use super::template::{Template, TemplateContainer};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R104,
    name: "unknown-probe-port",
    level: Level::Deny,
    page: Page {
        what: "A probe, a `postStart` or a `preStop` asks for a port by a name, and its own container has no port of this name. Ports of other containers do not count.",
        why: "The probe fails each time: a pod is never ready, or is started anew again and again.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}], livenessProbe: {httpGet: {port: htpp}}}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}], livenessProbe: {httpGet: {port: http}}}]",
    },
    judge: &[Judge::Template(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: &Template<'_>, report: &mut Report) {
    for container in pod.containers() {
        probe_ports(&container, |port, path| {
            let Some(name) = port.as_str() else { return };
            if !container.list("ports").iter().any(|port| is_named(port, name)) {
                report.add(finding(&pod.subject, &container, name, path()));
            }
        });
    }
}

fn finding(subject: &Subject<'_>, container: &TemplateContainer<'_>, name: &str, path: ValuePath) -> Finding {
    let message = format!("the container `{}` has no port `{name}`", container.name());
    let finding = Finding::new(subject, path, message);
    let names = container.list("ports").iter().filter_map(|port| port.get("name")?.as_str());
    match nearest(name, names.clone()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(match named(names) {
            names if names.is_empty() => {
                "give the container's port this name, or write its number".to_owned()
            }
            names => format!("its ports are {names}"),
        }),
    }
}
