//! `plimsoll docs`: the reference of a chart's values, printed, written into a page, or checked there.
//!
//! | flags | what is read | what is written | exit code 1 |
//! |---|---|---|---|
//! | none | the chart | standard output | if the chart is wrong |
//! | `--output FILE` | the chart, and the page if it exists | the page | also if the page's markers are wrong |
//! | `--check FILE` | the chart and the page | nothing | also if the page is not current |

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use plimsoll::request::{HelmOptions, Request};
use plimsoll::schema::Demands;
use plimsoll::session::{Outcome, Session};
use plimsoll::source::{self, SourceId, SourceKind};
use plimsoll::{pipeline, reference};

use crate::output::{self, OutputOptions};
use crate::output_folder;
use crate::terminal;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DocsArgs {
    /// The name of a bundled chart, or a chart's folder or archive
    pub chart: String,

    /// Write into this file instead of printing; in a file that exists, only between the markers
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    pub output: Option<PathBuf>,

    /// Say whether the reference in this file is current: exit code 1 if it is not
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll docs skyflo | less
  plimsoll docs ./my-chart --output my-chart/README.md
  plimsoll docs ./my-chart --check my-chart/README.md

The reference stands between `<!-- plimsoll docs NAME -->` and `<!-- end plimsoll docs -->`; the rest of a file is yours.";

/// Writes, checks or prints the reference.
///
/// # Errors
/// A page that cannot be read or written.
pub fn run(args: &DocsArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    // Merged and not checked: defaults may leave open what a user must set, for derived values too.
    let helm = HelmOptions { may_lack_dependencies: true, ..HelmOptions::default() };
    let request =
        Request { chart: args.chart.clone(), demands: Demands::Nothing, helm, ..Request::default() };
    let Ok(merged) = pipeline::merge(&session, &request) else {
        return output::finish_without_answer(&session, options);
    };
    let chart = &merged.chart().name;
    let Ok(schema) = merged.described(&session) else {
        return output::finish_without_answer(&session, options);
    };
    let reference = reference::markdown(&session, &merged, &schema);
    if let Some(file) = &args.output {
        let page = updated_page(&session, file, chart, &reference)?;
        let mut end = None;
        let code = output::finish(&session, options, page, |page| {
            output_folder::replace_file(file, page.as_bytes())?;
            end = Some(format!("`{}` has the reference of `{chart}`", file.display()));
            Ok(())
        })?;
        output::note_end(options, end);
        return Ok(code);
    }
    if let Some(file) = &args.check {
        let page =
            read_page(&session, file)?.with_context(|| format!("`{}` does not exist", file.display()))?;
        let checked = reference::check(&session, page, chart, &reference);
        let is_current = checked.is_ok();
        let code = output::finish(&session, options, checked, |()| Ok(()))?;
        output::note_end(options, is_current.then(|| format!("`{}` is current", file.display())));
        return Ok(code);
    }
    output::finish(&session, options, Ok(()), |()| terminal::print(&reference))
}

/// The text of the whole page. In a page that exists, only what stands between the markers is new.
fn updated_page(session: &Session, file: &Path, chart: &str, reference: &str) -> Result<Outcome<String>> {
    Ok(match read_page(session, file)? {
        None => Ok(reference.to_owned()),
        Some(page) => reference::insert(session, page, chart, reference),
    })
}

/// Reads a page; none if it does not exist.
fn read_page(session: &Session, file: &Path) -> Result<Option<SourceId>> {
    let name = file.display().to_string();
    match source::read_text(file, session.limits()) {
        Ok(text) => Ok(Some(session.add_source(SourceKind::File, name, text))),
        Err(_) if !file.exists() => Ok(None),
        Err(error) => Err(anyhow!("`{name}` cannot be read: {error}")),
    }
}
