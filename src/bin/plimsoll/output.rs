//! The output folder: a new set of files takes the place of the last one whole, or not at all.

use std::collections::BTreeSet;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use plimsoll::emit::File;
use serde::{Deserialize, Serialize};

/// Writes the files and removes those of the last run that are no longer among them. What Plimsoll has not written is
/// never touched, and nothing is written through a link.
///
/// # Errors
/// Until the whole set lies beside its places, an error leaves the folder as it was.
pub fn write(folder: &Path, files: &[File]) -> Result<()> {
    if let Some(meta) = look(folder)? {
        ensure!(!meta.is_symlink(), "`{}` is a link: name the folder that it leads to", folder.display());
        ensure!(meta.is_dir(), "`{}` is not a folder", folder.display());
    }
    let own = read_index(folder)?;
    files.iter().try_for_each(|file| check_place(folder, file, &own))?;
    let mut staged = Staged::default();
    staged.make_folder(folder)?;
    for file in files {
        staged.add(folder, &file.path, &file.text)?;
    }
    let new: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    // A run that is killed between here and the end still knows every file of its own.
    replace(folder, &index_text(own.union(&new).cloned().collect())?)?;
    staged.commit()?;
    own.difference(&new).try_for_each(|path| remove(folder, path))?;
    replace(folder, &index_text(new)?)
}

/// The files that the last run wrote into this folder, by their paths below it.
pub fn own_files(folder: &Path) -> Result<BTreeSet<String>> {
    read_index(folder)
}

/// The index that is written beside these files.
pub fn index(files: &[File]) -> Result<File> {
    let text = index_text(files.iter().map(|file| file.path.clone()).collect())?;
    Ok(File { path: INDEX.to_owned(), text })
}

/// The name of the index.
const INDEX: &str = ".plimsoll";
const INDEX_HEAD: &str =
    "# The files that plimsoll wrote into this folder, and may remove again. Keep this one with them.";

/// What the folder remembers of the last run.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Index {
    /// Paths below the folder.
    files: BTreeSet<String>,
}

fn index_text(files: BTreeSet<String>) -> Result<String> {
    let list = serde_yaml::to_string(&Index { files }).context("the index cannot be written")?;
    Ok(format!("{INDEX_HEAD}\n{list}"))
}

fn read_index(folder: &Path) -> Result<BTreeSet<String>> {
    let path = folder.join(INDEX);
    let Some(meta) = look(&path)? else { return Ok(BTreeSet::new()) };
    ensure!(meta.is_file(), "`{}` is not a regular file", path.display());
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    ensure!(text.starts_with(INDEX_HEAD), "`{}` was not written by plimsoll", path.display());
    let index: Index =
        serde_yaml::from_str(&text).with_context(|| format!("`{}` is damaged", path.display()))?;
    match index.files.iter().find(|path| !stays_inside(path)) {
        Some(wrong) => bail!("`{}` is damaged: it lists `{}`", path.display(), wrong.escape_debug()),
        None => Ok(index.files),
    }
}

/// Whether a listed path can be one of ours: names below the folder, nothing else.
fn stays_inside(path: &str) -> bool {
    let name =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']);
    path.split('/').all(name)
}

/// What stands at a path, itself, without following a link; none when nothing does.
fn look(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(meta) => Ok(Some(meta)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot look at `{}`", path.display())),
    }
}

/// Whether a file may be written where it should go.
fn check_place(folder: &Path, file: &File, own: &BTreeSet<String>) -> Result<()> {
    ensure!(stays_inside(&file.path), "`{}` leads out of the folder", file.path.escape_debug());
    let target = folder.join(&file.path);
    if let Some(parent) = target.parent()
        && let Some(meta) = look(parent)?
    {
        ensure!(meta.is_dir(), "`{}` is not a folder (links are not followed)", parent.display());
    }
    let Some(meta) = look(&target)? else { return Ok(()) };
    ensure!(meta.is_file(), "`{}` is not a regular file (links are not followed)", target.display());
    if !own.contains(&file.path) && fs::read(&target).ok().as_deref() != Some(file.text.as_bytes()) {
        bail!("`{}` was not written by plimsoll: remove it, or choose another folder", target.display());
    }
    Ok(())
}

/// Files that lie beside their places, to be moved there; what was not moved is removed again.
#[derive(Default)]
struct Staged {
    files: Vec<(PathBuf, PathBuf)>,
    folders: Vec<PathBuf>,
}

impl Staged {
    fn add(&mut self, folder: &Path, path: &str, text: &str) -> Result<()> {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            self.make_folder(parent)?;
        }
        let beside = beside(&target);
        self.files.push((beside.clone(), target));
        create(&beside, text)
    }

    /// Makes a folder and those above it, and remembers which ones are new.
    fn make_folder(&mut self, folder: &Path) -> Result<()> {
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)
                .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    fn commit(mut self) -> Result<()> {
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
        // The error that led here is reported; a leftover is overwritten by the next run.
        for (beside, _) in &self.files {
            let _ = fs::remove_file(beside);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Where a file lies until the whole set is there: in the same folder, so that moving it cannot fail half-way.
fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.plimsoll-new"))
}

/// Writes a new file; a leftover of a run that was killed makes room, a link does not.
fn create(path: &Path, text: &str) -> Result<()> {
    if look(path)?.is_some_and(|meta| meta.is_file()) {
        fs::remove_file(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))
}

fn replace(folder: &Path, index: &str) -> Result<()> {
    let target = folder.join(INDEX);
    let beside = beside(&target);
    let written = create(&beside, index);
    let moved = written.and_then(|()| {
        fs::rename(&beside, &target).with_context(|| format!("cannot write `{}`", target.display()))
    });
    if moved.is_err() {
        let _ = fs::remove_file(&beside);
    }
    moved
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

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
