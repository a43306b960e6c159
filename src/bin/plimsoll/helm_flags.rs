//! Commands of Helm, and flags of `helm template` and `helm upgrade`, that have no meaning here: refused, with what to do
//! instead.
//!
//! They are not defined as hidden flags, which would be offered by completions: clap refuses them as unknown, and then
//! this table is looked up.
//!
//! ```text
//! $ plimsoll render skyflo --wait
//! error: `--wait` has no meaning here: Plimsoll installs nothing: pipe the output into `kubectl apply -f -` and …
//! ```
//!
//! A flag that was accepted and did nothing would be worse than an error: a script with `--validate` or `--verify`
//! relies on a check.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::without_flag;

/// What to say of a command or an argument that only Helm or its kin knows; none for any other mistake.
pub fn explain(error: &Error) -> Option<String> {
    if let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word))) =
        (error.kind(), error.get(ContextKind::InvalidSubcommand))
    {
        let (_, instead) = COMMANDS.iter().find(|(command, _)| command == word)?;
        return Some(format!("there is no command `{word}`: {instead}"));
    }
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(argument))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let Some(name) = argument.strip_prefix("--") else {
        let is_file = argument.ends_with(".yaml") || argument.ends_with(".yml");
        return is_file.then(|| without_flag(argument));
    };
    let (_, why) = FLAGS.iter().find(|(flag, _)| *flag == name)?;
    Some(format!("`--{name}` has no meaning here: {why}"))
}

const CLUSTER: &str = "Plimsoll installs nothing: pipe the output into `kubectl apply -f -` and watch the \
    rollout with `kubectl rollout status`";
const OFFLINE: &str = "no cluster is asked: every document is always checked, against the versions that \
    `--kube-version` names";
const FETCHING: &str =
    "charts are not fetched: give the name of a bundled chart, a folder, or the archive of a Helm chart";
const NAMING: &str =
    "names are never generated: the same input gives the same bytes; give `--release-name NAME`";
const TRUST: &str =
    "charts are not fetched, so there is no signature to verify: give a folder or an archive that you trust";

const APPLIED: &str =
    "Plimsoll installs nothing: `plimsoll render CHART -f values.yaml | kubectl apply -f -`";
const NO_RELEASES: &str = "Plimsoll keeps no releases: ask the cluster, by `kubectl get` or `helm`, and compare \
    by `plimsoll diff OLD NEW`";
const FETCHED: &str =
    "there is no network: `helm pull` fetches a chart, and `plimsoll` opens the archive or the folder";
const DEPENDENCIES: &str = "there is no network: `helm dependency build` puts the subcharts of a Helm chart into `charts/`, and `plimsoll vendor` copies what a \
     chart of bound templates depends on";

const MADE: &str = "`plimsoll new NAME` makes a chart, `plimsoll eject CHART DIR` a copy of a bundled one";

/// Commands of Helm and its kin, and what does it here.
const COMMANDS: &[(&str, &str)] = &[
    ("install", APPLIED),
    ("upgrade", APPLIED),
    ("apply", APPLIED),
    ("uninstall", "Plimsoll installs nothing: `plimsoll render CHART -f values.yaml | kubectl delete -f -`"),
    ("delete", "Plimsoll installs nothing: `plimsoll render CHART -f values.yaml | kubectl delete -f -`"),
    ("rollback", "Plimsoll keeps no releases: render the revision in git, and apply that"),
    ("status", NO_RELEASES),
    ("history", NO_RELEASES),
    ("get", NO_RELEASES),
    ("ls", "`plimsoll charts` lists the bundled charts, `plimsoll list` the codes of findings"),
    ("create", MADE),
    ("init", MADE),
    ("generate", MADE),
    ("scaffold", MADE),
    ("starter", MADE),
    ("version", "`plimsoll --version` prints it, with the versions of Kubernetes that are known"),
    ("env", "there is no environment to show: only arguments and files count"),
    ("dependency", DEPENDENCIES),
    ("dep", DEPENDENCIES),
    ("dependencies", DEPENDENCIES),
    ("package", "a chart is its folder: `helm package` or `tar -czf` makes an archive, which is opened too"),
    ("pull", FETCHED),
    ("fetch", FETCHED),
    ("push", "there is no network: `helm push` puts an archive into a registry"),
    ("repo", FETCHED),
    ("search", "there is no network: `plimsoll charts` lists the bundled charts"),
    ("registry", FETCHED),
    ("plugin", "there are no plugins: pipe the output into another program"),
    ("verify", TRUST),
    ("validate", "`plimsoll lint PATH…` checks manifests and charts against the Kubernetes API"),
    (
        "check",
        "`plimsoll lint PATH…` checks charts, values files and manifests; `render --check` a folder of manifests",
    ),
    ("build", "`plimsoll render CHART --output-dir DIR` writes one file for each object"),
    ("rules", "`plimsoll list` has the rules and all codes, `plimsoll explain NAME` the page of one"),
    ("unittest", "`plimsoll test CHART` runs the tests of a chart, also of a Helm chart"),
];

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
        "a bundled chart has one version, and a folder the one in its `chart.yaml`: `plimsoll charts` lists the bundled charts",
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
    ("reuse-values", "Plimsoll keeps nothing between runs: keep the values in a file and give it with `-f`"),
    ("debug", "messages have all that is known: `--format json` has the same for programs"),
    ("output-file", "redirect standard output into a file, or name a folder by `--output-dir`"),
    (
        "set-values",
        "`--set KEY=VALUE`, `--set-string`, `--set-json`, `--set-file` and `--set-literal` set values",
    ),
    ("reset-values", "Plimsoll keeps nothing between runs: leave the flag out"),
];
