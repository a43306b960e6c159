//! `plimsoll render --each`: one chart for many customers, a folder each.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Error, Result, ensure};
use indexmap::IndexMap;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll::diagnostic::{Diagnostic, escaped, write_human};
use plimsoll::emit;
use plimsoll::parallel::{self, in_parallel};
use plimsoll::pipeline::{self, Prepared};
use plimsoll::request::ValuesFile;
use plimsoll::session::{Outcome, Session, Trunk};

use crate::args::RenderArgs;
use crate::check::{self, Stale};
use crate::customers::{self, Customer};
use crate::output;
use crate::terminal::{self, Voice};

/// Renders every customer. All or nothing holds for each: a wrong one leaves its folder as it was, and the others are
/// written.
pub fn run(args: &RenderArgs, folder: &Path, voice: Voice) -> Result<ExitCode> {
    let files = customers::find(&args.each.each)?;
    let session = voice.session();
    let prepared = pipeline::prepare(&session, &args.request());
    let prepared = match prepared.and_then(|prepared| prepared.complete().map(|()| prepared)) {
        Ok(prepared) => prepared,
        Err(reported) => return terminal::conclude(&session, voice, Err(reported), |()| Ok(())),
    };
    let trunk = session.trunk();
    let jobs = args.each.jobs.map_or_else(parallel::processors, NonZeroUsize::get);
    let customers = customers::name(files, args.each.each_name.as_deref(), &prepared, &trunk, jobs);
    let place = (!args.check).then(|| Place::make(folder)).transpose()?;
    let run = Run { args, folder, prepared: &prepared, trunk: &trunk };
    let bar = progress(customers.len(), voice);
    let results = in_parallel(customers, jobs, |customer| {
        let result = run.customer(customer);
        bar.inc(1);
        result
    });
    bar.finish_and_clear();
    drop(place);
    let code = conclude(&session, &results, voice)?;
    let code = if args.check { report_stale(&results, voice, code)? } else { code };
    if voice.is_for_people() {
        terminal::tell(&leftovers(folder, &results))?;
    }
    // As after a single render: the process is about to end.
    std::mem::forget(prepared);
    Ok(code)
}

/// What all customers of a run have in common.
struct Run<'r> {
    args: &'r RenderArgs,
    folder: &'r Path,
    prepared: &'r Prepared,
    trunk: &'r Trunk,
}

/// What became of one customer.
struct Done {
    /// With everything that was found.
    customer: Customer,
    end: End,
}

enum End {
    Written,
    /// Nothing was to be written: the files that are not current.
    Looked(Vec<Stale>),
    /// The findings say why.
    Refused,
    /// The folder could not be written.
    Failed(Error),
}

/// What a customer's values make.
enum Made {
    Files(Vec<emit::OutputFile>),
    Stale(Result<Vec<Stale>>),
}

impl Run<'_> {
    fn customer(&self, customer: Customer) -> Done {
        let folder = self.folder.join(&customer.name);
        let end = match self.made(&customer, &folder) {
            Ok(made) if customer.findings.errors() == 0 => {
                let end = match made {
                    Made::Files(files) => {
                        output::write(&folder, &files, self.trunk.limits()).map(|()| End::Written)
                    }
                    Made::Stale(stale) => stale.map(End::Looked),
                };
                end.unwrap_or_else(End::Failed)
            }
            _ => End::Refused,
        };
        Done { customer, end }
    }

    /// The customer's manifests, or what they say of the folder. They are made in a branch that is forgotten, all but what
    /// was found there.
    fn made(&self, customer: &Customer, folder: &Path) -> Outcome<Made> {
        let branch = self.trunk.branch();
        let rendering = self.prepared.render(&branch, &[ValuesFile::Path(customer.file.clone())]);
        let made = rendering.and_then(|rendering| {
            let files = emit::files(&branch, &rendering.documents, self.args.format())?;
            Ok(match self.args.check {
                true => Made::Stale(check::look(&branch, folder, &rendering.documents, &files)),
                false => Made::Files(files),
            })
        });
        customer.findings.adopt(&branch, |finding| finding);
        made
    }
}

/// Prints what is not current of all customers; that alone is exit code 1 as well.
fn report_stale(results: &[Done], voice: Voice, code: ExitCode) -> Result<ExitCode> {
    let looked = results.iter().filter_map(|done| match &done.end {
        End::Looked(stale) => Some(stale),
        _ => None,
    });
    let stale: Vec<&Stale> = looked.flatten().collect();
    terminal::print(&voice.staleness(&stale))?;
    let current = stale.is_empty() || code != ExitCode::SUCCESS;
    Ok(if current { code } else { ExitCode::from(1) })
}

/// The folder of all customers; if it was made for this run and nothing came of it, it goes again.
struct Place<'f> {
    folder: &'f Path,
    made: bool,
}

impl<'f> Place<'f> {
    fn make(folder: &'f Path) -> Result<Self> {
        let shown = folder.display();
        match fs::symlink_metadata(folder) {
            Ok(meta) => {
                ensure!(!meta.is_symlink(), "`{shown}` is a link: name the folder that it leads to");
                ensure!(meta.is_dir(), "`{shown}` is not a folder");
                Ok(Place { folder, made: false })
            }
            Err(_) => {
                fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{shown}`"))?;
                Ok(Place { folder, made: true })
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.made {
            // It stays where customers are in it.
            let _ = fs::remove_dir(self.folder);
        }
    }
}

/// A bar on a terminal, and nothing anywhere else.
fn progress(length: usize, voice: Voice) -> ProgressBar {
    if !terminal::is_watched() || !voice.is_for_people() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:40} {pos} of {len} customers, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Says what was found and gives the exit code of the worst: for people by customer, for programs all in one.
fn conclude(session: &Session, results: &[Done], voice: Voice) -> Result<ExitCode> {
    if voice.is_for_people() {
        terminal::speak(session, voice)?;
        terminal::tell(&headed(results, voice))?;
    }
    for done in results {
        let told = |finding: Diagnostic| Diagnostic {
            message: format!("customer `{}`: {}", done.customer.name, finding.message),
            ..finding
        };
        session.adopt(&done.customer.findings, told);
    }
    if !voice.is_for_people() {
        terminal::speak(session, voice)?;
    }
    terminal::file(session, voice)?;
    Ok(match results.iter().any(|done| matches!(done.end, End::Failed(_))) {
        true => ExitCode::from(2),
        false if session.errors() == 0 => ExitCode::SUCCESS,
        false => terminal::exit_code(session),
    })
}

/// The findings under the names of their customers, in the order of the customers; those who have the very same ones stand
/// together. At the end, how many were refused.
fn headed(results: &[Done], voice: Voice) -> String {
    let mut groups: IndexMap<String, Vec<&Customer>> = IndexMap::new();
    for done in results {
        let mut text = write_human(&done.customer.findings, terminal::style(voice.color));
        if let End::Failed(error) = &done.end {
            text.push_str(&format!("error: {}\n", escaped(&format!("{error:#}"))));
        }
        groups.entry(text).or_default().push(&done.customer);
    }
    groups.shift_remove("");
    let groups = groups.iter().map(|(text, customers)| format!("{}:\n\n{text}\n", heading(customers)));
    let text: String = groups.collect();
    text + &summary(results)
}

/// How many customers a heading names.
const NAMED: usize = 5;

fn heading(customers: &[&Customer]) -> String {
    let call = |customer: &&Customer| escaped(&format!("`{}` ({})", customer.name, customer.file.display()));
    let named: Vec<String> = customers.iter().take(NAMED).map(call).collect();
    let more = match customers.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let noun = if customers.len() == 1 { "customer" } else { "customers" };
    format!("{noun} {}{more}", named.join(", "))
}

fn summary(results: &[Done]) -> String {
    let written = results.iter().filter(|done| matches!(done.end, End::Written | End::Looked(_))).count();
    let all = results.len();
    match all - written {
        0 => String::new(),
        1 => format!("error: 1 of {all} customers was not written, and its folder is as it was\n"),
        wrong => format!(
            "error: {wrong} of {all} customers were not written, and their folders are as they were\n"
        ),
    }
}

/// What is said of folders of earlier runs that belong to none of these customers. They stay: a run may be for some
/// customers only.
fn leftovers(folder: &Path, results: &[Done]) -> String {
    let known: BTreeSet<String> = results.iter().map(|done| done.customer.name.to_lowercase()).collect();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter(|entry| output::is_written(&entry.path())).map(|entry| entry.file_name());
    let others: BTreeSet<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    let others: Vec<String> = others
        .iter()
        .filter(|name| !known.contains(&name.to_lowercase()))
        .map(|name| escaped(name))
        .collect();
    match others.as_slice() {
        [] => String::new(),
        [only] => format!("note: `{only}` belongs to none of these customers and was left as it is\n"),
        [first, rest @ ..] => {
            let count = rest.len();
            format!(
                "note: `{first}` and {count} more belong to none of these customers and were left as they are\n"
            )
        }
    }
}
