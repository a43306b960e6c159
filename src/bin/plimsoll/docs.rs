//! `plimsoll docs`: the reference of a chart's values, printed, written between the markers of a page, or checked there.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use plimsoll::request::Request;
use plimsoll::session::{Outcome, Session};
use plimsoll::source::{self, ReadError, SourceId, SourceKind};
use plimsoll::{pipeline, reference};

use crate::args::DocsArgs;
use crate::output;
use crate::terminal::{self, Voice};

pub fn run(args: &DocsArgs, voice: Voice) -> Result<ExitCode> {
    let session = voice.session();
    let request = Request { chart: args.chart.clone(), ..Request::default() };
    let Ok(settled) = pipeline::merge(&session, &request) else {
        return terminal::conclude(&session, voice, Ok(()), |()| Ok(()));
    };
    let name = &settled.chart.name;
    let Some(schema) = &settled.schema else { bail!("the chart `{name}` has no values schema") };
    let Ok(schema) = schema.tree(&session) else {
        return terminal::conclude(&session, voice, Ok(()), |()| Ok(()));
    };
    let text = reference::markdown(&session, &settled, &schema);
    match (&args.output, &args.check) {
        (Some(file), _) => {
            let page = page(&session, file, name, &text)?;
            terminal::conclude(&session, voice, page, |page| output::replace(file, &page))
        }
        (None, Some(file)) => {
            let page =
                read(&session, file)?.with_context(|| format!("`{}` does not exist", file.display()))?;
            let checked = reference::check(&session, page, name, &text);
            terminal::conclude(&session, voice, checked, |()| Ok(()))
        }
        (None, None) => terminal::conclude(&session, voice, Ok(()), |()| terminal::print(&text)),
    }
}

/// The whole page: of one that exists, only what stands between the markers is new.
fn page(session: &Session, file: &Path, chart: &str, reference: &str) -> Result<Outcome<String>> {
    Ok(match read(session, file)? {
        None => Ok(reference.to_owned()),
        Some(page) => reference::insert(session, page, chart, reference),
    })
}

/// A page that exists.
fn read(session: &Session, file: &Path) -> Result<Option<SourceId>> {
    let name = file.display().to_string();
    match source::read_text(file, session.limits()) {
        Ok(text) => Ok(Some(session.add_source(SourceKind::File, name, text))),
        Err(_) if !file.exists() => Ok(None),
        Err(error) => Err(refused(&name, &error)),
    }
}

fn refused(name: &str, error: &ReadError) -> anyhow::Error {
    anyhow::anyhow!("`{name}` cannot be read: {error}")
}
