//! Charts of Helm: their files, from a folder or an archive.
//!
//! Opening a chart reads all of it once, so that any number of renders and threads can share it. Nothing is decided here
//! that depends on values: [`dependencies`](super::dependencies) does that for each render.
//!
//! ```text
//! folder ─► .helmignore ─┐
//!                        ├─► files ─► load: metadata, values, templates, …, and the charts in `charts/` ─► HelmChart
//! .tgz ───► unpack ──────┘
//! ```

pub mod advice;
mod archive;
mod folder;
mod ignore;
mod load;
mod locked;
pub mod metadata;
mod model;

use std::collections::BTreeMap;
use std::path::Path;

pub(crate) use locked::fits;
pub use metadata::{Dependency, Import, Maintainer, Metadata, Word};
pub use model::{HelmChart, OtherFile, Template};

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::session::{Outcome, Session};
use crate::source;

/// Whether a path is a chart of Helm: an archive, or a folder with `Chart.yaml`.
pub fn is_chart(path: &str) -> bool {
    folder::is_chart(Path::new(path)) || is_archive(path)
}

/// Whether a path names an archive.
pub fn is_archive(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.ends_with(".tgz") || lower.ends_with(".tar.gz")
}

/// Opens the chart in a folder or an archive.
///
/// # Errors
/// C001 for what is no chart, H001 for a wrong `Chart.yaml`, H002 for dependencies that are missing or stale, H003 for a
/// folder or an archive that cannot be read, and those of reading YAML.
pub fn open(session: &Session, path: &str) -> Outcome<HelmChart> {
    let chart = read(session, path)?;
    locked::check(session, &chart)?;
    Ok(chart)
}

/// Reads the chart in a folder or an archive; whether its dependencies are there is not looked at.
fn read(session: &Session, path: &str) -> Outcome<HelmChart> {
    let place = load::Place { shown: path.trim_end_matches('/').to_owned(), depth: 0 };
    let mut budget = archive::Budget::new(session.limits());
    let files = if Path::new(path).is_dir() {
        folder::read(session, path)?
    } else if let Some(parent) =
        Path::new(path).parent().filter(|_| Path::new(path).is_file() && !is_archive(path))
    {
        // A file of a chart, such as its `Chart.yaml`: its folder was meant.
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let message = format!("`{path}` is a file, and a chart is a folder or an archive");
        let help = format!("give the folder: `{}`", parent.display());
        return Err(session.report(Diagnostic::error(Code::C001, message).help(help)));
    } else {
        let bytes = source::read_bytes(Path::new(path), session.limits()).map_err(|error| {
            let finding = Diagnostic::error(Code::C001, format!("`{path}` cannot be read: {error}"));
            session.report(finding.help("give the folder of a chart, or its archive"))
        })?;
        archive::unpack(&bytes, &mut budget).map_err(|wrong| load::refuse_archive(session, path, &wrong))?
    };
    load::load(session, files, &place, &mut budget)
}

/// Opens the chart in an archive whose bytes are given; `shown` is what messages call it.
///
/// # Errors
/// As [`open`].
pub fn open_archive(session: &Session, shown: &str, bytes: &[u8]) -> Outcome<HelmChart> {
    let place = load::Place { shown: shown.to_owned(), depth: 0 };
    let mut budget = archive::Budget::new(session.limits());
    let files =
        archive::unpack(bytes, &mut budget).map_err(|wrong| load::refuse_archive(session, shown, &wrong))?;
    let chart = load::load(session, files, &place, &mut budget)?;
    locked::check(session, &chart)?;
    Ok(chart)
}

/// The paths of the files in a chart's folder that a copy of the chart has, sorted: those that `.helmignore` leaves in it, without
/// what other programs keep in any folder.
///
/// # Errors
/// H003 for what cannot be read.
pub fn copied_names(session: &Session, folder: &str) -> Outcome<Vec<String>> {
    let names = folder::read(session, folder)?.into_iter().map(|file| file.name.to_string());
    let mut names: Vec<String> = names.filter(|name| folder::is_copied(name)).collect();
    names.sort();
    Ok(names)
}

/// As [`copied_names`], of a folder that is not on the disk.
///
/// # Errors
/// H003 for a wrong `.helmignore`, and for files that are too large.
pub fn copied_names_of(
    session: &Session,
    shown: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Outcome<Vec<String>> {
    let names = folder::of_files(session, shown, files)?.into_iter().map(|file| file.name.to_string());
    Ok(names.filter(|name| folder::is_copied(name)).collect())
}

/// As [`open`], for a chart that is described and not rendered: what is missing in `charts/` is a warning.
///
/// # Errors
/// As [`open`], but for H002.
pub fn open_alone(session: &Session, path: &str) -> Outcome<HelmChart> {
    let first = session.findings();
    let chart = read(session, path)?;
    // What it reports is lowered.
    let _ = locked::check(session, &chart);
    session.reword_since(first, |finding| {
        let level = if finding.code == Code::H002 { Level::Warning } else { finding.level };
        Some(Diagnostic { level, ..finding })
    });
    Ok(chart)
}

/// Whether files are those of a chart of Helm, by their paths below its folder.
pub fn is_chart_of_files(files: &BTreeMap<String, Vec<u8>>) -> bool {
    folder::has_metadata(files.keys().map(String::as_str))
}

/// Whether a chart needs the file or the folder at a path below its own, such as a template: a link there that is not followed
/// cannot be left out.
pub fn needs(path: &str) -> bool {
    folder::is_needed(path)
}

/// Opens a chart whose files are given, by their paths below its folder; `shown` is what messages call the folder.
///
/// # Errors
/// As [`open`].
pub fn open_files(session: &Session, shown: &str, files: &BTreeMap<String, Vec<u8>>) -> Outcome<HelmChart> {
    let place = load::Place { shown: shown.to_owned(), depth: 0 };
    let mut budget = archive::Budget::new(session.limits());
    let chart = load::load(session, folder::of_files(session, shown, files)?, &place, &mut budget)?;
    locked::check(session, &chart)?;
    Ok(chart)
}
