//! Packs the API table of `src/kube/` into static data, and texts that are rarely read: files in `OUT_DIR`, of Rust source and of bytes.
//!
//! ```text
//! read from schemas/        by build/        writes         included by src/
//! kubernetes.json, crds/    api_table.rs     table.rs       kube/api/built_in.rs
//!                                            segments.bin, type_names.bin
//! validation/               validation.rs    validation.rs  kube/validate/facts.rs
//! ../docs/, *.schema.json   packed_texts.rs  packed/…       diagnostic/code.rs, chart/bundled.rs, bin/…/topics
//! ```
//!
//! Why at build time: reading it would take some milliseconds, at each start. Why as source, and not as bytes that are
//! decoded at the start: arrays of constants without addresses are mapped with the program and cost nothing until they
//! are looked at. CRDs are many, and a run meets a few of them: their types are bytes, which are unpacked when they are.
//!
//! Types of the tables are not written twice. The file that defines them for the library is compiled into this script
//! as well (`#[path]`), and the `Debug` form of a value is the expression that makes it.

// Files below `src/` are the library's own. Tables are written with them here and read with them there, so each side
// leaves something of them unused. They may import nothing of the crate: there is no crate here.

#[path = "build/api_table.rs"]
mod api_table;
#[path = "build/packed_texts.rs"]
mod packed_texts;
#[path = "build/validation.rs"]
mod validation;

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A failure fails the build: Cargo shows its message, which therefore says the file, and what in it.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Each `read` and `files` tells Cargo what it depends on; without a line of that kind, the script would
    // run at each change of anything.
    let sources = api_table::sources()?;
    fs::write(out.join("table.rs"), sources.table)?;
    fs::write(out.join("segments.bin"), sources.segments)?;
    fs::write(out.join("type_names.bin"), sources.type_names)?;
    fs::write(out.join("validation.rs"), sources.facts)?;
    fs::write(out.join("topics.rs"), packed_texts::write(&out)?)?;
    fs::write(out.join("validation_functions.rs"), sources.functions)?;
    if let Some(folder) = folder_of_unwinder()? {
        println!("cargo::rustc-link-search=native={folder}");
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
    Ok(())
}

/// Where the C compiler keeps what walks the stack for the trace of a panic, as a static library: `libgcc_eh.a`. None for other
/// systems than this one, and where it is not.
///
/// Linked so, the program needs no library but those of C, and has one less to load at its start.
fn folder_of_unwinder() -> Result<Option<String>> {
    let is_glibc = env::var("CARGO_CFG_TARGET_OS")? == "linux" && env::var("CARGO_CFG_TARGET_ENV")? == "gnu";
    if !is_glibc || env::var("HOST")? != env::var("TARGET")? {
        return Ok(None);
    }
    let Ok(said) = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output() else { return Ok(None) };
    let said = String::from_utf8_lossy(&said.stdout);
    let library = Path::new(said.trim());
    // Only the name is said of what is not there.
    let folder = library.parent().filter(|_| library.is_absolute() && library.is_file());
    Ok(folder.map(|folder| folder.display().to_string()))
}

/// The files of a folder whose names end so, sorted: a build must not depend on the order in
/// which a file system lists them.
fn files(folder: &str, end: &str) -> Result<Vec<PathBuf>> {
    // For a folder, Cargo looks at the times of all files in it, and so notices a new one.
    println!("cargo::rerun-if-changed={folder}");
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.to_string_lossy().ends_with(end));
    paths.sort();
    Ok(paths)
}

/// Reads a file, and has the script run again when it changes.
fn read(path: PathBuf) -> Result<String> {
    println!("cargo::rerun-if-changed={}", path.display());
    Ok(fs::read_to_string(path)?)
}

/// Writes a static array: `array(out, "TYPES: &[Type]", …)` writes `static TYPES: &[Type] = &[…];`. The `Debug`
/// form of its items is what a program would write for them, where the file that includes it has imported the types
/// and variants by their bare names.
fn array(out: &mut String, name: &str, items: &[impl Debug]) -> Result<()> {
    writeln!(out, "static {name} = &[")?;
    for item in items {
        writeln!(out, "{item:?},")?;
    }
    Ok(writeln!(out, "];")?)
}
