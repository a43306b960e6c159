//! The index of an output folder, `.plimsoll`: which files are ours, and what an unfinished run is about to write.
//!
//! ```yaml
//! # The files that plimsoll wrote into this folder, and may remove again. Keep this one with them.
//! files:
//!   deployment-web.yaml: sha256:5f3c…
//!   service-web.yaml: sha256:88d1…
//! begun:                  # only while a run is writing, and after one that was killed
//!   configmap-web.yaml: sha256:07aa…
//! ```
//!
//! Files are removed by what it says, so it is believed only if all of it can be: its first line is ours, no field is
//! unknown, and every path stays inside of the folder. And as anybody can write one into a repository, a file is removed
//! only if it is what the index says: `removal.rs`. It is YAML, as everything beside it, so that its diffs can be read in
//! a review. An index of an earlier version is a list of paths, without checksums.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use plimsoll::emit::OutputFile;
use plimsoll::limits::Limits;
use plimsoll::source;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use super::staging::{metadata, replace};

/// The first line of every index; a file without it is somebody else's.
pub(super) const HEAD: &str =
    "# The files that plimsoll wrote into this folder, and may remove again. Keep this one with them.";

/// Paths below the folder, with `/`, and the checksum of what was written there: `sha256:` and the digest in hexadecimal.
/// None in an index of an earlier version.
pub type Listed = BTreeMap<String, Option<String>>;

/// What an index says. Paths are sorted, so the file has small diffs in Git.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
// Files are removed by what an index says: one of a later version, with fields that this one does not know, is not
// guessed at.
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The files that we wrote.
    #[serde(deserialize_with = "listed")]
    pub files: Listed,
    /// Files that a run is about to write. They are here only until it ends. After a run that was killed, each is the
    /// old file, the new one, or not there, and the next run writes all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "listed")]
    pub begun: Listed,
}

/// A list of an index: paths with checksums, or paths alone.
fn listed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Listed, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Sums(Listed),
        Paths(BTreeSet<String>),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Sums(listed) => listed,
        Either::Paths(paths) => paths.into_iter().map(|path| (path, None)).collect(),
    })
}

/// The checksum of a file, as an index has it.
pub(super) fn checksum(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

impl Index {
    /// The name of its file.
    pub const NAME: &str = ".plimsoll";

    /// The index of a folder that holds these files.
    pub fn of(files: &[OutputFile]) -> Index {
        let sum = |file: &OutputFile| (file.path.clone(), Some(checksum(file.text.as_bytes())));
        Index { files: files.iter().map(sum).collect(), begun: Listed::new() }
    }

    /// Whether it says the same as another one of the same folder, as far as an index of an earlier version can.
    pub fn agrees_with(&self, other: &Index) -> bool {
        let same = |(one, other): (&Option<String>, &Option<String>)| {
            one.is_none() || other.is_none() || one == other
        };
        self.begun.is_empty()
            && other.begun.is_empty()
            && self.files.keys().eq(other.files.keys())
            && self.files.values().zip(other.files.values()).all(same)
    }

    /// Whether a path is one of ours: written, or about to be when a run was killed.
    pub fn lists(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.begun.contains_key(path)
    }

    /// Every path that it lists, once.
    pub fn paths(&self) -> BTreeSet<&str> {
        self.files.keys().chain(self.begun.keys()).map(String::as_str).collect()
    }

    /// The index of a folder; an empty one where there is none.
    ///
    /// # Errors
    /// An index that is not ours, is damaged, or lists paths outside of the folder: what it lists may be removed, so it
    /// is believed only as a whole.
    pub fn read(folder: &Path, limits: &Limits) -> Result<Index> {
        let path = folder.join(Self::NAME);
        let Some(metadata) = metadata(&path)? else { return Ok(Index::default()) };
        ensure!(metadata.is_file(), "`{}` is not a regular file", path.display());
        let text = source::read_text(&path, limits);
        let text = text.map_err(|error| anyhow!("cannot read `{}`: {error}", path.display()))?;
        ensure!(text.starts_with(HEAD), "`{}` was not written by plimsoll", path.display());
        let index: Index =
            serde_yaml::from_str(&text).with_context(|| format!("`{}` is damaged", path.display()))?;
        if let Some(wrong) = index.paths().into_iter().find(|path| !stays_inside(path)) {
            bail!("`{}` is damaged: it lists `{}`", path.display(), wrong.escape_debug());
        }
        Ok(index)
    }

    /// Writes this index in the place of the last one.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        replace(&folder.join(Self::NAME), self.text()?.as_bytes())
    }

    /// The text of its file.
    pub(super) fn text(&self) -> Result<String> {
        let list = match self.as_plain_text() {
            Some(list) => list,
            None => serde_yaml::to_string(self).context("the index cannot be written")?,
        };
        Ok(format!("{HEAD}\n{list}"))
    }

    /// As serde_yaml writes it, if there are files and nothing has to be quoted. With `--each` an index is written twice
    /// for each folder, for which a writer of any YAML took 2 % of the time.
    fn as_plain_text(&self) -> Option<String> {
        let is_known = |(path, sum): (&String, &Option<String>)| is_plain(path) && sum.is_some();
        if self.files.is_empty() || !self.files.iter().chain(&self.begun).all(is_known) {
            return None;
        }
        let mut text = String::from("files:\n");
        let push = |listed: &Listed, text: &mut String| {
            for (path, sum) in listed {
                text.extend(["  ", path, ": ", sum.as_deref().unwrap_or_default(), "\n"]);
            }
        };
        push(&self.files, &mut text);
        if !self.begun.is_empty() {
            text.push_str("begun:\n");
            push(&self.begun, &mut text);
        }
        Some(text)
    }

    /// Puts this index, which was the folder's before a run that failed, back.
    pub(super) fn restore(&self, folder: &Path) {
        // Where even this fails, the index lists files that are not there, which harms nobody.
        let _ = if *self == Index::default() {
            fs::remove_file(folder.join(Self::NAME)).map_err(anyhow::Error::from)
        } else {
            self.write(folder)
        };
    }
}

/// Longer keys have a form of their own in YAML.
const LONGEST_PLAIN: usize = 100;

/// Whether a path is a plain scalar of YAML that nobody takes for anything but a string: as nearly all names of files are
/// that we write.
fn is_plain(path: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-./".contains(&byte);
    path.len() <= LONGEST_PLAIN
        && path.starts_with(|first: char| first.is_ascii_lowercase())
        && path.ends_with(".yaml")
        && path.bytes().all(is_name)
}

/// Whether a path can be one of ours: names below the folder, nothing else. A backslash or a colon would lead elsewhere
/// on Windows.
pub(super) fn stays_inside(path: &str) -> bool {
    path.split('/')
        .all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']))
}

#[cfg(test)]
mod tests {
    use super::{Index, checksum};

    /// Whoever writes it, an index is the same text.
    #[test]
    fn a_plain_index_is_what_serde_writes() {
        let listed = |paths: &[&str]| {
            paths.iter().map(|path| ((*path).to_owned(), Some(checksum(path.as_bytes())))).collect()
        };
        let index = |files: &[&str], begun: &[&str]| Index { files: listed(files), begun: listed(begun) };
        let plain = [
            index(&["deployment-web.yaml", "service-web.yaml"], &[]),
            index(
                &["null.yaml", "y.yaml", "true.yaml", "e1.yaml", "a/b.yaml", "a--b.yaml", "a.yaml"],
                &["no.yaml"],
            ),
        ];
        for index in plain {
            assert_eq!(index.as_plain_text(), serde_yaml::to_string(&index).ok());
        }
        let long = format!("{}.yaml", "configmap-".repeat(30));
        for other in [
            index(&[&long], &[]),
            index(&[], &["a.yaml"]),
            index(&["1.yaml"], &[]),
            index(&["a.yaml"], &["A: b.yaml"]),
        ] {
            assert_eq!(other.as_plain_text(), None);
        }
    }

    /// An index of an earlier version is a list of paths; it is read, and agrees with what has checksums.
    #[test]
    fn an_index_of_an_earlier_version_is_read() {
        let old: Index = serde_yaml::from_str("files:\n- a.yaml\n- b.yaml\n").unwrap();
        let new: Index = serde_yaml::from_str("files:\n  a.yaml: sha256:00\n  b.yaml: sha256:01\n").unwrap();
        assert!(old.agrees_with(&new) && new.agrees_with(&new));
        let other: Index =
            serde_yaml::from_str("files:\n  a.yaml: sha256:00\n  b.yaml: sha256:02\n").unwrap();
        assert!(!new.agrees_with(&other) && !old.agrees_with(&Index::default()));
    }
}
