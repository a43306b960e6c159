//! `plimsoll lint`: everything wrong in charts, values files and plain manifests.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Args;
use plimsoll::formats::{Baseline, Known, Summary, frequent_rules, write_baseline};
use plimsoll::lint::{self, CrowdedFolders, IncompleteValues, LintRequest, LintSummary};
use plimsoll::parallel;
use plimsoll::request::Request;
use plimsoll::schema::Demands;
use plimsoll::session::Session;
use plimsoll::source;

use super::fix::{self, Fixed};
use crate::args::{ClusterArgs, RuleArgs, values_file};
use crate::output::{self, OutputOptions, Stream};
use crate::output_folder;
use crate::set_flags::SetFlags;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct LintArgs {
    /// Files, folders, names of bundled charts, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The chart that all values files belong to, instead of detecting it
    #[arg(long, value_name = "CHART", help_heading = "Values")]
    pub chart: Option<String>,

    // Without `--chart` each file says by itself which chart and presets it belongs to, and this flag would overrule
    // some of them.
    /// A preset under these values; repeatable, later ones win
    #[arg(short, long = "preset", value_name = "NAME", help_heading = "Values", requires = "chart")]
    pub presets: Vec<String>,

    /// A values file for the named charts, instead of their own; repeatable, later ones win
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Values", conflicts_with = "chart")]
    pub values: Vec<PathBuf>,

    #[command(flatten)]
    pub sets: SetFlags,

    /// Require secrets too, which may otherwise be missing in a values file
    #[arg(long, help_heading = "Values")]
    require_secrets: bool,

    /// The namespace of objects that name none; plain manifests are left without one unless given
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<String>,

    /// Report only what is not in this file; if it does not exist, write it
    #[arg(long, value_name = "FILE", help_heading = "Findings")]
    baseline: Option<PathBuf>,

    /// Write the file of `--baseline` again
    #[arg(long, help_heading = "Findings", requires = "baseline")]
    update_baseline: bool,

    /// Make the changes that are certain; on a terminal, show them and ask first
    #[arg(long, help_heading = "Findings")]
    fix: bool,

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
            files: self.values.iter().map(|path| values_file(path)).collect(),
            sets: self.sets.0.clone(),
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
    let request = args.request();
    let mut session = options.session();
    let mut linted = lint::lint(&session, &request);
    let mut mended = None;
    if args.fix {
        // A change may uncover what it had hidden, so files are linted until nothing is to be changed.
        for _ in 0..MAX_PASSES {
            let files = lint::fixes(&session);
            if files.is_empty() || fix::apply(&files)? == Fixed::Declined {
                break;
            }
            *mended.get_or_insert(0) += files.iter().map(|file| file.changes).sum::<usize>();
            session = options.session();
            linted = lint::lint(&session, &request);
        }
    }
    let mut notes: Vec<String> = linted.incomplete.iter().map(not_rendered).collect();
    notes.extend(not_judged(&linted));
    notes.extend(mended.map(|changes| format!("{} made", fix::counted(changes, "change"))));
    if let Some(file) = &args.baseline {
        notes.extend(hold_against_baseline(&session, file, args.update_baseline)?);
    }
    let summary = Summary::Lint { files: linted.files, notes, help: what_next(&session, args.fix) };
    let options = OutputOptions { stream: Stream::Stdout, summary: &summary, ..options };
    output::finish_without_answer(&session, options)
}

/// Drops what the baseline knows; writes it if it is not there, or is to be written anew. What was done.
fn hold_against_baseline(session: &Session, file: &Path, update: bool) -> Result<Vec<String>> {
    let shown = file.display();
    if update || !file.exists() {
        let (text, baseline) = write_baseline(session);
        output_folder::replace_file(file, text.as_bytes())?;
        baseline.drop_known(session);
        return Ok(vec![format!("`{shown}` was written, with {}", fix::counted(baseline.len(), "finding"))]);
    }
    let text = source::read_text(file, session.limits())
        .map_err(|error| anyhow!("the baseline `{shown}` cannot be read: {error}"))?;
    let baseline = Baseline::read(&text).map_err(|line| {
        anyhow!("`{shown}` is not a baseline: see line {line}; remove it, and it is written again")
    })?;
    let Known { found, gone } = baseline.drop_known(session);
    let mut notes = Vec::new();
    if found > 0 {
        notes.push(format!("{} of `{shown}` left out", fix::counted(found, "finding")));
    }
    if gone > 0 {
        let are = if gone == 1 { "is" } else { "are" };
        notes.push(format!(
            "{} of `{shown}` {are} there no more: `--update-baseline` writes it again",
            fix::counted(gone, "finding")
        ));
    }
    Ok(notes)
}

/// Lints that follow changes. Each makes all changes that it can, so more than two are rare.
const MAX_PASSES: usize = 10;

/// What to do about many findings: the lines for `plimsoll.yaml` that silence the most frequent findings.
fn what_next(session: &Session, is_fixing: bool) -> Vec<String> {
    let mut help = Vec::new();
    let changes: usize = lint::fixes(session).iter().map(|file| file.changes).sum();
    if changes > 0 && !is_fixing {
        let changes = fix::counted(changes, "change");
        help.push(format!("`--fix` makes {changes} that are certain"));
    }
    let crowded = lint::crowded_folders(session);
    let rules = frequent_rules(session, MAX_RULES);
    if !rules.is_empty() {
        let mut lines =
            "these lines of `plimsoll.yaml` silence the most frequent findings:\nrules:".to_owned();
        for rule in &rules {
            lines.push_str(&format!("\n  {rule}: {{level: allow, reason: …}}"));
        }
        help.push(lines);
    }
    if let Some(CrowdedFolders { name, errors, all }) = crowded {
        let line = format!("exclude: [\"**/{name}/**\"]");
        let of_all = if errors == all { format!("all {all}") } else { format!("{errors} of {all}") };
        help.push(format!(
            "this line of `plimsoll.yaml` passes over folders `{name}`, with {of_all} errors:\n{line}"
        ));
    }
    if !rules.is_empty() || crowded.is_some() {
        let baseline = "`plimsoll lint --baseline FILE` records today's findings, and from then on reports only new ones";
        help.push(baseline.to_owned());
    }
    help
}

/// Rules that the help begins with; where these tell a finding together with others, those are named too.
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
        notes.push("a document could not be read, so missing objects are not reported".to_owned());
    }
    match linted.parts {
        0 => {}
        1 => notes.push("1 file is a patch or configuration of Kustomize".to_owned()),
        count => notes.push(format!("{count} files are patches and configuration of Kustomize")),
    }
    match linted.not_manifests {
        0 => {}
        1 => notes.push("1 file is not a manifest".to_owned()),
        count => notes.push(format!("{count} files are not manifests")),
    }
    notes
}

/// A note that values were not rendered. That is no fault of theirs, but it means that less was checked than it seems.
fn not_rendered(values: &IncompleteValues) -> String {
    if let Some(refused) = &values.refused {
        return format!("`{}` was not rendered: the chart says `{refused}`", values.name);
    }
    let settings: Vec<String> =
        values.settings.iter().take(MAX_NAMED).map(|path| format!("`{path}`")).collect();
    let more = if values.settings.len() > MAX_NAMED { ", …" } else { "" };
    format!(
        "`{}` was checked but not rendered: its users have to set {}{more}",
        values.name,
        settings.join(", ")
    )
}

/// Settings that a note names.
const MAX_NAMED: usize = 4;
