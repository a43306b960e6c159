//! The flags that every command has: in which formats and colours it answers, and how much it may read.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use plimsoll::formats::{Format, Style, Summary};
use plimsoll::limits::{Limits, Raised};
use plimsoll::session::Session;

use crate::terminal;

// No doc comment: clap would take it for the program's description.
#[derive(Debug, Args)]
pub struct GlobalArgs {
    /// Colour findings on standard error; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,

    /// Write findings as human, short, json, sarif, github, gitlab or junit; with a file name, there as well; repeatable
    #[arg(long = "format", global = true, value_name = "FORMAT[=FILE]", value_parser = parse_report)]
    reports: Vec<Report>,

    /// Let more through than usual, as in `--limit output=256MiB`; docs/limits.md has all names; repeatable
    #[arg(long = "limit", global = true, value_name = "NAME=VALUE", value_delimiter = ',', value_parser = parse_limit)]
    limits: Vec<Raised>,
}

impl GlobalArgs {
    /// The flags as a command uses them.
    pub fn output_options(&self) -> OutputOptions<'_> {
        OutputOptions {
            reports: &self.reports,
            color: self.color,
            summary: &Summary::Findings { prevented: "rendered" },
            limits: Limits::default().with(&self.limits),
        }
    }
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
    /// The file that they go to; standard error unless given.
    pub file: Option<PathBuf>,
}

fn parse_limit(text: &str) -> Result<Raised, String> {
    text.parse()
}

/// Parses `FORMAT` or `FORMAT=FILE`.
fn parse_report(text: &str) -> Result<Report, String> {
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

    /// The format on standard error: the one `--format` without a file, or the one for people.
    pub fn stderr_format(&self) -> Format {
        let without_file = self.reports.iter().find(|report| report.file.is_none());
        without_file.map_or(Format::Human, |report| report.format)
    }

    /// Whether people read standard error: then progress and notes may stand beside the findings.
    pub fn is_for_people(&self) -> bool {
        self.stderr_format() == Format::Human
    }

    /// Whether programs read standard error. Answers on standard output are JSON then, too.
    pub fn is_json(&self) -> bool {
        self.stderr_format() == Format::Json
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
    /// Two reports that go to the same file, or both to standard error.
    pub fn refuse_conflicts(&self) -> Result<()> {
        for (index, report) in self.reports.iter().enumerate() {
            let earlier = &self.reports[..index];
            if earlier.iter().all(|other| other.file != report.file) {
                continue;
            }
            match &report.file {
                Some(file) => bail!("two formats go to `{}`: name two files", file.display()),
                None => bail!(
                    "two formats go to standard error: name a file for one, as in `--format sarif=FILE`"
                ),
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
