//! Files that lie beside their places until the whole set is there.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Files that lie beside their places, to be moved there; what was not moved is removed again.
#[derive(Default)]
pub(super) struct Staged {
    files: Vec<(PathBuf, PathBuf)>,
    folders: Vec<PathBuf>,
}

impl Staged {
    pub(super) fn add(&mut self, folder: &Path, path: &str, text: &str) -> Result<()> {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            self.make_folder(parent)?;
        }
        let beside = beside(&target);
        self.files.push((beside, target.clone()));
        create(&target, text)
    }

    /// Makes a folder and those above it, and remembers which ones are new.
    pub(super) fn make_folder(&mut self, folder: &Path) -> Result<()> {
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)
                .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    /// Removes the files that were not moved.
    pub(super) fn take_back(&mut self) {
        // The error that led here is reported; a leftover is overwritten by the next run.
        for (beside, _) in self.files.drain(..) {
            let _ = fs::remove_file(beside);
        }
    }

    pub(super) fn commit(mut self) -> Result<()> {
        self.folders.clear();
        while let Some((beside, target)) = self.files.last() {
            fs::rename(beside, target).with_context(|| format!("cannot write `{}`", target.display()))?;
            self.files.pop();
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.take_back();
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Where a file lies until the whole set is there: in the same folder, so that moving it cannot fail half-way.
pub(super) fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.plimsoll-new"))
}

/// Writes a new file beside its place; a leftover of a run that was killed makes room, a link does not.
pub(super) fn create(target: &Path, text: &str) -> Result<()> {
    let path = beside(target);
    if look(&path)?.is_some_and(|meta| meta.is_file()) {
        fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    let open = OpenOptions::new().write(true).create_new(true).open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write `{}`", target.display()))
}

/// What stands at a path, itself, without following a link; none when nothing does.
pub fn look(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(meta) => Ok(Some(meta)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot look at `{}`", path.display())),
    }
}
