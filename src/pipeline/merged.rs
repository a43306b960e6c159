//! Merged: the values of all layers and flags as one tree, not yet held against the schema.
//!
//! ```text
//! Opened: defaults, presets, files of the request ─► Opened::merge(files of one environment) ─► Merged
//!         flags, which come after all files ────────────┘
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use super::opened::Opened;
use crate::chart::Chart;
use crate::diagnostic::{Code, Diagnostic};
use crate::helm::dependencies::ChartValues;
use crate::inputs;
use crate::request::ValuesFile;
use crate::schema::{self, Demands, RemovedFrom, Schema};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::values::{self, Edit, FlagLayer, Layer};
use crate::yaml::{Node, Tombstones, ValuePath, Wants};

/// A chart and its merged values.
///
/// It promises that every layer and flag could be merged. Whether the values are right is not known: see
/// [`Checked`](super::Checked).
#[derive(Clone, Debug)]
pub struct Merged {
    /// The chart, and what else all values of a request share.
    pub opened: Arc<Opened>,
    /// The layers, lowest precedence first.
    pub layers: Vec<Layer>,
    /// The merged values: always a map, whose nodes have the spans of the layers or flags that won.
    pub values: Arc<Node>,
    /// What they lack because a `null` took it away.
    pub tombstones: Arc<Tombstones>,
    /// Which of the charts that the chart brings along are on.
    pub(super) on: Arc<[bool]>,
    /// The schema without what charts that are off ask for, if some are.
    pub(super) schema: Option<Arc<Schema>>,
    /// The values of the charts of Helm in it, with those of their subcharts, as their templates are given them.
    pub(super) helm: Option<Arc<ChartValues>>,
    /// What `lint` asks of settings that are not set.
    pub(super) demands: Demands,
    /// How many threads may work on the documents.
    pub(super) threads: usize,
}

/// What one set of values lays over the layers of a request that it shares with others; its flags come after them.
#[derive(Clone, Copy, Debug, Default)]
pub struct FurtherLayers<'l> {
    /// Presets of the chart, low to high.
    pub presets: &'l [String],
    /// Values files over those, low to high.
    pub files: &'l [ValuesFile],
    /// What is asked of settings that are not set, if that is not what the request says.
    pub demands: Option<Demands>,
}

impl Merged {
    /// The chart.
    pub fn chart(&self) -> &Chart {
        &self.opened.chart
    }

    /// Its values schema, if it has one.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_deref().or(self.opened.schema.as_deref())
    }

    /// The definitions of custom resources of charts that are off.
    pub(super) fn crds_of_charts_off(&self) -> BTreeSet<SourceId> {
        let off = self.opened.members.iter().zip(self.on.iter()).filter(|(_, on)| !**on);
        off.flat_map(|(opened, _)| &opened.member.chart.crds).map(|crd| crd.source).collect()
    }

    /// Those of charts of Helm that a chart of ours depends on.
    pub(super) fn crds_of_helm(&self) -> BTreeSet<SourceId> {
        self.opened.crds_of_helm()
    }

    /// Whether a layer has the defaults of a chart that this one brings along.
    pub fn is_of_member(&self, layer: &Layer) -> bool {
        self.opened.members.iter().any(|opened| opened.gives(layer.root.span.source))
    }

    /// What the schema expects by path; anything at all if there is no schema.
    pub fn wants(&self) -> &Arc<Wants> {
        &self.opened.wants
    }

    /// The `--set` flags, in command-line order; they take precedence over all layers.
    pub fn edits(&self) -> &[Edit] {
        &self.opened.edits
    }

    /// The same values, rendered by so many threads and not by those of the request.
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Merged { threads, ..self }
    }

    /// The settings that are computed from others, with the places of their expressions.
    pub fn derived_settings(&self) -> impl Iterator<Item = (&ValuePath, Span)> {
        self.opened.derived.iter().flat_map(|derived| derived.expressions())
    }

    /// Warns of settings that no template of a chart of Helm reads (V111), where they are to be looked at; says nothing of other
    /// charts.
    pub fn report_unread_of_helm(
        &self,
        session: &Session,
        is_looked_at: impl Fn(&ValuePath, SourceId) -> bool,
    ) {
        if let (Some(helm), Some(values)) = (&self.opened.helm, &self.helm) {
            helm.report_unread(session, values, is_looked_at);
        }
    }

    /// What the flags of the user give, of a chart of Helm, in the order in which they are applied; none of other charts,
    /// whose flags are [`Merged::edits`].
    pub fn flags_of_helm(&self, session: &Session) -> Vec<FlagLayer> {
        match (&self.opened.helm_layers, &self.opened.helm) {
            (Some(layers), Some(charts)) => layers.flag_layers(session, charts),
            _ => Vec::new(),
        }
    }

    /// Where templates of a chart of Helm read the setting at a path, or a part of it; none for other charts, and where nobody can
    /// say.
    pub fn places_that_read(&self, session: &Session, setting: &ValuePath) -> Option<BTreeSet<Span>> {
        let (helm, values) = (self.opened.helm.as_ref()?, self.helm.as_ref()?);
        helm.places_that_read(session, values, setting)
    }

    /// Says which of the charts that the chart brings along are on, by its values.
    fn with_members(self, session: &Session) -> Outcome<Merged> {
        let on = self.opened.members_on(&self.values);
        let schema = self.opened.schema_with(session, &on)?;
        let merged = Merged { on: on.into(), schema, ..self };
        let Some(helm) = &merged.opened.helm else { return Ok(merged) };
        let (helm, values) =
            helm.values_of_members(session, &merged.values, &merged.tombstones, &merged.on)?;
        Ok(Merged { helm: Some(helm), values: Arc::new(values), ..merged })
    }

    /// Does something, and puts those of its findings that are due to a `null` in the values at the `null`.
    pub(super) fn at_nulls<T>(&self, session: &Session, find: impl FnOnce() -> T) -> T {
        let layers: Vec<&Node> = self.layers.iter().map(|layer| &*layer.root).collect();
        let removed_from = RemovedFrom {
            schema: self.schema(),
            values: &self.values,
            tombstones: &self.tombstones,
            layers: &layers,
        };
        schema::at_nulls(session, removed_from, find)
    }
}

impl Opened {
    /// The values with further files over all other layers, and the flags over those. The session is the one that the
    /// chart was opened in, or an overlay of that.
    ///
    /// # Errors
    /// What is wrong with a file, and layers or flags that do not fit.
    pub fn merge(self: &Arc<Self>, session: &Session, files: &[ValuesFile]) -> Outcome<Merged> {
        self.merge_layers(session, FurtherLayers { files, ..FurtherLayers::default() })
    }

    /// As [`Opened::merge`], with further presets below the files.
    ///
    /// # Errors
    /// As [`Opened::merge`]; C003 for a preset that the chart does not have.
    pub fn merge_layers(
        self: &Arc<Self>,
        session: &Session,
        FurtherLayers { presets, files, demands }: FurtherLayers<'_>,
    ) -> Outcome<Merged> {
        let before = session.errors();
        let threads = self.request.threads;
        let demands = demands.unwrap_or(self.request.demands);
        if let (Some(helm_layers), Some(charts)) = (&self.helm_layers, &self.helm) {
            inputs::refuse_presets(session, &self.chart.name, presets);
            let further = inputs::register_values_files(session, files);
            session.clean_since(before)?;
            let (helm, layers) = helm_layers.merge(session, charts, further)?;
            return Ok(Merged {
                opened: Arc::clone(self),
                layers,
                values: Arc::clone(&helm.node),
                tombstones: Arc::default(),
                on: Arc::default(),
                schema: None,
                helm: Some(helm),
                demands,
                threads,
            });
        }
        let mut further = inputs::read_presets(session, &self.chart, presets);
        further.extend(inputs::read_values_files(session, files));
        values::hide_secrets(session, &further, &[], &self.wants);
        if let Some(helm) = &self.helm {
            helm.report_corrupted(session, &further);
        }
        session.clean_since(before)?;
        // A copy of the merged layers only where files or flags change something of them.
        let stack = self.stack.clone().lay(session, &further, &self.wants);
        let layers_fit = session.clean_since(before).is_ok();
        let (values, tombstones) = if self.has_derived() {
            // Flags may change what is not there yet, so they are judged when it is.
            stack.settle(&session.snapshot().overlay(), &self.edits, &self.wants)
        } else {
            stack.settle(session, &self.edits, &self.wants)
        };
        if layers_fit && session.clean_since(before).is_err() {
            self.check_other_flags(session, &values);
        }
        if !layers_fit || self.sound.is_err() {
            self.check_other_layers(session, &values);
        }
        session.clean_since(before).and(self.sound)?;
        let merged = Merged {
            opened: Arc::clone(self),
            layers: self.layers.iter().cloned().chain(further).collect(),
            values,
            tombstones: Arc::new(tombstones),
            on: Arc::default(),
            schema: None,
            helm: None,
            demands,
            threads,
        };
        merged.with_all_derived(session)?.with_members(session)
    }

    /// Reports what the schema says of single settings where two layers do not fit together (V001), besides what it says of
    /// these: nobody should have to correct one setting to hear of the next. What is missing, and what several settings
    /// say together, may be due to the layers that do not fit.
    fn check_other_layers(&self, session: &Session, values: &Node) {
        let Some(schema) = &self.schema else { return };
        let reported = session.diagnostics();
        let clashes = reported.iter().filter(|finding| finding.code == Code::V001);
        let clashes: BTreeSet<&str> = clashes.map(|finding| setting_of(&finding.message)).collect();
        let is_clash = |finding: &Diagnostic| {
            let setting = setting_of(&finding.message);
            clashes.iter().any(|clash| is_within(setting, clash) || is_within(clash, setting))
        };
        for finding in schema::findings(session, schema, values) {
            let of_one_setting = [Code::V101, Code::V103, Code::V104, Code::V105, Code::V106, Code::V108];
            if of_one_setting.contains(&finding.code) && !is_clash(&finding) {
                session.report(finding);
            }
        }
    }

    /// Reports what the schema says of the values that flags have set, where another flag does not fit: nobody should
    /// have to mend one flag to hear of the next. What is missing may be what that flag was to set, so nothing is
    /// said of it.
    pub(super) fn check_other_flags(&self, session: &Session, values: &Node) {
        let Some(schema) = &self.schema else { return };
        for finding in schema::findings(session, schema, values) {
            let place = finding.primary().map(|label| session.source(label.span.source));
            let is_of_flag = place.is_some_and(|place| matches!(place.kind, SourceKind::Flag));
            if is_of_flag && finding.code != Code::V102 {
                session.report(finding);
            }
        }
    }
}

/// The setting that a finding about one speaks of: the path in its first backticks.
fn setting_of(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or_default()
}

/// Whether a path is another one, or is below it.
fn is_within(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
