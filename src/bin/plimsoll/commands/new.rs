//! `plimsoll new` and `plimsoll eject`: a chart's folder to begin from, and one of a bundled chart to carry on from.
//!
//! Both write into a folder that is not there yet, or empty, and say what to do next.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use plimsoll::chart::{self, FolderFile};
use plimsoll::diagnostic::{Code, Diagnostic};
use plimsoll::formats::Summary;
use plimsoll::scaffold;
use plimsoll::session::{Outcome, Session};
use plimsoll::source::escaped;

use crate::output::{self, OutputOptions};
use crate::output_folder;
use crate::terminal;

#[derive(Debug, Args)]
#[command(after_help = NEW_EXAMPLES)]
pub struct NewArgs {
    /// The folder of the chart, which must not exist or must be empty; its last part is the chart's name
    #[arg(value_name = "NAME")]
    pub folder: PathBuf,

    /// What the chart is for
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::Web)]
    pub from: Kind,
}

const NEW_EXAMPLES: &str = "\
Examples:
  plimsoll new shop
  plimsoll new charts/mailer --from worker
  plimsoll new backup --from cron-job

`plimsoll explain tutorial` goes on from there.";

/// What a new chart is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A web application: a Deployment, a Service, an Ingress or an HTTPRoute
    #[value(aliases = ["web-app", "webapp", "app", "deployment"])]
    Web,
    /// A worker that nobody connects to: a Deployment
    #[value(aliases = ["queue-worker", "background"])]
    Worker,
    /// A job that runs on a schedule: a CronJob
    #[value(aliases = ["cron", "cronjob", "job"])]
    CronJob,
    /// A service whose pods each have a name and a disk: a StatefulSet
    #[value(aliases = ["stateful-service", "statefulset", "stateful-set", "database"])]
    Stateful,
}

impl From<Kind> for scaffold::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Web => scaffold::Kind::Web,
            Kind::Worker => scaffold::Kind::Worker,
            Kind::CronJob => scaffold::Kind::CronJob,
            Kind::Stateful => scaffold::Kind::Stateful,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = EJECT_EXAMPLES)]
pub struct EjectArgs {
    /// The name of a bundled chart; `plimsoll charts` lists them
    pub chart: String,

    /// The folder to write, which must not exist or must be empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

const EJECT_EXAMPLES: &str = "\
Examples:
  plimsoll eject skyflo ./skyflo
  plimsoll diff skyflo ./skyflo         # show what you have changed, later";

/// Writes a new chart.
///
/// # Errors
/// A folder that cannot be looked at or written.
pub fn new(args: &NewArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let name = name_of(&args.folder)?;
    let kind = args.from.into();
    // Both, so that all that is wrong is said at once.
    let named = scaffold::check_name(&session, &name);
    if args.folder.file_name().is_none() {
        let shown = args.folder.display();
        session.reword_since(0, |finding| {
            Some(finding.note(format!("the chart has the name of its folder, and `{shown}` is `{name}`")))
        });
    }
    let free = refuse_what_is_there(&session, &args.folder);
    let files = named.and(free).map(|()| scaffold::files(kind, &name));
    let done = Done {
        what: format!("made {} `{name}`", scaffold::noun(kind)),
        next: &[
            ("render CHART", "print the manifests"),
            ("render CHART -p production", "the same with a preset"),
            ("lint CHART", "find everything that is wrong"),
            ("test CHART", "run the chart's tests"),
            ("explain tutorial", "the way from here to a cluster"),
        ],
    };
    write(&session, options, &args.folder, files, &done)
}

/// Writes a bundled chart.
///
/// # Errors
/// A chart that is a folder already, and a folder that cannot be looked at or written.
pub fn eject(args: &EjectArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let is_bundled = chart::bundled().any(|chart| chart.name == args.chart);
    if !is_bundled && Path::new(&args.chart).exists() {
        bail!("`{}` is a path, and not the name of a bundled chart: copy the folder", args.chart);
    }
    let files = chart::eject(&session, &args.chart)
        .and_then(|files| refuse_what_is_there(&session, &args.folder).map(|()| files));
    let compare = format!("diff {} CHART", args.chart);
    let done = Done {
        what: format!("copied the chart `{}`", args.chart),
        next: &[
            ("lint CHART", "find everything that is wrong"),
            (&compare, "show what you have changed"),
            ("explain templates", "how to write templates"),
        ],
    };
    write(&session, options, &args.folder, files, &done)
}

/// The name that a folder gives to its chart: its last part.
fn name_of(folder: &Path) -> Result<String> {
    if folder.to_string_lossy().contains("://") {
        let shown = escaped(&folder.display().to_string());
        bail!(
            "`{shown}` is an address, and a chart is made in a folder: give a path, whose last part is its name"
        );
    }
    // `.` and `..` have no last part of their own.
    let resolved = match folder.file_name() {
        Some(_) => folder.to_owned(),
        None => fs::canonicalize(folder)
            .with_context(|| format!("cannot read the folder `{}`", folder.display()))?,
    };
    match resolved.file_name() {
        Some(name) => Ok(name.to_string_lossy().into_owned()),
        // The root of a file system.
        None => bail!(
            "`{}` has no name that a chart could have: give the path of a folder that does not exist yet, such as `shop`",
            folder.display()
        ),
    }
}

/// Reports a folder in which something is: E008. What is no folder at all is for the writing to refuse.
pub fn refuse_what_is_there(session: &Session, folder: &Path) -> Outcome<()> {
    if output_folder::is_empty(folder).unwrap_or(true) {
        return Ok(());
    }
    let message = format!("the folder `{}` is not empty", folder.display());
    let help = "nothing is overwritten: name a folder that does not exist yet, or empty this one";
    Err(session.report(Diagnostic::error(Code::E008, message).help(help)))
}

/// What is said when the files are there.
struct Done<'a> {
    what: String,
    /// Commands to run next, with what each is for. `CHART` stands for the folder.
    next: &'a [(&'a str, &'a str)],
}

fn write(
    session: &Session,
    options: OutputOptions,
    folder: &Path,
    files: Outcome<Vec<FolderFile>>,
    done: &Done,
) -> Result<ExitCode> {
    let options = OutputOptions { summary: &Summary::Findings { prevented: "written" }, ..options };
    output::finish(session, options, files, |files| {
        output_folder::is_empty(folder)?;
        output_folder::write_fresh(folder, &files)?;
        terminal::print(&done.text(folder, files.len()))
    })
}

impl Done<'_> {
    fn text(&self, folder: &Path, files: usize) -> String {
        let shown = escaped(&folder.display().to_string());
        let mut text = format!("{}: {files} files in `{shown}`\n\nnext:\n", self.what);
        let word = shell_word(&shown);
        let commands: Vec<String> = self
            .next
            .iter()
            .map(|(command, _)| format!("plimsoll {}", command.replace("CHART", &word)))
            .collect();
        let width = commands.iter().map(String::len).max().unwrap_or_default();
        for (command, (_, purpose)) in commands.iter().zip(self.next) {
            text.push_str(&format!("  {command:width$}   # {purpose}\n"));
        }
        text
    }
}

/// A path as one word of a shell.
fn shell_word(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    // What begins with a dash would be taken for a flag.
    let path = if path.starts_with('-') { format!("./{path}") } else { path.to_owned() };
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
