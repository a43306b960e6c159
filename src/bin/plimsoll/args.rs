//! Arguments that several commands share: layers of values, the release and its cluster, levels of rules.
//!
//! Each group is a clap `Args` that commands flatten into their own. Its doc comments are the help. A group knows how
//! to put itself into a [`Request`], so that no command translates flags by hand:
//!
//! ```text
//! SourceArgs::request() ─► Request ─► TargetArgs::apply ─► Request ─► RuleArgs::apply ─► Request
//! chart, presets, files, --set         release, cluster                levels, plimsoll.yaml
//! ```
//!
//! The first makes a request and the others add to it; what a command has no flags for keeps its default.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use plimsoll::config::Level;
use plimsoll::kube::Versions;
use plimsoll::request::{HelmOptions, Request, ValuesFile};
use plimsoll::rules::ChosenLevel;

use crate::set_flags::SetFlags;

/// A chart and the layers of its values.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// The name of a bundled chart, or a chart's folder
    pub chart: String,

    #[command(flatten)]
    pub layers: LayerArgs,
}

/// A chart, perhaps behind the name of its release as `helm template` has it.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// The name of a bundled chart, or a chart's folder or archive
    #[arg(value_name = "CHART")]
    first: String,

    /// The chart, where the first is the release's name
    #[arg(hide = true, conflicts_with = "release_name")]
    second: Option<String>,
}

/// What is said of a file of values among the arguments that no flag stands before. Mostly a shell made several names of a
/// pattern.
pub fn without_flag(file: &str) -> String {
    format!(
        "`{file}` stands without a flag: give each values file its own, as in `-f a.yaml -f {file}`; a pattern for `--each` \
         needs quotes, or the shell makes several names of it"
    )
}

impl ReleaseArgs {
    /// The chart.
    pub fn chart(&self) -> &str {
        self.second.as_ref().unwrap_or(&self.first)
    }

    /// What is wrong with two names: the chart stands first, or the second is a file of values.
    ///
    /// A shell makes several names of a pattern: `-f envs/*.yaml` is `-f envs/a.yaml envs/b.yaml`.
    pub fn refuse_order(&self) -> Result<()> {
        let Some(second) = &self.second else { return Ok(()) };
        let (first_path, second_path) = (Path::new(&self.first), Path::new(second));
        let is_chart = |path: &Path| path.is_dir() || path.extension().is_some_and(|end| end == "tgz");
        let is_text =
            second_path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
        if is_text && (second_path.is_file() || is_chart(first_path)) {
            bail!("{}", without_flag(second));
        }
        let is_bundled = plimsoll::chart::bundled().any(|chart| chart.name == second);
        if first_path.exists() && is_chart(first_path) && !second_path.exists() && !is_bundled {
            bail!(
                "the name of the release stands before the chart: `plimsoll render {second} {}`",
                self.first
            );
        }
        Ok(())
    }

    /// The release's name, if it stands before the chart.
    pub fn release(&self) -> Option<&str> {
        self.second.is_some().then_some(self.first.as_str())
    }
}

/// The layers of a chart's values.
#[derive(Debug, Args)]
pub struct LayerArgs {
    /// A preset of the chart; repeatable, later ones win
    #[arg(short, long = "preset", value_name = "NAME", help_heading = "Values")]
    pub presets: Vec<String>,

    /// A values file, or `-` for standard input; repeatable, later ones win
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Values")]
    pub values: Vec<PathBuf>,

    #[command(flatten)]
    pub sets: SetFlags,
}

/// What is rendered for: a release in a cluster.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// The name of the release; by default the chart's name
    #[arg(long, value_name = "NAME")]
    pub release_name: Option<String>,

    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<String>,

    /// Render the namespace too
    #[arg(long)]
    create_namespace: bool,

    // Does nothing, and is there for command lines that were written for `helm template`, where it is no default.
    /// Render the chart's custom resource definitions, which is the default
    #[arg(long, conflicts_with = "skip_crds")]
    include_crds: bool,

    /// Leave the chart's custom resource definitions out
    #[arg(long)]
    skip_crds: bool,

    #[command(flatten)]
    pub helm: HelmArgs,

    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// What concerns Helm charts alone.
#[derive(Debug, Args)]
pub struct HelmArgs {
    /// Leave out hooks
    #[arg(long, help_heading = "Helm charts")]
    no_hooks: bool,

    /// Leave out hooks that are tests
    #[arg(long, help_heading = "Helm charts")]
    skip_tests: bool,

    /// Set `.Release.IsUpgrade` to true
    #[arg(long, help_heading = "Helm charts")]
    is_upgrade: bool,

    /// A file with objects that `lookup` finds, as `kubectl get -o yaml` prints them; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Helm charts")]
    lookup: Vec<PathBuf>,

    /// A file with a secret of yours, 16 bytes or more, that passwords, keys and certificates are made from
    #[arg(long, value_name = "FILE", help_heading = "Helm charts")]
    seed_file: Option<PathBuf>,

    /// The time that templates see [example: 2026-01-31T12:00:00Z]
    #[arg(long, value_name = "TIME", help_heading = "Helm charts")]
    now: Option<String>,
}

impl HelmArgs {
    /// The options.
    fn options(&self) -> HelmOptions {
        HelmOptions {
            is_upgrade: self.is_upgrade,
            without_hooks: self.no_hooks,
            without_tests: self.skip_tests,
            lookup: self.lookup.clone(),
            seed_file: self.seed_file.clone(),
            now: self.now.clone(),
            may_lack_dependencies: false,
            applies: false,
        }
    }
}

/// What the cluster is like.
#[derive(Debug, Args)]
pub struct ClusterArgs {
    /// The Kubernetes version to check against, or a range for a mixed fleet [example: 1.31..1.37]
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = parse_versions)]
    pub kube_version: Versions,

    /// An API that the cluster has besides the built-in ones; repeatable [example: monitoring.coreos.com/v1]
    #[arg(short, long, value_name = "API", value_delimiter = ',')]
    pub api_versions: Vec<String>,

    /// A file or folder with custom resource definitions to check against, or `-`; repeatable
    #[arg(long, value_name = "PATH")]
    pub crds: Vec<PathBuf>,

    /// A custom kind that may pass unchecked; repeatable [example: example.com/Widget]
    #[arg(long, value_name = "GROUP/KIND", value_delimiter = ',')]
    pub allow_unknown_kinds: Vec<String>,
}

/// Levels of rules.
#[derive(Debug, Args)]
pub struct RuleArgs {
    /// Refuse what breaks this rule (its name or code, or `practice`, `all`…); repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub deny: Vec<String>,

    /// Only warn of what breaks this rule; repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub warn: Vec<String>,

    /// Switch this rule off; repeatable
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub allow: Vec<String>,

    /// The file that sets levels of rules, instead of the nearest `plimsoll.yaml`
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub config: Option<PathBuf>,
}

impl SourceArgs {
    /// A request for the chart's values, with nothing said about rendering.
    pub fn request(&self) -> Request {
        Request { chart: self.chart.clone(), ..self.layers.request() }
    }
}

impl LayerArgs {
    /// A request for these layers, with no chart named yet.
    pub fn request(&self) -> Request {
        Request {
            presets: self.presets.clone(),
            files: self.values.iter().map(|path| values_file(path)).collect(),
            sets: self.sets.0.clone(),
            ..Request::default()
        }
    }
}

/// What `--values` names.
pub fn values_file(path: &Path) -> ValuesFile {
    // Only the bare dash: `./-` is a file.
    match path.to_str() {
        Some("-") => ValuesFile::Stdin,
        _ => ValuesFile::Path(path.to_owned()),
    }
}

impl TargetArgs {
    /// The request with this release and cluster.
    pub fn apply(&self, request: Request) -> Request {
        Request {
            release_name: self.release_name.clone(),
            namespace: self.namespace.clone(),
            create_namespace: self.create_namespace,
            skip_crds: self.skip_crds && !self.include_crds,
            helm: self.helm.options(),
            ..self.cluster.apply(request)
        }
    }
}

impl ClusterArgs {
    /// The request with this cluster.
    pub fn apply(&self, request: Request) -> Request {
        Request {
            versions: self.kube_version,
            api_versions: self.api_versions.clone(),
            crds: self.crds.clone(),
            allow_unknown: self.allow_unknown_kinds.clone(),
            ..request
        }
    }
}

impl RuleArgs {
    /// The request with these levels and the `plimsoll.yaml` that counts.
    pub fn apply(&self, request: Request) -> Request {
        let config = self.config.clone().or_else(nearest_config);
        Request { config, levels: self.levels(), ..request }
    }

    /// The levels, of which later ones win: those for `all` rules come first, so that a rule's own level wins over them, and
    /// among each group the stricter ones come last. The order on the command line is lost, as clap groups by flag.
    fn levels(&self) -> Vec<ChosenLevel> {
        let by_strictness =
            [(&self.allow, Level::Allow), (&self.warn, Level::Warn), (&self.deny, Level::Deny)];
        let mut levels: Vec<ChosenLevel> = Vec::new();
        for (rules, level) in by_strictness {
            levels.extend(rules.iter().map(|rule| ChosenLevel { rule: rule.clone(), level }));
        }
        // `false` sorts before `true`: `all` first. A stable sort, so the order by strictness stays.
        levels.sort_by_key(|choice| choice.rule != "all");
        levels
    }
}

/// The levels of a command that judges nothing, such as `diff`: what breaks a rule can be compared all the same.
pub fn no_rules() -> Vec<ChosenLevel> {
    // By level and not by leaving the stage out: a pipeline without rules would be another one to test.
    vec![ChosenLevel { rule: "all".to_owned(), level: Level::Allow }]
}

/// Parses a version or a range of versions of Kubernetes.
pub fn parse_versions(text: &str) -> Result<Versions, String> {
    text.parse()
}

/// The nearest `plimsoll.yaml`: in the current folder or above it, up to the root of the repository. Its path is relative to
/// the current folder, so that messages read the same on every machine.
fn nearest_config() -> Option<PathBuf> {
    const NAME: &str = "plimsoll.yaml";
    // Without a current folder, as where it was removed meanwhile, there is no configuration either.
    let current = std::env::current_dir().ok()?;
    let mut relative = PathBuf::new();
    for folder in current.ancestors() {
        if folder.join(NAME).is_file() {
            return Some(relative.join(NAME));
        }
        // What lies above a repository belongs to other projects. In a worktree or a submodule `.git` is a file.
        if folder.join(".git").exists() {
            return None;
        }
        relative.push("..");
    }
    None
}
