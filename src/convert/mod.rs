//! Charts of Helm as charts of bound templates: a first draft, as far as it is certain, and how it compares.
//!
//! ```text
//! HelmChart ─► translator: items, with notes ─► layout: lines, values at their places ─► files of a chart ─┐
//!     │                                                                                                    ▼
//!     └─► rendered with the chart's own values ──────────────────────────────► compare: object by object ─► Converted
//! ```
//!
//! | file | owns |
//! |---|---|
//! | `symbols.rs` | what an expression of a Helm template stands for, and the items that templates become |
//! | `note.rs` | what is left to a person |
//! | `texts.rs` | items as one text or value |
//! | `translator.rs`, `scope.rs` | what is known of the chart, and of a place in a template |
//! | `expressions.rs`, `functions.rs` | operands, pipelines and calls, as expressions of a bound template |
//! | `nodes.rs` | nodes of a template: variables, blocks, helpers |
//! | `layout.rs` | where each item stands in the YAML |
//! | `compare.rs` | both charts rendered, and what differs |
//! | `draft.rs`, `report.rs` | the result, and what is said of it |
//!
//! A construct is certain if the bound template means the same with any values that the chart takes. What is not stays behind
//! as a comment in its place, with the line that it was written on. Whether the draft is right for the chart's own values is not
//! argued but tried, so nothing that differs goes unsaid.

mod compare;
mod draft;
mod expressions;
mod functions;
mod layout;
mod nodes;
mod note;
mod report;
mod scope;
mod symbols;
mod texts;
mod translator;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

pub use compare::{ComparedObject, Comparison, Failure, Outcome as ObjectOutcome};
pub use draft::Converted;
pub use note::Note;
pub use report::{write_human, write_json};

use crate::chart::Snapshot;
use crate::helm::chart::{self as helm_chart, HelmChart};
use crate::helm::parsed::ParsedFiles;
use crate::pipeline;
use crate::request::Request;
use crate::session::{Outcome, Session};
use crate::source;
use symbols::{Item, has_word, version};
use translator::{Defined, LIBRARY, LibraryPart, Translator};

/// Converts a chart of Helm, of a folder or an archive, and compares what both charts render with its own values.
///
/// # Errors
/// What is wrong with the chart.
pub fn convert(session: &Session, path: &str) -> Outcome<Converted> {
    let chart = helm_chart::open(session, path)?;
    let name = chart.metadata.name.text.clone();
    let (templates, mut notes, files) = translated(session, &chart);
    let mut all = BTreeMap::new();
    all.insert("chart.yaml".to_owned(), metadata(&chart));
    let values = chart.values_source.map(|source| session.source(source).text.to_string());
    all.insert("values.yaml".to_owned(), values.unwrap_or_else(|| "{}\n".to_owned()));
    all.extend(templates);
    let mut old_crds = Vec::new();
    for file in chart.crds().chain(chart.files.iter().filter(|file| files.contains(&*file.name))) {
        let Some(source) = file.source else { continue };
        if file.name.starts_with("crds/") && is_old_crd(&session.source(source).text) {
            old_crds.push(format!("`{}`: Kubernetes has not read this form of a CRD since 1.22", file.name));
            continue;
        }
        let place = match file.name.starts_with("crds/") {
            true => file.name.to_string(),
            false => format!("files/{}", file.name),
        };
        all.insert(place, session.source(source).text.to_string());
    }
    let request = Request { chart: path.to_owned(), ..Request::default() };
    let has_own_schema = add_schema(session, &chart, &request, &mut all);
    notes.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    notes.dedup();
    let snapshot = Snapshot { name: name.clone(), files: bytes(&all) };
    let comparisons = compare::compare(session, &request, &snapshot, &values_files(session, path));
    let left_out = left_out(&chart).into_iter().chain(old_crds).collect();
    Ok(Converted { name, files: all, notes, left_out, has_own_schema, comparisons })
}

fn is_old_crd(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == "apiVersion: apiextensions.k8s.io/v1beta1")
}

/// The texts of files as a folder has them.
fn bytes(files: &BTreeMap<String, String>) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect()
}

/// The values files that a chart is tested with: `ci/*-values.yaml`.
fn values_files(session: &Session, path: &str) -> Vec<String> {
    let folder = Path::new(path);
    if !folder.is_dir() {
        return Vec::new();
    }
    // A chart without the folder has no such files.
    let names =
        source::list_found(&folder.join("ci"), session.limits(), |_, _| false).unwrap_or_default().files;
    names.into_iter().filter(|name| name.ends_with("-values.yaml")).collect()
}

/// The bound templates by their paths, what is left of them, and the files that they read.
fn translated(
    session: &Session,
    chart: &HelmChart,
) -> (BTreeMap<String, String>, Vec<Note>, BTreeSet<String>) {
    let parsed = ParsedFiles::default();
    let mut defined: Defined = BTreeMap::new();
    let mut notes = Vec::new();
    define(session, chart, &chart.metadata.name.text, &parsed, &mut defined, &mut notes);
    let mut translator = Translator::new(session, chart, &defined);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for template in &chart.templates {
        let name = &*template.name;
        let file = name.rsplit('/').next().unwrap_or(name);
        if file.starts_with('_') || file == "NOTES.txt" || chart.metadata.is_library() {
            continue;
        }
        let full = format!("{}/{name}", chart.metadata.name.text);
        let Some(parsed) = defined.get(full.as_str()) else { continue };
        let items = translator.file(parsed);
        let written = layout::write(&items);
        notes.extend(written.notes);
        if written.text.lines().all(|line| line.trim().is_empty() || line.starts_with("{#")) {
            continue;
        }
        files.insert(place_of(name), written.text);
    }
    let names: BTreeSet<String> = translator.files.borrow().clone();
    if let Some((text, of_library)) = library(translator.into_library(), &files) {
        notes.extend(of_library);
        for text in files.values_mut().filter(|text| uses_library(text)) {
            text.insert_str(0, &format!("{{% import \"{LIBRARY}\" as lib %}}\n"));
        }
        files.insert(format!("templates/{LIBRARY}"), text);
    }
    (files, notes, names)
}

fn uses_library(text: &str) -> bool {
    text.contains("lib.")
}

/// The path of a template in the bound chart: only some endings are those of templates.
fn place_of(name: &str) -> String {
    let is_known = [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
    if is_known { name.to_owned() } else { format!("{name}.yaml") }
}

/// All templates of a chart and of those in it, as they can be included.
fn define(
    session: &Session,
    chart: &HelmChart,
    folder: &str,
    parsed: &ParsedFiles,
    defined: &mut Defined,
    notes: &mut Vec<Note>,
) {
    // Those of the chart itself come last, and replace others.
    for subchart in &chart.charts {
        let folder = format!("{folder}/charts/{}", subchart.metadata.name.text);
        define(session, subchart, &folder, parsed, defined, notes);
    }
    for template in &chart.templates {
        let name = format!("{folder}/{}", template.name);
        match parsed.get(session, &name, template.source) {
            Ok(parsed) => {
                for template in parsed.templates() {
                    if !template.is_empty || !defined.contains_key(&template.name) {
                        defined.insert(Arc::clone(&template.name), Arc::clone(template));
                    }
                }
            }
            Err(error) => notes.push(Note {
                file: template.name.to_string(),
                line: session
                    .source(template.source)
                    .text
                    .get(..error.place.start as usize)
                    .map_or(1, |before| 1 + before.matches('\n').count()),
                action: String::new(),
                why: format!("Go does not take this template: {}", error.message),
            }),
        }
    }
}

/// The file of the helpers, of those that are used; none if none is.
fn library(parts: Vec<LibraryPart<'_>>, files: &BTreeMap<String, String>) -> Option<(String, Vec<Note>)> {
    let mut written: Vec<(String, String, Vec<Note>)> = Vec::new();
    for part in parts {
        let (name, items, end) = match part {
            LibraryPart::Value(items) => {
                let name = items.iter().rev().find_map(first_name).unwrap_or_default();
                (name, items, "")
            }
            LibraryPart::Macro(head, items) => {
                let name = head.split('(').next().unwrap_or_default().to_owned();
                let comments = items.iter().take_while(|item| matches!(item, Item::Comment(_))).count();
                let mut body = items;
                let mut all: Vec<Item<'_>> = body.drain(..comments).collect();
                all.push(Item::Statement(format!("macro {head}")));
                if may_be_empty(&body) && texts::shape_of_items(&body) == symbols::Shape::Map {
                    // Entries of a map, also where there are none.
                    all.push(Item::Text("<<: {}\n".to_owned()));
                }
                all.extend(body);
                (name, all, "{% endmacro %}\n")
            }
        };
        let one = layout::write(&items);
        written.push((name, one.text + end, one.notes));
    }
    // From the last one on, as each needs those before it alone.
    let mut used: Vec<bool> = vec![false; written.len()];
    for index in (0..written.len()).rev() {
        let Some((name, _, _)) = written.get(index) else { continue };
        let called = format!("lib.{name}");
        let by_files = files.values().any(|text| has_word(text, &called));
        let by_others =
            written.iter().enumerate().skip(index + 1).any(|(other, (_, text, _))| {
                used.get(other).copied().unwrap_or(false) && has_word(text, name)
            });
        if let Some(place) = used.get_mut(index) {
            *place = by_files || by_others;
        }
    }
    let kept: Vec<(String, String, Vec<Note>)> =
        written.into_iter().zip(used).filter(|(_, used)| *used).map(|(part, _)| part).collect();
    if kept.is_empty() {
        return None;
    }
    let mut text = String::new();
    let mut notes = Vec::new();
    for (_, part, of_part) in kept {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&part);
        notes.extend(of_part);
    }
    Some((text, notes))
}

/// Whether conditions and loops alone print something.
fn may_be_empty(items: &[Item<'_>]) -> bool {
    !items.iter().any(|item| match item {
        Item::Text(text) => !text.trim().is_empty(),
        Item::Print(..) | Item::Lines(..) => true,
        _ => false,
    })
}

/// The first variable that is set.
fn first_name(item: &Item<'_>) -> Option<String> {
    match item {
        Item::Set { name, .. } => Some(name.clone()),
        Item::If { branches, otherwise } => {
            let bodies = branches.iter().map(|(_, body)| body).chain([otherwise]);
            bodies.flat_map(|body| body.iter().rev()).find_map(first_name)
        }
        _ => None,
    }
}

/// `chart.yaml`
fn metadata(chart: &HelmChart) -> String {
    let metadata = &chart.metadata;
    let mut text = format!("name: {}\n", scalar(&metadata.name.text));
    text.push_str(&format!("version: {}\n", scalar(&version(&metadata.version.text))));
    if !metadata.app_version.is_empty() {
        text.push_str(&format!("appVersion: {}\n", scalar(&metadata.app_version.text)));
    }
    if !metadata.description.is_empty() {
        text.push_str(&format!("description: {}\n", scalar(&metadata.description.text)));
    }
    text
}

/// A text as a scalar of YAML.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/'))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    // A string of JSON is one of YAML.
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// Adds the schema: that of the chart if the templates fit it, or else one that is inferred. Whether it is the chart's own.
fn add_schema(
    session: &Session,
    chart: &HelmChart,
    request: &Request,
    files: &mut BTreeMap<String, String>,
) -> bool {
    const PLACE: &str = "values.schema.json";
    if let Some(source) = chart.schema {
        files.insert(PLACE.to_owned(), session.source(source).text.to_string());
        let snapshot = Snapshot { name: chart.metadata.name.text.clone(), files: bytes(files) };
        if compare::fits(session, &snapshot) {
            return true;
        }
    }
    files.remove(PLACE);
    let overlay = session.snapshot().overlay();
    if let Ok(mut inferred) = pipeline::infer_schema(&overlay, request, &[]) {
        // Helm gives every chart `global`: one that nobody reads is none here.
        let reads_global = files.iter().any(|(path, text)| {
            text.contains("values.global")
                || (path == "values.yaml" && text.lines().any(|line| line.starts_with("global:")))
        });
        let properties = inferred.schema.as_map_mut().and_then(|schema| schema.get_mut("properties"));
        if let (false, Some(properties)) =
            (reads_global, properties.and_then(|entry| entry.node.as_map_mut()))
        {
            properties.retain(|key, _| &**key != "global");
        }
        files.insert(PLACE.to_owned(), inferred.json());
    }
    false
}

/// What a person has to do by hand, whatever the templates say.
fn left_out(chart: &HelmChart) -> Vec<String> {
    let mut found = Vec::new();
    let mut declared = BTreeSet::new();
    for dependency in chart.metadata.dependencies.iter().flatten() {
        declared.insert(dependency.name.text.clone());
        found.push(format!(
            "the dependency `{}`: convert it, or render it beside this chart",
            dependency.name_in_chart().text
        ));
    }
    for subchart in chart.charts.iter().filter(|chart| !declared.contains(&chart.metadata.name.text)) {
        found.push(format!(
            "the chart `charts/{}`: convert it, or render it beside this chart",
            subchart.metadata.name.text
        ));
    }
    if chart.templates.iter().any(|template| &*template.name == "templates/NOTES.txt") {
        found.push("`templates/NOTES.txt`: nothing prints notes here".to_owned());
    }
    found
}
