//! What security contexts say of a container: its own field, or else the pod's.

use super::pod::{Container, Pod};
use crate::kube::typed::SecurityContext;

impl<'s> Container<'s> {
    /// Its own security context, if it has one.
    pub(super) fn security(&self) -> Option<&'s SecurityContext> {
        self.spec.security_context.as_ref()
    }

    /// The user that it runs as, if that is said.
    pub(super) fn user(&self) -> Option<i64> {
        let of_pod = || self.pod.spec.security_context.as_ref()?.run_as_user;
        self.security().and_then(|own| own.run_as_user).or_else(of_pod)
    }

    /// Whether the kubelet refuses to run it as root.
    pub(super) fn refuses_root(&self) -> bool {
        let of_pod = || self.pod.spec.security_context.as_ref()?.run_as_non_root;
        self.security().and_then(|own| own.run_as_non_root).or_else(of_pod).unwrap_or_default()
    }

    /// Whether it has all rights on its node.
    pub(super) fn is_privileged(&self) -> bool {
        self.security().and_then(|own| own.privileged).unwrap_or_default()
    }
}

impl Pod<'_> {
    /// Windows has no root, no capabilities and no read-only root file systems, and refuses their fields.
    pub(super) fn is_windows(&self) -> bool {
        let said = self.spec.os.as_ref().is_some_and(|os| os.name == "windows");
        let selected = self.spec.node_selector.as_ref().and_then(|labels| labels.get("kubernetes.io/os"));
        said || selected.is_some_and(|os| os == "windows")
    }
}
