//! `plimsoll render`: a chart's manifests, to standard output or into a folder.

use std::process::ExitCode;

use anyhow::Result;
use plimsoll::emit;
use plimsoll::manifest::Document;
use plimsoll::pipeline::{self, Rendering};
use plimsoll::session::{Outcome, Session};

use crate::args::RenderArgs;
use crate::check;
use crate::each;
use crate::output;
use crate::terminal::{self, Voice};

/// What is to be written once everything has been checked.
enum Rendered {
    Stream(Vec<Document>),
    Files(Vec<emit::OutputFile>),
}

pub fn run(args: &RenderArgs, voice: Voice) -> Result<ExitCode> {
    if let (false, Some(folder)) = (args.each.each.is_empty(), &args.output_dir) {
        return each::run(args, folder, voice);
    }
    if let Some(folder) = args.output_dir.as_ref().filter(|_| args.check) {
        return check::run(args, folder, voice);
    }
    let session = voice.session();
    let rendered = render(&session, args);
    terminal::conclude(&session, voice, rendered, |rendered| match (rendered, &args.output_dir) {
        (Rendered::Files(files), Some(folder)) => output::write(folder, &files, session.limits()),
        (Rendered::Files(_), None) => Ok(()),
        (Rendered::Stream(documents), _) => {
            let printed = terminal::print_all(emit::stream_chunks(&documents, args.format()));
            leave(documents);
            printed
        }
    })
}

fn render(session: &Session, args: &RenderArgs) -> Outcome<Rendered> {
    if args.only_crds {
        return arranged(session, args, pipeline::crds(session, &args.request())?);
    }
    let Rendering { documents, settled, program } = pipeline::render_keeping(session, &args.request())?;
    leave((settled, program));
    arranged(session, args, documents)
}

fn arranged(session: &Session, args: &RenderArgs, documents: Vec<Document>) -> Outcome<Rendered> {
    Ok(match args.output_dir {
        Some(_) => {
            let files = emit::files(session, &documents, args.format());
            leave(documents);
            Rendered::Files(files?)
        }
        None => Rendered::Stream(documents),
    })
}

/// The process is about to end: taking trees, templates and schema apart would cost it a tenth of its time.
fn leave<T>(made: T) {
    std::mem::forget(made);
}
