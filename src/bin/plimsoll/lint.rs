//! `plimsoll lint`: everything wrong in charts, values files and plain manifests.

use std::process::ExitCode;

use anyhow::Result;
use plimsoll::diagnostic::Closing;
use plimsoll::lint::{self, IncompleteValues};

use crate::args::LintArgs;
use crate::terminal::{self, Voice};

pub fn run(args: &LintArgs, voice: Voice) -> Result<ExitCode> {
    let session = voice.session();
    let linted = lint::lint(&session, &args.request());
    let incomplete = linted.incomplete.iter().map(note).collect();
    let closing = Closing::Linted { files: linted.files, notes: incomplete };
    terminal::conclude(&session, Voice { closing: &closing, ..voice }, Ok(()), |()| Ok(()))
}

/// That something was not rendered should be known, and is no fault.
fn note(values: &IncompleteValues) -> String {
    let settings: Vec<String> =
        values.settings.iter().take(MAX_NAMED).map(|path| format!("`{path}`")).collect();
    let more = if values.settings.len() > MAX_NAMED { ", …" } else { "" };
    format!(
        "`{}` was checked and not rendered: it leaves {}{more} to its users",
        values.name,
        settings.join(", ")
    )
}

/// Settings in a note.
const MAX_NAMED: usize = 4;
