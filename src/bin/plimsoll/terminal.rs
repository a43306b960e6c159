//! Standard output and standard error: what goes where, in which colours, and what a run's end means.

use std::fmt::Display;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Error, Result, bail};
use plimsoll::diagnostic::{Closing, Code, Format, Level, Style, github_command, write};
use plimsoll::diff::{self, ObjectChange};
use plimsoll::limits::Limits;
use plimsoll::session::{Outcome, Session};

use crate::args::{Color, Report};
use crate::check::{self as stale, Stale};
use crate::output;

/// How findings are said.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    pub reports: &'a [Report],
    pub color: Color,
    pub closing: &'a Closing,
    /// How much the run may read and make.
    pub limits: Limits,
}

impl Voice<'_> {
    /// An empty session with the limits of the run.
    pub fn session(&self) -> Session {
        Session::with_limits(self.limits)
    }

    /// The format for standard error: one that was asked for without a file, or for people.
    fn spoken(&self) -> Format {
        let asked = self.reports.iter().find(|report| report.file.is_none());
        asked.map_or(Format::Human, |report| report.format)
    }

    /// Whether people read what is said on standard error.
    pub fn is_for_people(&self) -> bool {
        self.spoken() == Format::Human
    }

    /// Refuses two formats for one place.
    pub fn agree(&self) -> Result<()> {
        for (index, report) in self.reports.iter().enumerate() {
            if self.reports[..index].iter().any(|other| other.file == report.file) {
                match &report.file {
                    Some(file) => bail!("two formats go to `{}`: name two files", file.display()),
                    None => bail!(
                        "two formats go to standard error: name a file for one, as in `--format sarif=FILE`"
                    ),
                }
            }
        }
        Ok(())
    }
}

impl Voice<'_> {
    /// Whether answers are for programs, as findings are.
    pub fn is_json(&self) -> bool {
        self.spoken() == Format::Json
    }

    /// Differences in the form that findings have.
    pub fn differences(&self, changes: &[ObjectChange]) -> String {
        match self.spoken() {
            Format::Json => diff::write_json(changes),
            Format::Short => diff::write_short(changes),
            Format::Github => {
                let notices = diff::annotations(changes);
                notices.iter().map(|(title, text)| github_command("notice", None, title, text)).collect()
            }
            _ => diff::write_human(changes, style_on(self.color, &std::io::stdout())),
        }
    }

    /// Files that are not as they would be written, in the form that findings have.
    pub fn staleness(&self, stale: &[&Stale]) -> String {
        match self.spoken() {
            Format::Json => stale::write_json(stale),
            Format::Short => stale::write_short(stale),
            Format::Github => stale::write_github(stale),
            _ => stale::write_human(stale, style_on(self.color, &std::io::stdout())),
        }
    }
}

/// Prints a text of a run that went well; nothing else ever reaches standard output.
pub fn print(text: &str) -> Result<()> {
    print_all([text])
}

/// Writes pieces of text to standard output, many of them at a time.
pub fn print_all(pieces: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, std::io::stdout().lock());
    let mut pieces = pieces.into_iter();
    let written = pieces.try_for_each(|piece| out.write_all(piece.as_ref().as_bytes()));
    written.and_then(|()| out.flush()).context("cannot write to standard output")
}

/// Bytes that are written at a time.
const BUFFER: usize = 64 << 10;

/// Says what was found, and goes on with the result if there is one; otherwise the exit code is what the findings mean.
pub fn conclude<T>(
    session: &Session,
    voice: Voice,
    outcome: Outcome<T>,
    finish: impl FnOnce(T) -> Result<()>,
) -> Result<ExitCode> {
    conclude_with(session, voice, outcome, |result| finish(result).map(|()| ExitCode::SUCCESS))
}

/// As [`conclude`], for a command whose result decides the exit code.
pub fn conclude_with<T>(
    session: &Session,
    voice: Voice,
    outcome: Outcome<T>,
    finish: impl FnOnce(T) -> Result<ExitCode>,
) -> Result<ExitCode> {
    say(session, voice)?;
    match outcome {
        Ok(result) if session.errors() == 0 => finish(result),
        _ => Ok(exit_code(session)),
    }
}

/// Says what was found, on standard error and in the files that were asked for.
pub fn say(session: &Session, voice: Voice) -> Result<()> {
    speak(session, voice)?;
    file(session, voice)
}

/// Says what was found on standard error.
pub fn speak(session: &Session, voice: Voice) -> Result<()> {
    tell(&write(session, voice.spoken(), style(voice.color), voice.closing))
}

/// Writes what was found into the files that were asked for.
pub fn file(session: &Session, voice: Voice) -> Result<()> {
    for report in voice.reports {
        if let Some(file) = &report.file {
            let text = write(session, report.format, Style::Plain, voice.closing);
            output::replace(file, &text)?;
        }
    }
    Ok(())
}

/// Says something on standard error.
pub fn tell(text: &str) -> Result<()> {
    match std::io::stderr().lock().write_all(text.as_bytes()) {
        // Nobody listens: the exit code still tells.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard error"),
    }
}

/// What could not be read at all is no finding about the input: the tool could not do its work.
pub fn exit_code(session: &Session) -> ExitCode {
    let unreadable = [Code::S001, Code::C001, Code::C003, Code::L001];
    let failed = session
        .diagnostics()
        .iter()
        .any(|finding| finding.level == Level::Error && unreadable.contains(&finding.code));
    ExitCode::from(if failed { 2 } else { 1 })
}

/// Whether somebody looks at standard error, and can see it change.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal() && !is_dumb()
}

/// How findings for people look.
pub fn style(color: Color) -> Style {
    style_on(color, &std::io::stderr())
}

fn style_on(color: Color, stream: &impl IsTerminal) -> Style {
    let colored = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => stream.is_terminal() && !is_set("NO_COLOR") && !is_dumb(),
    };
    if colored { Style::Color } else { Style::Plain }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
}

/// Says why the tool could not do its work.
pub fn complain(message: &str) {
    let message = plimsoll::diagnostic::escaped(message);
    // Nothing is left to be done when even standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "error: {message}");
}

/// A panic is a bug of ours. Its text may hold values, so only the place is shown.
pub fn report_bug(place: Option<&impl Display>) {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let message = format!(
        "plimsoll has a bug: it stopped at {place}\nplease report it with the command that you ran; nothing was rendered"
    );
    let _ = writeln!(std::io::stderr().lock(), "error: {message}");
}

/// Whether the reader of standard output went away, as `head` does: no reason to complain.
pub fn is_closed_pipe(error: &Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.any(|error| error.kind() == ErrorKind::BrokenPipe)
}
