//! One side of a comparison: what it is, and its objects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use plimsoll::chart::Snapshot;
use plimsoll::diagnostic::{Code, Diagnostic};
use plimsoll::diff;
use plimsoll::kube::{self, Api};
use plimsoll::limits::Limits;
use plimsoll::manifest::{self, Document};
use plimsoll::pipeline;
use plimsoll::request::Request;
use plimsoll::session::{Outcome, Reported, Session};
use plimsoll::source::{self, ReadError, SourceKind};

use super::git::{self, Found};

/// What a side is.
pub(super) enum Side {
    /// A chart, to be rendered.
    Chart(Box<Request>),
    /// Plain manifests on the disk.
    Manifests(PathBuf),
    /// Plain manifests, as texts with their names.
    Texts(Vec<(String, Vec<u8>)>),
    /// Plain manifests on standard input.
    Stdin,
}

/// The objects of a side.
#[derive(Debug)]
pub(super) struct Objects {
    pub(super) documents: Vec<Document>,
    /// Whether a chart has rendered them, so that each has its namespace.
    rendered: bool,
}

/// Finds out what an argument means; a chart is rendered as the request says.
pub(super) fn find(argument: &str, request: Request, limits: &Limits) -> Result<Side> {
    let path = Path::new(argument);
    if argument == "-" {
        return Ok(Side::Stdin);
    }
    if is_chart(|name| path.join(name).is_file()) {
        return Ok(Side::Chart(Box::new(Request { chart: argument.to_owned(), ..request })));
    }
    if path.exists() || is_manifest(argument) && !argument.contains('@') {
        return Ok(Side::Manifests(path.to_owned()));
    }
    let Some(revision) = git::revision(argument) else {
        return Ok(Side::Chart(Box::new(Request { chart: argument.to_owned(), ..request })));
    };
    Ok(match revision.read(limits)? {
        Found::File(text) => Side::Texts(vec![(argument.to_owned(), text)]),
        Found::Folder(files) if is_chart(|name| files.contains_key(name)) => {
            let snapshot = Snapshot { name: argument.to_owned(), files };
            Side::Chart(Box::new(Request { snapshot: Some(snapshot), ..request }))
        }
        Found::Folder(files) => {
            let manifests = files.into_iter().filter(|(name, _)| is_manifest(name));
            Side::Texts(manifests.map(|(name, text)| (format!("{argument}/{name}"), text)).collect())
        }
    })
}

/// A folder with Helm's `Chart.yaml` is one too: what is said about it is better than what is said of its files.
fn is_chart(has: impl Fn(&str) -> bool) -> bool {
    has("chart.yaml") || has("Chart.yaml")
}

/// Whether a file of a folder is read. What Kustomize is told is no object.
fn is_manifest(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let ending = [".yaml", ".yml", ".json"].iter().any(|ending| file.ends_with(ending));
    ending && !matches!(file, "kustomization.yaml" | "kustomization.yml")
}

impl Side {
    /// Renders the chart or reads the manifests.
    pub(super) fn read(self, session: &Session) -> Result<Outcome<Objects>> {
        let rendered = matches!(self, Side::Chart(_));
        let documents = match self {
            Side::Chart(request) => pipeline::render(session, &request),
            Side::Manifests(path) if path.is_dir() => read_folder(session, &path),
            Side::Manifests(path) => read_file(session, &path),
            Side::Texts(texts) => {
                all(texts.into_iter().map(|(name, bytes)| split(session, &name, source::text_of(bytes))))
            }
            Side::Stdin => split(session, "<stdin>", source::read_stdin(session.limits())),
        };
        Ok(documents.map(|documents| Objects { documents, rendered }))
    }
}

fn read_folder(session: &Session, folder: &Path) -> Outcome<Vec<Document>> {
    let files = source::list_files(folder, session.limits())
        .map_err(|error| refuse(session, &folder.display().to_string(), &error))?;
    let manifests = files.iter().filter(|name| is_manifest(name));
    all(manifests.map(|name| read_file(session, &folder.join(name))))
}

fn read_file(session: &Session, path: &Path) -> Outcome<Vec<Document>> {
    split(session, &path.display().to_string(), source::read_text(path, session.limits()))
}

fn split(session: &Session, name: &str, text: Result<String, ReadError>) -> Outcome<Vec<Document>> {
    let text = text.map_err(|error| refuse(session, name, &error))?;
    let source = session.add_source(SourceKind::File, name, text);
    let mut documents = manifest::split(session, &Arc::from(name), source, &[]).all()?;
    diff::read_as_yaml_1_1(&mut documents);
    Ok(documents)
}

fn refuse(session: &Session, name: &str, error: &ReadError) -> Reported {
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    session.report(finding.help("name a chart, a file or folder of manifests, PATH@REV, or `-`"))
}

/// Everything, or that something failed after all was tried.
fn all(parts: impl Iterator<Item = Outcome<Vec<Document>>>) -> Outcome<Vec<Document>> {
    let parts: Vec<_> = parts.collect();
    Ok(parts.into_iter().collect::<Outcome<Vec<_>>>()?.into_iter().flatten().collect())
}

/// What Kubernetes and the custom resource definitions of both sides and of these folders say of lists.
pub(super) fn api(session: &Session, folders: &[PathBuf], sides: [&Objects; 2]) -> Outcome<Api> {
    let mut api = Api::new();
    let more = all(folders.iter().map(|folder| read_folder(session, folder)))?;
    for document in more.iter().chain(sides.iter().flat_map(|side| &side.documents)) {
        if document.identity.kind == kube::CRD {
            api.add_crd(session, &document.node)?;
        }
    }
    Ok(api)
}

/// Writes the namespace into plain objects that name none: the one that was asked for, that of the chart on the other
/// side, or `default`.
pub(super) fn agree_on_namespace(api: &Api, asked: Option<&str>, sides: [&mut Objects; 2]) {
    let of_chart = sides.iter().filter(|side| side.rendered).flat_map(|side| &side.documents);
    let of_chart = of_chart.filter_map(|document| document.identity.namespace.clone()).next();
    let namespace = asked.map(str::to_owned).or(of_chart).unwrap_or_else(|| "default".to_owned());
    for document in sides.into_iter().filter(|side| !side.rendered).flat_map(|side| &mut side.documents) {
        kube::set_namespace(api, document, &namespace);
    }
}

/// Reports objects that one side has twice.
pub(super) fn refuse_duplicates(session: &Session, sides: [&Objects; 2]) -> Outcome<()> {
    let before = session.errors();
    for side in sides {
        let _ = manifest::refuse_duplicates(session, &side.documents);
    }
    session.clean_since(before)
}
