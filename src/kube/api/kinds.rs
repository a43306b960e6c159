//! `Api`: the kinds that a run knows, built in or added from CRDs.

use super::built_in::built_in;
use super::patterns::Patterns;
use super::table::{ObjectKind, Table};
use super::versions::Versions;
use crate::manifest::Identity;

/// What Kubernetes and the known custom resources look like. Making one costs nothing: what is built in is
/// static data, and it is copied only when a CRD is added.
#[derive(Debug)]
pub struct Api {
    pub(in crate::kube) table: Table,
    pub(in crate::kube) patterns: Patterns,
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}

impl Api {
    /// The kinds that are built in: those of Kubernetes and the bundled custom resources.
    pub fn new() -> Self {
        Api { table: built_in(), patterns: Patterns::default() }
    }

    /// Whether every one of the versions has this kind, given as `apps/v1/Deployment` or `v1/Pod`.
    pub fn has(&self, name: &str, versions: Versions) -> bool {
        let known = name.rsplit_once('/').and_then(|(api_version, kind)| self.table.kind(api_version, kind));
        known.is_some_and(|known| versions.lacking(known.availability).is_empty())
    }

    /// The API version to write instead of an alpha or beta one of Kubernetes' own, where every one of the versions
    /// serves it. What custom resources serve, they serve as long as they please.
    pub fn successor(&self, api_version: &str, kind: &str, versions: Versions) -> Option<&str> {
        if stability(api_version).stable {
            return None;
        }
        let group = |name: &str| name.rsplit_once('/').map(|(group, _)| group.to_owned());
        let own = self.table.versions_of(kind).filter(|known| !known.custom);
        let served = own.filter(|known| versions.lacking(known.availability).is_empty());
        let newest = served
            .map(|known| self.table.name(known.api_version))
            .filter(|name| group(name) == group(api_version))
            .max_by_key(|name| stability(name))?;
        (stability(newest) > stability(api_version)).then_some(newest)
    }

    /// Whether objects of this kind live in a namespace; none when the kind is not known.
    pub fn is_namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        self.table.kind(api_version, kind).map(|known| known.namespaced)
    }

    /// The kind of an object in its own version, or in another one of its group. Documents that are compared need not be of a
    /// version that is known, and most of their fields are the same in all.
    pub(in crate::kube) fn kind_of(&self, object: &Identity) -> Option<&ObjectKind> {
        let table = &self.table;
        let group =
            |kind: &ObjectKind| table.name(kind.api_version).rsplit_once('/').map_or("", |(group, _)| group);
        let exact = table.kind(&object.api_version, &object.kind);
        exact.or_else(|| table.versions_of(&object.kind).find(|kind| group(kind) == object.group()))
    }
}

/// How far an API version has come, in the order in which versions are preferred: stable before beta before alpha, then
/// by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::kube) struct Stability<'v> {
    pub(in crate::kube) stable: bool,
    at_least_beta: bool,
    name: &'v str,
}

/// The stability of an API version such as `resource.k8s.io/v1beta2`.
pub(in crate::kube) fn stability(api_version: &str) -> Stability<'_> {
    let alpha = api_version.contains("alpha");
    let beta = api_version.contains("beta");
    Stability { stable: !alpha && !beta, at_least_beta: !alpha, name: api_version }
}
