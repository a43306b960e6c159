//! The first half of the pipeline: a chart with its values, merged from all layers and held against the schema.
//!
//! ```text
//! defaults, presets, files of the request ─► base() ─► Base ─► Base::merge(files of one environment) ─► Merged ─► check()
//!                                                       │                                                         │
//!                                        `--set` flags wait here                                          the schema's findings
//! ```
//!
//! The split after the layers of the request makes `render --each` cheap: of the layers below, nothing is merged twice.
//! A plain render takes the same way with no further files.

use std::sync::Arc;

use crate::chart::Chart;
use crate::inputs;
use crate::release;
use crate::request::{Request, ValuesFile};
use crate::schema::{self, Schema};
use crate::session::{Outcome, Session};
use crate::values::{Edit, Layer, LayerStack};
use crate::yaml::{Node, Wants};

/// A chart with everything that one request lays over its defaults.
///
/// This is what the renders of `--each` have in common: it is made once, and [`Base::merge`] lays the values file of
/// each environment over it. Layers are merged as far as they go here; flags (`edits`) wait, because they come after
/// all files.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) chart: Arc<Chart>,
    schema: Option<Arc<Schema>>,
    pub(super) wants: Arc<Wants>,
    layers: Vec<Layer>,
    edits: Arc<[Edit]>,
    /// The layers, merged.
    stack: LayerStack,
    /// Whether the layers could be merged. Layers that do not fit are an error of every render on this base, but only
    /// after the findings of the render's own files, so that all of them are seen at once.
    pub(super) sound: Outcome<()>,
}

/// A chart and its merged values. They have not been held against the schema: [`values`](super::values) does both.
#[derive(Debug)]
pub struct Merged {
    /// The chart.
    pub chart: Arc<Chart>,
    /// Its values schema, if it has one.
    pub schema: Option<Arc<Schema>>,
    /// What the schema expects by path; anything at all if there is no schema.
    pub wants: Arc<Wants>,
    /// The layers, lowest precedence first.
    pub layers: Vec<Layer>,
    /// The `--set` flags, in command-line order; they take precedence over all layers.
    pub edits: Arc<[Edit]>,
    /// The merged values: always a map, whose nodes have the spans of the layers or flags that won.
    pub values: Arc<Node>,
}

impl Merged {
    /// The same chart with other values.
    pub(super) fn with_values(&self, values: Node) -> Merged {
        Merged {
            chart: Arc::clone(&self.chart),
            schema: self.schema.clone(),
            wants: Arc::clone(&self.wants),
            layers: self.layers.clone(),
            edits: Arc::clone(&self.edits),
            values: Arc::new(values),
        }
    }
}

/// Reads, merges and checks the values of a chart.
///
/// # Errors
/// What is wrong with the chart, a layer or a flag, and everything that the schema says against the merged values.
pub fn values(session: &Session, request: &Request) -> Outcome<Merged> {
    let merged = merge(session, request)?;
    check(session, &merged, request)?;
    Ok(merged)
}

/// Reads and merges the values of a chart without holding them against its schema.
///
/// # Errors
/// What is wrong with the chart, a layer or a flag.
pub fn merge(session: &Session, request: &Request) -> Outcome<Merged> {
    // Counted before the chart is opened: what is wrong with its files ends the merge as well, but only after the
    // layers were read, so that all of it is reported at once.
    let before = session.errors();
    let chart = inputs::open_chart(session, request)?;
    base(session, request, chart, before)?.merge(session, &[])
}

/// Holds merged values against the schema, and the namespace in them against the flag.
pub(super) fn check(session: &Session, merged: &Merged, request: &Request) -> Outcome<()> {
    if let Some(schema) = &merged.schema {
        schema::check(session, schema, &merged.values)?;
    }
    release::refuse_other_namespace(session, &merged.chart, &merged.values, request)
}

/// Lays what the request names over a chart's defaults. `errors_before` is the number of errors before the chart was
/// opened: what was found wrong with the chart counts here too.
pub(super) fn base(
    session: &Session,
    request: &Request,
    chart: Chart,
    errors_before: usize,
) -> Outcome<Base> {
    let schema = compile_schema(session, &chart)?;
    let wants = match &schema {
        Some(schema) => Arc::clone(schema.wants()),
        None => Arc::new(Wants::anything()),
    };
    // All of them, before it is looked whether one could not be read.
    let layers = inputs::read_layers(session, &chart, request);
    let edits = inputs::parse_edits(session, &request.sets).into();
    session.clean_since(errors_before)?;
    let stack = LayerStack::default().lay(session, &layers, &wants);
    let sound = session.clean_since(errors_before);
    Ok(Base { chart: Arc::new(chart), schema, wants, layers, edits, stack, sound })
}

/// The schema of a chart's values. That of a bundled chart was prepared when the program was built.
fn compile_schema(session: &Session, chart: &Chart) -> Outcome<Option<Arc<Schema>>> {
    let Some(source) = chart.schema else { return Ok(None) };
    let schema = match chart.precomputed {
        Some(prepared) => Schema::prepared(session, source, prepared.wants, prepared.schema),
        None => Schema::compile(session, source)?,
    };
    Ok(Some(Arc::new(schema.for_chart(&chart.name))))
}

impl Base {
    /// The values with further files over all other layers, and the flags over those.
    pub(super) fn merge(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Merged> {
        let before = session.errors();
        let further = inputs::read_values_files(session, files);
        session.clean_since(before)?;
        // A clone of the merged layers, since the files of an environment may change any part of them.
        let stack = self.stack.clone().lay(session, &further, &self.wants);
        let values = stack.settle(session, &self.edits, &self.wants);
        session.clean_since(before).and(self.sound)?;
        Ok(Merged {
            chart: Arc::clone(&self.chart),
            schema: self.schema.clone(),
            wants: Arc::clone(&self.wants),
            layers: self.layers.iter().cloned().chain(further).collect(),
            edits: Arc::clone(&self.edits),
            values: Arc::new(values),
        })
    }
}
