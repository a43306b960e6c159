//! `plimsoll precompile`: writes the precompiled form of a chart beside it, or says whether it is current.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use plimsoll::chart::PRECOMPILED;
use plimsoll::formats::Summary;
use plimsoll::kube::Versions;
use plimsoll::session::Session;
use plimsoll::{pipeline, precompiled};

use crate::output::{self, OutputOptions};
use crate::output_folder;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PrecompileArgs {
    /// The folder of a chart
    pub chart: String,

    /// Say whether the precompiled form is current instead of writing it: exit code 1 if it is not
    #[arg(long)]
    pub check: bool,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll precompile ./my-chart            # writes ./my-chart/precompiled.bin
  plimsoll precompile ./my-chart --check    # in CI: is it current?

What is rendered stays the same, with or without it. A file that is stale is a warning, and is not used.";

/// Writes or checks the precompiled form.
///
/// # Errors
/// A bundled chart, a `precompiled.bin` that is something else, or a file that cannot be written.
pub fn run(args: &PrecompileArgs, options: OutputOptions) -> Result<ExitCode> {
    let prevented = if args.check { "compared" } else { "written" };
    let options = OutputOptions { summary: &Summary::Findings { prevented }, ..options };
    // With the limits that everybody has: what is within raised ones alone would be out of bounds in another run.
    let session = Session::new();
    let Ok(chart) = pipeline::chart(&session, &args.chart) else {
        return output::finish_without_answer(&session, options);
    };
    if chart.is_helm {
        bail!("`{}` is a Helm chart, and those have no precompiled form", args.chart);
    }
    if chart.is_bundled {
        bail!("`{}` is bundled: its precompiled form is in the program", args.chart);
    }
    if !chart.dependencies.is_empty() {
        bail!(
            "`{}` brings other charts along: theirs are used, and it has no precompiled form itself",
            args.chart
        );
    }
    let templates = pipeline::templates(&session, &chart);
    let library = pipeline::api_types(Versions::default());
    let file = Path::new(&args.chart).join(PRECOMPILED);
    if args.check {
        let checked = precompiled::check(&session, &chart, &templates, &library);
        let is_current = checked.is_ok();
        let code = output::finish(&session, options, checked, |()| Ok(()))?;
        output::note_end(options, is_current.then(|| format!("`{}` is current", file.display())));
        return Ok(code);
    }
    if chart.precompiled.as_deref().is_some_and(|bytes| !precompiled::is_precompiled(bytes)) {
        bail!("`{}` is something else, and is left alone: move it away", file.display());
    }
    let made = precompiled::make(&session, &chart, &templates, &library);
    let mut written = None;
    let code = output::finish(&session, options, made, |bytes| {
        output_folder::replace_file(&file, &bytes)?;
        written = Some(format!("`{}` was written", file.display()));
        Ok(())
    })?;
    output::note_end(options, written);
    Ok(code)
}
