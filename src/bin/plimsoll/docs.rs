//! `plimsoll docs`: the reference of a chart's values, printed, written between the markers of a page, or checked there.

use std::process::ExitCode;

use anyhow::Result;

use crate::args::DocsArgs;
use crate::terminal::Voice;

pub fn run(_args: &DocsArgs, _voice: Voice) -> Result<ExitCode> {
    anyhow::bail!("not yet")
}
