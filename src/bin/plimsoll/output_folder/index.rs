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
        let list = serde_yaml::to_string(self).context("the index cannot be written")?;
        replace(&folder.join(Self::NAME), format!("{HEAD}\n{list}").as_bytes())
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

/// Whether a path can be one of ours: names below the folder, nothing else. A backslash or a colon would lead elsewhere
/// on Windows.
pub(super) fn stays_inside(path: &str) -> bool {
    path.split('/')
        .all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']))
}
