//! The flags of `plimsoll render`: what is rendered for, and where to.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plimsoll::emit::Format;
use plimsoll::kube::Versions;
use plimsoll::request::Request;

use super::{Judging, SourceArgs};

#[derive(Debug, Args)]
#[command(after_help = RENDER_EXAMPLES)]
pub struct RenderArgs {
    #[command(flatten)]
    pub source: SourceArgs,

    #[command(flatten)]
    pub target: TargetArgs,

    /// Print the chart's custom resource definitions alone, to be installed first; values are not read
    #[arg(long, conflicts_with_all = ["skip_crds", "include_crds", "create_namespace", "show_only"])]
    pub only_crds: bool,

    /// Print the documents of this template only; everything is checked all the same; repeatable
    #[arg(short, long, value_name = "TEMPLATE")]
    pub show_only: Vec<String>,

    /// Write one file an object into this folder, all or nothing, instead of printing
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,

    /// Write nothing: show what differs from what the folder holds, with exit code 1 if something does
    #[arg(long, requires = "output_dir", conflicts_with = "show_only")]
    pub check: bool,

    /// The form of the manifests
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: Output,

    #[command(flatten)]
    pub each: EachArgs,

    #[command(flatten)]
    pub judging: Judging,
}

/// What is rendered for: a release in a cluster.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// The release's name; the chart's name unless given
    #[arg(long, value_name = "NAME")]
    pub release_name: Option<String>,

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
    pub kube_version: Versions,

    /// An API that the cluster has besides the built-in ones; repeatable [example: monitoring.coreos.com/v1]
    #[arg(short, long, value_name = "API", value_delimiter = ',')]
    pub api_versions: Vec<String>,

    /// A folder with custom resource definitions to check against; repeatable
    #[arg(long, value_name = "DIR")]
    pub crds: Vec<PathBuf>,

    /// A custom kind that may pass unchecked; repeatable [example: example.com/Widget]
    #[arg(long, value_name = "GROUP/KIND", value_delimiter = ',')]
    pub allow_unknown_kinds: Vec<String>,
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

/// The form of manifests.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Output {
    Yaml,
    Json,
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

impl Cluster {
    /// Says what the cluster is like.
    pub fn apply(&self, request: Request) -> Request {
        Request {
            versions: self.kube_version,
            api_versions: self.api_versions.clone(),
            crd_folders: self.crds.clone(),
            allow_unknown: self.allow_unknown_kinds.clone(),
            ..request
        }
    }
}

fn read_jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a whole number, 1 or more".to_owned())
}

pub(super) fn read_versions(text: &str) -> Result<Versions, String> {
    text.parse()
}
