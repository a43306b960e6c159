//! Files for a folder that is not there yet, or empty: those of a chart that its owner edits from then on.
//!
//! So there is no index, and nothing is ever replaced: a second run into the folder is refused.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use plimsoll::chart::FolderFile;

use super::check_folder;
use super::staging::StagedFiles;

/// Whether nothing is in a folder: it is empty, or not there.
///
/// # Errors
/// What is no folder, a link, and a folder that cannot be read.
pub fn is_empty(folder: &Path) -> Result<bool> {
    if !check_folder(folder)? {
        return Ok(true);
    }
    let mut entries =
        fs::read_dir(folder).with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
    Ok(entries.next().is_none())
}

/// Writes the files into a folder in which nothing is, and makes it if it is not there.
///
/// # Errors
/// What the system says: then nothing is left of what was written.
pub fn write_fresh(folder: &Path, files: &[FolderFile]) -> Result<()> {
    let mut staged = StagedFiles::default();
    for file in files {
        staged.add(folder, &file.path, &file.text)?;
    }
    staged.commit()
}
