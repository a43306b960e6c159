//! What is right field by field and wrong as a whole: one file a rule, and here the table of all.
//!
//! [`check`] shows every rule the [`ObjectSet`] of objects that one render or one lint has made: most see one object at a time, and
//! some the set as a whole. Rules change nothing.

mod autoscaler;
mod claim_users;
mod dangling;
mod index;
mod judge;
mod labelled;
mod levels;
mod made;
mod page;
mod pod;
mod ports;
mod receivers;
mod reference_walk;
mod references;
mod report;
mod resources;
mod security;
mod selector;
mod set;
mod suppress;
mod template;
mod trail;
mod workload;

mod autoscaler_and_replicas;
mod budget_blocks_drain;
mod budget_without_pods;
mod cluster_admin;
mod crd_with_resources;
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
mod dangling_volume;
mod default_account_token;
mod deprecated_api;
mod deprecated_field;
mod duplicate_port;
mod duplicate_route;
mod egress_without_dns;
mod governing_service_with_address;
mod host_access;
mod latest_tag;
mod missing_key;
mod monitor_without_services;
mod name_too_long;
mod no_liveness_probe;
mod no_memory_limit;
mod no_readiness_probe;
mod no_requests;
mod object_too_large;
mod plaintext_credential;
mod policy_peer_without_pods;
mod policy_without_pods;
mod privilege_escalation;
mod privileged;
mod request_above_limit;
mod runs_as_root;
mod selector_mismatch;
mod service_environment_collision;
mod service_without_pods;
mod shared_selector;
mod shared_write_once_claim;
mod shell_value;
mod surge_on_write_once_claim;
mod tls_host_without_rule;
mod too_large_for_apply;
mod two_autoscalers;
mod undeclared_probe_port;
mod undeclared_target_port;
mod unknown_policy_port;
mod unknown_probe_port;
mod unknown_target_port;
mod unused_volume;
mod utilization_without_request;
mod value_and_value_from;
mod wildcard_role;
mod writable_root;

use judge::{Judge, Judged};
pub use levels::{ChosenLevel, Levels};
pub use page::{Page, page, table};
pub use pod::{Container, Pod, Typed};
pub use report::{Finding, Report};
pub use set::{ObjectSet, Subject};

use crate::config::{Level, RuleLevel};
use crate::diagnostic::Code;
use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its stable code.
    pub code: Code,
    /// Its name, by which levels and suppressions call it.
    pub name: &'static str,
    /// What it is unless somebody says otherwise.
    pub level: Level,
    /// Its documentation; the page of its code is made from it.
    pub page: Page,
    /// Looks at objects and reports. Of several parts, each reports of the whole set before the next does.
    judge: &'static [Judge],
}

/// Every rule, by code: references, contradictions, practice.
pub static RULES: &[Rule] = &[
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
    dangling_volume::RULE,
    unused_volume::RULE,
    monitor_without_services::RULE,
    dangling_trigger_authentication::RULE,
    undeclared_target_port::RULE,
    undeclared_probe_port::RULE,
    governing_service_with_address::RULE,
    unknown_policy_port::RULE,
    autoscaler_and_replicas::RULE,
    two_autoscalers::RULE,
    shared_write_once_claim::RULE,
    budget_blocks_drain::RULE,
    egress_without_dns::RULE,
    tls_host_without_rule::RULE,
    request_above_limit::RULE,
    utilization_without_request::RULE,
    selector_mismatch::RULE,
    value_and_value_from::RULE,
    service_environment_collision::RULE,
    name_too_long::RULE,
    object_too_large::RULE,
    too_large_for_apply::RULE,
    crd_with_resources::RULE,
    plaintext_credential::RULE,
    shared_selector::RULE,
    duplicate_route::RULE,
    shell_value::RULE,
    duplicate_port::RULE,
    surge_on_write_once_claim::RULE,
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

/// The rule with this name or code.
pub fn find_rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name || rule.code.id.eq_ignore_ascii_case(name))
}

/// The levels of one run: those of `plimsoll.yaml`, then those of the command line; later ones win. Within each, a rule's own name
/// wins over that of several.
pub fn levels(configured: &[RuleLevel], chosen: &[ChosenLevel]) -> Levels {
    Levels::new(configured, chosen)
}

/// Shows the set to every rule and reports what they find, at these levels: rule by rule, however they look.
/// `written` are the texts that people wrote besides templates (manifests, values files), whose comments may suppress a rule.
///
/// # Errors
/// K012 for the first document that has no typed object, and else what rules forbid.
pub fn check(session: &Session, set: &ObjectSet<'_>, levels: &Levels, written: &[SourceId]) -> Outcome<()> {
    let before = session.errors();
    let rules = RULES.iter().map(|rule| (rule, levels.level(rule)));
    let (allowed, judged): (Vec<_>, Vec<_>) = rules.partition(|(_, level)| *level == Level::Allow);
    let mut judged: Vec<Judged> = judged.into_iter().map(|(rule, level)| Judged::new(rule, level)).collect();
    judge::see_each(session, set, &mut judged)?;
    levels.report_unknown(session);
    let mut suppressions = suppress::collect(session, set, written);
    allowed.iter().for_each(|(rule, _)| suppressions.forget(rule));
    for judged in judged {
        let rule = judged.rule;
        for (subject, diagnostic) in judged.finish(session, set) {
            if !suppressions.cover(session, rule, subject, &diagnostic) {
                session.report(diagnostic);
            }
        }
    }
    suppressions.report_unused(session, set);
    session.clean_since(before)
}
