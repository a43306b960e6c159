//! Copies of charts in a chart's folder: all of them take their places, with their lock, or none does.
//!
//! ```text
//! charts/.cache.plimsoll-new/…    every copy is written beside its place first: a full disk shows here
//! charts/.cache.plimsoll-old/…    what was there steps aside
//! charts/cache/…                  one rename each, and the lock last
//! ```

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use plimsoll::chart::LOCK;
use plimsoll::vendor::{Copied, CopiedFiles, Plan};

use super::lock::lock;
use super::staging::{metadata, replace, staging_path};

/// Writes what a plan has into a chart's folder.
///
/// # Errors
/// What the system says, and links that stand in the way: then the folder is as it was.
pub fn write_copies(folder: &Path, plan: &Plan) -> Result<()> {
    let lock_file = folder.join(LOCK);
    let lock_text = plan.lock.as_deref();
    let is_locked = match (lock_text, fs::read_to_string(&lock_file)) {
        (None, _) => true,
        (Some(text), Ok(known)) => text == known,
        (Some(_), Err(_)) => false,
    };
    let new: Vec<&Copied> = plan.copies.iter().filter(|copied| !copied.is_current).collect();
    if is_locked && new.is_empty() && plan.unneeded.is_empty() {
        return Ok(());
    }
    for path in [folder.join("charts"), lock_file.clone()] {
        refuse_link(&path)?;
    }
    let _lock = lock(folder)?;
    let mut changes = Changes::default();
    changes.make_charts(&folder.join("charts"), !new.is_empty())?;
    for copied in &new {
        changes.stage(&folder.join(&copied.row.copy), &copied.files)?;
    }
    for copy in &plan.unneeded {
        changes.old.push(folder.join(copy));
    }
    changes.commit(|| match lock_text {
        Some(text) if !is_locked => replace(&lock_file, text.as_bytes()),
        _ => Ok(()),
    })
}

fn refuse_link(path: &Path) -> Result<()> {
    let is_link = metadata(path)?.is_some_and(|metadata| metadata.is_symlink());
    ensure!(!is_link, "`{}` is a link, and nothing is written through one", path.display());
    Ok(())
}

/// What is being changed. Dropped before it is committed, all is as it was.
#[derive(Default)]
struct Changes {
    /// The places of copies that are staged.
    staged: Vec<PathBuf>,
    /// What goes, without anything in its place.
    old: Vec<PathBuf>,
    /// What has stepped aside.
    aside: Vec<PathBuf>,
    /// What has taken its place.
    placed: Vec<PathBuf>,
    /// The folder for copies, if it was made.
    made: Option<PathBuf>,
    is_done: bool,
}

impl Changes {
    fn make_charts(&mut self, charts: &Path, is_needed: bool) -> Result<()> {
        if is_needed && metadata(charts)?.is_none() {
            fs::create_dir(charts)
                .with_context(|| format!("cannot make the folder `{}`", charts.display()))?;
            self.made = Some(charts.to_owned());
        }
        Ok(())
    }

    /// Writes a copy beside its place.
    fn stage(&mut self, target: &Path, files: &CopiedFiles) -> Result<()> {
        refuse_link(target)?;
        let staged = staging_path(target);
        // What a run that was killed has left.
        remove(&staged)?;
        self.staged.push(target.to_owned());
        match files {
            CopiedFiles::Archive(bytes) => write_new(&staged, bytes),
            CopiedFiles::Folder(contents) => {
                fs::create_dir(&staged)
                    .with_context(|| format!("cannot make the folder `{}`", target.display()))?;
                contents.iter().try_for_each(|(path, bytes)| {
                    let file = staged.join(path);
                    if let Some(parent) = file.parent() {
                        fs::create_dir_all(parent)
                            .with_context(|| format!("cannot make the folder `{}`", parent.display()))?;
                    }
                    write_new(&file, bytes)
                })
            }
        }
    }

    /// Puts everything into its place, and lets the lock be written.
    fn commit(mut self, write_lock: impl FnOnce() -> Result<()>) -> Result<()> {
        let places: Vec<PathBuf> = self.staged.iter().chain(&self.old).cloned().collect();
        for target in places {
            refuse_link(&target)?;
            let aside = aside_path(&target);
            // What a run that was killed has left.
            remove(&aside)?;
            if metadata(&target)?.is_some() {
                rename(&target, &aside, &target)?;
                self.aside.push(target);
            }
        }
        for target in self.staged.clone() {
            rename(&staging_path(&target), &target, &target)?;
            self.placed.push(target);
        }
        write_lock()?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        // The error that led here is the one to report.
        if !self.is_done {
            for target in &self.placed {
                let _ = remove(target);
            }
            for target in &self.staged {
                let _ = remove(&staging_path(target));
            }
            for target in &self.aside {
                let _ = fs::rename(aside_path(target), target);
            }
            if let Some(made) = &self.made {
                let _ = fs::remove_dir(made);
            }
            return;
        }
        for target in &self.aside {
            let _ = remove(&aside_path(target));
        }
    }
}

/// Where what was at a place is, until all is in its place.
fn aside_path(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.plimsoll-old"))
}

fn rename(from: &Path, to: &Path, shown: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot write `{}`", shown.display()))
}

/// Removes a file, a link or a folder, if it is there.
fn remove(path: &Path) -> Result<()> {
    let removed = match metadata(path)? {
        None => return Ok(()),
        Some(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Some(_) => fs::remove_file(path),
    };
    removed.with_context(|| format!("cannot remove `{}`", path.display()))
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    // `create_new` writes through no link that somebody may have put there.
    let open = OpenOptions::new().write(true).create_new(true).open(path);
    open.and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("cannot write `{}`", path.display()))
}
