//! Pods and their containers.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::quantity::quantity_nanos;
use crate::kube::string_formats::is_qualified_name;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, is_absent, scalar_text};
use crate::yaml::Node;

/// The text under a key of a map; none where the server sees none.
fn text_at<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).filter(|node| !is_absent(node)).and_then(scalar_text)
}

/// The items under a key of a map.
fn items_at<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or(&[])
}

/// The pod's spec that an object is in.
fn pod_spec<'s>(place: &'s Place<'_>) -> Option<&'s Place<'s>> {
    place.chain().find(|place| place.key() == Some("spec") && place.node.get("containers").is_some())
}

/// Containers and init containers have different names: `validateInitContainers`.
pub(in crate::kube::validate) fn container_names(place: Place<'_>, fact: &Fact) {
    let names: BTreeSet<&str> =
        place.items("containers").iter().filter_map(|container| text_at(container, "name")).collect();
    for (index, container) in place.items("initContainers").iter().enumerate() {
        if let Some(name) = text_at(container, "name").filter(|name| names.contains(name)) {
            let message = format!("`initContainers[{index}]` has the name of a container, `{name}`");
            let finding = finding(Code::K006, message).help("give one of them another name");
            place.report_item(fact, "initContainers", index, "name", finding);
        }
    }
}

/// A port of the node is taken once: `checkHostPortConflicts`. Init containers run one after the other.
pub(in crate::kube::validate) fn host_ports(place: Place<'_>, fact: &Fact) {
    // On the node's network, the API server writes the ports of a Pod's containers in.
    let filled_in = place.is_true("hostNetwork") && &*place.context.object.kind == "Pod";
    let mut taken: BTreeMap<[&str; 3], [usize; 2]> = BTreeMap::new();
    for (list, is_init) in [("containers", false), ("initContainers", true)] {
        for (index, container) in place.items(list).iter().enumerate() {
            if is_init {
                taken.clear();
            }
            for (port_index, port) in items_at(container, "ports").iter().enumerate() {
                let written = text_at(port, "hostPort").filter(|port| *port != "0");
                let implied = text_at(port, "containerPort").filter(|_| filled_in);
                let Some(number) = written.or(implied) else { continue };
                let protocol = text_at(port, "protocol").unwrap_or("TCP");
                let key = [protocol, text_at(port, "hostIP").unwrap_or(""), number];
                let Some([first, first_port]) = taken.get(&key) else {
                    taken.insert(key, [index, port_index]);
                    continue;
                };
                let message = format!(
                    "the port {number} of the node is that of `{list}[{first}].ports[{first_port}]` too"
                );
                let steps = [
                    Step::Key(list),
                    Step::Index(index),
                    Step::Key("ports"),
                    Step::Index(port_index),
                    Step::Key("hostPort"),
                ];
                let finding = finding(Code::K006, message).help("take another port");
                place.report_below(fact, &steps, finding);
            }
        }
    }
}

/// On the node's network, a container's port is the node's: `validatePodHostNetworkDeps`.
pub(in crate::kube::validate) fn host_network_ports(place: Place<'_>, fact: &Fact) {
    if !place.is_true("hostNetwork") {
        return;
    }
    for (index, container) in place.items("containers").iter().enumerate() {
        for (port_index, port) in items_at(container, "ports").iter().enumerate() {
            let host_port = text_at(port, "hostPort").filter(|port| *port != "0");
            let container_port = text_at(port, "containerPort");
            if host_port.is_some() && container_port.is_some() && host_port != container_port {
                let message = "`hostPort` must be the same as `containerPort` where `hostNetwork` is `true`";
                let steps = [
                    Step::Key("containers"),
                    Step::Index(index),
                    Step::Key("ports"),
                    Step::Index(port_index),
                    Step::Key("hostPort"),
                ];
                let finding = finding(Code::K015, message).help("leave `hostPort` out");
                place.report_below(fact, &steps, finding);
            }
        }
    }
}

/// Containers of Windows that are processes of the node are so all of them, and on its network:
/// `validateWindowsHostProcessPod`.
pub(in crate::kube::validate) fn host_processes(place: Place<'_>, fact: &Fact) {
    let flag = |node: &Node| {
        let options = node.get("securityContext")?.get("windowsOptions")?;
        Some(text_at(options, "hostProcess")? == "true")
    };
    let of_pod = flag(place.node);
    let mut processes = 0;
    let mut containers = 0;
    for list in ["initContainers", "containers"] {
        for (index, container) in place.items(list).iter().enumerate() {
            let of_container = flag(container);
            containers += 1;
            processes += usize::from(of_container.or(of_pod) == Some(true));
            if of_pod.is_some() && of_container.is_some() && of_pod != of_container {
                let steps = [
                    Step::Key(list),
                    Step::Index(index),
                    Step::Key("securityContext"),
                    Step::Key("windowsOptions"),
                    Step::Key("hostProcess"),
                ];
                let finding = finding(Code::K015, "`hostProcess` must be the same as that of the pod");
                place.report_below(fact, &steps, finding.help("set it in one place"));
            }
        }
    }
    if processes == 0 {
        return;
    }
    if processes != containers {
        let message = "of containers that are processes of the node, all have to be";
        place.report(fact, "", finding(Code::K015, message).help("set `hostProcess` for the pod"));
    }
    if !place.is_true("hostNetwork") {
        let message = "`hostNetwork` must be `true` where containers are processes of the node";
        place.report(fact, "hostNetwork", finding(Code::K015, message).help("add `hostNetwork: true`"));
    }
}

/// All search domains together have 2048 characters at most, with a blank between them: `validatePodDNSConfig`.
pub(in crate::kube::validate) fn dns_searches(place: Place<'_>, fact: &Fact) {
    let searches = place.items("searches");
    let length: usize = searches.iter().filter_map(scalar_text).map(|text| text.len() + 1).sum();
    if length > 2049 {
        let message = format!("`searches` have {} characters, and may have 2048", length - 1);
        place.report(fact, "searches", finding(Code::K014, message).help("remove some"));
    }
}

/// What a toleration's operator asks of its value: `ValidateTolerations`. The findings are of the operator, as it is
/// there where a value is not.
pub(in crate::kube::validate) fn toleration(place: Place<'_>, fact: &Fact) {
    let operator = place.text("operator");
    if let Some("Gt" | "Lt") = operator {
        if place.text("value").is_none_or(|value| value.parse::<i64>().is_err()) {
            let message = "`operator` compares numbers, and takes an integer for `value`";
            place.report(fact, "value", finding(Code::K015, message).help("write one, in quotes"));
        }
        return;
    }
    let Some(value) = place.text("value") else { return };
    let (message, help) = match operator {
        Some("Exists") => {
            ("`operator` is `Exists`, and takes no `value`", "remove `value`, or write `Equal`")
        }
        Some("Equal") | None if !is_label_value(value) => (
            "`operator` is `Equal`, and takes a `value` that a label can have",
            "write at most 63 letters, digits, `-`, `_` and `.`",
        ),
        _ => return,
    };
    place.report(fact, "operator", finding(Code::K015, message).help(help));
}

fn is_label_value(text: &str) -> bool {
    text.is_empty() || (is_qualified_name(text) && !text.contains('/'))
}

/// What a container mounts is a volume of its pod, or made by a claim template of its StatefulSet: `IsMatchedVolume`.
/// The field is a list of mounts or of devices.
pub(in crate::kube::validate) fn volumes_of_pod(place: Place<'_>, fact: &Fact) {
    let items = place.items(fact.field());
    if items.is_empty() {
        return;
    }
    let own = pod_spec(&place).map_or(&[][..], |spec| spec.items("volumes"));
    let set = place.chain().find(|place| place.field("volumeClaimTemplates").is_some());
    let claims = set.map_or(&[][..], |set| set.items("volumeClaimTemplates"));
    let of_claims = claims.iter().filter_map(|claim| text_at(claim.get("metadata")?, "name"));
    // A set: a pod may have as many mounts as volumes, and a great many of both.
    let known: BTreeSet<&str> =
        own.iter().filter_map(|volume| text_at(volume, "name")).chain(of_claims).collect();
    for (index, item) in items.iter().enumerate() {
        let Some(name) = text_at(item, "name").filter(|name| !known.contains(name)) else { continue };
        let finding = finding(Code::K016, format!("the pod has no volume `{name}`"))
            .did_you_mean(name, known.iter().copied())
            .help("add it to the pod's `volumes`, or remove the mount");
        place.report_item(fact, fact.field(), index, "name", finding);
    }
}

/// A volume is mounted as files or as a device, and an image has no sub-paths: `ValidateVolumeMounts`,
/// `ValidateVolumeDevices`.
pub(in crate::kube::validate) fn mounts_and_devices(place: Place<'_>, fact: &Fact) {
    let mounts = place.items("volumeMounts");
    let is_set = |node: &Node, key: &str| node.get(key).is_some_and(|node| !is_absent(node));
    let volumes = pod_spec(&place).map_or(&[][..], |spec| spec.items("volumes"));
    let volumes_with = |sources: &[&str]| -> BTreeSet<&str> {
        let has_one = |volume: &&Node| sources.iter().any(|source| is_set(volume, source));
        volumes.iter().filter(has_one).filter_map(|volume| text_at(volume, "name")).collect()
    };
    let has_sub_path = |mount: &Node| is_set(mount, "subPath") || is_set(mount, "subPathExpr");
    if mounts.iter().any(has_sub_path) {
        let images = volumes_with(&["image"]);
        for (index, mount) in mounts.iter().enumerate() {
            if !text_at(mount, "name").is_some_and(|name| images.contains(name)) {
                continue;
            }
            for field in ["subPath", "subPathExpr"].into_iter().filter(|field| is_set(mount, field)) {
                let finding =
                    finding(Code::K015, format!("`{field}` cannot be set for a volume of an image"));
                place.report_item(fact, "volumeMounts", index, field, finding.help("mount the whole image"));
            }
        }
    }
    let devices = place.items("volumeDevices");
    if devices.is_empty() {
        return;
    }
    let by = |field: &str| -> BTreeMap<&str, usize> {
        let found =
            mounts.iter().enumerate().filter_map(|(index, mount)| Some((text_at(mount, field)?, index)));
        found.collect()
    };
    let (by_name, by_path) = (by("name"), by("mountPath"));
    let claims = volumes_with(&["persistentVolumeClaim", "ephemeral"]);
    let own: BTreeSet<&str> = volumes.iter().filter_map(|volume| text_at(volume, "name")).collect();
    for (index, device) in devices.iter().enumerate() {
        let name = text_at(device, "name").unwrap_or("");
        if let Some(at) = by_name.get(name) {
            let message = format!("`volumeDevices[{index}]` is the volume of `volumeMounts[{at}]` too");
            let finding = finding(Code::K015, message).help("use it as files or as a device");
            place.report_item(fact, "volumeDevices", index, "name", finding);
        } else if own.contains(name) && !claims.contains(name) {
            let message = format!("`volumeDevices[{index}]` is not a claim of a volume");
            let finding = finding(Code::K015, message)
                .help("name a volume with `persistentVolumeClaim` or `ephemeral`, or mount it");
            place.report_item(fact, "volumeDevices", index, "name", finding);
        }
        if let Some(at) = text_at(device, "devicePath").and_then(|path| by_path.get(path)) {
            let message = format!("`volumeDevices[{index}]` has the path of `volumeMounts[{at}]`");
            let finding = finding(Code::K015, message).help("choose another path");
            place.report_item(fact, "volumeDevices", index, "devicePath", finding);
        }
    }
}

/// The fields of a pod that its containers may ask for, in variables and in files.
const FIELDS_OF_VARIABLES: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
const FIELDS_OF_FILES: &[&str] =
    &["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"];

/// A field of the pod: `validateObjectFieldSelector`.
pub(in crate::kube::validate) fn field_path(place: Place<'_>, fact: &Fact) {
    if place.text("apiVersion").is_some_and(|version| version != "v1") {
        let finding = finding(Code::K004, "`apiVersion` must be `v1`").help("leave it out");
        return place.report(fact, "apiVersion", finding);
    }
    let Some(path) = place.text("fieldPath") else {
        let message = "`fieldPath` is missing";
        return place.report(fact, "fieldPath", finding(Code::K002, message).help("name a field of the pod"));
    };
    let in_files = place.chain().any(|place| place.key() == Some("volumes"));
    let allowed = if in_files { FIELDS_OF_FILES } else { FIELDS_OF_VARIABLES };
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let lower = key.to_ascii_lowercase();
        let fits = match map {
            "metadata.labels" => is_qualified_name(key),
            "metadata.annotations" => is_qualified_name(&lower),
            _ => false,
        };
        if fits {
            return;
        }
    } else if allowed.contains(&path) || (path == "spec.host" && !in_files) {
        return;
    }
    let listed: Vec<String> = allowed.iter().map(|field| format!("`{field}`")).collect();
    let finding = finding(Code::K004, format!("`fieldPath` cannot be `{path}`"))
        .did_you_mean(path, allowed.iter().copied())
        .help(format!("the allowed values are {}, and `metadata.labels['KEY']`", listed.join(", ")));
    place.report(fact, "fieldPath", finding);
}

/// A resource of a container, and what it is divided by: `validateContainerResourceFieldSelector`.
pub(in crate::kube::validate) fn resource_field(place: Place<'_>, fact: &Fact) {
    let Some(resource) = place.text("resource") else { return };
    let name = resource.strip_prefix("limits.").or(resource.strip_prefix("requests."));
    let is_page = |name: &str| name.starts_with("hugepages-");
    let known = name.filter(|name| ["cpu", "memory", "ephemeral-storage"].contains(name) || is_page(name));
    let Some(name) = known else {
        let finding = finding(Code::K004, format!("`resource` cannot be `{resource}`"))
            .help("write `limits.` or `requests.` and `cpu`, `memory`, `ephemeral-storage` or `hugepages-…`");
        return place.report(fact, "resource", finding);
    };
    let Some(divisor) = place.text("divisor").and_then(quantity_nanos).filter(|divisor| *divisor != 0) else {
        return;
    };
    let allowed: &[&str] = match name {
        "cpu" => &["1m", "1"],
        _ => &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
    };
    if !allowed.iter().any(|text| quantity_nanos(text) == Some(divisor)) {
        let listed: Vec<String> = allowed.iter().map(|text| format!("`{text}`")).collect();
        let finding = finding(Code::K004, format!("`divisor` cannot be that of `{resource}`"));
        place.report(fact, "divisor", finding.help(format!("the allowed values are {}", listed.join(", "))));
    }
}

/// A pause before the end is no longer than the time until the end: `validateSleepAction`.
pub(in crate::kube::validate) fn sleep(place: Place<'_>, fact: &Fact) {
    let Some(seconds) = place.integer("seconds") else { return };
    let of_pod = pod_spec(&place).and_then(|spec| spec.integer("terminationGracePeriodSeconds"));
    let grace = of_pod.unwrap_or(30);
    if seconds < 0 || seconds > grace {
        let message =
            format!("`seconds` must be from 0 to {grace}, the pod's `terminationGracePeriodSeconds`");
        place.report(fact, "", finding(Code::K014, message).help("wait less, or lengthen the pod's time"));
    }
}

/// A setting of the kernel belongs to the pod only where its namespace does: `ValidateHostSysctl`.
pub(in crate::kube::validate) fn host_sysctl(place: Place<'_>, fact: &Fact) {
    let Some(name) = place.text("name").map(|name| name.replace('/', ".")) else { return };
    let Some(spec) = pod_spec(&place) else { return };
    let of_ipc = |name: &str| {
        name == "kernel.sem"
            || ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|start| name.starts_with(start))
    };
    let field = if name.starts_with("net.") {
        "hostNetwork"
    } else if of_ipc(&name) {
        "hostIPC"
    } else {
        return;
    };
    if spec.is_true(field) {
        let message = format!("`{name}` is a setting of the node where `{field}` is `true`");
        place.report(fact, "name", finding(Code::K015, message).help(format!("remove it, or `{field}`")));
    }
}

/// A process that may not gain rights does not start with all of them: `ValidateSecurityContext`.
pub(in crate::kube::validate) fn privilege_escalation(place: Place<'_>, fact: &Fact) {
    if place.text("allowPrivilegeEscalation") != Some("false") {
        return;
    }
    let added = place.at(&["capabilities", "add"]).and_then(Node::as_list).unwrap_or(&[]);
    let other = if place.is_true("privileged") {
        "`privileged` is `true`"
    } else if added.iter().any(|item| scalar_text(item) == Some("CAP_SYS_ADMIN")) {
        "`CAP_SYS_ADMIN` is added"
    } else {
        return;
    };
    let message = format!("`allowPrivilegeEscalation` cannot be `false` where {other}");
    place.report(fact, "", finding(Code::K015, message).help("remove one of them"));
}

/// A profile of the node has a path, be it an empty one: `validateSeccompProfileField`.
pub(in crate::kube::validate) fn localhost_profile(place: Place<'_>, fact: &Fact) {
    if place.node.get("localhostProfile").is_none_or(Node::is_null) {
        let message = "`localhostProfile` is missing where `type` is `Localhost`";
        let help = "add it: the path of a profile on the node";
        place.report(fact, "localhostProfile", finding(Code::K002, message).help(help));
    }
}

const SECCOMP_OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_OF_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APPARMOR_OF_CONTAINER: &str = "container.apparmor.security.beta.kubernetes.io/";
const MIRROR: &str = "kubernetes.io/config.mirror";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Annotations of pods that Kubernetes reads itself: `ValidatePodSpecificAnnotations`. The object is a Pod, or the
/// template of one.
pub(in crate::kube::validate) fn pod_annotations(place: Place<'_>, fact: &Fact) {
    let Some(annotations) = place.at(&["metadata", "annotations"]).and_then(Node::as_map) else { return };
    for (key, entry) in annotations {
        let value = scalar_text(&entry.node).unwrap_or("");
        let finding = if &**key == MIRROR {
            mirror(place)
        } else if &**key == DELETION_COST {
            deletion_cost(value)
        } else if &**key == SECCOMP_OF_POD || key.starts_with(SECCOMP_OF_CONTAINER) {
            seccomp(value)
        } else if let Some(name) = key.strip_prefix(APPARMOR_OF_CONTAINER) {
            apparmor(place, name, value)
        } else {
            None
        };
        if let Some(finding) = finding {
            place.report_below(
                fact,
                &[Step::Key("metadata"), Step::Key("annotations"), Step::Key(key)],
                finding,
            );
        }
    }
}

/// A profile that is written as an annotation and as a field is the same in both:
/// `validateSeccompAnnotationsAndFields`, `validateAppArmorAnnotationsAndFieldsMatchOnCreate`.
pub(in crate::kube::validate) fn annotated_profiles(place: Place<'_>, fact: &Fact) {
    let Some(annotations) = place.at(&["metadata", "annotations"]).and_then(Node::as_map) else { return };
    let Some(spec) = place.at(&["spec"]) else { return };
    if !annotations
        .keys()
        .any(|key| key.contains("seccomp.security.") || key.starts_with(APPARMOR_OF_CONTAINER))
    {
        return;
    }
    let annotation = |key: &str| annotations.get(key).and_then(|entry| scalar_text(&entry.node));
    let of_pod = spec.get("securityContext");
    if let Some(value) = annotation(SECCOMP_OF_POD) {
        hold_profile(
            place,
            fact,
            of_pod.and_then(|context| context.get("seccompProfile")),
            value,
            &[Step::Key("spec"), Step::Key("securityContext"), Step::Key("seccompProfile")],
        );
    }
    let is_windows = spec.get("os").and_then(|os| text_at(os, "name")) == Some("windows");
    for list in ["containers", "initContainers"] {
        for (index, container) in items_at(spec, list).iter().enumerate() {
            let name = text_at(container, "name").unwrap_or("");
            let context = container.get("securityContext");
            for (start, field) in
                [(SECCOMP_OF_CONTAINER, "seccompProfile"), (APPARMOR_OF_CONTAINER, "appArmorProfile")]
            {
                let is_app_armor = field == "appArmorProfile";
                let own = context.and_then(|context| context.get(field));
                // The pod's own profile counts for containers without one.
                let inherited = of_pod.and_then(|context| context.get(field)).filter(|_| is_app_armor);
                let Some(value) = annotation(&format!("{start}{name}")) else { continue };
                if is_app_armor && is_windows {
                    continue;
                }
                let steps = [
                    Step::Key("spec"),
                    Step::Key(list),
                    Step::Index(index),
                    Step::Key("securityContext"),
                    Step::Key(field),
                ];
                hold_profile(place, fact, own.or(inherited), value, &steps);
            }
        }
    }
}

/// Holds a profile against its annotation.
fn hold_profile(place: Place<'_>, fact: &Fact, profile: Option<&Node>, value: &str, steps: &[Step<'_>]) {
    let Some(profile) = profile else { return };
    let fits = match text_at(profile, "type") {
        Some("Unconfined") => value == "unconfined",
        Some("RuntimeDefault") => value == "runtime/default" || value == "docker/default",
        Some("Localhost") => value.strip_prefix("localhost/") == text_at(profile, "localhostProfile"),
        _ => true,
    };
    if !fits {
        let mut steps = steps.to_vec();
        steps.push(Step::Key("type"));
        let finding = finding(Code::K015, "the profile is another one in the annotations of the pod");
        place.report_below(
            fact,
            &steps,
            finding.help("remove the annotation, which is an older way to say it"),
        );
    }
}

fn mirror(place: Place<'_>) -> Option<Diagnostic> {
    let has_node = place.at(&["spec", "nodeName"]).is_some();
    (!has_node).then(|| finding(Code::K015, "a mirror pod has a `nodeName`").help("remove the annotation"))
}

fn deletion_cost(value: &str) -> Option<Diagnostic> {
    // `strconv.ParseInt`, which takes no leading zeros here.
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let padded = unsigned.len() > 1 && unsigned.starts_with('0');
    let fits = !padded && !value.starts_with('+') && value.parse::<i32>().is_ok();
    (!fits).then(|| {
        finding(Code::K005, "the cost of a pod's deletion must be an integer of 32 bits")
            .help("write `\"100\"`")
    })
}

/// `ValidateSeccompProfile`.
fn seccomp(value: &str) -> Option<Diagnostic> {
    let is_local = value
        .strip_prefix("localhost/")
        .is_some_and(|path| !path.starts_with('/') && !path.split('/').any(|part| part == ".."));
    let fits = is_local || ["runtime/default", "docker/default", "unconfined"].contains(&value);
    (!fits).then(|| {
        finding(Code::K005, "this is not a seccomp profile")
            .help("set `seccompProfile` in the security context, and remove the annotation")
    })
}

/// `ValidateAppArmorPodAnnotations`.
fn apparmor(place: Place<'_>, container: &str, value: &str) -> Option<Diagnostic> {
    let spec = place.at(&["spec"])?;
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let mut names =
        lists.iter().flat_map(|list| items_at(spec, list)).filter_map(|node| text_at(node, "name"));
    if !names.any(|name| name == container) {
        let message = format!("no container is called `{container}`");
        return Some(finding(Code::K016, message).help("write the name of a container after the `/`"));
    }
    let fits = value.is_empty()
        || value == "runtime/default"
        || value == "unconfined"
        || value.starts_with("localhost/");
    (!fits).then(|| {
        finding(Code::K005, "this is not an AppArmor profile")
            .help("set `appArmorProfile` in the security context, and remove the annotation")
    })
}
