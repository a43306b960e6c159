//! Kustomizations: which files one names, as what, and what it makes besides.
//!
//! Nothing is built: a set of manifests is what a kustomization names, base by base, as it stands in the files, in the
//! namespace that the outermost of them names. Patches and configuration are no whole objects, and are not judged as such;
//! and where labels, a namespace or a patch are added to an object, it need not be whole either.
//!
//! ```text
//! overlays/prod/kustomization.yaml     resources: [../../base, ingress.yaml]   patches: [{path: replicas.yaml}]
//!                                                  │            └ a manifest                      └ no object
//! base/kustomization.yaml              resources: [web.yaml]   configMapGenerator: [{name: settings}]
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::recognize::{KUSTOMIZATION_FILES, display};
use crate::config::{External, Pattern};
use crate::pipeline::{Completion, PatchTarget};
use crate::session::{MergeSources, Session};
use crate::source::{self, SourceKind, normalize};
use crate::yaml::{self, Node};

/// What one kustomization says.
#[derive(Debug, Default)]
pub(super) struct Kustomization {
    /// Whether others include it, and nobody applies it by itself.
    is_component: bool,
    /// Files and folders of objects.
    resources: Vec<PathBuf>,
    /// Those of them that change what this one has collected, as if they were a part of it.
    components: Vec<PathBuf>,
    /// The namespace of all its objects.
    namespace: Option<Arc<str>>,
    /// What it adds to all its objects.
    completion: Completion,
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
    /// Normalized paths of files, with the namespace that their objects are moved into.
    pub(super) files: BTreeSet<(PathBuf, Option<Arc<str>>)>,
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
                Kustomization::of(session, &root, &folder)
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

    /// What kustomizations add to the objects of each file that they name.
    pub(super) fn completions(&self) -> BTreeMap<PathBuf, Completion> {
        let mut completions: BTreeMap<PathBuf, Completion> = BTreeMap::new();
        for (folder, one) in &self.by_folder {
            let own = self.with_components(one).fold(Completion::default(), |mut all, one| {
                merge(&mut all, &one.completion);
                all
            });
            if !(own.namespaces || own.labels) && own.patched.is_empty() {
                continue;
            }
            for (file, _) in self.members(folder).files {
                merge(completions.entry(file).or_default(), &own);
            }
        }
        completions
    }

    /// A kustomization, and the components that it names, with theirs.
    fn with_components<'k>(&'k self, one: &'k Kustomization) -> impl Iterator<Item = &'k Kustomization> {
        let mut all = vec![one];
        let mut seen = BTreeSet::new();
        let mut next = 0;
        while let Some(one) = all.get(next).copied() {
            let components = one.components.iter().filter(|folder| seen.insert(*folder));
            all.extend(components.filter_map(|folder| self.by_folder.get(folder)));
            next += 1;
        }
        all.into_iter()
    }

    /// Follows the resources of a kustomization.
    fn members(&self, root: &Path) -> Members {
        let mut members = Members::default();
        let mut seen = BTreeSet::new();
        let mut waiting = vec![(root.to_owned(), None)];
        while let Some(next) = waiting.pop() {
            // A circle of bases is an error of kustomize, and no endless loop here.
            let Some(one) = self.by_folder.get(&next.0).filter(|_| seen.insert(next.clone())) else {
                continue;
            };
            // The outermost of them wins, as it is the last to be applied.
            let namespace: Option<Arc<str>> =
                next.1.or_else(|| self.with_components(one).find_map(|one| one.namespace.clone()));
            members.is_open |= one.is_open;
            for resource in &one.resources {
                if self.by_folder.contains_key(resource) {
                    waiting.push((resource.clone(), namespace.clone()));
                } else {
                    members.files.insert((resource.clone(), namespace.clone()));
                }
            }
        }
        members
    }
}

fn merge(all: &mut Completion, more: &Completion) {
    all.namespaces |= more.namespaces;
    all.labels |= more.labels;
    all.patched.extend(
        more.patched.iter().filter(|target| !all.patched.contains(*target)).cloned().collect::<Vec<_>>(),
    );
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
    fn of(session: &Session, root: &Node, folder: &Path) -> Kustomization {
        let namespace =
            root.get("namespace").and_then(Node::as_str).filter(|namespace| !namespace.is_empty());
        let mut found = Kustomization {
            is_component: root.get("kind").and_then(Node::as_str) == Some("Component"),
            is_open: OPEN.iter().any(|key| !items(root, key).is_empty()),
            components: texts(root, "components").map(|path| normalize(&folder.join(path))).collect(),
            namespace: namespace.map(Arc::from),
            completion: Completion {
                namespaces: namespace.is_some(),
                labels: adds_labels(root),
                patched: patched(session, root, folder),
            },
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

/// Whether it adds labels to selectors.
fn adds_labels(root: &Node) -> bool {
    let is_set = |node: &Node, key: &str| node.get(key).and_then(Node::as_bool) == Some(true);
    root.get("commonLabels").and_then(Node::as_map).is_some_and(|labels| !labels.is_empty())
        || items(root, "labels").iter().any(|labels| is_set(labels, "includeSelectors"))
}

/// What it patches.
fn patched(session: &Session, root: &Node, folder: &Path) -> Vec<PatchTarget> {
    let mut found = Vec::new();
    for patch in items(root, "patches").iter().chain(items(root, "patchesJson6902")) {
        match patch.get("target") {
            Some(target) => found.push(target_of(target)),
            None => {
                let text = |key: &str| patch.get(key).and_then(Node::as_str);
                let file = text("path").map(|path| folder.join(path));
                found.extend(text("patch").map(|patch| targets_of(session, patch)).unwrap_or_default());
                found.extend(file.map(|file| targets_of_file(session, &file)).unwrap_or_default());
            }
        }
    }
    for patch in texts(root, "patchesStrategicMerge") {
        found.extend(match patch.contains('\n') {
            true => targets_of(session, patch),
            false => targets_of_file(session, &folder.join(patch)),
        });
    }
    for replacement in items(root, "replacements") {
        let targets = items(replacement, "targets").iter();
        found.extend(targets.filter_map(|target| target.get("select")).map(target_of));
        // It stands in a file of its own.
        if replacement.get("path").is_some() {
            found.push(PatchTarget::default());
        }
    }
    if !items(root, "transformers").is_empty() {
        found.push(PatchTarget::default());
    }
    found
}

/// What a `target` or a `select` names. Both are regular expressions: one that is more than a name stands for all.
fn target_of(target: &Node) -> PatchTarget {
    let is_name = |text: &&str| text.chars().all(|letter| letter.is_alphanumeric() || "-._".contains(letter));
    let text = |key: &str| target.get(key).and_then(Node::as_str).filter(is_name).map(str::to_owned);
    PatchTarget { kind: text("kind"), name: text("name") }
}

/// The objects that the patches of a text name by themselves.
fn targets_of(session: &Session, text: &str) -> Vec<PatchTarget> {
    let own = session.fresh();
    let source = own.add_source(SourceKind::File, "patch", text);
    // One that cannot be read may be for anything; kustomize says what is wrong with it.
    let Ok(patches) = yaml::parse_documents(&own, source, &[], own.limits().into()) else {
        return vec![PatchTarget::default()];
    };
    let target = |patch: &Node| {
        let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
        let name = patch.get("metadata").and_then(|metadata| metadata.get("name"));
        PatchTarget { kind: text(patch.get("kind")), name: text(name) }
    };
    patches.iter().map(target).collect()
}

fn targets_of_file(session: &Session, file: &Path) -> Vec<PatchTarget> {
    match source::read_text(file, session.limits()) {
        Ok(text) => targets_of(session, &text),
        Err(_) => vec![PatchTarget::default()],
    }
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn texts<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n str> {
    items(node, key).iter().filter_map(Node::as_str)
}
