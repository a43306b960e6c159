//! Recognizes charts and YAML files by their names and by a look at their text, without parsing it.
//!
//! Paths are judged as they are written: nothing is made absolute and no link is followed, so messages name files as
//! the user did, and are the same on every machine.

use std::path::{Path, PathBuf};

use crate::limits::Limits;
use crate::source;

/// The files that make a folder a chart. Helm's is among them: opening it as a chart says what to do, where its
/// templates taken for manifests would give an error each.
pub const CHART_FILES: &[&str] = &["chart.yaml", "Chart.yaml"];

/// The name that the file of a chart should have, if this one is meant to be one: `chart.yml`, `Chart.yml`, `CHART.yaml`.
pub(super) fn meant_chart_file(name: &str) -> Option<&'static str> {
    let is_meant = name.eq_ignore_ascii_case("chart.yaml") || name.eq_ignore_ascii_case("chart.yml");
    if !is_meant || CHART_FILES.contains(&name) {
        return None;
    }
    // Helm's begins with a capital letter.
    CHART_FILES.iter().copied().find(|file| file.starts_with('C') == name.starts_with('C'))
}

/// Whether the chart in a folder is one of Helm alone.
pub(super) fn is_helm_chart(folder: &Path) -> bool {
    folder.join("Chart.yaml").is_file() && !folder.join("chart.yaml").is_file()
}

/// Whether a folder is a chart.
pub fn is_chart(folder: &Path) -> bool {
    CHART_FILES.iter().any(|name| folder.join(name).is_file())
}

/// Whether a folder that nobody named is a chart: other tools have files called `chart.yaml` as well.
pub(super) fn is_chart_by_itself(folder: &Path) -> bool {
    if folder.join("Chart.yaml").is_file() {
        return true;
    }
    let file = folder.join("chart.yaml");
    let names_it = || {
        source::read_text(&file, &Limits::default())
            .is_ok_and(|text| text.lines().any(|line| line.starts_with("name:")))
    };
    file.is_file()
        && (folder.join("templates").is_dir() || folder.join("values.yaml").is_file() || names_it())
}

/// Whether a path lies below a folder; both are relative to the same folder, which is the empty one.
pub(super) fn is_below(file: &str, folder: &str) -> bool {
    folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The nearest chart that a file lies in, if any, and the path below it. The search ends at the root of a repository: a
/// chart around a repository is another project's.
pub(super) fn enclosing_chart(path: &Path) -> Option<(String, String)> {
    // Lexically, without following links: the chart is the one that the user sees the file in.
    let mut rest = PathBuf::from(path.file_name()?);
    for folder in path.parent()?.ancestors() {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if is_chart_by_itself(here) {
            return Some((as_chart_path(here), rest.to_str()?.to_owned()));
        }
        if here.join(".git").exists() {
            return None;
        }
        // Neither the root nor the current folder has a name, and both are the last ancestor. `..` has none either:
        // above it the text of the path says nothing of folders any more.
        let name = folder.file_name()?;
        rest = Path::new(name).join(rest);
    }
    None
}

/// The path of a chart's folder, written so that it cannot be taken for the name of a bundled chart: `./skyflo`.
pub(super) fn as_chart_path(folder: &Path) -> String {
    let text = display(folder);
    match text.as_str() {
        // The parent of a relative path of one component.
        "" => ".".to_owned(),
        _ if text.contains('/') || text.starts_with('.') => text,
        _ => format!("./{text}"),
    }
}

/// A path in a message.
pub(super) fn display(path: &Path) -> String {
    path.display().to_string()
}

/// Whether a line is blank, a comment, or the marker of a document.
pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
}

/// Whether a text has no content: blank lines, comments and document markers alone. Such a file counts as a manifest
/// without objects.
pub(super) fn is_blank(text: &str) -> bool {
    text.lines().all(is_comment)
}

/// The names that Kustomize looks for.
pub(super) const KUSTOMIZATION_FILES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a file is Kustomize's own. It has `apiVersion` and `kind`, and is no object all the same.
pub fn is_kustomization(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    KUSTOMIZATION_FILES.contains(&file)
}

/// Whether a file's name is that of a YAML file.
pub(super) fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_charts_are_no_names() {
        assert_eq!(
            (as_chart_path(Path::new("")), as_chart_path(Path::new("skyflo"))),
            (".".to_owned(), "./skyflo".to_owned())
        );
    }
}
