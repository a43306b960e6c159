//! The flags of every command; the doc comments are the help.

mod explain;
mod layers;
mod lint;
mod render;

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use plimsoll::diagnostic::{Closing, Format as FindingFormat, is_unprintable};
use plimsoll::kube::Versions;
use plimsoll::limits::{Limits, Raised};

pub use explain::{DocsArgs, ExplainArgs};
pub use layers::{Judging, LayerArgs, SourceArgs};
pub use lint::LintArgs;
pub use render::{Cluster, RenderArgs, TargetArgs};

use crate::diff::DiffArgs;
use crate::helm;
use crate::terminal::{self, Voice};

/// Renders Kubernetes manifests from layered values, and proves them right before they leave the machine.
///
/// Standard output is empty unless every document passed every check, so
/// `plimsoll render skyflo -f values.yaml | kubectl apply -f -` applies all or nothing.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", max_term_width = 100, after_help = EXIT_CODES, subcommand_required = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    /// Colour findings on standard error; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,

    /// Write findings as human, short, json, sarif, github, gitlab or junit; with a file name, there as well; repeatable
    #[arg(long = "format", global = true, value_name = "FORMAT[=FILE]", value_parser = read_report)]
    reports: Vec<Report>,

    /// Let more through than usual, as in `--limit output=256MiB`; docs/limits.md has all names; repeatable
    #[arg(long = "limit", global = true, value_name = "NAME=VALUE", value_delimiter = ',', value_parser = read_limit)]
    limits: Vec<Raised>,
}

const EXIT_CODES: &str =
    "Exit codes: 0 all is well; 1 the input has errors; 2 the tool could not do its work.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render a chart's manifests
    Render(Box<RenderArgs>),
    /// Show what differs between two charts, revisions, sets of values or folders of manifests
    ///
    /// Each side is a bundled chart's name, a chart's folder, a file or folder of plain manifests, or `-` for standard
    /// input. PATH@REV is a folder or file as it was in the git revision REV. Objects are matched by group, kind,
    /// namespace and name, items of lists by their keys. Secrets are shown as `***`.
    Diff(Box<DiffArgs>),
    /// Print the merged values of a chart
    Values(ValuesArgs),
    /// Find everything wrong in charts, values files and plain manifests
    Lint(Box<LintArgs>),
    /// Print the JSON schema of a chart's values
    Schema(SchemaArgs),
    /// Print a values layer with fresh random secrets, to be kept
    Secrets(SecretsArgs),
    /// List the bundled charts with their presets
    Charts,
    /// Explain a finding's code, a setting of a chart, or a field of what is rendered
    Explain(Box<ExplainArgs>),
    /// Print the reference of a chart's values as Markdown, or keep it current in a file
    Docs(DocsArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
}

/// When to colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// A form of findings, and the file that they go to; standard error unless given.
#[derive(Clone, Debug)]
pub struct Report {
    pub format: FindingFormat,
    pub file: Option<PathBuf>,
}

fn read_limit(text: &str) -> Result<Raised, String> {
    text.parse()
}

fn read_report(text: &str) -> Result<Report, String> {
    let (format, file) = match text.split_once('=') {
        Some((_, "")) => return Err("the name of the file is missing".to_owned()),
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    Ok(Report { format: format.parse()?, file })
}

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

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The name of a bundled chart, or a chart's folder
    pub chart: String,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plimsoll secrets skyflo > secrets.yaml\n  plimsoll render skyflo -f secrets.yaml"
)]
pub struct SecretsArgs {
    #[command(flatten)]
    pub source: SourceArgs,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command whose page is printed; the program's own unless given
    pub command: Option<String>,
}

/// Reads the command line; wrong usage, `--help` and `--version` end the process here.
pub fn parse() -> Cli {
    let mut command = command();
    let read = command.try_get_matches_from_mut(std::env::args_os()).and_then(|m| Cli::from_arg_matches(&m));
    read.unwrap_or_else(|error| {
        let name = std::env::args_os().nth(1).unwrap_or_default();
        if let Some(message) = helm::explain(&error, &name.to_string_lossy()) {
            terminal::complain(&message);
            std::process::exit(2);
        }
        let error = error.format(&mut command);
        let text = error.render().to_string();
        if text.lines().any(|line| line.contains(is_unprintable)) {
            let parts: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            terminal::complain(parts.join("; ").trim_start_matches("error: "));
            std::process::exit(2);
        }
        error.exit()
    })
}

/// The whole command line, as completions and manual pages need it.
pub fn command() -> clap::Command {
    Cli::command().version(VERSION.as_str())
}

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let minors: Vec<String> = Versions::KNOWN.iter().map(|minor| format!("1.{minor}")).collect();
    let newest = Versions::default();
    format!("{}\nKubernetes {} (default {newest})", env!("CARGO_PKG_VERSION"), minors.join(", "))
});

impl Cli {
    /// How findings are said.
    pub fn voice(&self) -> Voice<'_> {
        let closing = match &self.command {
            Command::Diff(_) => &Closing::Undone("compared"),
            Command::Render(args) if args.check => &Closing::Undone("compared"),
            _ => &Closing::Undone("rendered"),
        };
        Voice {
            reports: &self.reports,
            color: self.color,
            closing,
            limits: Limits::default().with(&self.limits),
        }
    }
}
