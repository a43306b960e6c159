//! How a run ends: its findings are written, and they decide the exit code.
//!
//! Findings go to standard error and into the files of `--format FORMAT=FILE`, never to standard output. That belongs to
//! manifests and answers, so what is piped into `kubectl apply` is either complete or empty.

use std::process::ExitCode;

use anyhow::Result;
use plimsoll::diagnostic::{Code, Level};
use plimsoll::formats::{Style, write as formatted};
use plimsoll::session::{Outcome, Session};

use crate::output_folder;
use crate::output_options::OutputOptions;
use crate::terminal;

/// Writes the findings. If there is a result and no error, hands it to `answer`, which may print or write files; otherwise
/// the findings decide the exit code.
pub fn finish<T>(
    session: &Session,
    options: OutputOptions,
    outcome: Outcome<T>,
    answer: impl FnOnce(T) -> Result<()>,
) -> Result<ExitCode> {
    finish_with_code(session, options, outcome, |result| answer(result).map(|()| ExitCode::SUCCESS))
}

/// As [`finish`], for a command whose answer decides the exit code: `diff` ends with 1 where something differs.
pub fn finish_with_code<T>(
    session: &Session,
    options: OutputOptions,
    outcome: Outcome<T>,
    answer: impl FnOnce(T) -> Result<ExitCode>,
) -> Result<ExitCode> {
    write(session, options)?;
    match outcome {
        // A result beside errors must not be used: some stages go on after an error, to find more of them.
        Ok(result) if session.errors() == 0 => answer(result),
        _ => Ok(exit_code(session)),
    }
}

/// Writes the findings, and nothing else: of a command that has no answer, or that failed.
pub fn finish_without_answer(session: &Session, options: OutputOptions) -> Result<ExitCode> {
    finish(session, options, Ok(()), |()| Ok(()))
}

/// Writes the findings to standard error and to the files that were asked for.
pub fn write(session: &Session, options: OutputOptions) -> Result<()> {
    write_to_stderr(session, options)?;
    write_to_files(session, options)
}

/// Writes the findings to standard error.
pub fn write_to_stderr(session: &Session, options: OutputOptions) -> Result<()> {
    let text = formatted(session, options.stderr_format(), options.stderr_style(), options.summary);
    terminal::write_stderr(&text)
}

/// Writes the findings to the files that were asked for; also a run without findings writes them, so that none is left from
/// an earlier run.
pub fn write_to_files(session: &Session, options: OutputOptions) -> Result<()> {
    for report in options.reports {
        if let Some(file) = &report.file {
            let text = formatted(session, report.format, Style::Plain, options.summary);
            output_folder::replace_file(file, &text)?;
        }
    }
    Ok(())
}

/// The exit code of a run that reported an error. Where something that the command names is not there or cannot be
/// read, nothing can be said about the input, and the code is 2.
pub fn exit_code(session: &Session) -> ExitCode {
    let findings = session.diagnostics();
    let unreadable =
        findings.iter().any(|finding| finding.level == Level::Error && UNREADABLE.contains(&finding.code));
    ExitCode::from(if unreadable { 2 } else { 1 })
}

/// A file that cannot be read, a chart or a preset that does not exist, a path that is nothing that can be linted.
const UNREADABLE: &[Code] = &[Code::S001, Code::C001, Code::C003, Code::L001];
