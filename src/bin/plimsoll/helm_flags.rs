//! Flags of `helm template`, and two of `helm upgrade`, that have no meaning here: refused, with what to do instead.
//!
//! They are not defined as hidden flags, which would be offered by completions: clap refuses them as unknown, and then
//! this table is looked up.
//!
//! ```text
//! $ plimsoll render skyflo --wait
//! error: `--wait` has no meaning here: nothing is installed here: pipe the output into `kubectl apply -f -` and …
//! ```
//!
//! A flag that was accepted and did nothing would be worse than an error: a script with `--validate` or `--verify`
//! relies on a check.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What to say of an argument that only Helm knows; none for any other mistake. A second name after `render` is such
/// an argument too, as in `helm template NAME CHART`. `subcommand` is the first argument of the command line.
pub fn explain(error: &Error, subcommand: &str) -> Option<String> {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(argument))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let Some(name) = argument.strip_prefix("--") else {
        let is_second_name = subcommand == "render" && !argument.starts_with('-');
        return is_second_name.then(|| second_name(argument));
    };
    let (_, why) = FLAGS.iter().find(|(flag, _)| *flag == name)?;
    Some(format!("`--{name}` has no meaning here: {why}"))
}

fn second_name(chart: &str) -> String {
    format!(
        "there are two names, and the release's is a flag here: write `plimsoll render {chart} --release-name NAME`"
    )
}

const CLUSTER: &str = "nothing is installed here: pipe the output into `kubectl apply -f -` and watch the \
    rollout with `kubectl rollout status`";
const OFFLINE: &str = "no cluster is asked: every document is always checked, against the versions that \
    `--kube-version` names";
const FETCHING: &str =
    "charts are not fetched: give the name of a bundled chart, a folder, or the archive of a Helm chart";
const NAMING: &str =
    "names are never made up: the same input gives the same bytes; give `--release-name NAME`";
const TRUST: &str =
    "charts are not fetched, so there is no signature to verify: give a folder or an archive that you trust";

/// Flags of Helm without their dashes, and what to do instead.
const FLAGS: &[(&str, &str)] = &[
    ("atomic", CLUSTER),
    ("wait", CLUSTER),
    ("wait-for-jobs", CLUSTER),
    ("timeout", CLUSTER),
    ("force", CLUSTER),
    ("replace", CLUSTER),
    ("take-ownership", CLUSTER),
    ("description", CLUSTER),
    ("labels", CLUSTER),
    ("hide-notes", "notes are never printed: standard output is manifests only"),
    ("render-subchart-notes", "notes are never printed: standard output is manifests only"),
    ("dry-run", "nothing is ever applied, so each run is a dry one: leave the flag out"),
    ("validate", OFFLINE),
    (
        "disable-openapi-validation",
        "the check cannot be turned off; `--allow-unknown-kinds GROUP/KIND` lets a custom kind pass",
    ),
    ("skip-schema-validation", "the check cannot be turned off: correct the values, or the chart's schema"),
    ("enable-dns", "templates have no network"),
    (
        "dependency-update",
        "charts are not fetched: `helm dependency build` puts the subcharts into `charts/`",
    ),
    ("devel", FETCHING),
    ("repo", FETCHING),
    (
        "version",
        "a bundled chart has one version, and a folder is what it is: `plimsoll charts` lists the versions",
    ),
    ("username", FETCHING),
    ("password", FETCHING),
    ("pass-credentials", FETCHING),
    ("plain-http", FETCHING),
    ("insecure-skip-tls-verify", FETCHING),
    ("ca-file", FETCHING),
    ("cert-file", FETCHING),
    ("key-file", FETCHING),
    ("keyring", TRUST),
    ("verify", TRUST),
    ("kubeconfig", OFFLINE),
    ("kube-context", OFFLINE),
    ("post-renderer", "nothing runs between checking and printing: pipe the output into the program"),
    ("post-renderer-args", "nothing runs between checking and printing: pipe the output into the program"),
    ("generate-name", NAMING),
    ("name-template", NAMING),
    ("reuse-values", "nothing is remembered between runs: keep the values in a file and give it with `-f`"),
    ("reset-values", "nothing is remembered between runs: leave the flag out"),
];
