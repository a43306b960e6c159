//! The charts that are built into the program: a table of their files, which a test holds against the folders.

use super::Found;
use super::files::role_by_path;
use crate::session::Session;
use crate::source::SourceKind;

/// A chart that is built into the program.
#[derive(Debug)]
pub struct Bundled {
    /// Its name.
    pub name: &'static str,
    /// Its files, sorted by their paths in a chart's folder.
    files: &'static [File],
}

/// One built-in file.
#[derive(Debug)]
struct File {
    /// Where it would stand in a chart's folder: `presets/production.yaml`.
    role: &'static str,
    /// Where it stands in the repository: `values/skyflo/production.yaml`.
    path: &'static str,
    text: &'static str,
}

/// Every bundled chart, by name.
pub fn bundled() -> impl Iterator<Item = &'static Bundled> {
    BUNDLED.iter()
}

impl Bundled {
    /// The names of its presets.
    pub fn presets(&self) -> impl Iterator<Item = &'static str> {
        self.files.iter().filter_map(|file| file.role.strip_prefix("presets/")?.strip_suffix(".yaml"))
    }

    pub(super) fn register(&self, session: &Session) -> Found {
        let mut found = Found { place: format!("charts/{}", self.name), ..Found::default() };
        for file in self.files {
            if let Some(role) = role_by_path(file.role) {
                found.add(role, session.add_source(SourceKind::Bundled, file.path, file.text));
            }
        }
        found
    }
}

/// The table's form: a chart's name, then the names of its presets, templates and CRDs, each sorted.
macro_rules! bundled {
    ($($chart:literal {
        presets: [$($preset:literal),* $(,)?],
        templates: [$($template:literal),* $(,)?],
        crds: [$($crd:literal),* $(,)?] $(,)?
    })*) => {
        const BUNDLED: &[Bundled] = &[$(Bundled {
            name: $chart,
            files: &[
                file!("chart.yaml", concat!("charts/", $chart, "/chart.yaml")),
                file!("values.yaml", concat!("values/", $chart, "/defaults.yaml")),
                file!("values.schema.json", concat!("schemas/", $chart, ".schema.json")),
                $(file!(concat!("presets/", $preset), concat!("values/", $chart, "/", $preset)),)*
                $(file!(concat!("templates/", $template), concat!("charts/", $chart, "/templates/", $template)),)*
                $(file!(concat!("crds/", $crd), concat!("charts/", $chart, "/crds/", $crd)),)*
            ],
        }),*];
    };
}

#[allow(unused_macros)]
macro_rules! file {
    ($role:expr, $path:expr) => {
        File { role: $role, path: $path, text: include_str!(concat!("../../", $path)) }
    };
}

bundled! {
    "skyflo" {
        presets: ["evaluation.yaml", "production.yaml"],
        templates: [
            "_lib.yaml",
            "cluster-issuer.yaml",
            "controller.yaml",
            "engine.yaml",
            "mcp.yaml",
            "network-policies.yaml",
            "postgres.yaml",
            "rbac.yaml",
            "redis.yaml",
            "skyfloai.yaml",
            "ui.yaml",
        ],
        crds: ["skyfloais.skyflo.ai.yaml"],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn paths_below(folder: &str) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let names = crate::source::list_files(&path).unwrap_or_default();
        names.into_iter().map(|name| format!("{folder}/{name}")).collect()
    }

    /// Every file of a bundled chart is in the table, and every chart's folder too.
    #[test]
    fn table_is_complete() {
        let in_table: BTreeSet<String> =
            BUNDLED.iter().flat_map(|chart| chart.files).map(|file| file.path.to_owned()).collect();
        let matters = |path: &String| {
            let in_chart = ["/templates/", "/crds/", "/chart.yaml"].iter().any(|part| path.contains(part));
            path.starts_with("values/") || in_chart
        };
        let on_disk: BTreeSet<String> =
            ["charts", "values"].into_iter().flat_map(paths_below).filter(matters).collect();
        let listed: BTreeSet<String> =
            in_table.into_iter().filter(|path| !path.starts_with("schemas/")).collect();
        assert_eq!(listed, on_disk);
    }

    #[test]
    fn every_bundled_chart_opens_and_is_right() {
        for chart in bundled() {
            let session = Session::new();
            let opened = crate::chart::open(&session, chart.name);
            assert!(opened.is_ok_and(|opened| opened.name == chart.name), "{:?}", session.diagnostics());
        }
    }
}
