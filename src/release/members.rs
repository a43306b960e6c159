//! Members: the charts that are rendered together, a chart and those that it brings along.
//!
//! ```text
//! shop/chart.yaml     dependencies: [{name: cache, path: ../cache, condition: cache.enabled}]
//! cache/chart.yaml    dependencies: [{name: redis, alias: store}]
//!
//! members             place          conditions
//!   cache             cache          cache.enabled
//!   redis             cache.store    cache.enabled
//! ```
//!
//! Where a dependency is: in the folder of its `path`, seen from the chart that names it; without one, in `charts/NAME` of
//! that chart's folder, or in the program.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::chart::{self, Chart, Dependency, Snapshot, bundled};
use crate::diagnostic::{Code, Diagnostic};
use crate::helm::version::{Constraint, Version};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::{Node, Segment, Tombstones, ValuePath};

/// A chart that another one brings along.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) chart: Chart,
    /// Where its values stand in those of the chart that is rendered.
    pub(crate) place: ValuePath,
    /// The settings that switch it on, seen from there: its own, and those of the charts that it is in.
    pub(crate) conditions: Vec<ValuePath>,
    /// Where it is named.
    pub(crate) named: Span,
}

impl Member {
    /// Whether no condition switches it off. What is no yes or no switches nothing.
    pub(crate) fn is_on(&self, values: &Node) -> bool {
        self.conditions.iter().all(|path| path.find(values).and_then(Node::as_bool) != Some(false))
    }

    /// Its own part of a tree that stands at the root.
    pub(crate) fn part<'n>(&self, values: &'n Node) -> Option<&'n Node> {
        self.place.find(values)
    }

    /// What its own part of a tree lacks.
    pub(crate) fn lacking(&self, tombstones: &Tombstones) -> Tombstones {
        let below = |lacking: &Tombstones, segment: &Segment| match segment {
            Segment::Key(key) => lacking.key(key).cloned(),
            Segment::Index(index) => lacking.index(*index).cloned(),
        };
        let mut lacking = tombstones.clone();
        for segment in &self.place.0 {
            lacking = below(&lacking, segment).unwrap_or_default();
        }
        lacking
    }

    /// Its path below the chart that is rendered, as names of templates begin with it: `charts/cache/charts/store`.
    pub(crate) fn folder(&self) -> String {
        let keys = self.place.0.iter().map(|segment| ValuePath(vec![segment.clone()]).to_string());
        keys.map(|key| format!("charts/{key}")).collect::<Vec<_>>().join("/")
    }
}

/// The charts that a chart brings along, each before those that it brings along itself. `snapshot` has the files of the
/// chart, if they are not on the disk.
///
/// # Errors
/// C009 and C010, and what is wrong with one of the charts.
pub(crate) fn members(session: &Session, chart: &Chart, snapshot: Option<&Snapshot>) -> Outcome<Vec<Member>> {
    if chart.dependencies.is_empty() {
        return Ok(Vec::new());
    }
    let before = session.errors();
    let place = match snapshot {
        Some(_) => Place::Snapshot(String::new()),
        None if chart.is_bundled => Place::Bundled,
        None => Place::Folder(chart.shown_folder.clone()),
    };
    let chain = vec![(place.identity(&chart.name), chart.name.clone())];
    let mut loader = Loader { session, snapshot, chain, members: Vec::new() };
    loader.add(&Parent { chart, place: &place, values: &ValuePath::root(), conditions: &[] });
    session.clean_since(before)?;
    Ok(loader.members)
}

/// Charts inside each other are no deeper than anybody means.
const MAX_DEPTH: usize = 16;

struct Loader<'s> {
    session: &'s Session,
    snapshot: Option<&'s Snapshot>,
    /// What tells charts apart, and their names: from the chart that is rendered down to the one that is looked at.
    chain: Vec<(String, String)>,
    members: Vec<Member>,
}

/// A chart that names dependencies.
struct Parent<'p> {
    chart: &'p Chart,
    place: &'p Place,
    /// Where its values stand.
    values: &'p ValuePath,
    conditions: &'p [ValuePath],
}

/// Where a chart is.
#[derive(Clone, Debug)]
enum Place {
    Folder(String),
    /// A folder of the snapshot.
    Snapshot(String),
    Bundled,
}

impl Place {
    /// What tells a chart from others.
    fn identity(&self, name: &str) -> String {
        match self {
            // By the folder itself, as a link may lead to it.
            Place::Folder(folder) => {
                let folder = Path::new(folder);
                folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).display().to_string()
            }
            Place::Snapshot(folder) => format!("@{folder}"),
            Place::Bundled => format!("bundled {name}"),
        }
    }
}

impl Loader<'_> {
    /// Adds what a chart brings along.
    fn add(&mut self, parent: &Parent<'_>) {
        let mut known: BTreeMap<&str, Span> = BTreeMap::new();
        for dependency in &parent.chart.dependencies {
            let key = dependency.key();
            if let Some(first) = known.insert(key, dependency.place) {
                let message = format!("two dependencies have their values under `{key}`");
                let finding = Diagnostic::error(Code::C009, message).at(dependency.place, "this one");
                let help = format!("give one of them another key: `alias: {key}-2`");
                self.session.report(finding.also(first, "and this one").help(help));
                continue;
            }
            if self.members.len() >= self.session.limits().of(Limit::Charts) {
                let most = self.session.limits().said(Limit::Charts);
                let message = format!("the chart has more than {most} charts in it");
                let finding = Diagnostic::error(Code::C009, message).at(dependency.place, "one more");
                let help = self.session.limits().help(Limit::Charts, "leave some of them out");
                self.session.report(finding.help(help));
                return;
            }
            // What is wrong is reported, and the others are looked at as well.
            let Ok(place) = self.locate(parent, dependency) else { continue };
            if self.refuse_circle(&place, dependency).is_err() {
                continue;
            }
            let Ok(chart) = self.open(&place, dependency) else { continue };
            if self.refuse_other(&chart, dependency).is_err() {
                continue;
            }
            self.add_member(parent, dependency, &place, chart);
        }
    }

    fn add_member(&mut self, parent: &Parent<'_>, dependency: &Dependency, place: &Place, chart: Chart) {
        let values = parent.values.key(dependency.key());
        let mut conditions = parent.conditions.to_vec();
        if let Some(condition) = &dependency.condition {
            conditions.push(condition.split('.').fold(parent.values.clone(), ValuePath::and_key));
        }
        self.members.push(Member {
            // As with Helm, an alias is the name that its templates see: objects are named after it, so a chart can
            // be there twice.
            chart: Chart { name: dependency.key().to_owned(), ..chart.clone() },
            place: values.clone(),
            conditions: conditions.clone(),
            named: dependency.place,
        });
        self.chain.push((place.identity(&chart.name), chart.name.clone()));
        self.add(&Parent { chart: &chart, place, values: &values, conditions: &conditions });
        self.chain.pop();
    }

    /// Where a dependency is.
    fn locate(&self, parent: &Parent<'_>, dependency: &Dependency) -> Outcome<Place> {
        let name = &dependency.name;
        let path = match (&dependency.path, parent.place) {
            (Some(path), _) => path.clone(),
            (None, Place::Bundled) => return Ok(Place::Bundled),
            (None, _) => format!("charts/{name}"),
        };
        let place = match parent.place {
            Place::Bundled => Place::Folder(path.clone()),
            Place::Folder(folder) => Place::Folder(below(folder, &path)),
            Place::Snapshot(folder) => match below_root(folder, &path) {
                Some(folder) => Place::Snapshot(folder),
                None => {
                    let message = format!("`{path}` lies outside of what is read of that revision");
                    let help =
                        "name the revision of a folder that holds both, or copy the chart into `charts/`";
                    return Err(self.refuse(dependency, message, help));
                }
            },
        };
        let is_there = match &place {
            Place::Folder(folder) => Path::new(folder).is_dir(),
            Place::Snapshot(folder) => self.files_in(folder).next().is_some(),
            Place::Bundled => true,
        };
        if is_there {
            return Ok(place);
        }
        if dependency.path.is_none() && bundled().any(|chart| chart.name == *name) {
            return Ok(Place::Bundled);
        }
        let shown = match &place {
            Place::Folder(folder) | Place::Snapshot(folder) => folder,
            Place::Bundled => name,
        };
        let message = format!("the chart `{name}` is not there: there is no folder `{shown}`");
        let help = match dependency.path {
            Some(_) => "a `path` is seen from the folder of the chart that names it".to_owned(),
            None => format!("put it there, or say where it is: `path: ../{name}`"),
        };
        Err(self.refuse(dependency, message, &help))
    }

    /// The files of the snapshot in a folder of it, by their paths there.
    fn files_in<'f>(&self, folder: &'f str) -> impl Iterator<Item = (String, Vec<u8>)> + use<'_, 'f> {
        let files = self.snapshot.map(|snapshot| &snapshot.files).into_iter().flatten();
        files.filter_map(move |(name, bytes)| {
            let name = name.strip_prefix(folder)?.strip_prefix('/')?;
            Some((name.to_owned(), bytes.clone()))
        })
    }

    fn open(&self, place: &Place, dependency: &Dependency) -> Outcome<Chart> {
        match place {
            Place::Bundled => chart::open_bundled(self.session, &dependency.name),
            Place::Folder(folder) => {
                let has = |name: &str| Path::new(folder).join(name).is_file();
                if has("Chart.yaml") && !has("chart.yaml") {
                    return Err(self.refuse_helm(dependency, folder));
                }
                chart::open(self.session, folder)
            }
            Place::Snapshot(folder) => {
                let files: BTreeMap<String, Vec<u8>> = self.files_in(folder).collect();
                if files.contains_key("Chart.yaml") && !files.contains_key("chart.yaml") {
                    return Err(self.refuse_helm(dependency, folder));
                }
                let name = self.snapshot.map_or("", |snapshot| &snapshot.name);
                chart::open_snapshot(self.session, &Snapshot { name: format!("{name}/{folder}"), files })
            }
        }
    }

    /// Refuses a chart that is among those above it.
    fn refuse_circle(&self, place: &Place, dependency: &Dependency) -> Outcome<()> {
        let name = &dependency.name;
        let identity = place.identity(name);
        let first = self.chain.iter().position(|(known, _)| *known == identity);
        let message = match first {
            Some(first) => {
                let names = self.chain[first..].iter().map(|(_, name)| name).chain([name]);
                let way: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                format!("the chart {} brings itself along: {}", way[0], way.join(" → "))
            }
            None if self.chain.len() > MAX_DEPTH => {
                format!("there are more than {MAX_DEPTH} charts inside each other")
            }
            None => return Ok(()),
        };
        let finding = Diagnostic::error(Code::C010, message).at(dependency.place, "by this dependency");
        Err(self.session.report(finding.help("let both depend on a third chart that has what they share")))
    }

    /// Refuses a chart of another name or version.
    fn refuse_other(&self, chart: &Chart, dependency: &Dependency) -> Outcome<()> {
        let Dependency { name, version, .. } = dependency;
        if chart.name != *name {
            let message =
                format!("the chart in `{}` is `{}`, and not `{name}`", chart.shown_folder, chart.name);
            let help = format!("write `name: {}`, and `alias: {name}` for the key of its values", chart.name);
            return Err(self.refuse(dependency, message, &help));
        }
        let Some(wanted) = version else { return Ok(()) };
        let (Ok(range), Ok(has)) = (Constraint::parse(wanted), Version::parse(&chart.version)) else {
            let message = format!("`{wanted}` is not a version of a chart");
            return Err(self.refuse(
                dependency,
                message,
                "write `1.2.3`, or a range such as `^1.2` or `>=1.2 <2`",
            ));
        };
        if range.check(&has) {
            return Ok(());
        }
        let message =
            format!("the chart `{name}` has the version {}, and `{wanted}` is asked for", chart.version);
        Err(self.refuse(dependency, message, "take another version of the chart, or ask for this one"))
    }

    fn refuse_helm(&self, dependency: &Dependency, folder: &str) -> crate::session::Reported {
        let message = format!("`{folder}` is a Helm chart, and this is a chart of bound templates");
        let help = "render it by itself; a chart of bound templates brings along its like alone";
        self.refuse(dependency, message, help)
    }

    fn refuse(&self, dependency: &Dependency, message: String, help: &str) -> crate::session::Reported {
        let finding = Diagnostic::error(Code::C009, message).at(dependency.place, "this dependency");
        self.session.report(finding.help(help))
    }
}

/// A path that is seen from a folder, written so that it cannot be taken for the name of a bundled chart.
fn below(folder: &str, path: &str) -> String {
    let joined = normalize(&Path::new(folder).join(path)).display().to_string();
    match joined.as_str() {
        "" => ".".to_owned(),
        _ if joined.contains('/') || joined.starts_with('.') => joined,
        _ => format!("./{joined}"),
    }
}

/// A path that is seen from a folder of a snapshot; none for one that leads out of it.
fn below_root(folder: &str, path: &str) -> Option<String> {
    if Path::new(path).is_absolute() {
        return None;
    }
    let joined = normalize(&Path::new(folder).join(path));
    let leaves = joined.components().any(|part| matches!(part, Component::ParentDir));
    (!leaves).then(|| joined.display().to_string())
}

/// The path without `.`, and without folders that `..` leaves again.
fn normalize(path: &Path) -> PathBuf {
    let mut normalized = PathBuf::new();
    for component in path.components() {
        let is_named = matches!(normalized.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_named => {
                normalized.pop();
            }
            _ => normalized.push(component),
        }
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_dependencies_are_seen_from_the_chart_that_names_them() {
        for (folder, path, expected) in [
            (".", "../cache", "../cache"),
            (".", "charts/cache", "charts/cache"),
            ("./shop", "../cache", "./cache"),
            ("shop", "..", "."),
            ("../shop", "./cache/", "../shop/cache"),
        ] {
            assert_eq!(below(folder, path), expected, "{folder} {path}");
        }
        assert_eq!(below_root("", "charts/a/../b"), Some("charts/b".to_owned()));
        assert_eq!(below_root("charts/a", "../../.."), None);
    }
}
