//! A chart and its values to what its templates print, in Helm's order.
//!
//! ```text
//! ChartValues ─► scopes: `.`, one for each chart ─► parsed, run all ─► Rendered: a text for each template
//!                                                                       └► documents, without hooks that are not wanted
//! ```
//!
//! Templates run in the reverse order of their depth and their paths, those of subcharts before those of their parents:
//! one that changes a map (`set`) is seen by those that run later.

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::chart::{HelmChart, OtherFile};
use super::coalesce::{Instance, entries};
use super::dependencies::{self, ChartValues};
use super::documents::{self, Document, Hook};
use super::objects::{Capabilities, CapabilitiesObject, Files, Release};
use super::parsed::ParsedFiles;
use super::tree::Tree;
use super::version::{Constraint, Version};
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::error::{Error, ErrorKind, NamedField};
use crate::gotemplate::eval::Evaluation;
use crate::gotemplate::templates::Templates;
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Map, MapType, Value};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::{Node, Value as Content};

/// What a chart's templates print.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Those that print documents, in the order of their names. Partials and notes are not among them.
    pub templates: Vec<RenderedTemplate>,
    /// What is in `crds/`, the parent's before its subcharts'.
    pub crds: Vec<Crd>,
    /// What is said to the user: the chart's `NOTES.txt`.
    pub notes: Option<Text>,
    /// Whether a template failed, so that what it would have printed is missing.
    pub is_incomplete: bool,
}

/// What one template prints.
#[derive(Debug)]
pub struct RenderedTemplate {
    /// Its name as Helm has it, such as `shop/charts/redis/templates/service.yaml`.
    pub name: String,
    /// The template.
    pub source: SourceId,
    /// All that it prints.
    pub text: Text,
    /// The documents in it that are wanted.
    pub documents: Vec<Document>,
}

/// A file of `crds/`.
#[derive(Clone, Debug)]
pub struct Crd {
    /// Its name as Helm has it, such as `shop/crds/order.yaml`.
    pub name: String,
    /// Its text; none of what is no text.
    pub source: Option<SourceId>,
}

/// Which of the documents are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Those that Helm runs as hooks.
    pub hooks: bool,
    /// Those of them that are tests.
    pub tests: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted { hooks: true, tests: true }
    }
}

impl RenderedTemplate {
    /// The documents that are wanted as one text, with `---` between them.
    pub fn manifest(&self) -> Text {
        documents::joined(self.documents.iter().map(|document| &document.text))
    }
}

/// What a render is given besides the chart and its values.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// The release.
    pub release: &'c Release,
    /// What the cluster can do.
    pub capabilities: &'c Capabilities,
    /// Which documents are wanted.
    pub wanted: Wanted,
    /// The templates that were parsed before.
    pub parsed: &'c ParsedFiles,
    /// What functions of templates ask.
    pub host: &'c dyn Any,
}

/// A template with what it is run with.
struct Renderable {
    source: SourceId,
    /// `.` of its chart, which all its templates share.
    scope: Rc<Map>,
    /// The name of its chart's `templates/`.
    base: Rc<str>,
}

/// Runs the templates of a chart.
///
/// # Errors
/// H001 for a library, H008 for a version of Kubernetes that the chart does not take, H004 for what is no template, H005 for
/// templates that fail, H006 for charts that refuse their values, T008 for too much work.
pub fn run(session: &Session, values: &ChartValues, context: &Context<'_>) -> Outcome<Rendered> {
    dependencies::refuse_library(session, &values.root.chart)?;
    let before = session.errors();
    let rendered = run_what_can_be(session, values, context)?;
    session.clean_since(before)?;
    Ok(rendered)
}

/// Runs the templates of a chart; what some of them print where others fail. Helm prints nothing then, but what is wrong with
/// the rest need not wait for it. Of a library, the partials are parsed and nothing is printed.
///
/// # Errors
/// As [`run`], where no template can be run.
pub fn run_what_can_be(session: &Session, values: &ChartValues, context: &Context<'_>) -> Outcome<Rendered> {
    check_kube_version(session, &values.root.chart, context.capabilities)?;
    let mut renderables = BTreeMap::new();
    let given = Given {
        release: context.release.value(),
        capabilities: CapabilitiesObject::value(context.capabilities),
    };
    let root = Map::new(MapType::Named("common.Values"));
    for (key, entry) in entries(&values.values.map()) {
        root.insert(&key, entry.key, entry.value);
    }
    collect(&values.root, "", Rc::new(root), &given, &mut renderables);
    let mut order: Vec<&String> = renderables.keys().collect();
    order.sort_by_key(|name| (name.matches('/').count(), name.as_bytes()));
    order.reverse();
    let before = session.errors();
    let templates = parse(session, &renderables, &order, context, values)?;
    let mut printed = execute(session, &templates, &renderables, &order, context, values);
    let is_incomplete = session.clean_since(before).is_err();
    let notes = printed.remove(&format!("{}/templates/NOTES.txt", values.root.name.text));
    printed.retain(|name, _| !name.ends_with("NOTES.txt"));
    let mut rendered = Rendered { notes, is_incomplete, ..Rendered::default() };
    for (name, text) in printed {
        let Some(renderable) = renderables.get(name.as_str()) else { continue };
        let documents = documents::split(&text)
            .into_iter()
            .filter(|document| document.is_wanted(context.wanted.hooks, context.wanted.tests));
        let documents = documents.collect();
        rendered.templates.push(RenderedTemplate { name, source: renderable.source, text, documents });
    }
    crds(&values.root, "", &mut rendered.crds);
    Ok(rendered)
}

/// What all charts of a render are given.
struct Given {
    release: Value,
    capabilities: Value,
}

/// The path of a chart that stands in another one, or nowhere.
fn path_of(parent: &str, instance: &Instance) -> String {
    if parent.is_empty() {
        instance.name.text.clone()
    } else {
        format!("{parent}/charts/{}", instance.name.text)
    }
}

/// Adds the templates of a chart and of those in it; gives what `.` is in them.
fn collect(
    instance: &Instance,
    parent: &str,
    values: Rc<Map>,
    given: &Given,
    renderables: &mut BTreeMap<String, Renderable>,
) -> Rc<Map> {
    let path = path_of(parent, instance);
    let subcharts = Rc::new(Map::new(MapType::Any));
    let metadata = &instance.chart.metadata;
    let dependencies = instance.dependencies.as_deref().unwrap_or_default();
    let scope = Map::new(MapType::Named("common.Values"));
    for (key, value) in [
        ("Chart", metadata.value(&instance.name, parent.is_empty(), dependencies)),
        ("Files", Files::value(&instance.chart)),
        ("Release", given.release.clone()),
        ("Capabilities", given.capabilities.clone()),
        ("Values", Value::Map(Rc::clone(&values))),
        ("Subcharts", Value::Map(Rc::clone(&subcharts))),
    ] {
        scope.insert(key.as_bytes(), Origin::NOWHERE, value);
    }
    let scope = Rc::new(scope);
    for subchart in &instance.charts {
        let name = subchart.name.text.as_bytes();
        let below = match values.get(name) {
            Some(Value::Map(below)) => below,
            _ => Rc::new(Map::new(MapType::Named("common.Values"))),
        };
        let inner = collect(subchart, &path, below, given, renderables);
        subcharts.insert(name, Origin::NOWHERE, Value::Map(inner));
    }
    let base: Rc<str> = Rc::from(format!("{path}/templates"));
    for template in &instance.chart.templates {
        let is_partial = is_partial(&template.name);
        if metadata.is_library() && !is_partial {
            continue;
        }
        let renderable =
            Renderable { source: template.source, scope: Rc::clone(&scope), base: Rc::clone(&base) };
        renderables.insert(format!("{path}/{}", template.name), renderable);
    }
    scope
}

/// Whether a template prints nothing of its own, but is there to be included.
fn is_partial(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|name| name.starts_with('_'))
}

/// The files of `crds/` of a chart and of those in it.
fn crds(instance: &Instance, parent: &str, found: &mut Vec<Crd>) {
    let path = path_of(parent, instance);
    let crd = |file: &OtherFile| Crd { name: format!("{path}/{}", file.name), source: file.source };
    found.extend(instance.chart.crds().map(crd));
    for subchart in &instance.charts {
        crds(subchart, &path, found);
    }
}

/// All templates, parsed in the order in which they run: of two defines of one name, the later one counts.
///
/// # Errors
/// H004 for each that is no template. One that defines nothing for others is left out, and does not keep them from running.
fn parse(
    session: &Session,
    renderables: &BTreeMap<String, Renderable>,
    order: &[&String],
    context: &Context<'_>,
    values: &ChartValues,
) -> Outcome<Templates> {
    let mut templates = context.parsed.templates();
    let mut refused = None;
    for name in order {
        let Some(renderable) = renderables.get(name.as_str()) else { continue };
        match context.parsed.get(session, name, renderable.source) {
            Ok(parsed) => templates.add(&parsed),
            Err(error) => {
                let reported = session.report(finding(session, &error, renderable.source, name, values));
                let text = &session.source(renderable.source).text;
                // What others include may be defined in it: they would fail for that reason alone.
                if is_partial(name) || text.contains("define") || text.contains("block") {
                    refused = Some(reported);
                }
            }
        }
    }
    refused.map_or(Ok(templates), Err)
}

/// Runs each template that is no partial; what it prints, by its name. Those that fail are reported.
fn execute(
    session: &Session,
    templates: &Templates,
    renderables: &BTreeMap<String, Renderable>,
    order: &[&String],
    context: &Context<'_>,
    values: &ChartValues,
) -> BTreeMap<String, Text> {
    let mut evaluation = Evaluation::new(templates, context.host, session.limits());
    let mut printed = BTreeMap::new();
    // Where several templates include one that fails, it is one failure.
    let mut failed: Vec<(Span, String)> = Vec::new();
    for name in order {
        // One that could not be parsed is not there.
        if is_partial(name) || !templates.has(name) {
            continue;
        }
        let Some(renderable) = renderables.get(name.as_str()) else { continue };
        let template = Map::new(MapType::Named("common.Values"));
        template.insert(b"Name", Origin::NOWHERE, Value::plain_string(name.as_bytes()));
        template.insert(b"BasePath", Origin::NOWHERE, Value::plain_string(renderable.base.as_bytes()));
        renderable.scope.insert(b"Template", Origin::NOWHERE, Value::Map(Rc::new(template)));
        match evaluation.run(name, Value::Map(Rc::clone(&renderable.scope))) {
            Ok(text) => {
                printed.insert((*name).clone(), text);
            }
            Err(error) => {
                let is_limit = matches!(error.kind, ErrorKind::Limit(_));
                let known = (error.place, error.message.clone());
                if !failed.contains(&known) {
                    session.report(finding(session, &error, renderable.source, name, values));
                    failed.push(known);
                }
                if is_limit {
                    break;
                }
            }
        }
    }
    printed
}

/// What a chart says on several lines, often with empty ones around them, as one: a message of a finding is one line.
fn on_one_line(message: &str) -> String {
    if !message.contains('\n') {
        return message.to_owned();
    }
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// An error of a template as a finding. `chart` is the path of the chart whose template was run, below the first one.
fn finding(
    session: &Session,
    error: &Error,
    template: SourceId,
    chart: &str,
    values: &ChartValues,
) -> Diagnostic {
    let place = if error.place == Span::NOWHERE { Span::new(template, 0, 1) } else { error.place };
    let message = &error.message;
    let finding = match error.kind {
        ErrorKind::Syntax => Diagnostic::error(Code::H004, message)
            .at(place, "here")
            .help("`helm lint` and the documentation of Go's text/template say what is allowed"),
        ErrorKind::Evaluation | ErrorKind::Function => {
            Diagnostic::error(Code::H005, message).at(place, "here")
        }
        ErrorKind::Refused => Diagnostic::error(Code::H006, on_one_line(message)).at(place, "refused here"),
        ErrorKind::Limit(limit) => Diagnostic::error(Code::T008, message)
            .at(place, "here")
            .help(session.limits().help(limit, "let the template do less")),
    };
    // The way there, from the innermost; the middle of a long one says nothing.
    let shown = error.calls.iter().filter(|(_, place)| *place != Span::NOWHERE).take(4);
    let finding = shown
        .fold(finding, |finding, (name, place)| finding.also(*place, format!("`{name}` is called here")));
    let (finding, missing) = with_fields(finding, &error.fields, chart, values);
    let set = missing.map(|setting| format!("set `{setting}`"));
    match error.kind {
        ErrorKind::Evaluation | ErrorKind::Function => finding.help(match set {
            Some(set) => format!("{set}, or correct the template"),
            None => "set the values that the template needs here, or correct the template".to_owned(),
        }),
        ErrorKind::Refused => finding.help(match set {
            Some(set) => format!("{set}, or what the message says: the chart's author wants other values"),
            None => "the chart's author wants other values: set them as the message says".to_owned(),
        }),
        ErrorKind::Syntax | ErrorKind::Limit(_) => finding,
    }
}

/// The most places in the values that one finding shows.
const MOST_PLACES: usize = 4;

/// Adds where the values were written that led to an error, and for those that are missing the map that lacks them. Gives the
/// first setting that is missing or empty, too.
fn with_fields(
    finding: Diagnostic,
    fields: &[NamedField],
    chart: &str,
    ChartValues { node: values, user, .. }: &ChartValues,
) -> (Diagnostic, Option<String>) {
    let mut finding = finding;
    let mut first_missing = None;
    let mut shown: Vec<Span> = Vec::new();
    for field in fields {
        let Some(SettingOfField { above, path }) = setting_of(field, chart, values) else { continue };
        let setting = above.iter().chain(path).cloned().collect::<Vec<_>>().join(".");
        if field.is_missing() || field.is_empty {
            first_missing.get_or_insert_with(|| setting.clone());
        }
        let taken_away = if field.is_missing() { taken_away(user, &above, path) } else { None };
        let place = taken_away.as_ref().map_or(field.place, |(place, _)| *place);
        if place == Span::NOWHERE || shown.contains(&place) || shown.len() == MOST_PLACES {
            continue;
        }
        shown.push(place);
        if let Some((place, setting)) = taken_away {
            finding = finding.also(place, format!("`{setting}` is taken away here"));
            continue;
        }
        // From the first name on that is not there.
        let skipped = field.names.len() - path.len();
        let lacks = path.get(field.found.saturating_sub(skipped)..).unwrap_or_default().join(".");
        finding = if field.is_missing() {
            finding.also(field.place, format!("`{lacks}` is not set here"))
        } else if field.is_empty {
            finding.also(field.place, format!("`{setting}` is empty here"))
        } else {
            finding.also(field.place, format!("`{setting}` comes from here"))
        };
    }
    (finding, first_missing)
}

/// The `null` of the user that takes a setting or a map around it away: its key, and the path of that.
pub(super) fn taken_away(user: &Tree, above: &[String], path: &[String]) -> Option<(Span, String)> {
    let mut here = user;
    let mut names: Vec<&str> = Vec::new();
    for name in above.iter().chain(path) {
        let Tree::Map(fields) = here else { return None };
        let field = fields.iter().find(|field| *field.key == *name.as_bytes())?;
        names.push(name);
        if matches!(field.value, Tree::Nil) {
            return Some((field.origin.value, names.join(".")));
        }
        here = &field.value;
    }
    None
}

/// The setting that a field of a template is.
struct SettingOfField<'f> {
    /// The path of the map that its names begin in.
    above: Vec<String>,
    /// Its names from there on.
    path: &'f [String],
}

/// Which setting a field is: `.Values.ingress.host`, `$.Values.ingress.host`, `.root.Values.ingress.host`, or `.host` where
/// `.` is a map of the values.
fn setting_of<'f>(field: &'f NamedField, chart: &str, values: &Node) -> Option<SettingOfField<'f>> {
    if let Some(at) = field.names.iter().position(|name| name == "Values") {
        let path = field.names.get(at + 1..).filter(|path| !path.is_empty())?;
        return Some(SettingOfField {
            above: below_root(chart).into_iter().map(str::to_owned).collect(),
            path,
        });
    }
    let mut above = None;
    find_map_with(values, &mut Vec::new(), field.beside, &mut above);
    // The values as a whole have no name of their own.
    above.filter(|above| !above.is_empty()).map(|above| SettingOfField { above, path: &field.names })
}

/// The path of the map that has an entry whose key was written at this place.
fn find_map_with<'n>(node: &'n Node, path: &mut Vec<&'n str>, key: Span, found: &mut Option<Vec<String>>) {
    if key == Span::NOWHERE || found.is_some() {
        return;
    }
    match &node.value {
        Content::Scalar(_) => {}
        // An item has no name that could be set.
        Content::List(_) => {}
        Content::Map(entries) => {
            if entries.iter().any(|(_, entry)| entry.key_span == key) {
                *found = Some(path.iter().map(|name| (*name).to_owned()).collect());
                return;
            }
            for (name, entry) in entries.iter() {
                path.push(name);
                find_map_with(&entry.node, path, key, found);
                path.pop();
            }
        }
    }
}

/// The names of the subcharts on the way to a template: of `shop/charts/redis/templates/pod.yaml` it is `redis`.
fn below_root(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template.split_once('/').map_or("", |(_, rest)| rest);
    while let Some((name, below)) = rest.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        names.push(name);
        rest = below;
    }
    names
}

/// Refuses a version of Kubernetes that a chart does not take.
///
/// # Errors
/// H008.
pub fn check_kube_version(session: &Session, chart: &HelmChart, capabilities: &Capabilities) -> Outcome<()> {
    let wanted = &chart.metadata.kube_version;
    let numbers = capabilities.kube_version.numbers();
    let version = Version::parse(numbers);
    let fits = matches!(
        (Constraint::parse(&wanted.text), version),
        (Ok(constraint), Ok(version)) if constraint.check(&version)
    );
    if wanted.is_empty() || fits {
        return Ok(());
    }
    let name = &chart.metadata.name.text;
    let message = format!("`{name}` takes the versions {} of Kubernetes, and not {numbers}", wanted.text);
    let finding = Diagnostic::error(Code::H008, message).at(wanted.span, "wanted here");
    Err(session.report(finding.help("choose another version with `--kube-version`")))
}

/// The kinds that Helm applies first, in its order; all others follow, by their names.
const KINDS: &str = "PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget \
    ServiceAccount Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim \
    CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList \
    RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment \
    HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService";

/// All documents in the order in which Helm prints them, each with the name of its template: by kind, hooks behind all
/// others.
pub fn in_order(rendered: &Rendered) -> Vec<(&str, &Document)> {
    let rank = |kind: &str| KINDS.split_whitespace().position(|known| known == kind).unwrap_or(usize::MAX);
    let mut documents: Vec<(bool, usize, String, &str, &Document)> = Vec::new();
    for template in &rendered.templates {
        for document in &template.documents {
            let kind = document.kind();
            let rank = rank(&kind);
            let kind = if rank == usize::MAX { kind } else { String::new() };
            documents.push((document.hook != Hook::None, rank, kind, &template.name, document));
        }
    }
    documents.sort_by(|one, other| (one.0, one.1, &one.2).cmp(&(other.0, other.1, &other.2)));
    documents.into_iter().map(|(.., name, document)| (name, document)).collect()
}

/// What `helm template` prints.
pub fn print(session: &Session, rendered: &Rendered, with_crds: bool) -> String {
    let mut printed = String::new();
    let mut add = |name: &str, text: &str| {
        printed.push_str(&format!("---\n# Source: {name}\n{text}\n"));
    };
    for crd in rendered.crds.iter().filter(|_| with_crds) {
        let source = crd.source.map(|source| session.source(source));
        add(&crd.name, source.as_ref().map_or("", |source| &source.text));
    }
    for (name, document) in in_order(rendered) {
        add(name, document.text.to_str().trim());
    }
    printed
}
