//! `plimsoll render`: a chart's manifests, to standard output or into a folder.
//!
//! There are three ways to end it: print or write (here), compare with what a folder holds ([`check`], for `--check`),
//! and many environments at once ([`each`], for `--each`).
//!
//! | `--output-dir` | `--check` | `--each` | what happens |
//! |---|---|---|---|
//! | | | | all documents go to standard output, as one stream |
//! | DIR | | | a file for each object replaces what an earlier run wrote into DIR |
//! | DIR | yes | | nothing is written: standard output says what would change |
//! | DIR | | PATTERN | as the second, in a folder below DIR for each environment |
//! | DIR | yes | PATTERN | as the third, for all environments together |
//!
//! clap refuses the other combinations of these three.

mod args;
mod check;
mod claims;
mod each;
mod environments;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use plimsoll::emit;
use plimsoll::manifest::PackedDocument;
use plimsoll::parallel;
use plimsoll::pipeline::{self, Rendering};
use plimsoll::session::{Outcome, Session};

pub use args::RenderArgs;

use crate::output::{self, OutputOptions};
use crate::output_folder;
use crate::terminal;

/// What is to be written once everything has been checked.
enum Output<'a> {
    /// Documents that are printed one after the other.
    Stream(Vec<PackedDocument>),
    /// One file an object, and the folder that they go to. The documents are not needed any more.
    Files(&'a Path, Vec<emit::OutputFile>),
}

/// Renders, and prints or writes only if nothing is wrong.
pub fn run(args: &RenderArgs, options: OutputOptions) -> Result<ExitCode> {
    args.chart.refuse_order()?;
    if let Some(release) = args.chart.release().filter(|_| options.is_for_people()) {
        let chart = args.chart.chart();
        terminal::print_note(&format!(
            "`{release}` is taken as the name of the release, as in Helm; the usual form is `plimsoll render {chart} --release-name {release}`"
        ));
    }
    if let Some(folder) = &args.output_dir {
        if !args.each.each.is_empty() {
            return each::run(args, folder, options);
        }
        if args.check {
            return check::run(args, folder, options);
        }
    }
    let session = options.session();
    let rendered = render(&session, args);
    // Said last, below the findings.
    let mut end = None;
    let code = output::finish(&session, options, rendered, |output| match output {
        Output::Files(folder, files) => {
            let written = output_folder::write(folder, &files, session.limits())?;
            for path in &written.left_alone {
                session.report(output::left_alone(path));
            }
            end = Some(format!("`{}` has {}", folder.display(), written.sentence()));
            Ok(())
        }
        Output::Stream(documents) => {
            let printed =
                terminal::print_all(emit::stream_chunks(&documents, args.format(), parallel::processors()));
            leak(documents);
            printed
        }
    })?;
    output::note_end(options, end);
    Ok(code)
}

fn render<'a>(session: &Session, args: &'a RenderArgs) -> Outcome<Output<'a>> {
    if args.only_crds {
        return output(session, args, pipeline::crds(session, &args.request())?);
    }
    let rendering = pipeline::render_keeping(session, &args.request())?;
    // Most Helm charts have no schema that would refuse them.
    rendering.report_unread_of_helm(session);
    let Rendering { documents, checked, program, .. } = rendering;
    leak((checked, program));
    output(session, args, documents)
}

/// What is to be written of the documents. Files are made here, before anything is written, because two objects may ask
/// for one name of a file, which is a finding.
fn output<'a>(
    session: &Session,
    args: &'a RenderArgs,
    documents: Vec<PackedDocument>,
) -> Outcome<Output<'a>> {
    let Some(folder) = &args.output_dir else { return Ok(Output::Stream(documents)) };
    let files = emit::files(session, &documents, args.format());
    leak(documents);
    Ok(Output::Files(folder, files?))
}

/// Keeps a value until the process ends, which is about to happen: dropping trees, templates and schema node by node costs a
/// tenth of the time of a render, and the system takes the memory back at once.
fn leak<T>(value: T) {
    std::mem::forget(value);
}
