//! The catalogue: every rule, one file each with its documentation, and the table of all.
//!
//! The parts are named in plain `mod` lines, and the rules in a table below them. A macro could have made one list of
//! the two, but rustfmt does not follow modules that a macro declares. A rule that is not in the table is a warning
//! of the compiler.
//!
//! A rule uses the engine and the facts, never another rule. What several rules of one part have in common is in a
//! file of that part.

mod contradictions;
mod practice;
mod references;

use crate::diagnostic::Code;
use crate::rules::engine::{MovedRule, RuleTable};

/// Every rule, by code. The order is that of findings: `rules::check` reports rule by rule.
pub static RULES: RuleTable =
    RuleTable::new(&[references::RULES, contradictions::RULES, practice::RULES], MOVED, OF_CLOSED_SETS);

/// Rules about pods, Secrets and Services that an operator, a Job or the program itself may make.
const OF_CLOSED_SETS: &[Code] = &[Code::R101, Code::R106, Code::R111, Code::R112, Code::R116];

/// Rules that have become facts of validation, by code.
const MOVED: &[MovedRule] = &[
    MovedRule {
        code: Code::R118,
        name: "dangling-volume",
        facts: &["Container.volumeMounts", "Container.volumeDevices"],
    },
    MovedRule {
        code: Code::R207,
        name: "request-above-limit",
        facts: &["ResourceRequirements", "PodSpec.resources"],
    },
    MovedRule {
        code: Code::R209,
        name: "selector-mismatch",
        facts: &["DeploymentSpec", "ReplicaSetSpec", "DaemonSetSpec", "StatefulSetSpec"],
    },
    MovedRule { code: Code::R210, name: "value-and-value-from", facts: &["EnvVar"] },
    MovedRule { code: Code::R214, name: "object-too-large", facts: &["ConfigMap", "Secret"] },
];
