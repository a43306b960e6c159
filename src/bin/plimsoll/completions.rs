//! `plimsoll completions`: a completion script for a shell.

use std::process::ExitCode;

use anyhow::Result;

use crate::args::{self, CompletionsArgs};
use crate::terminal;

pub fn run(args: &CompletionsArgs) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "plimsoll", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
