//! Ingresses, network policies and the addresses of Services.

use crate::diagnostic::Code;
use crate::kube::validate::addresses;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, scalar_text};

/// `ValidateIngressCreate`: the old annotation says the same class as the field.
pub(in crate::kube::validate) fn ingress_class_annotation(place: Place<'_>, fact: &Fact) {
    const CLASS: &str = "kubernetes.io/ingress.class";
    let annotation = place.at(&["metadata", "annotations", CLASS]).and_then(scalar_text);
    let field = place.at(&["spec", "ingressClassName"]).and_then(scalar_text);
    if let (Some(annotation), Some(field)) = (annotation, field)
        && annotation != field
    {
        let message =
            format!("the annotation `{CLASS}` says `{annotation}`, and `ingressClassName` says `{field}`");
        let steps = [Step::Key("metadata"), Step::Key("annotations"), Step::Key(CLASS)];
        place.report_below(fact, &steps, finding(Code::K015, message).help("remove the annotation"));
    }
}

/// `validateHTTPIngressPath`.
pub(in crate::kube::validate) fn ingress_path(place: Place<'_>, fact: &Fact) {
    let path = place.text("path").unwrap_or("");
    let refuse = |message: String| {
        place.report(
            fact,
            "path",
            finding(Code::K005, message).help("write it as the path of a URL: `/app`"),
        );
    };
    let exact = match place.text("pathType") {
        Some("Exact" | "Prefix") => true,
        Some("ImplementationSpecific") => false,
        _ => return,
    };
    if !path.starts_with('/') && (exact || !path.is_empty()) {
        return refuse("`path` must begin with `/`".to_owned());
    }
    if !exact {
        return;
    }
    if let Some(sequence) =
        ["//", "/./", "/../", "%2f", "%2F"].iter().find(|sequence| path.contains(**sequence))
    {
        return refuse(format!("`path` cannot have `{sequence}` in it"));
    }
    if let Some(suffix) = ["/..", "/."].iter().find(|suffix| path.ends_with(**suffix)) {
        refuse(format!("`path` cannot end in `{suffix}`"));
    }
}

/// The port in `validateIngressBackend`: by its name or its number.
pub(in crate::kube::validate) fn ingress_service_port(place: Place<'_>, fact: &Fact) {
    let named = place.at(&["port", "name"]).is_some();
    let number = place.at(&["port", "number"]).and_then(scalar_text).filter(|text| *text != "0");
    match (named, number) {
        (true, Some(_)) => {
            let finding = finding(Code::K013, "`number` cannot stand beside `name`").help("keep one of them");
            place.report_below(fact, &[Step::Key("port"), Step::Key("number")], finding);
        }
        (false, None) => {
            let finding = finding(Code::K013, "the port of the Service is missing")
                .help("add its `number` or its `name`");
            place.report_below(fact, &[Step::Key("port")], finding);
        }
        (false, Some(number)) if number.parse::<i64>().is_ok_and(|port| !(1..=65535).contains(&port)) => {
            let message = format!("`number` must be from 1 to 65535, and is {number}");
            let steps = [Step::Key("port"), Step::Key("number")];
            place.report_below(
                fact,
                &steps,
                finding(Code::K014, message).help("write the port of the Service"),
            );
        }
        _ => {}
    }
}

/// `ValidateNetworkPolicyPort`: `endPort` ends a range that begins with a number.
pub(in crate::kube::validate) fn network_policy_ports(place: Place<'_>, fact: &Fact) {
    if place.field("endPort").is_none() {
        return;
    }
    let (message, help) = match (place.field("port"), place.integer("port"), place.integer("endPort")) {
        (None, ..) => {
            ("`endPort` cannot stand without `port`".to_owned(), "add `port`, where the range begins")
        }
        (Some(_), None, _) => {
            ("`endPort` cannot stand beside the name of a port".to_owned(), "write `port` as a number")
        }
        (_, Some(port), Some(end)) if end < port => (
            format!("`endPort` must be at least {port}, as `port` is"),
            "end the range where it begins, or later",
        ),
        _ => return,
    };
    place.report(fact, "endPort", finding(Code::K015, message).help(help));
}

/// `ValidateIPBlock`: what is left out is a part of the block.
pub(in crate::kube::validate) fn ip_block(place: Place<'_>, fact: &Fact) {
    let Some(block) = place.text("cidr").and_then(addresses::parse_cidr) else { return };
    for (index, item) in place.items("except").iter().enumerate() {
        let except = scalar_text(item).and_then(addresses::parse_cidr);
        if except.is_some_and(|except| !block.strictly_contains(except)) {
            let finding = finding(Code::K015, "`except` must be a part of `cidr`, and not all of it")
                .help("write a smaller block that lies in it");
            place.report_item(fact, "except", index, "", finding);
        }
    }
}

/// `validateServiceCIDRSpec`: one block of each family.
pub(in crate::kube::validate) fn service_cidrs(place: Place<'_>, fact: &Fact) {
    let families: Vec<_> = place
        .items("cidrs")
        .iter()
        .filter_map(|item| scalar_text(item).and_then(addresses::parse_cidr))
        .map(addresses::Cidr::family)
        .collect();
    if let [first, second] = families[..]
        && first == second
    {
        let message = format!("both blocks are of {}", first.name());
        place.report(fact, "cidrs", finding(Code::K015, message).help("there is one block of each family"));
    }
}
