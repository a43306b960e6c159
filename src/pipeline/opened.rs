//! Opened: a chart, its schema, and the layers and flags of a request, read once however many renders follow.
//!
//! The layers of the request are merged here as far as they go, which makes `render --each` cheap: of what all
//! environments share, nothing is merged twice. A plain render takes the same way with no further files.
//!
//! This is also the only place that asks what kind of chart it is. The stages behind it take from an [`Opened`] what they need, so
//! a second kind of chart, or several charts in one release, begins here.

use std::sync::Arc;

use super::api_types::api_types;
use super::helm::{self, HelmInputs, OpenedHelm};
use crate::chart::{self, Chart};
use crate::derived::DerivedValues;
use crate::helm::chart::HelmChart;
use crate::inputs;
use crate::kube::Versions;
use crate::precompiled;
use crate::request::Request;
use crate::schema::Schema;
use crate::session::{Outcome, Session};
use crate::template::{Plan, Role, TemplateFile};
use crate::values::{self, Edit, Layer, LayerStack};
use crate::yaml::Wants;

/// A chart with everything that one request lays over its defaults. Threads can share it.
///
/// It promises that all of this could be read. Layers that do not fit each other are found in it too, but end a merge
/// only after the findings of its own files, so that all of them are seen at once.
#[derive(Debug)]
pub struct Opened {
    /// What was asked for.
    pub request: Request,
    /// The chart.
    pub chart: Chart,
    /// Its values schema, if it has one.
    pub schema: Option<Arc<Schema>>,
    /// What the schema expects by path; anything at all if there is no schema.
    pub wants: Arc<Wants>,
    /// The `--set` flags, in command-line order. They wait here, because they come after all files.
    pub edits: Vec<Edit>,
    /// Of a chart of Helm, that and what is laid over its values; layers and flags are empty then.
    pub(super) helm: Option<HelmInputs>,
    /// The layers of the request, lowest precedence first.
    pub(super) layers: Vec<Layer>,
    /// The same layers, merged.
    pub(super) stack: LayerStack,
    /// Its values that are computed from those, if it has some.
    pub(super) derived: Option<Arc<DerivedValues>>,
    /// Whether they could be merged.
    pub(super) sound: Outcome<()>,
}

/// Opens the chart of a request, and reads the values that the request names.
///
/// # Errors
/// What is wrong with the chart itself, its schema, a layer or a flag.
pub(super) fn open(session: &Session, request: &Request) -> Outcome<Arc<Opened>> {
    open_chart(session, request)?.read_values(session, |_| {})
}

/// A chart whose values have not been read: what can be begun on another thread meanwhile needs no more.
pub(super) struct OpenedChart<'r> {
    request: &'r Request,
    pub(super) chart: Chart,
    /// The chart itself, if it is one of Helm; then it has no templates of ours.
    pub(super) helm: Option<Arc<HelmChart>>,
    pub(super) templates: Vec<TemplateFile>,
    /// Its values schema, if it keeps a precompiled form.
    schema: Option<Arc<Schema>>,
    /// The plan of its templates, if it keeps a precompiled form.
    pub(super) plan: Option<Plan>,
    /// Its derived values, if they have been read before.
    derived: Option<Arc<DerivedValues>>,
    /// The number of errors before it was opened. What is wrong with its files ends the opening as well, but only after
    /// the layers were read, so that all of it is reported at once.
    errors_before: usize,
}

/// Opens the chart of a request.
///
/// # Errors
/// When there is no such chart, or `chart.yaml` is wrong.
pub(super) fn open_chart<'r>(session: &Session, request: &'r Request) -> Outcome<OpenedChart<'r>> {
    let errors_before = session.errors();
    if let Some(helm) = helm::open(session, request) {
        let helm = helm?;
        let chart = helm::facade(session, &helm);
        let templates = Vec::new();
        return Ok(OpenedChart {
            request,
            chart,
            helm: Some(helm),
            templates,
            schema: None,
            plan: None,
            derived: None,
            errors_before,
        });
    }
    let chart = inputs::open_chart(session, request)?;
    let templates = templates(session, &chart);
    let (schema, plan) = match precompiled::read(session, &chart, &templates) {
        Some(precompiled) => (precompiled.schema.map(Arc::new), Some(precompiled.plan)),
        None => (None, None),
    };
    Ok(OpenedChart { request, chart, helm: None, templates, schema, plan, derived: None, errors_before })
}

/// The chart's templates and those of the library that it may import.
pub fn templates(session: &Session, chart: &Chart) -> Vec<TemplateFile> {
    let library = chart::library(session, &chart.templates);
    chart.templates.iter().chain(&library).map(template_file).collect()
}

fn template_file(file: &chart::ChartFile) -> TemplateFile {
    let role = if file.is_library() { Role::Library } else { Role::Document };
    TemplateFile { name: Arc::from(file.name.as_str()), source: file.source, role }
}

impl OpenedChart<'_> {
    /// What the schema of a precompiled chart wants; anything at all if it has none.
    pub(super) fn wants(&self) -> Arc<Wants> {
        wants_of(self.schema.as_deref())
    }

    /// Reads the schema, and the layers and flags over it. `see` gets what the schema wants as soon as it is known.
    ///
    /// # Errors
    /// What is wrong with them or with the files of the chart.
    pub(super) fn read_values(
        self,
        session: &Session,
        see: impl FnOnce(&Arc<Wants>),
    ) -> Outcome<Arc<Opened>> {
        let OpenedChart { request, chart, errors_before, .. } = self;
        if let Some(helm) = self.helm {
            let helm = HelmInputs::read(session, OpenedHelm::of(helm), request)?;
            return opened_helm(request, chart, helm);
        }
        let schema = match self.schema {
            Some(schema) => Some(schema),
            None => compile_schema(session, &chart, request.versions)?.map(Arc::new),
        };
        let wants = wants_of(schema.as_deref());
        see(&wants);
        // All of them, before it is looked whether one could not be read.
        let layers = inputs::read_layers(session, &chart, request);
        let edits = inputs::parse_edits(session, &request.sets);
        values::hide_secrets(session, &layers, &edits, &wants);
        let derived = match (self.derived, chart.derived) {
            (Some(derived), _) => Ok(Some(derived)),
            (None, Some(source)) => DerivedValues::read(session, source, &wants).map(Arc::new).map(Some),
            (None, None) => Ok(None),
        };
        session.clean_since(errors_before)?;
        let derived = derived?;
        let stack = LayerStack::default().lay(session, &layers, &wants);
        let sound = session.clean_since(errors_before);
        let request = request.clone();
        Ok(Arc::new(Opened {
            request,
            chart,
            schema,
            wants,
            edits,
            helm: None,
            layers,
            stack,
            derived,
            sound,
        }))
    }
}

impl Opened {
    /// The same chart with what another request lays over its defaults; its files are not read again.
    ///
    /// # Errors
    /// What is wrong with a layer or a flag.
    pub(super) fn with_request(&self, session: &Session, request: &Request) -> Outcome<Arc<Opened>> {
        let chart = self.chart.clone();
        if let Some(helm) = &self.helm {
            return opened_helm(request, chart, helm.with_request(session, request)?);
        }
        let opened = OpenedChart {
            request,
            chart,
            helm: None,
            templates: Vec::new(),
            schema: self.schema.clone(),
            plan: None,
            derived: self.derived.clone(),
            errors_before: session.errors(),
        };
        opened.read_values(session, |_| {})
    }
}

/// An opened chart of Helm.
fn opened_helm(request: &Request, chart: Chart, helm: HelmInputs) -> Outcome<Arc<Opened>> {
    Ok(Arc::new(Opened {
        request: request.clone(),
        chart,
        schema: None,
        wants: wants_of(None),
        edits: Vec::new(),
        helm: Some(helm),
        layers: Vec::new(),
        stack: LayerStack::default(),
        derived: None,
        sound: Ok(()),
    }))
}

fn wants_of(schema: Option<&Schema>) -> Arc<Wants> {
    schema.map_or_else(|| Arc::new(Wants::anything()), |schema| Arc::clone(schema.wants()))
}

/// The schema of a chart's values, which may refer to types of these versions of Kubernetes.
///
/// # Errors
/// What is wrong with the schema (C004).
pub fn compile_schema(session: &Session, chart: &Chart, versions: Versions) -> Outcome<Option<Schema>> {
    let Some(source) = chart.schema else { return Ok(None) };
    Ok(Some(Schema::compile_with(session, source, api_types(versions))?.for_chart(&chart.name)))
}
