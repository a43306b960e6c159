//! What is to be linted, and the sets of values that it comes to.

use std::path::{Path, PathBuf};

use super::modeline::Modeline;
use super::recognize::display;
use super::reports::report_unreadable;
use crate::chart::Chart;
use crate::request::{Request, ValuesFile};
use crate::session::Session;
use crate::source;

/// What is to be linted, and how.
#[derive(Clone, Debug, Default)]
pub struct LintRequest {
    /// Files and folders, or names of bundled charts; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The chart that all files are values of; otherwise it is found out for each.
    pub chart: Option<String>,
    /// Presets below those values, low to high.
    pub presets: Vec<String>,
    /// Everything else: versions, CRDs, levels of rules, demands. Its chart and layers are those of each set.
    pub request: Request,
}

/// One set of values with its chart.
#[derive(Clone, Debug)]
pub(super) struct ValuesSet {
    /// A bundled chart's name, or a folder.
    pub(super) chart: String,
    /// Low to high.
    pub(super) presets: Vec<String>,
    /// The user's file over them; none for what the chart itself brings along.
    pub(super) file: Option<ValuesFile>,
}

impl ValuesSet {
    /// The chart's defaults alone.
    pub(super) fn of_defaults(chart: &str) -> Self {
        ValuesSet { chart: chart.to_owned(), presets: Vec::new(), file: None }
    }

    /// A preset, above those that its modeline names. `name` is what the chart was opened by.
    pub(super) fn of_preset(session: &Session, chart: &Chart, name: &str, preset: &str) -> Self {
        let mut presets = match chart.presets.get(preset) {
            Some(source) => Modeline::parse(&session.source(*source).text).preset_names(),
            None => Vec::new(),
        };
        presets.retain(|below| below != preset);
        presets.push(preset.to_owned());
        ValuesSet { chart: name.to_owned(), presets, file: None }
    }

    /// A file over presets.
    pub(super) fn of_file(chart: String, presets: Vec<String>, file: ValuesFile) -> Self {
        ValuesSet { chart, presets, file: Some(file) }
    }

    /// A file of a chart's `tests/`, over the presets that its modeline names; none, and a finding, if it cannot be read.
    pub(super) fn of_test(session: &Session, chart: &str, path: &Path) -> Option<Self> {
        match source::read_text(path, session.limits()) {
            Ok(text) => {
                let presets = Modeline::parse(&text).preset_names();
                Some(Self::of_file(chart.to_owned(), presets, ValuesFile::Path(path.to_owned())))
            }
            Err(error) => {
                report_unreadable(session, &display(path), &error);
                None
            }
        }
    }

    /// As a command names it: `skyflo -p production`.
    pub(super) fn title(&self) -> String {
        let mut title = self.chart.clone();
        for preset in &self.presets {
            title.push_str(" -p ");
            title.push_str(preset);
        }
        title
    }
}
