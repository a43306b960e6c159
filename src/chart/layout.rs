//! Layout: which files a chart's folder may have, and what each of them is.
//!
//! ```text
//! chart.yaml              what the chart says about itself
//! chart.lock              the charts in `charts/` that are copies, as `plimsoll vendor` writes it
//! values.yaml             default values
//! derived.yaml            values that are computed from values
//! values.schema.json      JSON Schema of the values
//! precompiled.bin         what the schema and the templates come to, as `plimsoll precompile` writes it
//! presets/NAME.yaml       values for one purpose, by name
//! templates/**            templates; those that begin with `_` only offer macros
//! crds/**                 custom resource definitions
//! files/**                files for templates to read: texts, and others as Base64
//! ```
//!
//! The same for a folder on the disk, a folder at another revision, and a bundled chart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::SourceId;

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// Its path below its folder, with `/`: `engine.yaml`, `jobs/migrate.yaml`.
    pub name: String,
    /// Its text.
    pub source: SourceId,
    /// Whether it is of a chart of Helm, and read as Helm reads it.
    pub is_of_helm: bool,
}

impl ChartFile {
    /// Whether a template only offers macros: those of the chart library, and those whose names begin with `_`.
    pub fn is_library(&self) -> bool {
        self.is_in_library_folder() || self.name.rsplit('/').next().is_some_and(|file| file.starts_with('_'))
    }

    /// Whether a template stands where those of the chart library are.
    pub(super) fn is_in_library_folder(&self) -> bool {
        self.name.starts_with(LIBRARY_FOLDER)
    }
}

/// The folder of the library's templates. No chart has templates of its own in it (C006), so an import of `plimsoll/…`
/// never changes its meaning when the library gets another file.
pub(super) const LIBRARY_FOLDER: &str = "plimsoll/";

/// The precompiled form of a chart, in its folder: the only file of a chart that is no text.
pub const PRECOMPILED: &str = "precompiled.bin";

/// A file below `files/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// A text.
    Text(SourceId),
    /// What is not UTF-8.
    Bytes(Arc<[u8]>),
}

/// What a file is to a chart.
pub(super) enum Role {
    /// `chart.yaml`.
    Metadata,
    /// `chart.lock`.
    Lock,
    /// `values.yaml`.
    Defaults,
    /// `derived.yaml`.
    Derived,
    /// `values.schema.json`.
    Schema,
    /// With its name, without the ending.
    Preset(String),
    /// With its path below `templates/`; so for CRDs and files.
    Template(String),
    /// A custom resource definition.
    Crd(String),
    /// A file for `files.…`.
    File(String),
}

/// What a path below a chart's folder means; none for a file that no chart has.
///
/// | path | role |
/// |---|---|
/// | `presets/production.yaml` | preset `production` |
/// | `templates/jobs/migrate.yaml` | template `jobs/migrate.yaml` |
/// | `presets/old/production.yaml`, `README.md` | none |
pub(super) fn role_of_path(path: &str) -> Option<Role> {
    // A file in the chart's folder itself has no folder here.
    let (folder, rest) = path.split_once('/').unwrap_or(("", path));
    let stem_of_data = [".yaml", ".yml", ".json"].iter().find_map(|ending| rest.strip_suffix(ending));
    match folder {
        "" => match path {
            "chart.yaml" => Some(Role::Metadata),
            "chart.lock" => Some(Role::Lock),
            "values.yaml" => Some(Role::Defaults),
            "derived.yaml" => Some(Role::Derived),
            "values.schema.json" => Some(Role::Schema),
            _ => None,
        },
        // A preset is named by its file, so it lies in no further folder.
        "presets" => {
            stem_of_data.filter(|stem| !stem.contains('/')).map(|stem| Role::Preset(stem.to_owned()))
        }
        "templates" if stem_of_data.is_some() || rest.ends_with(".j2") => {
            Some(Role::Template(rest.to_owned()))
        }
        "crds" if stem_of_data.is_some() => Some(Role::Crd(rest.to_owned())),
        "files" => Some(Role::File(rest.to_owned())),
        _ => None,
    }
}

/// Whether a text is a file of chart tests, which lie in `tests/` beside values that a chart is linted with: it has
/// `cases` at its top, in block style or as JSON.
pub fn holds_tests(text: &str) -> bool {
    let is_key = |rest: &str| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':');
    let begins = |line: &str| line.trim_start_matches(['"', '\'']).strip_prefix("cases").is_some_and(is_key);
    match text.trim_start().strip_prefix('{') {
        Some(entries) => entries_at_top(entries).into_iter().any(|entry| begins(entry.trim_start())),
        None => text.lines().any(begins),
    }
}

/// The entries of a flow map, from behind its brace on, without looking into what they hold. The text need not be whole.
fn entries_at_top(text: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let (mut start, mut depth, mut is_quoted, mut is_escaped) = (0, 0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                entries.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    entries.push(&text[start..]);
    entries
}

/// The files of a chart, registered as sources and sorted into what they are.
#[derive(Debug, Default)]
pub(super) struct ChartSources {
    pub(super) metadata: Option<SourceId>,
    pub(super) lock: Option<SourceId>,
    pub(super) defaults: Option<SourceId>,
    pub(super) derived: Option<SourceId>,
    pub(super) schema: Option<SourceId>,
    pub(super) presets: IndexMap<String, SourceId>,
    pub(super) templates: Vec<ChartFile>,
    pub(super) crds: Vec<ChartFile>,
    pub(super) files: BTreeMap<String, File>,
    /// What `precompiled.bin` holds.
    pub(super) precompiled: Option<Cow<'static, [u8]>>,
    /// Whether the chart is built into the program.
    pub(super) is_bundled: bool,
    /// The chart's folder as messages say it.
    pub(super) shown_folder: String,
    /// A file that is called nearly as `chart.yaml` is.
    pub(super) misnamed: Option<String>,
}

// Filled by one method for all roles: what finds the files (a folder, a snapshot, the program)
// need not know what they are for.
impl ChartSources {
    /// Puts a source where its role belongs. Of two files with one role (`presets/a.yaml`,
    /// `presets/a.json`) the later one counts.
    pub(super) fn add(&mut self, role: Role, source: SourceId) {
        match role {
            Role::Metadata => self.metadata = Some(source),
            Role::Lock => self.lock = Some(source),
            Role::Defaults => self.defaults = Some(source),
            Role::Derived => self.derived = Some(source),
            Role::Schema => self.schema = Some(source),
            Role::Preset(name) => {
                self.presets.insert(name, source);
            }
            Role::Template(name) => self.templates.push(ChartFile { name, source, is_of_helm: false }),
            Role::Crd(name) => self.crds.push(ChartFile { name, source, is_of_helm: false }),
            Role::File(name) => {
                self.files.insert(name, File::Text(source));
            }
        }
    }
}
