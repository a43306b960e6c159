//! The flags of `plimsoll explain` and `plimsoll docs`.

use std::path::PathBuf;

use clap::Args;
use plimsoll::config::Level;
use plimsoll::kube::Versions;
use plimsoll::request::Request;
use plimsoll::rules::ChosenLevel;

use super::LayerArgs;
use super::render::read_versions;

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
    pub layers: LayerArgs,

    /// The release's name; the chart's name unless given
    #[arg(long, value_name = "NAME", help_heading = "Rendering")]
    pub release_name: Option<String>,

    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME", help_heading = "Rendering")]
    pub namespace: Option<String>,

    /// The Kubernetes version that is rendered for, or a range
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = read_versions, help_heading = "Rendering")]
    pub kube_version: Versions,

    /// A folder with custom resource definitions to check against; repeatable
    #[arg(long, value_name = "DIR", help_heading = "Rendering")]
    pub crds: Vec<PathBuf>,

    /// A custom kind that may pass unchecked; repeatable
    #[arg(long, value_name = "GROUP/KIND", value_delimiter = ',', help_heading = "Rendering")]
    pub allow_unknown_kinds: Vec<String>,
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

impl ExplainArgs {
    /// What is to be rendered. Rules have no say in what is explained.
    pub fn request(&self) -> Request {
        Request {
            release_name: self.release_name.clone(),
            namespace: self.namespace.clone(),
            versions: self.kube_version,
            crd_folders: self.crds.clone(),
            allow_unknown: self.allow_unknown_kinds.clone(),
            levels: vec![ChosenLevel { rule: "all".to_owned(), level: Level::Allow }],
            chart: self.subject.clone(),
            ..self.layers.request()
        }
    }
}

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
