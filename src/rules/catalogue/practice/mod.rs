//! R3xx: what works and is bad practice. R4xx: what Kubernetes has deprecated.
//!
//! None of it keeps a set from running, so no rule here is `deny`. Those that nearly every manifest breaks, or that
//! experienced people disagree on, are `allow`: they are for those who ask for them.
//!
//! A missing field is reported where it would stand, and a wrong one where it stands. What a cluster adds on its own
//! (a mutating webhook, a LimitRange that is not in the set) is unknown; to rely on it, suppress the rule and say so.

mod cluster_admin;
mod default_account_token;
mod deprecated_api;
mod deprecated_field;
mod host_access;
mod latest_tag;
mod no_liveness_probe;
mod no_memory_limit;
mod no_readiness_probe;
mod no_requests;
mod privilege_escalation;
mod privileged;
mod runs_as_root;
mod wildcard_role;
mod writable_root;

use crate::rules::engine::Rule;

/// The rules of this part, by code.
pub(super) const RULES: &[Rule] = &[
    latest_tag::RULE,
    no_memory_limit::RULE,
    no_requests::RULE,
    runs_as_root::RULE,
    privileged::RULE,
    host_access::RULE,
    privilege_escalation::RULE,
    writable_root::RULE,
    no_readiness_probe::RULE,
    no_liveness_probe::RULE,
    cluster_admin::RULE,
    wildcard_role::RULE,
    default_account_token::RULE,
    deprecated_api::RULE,
    deprecated_field::RULE,
];
