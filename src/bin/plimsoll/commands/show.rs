//! `plimsoll show`: what a chart says about itself, and its files as they are written.
//!
//! ```text
//! plimsoll show skyflo                            metadata, presets, dependencies
//! plimsoll show skyflo values > my-values.yaml    the default values with their comments, to begin from
//! plimsoll show values ./shop                     Helm's order of words is understood too
//! ```

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use plimsoll::chart::Chart;
use plimsoll::diagnostic::nearest;
use plimsoll::pipeline;
use plimsoll::session::Session;
use plimsoll::source::{self, SourceId, escaped, escaped_lines};

use crate::output::{self, OutputOptions};
use crate::terminal;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ShowArgs {
    /// The name of a bundled chart, or a chart's folder or archive
    pub chart: String,

    /// The part to print as it is written: `values`, `derived`, `chart`, `readme`, `crds`; by default a summary
    pub part: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll show skyflo
  plimsoll show skyflo values > my-values.yaml
  plimsoll show ./charts/shop readme | less";

/// The parts of a chart.
const PARTS: &[&str] = &["all", "values", "derived", "chart", "readme", "crds"];

/// Prints a chart's metadata, or one of its files.
///
/// # Errors
/// A part that is not known, or that the chart has not.
pub fn run(args: &ShowArgs, options: OutputOptions) -> Result<ExitCode> {
    // `helm show values CHART` has the words the other way round.
    let (chart, part) = match &args.part {
        Some(part) if PARTS.contains(&args.chart.as_str()) && !PARTS.contains(&part.as_str()) => {
            (part, args.chart.as_str())
        }
        part => (&args.chart, part.as_deref().unwrap_or("all")),
    };
    if !PARTS.contains(&part) {
        match nearest(part, PARTS.iter().copied()) {
            Some(near) => bail!("there is no part `{part}` of a chart; did you mean `{near}`?"),
            None => bail!(
                "there is no part `{part}` of a chart; there are `values`, `derived`, `chart`, `readme` and `crds`"
            ),
        }
    }
    let session = options.session();
    let text = pipeline::chart_alone(&session, chart).map(|chart| shown(&session, &chart, part));
    output::finish(&session, options, text, |text| terminal::print(&text?))
}

/// A part of a chart as text.
///
/// # Errors
/// A part that the chart has not.
fn shown(session: &Session, chart: &Chart, part: &str) -> Result<String> {
    let text = |source: SourceId| escaped_lines(&session.source(source).text);
    let name = &chart.name;
    Ok(match part {
        "values" => text(chart.defaults),
        "derived" => match chart.derived {
            Some(source) => text(source),
            None => bail!("the chart `{name}` has no derived values"),
        },
        "chart" => match chart.metadata {
            Some(source) => text(source),
            None => bail!("the chart `{name}` has no metadata file"),
        },
        "readme" => match chart.readme {
            Some(source) => text(source),
            None => match readme_beside(session, chart) {
                Some(text) => text,
                None => {
                    bail!("the chart `{name}` has no readme; `plimsoll docs` makes a reference of its values")
                }
            },
        },
        "crds" if chart.crds.is_empty() => bail!("the chart `{name}` has no custom resource definitions"),
        "crds" => {
            let texts: Vec<String> = chart.crds.iter().map(|file| text(file.source)).collect();
            texts
                .iter()
                .map(|text| format!("---\n{}\n", text.trim_start_matches("---\n").trim_end()))
                .collect()
        }
        _ => summary(chart),
    })
}

/// The `README.md` in the folder of a chart of ours, which is no part of it.
fn readme_beside(session: &Session, chart: &Chart) -> Option<String> {
    if chart.is_bundled {
        return None;
    }
    let path = Path::new(&chart.shown_folder).join("README.md");
    source::read_text(&path, session.limits()).ok().map(|text| escaped_lines(&text))
}

/// What a chart says about itself, a line a fact.
fn summary(chart: &Chart) -> String {
    let facts = &chart.facts;
    let kind = match (chart.is_helm, chart.is_bundled) {
        (true, _) if facts.kind == "library" => "Helm chart, a library",
        (true, _) => "Helm chart",
        (false, true) => "bundled",
        (false, false) => "bound templates",
    };
    let joined = |words: &[String]| words.join(", ");
    let presets: Vec<String> = chart.presets.keys().cloned().collect();
    let maintainers: Vec<String> = facts.maintainers.iter().map(|(name, _)| name.clone()).collect();
    let kubernetes = chart.kube_versions.clone().unwrap_or_else(|| facts.kube_version.clone());
    let lines = [
        ("name", chart.name.clone()),
        ("version", chart.version.clone()),
        ("app version", chart.app_version.clone().unwrap_or_default()),
        ("description", chart.description.clone().unwrap_or_default()),
        ("kind", kind.to_owned()),
        ("deprecated", if facts.is_deprecated { "yes".to_owned() } else { String::new() }),
        ("kubernetes", kubernetes),
        ("namespace", chart.namespace.clone().unwrap_or_default()),
        ("home", facts.home.clone()),
        ("sources", joined(&facts.sources)),
        ("maintainers", joined(&maintainers)),
        ("keywords", joined(&facts.keywords)),
        ("presets", joined(&presets)),
        (
            "schema",
            if chart.schema.is_some() { "yes" } else { "no, `plimsoll schema --infer` makes one" }.to_owned(),
        ),
        ("derived", if chart.derived.is_some() { "yes".to_owned() } else { String::new() }),
        ("crds", if chart.crds.is_empty() { String::new() } else { chart.crds.len().to_string() }),
    ];
    let mut text = String::new();
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{:13}{}", format!("{name}:"), escaped(value));
    }
    if !facts.dependencies.is_empty() {
        text.push_str("dependencies:\n");
    }
    for dependency in &facts.dependencies {
        let alias =
            if dependency.alias.is_empty() { String::new() } else { format!(" as {}", dependency.alias) };
        let condition = if dependency.condition.is_empty() {
            String::new()
        } else {
            format!(", if {}", dependency.condition)
        };
        let version =
            if dependency.version.is_empty() { String::new() } else { format!(" {}", dependency.version) };
        let line = format!("  {}{version}{alias}{condition}", dependency.name);
        let _ = writeln!(text, "{}", escaped(&line));
    }
    text
}
