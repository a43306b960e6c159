//! The commands: the arguments of each and the function that runs it, and here a variant that names both.
//!
//! Small ones that belong together share a file.
//!
//! A command is thin: it turns its arguments into a request, calls the library, and hands the result to
//! [`crate::output`], which writes what was found and lets the command print its answer only where nothing is wrong.

mod charts;
mod convert;
mod diff;
mod docs;
mod explain;
mod fix;
mod generated;
mod lint;
mod new;
mod precompile;
mod render;
mod show;
mod test;
mod values;
mod vendor;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use plimsoll::formats::Summary;

use crate::on_demand::OnDemand;
use crate::output::OutputOptions;

// The doc comments are the help of each command, and their order is that of `plimsoll --help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new chart of your own
    ///
    /// Writes a folder with everything that a chart has: values with comments and their schema, templates, a preset and
    /// tests. It renders and lints without a finding as it is.
    New(OnDemand<new::NewArgs>),
    /// Copy a bundled chart into a folder of your own, to change it
    ///
    /// The copy renders the same bytes. What its templates import from the chart library comes with it.
    Eject(OnDemand<new::EjectArgs>),
    /// Render a chart's manifests
    #[command(alias = "template")]
    Render(OnDemand<render::RenderArgs>),
    /// Show what differs between two charts, revisions, sets of values or folders of manifests
    ///
    /// Each side is a bundled chart's name, a chart's folder, a file or folder of plain manifests, or `-` for standard
    /// input. PATH@REV is a folder or file as it was in the git revision REV. Objects are matched by group, kind,
    /// namespace and name, items of lists by their keys. Secrets are shown as `***`.
    Diff(OnDemand<diff::DiffArgs>),
    /// Print the merged values of a chart
    Values(OnDemand<values::ValuesArgs>),
    /// Find everything that is wrong in charts, values files and plain manifests
    Lint(OnDemand<lint::LintArgs>),
    /// Run the tests of a chart: values, and what is expected of the objects
    Test(OnDemand<test::TestArgs>),
    /// Print the JSON schema of a chart's values
    Schema(OnDemand<charts::SchemaArgs>),
    /// Print a values file with new random secrets, to be kept
    Secrets(OnDemand<values::SecretsArgs>),
    /// List the bundled charts with their presets
    Charts(OnDemand<charts::ChartsArgs>),
    /// Show what a chart says about itself, or its default values, metadata, readme or CRDs as they are written
    #[command(alias = "inspect")]
    Show(OnDemand<show::ShowArgs>),
    /// List the codes of findings, with the names and levels of rules
    List(OnDemand<charts::ListArgs>),
    /// Explain a finding's code, a setting of a chart, or a field of what is rendered
    Explain(OnDemand<explain::ExplainArgs>),
    /// Print the reference of a chart's values as Markdown, or keep it current in a file
    Docs(OnDemand<docs::DocsArgs>),
    /// Save a precompiled form of a chart's schema and templates beside it, for faster renders
    Precompile(OnDemand<precompile::PrecompileArgs>),
    /// Copy the charts outside of its folder that a chart depends on into it, and lock them
    ///
    /// Copies what the `path` of each dependency leads to, and what that one depends on, into `charts/`, and writes into
    /// `chart.lock` what each copy was made from, with a checksum. From then on the copies are read.
    Vendor(OnDemand<vendor::VendorArgs>),
    /// Write a Helm chart as a first draft of bound templates, and compare what both render
    Convert(OnDemand<convert::ConvertArgs>),
    /// Print a completion script for a shell
    Completions(OnDemand<generated::CompletionsArgs>),
    /// Print a manual page
    Man(OnDemand<generated::ManArgs>),
}

impl Command {
    /// Runs the command. `cli` makes the definition of the whole command line, which completions and manual pages alone need.
    /// It is handed in because `cli.rs` knows this file, so this file must not know `cli.rs`.
    ///
    /// # Errors
    /// What no finding describes, such as a full disk: the exit code is 2 then.
    pub fn run(&self, options: OutputOptions, cli: fn() -> clap::Command) -> Result<ExitCode> {
        // What does not happen where there are errors.
        let printing = OutputOptions { summary: &Summary::Findings { prevented: "printed" }, ..options };
        match self {
            Command::New(args) => new::new(args, options),
            Command::Eject(args) => new::eject(args, options),
            Command::Render(args) => render::run(args, options),
            Command::Diff(args) => diff::run(args, options),
            Command::Values(args) => values::values(args, printing),
            Command::Lint(args) => lint::run(args, options),
            Command::Test(args) => test::run(args, options),
            Command::Schema(args) => charts::schema(args, printing),
            Command::Secrets(args) => values::secrets(args, printing),
            Command::Charts(_) => charts::list(printing),
            Command::Show(args) => show::run(args, printing),
            Command::List(args) => charts::list_codes(args),
            Command::Explain(args) => explain::run(args, options),
            Command::Docs(args) => docs::run(args, printing),
            Command::Precompile(args) => precompile::run(args, options),
            Command::Vendor(args) => vendor::run(args, options),
            Command::Convert(args) => convert::run(args, options),
            Command::Completions(args) => generated::completions(args),
            Command::Man(args) => generated::man(args, cli()),
        }
    }
}
