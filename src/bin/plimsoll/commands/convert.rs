//! `plimsoll convert`: a Helm chart as a first draft of bound templates.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use plimsoll::chart::FolderFile;
use plimsoll::convert::{self, Converted};
use plimsoll::formats::{Format, Summary};

use super::new::refuse_what_is_there;
use crate::output::{self, OutputOptions};
use crate::output_folder;
use crate::terminal;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConvertArgs {
    /// The folder or archive of a Helm chart
    #[arg(value_name = "HELM-CHART")]
    pub chart: String,

    /// The folder to write: it must not exist, or be empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll convert ./helm/shop ./charts/shop
  plimsoll convert shop-1.2.0.tgz ./charts/shop --format json

No chart has to be converted to be used: `plimsoll render ./helm/shop` works as it is.

Exit codes: 0 all objects are equal, and nothing is left to do; 1 the chart was written, and something differs or is left; \
2 nothing was written.";

/// Converts the chart, writes the folder, and prints how both charts compare.
///
/// # Errors
/// A folder that has something in it, or that cannot be written.
pub fn run(args: &ConvertArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let options = OutputOptions { summary: &Summary::Findings { prevented: "written" }, ..options };
    // Before anything is read: nothing that is there is touched.
    let converted =
        refuse_what_is_there(&session, &args.folder).and_then(|()| convert::convert(&session, &args.chart));
    output::finish_with_code(&session, options, converted, |converted| {
        output_folder::is_empty(&args.folder)?;
        output_folder::write_fresh(&args.folder, &files(&converted))?;
        terminal::print(&formatted(&converted, args, options))?;
        Ok(ExitCode::from(u8::from(!converted.is_equal())))
    })
}

fn files(converted: &Converted) -> Vec<FolderFile> {
    let file = |(path, text): (&String, &String)| FolderFile { path: path.clone(), text: text.clone() };
    converted.files.iter().map(file).collect()
}

fn formatted(converted: &Converted, args: &ConvertArgs, options: OutputOptions) -> String {
    let folder = args.folder.display().to_string();
    match options.stream_format() {
        Format::Json => convert::write_json(converted, &folder),
        _ => convert::write_human(converted, &folder, options.stdout_style()),
    }
}
