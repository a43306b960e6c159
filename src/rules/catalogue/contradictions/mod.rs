//! R2xx: objects, or fields of one, that cannot all be meant.
//!
//! Each side is right by itself, so most findings have two places. Most rules here are `deny`. They only `warn` where
//! it depends on something that is not in the set: the tool that applies it, what the program in a container reads, the
//! node that a pod lands on.

mod autoscaler_and_replicas;
mod budget_blocks_drain;
mod closed_port;
mod crd_with_resources;
mod duplicate_port;
mod duplicate_route;
mod egress_without_dns;
mod name_too_long;
mod plaintext_credential;
mod service_environment_collision;
mod shared_selector;
mod shared_write_once_claim;
mod shell_value;
mod surge_on_write_once_claim;
mod tls_host_without_rule;
mod too_large_for_apply;
mod two_autoscalers;
mod utilization_without_request;

use crate::rules::engine::Rule;

/// The rules of this part, by code.
pub(super) const RULES: &[Rule] = &[
    autoscaler_and_replicas::RULE,
    two_autoscalers::RULE,
    shared_write_once_claim::RULE,
    budget_blocks_drain::RULE,
    egress_without_dns::RULE,
    tls_host_without_rule::RULE,
    utilization_without_request::RULE,
    service_environment_collision::RULE,
    name_too_long::RULE,
    too_large_for_apply::RULE,
    crd_with_resources::RULE,
    plaintext_credential::RULE,
    shared_selector::RULE,
    duplicate_route::RULE,
    shell_value::RULE,
    duplicate_port::RULE,
    surge_on_write_once_claim::RULE,
    closed_port::RULE,
];
