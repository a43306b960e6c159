//! What a chart is: metadata, defaults, presets, schema, templates, CRDs; from a folder or bundled.

mod bundled;
mod files;
mod foreign;
mod library;
mod metadata;
mod prepared;

use std::collections::BTreeMap;

use indexmap::IndexMap;

pub use bundled::{Bundled, bundled};
pub use library::library;
pub use prepared::Precomputed;
#[cfg(test)]
pub(crate) use prepared::values;

use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// A chart, read and registered; templates and values are not parsed yet.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The version of what it deploys.
    pub app_version: Option<String>,
    /// What it deploys, in one sentence.
    pub description: Option<String>,
    /// The namespace that is used when the command names none.
    pub namespace: Option<String>,
    /// The setting that names the namespace, as a dotted path; set, it wins over `namespace`.
    pub namespace_from: Option<String>,
    /// The Kubernetes versions that it is made for, as `1.34` or `1.31..1.36`.
    pub kube_versions: Option<String>,
    /// Objects that it refers to and does not render, as `Kind/name`.
    pub externals: Vec<String>,
    /// Its default values; an empty source when it has none.
    pub defaults: SourceId,
    /// Its presets by name, in the order of their names.
    pub presets: IndexMap<String, SourceId>,
    /// The JSON Schema of its values.
    pub schema: Option<SourceId>,
    /// What of a bundled chart was worked out beforehand.
    pub precomputed: Option<Precomputed>,
    /// Its templates, libraries (`_*`) included, in the order of their names.
    pub templates: Vec<ChartFile>,
    /// Its custom resource definitions, in the order of their names.
    pub crds: Vec<ChartFile>,
    /// Its text files for `files.…`, by path below `files/`.
    pub files: BTreeMap<String, SourceId>,
}

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// Its path below its folder, with `/`: `engine.yaml`, `jobs/migrate.yaml`.
    pub name: String,
    /// Its text.
    pub source: SourceId,
}

impl ChartFile {
    /// Whether a template only offers macros: those of the chart library, and those whose names begin with `_`.
    pub fn is_library(&self) -> bool {
        library::has(&self.name) || self.name.rsplit('/').next().is_some_and(|file| file.starts_with('_'))
    }
}

/// Opens a bundled chart by its name, or a chart in a folder by its path.
///
/// A path separator, a leading `.` and an existing folder mean a path.
///
/// # Errors
/// C001 for what is not there or not a chart of this program, C002 for a wrong `chart.yaml`, C004 and S001 for files
/// that cannot be read, C006 for a template whose name belongs to the library. A file that should not be there is a
/// warning (C005).
pub fn open(session: &Session, name_or_path: &str) -> Outcome<Chart> {
    foreign::refuse_reference(session, name_or_path)?;
    if files::means_path(name_or_path) {
        let found = files::read_folder(session, name_or_path)?;
        return assemble(session, found);
    }
    match bundled().find(|chart| chart.name == name_or_path) {
        Some(chart) => assemble(session, chart.register(session)),
        None => Err(foreign::unknown(session, name_or_path)),
    }
}

/// A chart's folder that is nowhere on the disk, for example as it was in another revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// How people call the folder: `charts/web@v1.2`.
    pub name: String,
    /// Its files, by path below the folder, with `/`; of those that belong to the chart, the text must be UTF-8.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Opens a chart whose files are given.
///
/// # Errors
/// As [`open`] does for a folder.
pub fn open_snapshot(session: &Session, snapshot: &Snapshot) -> Outcome<Chart> {
    assemble(session, files::read_snapshot(session, snapshot)?)
}

/// The files of a chart, sorted into what they are.
#[derive(Debug, Default)]
struct Found {
    metadata: Option<SourceId>,
    defaults: Option<SourceId>,
    schema: Option<SourceId>,
    presets: IndexMap<String, SourceId>,
    templates: Vec<ChartFile>,
    crds: Vec<ChartFile>,
    files: BTreeMap<String, SourceId>,
    /// What of a bundled chart was worked out beforehand.
    precomputed: Option<Precomputed>,
    /// How people call the chart's folder.
    place: String,
}

fn assemble(session: &Session, found: Found) -> Outcome<Chart> {
    let metadata = metadata::read(session, &found)?;
    library::refuse_reserved(session, &found.templates)?;
    let no_defaults =
        || session.add_source(crate::source::SourceKind::Bundled, format!("{}/values.yaml", found.place), "");
    Ok(Chart {
        name: metadata.name,
        version: metadata.version,
        app_version: metadata.app_version,
        description: metadata.description,
        namespace: metadata.namespace,
        namespace_from: metadata.namespace_from,
        kube_versions: metadata.kube_versions,
        externals: metadata.externals,
        defaults: found.defaults.unwrap_or_else(no_defaults),
        presets: found.presets,
        schema: found.schema,
        precomputed: found.precomputed,
        templates: found.templates,
        crds: found.crds,
        files: found.files,
    })
}
