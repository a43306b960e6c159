//! Every place where an object names another one: a table, and what stands there.

use super::trail::path_to;
use super::{ObjectSet, Subject};
use crate::yaml::{Node, ValuePath};

/// What is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
    /// A PersistentVolumeClaim.
    Claim,
    /// A ServiceAccount.
    ServiceAccount,
    /// A Service that gets requests.
    Backend,
    /// Whatever an autoscaler scales; a Deployment unless it says otherwise.
    ScaleTarget,
    /// A Role or a ClusterRole.
    Role,
    /// A PriorityClass, a StorageClass, an IngressClass or a RuntimeClass.
    Class(&'static str),
    /// A TriggerAuthentication of KEDA.
    Authentication,
}

/// Who names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The spec of a pod.
    Pod,
    /// A container of a pod, initial ones too.
    Container,
    /// Objects of a kind; the group tells custom kinds apart, and is empty where no other group has the kind.
    Kind(&'static str, &'static str),
}

/// Where the names of a part's entries are, if a reference asks for entries.
#[derive(Clone, Copy, Debug)]
enum Keys {
    /// It asks for none.
    None,
    /// `key` beside the name.
    One,
    /// `items[].key` beside the name.
    Items,
}

/// One place of references.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) from: From,
    /// The pattern of the map that holds the name.
    pub(super) map: &'static str,
    /// The key of the name in that map.
    pub(super) name: &'static str,
    pub(super) to: To,
    keys: Keys,
}

const fn pod(map: &'static str, name: &'static str, to: To) -> Line {
    Line { from: From::Pod, map, name, to, keys: Keys::None }
}

const fn items(map: &'static str, name: &'static str, to: To) -> Line {
    Line { from: From::Pod, map, name, to, keys: Keys::Items }
}

const fn container(map: &'static str, to: To, keys: Keys) -> Line {
    Line { from: From::Container, map, name: "name", to, keys }
}

const fn of(kind: &'static str, map: &'static str, name: &'static str, to: To) -> Line {
    Line { from: From::Kind(kind, ""), map, name, to, keys: Keys::None }
}

const fn custom(kind: &'static str, group: &'static str, map: &'static str, to: To) -> Line {
    Line { from: From::Kind(kind, group), map, name: "name", to, keys: Keys::None }
}

const fn keyed(kind: &'static str, group: &'static str, map: &'static str, to: To) -> Line {
    Line { from: From::Kind(kind, group), map, name: "name", to, keys: Keys::One }
}

const KEDA: &str = "keda.sh";
const GATEWAY: &str = "gateway.networking.k8s.io";
const PROMETHEUS: &str = "monitoring.coreos.com";

pub(super) const LINES: &[Line] = &[
    items("volumes[].configMap", "name", To::ConfigMap),
    items("volumes[].projected.sources[].configMap", "name", To::ConfigMap),
    container("env[].valueFrom.configMapKeyRef", To::ConfigMap, Keys::One),
    container("envFrom[].configMapRef", To::ConfigMap, Keys::None),
    keyed("TriggerAuthentication", KEDA, "spec.configMapTargetRef[]", To::ConfigMap),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.ca.configMap", To::ConfigMap),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.cert.configMap", To::ConfigMap),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].tlsConfig.ca.configMap", To::ConfigMap),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].tlsConfig.cert.configMap", To::ConfigMap),
    items("volumes[].secret", "secretName", To::Secret),
    items("volumes[].projected.sources[].secret", "name", To::Secret),
    pod("volumes[].csi.nodePublishSecretRef", "name", To::Secret),
    pod("volumes[].azureFile", "secretName", To::Secret),
    pod("volumes[].cephfs.secretRef", "name", To::Secret),
    pod("volumes[].flexVolume.secretRef", "name", To::Secret),
    pod("volumes[].iscsi.secretRef", "name", To::Secret),
    pod("volumes[].rbd.secretRef", "name", To::Secret),
    pod("imagePullSecrets[]", "name", To::Secret),
    container("env[].valueFrom.secretKeyRef", To::Secret, Keys::One),
    container("envFrom[].secretRef", To::Secret, Keys::None),
    of("ServiceAccount", "imagePullSecrets[]", "name", To::Secret),
    of("ServiceAccount", "secrets[]", "name", To::Secret),
    of("Ingress", "spec.tls[]", "secretName", To::Secret),
    of("IngressRoute", "spec.tls", "secretName", To::Secret),
    custom("Gateway", GATEWAY, "spec.listeners[].tls.certificateRefs[]", To::Secret),
    Line {
        from: From::Kind("Issuer", "cert-manager.io"),
        map: "spec.ca",
        name: "secretName",
        to: To::Secret,
        keys: Keys::None,
    },
    keyed("TriggerAuthentication", KEDA, "spec.secretTargetRef[]", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].basicAuth.username", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].basicAuth.password", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].bearerTokenSecret", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].authorization.credentials", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].oauth2.clientId.secret", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].oauth2.clientSecret", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.ca.secret", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.cert.secret", To::Secret),
    keyed("ServiceMonitor", PROMETHEUS, "spec.endpoints[].tlsConfig.keySecret", To::Secret),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].basicAuth.username", To::Secret),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].basicAuth.password", To::Secret),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].bearerTokenSecret", To::Secret),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].authorization.credentials", To::Secret),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].tlsConfig.ca.secret", To::Secret),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].tlsConfig.cert.secret", To::Secret),
    keyed("PodMonitor", PROMETHEUS, "spec.podMetricsEndpoints[].tlsConfig.keySecret", To::Secret),
    pod("volumes[].persistentVolumeClaim", "claimName", To::Claim),
    pod("", "serviceAccountName", To::ServiceAccount),
    of("Ingress", "spec.defaultBackend.service", "name", To::Backend),
    of("Ingress", "spec.rules[].http.paths[].backend.service", "name", To::Backend),
    of("IngressRoute", "spec.routes[].services[]", "name", To::Backend),
    of("ValidatingWebhookConfiguration", "webhooks[].clientConfig.service", "name", To::Backend),
    of("MutatingWebhookConfiguration", "webhooks[].clientConfig.service", "name", To::Backend),
    of("CustomResourceDefinition", "spec.conversion.webhook.clientConfig.service", "name", To::Backend),
    of("APIService", "spec.service", "name", To::Backend),
    custom("HTTPRoute", GATEWAY, "spec.rules[].backendRefs[]", To::Backend),
    custom("HTTPRoute", GATEWAY, "spec.rules[].filters[].requestMirror.backendRef", To::Backend),
    custom("GRPCRoute", GATEWAY, "spec.rules[].backendRefs[]", To::Backend),
    custom("GRPCRoute", GATEWAY, "spec.rules[].filters[].requestMirror.backendRef", To::Backend),
    custom("TLSRoute", GATEWAY, "spec.rules[].backendRefs[]", To::Backend),
    custom("TCPRoute", GATEWAY, "spec.rules[].backendRefs[]", To::Backend),
    of("Rollout", "spec.strategy.canary", "stableService", To::Backend),
    of("Rollout", "spec.strategy.canary", "canaryService", To::Backend),
    of("Rollout", "spec.strategy.blueGreen", "activeService", To::Backend),
    of("Rollout", "spec.strategy.blueGreen", "previewService", To::Backend),
    of("HorizontalPodAutoscaler", "spec.scaleTargetRef", "name", To::ScaleTarget),
    of("VerticalPodAutoscaler", "spec.targetRef", "name", To::ScaleTarget),
    custom("ScaledObject", KEDA, "spec.scaleTargetRef", To::ScaleTarget),
    of("RoleBinding", "roleRef", "name", To::Role),
    of("ClusterRoleBinding", "roleRef", "name", To::Role),
    pod("", "priorityClassName", To::Class("PriorityClass")),
    pod("", "runtimeClassName", To::Class("RuntimeClass")),
    pod("volumes[].ephemeral.volumeClaimTemplate.spec", "storageClassName", To::Class("StorageClass")),
    of("PersistentVolumeClaim", "spec", "storageClassName", To::Class("StorageClass")),
    of("StatefulSet", "spec.volumeClaimTemplates[].spec", "storageClassName", To::Class("StorageClass")),
    of("Ingress", "spec", "ingressClassName", To::Class("IngressClass")),
    custom("ScaledObject", KEDA, "spec.triggers[].authenticationRef", To::Authentication),
    custom("ScaledJob", KEDA, "spec.triggers[].authenticationRef", To::Authentication),
];

/// One object's naming of another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference<'s> {
    /// Who names.
    pub(super) subject: Subject<'s>,
    /// The kind of what is named.
    pub(super) kind: &'s str,
    /// The name.
    pub(super) name: &'s str,
    /// The map that the name is in.
    pub(super) map: &'s Node,
    line: &'static Line,
}

impl Line {
    /// The group that objects of a kind must be of for this line to be about them; nothing if any will do.
    pub(super) fn group_of(&self, kind: &str) -> Option<&'static str> {
        match self.from {
            From::Kind(of, group) if of == kind => Some(group),
            _ => None,
        }
    }
}

/// What a line finds in a map, if that names something.
pub(super) fn reference<'s>(
    subject: Subject<'s>,
    line: &'static Line,
    map: &'s Node,
) -> Option<Reference<'s>> {
    let name = map.get(line.name).and_then(Node::as_str).filter(|name| !name.is_empty())?;
    let written = map.get("kind").and_then(Node::as_str);
    let kind = match line.to {
        To::ScaleTarget => written.unwrap_or("Deployment"),
        To::Role => written?,
        // Another kind than the one expected is none of our business.
        to => to.kind().filter(|kind| written.is_none_or(|written| written == *kind))?,
    };
    Some(Reference { subject, kind, name, map, line })
}

impl To {
    /// The kind, where there is but one.
    fn kind(self) -> Option<&'static str> {
        match self {
            To::ConfigMap => Some("ConfigMap"),
            To::Secret => Some("Secret"),
            To::Claim => Some("PersistentVolumeClaim"),
            To::ServiceAccount => Some("ServiceAccount"),
            To::Backend => Some("Service"),
            To::Class(kind) => Some(kind),
            To::Authentication => Some("TriggerAuthentication"),
            To::ScaleTarget | To::Role => None,
        }
    }
}

impl<'s> Reference<'s> {
    /// Whether it says that the object, or the entry, may be absent.
    pub(super) fn is_optional(&self) -> bool {
        self.map.get("optional").and_then(Node::as_bool) == Some(true)
    }

    /// Whether a pod names it, and not an object of another kind.
    pub(super) fn is_of_pod(&self) -> bool {
        !matches!(self.line.from, From::Kind(..))
    }

    /// The path of the name.
    pub(super) fn path(&self) -> ValuePath {
        self.map_path().and_key(self.line.name)
    }

    /// The path of the map that the name is in.
    pub(super) fn map_path(&self) -> ValuePath {
        path_to(&self.subject.document.node, self.map)
    }

    /// The name, as it is written.
    pub(super) fn written(&self) -> &'s Node {
        self.map.get(self.line.name).unwrap_or(self.map)
    }

    /// The namespace in which it looks; none for kinds that have none.
    pub(super) fn namespace(&self) -> Option<&'s str> {
        let cluster = ["ClusterRole", "PriorityClass", "StorageClass", "IngressClass", "RuntimeClass"];
        let written = self.map.get("namespace").and_then(Node::as_str);
        if cluster.contains(&self.kind) { None } else { written.or(self.subject.namespace()) }
    }

    /// Whether it looks into another namespace than its own, or has none of its own.
    pub(super) fn is_elsewhere(&self) -> bool {
        let written = self.map.get("namespace").and_then(Node::as_str);
        written.is_some_and(|written| self.subject.namespace() != Some(written))
    }

    /// The object, if the set has it.
    pub(super) fn target<'a, 'd>(&self, set: &'a ObjectSet<'d>) -> Option<&'a Subject<'d>> {
        set.find(self.kind, self.namespace(), self.name)
    }

    /// Every entry that it asks for: its name, as it is written.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'s Node> + use<'s> {
        let map = self.map;
        let (one, items) = match self.line.keys {
            Keys::None => (None, None),
            Keys::One => (Some(map), None),
            Keys::Items => (None, map.get("items").and_then(Node::as_list)),
        };
        one.into_iter().chain(items.into_iter().flatten()).filter_map(|node| node.get("key"))
    }
}
