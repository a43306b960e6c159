//! Services by what they select, so that a pod finds those that lead to it without looking at all.

use super::labelled::Labels;
use super::pod::Pod;
use super::selector::Selector;
use super::{ObjectSet, Subject};
use crate::yaml::Node;

/// Services that lead to pods as soon as those are ready.
#[derive(Debug)]
pub(super) struct Receivers {
    /// Each by the one label of its selector that the fewest ask for.
    by_label: Labels,
}

impl Receivers {
    pub(super) fn new(set: &ObjectSet<'_>) -> Self {
        let services = || set.built_in("Service").filter_map(|service| Some((service, selector(service)?)));
        let all = Labels::new(services().flat_map(|(service, selector)| {
            selector.pairs().map(|(key, value)| (service.index, (service.namespace(), key, value)))
        }));
        let rarest = services().filter_map(|(service, selector)| {
            let labels = selector.pairs().map(|(key, value)| (service.namespace(), key, value));
            Some((service.index, labels.min_by_key(|label| all.having(*label).len())?))
        });
        Receivers { by_label: Labels::new(rarest) }
    }

    /// The first Service that leads to a pod.
    pub(super) fn first<'d>(&self, set: &ObjectSet<'d>, pod: Pod<'_>) -> Option<Subject<'d>> {
        let labels = pod.labels().into_iter().flatten();
        let candidates = labels.flat_map(|(key, value)| {
            self.by_label.having((pod.subject.namespace(), key.as_str(), value.as_str()))
        });
        let services = candidates.filter_map(|(_, place)| set.subjects.get(*place));
        services.filter(|service| leads_to(service, pod)).min_by_key(|service| service.index).copied()
    }
}

fn selector<'d>(service: &Subject<'d>) -> Option<Selector<'d>> {
    let waits = service.spec()?.get("publishNotReadyAddresses").and_then(Node::as_bool) != Some(true);
    Selector::of_service(service).filter(|_| waits)
}

fn leads_to(service: &Subject<'_>, pod: Pod<'_>) -> bool {
    let has = |(key, wanted): (&str, &str)| {
        pod.labels().and_then(|labels| labels.get(key)).is_some_and(|value| value == wanted)
    };
    service.namespace() == pod.subject.namespace()
        && selector(service).is_some_and(|selector| selector.pairs().all(has))
}
