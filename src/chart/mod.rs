//! Charts: metadata, defaults, presets, schema, templates and CRDs, from a folder or from the program.
//!
//! Opening a chart registers its files as sources and reads `chart.yaml`. Nothing else is parsed: a command needs the
//! values or the templates, or both, and asks for them.
//!
//! ```text
//! bundled ─┐                                           ┌► metadata (chart.yaml)
//!          ├─► layout: ChartSources, by role ─► open ─┤
//! folder ──┘                                           └► Chart
//! ```
//!
//! | file | owns |
//! |---|---|
//! | `layout.rs` | which files a chart may have, and what each is |
//! | `folder.rs` | a folder on the disk, or a snapshot of one |
//! | `bundled.rs` | the charts that are built in |
//! | `library.rs` | the macros that every chart may import |
//! | `eject.rs` | a bundled chart as files for a folder |
//! | `metadata.rs` | `chart.yaml` |
//! | `lock.rs` | `chart.lock`, and the contents and checksums of folders |
//!
//! A bundled chart differs in two ways: its `chart.yaml` is not checked again, and its texts are not copied. A chart of
//! either kind may have a precompiled form, which [`precompiled`](crate::precompiled) makes and reads; here it is bytes.

mod bundled;
mod eject;
mod folder;
mod layout;
mod library;
mod lock;
mod metadata;

use std::borrow::Cow;
use std::collections::BTreeMap;

use indexmap::IndexMap;

pub use bundled::{Bundled, bundled};
pub use eject::{FolderFile, eject};
pub use folder::Snapshot;
use layout::ChartSources;
pub use layout::{ChartFile, File, PRECOMPILED, holds_tests};
pub use library::library;
pub use lock::{Contents, LOCK, Lock, LockedCopy, checksum, checksum_of_folder, contents, read_files};
pub use metadata::Dependency;

use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind};

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
    /// The labels of the Namespace object of `--create-namespace`.
    pub namespace_labels: Vec<(String, String)>,
    /// The Kubernetes versions that it is made for, as `1.34` or `1.31..1.37`.
    pub kube_versions: Option<String>,
    /// Objects that it refers to and does not render, as `Kind/name`.
    pub externals: Vec<String>,
    /// The charts that it brings along.
    pub dependencies: Vec<Dependency>,
    /// The file with what it says about itself.
    pub metadata: Option<SourceId>,
    /// The file that says which of the charts in `charts/` are copies, if it has one.
    pub lock: Option<SourceId>,
    /// Its page for people, if that is a part of it.
    pub readme: Option<SourceId>,
    /// What a chart of Helm says about itself besides.
    pub facts: ChartFacts,
    /// Its default values; an empty source when it has none.
    pub defaults: SourceId,
    /// Its presets by name, in the order of their names.
    pub presets: IndexMap<String, SourceId>,
    /// Its values that are computed from values, if it has some.
    pub derived: Option<SourceId>,
    /// The JSON Schema of its values.
    pub schema: Option<SourceId>,
    /// Its precompiled form as it was read: it may be stale, or anything at all.
    pub precompiled: Option<Cow<'static, [u8]>>,
    /// Whether it is built into the program.
    pub is_bundled: bool,
    /// Whether it is a chart of Helm, whose values and templates are not read here.
    pub is_helm: bool,
    /// Its folder as messages say it; of a bundled chart, that in the repository.
    pub shown_folder: String,
    /// Its templates, libraries (`_*`) included, in the order of their names.
    pub templates: Vec<ChartFile>,
    /// Its custom resource definitions, in the order of their names.
    pub crds: Vec<ChartFile>,
    /// Its files for `files.…`, by path below `files/`.
    pub files: BTreeMap<String, File>,
}

impl Chart {
    /// What to do about the name of a preset that the chart does not have, if it is written as one of a chart that it depends
    /// on: `cache/production`, `cache:production`, `charts/cache/presets/production.yaml`.
    pub fn preset_of_dependency(&self, name: &str) -> Option<String> {
        let path = name.trim_start_matches("./");
        let path = path.strip_prefix("charts/").unwrap_or(path);
        // The longest key that fits, as one may begin with another.
        let of = |key: &str| path.strip_prefix(key).and_then(|rest| rest.strip_prefix(['/', ':', '.', '=']));
        let found = self.dependencies.iter().filter_map(|dependency| {
            let key = dependency.key();
            of(key).or_else(|| of(&dependency.name)).map(|preset| (key, preset))
        });
        let (key, preset) = found.max_by_key(|(key, _)| key.len())?;
        let preset = preset.strip_prefix("presets/").unwrap_or(preset);
        let preset =
            [".yaml", ".yml"].iter().find_map(|ending| preset.strip_suffix(ending)).unwrap_or(preset);
        Some(format!(
            "presets of a dependency are named by the chart that depends on it: write `presets: [{preset}]` \
             to the entry of `{key}` under `dependencies` in `chart.yaml`"
        ))
    }
}

/// What `Chart.yaml` of a chart of Helm says besides name, version and description. Texts that it has not are empty.
#[derive(Clone, Debug, Default)]
pub struct ChartFacts {
    /// `application` or `library`.
    pub kind: String,
    /// The versions of Kubernetes that it is for.
    pub kube_version: String,
    /// The address of its project.
    pub home: String,
    /// Whether it should not be used any more.
    pub is_deprecated: bool,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// The addresses of its sources.
    pub sources: Vec<String>,
    /// Who maintains it, with the address behind each name.
    pub maintainers: Vec<(String, String)>,
    /// The charts that it depends on.
    pub dependencies: Vec<DependencyFacts>,
}

/// A chart that a chart of Helm depends on.
#[derive(Clone, Debug, Default)]
pub struct DependencyFacts {
    /// Its name.
    pub name: String,
    /// Its name in the chart, if that is another one.
    pub alias: String,
    /// Which of its versions fit.
    pub version: String,
    /// Where it is found.
    pub repository: String,
    /// The settings that switch it on or off.
    pub condition: String,
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
    // Before anything is looked for: `oci://registry/web` has a slash, and would be a folder that is not there.
    folder::refuse_reference(session, name_or_path)?;
    if folder::means_path(name_or_path) {
        return assemble(session, folder::read_folder(session, name_or_path)?);
    }
    open_bundled(session, name_or_path)
}

/// Opens a bundled chart, whatever folder has its name.
///
/// # Errors
/// C001 for a name that none has.
pub fn open_bundled(session: &Session, name: &str) -> Outcome<Chart> {
    match bundled().find(|chart| chart.name == name) {
        Some(chart) => assemble(session, chart.register(session)),
        None => Err(bundled::refuse_unknown(session, name)),
    }
}

/// Opens a chart whose files are given.
///
/// # Errors
/// As [`open`] does for a folder.
pub fn open_snapshot(session: &Session, snapshot: &Snapshot) -> Outcome<Chart> {
    assemble(session, folder::read_snapshot(session, snapshot)?)
}

/// A chart of its files: reads `chart.yaml`.
fn assemble(session: &Session, sources: ChartSources) -> Outcome<Chart> {
    // The metadata first: what is no chart at all should not be told where its templates belong.
    let metadata = metadata::read(session, &sources)?;
    library::refuse_reserved(session, &sources.templates)?;
    // A source without a text and not an `Option`, so that there is always a lowest layer.
    let defaults = sources.defaults.unwrap_or_else(|| {
        session.add_source(SourceKind::Bundled, format!("{}/values.yaml", sources.shown_folder), "")
    });
    Ok(Chart {
        name: metadata.name,
        version: metadata.version,
        app_version: metadata.app_version,
        description: metadata.description,
        namespace: metadata.namespace,
        namespace_from: metadata.namespace_from,
        namespace_labels: metadata.namespace_labels,
        kube_versions: metadata.kube_versions,
        externals: metadata.externals,
        facts: facts(&metadata.dependencies),
        dependencies: metadata.dependencies,
        metadata: sources.metadata,
        lock: sources.lock,
        readme: None,
        defaults,
        presets: sources.presets,
        derived: sources.derived,
        schema: sources.schema,
        precompiled: sources.precompiled,
        is_bundled: sources.is_bundled,
        is_helm: false,
        shown_folder: sources.shown_folder,
        templates: sources.templates,
        crds: sources.crds,
        files: sources.files,
    })
}

/// What is shown of a chart of ours as of one of Helm.
fn facts(dependencies: &[Dependency]) -> ChartFacts {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let dependency = |dependency: &Dependency| DependencyFacts {
        name: dependency.name.clone(),
        alias: said(&dependency.alias),
        version: said(&dependency.version),
        repository: said(&dependency.path),
        condition: said(&dependency.condition),
    };
    ChartFacts { dependencies: dependencies.iter().map(dependency).collect(), ..ChartFacts::default() }
}
