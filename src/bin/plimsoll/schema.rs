//! `plimsoll schema`: the JSON schema of a chart's values.

use std::process::ExitCode;

use anyhow::{Result, bail};
use plimsoll::chart;

use crate::args::SchemaArgs;
use crate::terminal::{self, Voice};

pub fn run(args: &SchemaArgs, voice: Voice) -> Result<ExitCode> {
    let session = voice.session();
    let chart = chart::open(&session, &args.chart);
    terminal::conclude(&session, voice, chart, |chart| match chart.schema {
        Some(schema) => terminal::print(&session.source(schema).text),
        None => bail!("the chart `{}` has no values schema", chart.name),
    })
}
