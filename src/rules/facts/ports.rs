//! Ports of containers, and what asks for them: Services, policies and probes.
//!
//! A port can be asked for in two ways, and they are not alike. A name must be declared: Kubernetes looks it up in
//! the containers, and where none has it there is nothing to connect to. A number need not be: `containerPort` is
//! information, and a program may listen on any port. So a name that nobody has is an error, and a number that nobody
//! has is suspicious only where ports are declared at all.

use std::collections::BTreeSet;

use super::object_set::ObjectSet;
use super::objects::ObjectTree;
use super::pods::{ContainerTree, PodTree};
use super::selectors::Selector;
use crate::yaml::{PackedNode, ValuePath};

/// The containers that a selector leads to: those that run for as long as their pod does.
///
/// Empty also where there are more than [`MAX_SELECTED`]. So a rule that finds it empty must find nothing wrong, and
/// say that it has not looked if they are [too many](Self::are_too_many); whether a selector matches any pod is a
/// question to [`PodIndex::matching`](super::selectors::PodIndex::matching).
#[derive(Debug)]
pub(crate) struct SelectedContainers<'s> {
    /// At most `MAX_SELECTED`.
    containers: Vec<ContainerTree<'s>>,
    too_many: bool,
}

/// Nothing is said of what selects more containers than this: a rule compares each of its ports with all of theirs, and
/// in a set of very many pods very many Services may select all of them. It is far more than one Service of a real
/// manifest leads to.
pub(crate) const MAX_SELECTED: usize = 1_000;

impl<'s> SelectedContainers<'s> {
    /// What a Service of the set leads to; nothing if it has no selector.
    pub(crate) fn of_service(set: &ObjectSet<'s>, service: &ObjectTree<'s>) -> Self {
        match Selector::of_service(service) {
            Some(selector) => Self::of_pods(set.pods().matching(&selector, service.namespace())),
            None => SelectedContainers { containers: Vec::new(), too_many: false },
        }
    }

    /// The containers of these pods.
    pub(crate) fn of_pods<'p>(pods: impl Iterator<Item = &'p PodTree<'s>>) -> Self
    where
        's: 'p,
    {
        let mut refused = false;
        let pods = pods.inspect(|pod| refused |= !pod.object.is_sound());
        // One more than may be, to see that there are more, and not all of them.
        // Init containers have ended when the pod gets requests; only sidecars among them still listen.
        let containers = pods.flat_map(PodTree::containers).filter(ContainerTree::is_main_or_sidecar);
        let mut containers: Vec<ContainerTree<'_>> = containers.take(MAX_SELECTED + 1).collect();
        // None rather than the first thousand: with a part of them, a port of another one would look missing.
        let too_many = containers.len() > MAX_SELECTED;
        // Nor of a refused pod: what is wrong with it may be its ports.
        if too_many || refused {
            containers.clear();
        }
        SelectedContainers { containers, too_many }
    }

    /// Whether nothing is selected, or too much to be looked at, or something that was refused.
    pub(crate) fn is_empty(&self) -> bool {
        self.containers.is_empty()
    }

    /// Whether there are more than are looked at.
    pub(crate) fn are_too_many(&self) -> bool {
        self.too_many
    }

    /// Whether every container says which ports it has. It need not: a port that is not declared can be reached all
    /// the same.
    pub(crate) fn all_declare_ports(&self) -> bool {
        self.containers.iter().all(|container| !container.list("ports").is_empty())
    }

    /// Every declared port: the nodes of all `ports[]`, in the order of the pods and containers.
    pub(crate) fn ports(&self) -> impl Iterator<Item = PackedNode<'s>> + Clone {
        self.containers.iter().flat_map(|container| container.list("ports"))
    }

    /// The names of the ports that have one.
    pub(crate) fn port_names(&self) -> impl Iterator<Item = &'s str> + Clone {
        self.ports().filter_map(|port| port.get("name")?.as_str())
    }
}

/// Whether a container's port has this name. Names are compared as they are: the API server takes lower case alone.
pub(crate) fn has_port_name(port: PackedNode<'_>, name: &str) -> bool {
    port.get("name").and_then(PackedNode::as_str) == Some(name)
}

/// Whether a container's port has this number.
pub(crate) fn has_port_number(port: PackedNode<'_>, number: i64) -> bool {
    port.get("containerPort").and_then(PackedNode::as_i64) == Some(number)
}

/// Names as a message lists them: sorted, in backticks, each once.
pub(crate) fn list_names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: BTreeSet<String> = names.map(|name| format!("`{name}`")).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// The numbers of containers' ports as a message lists them: ascending, in backticks, each once.
pub(crate) fn list_numbers<'n>(ports: impl Iterator<Item = PackedNode<'n>>) -> String {
    let numbers: BTreeSet<i64> = ports.filter_map(|port| port.get("containerPort")?.as_i64()).collect();
    numbers.into_iter().map(|number| format!("`{number}`")).collect::<Vec<_>>().join(", ")
}

/// Shows the port of every probe and lifecycle handler of a container: the node of the port, a name or a number, and
/// what makes its path when it is asked for. Nearly all probes are right, and a path costs an allocation.
pub(crate) fn each_probe_port<'s>(
    container: &ContainerTree<'s>,
    mut visit: impl FnMut(PackedNode<'s>, &dyn Fn() -> ValuePath),
) {
    const PROBES: [&[&str]; 3] = [&["livenessProbe"], &["readinessProbe"], &["startupProbe"]];
    const HOOKS: [&[&str]; 2] = [&["lifecycle", "postStart"], &["lifecycle", "preStop"]];
    // `exec` has no port, and a `grpc` port can only be a number: the check of the API refuses a name there.
    let probes = PROBES.map(|keys| (keys, &["httpGet", "tcpSocket", "grpc"] as &[&str]));
    // The API keeps the `tcpSocket` of a lifecycle handler for compatibility alone, and does not support it.
    let hooks = HOOKS.map(|keys| (keys, &["httpGet"] as &[&str]));
    for (keys, actions) in probes.into_iter().chain(hooks) {
        let Some(handler) = keys.iter().try_fold(container.node, |node, key| node.get(key)) else { continue };
        for action in actions {
            let Some(port) = handler.get(action).and_then(|action| action.get("port")) else { continue };
            visit(port, &|| {
                let handler = keys.iter().fold(container.path(), |path, key| path.and_key(*key));
                handler.and_key(*action).and_key("port")
            });
        }
    }
}
