//! `plimsoll diff`: what differs between two charts, revisions, sets of values or folders of manifests.

mod args;
mod git;
mod side;

use std::process::ExitCode;

use anyhow::Result;
use plimsoll::diff::{self, ObjectChange};
use plimsoll::session::{Outcome, Session};

pub use args::DiffArgs;

use crate::terminal::{self, Voice};

/// Exit code 0 says that nothing differs, 1 that something does, 2 that there was trouble.
pub fn run(args: &DiffArgs, voice: Voice) -> Result<ExitCode> {
    let session = voice.session();
    let found = compare(&session, args)?;
    let trouble = found.is_err() || session.errors() > 0;
    let code = terminal::conclude_with(&session, voice, found, |changes| {
        terminal::print(&voice.differences(&changes))?;
        Ok(ExitCode::from(u8::from(!changes.is_empty())))
    });
    if trouble { code.map(|_| ExitCode::from(2)) } else { code }
}

fn compare(session: &Session, args: &DiffArgs) -> Result<Outcome<Vec<ObjectChange>>> {
    let (old, new) = args.requests(session.limits())?;
    let old = side::find(&args.old, old, session.limits())?.read(session)?;
    let new = side::find(&args.new, new, session.limits())?.read(session)?;
    // Both sides are read before either is given up, so that all errors are reported at once.
    Ok(old.and_then(|old| Ok((old, new?))).and_then(|(mut old, mut new)| {
        let api = side::api(session, args.crd_folders(), [&old, &new])?;
        side::agree_on_namespace(&api, args.namespace(), [&mut old, &mut new]);
        side::refuse_duplicates(session, [&old, &new])?;
        Ok(diff::compare(session, &api, &old.documents, &new.documents))
    }))
}
