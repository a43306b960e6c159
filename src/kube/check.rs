//! The strict check: a document against the API table, for every version that it must fit.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Api;
use super::api::maturity;
use super::metadata;
use super::table::Kind;
use super::trail::Trail;
use super::versions::{Versions, say};
use super::walk::Walk;
use super::written::AppliedText;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Document;
use crate::manifest::Location;
use crate::secrets;
use crate::session::Session;
use crate::yaml::{Entry, Node};

/// What the documents are checked for.
#[derive(Debug, Default)]
pub struct Target {
    /// The kinds that are known.
    pub api: Arc<Api>,
    /// The Kubernetes versions that every document must fit.
    pub versions: Versions,
    /// Written into every namespaced object that has none; none leaves them all alone.
    pub namespace: Option<String>,
    /// Other namespaces that objects may name.
    pub other_namespaces: BTreeSet<String>,
    /// What becomes of the documents' text.
    pub applied_text: AppliedText,
    /// Unknown kinds that pass unchecked, as `group/Kind` (`Kind` in the core group).
    pub allow_unknown: BTreeSet<String>,
    /// Whether definitions of custom resources could not be read: a kind with a group of its own may be among them.
    pub kinds_unread: bool,
}

/// Checks one document and reports every finding. Plain scalars become strings where only a string can be
/// meant, integers become decimal, and the namespace is written in.
pub fn check(session: &Session, target: &Target, document: &mut Document) {
    let table = &target.api.table;
    let Document { node, identity, .. } = document;
    secrets::hide_secret_content(session, &identity.kind, node);
    let kind = table.kind(&identity.api_version, &identity.kind).copied();
    let object = identity.clone();
    let custom = kind.is_some_and(|kind| kind.custom);
    let walk = Walk {
        session,
        api: &target.api,
        versions: target.versions,
        object: &object,
        custom,
        applied_text: target.applied_text,
    };
    match kind {
        Some(kind) => {
            check_life(&walk, &kind, node);
            let within = Walk { versions: walk.versions.within(kind.life), ..walk };
            within.node(kind.shape, node, &Trail::ROOT);
            metadata::check_name(&walk, node);
            metadata::settle_namespace(&walk, target, kind.namespaced, node, &mut identity.namespace);
        }
        None => {
            let unread = target.kinds_unread && is_foreign(object.group());
            if !unread && !target.allow_unknown.contains(&unknown_name(&walk)) {
                refuse_kind(&walk, node);
            }
            let metadata = node.as_map_mut().and_then(|map| map.get_mut("metadata"));
            if let Some(Entry { key_span, node }) = metadata {
                walk.node(table.metadata, node, &Trail::ROOT.key("metadata", *key_span));
            }
        }
    }
}

/// Reports a kind that some of the versions do not have (K008).
fn check_life(walk: &Walk<'_>, kind: &Kind, node: &Node) {
    let lacking = walk.versions.lacking(kind.life);
    if lacking.is_empty() {
        return;
    }
    let object = walk.object;
    let message =
        format!("`{}` has no `{}` in Kubernetes {}", object.api_version, object.kind, say(&lacking));
    let finding = Diagnostic::error(Code::K008, message);
    let other = served(walk).filter(|other| group(other) == object.group());
    let finding = match other {
        Some(other) => finding.help(format!("write `apiVersion: {other}`")),
        None => finding.help("leave it out, or render for other versions with `--kube-version`"),
    };
    report_at(walk, finding, node, "apiVersion");
}

/// Kinds that Kubernetes had before all versions that are known, their groups, and what to do instead.
const GONE: &[(&str, &str, &str)] = &[
    (
        "PodSecurityPolicy",
        "policy",
        "Kubernetes 1.25 has removed it: label the namespace `pod-security.kubernetes.io/enforce: restricted` or `baseline`",
    ),
    (
        "PodPreset",
        "settings.k8s.io",
        "Kubernetes 1.20 has removed it: write the settings into the pods, or let an admission webhook do it",
    ),
];

/// Reports a kind that nobody knows (K007), with what may have been meant.
fn refuse_kind(walk: &Walk<'_>, node: &Node) {
    let object = walk.object;
    let table = &walk.api.table;
    let message = format!("`{}` has no kind `{}` that is known", object.api_version, object.kind);
    let finding = Diagnostic::error(Code::K007, message);
    let foreign = is_foreign(object.group());
    if let Some(other) = served(walk).filter(|other| !foreign || group(other) == object.group()) {
        let finding = finding.help(format!("`{}` is in `{other}`: write `apiVersion: {other}`", object.kind));
        return report_at(walk, finding, node, "apiVersion");
    }
    if let Some((_, _, instead)) =
        GONE.iter().find(|(kind, group, _)| *kind == object.kind && *group == object.group())
    {
        return report_at(walk, finding.help(*instead), node, "kind");
    }
    let kinds = table.kinds.iter().map(|kind| table.name(kind.kind)).filter(|kind| *kind != object.kind);
    let finding = finding.did_you_mean(&object.kind, kinds);
    let finding = finding.help(format!(
        "if it is a custom resource, give its CRD with `--crds DIR`, or let it pass unchecked with \
         `--allow-unknown-kinds {}`",
        unknown_name(walk)
    ));
    report_at(walk, finding, node, "kind");
}

/// Whether a group has a domain of its own: it may well have a `Service` that is not Kubernetes' own.
fn is_foreign(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// The API version to write for an object's kind: one that every version serves, stable if there is one.
fn served<'w>(walk: &Walk<'w>) -> Option<&'w str> {
    let table = &walk.api.table;
    let known = table.versions_of(&walk.object.kind);
    let known = known.filter(|known| walk.versions.lacking(known.life).is_empty());
    let names = known.map(|known| table.name(known.api_version));
    names.max_by_key(|name| maturity(name))
}

/// What `--allow-unknown-kinds` calls the object's kind.
fn unknown_name(walk: &Walk<'_>) -> String {
    match walk.object.group() {
        "" => walk.object.kind.clone(),
        group => format!("{group}/{}", walk.object.kind),
    }
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn report_at(walk: &Walk<'_>, finding: Diagnostic, node: &Node, key: &str) {
    let Some(entry) = node.as_map().and_then(|map| map.get(key)) else { return };
    walk.report(finding, Location::value(&entry.node), &Trail::ROOT.key(key, entry.key_span));
}
