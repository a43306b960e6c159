//! The process's standard streams: buffered standard output, unbuffered standard error, and whether they show colours.
//!
//! | stream | gets | when its reader is gone |
//! |---|---|---|
//! | standard output | manifests and answers, in one go at the end | the run ends as a success: the reader has what it wanted |
//! | standard error | findings, notes, the progress bar | nothing: the exit code still tells |
//!
//! No command writes to either by itself: `println!`, which lints refuse, panics when standard output is closed.

use std::fmt::Display;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};

use anyhow::{Context, Error, Result};

/// Prints a text to standard output. Call it only after a run went well: nothing else may ever reach standard output.
pub fn print(text: &str) -> Result<()> {
    print_all([text])
}

/// Prints pieces of text to standard output without joining them first.
///
/// # Errors
/// A full disk, or a pipe that nobody reads any more ([`is_broken_pipe`]).
pub fn print_all(pieces: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
    // The standard library flushes standard output at every line break, which costs a system call a line.
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, std::io::stdout().lock());
    let mut pieces = pieces.into_iter();
    let written = pieces.try_for_each(|piece| out.write_all(piece.as_ref().as_bytes()));
    // A `BufWriter` that is dropped swallows the error of its last write, so it is flushed by hand.
    written.and_then(|()| out.flush()).context("cannot write to standard output")
}

/// Bytes that are written at a time: what a pipe of Linux holds by default (`pipe(7)`), so a larger buffer would save
/// no call.
const BUFFER_BYTES: usize = 64 << 10;

/// Writes a text to standard error.
pub fn write_stderr(text: &str) -> Result<()> {
    match std::io::stderr().lock().write_all(text.as_bytes()) {
        // Nobody reads it: the exit code still tells.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard error"),
    }
}

/// Says why the tool could not do its work. Control characters are escaped, as the message may repeat file names and
/// arguments.
pub fn print_error(message: &str) {
    let message = shown(message);
    // Nothing is left to be done when even standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "error: {message}");
}

/// Says on standard error what is no finding, and worth to know.
pub fn print_note(message: &str) {
    let message = shown(message);
    let _ = writeln!(std::io::stderr().lock(), "note: {message}");
}

/// A message as it may be shown: an argument in it may have control characters, or a password.
fn shown(message: &str) -> String {
    plimsoll::source::escaped(&plimsoll::secrets::shown_sentence(message))
}

/// Says where a panic happened. The panic's own message may hold values, and so secrets: it is not shown.
pub fn print_panic(location: Option<&impl Display>) {
    let location = location.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let message = format!(
        "plimsoll has a bug: it stopped at {location}\nplease report it with the command that you ran; nothing was rendered"
    );
    // By no means `eprintln!`: it panics where standard error is closed, and a panic within the hook aborts the
    // process.
    let _ = writeln!(std::io::stderr().lock(), "error: {message}");
}

/// Whether an error is that the reader of standard output went away, as `head` does. That is no failure: the reader has
/// what it wanted.
pub fn is_broken_pipe(error: &Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.any(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Whether standard error is a terminal on which a progress bar can be redrawn.
pub fn is_stderr_interactive() -> bool {
    std::io::stderr().is_terminal() && !is_dumb_terminal()
}

/// Whether `--color auto` colours standard error.
pub fn stderr_shows_colors() -> bool {
    shows_colors(&std::io::stderr())
}

/// Whether `--color auto` colours standard output.
pub fn stdout_shows_colors() -> bool {
    shows_colors(&std::io::stdout())
}

/// What the environment says about colours, from the strongest: the conventions of no-color.org, force-color.org and
/// bixense.com/clicolors. An empty variable counts as not set.
///
/// | variable | colours |
/// |---|---|
/// | `NO_COLOR` | never |
/// | `FORCE_COLOR`, `CLICOLOR_FORCE`, unless `0` | always, also where nothing is a terminal: CI systems that show them set it |
/// | `CLICOLOR=0`, `TERM=dumb` | never |
/// | none | on a terminal |
fn shows_colors(stream: &impl IsTerminal) -> bool {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let is_forced = |name| variable(name).is_some_and(|value| value != "0" && value != "false");
    if variable("NO_COLOR").is_some() {
        return false;
    }
    if is_forced("FORCE_COLOR") || is_forced("CLICOLOR_FORCE") {
        return true;
    }
    stream.is_terminal() && variable("CLICOLOR").is_none_or(|value| value != "0") && !is_dumb_terminal()
}

/// Whether the terminal can only print, such as Emacs' shell: it would show escape sequences as text.
fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
}
