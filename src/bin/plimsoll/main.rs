//! The program `plimsoll`: reads the command line, runs one command, and says by its exit code how it went.
//!
//! ```text
//! main ─► cli (flags) ─► commands::… ─► library ─► output (standard error, exit code)
//!                                            └─► terminal (standard output), output_folder
//! ```
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | all is well; warnings do not count |
//! | 1 | the input has errors, or a comparison (`diff`, `--check`) found a difference: somebody has to change a file |
//! | 2 | the tool could not do its work: wrong usage, a path that cannot be read, a full disk |
//! | 101 | a bug of ours: a panic |
//!
//! 1 and 2 differ so that a pipeline can tell "the values are wrong" from "nothing was checked", as with `grep` and
//! `diff`.

mod args;
mod cli;
mod commands;
mod completion;
mod helm_flags;
mod on_demand;
mod output;
mod output_folder;
mod set_flags;
mod terminal;
mod topics;

use std::process::ExitCode;

use anyhow::Result;
use cli::Cli;
use mimalloc::MiMalloc;

/// A render makes and drops small pieces on several threads: a seventh of the instructions of `render --each` went to
/// the allocator of the system.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Instead of the hook of the standard library, which prints the panic's message: that may quote a value.
    std::panic::set_hook(Box::new(|panic| {
        terminal::print_panic(panic.location());
        // On whichever thread: an answer that lacks the work of one thread would be wrong without a word.
        std::process::exit(101);
    }));
    if let Some(answered) = completion::answer(cli::definition) {
        return answered.unwrap_or(ExitCode::from(2));
    }
    let cli = cli::parse();
    // Without a place of its own for each format, no report can be written.
    if let Err(error) = cli.global.output_options().refuse_conflicts() {
        terminal::print_error(&format!("{error:#}"));
        return ExitCode::from(2);
    }
    match run(&cli) {
        Ok(code) => code,
        // Rust ignores SIGPIPE, so a reader that goes away is seen as an error of a write and does not end the process.
        Err(error) if terminal::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::report_failure(cli.global.output_options(), &error);
            ExitCode::from(2)
        }
    }
}

/// Runs the command that was asked for.
///
/// # Errors
/// What no finding describes, such as a full disk. What a finding describes is written by the command, and is in the
/// exit code.
fn run(cli: &Cli) -> Result<ExitCode> {
    let options = cli.global.output_options();
    cli.command.run(options, cli::definition)
}
