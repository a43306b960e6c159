//! `plimsoll lint`: everything wrong in charts, values files and plain manifests.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use plimsoll::formats::{Summary, frequent_rules};
use plimsoll::lint::{self, IncompleteValues, LintRequest, LintSummary};
use plimsoll::parallel;
use plimsoll::request::Request;
use plimsoll::schema::Demands;
use plimsoll::session::Session;

use crate::args::{ClusterArgs, RuleArgs};
use crate::output::{self, OutputOptions, Stream};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct LintArgs {
    /// Files, folders, names of bundled charts, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The chart that all files are values of, instead of finding it out
    #[arg(long, value_name = "CHART", help_heading = "Values")]
    pub chart: Option<String>,

    // Without `--chart` each file says by itself which chart and presets it belongs to, and this flag would overrule
    // some of them.
    /// A preset below those values; repeatable, later ones win
    #[arg(short, long = "preset", value_name = "NAME", help_heading = "Values", requires = "chart")]
    pub presets: Vec<String>,

    /// Demand secrets too, which otherwise may be missing in a values file
    #[arg(long, help_heading = "Values")]
    require_secrets: bool,

    /// The namespace of objects that name none; plain manifests are left without one unless given
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<String>,

    #[command(flatten)]
    pub cluster: ClusterArgs,

    #[command(flatten)]
    pub rules: RuleArgs,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll lint manifests
  plimsoll lint envs/production.yaml ./charts/web
  kubectl kustomize . | plimsoll lint - --kube-version 1.34
  plimsoll lint values.yaml --chart skyflo --preset production
  plimsoll lint . --format human --format sarif=findings.sarif";

impl LintArgs {
    /// What is to be linted, and how.
    fn request(&self) -> LintRequest {
        let request = Request {
            namespace: self.namespace.clone(),
            // A values file in a repository should have no secrets in it, so their absence is no mistake of the file.
            demands: if self.require_secrets { Demands::Everything } else { Demands::NoSecrets },
            threads: parallel::processors(),
            ..Request::default()
        };
        LintRequest {
            paths: self.paths.clone(),
            chart: self.chart.clone(),
            presets: self.presets.clone(),
            request: self.rules.apply(self.cluster.apply(request)),
        }
    }
}

/// Lints, and writes the findings to standard output: they are the answer. What was read and what was not rendered is said
/// in the summary, under the findings for people.
pub fn run(args: &LintArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let linted = lint::lint(&session, &args.request());
    let mut notes: Vec<String> = linted.incomplete.iter().map(not_rendered).collect();
    notes.extend(not_judged(&linted));
    let summary = Summary::Lint { files: linted.files, notes, help: what_next(&session) };
    let options = OutputOptions { stream: Stream::Stdout, summary: &summary, ..options };
    output::finish_without_answer(&session, options)
}

/// What to do about many findings: the lines for `plimsoll.yaml` that silence what speaks most.
fn what_next(session: &Session) -> Vec<String> {
    let rules = frequent_rules(session, MAX_RULES);
    if rules.is_empty() {
        return Vec::new();
    }
    let mut lines = "these lines of `plimsoll.yaml` silence what speaks most:\nrules:".to_owned();
    for (rule, _) in rules {
        lines.push_str(&format!("\n  {rule}: {{level: allow, reason: …}}"));
    }
    vec![lines]
}

/// Rules that the help names.
const MAX_RULES: usize = 3;

/// What was not judged, and why.
fn not_judged(linted: &LintSummary) -> Vec<String> {
    let mut notes = Vec::new();
    match linted.refused {
        0 => {}
        1 => notes.push("rules did not judge 1 document, which has errors".to_owned()),
        count => notes.push(format!("rules did not judge {count} documents, which have errors")),
    }
    if linted.is_unread {
        notes.push("a document could not be read: nothing is said of objects that are missing".to_owned());
    }
    match linted.parts {
        0 => {}
        1 => notes.push("1 file is a patch or configuration of Kustomize".to_owned()),
        count => notes.push(format!("{count} files are patches and configuration of Kustomize")),
    }
    notes
}

/// A note that values were not rendered. That is no fault of theirs, but it means that less was checked than it seems.
fn not_rendered(values: &IncompleteValues) -> String {
    let settings: Vec<String> =
        values.settings.iter().take(MAX_NAMED).map(|path| format!("`{path}`")).collect();
    let more = if values.settings.len() > MAX_NAMED { ", …" } else { "" };
    format!(
        "`{}` was checked and not rendered: it leaves {}{more} to its users",
        values.name,
        settings.join(", ")
    )
}

/// Settings that a note names.
const MAX_NAMED: usize = 4;
