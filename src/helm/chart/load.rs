//! The files of a chart to what each is: metadata, values, templates, other files, and the charts in `charts/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::archive::{self, Budget};
use super::metadata::{self, Dependency, Reader};
use super::model::{ChartFile, HelmChart, OtherFile, Template};
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::value::Value;
use crate::helm::tree::Tree;
use crate::helm::yaml::{self, ValuesFile};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind, Span};

/// Where a chart that is read stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its folder or archive, as messages say it.
    pub(super) shown: String,
    /// How many charts it is in.
    pub(super) depth: u64,
}

/// A chart of its files.
///
/// # Errors
/// H001 for a wrong `Chart.yaml` and its kin, H003 for archives in it, S001 for texts that are none, Y001 and others for
/// what is not YAML.
pub(super) fn load(
    session: &Session,
    files: Vec<ChartFile>,
    place: &Place,
    budget: &mut Budget,
) -> Outcome<HelmChart> {
    let before = session.errors();
    let mut chart = HelmChart { shown: place.shown.clone(), ..HelmChart::default() };
    let Some(file) = files.iter().find(|file| &*file.name == "Chart.yaml") else {
        let message = format!("`{}` has no `Chart.yaml`", place.shown);
        let help = "give the folder of a chart, or its archive";
        return Err(session.report(Diagnostic::error(Code::H001, message).help(help)));
    };
    let source = register(session, file, place)?;
    chart.place = Span::new(source, 0, 1);
    let root = read(session, source)?.values;
    let mut reader = Reader::new(session, "Chart.yaml", chart.place);
    chart.metadata = reader.metadata(&root);
    // What it says about itself is needed to know what its other files mean.
    if let Some(file) = files.iter().find(|file| &*file.name == "requirements.yaml") {
        let source = register(session, file, place)?;
        if let Value::Map(map) = read(session, source)?.values
            && let Some(dependencies) = reader.dependencies(&map)
        {
            chart.metadata.dependencies = Some(dependencies);
        }
    }
    metadata::check(&mut reader, &chart.metadata);
    for finding in reader.findings {
        session.report(finding);
    }
    let mut inner: BTreeMap<Arc<str>, Vec<ChartFile>> = BTreeMap::new();
    for file in files {
        match &*file.name {
            "Chart.yaml" => {}
            "Chart.lock" | "requirements.lock" => {
                let source = register(session, &file, place)?;
                chart.lock = Some(lock(session, source)?);
                chart.keep_if_old(session, file, place);
            }
            "requirements.yaml" => chart.keep_if_old(session, file, place),
            "values.yaml" => {
                let source = register(session, &file, place)?;
                chart.values_source = Some(source);
                if let Ok(file) = read(session, source) {
                    chart.values = Tree::of(&file.values);
                    chart.notes = file.notes;
                }
            }
            "values.schema.json" => chart.schema = Some(register(session, &file, place)?),
            name if name.starts_with("templates/") => {
                let source = register_lossy(session, &file, place);
                chart.templates.push(Template { name: Arc::clone(&file.name), source });
            }
            name if name.starts_with("charts/") && !name.ends_with(".prov") => {
                let below = Arc::from(&name["charts/".len()..]);
                let first = Arc::from(below_first(&below).0);
                inner.entry(first).or_default().push(ChartFile { name: below, data: file.data });
            }
            _ => chart.keep(session, file, place),
        }
    }
    session.clean_since(before)?;
    for (name, files) in inner {
        if name.starts_with(['_', '.']) {
            continue;
        }
        if let Ok(Some(dependency)) = load_inner(session, &name, files, place, budget) {
            chart.charts.push(Arc::new(dependency));
        }
    }
    session.clean_since(before)?;
    Ok(chart)
}

/// A chart of `charts/`, from a folder or an archive; none of a file that is neither.
fn load_inner(
    session: &Session,
    name: &str,
    files: Vec<ChartFile>,
    place: &Place,
    budget: &mut Budget,
) -> Outcome<Option<HelmChart>> {
    let shown = format!("{}/charts/{name}", place.shown);
    let depth = place.depth + 1;
    if depth > session.limits().get(Limit::FolderDepth) {
        let message = format!("`{shown}` is in too many charts");
        return Err(session.report(Diagnostic::error(Code::H003, message).help("take one of them away")));
    }
    let place = Place { shown, depth };
    let mut inside = Vec::new();
    if name.ends_with(".tgz") {
        let Some(file) = files.into_iter().find(|file| &*file.name == name) else {
            return Err(refuse_archive(session, &place.shown, "it is a folder"));
        };
        let unpacked = archive::unpack(&file.data, budget);
        inside = unpacked.map_err(|wrong| refuse_archive(session, &place.shown, &wrong))?;
    } else {
        for file in files {
            if let (_, Some(rest)) = below_first(&file.name) {
                inside.push(ChartFile { name: Arc::from(rest), data: file.data });
            }
        }
    }
    load(session, inside, &place, budget).map(Some)
}

/// Reports an archive that cannot be unpacked.
pub(super) fn refuse_archive(session: &Session, shown: &str, wrong: &str) -> crate::session::Reported {
    let message = format!("`{shown}` cannot be unpacked: {wrong}");
    let help =
        "`helm package` makes archives of charts, and `helm dependency build` fetches those of dependencies";
    session.report(Diagnostic::error(Code::H003, message).help(help))
}

/// The first part of a path, and what is below it.
fn below_first(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

impl HelmChart {
    /// Keeps a file of a chart of Helm 2 for `.Files`, which has those of its dependencies.
    fn keep_if_old(&mut self, session: &Session, file: ChartFile, place: &Place) {
        if self.metadata.api_version.text == "v1" {
            self.keep(session, file, place);
        }
    }

    /// Keeps a file for `.Files`.
    fn keep(&mut self, session: &Session, file: ChartFile, place: &Place) {
        let text = std::str::from_utf8(&file.data).ok();
        let shown = || format!("{}/{}", place.shown, file.name);
        let source = text.map(|text| session.add_source(SourceKind::File, shown(), text));
        self.files.push(OtherFile { name: file.name, data: file.data, source });
    }
}

/// Registers a file that must be a text.
fn register(session: &Session, file: &ChartFile, place: &Place) -> Outcome<SourceId> {
    let shown = format!("{}/{}", place.shown, file.name);
    match std::str::from_utf8(&file.data) {
        Ok(text) => Ok(session.add_source(SourceKind::File, shown, text)),
        Err(error) => {
            let message = format!("`{shown}` cannot be read: not UTF-8 at byte {}", error.valid_up_to());
            Err(session.report(Diagnostic::error(Code::S001, message).help("save it as UTF-8")))
        }
    }
}

/// Registers a template; what is no UTF-8 in it becomes U+FFFD.
fn register_lossy(session: &Session, file: &ChartFile, place: &Place) -> SourceId {
    let shown = format!("{}/{}", place.shown, file.name);
    session.add_source(SourceKind::File, shown, String::from_utf8_lossy(&file.data).into_owned())
}

/// Reads a map of YAML as Helm does.
fn read(session: &Session, source: SourceId) -> Outcome<ValuesFile> {
    yaml::read_values(session, source).map_err(|error| session.report(error.finding(session, source)))
}

/// The dependencies of a lock.
fn lock(session: &Session, source: SourceId) -> Outcome<Vec<Dependency>> {
    let Value::Map(map) = read(session, source)?.values else { return Ok(Vec::new()) };
    let name = session.source(source).name.clone();
    let mut reader = Reader::new(session, &name, Span::new(source, 0, 1));
    let dependencies = reader.dependencies(&map).unwrap_or_default();
    for finding in reader.findings {
        session.report(finding);
    }
    Ok(dependencies)
}
