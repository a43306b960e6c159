//! `plimsoll render --each`: one chart for many environments, a folder each.
//!
//! What no values file changes is prepared once (chart, templates, presets, shared files); then each environment is
//! rendered by one of several threads, in an overlay of the session. Overlays share nothing that can be written to, so
//! the output and the findings do not depend on the number of threads. All or nothing holds for each environment by
//! itself: a wrong one leaves its folder as it was, and the others are written.
//!
//! ```text
//! --each patterns ─► files ─► names ─► in_parallel: Run::render ─► claims ─► in_parallel: Run::finish ─► findings, exit code
//!                                        in an overlay, or               │      write the folder
//!                                        compared with the folder        └─► what two have in common
//! ```
//!
//! Nothing is written before all are rendered, since the last may claim what the first does. What is rendered waits in memory,
//! up to a size; beyond it, an environment is rendered a second time when it is written.
//!
//! | exit code | when |
//! |---|---|
//! | 0 | every environment was written, or is current |
//! | 1 | one has errors, or (with `--check`) is not current |
//! | 2 | a folder, or a file that was named, could not be read or written |
//!
//! Code and documentation say environment; flags and messages say customer.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Error, Result, anyhow, ensure};
use indexmap::IndexMap;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll::diagnostic::Diagnostic;
use plimsoll::emit;
use plimsoll::formats::{Summary, write_human};
use plimsoll::manifest::PackedDocument;
use plimsoll::parallel::{self, in_parallel};
use plimsoll::pipeline::{self, Prepared};
use plimsoll::request::ValuesFile;
use plimsoll::session::{MergeSources, Outcome, Session, Snapshot};
use plimsoll::source::escaped;

use super::args::RenderArgs;
use super::check::{self, StaleFile};
use super::claims::{self, Claims};
use super::environments::{self, Environment, NamingKey};
use crate::output::{self, OutputOptions};
use crate::output_folder::{self, Written};
use crate::terminal;

/// Renders every environment into `folder`, or compares it with what is there.
pub fn run(args: &RenderArgs, folder: &Path, options: OutputOptions) -> Result<ExitCode> {
    let prevented = if args.check { "compared" } else { "rendered" };
    let options = OutputOptions { summary: &Summary::Findings { prevented }, ..options };
    let files = environments::find_files(&args.each.each)?;
    let session = options.session();
    let prepared = pipeline::prepare(&session, &args.request());
    // What is wrong with the chart is wrong for all: it is said once, and no environment is begun.
    let prepared = match prepared.and_then(|prepared| prepared.complete().map(|()| prepared)) {
        Ok(prepared) => prepared,
        Err(reported) => return output::finish(&session, options, Err(reported), |()| Ok(())),
    };
    let snapshot = session.snapshot();
    let jobs = args.each.jobs.map_or_else(parallel::processors, NonZeroUsize::get);
    let key = args.each.each_name.as_deref();
    let key = key.map(|key| NamingKey { key, prepared: &prepared, snapshot: &snapshot });
    let environments = environments::name(files, key, jobs);
    // Made once and before the threads: each environment makes its own folder below it, and two could race for their
    // parent.
    let parent = (!args.check).then(|| ParentFolder::create(folder)).transpose()?;
    let kept = AtomicUsize::new(0);
    let run = Run { args, folder, prepared: &prepared, snapshot: &snapshot, kept: &kept };
    let progress = progress_bar(environments.len(), options);
    let rendered = in_parallel(environments, jobs, |environment| {
        let rendered = run.render(environment);
        progress.inc(1);
        rendered
    });
    if !args.each.separate_clusters {
        let claimed: Vec<_> = rendered.iter().map(|one| (&one.environment, &one.claims)).collect();
        claims::refuse_shared(&claimed);
    }
    let mut results = in_parallel(rendered, jobs, |rendered| run.finish(rendered));
    progress.finish_and_clear();
    drop(parent);
    let mut code = write_findings(&session, &mut results, options)?;
    if args.check {
        code = print_stale(&results, options, code)?;
    }
    if options.is_for_people() {
        terminal::write_stderr(&leftover_note(folder, &results))?;
    }
    output::note_end(options, end_note(folder, &results));
    // As after a single render: the process is about to end, and dropping it node by node takes time.
    std::mem::forget(prepared);
    Ok(code)
}

/// What all environments of a run have in common.
struct Run<'r> {
    args: &'r RenderArgs,
    folder: &'r Path,
    prepared: &'r Prepared,
    snapshot: &'r Snapshot,
    /// How many bytes of rendered files wait in memory.
    kept: &'r AtomicUsize,
}

/// How many bytes of rendered files may wait in memory for the last environment to be rendered. Those of a thousand customers of
/// the bundled charts fit in.
const MAX_KEPT: usize = 512 << 20;

/// An environment that was rendered, and not written yet.
struct Rendered {
    environment: Environment,
    claims: Claims,
    output: Output,
}

/// An environment with everything that was found, and how it ended.
struct Finished {
    environment: Environment,
    end: End,
}

enum End {
    Written(Written),
    /// Nothing was to be written: the files that are not current.
    Compared(Vec<StaleFile>),
    /// The findings say why.
    Refused,
    /// The folder could not be read or written.
    Failed(Error),
}

/// What became of an environment's values, before anything is written.
enum Output {
    Files(Vec<emit::OutputFile>),
    /// It is right, and was dropped for its size.
    Dropped,
    Stale(Result<Vec<StaleFile>>),
    /// The findings say why there is nothing.
    Nothing,
}

impl Run<'_> {
    /// Renders an environment, and writes nothing. Also one whose name is wrong: what is wrong with its values is found in the
    /// same run.
    fn render(&self, environment: Environment) -> Rendered {
        let (rendered, overlay) = self.documents(&environment);
        let mut claims = Claims::new();
        let output = rendered.map(|documents| {
            claims = claims::of(&documents);
            self.output(&environment, &overlay, &documents)
        });
        let output = output.and_then(|output| output).unwrap_or(Output::Nothing);
        environment.findings.merge(overlay, MergeSources::Referenced, Some);
        Rendered { environment, claims, output }
    }

    /// The documents, in an overlay of the session. The overlay is dropped with its sources and trees; the environment keeps the
    /// findings and what they point at, so that thousands of environments fit into memory.
    fn documents(&self, environment: &Environment) -> (Outcome<Vec<PackedDocument>>, Session) {
        let overlay = self.snapshot.overlay();
        let rendering = self.prepared.render(&overlay, &[ValuesFile::Path(environment.file.clone())]);
        (rendering.map(|rendering| rendering.documents), overlay)
    }

    fn output(
        &self,
        environment: &Environment,
        overlay: &Session,
        documents: &[PackedDocument],
    ) -> Outcome<Output> {
        let files = emit::files(overlay, documents, self.args.format())?;
        if self.args.check {
            let folder = self.folder.join(&environment.name);
            return Ok(Output::Stale(check::stale_files(overlay, &folder, documents, &files)));
        }
        let size: usize = files.iter().map(|file| file.text.len()).sum();
        // A sum alone: nothing else hangs on the order of its parts.
        let before = self.kept.fetch_add(size, Ordering::Relaxed);
        Ok(if before + size > MAX_KEPT { Output::Dropped } else { Output::Files(files) })
    }

    /// Writes an environment that is right.
    fn finish(&self, rendered: Rendered) -> Finished {
        let Rendered { environment, output, .. } = rendered;
        // What is wrong with its name, and what it has in common with others, is among the findings too.
        let end = if environment.findings.errors() > 0 {
            End::Refused
        } else {
            match output {
                Output::Nothing => End::Refused,
                Output::Files(files) => self.write(&environment, &files),
                Output::Dropped => self.write_again(&environment),
                Output::Stale(Ok(stale)) => End::Compared(stale),
                Output::Stale(Err(error)) => End::Failed(error),
            }
        };
        Finished { environment, end }
    }

    fn write(&self, environment: &Environment, files: &[emit::OutputFile]) -> End {
        let folder = self.folder.join(&environment.name);
        match output_folder::write(&folder, files, self.snapshot.limits()) {
            Ok(written) => {
                written.left_alone.iter().for_each(|path| {
                    environment.findings.report(output::left_alone(path));
                });
                End::Written(written)
            }
            Err(error) => End::Failed(error),
        }
    }

    /// Renders once more what was dropped. Its findings were kept the first time.
    fn write_again(&self, environment: &Environment) -> End {
        let (rendered, overlay) = self.documents(environment);
        let files = rendered.and_then(|documents| emit::files(&overlay, &documents, self.args.format()));
        match files {
            Ok(files) => self.write(environment, &files),
            Err(_) => {
                End::Failed(anyhow!("`{}` was changed while it was rendered", environment.file.display()))
            }
        }
    }
}

/// The folder above those of the environments. If this run created it and nothing came of it, it is removed again.
struct ParentFolder<'f> {
    folder: &'f Path,
    created: bool,
    /// Held until all are written: two runs into one folder would leave customers of both.
    _lock: Option<File>,
}

impl<'f> ParentFolder<'f> {
    fn create(folder: &'f Path) -> Result<Self> {
        let shown = folder.display();
        match fs::symlink_metadata(folder) {
            Ok(metadata) => {
                ensure!(!metadata.is_symlink(), "`{shown}` is a link: name the folder that it leads to");
                ensure!(metadata.is_dir(), "`{shown}` is not a folder");
                Ok(ParentFolder { folder, created: false, _lock: output_folder::lock(folder)? })
            }
            Err(_) => {
                fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{shown}`"))?;
                Ok(ParentFolder { folder, created: true, _lock: output_folder::lock(folder)? })
            }
        }
    }
}

impl Drop for ParentFolder<'_> {
    fn drop(&mut self) {
        if self.created {
            // Fails, as it should, where something was written.
            let _ = fs::remove_dir(self.folder);
        }
    }
}

/// A progress bar on a terminal, and nothing anywhere else.
fn progress_bar(length: usize, options: OutputOptions) -> ProgressBar {
    if !terminal::is_stderr_interactive() || !options.is_for_people() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:40} {pos} of {len} customers, {eta} left") {
        // Fails for a wrong template alone; a bar in the default style is no reason to end a run.
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Writes what was found and gives the exit code of the worst. For people, findings stand under headings; for programs
/// they are one list, and each message names its environment.
fn write_findings(session: &Session, results: &mut [Finished], options: OutputOptions) -> Result<ExitCode> {
    output::drop_unwanted(session, options);
    for result in results.iter() {
        output::drop_unwanted(&result.environment.findings, options);
    }
    // For people the session has the findings of the chart alone here; those of the environments are merged into it
    // below.
    if options.is_for_people() {
        output::write_to_stream(session, options)?;
        terminal::write_stderr(&grouped_findings(results, options))?;
    }
    for result in &mut *results {
        // For people, it was written below the others, in its own words.
        if let End::Failed(error) = &result.end {
            result.environment.findings.report(output::failure(error));
        }
        let name = &result.environment.name;
        let with_name = |finding: Diagnostic| {
            Some(Diagnostic { message: format!("customer `{name}`: {}", finding.message), ..finding })
        };
        // Taken, not copied: for people, they were written above.
        let own = std::mem::take(&mut result.environment.findings);
        session.merge(own, MergeSources::Referenced, with_name);
    }
    let written = session.findings();
    output::refuse_warnings(session, options);
    if options.is_for_people() {
        for finding in session.diagnostics().iter().skip(written) {
            terminal::print_error(&finding.message);
        }
    }
    if !options.is_for_people() {
        output::write_to_stream(session, options)?;
    }
    output::write_to_files(session, options)?;
    if results.iter().any(|result| matches!(result.end, End::Failed(_))) {
        Ok(ExitCode::from(2))
    } else if session.errors() > 0 {
        Ok(output::exit_code(session))
    } else {
        Ok(ExitCode::SUCCESS)
    }
}

/// The findings under the names of their environments, in the order of the environments. Those with the very same text
/// stand together, as one mistake in a shared file would otherwise be shown for each. At the end, how many were
/// refused.
fn grouped_findings(results: &[Finished], options: OutputOptions) -> String {
    let mut groups: IndexMap<String, Vec<&Environment>> = IndexMap::new();
    for result in results {
        let mut text = write_human(&result.environment.findings, options.stderr_style());
        if let End::Failed(error) = &result.end {
            text.push_str(&format!("error: {}\n", escaped(&format!("{error:#}"))));
        }
        groups.entry(text).or_default().push(&result.environment);
    }
    // Those without findings have one text in common, the empty one. `shift_remove`, as the order of the others must
    // stay.
    groups.shift_remove("");
    let mut text = String::new();
    for (findings, environments) in &groups {
        text.push_str(&format!("{}:\n\n{findings}\n", heading(environments)));
    }
    text + &summary(results)
}

/// Environments that a heading names: a mistake in a shared file is found in all of them, and there may be thousands.
const MAX_NAMED: usize = 5;

fn heading(environments: &[&Environment]) -> String {
    let call = |one: &&Environment| escaped(&format!("`{}` ({})", one.name, one.file.display()));
    let named: Vec<String> = environments.iter().take(MAX_NAMED).map(call).collect();
    let more = match environments.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let noun = if environments.len() == 1 { "customer" } else { "customers" };
    format!("{noun} {}{more}", named.join(", "))
}

fn summary(results: &[Finished]) -> String {
    let well =
        results.iter().filter(|result| matches!(result.end, End::Written(_) | End::Compared(_))).count();
    let all = results.len();
    match all - well {
        0 => String::new(),
        1 => format!("error: 1 of {all} customers was not written, and its folder is as it was\n"),
        wrong => format!(
            "error: {wrong} of {all} customers were not written, and their folders are as they were\n"
        ),
    }
}

/// What was done, where all went well; what did not is said as an error.
fn end_note(folder: &Path, results: &[Finished]) -> Option<String> {
    let mut all = Written::default();
    let mut compared = false;
    for result in results {
        match &result.end {
            End::Written(written) => all.add(written),
            End::Compared(stale) if stale.is_empty() => compared = true,
            End::Compared(_) | End::Refused | End::Failed(_) => return None,
        }
    }
    let customers = if results.len() == 1 { "1 customer" } else { &format!("{} customers", results.len()) };
    let folder = folder.display();
    Some(if compared {
        format!("`{folder}` is current: {customers}")
    } else {
        format!("`{folder}` has {customers} with {}", all.sentence())
    })
}

/// Prints what is not current in all folders. That alone is exit code 1 as well; a worse `code` stays.
fn print_stale(results: &[Finished], options: OutputOptions, code: ExitCode) -> Result<ExitCode> {
    let mut stale: Vec<&StaleFile> = Vec::new();
    for result in results {
        if let End::Compared(files) = &result.end {
            stale.extend(files);
        }
    }
    terminal::print(&check::formatted(&stale, options))?;
    if code == ExitCode::SUCCESS && !stale.is_empty() { Ok(ExitCode::from(1)) } else { Ok(code) }
}

/// A note on folders of earlier runs that belong to none of these environments. They are kept: a run may be for some
/// environments only.
fn leftover_note(folder: &Path, results: &[Finished]) -> String {
    // In lower case: on a file system that ignores case, `Acme` is the folder of `acme`.
    let known: BTreeSet<String> =
        results.iter().map(|result| result.environment.name.to_lowercase()).collect();
    let mut others: BTreeSet<String> = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if output_folder::is_ours(&entry.path()) && !known.contains(&name.to_lowercase()) {
            others.insert(name);
        }
    }
    let others: Vec<String> = others.iter().map(|name| escaped(name)).collect();
    match others.as_slice() {
        [] => String::new(),
        [only] => format!("note: `{only}` belongs to none of these customers and was left as it is\n"),
        [first, rest @ ..] => format!(
            "note: `{first}` and {} more belong to none of these customers and were left as they are\n",
            rest.len()
        ),
    }
}
