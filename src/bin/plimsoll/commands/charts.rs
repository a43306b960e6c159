//! `plimsoll charts` and `plimsoll schema`: which charts are bundled, and what values one takes.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use plimsoll::chart::{self, Chart};
use plimsoll::config::Level;
use plimsoll::diagnostic::CODES;
use plimsoll::formats::visible_json;
use plimsoll::kube::Versions;
use plimsoll::pipeline;
use plimsoll::request::{HelmOptions, Request};
use plimsoll::rules::{GROUPS, RULES};
use plimsoll::schema::{editor_text, for_editors};
use plimsoll::secrets::{self, ValueMask};
use plimsoll::session::Outcome;
use plimsoll::source::escaped;
use plimsoll::yaml::{from_node, parse_one};

use crate::args::parse_versions;
use crate::output::{self, OutputOptions};
use crate::terminal;

/// No arguments: all bundled charts are listed.
#[derive(Debug, Args)]
pub struct ChartsArgs {}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The name of a bundled chart, or a chart's folder or archive
    pub chart: String,

    /// Make one from the chart's default values, their comments, and what its templates read; says what is a guess
    #[arg(long)]
    pub infer: bool,

    /// With --infer, a file of values that the schema must accept too; repeatable
    #[arg(short = 'f', long, value_name = "FILE", requires = "infer")]
    pub values: Vec<PathBuf>,

    /// The Kubernetes version whose types `kubernetes#/…` means, or a range
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = parse_versions)]
    pub kube_version: Versions,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those whose code, name or title contains this text, or that are of this group: rules, references, contradictions,
    /// practice, versions, kubernetes [example: secret]
    pub text: Option<String>,
}

/// Prints a line for each code: the code, for a rule its level and its name, and what it is about.
///
/// # Errors
/// A text that no code has.
pub fn list_codes(args: &ListArgs) -> Result<ExitCode> {
    let wanted = args.text.as_deref().unwrap_or_default().to_lowercase();
    let wanted = if wanted == "rules" { "all".to_owned() } else { wanted };
    let group = GROUPS.iter().find(|(group, _)| *group == wanted).map(|(_, first)| *first);
    let mut text = String::new();
    for code in CODES {
        let rule = RULES.iter().find(|rule| rule.code == *code);
        let (level, name) = rule.map_or(("", ""), |rule| (level_name(rule.level), rule.name));
        let line = format!("{}  {level:5}  {name:32}  {}", code.id, code.title);
        // Codes that were rules are no rules of a group.
        let is_wanted = match group {
            Some(first) => code.id.starts_with(first) && (rule.is_some() || first == "K"),
            None => line.to_lowercase().contains(&wanted),
        };
        if is_wanted {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    if text.is_empty() {
        bail!("no code has `{wanted}` in its name or title");
    }
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Deny => "deny",
    }
}

/// Prints a table of the bundled charts with their versions and presets, one line a chart.
pub fn list(options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    let charts: Outcome<Vec<Chart>> =
        chart::bundled().map(|bundled| chart::open(&session, bundled.name)).collect();
    output::finish(&session, options, charts, |charts| terminal::print(&table(&charts)))
}

fn table(charts: &[Chart]) -> String {
    // Only the name varies in length by much; a version fits into seven characters, and the presets come last.
    let width = charts.iter().map(|chart| chart.name.len()).max().unwrap_or(0).max("NAME".len());
    let mut text = format!("{:width$}  VERSION  PRESETS\n", "NAME");
    for chart in charts {
        let presets: Vec<&str> = chart.presets.keys().map(String::as_str).collect();
        // Writing into a string cannot fail.
        let _ =
            writeln!(text, "{:width$}  {:7}  {}", chart.name, chart.version, escaped(&presets.join(", ")));
    }
    text
}

/// Prints the schema of a chart's values for editors: with the types that it refers to, with defaults and titles. That of a
/// Helm chart is printed as the chart has it. Only what a terminal would act on is escaped, as JSON allows.
///
/// # Errors
/// A chart without a schema, or with one that is wrong (C004).
pub fn schema(args: &SchemaArgs, options: OutputOptions) -> Result<ExitCode> {
    let session = options.session();
    if args.infer {
        let helm = HelmOptions { may_lack_dependencies: true, ..HelmOptions::default() };
        let request = Request { chart: args.chart.clone(), helm, ..Request::default() };
        let inferred = pipeline::infer_schema(&session, &request, &args.values);
        return output::finish(&session, options, inferred, |inferred| {
            // Programs read the schema alone.
            if options.is_for_people() && !options.quiet {
                inferred.guesses.iter().for_each(|guess| terminal::print_note(&guess.to_string()));
            }
            terminal::print(&visible_json(&inferred.json()))
        });
    }
    let chart = pipeline::chart_alone(&session, &args.chart).and_then(|chart| {
        // Those of Helm charts are in any draft, and are printed as they are.
        let Some(source) = chart.schema.filter(|_| !chart.is_helm) else { return Ok((chart, None)) };
        // Those of bundled charts were compiled when the program was tested.
        // Findings about the defaults are those of other commands.
        let overlay = session.snapshot().overlay();
        let mut defaults = parse_one(&overlay, chart.defaults).unwrap_or_default();
        let tree = match chart.is_bundled {
            true => parse_one(&session, source)?,
            false => match pipeline::compile_schema(&session, &chart, args.kube_version)? {
                Some(schema) => {
                    if let Some(defaults) = &mut defaults {
                        // An alias, say, has a secret under another name.
                        secrets::hide_values(&overlay, defaults, schema.wants().root());
                        ValueMask::new(&overlay).remove_secrets(defaults);
                    }
                    Some(schema.tree(&session)?)
                }
                None => None,
            },
        };
        Ok((chart, tree.map(|tree| (tree, defaults))))
    });
    output::finish(&session, options, chart, |(chart, read)| match (read, chart.schema) {
        (Some((tree, defaults)), _) => {
            let json = from_node(&tree).map_err(|error| anyhow!("{error}"))?;
            let json = for_editors(json, defaults.as_ref());
            terminal::print(&visible_json(&editor_text(&json)))
        }
        (None, Some(schema)) => terminal::print(&visible_json(&session.source(schema).text)),
        (None, None) => bail!(
            "the chart `{}` has no values schema; `--infer` makes one of its default values and their comments",
            chart.name
        ),
    })
}
