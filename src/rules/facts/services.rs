//! Services: their ports, the index from pods to the Services that lead to them, and the index by their own labels.
//!
//! From a Service to its pods leads [`PodIndex`](super::selectors::PodIndex); this index goes the other way, for
//! rules that look at one pod at a time. A Service with `{app: web, part-of: shop}` stands under the rarer label
//! alone:
//!
//! ```text
//! app=web ──► [Service web]      part-of=shop ──► []
//! ```

use std::rc::Rc;

use super::field_pattern::items;
use super::looks::Looks;
use super::objects::{ObjectTree, Objects};
use super::pods::TypedPod;
use super::selectors::{LabelIndex, Selector, label_pairs};
use crate::yaml::{PackedList, PackedNode, ScalarRef, ValuePath};

/// The Services that wait until a pod is ready, by the labels that they select. Those with `publishNotReadyAddresses`
/// do not wait, and are left out.
#[derive(Debug)]
pub(crate) struct ServiceIndex {
    /// Indices of objects. Each Service stands under one label alone, the one of its selector that the fewest
    /// Services ask for. A pod that the Service selects has that label, so this is enough to find the Service; and few
    /// Services stand under a label that all of them share (`app.kubernetes.io/part-of`).
    by_label: LabelIndex,
}

impl ServiceIndex {
    /// The index of a set's Services.
    pub(crate) fn new(objects: &Objects<'_>) -> Self {
        // Walked twice, first to count and then to choose, rather than kept in a list: reading a selector allocates
        // nothing.
        let services = || {
            let of_kind = objects.built_in("Service");
            of_kind.filter_map(|service| Some((service, waiting_selector(service)?)))
        };
        let by_every_label = LabelIndex::new(services().flat_map(|(service, selector)| {
            selector.pairs().map(|(key, value)| (service.index, (service.namespace(), key, value)))
        }));
        let by_rarest_label = services().filter_map(|(service, selector)| {
            let labels = selector.pairs().map(|(key, value)| (service.namespace(), key, value));
            let rarest = labels.min_by_key(|label| by_every_label.candidates(*label).len())?;
            Some((service.index, rarest))
        });
        ServiceIndex { by_label: LabelIndex::new(by_rarest_label) }
    }

    /// The first Service, in the order of the documents, that leads to a pod as soon as the pod is ready. None also for
    /// pods without labels, which no Service can select.
    pub(crate) fn first_leading_to<'d>(
        &self,
        objects: &Objects<'d>,
        pod: TypedPod<'_>,
    ) -> Option<ObjectTree<'d>> {
        let labels = pod.labels().into_iter().flatten();
        // Every label of the pod is looked up, as its Service may stand under any of them.
        let candidates = labels.flat_map(|(key, value)| {
            self.by_label.candidates((pod.object.namespace(), key.as_str(), value.as_str()))
        });
        let services = candidates.filter_map(|(_, index)| objects.get(*index));
        // Of two Services the earlier document is named: candidates come in the order of labels and hashes.
        services.filter(|service| leads_to(service, pod)).min_by_key(|service| service.index).copied()
    }
}

/// Services by their own labels, which need not be those of their pods: what monitors select them by.
#[derive(Debug)]
pub(crate) struct ServiceLabels {
    /// Indices of objects, under each of their labels.
    by_label: LabelIndex,
    /// How often selectors may be held against them.
    looks: Rc<Looks>,
}

impl ServiceLabels {
    /// The index of a set's Services.
    pub(crate) fn new(objects: &Objects<'_>, looks: &Rc<Looks>) -> Self {
        ServiceLabels {
            looks: Rc::clone(looks),
            by_label: LabelIndex::new(objects.of_kind("Service").flat_map(|service| {
                let namespace = service.namespace();
                let index = service.index;
                label_pairs(service.labels()).map(move |(key, value)| (index, (namespace, key, value)))
            })),
        }
    }

    /// The Services of a namespace that a selector matches, in the order of the documents.
    pub(crate) fn matching<'a, 'd>(
        &'a self,
        objects: &'a Objects<'d>,
        selector: &Selector<'a>,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a ObjectTree<'d>> + use<'a, 'd> {
        // As `PodIndex::matching`: only those with the rarest of the labels need a look.
        let rarest = selector
            .pairs()
            .map(|(key, value)| self.by_label.candidates((namespace, key, value)))
            .min_by_key(|candidates| candidates.len());
        let all = rarest.is_none().then(|| objects.of_kind("Service"));
        let some = rarest.into_iter().flatten().filter_map(|(_, index)| objects.get(*index));
        let selector = *selector;
        let weight = selector.weight();
        let all = all.into_iter().flatten();
        let looked_at = some.chain(all).take_while(move |_| self.looks.take(weight, selector.span()));
        looked_at.filter(move |service| {
            service.namespace() == namespace && selector.matches_labels(service.labels())
        })
    }
}

/// The selector of a Service, unless it publishes pods before they are ready.
fn waiting_selector<'d>(service: &ObjectTree<'d>) -> Option<Selector<'d>> {
    let publishes_early =
        service.spec()?.get("publishNotReadyAddresses").and_then(PackedNode::as_bool) == Some(true);
    Selector::of_service(service).filter(|_| !publishes_early)
}

/// Whether a Service waits for a pod and selects it.
fn leads_to(service: &ObjectTree<'_>, pod: TypedPod<'_>) -> bool {
    let has = |(key, wanted): (&str, &str)| {
        pod.labels().and_then(|labels| labels.get(key)).is_some_and(|value| value == wanted)
    };
    // A candidate's labels are compared as well: two labels may share a hash.
    service.namespace() == pod.object.namespace()
        && waiting_selector(service).is_some_and(|selector| selector.pairs().all(has))
}

/// The ports of a Service; none if it has no such list, which only an `ExternalName` or a headless Service may leave
/// out.
pub(crate) fn service_ports<'s>(service: &ObjectTree<'s>) -> PackedList<'s> {
    service.spec().map(|spec| items(spec, "ports")).unwrap_or_default()
}

/// The ways to write a backend's port: a webhook, a route of the Gateway API and an IngressRoute have `port: 80`, an
/// Ingress has a map. What is no scalar is passed over, as the map itself. An IngressRoute may have a name there.
const BACKEND_PORT_KEYS: [&[&str]; 3] = [&["port"], &["port", "number"], &["port", "name"]];

/// The ports of its Service that a backend names, and the keys that lead to each.
pub(crate) fn backend_ports(
    backend: PackedNode<'_>,
) -> impl Iterator<Item = (&'static [&'static str], ScalarRef<'_>)> {
    BACKEND_PORT_KEYS.into_iter().filter_map(move |keys| {
        let port = keys.iter().try_fold(backend, |node, key| node.get(key))?;
        Some((keys, port.as_scalar()?))
    })
}

/// The path of a field of a Service's port.
pub(crate) fn service_port_path(index: usize, field: &str) -> ValuePath {
    ValuePath::keys(&["spec", "ports"]).and_index(index).and_key(field)
}

/// Whether a Service is an alias for a name outside of the cluster: it has neither pods nor an address, and its ports
/// mean nothing.
pub(crate) fn is_external_name(service: &ObjectTree<'_>) -> bool {
    service.spec().and_then(|spec| spec.get("type")).and_then(PackedNode::as_str) == Some("ExternalName")
}

/// Whether a Service is headless: instead of an address of its own, it gives those of its pods. The word `None` is a
/// string in the API, and no null.
pub(crate) fn is_headless(service: &ObjectTree<'_>) -> bool {
    service.spec().and_then(|spec| spec.get("clusterIP")).and_then(PackedNode::as_str) == Some("None")
}
