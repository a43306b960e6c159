//! R212: a name that its kind allows, and what Kubernetes makes of it not.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R212,
    name: "name-too-long",
    level: Level::Deny,
    page: Page {
        what: "A name fits the limit for names of objects (253 characters) and is too long for what Kubernetes adds to it or uses it for:\n\n\
* a StatefulSet: 52, as its pods have the label `controller-revision-hash`, which is the name, `-` and up to ten characters (kubernetes/kubernetes issue 64023);\n\
* a Deployment: 242, as its ReplicaSets add `-` and up to ten characters.\n\n\
Deployments, ReplicaSets and DaemonSets between 63 and that are fine: the names of their pods are shortened. The limits of CronJobs and Jobs are those of the API server, and facts of validation.",
        why: "A StatefulSet with a longer name is accepted and makes no pod, and says why only in its events. Names grow by the release's name, so this is met in one environment and not in the next.",
        example: "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: production-europe-customer-database-of-the-online-shop}
spec:
  serviceName: database
  selector: {matchLabels: {app: database}}
  template:
    metadata: {labels: {app: database}}
    spec:
      containers: [{name: database, image: postgres:17.2}]",
        instead: "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: customer-database}
spec:
  serviceName: database
  selector: {matchLabels: {app: database}}
  template:
    metadata: {labels: {app: database}}
    spec:
      containers: [{name: database, image: postgres:17.2}]",
    },
    checks: &[Check::ObjectTree(check)],
};

/// The least of the limits below.
const SHORTEST_LIMIT: usize = 52;

/// Reports a name that is longer than its kind bears. The numbers are explained on the page.
fn check(_: &ObjectSet<'_>, object: &ObjectTree<'_>, report: &mut Report) {
    // The API takes ASCII names alone, so bytes are characters.
    let length = object.name().len();
    // Fast path: nearly all names are short, and most objects are of other kinds.
    if length <= SHORTEST_LIMIT {
        return;
    }
    let kind = object.kind();
    let (limit, made_of_it) = match kind {
        // A longer one than a DNS label is refused by the API server.
        "StatefulSet" if length <= 63 => (52, "the label `controller-revision-hash` of its pods"),
        "Deployment" => (242, "the names of its ReplicaSets"),
        _ => return,
    };
    if length <= limit {
        return;
    }
    let message = format!("the name of this {kind} has {length} characters, and may have {limit}");
    let finding = Finding::new(object, ValuePath::keys(&["metadata", "name"]), message)
        .note(format!("more does not fit into {made_of_it}"))
        .help("shorten it, or the release's name in it");
    report.add(finding);
}
