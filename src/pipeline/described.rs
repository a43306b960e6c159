//! The schema of a chart's values as people read it: the one that its author wrote, or one inferred from the defaults and
//! their comments.
//!
//! | chart | schema | read as |
//! |---|---|---|
//! | ours | written | it is written |
//! | of Helm | written, within our bounds | it is written, with the words of comments where it has none |
//! | either | none, or beyond our bounds | inferred |
//!
//! Values are never held against an inferred one unless its user has written it into the chart (`schema --infer`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::merged::Merged;
use super::{helm, opened};
use crate::inputs;
use crate::request::Request;
use crate::schema::{self, Demands, Inferred, Purpose, Reads, Schema, Subject};
use crate::session::{Outcome, Session};
use crate::source::{self, SourceId, Span};
use crate::template;
use crate::values::{self, LayerKind};
use crate::yaml::{Node, ValuePath, Wants};

/// Infers a schema that values can be held against, of the defaults of a request's chart. It accepts them, the presets, what is in
/// `ci/*-values.yaml` of the chart's folder, and the values files of `further`.
///
/// # Errors
/// What is wrong with the chart or a file.
pub fn infer_schema(session: &Session, request: &Request, further: &[PathBuf]) -> Outcome<Inferred> {
    // What a user must set is not there, and derived values may need it.
    let request = Request { demands: Demands::Nothing, ..request.clone() };
    let opened = opened::open_chart(session, &request)?.without_schema_of_its_own();
    let merged = opened.read_values(session, |_| {})?.merge(session, &[])?;
    let before = session.errors();
    let chart = merged.chart();
    let mut sources: Vec<SourceId> = chart.presets.values().copied().collect();
    let folder = Path::new(&chart.shown_folder).join("ci");
    // A chart without the folder has no such files.
    let names = source::list_found(&folder, session.limits(), |_, _| false).unwrap_or_default().files;
    let tests: Vec<PathBuf> =
        names.iter().filter(|name| name.ends_with("-values.yaml")).map(|name| folder.join(name)).collect();
    sources.extend(inputs::register_files(session, &tests));
    sources.extend(inputs::register_files(session, further));
    session.clean_since(before)?;
    let mut others: Vec<Node> =
        sources.iter().filter_map(|source| merged.tree_of(session, *source)).collect();
    session.clean_since(before)?;
    // What the chart computes is held against the schema too.
    let derived = merged.layers.iter().filter(|layer| layer.kind == LayerKind::Derived);
    others.extend(derived.map(|layer| Node::clone(&layer.root)));
    if let Some(helm) = merged.opened.helm.as_ref().filter(|_| merged.chart().is_helm) {
        // What other charts give to this one is held against its schema too; their own values are not its settings.
        let mut values = Node::clone(&merged.values);
        let below = helm.charts_below();
        if let Some(map) = values.as_map_mut() {
            map.retain(|key, _| !below.iter().any(|name| **name == **key));
        }
        others.push(values);
    }
    Ok(merged.infer(session, &others, Purpose::Checking))
}

impl Merged {
    /// The schema as people read it, as a tree that [`SettingTree`](schema::SettingTree) walks.
    ///
    /// # Errors
    /// A schema that cannot be read any more.
    pub fn described(&self, session: &Session) -> Outcome<Node> {
        if let Some(described) = self.opened.described_members(session, &self.on) {
            return Ok(described);
        }
        if let Some(schema) = self.schema() {
            return schema.tree(session);
        }
        let inferred = self.infer(session, &[], Purpose::Reading);
        // In an overlay: what our bounds say against a schema of somebody else was not asked.
        let overlay = session.snapshot().overlay();
        let written = self
            .chart()
            .schema
            .and_then(|source| Schema::compile(&overlay, source).ok())
            .and_then(|schema| schema.tree(&overlay).ok());
        Ok(match written {
            Some(written) => schema::with_words(written, schema::words(&inferred.schema)),
            None => inferred.bounded(session),
        })
    }

    /// Whether the schema that people read is inferred.
    pub fn is_inferred(&self) -> bool {
        self.chart().schema.is_none() && self.schema().is_none()
    }

    /// Infers a schema from the defaults; `others` are values that are right as well.
    fn infer(&self, session: &Session, others: &[Node], purpose: Purpose) -> Inferred {
        // Those of charts that this one brings along are below.
        let defaults = self.layers.iter().rfind(|layer| layer.kind == LayerKind::Defaults);
        let nothing = Node::empty_map(Span::new(self.chart().defaults, 0, 0));
        let (reads, open) = match (&self.opened.helm, &self.helm) {
            (Some(helm), Some(values)) if self.chart().is_helm => {
                (Some(helm.reads_for_schema(session, values)), helm.charts_below())
            }
            _ => (self.bound_reads(session, purpose), Vec::new()),
        };
        let subject = Subject {
            defaults: defaults.map_or(&nothing, |layer| &layer.root),
            source: self.chart().defaults,
            others,
            reads: reads.as_ref(),
            open: &open,
        };
        schema::infer(session, subject, purpose)
    }

    /// What bound templates read; none if they cannot be read. Where a schema is made for the chart, they may read what
    /// the one that it has does not know.
    fn bound_reads(&self, session: &Session, purpose: Purpose) -> Option<Reads> {
        let anything = Arc::new(Wants::anything());
        let wants = match purpose {
            Purpose::Checking => &anything,
            Purpose::Reading => self.wants(),
        };
        let overlay = session.snapshot().overlay();
        let templates = opened::templates(&overlay, self.chart());
        let mut read = template::setting_reads(&overlay, &templates, wants).ok()?;
        if let Some(derived) = &self.opened.derived {
            read.add_below(&ValuePath::root(), derived.setting_reads(&overlay).ok()?);
        }
        let mut reads = Reads::default();
        read.each(&mut |path, is_whole| reads.add(path, is_whole));
        Some(reads)
    }

    /// The values of a file, alone.
    fn tree_of(&self, session: &Session, source: SourceId) -> Option<Node> {
        if self.chart().is_helm {
            return helm::file_values(session, source);
        }
        let layer = values::read_layer(session, source, LayerKind::File).ok()?;
        Some(Arc::unwrap_or_clone(layer.root))
    }
}
