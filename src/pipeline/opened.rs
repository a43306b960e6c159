//! Opened: a chart, its schema, and the layers and flags of a request, read once however many renders follow.
//!
//! The layers of the request are merged here as far as they go, which makes `render --each` cheap: of what all
//! environments share, nothing is merged twice. A plain render takes the same way with no further files.
//!
//! This is also the only place that asks what kind of chart it is. The stages behind it take from an [`Opened`] what they need, so
//! a second kind of chart, or several charts in one release, begins here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::api_types::api_types;
use super::helm::{self, HelmCharts, HelmLayers, OpenedHelm};
use crate::chart::{self, Chart};
use crate::derived::DerivedValues;
use crate::helm::chart::HelmChart;
use crate::inputs;
use crate::kube::Versions;
use crate::precompiled;
use crate::release::{self, Lacking, Member};
use crate::request::Request;
use crate::schema::{self, Schema};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::template::{self, Plan, Role, TemplateFile};
use crate::values::{self, Edit, Layer, LayerKind, LayerStack};
use crate::yaml::{Entry, Node, Segment, ValuePath, Wants};

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
    /// The charts of Helm in it: itself, or those that it brings along.
    pub(super) helm: Option<HelmCharts>,
    /// Of a chart of Helm, what is laid over its values; layers and flags are empty then.
    pub(super) helm_layers: Option<HelmLayers>,
    /// The layers of the request, lowest precedence first.
    pub(super) layers: Vec<Layer>,
    /// The same layers, merged.
    pub(super) stack: LayerStack,
    /// The charts that it brings along, each before those that it brings along itself.
    pub(super) members: Arc<[OpenedMember]>,
    /// What its schema is put together of, if it brings charts along.
    schema_parts: Option<Arc<SchemaParts>>,
    /// Its values that are computed from those, if it has some.
    pub(super) derived: Option<Arc<DerivedValues>>,
    /// Whether they could be merged.
    pub(super) sound: Outcome<()>,
}

/// A chart that another one brings along, read as that one is.
#[derive(Debug)]
pub(super) struct OpenedMember {
    pub(super) member: Member,
    pub(super) templates: Vec<TemplateFile>,
    /// The plan of its templates, if it keeps a precompiled form.
    pub(super) plan: Option<Plan>,
    /// What its own schema wants of its own values.
    pub(super) wants: Arc<Wants>,
    pub(super) derived: Option<DerivedValues>,
}

/// What no request changes of a chart of ours, besides its schema and its templates.
struct KnownParts {
    derived: Option<Arc<DerivedValues>>,
    members: Arc<[OpenedMember]>,
    schema_parts: Option<Arc<SchemaParts>>,
    helm: Option<Arc<OpenedHelm>>,
}

/// The schemas of a chart and of those that it brings along.
#[derive(Debug)]
pub(super) struct SchemaParts {
    source: SourceId,
    root: Node,
    /// In the order of the members.
    members: Vec<Node>,
    /// The schemas without those of charts that are switched off, by which are on.
    without: Mutex<BTreeMap<Vec<bool>, Arc<Schema>>>,
}

impl SchemaParts {
    /// The schema of all values. Of a chart that is off, nothing is asked.
    fn compile(
        &self,
        session: &Session,
        members: &[OpenedMember],
        name: &str,
        on: &[bool],
    ) -> Outcome<Schema> {
        let root = self.tree(members, on, self.members.clone());
        Ok(Schema::compile_tree(session, self.source, root)?.for_chart(name))
    }

    /// The schema of all values, with these of members.
    fn tree(&self, members: &[OpenedMember], on: &[bool], mut parts: Vec<Node>) -> Node {
        for (at, (part, opened)) in parts.iter_mut().zip(members).enumerate() {
            match on.get(at) {
                Some(false) => *part = Node::empty_map(self.root.span),
                _ => allow_switches(&opened.member, part),
            }
        }
        let mut root = self.root.clone();
        let places: Vec<&ValuePath> = members.iter().map(|opened| &opened.member.place).collect();
        mount_all(&places, &mut parts, Some(&mut root));
        root
    }
}

/// Lets the schema of a member know the settings that switch it on and off, where they stand among its own.
fn allow_switches(member: &Member, schema: &mut Node) {
    let Some(Segment::Key(key)) = member.place.0.last() else { return };
    for condition in &member.conditions {
        if let Some((Segment::Key(switch), of)) = condition.0.split_last()
            && of == member.place.0
        {
            schema::allow_switch(schema, switch, key);
        }
    }
}

/// Mounts the schemas of members: each in that of the chart that it is in, or in that of the chart that is rendered.
fn mount_all(places: &[&ValuePath], parts: &mut [Node], mut root: Option<&mut Node>) {
    // From the last one on, as each is mounted with what is in itself.
    for at in (0..places.len()).rev() {
        let Some((Segment::Key(key), above)) = places[at].0.split_last() else { continue };
        let around = places[..at].iter().position(|other| other.0 == above);
        let part = parts[at].clone();
        if let Some(around) = around.map_or(root.as_deref_mut(), |around| parts.get_mut(around)) {
            schema::mount(around, key, part);
        }
    }
}

impl Opened {
    /// The definitions of custom resources of charts of Helm that a chart of ours depends on.
    pub(super) fn crds_of_helm(&self) -> BTreeSet<SourceId> {
        let of_helm = self.members.iter().filter(|opened| opened.member.helm.is_some());
        of_helm.flat_map(|opened| &opened.member.chart.crds).map(|crd| crd.source).collect()
    }

    /// Which of the charts that this one brings along are on.
    pub(super) fn members_on(&self, values: &Node) -> Vec<bool> {
        self.members.iter().map(|opened| opened.member.is_on(values)).collect()
    }

    /// Whether values are computed from values, in any of the charts.
    pub(super) fn has_derived(&self) -> bool {
        self.derived.is_some() || self.members.iter().any(|opened| opened.derived.is_some())
    }

    /// The schema as people read it, with what is known of charts of Helm; none if there are none of those.
    pub(super) fn described_members(&self, session: &Session, on: &[bool]) -> Option<Node> {
        let parts = self.schema_parts.as_ref()?;
        let mut described = parts.members.clone();
        let of_helm = self.members.iter().zip(&mut described).filter_map(|(opened, part)| {
            *part = helm::described_member(session, opened.member.helm.as_deref()?);
            Some(())
        });
        (of_helm.count() > 0).then(|| parts.tree(&self.members, on, described))
    }

    /// The schema without what charts that are off ask for; none if all are on, or there is no schema.
    ///
    /// # Errors
    /// None in practice: a part of what could be compiled can be compiled.
    pub(super) fn schema_with(&self, session: &Session, on: &[bool]) -> Outcome<Option<Arc<Schema>>> {
        let Some(parts) = self.schema_parts.as_ref().filter(|_| on.contains(&false)) else { return Ok(None) };
        let mut known = parts.without.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = known.get(on) {
            return Ok(Some(Arc::clone(schema)));
        }
        let schema = Arc::new(parts.compile(session, &self.members, &self.chart.name, on)?);
        known.insert(on.to_vec(), Arc::clone(&schema));
        Ok(Some(schema))
    }
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
    members: Vec<Member>,
    /// The chart itself, if it is one of Helm; then it has no templates of ours.
    pub(super) helm: Option<Arc<HelmChart>>,
    pub(super) templates: Vec<TemplateFile>,
    /// Its values schema, if it keeps a precompiled form.
    schema: Option<Arc<Schema>>,
    /// The plan of its templates, if it keeps a precompiled form.
    pub(super) plan: Option<Plan>,
    /// What has been read of it before, if it is opened for another request.
    known: Option<KnownParts>,
    /// Whether derived values may read what the schema does not know: the chart is to get another schema.
    knows_no_schema: bool,
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
        let chart = release::facade(session, &helm);
        let templates = Vec::new();
        return Ok(OpenedChart {
            request,
            chart,
            members: Vec::new(),
            helm: Some(helm),
            templates,
            schema: None,
            plan: None,
            known: None,
            knows_no_schema: false,
            errors_before,
        });
    }
    let mut chart = inputs::open_chart(session, request)?;
    let lacking = if request.helm.may_lack_dependencies { Lacking::LeftOut } else { Lacking::Refused };
    let members = release::members(session, &chart, request.snapshot.as_ref(), lacking)?;
    for member in &members {
        chart.crds.extend(member.chart.crds.iter().cloned());
        chart.externals.extend(member.chart.externals.iter().cloned());
    }
    let templates = templates(session, &chart);
    // A precompiled form knows the settings of its own chart alone.
    let precompiled = if members.is_empty() { precompiled::read(session, &chart, &templates) } else { None };
    let (schema, plan) = match precompiled {
        Some(precompiled) => (precompiled.schema.map(Arc::new), Some(precompiled.plan)),
        None => (None, None),
    };
    Ok(OpenedChart {
        request,
        chart,
        members,
        helm: None,
        templates,
        schema,
        plan,
        known: None,
        knows_no_schema: false,
        errors_before,
    })
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
    /// The chart as one that gets another schema: nothing of it is refused because the present one does not know it.
    pub(super) fn without_schema_of_its_own(self) -> Self {
        OpenedChart { knows_no_schema: true, ..self }
    }

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
        let OpenedChart { request, chart, members, errors_before, .. } = self;
        if let Some(helm) = self.helm {
            return opened_helm(request, chart, helm::read(session, OpenedHelm::of(helm), request)?);
        }
        let (known, known_schema) = (self.known, self.schema);
        let helm = match &known {
            Some(known) => known.helm.clone(),
            None => OpenedHelm::of_members(&chart, &members),
        };
        let helm = helm.map(|helm| HelmCharts::told(session, helm, request));
        let (members, schema_parts) = match &known {
            Some(known) => (Arc::clone(&known.members), known.schema_parts.clone()),
            None => {
                let (members, schemas) = open_members(session, members, request.versions)?;
                (members.into(), read_parts(session, &chart, schemas, request.versions)?.map(Arc::new))
            }
        };
        let schema = match (known_schema, &schema_parts) {
            (Some(schema), _) => Some(schema),
            (None, Some(parts)) => Some(Arc::new(parts.compile(session, &members, &chart.name, &[])?)),
            (None, None) => compile_schema(session, &chart, request.versions)?.map(Arc::new),
        };
        let wants = wants_of(schema.as_deref());
        see(&wants);
        // All of them, before it is looked whether one could not be read.
        let mut layers = defaults_of_members(session, &members);
        layers.extend(inputs::read_layers(session, &chart, request));
        let edits = inputs::parse_edits(session, &request.sets);
        values::hide_secrets(session, &layers, &edits, &wants);
        if let Some(helm) = &helm {
            helm.report_corrupted(session, &layers);
        }
        let derived = match (known, chart.derived) {
            (Some(known), _) => Ok(known.derived),
            (None, Some(source)) => {
                let anything = Arc::new(Wants::anything());
                let wants = if self.knows_no_schema { &anything } else { &wants };
                DerivedValues::read(session, source, wants).map(Arc::new).map(Some)
            }
            (None, None) => Ok(None),
        };
        if derived.is_err() {
            // What is wrong with the templates is said in the same run.
            let _ = template::compile(session, &self.templates, &wants);
        }
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
            helm,
            helm_layers: None,
            layers,
            stack,
            members,
            schema_parts,
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
        let known_helm = self.helm.as_ref().map(HelmCharts::opened);
        if let (Some(helm), true) = (&known_helm, self.chart.is_helm) {
            return opened_helm(request, chart, helm::read(session, Arc::clone(helm), request)?);
        }
        let opened = OpenedChart {
            request,
            chart,
            helm: None,
            templates: Vec::new(),
            schema: self.schema.clone(),
            plan: None,
            members: Vec::new(),
            known: Some(KnownParts {
                derived: self.derived.clone(),
                members: Arc::clone(&self.members),
                schema_parts: self.schema_parts.clone(),
                helm: known_helm,
            }),
            knows_no_schema: false,
            errors_before: session.errors(),
        };
        opened.read_values(session, |_| {})
    }
}

/// An opened chart of Helm.
fn opened_helm(
    request: &Request,
    chart: Chart,
    (charts, layers): (HelmCharts, HelmLayers),
) -> Outcome<Arc<Opened>> {
    Ok(Arc::new(Opened {
        request: request.clone(),
        chart,
        schema: None,
        wants: wants_of(None),
        edits: Vec::new(),
        helm: Some(charts),
        helm_layers: Some(layers),
        layers: Vec::new(),
        stack: LayerStack::default(),
        members: Arc::default(),
        schema_parts: None,
        derived: None,
        sound: Ok(()),
    }))
}

/// Reads the schemas, the expressions and the templates of members; with each, its schema as a tree.
fn open_members(
    session: &Session,
    members: Vec<Member>,
    versions: Versions,
) -> Outcome<(Vec<OpenedMember>, Vec<Node>)> {
    let mut schemas = Vec::with_capacity(members.len());
    for member in &members {
        let nothing = || Node::empty_map(Span::new(member.chart.defaults, 0, 0));
        // A chart of Helm is held against its own schema by Helm's rules.
        schemas.push(match member.chart.schema.filter(|_| member.helm.is_none()) {
            Some(source) => Schema::read(session, source, &*api_types(versions))?,
            None => nothing(),
        });
    }
    // What each knows of its own values: what it brings along stands in them.
    let places: Vec<&ValuePath> = members.iter().map(|member| &member.place).collect();
    let mut whole = schemas.clone();
    for (part, member) in whole.iter_mut().zip(&members) {
        allow_switches(member, part);
    }
    mount_all(&places, &mut whole, None);
    let has_inner = |place: &ValuePath| {
        places.iter().any(|other| other.0.len() > place.0.len() && other.0.starts_with(&place.0))
    };
    let has_inner: Vec<bool> = members.iter().map(|member| has_inner(&member.place)).collect();
    let mut opened = Vec::with_capacity(members.len());
    for ((member, whole), has_inner) in members.into_iter().zip(whole).zip(has_inner) {
        let templates = match member.helm {
            Some(_) => Vec::new(),
            None => templates(session, &member.chart),
        };
        // A precompiled form knows the settings of its own chart alone.
        let precompiled =
            if has_inner { None } else { precompiled::read(session, &member.chart, &templates) };
        let wants = match &precompiled {
            _ if member.helm.is_some() => None,
            Some(precompiled) => precompiled.schema.as_ref().map(|schema| Arc::clone(schema.wants())),
            None => match member.chart.schema {
                Some(source) => Some(Arc::clone(Schema::compile_tree(session, source, whole)?.wants())),
                None => None,
            },
        };
        let wants = wants.unwrap_or_else(|| Arc::new(Wants::anything()));
        let derived = member.chart.derived.map(|source| DerivedValues::read(session, source, &wants));
        let derived = derived.transpose()?;
        let plan = precompiled.map(|precompiled| precompiled.plan);
        opened.push(OpenedMember { member, templates, plan, wants, derived });
    }
    Ok((opened, schemas))
}

/// What the schema of a chart is put together of, if it brings charts along.
fn read_parts(
    session: &Session,
    chart: &Chart,
    members: Vec<Node>,
    versions: Versions,
) -> Outcome<Option<SchemaParts>> {
    if members.is_empty() {
        return Ok(None);
    }
    let source = chart.schema.unwrap_or(chart.defaults);
    let root = match chart.schema {
        Some(source) => Schema::read(session, source, &*api_types(versions))?,
        None => Node::empty_map(Span::new(source, 0, 0)),
    };
    Ok(Some(SchemaParts { source, root, members, without: Mutex::default() }))
}

/// The defaults of members as layers below those of the chart, lowest first: what a chart says of one that it brings
/// along takes precedence over what that one says.
fn defaults_of_members(session: &Session, members: &[OpenedMember]) -> Vec<Layer> {
    let read = |source| values::read_layer(session, source, LayerKind::Defaults).ok();
    let layers = |opened: &OpenedMember| {
        let Member { chart, helm, presets, .. } = &opened.member;
        let own = match helm {
            Some(helm) => helm::defaults_of_member(helm),
            None => read(chart.defaults),
        };
        // Of the kind of those that they stand among.
        let presets = presets.iter().filter_map(|(preset, _)| read(*chart.presets.get(preset)?));
        own.into_iter().chain(presets).map(|layer| opened.at_place(layer)).collect::<Vec<Layer>>()
    };
    members.iter().rev().flat_map(layers).collect()
}

impl OpenedMember {
    /// Whether a text has its defaults, or is a preset that lies over them.
    pub(super) fn gives(&self, source: SourceId) -> bool {
        let Member { chart, presets, .. } = &self.member;
        let is_preset = |(preset, _): &(String, Span)| chart.presets.get(preset) == Some(&source);
        chart.defaults == source || presets.iter().any(is_preset)
    }

    /// A layer of its values as one of all values.
    pub(super) fn at_place(&self, layer: Layer) -> Layer {
        let node = Node::clone(&layer.root);
        let span = node.span;
        let root = self.member.place.0.iter().rev().fold(node, |below, segment| {
            let mut around = Node::empty_map(span);
            if let (Some(map), Segment::Key(key)) = (around.as_map_mut(), segment) {
                map.insert(Arc::from(key.as_str()), Entry { key_span: self.member.named, node: below });
            }
            around
        });
        Layer { root: Arc::new(root), ..layer }
    }
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
