//! Keeps what Plimsoll knows of the Kubernetes API: adds the next version to `schemas/kubernetes.json`, or a CRD to `schemas/crds/`.
//!
//! ```sh
//! cargo run --example api-table -- version 1.38 swagger.json api apimachinery
//! cargo run --example api-table -- version 1.38 k8s-openapi/src/v1_38 api apimachinery
//! cargo run --example api-table -- crd widgets.yaml
//! cargo run --example api-table -- crd kcr_ray_io-3.20260602.235623 rayjobs.ray.io
//! ```
//!
//! A version is described by the OpenAPI file of its release, or by the source of the crate `k8s-openapi`; the folders
//! after it are Go modules of Kubernetes, for what only the Go types say. `--table FILE` is another table than that of
//! the project. A CRD is a manifest; or the unpacked source of a package that was made of CRDs, as a folder: a crate of
//! Rust types (`kcr_*`), or a wheel of Python classes (`cloudcoil-models-*`, `hera`), and behind it the names of those
//! that are wanted, if not all are.

mod crd;
mod described;
mod go_types;
mod k8s_openapi;
mod kopium;
mod merge;
mod openapi;
mod pydantic;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io::Write};

use go_types::GoTypes;
use table::Table;

const USAGE: &str =
    "usage: api-table version 1.N [--table FILE] DESCRIPTION [GO-MODULE…] | api-table crd MANIFEST… | api-table crd FOLDER [NAME…]
DESCRIPTION is swagger.json of a release, or the folder of its version in the source of k8s-openapi
GO-MODULE is a folder with go.mod: api, apimachinery, apiextensions-apiserver, kube-aggregator";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["version", version, "--table", table, description, go @ ..] => {
            add_version(Path::new(table), version, Path::new(description), go)
        }
        ["version", version, description, go @ ..] => {
            add_version(&table_path(), version, Path::new(description), go)
        }
        ["crd", folder, names @ ..] if Path::new(folder).is_dir() => add_described(Path::new(folder), names),
        ["crd", manifests @ ..] if !manifests.is_empty() => add_crds(manifests),
        _ => Err(USAGE.to_owned()),
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
fn add_version(path: &Path, version: &str, description: &Path, go: &[&str]) -> Result<Vec<String>, String> {
    let mut table: Table = if path.exists() { parse(path)? } else { Table::default() };
    if description.is_dir() && go.is_empty() {
        return Err("k8s-openapi does not keep all that the table has: name the Go modules too".to_owned());
    }
    let described = if description.is_dir() { k8s_openapi::read(description)? } else { parse(description)? };
    let mut newest = openapi::read(&described)?;
    let mut types = GoTypes::default();
    for module in go {
        types.add_module(Path::new(module))?;
    }
    let mut said = types.complete(&mut newest);
    let changes = merge::add(&mut table, version, newest)?;
    let text = serde_json::to_string(&table).map_err(|error| error.to_string())?;
    write(path, &format!("{text}\n"))?;
    said.extend(if changes.is_empty() { vec![format!("{version} changes nothing")] } else { changes });
    Ok(said)
}

fn add_crds(manifests: &[&str]) -> Result<Vec<String>, String> {
    let mut changes = Vec::new();
    for manifest in manifests {
        let found =
            crd::read(&read(Path::new(manifest))?).map_err(|reason| format!("{manifest}: {reason}"))?;
        for crd in found {
            changes.push(add_crd(&crd)?);
        }
    }
    Ok(changes)
}

/// Adds the CRDs that a package was made of, those with these names; all, if there are none.
fn add_described(folder: &Path, names: &[&str]) -> Result<Vec<String>, String> {
    let is_crate = folder.join("Cargo.toml").exists();
    let described = if is_crate { kopium::read(folder)? } else { pydantic::read(folder)? };
    let crds = described::crds(described);
    let is_wanted = |crd: &&crd::Crd| names.is_empty() || names.contains(&crd.name().as_str());
    let wanted: Vec<&crd::Crd> = crds.iter().filter(is_wanted).collect();
    if let Some(missing) = names.iter().find(|name| !wanted.iter().any(|crd| crd.name() == **name)) {
        return Err(format!("{}: there is no {missing} in it", folder.display()));
    }
    wanted.into_iter().map(add_crd).collect()
}

fn add_crd(crd: &crd::Crd) -> Result<String, String> {
    let path = schemas().join("crds").join(crd.file_name());
    write(&path, &crd.text()?)?;
    Ok(format!("written: {}; say in schemas/crds/SOURCES.md where it is from", path.display()))
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
