//! Looks at paths and texts: what makes a folder a chart, and a text a manifest.

use std::path::{Component, Path, PathBuf};

/// The files that make a folder a chart, Helm's among them: opening that one says what to do.
pub(super) const METADATA: &[&str] = &["chart.yaml", "Chart.yaml"];

pub(super) fn is_chart(folder: &Path) -> bool {
    METADATA.iter().any(|name| folder.join(name).is_file())
}

pub(super) fn is_below(file: &str, folder: &str) -> bool {
    folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The chart's folder that a file lies in, if any, and the path below it. The search ends at the root of a repository.
pub(super) fn home(path: &Path) -> Option<(String, String)> {
    let mut rest = PathBuf::from(path.file_name()?);
    for folder in path.parent()?.ancestors() {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if here.join("chart.yaml").is_file() {
            return Some((as_path(here), rest.to_str()?.to_owned()));
        }
        if here.join(".git").exists() {
            return None;
        }
        rest = Path::new(folder.file_name().unwrap_or_default()).join(rest);
    }
    None
}

/// A path that cannot be taken for the name of a bundled chart.
pub(super) fn as_path(folder: &Path) -> String {
    let text = shown(folder);
    match text.as_str() {
        "" => ".".to_owned(),
        _ if text.contains('/') || text.starts_with('.') => text,
        _ => format!("./{text}"),
    }
}

/// The path without `.` and without folders that are left again.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in path.components() {
        let named = matches!(tidied.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if named => {
                tidied.pop();
            }
            _ => tidied.push(component),
        }
    }
    tidied
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Whether the keys of an object stand at the top of a document.
pub(super) fn looks_like_manifest(text: &str) -> bool {
    let mut content = text.lines().filter(|line| !is_comment(line)).peekable();
    if content.peek().is_some_and(|first| first.starts_with(['{', '[', ' ', '-'])) {
        return text.contains("apiVersion");
    }
    let key = |line: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.starts_with("apiVersion") || line.starts_with("kind:") || line.starts_with("kind\"")
    };
    content.any(key)
}

pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
}

pub(super) fn is_blank(text: &str) -> bool {
    text.lines().all(is_comment)
}

/// Whether a file is Kustomize's own.
pub(super) fn is_kustomization(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    matches!(file, "kustomization.yaml" | "kustomization.yml")
}

/// Whether a file's name is that of a YAML file.
pub(super) fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_told_by_their_keys() {
        for (text, manifest) in [
            ("apiVersion: v1\nkind: A\n", true),
            ("# x\n---\n\"kind\": A\n", true),
            ("{\"apiVersion\": \"v1\"}", true),
            ("  apiVersion: v1\n", true),
            ("a: 1\nb: {apiVersion: v1}\n", false),
            ("a:\n  apiVersion: v1\n", false),
            ("{\"name\": \"x\"}", false),
            ("", false),
        ] {
            assert_eq!(looks_like_manifest(text), manifest, "{text}");
        }
    }

    #[test]
    fn paths_are_tidied() {
        for (path, tidied) in [("a/../b/./c", "b/c"), ("../a", "../a"), ("a/../../b", "../b"), ("/a/..", "/")]
        {
            assert_eq!(tidy(Path::new(path)), PathBuf::from(tidied), "{path}");
        }
        assert_eq!(
            (as_path(Path::new("")), as_path(Path::new("skyflo"))),
            (".".to_owned(), "./skyflo".to_owned())
        );
    }
}
