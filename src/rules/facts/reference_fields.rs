//! The table of all fields in which an object names another one.
//!
//! A line says where a map is that has a name in it, and what the name is of:
//!
//! ```text
//! container("env[].valueFrom.secretKeyRef", Target::Secret, Keys::One)
//!           │                               │               └─ `key` beside the name is asked for too
//!           │                               └─ the name is that of a Secret
//!           └─ below each container: env: [{valueFrom: {secretKeyRef: {name: db, key: password, optional: true}}}]
//! ```
//!
//! Lines are for maps and not for the names themselves, as what belongs to a name stands beside it: `optional`,
//! `namespace`, `kind`, `key`. Where the name stands in the spec itself (`serviceAccountName`) the map is the spec.

use super::field_pattern::FieldPattern;

/// A field in which objects name others.
#[derive(Debug)]
pub(crate) struct ReferenceField {
    /// What has the field.
    pub(crate) holder: Holder,
    /// The map that has the name, seen from the holder.
    pub(crate) map: FieldPattern,
    /// The key of the name in that map: `name` mostly, `secretName` or `claimName` for some volumes.
    pub(crate) name: &'static str,
    /// What is named.
    pub(crate) target: Target,
    /// The entries of the target that are asked for besides.
    pub(crate) keys: Keys,
}

/// What has a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The spec of a pod.
    PodSpec,
    /// A container of a pod, init containers too.
    Container,
    /// Objects of a kind. The group tells custom kinds apart. It is empty where the name of the kind is enough, and
    /// where the kind has moved from one group to another (`IngressRoute` from `traefik.containo.us` to `traefik.io`).
    Kind(&'static str, &'static str),
}

impl Holder {
    /// The group that objects of a kind must be of to be the holder: empty if any will do, none if it is another kind.
    pub(crate) fn group_of(self, kind: &str) -> Option<&'static str> {
        match self {
            Holder::Kind(of, group) if of == kind => Some(group),
            _ => None,
        }
    }
}

/// What is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
    /// A PersistentVolumeClaim.
    Claim,
    /// A ServiceAccount.
    ServiceAccount,
    /// A Service that gets requests: of a route, a webhook, an aggregated API.
    Backend,
    /// Whatever an autoscaler scales; a Deployment unless it says otherwise.
    Scaled,
    /// A Role or a ClusterRole.
    Role,
    /// A PriorityClass, a StorageClass, an IngressClass or a RuntimeClass.
    Class(&'static str),
    /// A TriggerAuthentication of KEDA.
    Authentication,
}

impl Target {
    /// The kind, where there is but one.
    pub(crate) fn kind(self) -> Option<&'static str> {
        match self {
            Target::ConfigMap => Some("ConfigMap"),
            Target::Secret => Some("Secret"),
            Target::Claim => Some("PersistentVolumeClaim"),
            Target::ServiceAccount => Some("ServiceAccount"),
            Target::Backend => Some("Service"),
            Target::Class(kind) => Some(kind),
            Target::Authentication => Some("TriggerAuthentication"),
            Target::Scaled | Target::Role => None,
        }
    }
}

/// Where the entries of the target are named that a reference asks for: entries of the `data` of a ConfigMap or a
/// Secret.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys {
    /// It asks for none.
    None,
    /// The entry `key` beside the name.
    One,
    /// The entries `items[].key` beside the name.
    Items,
}

/// A field of a pod's spec.
const fn pod(map: &'static str, name: &'static str, target: Target) -> ReferenceField {
    ReferenceField { holder: Holder::PodSpec, map: FieldPattern(map), name, target, keys: Keys::None }
}

/// A volume of a pod's spec that may pick entries of its target (`items`).
const fn pod_items(map: &'static str, name: &'static str, target: Target) -> ReferenceField {
    ReferenceField { keys: Keys::Items, ..pod(map, name, target) }
}

/// A field of a container. All of them call the name `name`.
const fn container(map: &'static str, target: Target, keys: Keys) -> ReferenceField {
    ReferenceField { holder: Holder::Container, map: FieldPattern(map), name: "name", target, keys }
}

/// A field of a kind, of whatever group.
const fn kind(kind: &'static str, map: &'static str, name: &'static str, target: Target) -> ReferenceField {
    let holder = Holder::Kind(kind, "");
    ReferenceField { holder, map: FieldPattern(map), name, target, keys: Keys::None }
}

/// A field of a custom kind, in its group alone. Nearly all call the name `name`, as the types of Kubernetes that
/// they reuse do.
const fn custom_kind(
    kind: &'static str,
    group: &'static str,
    map: &'static str,
    target: Target,
) -> ReferenceField {
    let holder = Holder::Kind(kind, group);
    ReferenceField { holder, map: FieldPattern(map), name: "name", target, keys: Keys::None }
}

/// A field of a custom kind that asks for an entry of its target.
const fn custom_kind_key(
    kind: &'static str,
    group: &'static str,
    map: &'static str,
    target: Target,
) -> ReferenceField {
    ReferenceField { keys: Keys::One, ..custom_kind(kind, group, map, target) }
}

// Groups of custom kinds, without versions.
const KEDA: &str = "keda.sh";
const GATEWAY: &str = "gateway.networking.k8s.io";
const PROMETHEUS: &str = "monitoring.coreos.com";

/// Every field that names an object. The order is that of findings about one object.
///
/// The fields are from the API references of Kubernetes and of each project.
pub(crate) const REFERENCE_FIELDS: &[ReferenceField] = &[
    // ConfigMaps.
    pod_items("volumes[].configMap", "name", Target::ConfigMap),
    pod_items("volumes[].projected.sources[].configMap", "name", Target::ConfigMap),
    container("env[].valueFrom.configMapKeyRef", Target::ConfigMap, Keys::One),
    container("envFrom[].configMapRef", Target::ConfigMap, Keys::None),
    custom_kind_key("TriggerAuthentication", KEDA, "spec.configMapTargetRef[]", Target::ConfigMap),
    custom_kind_key(
        "ServiceMonitor",
        PROMETHEUS,
        "spec.endpoints[].tlsConfig.ca.configMap",
        Target::ConfigMap,
    ),
    custom_kind_key(
        "ServiceMonitor",
        PROMETHEUS,
        "spec.endpoints[].tlsConfig.cert.configMap",
        Target::ConfigMap,
    ),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].tlsConfig.ca.configMap",
        Target::ConfigMap,
    ),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].tlsConfig.cert.configMap",
        Target::ConfigMap,
    ),
    // Secrets. Of a volume's drivers only the fields that a pod itself may write: those of PersistentVolumes are the
    // cluster's, and name Secrets of whatever namespace.
    pod_items("volumes[].secret", "secretName", Target::Secret),
    pod_items("volumes[].projected.sources[].secret", "name", Target::Secret),
    pod("volumes[].csi.nodePublishSecretRef", "name", Target::Secret),
    pod("volumes[].azureFile", "secretName", Target::Secret),
    pod("volumes[].cephfs.secretRef", "name", Target::Secret),
    pod("volumes[].flexVolume.secretRef", "name", Target::Secret),
    pod("volumes[].iscsi.secretRef", "name", Target::Secret),
    pod("volumes[].rbd.secretRef", "name", Target::Secret),
    pod("imagePullSecrets[]", "name", Target::Secret),
    container("env[].valueFrom.secretKeyRef", Target::Secret, Keys::One),
    container("envFrom[].secretRef", Target::Secret, Keys::None),
    kind("ServiceAccount", "imagePullSecrets[]", "name", Target::Secret),
    kind("ServiceAccount", "secrets[]", "name", Target::Secret),
    // An entry without a name uses the controller's default certificate, and is no reference.
    kind("Ingress", "spec.tls[]", "secretName", Target::Secret),
    kind("IngressRoute", "spec.tls", "secretName", Target::Secret),
    custom_kind("Gateway", GATEWAY, "spec.listeners[].tls.certificateRefs[]", Target::Secret),
    // A ClusterIssuer has the same field. It means a Secret in the namespace where cert-manager keeps those of the
    // whole cluster, and which one that is depends on the installation.
    ReferenceField {
        holder: Holder::Kind("Issuer", "cert-manager.io"),
        map: FieldPattern("spec.ca"),
        name: "secretName",
        target: Target::Secret,
        keys: Keys::None,
    },
    custom_kind_key("TriggerAuthentication", KEDA, "spec.secretTargetRef[]", Target::Secret),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].basicAuth.username", Target::Secret),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].basicAuth.password", Target::Secret),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].bearerTokenSecret", Target::Secret),
    custom_kind_key(
        "ServiceMonitor",
        PROMETHEUS,
        "spec.endpoints[].authorization.credentials",
        Target::Secret,
    ),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].oauth2.clientId.secret", Target::Secret),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].oauth2.clientSecret", Target::Secret),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.ca.secret", Target::Secret),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.cert.secret", Target::Secret),
    custom_kind_key("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.keySecret", Target::Secret),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].basicAuth.username",
        Target::Secret,
    ),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].basicAuth.password",
        Target::Secret,
    ),
    custom_kind_key("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].bearerTokenSecret", Target::Secret),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].authorization.credentials",
        Target::Secret,
    ),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].tlsConfig.ca.secret",
        Target::Secret,
    ),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].tlsConfig.cert.secret",
        Target::Secret,
    ),
    custom_kind_key(
        "PodMonitor",
        PROMETHEUS,
        "spec.podMetricsEndpoints[].tlsConfig.keySecret",
        Target::Secret,
    ),
    // What else a pod cannot start without. Its old name for the account, `serviceAccount`, is a copy that the API
    // server keeps equal, and R402 reports it.
    pod("volumes[].persistentVolumeClaim", "claimName", Target::Claim),
    pod("", "serviceAccountName", Target::ServiceAccount),
    // Services that get requests. Where a field may be of another kind too (a bucket as backend of an Ingress, a
    // Traefik service), the other kind stands in another field or under `kind`.
    kind("Ingress", "spec.defaultBackend.service", "name", Target::Backend),
    kind("Ingress", "spec.rules[].http.paths[].backend.service", "name", Target::Backend),
    kind("IngressRoute", "spec.routes[].services[]", "name", Target::Backend),
    kind("ValidatingWebhookConfiguration", "webhooks[].clientConfig.service", "name", Target::Backend),
    kind("MutatingWebhookConfiguration", "webhooks[].clientConfig.service", "name", Target::Backend),
    kind("CustomResourceDefinition", "spec.conversion.webhook.clientConfig.service", "name", Target::Backend),
    kind("APIService", "spec.service", "name", Target::Backend),
    custom_kind("HTTPRoute", GATEWAY, "spec.rules[].backendRefs[]", Target::Backend),
    custom_kind("HTTPRoute", GATEWAY, "spec.rules[].filters[].requestMirror.backendRef", Target::Backend),
    custom_kind("GRPCRoute", GATEWAY, "spec.rules[].backendRefs[]", Target::Backend),
    custom_kind("GRPCRoute", GATEWAY, "spec.rules[].filters[].requestMirror.backendRef", Target::Backend),
    custom_kind("TLSRoute", GATEWAY, "spec.rules[].backendRefs[]", Target::Backend),
    custom_kind("TCPRoute", GATEWAY, "spec.rules[].backendRefs[]", Target::Backend),
    // Argo Rollouts adds a hash to the selectors of these Services; it does not make them.
    kind("Rollout", "spec.strategy.canary", "stableService", Target::Backend),
    kind("Rollout", "spec.strategy.canary", "canaryService", Target::Backend),
    kind("Rollout", "spec.strategy.blueGreen", "activeService", Target::Backend),
    kind("Rollout", "spec.strategy.blueGreen", "previewService", Target::Backend),
    // What is scaled, and what rights are given.
    kind("HorizontalPodAutoscaler", "spec.scaleTargetRef", "name", Target::Scaled),
    kind("VerticalPodAutoscaler", "spec.targetRef", "name", Target::Scaled),
    custom_kind("ScaledObject", KEDA, "spec.scaleTargetRef", Target::Scaled),
    kind("RoleBinding", "roleRef", "name", Target::Role),
    kind("ClusterRoleBinding", "roleRef", "name", Target::Role),
    // Classes, which mostly belong to the cluster.
    pod("", "priorityClassName", Target::Class("PriorityClass")),
    pod("", "runtimeClassName", Target::Class("RuntimeClass")),
    pod("volumes[].ephemeral.volumeClaimTemplate.spec", "storageClassName", Target::Class("StorageClass")),
    kind("PersistentVolumeClaim", "spec", "storageClassName", Target::Class("StorageClass")),
    kind(
        "StatefulSet",
        "spec.volumeClaimTemplates[].spec",
        "storageClassName",
        Target::Class("StorageClass"),
    ),
    kind("Ingress", "spec", "ingressClassName", Target::Class("IngressClass")),
    custom_kind("ScaledObject", KEDA, "spec.triggers[].authenticationRef", Target::Authentication),
    custom_kind("ScaledJob", KEDA, "spec.triggers[].authenticationRef", Target::Authentication),
];
