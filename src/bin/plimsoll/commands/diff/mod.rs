//! `plimsoll diff`: what differs between two charts, revisions, sets of values or folders of manifests.
//!
//! ```text
//! argument ──► side::resolve ──► Side ──► read ──► Objects ┐
//!   (OLD)        chart, folder, PATH@REV, `-`              ├──► namespaces, duplicates ──► diff::compare ──► changes
//! argument ──► …                                  Objects ┘
//! ```
//!
//! Both sides are charts or plain manifests, in any mix. Rules are not judged: `render` and `lint` do that.

mod revision;
mod side;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow, ensure};
use clap::Args;
use plimsoll::diff::{self, ObjectChange};
use plimsoll::formats::{Format, Summary, github_command};
use plimsoll::limits::Limits;
use plimsoll::parallel;
use plimsoll::request::{Request, SetFlag, SetFlagKind, ValuesFile};
use plimsoll::session::{Outcome, Session};
use plimsoll::source;
use plimsoll::values::SetKind;

use crate::args::{self, LayerArgs, TargetArgs};
use crate::output::{self, OutputOptions};
use crate::terminal;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
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
// One type for each side, since clap takes the names of flags from the fields, or from literals, of one definition.
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

const EXAMPLES: &str = "\
Examples:
  plimsoll diff skyflo skyflo -f values.yaml --new-set engine.replicas=3
  plimsoll diff skyflo skyflo --old-values values.yaml@main --new-values values.yaml
  plimsoll diff charts/web@v1.2 charts/web -f values.yaml
  plimsoll diff manifests/ skyflo -f values.yaml
  kubectl kustomize overlays/prod | plimsoll diff manifests/ -

Exit codes: 0 nothing differs; 1 something differs; 2 the sides could not be compared.";

/// Compares the two sides. Exit code 0 says that nothing differs, 1 that something does, 2 that there was trouble: as `diff`
/// does it, so wrong values are 2 here, and not 1.
pub fn run(args: &DiffArgs, options: OutputOptions) -> Result<ExitCode> {
    let options = OutputOptions { summary: &Summary::Findings { prevented: "compared" }, ..options };
    let session = options.session();
    let changes = compare(&session, args)?;
    // Asked before the changes are handed on. The code of `finish_with_code` would be 1 for wrong values, as everywhere
    // else.
    let trouble = changes.is_err() || session.errors() > 0;
    let code = output::finish_with_code(&session, options, changes, |changes| {
        terminal::print(&formatted(&changes, options))?;
        Ok(ExitCode::from(u8::from(!changes.is_empty())))
    })?;
    Ok(if trouble { ExitCode::from(2) } else { code })
}

fn compare(session: &Session, args: &DiffArgs) -> Result<Outcome<Vec<ObjectChange>>> {
    let (old_request, new_request) = args.requests(session.limits())?;
    let old = side::resolve(&args.old, old_request, session.limits())?.read(session)?;
    let new = side::resolve(&args.new, new_request, session.limits())?.read(session)?;
    // Both sides are read before either is given up, so that all errors are reported at once.
    let (mut old, mut new) = match (old, new) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(reported), _) | (_, Err(reported)) => return Ok(Err(reported)),
    };
    let namespace = args.target.namespace.as_deref();
    Ok(side::api(session, &args.target.cluster.crds, [&old, &new]).and_then(|api| {
        // Before duplicates are looked for: two objects may be one only because both are in the default namespace.
        side::fill_namespaces(&api, namespace, [&mut old, &mut new]);
        side::refuse_duplicates(session, [&old, &new])?;
        // Only now: two names that differ in what was drawn are two objects.
        [&mut old, &mut new].into_iter().for_each(|side| diff::mask_draws(session, &mut side.documents));
        Ok(diff::compare(session, &api, &old.documents, &new.documents))
    }))
}

/// Changes in the format that findings have. Formats that are for findings alone fall back to the one for people.
fn formatted(changes: &[ObjectChange], options: OutputOptions) -> String {
    match options.stream_format() {
        Format::Json => diff::write_json(changes),
        Format::Short => diff::write_short(changes),
        Format::Github => diff::annotations(changes)
            .iter()
            .map(|(title, text)| github_command("notice", None, title, text))
            .collect(),
        _ => diff::write_human(changes, options.stdout_style()),
    }
}

impl DiffArgs {
    /// What is to be rendered on the old side and on the new one, if they are charts. The chart is left open.
    ///
    /// # Errors
    /// Standard input that is named twice, or a values file that cannot be read.
    fn requests(&self, limits: &Limits) -> Result<(Request, Request)> {
        self.refuse_stdin_twice()?;
        let shared = Request {
            files: values_files(&self.layers.values, limits)?,
            levels: args::no_rules(),
            threads: parallel::processors(),
            ..self.target.apply(self.layers.request())
        };
        let old = SideLayers {
            presets: &self.old_layers.old_presets,
            files: &self.old_layers.old_values,
            sets: &self.old_layers.old_sets,
        };
        let new = SideLayers {
            presets: &self.new_layers.new_presets,
            files: &self.new_layers.new_values,
            sets: &self.new_layers.new_sets,
        };
        Ok((old.over(&shared, limits)?, new.over(&shared, limits)?))
    }

    /// Standard input can be read once. A `-` in the values of both sides counts once: its text is given to both.
    fn refuse_stdin_twice(&self) -> Result<()> {
        let files = self.layers.values.iter().chain(&self.old_layers.old_values);
        let files = files.chain(&self.new_layers.new_values).filter_map(|path| path.to_str());
        let names = [&*self.old, &*self.new].into_iter().chain(files);
        let count = names.filter(|name| *name == "-").count();
        ensure!(count <= 1, "standard input can be read once: `-` stands in two places");
        Ok(())
    }
}

/// The layers of one side, whichever it is.
struct SideLayers<'a> {
    presets: &'a [String],
    files: &'a [PathBuf],
    sets: &'a [String],
}

impl SideLayers<'_> {
    /// The shared request with these layers over its own, kind by kind: presets over presets, files over files, flags over flags.
    fn over(&self, shared: &Request, limits: &Limits) -> Result<Request> {
        let mut request = shared.clone();
        request.presets.extend_from_slice(self.presets);
        request.files.extend(values_files(self.files, limits)?);
        let kind = SetFlagKind::Text(SetKind::Set);
        request.sets.extend(self.sets.iter().map(|text| SetFlag { kind, text: text.clone() }));
        Ok(request)
    }
}

/// Values files. What is not on the disk is read here: a file of a revision, which the library knows nothing of, and standard
/// input, which both sides may need.
fn values_files(paths: &[PathBuf], limits: &Limits) -> Result<Vec<ValuesFile>> {
    paths.iter().map(|path| values_file(path, limits)).collect()
}

fn values_file(path: &Path, limits: &Limits) -> Result<ValuesFile> {
    let name = path.to_string_lossy();
    if name == "-" {
        let text = source::read_stdin(limits).map_err(|error| anyhow!("standard input: {error}"))?;
        return Ok(ValuesFile::Text("<stdin>".to_owned(), text));
    }
    match revision::parse(&name) {
        Some(revision) => Ok(ValuesFile::Text(name.clone().into_owned(), revision.read_file(limits)?)),
        None => Ok(ValuesFile::Path(path.to_owned())),
    }
}
