//! Which manifests are one set: what is applied together.
//!
//! | manifests | set |
//! |---|---|
//! | that an entry of `sets` in `plimsoll.yaml` matches | all that it matches |
//! | that a kustomization names, base by base | that kustomization |
//! | directly in one folder | that folder |
//! | standard input | by itself |
//!
//! The first row that fits counts. What several kustomizations name is in the set of each.

use std::collections::BTreeMap;
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
        sets.push(ManifestSet { texts: texts.into_iter().map(SetText::of).collect(), is_open: false });
    }
    let paths: BTreeMap<PathBuf, usize> = (0..manifests.len())
        .filter(|index| manifests[*index].kind == SourceKind::File)
        .map(|index| (normalize(Path::new(&manifests[index].name)), index))
        .collect();
    // What is declared is in no other set; what is added to it is added all the same.
    let is_declared = is_in_set.clone();
    for members in kustomizations.roots() {
        let mut set = ManifestSet { texts: Vec::new(), is_open: members.is_open };
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
    let mut folders: BTreeMap<Option<PathBuf>, Vec<usize>> = BTreeMap::new();
    for (index, manifest) in manifests.iter().enumerate().filter(|(index, _)| !is_in_set[*index]) {
        let folder = (manifest.kind == SourceKind::File)
            .then(|| normalize(Path::new(&manifest.name).parent().unwrap_or(Path::new(""))));
        folders.entry(folder).or_default().push(index);
    }
    let texts = |indices: Vec<usize>| indices.into_iter().map(SetText::of).collect();
    sets.extend(folders.into_values().map(|indices| ManifestSet { texts: texts(indices), is_open: false }));
    sets.retain(|set| !set.texts.is_empty());
    // In the order of the files, whatever made a set of them.
    sets.sort_by_key(|set| set.texts.first().map(|text| text.index));
    let completions = kustomizations.completions().into_iter();
    let completions = completions.filter_map(|(file, all)| Some((*paths.get(&file)?, all))).collect();
    ManifestSets { sets, generated: kustomizations.generated(), completions }
}
