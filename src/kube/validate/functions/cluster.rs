//! What belongs to the cluster: flow control, certificates, aggregated APIs, priority classes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::diagnostic::Code;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding};

const METADATA_NAME: &[Step<'_>] = &[Step::Key("metadata"), Step::Key("name")];

/// The level `exempt` is of type `Exempt`, and no other one is (`ValidatePriorityLevelConfigurationSpec`).
pub(in crate::kube::validate) fn exempt_level(place: Place<'_>, fact: &Fact) {
    let Some(kind @ ("Exempt" | "Limited")) = place.text(fact.field()) else { return };
    if (kind == "Exempt") != (&*place.context.object.name == "exempt") {
        let finding = finding(Code::K015, "`type` must be `Exempt` if the name is `exempt`, and only then");
        place.report(fact, fact.field(), finding.help("change the type, or the name"));
    }
}

/// The hand that is dealt to a flow fits the queues (`ValidatePriorityLevelQueuingConfiguration`): it is no larger than
/// their number, and a hash of 60 bits can choose it.
pub(in crate::kube::validate) fn queuing(place: Place<'_>, fact: &Fact) {
    // `SetDefaults_QueuingConfiguration` fills in what is 0.
    let of = |field: &str, default: i64| place.integer(field).filter(|value| *value != 0).unwrap_or(default);
    let (queues, hand) = (of("queues", 64), of("handSize", 8));
    let message = if hand < 0 {
        "`handSize` must be more than 0".to_owned()
    } else if hand > queues {
        format!("`handSize` is {hand}, and there are {queues} queues")
    } else if ((queues as f64).log2() * hand as f64).ceil() > 60.0 {
        format!("`handSize` is too large: a hash of 60 bits cannot choose {hand} of {queues} queues")
    } else {
        return;
    };
    place.report(fact, "handSize", finding(Code::K014, message).help("write a smaller one"));
}

/// A certificate signing request in PEM, and that in base64 (`ParseCSR`). Its signature is not checked.
pub(in crate::kube::validate) fn signing_request(place: Place<'_>, fact: &Fact) {
    let Some(text) = place.text(fact.field()) else { return };
    // What is no base64 was reported by the strict check.
    let Ok(bytes) = STANDARD.decode(text) else { return };
    if !String::from_utf8(bytes).is_ok_and(|pem| is_signing_request(&pem)) {
        let message =
            format!("`{}` must be a certificate signing request in PEM, encoded in base64", fact.field());
        let help = "write the output of `base64 -w0 request.csr`";
        place.report(fact, fact.field(), finding(Code::K005, message).help(help));
    }
}

/// Whether a text holds a block `CERTIFICATE REQUEST` whose content is one DER sequence.
fn is_signing_request(pem: &str) -> bool {
    const BEGIN: &str = "-----BEGIN CERTIFICATE REQUEST-----";
    const END: &str = "-----END CERTIFICATE REQUEST-----";
    let Some((_, rest)) = pem.split_once(BEGIN) else { return false };
    let Some((body, _)) = rest.split_once(END) else { return false };
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).is_ok_and(|der| is_der_sequence(&der))
}

/// Whether bytes are one DER sequence: the tag, and a length that reaches to the end.
fn is_der_sequence(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else { return false };
    if *first < 0x80 {
        return rest.len() == usize::from(*first);
    }
    let count = usize::from(*first & 0x7f);
    let Some((length, content)) = rest.split_at_checked(count).filter(|_| count <= 4) else { return false };
    let length = length.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
    content.len() == length
}

/// The name of a bundle of a signer begins with that of the signer (`ValidateClusterTrustBundle`).
pub(in crate::kube::validate) fn trust_bundle_name(place: Place<'_>, fact: &Fact) {
    let name = &place.context.object.name;
    let signer = place.at(&["spec", "signerName"]).and_then(|node| node.as_str());
    let (fits, help) = match signer {
        Some(signer) => {
            let prefix = format!("{}:", signer.replace('/', ":"));
            (name.starts_with(&prefix), format!("begin it with `{prefix}`"))
        }
        None => (!name.contains(':'), "remove `:`, as the bundle has no `signerName`".to_owned()),
    };
    if !fits {
        let finding = finding(Code::K015, "the name does not fit `spec.signerName`").help(help);
        place.report_below(fact, METADATA_NAME, finding);
    }
}

/// The name of an APIService is its version and its group (`ValidateAPIService`).
pub(in crate::kube::validate) fn api_service_name(place: Place<'_>, fact: &Fact) {
    let part = |key: &str| place.at(&["spec", key]).and_then(|node| node.as_str()).unwrap_or("");
    let wanted = format!("{}.{}", part("version"), part("group"));
    let name = &*place.context.object.name;
    if name != wanted && !name.is_empty() {
        let finding =
            finding(Code::K015, format!("the name must be `{wanted}`: `spec.version` and `spec.group`"));
        place.report_below(fact, METADATA_NAME, finding.help("change the name, the version or the group"));
    }
}

/// Names that begin with `system-` are those of the two classes of Kubernetes itself (`ValidatePriorityClass`).
pub(in crate::kube::validate) fn priority_class(place: Place<'_>, fact: &Fact) {
    let name = &*place.context.object.name;
    if !name.starts_with("system-") {
        return;
    }
    let known = match name {
        "system-node-critical" => place.integer("value") == Some(2_000_001_000),
        "system-cluster-critical" => place.integer("value") == Some(2_000_000_000),
        _ => false,
    };
    if !known || place.is_true("globalDefault") {
        let finding =
            finding(Code::K005, "names that begin with `system-` are reserved").help("choose another name");
        place.report_below(fact, METADATA_NAME, finding);
    }
}
