//! The flags of `plimsoll diff`.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;
use plimsoll::config::Level;
use plimsoll::limits::Limits;
use plimsoll::request::{Request, SetFlag, SetFlagKind, ValuesFile};
use plimsoll::rules::ChosenLevel;
use plimsoll::source;
use plimsoll::values::SetKind;

use super::git;
use crate::args::{LayerArgs, TargetArgs};

const AFTER: &str = "\
Examples:
  plimsoll diff skyflo skyflo -f values.yaml --new-set engine.replicas=3
  plimsoll diff skyflo skyflo --old-values values.yaml@main --new-values values.yaml
  plimsoll diff charts/web@v1.2 charts/web -f values.yaml
  plimsoll diff manifests/ skyflo -f values.yaml
  kubectl kustomize overlays/prod | plimsoll diff manifests/ -

Exit codes: 0 nothing differs; 1 something differs; 2 the sides could not be compared.";

#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct DiffArgs {
    /// What it was: a chart, PATH@REV, manifests or `-`
    #[arg(value_name = "OLD")]
    pub old: String,

    /// What it is now: a chart, PATH@REV, manifests or `-`
    #[arg(value_name = "NEW")]
    pub new: String,

    #[command(flatten)]
    layers: LayerArgs,

    #[command(flatten)]
    old_layers: OldLayers,

    #[command(flatten)]
    new_layers: NewLayers,

    #[command(flatten)]
    target: TargetArgs,
}

/// Layers of the old side, above those of both.
#[derive(Debug, Args)]
struct OldLayers {
    /// A preset of the old side, over those of both sides; repeatable
    #[arg(long = "old-preset", value_name = "NAME", help_heading = "Values of one side")]
    old_presets: Vec<String>,

    /// A file of values of the old side, or FILE@REV; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Values of one side")]
    old_values: Vec<PathBuf>,

    /// A value of the old side; repeatable
    #[arg(long = "old-set", value_name = "PATH=VALUE", help_heading = "Values of one side")]
    old_sets: Vec<String>,
}

/// Layers of the new side, above those of both.
#[derive(Debug, Args)]
struct NewLayers {
    /// A preset of the new side, over those of both sides; repeatable
    #[arg(long = "new-preset", value_name = "NAME", help_heading = "Values of one side")]
    new_presets: Vec<String>,

    /// A file of values of the new side, or FILE@REV; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Values of one side")]
    new_values: Vec<PathBuf>,

    /// A value of the new side; repeatable
    #[arg(long = "new-set", value_name = "PATH=VALUE", help_heading = "Values of one side")]
    new_sets: Vec<String>,
}

impl DiffArgs {
    /// What is asked for on the old side and on the new one. The chart is left open.
    pub(super) fn requests(&self, limits: &Limits) -> Result<(Request, Request)> {
        self.check_stdin()?;
        let shared = self.target.apply(self.layers.request());
        let shared = Request { files: resolve(&self.layers.values, limits)?, ..shared };
        // What breaks a rule can be compared all the same: `render` and `lint` judge.
        let levels = vec![ChosenLevel { rule: "all".to_owned(), level: Level::Allow }];
        let shared = Request { levels, ..shared };
        let (old, new) = (&self.old_layers, &self.new_layers);
        let with = |presets: &[String], files: &[PathBuf], sets: &[String]| {
            let mut request = shared.clone();
            request.presets.extend_from_slice(presets);
            request.files.extend(resolve(files, limits)?);
            request.sets.extend(sets.iter().map(|text| SetFlag { kind: SET, text: text.clone() }));
            Ok::<_, anyhow::Error>(request)
        };
        let old = with(&old.old_presets, &old.old_values, &old.old_sets)?;
        Ok((old, with(&new.new_presets, &new.new_values, &new.new_sets)?))
    }

    /// The namespace that was asked for.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.target.namespace.as_deref()
    }

    /// Folders with CRDs that neither side has.
    pub(super) fn crd_folders(&self) -> &[PathBuf] {
        &self.target.cluster.crds
    }

    fn check_stdin(&self) -> Result<()> {
        let files = self.layers.values.iter().chain(&self.old_layers.old_values);
        let files = files.chain(&self.new_layers.new_values).filter_map(|path| path.to_str());
        let asked = [&*self.old, &*self.new].into_iter().chain(files).filter(|name| *name == "-");
        ensure!(asked.count() <= 1, "standard input can be read once: `-` stands in two places");
        Ok(())
    }
}

const SET: SetFlagKind = SetFlagKind::Text(SetKind::Set);

/// Values files with those that are not on the disk read: of a revision, or of standard input, which both sides may need.
fn resolve(files: &[PathBuf], limits: &Limits) -> Result<Vec<ValuesFile>> {
    files.iter().map(|path| resolve_one(path, limits)).collect()
}

fn resolve_one(path: &Path, limits: &Limits) -> Result<ValuesFile> {
    let name = path.to_string_lossy();
    if name == "-" {
        let text = source::read_stdin(limits).map_err(|error| anyhow::anyhow!("standard input: {error}"))?;
        return Ok(ValuesFile::Text("<stdin>".to_owned(), text));
    }
    match git::revision(&name) {
        Some(revision) => Ok(ValuesFile::Text(name.clone().into_owned(), revision.read_file(limits)?)),
        None => Ok(ValuesFile::Path(path.to_owned())),
    }
}
