//! How a run answers: the flags that say in which formats and colours, the findings that it writes, and the exit code.
//!
//! Findings go to standard error and into the files of `--format FORMAT=FILE`. Standard output belongs to manifests and
//! answers, so what is piped into `kubectl apply` is either complete or empty. The answer of `lint` is its findings.
//!
//! ```text
//!                          ┌─► standard error (of `lint`, standard output), in the format of the `--format`
//!                          │   without a file, or for people
//! Session ─► its findings ─┤
//!                          └─► a file for each `--format FORMAT=FILE`
//! Outcome ─► no error ─► the command's answer ─► standard output, or the output folder
//!         └► errors   ─► exit code 1 or 2, and no answer
//! ```

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Error, Result, bail};
use clap::{Args, ValueEnum};
use plimsoll::diagnostic::{Code, Diagnostic, Label, Level};
use plimsoll::formats::{Detail, Format, Style, Summary, count_findings, write as formatted};
use plimsoll::limits::{Limits, Raised};
use plimsoll::session::{Outcome, Session};
use plimsoll::source::SourceKind;

use crate::output_folder;
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
    let Ok(result) = outcome else {
        refuse_warnings(session, options);
        write(session, options)?;
        return Ok(exit_code(session));
    };
    refuse_warnings(session, options);
    // A result beside errors must not be used: some stages go on after an error, to find more of them.
    if session.errors() > 0 {
        write(session, options)?;
        return Ok(exit_code(session));
    }
    let shown = without_unwanted(session, options);
    // Files first: if one cannot be written, nothing may be on standard output.
    write_to_files(session, shown)?;
    let before = session.findings();
    // And the stream of findings last: that the answer fails is a finding too.
    match answer(result) {
        Ok(code) => {
            if session.findings() > before {
                return write(session, options).map(|()| code);
            }
            match (write_to_stream(session, shown), options.stream) {
                // The answer was given: warnings that nobody can be told of do not take it back.
                (Ok(()), _) | (Err(_), Stream::Stderr) => Ok(code),
                (Err(error), Stream::Stdout) => Err(error),
            }
        }
        Err(error) if terminal::is_broken_pipe(&error) => {
            write_to_stream(session, shown)?;
            Err(error)
        }
        Err(error) => write_with_failure(session, options, &error),
    }
}

/// Writes the findings, and that the work could not be done.
fn write_with_failure(session: &Session, options: OutputOptions, error: &Error) -> Result<ExitCode> {
    if options.is_for_people() {
        // In its own words: it is about the system, and there is no place to show.
        write_to_stream(session, without_unwanted(session, options))?;
        terminal::print_error(&format!("{error:#}"));
        session.report(failure(error));
    } else {
        session.report(failure(error));
        write_to_stream(session, without_unwanted(session, options))?;
    }
    write_to_files(session, options)?;
    Ok(ExitCode::from(2))
}

/// The finding about work that could not be done.
pub fn failure(error: &Error) -> Diagnostic {
    Diagnostic::error(Code::E005, format!("{error:#}"))
        .help("correct what the message names, and run the same command again")
}

/// Reports a failure of a command that has not written its findings: for programs in the format that was asked for, so that
/// no report without errors is left, and none of an earlier run.
pub fn report_failure(options: OutputOptions, error: &Error) {
    let session = options.session();
    session.report(failure(error));
    if options.is_for_people() || write_to_stream(&session, options).is_err() {
        terminal::print_error(&format!("{error:#}"));
    }
    // What cannot be written may be this failure itself.
    let _ = write_to_files(&session, options);
}

/// The finding about a file that an index lists and that was left alone.
pub fn left_alone(path: &Path) -> Diagnostic {
    let message = format!("`{}` is no longer rendered, and was left alone", path.display());
    let note = "it is not what was written there, or a link leads to it";
    Diagnostic::warning(Code::E006, message).note(note).help("look at it, and remove it if it is not needed")
}

/// Writes the findings, and nothing else: of a command that has no answer, or that failed.
pub fn finish_without_answer(session: &Session, options: OutputOptions) -> Result<ExitCode> {
    finish(session, options, Ok(()), |()| Ok(()))
}

/// Says at the end of a run that went well what was done, where standard output says nothing: to people alone, and not with
/// `--quiet`.
pub fn note_end(options: OutputOptions, message: Option<String>) {
    if let Some(message) = message.filter(|_| options.is_for_people() && !options.quiet) {
        terminal::print_note(&message);
    }
}

/// Reports that there are more warnings than `--max-warnings` lets pass: L003.
pub fn refuse_warnings(session: &Session, options: OutputOptions) {
    let Some(most) = options.max_warnings else { return };
    let warnings = count_findings(session).warnings;
    if warnings > most {
        let message = format!("more warnings than `--max-warnings {most}` lets pass: {warnings}");
        let help = "correct some, or give them another level in `plimsoll.yaml`";
        session.report(Diagnostic::error(Code::L003, message).help(help));
    }
}

/// Drops the warnings if they are not to be shown. How many these were.
pub fn drop_unwanted(session: &Session, options: OutputOptions) -> usize {
    if options.answers_question {
        // What a bundled chart's own files cause stands on the page of the chart.
        let is_bundled =
            |label: &Label| session.source(session.resolve(label.span).source).kind == SourceKind::Bundled;
        session.reword_since(0, |finding| {
            let is_known = finding.level == Level::Warning && finding.labels.iter().all(is_bundled);
            (!is_known || finding.labels.is_empty()).then_some(finding)
        });
    }
    if !options.quiet {
        return 0;
    }
    let hidden = count_findings(session).warnings;
    session.reword_since(0, |finding| (finding.level == Level::Error).then_some(finding));
    hidden
}

/// The options with how many warnings were dropped, as they are not to be shown.
fn without_unwanted<'o>(session: &Session, options: OutputOptions<'o>) -> OutputOptions<'o> {
    let hidden_warnings = drop_unwanted(session, options);
    let hidden_warnings = hidden_warnings.max(options.detail.hidden_warnings);
    OutputOptions { detail: Detail { hidden_warnings, ..options.detail }, ..options }
}

/// Writes the findings to their stream and to the files that were asked for.
///
/// # Errors
/// A stream or a file that cannot be written.
pub fn write(session: &Session, options: OutputOptions) -> Result<()> {
    let options = without_unwanted(session, options);
    if options.is_for_people() {
        write_to_stream(session, options)?;
        return write_to_files(session, options);
    }
    // For programs, a file that cannot be written must not come after a report that says that all is well.
    write_to_files(session, options)?;
    write_to_stream(session, options)
}

/// Writes the findings to standard error, or to standard output where they are the answer.
pub fn write_to_stream(session: &Session, options: OutputOptions) -> Result<()> {
    let text = |style| formatted(session, options.stream_format(), style, options.detail, options.summary);
    match options.stream {
        Stream::Stderr => terminal::write_stderr(&text(options.stderr_style())),
        // Nobody reads on, as `head` does: the exit code still tells.
        Stream::Stdout => match terminal::print(&text(options.stdout_style())) {
            Err(error) if terminal::is_broken_pipe(&error) => Ok(()),
            printed => printed,
        },
    }
}

/// Writes the findings to the files that were asked for; also a run without findings writes them, so that none is left from
/// an earlier run.
pub fn write_to_files(session: &Session, options: OutputOptions) -> Result<()> {
    for report in options.reports {
        if let Some(file) = &report.file {
            let text = formatted(session, report.format, Style::Plain, options.detail, options.summary);
            // Replaced as a whole: a CI step that uploads the report never sees half of one.
            output_folder::replace_file(file, text.as_bytes())?;
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

/// A file that cannot be read, a chart or a preset that does not exist, a path that is nothing that can be linted, a name or
/// a folder that cannot be a new chart's: mistakes in the command rather than in a file, so a pipeline should not tell its user to correct values.
const UNREADABLE: &[Code] =
    &[Code::S001, Code::C001, Code::C003, Code::C008, Code::E008, Code::L001, Code::A009];

// No doc comment: clap would take it for the program's description.
#[derive(Debug, Args)]
pub struct GlobalArgs {
    /// Colour findings and answers; `auto` means on a terminal, unless NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,

    /// Write findings as human, short, json, sarif, github, gitlab or junit; with a file name, there as well; repeatable
    #[arg(long = "format", global = true, value_name = "FORMAT[=FILE]", value_parser = parse_report)]
    reports: Vec<Report>,

    /// Show only errors
    #[arg(short, long, global = true, help_heading = "Findings")]
    quiet: bool,

    /// Show how many findings there are of each kind, instead of the findings
    #[arg(long, global = true, help_heading = "Findings")]
    summary: bool,

    /// Fail if there are more warnings than this
    #[arg(long, global = true, value_name = "NUMBER", help_heading = "Findings")]
    max_warnings: Option<usize>,

    /// Raise a limit, as in `--limit output=256MiB`; `plimsoll explain limits` lists all of them; repeatable
    #[arg(long = "limit", global = true, value_name = "NAME=VALUE", value_delimiter = ',', value_parser = parse_limit)]
    limits: Vec<Raised>,
}

impl GlobalArgs {
    /// The flags as a command uses them.
    pub fn output_options(&self) -> OutputOptions<'_> {
        OutputOptions {
            reports: &self.reports,
            color: self.color,
            stream: Stream::Stderr,
            detail: Detail { counts_only: self.summary, hidden_warnings: 0 },
            quiet: self.quiet,
            answers_question: false,
            max_warnings: self.max_warnings,
            summary: &Summary::Findings { prevented: "rendered" },
            limits: Limits::default().with(&self.limits),
        }
    }
}

/// Where findings go that are not written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard error.
    Stderr,
    /// Standard output: the findings are what the command was asked for.
    Stdout,
}

/// When to colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// One `--format` flag.
#[derive(Clone, Debug)]
pub struct Report {
    /// The format of findings.
    pub format: Format,
    /// The file that they go to; a standard stream unless given.
    pub file: Option<PathBuf>,
}

fn parse_limit(text: &str) -> Result<Raised, String> {
    text.parse()
}

/// Parses `FORMAT` or `FORMAT=FILE`.
fn parse_report(text: &str) -> Result<Report, String> {
    // At the first `=`: names of files may have one, and names of formats have none.
    let (format, file) = match text.split_once('=') {
        Some((_, "")) => return Err("the name of the file is missing".to_owned()),
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    Ok(Report { format: format.parse()?, file })
}

/// How a command writes its findings and its answer. Small, and `Copy`, so that a command can change a part of it:
/// `OutputOptions { summary: &Summary::Findings { prevented: "compared" }, ..options }`.
#[derive(Clone, Copy, Debug)]
pub struct OutputOptions<'a> {
    /// Every `--format` flag.
    pub reports: &'a [Report],
    /// When to colour.
    pub color: Color,
    /// Where findings go.
    pub stream: Stream,
    /// How much of them people are shown.
    pub detail: Detail,
    /// Whether warnings are left out.
    pub quiet: bool,
    /// Whether the command answers a question about values, and makes nothing of them.
    pub answers_question: bool,
    /// More warnings than this are an error.
    pub max_warnings: Option<usize>,
    /// What findings for people end with: what was not done because of them.
    pub summary: &'a Summary,
    /// How much the run may read and make.
    pub limits: Limits,
}

impl OutputOptions<'_> {
    /// An empty session with the limits of the run.
    pub fn session(&self) -> Session {
        Session::with_limits(self.limits)
    }

    /// The format on the stream of findings: the one `--format` without a file, or the one for people.
    pub fn stream_format(&self) -> Format {
        // There is one at most: `refuse_conflicts` sees to that.
        let without_file = self.reports.iter().find(|report| report.file.is_none());
        without_file.map_or(Format::Human, |report| report.format)
    }

    /// Whether people read findings: then progress and notes may stand beside the findings.
    pub fn is_for_people(&self) -> bool {
        self.stream_format() == Format::Human
    }

    /// Whether programs read findings. Answers on standard output are JSON then, too.
    pub fn is_json(&self) -> bool {
        self.stream_format() == Format::Json
    }

    /// How findings on standard error look.
    pub fn stderr_style(&self) -> Style {
        style(self.color, terminal::stderr_shows_colors())
    }

    /// How an answer on standard output looks.
    pub fn stdout_style(&self) -> Style {
        style(self.color, terminal::stdout_shows_colors())
    }

    /// Refuses two formats for one destination: the second would overwrite the first, or be mixed with it.
    ///
    /// # Errors
    /// Two reports that go to the same file, or both to a stream.
    pub fn refuse_conflicts(&self) -> Result<()> {
        for (index, report) in self.reports.iter().enumerate() {
            let earlier = &self.reports[..index];
            // By name. Two names of one file are not found out: the file need not exist yet.
            if earlier.iter().all(|other| other.file != report.file) {
                continue;
            }
            match &report.file {
                Some(file) => bail!("two formats go to `{}`: name two files", file.display()),
                None => {
                    bail!("two formats go to one stream: name a file for one, as in `--format sarif=FILE`")
                }
            }
        }
        Ok(())
    }
}

fn style(color: Color, stream_shows_colors: bool) -> Style {
    let colored = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => stream_shows_colors,
    };
    if colored { Style::Color } else { Style::Plain }
}
