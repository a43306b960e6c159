//! What a chart consists of.

use std::sync::Arc;

use super::metadata::{Dependency, Metadata};
use crate::helm::tree::Tree;
use crate::helm::yaml::Note;
use crate::source::{SourceId, Span};

/// A file of a chart, in memory.
#[derive(Clone, Debug)]
pub(super) struct ChartFile {
    /// Its path below the chart's folder, with `/`.
    pub(super) name: Arc<str>,
    /// Its bytes, without a byte order mark.
    pub(super) data: Arc<[u8]>,
}

/// Bytes without the byte order mark that Helm drops as well.
pub(super) fn without_mark(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    bytes
}

/// A chart of Helm, as its files have it.
#[derive(Clone, Debug)]
pub struct HelmChart {
    /// Its folder or archive, as messages say it.
    pub shown: String,
    /// What it says about itself.
    pub metadata: Metadata,
    /// A place in its `Chart.yaml`, for what concerns all of it.
    pub place: Span,
    /// What stands below `templates/`, partials and notes included, in the order of the paths.
    pub templates: Vec<Template>,
    /// All other files, in the order of the paths.
    pub files: Vec<OtherFile>,
    /// Its default values: a map.
    pub values: Tree,
    /// Its `values.yaml`, if it has one.
    pub values_source: Option<SourceId>,
    /// What Helm's reading of `values.yaml` corrupts.
    pub notes: Vec<Note>,
    /// Its `values.schema.json`, if it has one.
    pub schema: Option<SourceId>,
    /// The dependencies that its lock names, if it has one.
    pub lock: Option<Vec<Dependency>>,
    /// The charts in `charts/`.
    pub charts: Vec<Arc<HelmChart>>,
}

/// A template of a chart.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its path below the chart's folder, such as `templates/service.yaml`.
    pub name: Arc<str>,
    /// Its text.
    pub source: SourceId,
}

/// A file of a chart that is neither a template nor one of Helm's own.
#[derive(Clone, Debug)]
pub struct OtherFile {
    /// Its path below the chart's folder.
    pub name: Arc<str>,
    /// Its bytes.
    pub data: Arc<[u8]>,
    /// Its text, if it is one.
    pub source: Option<SourceId>,
}

impl Default for HelmChart {
    fn default() -> Self {
        HelmChart {
            shown: String::new(),
            metadata: Metadata::default(),
            place: Span::NOWHERE,
            templates: Vec::new(),
            files: Vec::new(),
            values: Tree::Map(Arc::default()),
            values_source: None,
            notes: Vec::new(),
            schema: None,
            lock: None,
            charts: Vec::new(),
        }
    }
}

impl HelmChart {
    /// Its custom resource definitions, those of the charts in it left out.
    pub fn crds(&self) -> impl Iterator<Item = &OtherFile> {
        self.files.iter().filter(|file| {
            let (_, ending) = file.name.rsplit_once('.').unwrap_or_default();
            let is_manifest = ["yaml", "yml", "json"].iter().any(|known| ending.eq_ignore_ascii_case(known));
            file.name.starts_with("crds/") && is_manifest
        })
    }
}
