//! The flags of `plimsoll lint`.

use std::path::PathBuf;

use clap::Args;
use plimsoll::lint::LintRequest;
use plimsoll::parallel;
use plimsoll::request::Request;
use plimsoll::schema::Demands;

use super::{Cluster, Judging};

#[derive(Debug, Args)]
#[command(after_help = LINT_EXAMPLES)]
pub struct LintArgs {
    /// Files, folders, names of bundled charts, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The chart that all files are values of, instead of finding it out
    #[arg(long, value_name = "CHART", help_heading = "Values")]
    pub chart: Option<String>,

    /// A preset below those values; repeatable, later ones win
    #[arg(short, long = "preset", value_name = "NAME", help_heading = "Values", requires = "chart")]
    pub presets: Vec<String>,

    /// Demand secrets too, which otherwise may be missing in a values file
    #[arg(long, help_heading = "Values")]
    require_secrets: bool,

    /// The namespace of objects that name none; plain manifests are left without one unless given
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<String>,

    #[command(flatten)]
    pub cluster: Cluster,

    #[command(flatten)]
    pub judging: Judging,
}

const LINT_EXAMPLES: &str = "\
Examples:
  plimsoll lint manifests
  plimsoll lint envs/production.yaml ./charts/web
  kubectl kustomize . | plimsoll lint - --kube-version 1.34
  plimsoll lint values.yaml --chart skyflo --preset production
  plimsoll lint . --format human --format sarif=findings.sarif";

impl LintArgs {
    /// What is to be linted, and how.
    pub fn request(&self) -> LintRequest {
        let demands = if self.require_secrets { Demands::Everything } else { Demands::NoSecrets };
        let (namespace, threads) = (self.namespace.clone(), parallel::processors());
        let request = Request { namespace, demands, threads, ..Request::default() };
        LintRequest {
            paths: self.paths.clone(),
            chart: self.chart.clone(),
            presets: self.presets.clone(),
            request: self.judging.apply(self.cluster.apply(request)),
        }
    }
}
