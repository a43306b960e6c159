//! The output folder: a new set of files takes the place of the last one whole, or not at all.

mod index;
mod staged;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use plimsoll::emit::OutputFile;
use plimsoll::limits::Limits;

pub use index::Index;
use index::stays_inside;
pub use staged::look;
use staged::{Staged, beside, create};

/// Writes the files and removes those of the last run that are no longer among them. What Plimsoll has not written is
/// never touched, and nothing is written through a link. A run that is killed leaves each file as it was or as it should be,
/// and in the index what it had begun; the next run does all of it.
///
/// # Errors
/// Until the whole set lies beside its places, an error leaves the folder as it was.
pub fn write(folder: &Path, files: &[OutputFile], limits: &Limits) -> Result<()> {
    check_folder(folder)?;
    let last = Index::read(folder, limits)?;
    files.iter().try_for_each(|file| check_place(folder, file, &last))?;
    clear_leftovers(folder, &last);
    let new: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    let staged = stage(folder, files, &last, &new)?;
    staged.commit()?;
    let (ours, none) = (last.files.union(&last.begun), BTreeSet::new());
    ours.filter(|path| !new.contains(*path)).try_for_each(|path| remove(folder, path))?;
    Index { files: new, begun: none }.write(folder)
}

/// Writes one file in the place of an old one, as a whole: a full disk leaves the old one. What is no regular file, such as
/// `/dev/stderr`, is written to as it is.
pub fn replace(target: &Path, text: &str) -> Result<()> {
    if fs::metadata(target).is_ok_and(|meta| !meta.is_file()) {
        return fs::write(target, text).with_context(|| format!("cannot write `{}`", target.display()));
    }
    let beside = beside(target);
    let moved = create(target, text).and_then(|()| {
        fs::rename(&beside, target).with_context(|| format!("cannot write `{}`", target.display()))
    });
    if moved.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    moved
}

/// Whether a run has written into this folder.
pub fn is_written(folder: &Path) -> bool {
    folder.join(Index::NAME).is_file()
}

/// Refuses what is no folder, and a link to one.
pub fn check_folder(folder: &Path) -> Result<()> {
    if let Some(meta) = look(folder)? {
        ensure!(!meta.is_symlink(), "`{}` is a link: name the folder that it leads to", folder.display());
        ensure!(meta.is_dir(), "`{}` is not a folder", folder.display());
    }
    Ok(())
}

/// Lays the whole set beside its places, with a word in the index of what is about to be written; an error takes it all back.
fn stage(folder: &Path, files: &[OutputFile], last: &Index, new: &BTreeSet<String>) -> Result<Staged> {
    let mut staged = Staged::default();
    staged.make_folder(folder)?;
    let begun = Index { files: last.files.clone(), begun: new.union(&last.begun).cloned().collect() };
    let laid = begun
        .write(folder)
        .and_then(|()| files.iter().try_for_each(|file| staged.add(folder, &file.path, &file.text)));
    match laid {
        Ok(()) => Ok(staged),
        Err(error) => {
            // The room that the files take may be what the index needs.
            staged.take_back();
            last.restore(folder);
            drop(staged);
            Err(error)
        }
    }
}

/// Removes what a run that was killed had laid beside the places of its files.
fn clear_leftovers(folder: &Path, last: &Index) {
    for path in &last.begun {
        let leftover = beside(&folder.join(path));
        if look(&leftover).is_ok_and(|meta| meta.is_some_and(|meta| meta.is_file())) {
            // One that stays is overwritten, or reported, when its turn comes.
            let _ = fs::remove_file(leftover);
        }
    }
}

/// Whether a file may be written where it should go.
fn check_place(folder: &Path, file: &OutputFile, last: &Index) -> Result<()> {
    ensure!(stays_inside(&file.path), "`{}` leads out of the folder", file.path.escape_debug());
    let target = folder.join(&file.path);
    if let Some(parent) = target.parent()
        && let Some(meta) = look(parent)?
    {
        ensure!(meta.is_dir(), "`{}` is not a folder (links are not followed)", parent.display());
    }
    let Some(meta) = look(&target)? else { return Ok(()) };
    ensure!(meta.is_file(), "`{}` is not a regular file (links are not followed)", target.display());
    let own = last.files.contains(&file.path) || last.begun.contains(&file.path);
    let same = || {
        meta.len() == file.text.len() as u64
            && fs::read(&target).ok().as_deref() == Some(file.text.as_bytes())
    };
    if !own && !same() {
        bail!("`{}` was not written by plimsoll: remove it, or choose another folder", target.display());
    }
    Ok(())
}

/// Removes a file of our own, and its folder if that is empty now.
fn remove(folder: &Path, path: &str) -> Result<()> {
    let target = folder.join(path);
    if look(&target)?.is_some_and(|meta| meta.is_file()) {
        fs::remove_file(&target).with_context(|| format!("cannot remove `{}`", target.display()))?;
    }
    if let Some(parent) = target.parent().filter(|parent| *parent != folder) {
        // It may hold what others have put there.
        let _ = fs::remove_dir(parent);
    }
    Ok(())
}
