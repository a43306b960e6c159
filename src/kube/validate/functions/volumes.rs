//! The volumes of pods.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::kube::string_formats::is_dns1123_subdomain;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, is_absent, scalar_text};
use crate::yaml::Node;

/// Fibre channel has targets or identifiers, and not both: `validateFCVolumeSource`.
pub(in crate::kube::validate) fn fibre_channel(place: Place<'_>, fact: &Fact) {
    let (targets, ids) = (place.field("targetWWNs").is_some(), place.field("wwids").is_some());
    if targets == ids {
        let message = if targets {
            "`targetWWNs` cannot stand beside `wwids`"
        } else {
            "one of `targetWWNs` and `wwids` is missing"
        };
        place.report(fact, "targetWWNs", finding(Code::K013, message).help("write one of them"));
    }
}

/// An initiator is called by the volume and the portal, in 64 characters: `validateVolumeSource`.
pub(in crate::kube::validate) fn initiator_portal(place: Place<'_>, fact: &Fact) {
    let portal = place.text("targetPortal").unwrap_or("");
    let name = place.parent.and_then(|volume| volume.text("name")).unwrap_or("");
    if place.field("initiatorName").is_some() && name.len() + 1 + portal.len() > 64 {
        let message =
            "`targetPortal` and the name of the volume are too long together: they may have 63 characters";
        place.report(
            fact,
            "targetPortal",
            finding(Code::K014, message).help("shorten the name of the volume"),
        );
    }
}

/// A disk that can be written is on one node, and so is what writes it: `ValidateReadOnlyPersistentDisks`.
pub(in crate::kube::validate) fn read_only_disk(place: Place<'_>, fact: &Fact) {
    if place.is_true("readOnly") {
        return;
    }
    let (kind, root) = (&*place.context.object.kind, place.root());
    let replicas = root.at(&["spec", "replicas"]).and_then(Node::as_i64);
    let is_many = match kind {
        "DaemonSet" => true,
        "Deployment" | "ReplicaSet" => replicas.is_some_and(|replicas| replicas > 1),
        _ => false,
    };
    if is_many {
        let message = "`readOnly` must be `true`, as more than one pod has the disk";
        place.report(fact, "readOnly", finding(Code::K015, message).help("add `readOnly: true`"));
    }
}

/// The options of a driver are not those of Kubernetes: `validateFlexVolumeSource`.
pub(in crate::kube::validate) fn flex_options(place: Place<'_>, fact: &Fact) {
    let Some(options) = place.field("options").and_then(Node::as_map) else { return };
    for key in options.keys() {
        let domain = format!(".{}", key.split('/').next().unwrap_or(key).to_ascii_lowercase());
        if domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io") {
            let finding = finding(Code::K005, format!("the option `{key}` is reserved for Kubernetes"));
            place.report_entry(fact, "options", key, true, finding.help("remove it"));
        }
    }
}

/// The address of a disk is one of its kind: `validateAzureDisk`.
pub(in crate::kube::validate) fn azure_disk(place: Place<'_>, fact: &Fact) {
    let (Some(kind), Some(address)) = (place.text("kind"), place.text("diskURI")) else { return };
    let start = if kind == "Managed" { "/subscriptions/" } else { "https://" };
    if !address.starts_with(start) {
        let message = format!("`diskURI` must begin with `{start}` where `kind` is `{kind}`");
        place.report(fact, "diskURI", finding(Code::K005, message).help("write the address of the disk"));
    }
}

/// The claim that is made for a volume of a pod has both names: `validateVolumeSource`.
pub(in crate::kube::validate) fn claim_of_pod(place: Place<'_>, fact: &Fact) {
    let Some(pod) = name_of_pod(&place) else { return };
    let Some(volume) = place.parent.filter(|volume| volume.key() == Some("volumes")) else { return };
    let Some(name) = volume.text("name") else { return };
    let claim = format!("{pod}-{name}");
    if !is_dns1123_subdomain(&claim) {
        let message = format!("the claim of the volume would be called `{claim}`, which is not a name");
        volume.report(fact, "name", finding(Code::K005, message).help("shorten it"));
    }
}

/// A claim that is made for a volume of a pod is not used by another one: `ValidateVolumes`.
pub(in crate::kube::validate) fn claim_of_ephemeral_volume(place: Place<'_>, fact: &Fact) {
    let (Some(pod), Some(claim)) = (name_of_pod(&place), place.text("claimName")) else { return };
    let Some(spec) = place.chain().find(|place| place.key() == Some("spec")) else { return };
    let made = |volume: &Node| {
        let name = volume.get("name").and_then(scalar_text).unwrap_or("");
        volume.get("ephemeral").is_some_and(|node| !is_absent(node)) && claim == format!("{pod}-{name}")
    };
    if spec.items("volumes").iter().any(made) {
        let message = format!("the claim `{claim}` is made for another volume of the pod");
        place.report(fact, "claimName", finding(Code::K015, message).help("mount that volume"));
    }
}

/// The name of the Pod that an object is in; none in a template.
fn name_of_pod<'p>(place: &Place<'p>) -> Option<&'p str> {
    let root = place.root();
    let is_pod = &*place.context.object.kind == "Pod";
    root.at(&["metadata", "name"]).and_then(scalar_text).filter(|_| is_pod)
}

/// No two files of a projected volume have one path: `validateProjectionSources`.
pub(in crate::kube::validate) fn projected_paths(place: Place<'_>, fact: &Fact) {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (index, source) in place.items("sources").iter().enumerate() {
        for (kind, is_list) in
            [("secret", true), ("configMap", true), ("downwardAPI", true), ("clusterTrustBundle", false)]
        {
            let Some(source) = source.get(kind) else { continue };
            let items = source.get("items").and_then(Node::as_list).unwrap_or(&[]);
            let files: Vec<(&str, Vec<Step<'_>>)> = if is_list {
                items
                    .iter()
                    .enumerate()
                    .filter_map(|(at, item)| {
                        let path = item.get("path").and_then(scalar_text)?;
                        Some((path, vec![Step::Key("items"), Step::Index(at), Step::Key("path")]))
                    })
                    .collect()
            } else {
                let path = source.get("path").and_then(scalar_text);
                path.into_iter().map(|path| (path, vec![Step::Key("path")])).collect()
            };
            for (path, below) in files {
                if path.is_empty() {
                    continue;
                }
                let here = format!("sources[{index}].{kind}");
                let Some(first) = seen.get(path) else {
                    seen.insert(path, here);
                    continue;
                };
                let finding = finding(Code::K006, format!("`{path}` is a file of `{first}` too"))
                    .help("give one of them another path");
                let mut steps = vec![Step::Key("sources"), Step::Index(index), Step::Key(kind)];
                steps.extend(below);
                place.report_below(fact, &steps, finding);
            }
        }
    }
}
