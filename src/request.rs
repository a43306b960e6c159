//! `Request`: what the user asks for, as data. The binary makes it of arguments, other programs make it themselves.
//!
//! It is one struct for all commands, with a default for each field: `values`, `lint` and `render` take different parts
//! of the pipeline, but ask for the same chart and the same layers.

use std::path::PathBuf;
use std::sync::Arc;

use crate::chart::Snapshot;
use crate::kube::Versions;
use crate::rules::ChosenLevel;
use crate::schema::Demands;
use crate::values::SetKind;
use crate::yaml::Node;

/// What the user asks for. Files are named here and not read; `inputs.rs` does that.
///
/// ```
/// use plimsoll::request::Request;
///
/// let request = Request { chart: "skyflo".to_owned(), presets: vec!["production".to_owned()], ..Request::default() };
/// assert_eq!(request.presets.len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// A bundled chart's name, or a folder.
    pub chart: String,
    /// The chart's files, if they are not on the disk, as those of another git revision; `chart` is not looked at then.
    pub snapshot: Option<Snapshot>,
    /// Presets of the chart, low to high.
    pub presets: Vec<String>,
    /// Values files, low to high.
    pub files: Vec<ValuesFile>,
    /// `--set` and its relatives, in command-line order.
    pub sets: Vec<SetFlag>,
    /// The name of the release; the chart's name by default.
    pub release_name: Option<String>,
    /// The namespace of every namespaced object; the chart's own by default.
    pub namespace: Option<String>,
    /// Whether a Namespace object comes first.
    pub create_namespace: bool,
    /// The Kubernetes versions that the documents must fit.
    pub versions: Versions,
    /// More API versions that `kube.has(…)` answers yes to.
    pub api_versions: Vec<String>,
    /// Whether the chart's CRDs are left out.
    pub skip_crds: bool,
    /// What concerns charts of Helm alone.
    pub helm: HelmOptions,
    /// Files and folders with CRDs that are known for checking and not rendered; `-` is standard input.
    pub crds: Vec<PathBuf>,
    /// Unknown kinds that pass unchecked, as `group/Kind`: without a schema there is nothing to check them by.
    pub allow_unknown: Vec<String>,
    /// The templates whose documents are shown; all by default.
    pub show_only: Vec<String>,
    /// A `plimsoll.yaml`.
    pub config: Option<PathBuf>,
    /// Whether nothing is made of what is read: then every error can be given another level, also one that says that
    /// something could not be read.
    pub prints_nothing: bool,
    /// What `lint` asks of settings that are not set.
    pub demands: Demands,
    /// How many threads may work on one set of objects; this one alone if it is less than two.
    pub threads: usize,
    /// Levels of rules, over those of `plimsoll.yaml`; later ones win.
    pub levels: Vec<ChosenLevel>,
}

/// What is asked for of a chart of Helm, besides what is asked for of every chart.
#[derive(Clone, Debug, Default)]
pub struct HelmOptions {
    /// Whether `.Release.IsUpgrade` says yes.
    pub is_upgrade: bool,
    /// Whether hooks are left out.
    pub without_hooks: bool,
    /// Whether hooks that are tests are left out.
    pub without_tests: bool,
    /// Files with objects that `lookup` finds.
    pub lookup: Vec<PathBuf>,
    /// A file with a secret, at least 16 bytes, that passwords, keys and certificates are made of.
    pub seed_file: Option<PathBuf>,
    /// What the clock says, as RFC 3339 has it.
    pub now: Option<String>,
    /// Whether the chart is described and not rendered: then a dependency may be missing.
    pub may_lack_dependencies: bool,
    /// Whether the manifests are used: then what chance or the clock has made must not be secret.
    pub applies: bool,
}

/// A values file of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuesFile {
    /// A file.
    Path(PathBuf),
    /// `-`
    Stdin,
    /// A text that is not on the disk, with the name that people will see.
    Text(String, String),
    /// Values that stand in a file of another kind, such as those of a case in a chart's tests.
    Part(ValuesPart),
}

/// A map in a text that the session knows: its places are those of that text.
#[derive(Clone, Debug)]
pub struct ValuesPart(pub Arc<Node>);

/// One place of one text has one value.
impl PartialEq for ValuesPart {
    fn eq(&self, other: &Self) -> bool {
        self.0.span == other.0.span
    }
}

impl Eq for ValuesPart {}

/// One `--set` flag or a relative of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFlag {
    /// Which one.
    pub kind: SetFlagKind,
    /// Its text.
    pub text: String,
}

/// Which flag it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetFlagKind {
    /// `--set`, `--set-string`, `--set-json`, `--set-literal`
    Text(SetKind),
    /// `--set-file`
    File,
}

impl SetFlagKind {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            SetFlagKind::Text(SetKind::Set) => "--set",
            SetFlagKind::Text(SetKind::String) => "--set-string",
            SetFlagKind::Text(SetKind::Json) => "--set-json",
            SetFlagKind::Text(SetKind::Literal) => "--set-literal",
            SetFlagKind::File => "--set-file",
        }
    }
}
