//! `plimsoll man`: manual pages.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::args::{self, ManArgs};
use crate::terminal;

pub fn run(args: &ManArgs) -> Result<ExitCode> {
    let mut program = args::command();
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(found) => found.clone(),
            None => bail!("there is no command `{name}`; `plimsoll --help` lists them"),
        },
    };
    let title = command.get_display_name().unwrap_or("plimsoll").to_owned();
    let mut page = Vec::new();
    clap_mangen::Man::new(command).title(title).render(&mut page)?;
    terminal::print(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}
