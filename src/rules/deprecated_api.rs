//! R401: a kind, or a version of it, that Kubernetes still serves and wants to be rid of.

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Api;
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R401,
    name: "deprecated-api",
    level: Level::Warn,
    page: Page {
        what: "An object is of a kind that Kubernetes has deprecated (`Endpoints`, `ComponentStatus`), or of an alpha or beta version where all of the versions in `--kube-version` serve a newer one.",
        why: "A beta version is served for a few releases after its successor has come, and then every `kubectl apply` of the manifest fails, on the day of the cluster's upgrade. What is gone already is an error (K008).",
        example: "\
apiVersion: admissionregistration.k8s.io/v1beta1
kind: MutatingAdmissionPolicyBinding
metadata: {name: web}
spec: {policyName: web}",
        instead: "\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: web}
spec: {policyName: web}",
    },
    judge: &[Judge::Tree(judge)],
};

/// A kind that has no newer version: its API version and name, the minor version that deprecated it, what to do.
type Ended = (&'static str, &'static str, u8, &'static str);

/// From <https://kubernetes.io/docs/reference/using-api/deprecation-guide/>, KEP-4974 and the API's own descriptions.
const ENDED: &[Ended] = &[
    ("v1", "ComponentStatus", 19, "ask the health endpoints of the control plane"),
    ("v1", "Endpoints", 33, "write an EndpointSlice of `discovery.k8s.io/v1`"),
];

fn judge(set: &ObjectSet<'_>, subject: &Subject<'_>, report: &mut Report) {
    let identity = &subject.document.identity;
    let (api_version, kind) = (identity.api_version.as_str(), identity.kind.as_str());
    let (_, newest) = set.versions().minors();
    let ended =
        ENDED.iter().find(|(of, name, since, _)| *of == api_version && *name == kind && *since <= newest);
    if let Some((_, _, since, help)) = ended {
        let message = format!("`{kind}` is deprecated since Kubernetes 1.{since}");
        report.add(finding(subject, "kind", message, (*help).to_owned()));
    } else if let Some(newer) = Api::new().successor(api_version, kind, set.versions()) {
        let message = format!("`{api_version}` is out of date: `{kind}` is in `{newer}` too");
        report.add(finding(subject, "apiVersion", message, format!("write `apiVersion: {newer}`")));
    }
}

fn finding(subject: &Subject<'_>, key: &str, message: String, help: String) -> Finding {
    Finding::new(subject, ValuePath::root().and_key(key), message).help(help)
}
