//! The flags of every command; the doc comments are the help.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use plimsoll::config::Level;
use plimsoll::diagnostic::{Closing, Format as FindingFormat, is_unprintable};
use plimsoll::emit::Format;
use plimsoll::kube::Versions;
use plimsoll::lint::Order;
use plimsoll::request::{Request, ValuesFile};
use plimsoll::rules::Choice;
use plimsoll::schema::Demands;

use crate::config;
use crate::diff::DiffArgs;
use crate::helm;
use crate::sets::Sets;
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

fn read_report(text: &str) -> Result<Report, String> {
    let (format, file) = match text.split_once('=') {
        Some((_, "")) => return Err("the name of the file is missing".to_owned()),
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    Ok(Report { format: format.parse()?, file })
}

#[derive(Debug, Args)]
#[command(after_help = RENDER_EXAMPLES)]
pub struct RenderArgs {
    #[command(flatten)]
    pub source: SourceArgs,

    #[command(flatten)]
    target: TargetArgs,

    /// Print the chart's custom resource definitions alone, to be installed first; values are not read
    #[arg(long, conflicts_with_all = ["skip_crds", "include_crds", "create_namespace", "show_only"])]
    pub only_crds: bool,

    /// Print the documents of this template only; everything is checked all the same; repeatable
    #[arg(short, long, value_name = "TEMPLATE")]
    show_only: Vec<String>,

    /// Write one file an object into this folder, all or nothing, instead of printing
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,

    /// Write nothing: show what differs from what the folder holds, with exit code 1 if something does
    #[arg(long, requires = "output_dir", conflicts_with = "show_only")]
    pub check: bool,

    /// The form of the manifests
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: Output,

    #[command(flatten)]
    pub each: EachArgs,

    #[command(flatten)]
    judging: Judging,
}

/// What is rendered for: a release in a cluster.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// The release's name; the chart's name unless given
    #[arg(long, value_name = "NAME")]
    release_name: Option<String>,

    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<String>,

    /// Render the namespace too
    #[arg(long)]
    create_namespace: bool,

    /// Render the chart's custom resource definitions, which is the default
    #[arg(long, conflicts_with = "skip_crds")]
    include_crds: bool,

    /// Leave the chart's custom resource definitions out
    #[arg(long)]
    skip_crds: bool,

    #[command(flatten)]
    pub cluster: Cluster,
}

/// What the cluster is like.
#[derive(Debug, Args)]
pub struct Cluster {
    /// The Kubernetes version to check against, or a range for a mixed fleet [example: 1.31..1.36]
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = read_versions)]
    kube_version: Versions,

    /// An API that the cluster has besides the built-in ones; repeatable [example: monitoring.coreos.com/v1]
    #[arg(short, long, value_name = "API", value_delimiter = ',')]
    api_versions: Vec<String>,

    /// A folder with custom resource definitions to check against; repeatable
    #[arg(long, value_name = "DIR")]
    pub crds: Vec<PathBuf>,

    /// A custom kind that may pass unchecked; repeatable [example: example.com/Widget]
    #[arg(long, value_name = "GROUP/KIND", value_delimiter = ',')]
    allow_unknown_kinds: Vec<String>,
}

impl Cluster {
    /// Says what the cluster is like.
    fn apply(&self, request: Request) -> Request {
        Request {
            versions: self.kube_version,
            api_versions: self.api_versions.clone(),
            crd_folders: self.crds.clone(),
            allow_unknown: self.allow_unknown_kinds.clone(),
            ..request
        }
    }
}

/// Many customers of one chart in one run.
#[derive(Debug, Args)]
pub struct EachArgs {
    /// Render every values file that matches, each into a folder of its own below --output-dir; a pattern, a file or a
    /// folder; repeatable [example: --each 'customers/*.yaml']
    #[arg(long, value_name = "PATTERN", requires = "output_dir", help_heading = "Many customers")]
    pub each: Vec<String>,

    /// Name each folder by this value instead of the file's name [example: global.namespace]
    #[arg(long, value_name = "KEY", requires = "each", help_heading = "Many customers")]
    pub each_name: Option<String>,

    /// How many threads render; as many as there are processors unless given
    #[arg(long, value_name = "N", requires = "each", value_parser = read_jobs, help_heading = "Many customers")]
    pub jobs: Option<NonZeroUsize>,
}

/// How rules are judged.
#[derive(Debug, Args)]
pub struct Judging {
    /// Refuse what breaks this rule (its name or code, or `practice`, `all`…); repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    deny: Vec<String>,

    /// Only warn of what breaks this rule; repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    warn: Vec<String>,

    /// Do not look at this rule; repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    allow: Vec<String>,

    /// The file that sets levels of rules, instead of the nearest `plimsoll.yaml`
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    config: Option<PathBuf>,
}

impl Judging {
    /// Levels in the order `all` first, then by strictness, so that a named rule wins over all.
    fn levels(&self) -> Vec<Choice> {
        let of = |rules: &[String], level| {
            rules.iter().map(|rule| Choice { rule: rule.clone(), level }).collect::<Vec<_>>()
        };
        let mut levels = of(&self.allow, Level::Allow);
        levels.extend(of(&self.warn, Level::Warn));
        levels.extend(of(&self.deny, Level::Deny));
        levels.sort_by_key(|choice| choice.rule != "all");
        levels
    }

    /// The `plimsoll.yaml` that counts.
    fn config(&self) -> Option<PathBuf> {
        self.config.clone().or_else(config::nearest)
    }

    /// Says how rules are judged.
    pub fn apply(&self, request: Request) -> Request {
        Request { config: self.config(), levels: self.levels(), ..request }
    }
}

const RENDER_EXAMPLES: &str = "\
Examples:
  plimsoll render skyflo --preset evaluation
  plimsoll render skyflo -p production -f values.yaml -n skyflo | kubectl apply -f -
  plimsoll render skyflo -f values.yaml -f secrets.yaml --set engine.replicas=3
  plimsoll render ./my-chart --kube-version 1.31..1.36 --output-dir manifests
  plimsoll render ./my-chart --kube-version 1.31..1.36 --output-dir manifests --check
  plimsoll render datafly -p production --each 'customers/*.yaml' --output-dir out

Later layers win: the chart's defaults, presets, values files, a customer's file (--each), then --set flags, each in the
order given.";

/// A chart and the layers of its values.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// The name of a bundled chart, or a chart's folder
    chart: String,

    #[command(flatten)]
    layers: LayerArgs,
}

/// The layers of a chart's values.
#[derive(Debug, Args)]
pub struct LayerArgs {
    /// A preset of the chart; repeatable, later ones win
    #[arg(short, long = "preset", value_name = "NAME", help_heading = "Values")]
    presets: Vec<String>,

    /// A file of values, `-` for standard input; repeatable, later ones win
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Values")]
    pub values: Vec<PathBuf>,

    #[command(flatten)]
    sets: Sets,
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
#[command(after_help = LINT_EXAMPLES)]
pub struct LintArgs {
    /// Files, folders, names of bundled charts, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The chart that all files are values of, instead of finding it out
    #[arg(long, value_name = "CHART", help_heading = "Values")]
    chart: Option<String>,

    /// A preset below those values; repeatable, later ones win
    #[arg(short, long = "preset", value_name = "NAME", help_heading = "Values", requires = "chart")]
    presets: Vec<String>,

    /// Demand secrets too, which otherwise may be missing in a values file
    #[arg(long, help_heading = "Values")]
    require_secrets: bool,

    /// The namespace of objects that name none; plain manifests are left without one unless given
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,

    #[command(flatten)]
    cluster: Cluster,

    #[command(flatten)]
    judging: Judging,
}

impl LintArgs {
    /// What is to be linted, and how.
    pub fn order(&self) -> Order {
        let demands = if self.require_secrets { Demands::Everything } else { Demands::NoSecrets };
        let request = Request { namespace: self.namespace.clone(), demands, ..Request::default() };
        Order {
            paths: self.paths.clone(),
            chart: self.chart.clone(),
            presets: self.presets.clone(),
            request: self.judging.apply(self.cluster.apply(request)),
        }
    }
}

const LINT_EXAMPLES: &str = "\
Examples:
  plimsoll lint manifests
  plimsoll lint envs/production.yaml ./charts/web
  kubectl kustomize . | plimsoll lint - --kube-version 1.34
  plimsoll lint values.yaml --chart skyflo --preset production
  plimsoll lint . --format human --format sarif=findings.sarif";

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
#[command(override_usage = EXPLAIN_USAGE, after_help = EXPLAIN_EXAMPLES)]
pub struct ExplainArgs {
    /// A code such as K003; or the name of a bundled chart, or a chart's folder
    #[arg(value_name = "CODE|CHART")]
    pub subject: String,

    /// A setting such as `engine.replicas`; all of them unless given. With --field, a field such as `spec.replicas`
    pub path: Option<String>,

    /// Explain a field of this object instead, as KIND/NAME or NAMESPACE/KIND/NAME
    #[arg(long, value_name = "OBJECT")]
    pub field: Option<String>,

    #[command(flatten)]
    layers: LayerArgs,

    /// The release's name; the chart's name unless given
    #[arg(long, value_name = "NAME", help_heading = "Rendering")]
    release_name: Option<String>,

    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME", help_heading = "Rendering")]
    namespace: Option<String>,

    /// The Kubernetes version that is rendered for, or a range
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = read_versions, help_heading = "Rendering")]
    kube_version: Versions,

    /// A folder with custom resource definitions to check against; repeatable
    #[arg(long, value_name = "DIR", help_heading = "Rendering")]
    pub crds: Vec<PathBuf>,

    /// A custom kind that may pass unchecked; repeatable
    #[arg(long, value_name = "GROUP/KIND", value_delimiter = ',', help_heading = "Rendering")]
    allow_unknown_kinds: Vec<String>,
}

const EXPLAIN_USAGE: &str = "plimsoll explain <CODE>
       plimsoll explain <CHART> [SETTING] [OPTIONS]
       plimsoll explain <CHART> --field <OBJECT> <FIELD> [OPTIONS]";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  plimsoll explain K003
  plimsoll explain skyflo engine.replicas -p production -f values.yaml
  plimsoll explain skyflo engine.tolerations[0].key -f values.yaml
  plimsoll explain skyflo --field Deployment/skyflo-engine spec.replicas -f values.yaml
  plimsoll explain skyflo --field Deployment/skyflo-engine 'spec.template.spec.containers[engine].image' -p evaluation

With --format json the answer is one JSON object; docs/explain.md describes it.";

#[derive(Debug, Args)]
#[command(after_help = DOCS_EXAMPLES)]
pub struct DocsArgs {
    /// The name of a bundled chart, or a chart's folder
    pub chart: String,

    /// Write into this file instead of printing; in a file that exists, only between the markers
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    pub output: Option<PathBuf>,

    /// Say whether the reference in this file is current: exit code 1 if it is not
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

const DOCS_EXAMPLES: &str = "\
Examples:
  plimsoll docs skyflo | less
  plimsoll docs ./my-chart --output my-chart/README.md
  plimsoll docs ./my-chart --check my-chart/README.md

The reference stands between `<!-- plimsoll docs NAME -->` and `<!-- end plimsoll docs -->`; the rest of a file is yours.";

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

/// The form of manifests.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    Yaml,
    Json,
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

fn read_jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a whole number, 1 or more".to_owned())
}

fn read_versions(text: &str) -> Result<Versions, String> {
    text.parse()
}

impl Cli {
    /// How findings are said.
    pub fn voice(&self) -> Voice<'_> {
        let closing = match &self.command {
            Command::Diff(_) => &Closing::Undone("compared"),
            Command::Render(args) if args.check => &Closing::Undone("compared"),
            _ => &Closing::Undone("rendered"),
        };
        Voice { reports: &self.reports, color: self.color, closing }
    }
}

impl SourceArgs {
    /// A request for the chart's values, with nothing said about rendering.
    pub fn request(&self) -> Request {
        Request { chart: self.chart.clone(), ..self.layers.request() }
    }
}

impl LayerArgs {
    /// A request for these layers of some chart.
    pub fn request(&self) -> Request {
        let file = |path: &PathBuf| match path.to_str() {
            Some("-") => ValuesFile::Stdin,
            _ => ValuesFile::Path(path.clone()),
        };
        Request {
            presets: self.presets.clone(),
            files: self.values.iter().map(file).collect(),
            sets: self.sets.0.clone(),
            ..Request::default()
        }
    }
}

impl ExplainArgs {
    /// What is to be rendered. Rules have no say in what is explained.
    pub fn request(&self) -> Request {
        Request {
            release_name: self.release_name.clone(),
            namespace: self.namespace.clone(),
            versions: self.kube_version,
            crd_folders: self.crds.clone(),
            allow_unknown: self.allow_unknown_kinds.clone(),
            levels: vec![Choice { rule: "all".to_owned(), level: Level::Allow }],
            chart: self.subject.clone(),
            ..self.layers.request()
        }
    }
}

impl TargetArgs {
    /// Says what is rendered for.
    pub fn apply(&self, request: Request) -> Request {
        Request {
            release_name: self.release_name.clone(),
            namespace: self.namespace.clone(),
            create_namespace: self.create_namespace,
            skip_crds: self.skip_crds && !self.include_crds,
            ..self.cluster.apply(request)
        }
    }
}

impl RenderArgs {
    /// Everything that was asked for.
    pub fn request(&self) -> Request {
        let request = self.target.apply(self.source.request());
        self.judging.apply(Request { show_only: self.show_only.clone(), ..request })
    }

    /// The form of the manifests.
    pub fn format(&self) -> Format {
        match self.output {
            Output::Yaml => Format::Yaml,
            Output::Json => Format::Json,
        }
    }
}
