//! Kustomizations: which files one names, as what, and what it makes besides.
//!
//! Nothing is built: a set of manifests is what a kustomization names, base by base, as it stands in the files. Patches
//! and configuration are no whole objects, and are not judged as such.
//!
//! ```text
//! overlays/prod/kustomization.yaml     resources: [../../base, ingress.yaml]   patches: [{path: replicas.yaml}]
//!                                                  │            └ a manifest                      └ no object
//! base/kustomization.yaml              resources: [web.yaml]   configMapGenerator: [{name: settings}]
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::recognize::{KUSTOMIZATION_FILES, display, normalize};
use crate::config::{External, Pattern};
use crate::session::{MergeSources, Session};
use crate::source::{self, SourceKind};
use crate::yaml::{self, Node};

/// What one kustomization says.
#[derive(Debug, Default)]
pub(super) struct Kustomization {
    /// Whether others include it, and nobody applies it by itself.
    is_component: bool,
    /// Files and folders of objects.
    resources: Vec<PathBuf>,
    /// ConfigMaps and Secrets that it generates, by kind and name.
    generated: Vec<(&'static str, String)>,
    /// Whether it takes objects from elsewhere: a URL, a chart, a generator.
    is_open: bool,
}

/// All kustomizations of a run.
#[derive(Debug, Default)]
pub(super) struct Kustomizations {
    by_folder: BTreeMap<PathBuf, Kustomization>,
    /// Files that are no whole objects: patches, configuration, values.
    parts: BTreeSet<PathBuf>,
}

/// The manifests that a kustomization names, and whether there are more that cannot be seen.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// Normalized paths of files.
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) is_open: bool,
}

impl Kustomizations {
    /// Reads a kustomization, unless that was done before. What is wrong with its YAML is reported.
    pub(super) fn read(&mut self, session: &Session, file: &Path) {
        let folder = normalize(file.parent().unwrap_or(Path::new("")));
        if self.by_folder.contains_key(&folder) {
            return;
        }
        let own = session.fresh();
        // What cannot be read is reported where the file itself is looked at.
        let text = source::read_text(file, session.limits()).unwrap_or_default();
        let source = own.add_source(SourceKind::File, display(file), text);
        let read = match yaml::parse_one(&own, source) {
            Ok(Some(root)) => {
                self.parts.extend(parts(&root).map(|part| normalize(&folder.join(part))));
                Kustomization::of(&root, &folder)
            }
            _ => Kustomization { is_open: true, ..Kustomization::default() },
        };
        session.merge(own, MergeSources::Referenced, Some);
        self.by_folder.insert(folder, read);
    }

    /// Reads the kustomizations of a file's folder and of those above it, as far as one may name the file as a patch.
    pub(super) fn read_around(&mut self, session: &Session, file: &Path) {
        let folders = file.parent().into_iter().flat_map(Path::ancestors).take(MAX_FOLDERS_ABOVE);
        for folder in folders {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let names = KUSTOMIZATION_FILES.iter().map(|name| folder.join(name));
            if let Some(file) = names.into_iter().find(|file| file.is_file()) {
                self.read(session, &file);
            }
            if folder.join(".git").exists() {
                return;
            }
        }
    }

    /// Whether a kustomization names the file as something that is no whole object.
    pub(super) fn is_part(&self, file: &Path) -> bool {
        self.parts.contains(&normalize(file))
    }

    /// The objects that kustomizations generate.
    pub(super) fn generated(&self) -> Vec<External> {
        let all = self.by_folder.values().flat_map(|one| &one.generated);
        all.map(|(kind, name)| External {
            kind: (*kind).to_owned(),
            namespace: None,
            name: Pattern::exact(name),
        })
        .collect()
    }

    /// What each kustomization names that is applied by itself: no component, and named by no other one.
    pub(super) fn roots(&self) -> Vec<Members> {
        let named: BTreeSet<&PathBuf> = self.by_folder.values().flat_map(|one| &one.resources).collect();
        let is_root =
            |(folder, one): &(&PathBuf, &Kustomization)| !one.is_component && !named.contains(folder);
        self.by_folder.iter().filter(is_root).map(|(folder, _)| self.members(folder)).collect()
    }

    /// Follows the resources of a kustomization.
    fn members(&self, root: &Path) -> Members {
        let mut members = Members::default();
        let mut seen = BTreeSet::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(folder) = waiting.pop() {
            // A circle of bases is an error of kustomize, and no endless loop here.
            let Some(one) = self.by_folder.get(&folder).filter(|_| seen.insert(folder.clone())) else {
                continue;
            };
            members.is_open |= one.is_open;
            for resource in &one.resources {
                if self.by_folder.contains_key(resource) {
                    waiting.push(resource.clone());
                } else {
                    members.files.insert(resource.clone());
                }
            }
        }
        members
    }
}

/// So many folders are looked at for a kustomization that names a file as a patch.
const MAX_FOLDERS_ABOVE: usize = 4;

/// Lists of files and folders of objects.
const RESOURCES: &[&str] = &["resources", "bases", "components", "crds"];

/// Lists of files that are no whole objects; texts of several lines in them are such parts themselves.
const PARTS: &[&str] = &["patchesStrategicMerge", "configurations", "transformers", "validators"];

/// Lists of maps with the path of a file that is no whole object.
const PARTS_BY_KEY: &[(&str, &str)] = &[
    ("patches", "path"),
    ("patchesJson6902", "path"),
    ("replacements", "path"),
    ("helmCharts", "valuesFile"),
    ("helmChartInflationGenerator", "values"),
];

/// What generates objects under a name, and their kind.
const GENERATORS: &[(&str, &str)] = &[("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")];

/// What makes objects that cannot be seen in the files.
const OPEN: &[&str] = &["generators", "helmCharts", "helmChartInflationGenerator"];

impl Kustomization {
    fn of(root: &Node, folder: &Path) -> Kustomization {
        let mut found = Kustomization {
            is_component: root.get("kind").and_then(Node::as_str) == Some("Component"),
            is_open: OPEN.iter().any(|key| !items(root, key).is_empty()),
            ..Kustomization::default()
        };
        for resource in RESOURCES.iter().flat_map(|key| texts(root, key)) {
            // A URL of a repository or a file. Kustomize takes what is no local path for one.
            let is_remote =
                resource.contains("://") || resource.contains("?ref=") || resource.starts_with("github.com/");
            let path = normalize(&folder.join(resource));
            if is_remote {
                found.is_open = true;
            } else {
                // What is not on the disk, or not among the files of the run, leaves the set open.
                found.is_open |= !path.exists();
                found.resources.push(path);
            }
        }
        for (list, kind) in GENERATORS {
            let names = items(root, list).iter().filter_map(|item| item.get("name")?.as_str());
            found.generated.extend(names.map(|name| (*kind, name.to_owned())));
        }
        found
    }
}

/// The paths of files that are no whole objects.
fn parts(root: &Node) -> impl Iterator<Item = &str> {
    let by_key = PARTS_BY_KEY
        .iter()
        .flat_map(|(list, key)| items(root, list).iter().filter_map(|item| item.get(key)?.as_str()));
    let openapi = root.get("openapi").and_then(|openapi| openapi.get("path")?.as_str());
    // A text of several lines is the patch itself.
    let all = PARTS.iter().flat_map(|key| texts(root, key)).chain(by_key).chain(openapi);
    all.filter(|part| !part.contains('\n'))
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn texts<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n str> {
    items(node, key).iter().filter_map(Node::as_str)
}
