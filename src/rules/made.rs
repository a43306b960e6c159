//! Objects that others make: a Certificate its Secret, a StatefulSet its claims.

use std::collections::{BTreeMap, BTreeSet};

use super::trail::Trail;
use super::{ObjectSet, Subject};
use crate::yaml::Node;

/// Who makes Secrets: the maker's kind, and where it writes the name, which is its own if it writes none.
struct Maker {
    kind: &'static str,
    group: &'static str,
    name: &'static str,
    or_own: bool,
}

const MAKERS: &[Maker] = &[
    secret("Certificate", "cert-manager.io", "spec.secretName", false),
    secret("Issuer", "cert-manager.io", "spec.acme.privateKeySecretRef.name", false),
    secret("ExternalSecret", "external-secrets.io", "spec.target.name", true),
    secret("SealedSecret", "bitnami.com", "spec.template.metadata.name", true),
];

const fn secret(kind: &'static str, group: &'static str, name: &'static str, or_own: bool) -> Maker {
    Maker { kind, group, name, or_own }
}

/// Everything that objects of a set have made for them.
#[derive(Debug)]
pub(super) struct Made<'d> {
    by_name: BTreeSet<(&'d str, &'d str, &'d str)>,
    /// The beginnings of the names of claims, by namespace: template and StatefulSet; a number follows.
    claims: BTreeMap<&'d str, Vec<(&'d str, &'d str)>>,
}

impl<'d> Made<'d> {
    pub(super) fn new(set: &ObjectSet<'d>) -> Self {
        let mut made = Made { by_name: BTreeSet::new(), claims: BTreeMap::new() };
        let kinds = ["StatefulSet", "PersistentVolume", "Ingress", "Gateway"].into_iter();
        for subject in MAKERS.iter().map(|maker| maker.kind).chain(kinds).flat_map(|kind| set.of_kind(kind)) {
            made.read(&subject.document.node, &subject.document.identity.kind, subject);
        }
        made
    }

    /// Whether an object of this kind and name comes into being in the namespace.
    pub(super) fn has(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        let namespace = namespace.unwrap_or_default();
        self.by_name.contains(&(kind, namespace, name))
            || (kind == "PersistentVolumeClaim" && self.has_claim(namespace, name))
    }

    fn has_claim(&self, namespace: &str, name: &str) -> bool {
        let mut claims = self.claims.get(namespace).into_iter().flatten();
        claims.any(|(template, set)| {
            let rest = name.strip_prefix(template).and_then(|rest| rest.strip_prefix('-'));
            let number = rest.and_then(|rest| rest.strip_prefix(set)).and_then(|rest| rest.strip_prefix('-'));
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        })
    }

    fn read(&mut self, node: &'d Node, kind: &'d str, subject: &Subject<'d>) {
        let identity = &subject.document.identity;
        let namespace = identity.namespace.as_deref().unwrap_or_default();
        for maker in MAKERS.iter().filter(|maker| maker.kind == kind && maker.group == identity.group()) {
            let written = Trail::ROOT.at(node, maker.name).and_then(|(name, _)| name.as_str());
            let name = written.or_else(|| maker.or_own.then_some(&*identity.name));
            self.by_name.extend(name.map(|name| ("Secret", namespace, name)));
        }
        match kind {
            "StatefulSet" => {
                Trail::ROOT.each(node, "spec.volumeClaimTemplates[].metadata.name", &mut |name, _| {
                    let claim = name.as_str().map(|template| (template, &*identity.name));
                    self.claims.entry(namespace).or_default().extend(claim);
                })
            }
            // A class that binds claims to volumes by its name alone.
            "PersistentVolume" => Trail::ROOT.each(node, "spec.storageClassName", &mut |name, _| {
                self.by_name.extend(name.as_str().map(|name| ("StorageClass", "", name)));
            }),
            // cert-manager makes the Secrets of an Ingress or a Gateway that names an issuer.
            "Ingress" if names_issuer(node) => self.read_hosts(node, namespace, "spec.tls[].secretName"),
            "Gateway" if names_issuer(node) => {
                self.read_hosts(node, namespace, "spec.listeners[].tls.certificateRefs[].name");
            }
            _ => {}
        }
    }

    fn read_hosts(&mut self, node: &'d Node, namespace: &'d str, names: &'static str) {
        Trail::ROOT.each(node, names, &mut |name, _| {
            self.by_name.extend(name.as_str().map(|name| ("Secret", namespace, name)));
        });
    }
}

fn names_issuer(node: &Node) -> bool {
    let annotations = node.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let names = ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme"];
    annotations.is_some_and(|annotations| names.iter().any(|name| annotations.get(name).is_some()))
}
