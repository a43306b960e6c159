//! Forms of the Kubernetes API: names, ports, counts, ids, amounts, labels and their like, each one type.
//!
//! A setting that goes into a field of the API has the type of that field's form. So a wrong value is found at its line
//! in the values, before anything is rendered, and an editor shows it.
//!
//! ```text
//! existing_secret: Option<ObjectName>        a setting of a chart: the form is its type
//! pod_security_context: Option<PodSecurityContext>
//!   runAsUser, runAsGroup, fsGroup           fields of Kubernetes's own types: the forms are set into them by `fields`
//! ```
//!
//! A form asks no more than the API server does of an object that could exist: a Secret cannot be called `A_b!`, so no
//! setting can name one. Where the empty text means that nothing is set, it is allowed ([`ObjectName`] and
//! [`RequiredName`] differ in that alone). What a form cannot say (a percentage against a port's name, one field
//! against another) is said by the checks of what was rendered.

use std::borrow::Cow;
use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::IPBlock;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::scalar::Text;

/// The parts of a DNS name, with dots between them: `validation.IsDNS1123Subdomain`.
const DNS_NAME: &str = "[a-z0-9]+((-+|[.])[a-z0-9]+)*";

/// The most characters of a DNS name, and so of most objects' names.
const DNS_NAME_LENGTH: u32 = 253;

/// The most characters of a part of a DNS name, and of a label's value.
const LABEL_LENGTH: u32 = 63;

/// The most characters of the key of a label: a DNS name, a slash and a name.
const KEY_LENGTH: u32 = DNS_NAME_LENGTH + 1 + LABEL_LENGTH;

const NAME_HELP: &str =
    "write lower-case letters, digits, `-` and `.`, with a letter or a digit at both ends";
const LABEL_HELP: &str = "write lower-case letters, digits and `-`, with a letter or a digit at both ends";
const LABEL_VALUE_HELP: &str =
    "write letters, digits, `-`, `_` and `.`, with a letter or a digit at both ends";
const LABEL_KEY_HELP: &str = "write a key such as `team` or `example.com/team`";
const RESOURCE_HELP: &str =
    "write `cpu`, `memory`, `ephemeral-storage`, `hugepages-2Mi`, or one of a device: `example.com/gpu`";

// Loose on purpose: it is there for an address without a prefix length, the usual slip, and counts neither bits nor
// groups.
/// What a CIDR looks like, IPv4 or IPv6.
const CIDR: &str = "^[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*/[0-9]{1,3}$";
const CIDR_HELP: &str =
    "write a CIDR such as `10.20.0.0/16`; a single address is one with `/32`: `10.20.0.7/32`";

/// What an address looks like, IPv4 or IPv6, alone or with a prefix length.
const ADDRESS: &str =
    "^[0-9]{1,3}([.][0-9]{1,3}){3}(/[0-9]{1,2})?$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(/[0-9]{1,3})?$";
const ADDRESS_HELP: &str = "write an address such as `10.20.0.7`, or a CIDR such as `10.20.0.0/16`";

const HOST_HELP: &str = "write a host name in lower case, without scheme, port and path";

/// Declares a type with a schema of its own, written in place rather than as a definition that is referred to.
macro_rules! forms {
    ($($(#[$meta:meta])* $name:ident($inner:ty) = $schema:expr;)*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
            pub struct $name(pub $inner);

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    // Every form is an object; another value would be a schema that allows anything.
                    Schema::try_from($schema).unwrap_or_default()
                }
            }
        )*
    };
}

forms! {
    /// The name of an object that exists, or that is made: a Secret, a claim, a class, a ServiceAccount. Empty means none.
    ObjectName(String) = text(&or_empty(DNS_NAME), DNS_NAME_LENGTH, NAME_HELP);
    /// The name of an object.
    RequiredName(String) = text(&whole(DNS_NAME), DNS_NAME_LENGTH, NAME_HELP);
    /// The name of a namespace. Empty means that of the command.
    Namespace(String) = text("^$|^[a-z0-9]+(-+[a-z0-9]+)*$", LABEL_LENGTH, LABEL_HELP);
    /// The key of an entry of a Secret or a ConfigMap.
    DataKey(String) = text("^[-._A-Za-z0-9]+$", DNS_NAME_LENGTH, "use letters, digits, `-`, `_` and `.`");
    /// A host of an Ingress: a DNS name in lower case, whose first label may be `*`.
    #[derive(Default)]
    HostName(String) = text(&format!("^([*][.])?{DNS_NAME}$"), DNS_NAME_LENGTH, HOST_HELP);
    /// A host of an Ingress; empty means none.
    OptionalHostName(String) = text(&format!("^$|^([*][.])?{DNS_NAME}$"), DNS_NAME_LENGTH, HOST_HELP);
    /// A block of addresses.
    Cidr(String) = json!({ "type": "string", "pattern": CIDR, "x-pattern-help": CIDR_HELP });
    /// A block of addresses; empty means that none is set.
    OptionalCidr(String) =
        json!({ "type": "string", "pattern": format!("^$|{CIDR}"), "x-pattern-help": CIDR_HELP });
    /// Addresses: one address or CIDR, or a list of them. The empty text, and the empty list, mean that none is set.
    Addresses(Value) = json!({
        "type": ["string", "array"],
        "pattern": format!("^$|{ADDRESS}"),
        "x-pattern-help": ADDRESS_HELP,
        "items": { "type": "string", "pattern": ADDRESS, "x-pattern-help": ADDRESS_HELP },
    });
    /// A port's number, or a list of them.
    Ports(Value) = json!({
        "type": ["integer", "array"],
        "minimum": 1,
        "maximum": 65535,
        "minItems": 1,
        "items": integer("int32", 1, 65535),
    });
    /// A port's number.
    Port(i32) = integer("int32", 1, 65535);
    /// A port of every node. The range is the API server's default.
    NodePort(i32) = integer("int32", 30000, 32767);
    /// How many there are: pods, failures, seconds.
    Count(i32) = integer("int32", 0, i32::MAX);
    /// How many there are, and that is at least one.
    PositiveCount(i32) = integer("int32", 1, i32::MAX);
    /// A time in seconds, as wide as the API has it for pods.
    Seconds(i64) = json!({ "type": "integer", "format": "int64", "minimum": 0 });
    /// How much room a claim asks for.
    // The grammar of a Quantity, with a digit that is not zero in it.
    Size(Text) = json!({
        "type": ["number", "string"],
        "exclusiveMinimum": 0,
        "pattern": format!("^[+]?([0-9]*[1-9][0-9]*([.][0-9]*)?|[0-9]*[.][0-9]*[1-9][0-9]*){UNITS}$"),
        "x-pattern-help": "write an amount above zero such as `500Mi`, `8Gi` or `1.5Ti`",
    });
    /// Labels: keys, and values of at most 63 characters.
    // Values are `Text`, since numbers and booleans are often written as what they are.
    Labels(BTreeMap<String, Text>) = map_of(label_keys(), scalar_label_values());
    /// The labels that a node must have.
    NodeLabels(BTreeMap<String, String>) = map_of(label_keys(), label_values());
    /// Annotations: keys of a form, and any values.
    // `Text`, since annotations are strings and are often written as what they are: `prometheus.io/port: 8080`.
    Annotations(BTreeMap<String, Text>) =
        map_of(annotation_keys(), json!({ "type": ["string", "number", "boolean"] }));
    /// Variables of an environment, as name and value.
    Variables(BTreeMap<String, Text>) =
        map_of(variable_names(), json!({ "type": ["string", "number", "boolean"] }));
}

/// The units of a Quantity in the Kubernetes API.
const UNITS: &str = "(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+)?";

/// An amount, as Kubernetes's `Quantity` has it. It is below zero nowhere in the settings of a chart.
pub(super) fn quantity() -> Value {
    json!({
        "description": "An amount, such as `500m`, `2` or `1.5Gi`.",
        "type": ["number", "string"],
        // A number in YAML may be one as well: `cpu: 2`.
        "minimum": 0,
        "pattern": format!("^[+]?([0-9]+([.][0-9]*)?|[.][0-9]+){UNITS}$"),
        "x-pattern-help": "write an amount such as `500m`, `2` or `1.5Gi`",
    })
}

/// The whole text is as the expression says.
fn whole(expression: &str) -> String {
    format!("^{expression}$")
}

/// The whole text is as the expression says, or empty.
fn or_empty(expression: &str) -> String {
    format!("^$|^{expression}$")
}

fn text(pattern: &str, length: u32, help: &str) -> Value {
    json!({ "type": "string", "maxLength": length, "pattern": pattern, "x-pattern-help": help })
}

/// One of the peers of a policy: a text that is an address or a CIDR, or a map that is as Kubernetes has it.
pub(super) fn peer(generator: &mut SchemaGenerator) -> Value {
    // Of the keywords, `pattern` looks at a text and the others at a map.
    json!({
        "type": ["string", "object"],
        "pattern": ADDRESS,
        "x-pattern-help": ADDRESS_HELP,
        "properties": {
            "ipBlock": generator.subschema_for::<IPBlock>(),
            "namespaceSelector": generator.subschema_for::<LabelSelector>(),
            "podSelector": generator.subschema_for::<LabelSelector>(),
        },
        "additionalProperties": false,
    })
}

fn integer(format: &str, minimum: i32, maximum: i32) -> Value {
    json!({ "type": "integer", "format": format, "minimum": minimum, "maximum": maximum })
}

fn map_of(keys: Value, values: Value) -> Value {
    json!({ "type": "object", "propertyNames": keys, "additionalProperties": values })
}

/// The key of a label: `validation.IsQualifiedName`.
fn label_keys() -> Value {
    let pattern = format!("^({DNS_NAME}/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$");
    json!({ "maxLength": KEY_LENGTH, "pattern": pattern, "x-pattern-help": LABEL_KEY_HELP })
}

/// The key of an annotation is that of a label once it is in lower case.
fn annotation_keys() -> Value {
    let pattern = "^([A-Za-z0-9]+((-+|[.])[A-Za-z0-9]+)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";
    json!({ "maxLength": KEY_LENGTH, "pattern": pattern, "x-pattern-help": LABEL_KEY_HELP })
}

/// The value of a label, as a text: `validation.IsValidLabelValue`.
fn label_values() -> Value {
    json!({
        "type": "string",
        "maxLength": LABEL_LENGTH,
        "pattern": "^$|^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        "x-pattern-help": LABEL_VALUE_HELP,
    })
}

/// The value of a label, as what it is.
fn scalar_label_values() -> Value {
    let mut values = label_values();
    values["type"] = json!(["string", "number", "boolean"]);
    // A label cannot begin with a minus.
    values["minimum"] = json!(0);
    values
}

/// A variable's name since Kubernetes 1.34; earlier versions ask for more.
fn variable_names() -> Value {
    json!({ "pattern": "^[ -<>-}~]+$", "x-pattern-help": "write names without `=`, in ASCII" })
}

/// What a container can ask for: `validateContainerResourceName`.
fn resource_names() -> Value {
    // The usual names first: no expression is compiled for them.
    json!({
        "anyOf": [{ "enum": ["cpu", "memory", "ephemeral-storage"] }, { "pattern": "/|^hugepages-" }],
        "x-pattern-help": RESOURCE_HELP,
    })
}

fn one_of(values: &[&str]) -> Value {
    json!({ "enum": values })
}

fn range(minimum: i32, maximum: i32) -> Value {
    json!({ "minimum": minimum, "maximum": maximum })
}

/// The form of fields of Kubernetes's own types, as `Type.field`: what is said of each item where `[]` follows, and what
/// stands beside the type otherwise.
///
/// `k8s-openapi` has the types of fields and no more. Here is what bounds their values, where a schema can say it and
/// charts have the field among their settings; all else is checked in what is rendered.
pub(super) fn fields() -> Vec<(Value, &'static [&'static str])> {
    let name = || json!({ "maxLength": DNS_NAME_LENGTH, "pattern": or_empty(DNS_NAME), "x-pattern-help": NAME_HELP });
    vec![
        (
            name(),
            &[
                "LocalObjectReference.name",
                "ConfigMapKeySelector.name",
                "SecretKeySelector.name",
                "ConfigMapEnvSource.name",
                "SecretEnvSource.name",
            ],
        ),
        (
            json!({ "propertyNames": resource_names() }),
            &["ResourceRequirements.limits", "ResourceRequirements.requests"],
        ),
        // `validation.IsValidUserID`: ids are numbers of 64 bits that may not use them.
        (
            range(0, i32::MAX),
            &[
                "PodSecurityContext.runAsUser",
                "PodSecurityContext.runAsGroup",
                "PodSecurityContext.fsGroup",
                "PodSecurityContext.supplementalGroups[]",
                "SecurityContext.runAsUser",
                "SecurityContext.runAsGroup",
            ],
        ),
        (one_of(&["OnRootMismatch", "Always"]), &["PodSecurityContext.fsGroupChangePolicy"]),
        (one_of(&["Merge", "Strict"]), &["PodSecurityContext.supplementalGroupsPolicy"]),
        (one_of(&["Default", "Unmasked"]), &["SecurityContext.procMount"]),
        (
            one_of(&["RuntimeDefault", "Localhost", "Unconfined"]),
            &["SeccompProfile.type", "AppArmorProfile.type"],
        ),
        (
            json!({ "minimum": 1 }),
            &["TopologySpreadConstraint.maxSkew", "TopologySpreadConstraint.minDomains"],
        ),
        (one_of(&["DoNotSchedule", "ScheduleAnyway"]), &["TopologySpreadConstraint.whenUnsatisfiable"]),
        (
            one_of(&["Honor", "Ignore"]),
            &["TopologySpreadConstraint.nodeAffinityPolicy", "TopologySpreadConstraint.nodeTaintsPolicy"],
        ),
        (
            one_of(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
            &["NodeSelectorRequirement.operator"],
        ),
        (one_of(&["In", "NotIn", "Exists", "DoesNotExist"]), &["LabelSelectorRequirement.operator"]),
        (range(1, 100), &["PreferredSchedulingTerm.weight", "WeightedPodAffinityTerm.weight"]),
        (map_of(label_keys(), label_values()), &["LabelSelector.matchLabels"]),
        (one_of(&["Max", "Min", "Disabled"]), &["HPAScalingRules.selectPolicy"]),
        (range(0, 3600), &["HPAScalingRules.stabilizationWindowSeconds"]),
        (json!({ "minItems": 1 }), &["HPAScalingRules.policies"]),
        (one_of(&["Pods", "Percent"]), &["HPAScalingPolicy.type"]),
        (range(1, i32::MAX), &["HPAScalingPolicy.value"]),
        (range(1, 1800), &["HPAScalingPolicy.periodSeconds"]),
        (json!({ "minLength": 1 }), &["EnvVar.name", "VolumeMount.name", "VolumeMount.mountPath"]),
        (one_of(&["None", "HostToContainer", "Bidirectional"]), &["VolumeMount.mountPropagation"]),
        (one_of(&["TCP", "UDP", "SCTP"]), &["NetworkPolicyPort.protocol"]),
        (range(1, 65535), &["NetworkPolicyPort.endPort"]),
        (json!({ "pattern": CIDR, "x-pattern-help": CIDR_HELP }), &["IPBlock.cidr", "IPBlock.except[]"]),
    ]
}
