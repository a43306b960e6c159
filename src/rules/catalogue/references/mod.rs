//! R1xx: what names or selects something that is not there.
//!
//! Nothing is missing in a cluster only because it is not in the set. What a rule may conclude depends on how a thing
//! is found:
//!
//! * **By name**, an object may be elsewhere. `dangling` has the cases in which it is known to be: made by the
//!   cluster or a controller, declared, named in a values file, or in a namespace that the set does not fill.
//! * **By labels**, what selects and what is selected are mostly written together (a Service and its pods). So a
//!   selector that matches nothing is a finding, and `unmatched_selector` says which label was meant.
//! * **Within one pod** (volumes that nothing mounts, ports of probes) everything is at hand, and there is no elsewhere.

mod dangling;
mod unmatched_selector;

mod budget_without_pods;
mod dangling_backend;
mod dangling_claim;
mod dangling_class;
mod dangling_config_map;
mod dangling_governing_service;
mod dangling_role;
mod dangling_scale_target;
mod dangling_secret;
mod dangling_service_account;
mod dangling_subject;
mod dangling_trigger_authentication;
mod governing_service_with_address;
mod missing_key;
mod monitor_without_services;
mod policy_peer_without_pods;
mod policy_without_pods;
mod service_without_pods;
mod undeclared_probe_port;
mod undeclared_target_port;
mod unknown_policy_port;
mod unknown_probe_port;
mod unknown_target_port;
mod unused_volume;

use crate::rules::engine::Rule;

/// The rules of this part, by code.
pub(super) const RULES: &[Rule] = &[
    service_without_pods::RULE,
    dangling_backend::RULE,
    unknown_target_port::RULE,
    unknown_probe_port::RULE,
    dangling_config_map::RULE,
    dangling_secret::RULE,
    missing_key::RULE,
    dangling_claim::RULE,
    dangling_service_account::RULE,
    dangling_scale_target::RULE,
    budget_without_pods::RULE,
    policy_without_pods::RULE,
    policy_peer_without_pods::RULE,
    dangling_subject::RULE,
    dangling_role::RULE,
    dangling_governing_service::RULE,
    dangling_class::RULE,
    unused_volume::RULE,
    monitor_without_services::RULE,
    dangling_trigger_authentication::RULE,
    undeclared_target_port::RULE,
    undeclared_probe_port::RULE,
    governing_service_with_address::RULE,
    unknown_policy_port::RULE,
];
