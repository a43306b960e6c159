//! The output folder: a new set of files takes the place of the last one as a whole, or not at all.
//!
//! [`write`] goes in this order, so that a run that fails or is killed at any moment leaves something that the next run
//! can mend:
//!
//! 1. **Lock.** A second run into the same folder is refused at once (`lock.rs`).
//! 2. **Check.** The folder, the index `.plimsoll` and every target are looked at. A link, or a file that Plimsoll did
//!    not write standing in the way, ends the run here: nothing was touched.
//! 3. **Announce.** The index is replaced by one that lists under `begun` what is about to be written. It comes first,
//!    since everything that appears from now on must be known as ours if the run is killed.
//! 4. **Stage.** Every file is written as `.NAME.plimsoll-new` beside its target. A full disk or a missing permission
//!    shows here; all that was staged is removed, and the old index is put back.
//! 5. **Commit.** Each staged file is renamed to its target. A rename replaces a file in one step, so a reader sees the
//!    old file or the new one, never a part of one.
//! 6. **Remove.** Files of earlier runs that are not in the new set are removed, and folders that are empty then. What is
//!    not as we wrote it is left alone (`removal.rs`).
//! 7. **Close.** The index is replaced by one that lists the new set, and nothing as begun.
//!
//! After a run that was killed between 3 and 7, the next run removes the staged leftovers of what was begun, counts
//! those files as its own, and writes all of them; `--check` says that a run was interrupted.
//!
//! A folder that is not there yet needs none of this but the first two steps: it is written under another name and renamed as
//! a whole (`new_folder.rs`).
//!
//! There is no `fsync`. It would guard against a loss of power alone, where the system may have kept a rename and lost
//! the bytes of the file. What is lost can be rendered again by the same command, and a flush for each of thousands of
//! files would make every run wait for the disk. A process that is killed loses nothing that it has written: the system
//! has it.

mod copies;
mod fresh;
mod index;
mod lock;
mod new_folder;
mod removal;
mod special;
mod staging;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use plimsoll::emit::OutputFile;
use plimsoll::limits::Limits;

pub use copies::write_copies;
pub use fresh::{is_empty, write_fresh};
pub use index::Index;
use index::stays_inside;
pub use lock::lock;
use removal::{Removal, lies_inside, remove};
pub use staging::metadata;
use staging::{StagedFiles, replace, staging_path};

/// Writes the files and removes those of the last run that are no longer among them. What Plimsoll has not written is
/// never touched, and nothing is written through a link.
///
/// # Errors
/// Until the whole set is staged, an error leaves the folder as it was. After that, the index says what was begun, and the next
/// run writes all of it.
pub fn write(folder: &Path, files: &[OutputFile], limits: &Limits) -> Result<Written> {
    for file in files {
        ensure!(stays_inside(&file.path), "`{}` leads out of the folder", file.path.escape_debug());
    }
    if !check_folder(folder)? && new_folder::can_be_staged(folder) {
        return new_folder::write(folder, files, limits).map(|()| Written::all_new(files.len()));
    }
    // Held until the end. Of a folder that is made below, a second run is told by its index.
    let _lock = lock(folder)?;
    let last = Index::read(folder, limits)?;
    for file in files {
        check_target(folder, file, &last)?;
    }
    // Only after all checks, as it is the first step that changes anything.
    remove_leftovers(folder, &last)?;
    let new = Index::of(files);
    let mut written = Written::since(&last, folder, files);
    let staged = announce_and_stage(folder, files, &last, &new)?;
    staged.commit()?;
    // What a killed run had begun counts as ours, too: it may have been renamed into place before the end.
    for path in last.paths().into_iter().filter(|path| !new.files.contains_key(*path)) {
        match remove(folder, path, &last, limits)? {
            Removal::LeftAlone => written.left_alone.push(folder.join(path)),
            Removal::Removed => written.removed += 1,
            Removal::Gone => {}
        }
    }
    new.write(folder)?;
    Ok(written)
}

/// What a run has made of a folder, held against what was there.
#[derive(Debug, Default)]
pub struct Written {
    /// How many files there are now.
    pub files: usize,
    /// How many of them were not there, or not of the last run.
    pub added: usize,
    /// How many of them had another text, of the last run or of somebody who edited them.
    pub changed: usize,
    /// How many files of the last run were removed.
    pub removed: usize,
    /// The files that the index of the last run lists and that were left alone, as they are not what that run wrote.
    pub left_alone: Vec<PathBuf>,
}

impl Written {
    fn all_new(files: usize) -> Self {
        Written { files, added: files, ..Written::default() }
    }

    /// Counts what a run has made of another folder as well.
    pub fn add(&mut self, other: &Written) {
        self.files += other.files;
        self.added += other.added;
        self.changed += other.changed;
        self.removed += other.removed;
    }

    /// What becomes of a folder that the last run has left like this, before anything is written.
    fn since(last: &Index, folder: &Path, files: &[OutputFile]) -> Self {
        let mut written = Written { files: files.len(), ..Written::default() };
        for file in files {
            let target = folder.join(&file.path);
            // By the files themselves, and not by the index: one that was edited or removed since is written anew.
            if !last.lists(&file.path) || fs::symlink_metadata(&target).is_err() {
                written.added += 1;
            } else if !is_same(&target, file) {
                written.changed += 1;
            }
        }
        written
    }

    /// What a person is told at the end: `22 files: 1 new, 2 changed, 3 removed`.
    pub fn sentence(&self) -> String {
        let files = if self.files == 1 { "1 file" } else { &format!("{} files", self.files) };
        let parts = [(self.added, "new"), (self.changed, "changed"), (self.removed, "removed")];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        match parts.as_slice() {
            [] => format!("{files}, none changed"),
            parts => format!("{files}: {}", parts.join(", ")),
        }
    }
}

/// Writes one file in the place of an old one, as a whole: a full disk leaves the old one. What is no regular file, such as
/// `/dev/stderr`, is written to directly.
pub fn replace_file(target: &Path, content: &[u8]) -> Result<()> {
    // Follows links, as the user named this file: `/dev/stdout` is one.
    if let Ok(metadata) = fs::metadata(target)
        && !metadata.is_file()
    {
        ensure!(!metadata.is_dir(), "`{}` is a folder, and a file is to be written", target.display());
        let _reader = special::refuse_pipe_without_reader(target, &metadata)?;
        return fs::write(target, content).with_context(|| format!("cannot write `{}`", target.display()));
    }
    replace(target, content)
}

/// Whether a run has written into this folder.
pub fn is_ours(folder: &Path) -> bool {
    folder.join(Index::NAME).is_file()
}

/// Whether a folder is there. Refuses what is no folder, and a link to one: it may lead to where nobody expects files to
/// be removed.
pub fn check_folder(folder: &Path) -> Result<bool> {
    let Some(metadata) = metadata(folder)? else { return Ok(false) };
    let shown = folder.display();
    ensure!(!metadata.is_symlink(), "`{shown}` is a link: name the folder that it leads to");
    ensure!(metadata.is_dir(), "`{shown}` is not a folder");
    Ok(true)
}

/// Whether a file may be written where it should go: there is nothing, or a regular file that is ours or has the very same text.
fn check_target(folder: &Path, file: &OutputFile, last: &Index) -> Result<()> {
    let target = folder.join(&file.path);
    // Only one folder can stand between, that of a namespace, so looking at the parent is enough.
    if let Some(parent) = target.parent()
        && let Some(metadata) = metadata(parent)?
    {
        ensure!(metadata.is_dir(), "`{}` is not a folder (links are not followed)", parent.display());
    }
    let Some(metadata) = metadata(&target)? else { return Ok(()) };
    ensure!(metadata.is_file(), "`{}` is not a regular file (links are not followed)", target.display());
    if last.lists(&file.path) {
        return Ok(());
    }
    // A checkout without its `.plimsoll`: nothing is lost by taking such a file for ours.
    if !is_same(&target, file) {
        bail!("`{}` was not written by plimsoll: remove it, or choose another folder", target.display());
    }
    Ok(())
}

/// Whether a regular file has the very text that is to be written there.
fn is_same(target: &Path, file: &OutputFile) -> bool {
    // The length first, so that a file of somebody else's is not read into memory, however large.
    let has_length = |metadata: &fs::Metadata| metadata.is_file() && metadata.len() == file.text.len() as u64;
    fs::symlink_metadata(target).is_ok_and(|metadata| has_length(&metadata))
        && fs::read(target).is_ok_and(|bytes| bytes == file.text.as_bytes())
}

/// Lists in the index what is about to be written, and stages it. An error takes both back.
fn announce_and_stage(folder: &Path, files: &[OutputFile], last: &Index, new: &Index) -> Result<StagedFiles> {
    let mut staged = StagedFiles::default();
    staged.create_folder(folder)?;
    // What an earlier run had begun stays announced until a run ends.
    let mut begun = Index { files: last.files.clone(), begun: last.begun.clone() };
    begun.begun.extend(new.files.clone());
    let outcome = begun
        .write(folder)
        .and_then(|()| files.iter().try_for_each(|file| staged.add(folder, &file.path, &file.text)));
    match outcome {
        Ok(()) => Ok(staged),
        Err(error) => {
            // In this order: on a full disk, the old index fits only into the room that the staged files give back; and
            // the folder can be removed only after the index.
            staged.discard();
            last.restore(folder);
            drop(staged);
            Err(error)
        }
    }
}

/// Removes what a run that was killed had staged.
fn remove_leftovers(folder: &Path, last: &Index) -> Result<()> {
    for path in last.begun.keys() {
        let leftover = staging_path(&folder.join(path));
        let is_file =
            || metadata(&leftover).is_ok_and(|metadata| metadata.is_some_and(|metadata| metadata.is_file()));
        if lies_inside(folder, path)? && is_file() {
            // One that stays is overwritten, or reported, when its turn comes.
            let _ = fs::remove_file(&leftover);
        }
    }
    Ok(())
}
