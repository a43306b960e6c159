//! `plimsoll charts` and `plimsoll schema`: which charts are bundled, and what values one takes.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use plimsoll::chart::{self, Chart};
use plimsoll::formats::visible_json;
use plimsoll::pipeline;
use plimsoll::schema::Schema;
use plimsoll::session::Outcome;
use plimsoll::source::escaped;

use crate::output::{self, OutputOptions};
use crate::terminal;

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The name of a bundled chart, or a chart's folder
    pub chart: String,
}

/// Prints a table of the bundled charts with their versions and presets, one line a chart.
pub fn list(options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let charts: Outcome<Vec<Chart>> =
        chart::bundled().map(|bundled| chart::open(&session, bundled.name)).collect();
    output::finish(&session, options, charts, |charts| terminal::print(&table(&charts)))
}

fn table(charts: &[Chart]) -> String {
    // Only the name varies in length by much; a version fits into seven characters, and the presets come last.
    let width = charts.iter().map(|chart| chart.name.len()).max().unwrap_or(0).max("NAME".len());
    let mut text = format!("{:width$}  VERSION  PRESETS\n", "NAME");
    for chart in charts {
        let presets: Vec<&str> = chart.presets.keys().map(String::as_str).collect();
        // Writing into a string cannot fail.
        let _ =
            writeln!(text, "{:width$}  {:7}  {}", chart.name, chart.version, escaped(&presets.join(", ")));
    }
    text
}

/// Prints the schema of a chart's values as the chart has it: editors and other tools may compare or cache it. Only what a
/// terminal would act on is escaped, as JSON allows.
///
/// # Errors
/// A chart without a schema, or with one that is wrong (C004).
pub fn schema(args: &SchemaArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let chart = pipeline::chart(&session, &args.chart).and_then(|chart| {
        // Those of bundled charts were compiled when the program was tested, and those of Helm charts are in any draft.
        match chart.schema.filter(|_| !chart.is_bundled && !chart.is_helm) {
            Some(schema) => Schema::compile(&session, schema).map(|_| chart),
            None => Ok(chart),
        }
    });
    output::finish(&session, options, chart, |chart| match chart.schema {
        Some(schema) => terminal::print(&visible_json(&session.source(schema).text)),
        None => bail!("the chart `{}` has no values schema", chart.name),
    })
}
