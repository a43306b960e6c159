//! A folder that is not there yet: the whole set is written under another name, which one rename makes the folder's own.
//!
//! ```text
//! .NAME.plimsoll-new/.plimsoll    the index first, so that what a killed run leaves is known as ours
//! .NAME.plimsoll-new/a.yaml       a full disk shows here: all of it is removed again
//! NAME/…                          one rename for all
//! ```
//!
//! Nobody sees a part of the set, so no file needs a second name until it is whole, and none can be in the way. That is a
//! third of the system calls, which is what `--each` writes its thousands of files with.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use plimsoll::emit::OutputFile;
use plimsoll::limits::Limits;

use super::index::Index;
use super::lock::{is_still_there, lock, lock_made};
use super::removal::{lies_inside, remove_empty_parent};
use super::staging::{StagedFiles, metadata, staging_path};

/// No file system that is in use takes shorter names than 255 bytes; the rest is for what stands around one.
const LONGEST_NAME: usize = 240;

/// Whether a folder, which is not there, has a name that it can be staged under.
pub(super) fn can_be_staged(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.len() <= LONGEST_NAME)
}

/// Writes the files, whose paths stay inside, and their index into a folder that is not there.
///
/// # Errors
/// What the system says: then the folder is not there, and neither is any other that was made for it.
pub(super) fn write(folder: &Path, files: &[OutputFile], limits: &Limits) -> Result<()> {
    let mut above = StagedFiles::default();
    if let Some(parent) = folder.parent() {
        above.create_folder(parent)?;
    }
    let staged = staging_path(folder);
    let lock = create(&staged, limits).with_context(|| cannot_make(folder))?;
    let is_ours = || lock.as_ref().is_none_or(|lock| is_still_there(lock, &staged));
    let written = refuse_second_run(is_ours(), folder)
        .and_then(|()| fill(&staged, folder, files))
        .and_then(|()| fs::rename(&staged, folder).with_context(|| cannot_make(folder)));
    if written.is_err() {
        // All of it was made here, unless another run has taken the place. The first error is the one to report.
        if is_ours() {
            let _ = fs::remove_dir_all(&staged);
        }
        return written;
    }
    above.commit()
}

fn cannot_make(folder: &Path) -> String {
    format!("cannot make the folder `{}`", folder.display())
}

/// Refuses to go on where another run has taken the place of the folder, under either of its names.
fn refuse_second_run(is_ours: bool, folder: &Path) -> Result<()> {
    ensure!(
        is_ours && metadata(folder)?.is_none(),
        "another run has written into `{}` meanwhile: run it again",
        folder.display()
    );
    Ok(())
}

/// Creates the folder under its other name, and locks it. What a run left there that was killed is removed.
fn create(staged: &Path, limits: &Limits) -> Result<Option<File>> {
    match fs::create_dir(staged) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // One that a run is at work on is locked.
            let leftover = lock(staged)?;
            remove_leftover(staged, limits).with_context(|| {
                format!(
                    "`{}` is in the way, where a run that was killed or somebody else left it: remove it",
                    staged.display()
                )
            })?;
            drop(leftover);
            fs::create_dir(staged)?;
        }
        created => created?,
    }
    lock_made(staged)
}

/// Removes what the index of a staged folder lists, and the folder if it is empty then. Whatever else is in it stays, and
/// so does what is no folder.
fn remove_leftover(staged: &Path, limits: &Limits) -> Result<()> {
    ensure!(metadata(staged)?.is_some_and(|metadata| metadata.is_dir()), "it is not a folder");
    let index_file = staged.join(Index::NAME);
    // Killed while it wrote the index: then there is nothing else yet.
    let is_cut_short =
        fs::read_to_string(&index_file).is_ok_and(|text| !text.ends_with('\n') || text.is_empty());
    let index = if is_cut_short { Index::default() } else { Index::read(staged, limits)? };
    for path in index.paths() {
        let file = staged.join(path);
        // Not by its checksum, as a file may have been written in part; but never through a link.
        if lies_inside(staged, path)? && metadata(&file)?.is_some_and(|metadata| metadata.is_file()) {
            fs::remove_file(&file).with_context(|| format!("cannot remove `{}`", file.display()))?;
            remove_empty_parent(staged, &file);
        }
    }
    if metadata(&index_file)?.is_some_and(|metadata| metadata.is_file()) {
        fs::remove_file(&index_file).with_context(|| format!("cannot remove `{}`", index_file.display()))?;
    }
    for folder in fs::read_dir(staged)?.flatten() {
        // Folders of namespaces that were made, and got no file. Fails, as it should, for anything else.
        let _ = fs::remove_dir(folder.path());
    }
    fs::remove_dir(staged).with_context(|| format!("cannot remove `{}`", staged.display()))
}

/// Writes the index and the files. Messages name what each is for.
fn fill(staged: &Path, folder: &Path, files: &[OutputFile]) -> Result<()> {
    write_file(staged, folder, Index::NAME, &Index::of(files).text()?)?;
    let mut made = BTreeSet::new();
    for file in files {
        if let Some((below, _)) = file.path.rsplit_once('/')
            && made.insert(below)
        {
            fs::create_dir_all(staged.join(below)).with_context(|| cannot_make(&folder.join(below)))?;
        }
        write_file(staged, folder, &file.path, &file.text)?;
    }
    Ok(())
}

fn write_file(staged: &Path, folder: &Path, path: &str, text: &str) -> Result<()> {
    // `create_new` writes through no link that somebody may have put there.
    let open = OpenOptions::new().write(true).create_new(true).open(staged.join(path));
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write `{}`", folder.join(path).display()))
}
