//! The flags of `plimsoll render`: what is rendered, and where to.
//!
//! A file of its own, since the three ways to end a render (`mod.rs`, `check.rs`, `each.rs`) read them.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plimsoll::emit::Format;
use plimsoll::parallel;
use plimsoll::request::{HelmOptions, Request};

use crate::args::{LayerArgs, ReleaseArgs, RuleArgs, TargetArgs};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RenderArgs {
    #[command(flatten)]
    pub chart: ReleaseArgs,

    #[command(flatten)]
    pub layers: LayerArgs,

    #[command(flatten)]
    pub target: TargetArgs,

    // It conflicts with each flag that adds to them or takes from them. Flags of values are let through, so that a
    // script can add this one to the command that it has.
    /// Print only the chart's custom resource definitions, to be installed first; values are not read
    #[arg(long, conflicts_with_all = ["skip_crds", "include_crds", "create_namespace", "show_only"])]
    pub only_crds: bool,

    /// Print the documents of this template only; everything is still checked; repeatable
    #[arg(short, long, value_name = "TEMPLATE")]
    pub show_only: Vec<String>,

    /// Write one file for each object into this folder, all or nothing, instead of printing
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,

    // Not with `--show-only`: the files of all other templates would be said to be no longer rendered.
    /// Write nothing: show what differs from what the folder holds, with exit code 1 if something differs
    #[arg(long, requires = "output_dir", conflicts_with = "show_only")]
    pub check: bool,

    /// The form of the manifests
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: OutputFormat,

    #[command(flatten)]
    pub each: EachArgs,

    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Many environments of one chart in one run. Flags and messages call an environment a customer.
#[derive(Debug, Args)]
pub struct EachArgs {
    /// Render every values file that matches, each into a folder of its own below --output-dir; a pattern, a file or a
    /// folder; repeatable [example: --each 'customers/*.yaml']
    #[arg(long, value_name = "PATTERN", requires = "output_dir", help_heading = "Many customers")]
    pub each: Vec<String>,

    /// Name each folder by this value instead of the file's name [example: global.namespace]
    #[arg(long, value_name = "KEY", requires = "each", help_heading = "Many customers")]
    pub each_name: Option<String>,

    /// Each customer has a cluster of its own: two may have the same objects, hosts and ports of nodes
    #[arg(long, requires = "each", help_heading = "Many customers")]
    pub separate_clusters: bool,

    /// How many threads render; by default as many as there are processors
    #[arg(long, value_name = "N", requires = "each", value_parser = parse_jobs, help_heading = "Many customers")]
    pub jobs: Option<NonZeroUsize>,
}

/// The form of manifests.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum OutputFormat {
    Yaml,
    Json,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll render skyflo --preset evaluation
  plimsoll render skyflo -p production -f values.yaml -n skyflo | kubectl apply -f -
  plimsoll render skyflo -f values.yaml -f secrets.yaml --set engine.replicas=3
  plimsoll render ./my-chart --kube-version 1.31..1.37 --output-dir manifests
  plimsoll render ./my-chart --kube-version 1.31..1.37 --output-dir manifests --check
  plimsoll render datafly -p production --each 'customers/*.yaml' --output-dir out

Later layers win: the chart's defaults, presets, values files, a customer's file (--each), then
--set flags, each in the order given.";

impl RenderArgs {
    /// What the library is to render.
    pub fn request(&self) -> Request {
        let request = Request { chart: self.chart.chart().to_owned(), ..self.layers.request() };
        let request = self.target.apply(request);
        let release_name = request.release_name.or_else(|| self.chart.release().map(str::to_owned));
        // With `--each` every processor has a render of its own.
        let threads = if self.each.each.is_empty() { parallel::processors() } else { 1 };
        let helm = HelmOptions { applies: true, ..request.helm };
        self.rules.apply(Request {
            threads,
            release_name,
            show_only: self.show_only.clone(),
            helm,
            ..request
        })
    }

    /// The form of the manifests.
    pub fn format(&self) -> Format {
        match self.output {
            OutputFormat::Yaml => Format::Yaml,
            OutputFormat::Json => Format::Json,
        }
    }
}

fn parse_jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a whole number, 1 or more".to_owned())
}
