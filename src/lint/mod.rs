//! Linting: what each path is, and each set of files through the pipeline.
//!
//! `classify` finds out what every path is: a chart, values of a chart, a manifest or a `plimsoll.yaml`. Then each set
//! is checked by itself:
//!
//! * Manifests that are applied together are one set: see `sets`. References between sets are resolved among all.
//! * A values file is a set with the chart that it belongs to.
//! * A chart is several sets: its defaults, each of its presets, and each file of its `tests/`.
//!
//! Each set has a session of its own, which is merged into this one. So a file that is read for several sets is
//! reported once, and one set does not stop another.
//!
//! ```text
//! paths ─► classify ─► Inputs ┬ configs    ─► check_config
//!                             ├ charts     ┬► lint_charts ─► each opened once, then one set for its defaults, each preset,
//!                             ├ values     ┘                 each file of tests/ and each values file
//!                             └ manifests  ─► pipeline::manifest_sets, all at once
//! ```
//!
//! What leaves settings to its users, such as a chart's defaults without an address of a database, is checked and not
//! rendered. It is no finding, but the summary names it: [`LintSummary::incomplete`].

mod advice;
mod chart;
mod classify;
mod fixes;
mod foreign;
mod ignored;
mod kustomization;
mod modeline;
mod recognize;
mod reports;
mod sets;
mod unread_settings;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

pub use advice::{CrowdedFolders, crowded_folders};
pub use chart::IncompleteValues;
use classify::Inputs;
pub use classify::LintRequest;
pub use fixes::{FixedFile, fixes};
pub use recognize::{CHART_FILES, is_chart, is_kustomization};
use sets::Manifest;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::inputs;
use crate::pipeline;
use crate::request::Request;
use crate::rules;
use crate::session::{MergeSources, Session};
use crate::source::{SourceId, SourceKind};

/// What was linted.
#[derive(Clone, Debug, Default)]
pub struct LintSummary {
    /// Files that were read, and built-in ones where only a bundled chart was linted.
    pub files: usize,
    /// Values that were checked and not rendered, because they leave settings to their users.
    pub incomplete: Vec<IncompleteValues>,
    /// Documents that rules did not judge, as an error was reported of them.
    pub refused: usize,
    /// Whether a document could not be read, so that nothing was said of what is missing.
    pub is_unread: bool,
    /// Files that were passed over, as they are patches and configuration of kustomizations.
    pub parts: usize,
    /// YAML files in folders that were passed over, as they are no manifests.
    pub not_manifests: usize,
}

/// Lints everything that was asked for and reports what is found into the session.
pub fn lint(session: &Session, lint: &LintRequest) -> LintSummary {
    let request = Request { prints_nothing: true, ..lint.request.clone() };
    let lint = &LintRequest { request, ..lint.clone() };
    let inputs = classify::classify(session, lint);
    for path in &inputs.configs {
        check_config(session, path);
    }
    let incomplete = chart::lint_charts(session, &inputs.charts, &inputs.values, &lint.request);
    if !inputs.manifests.is_empty() {
        lint_manifests(session, &inputs, &lint.request);
    }
    // The `plimsoll.yaml` that says how to lint is none of the files that are linted, unless it is one of the paths.
    let config = lint.request.config.as_ref().map(|path| path.display().to_string());
    let not_counted = config.filter(|path| !inputs.configs.contains(path));
    let findings = session.diagnostics();
    let errors: Vec<&Diagnostic> = findings.iter().filter(|finding| finding.level == Level::Error).collect();
    let refused: BTreeSet<_> =
        errors.iter().filter(|error| !is_of_rule(error)).filter_map(|error| error.document).collect();
    LintSummary {
        files: count_files(session, not_counted.as_deref()),
        incomplete,
        refused: refused.len(),
        is_unread: errors.iter().any(|error| [Code::Y001, Code::M001].contains(&error.code)),
        parts: inputs.parts,
        not_manifests: inputs.not_manifests,
    }
}

fn is_of_rule(finding: &Diagnostic) -> bool {
    finding.code.id.starts_with('R')
}

fn lint_manifests(session: &Session, inputs: &Inputs, request: &Request) {
    let own = session.fresh();
    let add = |manifest: &Manifest| {
        own.add_source(manifest.kind.clone(), manifest.name.as_str(), Arc::clone(&manifest.text))
    };
    let sources: Vec<SourceId> = inputs.manifests.iter().map(add).collect();
    // What is wrong has been reported, and the documents themselves are not needed.
    let _ = pipeline::manifest_sets(&own, request, &sources, &inputs.sets);
    session.merge(own, MergeSources::All, Some);
}

/// Reports what is wrong with a `plimsoll.yaml`, unknown rules too.
fn check_config(session: &Session, path: &str) {
    let request = Request { config: Some(PathBuf::from(path)), ..Request::default() };
    // In a session of its own, as it may be the one that says how to lint: then the same was found before.
    let own = session.fresh();
    if let Ok(config) = inputs::read_config(&own, &request) {
        rules::levels(&config, &[]).report_unknown(&own);
    }
    session.merge(own, MergeSources::All, Some);
}

/// The number of the user's files that were read; of built-in ones if there are no others. A file counts once, whatever
/// number of sets it is in.
fn count_files(session: &Session, not_counted: Option<&str>) -> usize {
    // By name, since each set reads its files into a session of its own, and all of them were merged.
    let mut users = BTreeSet::new();
    let mut bundled = BTreeSet::new();
    let sources = session.sources();
    for source in &sources {
        let name = source.name.as_str();
        if OWN_SOURCES.iter().any(|own| name.starts_with(own)) || Some(name) == not_counted {
            continue;
        }
        match source.kind {
            SourceKind::File | SourceKind::Stdin => users.insert(name),
            // Counted only to say something where just a bundled chart was linted: "no files" would look like a
            // mistake.
            SourceKind::Bundled => bundled.insert(name),
            // Flags, and what was rendered: no files.
            _ => false,
        };
    }
    if users.is_empty() { bundled.len() } else { users.len() }
}

/// Built-in texts that are read with every chart and are none of it: the template library, and the schemas of
/// `chart.yaml` and `plimsoll.yaml`.
const OWN_SOURCES: &[&str] = &["plimsoll/", "chart.schema.json", "lock.schema.json", "plimsoll.schema.json"];
