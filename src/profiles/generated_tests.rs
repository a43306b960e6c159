//! The files that are generated for each bundled chart are current: `BLESS=1 cargo test --lib generated` writes them.
//!
//! ```text
//! src/profiles/NAME/ ─► schemas/NAME.schema.json ─┬─► schemas/NAME.precompiled.bin    with charts/NAME/templates/
//!                                                 ├─► docs/profiles/NAME.md           with values/NAME/defaults.yaml
//!                                                 └─► docs/profiles/settings.md       of all charts
//! ```
//!
//! Each is made of the one before, and of the files in the repository rather than of those in the program. So one run
//! is enough, whatever has changed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chart::{self, Bundled, Snapshot};
use crate::formats::{Style, write_human};
use crate::pipeline;
use crate::precompiled;
use crate::reference;
use crate::request::Request;
use crate::session::Session;
use crate::source::SourceKind;

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The path of a generated file, and what it should hold.
struct Generated {
    path: String,
    content: Vec<u8>,
}

fn generate(bundled: &Bundled) -> Vec<Generated> {
    let name = bundled.name;
    let schema_path = format!("schemas/{name}.schema.json");
    let schema = super::schema_text(name).expect("a profile").into_bytes();
    let mut snapshot = Snapshot { name: name.to_owned(), ..Snapshot::default() };
    for (role, path) in bundled.files() {
        let content =
            if path == schema_path { schema.clone() } else { fs::read(in_repository(path)).expect(path) };
        snapshot.files.insert(role.to_owned(), content);
    }
    let precompiled = precompiled_form(&snapshot);
    let (page_path, page) = page(name, snapshot);
    vec![
        Generated { path: schema_path, content: schema },
        Generated { path: format!("schemas/{name}.precompiled.bin"), content: precompiled },
        Generated { path: page_path, content: page },
    ]
}

fn precompiled_form(snapshot: &Snapshot) -> Vec<u8> {
    let session = Session::new();
    let chart = chart::open_snapshot(&session, snapshot).expect("a chart");
    let templates = pipeline::templates(&session, &chart);
    let form =
        precompiled::make(&session, &chart, &templates, &crate::pipeline::api_types(Default::default()));
    // Templates and schemas of bundled charts are not checked at run time; this is where they are.
    form.unwrap_or_else(|_| panic!("{}", write_human(&session, Style::Plain)))
}

/// The page of a chart, with its current reference between the markers.
fn page(name: &str, snapshot: Snapshot) -> (String, Vec<u8>) {
    let session = Session::new();
    let request = Request { snapshot: Some(snapshot), ..Request::default() };
    let merged = pipeline::merge(&session, &request).expect("the chart's defaults");
    let schema = merged.schema().expect("a schema").tree(&session).expect("its tree");
    let text = reference::markdown(&session, &merged, &schema);
    let path = format!("docs/profiles/{name}.md");
    let page = fs::read_to_string(in_repository(&path)).expect("a page");
    let page = session.add_source(SourceKind::File, path.as_str(), page);
    let page = reference::insert(&session, page, name, &text).expect("the markers");
    (path, page.into_bytes())
}

#[test]
fn generated_files_are_current() {
    let mut stale = Vec::new();
    let overview = Generated {
        path: "docs/profiles/settings.md".to_owned(),
        content: super::overview::page().into_bytes(),
    };
    for generated in chart::bundled().flat_map(generate).chain([overview]) {
        let path = in_repository(&generated.path);
        if fs::read(&path).unwrap_or_default() == generated.content {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(path, generated.content).expect("a writable file");
        } else {
            stale.push(generated.path);
        }
    }
    assert!(stale.is_empty(), "{stale:?} are stale: run `BLESS=1 cargo test --lib generated`");
}

/// Otherwise every run would read the schema and the templates, and nobody would notice but a clock.
#[test]
fn precompiled_forms_of_bundled_charts_are_used() {
    if std::env::var_os("BLESS").is_some() {
        // The program that writes new ones still has the old ones in it.
        return;
    }
    for bundled in chart::bundled() {
        let session = Session::new();
        let chart = chart::open(&session, bundled.name).expect("a chart");
        let templates = pipeline::templates(&session, &chart);
        assert!(precompiled::read(&session, &chart, &templates).is_some(), "{}", bundled.name);
    }
}
