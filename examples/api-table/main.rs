//! Keeps what Plimsoll knows of the Kubernetes API: adds the next version to `schemas/kubernetes.json`, or a CRD to `schemas/crds/`.
//!
//! ```sh
//! cargo run --example api-table -- version 1.37 swagger.json
//! cargo run --example api-table -- crd widgets.yaml
//! ```

mod crd;
mod merge;
mod openapi;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io::Write};

use table::Table;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["version", version, swagger] => add_version(&table_path(), version, Path::new(swagger)),
        ["version", version, swagger, table] => add_version(Path::new(table), version, Path::new(swagger)),
        ["crd", manifests @ ..] if !manifests.is_empty() => add_crds(manifests),
        _ => Err("usage: api-table version 1.N swagger.json [TABLE] | api-table crd MANIFEST…".to_owned()),
    };
    let (said, code) = match done {
        Ok(changes) => (changes.join("\n"), ExitCode::SUCCESS),
        Err(reason) => (reason, ExitCode::FAILURE),
    };
    let written = writeln!(std::io::stderr(), "{said}");
    if written.is_ok() { code } else { ExitCode::FAILURE }
}

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn table_path() -> PathBuf {
    schemas().join("kubernetes.json")
}

/// Adds a version to the table and writes it back, on one line as it was.
fn add_version(path: &Path, version: &str, swagger: &Path) -> Result<Vec<String>, String> {
    let mut table: Table = if path.exists() { parse(path)? } else { Table::default() };
    let newest = openapi::read(&parse(swagger)?)?;
    let changes = merge::add(&mut table, version, newest)?;
    let text = serde_json::to_string(&table).map_err(|error| error.to_string())?;
    write(path, &format!("{text}\n"))?;
    Ok(if changes.is_empty() { vec![format!("{version} changes nothing")] } else { changes })
}

fn add_crds(manifests: &[&str]) -> Result<Vec<String>, String> {
    let mut changes = Vec::new();
    for manifest in manifests {
        for found in
            crd::read(&read(Path::new(manifest))?).map_err(|reason| format!("{manifest}: {reason}"))?
        {
            let path = schemas().join("crds").join(found.file_name());
            write(&path, &found.text()?)?;
            changes.push(format!(
                "written: {}; say in schemas/crds/SOURCES.md where it is from",
                path.display()
            ));
        }
    }
    Ok(changes)
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
