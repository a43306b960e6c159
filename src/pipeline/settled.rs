//! The first half of the way: a chart and the layers over its defaults, merged and held against the schema.

use std::sync::Arc;

use crate::chart::Chart;
use crate::inputs;
use crate::release;
use crate::request::{Request, ValuesFile};
use crate::schema::{self, Schema};
use crate::session::{Outcome, Session};
use crate::values::{Edit, Layer, LayerStack};
use crate::yaml::{Node, Wants};

/// A chart with everything that is laid over its defaults before further values files are.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) chart: Arc<Chart>,
    schema: Option<Arc<Schema>>,
    pub(super) wants: Arc<Wants>,
    layers: Vec<Layer>,
    edits: Arc<[Edit]>,
    stack: LayerStack,
    /// Whether the layers fit.
    pub(super) sound: Outcome<()>,
}

/// A chart and the values that it is rendered with.
#[derive(Debug)]
pub struct Settled {
    /// The chart.
    pub chart: Arc<Chart>,
    /// Its values schema, if it has one.
    pub schema: Option<Arc<Schema>>,
    /// What the schema wants by path.
    pub wants: Arc<Wants>,
    /// The layers, low to high.
    pub layers: Vec<Layer>,
    /// The flags, in order.
    pub edits: Arc<[Edit]>,
    /// The merged and checked values.
    pub values: Arc<Node>,
}

impl Settled {
    /// The same, with other values.
    pub(super) fn with(&self, values: Node) -> Settled {
        let (chart, schema) = (Arc::clone(&self.chart), self.schema.clone());
        let (wants, edits) = (Arc::clone(&self.wants), Arc::clone(&self.edits));
        Settled { chart, schema, wants, layers: self.layers.clone(), edits, values: Arc::new(values) }
    }
}

/// Reads, merges and checks the values of a chart.
pub fn values(session: &Session, request: &Request) -> Outcome<Settled> {
    let settled = merge(session, request)?;
    check(session, &settled, request)?;
    Ok(settled)
}

/// Holds merged values against the schema, and the namespace in them against the flag.
pub(super) fn check(session: &Session, settled: &Settled, request: &Request) -> Outcome<()> {
    if let Some(schema) = &settled.schema {
        schema::check(session, schema, &settled.values)?;
    }
    release::refuse_other_namespace(session, &settled.chart, &settled.values, request)
}

/// Reads and merges the values of a chart without holding them against its schema.
pub fn merge(session: &Session, request: &Request) -> Outcome<Settled> {
    let before = session.errors();
    let chart = inputs::open_chart(session, request)?;
    base(session, request, chart, before)?.settle(session, &[])
}

/// Lays what the request names over a chart's defaults; `before` are the errors before the chart was opened.
pub(super) fn base(session: &Session, request: &Request, chart: Chart, before: usize) -> Outcome<Base> {
    let compile = |source| match chart.precomputed {
        Some(prepared) => Ok(Schema::prepared(session, source, prepared.wants, prepared.schema)),
        None => Schema::compile(session, source),
    };
    let schema = chart.schema.map(compile).transpose()?;
    let schema = schema.map(|schema| Arc::new(schema.for_chart(&chart.name)));
    let wants =
        schema.as_ref().map_or_else(|| Arc::new(Wants::anything()), |schema| Arc::clone(schema.wants()));
    let layers = inputs::read_layers(session, &chart, request);
    let edits = inputs::parse_edits(session, &request.sets).into();
    session.clean_since(before)?;
    let stack = LayerStack::default().lay(session, &layers, &wants);
    let sound = session.clean_since(before);
    Ok(Base { chart: Arc::new(chart), schema, wants, layers, edits, stack, sound })
}

impl Base {
    /// The values with further files over all others.
    pub(super) fn settle(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Settled> {
        let before = session.errors();
        let further = inputs::read_values_files(session, files);
        session.clean_since(before)?;
        let stack = self.stack.clone().lay(session, &further, &self.wants);
        let values = stack.settle(session, &self.edits, &self.wants);
        session.clean_since(before).and(self.sound)?;
        let layers = self.layers.iter().cloned().chain(further).collect();
        let (chart, schema) = (Arc::clone(&self.chart), self.schema.clone());
        let (wants, edits) = (Arc::clone(&self.wants), Arc::clone(&self.edits));
        Ok(Settled { chart, schema, wants, layers, edits, values: Arc::new(values) })
    }
}
