//! Claims of devices.

use crate::diagnostic::Code;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, finding, scalar_text};

/// A request of the claim, or a request, `/` and one of its alternatives (`validateRequestNameRef`).
pub(in crate::kube::validate) fn request_reference(place: Place<'_>, fact: &Fact) {
    // The claim is the next object further up.
    let Some(claim) = place.parent else { return };
    let requests = claim.items("requests");
    let name_of = |node: &crate::yaml::Node| node.get("name").and_then(scalar_text).map(str::to_owned);
    for (index, item) in place.items(fact.field()).iter().enumerate() {
        let Some(text) = scalar_text(item) else { continue };
        let (request, alternative) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let named = requests.iter().find(|node| name_of(node).as_deref() == Some(request));
        let known = named.is_some_and(|node| match alternative {
            None => true,
            Some(alternative) => {
                let alternatives = node.get("firstAvailable").and_then(|node| node.as_list()).unwrap_or(&[]);
                alternatives.iter().any(|node| name_of(node).as_deref() == Some(alternative))
            }
        });
        if !known {
            let finding = finding(Code::K016, format!("no request of the claim is called `{text}`"));
            let help = "name one of `devices.requests`, or one with `/` and one of its alternatives";
            place.report_item(fact, fact.field(), index, "", finding.help(help));
        }
    }
}
