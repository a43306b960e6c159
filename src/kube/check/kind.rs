//! Kinds as a whole: whether there is one (K007), and whether every version has it (K008).

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::ObjectKind;
use crate::kube::api::{list_minors, stability};
use crate::kube::context::{Context, PathStack};
use crate::manifest::Location;
use crate::yaml::Node;

/// Reports a kind that some of the versions do not have (K008).
pub(super) fn check_availability(context: &Context<'_>, kind: &ObjectKind, node: &Node) {
    let lacking = context.versions.lacking(kind.availability);
    if lacking.is_empty() {
        return;
    }
    let object = context.object;
    let message =
        format!("`{}` has no `{}` in Kubernetes {}", object.api_version, object.kind, list_minors(&lacking));
    let other = served_api_version(context).filter(|other| group(other) == object.group());
    let help = match other {
        Some(other) => format!("write `apiVersion: {other}`"),
        None => "leave it out, or render for other versions with `--kube-version`".to_owned(),
    };
    report_at_key(context, Diagnostic::error(Code::K008, message).help(help), node, "apiVersion");
}

/// Reports a kind that the table does not have (K007), unless it is allowed or its definition could not be read.
pub(super) fn check_unknown(context: &Context<'_>, node: &Node) {
    let target = context.target;
    let may_be_defined = target.kinds_unread && is_foreign(context.object.group());
    if may_be_defined || target.allow_unknown.contains(&group_and_kind(context)) {
        return;
    }
    let object = context.object;
    let message = format!("`{}` has no kind `{}` that is known", object.api_version, object.kind);
    let finding = Diagnostic::error(Code::K007, message);

    // A `Service` of Knative is not to be written as one of Kubernetes; an `Ingress` of `extensions/v1beta1` is.
    let foreign = is_foreign(object.group());
    let other = served_api_version(context).filter(|other| !foreign || group(other) == object.group());
    if let Some(other) = other {
        let help = format!("`{}` is in `{other}`: write `apiVersion: {other}`", object.kind);
        return report_at_key(context, finding.help(help), node, "apiVersion");
    }
    let removed =
        REMOVED.iter().find(|removed| removed.kind == object.kind && removed.group == object.group());
    if let Some(removed) = removed {
        return report_at_key(context, finding.help(removed.instead), node, "kind");
    }
    // A kind of this very name was looked for above; what is alike may be misspelt.
    let table = context.table();
    let kinds = table.kinds.iter().map(|kind| table.name(kind.kind)).filter(|kind| *kind != object.kind);
    let finding = finding.did_you_mean(&object.kind, kinds).help(format!(
        "if it is a custom resource, give its CRD with `--crds DIR`, or let it pass unchecked with \
         `--allow-unknown-kinds {}`",
        group_and_kind(context)
    ));
    report_at_key(context, finding, node, "kind");
}

/// A kind that Kubernetes had before all versions that the table knows.
struct Removed {
    kind: &'static str,
    group: &'static str,
    /// What to do instead.
    instead: &'static str,
}

const REMOVED: &[Removed] = &[
    Removed {
        kind: "PodSecurityPolicy",
        group: "policy",
        instead: "Kubernetes 1.25 has removed it: label the namespace \
                  `pod-security.kubernetes.io/enforce: restricted` or `baseline`",
    },
    Removed {
        kind: "PodPreset",
        group: "settings.k8s.io",
        instead: "Kubernetes 1.20 has removed it: write the settings into the pods, or let an admission webhook do it",
    },
];

/// Whether a group has a domain of its own: it may well have a `Service` that is not Kubernetes' own.
fn is_foreign(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// The API version to write for an object's kind: one that every version serves, stable if there is one.
fn served_api_version<'c>(context: &Context<'c>) -> Option<&'c str> {
    let table = context.table();
    let known = table.versions_of(&context.object.kind);
    let served = known.filter(|known| context.versions.lacking(known.availability).is_empty());
    served.map(|known| table.name(known.api_version)).max_by_key(|name| stability(name))
}

/// What `--allow-unknown-kinds` calls the object's kind: `group/Kind`, or `Kind` in the core group.
fn group_and_kind(context: &Context<'_>) -> String {
    match context.object.group() {
        "" => context.object.kind.clone(),
        group => format!("{group}/{}", context.object.kind),
    }
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Reports a finding at the value of a key of the whole object.
fn report_at_key(context: &Context<'_>, finding: Diagnostic, node: &Node, key: &str) {
    let Some(entry) = node.as_map().and_then(|map| map.get(key)) else { return };
    context.report(finding, Location::value(&entry.node), &PathStack::ROOT.key(key, entry.key_span));
}
