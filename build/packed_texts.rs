//! Texts that are rarely read, packed: `src/source/packed_text.rs` has the form, and reads them.
//!
//! Each is written below `OUT_DIR/packed`, where it lies in the repository: `packed/docs/codes/K003.md`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::{Result, files, read};

#[path = "../src/source/fingerprint.rs"]
#[allow(dead_code)]
mod fingerprint;

#[path = "../src/bin/plimsoll/topics/names.rs"]
mod topics;

/// Packs the pages of codes and topics, and the values schemas. Gives the table of the topics' pages as Rust source, for
/// `src/bin/plimsoll/topics/mod.rs`.
pub fn write(out: &Path) -> Result<String> {
    let mut paths = files("docs/codes", ".md")?;
    paths.extend(files("schemas", ".schema.json")?);
    let mut pages = String::from("[\n");
    for topic in topics::TOPICS {
        let path = format!("docs/{topic}.md");
        writeln!(pages, "PackedText::new(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/packed/{path}\"))),")?;
        paths.push(PathBuf::from(path));
    }
    pages.push(']');
    for path in paths {
        let to = out.join("packed").join(&path);
        let text = read(path)?;
        let mut bytes = fingerprint::fingerprint(text.as_bytes()).to_le_bytes().to_vec();
        let mut encoder = DeflateEncoder::new(&mut bytes, Compression::best());
        encoder.write_all(text.as_bytes())?;
        encoder.finish()?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(to, bytes)?;
    }
    Ok(pages)
}
