//! Packs what the program has built in into static data: the API table of `src/kube/`, and what bundled charts are prepared
//! with, for `src/chart/precomputed.rs`. Each file of `build/` writes one file of Rust source.

#[path = "build/api_table.rs"]
mod api_table;
#[path = "build/automaton.rs"]
mod automaton;
#[path = "src/schema/keyword_table.rs"]
#[allow(dead_code)]
mod keyword_table;
#[path = "src/template/analysis/packed_plan.rs"]
#[allow(dead_code)]
mod packed_plan;
#[path = "build/plans.rs"]
mod plans;
#[path = "build/schema_table.rs"]
mod schema_table;
#[path = "build/wants.rs"]
mod wants;

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::path::PathBuf;
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("table.rs"), api_table::source()?)?;
    let (wants, schemas) = charts()?;
    fs::write(out.join("wants.rs"), wants)?;
    fs::write(out.join("schemas.rs"), schemas)?;
    Ok(fs::write(out.join("plans.rs"), plans::source(&written_plans()?)?)?)
}

/// The files of a folder whose names end so.
fn files(folder: &str, end: &str) -> Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={folder}");
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.to_string_lossy().ends_with(end));
    paths.sort();
    Ok(paths)
}

/// What is worked out of the schemas of bundled charts: what they want, and the table of them all.
fn charts() -> Result<(String, String)> {
    let mut builder = schema_table::TableBuilder::new();
    let mut out = "static CHARTS: &[Built] = &[\n".to_owned();
    for path in files("schemas", ".wants.json")? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().replace(".wants.json", "");
        let schema = serde_json::from_str(&read(format!("schemas/{name}.schema.json").into())?)?;
        let root = builder.root(schema).map_err(|error| format!("{name}.schema.json: {error}"))?;
        let wants = wants::packed(&read(path)?)?;
        writeln!(out, "Built {{ name: {name:?}, root: {root:?}, wants: {wants} }},")?;
    }
    Ok((out + "];\n", builder.source()?))
}

/// What the templates of bundled charts come to, by the charts' names.
fn written_plans() -> Result<Vec<(String, String)>> {
    let name = |path: &PathBuf| {
        path.file_name().unwrap_or_default().to_string_lossy().replace(".templates.json", "")
    };
    let paths = files("schemas", ".templates.json")?;
    paths.into_iter().map(|path| Ok((name(&path), read(path)?))).collect()
}

fn read(path: PathBuf) -> Result<String> {
    println!("cargo::rerun-if-changed={}", path.display());
    Ok(fs::read_to_string(path)?)
}

/// Writes a static array. The `Debug` form of its items is what a program would write for them.
fn array(out: &mut String, name: &str, items: &[impl Debug]) -> Result<()> {
    writeln!(out, "static {name} = &[")?;
    for item in items {
        writeln!(out, "{item:?},")?;
    }
    Ok(writeln!(out, "];")?)
}
