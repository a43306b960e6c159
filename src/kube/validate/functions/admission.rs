//! Webhooks and policies of admission.

use crate::diagnostic::Code;
use crate::kube::api::table::Format;
use crate::kube::string_formats;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, scalar_text};

/// One version of `AdmissionReview` or `ConversionReview` at least that the API server speaks
/// (`validateAdmissionReviewVersions`, `validateConversionReviewVersions`).
pub(in crate::kube::validate) fn review_versions(place: Place<'_>, fact: &Fact) {
    let versions = place.items(fact.field());
    let known = |text: &str| matches!(text, "v1" | "v1beta1");
    if !versions.is_empty() && !versions.iter().filter_map(scalar_text).any(known) {
        let message = format!("`{}` has no version that the API server knows", fact.field());
        place.report(fact, fact.field(), finding(Code::K004, message).help("add `v1`"));
    }
}

/// Either a URL or a Service, and a URL that can be called (`validateValidatingWebhook`, `ValidateWebhookURL`).
pub(in crate::kube::validate) fn webhook_client(place: Place<'_>, fact: &Fact) {
    let Some(client) = place.field(fact.field()) else { return };
    if client.as_map().is_none() {
        return;
    }
    // An empty URL is one to the server.
    let url = client.get("url").filter(|node| !node.is_null());
    let service = client.get("service").filter(|node| !node.is_null());
    match (url, service) {
        (Some(url), None) => {
            let Some(reason) = scalar_text(url).and_then(url_violation) else { return };
            let message = format!("`url` of a webhook must {reason}");
            let finding = finding(Code::K005, message).help("write it as `https://host/path`");
            place.report_below(fact, &[Step::Key(fact.field()), Step::Key("url")], finding);
        }
        (None, Some(_)) => {}
        (None, None) => {
            let finding = finding(Code::K013, "one of `url`, `service` is missing").help("add one of them");
            place.report(fact, fact.field(), finding);
        }
        (Some(_), Some(_)) => {
            let finding = finding(Code::K013, "`service` cannot stand beside `url`").help("keep one of them");
            place.report(fact, fact.field(), finding);
        }
    }
}

/// What is wrong with the URL of a webhook: the end of a sentence that begins with "must".
fn url_violation(url: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = url.split_once(':') else { return Some("begin with `https://`") };
    if !scheme.eq_ignore_ascii_case("https") {
        return Some("begin with `https://`");
    }
    if url.contains(|c: char| c.is_ascii_control() || c == ' ') {
        return Some("have no spaces in it");
    }
    let Some(rest) = rest.strip_prefix("//") else { return Some("name a host") };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    if authority.is_empty() {
        return Some("name a host");
    }
    if authority.contains('@') {
        return Some("have no user in it");
    }
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.ends_with(']'));
    if port.is_some_and(|port| !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return Some("have a number for its port");
    }
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    if !fragment.is_empty() {
        return Some("have no `#` in it");
    }
    rest.split_once('?').filter(|(_, query)| !query.is_empty()).map(|_| "have no `?` in it")
}

/// Resources that say the same twice: `pods/*` with `pods/log`, `*` with `pods` (`validateResources`).
pub(in crate::kube::validate) fn webhook_resources(place: Place<'_>, fact: &Fact) {
    let resources = place.items(fact.field());
    // The resources of `x/*` and the subresources of `*/x` that came so far.
    let (mut whole_resources, mut whole_subresources) = (Vec::new(), Vec::new());
    let (mut all, mut all_resources, mut plain) = (false, false, false);
    for (index, text) in resources.iter().map(|node| scalar_text(node).unwrap_or("")).enumerate() {
        all |= text == "*/*";
        all_resources |= text == "*";
        let Some((resource, subresource)) = text.split_once('/') else {
            // The last one without a subresource decides, as it does in the server.
            if !text.is_empty() {
                plain = text != "*";
            }
            continue;
        };
        let covered = if whole_resources.contains(&resource) {
            Some(format!("{resource}/*"))
        } else if whole_subresources.contains(&subresource) {
            Some(format!("*/{subresource}"))
        } else {
            None
        };
        if let Some(by) = covered {
            let message = format!("`{by}` is there already, and covers `{text}`");
            place.report_item(
                fact,
                fact.field(),
                index,
                "",
                finding(Code::K015, message).help("remove one of them"),
            );
        }
        if subresource == "*" {
            whole_resources.push(resource);
        }
        if resource == "*" {
            whole_subresources.push(subresource);
        }
    }
    if all && resources.len() > 1 {
        let finding = finding(Code::K015, "`*/*` covers the other resources").help("keep `*/*` alone");
        place.report(fact, fact.field(), finding);
    } else if all_resources && plain {
        let finding =
            finding(Code::K015, "`*` covers the other resources").help("keep `*`, or name each of them");
        place.report(fact, fact.field(), finding);
    }
}

/// An expression of more than spaces (`validateMatchCondition`, `validateValidation`).
pub(in crate::kube::validate) fn expression_written(place: Place<'_>, fact: &Fact) {
    if place.text(fact.field()).is_some_and(|text| text.trim().is_empty()) {
        let message = format!("`{}` is blank", fact.field());
        place.report(fact, fact.field(), finding(Code::K002, message).help("write an expression of CEL"));
    }
}

/// A message of one line that is not blank (`validateValidation`).
pub(in crate::kube::validate) fn one_line_message(place: Place<'_>, fact: &Fact) {
    let Some(text) = place.text(fact.field()) else { return };
    let must_be = match text.trim() {
        "" => "more than spaces",
        trimmed if trimmed.contains(['\n', '\r']) => "one line",
        _ => return,
    };
    let message = format!("`{}` must be {must_be}", fact.field());
    place.report(fact, fact.field(), finding(Code::K005, message).help("write it in one line"));
}

/// An expression for the message, if there is one, of more than spaces (`validateValidation`).
pub(in crate::kube::validate) fn message_expression(place: Place<'_>, fact: &Fact) {
    if place.text(fact.field()).is_some_and(|text| text.trim().is_empty()) {
        let message = format!("`{}` must be more than spaces", fact.field());
        place.report(
            fact,
            fact.field(),
            finding(Code::K005, message).help("leave it out, or write an expression"),
        );
    }
}

/// The key of an audit annotation becomes a qualified name behind that of the policy (`validateAuditAnnotation`).
pub(in crate::kube::validate) fn audit_key(place: Place<'_>, fact: &Fact) {
    let Some(key) = place.text(fact.field()) else { return };
    let policy = &place.context.object.name;
    if let Some(must_be) = string_formats::violation(Format::QualifiedName, &format!("{policy}/{key}")) {
        let message = format!("the name of the policy, `/` and `key` must be {must_be}");
        let help = string_formats::advice(Format::QualifiedName);
        place.report(fact, fact.field(), finding(Code::K005, message).help(help));
    }
}

/// `Deny` and `Warn` would say the same twice (`validateValidationActions`).
pub(in crate::kube::validate) fn validation_actions(place: Place<'_>, fact: &Fact) {
    let has =
        |action: &str| place.items(fact.field()).iter().filter_map(scalar_text).any(|text| text == action);
    if has("Deny") && has("Warn") {
        let message = format!("`{}` has both `Deny` and `Warn`", fact.field());
        place.report(fact, fact.field(), finding(Code::K015, message).help("keep one of them"));
    }
}
