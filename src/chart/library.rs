//! The chart library: macros that are built into the program, for every chart to import.

use crate::chart::ChartFile;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{SourceKind, Span};

/// The folder of the library's templates. No chart has templates of its own in it.
pub const LIBRARY: &str = "plimsoll/";

/// Name and text of each of the library's templates.
const FILES: &[(&str, &str)] = &[
    ("plimsoll/access.yaml", include_str!("../../charts/lib/access.yaml")),
    ("plimsoll/network.yaml", include_str!("../../charts/lib/network.yaml")),
    ("plimsoll/scaling.yaml", include_str!("../../charts/lib/scaling.yaml")),
    ("plimsoll/workload.yaml", include_str!("../../charts/lib/workload.yaml")),
];

/// The names of the library's templates, as charts import them.
pub fn library_names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The library's templates that a chart imports, directly or through another one.
///
/// A mention counts as an import: what is added and not needed changes nothing.
pub fn library(session: &Session, templates: &[ChartFile]) -> Vec<ChartFile> {
    let mut texts: Vec<_> = templates.iter().map(|file| session.source(file.source).text.clone()).collect();
    let mut found: Vec<ChartFile> = Vec::new();
    while let Some(text) = texts.pop() {
        for (name, library) in FILES {
            if text.contains(name) && !found.iter().any(|file| file.name == *name) {
                let source = session.add_source(SourceKind::Bundled, *name, *library);
                texts.push(session.source(source).text.clone());
                found.push(ChartFile { name: (*name).to_owned(), source });
            }
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Reports a chart's own templates that stand where the library is.
pub(super) fn refuse_reserved(session: &Session, templates: &[ChartFile]) -> Outcome<()> {
    let before = session.errors();
    for file in templates.iter().filter(|file| file.name.starts_with(LIBRARY)) {
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
        let names = crate::source::list_files(&folder).unwrap_or_default();
        let names: Vec<String> = names.into_iter().map(|name| format!("{LIBRARY}{name}")).collect();
        assert_eq!(names, library_names().collect::<Vec<_>>());
    }
}
