//! The index of an output folder, `.plimsoll`: which files are ours, and what a run that has not ended yet is about to write.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use plimsoll::limits::Limits;
use plimsoll::source;
use serde::{Deserialize, Serialize};

use super::staged::{beside, create, look};

pub(super) const HEAD: &str =
    "# The files that plimsoll wrote into this folder, and may remove again. Keep this one with them.";

/// What a folder remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Paths below the folder that we wrote.
    pub files: BTreeSet<String>,
    /// Paths that a run has begun to write. They are here only until it ends: after a run that was killed, each is the old
    /// file or the new one, and the next run writes all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub begun: BTreeSet<String>,
}

impl Index {
    /// The name of its file.
    pub const NAME: &str = ".plimsoll";

    /// The index of a folder; an empty one where there is none.
    ///
    /// # Errors
    /// An index that is not ours, is damaged, or lists paths outside of the folder.
    pub fn read(folder: &Path, limits: &Limits) -> Result<Index> {
        let path = folder.join(Self::NAME);
        let Some(meta) = look(&path)? else { return Ok(Index::default()) };
        ensure!(meta.is_file(), "`{}` is not a regular file", path.display());
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

    /// Puts this index in the place of the last one.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let list = serde_yaml::to_string(self).context("the index cannot be written")?;
        let target = folder.join(Self::NAME);
        let beside = beside(&target);
        let written = create(&target, &format!("{HEAD}\n{list}"));
        let moved = written.and_then(|()| {
            fs::rename(&beside, &target).with_context(|| format!("cannot write `{}`", target.display()))
        });
        if moved.is_err() {
            let _ = fs::remove_file(&beside);
        }
        moved
    }

    /// Puts the folder's index back as it was before a run that failed.
    pub(super) fn restore(&self, folder: &Path) {
        // Where even this fails, the index lists files that are not there, which harms nobody.
        let _ = if *self == Index::default() {
            fs::remove_file(folder.join(Self::NAME)).map_err(anyhow::Error::from)
        } else {
            self.write(folder)
        };
    }
}

/// Whether a path can be one of ours: names below the folder, nothing else.
pub(super) fn stays_inside(path: &str) -> bool {
    let name =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']);
    path.split('/').all(name)
}
