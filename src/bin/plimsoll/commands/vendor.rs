//! `plimsoll vendor`: copies the charts that lie outside of a chart's folder into it, and locks them.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use plimsoll::chart::{Chart, LOCK};
use plimsoll::formats::Summary;
use plimsoll::pipeline;
use plimsoll::source::escaped;
use plimsoll::vendor::{self, Copied, Plan};

use crate::output::{self, OutputOptions};
use crate::output_folder;
use crate::terminal;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct VendorArgs {
    /// The folder of a chart
    pub chart: String,

    /// Say whether copies, lock and what was copied are the same instead of writing: exit code 1 if they are not
    #[arg(long)]
    pub check: bool,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll vendor ./shop            # writes ./shop/charts/… and ./shop/chart.lock
  plimsoll vendor ./shop --check    # in CI: is what was copied still the same?

Nothing is fetched: what is copied is what the `path` of a dependency leads to.";

/// Copies charts, or compares the copies.
///
/// # Errors
/// A chart that has no folder of its own, and what cannot be written.
pub fn run(args: &VendorArgs, options: OutputOptions) -> Result<ExitCode> {
    let prevented = if args.check { "compared" } else { "written" };
    let options = OutputOptions { summary: &Summary::Findings { prevented }, ..options };
    let session = options.session();
    let Ok(chart) = pipeline::chart_alone(&session, &args.chart) else {
        return output::finish_without_answer(&session, options);
    };
    if chart.is_helm {
        bail!(
            "`{}` is a Helm chart: `helm dependency build` fills its `charts/`, and what lies there is read",
            args.chart
        );
    }
    if chart.is_bundled {
        bail!("`{}` is bundled, and what it depends on is in the program", args.chart);
    }
    let folder = Path::new(&args.chart);
    if args.check {
        let checked = vendor::check(&session, &chart);
        return output::finish(&session, options, checked, |(copies, missing)| {
            if options.quiet { Ok(()) } else { terminal::print(&compared(&chart, copies, missing)) }
        });
    }
    let plan = vendor::plan(&session, &chart);
    output::finish(&session, options, plan, |plan| {
        output_folder::write_copies(folder, &plan)?;
        if options.quiet { Ok(()) } else { terminal::print(&written(&chart, &plan)) }
    })
}

/// How many charts there are.
fn charts(count: usize) -> String {
    if count == 1 { "1 chart".to_owned() } else { format!("{count} charts") }
}

fn compared(chart: &Chart, copies: usize, missing: usize) -> String {
    let name = &chart.name;
    if copies == 0 {
        return format!("compared: nothing, as `{name}` depends on no chart outside of its folder\n");
    }
    let what = match missing {
        0 => "as the lock says, and as what was copied".to_owned(),
        _ if missing == copies => "as the lock says; what was copied is not here".to_owned(),
        _ => format!("as the lock says; of {missing}, what was copied is not here"),
    };
    format!("compared: {} of `{name}`, {what}\n", charts(copies))
}

fn written(chart: &Chart, plan: &Plan) -> String {
    let folder = escaped(&chart.shown_folder);
    if plan.copies.is_empty() && plan.unneeded.is_empty() {
        return format!("copied: nothing, as `{}` depends on no chart outside of its folder\n", chart.name);
    }
    let new = plan.copies.iter().filter(|copied| !copied.is_current).count();
    let mut text = match new {
        0 if plan.unneeded.is_empty() => {
            format!("copied: nothing, as `{folder}/{LOCK}` and the copies are current\n")
        }
        0 => format!("copied: nothing; {} removed from `{folder}/charts`\n", charts(plan.unneeded.len())),
        _ => format!("copied: {} into `{folder}/charts`, and locked in `{folder}/{LOCK}`\n", charts(new)),
    };
    let copies = plan.copies.iter().map(|copied| &copied.row.copy).chain(&plan.unneeded);
    let width = copies.map(String::len).max().unwrap_or_default();
    for Copied { row, is_current, .. } in &plan.copies {
        let state = if *is_current { " (unchanged)" } else { "" };
        let row = format!("  {:width$}  {} {} of {}{state}\n", row.copy, row.name, row.version, row.path);
        text.push_str(&escaped_line(&row));
    }
    for copy in &plan.unneeded {
        text.push_str(&format!("  {copy:width$}  removed, as nothing needs it\n"));
    }
    text
}

/// A line whose texts are of files, for a terminal.
fn escaped_line(line: &str) -> String {
    format!("{}\n", escaped(line.trim_end_matches('\n')))
}
