//! `plimsoll charts`: the bundled charts with their versions and presets.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::Result;
use plimsoll::chart::{self, Chart};
use plimsoll::session::Outcome;

use crate::output::{self, OutputOptions};
use crate::terminal;

/// Prints a table, one line a chart.
pub fn run(options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let charts: Outcome<Vec<Chart>> =
        chart::bundled().map(|bundled| chart::open(&session, bundled.name)).collect();
    output::finish(&session, options, charts, |charts| terminal::print(&table(&charts)))
}

fn table(charts: &[Chart]) -> String {
    let width = charts.iter().map(|chart| chart.name.len()).max().unwrap_or(0).max("NAME".len());
    let mut text = format!("{:width$}  VERSION  PRESETS\n", "NAME");
    for chart in charts {
        let presets: Vec<&str> = chart.presets.keys().map(String::as_str).collect();
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{:width$}  {:7}  {}", chart.name, chart.version, presets.join(", "));
    }
    text
}
