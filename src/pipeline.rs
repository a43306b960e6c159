//! The only file that names every stage: from a request to checked documents.
//!
//! ```text
//! chart::open → values::read_layer → values::merge → schema::check
//!   → template::compile → template::render → manifest::split
//!   → kube::check → manifest::refuse_twins → kube::decode → rules::judge → emit::arrange
//! ```
//!
//! Every command is a prefix or a fold of this line.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::chart::{self, Chart};
use crate::diagnostic::{Code, Diagnostic};
use crate::emit;
use crate::inputs;
use crate::kube::{self, Api, Target};
use crate::manifest::{self, Document};
use crate::request::{Crds, Request};
use crate::rules::{self, Policy, Set};
use crate::schema::{self, Schema};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::template::{self, Capabilities, Context, Program, Role, TemplateFile};
use crate::values::{self, Edit, Layer, LayerKind};
use crate::yaml::{Entry, Map, Node, Value, Wants};

/// A chart and the values that it is rendered with.
#[derive(Debug)]
pub struct Settled {
    /// The chart.
    pub chart: Chart,
    /// Its values schema, if it has one.
    pub schema: Option<Schema>,
    /// What the schema wants by path.
    pub wants: Arc<Wants>,
    /// The layers, low to high.
    pub layers: Vec<Layer>,
    /// The flags, in order.
    pub edits: Vec<Edit>,
    /// The merged and checked values.
    pub values: Node,
}

/// Reads, merges and checks the values of a chart.
pub fn values(session: &Session, request: &Request) -> Outcome<Settled> {
    let settled = merge(session, request)?;
    check(session, &settled, request)?;
    Ok(settled)
}

/// Holds merged values against the schema, and the namespace in them against the flag.
fn check(session: &Session, settled: &Settled, request: &Request) -> Outcome<()> {
    if let Some(schema) = &settled.schema {
        schema::check(session, schema, &settled.values)?;
    }
    agree_on_namespace(session, settled, request)
}

/// Reads and merges the values of a chart without holding them against its schema.
pub fn merge(session: &Session, request: &Request) -> Outcome<Settled> {
    let before = session.errors();
    let chart = chart::open(session, &request.chart)?;
    let compile = |source| match chart.prepared {
        Some(wants) => Schema::prepared(session, source, wants),
        None => Schema::compile(session, source),
    };
    let schema = chart.schema.map(compile).transpose()?;
    let schema = schema.map(|schema| schema.for_chart(&chart.name));
    let wants =
        schema.as_ref().map_or_else(|| Arc::new(Wants::anything()), |schema| Arc::clone(schema.wants()));
    let layers = inputs::layers(session, &chart, request);
    let edits = inputs::edits(session, &request.sets);
    session.clean_since(before)?;
    let values = values::merge(session, &layers, &edits, &wants)?;
    Ok(Settled { chart, schema, wants, layers, edits, values })
}

/// What a render made, with everything that it was made from.
#[derive(Debug)]
pub struct Rendering {
    /// Checked documents, in the order in which they are installed.
    pub documents: Vec<Document>,
    /// The chart and its values.
    pub settled: Settled,
    /// The chart's templates.
    pub program: Program,
}

/// Renders a chart: checked documents in the order in which they are installed.
pub fn render(session: &Session, request: &Request) -> Outcome<Vec<Document>> {
    Ok(render_keeping(session, request)?.documents)
}

/// Renders a chart and keeps what the documents were made from.
pub fn render_keeping(session: &Session, request: &Request) -> Outcome<Rendering> {
    let settled = merge(session, request)?;
    let before = session.errors();
    refuse_versions(session, &settled.chart, request)?;
    // The validator of a bundled schema is made on another thread meanwhile, so templates come before values.
    let program = compile(session, &settled);
    check(session, &settled, request)?;
    let program = program?;
    let mut api = Api::new();
    let crds = inputs::read_crds(session, &settled.chart, request, &mut api);
    let api = Arc::new(api);
    let mut documents = bind(session, &program, &settled, &context(session, &settled, request, &api))?;
    if request.crds != Crds::Left {
        documents.extend(crds);
    }
    if request.create_namespace {
        documents.extend(namespace_document(session, &namespace(&settled, request)));
    }
    session.clean_since(before)?;
    let target = target(&settled, request, api);
    documents.iter_mut().for_each(|document| kube::check(session, &target, document));
    session.clean_since(before)?;
    if request.crds == Crds::Alone {
        documents.retain(|document| document.identity.kind == "CustomResourceDefinition");
    }
    manifest::refuse_twins(session, &documents)?;
    judge(session, &settled, request, &documents)?;
    let documents = emit::arrange(show_only(session, documents, request)?);
    Ok(Rendering { documents, settled, program })
}

/// Decodes the documents and shows them to the rules.
fn judge(session: &Session, settled: &Settled, request: &Request, documents: &[Document]) -> Outcome<()> {
    let config = inputs::config(session, request)?;
    let externals = inputs::externals(&settled.chart, &config);
    let above = settled.layers.iter().filter(|layer| layer.kind != LayerKind::Defaults);
    let of_layers: Vec<SourceId> = above.map(|layer| layer.root.span.source).collect();
    let of_flags = settled.edits.iter().map(|edit| edit.node.span.source);
    let declaring = of_layers.iter().copied().chain(of_flags).collect();
    let set = Set::new(session, documents, &externals, declaring)?;
    rules::judge(session, &set, &Policy::new(&config.levels, &request.levels), &of_layers)
}

/// A chart may say which versions of Kubernetes it is for.
fn refuse_versions(session: &Session, chart: &Chart, request: &Request) -> Outcome<()> {
    let Some(text) = &chart.kube_versions else { return Ok(()) };
    let finding = match text.parse::<kube::Versions>() {
        Ok(range) if range.covers(request.versions) => return Ok(()),
        Ok(range) => {
            let asked = request.versions;
            let message =
                format!("the chart `{}` is for Kubernetes {range}, and this is for {asked}", chart.name);
            Diagnostic::error(Code::K008, message)
                .help(format!("render for its versions: `--kube-version {range}`"))
        }
        Err(reason) => {
            let message =
                format!("`kubeVersions: {text}` in the chart `{}` cannot be read: {reason}", chart.name);
            Diagnostic::error(Code::C002, message).help("write a version or a range, such as `1.31..1.36`")
        }
    };
    Err(session.report(finding))
}

fn compile(session: &Session, settled: &Settled) -> Outcome<Program> {
    let own = &settled.chart.templates;
    let library = chart::library(session, own);
    let templates: Vec<TemplateFile> = own.iter().chain(&library).map(template_file).collect();
    template::compile(session, &templates, &settled.wants)
}

/// Renders every template and reads the documents out of it.
fn bind(
    session: &Session,
    program: &Program,
    settled: &Settled,
    context: &Context,
) -> Outcome<Vec<Document>> {
    let before = session.errors();
    let mut documents = Vec::new();
    for rendered in template::render(session, program, context)? {
        let name = Arc::from(format!("{}/templates/{}", settled.chart.name, rendered.name));
        if let Ok(found) = manifest::split(session, &name, rendered.source, &rendered.bindings) {
            documents.extend(found);
            template::refuse_unused(session, &rendered);
        }
    }
    session.clean_since(before)?;
    Ok(documents)
}

fn template_file(file: &chart::ChartFile) -> TemplateFile {
    let role = if file.is_library() { Role::Library } else { Role::Document };
    TemplateFile { name: Arc::from(file.name.as_str()), source: file.source, role }
}

fn context(session: &Session, settled: &Settled, request: &Request, api: &Arc<Api>) -> Context {
    let chart = &settled.chart;
    let release = request.release_name.clone().unwrap_or_else(|| chart.name.clone());
    let text = |text: &str| Some(text.to_owned());
    let files = chart.files.iter().map(|(name, source)| (name.as_str(), text(&session.source(*source).text)));
    let globals = vec![
        (
            "release",
            text_map(vec![("name", Some(release)), ("namespace", Some(namespace(settled, request)))]),
        ),
        (
            "chart",
            text_map(vec![
                ("name", text(&chart.name)),
                ("version", text(&chart.version)),
                ("appVersion", chart.app_version.clone()),
            ]),
        ),
        ("files", text_map(files.collect())),
    ];
    let asked: BTreeSet<String> = request.api_versions.iter().cloned().collect();
    let (api, versions) = (Arc::clone(api), request.versions);
    let has = Arc::new(move |name: &str| asked.contains(name) || api.has(name, versions));
    let capabilities = Capabilities { version: request.versions.to_string(), has };
    let secrets = values::secrets(&settled.values, settled.wants.root());
    Context { values: settled.values.clone(), globals, capabilities, secrets }
}

fn text_map(pairs: Vec<(&str, Option<String>)>) -> Node {
    let here = Span::NOWHERE;
    let entry = |text: String| Entry { key_span: here, node: Node::string(text, here) };
    let present = pairs.into_iter().filter_map(|(key, text)| Some((Arc::from(key), entry(text?))));
    Node::new(Value::Map(present.collect::<Map>()), here)
}

/// A flag wins over the values, and they over the chart's own namespace; without any it is `default`, as for kubectl.
fn namespace(settled: &Settled, request: &Request) -> String {
    let valued = || namespace_value(settled).and_then(Node::as_str).map(str::to_owned);
    let flag = request.namespace.clone();
    flag.or_else(valued).or_else(|| settled.chart.namespace.clone()).unwrap_or_else(|| "default".to_owned())
}

/// The setting that the chart takes its namespace from, if it is set and not empty.
fn namespace_value(settled: &Settled) -> Option<&Node> {
    let mut keys = settled.chart.namespace_from.as_deref()?.split('.');
    let node = keys.try_fold(&settled.values, |node, key| node.get(key))?;
    node.as_str().is_some_and(|text| !text.is_empty()).then_some(node)
}

/// A namespace in the values is that of one installation: rendered into another, it would be two halves of one.
fn agree_on_namespace(session: &Session, settled: &Settled, request: &Request) -> Outcome<()> {
    let (Some(node), Some(flag)) = (namespace_value(settled), &request.namespace) else { return Ok(()) };
    let (Some(valued), Some(path)) = (node.as_str(), &settled.chart.namespace_from) else { return Ok(()) };
    if valued == flag {
        return Ok(());
    }
    let message = format!("`{path}` is `{valued}`, and the command asks for the namespace `{flag}`");
    let finding = Diagnostic::error(Code::V107, message).at(node.span, "the namespace of these values");
    Err(session.report(finding.help("leave out `--namespace`, or take the values of the other namespace")))
}

fn namespace_document(session: &Session, namespace: &str) -> Vec<Document> {
    let text =
        format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: '{}'\n", namespace.replace('\'', "''"));
    let source = session.add_source(SourceKind::Flag, "--create-namespace", text);
    manifest::split(session, &Arc::from("--create-namespace"), source, &[]).unwrap_or_default()
}

fn target(settled: &Settled, request: &Request, api: Arc<Api>) -> Target {
    Target {
        api,
        versions: request.versions,
        namespace: Some(namespace(settled, request)),
        other_namespaces: BTreeSet::new(),
        allow_unknown: request.allow_unknown.iter().cloned().collect(),
    }
}

/// Keeps the documents of the named templates; a name may be `templates/x.yaml` or the whole `# Source:` path.
fn show_only(session: &Session, documents: Vec<Document>, request: &Request) -> Outcome<Vec<Document>> {
    if request.show_only.is_empty() {
        return Ok(documents);
    }
    let before = session.errors();
    let matches = |document: &Document, name: &str| {
        let path = &*document.template;
        path == name || path.split_once('/').is_some_and(|(_, rest)| rest == name)
    };
    for name in &request.show_only {
        if !documents.iter().any(|document| matches(document, name)) {
            let known: BTreeSet<&str> = documents.iter().map(|document| &*document.template).collect();
            let finding = Diagnostic::error(Code::E002, format!("no document comes from `{name}`"));
            session.report(
                finding.did_you_mean(name, known).help("name a template as in `templates/engine.yaml`"),
            );
        }
    }
    session.clean_since(before)?;
    let shown = |document: &Document| request.show_only.iter().any(|name| matches(document, name));
    Ok(documents.into_iter().filter(shown).collect())
}
