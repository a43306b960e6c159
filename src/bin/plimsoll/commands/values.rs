//! `plimsoll values`: the merged values of a chart, and where each was written.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use plimsoll::pipeline;
use plimsoll::secrets::ValueMask;
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::source::escaped;
use plimsoll::yaml::{Node, print_yaml_with};

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
pub fn run(args: &ValuesArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let merged = pipeline::values(&session, &args.source.request());
    output::finish(&session, options, merged, |merged| {
        let mut values = Node::clone(&merged.values);
        if !args.show_secrets {
            ValueMask::new(&session).apply(&mut values, Some(merged.wants.root()));
        }
        // A comment behind each scalar, so that the output stays a values file.
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
