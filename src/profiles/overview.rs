//! The page `docs/profiles/settings.md`: which chart has which of the settings that operators look for in every chart.
//!
//! It is made of the schemas, so that a chart that forgets one of its workloads shows. Tests hold the page to it.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use super::common::Common;
use super::network::Exposure;
use super::pod::{Environment, Probes, Workload};

/// A column: the chart's name, and the places of its schema that have the rows' settings, each with its name.
type Column = (&'static str, &'static [(&'static str, &'static str)]);

/// The workloads of each chart, by the paths of their settings.
const WORKLOADS: [Column; 4] = [
    (
        "skyflo",
        &[
            ("engine", "engine"),
            ("mcp", "mcp"),
            ("ui", "ui"),
            ("controller", "controller"),
            ("postgresql", "postgresql"),
            ("redis", "redis"),
        ],
    ),
    ("skillflaw", &[("backend", "backend"), ("frontend", "frontend"), ("docs", "docs")]),
    ("flow8", &[("flow8", ""), ("mongodb", "mongodb")]),
    (
        "datafly",
        &[
            ("ingestionGateway", "ingestionGateway"),
            ("eventProcessor", "eventProcessor"),
            ("deliveryWorkers", "deliveryWorkers"),
            ("identityHub", "identityHub"),
            ("managementApi", "managementApi"),
            ("managementUi", "managementUi"),
        ],
    ),
];

/// The Services of each chart.
const SERVICES: [Column; 4] = [
    (
        "skyflo",
        &[
            ("engine", "engine.service"),
            ("mcp", "mcp.service"),
            ("ui", "ui.service"),
            ("postgresql", "postgresql.service"),
            ("redis", "redis.service"),
        ],
    ),
    (
        "skillflaw",
        &[("backend", "backend.service"), ("frontend", "frontend.service"), ("docs", "docs.service")],
    ),
    ("flow8", &[("flow8", "service"), ("mongodb", "mongodb.service")]),
    (
        "datafly",
        &[
            ("ingestionGateway", "ingestionGateway.service"),
            ("eventProcessor", "eventProcessor.service"),
            ("deliveryWorkers", "deliveryWorkers.service"),
            ("identityHub", "identityHub.service"),
            ("managementApi", "managementApi.service"),
            ("managementUi", "managementUi.service"),
        ],
    ),
];

/// The charts themselves, for settings at the top.
const CHARTS: [Column; 4] = [
    ("skyflo", &[("skyflo", "")]),
    ("skillflaw", &[("skillflaw", "")]),
    ("flow8", &[("flow8", "")]),
    ("datafly", &[("datafly", "")]),
];

/// What charts have at the top beside [`Common`], each chart in its own words.
const OF_CHARTS: [(&str, &[&str]); 9] = [
    ("Ingress", &["ingress", "ui.ingress"]),
    ("HTTPRoute", &["httpRoute"]),
    ("ClusterIssuer", &["clusterIssuer"]),
    ("NetworkPolicy", &["networkPolicy"]),
    ("PodDisruptionBudget", &["podDisruptionBudget"]),
    ("ServiceMonitor", &["serviceMonitor", "observability.serviceMonitor"]),
    ("PodMonitor", &["podMonitor", "observability.podMonitor"]),
    (
        "a claim that exists",
        &["persistence.existingClaim", "postgresql.persistence.existingClaim", "storage.existingClaim"],
    ),
    ("copies of a bundled database", &["postgresql.backup", "mongodb.backup"]),
];

/// Settings of all charts that one of them refuses, as it has nothing that they could be about.
const REFUSED: [(&str, &str); 1] = [("datafly", "velero")];

/// Why a chart, or some of its workloads and Services, has not what others have. Tests hold that each gap has its reason.
const REASONS: [(&str, &[&str], &str); 15] = [
    (
        "skyflo",
        &["`env`", "`extraEnv`", "`envFrom`"],
        "The variables of the stores' images count when a store is first started, and those have settings of their own. `command` and `args` change what runs.",
    ),
    ("skyflo", &["autoscaling"], "A bundled store is one pod, and of several controllers one works."),
    ("skyflo", &["probes' path"], "The stores do not speak HTTP: a command asks them."),
    (
        "skyflo",
        &EXPOSURE,
        "The user interface's proxy leads to the engine. The MCP server acts on the cluster and asks nobody who they are, and the stores speak plain text.",
    ),
    ("skyflo", &["ServiceMonitor"], "The controller alone has metrics, and no Service."),
    ("skillflaw", &["autoscaling"], "The documentation is pages that do not change."),
    ("skillflaw", &["copies of a bundled database"], "PostgreSQL is outside."),
    (
        "flow8",
        &["`env`", "`extraEnv`", "`envFrom`"],
        "The variables of MongoDB's image count when it is first started, and those have settings of their own. `command` and `args` change what runs.",
    ),
    ("flow8", &["autoscaling"], "The members of a replica set are counted: a majority of them must stay."),
    ("flow8", &["probes' path"], "MongoDB does not speak HTTP: a command asks it."),
    ("flow8", &EXPOSURE, "The members of a replica set know each other by names of the cluster."),
    ("datafly", &["autoscaling"], "The vendor scales the three components that events go through."),
    (
        "datafly",
        &["`velero`", "a claim that exists"],
        "No component keeps files; what they know is in the stores.",
    ),
    (
        "datafly",
        &["ClusterIssuer"],
        "An issuer is the cluster's, and each customer has a release. `ingress.clusterIssuer` names one.",
    ),
    ("datafly", &["copies of a bundled database"], "PostgreSQL is outside."),
];

/// What a Service that can't be reached from outside has not.
const EXPOSURE: [&str; 4] = ["`type`", "`nodePort`", "`loadBalancerSourceRanges`", "`externalTrafficPolicy`"];

/// The page.
pub(super) fn page() -> String {
    let (mut text, _) = tables();
    text.push_str("\n## What is missing, and why\n\n| Chart | Setting | Why |\n|---|---|---|\n");
    for (chart, rows, reason) in REASONS {
        text.push_str(&format!("| {chart} | {} | {reason} |\n", rows.join(", ")));
    }
    text
}

/// The chart and the row of each gap without a reason, and of each reason without a gap.
#[cfg(test)]
pub(super) fn unexplained() -> Vec<(String, String)> {
    let (_, mut gaps) = tables();
    for (chart, rows, _) in REASONS {
        for row in rows {
            let reason = (chart.to_owned(), (*row).to_owned());
            match gaps.iter().position(|gap| *gap == reason) {
                Some(at) => drop(gaps.remove(at)),
                None => gaps.push(reason),
            }
        }
    }
    gaps
}

/// The tables, and the chart and the row of each place in them that is not filled as a whole.
fn tables() -> (String, Vec<(String, String)>) {
    let mut text = String::from(
        "# Settings by chart\n\n\
         Which of the settings that operators look for in every chart each of the bundled ones has. What a setting does is on the\n\
         chart's own page: [Skyflo](skyflo.md), [SkillFlaw](skillflaw.md), [flow8](flow8.md), [Datafly](datafly.md).\n\n\
         This page is made of the charts' schemas. ✓ is: all of them have it. \u{2013} is: none has. [Why](#what-is-missing-and-why) is said\n\
         below.\n",
    );
    let mut gaps = Vec::new();
    let workloads = [keys::<Workload>(), keys::<Environment>(), keys::<Probes>()].concat();
    let mut rows: Vec<(String, Vec<String>)> = workloads.into_iter().map(alone).collect();
    rows.push(("autoscaling".to_owned(), vec!["autoscaling".to_owned()]));
    rows.push(("probes' path".to_owned(), vec!["livenessProbe.path".to_owned()]));
    section(&mut text, &mut gaps, ("Each workload", "Which workloads have it."), &rows, &WORKLOADS);
    let rows: Vec<_> = keys::<Exposure>().into_iter().map(alone).collect();
    section(&mut text, &mut gaps, ("Each Service", "Which Services have it."), &rows, &SERVICES);
    let mut rows: Vec<_> = keys::<Common>().into_iter().map(alone).collect();
    for (name, paths) in OF_CHARTS {
        rows.push((name.to_owned(), paths.iter().map(|path| (*path).to_owned()).collect()));
    }
    section(
        &mut text,
        &mut gaps,
        ("Each chart", "What stands at the top, or once in a chart."),
        &rows,
        &CHARTS,
    );
    (text, gaps)
}

/// A setting that is called the same everywhere.
fn alone(key: String) -> (String, Vec<String>) {
    (format!("`{key}`"), vec![key])
}

/// The keys of a type, in its order.
fn keys<T: JsonSchema>() -> Vec<String> {
    let schema = Value::from(SchemaGenerator::default().into_root_schema_for::<T>());
    let properties = schema["properties"].as_object();
    properties.into_iter().flat_map(|all| all.keys().cloned()).collect()
}

/// A heading with a sentence and a table. A row is a name and the paths that it may have; what is not filled as a whole is a gap.
fn section(
    text: &mut String,
    gaps: &mut Vec<(String, String)>,
    (heading, about): (&str, &str),
    rows: &[(String, Vec<String>)],
    columns: &[Column],
) {
    text.push_str(&format!("\n## {heading}\n\n{about}\n\n| Setting |"));
    let schemas: Vec<Value> =
        columns.iter().map(|(chart, _)| super::schema(chart).expect("the schema of a chart")).collect();
    for (chart, _) in columns {
        text.push_str(&format!(" {chart} |"));
    }
    text.push_str(&format!("\n|---|{}\n", "---|".repeat(columns.len())));
    for (name, paths) in rows {
        text.push_str(&format!("| {name} |"));
        for ((chart, places), schema) in columns.iter().zip(&schemas) {
            let has = |place: &str| {
                let mut taken = paths.iter().filter(|path| !REFUSED.contains(&(chart, path.as_str())));
                // Datafly's autoscalers stand together at the top.
                taken.any(|path| {
                    is_setting(schema, &join(place, path)) || is_setting(schema, &join(path, place))
                })
            };
            let (with, without): (Vec<_>, Vec<_>) = places.iter().partition(|(_, place)| has(place));
            let names =
                |of: Vec<&(&str, &str)>| of.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            let cell = match (with.len(), without.len()) {
                (_, 0) => "✓".to_owned(),
                (0, _) => "\u{2013}".to_owned(),
                (with_it, without_it) if without_it < with_it => format!("all but {}", names(without)),
                _ => names(with),
            };
            if cell != "✓" {
                gaps.push(((*chart).to_owned(), name.clone()));
            }
            text.push_str(&format!(" {cell} |"));
        }
        text.push('\n');
    }
}

fn join(place: &str, path: &str) -> String {
    if place.is_empty() { path.to_owned() } else { format!("{place}.{path}") }
}

/// Whether the schema has a setting at a dotted path.
fn is_setting(root: &Value, path: &str) -> bool {
    let found = path
        .split('.')
        .try_fold(root, |schema, key| resolve(root, schema).pointer(&format!("/properties/{key}")));
    found.is_some()
}

/// A schema behind its reference.
fn resolve<'v>(root: &'v Value, schema: &'v Value) -> &'v Value {
    let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref")).and_then(Value::as_str);
    let target = reference.and_then(|text| root.pointer(text.strip_prefix('#')?));
    target.unwrap_or(schema)
}
