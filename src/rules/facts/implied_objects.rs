//! Objects that controllers make because of others: the Secret of a Certificate, the claims of a StatefulSet.
//!
//! A reference to one of them is right, though no document has it:
//!
//! | made of | by | what |
//! |---|---|---|
//! | Certificate, Issuer with ACME | cert-manager | the Secret of the certificate, of the account's key |
//! | ExternalSecret | External Secrets | a Secret, of its own name unless it says another |
//! | SealedSecret | Sealed Secrets | a Secret of its own name |
//! | Ingress, Gateway with an annotation for an issuer | cert-manager | the Secrets of their TLS entries |
//! | StatefulSet | Kubernetes | claims `<template>-<stateful set>-<ordinal>` |
//! | PersistentVolume | nothing | a StorageClass that need not be an object |
//!
//! Only their names are known. Which keys such a Secret will have is not: no rule judges references to them.

use std::collections::{BTreeMap, BTreeSet};

use super::field_pattern::FieldPattern;
use super::objects::{ObjectTree, Objects, namespace_key};
use crate::yaml::PackedNode;

/// Everything that is made because of the objects of a set.
#[derive(Debug)]
pub(crate) struct ImpliedObjects<'d> {
    /// Kind, namespace (empty for none) and name.
    named: BTreeSet<(&'d str, &'d str, &'d str)>,
    /// The claims of StatefulSets, by namespace.
    claims: BTreeMap<&'d str, Vec<ClaimTemplate<'d>>>,
}

/// A claim template of a StatefulSet. Its claims are called `<template>-<stateful set>-<ordinal>`. An autoscaler may
/// change how many there are, so any ordinal counts.
#[derive(Debug)]
struct ClaimTemplate<'d> {
    /// Its `metadata.name`.
    template: &'d str,
    /// The name of the StatefulSet that it is in.
    stateful_set: &'d str,
}

/// A custom kind whose controller makes a Secret.
struct SecretMaker {
    kind: &'static str,
    /// The API group, without a version: versions come and go, and mean the same here.
    group: &'static str,
    /// Where the Secret's name is written.
    name: FieldPattern,
    /// Whether the Secret has the maker's own name where none is written.
    or_own_name: bool,
}

/// The custom kinds whose controllers make a Secret.
const SECRET_MAKERS: &[SecretMaker] = &[
    secret_maker("Certificate", "cert-manager.io", "spec.secretName", false),
    secret_maker("Issuer", "cert-manager.io", "spec.acme.privateKeySecretRef.name", false),
    secret_maker("ExternalSecret", "external-secrets.io", "spec.target.name", true),
    // The controller gives the Secret this name, whatever `spec.template.metadata` says (`SealedSecret.Unseal`).
    secret_maker("SealedSecret", "bitnami.com", "metadata.name", false),
];

/// A row of the table.
const fn secret_maker(
    kind: &'static str,
    group: &'static str,
    name: &'static str,
    or_own_name: bool,
) -> SecretMaker {
    SecretMaker { kind, group, name: FieldPattern(name), or_own_name }
}

impl<'d> ImpliedObjects<'d> {
    /// What is made because of these objects.
    pub(crate) fn new(objects: &Objects<'d>) -> Self {
        let mut implied = ImpliedObjects { named: BTreeSet::new(), claims: BTreeMap::new() };
        for maker in SECRET_MAKERS {
            // By group as well: Knative, for one, has a kind `Certificate` of its own.
            let makers = objects.of_kind(maker.kind);
            for object in makers.filter(|object| object.identity().group() == maker.group) {
                let written = maker.name.find(object.node()).and_then(PackedNode::as_str);
                // Without either, nothing is made: an Issuer without ACME has no account.
                if let Some(name) = written.or(maker.or_own_name.then_some(object.name())) {
                    implied.named.insert(("Secret", namespace_key(object.namespace()), name));
                }
            }
        }
        for stateful_set in objects.of_kind("StatefulSet") {
            implied.add_claims(stateful_set);
        }
        // Where a volume is there already, a claim is bound to it by comparing the names of their classes. No object of
        // that name is needed (`storageClassName: manual` in the tutorial of Kubernetes).
        for volume in objects.of_kind("PersistentVolume") {
            let class = volume.spec().and_then(|spec| spec.get("storageClassName"));
            implied.named.extend(class.and_then(PackedNode::as_str).map(|name| ("StorageClass", "", name)));
        }
        // cert-manager makes the Secrets of an Ingress or a Gateway that names an issuer in an annotation.
        for ingress in objects.of_kind("Ingress").filter(|ingress| names_issuer(ingress)) {
            implied.add_secrets(ingress, FieldPattern("spec.tls[].secretName"));
        }
        for gateway in objects.of_kind("Gateway").filter(|gateway| names_issuer(gateway)) {
            implied.add_secrets(gateway, FieldPattern("spec.listeners[].tls.certificateRefs[].name"));
        }
        implied
    }

    /// Whether an object of this kind and name is made in the namespace.
    pub(crate) fn contains(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        let namespace = namespace_key(namespace);
        self.named.contains(&(kind, namespace, name))
            || (kind == "PersistentVolumeClaim" && self.has_claim(namespace, name))
    }

    /// Whether a StatefulSet of the namespace makes a claim of this name.
    fn has_claim(&self, namespace: &str, name: &str) -> bool {
        self.claims.get(namespace).into_iter().flatten().any(|claim| claim.is_named(name))
    }

    /// Adds the claim templates of a StatefulSet.
    fn add_claims(&mut self, stateful_set: &ObjectTree<'d>) {
        let claims = self.claims.entry(namespace_key(stateful_set.namespace())).or_default();
        FieldPattern("spec.volumeClaimTemplates[].metadata.name").each(
            stateful_set.node(),
            &mut |name, _| {
                let stateful_set = stateful_set.name();
                claims.extend(name.as_str().map(|template| ClaimTemplate { template, stateful_set }));
            },
        );
        self.add_overridden(stateful_set);
    }

    /// Adds the claims of volumes that a claim template of the same name takes the place of (`updateStorage` of the
    /// StatefulSet controller): no pod ever asks for them.
    fn add_overridden(&mut self, stateful_set: &ObjectTree<'d>) {
        let mut templates = BTreeSet::new();
        FieldPattern("spec.volumeClaimTemplates[].metadata.name")
            .each(stateful_set.node(), &mut |name, _| templates.extend(name.as_str()));
        let volumes = stateful_set.spec().and_then(|spec| spec.get("template")?.get("spec")?.get("volumes"));
        for volume in volumes.and_then(PackedNode::as_list).unwrap_or_default() {
            let is_overridden =
                volume.get("name").and_then(PackedNode::as_str).is_some_and(|name| templates.contains(name));
            let claim =
                volume.get("persistentVolumeClaim").and_then(|claim| claim.get("claimName")?.as_str());
            if let (true, Some(claim)) = (is_overridden, claim) {
                let namespace = namespace_key(stateful_set.namespace());
                self.named.insert(("PersistentVolumeClaim", namespace, claim));
            }
        }
    }

    /// Adds the Secrets whose names a pattern finds.
    fn add_secrets(&mut self, object: &ObjectTree<'d>, names: FieldPattern) {
        names.each(object.node(), &mut |name, _| {
            self.named.extend(name.as_str().map(|name| ("Secret", namespace_key(object.namespace()), name)));
        });
    }
}

impl ClaimTemplate<'_> {
    /// Whether a claim of this name is one of those that are made of the template.
    fn is_named(&self, name: &str) -> bool {
        // Both names may have dashes in them, so the name is taken apart from the front by what is known, and not
        // split.
        fn after<'n>(name: &'n str, part: &str) -> Option<&'n str> {
            name.strip_prefix(part)?.strip_prefix('-')
        }
        let ordinal = after(name, self.template).and_then(|rest| after(rest, self.stateful_set));
        // Ordinals need not begin at 0 (`spec.ordinals.start`), and replicas come and go: any number will do.
        ordinal.is_some_and(|ordinal| ordinal.parse::<u32>().is_ok())
    }
}

/// Whether an annotation asks cert-manager for certificates. The last one was introduced by kube-lego, the
/// predecessor of cert-manager.
fn names_issuer(object: &ObjectTree<'_>) -> bool {
    const ANNOTATIONS: [&str; 3] =
        ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme"];
    object
        .annotations()
        .is_some_and(|annotations| ANNOTATIONS.iter().any(|key| annotations.contains_key(key)))
}
