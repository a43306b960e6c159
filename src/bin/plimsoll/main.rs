//! The command line: reads the flags, runs one command, and says how it went by its exit code.

mod args;
mod charts;
mod check;
mod completions;
mod config;
mod customers;
mod diff;
mod docs;
mod each;
mod explain;
mod helm;
mod lint;
mod man;
mod output;
mod render;
mod schema;
mod secrets;
mod sets;
mod terminal;
mod values;

use std::process::ExitCode;

use anyhow::Result;
use args::{Cli, Command};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        terminal::report_bug(panic.location());
        // On whatever thread it was: what that thread was to find out is missing.
        std::process::exit(101);
    }));
    let cli = args::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) if terminal::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode> {
    let voice = cli.voice();
    voice.agree()?;
    match &cli.command {
        Command::Render(args) => render::run(args, voice),
        Command::Diff(args) => diff::run(args, voice),
        Command::Values(args) => values::run(args, voice),
        Command::Lint(args) => lint::run(args, voice),
        Command::Schema(args) => schema::run(args, voice),
        Command::Secrets(args) => secrets::run(args, voice),
        Command::Charts => charts::run(voice),
        Command::Explain(args) => explain::run(args, voice),
        Command::Docs(args) => docs::run(args, voice),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}
