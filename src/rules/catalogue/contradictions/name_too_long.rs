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
* a CronJob: 52, as 11 characters are added for each Job (checked by the API server);\n\
* a Job: 63, as its name is the label `batch.kubernetes.io/job-name` of its pods (checked by the API server);\n\
* a StatefulSet: 52, as its pods have the label `controller-revision-hash`, which is the name, `-` and up to ten characters (kubernetes/kubernetes issue 64023);\n\
* a Deployment: 242, as its ReplicaSets add `-` and up to ten characters.\n\n\
Deployments, ReplicaSets and DaemonSets between 63 and that are fine: the names of their pods are shortened.",
        why: "A StatefulSet with a longer name is accepted and makes no pod, and says why only in its events. The others are refused. Names grow by the release's name, so this is met in one environment and not in the next.",
        example: "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: production-europe-nightly-backup-of-the-customer-database}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: backup, image: postgres:17.2}]",
        instead: "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly-backup}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: backup, image: postgres:17.2}]",
    },
    checks: &[Check::ObjectTree(check)],
};

/// The least of the limits below.
const SHORTEST_LIMIT: usize = 52;

/// Reports a name that is longer than its kind bears. The numbers are explained on the page; those of CronJobs and
/// Jobs are of the API server's validation (`ValidateCronJobCreate`: 63 less the 11 characters of `-` and a time).
fn check(_: &ObjectSet<'_>, object: &ObjectTree<'_>, report: &mut Report) {
    // The API takes ASCII names alone, so bytes are characters.
    let length = object.name().len();
    // Fast path: nearly all names are short, and most objects are of other kinds.
    if length <= SHORTEST_LIMIT {
        return;
    }
    let kind = object.kind();
    let (limit, made_of_it) = match kind {
        "CronJob" => (52, "the names of its Jobs"),
        "StatefulSet" => (52, "the label `controller-revision-hash` of its pods"),
        "Job" => (63, "the label `batch.kubernetes.io/job-name` of its pods"),
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
