//! `plimsoll test`: the tests of a chart.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use plimsoll::formats::{Summary, Tested};
use plimsoll::parallel;
use plimsoll::request::Request;
use plimsoll::testing::{self, SnapshotEnd, TestReport, TestRequest, TestedSnapshot};

use super::fix::counted;
use crate::args::{ClusterArgs, RuleArgs};
use crate::output::{self, OutputOptions, Stream};
use crate::output_folder;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TestArgs {
    /// A chart's folder, the archive of a Helm chart, or the name of a bundled chart
    #[arg(default_value = ".")]
    chart: String,

    /// Run only the cases with this text in their names, or in the suite's: `production: a host`
    #[arg(value_name = "TEXT")]
    names: Vec<String>,

    /// The same as TEXT; repeatable
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,

    /// The folder of the tests, or one file, instead of `tests` in the chart's folder
    #[arg(long, value_name = "PATH")]
    tests: Option<PathBuf>,

    /// Write snapshots that differ or are missing, after showing what differs, and remove those that no case has
    #[arg(long)]
    update: bool,

    #[command(flatten)]
    cluster: ClusterArgs,

    #[command(flatten)]
    rules: RuleArgs,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll test
  plimsoll test ./charts/web autoscaler
  plimsoll test skyflo --tests tests/skyflo
  plimsoll test ./charts/web --update
  plimsoll test ./charts/web --format junit=tests.xml

Exit codes: 0 every case passed; 1 a case failed, or a file of tests is wrong; 2 nothing could be tested.";

/// Runs the tests, and writes what came of them to standard output: it is the answer.
pub fn run(args: &TestArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let request = Request {
        chart: args.chart.clone(),
        threads: parallel::processors(),
        ..args.rules.apply(args.cluster.apply(Request::default()))
    };
    let filters = args.names.iter().chain(&args.filter).cloned().collect();
    let tests = TestRequest { request, tests: args.tests.clone(), filters, updates: args.update };
    let Ok(report) = testing::run(&session, &tests) else {
        let options = OutputOptions { summary: &Summary::Findings { prevented: "tested" }, ..options };
        return output::finish(&session, options, Ok(()), |()| Ok(()));
    };
    let notes = notes(args, &report)?;
    let failed = report.cases.iter().any(|case| !case.is_passed());
    let tested = Tested { cases: report.cases, notes, failed_alone: options.quiet };
    let summary = Summary::Tests(tested);
    let options = OutputOptions { stream: Stream::Stdout, summary: &summary, ..options };
    let code = output::finish_without_answer(&session, options)?;
    // A case may have failed for a preset that is not there: that is wrong in the test, and no wrong usage.
    Ok(if failed { ExitCode::from(1) } else { code })
}

/// Writes snapshots, if that was asked for. What to know of the run.
fn notes(args: &TestArgs, report: &TestReport) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    if report.left_out > 0 {
        notes.push(format!("{} left out by the filter", counted(report.left_out, "case")));
    }
    if report.passed_over > 0 {
        let files = counted(report.passed_over, "file");
        notes.push(format!("{files} beside the tests passed over, without `cases`"));
    }
    if !args.update {
        return Ok(notes);
    }
    let mut written = 0;
    let kept_back = report.snapshots.iter().filter(|one| one.is_kept_back).count();
    if kept_back > 0 {
        let fails = if kept_back == 1 { "as its case fails" } else { "as their cases fail" };
        notes.push(format!("{} not written, {fails}", counted(kept_back, "snapshot")));
    }
    let to_write = |one: &&TestedSnapshot| !one.is_kept_back && !matches!(one.end, SnapshotEnd::Same);
    for snapshot in report.snapshots.iter().filter(to_write) {
        if let Some(folder) = snapshot.path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        }
        output_folder::replace_file(&snapshot.path, snapshot.text.as_bytes())?;
        written += 1;
    }
    for path in &report.stale {
        fs::remove_file(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    if written > 0 {
        notes.push(format!("{} written", counted(written, "snapshot")));
    }
    if !report.stale.is_empty() {
        notes.push(format!("{} removed, which no case has", counted(report.stale.len(), "snapshot")));
    }
    Ok(notes)
}
