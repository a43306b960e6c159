//! Removing files that an index lists, and nothing else: anybody can write an index into a repository.
//!
//! A file is removed if all of this holds:
//!
//! * It lies in the folder itself: no link is on the way to it.
//! * Its name is one that we write: no part of it begins with a dot, as `.git` does.
//! * It is what we wrote there last, by its checksum. Of an index without checksums, it must look like a manifest.
//!
//! Anything else is left alone, and the caller says so.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use plimsoll::limits::{Limit, Limits};

use super::index::{Index, checksum};
use super::staging::metadata;

/// What became of a file that an index lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// It was there, and is not any more.
    Removed,
    /// It was not there.
    Gone,
    /// It is not ours, or not as we wrote it: it was left alone.
    LeftAlone,
}

/// Removes a file of our own, and its folder if that is empty now.
///
/// # Errors
/// A file of ours that the system does not let us look at or remove.
pub(super) fn remove(folder: &Path, path: &str, index: &Index, limits: &Limits) -> Result<Removal> {
    let target = folder.join(path);
    if !lies_inside(folder, path)? {
        return Ok(Removal::LeftAlone);
    }
    let Some(metadata) = metadata(&target)? else { return Ok(Removal::Gone) };
    if !metadata.is_file() || metadata.len() > limits.of(Limit::FileSize) as u64 {
        return Ok(Removal::LeftAlone);
    }
    let bytes = fs::read(&target).with_context(|| format!("cannot read `{}`", target.display()))?;
    if !is_ours(path, &bytes, index) {
        return Ok(Removal::LeftAlone);
    }
    fs::remove_file(&target).with_context(|| format!("cannot remove `{}`", target.display()))?;
    remove_empty_parent(folder, &target);
    Ok(Removal::Removed)
}

/// Removes the folder of a file, if it is empty now.
pub(super) fn remove_empty_parent(folder: &Path, file: &Path) {
    if let Some(parent) = file.parent().filter(|parent| *parent != folder) {
        // Fails, as it should, where others have put something into it.
        let _ = fs::remove_dir(parent);
    }
}

/// Whether a path has only folders on its way, no links, and only names that we write.
///
/// # Errors
/// What the system says, other than that something is not there.
pub(super) fn lies_inside(folder: &Path, path: &str) -> Result<bool> {
    if path.split('/').any(|part| part.starts_with('.')) {
        return Ok(false);
    }
    let mut place = folder.to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    for part in &parts[..parts.len() - 1] {
        place.push(part);
        match metadata(&place)? {
            Some(metadata) if metadata.is_dir() => {}
            // What is on the way to nothing is no link either.
            None => return Ok(true),
            Some(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// Whether a file holds what we wrote there last, or what a run that was killed was about to write.
fn is_ours(path: &str, bytes: &[u8], index: &Index) -> bool {
    let sums = index.files.get(path).into_iter().chain(index.begun.get(path));
    let sum = checksum(bytes);
    sums.into_iter().any(|listed| match listed {
        Some(listed) => *listed == sum,
        None => looks_like_manifest(path, bytes),
    })
}

/// Whether a file may be a manifest: by its name, and by what every object has.
fn looks_like_manifest(path: &str, bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let has_line = |start: &str| text.lines().any(|line| line.starts_with(start));
    let is_yaml = path.ends_with(".yaml") && has_line("apiVersion:") && has_line("kind:");
    let is_json = path.ends_with(".json") && text.starts_with('{') && text.contains("\"apiVersion\"");
    is_yaml || is_json
}
