//! Ports of containers, and who asks for them: Services and probes.

use std::collections::BTreeSet;

use super::selector::Selector;
use super::template::{Template, TemplateContainer};
use super::{ObjectSet, Subject};
use crate::yaml::{Node, ValuePath};

/// The pods that a Service leads to.
#[derive(Debug)]
pub(super) struct Selected<'s> {
    containers: Vec<TemplateContainer<'s>>,
}

impl<'s> Selected<'s> {
    /// The pods that a Service of the set selects; none if it has no selector.
    pub(super) fn new(set: &ObjectSet<'s>, service: &Subject<'s>) -> Self {
        let selector = Selector::of_service(service);
        let pods = selector.iter().flat_map(|selector| selector.pods(set, service.namespace()));
        Selected::of(pods)
    }

    /// The containers of pods that run while the pod does.
    pub(super) fn of<'p>(pods: impl Iterator<Item = &'p Template<'s>>) -> Self
    where
        's: 'p,
    {
        let stay = |container: &TemplateContainer<'_>| container.stays();
        let some = pods.flat_map(Template::containers).filter(stay).take(MAX_SELECTED + 1);
        let mut containers: Vec<_> = some.collect();
        if containers.len() > MAX_SELECTED {
            containers.clear();
        }
        Selected { containers }
    }

    /// Whether there are any, and all are known.
    pub(super) fn any(&self) -> bool {
        !self.containers.is_empty()
    }

    /// Whether every container says which ports it has.
    pub(super) fn all_declare(&self) -> bool {
        self.containers.iter().all(|container| !container.list("ports").is_empty())
    }

    /// Every port, with its container.
    pub(super) fn ports(&self) -> impl Iterator<Item = (&TemplateContainer<'s>, &'s Node)> + Clone {
        let containers = self.containers.iter();
        containers.flat_map(|container| container.list("ports").iter().map(move |port| (container, port)))
    }
}

/// Of what selects more containers than this, nothing is said: comparing all with all would take too long.
const MAX_SELECTED: usize = 1_000;

/// The ports of a Service.
pub(super) fn service_ports<'s>(service: &Subject<'s>) -> &'s [Node] {
    service.spec().and_then(|spec| spec.get("ports")).and_then(Node::as_list).unwrap_or_default()
}

/// The path of a field of a Service's port.
pub(super) fn service_port_path(index: usize, key: &str) -> ValuePath {
    ValuePath::keys(&["spec", "ports"]).and_index(index).and_key(key)
}

/// Shows the port of every probe and lifecycle handler of a container, with its path.
pub(super) fn probe_ports<'s>(
    container: &TemplateContainer<'s>,
    mut see: impl FnMut(&'s Node, &dyn Fn() -> ValuePath),
) {
    const ASKED: &[&str] = &["httpGet", "tcpSocket", "grpc"];
    let mut handlers = |keys: &[&str], asked: &[&str]| {
        let Some(above) = keys.iter().try_fold(container.node, |node, key| node.get(key)) else { return };
        for handler in asked {
            let port = above.get(handler).and_then(|handler| handler.get("port"));
            let path = || {
                keys.iter()
                    .fold(container.path(), |path, key| path.key(*key))
                    .and_key(*handler)
                    .and_key("port")
            };
            port.into_iter().for_each(|port| see(port, &path));
        }
    };
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        handlers(&[probe], ASKED);
    }
    for hook in ["postStart", "preStop"] {
        handlers(&["lifecycle", hook], &["httpGet"]);
    }
}

/// Whether a container's port has this name.
pub(super) fn is_named(port: &Node, name: &str) -> bool {
    port.get("name").and_then(Node::as_str) == Some(name)
}

/// Whether a container's port has this number.
pub(super) fn is_number(port: &Node, number: i64) -> bool {
    port.get("containerPort").and_then(Node::as_i64) == Some(number)
}

/// Names as a sentence shows them.
pub(super) fn named<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: BTreeSet<String> = names.map(|name| format!("`{name}`")).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Numbers of ports as a sentence shows them.
pub(super) fn numbers<'n, T>(ports: impl Iterator<Item = (T, &'n Node)>) -> String {
    let numbers: BTreeSet<i64> = ports.filter_map(|(_, port)| port.get("containerPort")?.as_i64()).collect();
    numbers.into_iter().map(|number| format!("`{number}`")).collect::<Vec<_>>().join(", ")
}
