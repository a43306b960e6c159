//! What every object bears.

use crate::diagnostic::Code;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::forms::Form;
use crate::kube::validate::place::{Place, Step, finding, scalar_text};

/// How many bytes the keys and values of all annotations of an object may have.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// All annotations together have a limit: `ValidateAnnotationsSize`.
pub(in crate::kube::validate) fn annotations_size(place: Place<'_>, fact: &Fact) {
    let Some(map) = place.field("annotations").and_then(|node| node.as_map()) else { return };
    let size: usize =
        map.iter().map(|(key, entry)| key.len() + scalar_text(&entry.node).map_or(0, str::len)).sum();
    if size > ANNOTATIONS_LIMIT {
        let message = format!("`annotations` have {size} bytes, and may have {ANNOTATIONS_LIMIT}");
        let finding = finding(Code::K014, message).help("put large values into a ConfigMap");
        place.report(fact, "annotations", finding);
    }
}

/// Finalizers are of a domain, or those of Kubernetes itself, and two of those exclude each other:
/// `ValidateFinalizers`, `validateKubeFinalizerName`.
pub(in crate::kube::validate) fn finalizers(place: Place<'_>, fact: &Fact) {
    const STANDARD: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
    let finalizers = place.items("finalizers");
    for (index, item) in finalizers.iter().enumerate() {
        let Some(text) = scalar_text(item) else { continue };
        // The form is a fact of its own.
        let malformed = Form::QualifiedName.violation(text).is_some();
        if malformed || text.contains('/') || STANDARD.contains(&text) || place.context.custom {
            continue;
        }
        let message = format!("`finalizers[{index}]` has no domain");
        let finding =
            finding(Code::K005, message).help("write a domain and `/` before it: `example.com/name`");
        place.report_item(fact, "finalizers", index, "", finding);
    }
    let has = |name: &str| finalizers.iter().any(|item| scalar_text(item) == Some(name));
    if has("orphan") && has("foregroundDeletion") {
        let message = "`finalizers` cannot have both `orphan` and `foregroundDeletion`";
        place.report(fact, "finalizers", finding(Code::K015, message).help("keep one of them"));
    }
}

/// What names are generated from has their form, and may end with `-`: `ValidateObjectMeta`.
pub(in crate::kube::validate) fn generate_name(place: Place<'_>, fact: &Fact) {
    let is_metadata_of_object = place.path.nearest_key() == Some("metadata")
        && place.parent.is_some_and(|parent| parent.path.nearest_key().is_none());
    let object = place.context.object;
    // Names that are segments of a path have nearly any form.
    if !is_metadata_of_object || object.group() == "rbac.authorization.k8s.io" {
        return;
    }
    let Some(text) = place.text("generateName") else { return };
    if let Some(must_be) = Form::DnsSubdomainPrefix.violation(text) {
        let finding = finding(Code::K005, format!("`generateName` must be {must_be}"));
        place.report(fact, "generateName", finding.help(Form::DnsSubdomainPrefix.advice()));
    }
}

/// Only one owner controls an object: `ValidateOwnerReferences`.
pub(in crate::kube::validate) fn one_controller(place: Place<'_>, fact: &Fact) {
    let owners = place.items("ownerReferences");
    let mut controllers = owners
        .iter()
        .enumerate()
        .filter(|(_, owner)| owner.get("controller").and_then(scalar_text) == Some("true"));
    if let Some((first, _)) = controllers.next() {
        for (index, _) in controllers {
            let message =
                format!("`ownerReferences[{index}]` is a controller, and so is `ownerReferences[{first}]`");
            let finding =
                finding(Code::K015, message).help("an object has one controller: keep `controller` on one");
            place.report_item(fact, "ownerReferences", index, "controller", finding);
        }
    }
}

/// An owner has a group and a version, and is no Event: `validateOwnerReference`.
pub(in crate::kube::validate) fn owner(place: Place<'_>, fact: &Fact) {
    let Some(api_version) = place.text("apiVersion") else { return };
    // What has more than one `/` is of no group and of no version.
    let version = match api_version.split_once('/') {
        Some((_, version)) if !version.contains('/') => version,
        Some(_) => "",
        None => api_version,
    };
    if version.is_empty() {
        let finding = finding(Code::K005, "`apiVersion` has no version").help("write `v1` or `group/v1`");
        place.report(fact, "apiVersion", finding);
    } else if api_version == "v1" && place.text("kind") == Some("Event") {
        let finding = finding(Code::K004, "an Event cannot be an owner").help("name another owner");
        place.report_below(fact, &[Step::Key("kind")], finding);
    }
}
