//! Both charts rendered with the same values, and compared object by object.
//!
//! Where a template of the bound chart cannot be rendered, the others are rendered without it, each by itself: so one mistake
//! hides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::chart::Snapshot;
use crate::diagnostic::{Diagnostic, Level};
use crate::diff::{self, ChangeKind, FieldEdit, MaskedValue, ObjectChange};
use crate::kube::Api;
use crate::manifest::{Document, Identity};
use crate::pipeline::{self, Prepared};
use crate::request::{Request, ValuesFile};
use crate::session::{Outcome as SessionOutcome, Session};
use crate::source::SourceKind;
use crate::yaml::{Kind, Map, Node, ParseLimits, Scalar, Strictness, Value, parse_documents};

/// Both charts with the same values.
#[derive(Debug)]
pub struct Comparison {
    /// Which values: `defaults`, or a file.
    pub values: String,
    /// The objects of both, those of the Helm chart first.
    pub objects: Vec<ComparedObject>,
    /// Objects of the charts in the Helm chart, which are not converted.
    pub of_dependencies: usize,
    /// Templates that could not be rendered.
    pub failures: Vec<Failure>,
    /// Why the Helm chart itself could not be rendered: then nothing is compared.
    pub refused: Option<String>,
}

/// An object of one chart or both.
#[derive(Debug)]
pub struct ComparedObject {
    /// The object.
    pub object: Identity,
    /// The template that it comes from: `templates/service.yaml`.
    pub template: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an object.
#[derive(Debug)]
pub enum Outcome {
    /// It is the same.
    Equal,
    /// It has other fields.
    Differs(ObjectChange),
    /// The bound chart does not have it.
    Missing,
    /// Only the bound chart has it.
    Added,
    /// Its template could not be rendered.
    NotRendered,
}

/// A template that could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The template, in the bound chart; `values.schema.json` and the like if it is none.
    pub template: String,
    /// What was said.
    pub message: String,
}

impl Comparison {
    /// Whether every object is the same.
    pub fn is_equal(&self) -> bool {
        let is_same = |one: &ComparedObject| matches!(one.outcome, Outcome::Equal);
        self.failures.is_empty() && self.objects.iter().all(is_same)
    }

    /// How many objects are the same.
    pub fn equal(&self) -> usize {
        self.objects.iter().filter(|one| matches!(one.outcome, Outcome::Equal)).count()
    }
}

/// Compares both charts with the defaults, and with each of these files of the Helm chart's `ci/`.
pub(super) fn compare(
    session: &Session,
    helm: &Request,
    bound: &Snapshot,
    files: &[String],
) -> Vec<Comparison> {
    // Each chart is prepared once, in a session that those of the renders are overlays of.
    let base = session.snapshot().overlay();
    let old = Attempt::prepare(&base, &Request { skip_crds: true, ..helm.clone() });
    let mut charts = BoundCharts { base: &base, bound, known: BTreeMap::new() };
    let values = std::iter::once(None).chain(files.iter().map(Some));
    values.map(|file| compare_with(&base, helm, &old, &mut charts, file)).collect()
}

/// A chart that was prepared, or what kept it from being.
struct Attempt {
    prepared: SessionOutcome<Prepared>,
    /// What was said meanwhile.
    errors: Vec<(String, String)>,
}

impl Attempt {
    fn prepare(session: &Session, request: &Request) -> Attempt {
        let first = session.findings();
        let prepared = pipeline::prepare(session, request);
        Attempt { prepared, errors: errors_since(session, first) }
    }

    /// Its documents with some files of values; the session is an overlay of the one that it was prepared in.
    fn render(&self, session: &Session, files: &[ValuesFile]) -> SessionOutcome<Vec<Document>> {
        let prepared = self.prepared.as_ref().map_err(|reported| *reported)?;
        pipeline::unjudged(session, prepared, files)
    }
}

/// The bound chart, without some of its templates.
struct BoundCharts<'c> {
    base: &'c Session,
    bound: &'c Snapshot,
    /// By the templates that are left out.
    known: BTreeMap<BTreeSet<String>, Attempt>,
}

impl BoundCharts<'_> {
    /// The chart without some templates. It is prepared in the base session, so overlays are made after this.
    fn without(&mut self, left_out: &BTreeSet<String>) -> &Attempt {
        let (base, bound) = (self.base, self.bound);
        self.known.entry(left_out.clone()).or_insert_with(|| {
            let mut snapshot = bound.clone();
            snapshot.files.retain(|path, _| !left_out.contains(path));
            let chart = bound.name.clone();
            let request = Request { chart, snapshot: Some(snapshot), skip_crds: true, ..Request::default() };
            Attempt::prepare(base, &request)
        })
    }

    /// Its templates but for these.
    fn templates(&self, left_out: &BTreeSet<String>) -> Vec<String> {
        let all = self.bound.files.keys().filter(|path| is_template(path) && !left_out.contains(*path));
        all.cloned().collect()
    }
}

fn is_template(path: &str) -> bool {
    path.starts_with("templates/") && !path.rsplit('/').next().is_some_and(|file| file.starts_with('_'))
}

/// Whether the templates of a chart fit its schema.
pub(super) fn fits(session: &Session, bound: &Snapshot) -> bool {
    let overlay = session.snapshot().overlay();
    let request = Request { snapshot: Some(bound.clone()), chart: bound.name.clone(), ..Request::default() };
    let prepared = pipeline::prepare(&overlay, &request);
    let is_wrong = |finding: &Diagnostic| finding.level == Level::Error;
    prepared.is_ok_and(|prepared| prepared.templates_fit()) && !overlay.diagnostics().iter().any(is_wrong)
}

fn compare_with(
    base: &Session,
    helm: &Request,
    old: &Attempt,
    charts: &mut BoundCharts<'_>,
    file: Option<&String>,
) -> Comparison {
    let files: Vec<ValuesFile> = file
        .map(|file| ValuesFile::Path(PathBuf::from(&helm.chart).join("ci").join(file)))
        .into_iter()
        .collect();
    let values = file.map_or_else(|| "defaults".to_owned(), |file| format!("ci/{file}"));
    let mut comparison =
        Comparison { values, objects: Vec::new(), of_dependencies: 0, failures: Vec::new(), refused: None };
    // The bound chart first, as its session is made when all of it is prepared.
    let (session, mut new, failures) = rendered(base, charts, &files);
    let first = session.findings();
    let old = match old.render(&session, &files) {
        Ok(documents) if !has_refusal(&session, first) => documents,
        _ => {
            let said = old.errors.iter().cloned().chain(errors_since(&session, first)).next();
            comparison.refused = Some(said.map_or_else(|| "it failed".to_owned(), |(_, text)| text));
            return comparison;
        }
    };
    let mut old = old;
    // Helm itself would draw others each time.
    diff::mask_draws(&session, &mut old);
    let (of_dependencies, old): (Vec<Document>, Vec<Document>) =
        old.into_iter().partition(|document| document.template.contains("/charts/"));
    comparison.of_dependencies = of_dependencies.len();
    adopt_alike(&old, &mut new);
    comparison.failures = failures;
    let failed: BTreeSet<&str> =
        comparison.failures.iter().map(|failure| failure.template.as_str()).collect();
    let changes = diff::compare(&session, &Api::new(), &old, &new);
    let mut by_object: BTreeMap<String, ObjectChange> =
        changes.into_iter().map(|change| (key(&change.object), change)).collect();
    let template = |document: &Document| {
        document.template.split_once('/').map_or(&*document.template, |(_, rest)| rest).to_owned()
    };
    let mut objects = Vec::new();
    for document in &old {
        let template = template(document);
        let outcome = match by_object.remove(&key(&document.identity)).and_then(without_alike) {
            None => Outcome::Equal,
            Some(change) if matches!(change.kind, ChangeKind::Changed(_)) => Outcome::Differs(change),
            Some(_)
                if failed.contains(template.as_str())
                    || failed.contains(format!("{template}.yaml").as_str()) =>
            {
                Outcome::NotRendered
            }
            Some(_) => Outcome::Missing,
        };
        objects.push(ComparedObject { object: document.identity.clone(), template, outcome });
    }
    for document in &new {
        if let Some(change) = by_object.remove(&key(&document.identity)) {
            let outcome = match change.kind {
                ChangeKind::Changed(_) => Outcome::Differs(change),
                _ => Outcome::Added,
            };
            objects.push(ComparedObject {
                object: document.identity.clone(),
                template: template(document),
                outcome,
            });
        }
    }
    comparison.objects = objects;
    comparison
}

/// Gives new objects what the old ones have where both are the same in another form: what was drawn, and files of YAML or JSON that
/// have the same content in another order.
fn adopt_alike(old: &[Document], new: &mut [Document]) {
    let mut by_key: BTreeMap<String, &Document> =
        old.iter().map(|document| (key(&document.identity), document)).collect();
    for document in new {
        let found = by_key.remove(&key(&document.identity)).or_else(|| {
            // A name with a draw in it.
            let fits = |one: &&Document| {
                let (old, new) = (&one.identity, &document.identity);
                old.kind == new.kind
                    && old.api_version == new.api_version
                    && old.namespace == new.namespace
                    && diff::may_be(&old.name, &new.name)
            };
            let found = old.iter().find(fits)?;
            by_key.remove(&key(&found.identity))
        });
        let Some(found) = found else { continue };
        document.identity.name = Arc::clone(&found.identity.name);
        adopt_texts(&found.node, &mut document.node);
    }
}

fn adopt_texts(old: &Node, new: &mut Node) {
    match (&old.value, &mut new.value) {
        (Value::Scalar(old), Value::Scalar(new))
            if old.text != new.text
                && (diff::may_be(&old.text, &new.text) || is_same_file(&old.text, &new.text)) =>
        {
            *new = old.clone();
        }
        (Value::List(old), Value::List(new)) => {
            old.iter().zip(new).for_each(|(old, new)| adopt_texts(old, new));
        }
        (Value::Map(old), Value::Map(new)) => {
            for (key, entry) in old.iter() {
                if let Some(new) = new.get_mut(key) {
                    adopt_texts(&entry.node, &mut new.node);
                }
            }
        }
        _ => {}
    }
}

/// Whether two texts are files of YAML or JSON with the same content.
fn is_same_file(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let may_be_file = text.contains('\n') || text.trim_start().starts_with(['{', '[']);
        if !may_be_file {
            return None;
        }
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "text", text);
        let limits = ParseLimits { strictness: Strictness::AsHelm, ..ParseLimits::default() };
        let documents = parse_documents(&session, source, &[], limits).ok()?;
        let is_file = |node: &Node| node.as_map().is_some() || node.as_list().is_some();
        (session.errors() == 0 && !documents.is_empty() && documents.iter().all(is_file)).then_some(documents)
    };
    match (read(one), read(other)) {
        (Some(one), Some(other)) => {
            one.len() == other.len()
                && one.iter().zip(&other).all(|(one, other)| has_same_content(one, other))
        }
        _ => false,
    }
}

/// Whether two trees are the same, in whatever order their maps are.
fn has_same_content(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Scalar(one), Value::Scalar(other)) => {
            let is_text = |scalar: &Scalar| scalar.kind == Kind::Str;
            let is_same_number = one.as_f64().is_some() && one.as_f64() == other.as_f64();
            is_text(one) == is_text(other) && (one.text == other.text || (!is_text(one) && is_same_number))
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| has_same_content(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, entry)| {
                    other.get(key).is_some_and(|there| has_same_content(&entry.node, &there.node))
                })
        }
        _ => false,
    }
}

/// A change without what is the same in another form; none if nothing is left: no map of labels is an empty one, and a checksum
/// of a template is taken of its settings here.
fn without_alike(mut change: ObjectChange) -> Option<ObjectChange> {
    let ChangeKind::Changed(fields) = &mut change.kind else { return Some(change) };
    fields.retain(|field| {
        let path = field.path.to_string();
        let is_empty = |value: &MaskedValue| value.node.as_map().is_some_and(Map::is_empty);
        match &field.edit {
            FieldEdit::Added(value) | FieldEdit::Removed(value) => {
                let is_optional = path.ends_with(".annotations")
                    || path.ends_with(".labels")
                    || matches!(path.as_str(), "data" | "stringData" | "binaryData");
                !(is_optional && is_empty(value))
            }
            FieldEdit::Changed(old, new) => {
                let is_sum = |value: &MaskedValue| {
                    value.secret
                        || value.node.as_str().is_some_and(|text| {
                            text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit())
                        })
                };
                !(path.contains(".annotations.") && is_sum(old) && is_sum(new))
            }
            _ => true,
        }
    });
    (!fields.is_empty()).then_some(change)
}

/// What tells an object of the changes from others.
fn key(object: &Identity) -> String {
    format!(
        "{}/{}/{}/{}",
        object.api_version,
        object.kind,
        object.namespace.as_deref().unwrap_or_default(),
        object.name
    )
}

/// The documents of the bound chart, the templates that could not be rendered, and the session that they are of.
fn rendered(
    base: &Session,
    charts: &mut BoundCharts<'_>,
    files: &[ValuesFile],
) -> (Session, Vec<Document>, Vec<Failure>) {
    let mut left_out = BTreeSet::new();
    let mut failures = Vec::new();
    // Those that are wrong are left out, until what is left can be rendered.
    loop {
        let attempt = charts.without(&left_out);
        let session = base.snapshot().overlay();
        if let Ok(documents) = attempt.render(&session, files) {
            return (session, documents, failures);
        }
        let said: Vec<(String, String)> =
            attempt.errors.iter().cloned().chain(errors_since(&session, 0)).collect();
        let templates = charts.templates(&left_out);
        let mut wrong: BTreeMap<String, String> = BTreeMap::new();
        for (file, message) in &said {
            let path = below(charts.bound, file);
            if templates.contains(&path) {
                wrong.entry(path).or_insert_with(|| message.clone());
            }
        }
        if wrong.is_empty() {
            return each_alone(base, charts, files, &left_out, failures, said.into_iter().next());
        }
        for (template, message) in wrong {
            left_out.insert(template.clone());
            failures.push(Failure { template, message });
        }
    }
}

/// The path of a file in the bound chart.
fn below(bound: &Snapshot, file: &str) -> String {
    file.strip_prefix(&format!("{}/", bound.name)).unwrap_or(file).to_owned()
}

/// As [`rendered`], where the templates do not say which of them is wrong: each by itself.
fn each_alone(
    base: &Session,
    charts: &mut BoundCharts<'_>,
    files: &[ValuesFile],
    left_out: &BTreeSet<String>,
    mut failures: Vec<Failure>,
    said: Option<(String, String)>,
) -> (Session, Vec<Document>, Vec<Failure>) {
    let (place, message) =
        said.unwrap_or_else(|| ("templates".to_owned(), "it cannot be rendered".to_owned()));
    let path = below(charts.bound, &place);
    let templates = charts.templates(left_out);
    // What is wrong with the values, the schema or `chart.yaml` is wrong for all of them.
    if !path.starts_with("templates/") {
        failures.extend(templates.into_iter().map(|template| Failure { template, message: message.clone() }));
        return (base.snapshot().overlay(), Vec::new(), failures);
    }
    let all = charts.templates(&BTreeSet::new());
    let others = |template: &String| -> BTreeSet<String> {
        all.iter().filter(|path| *path != template).cloned().collect()
    };
    let alone: Vec<(String, BTreeSet<String>)> =
        templates.iter().map(|template| (template.clone(), others(template))).collect();
    for (_, others) in &alone {
        charts.without(others);
    }
    let session = base.snapshot().overlay();
    let before = failures.len();
    let mut documents = Vec::new();
    for (template, others) in alone {
        let first = session.findings();
        let attempt = charts.without(&others);
        match attempt.render(&session, files) {
            Ok(found) => documents.extend(found),
            Err(_) => {
                let said = attempt.errors.iter().cloned().chain(errors_since(&session, first)).next();
                let message = said.map_or_else(|| "it cannot be rendered".to_owned(), |(_, message)| message);
                failures.push(Failure { template, message });
            }
        }
    }
    if failures.len() == before {
        failures.push(Failure { template: path, message });
    }
    (session, documents, failures)
}

/// Whether a template of Helm failed since a finding: what it would have printed is missing.
fn has_refusal(session: &Session, first: usize) -> bool {
    session
        .diagnostics()
        .iter()
        .skip(first)
        .any(|finding| finding.level == Level::Error && finding.code.id.starts_with('H'))
}

/// The errors from a finding on: the file that each is in, and its sentence with the line.
fn errors_since(session: &Session, first: usize) -> Vec<(String, String)> {
    let errors =
        session.diagnostics().into_iter().skip(first).filter(|finding| finding.level == Level::Error);
    let said = |finding: Diagnostic| match finding.primary() {
        Some(label) => {
            let span = session.resolve(label.span);
            let source = session.source(span.source);
            let before = source.text.get(..span.start as usize).unwrap_or_default();
            let (file, line) = (source.name.to_string(), 1 + before.matches('\n').count());
            (file.clone(), format!("{}: {} ({file}:{line})", finding.code.id, finding.message))
        }
        None => (String::new(), format!("{}: {}", finding.code.id, finding.message)),
    };
    // What is wrong with a document's fields does not keep it from being compared.
    errors.filter(|finding| !finding.code.id.starts_with(['K', 'R'])).map(said).collect()
}
