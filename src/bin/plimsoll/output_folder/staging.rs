//! Files that are written beside their targets, and renamed into place when all of them are there.
//!
//! ```text
//! add(a), add(b)     .a.yaml.plimsoll-new  .b.yaml.plimsoll-new     a full disk shows here
//! commit()            a.yaml                b.yaml                  one rename each
//! or dropped          nothing, and no folder that was made for them
//! ```

use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// New files beside their targets. Unless [`commit`](StagedFiles::commit) moves them, dropping this value removes them
/// again, with the folders that were made for them.
#[derive(Default)]
pub(super) struct StagedFiles {
    files: Vec<StagedFile>,
    /// Folders that did not exist, parents first.
    new_folders: Vec<PathBuf>,
}

struct StagedFile {
    staged: PathBuf,
    target: PathBuf,
}

impl StagedFiles {
    /// Writes a file beside its target, `path` below `folder`, with the folders that it needs.
    pub(super) fn add(&mut self, folder: &Path, path: &str, text: &str) -> Result<()> {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            self.create_folder(parent)?;
        }
        // Remembered first: a file that is written in part is removed as well.
        self.files.push(StagedFile { staged: staging_path(&target), target: target.clone() });
        write_staged(&target, text.as_bytes())
    }

    /// Creates a folder and those above it, and remembers which ones are new.
    pub(super) fn create_folder(&mut self, folder: &Path) -> Result<()> {
        // `create_dir_all` would not say which of them it created.
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => self.new_folders.push(folder.to_owned()),
                // `new/..` is there as soon as `new` is; so is what somebody else has made meanwhile.
                Err(_) if folder.is_dir() => {}
                Err(_) if folder.is_symlink() => {
                    bail!("`{}` is a link that leads to nothing", folder.display())
                }
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot make the folder `{}`", folder.display()));
                }
            }
        }
        Ok(())
    }

    /// Removes the files that were not moved.
    pub(super) fn discard(&mut self) {
        for file in self.files.drain(..) {
            // The error that led here is the one to report; a leftover is overwritten by the next run.
            let _ = fs::remove_file(file.staged);
        }
    }

    /// Renames every file into place. A rename within a folder needs no room on the disk, so after the first one little
    /// is left that can fail.
    ///
    /// # Errors
    /// A rename that fails: what was moved stays moved, and what was not is removed. The index lists all of it as
    /// begun.
    pub(super) fn commit(mut self) -> Result<()> {
        // From here on they are kept, whatever happens.
        self.new_folders.clear();
        while let Some(StagedFile { staged, target }) = self.files.last() {
            fs::rename(staged, target).with_context(|| format!("cannot write `{}`", target.display()))?;
            // Only now: what is still in the list is removed when this value is dropped.
            self.files.pop();
        }
        Ok(())
    }
}

impl Drop for StagedFiles {
    fn drop(&mut self) {
        self.discard();
        for folder in self.new_folders.iter().rev() {
            // Fails where somebody else has put something into it meanwhile.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Where a file lies until the whole set is there: `.NAME.plimsoll-new` in the folder of its target. In another folder,
/// such as the system's for temporary files, it might lie on another file system, and then a rename is a copy that can
/// fail half-way.
pub(super) fn staging_path(target: &Path) -> PathBuf {
    // A target without a name is a folder (`..`), and writing it fails in any case.
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.plimsoll-new"))
}

/// Writes a new file beside its target. A leftover of a run that was killed is removed first. A link there is not:
/// `create_new` refuses it, so nothing is ever written through one.
pub(super) fn write_staged(target: &Path, content: &[u8]) -> Result<()> {
    let path = staging_path(target);
    if metadata(&path)?.is_some_and(|metadata| metadata.is_file()) {
        fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    // Between the look above and here somebody may put a link there: `create_new` is O_CREAT with O_EXCL, which refuses
    // that too.
    let open = OpenOptions::new().write(true).create_new(true).open(path);
    open.and_then(|mut file| file.write_all(content))
        .with_context(|| format!("cannot write `{}`", target.display()))
}

/// Writes one file beside its target and renames it into place: whatever happens, the target is the old file or the new
/// one.
pub(super) fn replace(target: &Path, content: &[u8]) -> Result<()> {
    let staged = staging_path(target);
    let replaced = write_staged(target, content).and_then(|()| {
        fs::rename(&staged, target).with_context(|| format!("cannot write `{}`", target.display()))
    });
    if replaced.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&staged);
    }
    replaced
}

/// What stands at a path, itself, without following a link; none when nothing does.
///
/// # Errors
/// What the system says, other than that nothing is there.
pub fn metadata(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            // The one above it that is there.
            let file = path.ancestors().find(|above| above.is_file()).unwrap_or(path);
            bail!("`{}` is not a folder", file.display())
        }
        Err(error) => Err(error).with_context(|| format!("cannot look at `{}`", path.display())),
    }
}
