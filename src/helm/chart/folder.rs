//! Charts as folders: which files belong to one, and their bytes.

use std::collections::BTreeMap;
use std::path::Path;

use super::archive::too_large;
use super::ignore::Rules;
use super::model::{ChartFile, without_mark};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Reported, Session};
use crate::source::{self, SourceKind, Span};

/// Whether a folder has the file that makes it a chart of Helm.
pub(super) fn is_chart(path: &Path) -> bool {
    // By the names in it, and not by asking for the file: on macOS and Windows, `chart.yaml` would be it.
    // Links that lead out are of no account here: many charts share the licence of their repository that way.
    source::list_found(path, &crate::limits::Limits::default(), |_, is_folder| is_folder)
        .is_ok_and(|listing| has_metadata(listing.files.iter().chain(&listing.broken).map(String::as_str)))
}

/// Whether Helm's `Chart.yaml` is among the names of files, and ours is not: a folder with both is a chart of ours.
pub(super) fn has_metadata<'n>(mut names: impl Iterator<Item = &'n str> + Clone) -> bool {
    names.clone().any(|name| name == "Chart.yaml") && !names.any(|name| name == "chart.yaml")
}

/// The files of a chart's folder that is not on the disk, without those that its `.helmignore` leaves out.
///
/// # Errors
/// H003 for a wrong `.helmignore`, and for files that are too large.
pub(super) fn of_files(
    session: &Session,
    shown: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Outcome<Vec<ChartFile>> {
    let ignored = files.get(".helmignore").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let rules = parse_rules(session, shown, ignored.unwrap_or_default())?;
    let before = session.errors();
    let most = session.limits().get(Limit::ChartFile);
    let mut found = Vec::new();
    for (name, data) in files {
        let is_below = |(at, _): (usize, &str)| rules.ignore(&name[..at], true);
        if rules.ignore(name, false) || name.match_indices('/').any(is_below) {
            continue;
        }
        if data.len() as u64 > most {
            refuse(session, too_large(&format!("{shown}/{name}"), session.limits()));
            continue;
        }
        found.push(ChartFile { name: name.as_str().into(), data: without_mark(data.clone()).into() });
    }
    session.clean_since(before)?;
    Ok(found)
}

/// The files of a chart's folder that `.helmignore` leaves in it.
///
/// # Errors
/// H003 for what cannot be read: a link that leaves the folder, a file that is too large, a wrong `.helmignore`.
pub(super) fn read(session: &Session, folder: &str) -> Outcome<Vec<ChartFile>> {
    let path = Path::new(folder);
    let shown = folder.trim_end_matches('/');
    let rules = rules(session, path, shown)?;
    // What git keeps is never meant, and some do not say so.
    let is_skipped = |name: &str, is_folder: bool| name == ".git" || rules.ignore(name, is_folder);
    let listing = source::list_everything(path, session.limits(), is_skipped)
        .map_err(|error| refuse(session, format!("`{shown}` cannot be read: {error}")))?;
    let before = session.errors();
    for link in &listing.broken {
        report_link(session, shown, link);
    }
    let most = session.limits().get(Limit::ChartFile);
    let mut files = Vec::new();
    for name in listing.files {
        let file = format!("{shown}/{name}");
        match source::read_bytes(&path.join(&name), session.limits()) {
            Ok(data) if data.len() as u64 > most => {
                refuse(session, too_large(&file, session.limits()));
            }
            Ok(data) => files.push(ChartFile { name: name.into(), data: without_mark(data).into() }),
            Err(error) => {
                refuse(session, format!("`{file}` cannot be read: {error}"));
            }
        }
    }
    session.clean_since(before)?;
    Ok(files)
}

/// Whether a copy of a chart has a file, by its path in the chart: not what file managers, version control and editors keep in a
/// folder, as it comes and goes without anybody meaning it; nor the `.helmignore`, which has nothing to say once it was obeyed.
pub(super) fn is_copied(path: &str) -> bool {
    let is_of_others = |name: &str| {
        matches!(
            name,
            ".DS_Store"
                | ".git"
                | ".svn"
                | ".hg"
                | ".bzr"
                | ".idea"
                | ".vscode"
                | ".directory"
                | ".Spotlight-V100"
                | ".Trashes"
                | ".fseventsd"
                | ".AppleDouble"
        ) || name.starts_with("._")
            || (name.starts_with('.') && (name.ends_with(".swp") || name.ends_with(".swo")))
    };
    path != ".helmignore" && !path.split('/').any(is_of_others)
}

/// The rules of `.helmignore`; those that always hold if there is none.
fn rules(session: &Session, folder: &Path, shown: &str) -> Outcome<Rules> {
    let path = folder.join(".helmignore");
    let text = if path.is_file() {
        source::read_text(&path, session.limits())
            .map_err(|error| refuse(session, format!("`{shown}/.helmignore` cannot be read: {error}")))?
    } else {
        String::new()
    };
    parse_rules(session, shown, text)
}

fn parse_rules(session: &Session, shown: &str, text: String) -> Outcome<Rules> {
    Rules::parse(&text).map_err(|(line, wrong)| {
        let source = session.add_source(SourceKind::File, format!("{shown}/.helmignore"), text.clone());
        let lines = text.split_inclusive('\n').take(line);
        let end = lines.clone().map(str::len).sum::<usize>();
        let start = end - lines.last().map_or(0, str::len);
        let written = text.get(start..end).unwrap_or_default().trim_end();
        let span = Span::new(source, start, start + written.len());
        let finding = Diagnostic::error(Code::H003, format!("a pattern of `.helmignore` is wrong: {wrong}"));
        session.report(
            finding.at(span, "this pattern").help("write a pattern such as `*.md`, `/docs/` or `!keep.txt`"),
        )
    })
}

/// Whether a chart needs the file or the folder at a path below its own: without it, it is another chart.
pub(super) fn is_needed(path: &str) -> bool {
    let folders = ["templates", "charts", "crds"];
    folders.contains(&path.split('/').next().unwrap_or(path))
        || ["Chart.yaml", "Chart.lock", "requirements.yaml", "values.yaml", "values.schema.json"]
            .contains(&path)
}

/// A link that leaves the chart's folder: an error where the chart needs what is there.
fn report_link(session: &Session, shown: &str, link: &str) {
    let message =
        format!("the link `{shown}/{link}` leads out of the chart and its repository, or to nothing");
    let finding = if is_needed(link) {
        Diagnostic::error(Code::H003, message)
    } else {
        Diagnostic::warning(Code::H003, format!("{message}, and is left out"))
    };
    session.report(
        finding.help("put a copy of the file there, or package the chart: `helm package` follows links"),
    );
}

fn refuse(session: &Session, message: String) -> Reported {
    session
        .report(Diagnostic::error(Code::H003, message).help("correct it, or leave it out with `.helmignore`"))
}
