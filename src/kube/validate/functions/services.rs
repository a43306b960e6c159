//! Services, Endpoints and EndpointSlices.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::validate::addresses::{self, Family};
use crate::kube::validate::facts::Fact;
use crate::kube::validate::forms::Form;
use crate::kube::validate::place::{Place, Step, finding, is_absent, scalar_text};
use crate::yaml::Node;

/// The protocol of a port, with its default.
fn protocol(port: &Node) -> &str {
    text_of(port, "protocol").unwrap_or("TCP")
}

/// The text of a field of an item; none where the API server sees none.
fn text_of<'n>(node: &'n Node, field: &str) -> Option<&'n str> {
    node.get(field).filter(|node| !is_absent(node)).and_then(scalar_text)
}

/// `validateServicePort` and what `ValidateService` asks between ports: names where there are several, and node ports
/// that are not taken twice.
pub(in crate::kube::validate) fn service_ports(place: Place<'_>, fact: &Fact) {
    named_ports(place, fact, true);
    let mut taken = BTreeSet::new();
    for (index, port) in place.items("ports").iter().enumerate() {
        let Some(node_port) = text_of(port, "nodePort").filter(|text| *text != "0") else { continue };
        if !taken.insert((protocol(port), node_port)) {
            let message = format!("`nodePort` {node_port} is given to a second port");
            let finding =
                finding(Code::K006, message).help("choose another one, or leave the choice to the cluster");
            place.report_item(fact, "ports", index, "nodePort", finding);
        }
    }
}

/// `validateEndpointPort`, of which those of one subset may be named alike.
pub(in crate::kube::validate) fn endpoints_ports(place: Place<'_>, fact: &Fact) {
    named_ports(place, fact, false);
}

/// Each of several ports needs a name.
fn named_ports(place: Place<'_>, fact: &Fact, unique: bool) {
    let ports = place.items("ports");
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        match text_of(port, "name") {
            None if ports.len() > 1 => {
                let finding = finding(Code::K002, "`name` is missing, as there are several ports");
                place.report_item(fact, "ports", index, "name", finding.help("name each of them"));
            }
            Some(name) if !names.insert(name) && unique => report_second_name(place, fact, index, name),
            None | Some(_) => {}
        }
    }
}

fn report_second_name(place: Place<'_>, fact: &Fact, index: usize, name: &str) {
    let message = match name {
        "" => "a second port has no name".to_owned(),
        _ => format!("a second port is called `{name}`"),
    };
    let finding = finding(Code::K006, message).help("give each port a name of its own");
    place.report_item(fact, "ports", index, "name", finding);
}

/// `ValidateServiceClusterIPsRelatedFields`, and `isMatchingPreferDualStackClusterIPFields` of the allocation.
pub(in crate::kube::validate) fn service_cluster_ips(place: Place<'_>, fact: &Fact) {
    if place.text("type") == Some("ExternalName") {
        return;
    }
    let contradiction = |field: &str, message: String, help: &str| {
        place.report(fact, field, finding(Code::K015, message).help(help));
    };
    let listed = place.items("clusterIPs");
    let single = place.text("clusterIP");
    match (single, listed.first().and_then(scalar_text)) {
        (Some(single), Some(first)) if single != first => contradiction(
            "clusterIPs",
            "the first of `clusterIPs` must be `clusterIP`".to_owned(),
            "write the same address in both, or `clusterIP` alone",
        ),
        (None, Some(_)) => contradiction(
            "clusterIPs",
            "`clusterIPs` cannot be set without `clusterIP`".to_owned(),
            "write the first of them as `clusterIP` too",
        ),
        _ => {}
    }
    let mut valid = true;
    let malformed = |text: &str| {
        let strict = place.is_asked_since(36).then(|| Form::StrictIp.violation(text)).flatten();
        Form::Ip.violation(text).or(strict).map(|must_be| {
            finding(Code::K005, format!("a cluster IP must be `None` or {must_be}"))
                .help("leave it out: the cluster chooses one")
        })
    };
    if listed.is_empty()
        && let Some(finding) = single.filter(|text| *text != "None").and_then(malformed)
    {
        place.report(fact, "clusterIP", finding);
        valid = false;
    }
    for (index, item) in listed.iter().enumerate() {
        let Some(text) = scalar_text(item) else { continue };
        if index == 0 && text == "None" {
            if listed.len() > 1 {
                contradiction(
                    "clusterIPs",
                    "`None` cannot stand beside other cluster IPs".to_owned(),
                    "remove the others",
                );
                valid = false;
            }
        } else if let Some(finding) = malformed(text) {
            // The same text in `clusterIP` is the same fault.
            place.report_item(fact, "clusterIPs", index, "", finding);
            valid = false;
        }
    }
    if listed.len() > 2 {
        let finding =
            finding(Code::K014, "there are at most two cluster IPs").help("keep one of each family");
        place.report(fact, "clusterIPs", finding);
        return;
    }
    if valid {
        cluster_ip_families(place, fact, single, listed);
    }
    let families = place.items("ipFamilies").len();
    if place.text("ipFamilyPolicy") == Some("SingleStack") && families.max(listed.len()) > 1 {
        contradiction(
            "ipFamilyPolicy",
            "`ipFamilyPolicy` cannot be `SingleStack` where there are two families".to_owned(),
            "write `PreferDualStack` or `RequireDualStack`",
        );
    }
}

/// The families of cluster IPs: no two of one, and those that `ipFamilies` says.
fn cluster_ip_families(place: Place<'_>, fact: &Fact, single: Option<&str>, listed: &[Node]) {
    let families: Vec<Option<Family>> = match listed {
        [] => single.into_iter().map(|text| addresses::parse_ip(text).map(addresses::family)).collect(),
        listed => listed
            .iter()
            .map(|item| scalar_text(item).and_then(addresses::parse_ip).map(addresses::family))
            .collect(),
    };
    if let [Some(first), Some(second)] = families[..]
        && first == second
    {
        let message = format!("both cluster IPs are of {}", first.name());
        let finding = finding(Code::K015, message).help("there is one address of each family");
        place.report(fact, "clusterIPs", finding);
    }
    for (index, (of_ip, of_family)) in families.iter().zip(place.items("ipFamilies")).enumerate() {
        let (Some(of_ip), Some(wanted)) = (of_ip, scalar_text(of_family)) else { continue };
        if of_ip.name() != wanted && ["IPv4", "IPv6"].contains(&wanted) {
            let message =
                format!("the cluster IP is one of {}, and `ipFamilies` says `{wanted}`", of_ip.name());
            let finding = finding(Code::K015, message).help("change one of them");
            match listed {
                [] => place.report(fact, "clusterIP", finding),
                _ => place.report_item(fact, "clusterIPs", index, "", finding),
            }
        }
    }
}

/// The ranges of a load balancer in `ValidateService`; blanks around them are passed over.
pub(in crate::kube::validate) fn load_balancer_source_ranges(place: Place<'_>, fact: &Fact) {
    for (index, item) in place.items("loadBalancerSourceRanges").iter().enumerate() {
        if let Some(finding) = scalar_text(item).and_then(|text| range_violation(place, text)) {
            place.report_item(fact, "loadBalancerSourceRanges", index, "", finding);
        }
    }
}

fn range_violation(place: Place<'_>, text: &str) -> Option<Diagnostic> {
    let text = text.trim();
    let strict = place.is_asked_since(36).then(|| Form::StrictCidr.violation(text)).flatten();
    let must_be = Form::Cidr.violation(text).or(strict)?;
    Some(finding(Code::K005, format!("a range must be {must_be}")).help(Form::Cidr.advice()))
}

/// What `ValidateService` asks of annotations: the old one of source ranges, and both of topology.
pub(in crate::kube::validate) fn service_annotations(place: Place<'_>, fact: &Fact) {
    const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
    const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
    const MODE: &str = "service.kubernetes.io/topology-mode";
    let annotation = |key: &str| place.at(&["metadata", "annotations", key]).and_then(scalar_text);
    let report = |key: &str, finding: Diagnostic| {
        place.report_below(fact, &[Step::Key("metadata"), Step::Key("annotations"), Step::Key(key)], finding);
    };
    if let (Some(hints), Some(mode)) = (annotation(HINTS), annotation(MODE))
        && hints != mode
    {
        let message = format!("the annotations `{MODE}` and `{HINTS}` contradict each other");
        report(MODE, finding(Code::K015, message).help("keep the first of them"));
    }
    // The field counts before the annotation.
    if place.at(&["spec", "loadBalancerSourceRanges"]).is_some() {
        return;
    }
    let Some(ranges) = annotation(RANGES) else { return };
    if place.at(&["spec", "type"]).and_then(scalar_text) != Some("LoadBalancer") {
        let message = "source ranges are for Services of type `LoadBalancer`";
        report(RANGES, finding(Code::K015, message).help("remove the annotation"));
    } else if !ranges.trim().is_empty()
        && let Some(finding) = ranges.split(',').find_map(|range| range_violation(place, range))
    {
        report(RANGES, finding);
    }
}

/// `validateEndpoints` of slices: each address is one of the slice's `addressType`.
pub(in crate::kube::validate) fn endpoint_addresses(place: Place<'_>, fact: &Fact) {
    let Some(address_type) = place.text("addressType") else { return };
    for (at, endpoint) in place.items("endpoints").iter().enumerate() {
        let addresses = endpoint.get("addresses").and_then(Node::as_list).unwrap_or(&[]);
        for (index, address) in addresses.iter().enumerate() {
            let Some(text) = scalar_text(address) else { continue };
            if let Some(must_be) = address_violation(place, address_type, text) {
                let finding = finding(Code::K005, format!("an address of this slice must be {must_be}"))
                    .help(format!("`addressType` is `{address_type}`"));
                let steps =
                    [Step::Key("endpoints"), Step::Index(at), Step::Key("addresses"), Step::Index(index)];
                place.report_below(fact, &steps, finding);
            }
        }
    }
}

fn address_violation(place: Place<'_>, address_type: &str, text: &str) -> Option<&'static str> {
    let (wanted, must_be) = match address_type {
        "IPv4" => (Family::V4, "an IPv4 address"),
        "IPv6" => (Family::V6, "an IPv6 address"),
        "FQDN" => return Form::FullyQualifiedDomain.violation(text),
        _ => return None,
    };
    if addresses::parse_ip(text).map(addresses::family) != Some(wanted) {
        return Some(must_be);
    }
    let strict = place.is_asked_since(36).then(|| Form::StrictIp.violation(text)).flatten();
    strict.or_else(|| Form::OrdinaryIp.violation(text))
}

/// `validatePorts` of slices: no two ports with one name, or with none.
pub(in crate::kube::validate) fn endpoint_slice_ports(place: Place<'_>, fact: &Fact) {
    let mut names = BTreeSet::new();
    for (index, port) in place.items("ports").iter().enumerate() {
        let name = text_of(port, "name").unwrap_or("");
        if !names.insert(name) {
            report_second_name(place, fact, index, name);
        }
    }
}
