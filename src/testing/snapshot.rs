//! All objects of a case against a file that an earlier run wrote: object by object, with secrets masked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::diff::{self, ObjectChange};
use crate::emit;
use crate::kube::Api;
use crate::manifest::{self, Document};
use crate::session::Session;
use crate::source::{self, SourceKind, Span};

/// The folder of snapshots, beside files of tests.
pub(super) const FOLDER: &str = "__snapshots__";

/// The snapshot of a case.
#[derive(Clone, Debug)]
pub struct TestedSnapshot {
    /// Its path.
    pub path: PathBuf,
    /// What it should hold now.
    pub text: String,
    /// How it compares with what is there.
    pub end: SnapshotEnd,
    /// Whether it is not to be written, although it should be written anew: the case fails for something else.
    pub is_kept_back: bool,
}

/// How a snapshot compares with what is there.
#[derive(Clone, Debug)]
pub enum SnapshotEnd {
    /// It is the same.
    Same,
    /// There is none yet.
    New,
    /// It differs; without changes, where the file cannot be read.
    Differs(Vec<ObjectChange>),
}

/// The path of a case's snapshot, beside its file of tests.
pub(super) fn path_of(file: &Path, case: &str) -> PathBuf {
    let stem = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let folder = file.parent().unwrap_or(Path::new("")).join(FOLDER);
    folder.join(format!("{}.{}.yaml", file_name(&stem), file_name(case)))
}

/// A name as a part of the name of a file: on every system, and not too long for any.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let mut text: String = name.to_lowercase().chars().map(plain).take(MAX_NAME).collect();
    while text.contains("--") {
        text = text.replace("--", "-");
    }
    text.trim_matches('-').to_owned()
}

/// Characters of a name that stay.
const MAX_NAME: usize = 80;

/// Compares the objects of a case with its snapshot, and reports a difference.
pub(super) fn compare(session: &Session, api: &Api, documents: &[Document], path: PathBuf) -> TestedSnapshot {
    let masked: Vec<Document> = documents.iter().map(|one| diff::masked(session, api, one)).collect();
    let text = emit::stream(&masked, emit::Format::Yaml);
    let end = if path.exists() { end_of(session, api, &masked, &path) } else { SnapshotEnd::New };
    TestedSnapshot { path, text, end, is_kept_back: false }
}

fn end_of(session: &Session, api: &Api, masked: &[Document], path: &Path) -> SnapshotEnd {
    let Ok(text) = source::read_text(path, session.limits()) else {
        return SnapshotEnd::Differs(Vec::new());
    };
    // What is wrong with it is no finding of the case: it differs then.
    let own = session.snapshot().overlay();
    let name = path.display().to_string();
    let source = own.add_source(SourceKind::File, name.as_str(), text);
    let Ok(stored) = manifest::split(&own, &Arc::from(name), source, &[]).all() else {
        return SnapshotEnd::Differs(Vec::new());
    };
    let changes = diff::compare(&own, api, &stored, masked);
    if changes.is_empty() { SnapshotEnd::Same } else { SnapshotEnd::Differs(changes) }
}

/// The finding that a snapshot is not what it was; none if it is.
pub(super) fn failure(snapshot: &TestedSnapshot, span: Span) -> Option<Diagnostic> {
    let path = snapshot.path.display();
    let update = "look at it, and write what is rendered now: `--update`";
    let finding = |message: String| Diagnostic::error(Code::A006, message).at(span, "asked for here");
    match &snapshot.end {
        SnapshotEnd::Same => None,
        SnapshotEnd::New => {
            Some(finding(format!("there is no snapshot `{path}`")).help("write it: `--update`"))
        }
        SnapshotEnd::Differs(changes) if changes.is_empty() => {
            Some(finding(format!("the snapshot `{path}` cannot be read")).help("write it again: `--update`"))
        }
        SnapshotEnd::Differs(changes) => {
            let mut finding = finding(format!("the snapshot `{path}` differs"));
            let short = diff::write_short(changes);
            for line in short.lines().take(MAX_LINES) {
                finding = finding.note(line);
            }
            let more = short.lines().count().saturating_sub(MAX_LINES);
            if more > 0 {
                finding = finding.note(format!("and {more} more"));
            }
            Some(finding.help(update))
        }
    }
}

/// Changes that the finding names. People see all of them above.
const MAX_LINES: usize = 4;
