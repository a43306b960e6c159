//! The identity of an object: whether there is such a kind (K007), in every version (K008), and its name and namespace
//! (K005, K009).
//!
//! The first half asks the table about `apiVersion` and `kind`. Its help is worked out from the most certain to the
//! least: another API version of the same kind, a kind that is known to have been removed, a name that is nearly the
//! same, and last how to make the kind known (`--crds`) or let it pass (`--allow-unknown-kinds`).
//!
//! The second half holds `metadata.name` and `metadata.namespace` against the rules of the kind, which the API's
//! description does not have, and writes the target's namespace where there is none:
//!
//! | the kind is | the object says | the target says | |
//! |---|---|---|---|
//! | of the cluster | a namespace | | K009 |
//! | namespaced | nothing | `prod` | `prod` is written in |
//! | namespaced | `web` | `prod` | K009, unless `web` is one of the other namespaces |
//! | namespaced | `web` | nothing | it stays |

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Level, nearest, with_article};
use crate::kube::api::table::ObjectKind;
use crate::kube::api::{Api, is_built_in_group, list_minors, stability};
use crate::kube::context::Context;
use crate::kube::string_formats::{
    is_dns1035_label, is_dns1123_label, is_dns1123_subdomain, is_path_segment_name,
};
use crate::manifest::{Document, Identity, Location, group_of};
use crate::yaml::{Entry, Node, ValuePath};

// The kind.

/// Reports a kind that some of the versions do not have (K008).
pub(super) fn check_availability(context: &Context<'_>, kind: &ObjectKind, node: &Node) {
    let lacking = context.versions.lacking(kind.availability);
    if lacking.is_empty() {
        return;
    }
    let object = context.object;
    let message =
        format!("`{}` has no `{}` in Kubernetes {}", object.api_version, object.kind, list_minors(&lacking));
    // A kind of the same name in another group is another thing: an `Ingress` of some controller, say.
    let other = served_api_version(context, |group| group == object.group());
    let help = match other {
        Some(other) => format!("write `apiVersion: {other}`"),
        None => "leave it out, or render for other versions with `--kube-version`".to_owned(),
    };
    report_at(context, Diagnostic::error(Code::K008, message).help(help), node, &["apiVersion"]);
}

/// Reports a kind that the table does not have (K007), unless it is allowed or its definition could not be read.
///
/// An error in what a chart renders, and where the kind seems to be misspelt: without a type, no field of the object is
/// checked.
pub(super) fn check_unknown(context: &Context<'_>, node: &Node) {
    let target = context.target;
    let may_be_defined = is_foreign(context.object.group())
        && (target.kinds_unread || target.api.is_unread(context.object.group(), &context.object.kind));
    if may_be_defined || target.allow_unknown.contains(&group_and_kind(context)) {
        return;
    }
    let object = context.object;
    let message = format!("`{}` has no kind `{}` that is known", object.api_version, object.kind);
    let finding = Diagnostic::error(Code::K007, message);

    // A `Service` of Knative is not to be written as one of Kubernetes; an `Ingress` of `extensions/v1beta1` is.
    let foreign = is_foreign(object.group());
    let other = served_api_version(context, |group| !foreign || group == object.group());
    if let Some(other) = other {
        let help = format!("`{}` is in `{other}`: write `apiVersion: {other}`", object.kind);
        // An operator of another version may serve it: certain is what the run's own CRDs say.
        let is_certain = !foreign || !context.follows_server() || target.api.is_defined(other, &object.kind);
        let finding = match is_certain {
            true => finding,
            false => Diagnostic { level: Level::Warning, ..finding }.note("its fields are not checked"),
        };
        let finding = finding.help(help);
        // Helm without a cluster knows no kinds.
        let finding = match target.others_wrote {
            true => finding.help(format!(
                "where a template asks `.Capabilities.APIVersions`, `--api-versions {other}/{}` is the answer of a cluster",
                object.kind
            )),
            false => finding,
        };
        return report_at(context, finding, node, &["apiVersion"]);
    }
    let removed =
        REMOVED.iter().find(|removed| *removed.kind == *object.kind && removed.group == object.group());
    if let Some(removed) = removed {
        return report_at(context, finding.help(removed.instead), node, &["kind"]);
    }
    let table = context.table();
    let groups = table.versions_of(&object.kind).map(|kind| group_of(table.name(kind.api_version)));
    let near = nearest(object.group(), groups);
    if let Some(other) = near.and_then(|near| served_api_version(context, |group| group == near)) {
        let help = format!("did you mean `apiVersion: {other}`?");
        return report_at(context, finding.help(help), node, &["apiVersion"]);
    }
    // A kind of this very name was looked for above, and what is left is in a group that does not fit: to name it once
    // more would say "did you mean `Service`?" of a `Service`.
    let kinds = table.kinds.iter().map(|kind| table.name(kind.kind)).filter(|kind| **kind != *object.kind);
    let of_group = table.kinds.iter().filter(|kind| group_of(table.name(kind.api_version)) == object.group());
    // An `ApplicationSet` is no misspelt `Application`.
    let goes_on = |known: &&str| {
        let rest = object.kind.strip_prefix(*known).unwrap_or_default();
        rest.starts_with(|char: char| char.is_ascii_uppercase())
    };
    let of_group = of_group.map(|kind| table.name(kind.kind)).filter(|known| !goes_on(known));
    let is_misspelt = nearest(&object.kind, of_group).is_some();
    // To manifests that others wrote it is one more operator, and no mistake, unless its group has a kind of nearly this
    // name. What a chart renders has to be checked.
    let is_of_an_operator = context.follows_server() && !is_misspelt && foreign;
    let finding = match is_of_an_operator {
        true => Diagnostic { level: Level::Warning, ..finding }.note("its fields are not checked"),
        false => finding.did_you_mean(&object.kind, kinds),
    };
    let finding = finding.help(format!(
        "if it is a custom resource, give its CRD with `--crds PATH` (a file, a folder or `-`), or let it pass unchecked \
         with `--allow-unknown-kinds {}`",
        group_and_kind(context)
    ));
    report_at(context, finding, node, &["kind"]);
}

/// A kind that Kubernetes had before all versions that the table knows. The table cannot help with those, so the help
/// is written by hand.
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

/// Whether a group is of a domain, and none that the API server itself serves: its kinds are defined by CRDs, and there
/// may well be a `Service` that is not Kubernetes' own. Under `k8s.io` are both.
fn is_foreign(group: &str) -> bool {
    group.contains('.') && !is_built_in_group(group)
}

/// The API version to write for an object's kind: one that every version serves, stable if there is one, in a group that
/// will do.
fn served_api_version<'c>(context: &Context<'c>, will_do: impl Fn(&str) -> bool) -> Option<&'c str> {
    let table = context.table();
    let known = table
        .versions_of(&context.object.kind)
        .filter(|known| will_do(group_of(table.name(known.api_version))));
    let served = known.filter(|known| context.versions.lacking(known.availability).is_empty());
    served.map(|known| table.name(known.api_version)).max_by_key(|name| stability(name))
}

/// What `--allow-unknown-kinds` calls the object's kind: `group/Kind`, or `Kind` in the core group.
fn group_and_kind(context: &Context<'_>) -> String {
    match context.object.group() {
        "" => context.object.kind.to_string(),
        group => format!("{group}/{}", context.object.kind),
    }
}

/// Reports a finding at the value under these keys of the object.
fn report_at(context: &Context<'_>, finding: Diagnostic, node: &Node, keys: &[&str]) {
    let path = ValuePath::keys(keys);
    let location = Location::at_path(node, &path);
    if !context.is_substituted(finding.code, location) {
        let finding = context.label(finding, location, &path);
        context.note_refused(path, &finding);
        context.session.report(finding);
    }
}

// The name and the namespace.

/// Reports a `metadata.name` that the object's kind cannot have (K005).
pub(super) fn check_name(context: &Context<'_>, node: &Node) {
    let object = context.object;
    let rule = name_rule(context);
    // The beginning of a generated name is held against a rule of its own (`ObjectMeta.generateName`).
    if object.is_generated || (rule.fits)(&object.name) {
        return;
    }
    let message = format!("`{}` cannot be the name of {}", object.name, with_article(&object.kind));
    let help = format!("a name must be {}, with a letter or digit at both ends", rule.must_be);
    report_at(context, Diagnostic::error(Code::K005, message).help(help), node, &["metadata", "name"]);
}

/// What the name of an object must look like.
struct NameRule {
    fits: fn(&str) -> bool,
    /// The end of a sentence that begins with "a name must be".
    must_be: &'static str,
}

/// The rule for the names of a kind. Kubernetes has a function a kind for it (the one that is handed to
/// `ValidateObjectMeta`); those that are no DNS subdomains are listed here.
fn name_rule(context: &Context<'_>) -> NameRule {
    let object: &Identity = context.object;
    match &*object.kind {
        // Since 1.34 a Service is held to the wider of two rules where the gate `RelaxedServiceNameValidation` is on, and
        // which gates a cluster has is not known here.
        "Service" if &*object.api_version == "v1" && context.versions.minors().0 < RELAXED_SERVICE_NAMES => {
            NameRule {
                fits: is_dns1035_label,
                must_be: "lower-case letters, digits and `-`, at most 63 characters, a letter first (until 1.34)",
            }
        }
        "Service" | "Namespace" if &*object.api_version == "v1" => NameRule {
            fits: is_dns1123_label,
            must_be: "lower-case letters, digits and `-`, at most 63 characters",
        },
        "APIService" | "CertificateSigningRequest" | "ClusterTrustBundle" | "IPAddress" => PATH_SEGMENT,
        // Validation of budgets looks at their spec alone, and of old events at their namespace.
        "PodDisruptionBudget" if object.group() == "policy" => PATH_SEGMENT,
        "Event" if &*object.api_version == "v1" => PATH_SEGMENT,
        _ if object.group() == "rbac.authorization.k8s.io" => PATH_SEGMENT,
        _ => NameRule {
            fits: is_dns1123_subdomain,
            must_be: "lower-case letters, digits, `-` and `.`, at most 253 characters",
        },
    }
}

/// The first minor version with a gate that lets the name of a Service begin with a digit.
const RELAXED_SERVICE_NAMES: u8 = 34;

const PATH_SEGMENT: NameRule = NameRule { fits: is_path_segment_name, must_be: "without `/` and `%`" };

/// Writes the target's namespace into a namespaced object that has none, and reports one that does not fit (K009).
/// `namespace` is that of the document's identity; it is set as well.
pub(super) fn check_namespace(
    context: &Context<'_>,
    namespaced: bool,
    node: &mut Node,
    namespace: &mut Option<Arc<str>>,
) {
    let target = context.target;
    // Whether the kind has namespaces, the object's own, and the one that is rendered for.
    match (namespaced, namespace.as_deref(), &target.namespace) {
        // Two objects of one name that seem to differ, one in `a` and one in `b`, would be one object of the cluster.
        (false, Some(_), _) => {
            let kind = &context.object.kind;
            let message = format!("{} belongs to the whole cluster and has no namespace", with_article(kind));
            let finding = Diagnostic::error(Code::K009, message).help("remove `metadata.namespace`");
            // The API server drops it.
            let level = if context.follows_server() { Level::Warning } else { Level::Error };
            report_at(context, Diagnostic { level, ..finding }, node, &["metadata", "namespace"]);
            if context.follows_server() {
                *namespace = None;
            }
        }
        (true, None, Some(wanted)) => write_namespace(node, namespace, wanted),
        (true, Some(named), Some(wanted))
            if *named != **wanted && !target.other_namespaces.contains(named) =>
        {
            let message = format!("the namespace is `{named}` here, and `{wanted}` is rendered for");
            let help = format!("remove it, or render with `--namespace {named}`");
            let finding = Diagnostic::error(Code::K009, message).help(help);
            match target.others_wrote {
                false => report_at(context, finding, node, &["metadata", "namespace"]),
                true if may_be_meant(context, node, named) => {}
                true => {
                    let finding = Diagnostic { level: Level::Warning, ..finding };
                    report_at(context, finding, node, &["metadata", "namespace"]);
                }
            }
        }
        _ => {}
    }
    // Also of a namespace that was just written in: it may come from a flag.
    if let Some(name) = namespace.as_deref().filter(|name| namespaced && !is_dns1123_label(name)) {
        let message = format!("`{name}` cannot be the name of a namespace");
        let help = "a namespace is lower-case letters, digits and `-`, at most 63 characters, with a letter or digit at both ends";
        let finding = Diagnostic::error(Code::K009, message).help(help);
        report_at(context, finding, node, &["metadata", "namespace"]);
    }
}

/// Whether the author of a chart of Helm may want an object in another namespace: one of the system, or one that values say.
fn may_be_meant(context: &Context<'_>, node: &Node, namespace: &str) -> bool {
    let written = node.get("metadata").and_then(|metadata| metadata.get("namespace"));
    let origin = written.and_then(|written| context.session.origin(written.origin?));
    namespace.starts_with("kube-") || origin.is_some_and(|origin| !origin.inputs.is_empty())
}

/// Writes the namespace into a namespaced object that has none. Nothing is checked: this is for documents that are
/// compared as they are.
pub fn set_namespace(api: &Api, document: &mut Document, namespace: &str) {
    let namespaced = api.kind_of(&document.identity).is_some_and(|kind| kind.namespaced);
    if !namespaced || document.identity.namespace.is_some() {
        return;
    }
    write_namespace(&mut document.node, &mut document.identity.namespace, &Arc::from(namespace));
}

/// Puts the namespace behind the name of an object, and into its identity. The node has the span of the key `metadata`,
/// as it stands in no text of its own.
fn write_namespace(node: &mut Node, identity: &mut Option<Arc<str>>, namespace: &Arc<str>) {
    let Some(metadata) = node.as_map_mut().and_then(|map| map.get_mut("metadata")) else { return };
    *identity = Some(Arc::clone(namespace));
    let span = metadata.key_span;
    let Some(map) = metadata.node.as_map_mut() else { return };
    // An explicit null was reported already; an empty namespace means none.
    if map.get("namespace").is_some_and(|entry| entry.node.as_str() != Some("")) {
        return;
    }
    map.shift_remove("namespace");
    // Behind the name, where people write it. Every document has a name.
    let at = map.get_index_of("name").map_or(map.len(), |name| name + 1);
    let entry = Entry { key_span: span, node: Node::string(Arc::clone(namespace), span) };
    map.shift_insert(at, Arc::from("namespace"), entry);
}
