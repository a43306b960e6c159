//! `plimsoll values` and `plimsoll secrets`: the merged values of a chart, and the secrets that are missing in them.
//!
//! Both merge the same layers by the same flags. What `secrets` prints is itself a layer, made once and kept by the
//! user: `plimsoll secrets skyflo > secrets.yaml`, and `-f secrets.yaml` from then on. Rendering never makes a secret
//! up, since two renders of the same input have to give the same bytes.

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use plimsoll::pipeline::{self, Merged};
use plimsoll::request::Request;
use plimsoll::schema::Demands;
use plimsoll::secrets::{MissingSecrets, ValueMask, missing_secrets};
use plimsoll::session::{Outcome, Session};
use plimsoll::source::{SourceKind, escaped};
use plimsoll::yaml::{Node, ValuePath, print_yaml, print_yaml_with};

use crate::args::SourceArgs;
use crate::output::{self, OutputOptions};
use crate::terminal;

#[derive(Debug, Args)]
pub struct ValuesArgs {
    #[command(flatten)]
    pub source: SourceArgs,

    /// Say after each value where it was written
    #[arg(long)]
    pub origins: bool,

    /// Print secrets instead of `***`
    #[arg(long)]
    pub show_secrets: bool,
}

/// Merges the values, checks them, and prints them as YAML. What they look like is also what a template sees, so this is the first
/// thing to look at when a render surprises.
///
/// With `--origins` each scalar says where it was written, as a comment, so that the output stays a values file:
///
/// ```text
/// engine:
///   replicas: 3 # values.yaml:4
/// ```
pub fn values(args: &ValuesArgs, options: OutputOptions) -> Result<ExitCode> {
    let options = OutputOptions { answers_question: true, ..options };
    let session = options.session();
    let merged = pipeline::values(&session, &args.source.request());
    output::finish(&session, options, merged, |merged| {
        let mut values = Node::clone(&merged.values);
        if !args.show_secrets {
            ValueMask::new(&session).apply(&mut values, Some(merged.wants().root()));
        }
        let comment = |leaf: &Node| args.origins.then(|| location(&session, leaf));
        terminal::print(&print_yaml_with(&values, comment))
    })
}

/// Where a value was written: `file:line`, or the flag.
fn location(session: &Session, leaf: &Node) -> String {
    let source = session.source(leaf.span.source);
    let name = escaped(&source.name);
    match source.kind {
        SourceKind::Flag => name,
        _ => format!("{name}:{}", source.line_column(leaf.span.start as usize).0),
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plimsoll secrets skyflo > secrets.yaml\n  plimsoll render skyflo -f secrets.yaml"
)]
pub struct SecretsArgs {
    #[command(flatten)]
    pub source: SourceArgs,
}

/// Prints the secrets that are missing as a values layer.
///
/// # Errors
/// A chart without a schema, or a system without randomness.
pub fn secrets(args: &SecretsArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    // Merged and not checked: what is missing is what this command is there for.
    // What is derived from a secret that is missing is no reason to fail.
    let request = Request { demands: Demands::Nothing, ..args.source.request() };
    let found = pipeline::merge(&session, &request)
        .and_then(|merged| Ok((missing(&session, &merged)?, merged.chart().name.clone())));
    output::finish(&session, options, found, |(missing, chart)| {
        let missing = missing.with_context(|| format!("the chart `{chart}` has no values schema"))?;
        terminal::print(&layer(&missing, &chart)?)
    })
}

/// What is missing by the chart's schema; none if the chart has none.
fn missing(session: &Session, merged: &Merged) -> Outcome<Option<MissingSecrets>> {
    // Without a schema nothing says what is a secret, let alone how one is made.
    // That of charts that it brings along is one, too.
    let chart = merged.chart();
    let Some(schema) = chart.schema.or(merged.schema().map(|_| chart.defaults)) else { return Ok(None) };
    // Who takes a secret out by `null` does not want a new one, though the schema would find it missing.
    let tombstones = merged.tombstones.all();
    let removed: Vec<ValuePath> = tombstones.iter().map(|tombstone| tombstone.path.clone()).collect();
    missing_secrets(session, schema, merged.wants().root(), &merged.values, &removed).map(Some)
}

/// The layer as YAML, under a comment that says what to do with it.
fn layer(missing: &MissingSecrets, chart: &str) -> Result<String> {
    let layer = missing.generate(|bytes| {
        getrandom::fill(bytes).map_err(|error| anyhow!("the system gives no randomness: {error}"))
    })?;
    let mut text = if missing.is_empty() {
        format!("# No secret of {chart} has to be made: what can be made is set, or not needed.\n")
    } else {
        format!(
            "# Secrets for {chart}, made once: keep this file safe, and give it to every render with `-f`.\n\
             # Making it again makes other secrets, and what is installed would not know them.\n"
        )
    };
    // In the file and not on the terminal: a reader looks for a missing secret in the file.
    for path in &missing.in_lists {
        text.push_str(&format!(
            "# Not made: `{path}`. A layer replaces this list as a whole, so write it there.\n"
        ));
    }
    Ok(text + &print_yaml(&layer))
}
