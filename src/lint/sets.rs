//! Which manifests are one set: what is applied together.
//!
//! | manifests | set |
//! |---|---|
//! | that an entry of `sets` in `plimsoll.yaml` matches | all that it matches |
//! | that a kustomization names, base by base | that kustomization |
//! | below a folder of tests, examples or documentation, which was not named | each file |
//! | directly in one folder | that folder |
//! | standard input | by itself |
//!
//! The first row that fits counts. What several kustomizations name is in the set of each.
//!
//! Files of tests and examples define one object again and again, and hardly anybody applies two of them together. So do alternatives
//! beside each other, such as `install.yaml` and `install-ha.yaml`: a folder that nobody has named is a set that is assumed
//! ([`ManifestSet::is_assumed`]).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::kustomization::Kustomizations;
use crate::config::Config;
use crate::pipeline::{ManifestSet, ManifestSets, SetText};
use crate::source::{self, SourceKind, normalize};

/// A text of manifests. It was read to find out what it is, and is not read again.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) kind: SourceKind,
    pub(super) name: String,
    pub(super) text: Arc<str>,
    /// The path of its folder below the one that was named; none if that one was named, or the file itself.
    pub(super) found: Option<String>,
}

/// The sets of some manifests; each has indices of the list.
pub(super) fn sets(manifests: &[Manifest], kustomizations: &Kustomizations, config: &Config) -> ManifestSets {
    let mut sets: Vec<ManifestSet> = Vec::new();
    let mut is_in_set = vec![false; manifests.len()];
    // Asked of the disk, and so only where somebody wants to know.
    let relative: Vec<Option<String>> = match config.sets.is_empty() {
        true => Vec::new(),
        false => manifests
            .iter()
            .map(|manifest| source::relative_path(&config.folder, manifest.name.as_ref()))
            .collect(),
    };
    for declared in &config.sets {
        let is_in = |file: &Option<String>| {
            file.as_ref().is_some_and(|file| declared.files.iter().any(|files| files.matches(file)))
        };
        let texts: Vec<usize> = (0..relative.len()).filter(|index| is_in(&relative[*index])).collect();
        texts.iter().for_each(|index| is_in_set[*index] = true);
        let texts = texts.into_iter().map(SetText::of).collect();
        sets.push(ManifestSet { texts, ..ManifestSet::default() });
    }
    let paths: BTreeMap<PathBuf, usize> = (0..manifests.len())
        .filter(|index| manifests[*index].kind == SourceKind::File)
        .map(|index| (normalize(Path::new(&manifests[index].name)), index))
        .collect();
    // What is declared is in no other set; what is added to it is added all the same.
    let is_declared = is_in_set.clone();
    for members in kustomizations.roots() {
        let mut set = ManifestSet { is_open: members.is_open, ..ManifestSet::default() };
        for (file, namespace) in &members.files {
            match paths.get(file).filter(|index| !is_declared[**index]) {
                Some(index) => set.texts.push(SetText { index: *index, namespace: namespace.clone() }),
                // It is not among the files of this run, so what it holds is not known.
                None => set.is_open = true,
            }
        }
        set.texts.sort_unstable();
        set.texts.iter().for_each(|text| is_in_set[text.index] = true);
        sets.push(set);
    }
    let environments = environments(manifests);
    // Of files that each are a set, with the file.
    let mut folders: BTreeMap<(Option<PathBuf>, Option<usize>), Vec<usize>> = BTreeMap::new();
    for (index, manifest) in manifests.iter().enumerate().filter(|(index, _)| !is_in_set[*index]) {
        let folder = (manifest.kind == SourceKind::File)
            .then(|| normalize(Path::new(&manifest.name).parent().unwrap_or(Path::new(""))));
        let is_shown = manifest.found.as_deref().is_some_and(|folder| shows_something(folder, &environments));
        folders.entry((folder, is_shown.then_some(index))).or_default().push(index);
    }
    sets.extend(folders.into_values().map(|indices| ManifestSet {
        is_assumed: indices.iter().all(|index| manifests[*index].found.is_some()),
        texts: indices.into_iter().map(SetText::of).collect(),
        is_open: false,
    }));
    sets.retain(|set| !set.texts.is_empty());
    // In the order of the files, whatever made a set of them.
    sets.sort_by_key(|set| set.texts.first().map(|text| text.index));
    let completions = kustomizations.completions().into_iter();
    let completions = completions.filter_map(|(file, all)| Some((*paths.get(&file)?, all))).collect();
    ManifestSets { sets, generated: kustomizations.generated(), completions }
}

/// Names of folders whose files show or test something, and are not applied together.
const SHOWN: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "testcases",
    "e2e",
    "fixture",
    "fixtures",
    "golden",
    "goldens",
    "snapshot",
    "snapshots",
    "mock",
    "mocks",
    "example",
    "examples",
    "sample",
    "samples",
    "doc",
    "docs",
    "documentation",
];

/// Such words that count as parts of names as well: those in the singular are in names of applications, too.
const MANY: &[&str] = &["tests", "testdata", "fixtures", "examples", "samples"];

/// Names of folders that stand for an environment.
const ENVIRONMENTS: &[&str] = &[
    "dev",
    "develop",
    "development",
    "int",
    "integration",
    "qa",
    "uat",
    "stage",
    "staging",
    "preprod",
    "prod",
    "production",
    "live",
];

/// Folders in which a folder stands for an environment: there `test` is one as well.
fn environments(manifests: &[Manifest]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in manifests.iter().filter_map(|manifest| manifest.found.as_deref()) {
        for (start, part) in parts(folder) {
            if ENVIRONMENTS.contains(&part.to_lowercase().as_str()) {
                found.insert(folder.get(..start).unwrap_or_default().to_owned());
            }
        }
    }
    found
}

/// Whether what is in a folder shows or tests something, by its path.
fn shows_something(folder: &str, environments: &BTreeSet<String>) -> bool {
    parts(folder).any(|(start, part)| {
        let lower = part.to_lowercase();
        let is_environment =
            lower == "test" && environments.contains(folder.get(..start).unwrap_or_default());
        // `sample-app` is an application, and `configsamples` holds samples.
        let has = |word: &str| lower.split(['-', '_', '.']).any(|of_name| of_name == word);
        !is_environment
            && (SHOWN.contains(&lower.trim_matches('_'))
                || MANY.iter().any(|word| has(word) || lower.ends_with(word))
                || lower.ends_with("-test")
                || lower == "mock_data")
    })
}

/// The names in a path, with the byte that each begins at.
fn parts(path: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    path.split('/').map(move |part| {
        let start = at;
        at += part.len() + 1;
        (start, part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_examples_are_known_by_their_folders() {
        let environments = BTreeSet::from(["clusters/".to_owned()]);
        let is_shown = |folder: &str| shows_something(folder, &environments);
        for folder in [
            "tests",
            "test/e2e",
            "pkg/testdata/golden",
            "src/test/resources/a",
            "docs/operator",
            "config/samples",
            "configsamples",
            "Examples/a",
            "a/__snapshot__",
            "acceptance-tests/x",
            "storage-test",
            "mock_data",
            "test-data/unit-tests",
            "e2e",
        ] {
            assert!(is_shown(folder), "{folder}");
        }
        for folder in [
            "deploy",
            "clusters/test",
            "apps/sample-app",
            "apps/test-runner",
            "latest",
            "contest",
            "manifests/ha",
            "demo",
            "documents",
            "apps/attest",
            "base/testkube",
        ] {
            assert!(!is_shown(folder), "{folder}");
        }
    }
}
