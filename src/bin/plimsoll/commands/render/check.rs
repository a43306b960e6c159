//! `plimsoll render --check`: whether a folder holds what would be written into it now. Nothing is written.
//!
//! Files are compared byte for byte. Of a file with other bytes, the objects are compared as well: a pipeline should
//! say which fields would change, and whether somebody only formatted the file.
//!
//! ```text
//! ~ out/deployment-web.yaml: not what is rendered now
//!     ~ Deployment shop/web (apps/v1)
//!         ~ spec.replicas: 2 → 3
//! - out/service-old.yaml: no longer rendered
//! 2 files are not current: the same command without `--check` writes them
//! ```
//!
//! A file is looked at in this order: is it there, is it a regular file, has it the same bytes, did we write it, can it
//! be read, are its objects the same. The first question that settles it gives the [`Reason`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use plimsoll::diff::{self, ObjectChange};
use plimsoll::emit::{self, OutputFile};
use plimsoll::formats::{Format, Style, Summary, github_command, json_text};
use plimsoll::kube::{self, Api};
use plimsoll::manifest::{self, Document, PackedDocument};
use plimsoll::pipeline;
use plimsoll::session::Session;
use plimsoll::source::escaped;
use plimsoll::source::{self, ReadError, SourceKind};
use serde_json::{Value, json};

use super::args::RenderArgs;
use crate::output::{self, OutputOptions};
use crate::output_folder::{self, Index};
use crate::terminal;

/// Renders and compares. Exit code 0 says that the folder is current, 1 that it is not.
pub fn run(args: &RenderArgs, folder: &Path, options: OutputOptions) -> Result<ExitCode> {
    let options = OutputOptions { summary: &Summary::Findings { prevented: "compared" }, ..options };
    let session = options.session();
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
    // Said last, below the findings.
    let mut end = None;
    let code = output::finish_with_code(&session, options, rendered, |(documents, files)| {
        let stale = stale_files(&session, folder, &documents, &files)?;
        terminal::print(&formatted(&stale.iter().collect::<Vec<_>>(), options))?;
        if stale.is_empty() {
            let files = if files.len() == 1 { "1 file" } else { &format!("{} files", files.len()) };
            end = Some(format!("`{}` is current: {files}", folder.display()));
        }
        Ok(ExitCode::from(u8::from(!stale.is_empty())))
    })?;
    output::note_end(options, end);
    Ok(code)
}

/// A file that is not as it would be written.
#[derive(Debug)]
pub struct StaleFile {
    /// The folder as it was given, and the path below it.
    pub path: PathBuf,
    pub reason: Reason,
}

/// Why a file is stale.
#[derive(Debug)]
pub enum Reason {
    /// It is not there.
    Missing,
    /// It was written once, and is no longer rendered.
    Superfluous,
    /// Its objects differ.
    Changed(Vec<ObjectChange>),
    /// The same objects with other bytes: it was edited by hand or formatted by another program.
    Rewritten,
    /// It cannot be read as manifests.
    Broken,
    /// Something that Plimsoll has not written stands in its place, so that writing would be refused.
    Foreign,
    /// All files are current, but the index lists others.
    Index,
    /// The index says that a run has begun to write and has not ended.
    Interrupted,
}

/// Every file below the folder that is not as it would be written, sorted by path. `files` are those of `documents`,
/// one each and in the same order.
///
/// # Errors
/// What cannot be looked at: a folder that is a link, a damaged index, a file that the system does not let us read.
pub fn stale_files(
    session: &Session,
    folder: &Path,
    documents: &[PackedDocument],
    files: &[OutputFile],
) -> Result<Vec<StaleFile>> {
    output_folder::check_folder(folder)?;
    let index = Index::read(folder, session.limits())?;
    // What an interrupted run had begun is ours as well: it is old, new, or not there.
    let owned: BTreeSet<String> = index.paths().into_iter().map(str::to_owned).collect();
    let comparison = Comparison { session, api: &api_with_crds(session, documents), folder, owned: &owned };
    let mut found = BTreeMap::new();
    for (document, file) in documents.iter().zip(files) {
        if let Some(reason) = comparison.reason(document, file)? {
            found.insert(file.path.clone(), reason);
        }
    }
    let rendered: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    for path in owned.difference(&rendered) {
        if folder.join(path).is_file() {
            found.insert(path.clone(), Reason::Superfluous);
        }
    }
    if !index.begun.is_empty() {
        found.insert(Index::NAME.to_owned(), Reason::Interrupted);
    }
    // An index that lists other files follows from any difference above; alone, it is one.
    if found.is_empty() && !index.agrees_with(&Index::of(files)) {
        found.insert(Index::NAME.to_owned(), Reason::Index);
    }
    Ok(found.into_iter().map(|(path, reason)| StaleFile { path: folder.join(path), reason }).collect())
}

/// The comparison of a folder with what would be written into it.
struct Comparison<'c> {
    session: &'c Session,
    api: &'c Api,
    folder: &'c Path,
    /// The files that Plimsoll wrote, by their paths below the folder.
    owned: &'c BTreeSet<String>,
}

impl Comparison<'_> {
    /// Why the file of a document is stale; none if it is current.
    fn reason(&self, document: &PackedDocument, file: &OutputFile) -> Result<Option<Reason>> {
        let path = &self.folder.join(&file.path);
        let Some(metadata) = output_folder::metadata(path)? else { return Ok(Some(Reason::Missing)) };
        // What is no regular file is not opened: a pipe or a device might never end.
        if !metadata.is_file() {
            return Ok(Some(Reason::Foreign));
        }
        let old_text = match source::read_text(path, self.session.limits()) {
            // Reading drops a byte order mark, so the length is compared too.
            Ok(text) if text == file.text && metadata.len() == text.len() as u64 => return Ok(None),
            Ok(text) => Some(text),
            Err(ReadError::System(error)) => {
                return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
            }
            // Too large, or not UTF-8: it is no manifest of ours any more.
            Err(_) => None,
        };
        // Only now: a file that holds the very same text would be taken for ours by a write, so it is current, whoever
        // wrote it.
        if !self.owned.contains(&file.path) {
            return Ok(Some(Reason::Foreign));
        }
        let Some(old) = old_text.and_then(|text| parse_documents(self.session, path, &text)) else {
            return Ok(Some(Reason::Broken));
        };
        let changes = diff::compare(self.session, self.api, &old, &[document.unpack()]);
        Ok(Some(if changes.is_empty() { Reason::Rewritten } else { Reason::Changed(changes) }))
    }
}

/// The objects of a file as it is; none if it cannot be parsed.
fn parse_documents(session: &Session, path: &Path, text: &str) -> Option<Vec<Document>> {
    let name = path.display().to_string();
    let split = |session: &Session| {
        let source = session.add_source(SourceKind::File, name.as_str(), text);
        manifest::split(session, &Arc::from(name.as_str()), source, &[]).all().ok()
    };
    // What is wrong with the file is no finding about the chart: the first attempt is made in a session of its own,
    // which is thrown away with its findings. Only what parses there is parsed again, as a source of this session.
    split(&session.fresh())?;
    let mut documents = split(session)?;
    diff::read_as_yaml_1_1(&mut documents);
    Some(documents)
}

/// The API with the custom resources that the documents define, so that their lists are matched by key.
fn api_with_crds(session: &Session, documents: &[PackedDocument]) -> Api {
    let mut api = Api::new();
    for document in documents.iter().filter(|document| *document.identity.kind == *kube::CRD) {
        // Those that cannot be read were reported when they were rendered.
        let _ = api.add_crd(session, &document.unpack().node);
    }
    api
}

/// Stale files in the format that findings have. Formats that are for findings alone fall back to the one for people.
pub fn formatted(stale: &[&StaleFile], options: OutputOptions) -> String {
    match options.stream_format() {
        Format::Json => write_json(stale),
        Format::Short => write_short(stale),
        Format::Github => write_github(stale),
        _ => write_human(stale, options.stdout_style()),
    }
}

/// A line for each file, with what changed in it, and how many there are; empty when there are none.
fn write_human(stale: &[&StaleFile], style: Style) -> String {
    if stale.is_empty() {
        return String::new();
    }
    let mut text: String = stale.iter().map(|file| human_entry(file, style)).collect();
    let files = if stale.len() == 1 { "1 file is" } else { &format!("{} files are", stale.len()) };
    let in_the_way = stale.iter().any(|file| matches!(file.reason, Reason::Foreign));
    let then = if in_the_way { "; what is in the way must be removed first" } else { "" };
    let them = if stale.len() == 1 { "it" } else { "them" };
    text.push_str(&format!("{files} not current: the same command without `--check` writes {them}{then}\n"));
    text
}

fn human_entry(file: &StaleFile, style: Style) -> String {
    let (sign, color) = match file.reason {
        Reason::Missing => ('+', "\x1b[32m"),
        Reason::Superfluous => ('-', "\x1b[31m"),
        _ => ('~', "\x1b[33m"),
    };
    let (before, after) = if style == Style::Color { (color, "\x1b[0m") } else { ("", "") };
    let line = format!("{before}{sign} {}: {}{after}\n", shown_path(file), file.reason.sentence());
    match &file.reason {
        Reason::Changed(changes) => line + &diff::write_objects(changes, style, "    "),
        _ => line,
    }
}

/// A line for each file and for each field that differs in it.
fn write_short(stale: &[&StaleFile]) -> String {
    let mut text = String::new();
    for file in stale {
        text.push_str(&format!("{}: {}\n", shown_path(file), file.reason.sentence()));
        if let Reason::Changed(changes) = &file.reason {
            text.push_str(&diff::write_short(changes));
        }
    }
    text
}

/// Workflow commands of GitHub Actions: an error at each file.
fn write_github(stale: &[&StaleFile]) -> String {
    let command = |file: &&StaleFile| {
        let text = write_short(&[file]);
        let path = file.path.display().to_string();
        let path = path.strip_prefix("./").unwrap_or(&path);
        github_command("error", Some(path), "not current", text.trim_end())
    };
    stale.iter().map(command).collect()
}

/// One JSON object: `{"current": false, "files": [{"path": …, "state": …, "changes": […]}]}`.
fn write_json(stale: &[&StaleFile]) -> String {
    let files: Vec<Value> = stale.iter().map(|file| json_entry(file)).collect();
    json_text(&json!({"current": stale.is_empty(), "files": files}))
}

fn json_entry(file: &StaleFile) -> Value {
    let mut entry = json!({"path": file.path.display().to_string(), "state": file.reason.state()});
    if let Reason::Changed(changes) = &file.reason {
        entry["changes"] = diff::as_json(changes);
    }
    entry
}

fn shown_path(file: &StaleFile) -> String {
    escaped(&file.path.display().to_string())
}

impl Reason {
    /// For people.
    fn sentence(&self) -> &'static str {
        match self {
            Reason::Missing => "missing",
            Reason::Superfluous => "no longer rendered",
            Reason::Changed(_) => "not what is rendered now",
            Reason::Rewritten => "the same object, written differently (by hand or by another program)",
            Reason::Broken => "cannot be read as a manifest",
            Reason::Foreign => "not written by plimsoll, and in the way",
            Reason::Index => "does not list these files",
            Reason::Interrupted => "a run that was to write these files was interrupted",
        }
    }

    /// For programs; `docs/diff.md` lists them.
    fn state(&self) -> &'static str {
        match self {
            Reason::Missing => "missing",
            Reason::Superfluous => "superfluous",
            Reason::Changed(_) => "changed",
            Reason::Rewritten => "rewritten",
            Reason::Broken => "broken",
            Reason::Foreign => "foreign",
            Reason::Index => "index",
            Reason::Interrupted => "interrupted",
        }
    }
}
