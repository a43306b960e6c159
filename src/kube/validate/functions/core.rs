//! ConfigMaps, Secrets, limits and quotas, namespaces, nodes and events.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::container_resources::{amount, is_extended, is_huge_page, is_of_containers, may_be_above_request};
use crate::diagnostic::Code;
use crate::kube::api::table::Format;
use crate::kube::quantity::quantity_nanos;
use crate::kube::string_formats;
use crate::kube::validate::addresses;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::forms::Form;
use crate::kube::validate::place::{Place, Step, finding, scalar_text};
use crate::yaml::{Map, Node};

/// `MaxSecretSize`, for ConfigMaps too.
const MOST_BYTES: usize = 1024 * 1024;

/// The entries of a field that is a map.
fn entries<'p>(place: Place<'p>, field: &str) -> Option<&'p Map> {
    place.field(field).and_then(Node::as_map)
}

/// How many bytes base64 stands for; line breaks in it are passed over.
fn decoded_length(text: &str) -> usize {
    let digits = text.bytes().filter(|byte| !b"\r\n=".contains(byte)).count();
    digits * 3 / 4
}

/// `ValidateConfigMap`.
pub(in crate::kube::validate) fn config_map(place: Place<'_>, fact: &Fact) {
    let data = entries(place, "data");
    let binary = entries(place, "binaryData");
    let mut bytes = 0;
    for (key, entry) in data.into_iter().flatten() {
        bytes += scalar_text(&entry.node).map_or(0, str::len);
        if binary.is_some_and(|binary| binary.contains_key(key)) {
            let message = format!("`{key}` stands in `data` and in `binaryData`");
            let finding = finding(Code::K006, message).help("keep one of them");
            place.report_entry(fact, "data", key, true, finding);
        }
    }
    for (_, entry) in binary.into_iter().flatten() {
        bytes += scalar_text(&entry.node).map_or(0, decoded_length);
    }
    if bytes > MOST_BYTES {
        let message = format!("the ConfigMap holds {bytes} bytes, and may hold {MOST_BYTES}");
        place.report(fact, "", finding(Code::K014, message).help("split it, or mount a volume instead"));
    }
}

/// `ValidateSecret`. What a Secret holds is never shown.
pub(in crate::kube::validate) fn secret(place: Place<'_>, fact: &Fact) {
    let data = entries(place, "data");
    let plain = entries(place, "stringData");
    // The server writes `stringData` over `data` before it looks.
    let length_of = |key: &str| match plain.and_then(|plain| plain.get(key)) {
        Some(entry) => Some(scalar_text(&entry.node).map_or(0, str::len)),
        None => {
            let entry = data.and_then(|data| data.get(key))?;
            Some(if entry.node.is_null() { 0 } else { scalar_text(&entry.node).map_or(0, decoded_length) })
        }
    };
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    for map in [data, plain].into_iter().flatten() {
        keys.extend(map.keys().map(|key| &**key));
    }
    let bytes: usize = keys.iter().filter_map(|key| length_of(key)).sum();
    if bytes > MOST_BYTES {
        let message = format!("the Secret holds {bytes} bytes, and may hold {MOST_BYTES}");
        let field = if data.is_some() { "data" } else { "stringData" };
        place.report(fact, field, finding(Code::K014, message).help("split it"));
    }
    let missing = |key: &str| {
        let of_type = place.text("type").unwrap_or("");
        let message = format!("a Secret of type `{of_type}` needs `{key}`");
        let finding = finding(Code::K002, message).help(format!("add `{key}`, or leave `type` out"));
        place.report_below(fact, &[Step::Key("data"), Step::Key(key)], finding);
    };
    match place.text("type") {
        Some("kubernetes.io/tls") => {
            ["tls.crt", "tls.key"].into_iter().filter(|key| length_of(key).is_none()).for_each(missing);
        }
        // The server wants one of them, and names both.
        Some("kubernetes.io/basic-auth")
            if length_of("username").is_none() && length_of("password").is_none() =>
        {
            missing("username");
        }
        Some("kubernetes.io/ssh-auth") if length_of("ssh-privatekey").unwrap_or(0) == 0 => {
            missing("ssh-privatekey");
        }
        Some("kubernetes.io/dockercfg") => docker_config(place, fact, ".dockercfg", data, plain, missing),
        Some("kubernetes.io/dockerconfigjson") => {
            docker_config(place, fact, ".dockerconfigjson", data, plain, missing);
        }
        Some("kubernetes.io/service-account-token") => {
            const NAME: &str = "kubernetes.io/service-account.name";
            if place.at(&["metadata", "annotations", NAME]).is_none() {
                let message = format!("the token of a service account needs the annotation `{NAME}`");
                let steps = [Step::Key("metadata"), Step::Key("annotations"), Step::Key(NAME)];
                place.report_below(
                    fact,
                    &steps,
                    finding(Code::K002, message).help("name the service account"),
                );
            }
        }
        _ => {}
    }
}

/// The credentials of registries are an object of JSON.
fn docker_config(
    place: Place<'_>,
    fact: &Fact,
    key: &str,
    data: Option<&Map>,
    plain: Option<&Map>,
    missing: impl Fn(&str),
) {
    let json = match (plain.and_then(|plain| plain.get(key)), data.and_then(|data| data.get(key))) {
        // Null is an empty text.
        (Some(entry), _) if entry.node.is_null() => None,
        (None, Some(entry)) if entry.node.is_null() => None,
        (Some(entry), _) => scalar_text(&entry.node).map(|text| text.as_bytes().to_vec()),
        (None, Some(entry)) => {
            let text: Option<String> = scalar_text(&entry.node)
                .map(|text| text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect());
            // What is no base64 has been reported.
            let Some(bytes) = text.and_then(|text| STANDARD.decode(text).ok()) else { return };
            Some(bytes)
        }
        (None, None) => return missing(key),
    };
    let parsed = json.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
    if !parsed.is_some_and(|value| value.is_object() || value.is_null()) {
        let finding = finding(Code::K005, format!("`{key}` must be an object in JSON"))
            .help("write what `docker login` writes to its configuration");
        let field = if plain.is_some_and(|plain| plain.contains_key(key)) { "stringData" } else { "data" };
        place.report_below(fact, &[Step::Key(field), Step::Key(key)], finding);
    }
}

/// Names that a resource may have without a domain: `IsStandardResourceName`.
const STANDARD_RESOURCES: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

/// What is counted in whole numbers: `integerResources`.
const COUNTED: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// What is wrong with the name of a resource: `validateResourceName`, and `validateContainerResourceName` for limits of
/// pods and containers.
pub(super) fn resource_violation(name: &str, of_containers: bool) -> Option<String> {
    if let Some(must_be) = string_formats::violation(Format::QualifiedName, name) {
        return Some(format!("the name of a resource must be {must_be}"));
    }
    let known = if of_containers {
        is_of_containers(name)
    } else {
        name.contains('/')
            || STANDARD_RESOURCES.contains(&name)
            || is_huge_page(name.strip_prefix("requests.").unwrap_or(name))
    };
    (!known).then(|| format!("there is no resource `{name}` here"))
}

/// The amounts of a map of resources. What is no quantity has been reported.
fn amounts(map: Option<&Map>) -> BTreeMap<&str, i128> {
    map.into_iter().flatten().filter_map(|(key, entry)| Some((&**key, amount(&entry.node)?))).collect()
}

/// The types in `ValidateLimitRange`: known ones, and each once.
pub(in crate::kube::validate) fn limit_range_types(place: Place<'_>, fact: &Fact) {
    let mut types = BTreeSet::new();
    for (index, item) in place.items("limits").iter().enumerate() {
        let Some(limit_type) = item.get("type").and_then(scalar_text) else { continue };
        let known = ["Pod", "Container", "PersistentVolumeClaim"].contains(&limit_type)
            || (limit_type.contains('/')
                && string_formats::violation(Format::QualifiedName, limit_type).is_none());
        if !known {
            let finding = finding(Code::K004, "`type` has a value that is not allowed")
                .did_you_mean(limit_type, ["Pod", "Container", "PersistentVolumeClaim"])
                .help("the allowed values are `Pod`, `Container`, `PersistentVolumeClaim`");
            place.report_item(fact, "limits", index, "type", finding);
        } else if !types.insert(limit_type) {
            let finding = finding(Code::K006, format!("a second entry is about `{limit_type}`"));
            place.report_item(
                fact,
                "limits",
                index,
                "type",
                finding.help("write the limits of both into one"),
            );
        }
    }
}

/// The rest of `ValidateLimitRange`, after the defaults of `SetDefaults_LimitRangeItem`.
pub(in crate::kube::validate) fn limit_range(place: Place<'_>, fact: &Fact) {
    let limit_type = place.text("type").unwrap_or("");
    let of_containers = matches!(limit_type, "Pod" | "Container");
    if limit_type == "Pod" {
        for field in ["default", "defaultRequest"] {
            if entries(place, field).is_some_and(|map| !map.is_empty()) {
                let finding = finding(Code::K015, format!("`{field}` cannot be set for pods"));
                place.report(fact, field, finding.help("set it for `type: Container`"));
            }
        }
    }
    let fields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
    for field in fields {
        if limit_type == "Pod" && field.starts_with("default") {
            continue;
        }
        for key in entries(place, field).into_iter().flat_map(Map::keys) {
            if let Some(message) = resource_violation(key, of_containers) {
                let finding = finding(Code::K017, message).help("write a resource such as `cpu` or `memory`");
                place.report_entry(fact, field, key, true, finding);
            }
        }
    }
    let written = |field: &str| amounts(entries(place, field));
    let [max, min, mut default, mut request, ratio] = fields.map(written);
    if limit_type == "Container" {
        for (field, with) in [(&mut default, &max)] {
            for (key, amount) in with {
                field.entry(key).or_insert(*amount);
            }
        }
        for with in [&default, &min] {
            for (key, amount) in with {
                request.entry(key).or_insert(*amount);
            }
        }
    }
    let storage_is_limited = ["min", "max"]
        .iter()
        .any(|field| entries(place, field).is_some_and(|map| map.contains_key("storage")));
    if limit_type == "PersistentVolumeClaim" && !storage_is_limited {
        let finding = finding(Code::K002, "`min` or `max` of `storage` is missing");
        place.report(fact, "", finding.help("add one of them, or remove the entry"));
    }
    let keys: BTreeSet<&str> =
        [&max, &min, &default, &request, &ratio].into_iter().flat_map(|map| map.keys().copied()).collect();
    for key in keys {
        let amounts = Amounts {
            max: max.get(key).copied(),
            min: min.get(key).copied(),
            default: default.get(key).copied(),
            request: request.get(key).copied(),
            ratio: ratio.get(key).copied(),
        };
        // One wrong amount contradicts several others: the first of these is named.
        if let Some((field, message)) = amounts.contradiction(key) {
            let finding =
                finding(Code::K015, format!("{message} for `{key}`")).help("change one of the two amounts");
            place.report_below(fact, &[Step::Key(field), Step::Key(key)], finding);
        }
    }
}

/// The amounts of one resource in a limit range, in billionths.
struct Amounts {
    max: Option<i128>,
    min: Option<i128>,
    default: Option<i128>,
    request: Option<i128>,
    ratio: Option<i128>,
}

impl Amounts {
    /// The field that contradicts another one, and how.
    fn contradiction(&self, key: &str) -> Option<(&'static str, &'static str)> {
        const ONE: i128 = 1_000_000_000;
        let above = |left: Option<i128>, right: Option<i128>| {
            left.zip(right).is_some_and(|(left, right)| left > right)
        };
        let overcommits = may_be_above_request(key);
        Some(if above(self.min, self.max) {
            ("min", "`min` is above `max`")
        } else if above(self.min, self.request) {
            ("defaultRequest", "`defaultRequest` is below `min`")
        } else if above(self.request, self.max) {
            ("defaultRequest", "`defaultRequest` is above `max`")
        } else if above(self.request, self.default) {
            ("defaultRequest", "`defaultRequest` is above `default`")
        } else if above(self.min, self.default) {
            ("default", "`default` is below `min`")
        } else if above(self.default, self.max) {
            ("default", "`default` is above `max`")
        } else if above(Some(ONE), self.ratio) {
            ("maxLimitRequestRatio", "`maxLimitRequestRatio` is below 1")
        } else if self.ratio_is_out_of_reach() {
            ("maxLimitRequestRatio", "`maxLimitRequestRatio` is above that of `max` and `min`")
        } else if !overcommits
            && self.default.zip(self.request).is_some_and(|(limit, request)| limit != request)
        {
            ("defaultRequest", "`default` and `defaultRequest` must be the same")
        } else {
            return None;
        })
    }

    /// Whether the ratio is above that of `max` and `min`. Where an amount is too large to multiply, it is not.
    fn ratio_is_out_of_reach(&self) -> bool {
        let (Some(ratio), Some(min), Some(max)) = (self.ratio, self.min, self.max) else { return false };
        let reach = max.checked_mul(1_000_000_000);
        min > 0 && ratio.checked_mul(min).zip(reach).is_some_and(|(wanted, reach)| wanted > reach)
    }
}

/// What a quota counts that is no resource of one pod: `IsStandardQuotaResourceName`.
fn is_standard_in_quotas(name: &str) -> bool {
    (STANDARD_RESOURCES.contains(&name) && name != "storage")
        || is_huge_page(name.strip_prefix("requests.").unwrap_or(name))
}

/// `ValidateResourceQuotaSpec`: names and amounts, and scopes that fit what is counted.
pub(in crate::kube::validate) fn resource_quota(place: Place<'_>, fact: &Fact) {
    let hard = entries(place, "hard");
    for (key, entry) in hard.into_iter().flatten() {
        let unknown = (!key.contains('/') && !is_standard_in_quotas(key))
            .then(|| format!("a quota cannot count `{key}`"));
        if let Some(message) = unknown.or_else(|| resource_violation(key, false)) {
            let finding = finding(Code::K017, message)
                .help("write one such as `requests.cpu`, `pods` or `count/jobs.batch`");
            place.report_entry(fact, "hard", key, true, finding);
        } else if (COUNTED.contains(&&**key) || is_extended(key))
            && scalar_text(&entry.node)
                .and_then(quantity_nanos)
                .is_some_and(|amount| amount % 1_000_000_000 != 0)
        {
            let finding = finding(Code::K014, format!("`{key}` must be a whole number"));
            place.report_entry(fact, "hard", key, false, finding.help("write an integer"));
        }
    }
    let scopes: Vec<&str> = place.items("scopes").iter().filter_map(scalar_text).collect();
    if let Some(message) = scope_violation(&scopes, hard) {
        place.report(fact, "scopes", finding(Code::K015, message).help("remove one of them"));
    }
}

/// `validateScopedResourceSelectorRequirement`, between its expressions and what is counted.
pub(in crate::kube::validate) fn quota_scope_selector(place: Place<'_>, fact: &Fact) {
    let expressions = place.at(&["scopeSelector", "matchExpressions"]).and_then(Node::as_list).unwrap_or(&[]);
    let scopes: Vec<&str> =
        expressions.iter().filter_map(|item| item.get("scopeName").and_then(scalar_text)).collect();
    if let Some(message) = scope_violation(&scopes, entries(place, "hard")) {
        let steps = [Step::Key("scopeSelector"), Step::Key("matchExpressions")];
        place.report_below(fact, &steps, finding(Code::K015, message).help("remove one of them"));
    }
}

/// What is wrong between scopes, or between them and the resources that are counted.
fn scope_violation(scopes: &[&str], hard: Option<&Map>) -> Option<String> {
    for (first, second) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if scopes.contains(&first) && scopes.contains(&second) {
            return Some(format!("`{first}` and `{second}` exclude each other"));
        }
    }
    for scope in scopes {
        let unfit = hard
            .into_iter()
            .flat_map(Map::keys)
            .find(|key| is_standard_in_quotas(key) && !is_counted_in_scope(scope, key));
        if let Some(key) = unfit {
            return Some(format!("`{key}` cannot be counted in the scope `{scope}`"));
        }
    }
    None
}

/// `IsResourceQuotaScopeValidForResource`.
fn is_counted_in_scope(scope: &str, resource: &str) -> bool {
    let computed = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"]
        .contains(&resource);
    match scope {
        "BestEffort" => resource == "pods",
        "Terminating"
        | "NotTerminating"
        | "NotBestEffort"
        | "PriorityClass"
        | "CrossNamespacePodAffinity" => resource == "pods" || computed,
        "VolumeAttributesClass" => ["persistentvolumeclaims", "requests.storage"].contains(&resource),
        _ => true,
    }
}

/// The labels of a namespace that say how secure its pods must be: the admission of pod security refuses what it does
/// not know.
pub(in crate::kube::validate) fn pod_security_labels(place: Place<'_>, fact: &Fact) {
    let labels = place.at(&["metadata", "labels"]).and_then(Node::as_map);
    for (key, entry) in labels.into_iter().flatten() {
        let Some(mode) = key.strip_prefix("pod-security.kubernetes.io/") else { continue };
        let text = scalar_text(&entry.node).unwrap_or("");
        // What is no value of a label has been reported.
        if string_formats::violation(Format::LabelValue, text).is_some() {
            continue;
        }
        let finding = match mode {
            "enforce" | "audit" | "warn" if !["privileged", "baseline", "restricted"].contains(&text) => {
                finding(Code::K004, format!("`{key}` has a value that is not allowed"))
                    .did_you_mean(text, ["privileged", "baseline", "restricted"])
                    .help("the allowed values are `privileged`, `baseline`, `restricted`")
            }
            "enforce-version" | "audit-version" | "warn-version" if !is_security_version(text) => {
                finding(Code::K005, format!("`{key}` must be `latest`, or a version such as `v1.34`"))
                    .help("write `latest`")
            }
            _ => continue,
        };
        let steps = [Step::Key("metadata"), Step::Key("labels"), Step::Key(key)];
        place.report_below(fact, &steps, finding);
    }
}

/// `latest`, or `v1.` and a number without a zero in front.
fn is_security_version(text: &str) -> bool {
    let minor = text.strip_prefix("v1.");
    text == "latest"
        || minor.is_some_and(|minor| {
            !minor.is_empty()
                && minor.bytes().all(|byte| byte.is_ascii_digit())
                && (minor == "0" || !minor.starts_with('0'))
        })
}

/// The blocks in `ValidateNode`. `podCIDR` counts before the list that it should begin.
pub(in crate::kube::validate) fn pod_cidrs(place: Place<'_>, fact: &Fact) {
    let listed = place.items("podCIDRs");
    let single = place.text("podCIDR");
    let text =
        |node: &Node| if node.is_null() { String::new() } else { scalar_text(node).unwrap_or("").to_owned() };
    let first = listed.first().map(text);
    if let Some(single) = single.filter(|single| first.as_deref().is_none_or(|first| first != *single)) {
        if let Some(must_be) = Form::Cidr.violation(single) {
            let finding = finding(Code::K005, format!("`podCIDR` must be {must_be}"));
            place.report(fact, "podCIDR", finding.help(Form::Cidr.advice()));
        }
        return;
    }
    let mut valid = true;
    let mut families = Vec::new();
    for (index, item) in listed.iter().enumerate() {
        let text = text(item);
        match addresses::parse_cidr(&text) {
            Some(block) => families.push(block.family()),
            None => {
                valid = false;
                let finding = finding(Code::K005, "an item must be a CIDR such as `10.0.0.0/8`");
                place.report_item(fact, "podCIDRs", index, "", finding.help(Form::Cidr.advice()));
            }
        }
    }
    let alike = matches!(families[..], [first, second] if first == second);
    if valid && (alike || families.len() > 2) {
        let finding =
            finding(Code::K015, "there is at most one block of each family").help("remove the others");
        place.report(fact, "podCIDRs", finding);
    }
}

/// `legacyValidateEvent`: the event stands in the namespace of what it is about.
pub(in crate::kube::validate) fn event_namespaces(place: Place<'_>, fact: &Fact) {
    let Some(own) = place.at(&["metadata", "namespace"]).and_then(scalar_text) else { return };
    let of_object = place.at(&["involvedObject", "namespace"]).and_then(scalar_text);
    let fits = match of_object {
        Some(namespace) => namespace == own,
        // What belongs to the whole cluster has its events there.
        None => own == "default",
    };
    if !fits {
        let finding = finding(Code::K015, "`involvedObject.namespace` must be the namespace of the event")
            .help(format!("write `{own}`"));
        place.report_below(fact, &[Step::Key("involvedObject"), Step::Key("namespace")], finding);
    }
}

/// `ValidateEventCreate` of `events.k8s.io/v1`.
pub(in crate::kube::validate) fn event_of_today(place: Place<'_>, fact: &Fact) {
    for field in ["reportingController", "reportingInstance", "action", "reason"] {
        match place.text(field) {
            None => {
                let finding =
                    finding(Code::K002, format!("`{field}` is missing")).help(format!("add `{field}`"));
                place.report(fact, field, finding);
            }
            Some(text) if text.len() > 128 && field != "reportingController" => {
                let message = format!("`{field}` has {} bytes, and may have 128", text.len());
                place.report(fact, field, finding(Code::K014, message).help("shorten it"));
            }
            Some(_) => {}
        }
    }
    if let Some(event_type) = place.text("type").filter(|text| !["Normal", "Warning"].contains(text)) {
        let finding = finding(Code::K004, "`type` has a value that is not allowed")
            .did_you_mean(event_type, ["Normal", "Warning"])
            .help("the allowed values are `Normal`, `Warning`");
        place.report(fact, "type", finding);
    }
    for field in
        ["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount", "deprecatedSource"]
    {
        if place.field(field).is_some_and(|node| scalar_text(node) != Some("0")) {
            let finding = finding(Code::K015, format!("`{field}` cannot be set in this version of the API"));
            place.report(fact, field, finding.help("remove it"));
        }
    }
    let own = place.at(&["metadata", "namespace"]).and_then(scalar_text);
    let of_object = place.at(&["regarding", "namespace"]).and_then(scalar_text);
    if let (Some(own), Some(of_object)) = (own, of_object)
        && own != of_object
    {
        let finding = finding(Code::K015, "`regarding.namespace` must be the namespace of the event");
        place.report_below(
            fact,
            &[Step::Key("regarding"), Step::Key("namespace")],
            finding.help(format!("write `{own}`")),
        );
    }
}
