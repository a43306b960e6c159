//! `plimsoll schema`: the JSON schema of a chart's values.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use plimsoll::chart;

use crate::output::{self, OutputOptions};
use crate::terminal;

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The name of a bundled chart, or a chart's folder
    pub chart: String,
}

/// Prints the schema as the chart has it, byte for byte.
///
/// # Errors
/// A chart without a schema.
pub fn run(args: &SchemaArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let chart = chart::open(&session, &args.chart);
    output::finish(&session, options, chart, |chart| match chart.schema {
        Some(schema) => terminal::print(&session.source(schema).text),
        None => bail!("the chart `{}` has no values schema", chart.name),
    })
}
