//! Files for tests: written below a folder, found below it, and read back.

use std::fs;
use std::path::{Path, PathBuf};

/// Writes a file below a folder, with the folders between.
pub fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// A temporary folder with these files, each a name and a text.
pub fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

/// Every file below a folder, sorted.
pub fn files_below(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{:?}: {error}", folder.as_ref()));
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Every file below a folder whose name has this extension, sorted.
pub fn files_with_extension(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    let mut files = files_below(folder);
    files.retain(|path| path.extension().is_some_and(|its| its == extension));
    files
}

/// Every file below a folder by its path in it, with its text, hidden ones too. Links to folders are not followed.
///
/// Where there is no folder but a file, it is that file alone, without a name; where there is nothing, nothing.
pub fn contents(path: &Path) -> Vec<(String, String)> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Vec::new() };
    if !metadata.is_dir() {
        return vec![(String::new(), fs::read_to_string(path).expect("a text"))];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("UTF-8");
        for (below, text) in contents(&entry.path()) {
            let path = if below.is_empty() { name.clone() } else { format!("{name}/{below}") };
            found.push((path, text));
        }
    }
    found.sort();
    found
}
