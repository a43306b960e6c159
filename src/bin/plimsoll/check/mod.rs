//! `plimsoll render --check`: whether a folder holds what would be written into it now. Nothing is written.

mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use plimsoll::diff::{self, ObjectChange};
use plimsoll::emit::{self, OutputFile};
use plimsoll::kube::Api;
use plimsoll::manifest::{self, Document};
use plimsoll::pipeline;
use plimsoll::session::Session;
use plimsoll::source::{self, ReadError, SourceKind};

pub use write::{write_github, write_human, write_json, write_short};

use crate::args::RenderArgs;
use crate::output::{self, Index};
use crate::terminal::{self, Voice};

/// A file that is not as it would be written.
#[derive(Debug)]
pub struct Stale {
    /// The folder as it was given, and the path below it.
    pub path: PathBuf,
    pub why: Why,
}

/// What is the matter with a file.
#[derive(Debug)]
pub enum Why {
    /// It is not there.
    Missing,
    /// It was written once, and is no longer rendered.
    Superfluous,
    /// It says something else.
    Changed(Vec<ObjectChange>),
    /// It says the same with other bytes: it was edited by hand or formatted by another program.
    Rewritten,
    /// It cannot be read as manifests.
    Broken,
    /// Something that Plimsoll has not written stands in its place, so that writing would be refused.
    Foreign,
    /// The index names other files.
    Index,
    /// The index says that a run has begun to write and has not ended.
    Interrupted,
}

/// Renders and looks. Exit code 0 says that the folder is current, 1 that it is not.
pub fn run(args: &RenderArgs, folder: &Path, voice: Voice) -> Result<ExitCode> {
    let session = voice.session();
    let request = args.request();
    let rendered = if args.only_crds {
        pipeline::crds(&session, &request)
    } else {
        pipeline::render(&session, &request)
    };
    let rendered = rendered.and_then(|documents| {
        let files = emit::files(&session, &documents, args.format())?;
        Ok((documents, files))
    });
    terminal::conclude_with(&session, voice, rendered, |(documents, files)| {
        let stale = look(&session, folder, &documents, &files)?;
        terminal::print(&voice.staleness(&stale.iter().collect::<Vec<_>>()))?;
        Ok(ExitCode::from(u8::from(!stale.is_empty())))
    })
}

/// Every file below the folder that is not as it would be written: `files` are those of `documents`, one each.
pub fn look(
    session: &Session,
    folder: &Path,
    documents: &[Document],
    files: &[OutputFile],
) -> Result<Vec<Stale>> {
    output::check_folder(folder)?;
    let index = Index::read(folder, session.limits())?;
    let own = index.files.union(&index.begun).cloned().collect();
    let api = api(session, documents);
    let mut found = BTreeMap::new();
    for (document, file) in documents.iter().zip(files) {
        if let Some(why) = compare(session, &api, &folder.join(&file.path), document, file, &own)? {
            found.insert(file.path.clone(), why);
        }
    }
    let rendered: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    for path in own.difference(&rendered) {
        if folder.join(path).is_file() {
            found.insert(path.clone(), Why::Superfluous);
        }
    }
    if !index.begun.is_empty() {
        found.insert(Index::NAME.to_owned(), Why::Interrupted);
    }
    if found.is_empty() && index != (Index { files: rendered, begun: BTreeSet::new() }) {
        found.insert(Index::NAME.to_owned(), Why::Index);
    }
    Ok(found.into_iter().map(|(path, why)| Stale { path: folder.join(path), why }).collect())
}

/// What is wrong with one file, if anything.
fn compare(
    session: &Session,
    api: &Api,
    path: &Path,
    document: &Document,
    file: &OutputFile,
    own: &BTreeSet<String>,
) -> Result<Option<Why>> {
    let Some(meta) = output::look(path)? else { return Ok(Some(Why::Missing)) };
    // What is no regular file is not opened: a pipe or a device might never end.
    if !meta.is_file() {
        return Ok(Some(Why::Foreign));
    }
    let old = match source::read_text(path, session.limits()) {
        Ok(text) if text == file.text && meta.len() == text.len() as u64 => return Ok(None),
        Err(ReadError::System(error)) => {
            return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
        }
        _ if !own.contains(&file.path) => return Ok(Some(Why::Foreign)),
        text => text.ok().and_then(|text| documents(session, path, &text)),
    };
    let Some(old) = old else { return Ok(Some(Why::Broken)) };
    let changes = diff::compare(session, api, &old, std::slice::from_ref(document));
    Ok(Some(if changes.is_empty() { Why::Rewritten } else { Why::Changed(changes) }))
}

/// The objects of a file as it is. What is wrong with them is no finding about the chart, so it is found in a session
/// of its own first.
fn documents(session: &Session, path: &Path, text: &str) -> Option<Vec<Document>> {
    let name = path.display().to_string();
    let split = |session: &Session| {
        let source = session.add_source(SourceKind::File, name.as_str(), text);
        manifest::split(session, &Arc::from(name.as_str()), source, &[]).all().ok()
    };
    split(&session.apart())?;
    let mut documents = split(session)?;
    diff::read_as_yaml_1_1(&mut documents);
    Some(documents)
}

fn api(session: &Session, documents: &[Document]) -> Api {
    let mut api = Api::new();
    for document in documents.iter().filter(|document| document.identity.kind == "CustomResourceDefinition") {
        // Those that cannot be read were reported when they were rendered.
        let _ = api.add_crd(session, &document.node);
    }
    api
}
