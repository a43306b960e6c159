//! Volumes of the cluster, claims and classes of storage.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Code;
use crate::kube::quantity::quantity_nanos;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, is_absent, scalar_text};
use crate::yaml::Node;

/// The access modes of volumes and claims: one pod alone, or others.
pub(in crate::kube::validate) fn access_modes(place: Place<'_>, fact: &Fact) {
    let modes: Vec<&str> = place.items("accessModes").iter().filter_map(scalar_text).collect();
    let alone = modes.contains(&"ReadWriteOncePod");
    let others = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"];
    if alone && modes.iter().any(|mode| others.contains(mode)) {
        let message = "`ReadWriteOncePod` cannot stand beside other access modes";
        place.report(fact, "accessModes", finding(Code::K015, message).help("keep it alone, or remove it"));
    }
}

/// The capacity in `ValidatePersistentVolumeSpec`: some storage, and nothing else.
pub(in crate::kube::validate) fn volume_capacity(place: Place<'_>, fact: &Fact) {
    let capacity = place.field("capacity").and_then(Node::as_map);
    let Some(storage) = capacity.and_then(|capacity| capacity.get("storage")) else {
        let finding = finding(Code::K002, "`capacity` must say how much `storage` there is");
        return place.report(fact, "capacity", finding.help("add `storage`, such as `10Gi`"));
    };
    if let Some(other) = capacity.and_then(|capacity| capacity.keys().find(|key| ***key != *"storage")) {
        let finding = finding(Code::K004, format!("a volume has no capacity of `{other}`"));
        return place.report_entry(fact, "capacity", other, true, finding.help("only `storage` is allowed"));
    }
    if !is_positive(&storage.node) {
        let finding = finding(Code::K014, "`storage` must be more than zero").help("write how much there is");
        place.report_entry(fact, "capacity", "storage", false, finding);
    }
}

/// Null is 0 to the server, and what is no quantity has been reported.
fn is_positive(node: &Node) -> bool {
    !node.is_null() && scalar_text(node).and_then(quantity_nanos).is_none_or(|amount| amount > 0)
}

/// The fields of a volume that say where it comes from, in the order in which the server looks at them.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

/// The sources in `ValidatePersistentVolumeSpec`: one.
pub(in crate::kube::validate) fn volume_source(place: Place<'_>, fact: &Fact) {
    let mut written = SOURCES.iter().copied().filter(|source| place.field(source).is_some());
    let Some(first) = written.next() else {
        let finding = finding(Code::K013, "the source of the volume is missing");
        return place.report(fact, "", finding.help("add one, such as `csi`, `nfs` or `local`"));
    };
    for other in written {
        let message = format!("`{other}` cannot stand beside `{first}`: a volume has one source");
        place.report(fact, other, finding(Code::K013, message).help("keep one of them"));
    }
}

/// `validateFlexPersistentVolumeSource`: what Kubernetes itself passes to a driver is not set by others.
pub(in crate::kube::validate) fn flex_volume_options(place: Place<'_>, fact: &Fact) {
    let Some(options) = place.field("options").and_then(Node::as_map) else { return };
    for key in options.keys() {
        let domain = key.split_once('/').map_or(&**key, |(domain, _)| domain).to_lowercase();
        let reserved = |suffix: &str| {
            domain.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if reserved("kubernetes.io") || reserved("k8s.io") {
            let finding = finding(Code::K005, format!("the option `{key}` is reserved"));
            place.report_entry(fact, "options", key, true, finding.help("use a domain of your own"));
        }
    }
}

/// The storage in `ValidatePersistentVolumeClaimSpec`.
pub(in crate::kube::validate) fn claim_storage(place: Place<'_>, fact: &Fact) {
    let steps = [Step::Key("resources"), Step::Key("requests"), Step::Key("storage")];
    // What is there and no map has been reported.
    let resources = place.field("resources");
    let requests = resources.and_then(|node| node.get("requests")).filter(|node| !is_absent(node));
    if resources.is_some_and(|node| node.as_map().is_none())
        || requests.is_some_and(|node| node.as_map().is_none())
    {
        return;
    }
    match requests.and_then(|requests| requests.get("storage")) {
        None => {
            let finding = finding(Code::K002, "`storage` is missing: a claim says how much it wants");
            place.report_below(fact, &steps, finding.help("add `resources.requests.storage`"));
        }
        Some(node) if !is_positive(node) => {
            let finding =
                finding(Code::K014, "`storage` must be more than zero").help("write how much is wanted");
            place.report_below(fact, &steps, finding);
        }
        Some(_) => {}
    }
}

/// `validateDataSource` and `validateDataSourceRef`, after what the server drops and fills in: alone, a `dataSource`
/// that is neither a claim nor a snapshot is no source at all (`EnforceDataSourceBackwardsCompatibility`).
pub(in crate::kube::validate) fn claim_data_source(place: Place<'_>, fact: &Fact) {
    let text = |field: &str, key: &str| place.at(&[field, key]).and_then(scalar_text).unwrap_or("");
    let group_and_kind = |field: &str| (text(field, "apiGroup"), text(field, "kind"));
    let reference = place.field("dataSourceRef");
    // A source in another namespace is dropped, unless a gate that is off by default is on.
    let crosses = !text("dataSourceRef", "namespace").is_empty();
    let by_reference = reference.is_some() && !crosses;
    let known = matches!(
        group_and_kind("dataSource"),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    );
    if place.field("dataSource").is_some() && (known || by_reference) {
        data_source(place, fact, "dataSource", group_and_kind("dataSource"));
    }
    if !by_reference {
        return;
    }
    data_source(place, fact, "dataSourceRef", group_and_kind("dataSourceRef"));
    if place.field("dataSource").is_some()
        && (group_and_kind("dataSource"), text("dataSource", "name"))
            != (group_and_kind("dataSourceRef"), text("dataSourceRef", "name"))
    {
        let message = "`dataSource` and `dataSourceRef` contradict each other";
        place.report(fact, "dataSource", finding(Code::K015, message).help("keep `dataSourceRef` alone"));
    }
}

fn data_source(place: Place<'_>, fact: &Fact, field: &str, (group, kind): (&str, &str)) {
    for key in ["kind", "name"] {
        let node = place.field(field).and_then(|node| node.get(key));
        if node.is_none_or(is_absent) {
            let finding =
                finding(Code::K002, format!("`{key}` is missing")).help("say what the data come from");
            place.report_below(fact, &[Step::Key(field), Step::Key(key)], finding);
        }
    }
    if group.is_empty() && !kind.is_empty() && kind != "PersistentVolumeClaim" {
        let message =
            format!("without `apiGroup`, the source is a `PersistentVolumeClaim`, and not a `{kind}`");
        place.report(fact, field, finding(Code::K004, message).help("add `apiGroup`"));
    } else if !group.is_empty() && !crate::kube::string_formats::is_dns1123_subdomain(group) {
        let finding =
            finding(Code::K005, "`apiGroup` must be the name of a group, such as `snapshot.storage.k8s.io`");
        place.report_below(
            fact,
            &[Step::Key(field), Step::Key("apiGroup")],
            finding.help("write it in lower case"),
        );
    }
}

/// `validateParameters` of classes.
pub(in crate::kube::validate) fn class_parameters(place: Place<'_>, fact: &Fact) {
    const MOST: usize = 512;
    const MOST_BYTES: usize = 256 * 1024;
    let Some(parameters) = place.field("parameters").and_then(Node::as_map) else { return };
    let count = parameters.keys().len();
    if count > MOST {
        let finding = finding(Code::K014, format!("there are {count} parameters, and may be {MOST}"));
        return place.report(fact, "parameters", finding.help("remove some"));
    }
    let mut bytes = 0;
    for (key, entry) in parameters {
        bytes += key.len() + scalar_text(&entry.node).map_or(0, str::len);
        if key.is_empty() {
            let finding = finding(Code::K005, "a parameter has no name").help("name it, or remove it");
            place.report(fact, "parameters", finding);
        }
    }
    if bytes > MOST_BYTES {
        let finding =
            finding(Code::K014, format!("the parameters have {bytes} bytes, and may have {MOST_BYTES}"));
        place.report(fact, "parameters", finding.help("shorten them"));
    }
}

/// `validateAllowedTopologies`: terms that say something, each something else.
pub(in crate::kube::validate) fn allowed_topologies(place: Place<'_>, fact: &Fact) {
    let mut terms: BTreeSet<BTreeMap<&str, BTreeSet<&str>>> = BTreeSet::new();
    // To the server, a term without expressions is the same as no term.
    terms.insert(BTreeMap::new());
    for (index, term) in place.items("allowedTopologies").iter().enumerate() {
        let steps = [Step::Key("allowedTopologies"), Step::Index(index), Step::Key("matchLabelExpressions")];
        let expressions = term.get("matchLabelExpressions").and_then(Node::as_list).unwrap_or(&[]);
        let mut by_key: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (at, expression) in expressions.iter().enumerate() {
            let Some(key) = expression.get("key").and_then(scalar_text) else { continue };
            let values = expression.get("values").and_then(Node::as_list).unwrap_or(&[]);
            if by_key.insert(key, values.iter().filter_map(scalar_text).collect()).is_some() {
                let message = format!("a second expression is about `{key}`");
                let finding = finding(Code::K006, message).help("write the values of both into one");
                let steps = [steps[0], steps[1], steps[2], Step::Index(at), Step::Key("key")];
                place.report_below(fact, &steps, finding);
            }
        }
        if !terms.insert(by_key) {
            let message =
                if expressions.is_empty() { "a term says nothing" } else { "two terms say the same" };
            place.report_below(fact, &steps, finding(Code::K006, message).help("remove one, or change it"));
        }
    }
}

/// `validateTokenRequests`: no two tokens for one audience; none of them is that of the API server.
pub(in crate::kube::validate) fn token_audiences(place: Place<'_>, fact: &Fact) {
    let mut audiences = BTreeSet::new();
    for (index, request) in place.items("tokenRequests").iter().enumerate() {
        if !audiences.insert(request.get("audience").and_then(scalar_text).unwrap_or("")) {
            let finding = finding(Code::K006, "two tokens are for one audience").help("remove one of them");
            place.report_item(fact, "tokenRequests", index, "audience", finding);
        }
    }
}
