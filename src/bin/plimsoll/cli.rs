//! The command line as a whole: the global flags, the version, and what is said of wrong usage.
//!
//! clap parses it from the types of `args.rs` and `commands/`, whose doc comments are the help. Only two things are
//! done by hand: flags of Helm are refused with what to do instead (`helm_flags`), and messages that repeat control
//! characters are escaped.

use std::sync::LazyLock;

use clap::{CommandFactory, FromArgMatches, Parser};
use plimsoll::kube::Versions;
use plimsoll::source::{command_marks, is_unprintable};

use crate::commands::Command;
use crate::helm_flags;
use crate::output::GlobalArgs;
use crate::terminal;

/// Renders Kubernetes manifests from layered values, and proves them right before they leave the machine.
///
/// Standard output is empty unless every document passed every check, so
/// `plimsoll render skyflo -f values.yaml | kubectl apply -f -` applies all or nothing.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", max_term_width = 100, after_help = EXIT_CODES, subcommand_required = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    #[command(flatten)]
    pub global: GlobalArgs,
}

const EXIT_CODES: &str =
    "Exit codes: 0 all is well; 1 the input has errors; 2 the tool could not do its work.";

/// Parses the command line; wrong usage (exit code 2), `--help` and `--version` end the process here. It is the only place besides
/// the panic hook that does: everything else returns an exit code, so that files are closed and folders cleaned up.
pub fn parse() -> Cli {
    let mut command = definition();
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => exit_with_usage(error, &mut command),
    }
}

/// Says what is wrong with the arguments, or prints the help that they asked for, and ends the process.
fn exit_with_usage(error: clap::Error, command: &mut clap::Command) -> ! {
    if let Some(message) = helm_flags::explain(&error) {
        terminal::print_error(&message);
        std::process::exit(2);
    }
    let error = error.format(command);
    let text = error.render().to_string();
    // clap repeats arguments as they are. One with control characters could move the cursor or change colours, so then
    // the whole message goes on one line, in which they are escaped.
    if text.lines().any(|line| line.contains(is_unprintable) || !command_marks(line).is_empty()) {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        terminal::print_error(lines.join("; ").trim_start_matches("error: "));
        std::process::exit(2);
    }
    error.exit()
}

/// The command line as clap knows it, from which completions and manual pages are generated.
pub fn definition() -> clap::Command {
    // Each command has the global flags itself: see `on_demand.rs`.
    Cli::command().mut_args(|argument| argument.global(false)).version(VERSION.as_str())
}

/// The version of the program, and on a second line the versions of Kubernetes that it knows.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let minors: Vec<String> = Versions::KNOWN.iter().map(|minor| format!("1.{minor}")).collect();
    let newest = Versions::default();
    format!("{}\nKubernetes {} (default {newest})", env!("CARGO_PKG_VERSION"), minors.join(", "))
});
