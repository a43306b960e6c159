//! One run writes into a folder at a time.
//!
//! The folder itself is locked, and no file in it: there is nothing that a run could leave behind, as the system gives a
//! lock back when the process ends, however it ends. A second run is refused at once.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::{Result, bail};

/// Locks a folder for as long as the file lives. None where that cannot be done: a system that does not open folders, a
/// file system without locks. Then nothing guards two runs from each other.
///
/// # Errors
/// Another run has locked it.
pub fn lock(folder: &Path) -> Result<Option<File>> {
    lock_opened(File::open(folder), folder)
}

/// As [`lock`], of a folder that this run has made: one that is not there any more has been removed by another run.
pub(super) fn lock_made(folder: &Path) -> Result<Option<File>> {
    let opened = File::open(folder);
    if let Err(error) = &opened
        && error.kind() == ErrorKind::NotFound
    {
        bail!("another run is writing into `{}`: wait until it has ended", folder.display());
    }
    lock_opened(opened, folder)
}

fn lock_opened(opened: io::Result<File>, folder: &Path) -> Result<Option<File>> {
    let Ok(file) = opened else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("another run is writing into `{}`: wait until it has ended", folder.display())
        }
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Whether what was locked is still what stands at the path: another run may have removed or renamed it in between.
pub(super) fn is_still_there(lock: &File, folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let same = |locked: std::fs::Metadata, there: std::fs::Metadata| {
            (locked.dev(), locked.ino()) == (there.dev(), there.ino())
        };
        lock.metadata()
            .and_then(|locked| Ok(same(locked, std::fs::symlink_metadata(folder)?)))
            .unwrap_or(false)
    }
    #[cfg(not(unix))]
    {
        lock.metadata().is_ok() && folder.exists()
    }
}
