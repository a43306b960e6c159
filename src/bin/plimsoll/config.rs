//! Where the `plimsoll.yaml` that counts is: in this folder or above it, up to the root of the repository.

use std::path::{Path, PathBuf};

const NAME: &str = "plimsoll.yaml";

/// The nearest one, as a path relative to the current folder: messages then read the same on every machine.
pub fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut up = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join(NAME).is_file() {
            return Some(up.join(NAME));
        }
        if is_root(folder) {
            return None;
        }
        up.push("..");
    }
    None
}

/// Whether a folder is the root of a repository: what is above it says nothing about this one.
fn is_root(folder: &Path) -> bool {
    folder.join(".git").exists()
}
