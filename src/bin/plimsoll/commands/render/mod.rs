//! `plimsoll render`: a chart's manifests, to standard output or into a folder.
//!
//! There are three ways to end it: print or write (here), compare with what a folder holds ([`check`], for `--check`), and many
//! environments at once ([`each`], for `--each`).
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
mod each;
mod environments;

use std::process::ExitCode;

use anyhow::Result;
use plimsoll::emit;
use plimsoll::manifest::Document;
use plimsoll::pipeline::{self, Rendering};
use plimsoll::session::{Outcome, Session};

pub use args::RenderArgs;

use crate::output::{self, OutputOptions};
use crate::output_folder;
use crate::terminal;

/// What is to be written once everything has been checked.
enum Output {
    /// Documents that are printed one after the other.
    Stream(Vec<Document>),
    /// One file an object. The documents are not needed any more.
    Files(Vec<emit::OutputFile>),
}

/// Renders, and prints or writes only if nothing is wrong.
pub fn run(args: &RenderArgs, options: OutputOptions) -> Result<ExitCode> {
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
    output::finish(&session, options, rendered, |output| match (output, &args.output_dir) {
        (Output::Files(files), Some(folder)) => output_folder::write(folder, &files, session.limits()),
        // Never: there are files only where there is a folder.
        (Output::Files(_), None) => Ok(()),
        (Output::Stream(documents), _) => {
            let printed = terminal::print_all(emit::stream_chunks(&documents, args.format()));
            leak(documents);
            printed
        }
    })
}

fn render(session: &Session, args: &RenderArgs) -> Outcome<Output> {
    if args.only_crds {
        return output(session, args, pipeline::crds(session, &args.request())?);
    }
    let Rendering { documents, merged, program } = pipeline::render_keeping(session, &args.request())?;
    leak((merged, program));
    output(session, args, documents)
}

/// What is to be written of the documents. Files are made here, before anything is written, because two objects may ask
/// for one name of a file, which is a finding.
fn output(session: &Session, args: &RenderArgs, documents: Vec<Document>) -> Outcome<Output> {
    if args.output_dir.is_none() {
        return Ok(Output::Stream(documents));
    }
    let files = emit::files(session, &documents, args.format());
    leak(documents);
    Ok(Output::Files(files?))
}

/// Keeps a value until the process ends, which is about to happen: dropping trees, templates and schema node by node costs a
/// tenth of the time of a render, and the system takes the memory back at once.
fn leak<T>(value: T) {
    std::mem::forget(value);
}
