//! The charts that are built into the program: a table of their files, which a test holds against the folders.
//!
//! The table is written by hand: of `include_str!` with literal paths the compiler knows by itself when to build again.
//! A file that is forgotten here fails a test.
//!
//! In the repository the files of a chart lie in three folders, by who edits them. Here each gets the path that it
//! would have in one folder (its *role*), and from then on a bundled chart is opened like any other:
//!
//! | in the repository | role |
//! |---|---|
//! | `charts/skyflo/chart.yaml`, `charts/skyflo/templates/…`, `charts/skyflo/crds/…` | the same below the chart |
//! | `values/skyflo/defaults.yaml` | `values.yaml` |
//! | `values/skyflo/production.yaml` | `presets/production.yaml` |
//! | `schemas/skyflo.schema.json` | `values.schema.json` |
//! | `schemas/skyflo.precompiled.bin` | `precompiled.bin` |

use std::borrow::Cow;
use std::path::Path;

use super::layout::{ChartSources, role_of_path};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Reported, Session};
use crate::source::{self, PackedText, SourceKind, Text};

/// A chart that is built into the program.
#[derive(Debug)]
pub struct Bundled {
    /// Its name.
    pub name: &'static str,
    /// Its files, sorted by their paths in a chart's folder.
    files: &'static [File],
    /// Its precompiled form: `schemas/skyflo.precompiled.bin`.
    precompiled: &'static [u8],
}

/// One built-in file.
#[derive(Debug)]
struct File {
    /// Where it would stand in a chart's folder: `presets/production.yaml`. In the repository, values and
    /// schemas have folders of their own.
    role: &'static str,
    /// Where it stands in the repository: `values/skyflo/production.yaml`.
    path: &'static str,
    text: FileText,
}

/// The text of a built-in file.
#[derive(Debug)]
enum FileText {
    /// As it is: what each render reads.
    Plain(&'static str),
    /// Packed: a schema, which is read where values are wrong, since the chart has a precompiled form.
    Packed(PackedText),
}

impl FileText {
    fn text(&self) -> Text {
        match *self {
            FileText::Plain(text) => Text::BuiltIn(text),
            FileText::Packed(packed) => packed.into(),
        }
    }
}

/// Every bundled chart, by name.
pub fn bundled() -> impl Iterator<Item = &'static Bundled> {
    BUNDLED.iter()
}

impl Bundled {
    /// The names of its presets.
    pub fn presets(&self) -> impl Iterator<Item = &'static str> {
        // From the table alone: it takes no session, and reads nothing.
        self.files.iter().filter_map(|file| file.role.strip_prefix("presets/")?.strip_suffix(".yaml"))
    }

    /// Its files: where each would stand in a chart's folder, and where it stands in the repository.
    #[cfg(test)]
    pub(crate) fn files(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.files.iter().map(|file| (file.role, file.path))
    }

    /// Its files as they stand in a chart's folder: path and text.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, Text)> {
        self.files.iter().map(|file| (file.role, file.text.text()))
    }

    /// Registers its files as sources of the session. Their texts are not copied.
    pub(super) fn register(&self, session: &Session) -> ChartSources {
        let mut sources = ChartSources {
            shown_folder: format!("charts/{}", self.name),
            precompiled: Some(Cow::Borrowed(self.precompiled)),
            is_bundled: true,
            ..ChartSources::default()
        };
        for file in self.files {
            // The macro below writes roles alone that every chart has; a test opens all charts.
            if let Some(role) = role_of_path(file.role) {
                sources.add(role, session.add_source(SourceKind::Bundled, file.path, file.text.text()));
            }
        }
        sources
    }
}

/// Reports a name that no bundled chart has, and no folder.
pub(super) fn refuse_unknown(session: &Session, name: &str) -> Reported {
    let finding =
        Diagnostic::error(Code::C001, format!("there is no bundled chart `{name}`, and no such folder"));
    let finding = finding.did_you_mean(name, bundled().map(|chart| chart.name));
    let names = bundled().map(|chart| format!("`{}`", chart.name)).collect::<Vec<_>>().join(", ");
    let is_chart = |file: &str| source::read_text(Path::new(file), session.limits()).is_ok();
    let finding = match is_chart("chart.yaml") || is_chart("Chart.yaml") {
        true => finding.help("the current folder is a chart: give it as `.`"),
        false => finding,
    };
    session.report(finding.help(format!("the bundled charts are {names}; a folder is given by its path")))
}

/// The table's form: a chart's name, then the names of its presets, templates and CRDs, each sorted: the order here is
/// that in which templates are rendered.
///
/// A macro, because `include_str!` takes literals alone: paths can be put together of them by
/// other macros, and not by functions.
macro_rules! bundled {
    ($($chart:literal {
        presets: [$($preset:literal),* $(,)?],
        templates: [$($template:literal),* $(,)?],
        crds: [$($crd:literal),* $(,)?] $(,)?
    })*) => {
        static BUNDLED: &[Bundled] = &[$(Bundled {
            name: $chart,
            files: &[
                file!("chart.yaml", concat!("charts/", $chart, "/chart.yaml")),
                file!("values.yaml", concat!("values/", $chart, "/defaults.yaml")),
                File {
                    role: "values.schema.json",
                    path: concat!("schemas/", $chart, ".schema.json"),
                    text: FileText::Packed(PackedText::new(include_bytes!(concat!(
                        env!("OUT_DIR"), "/packed/schemas/", $chart, ".schema.json"
                    )))),
                },
                $(file!(concat!("presets/", $preset), concat!("values/", $chart, "/", $preset)),)*
                $(file!(concat!("templates/", $template), concat!("charts/", $chart, "/templates/", $template)),)*
                $(file!(concat!("crds/", $crd), concat!("charts/", $chart, "/crds/", $crd)),)*
            ],
            precompiled: include_bytes!(concat!("../../schemas/", $chart, ".precompiled.bin")),
        }),*];
    };
}

/// One file by its role and its path in the repository, with its text.
macro_rules! file {
    ($role:expr, $path:expr) => {
        File { role: $role, path: $path, text: FileText::Plain(include_str!(concat!("../../", $path))) }
    };
}

// Sorted by name, as `plimsoll charts` and messages list them.
bundled! {
    "datafly" {
        presets: ["evaluation.yaml", "keda.yaml", "production.yaml", "prometheus.yaml"],
        templates: [
            "_lib.yaml",
            "autoscaling.yaml",
            "budgets.yaml",
            "configuration.yaml",
            "delivery-workers.yaml",
            "event-processor.yaml",
            "identity-hub.yaml",
            "ingestion-gateway.yaml",
            "ingress.yaml",
            "management-api.yaml",
            "management-ui.yaml",
            "migrations.yaml",
            "network-policies.yaml",
            "operations.yaml",
            "service-monitors.yaml",
        ],
        crds: [],
    }
    "flow8" {
        presets: [
            "autoscaling.yaml",
            "evaluation.yaml",
            "production.yaml",
            "replica-set.yaml",
            "single-instance.yaml",
        ],
        templates: [
            "_lib.yaml",
            "flow8.yaml",
            "ingress.yaml",
            "mongodb.yaml",
            "network-policies.yaml",
            "operations.yaml",
            "rbac.yaml",
        ],
        crds: [],
    }
    "skillflaw" {
        presets: ["autoscaling.yaml", "evaluation.yaml", "production.yaml", "web.yaml"],
        templates: [
            "_lib.yaml",
            "backend.yaml",
            "cluster-issuer.yaml",
            "docs.yaml",
            "frontend.yaml",
            "ingress.yaml",
            "network-policies.yaml",
            "operations.yaml",
        ],
        crds: [],
    }
    "skyflo" {
        presets: ["evaluation.yaml", "production.yaml"],
        templates: [
            "_lib.yaml",
            "cluster-issuer.yaml",
            "controller.yaml",
            "engine.yaml",
            "mcp.yaml",
            "network-policies.yaml",
            "operations.yaml",
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

    fn names_in(folder: &str) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        crate::source::list_files(&path, &crate::limits::Limits::default()).unwrap_or_default()
    }

    /// The files of a bundled chart as the repository has them.
    fn files_of(chart: &str) -> BTreeSet<String> {
        let in_chart = names_in(&format!("charts/{chart}")).into_iter();
        let in_chart = in_chart.filter(|name| {
            name == "chart.yaml" || name.starts_with("templates/") || name.starts_with("crds/")
        });
        let in_chart = in_chart.map(|name| format!("charts/{chart}/{name}"));
        let values = names_in(&format!("values/{chart}")).into_iter();
        let values = values.map(|name| format!("values/{chart}/{name}"));
        in_chart.chain(values).chain([format!("schemas/{chart}.schema.json")]).collect()
    }

    /// Every folder of `charts/` is in the table, and every file of each; but for `charts/new/`, which has no chart of its
    /// own.
    #[test]
    fn table_is_complete() {
        let names = names_in("charts");
        let charts: BTreeSet<&str> = names
            .iter()
            .filter_map(|name| name.strip_suffix("/chart.yaml"))
            .filter(|name| !name.contains('/'))
            .collect();
        assert_eq!(charts, bundled().map(|chart| chart.name).collect());
        for chart in bundled() {
            let listed: BTreeSet<String> = chart.files.iter().map(|file| file.path.to_owned()).collect();
            assert_eq!(listed, files_of(chart.name));
        }
    }

    /// What is skipped at run time to save time: the `chart.yaml` of a bundled chart is held against its schema here.
    #[test]
    fn every_bundled_chart_opens_and_is_right() {
        for chart in bundled() {
            // Once as a folder, which is checked, and once by its name, which is not.
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts").join(chart.name);
            let session = Session::new();
            let from_folder = crate::chart::open(&session, &folder.display().to_string());
            assert!(from_folder.is_ok(), "{:?}", session.diagnostics());
            let opened = crate::chart::open(&session, chart.name);
            assert!(opened.is_ok_and(|opened| opened.name == chart.name), "{:?}", session.diagnostics());
        }
    }
}
