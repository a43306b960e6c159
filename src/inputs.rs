//! Inputs: reads what a request names, the chart, presets, values files, flags, `plimsoll.yaml` and CRDs.
//!
//! What cannot be read is reported, and reading goes on with the next input: a user who has two wrong paths learns of
//! both. Callers ask the session whether anything was wrong ([`Session::clean_since`]).
//!
//! The functions are called by the stages that need them, and not all at once at the beginning: `values` reads no CRDs,
//! and `render --each` reads the chart once and values files again and again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::chart::{self, Chart};
use crate::config::{self, Config, External, Pattern};
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::{self, Api, Versions};
use crate::manifest::{self, Document, DocumentText};
use crate::request::{Request, SetFlag, SetFlagKind, ValuesFile, ValuesPart};
use crate::session::{MergeSources, Outcome, Reported, Session};
use crate::source::{self, Listing, Mapping, ReadError, SourceId, SourceKind, SourceMap, Span};
use crate::values::{self, Edit, Layer, LayerKind};
use crate::yaml::{Strictness, Tree};

/// The chart that a request is about.
pub(crate) fn open_chart(session: &Session, request: &Request) -> Outcome<Chart> {
    match &request.snapshot {
        Some(snapshot) => chart::open_snapshot(session, snapshot),
        None => chart::open(session, &request.chart),
    }
}

/// The layers of values below the flags, low to high: the chart's defaults, presets, files. What cannot be
/// read is reported and left out.
pub(crate) fn read_layers(session: &Session, chart: &Chart, request: &Request) -> Vec<Layer> {
    // `extend` takes what there is: an error was reported, and the layer is left out.
    let mut layers = Vec::new();
    layers.extend(values::read_layer(session, chart.defaults, LayerKind::Defaults));
    layers.extend(read_presets(session, chart, &request.presets));
    layers.extend(read_values_files(session, &request.files));
    layers
}

/// Presets of a chart as layers. Those that it does not have, or that cannot be read, are reported and left out.
pub(crate) fn read_presets(session: &Session, chart: &Chart, names: &[String]) -> Vec<Layer> {
    let mut sources = Vec::new();
    for name in names {
        match chart.presets.get(name) {
            Some(source) => sources.push(*source),
            None => refuse_preset(session, chart, name),
        }
    }
    sources
        .into_iter()
        .filter_map(|source| values::read_layer(session, source, LayerKind::Preset).ok())
        .collect()
}

/// Values files as layers. What cannot be read is reported and left out.
pub(crate) fn read_values_files(session: &Session, files: &[ValuesFile]) -> Vec<Layer> {
    // All are read before any is parsed, so that findings about paths come first.
    let mut texts = Vec::with_capacity(files.len());
    for file in files {
        match file {
            ValuesFile::Part(part) => texts.push(NamedValues::Part(part)),
            file => texts.extend(read_values_file(session, file).map(NamedValues::Text)),
        }
    }
    let mut layers = Vec::with_capacity(texts.len());
    for text in texts {
        match text {
            NamedValues::Text(source) => layers.extend(values::read_layer(session, source, LayerKind::File)),
            // It was read with the text around it.
            NamedValues::Part(part) => {
                layers.push(Layer { kind: LayerKind::File, root: Arc::clone(&part.0) })
            }
        }
    }
    layers
}

/// Values that a request names, before they are parsed.
enum NamedValues<'f> {
    Text(SourceId),
    Part(&'f ValuesPart),
}

/// The texts of values files. What cannot be read is reported and left out.
pub(crate) fn register_values_files(session: &Session, files: &[ValuesFile]) -> Vec<SourceId> {
    files.iter().filter_map(|file| read_values_file(session, file).ok()).collect()
}

/// Refuses a render for versions of Kubernetes that the chart is not for, if it says which those are.
///
/// # Errors
/// K008, and C002 where the chart's versions cannot be read.
pub(crate) fn refuse_versions(session: &Session, chart: &Chart, asked: Versions) -> Outcome<()> {
    let Some(text) = &chart.kube_versions else { return Ok(()) };
    let name = &chart.name;
    let finding = match text.parse::<Versions>() {
        Ok(range) if range.covers(asked) => return Ok(()),
        Ok(range) => {
            let message = format!("the chart `{name}` is for Kubernetes {range}, and this is for {asked}");
            Diagnostic::error(Code::K008, message)
                .help(format!("render for its versions: `--kube-version {range}`"))
        }
        Err(reason) => {
            let message = format!("`kubeVersions: {text}` in the chart `{name}` cannot be read: {reason}");
            Diagnostic::error(Code::C002, message).help("write a version or a range, such as `1.31..1.37`")
        }
    };
    Err(session.report(finding))
}

/// Reports a preset that the chart does not have: C003.
fn refuse_preset(session: &Session, chart: &Chart, name: &str) {
    let finding = Diagnostic::error(Code::C003, format!("the chart `{}` has no preset `{name}`", chart.name));
    let known: Vec<&str> = chart.presets.keys().map(String::as_str).collect();
    let finding = if let Some(help) = chart.preset_of_dependency(name) {
        finding.help(help)
    } else if name.contains(',') {
        let flags: Vec<String> = name.split(',').map(|name| format!("-p {}", name.trim())).collect();
        finding.help(format!("give each preset a flag of its own: `{}`", flags.join(" ")))
    } else {
        // Written as a file, it is found by its name.
        let file = name.rsplit('/').next().unwrap_or(name);
        let stem = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml"));
        match stem {
            Some(stem) if known.contains(&stem) => {
                finding.help(format!("a preset is given by its name: `-p {stem}`"))
            }
            Some(_) => finding.help(format!("a file of values is given with `-f`: `-f {name}`")),
            None => finding.did_you_mean(name, known.iter().copied()),
        }
    };
    session.report(match known.as_slice() {
        [] => finding.help("it has no presets at all"),
        known => finding.help(format!("it has `{}`", known.join("`, `"))),
    });
}

/// Reports presets that are asked of a chart without any: C003.
pub(crate) fn refuse_presets(session: &Session, chart: &str, names: &[String]) {
    for name in names {
        let message = format!("the chart `{chart}` has no preset `{name}`");
        let help = "Helm charts have none: give a values file with `-f`";
        session.report(Diagnostic::error(Code::C003, message).help(help));
    }
}

/// Reads a values file and registers its text.
fn read_values_file(session: &Session, file: &ValuesFile) -> Outcome<SourceId> {
    match file {
        ValuesFile::Stdin => {
            let text = source::read_stdin(session.limits())
                .map_err(|error| refuse_file(session, "standard input", &error))?;
            Ok(session.add_source(SourceKind::Stdin, "<stdin>", text))
        }
        ValuesFile::Text(name, text) => {
            Ok(session.add_source(SourceKind::File, name.as_str(), text.as_str()))
        }
        ValuesFile::Path(path) => {
            let name = path.display().to_string();
            let text = source::read_text(path, session.limits())
                .map_err(|error| refuse_values(session, path, &name, &error))?;
            Ok(session.add_source(SourceKind::File, name, text))
        }
        ValuesFile::Part(part) => Ok(part_as_text(session, part)),
    }
}

/// A part of a text as a text of its own, which leads back to it: for readers that have a YAML of their own.
///
/// It begins with its first line, of which what stands before the part is blank, so that its indentation stays.
fn part_as_text(session: &Session, ValuesPart(node): &ValuesPart) -> SourceId {
    let around = session.source(node.span.source);
    let range = node.span.range();
    let before = around.text.get(..range.start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let text = " ".repeat(range.start - line) + around.text.get(range).unwrap_or_default();
    let from = Span::new(node.span.source, line, node.span.end as usize);
    let derivation = SourceMap::from_iter([Mapping { at: 0, from, verbatim: true }]);
    session.add_source(SourceKind::Derived(Arc::new(derivation)), around.name.as_str(), text)
}

/// Reports a values file that cannot be read, with what other programs would have taken the name for.
fn refuse_values(session: &Session, path: &Path, name: &str, error: &ReadError) -> Reported {
    let help = if name.contains("://") {
        "there is no network: fetch the file, or pipe it: `curl -fsS URL | plimsoll … -f -`".to_owned()
    } else if let Some((first, rest)) = name.split_once(',')
        && !path.exists()
    {
        format!("give each file a flag of its own: `-f {first} -f {}`", rest.replace(',', " -f "))
    } else if name.contains(['*', '?', '[']) {
        "a pattern in quotes is not looked up: name each file by `-f`, or render an environment of each file with `--each`"
            .to_owned()
    } else if path.is_dir() {
        format!("name the files in it: `-f {}/values.yaml`", name.trim_end_matches('/'))
    } else {
        return refuse_file(session, name, error);
    };
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    session.report(finding.help(help))
}

/// Reads a file that the user named, and registers its text under that name.
fn read_file(session: &Session, path: &Path) -> Outcome<SourceId> {
    let name = path.display().to_string();
    let text =
        source::read_text(path, session.limits()).map_err(|error| refuse_file(session, &name, &error))?;
    Ok(session.add_source(SourceKind::File, name, text))
}

/// Reports what the user named and what cannot be read: S001.
fn refuse_file(session: &Session, name: &str, error: &ReadError) -> Reported {
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    session.report(finding.help("name an existing UTF-8 file, or `-` for standard input"))
}

/// What `--set` and its relatives ask for, in the order of the command line. Each flag's text is a source of its own,
/// so that findings can point into it. Wrong flags are reported and left out.
pub(crate) fn parse_edits(session: &Session, flags: &[SetFlag]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (kind, source) in register_flags(session, flags) {
        let read = match kind {
            SetFlagKind::Text(kind) => values::parse_set(session, kind, source),
            SetFlagKind::File => {
                values::parse_set_file(session, source, |path, _| read_file(session, Path::new(path)))
            }
        };
        // A flag that is wrong was reported, and asks for nothing.
        if let Ok(read) = read {
            edits.extend(read);
        }
    }
    edits
}

/// The texts of flags that set values, as sources, in the order of the command line.
pub(crate) fn register_flags(session: &Session, flags: &[SetFlag]) -> Vec<(SetFlagKind, SourceId)> {
    let register = |(position, flag): (usize, &SetFlag)| {
        let name = format!("{} (flag {})", flag.kind.name(), position + 1);
        (flag.kind, session.add_source(SourceKind::Flag, name, flag.text.as_str()))
    };
    flags.iter().enumerate().map(register).collect()
}

/// What chance is replaced by in charts of Helm: the bytes of a file of the user.
///
/// # Errors
/// S001, and H011 for less than 16 bytes.
pub(crate) fn read_seed(session: &Session, path: &Path) -> Outcome<Vec<u8>> {
    let name = path.display().to_string();
    let seed =
        source::read_bytes(path, session.limits()).map_err(|error| refuse_file(session, &name, &error))?;
    if seed.len() >= 16 {
        return Ok(seed);
    }
    let message = format!("`{name}` has {} bytes, and a seed needs at least 16", seed.len());
    let help = "make one: `head -c 32 /dev/urandom > seed`, and keep it as you keep a password";
    Err(session.report(Diagnostic::error(Code::H011, message).help(help)))
}

/// The texts of files with objects that `lookup` of charts of Helm finds. What cannot be read is reported.
pub(crate) fn register_files(session: &Session, paths: &[PathBuf]) -> Vec<SourceId> {
    paths.iter().filter_map(|path| read_file(session, path).ok()).collect()
}

/// What the `plimsoll.yaml` of a request says; without one, nothing.
///
/// # Errors
/// S001, and F001 for what is wrong in it.
pub(crate) fn read_config(session: &Session, request: &Request) -> Outcome<Config> {
    match &request.config {
        Some(path) => config::read(session, read_file(session, path)?),
        None => Ok(Config::default()),
    }
}

/// The objects that the chart and `plimsoll.yaml` declare as made by others.
pub(crate) fn externals(chart: &Chart, config: &Config) -> Vec<External> {
    let mut externals = Vec::new();
    for external in &chart.externals {
        // The schema of `chart.yaml` demands the slash.
        let Some((kind, name)) = external.split_once('/') else { continue };
        // A pattern that is too large to be compiled is longer than any name: it fits none.
        let name = Pattern::new(name).unwrap_or_else(|_| Pattern::exact(name));
        externals.push(External { kind: kind.to_owned(), namespace: None, name });
    }
    externals.extend(config.externals.iter().cloned());
    externals
}

/// The chart's CRDs as documents; they and those that `--crds` names become known to the API.
pub(crate) fn read_crds(session: &Session, chart: &Chart, request: &Request, api: &mut Api) -> Vec<Document> {
    let mut documents = Vec::new();
    for file in &chart.crds {
        let name = Arc::from(format!("{}/crds/{}", chart.name, file.name));
        let strictness = if file.is_of_helm { Strictness::AsHelm } else { Strictness::Strict };
        let text = DocumentText { name, source: file.source, bindings: &[], strictness };
        documents.extend(text.split_whole(session).documents);
    }
    // Those of a bundled chart are in the API table already.
    let unknown = if chart.is_bundled { &[] } else { documents.as_slice() };
    // Callers ask the session what was wrong.
    learn_crds(session, unknown, request, api);
    documents
}

/// Makes the CRDs among some documents, and those that `--crds` names, known to the API.
///
/// Returns whether one of them could not be read, and it is not known for which kind it is.
pub(crate) fn learn_crds<T: Tree>(
    session: &Session,
    documents: &[Document<T>],
    request: &Request,
    api: &mut Api,
) -> bool {
    let before = session.errors();
    // They are parsed like documents of the chart, for the same findings, and dropped when the API knows their kinds.
    let mut given = Vec::new();
    for path in &request.crds {
        given.extend(read_given_crds(session, path));
    }
    let mut is_unread = session.errors() > before;
    // What was given counts alone, so it comes first.
    for document in &given {
        is_unread |= api.add_given_crd(session, &document.node).is_err() && !api.note_unread(&document.node);
    }
    for document in documents.iter().filter(|document| is_crd(document)) {
        let node = document.node.nodes();
        is_unread |= api.add_crd(session, &node).is_err() && !api.note_unread(&node);
    }
    is_unread
}

/// Refuses `--only-crds` for a chart that has none: an empty output would look like success.
///
/// # Errors
/// E002.
pub(crate) fn refuse_no_crds(session: &Session, chart: &Chart) -> Outcome<()> {
    if !chart.crds.is_empty() {
        return Ok(());
    }
    let message = format!("the chart `{}` has no custom resource definitions", chart.name);
    Err(session.report(Diagnostic::error(Code::E002, message).help("leave out `--only-crds`")))
}

fn is_crd<T>(document: &Document<T>) -> bool {
    *document.identity.kind == *kube::CRD
}

/// The CRDs in what `--crds` names: a file, the YAML and JSON files of a folder, or standard input (`-`). Whatever else is
/// there (an operator, its values, a README) is passed over, whether it can be read or not: it is not rendered, so it is
/// not checked either. A file or standard input without any CRD is reported, as it was named for them.
fn read_given_crds(session: &Session, path: &Path) -> Vec<Document> {
    let name = path.display().to_string();
    if path.is_dir() {
        return match source::list_found(path, session.limits(), |_, _| false) {
            Ok(Listing { files, .. }) => {
                let is_data =
                    |file: &&String| [".yaml", ".yml", ".json"].iter().any(|ending| file.ends_with(ending));
                let read = |file: &String| read_file(session, &path.join(file)).ok();
                let sources: Vec<SourceId> = files.iter().filter(is_data).filter_map(read).collect();
                sources.into_iter().flat_map(|source| crds_of(session, source)).collect()
            }
            Err(error) => {
                refuse_file(session, &name, &error);
                Vec::new()
            }
        };
    }
    let read = if name == "-" {
        let text = source::read_stdin(session.limits());
        let text = text.map_err(|error| refuse_file(session, "standard input", &error));
        text.map(|text| session.add_source(SourceKind::Stdin, "<stdin>", text))
    } else {
        read_file(session, path)
    };
    let Ok(source) = read else { return Vec::new() };
    let before = session.errors();
    let found = crds_of(session, source);
    if found.is_empty() && session.errors() == before {
        let name = session.source(source).name.clone();
        let finding = Diagnostic::error(Code::K011, format!("`{name}` has no CustomResourceDefinition"));
        session.report(finding.help("name a file or a folder with CRDs, or `-` for standard input"));
    }
    found
}

/// The CRDs in a text. What is wrong with a text that mentions none is nobody's concern.
fn crds_of(session: &Session, source: SourceId) -> Vec<Document> {
    let text = session.source(source);
    if !kube::may_define_kinds(&text.text) {
        return Vec::new();
    }
    let overlay = session.snapshot().overlay();
    let name = Arc::from(text.name.as_str());
    let split = manifest::split(&overlay, &name, source, &[]);
    let mut found = split.documents;
    found.retain(is_crd);
    // Objects that are none beside a CRD are passed over (M001); what is no YAML may hide one.
    session.merge(overlay, MergeSources::Shared, |finding| {
        (finding.code != Code::M001 || found.is_empty()).then_some(finding)
    });
    found
}
