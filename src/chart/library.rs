//! The chart library: macros that are built into the program, for every chart to import.
//!
//! A chart imports a file of it as one of its own templates, `{% import "plimsoll/workload.yaml" as workload %}`. Only
//! the files that it mentions are registered: each costs a source in the session and a template to compile.

use std::collections::BTreeSet;

use super::layout::{ChartFile, LIBRARY_FOLDER};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::Span;

/// Name and text of each of the library's templates.
static FILES: &[(&str, &str)] = &[
    ("plimsoll/access.yaml", include_str!("../../charts/lib/access.yaml")),
    ("plimsoll/network.yaml", include_str!("../../charts/lib/network.yaml")),
    ("plimsoll/operations.yaml", include_str!("../../charts/lib/operations.yaml")),
    ("plimsoll/scaling.yaml", include_str!("../../charts/lib/scaling.yaml")),
    ("plimsoll/workload.yaml", include_str!("../../charts/lib/workload.yaml")),
];

/// The library's templates that a chart imports, directly or through another one.
///
/// A mention in quotes counts as an import: what is added and not needed changes nothing. An import of what does not
/// exist brings all of them, so that the finding can name the nearest. Texts are searched instead of parsed, because
/// this is done at each start, for templates that may not be compiled at all.
pub fn library(session: &Session, templates: &[ChartFile]) -> Vec<ChartFile> {
    let texts: Vec<_> = templates.iter().map(|file| session.source(file.source)).collect();
    let files = imported(texts.iter().map(|source| &*source.text));
    let file = |(name, text): (&'static str, &'static str)| ChartFile {
        name: name.to_owned(),
        source: session.add_bundled(name, text),
        is_of_helm: false,
    };
    files.into_iter().map(file).collect()
}

/// Name and text of the library's templates that these texts import, directly or through another one, sorted by name.
pub(super) fn imported<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<(&'static str, &'static str)> {
    // Positions in the table, in a set that sorts them: the ids of sources do not depend on
    // which template mentions what first.
    let mut wanted: BTreeSet<usize> = texts.into_iter().flat_map(mentioned).collect();
    // Files of the library import each other.
    let mut unread: Vec<usize> = wanted.iter().copied().collect();
    while let Some(index) = unread.pop() {
        for other in mentioned(FILES[index].1) {
            if wanted.insert(other) {
                unread.push(other);
            }
        }
    }
    wanted.into_iter().map(|index| FILES[index]).collect()
}

/// The names of all templates of the library, as charts import them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The positions in the table of what a template mentions: what begins behind a quote and ends before one.
fn mentioned(text: &str) -> Vec<usize> {
    let mut positions = Vec::new();
    for (at, _) in text.match_indices(LIBRARY_FOLDER) {
        // Names of templates are strings of Jinja, in either kind of quotes. Without quotes it is
        // prose, or part of a longer path.
        if !text[..at].ends_with(['"', '\'']) {
            continue;
        }
        // `split` gives one part at least.
        let quoted = text[at..].split(['"', '\'']).next().unwrap_or_default();
        match FILES.iter().position(|(name, _)| *name == quoted) {
            Some(position) => positions.push(position),
            None => positions.extend(0..FILES.len()),
        }
    }
    positions
}

/// Reports a chart's own templates that stand where the library is.
///
/// # Errors
/// C006, for each of them.
pub(super) fn refuse_reserved(session: &Session, templates: &[ChartFile]) -> Outcome<()> {
    let before = session.errors();
    for file in templates.iter().filter(|file| file.is_in_library_folder()) {
        let message = format!("`templates/{}` has a name that belongs to the chart library", file.name);
        let finding = Diagnostic::error(Code::C006, message).at(Span::new(file.source, 0, 1), "this file");
        session.report(finding.help("move it out of `templates/plimsoll/`"));
    }
    session.clean_since(before)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every file of `charts/lib/` is in the table.
    #[test]
    fn table_is_complete() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lib");
        let names = crate::source::list_files(&folder, &crate::limits::Limits::default()).unwrap_or_default();
        let names: Vec<String> = names.into_iter().map(|name| format!("{LIBRARY_FOLDER}{name}")).collect();
        assert_eq!(names, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }
}
