//! R401: a kind, or a version of it, that Kubernetes still serves and wants to be rid of.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Api;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree};
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
    checks: &[Check::ObjectTree(check)],
};

/// A kind that is deprecated and has no newer version.
struct DeprecatedKind {
    /// Group and version, as manifests write them.
    api_version: &'static str,
    /// The kind.
    kind: &'static str,
    /// The minor version of Kubernetes 1 that deprecated it.
    since: u8,
    /// What to do instead, as the help says it.
    instead: &'static str,
}

/// From <https://kubernetes.io/docs/reference/using-api/deprecation-guide/>, KEP-4974 and the API's own descriptions.
const DEPRECATED_KINDS: &[DeprecatedKind] = &[
    DeprecatedKind {
        api_version: "v1",
        kind: "ComponentStatus",
        since: 19,
        instead: "ask the health endpoints of the control plane",
    },
    DeprecatedKind {
        api_version: "v1",
        kind: "Endpoints",
        since: 33,
        instead: "write an EndpointSlice of `discovery.k8s.io/v1`",
    },
];

/// Reports an object of a deprecated kind, or else of an old version of its kind. Not both: there is no point in a new
/// version of a deprecated kind.
fn check(set: &ObjectSet<'_>, object: &ObjectTree<'_>, report: &mut Report) {
    let identity = object.identity();
    // Of a range of versions the newest counts: that is where the cluster goes.
    let (_, newest) = set.versions().minors();
    let deprecated = DEPRECATED_KINDS.iter().find(|deprecated| {
        *deprecated.api_version == *identity.api_version
            && *deprecated.kind == *identity.kind
            && deprecated.since <= newest
    });
    if let Some(DeprecatedKind { kind, since, instead, .. }) = deprecated {
        let message = format!("`{kind}` is deprecated since Kubernetes 1.{since}");
        report.add(Finding::new(object, ValuePath::keys(&["kind"]), message).help(*instead));
        return;
    }
    let api_version = &identity.api_version;
    let kind = &identity.kind;
    // The table of the API knows which versions there are, so nothing has to be listed here: an alpha or beta version
    // is out of date as soon as every version of Kubernetes that the objects are for serves a newer one.
    if let Some(newer) = Api::new().successor(api_version, kind, set.versions()) {
        let message = format!("`{api_version}` is out of date: `{kind}` is in `{newer}` too");
        let finding = Finding::new(object, ValuePath::keys(&["apiVersion"]), message);
        report.add(finding.help(format!("write `apiVersion: {newer}`")));
    }
}
