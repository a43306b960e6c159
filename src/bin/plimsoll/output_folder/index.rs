//! The index of an output folder, `.plimsoll`: which files are ours, and what an unfinished run is about to write.
//!
//! ```yaml
//! # The files that plimsoll wrote into this folder, and may remove again. Keep this one with them.
//! files:
//! - deployment-web.yaml
//! - service-web.yaml
//! begun:                  # only while a run is writing, and after one that was killed
//! - configmap-web.yaml
//! ```
//!
//! Files are removed by what it says, so it is believed only if all of it can be: its first line is ours, no field is
//! unknown, and every path stays inside of the folder. It is YAML, as everything beside it, so that its diffs can be
//! read in a review.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use plimsoll::limits::Limits;
use plimsoll::source;
use serde::{Deserialize, Serialize};

use super::staging::{metadata, replace};

/// The first line of every index; a file without it is somebody else's.
pub(super) const HEAD: &str =
    "# The files that plimsoll wrote into this folder, and may remove again. Keep this one with them.";

/// What an index says. Sets are sorted, so the file has small diffs in Git.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
// Files are removed by what an index says: one of a later version, with fields that this one does not know, is not
// guessed at.
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Paths below the folder, with `/`, of the files that we wrote.
    pub files: BTreeSet<String>,
    /// Paths that a run is about to write. They are here only until it ends. After a run that was killed, each is the
    /// old file, the new one, or not there, and the next run writes all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub begun: BTreeSet<String>,
}

impl Index {
    /// The name of its file.
    pub const NAME: &str = ".plimsoll";

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
        match index.files.union(&index.begun).find(|path| !stays_inside(path)) {
            Some(wrong) => bail!("`{}` is damaged: it lists `{}`", path.display(), wrong.escape_debug()),
            None => Ok(index),
        }
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
        if self.files.is_empty() || !self.files.iter().chain(&self.begun).all(|path| is_plain(path)) {
            return None;
        }
        let mut text = String::from("files:\n");
        self.files.iter().for_each(|path| text.extend(["- ", path, "\n"]));
        if !self.begun.is_empty() {
            text.push_str("begun:\n");
            self.begun.iter().for_each(|path| text.extend(["- ", path, "\n"]));
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

/// Whether a path is a plain scalar of YAML that nobody takes for anything but a string: as nearly all names of files are
/// that we write.
fn is_plain(path: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-./".contains(&byte);
    path.starts_with(|first: char| first.is_ascii_lowercase())
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
    use super::Index;

    /// Whoever writes it, an index is the same text.
    #[test]
    fn a_plain_index_is_what_serde_writes() {
        let index = |files: &[&str], begun: &[&str]| Index {
            files: files.iter().map(|path| (*path).to_owned()).collect(),
            begun: begun.iter().map(|path| (*path).to_owned()).collect(),
        };
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
        let long = index(&[&long], &[]);
        assert_eq!(long.as_plain_text(), serde_yaml::to_string(&long).ok());
        for other in [index(&[], &["a.yaml"]), index(&["1.yaml"], &[]), index(&["a.yaml"], &["A: b.yaml"])] {
            assert_eq!(other.as_plain_text(), None);
        }
    }
}
