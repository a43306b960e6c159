//! Reading files and standard input: regular files only, bounded, UTF-8 only.
//!
//! A chart may come from anywhere, so its folder is read with care: no link leads out of it, no device or FIFO is
//! opened (which could block for ever), and nothing is read beyond the limits.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::limits::{Limit, Limits};

/// Reads a regular file as UTF-8; a byte order mark at its start is dropped. Links are followed: a path that
/// a user names may lead anywhere.
pub fn read_text(path: &Path, limits: &Limits) -> Result<String, ReadError> {
    decode_utf8(read_bytes(path, limits)?)
}

/// Reads a regular file as `kubectl` reads manifests: as [`read_text`], and as UTF-16 if it begins with the mark of that.
pub fn read_manifest(path: &Path, limits: &Limits) -> Result<String, ReadError> {
    decode_manifest(read_bytes(path, limits)?)
}

fn decode_manifest(bytes: Vec<u8>) -> Result<String, ReadError> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return decode_utf8(bytes),
    };
    // Of an odd number of bytes the last one is none of a character.
    let units = bytes[2..].chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or_default()]));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.map_err(|_| ReadError::NotUtf8 { offset: 0, utf16: true })
}

/// Reads a regular file as it is, for what is no text.
pub fn read_bytes(path: &Path, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    // Asked before it is opened: opening a FIFO waits for a writer.
    let meta = std::fs::metadata(path).map_err(ReadError::System)?;
    if !meta.is_file() {
        return Err(ReadError::NotAFile);
    }
    let file = File::open(path).map_err(ReadError::System)?;
    read_bounded(file, meta.len(), limits)
}

/// Reads standard input to its end, as UTF-8.
pub fn read_stdin(limits: &Limits) -> Result<String, ReadError> {
    decode_utf8(read_bounded(std::io::stdin().lock(), 0, limits)?)
}

/// All files below `folder`, as sorted relative paths with `/`; links that leave the folder are an error. What begins
/// with a dot is not looked at: it belongs to other tools. Folders deeper than the limit are left out.
///
/// What is no regular file, such as a FIFO or a socket, is listed as well: where it stands in the place of a file
/// that is needed, reading it says so.
pub fn list_files(folder: &Path, limits: &Limits) -> Result<Vec<String>, ReadError> {
    list_files_except(folder, limits, |_, _| false)
}

/// As [`list_files`], without what is to be skipped: that is asked of each file and folder, by its relative path and
/// whether it is a folder. A folder that is skipped is not entered.
pub fn list_files_except(
    folder: &Path,
    limits: &Limits,
    mut is_skipped: impl FnMut(&str, bool) -> bool,
) -> Result<Vec<String>, ReadError> {
    let mut found = Vec::new();
    walk(folder, limits, Followed { with_dots: false, within_repository: false }, |relative, what| {
        match what {
            Walked::Outside => return Err(ReadError::LinkOutside(relative.to_owned())),
            Walked::Dangling => return Err(ReadError::DanglingLink(relative.to_owned())),
            Walked::Folder => return Ok(!is_skipped(relative, true)),
            Walked::File if !is_skipped(relative, false) => found.push(relative.to_owned()),
            Walked::File => {}
        }
        Ok(false)
    })?;
    // File systems list in any order.
    found.sort();
    Ok(found)
}

/// What stands below a folder, and which links in it are not followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The relative paths of its files, sorted.
    pub files: Vec<String>,
    /// Links that lead out of the folder, or to nothing.
    pub broken: Vec<String>,
}

/// As [`list_files_except`], with links that lead out or to nothing listed instead of refused: for a folder that was not
/// made for this program, such as a repository, where others have reasons of their own for such links.
pub fn list_found(
    folder: &Path,
    limits: &Limits,
    is_skipped: impl FnMut(&str, bool) -> bool,
) -> Result<Listing, ReadError> {
    let mut listing =
        list(folder, limits, Followed { with_dots: false, within_repository: false }, is_skipped)?;
    listing.files.sort();
    listing.broken.sort();
    Ok(listing)
}

/// As [`list_found`], with what begins with a dot, and sorted as paths: `a/b` before `a.txt`. Links may lead to whatever is in the
/// same git repository, as it is by the same people, but for what begins with a dot there.
pub fn list_everything(
    folder: &Path,
    limits: &Limits,
    is_skipped: impl FnMut(&str, bool) -> bool,
) -> Result<Listing, ReadError> {
    let mut listing =
        list(folder, limits, Followed { with_dots: true, within_repository: true }, is_skipped)?;
    for list in [&mut listing.files, &mut listing.broken] {
        list.sort_by(|one, other| one.split('/').cmp(other.split('/')));
    }
    Ok(listing)
}

/// What is below a folder, in any order.
fn list(
    folder: &Path,
    limits: &Limits,
    followed: Followed,
    mut is_skipped: impl FnMut(&str, bool) -> bool,
) -> Result<Listing, ReadError> {
    let mut listing = Listing::default();
    walk(folder, limits, followed, |relative, what| {
        match what {
            _ if is_skipped(relative, what == Walked::Folder) => return Ok(false),
            Walked::Outside | Walked::Dangling => listing.broken.push(relative.to_owned()),
            Walked::File => listing.files.push(relative.to_owned()),
            Walked::Folder => return Ok(true),
        }
        Ok(false)
    })?;
    Ok(listing)
}

/// What was met below a folder, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walked {
    File,
    Folder,
    /// A link that leads out of the folder.
    Outside,
    /// A link that leads to nothing.
    Dangling,
}

/// How far a walk goes.
#[derive(Clone, Copy)]
struct Followed {
    /// What begins with a dot as well.
    with_dots: bool,
    /// Links that leave the folder and stay in its git repository.
    within_repository: bool,
}

/// The top of the git repository that a folder is in, if it is in one.
fn repository_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}

/// Shows what is below a folder to `meet`, which says of each folder whether it is entered.
fn walk(
    folder: &Path,
    limits: &Limits,
    Followed { with_dots, within_repository }: Followed,
    mut meet: impl FnMut(&str, Walked) -> Result<bool, ReadError>,
) -> Result<(), ReadError> {
    let max_files = limits.get(Limit::Files);
    let max_depth = limits.get(Limit::FolderDepth);
    // With links followed, so that it can be compared with the paths that links lead to.
    let root = folder.canonicalize().map_err(ReadError::System)?;
    let repository = within_repository.then(|| repository_of(&root)).flatten();
    let is_shared = |real: &Path| {
        let below = repository.and_then(|repository| real.strip_prefix(repository).ok());
        let is_hidden = |part: &OsStr| part != ".helmignore" && part.as_encoded_bytes().starts_with(b".");
        below.is_some_and(|below| !below.iter().any(is_hidden))
    };
    let mut seen = 0;
    // A list instead of recursion; each with its path below the root, and its depth.
    let mut waiting = vec![(root.clone(), String::new(), 0)];
    while let Some((directory, prefix, depth)) = waiting.pop() {
        for entry in std::fs::read_dir(&directory).map_err(ReadError::System)? {
            let entry = entry.map_err(ReadError::System)?;
            // A name that is not UTF-8 cannot be named by any chart.
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') && !with_dots {
                continue;
            }
            // In what a link leads to, `.git` and `.env` keep to themselves; what a chart of Helm leaves out counts there too.
            if name.starts_with('.') && name != ".helmignore" && !directory.starts_with(&root) {
                continue;
            }
            let relative = format!("{prefix}{name}");
            let (real, what) = match entry.path().canonicalize() {
                Ok(real) if !real.starts_with(&root) && !is_shared(&real) => (real, Walked::Outside),
                Ok(real) if real.is_dir() => (real, Walked::Folder),
                Ok(real) => (real, Walked::File),
                // It was there to be listed, so it is a link.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    (entry.path(), Walked::Dangling)
                }
                Err(error) => return Err(ReadError::System(error)),
            };
            // Folders count as well: links that lead round in circles make folders without end and no files.
            seen += 1;
            if seen > max_files {
                return Err(ReadError::TooManyFiles { limit: max_files });
            }
            if meet(&relative, what)? && depth < max_depth {
                waiting.push((real, format!("{relative}/"), depth + 1));
            }
        }
    }
    Ok(())
}

/// The path without `.`, and without folders that `..` leaves again. It is done on the text alone: `canonicalize` would make the
/// path absolute and follow links, and needs a path that exists.
pub fn normalize(path: &Path) -> PathBuf {
    let mut normalized = PathBuf::new();
    for component in path.components() {
        let is_named = matches!(normalized.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_named => {
                normalized.pop();
            }
            _ => normalized.push(component),
        }
    }
    normalized
}

/// The path of a file below a folder, with `/`, links followed; none if it is not below it,
/// does not exist or is not UTF-8.
pub fn relative_path(folder: &Path, file: &Path) -> Option<String> {
    // `Path::parent` of a bare file name is empty, and means the working directory.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let folder = folder.canonicalize().ok()?;
    let file = file.canonicalize().ok()?;
    let parts: Option<Vec<&str>> = file.strip_prefix(folder).ok()?.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// All bytes, if there are no more than the limit of a file. One byte more is read than is allowed: sizes that are
/// announced beforehand may be wrong, as those of `/proc` are.
/// Reads to the end; `expected` bytes are to be had, if nothing changes meanwhile.
fn read_bounded(reader: impl Read, expected: u64, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let limit = limits.get(Limit::FileSize);
    // Room for one more byte, in which the end is found.
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(limit) + 1).unwrap_or(0));
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(ReadError::System)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit });
    }
    Ok(bytes)
}

/// Bytes as UTF-8; a byte order mark at their start is dropped.
pub fn decode_utf8(bytes: Vec<u8>) -> Result<String, ReadError> {
    // The byte order marks of UTF-16, which `>` writes in Windows PowerShell: worth a message of its own.
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let mut text = String::from_utf8(bytes)
        .map_err(|error| ReadError::NotUtf8 { offset: error.utf8_error().valid_up_to(), utf16 })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Why a text could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The system said no: not found, no permission, …
    System(std::io::Error),
    /// A folder, a FIFO, a device or a socket stands there.
    NotAFile,
    /// More than `limit` bytes.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Not UTF-8; the offset of the first wrong byte, and whether it looks like UTF-16.
    NotUtf8 {
        /// Byte offset.
        offset: usize,
        /// The file begins with a UTF-16 byte order mark.
        utf16: bool,
    },
    /// A link below a folder, with its path there, leads out of the folder.
    LinkOutside(String),
    /// A link below a folder, with its path there, leads to nothing.
    DanglingLink(String),
    /// A folder with more files than any chart has, or with links that lead round in circles.
    TooManyFiles {
        /// The limit.
        limit: u64,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::System(error) if error.kind() == std::io::ErrorKind::NotFound => {
                f.write_str("no such file")
            }
            ReadError::System(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                f.write_str("permission denied")
            }
            ReadError::System(error) => write!(f, "{error}"),
            ReadError::NotAFile => f.write_str("not a regular file"),
            ReadError::TooLarge { limit } => {
                write!(
                    f,
                    "larger than {}{}",
                    Limit::FileSize.row().said(*limit),
                    raise(Limit::FileSize, *limit)
                )
            }
            ReadError::NotUtf8 { utf16: true, .. } => f.write_str("UTF-16, and only UTF-8 is read"),
            ReadError::NotUtf8 { offset, .. } => write!(f, "not UTF-8 at byte {offset}"),
            ReadError::DanglingLink(path) => write!(f, "the link `{path}` in it leads to nothing"),
            ReadError::LinkOutside(path) => write!(f, "the link `{path}` in it leads out of it"),
            ReadError::TooManyFiles { limit } => {
                let count = Limit::Files.row().said(*limit);
                let raise = raise(Limit::Files, *limit);
                write!(f, "more than {count} files, or links that lead round in circles{raise}")
            }
        }
    }
}

/// How a limit is raised, for the end of a message.
fn raise(limit: Limit, now: u64) -> String {
    limit.raise(now).map_or_else(String::new, |flag| format!(" (`{flag}` raises this limit)"))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{decode_manifest, normalize};

    #[test]
    fn paths_are_normalized() {
        for (path, normalized) in
            [("a/../b/./c", "b/c"), ("../a", "../a"), ("a/../../b", "../b"), ("/a/..", "/")]
        {
            assert_eq!(normalize(Path::new(path)), PathBuf::from(normalized), "{path}");
        }
    }

    #[test]
    fn manifests_are_read_in_utf_16_with_its_mark() {
        let encoded = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}a: \u{1f600}\n".encode_utf16().flat_map(bytes).collect()
        };
        for bytes in [encoded(u16::to_le_bytes), encoded(u16::to_be_bytes)] {
            assert_eq!(decode_manifest(bytes).unwrap(), "a: \u{1f600}\n");
        }
        assert_eq!(decode_manifest("\u{feff}a: b".into()).unwrap(), "a: b");
        assert!(decode_manifest(vec![0xff, 0xfe, 0x00, 0xd8]).is_err(), "half of a pair");
        assert!(decode_manifest(vec![b'a', 0xff]).is_err());
    }
}
