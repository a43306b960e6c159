//! `plimsoll completions` and `plimsoll man`: what is generated from the definition of the command line.
//!
//! Both are printed by the program itself and not shipped beside it, so they always fit the version that is installed,
//! and `cargo install`, which copies nothing but the program, is enough: `plimsoll completions bash > …`, `plimsoll man
//! render | man -l -`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Command};

use crate::completion;
use crate::terminal;

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command whose page is printed; by default that of the program
    pub command: Option<String>,
}

/// Prints a completion script.
pub fn completions(args: &CompletionsArgs) -> Result<ExitCode> {
    completion::print_script(args.shell)
}

/// Prints a manual page in roff. `cli` is the whole command line.
///
/// # Errors
/// A command that does not exist.
pub fn man(args: &ManArgs, mut cli: Command) -> Result<ExitCode> {
    // Gives subcommands their full names, such as `plimsoll-render`, and the global flags.
    cli.build();
    let command = match &args.command {
        None => cli,
        Some(name) => match cli.find_subcommand(name) {
            Some(found) => found.clone(),
            None => bail!("there is no command `{name}`; `plimsoll --help` lists them"),
        },
    };
    let title = command.get_display_name().unwrap_or("plimsoll").to_owned();
    let mut page = Vec::new();
    // Named in the heading by the version alone: what it says besides is for `--version`. Without a date, which would differ
    // from build to build.
    let version = concat!("plimsoll ", env!("CARGO_PKG_VERSION"));
    let page_of =
        clap_mangen::Man::new(command).title(title.to_uppercase()).source(version).manual("Plimsoll Manual");
    page_of.render(&mut page)?;
    terminal::print(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}
