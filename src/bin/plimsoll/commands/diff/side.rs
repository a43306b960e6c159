//! One side of a comparison: what its argument means, and the objects that it has.
//!
//! A chart is rendered with all checks. Plain manifests are read as they are applied, without checks: what can be read
//! can be compared.
//!
//! | argument | is |
//! |---|---|
//! | `-` | manifests on standard input |
//! | `charts/web`, with a `chart.yaml` in it | a chart, to be rendered |
//! | `manifests/`, `all.yaml` | plain manifests |
//! | `charts/web@v1.2`, `manifests@main` | either of both, as it was in that revision |
//! | `skyflo` | a bundled chart |

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use plimsoll::chart::Snapshot;
use plimsoll::diagnostic::{Code, Diagnostic};
use plimsoll::diff;
use plimsoll::kube::{self, Api};
use plimsoll::limits::{Limit, Limits};
use plimsoll::lint::{CHART_FILES, is_chart, is_kustomization};
use plimsoll::manifest::{self, Document, PackedDocument};
use plimsoll::pipeline;
use plimsoll::request::Request;
use plimsoll::session::{Outcome, Reported, Session};
use plimsoll::source::{self, ReadError, SourceKind};

use super::revision::{self, Content};

/// What a side is.
pub(super) enum Side {
    /// A chart, to be rendered.
    Chart(Box<Request>),
    /// Plain manifests on the disk.
    Manifests(PathBuf),
    /// Plain manifests of a revision: names and bytes.
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

/// Finds out what an argument means; a chart is rendered as the request says. In this order: `-`, a chart's folder, a
/// path that exists, `PATH@REV`, and the name of a bundled chart. So a file with an `@` in its name is that file, and a
/// mistyped path is reported as an unknown chart, unless it ends like a manifest's.
///
/// # Errors
/// What git says of a revision.
pub(super) fn resolve(argument: &str, request: Request, limits: &Limits) -> Result<Side> {
    let path = Path::new(argument);
    if argument == "-" {
        return Ok(Side::Stdin);
    }
    if is_chart(path) || (pipeline::is_helm_archive(argument) && path.is_file()) {
        return Ok(Side::Chart(Box::new(Request { chart: argument.to_owned(), ..request })));
    }
    // A path that looks like a manifest is one even where nothing is: "no such file" says more about `deploy.yaml` than
    // "no such chart".
    if path.exists() || (is_manifest(argument) && !argument.contains('@')) {
        return Ok(Side::Manifests(path.to_owned()));
    }
    let Some(revision) = revision::parse(argument) else {
        return Ok(Side::Chart(Box::new(Request { chart: argument.to_owned(), ..request })));
    };
    Ok(match revision.read(limits)? {
        Content::File(bytes) => Side::Texts(vec![(argument.to_owned(), bytes)]),
        Content::Folder(files) if CHART_FILES.iter().any(|name| files.contains_key(*name)) => {
            let mut snapshot = Snapshot { name: argument.to_owned(), files };
            read_what_is_beside(&revision, &mut snapshot, limits)?;
            Side::Chart(Box::new(Request { snapshot: Some(snapshot), ..request }))
        }
        Content::Folder(files) => {
            let manifests = files.into_iter().filter(|(name, _)| is_manifest(name));
            Side::Texts(manifests.map(|(name, bytes)| (format!("{argument}/{name}"), bytes)).collect())
        }
    })
}

/// Adds to a chart's folder what it brings along from elsewhere, as it was in the same revision. What is not there is left
/// for the chart to miss.
///
/// # Errors
/// More than the limits allow.
fn read_what_is_beside(
    revision: &revision::Revision<'_>,
    snapshot: &mut Snapshot,
    limits: &Limits,
) -> Result<()> {
    let mut tried = BTreeSet::new();
    // Each may bring along others.
    loop {
        let missing = pipeline::missing_in(&Session::with_limits(*limits), snapshot);
        let missing: Vec<String> = missing.into_iter().filter(|path| tried.insert(path.clone())).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for path in missing {
            match revision.read_beside(&path, limits) {
                Ok(Content::File(bytes)) => {
                    snapshot.files.insert(path, bytes);
                }
                Ok(Content::Folder(files)) => {
                    let below = files.into_iter().map(|(name, bytes)| (format!("{path}/{name}"), bytes));
                    snapshot.files.extend(below);
                }
                Err(error) if error.is::<revision::BrokenLink>() => return Err(error),
                Err(_) => {}
            }
        }
        let size = snapshot.files.values().map(|bytes| bytes.len() as u64).sum();
        revision.check_size(Limit::RevisionSize, size, limits)?;
        revision.check_size(Limit::Files, snapshot.files.len() as u64, limits)?;
    }
}

/// Whether a file of a folder is read, by its name. Kustomize's own file is no object.
fn is_manifest(name: &str) -> bool {
    let ending = [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
    ending && !is_kustomization(name)
}

impl Side {
    /// Renders the chart or reads the manifests. What is wrong is reported into the session.
    pub(super) fn read(self, session: &Session) -> Result<Outcome<Objects>> {
        let rendered = matches!(self, Side::Chart(_));
        let documents = match self {
            Side::Chart(request) => {
                pipeline::render(session, &request).map(|documents| PackedDocument::unpack_all(&documents))
            }
            Side::Manifests(path) if path.is_dir() => read_folder(session, &path),
            Side::Manifests(path) => read_file(session, &path),
            Side::Texts(texts) => concat(
                texts.into_iter().map(|(name, bytes)| split(session, &name, source::decode_utf8(bytes))),
            ),
            Side::Stdin => split(session, "<stdin>", source::read_stdin(session.limits())),
        };
        Ok(documents.map(|documents| Objects { documents, rendered }))
    }
}

fn read_folder(session: &Session, folder: &Path) -> Outcome<Vec<Document>> {
    let listing = source::list_found(folder, session.limits(), |_, _| false)
        .map_err(|error| refuse(session, &folder.display().to_string(), &error))?;
    // What such a link leads to would be missing in the comparison without a word.
    if let Some(link) = listing.broken.iter().find(|name| is_manifest(name)) {
        let error = ReadError::LinkOutside(link.clone());
        return Err(refuse(session, &folder.display().to_string(), &error));
    }
    let manifests = listing.files.iter().filter(|name| is_manifest(name));
    concat(manifests.map(|name| read_file(session, &folder.join(name))))
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

/// The documents of all parts; an error only after all were read, so that everything wrong is reported.
fn concat(parts: impl Iterator<Item = Outcome<Vec<Document>>>) -> Outcome<Vec<Document>> {
    // Collected first: collecting into an `Outcome` would stop at the first error.
    let parts: Vec<_> = parts.collect();
    Ok(parts.into_iter().collect::<Outcome<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The Kubernetes API with the custom resource definitions of both sides and of these folders: it knows the keys of
/// lists.
pub(super) fn api(session: &Session, folders: &[PathBuf], sides: [&Objects; 2]) -> Outcome<Api> {
    let mut api = Api::new();
    let more = concat(folders.iter().map(|folder| read_folder(session, folder)))?;
    for document in more.iter().chain(sides.iter().flat_map(|side| &side.documents)) {
        if *document.identity.kind == *kube::CRD {
            api.add_crd(session, &document.node)?;
        }
    }
    Ok(api)
}

/// Writes the namespace into plain objects that name none, so that they match those of the other side: the one that was
/// asked for, that of the chart on the other side, or `default`.
pub(super) fn fill_namespaces(api: &Api, asked: Option<&str>, sides: [&mut Objects; 2]) {
    let rendered = sides.iter().filter(|side| side.rendered).flat_map(|side| &side.documents);
    let of_chart = rendered.filter_map(|document| document.identity.namespace.clone()).next();
    let namespace = asked.map(Arc::from).or(of_chart).unwrap_or_else(|| Arc::from("default"));
    // Rendered ones have got theirs from the check of the API.
    for document in sides.into_iter().filter(|side| !side.rendered).flat_map(|side| &mut side.documents) {
        kube::set_namespace(api, document, &namespace);
    }
}

/// Reports objects that one side has twice: which of them to compare would be a guess.
pub(super) fn refuse_duplicates(session: &Session, sides: [&Objects; 2]) -> Outcome<()> {
    let before = session.errors();
    for side in sides {
        // Both sides, before it is given up.
        let _ = manifest::refuse_duplicates(session, &side.documents);
    }
    session.clean_since(before)
}
