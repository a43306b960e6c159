//! The stages in their order: the only file that names every one.

use std::path::PathBuf;

use crate::chart::{self, Chart};
use crate::kube::Versions;
use crate::manifest::Document;
use crate::session::{Outcome, Session};
use crate::yaml::{Node, Wants};

/// What the user asked for.
#[derive(Debug, Default)]
pub struct Request {
    /// A bundled chart's name, or a folder.
    pub chart: String,
    /// Presets of the chart, lowest first.
    pub presets: Vec<String>,
    /// Values files, lowest first.
    pub files: Vec<ValuesFile>,
    /// `--set` flags, lowest first.
    pub sets: Vec<SetFlag>,
    /// The release's name; the chart's unless it is given.
    pub release_name: Option<String>,
    /// The namespace of what has none.
    pub namespace: Option<String>,
    /// Whether to render the namespace too.
    pub create_namespace: bool,
    /// The Kubernetes versions that the documents must fit.
    pub versions: Versions,
    /// Further APIs that the cluster has.
    pub api_versions: Vec<String>,
    /// Whether the chart's CRDs are rendered.
    pub crds: CrdMode,
    /// Folders with definitions of custom resources.
    pub crd_folders: Vec<PathBuf>,
    /// Custom kinds, as `GROUP/KIND`, that are not checked.
    pub allow_unknown: Vec<String>,
    /// Only these templates.
    pub show_only: Vec<String>,
}

/// Where a layer of values is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuesFile {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// One `--set` flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFlag {
    /// Which flag.
    pub kind: SetFlagKind,
    /// Its text.
    pub text: String,
}

/// The flags that set one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetFlagKind {
    /// `--set`.
    Set,
    /// `--set-string`.
    String,
    /// `--set-json`.
    Json,
    /// `--set-file`.
    File,
}

/// What becomes of the chart's CRDs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CrdMode {
    /// As the chart says.
    #[default]
    Auto,
    /// Rendered.
    Include,
    /// Left out.
    Skip,
}

/// A chart with its values, merged.
#[derive(Debug)]
pub struct Settled {
    /// The chart.
    pub chart: Chart,
    /// What the schema wants, secrets among it.
    pub wants: Wants,
    /// The merged values: a map.
    pub values: Node,
}

/// Merges the values, and checks nothing.
pub fn merge(session: &Session, request: &Request) -> Outcome<Settled> {
    chart::open(session, &request.chart).and_then(|_| Err(session.report(unwired())))
}

/// Merges the values and holds them against the schema.
pub fn values(session: &Session, request: &Request) -> Outcome<Settled> {
    merge(session, request)
}

/// The chart's documents, checked and arranged.
pub fn render(session: &Session, request: &Request) -> Outcome<Vec<Document>> {
    values(session, request).and_then(|_| Err(session.report(unwired())))
}

fn unwired() -> crate::diagnostic::Diagnostic {
    crate::diagnostic::Diagnostic::error(crate::diagnostic::Code::S001, "the stages are not joined yet")
}
