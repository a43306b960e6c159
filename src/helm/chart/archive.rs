//! Charts as archives (`.tgz`): their files, bounded, and none outside of their folder.
//!
//! An archive of a few kilobytes may unpack to terabytes, name `../../etc/passwd`, or hold links and devices. Nothing is
//! written to the disk here: files become bytes in memory, under the path that they have in the archive, and what is
//! neither a file nor a folder is refused or has no content.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::model::{ChartFile, without_mark};
use crate::limits::{Limit, Limits};

/// How much may still be unpacked, of all archives of one chart together.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: u64,
    files: u64,
    limits: Limits,
}

impl Budget {
    /// The whole budget.
    pub(super) fn new(limits: &Limits) -> Budget {
        Budget { bytes: limits.get(Limit::ChartSize), files: limits.get(Limit::Files), limits: *limits }
    }

    fn spend(&mut self, bytes: u64) -> Result<(), String> {
        let over = |limit: Limit| {
            let help = self.limits.help(limit, "make the chart smaller");
            format!("it unpacks to more than {}; {help}", self.limits.said(limit))
        };
        self.files = self.files.checked_sub(1).ok_or_else(|| format!("{} files", over(Limit::Files)))?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(|| over(Limit::ChartSize))?;
        Ok(())
    }
}

/// Whether bytes begin as those of an archive do.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b")
}

/// The files of an archive, by their paths below its one folder.
///
/// # Errors
/// What is wrong with it, as a phrase.
pub(super) fn unpack(bytes: &[u8], budget: &mut Budget) -> Result<Vec<ChartFile>, String> {
    if !is_gzip(bytes) {
        return Err("it is not a gzipped archive".to_owned());
    }
    // One byte more than may be, so that the end is seen; headers and padding count as well.
    let most = budget.bytes.saturating_mul(2).saturating_add(1 << 20);
    let unzipped = MultiGzDecoder::new(bytes).take(most);
    let mut archive = tar::Archive::new(unzipped);
    let mut files = Vec::new();
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        let kind = entry.header().entry_type();
        if kind == EntryType::Directory || kind == EntryType::XGlobalHeader || kind == EntryType::XHeader {
            continue;
        }
        let path = entry.path_bytes().into_owned();
        let path = String::from_utf8_lossy(&path).into_owned();
        if path.ends_with('/') && kind.is_file() {
            continue;
        }
        if !matches!(kind, EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse) {
            return Err(format!("`{path}` in it is a link or a device"));
        }
        let size = entry.header().size().map_err(|error| error.to_string())?;
        budget.spend(size)?;
        let most = budget.limits.get(Limit::ChartFile);
        if size > most {
            return Err(too_large(&path, &budget.limits));
        }
        let name = path_below(&path)?;
        let mut data = Vec::new();
        // A sparse file may say that it is small and be large.
        entry.by_ref().take(most + 1).read_to_end(&mut data).map_err(|error| error.to_string())?;
        if data.len() as u64 > most {
            return Err(too_large(&path, &budget.limits));
        }
        if (data.len() as u64) < size {
            return Err(format!("it ends in the middle of `{path}`"));
        }
        files.push(ChartFile { name: name.into(), data: without_mark(data).into() });
    }
    if files.is_empty() {
        return Err("there are no files in it".to_owned());
    }
    Ok(files)
}

/// That a file is larger than one of a chart may be.
pub(super) fn too_large(path: &str, limits: &Limits) -> String {
    let help = limits.help(Limit::ChartFile, "leave it out of the chart with a line in `.helmignore`");
    format!("`{path}` is larger than {}; {help}", limits.said(Limit::ChartFile))
}

/// The path of a file without the folder that all files of a chart's archive stand in.
fn path_below(path: &str) -> Result<String, String> {
    // Archives that were packed on Windows.
    let delimiter = if path.contains('\\') { '\\' } else { '/' };
    let (first, rest) = path.split_once(delimiter).unwrap_or((path, ""));
    if first == "Chart.yaml" {
        return Err("its `Chart.yaml` is not in a folder".to_owned());
    }
    if first == ".." {
        return Err(format!("`{path}` in it leaves its folder"));
    }
    let rest = rest.replace(delimiter, "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" if parts.is_empty() && !rest.is_empty() => {
                return Err(format!("`{path}` in it is an absolute path"));
            }
            "" | "." => {}
            ".." if parts.pop().is_none() => return Err(format!("`{path}` in it leaves its folder")),
            ".." => {}
            part => parts.push(part),
        }
    }
    match parts.as_slice() {
        [] => Err(format!("`{path}` in it is outside of its folder")),
        [drive, ..] if drive.len() == 2 && drive.ends_with(':') => {
            Err(format!("`{path}` in it is an absolute path"))
        }
        _ => Ok(parts.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// An archive of files.
    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        for (path, data) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(data.len() as u64);
            header.set_mode(0o644);
            // Written into the header itself, as the crate would refuse some of the paths.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, *data).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn names(bytes: &[u8]) -> Result<Vec<String>, String> {
        let files = unpack(bytes, &mut Budget::new(&Limits::default()))?;
        Ok(files.iter().map(|file| file.name.to_string()).collect())
    }

    #[test]
    fn files_stand_below_one_folder() {
        let bytes = packed(&[("a/Chart.yaml", b"x"), ("a/templates/./b.yaml", b""), ("a\\c\\d.txt", b"")]);
        assert_eq!(names(&bytes).unwrap(), ["Chart.yaml", "templates/b.yaml", "c/d.txt"]);
    }

    #[test]
    fn what_leaves_the_folder_is_refused() {
        for path in
            ["a/../../x", "a/..", "a", "Chart.yaml", "a//etc/passwd", "a/c:/x", "../x/../../y", "../x"]
        {
            assert!(names(&packed(&[(path, b"x")])).is_err(), "{path}");
        }
        assert!(names(&packed(&[])).is_err());
        assert!(names(b"PK").is_err());
        assert!(names(b"\x1f\x8b\x08\x00broken").is_err());
    }

    #[test]
    fn links_and_devices_are_refused() {
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Fifo] {
            let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
            let mut header = tar::Header::new_gnu();
            header.set_size(0);
            header.set_entry_type(kind);
            header.set_path("a/values.yaml").unwrap();
            header.set_link_name("/etc/passwd").unwrap();
            header.set_cksum();
            builder.append(&header, &b""[..]).unwrap();
            assert!(names(&builder.into_inner().unwrap().finish().unwrap()).is_err(), "{kind:?}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let large = vec![0; (6 << 20) as usize];
        assert!(names(&packed(&[("a/large", &large)])).unwrap_err().contains(".helmignore"));
        let part = vec![0; 4 << 20];
        let parts: Vec<(String, &[u8])> = (0..30).map(|part_of| (format!("a/{part_of}"), &*part)).collect();
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, data)| (name.as_str(), *data)).collect();
        assert!(names(&packed(&parts)).unwrap_err().contains("unpacks to more than"));
        // A stream that announces a file, and goes on for ever.
        let mut endless = GzEncoder::new(Vec::new(), Compression::best());
        endless.write_all(&vec![b'a'; 64 << 20]).unwrap();
        assert!(names(&endless.finish().unwrap()).is_err());
    }
}
