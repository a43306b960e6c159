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
//! Where a dependency is: in the folder of its `path`, seen from the chart that names it, or in the archive there; without one,
//! in `charts/NAME` of that chart's folder, or in the program. A lock (`chart.lock`) says that a copy in `charts/` is read in
//! the place of what lies elsewhere:
//!
//! ```text
//! shop/chart.lock     {path: ../cache, copy: charts/cache}
//!                     {path: ../store, copy: charts/store}
//!
//! named by     path        is of        read from
//!   shop       ../cache    ../cache     shop/charts/cache
//!   cache      ../store    ../store     shop/charts/store      and not from shop/charts/cache/../store
//! ```
//!
//! So a chart that was copied is taken to stand where it was copied from.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::facade::facade;
use crate::chart::{
    self, Chart, Contents, Dependency, Lock, LockedCopy, Snapshot, checksum, checksum_of_folder,
};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::helm::chart::{self as helm_chart, HelmChart};
use crate::helm::version::{Constraint, Version};
use crate::limits::Limit;
use crate::session::{Outcome, Reported, Session};
use crate::source::{self, Span, normalize};
use crate::yaml::{Node, Segment, Tombstones, ValuePath};

/// A chart that another one brings along.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// With the name that it has here: its alias, if it has one.
    pub(crate) chart: Chart,
    /// The name that it gives itself.
    pub(crate) name: String,
    /// The chart itself, if it is one of Helm.
    pub(crate) helm: Option<Arc<HelmChart>>,
    /// Where its values stand in those of the chart that is rendered.
    pub(crate) place: ValuePath,
    /// The settings that switch it on, seen from there: its own, and those of the charts that it is in.
    pub(crate) conditions: Vec<ValuePath>,
    /// Where it is named.
    pub(crate) named: Span,
    /// Its presets that lie over its defaults, with the places of their names.
    pub(crate) presets: Vec<(String, Span)>,
    /// Where it was found; none of a chart that is built in.
    pub(crate) found: Option<Found>,
}

/// Where a chart was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Where it is of, seen from the folder of the chart that is rendered: `../cache`.
    pub(crate) of: PathBuf,
    /// The folder or archive that was read.
    pub(crate) read: String,
    /// Whether it is an archive.
    pub(crate) is_archive: bool,
    /// Whether the lock of a chart in between says where it is.
    pub(crate) is_of_inner_lock: bool,
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

    /// The keys that its values stand below.
    pub(crate) fn keys(&self) -> Vec<String> {
        let key = |segment: &Segment| match segment {
            Segment::Key(key) => Some(key.clone()),
            Segment::Index(_) => None,
        };
        self.place.0.iter().filter_map(key).collect()
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
/// C009, C010 and C011, and what is wrong with one of the charts.
pub(crate) fn members(
    session: &Session,
    chart: &Chart,
    snapshot: Option<&Snapshot>,
    lacking: Lacking,
) -> Outcome<Vec<Member>> {
    load(session, chart, snapshot, Reading { with_own_lock: true, lacking })
}

/// What becomes of a dependency that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// It is an error (C009; H002 of what a chart of Helm lacks).
    Refused,
    /// It is a warning, and is left out: the chart is described and not rendered.
    LeftOut,
}

/// How the charts are read.
#[derive(Clone, Copy)]
struct Reading {
    /// Whether the lock of the chart itself says what is read.
    with_own_lock: bool,
    lacking: Lacking,
}

impl Reading {
    /// All that are there, as its lock has them.
    const WHOLE: Reading = Reading { with_own_lock: true, lacking: Lacking::Refused };
}

/// As [`members`], read from where they are copied from: the chart's own lock is not looked at.
///
/// # Errors
/// As [`members`].
pub(crate) fn originals(session: &Session, chart: &Chart) -> Outcome<Vec<Member>> {
    load(session, chart, None, Reading { with_own_lock: false, ..Reading::WHOLE })
}

/// What the dependencies of a chart need that its snapshot does not have: paths of folders or archives, seen from the chart.
/// `session` gets what is wrong, and is to be thrown away.
pub(crate) fn missing_in(session: &Session, chart: &Chart, snapshot: &Snapshot) -> Vec<String> {
    let (loader, _) = run(session, chart, Some(snapshot), Reading::WHOLE);
    loader.missing.into_inner()
}

fn load(
    session: &Session,
    chart: &Chart,
    snapshot: Option<&Snapshot>,
    reading: Reading,
) -> Outcome<Vec<Member>> {
    if chart.dependencies.is_empty() {
        return Ok(Vec::new());
    }
    let (loader, sound) = run(session, chart, snapshot, reading);
    sound.map(|()| loader.members)
}

fn run<'s>(
    session: &'s Session,
    chart: &Chart,
    snapshot: Option<&'s Snapshot>,
    reading: Reading,
) -> (Loader<'s>, Outcome<()>) {
    let before = session.errors();
    let at = match snapshot {
        Some(_) => At::SnapshotFolder(String::new()),
        None if chart.is_bundled => At::Bundled,
        None => At::Folder(chart.shown_folder.clone()),
    };
    let place = Place { at, of: PathBuf::new(), is_of_inner_lock: false };
    let chain = vec![(place.identity(&chart.name), chart.name.clone())];
    let root = place.at.clone();
    let mut loader = Loader {
        session,
        snapshot,
        lacking: reading.lacking,
        root,
        chain,
        locks: Vec::new(),
        known_copies: RefCell::default(),
        missing: RefCell::default(),
        members: Vec::new(),
    };
    let parent = Parent { chart, place: &place, values: &ValuePath::root(), conditions: &[] };
    loader.add_with_lock(&parent, reading.with_own_lock);
    let sound = session.clean_since(before);
    (loader, sound)
}

/// Charts inside each other are no deeper than anybody means.
const MAX_DEPTH: usize = 16;

struct Loader<'s> {
    session: &'s Session,
    snapshot: Option<&'s Snapshot>,
    lacking: Lacking,
    /// Where the chart is that is rendered.
    root: At,
    /// What tells charts apart, and their names: from the chart that is rendered down to the one that is looked at.
    chain: Vec<(String, String)>,
    /// The locks of the charts of the chain that have one.
    locks: Vec<ChartLock>,
    /// Which copies were held against their locks, by the places of their rows, and whether they are as they were.
    known_copies: RefCell<BTreeMap<Span, Outcome<()>>>,
    /// What the snapshot does not have, seen from the chart that is rendered.
    missing: RefCell<Vec<String>>,
    members: Vec<Member>,
}

/// The lock of a chart.
struct ChartLock {
    lock: Lock,
    /// Where the chart is.
    at: At,
    /// Where it is of.
    of: PathBuf,
    /// Whether it is the lock of the chart that is rendered.
    is_outermost: bool,
}

/// A chart that names dependencies.
struct Parent<'p> {
    chart: &'p Chart,
    place: &'p Place,
    /// Where its values stand.
    values: &'p ValuePath,
    conditions: &'p [ValuePath],
}

/// Where a chart is, and where it is of.
#[derive(Clone, Debug)]
struct Place {
    at: At,
    /// Seen from the folder of the chart that is rendered. A copy is of what it was copied from.
    of: PathBuf,
    is_of_inner_lock: bool,
}

/// Where a chart is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Folder(String),
    /// An archive of a chart of Helm.
    Archive(String),
    /// A folder of the snapshot.
    SnapshotFolder(String),
    /// An archive in the snapshot.
    SnapshotArchive(String),
    Bundled,
}

impl Place {
    /// What tells a chart from others.
    fn identity(&self, name: &str) -> String {
        match &self.at {
            // By the folder itself, as a link may lead to it.
            At::Folder(path) | At::Archive(path) => {
                let path = Path::new(path);
                path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
            }
            At::SnapshotFolder(path) | At::SnapshotArchive(path) => format!("@{path}"),
            At::Bundled => format!("bundled {name}"),
        }
    }
}

impl Loader<'_> {
    /// Adds what a chart brings along, by its lock if it has one.
    fn add_with_lock(&mut self, parent: &Parent<'_>, with_lock: bool) {
        let lock = parent.chart.lock.filter(|_| with_lock).map(|source| Lock::read(self.session, source));
        match lock {
            // Reported: nobody knows where its dependencies are.
            Some(Err(_)) => {}
            Some(Ok(lock)) => {
                let Place { at, of, .. } = parent.place.clone();
                self.locks.push(ChartLock { lock, at, of, is_outermost: self.chain.len() == 1 });
                self.add(parent);
                self.locks.pop();
            }
            None => self.add(parent),
        }
    }

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
            let first = self.session.findings();
            let located = self.locate(parent, dependency);
            self.lower_what_lacks(first, Code::C009);
            let Ok(place) = located else { continue };
            if self.refuse_circle(&place, dependency).is_err() {
                continue;
            }
            let first = self.session.findings();
            let opened = self.open(&place, dependency);
            self.session.reword_since(first, |finding| {
                // What has no place of its own is about what is named here.
                Some(if finding.primary().is_some() {
                    finding
                } else {
                    finding.at(dependency.place, "this dependency")
                })
            });
            let Ok((chart, helm)) = opened else { continue };
            if self.refuse_other(&chart, helm.as_deref(), dependency).is_err() {
                continue;
            }
            self.add_member(parent, dependency, &place, chart, helm);
        }
    }

    /// Makes warnings of what says that a chart is not there, where it may be left out.
    fn lower_what_lacks(&self, first: usize, code: Code) {
        if self.lacking == Lacking::LeftOut {
            self.session.reword_since(first, |finding| {
                let level = if finding.code == code { Level::Warning } else { finding.level };
                Some(Diagnostic { level, ..finding })
            });
        }
    }

    fn add_member(
        &mut self,
        parent: &Parent<'_>,
        dependency: &Dependency,
        place: &Place,
        chart: Chart,
        helm: Option<Arc<HelmChart>>,
    ) {
        let values = parent.values.key(dependency.key());
        let mut conditions = parent.conditions.to_vec();
        if let Some(condition) = &dependency.condition {
            conditions.push(condition.split('.').fold(parent.values.clone(), ValuePath::and_key));
        }
        self.members.push(Member {
            // As with Helm, an alias is the name that its templates see: objects are named after it, so a chart can
            // be there twice.
            chart: Chart { name: dependency.key().to_owned(), ..chart.clone() },
            name: chart.name.clone(),
            helm,
            place: values.clone(),
            conditions: conditions.clone(),
            named: dependency.place,
            presets: dependency.presets.clone(),
            found: place.found(),
        });
        self.chain.push((place.identity(&chart.name), chart.name.clone()));
        let parent = Parent { chart: &chart, place, values: &values, conditions: &conditions };
        self.add_with_lock(&parent, true);
        self.chain.pop();
    }

    /// Where a dependency is.
    fn locate(&self, parent: &Parent<'_>, dependency: &Dependency) -> Outcome<Place> {
        let name = &dependency.name;
        let Some(path) = &dependency.path else { return self.locate_in_charts(parent, dependency) };
        if parent.place.at == At::Bundled {
            return Ok(Place {
                at: At::Folder(path.clone()),
                of: PathBuf::from(path),
                is_of_inner_lock: false,
            });
        }
        if path.contains("://") {
            let message =
                format!("the chart `{name}` cannot be read from `{path}`: nothing is fetched from a network");
            let help = "fetch it into a folder, and give the `path` of that";
            return Err(self.refuse(dependency, message, help));
        }
        let of = normalize(&parent.place.of.join(path));
        let locked = self.locked(&of)?;
        let is_of_inner_lock = locked.as_ref().is_some_and(|(_, is_inner)| *is_inner);
        let at = match locked {
            Some((at, _)) => at,
            None => {
                self.note_unlocked(&of, dependency);
                self.at(&self.root, &of).ok_or_else(|| self.refuse_outside(dependency, &of))?
            }
        };
        let at = self.what_is_at(at);
        match at {
            Some(at) => Ok(Place { at, of, is_of_inner_lock }),
            None => {
                if self.snapshot.is_some() && is_outside(&of) {
                    return Err(self.refuse_outside(dependency, &of));
                }
                let shown = below(&self.root, &of);
                let what = if helm_chart::is_archive(&shown) { "archive" } else { "folder" };
                let message = format!("the chart `{name}` is not there: there is no {what} `{shown}`");
                let help = "a `path` is seen from the folder of the chart that names it";
                Err(self.refuse(dependency, message, help))
            }
        }
    }

    /// Where a dependency without a path is: in the `charts/` of the chart that names it, or built in.
    fn locate_in_charts(&self, parent: &Parent<'_>, dependency: &Dependency) -> Outcome<Place> {
        let name = &dependency.name;
        let bundled = Place { at: At::Bundled, of: PathBuf::new(), is_of_inner_lock: false };
        if parent.place.at == At::Bundled {
            return Ok(bundled);
        }
        let path = PathBuf::from(format!("charts/{name}"));
        let place = |at: At, path: &Path| Place {
            at,
            of: parent.place.of.join(path),
            is_of_inner_lock: parent.place.is_of_inner_lock,
        };
        let at = self.at(&parent.place.at, &path);
        if let Some(at) = at.and_then(|at| self.what_is_at(at)) {
            return Ok(place(at, &path));
        }
        let archives = self.archives(&parent.place.at, name);
        match archives.as_slice() {
            [one] => {
                let path = PathBuf::from(format!("charts/{one}"));
                if let Some(at) = self.at(&parent.place.at, &path).and_then(|at| self.what_is_at(at)) {
                    return Ok(place(at, &path));
                }
            }
            [] => {}
            several => {
                let message = format!("the chart `{name}` is there as `{}`", several.join("` and as `"));
                let help = format!("say which one: `path: charts/{}`", several[0]);
                return Err(self.refuse(dependency, message, &help));
            }
        }
        if chart::bundled().any(|chart| chart.name == *name) {
            return Ok(bundled);
        }
        let shown = below(&parent.place.at, &path);
        let message = format!("the chart `{name}` is not there: there is no folder `{shown}`");
        Err(self.refuse(dependency, message, &format!("put it there, or say where it is: `path: ../{name}`")))
    }

    /// The names of archives in the `charts/` of a chart that are of a chart of this name: `redis.tgz`, `redis-1.2.0.tgz`.
    fn archives(&self, at: &At, name: &str) -> Vec<String> {
        let is_archive = |file: &String| {
            let version = file.strip_prefix(name).and_then(|rest| rest.strip_suffix(".tgz"));
            version.is_some_and(|version| {
                version.is_empty()
                    || version.strip_prefix('-').is_some_and(|version| Version::parse(version).is_ok())
            })
        };
        let mut names: Vec<String> = match at {
            At::Folder(folder) => {
                let folder = Path::new(folder).join("charts");
                // One that is not there has no archives.
                source::list_files_except(&folder, self.session.limits(), |_, is_folder| is_folder)
                    .unwrap_or_default()
            }
            At::SnapshotFolder(folder) => {
                let charts = if folder.is_empty() { "charts".to_owned() } else { format!("{folder}/charts") };
                self.files_in(&charts).map(|(name, _)| name.to_owned()).collect()
            }
            At::Archive(_) | At::SnapshotArchive(_) | At::Bundled => Vec::new(),
        };
        names.retain(is_archive);
        names
    }

    /// What is read in the place of something that lies elsewhere, if a lock says so, and whether that is the lock of a chart
    /// in between.
    ///
    /// # Errors
    /// C011 for a copy that is not there, or is not as it was.
    fn locked(&self, of: &Path) -> Outcome<Option<(At, bool)>> {
        for ChartLock { lock, at, of: lock_of, is_outermost } in self.locks.iter().rev() {
            let row_of = |row: &LockedCopy| {
                let rest = of.strip_prefix(normalize(&lock_of.join(&row.path))).ok()?.to_owned();
                Some((rest, row.clone()))
            };
            // The nearest one around it: the fewest folders below it.
            let rows = lock.copies.iter().filter_map(row_of);
            let Some((rest, row)) = rows.min_by_key(|(rest, _)| rest.components().count()) else { continue };
            self.check_copy(at, &row)?;
            let copy = Path::new(&row.copy).join(rest);
            return Ok(self.at(at, &copy).map(|at| (at, !is_outermost)));
        }
        Ok(None)
    }

    /// Holds a copy against its row of a lock, once.
    ///
    /// # Errors
    /// C011.
    fn check_copy(&self, at: &At, row: &LockedCopy) -> Outcome<()> {
        if let Some(known) = self.known_copies.borrow().get(&row.place) {
            return *known;
        }
        let checked = self.sum_of(at, row).and_then(|sum| match sum {
            Some(sum) if sum == row.sha256 => Ok(()),
            sum => {
                let shown = below(at, Path::new(&row.copy));
                let (what, help) = match sum {
                    Some(_) => (
                        "is not as it was when it was copied",
                        "make the change where the copy is from, remove the copy, and run `plimsoll vendor CHART`",
                    ),
                    None => ("is in the lock, and is not there", "`plimsoll vendor CHART` copies it anew"),
                };
                let finding = Diagnostic::error(Code::C011, format!("`{shown}` {what}"));
                Err(self.session.report(finding.at(row.place, "this copy").help(help)))
            }
        });
        self.known_copies.borrow_mut().insert(row.place, checked);
        checked
    }

    /// The checksum of a copy; none if it is not there.
    fn sum_of(&self, at: &At, row: &LockedCopy) -> Outcome<Option<String>> {
        let Some(at) = self.at(at, Path::new(&row.copy)).and_then(|at| self.what_is_at(at)) else {
            return Ok(None);
        };
        Ok(Some(match at {
            At::Folder(folder) => checksum_of_folder(&contents_of_folder(self.session, &folder)?),
            At::Archive(file) => checksum(&read_archive(self.session, &file)?),
            At::SnapshotFolder(folder) => {
                let files = self.files_in(&folder);
                let files = files.map(|(name, bytes)| (name.to_owned(), bytes.clone())).collect();
                checksum_of_folder(&contents_of_files(self.session, &folder, files)?)
            }
            At::SnapshotArchive(file) => checksum(self.file(&file).unwrap_or_default()),
            At::Bundled => return Ok(None),
        }))
    }

    /// Warns of what lies outside of a chart and is not in its lock.
    fn note_unlocked(&self, of: &Path, dependency: &Dependency) {
        let Some(ChartLock { of: lock_of, .. }) = self.locks.last() else { return };
        let is_inside =
            if lock_of.as_os_str().is_empty() { !is_outside(of) } else { of.starts_with(lock_of) };
        if is_inside {
            return;
        }
        let of = of.display();
        let message = format!("`{of}` lies outside of the chart, and the lock has no copy of it");
        let finding = Diagnostic::warning(Code::C011, message).at(dependency.place, "this dependency");
        self.session.report(finding.help("`plimsoll vendor CHART` copies it, and writes the lock anew"));
    }

    /// A path that is seen from where a chart is; none for one that is nowhere in a snapshot.
    fn at(&self, chart: &At, path: &Path) -> Option<At> {
        match chart {
            // What lies beside the chart may be there too.
            At::SnapshotFolder(folder) => (!path.is_absolute())
                .then(|| At::SnapshotFolder(normalize(&Path::new(folder).join(path)).display().to_string())),
            _ => Some(At::Folder(below(chart, path))),
        }
    }

    /// A place by what is there: a folder, or an archive; none if there is neither.
    fn what_is_at(&self, at: At) -> Option<At> {
        match at {
            At::Folder(path) if Path::new(&path).is_dir() => Some(At::Folder(path)),
            At::Folder(path) | At::Archive(path) => Path::new(&path).is_file().then_some(At::Archive(path)),
            At::SnapshotFolder(path) if self.files_in(&path).next().is_some() => {
                Some(At::SnapshotFolder(path))
            }
            At::SnapshotFolder(path) | At::SnapshotArchive(path) => {
                self.file(&path).is_some().then_some(At::SnapshotArchive(path))
            }
            At::Bundled => Some(At::Bundled),
        }
    }

    /// The files of the snapshot in a folder of it, by their paths there.
    fn files_in<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = (&'f str, &'f Vec<u8>)> {
        let files = self.snapshot.map(|snapshot| &snapshot.files).into_iter().flatten();
        files.filter_map(move |(name, bytes)| match folder {
            "" => Some((name.as_str(), bytes)),
            folder => Some((name.strip_prefix(folder)?.strip_prefix('/')?, bytes)),
        })
    }

    /// A file of the snapshot.
    fn file(&self, path: &str) -> Option<&[u8]> {
        self.snapshot.and_then(|snapshot| snapshot.files.get(path)).map(Vec::as_slice)
    }

    /// Opens a chart; with it, the chart of Helm that it is.
    fn open(&self, place: &Place, dependency: &Dependency) -> Outcome<(Chart, Option<Arc<HelmChart>>)> {
        let session = self.session;
        let snapshot_name = self.snapshot.map_or("", |snapshot| &snapshot.name);
        let helm = match &place.at {
            At::Bundled => return Ok((chart::open_bundled(session, &dependency.name)?, None)),
            At::Folder(folder) if helm_chart::is_chart(folder) => self.open_helm(folder)?,
            At::Folder(folder) => return Ok((chart::open(session, folder)?, None)),
            At::Archive(file) if helm_chart::is_archive(file) => self.open_helm(file)?,
            At::Archive(file) => return Err(self.refuse_file(dependency, file)),
            At::SnapshotFolder(folder) => {
                let files: Contents =
                    self.files_in(folder).map(|(name, bytes)| (name.to_owned(), bytes.clone())).collect();
                let name = format!("{snapshot_name}/{folder}");
                if !helm_chart::is_chart_of_files(&files) {
                    return Ok((chart::open_snapshot(session, &Snapshot { name, files })?, None));
                }
                helm_chart::open_files(session, &name, &files)?
            }
            At::SnapshotArchive(file) if helm_chart::is_archive(file) => {
                let shown = format!("{snapshot_name}/{file}");
                helm_chart::open_archive(session, &shown, self.file(file).unwrap_or_default())?
            }
            At::SnapshotArchive(file) => return Err(self.refuse_file(dependency, file)),
        };
        Ok((facade(session, &helm), Some(Arc::new(helm))))
    }

    /// Opens a chart of Helm, with all that it depends on if it is to be rendered.
    fn open_helm(&self, path: &str) -> Outcome<HelmChart> {
        match self.lacking {
            Lacking::Refused => helm_chart::open(self.session, path),
            Lacking::LeftOut => helm_chart::open_alone(self.session, path),
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
                format!("the chart {} depends on itself: {}", way[0], way.join(" → "))
            }
            None if self.chain.len() > MAX_DEPTH => {
                format!("there are more than {MAX_DEPTH} charts inside each other")
            }
            None => return Ok(()),
        };
        let finding = Diagnostic::error(Code::C010, message).at(dependency.place, "by this dependency");
        Err(self.session.report(finding.help("let both depend on a third chart that has what they share")))
    }

    /// Refuses a chart of another name or version, and one that renders nothing.
    fn refuse_other(&self, chart: &Chart, helm: Option<&HelmChart>, dependency: &Dependency) -> Outcome<()> {
        let Dependency { name, version, .. } = dependency;
        if chart.name != *name {
            let message =
                format!("the chart in `{}` is `{}`, and not `{name}`", chart.shown_folder, chart.name);
            let help = format!("write `name: {}`, and `alias: {name}` for the key of its values", chart.name);
            return Err(self.refuse(dependency, message, &help));
        }
        if helm.is_some_and(|helm| helm.metadata.is_library()) {
            let message = format!("`{name}` is a library of Helm, which has nothing to render");
            return Err(self.refuse(dependency, message, "templates of Helm charts alone can include it"));
        }
        self.check_presets(chart, dependency)?;
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

    /// Refuses presets that a chart does not have.
    fn check_presets(&self, chart: &Chart, dependency: &Dependency) -> Outcome<()> {
        let before = self.session.errors();
        let known: Vec<&str> = chart.presets.keys().map(String::as_str).collect();
        let help = match known.as_slice() {
            _ if chart.is_helm => "Helm charts have none: write its values below its key".to_owned(),
            [] => "it has no presets at all".to_owned(),
            known => format!("it has `{}`", known.join("`, `")),
        };
        for (preset, place) in &dependency.presets {
            if !known.contains(&preset.as_str()) {
                let message = format!("the chart `{}` has no preset `{preset}`", chart.name);
                let finding = Diagnostic::error(Code::C003, message).at(*place, "this preset");
                let finding = match chart.preset_of_dependency(preset) {
                    Some(help) => finding.help(help),
                    None => finding.did_you_mean(preset, known.iter().copied()),
                };
                self.session.report(finding.help(&*help));
            }
        }
        self.session.clean_since(before)
    }

    fn refuse_file(&self, dependency: &Dependency, file: &str) -> Reported {
        let message = format!("`{file}` is a file, and a chart is a folder, or an archive of Helm");
        self.refuse(dependency, message, "name the chart's folder, or an archive that ends in `.tgz`")
    }

    fn refuse_outside(&self, dependency: &Dependency, of: &Path) -> Reported {
        let path = of.display().to_string();
        let message = format!("`{path}` lies outside of the chart, and is not there in that revision");
        let help = "name a revision that has it, or copy it into `charts/` by `plimsoll vendor`";
        self.missing.borrow_mut().push(path);
        self.refuse(dependency, message, help)
    }

    fn refuse(&self, dependency: &Dependency, message: String, help: &str) -> Reported {
        let finding = Diagnostic::error(Code::C009, message).at(dependency.place, "this dependency");
        self.session.report(finding.help(help))
    }
}

impl Place {
    fn found(&self) -> Option<Found> {
        let (read, is_archive) = match &self.at {
            At::Folder(path) => (path, false),
            At::Archive(path) => (path, true),
            At::SnapshotFolder(_) | At::SnapshotArchive(_) | At::Bundled => return None,
        };
        let is_of_inner_lock = self.is_of_inner_lock;
        Some(Found { of: self.of.clone(), read: read.clone(), is_archive, is_of_inner_lock })
    }
}

/// The files of a chart's folder that a copy of it has.
///
/// # Errors
/// S001 and H003 for what cannot be read.
pub(crate) fn contents_of_folder(session: &Session, folder: &str) -> Outcome<Contents> {
    if helm_chart::is_chart(folder) {
        return chart::read_files(session, folder, helm_chart::copied_names(session, folder)?);
    }
    chart::contents(session, folder)
}

/// As [`contents_of_folder`], of all files of a folder that is not on the disk.
fn contents_of_files(session: &Session, shown: &str, mut files: Contents) -> Outcome<Contents> {
    if helm_chart::is_chart_of_files(&files) {
        let names: BTreeSet<String> =
            helm_chart::copied_names_of(session, shown, &files)?.into_iter().collect();
        files.retain(|name, _| names.contains(name));
    } else {
        files.retain(|name, _| !name.split('/').any(|part| part.starts_with('.')));
    }
    Ok(files)
}

/// The bytes of an archive.
///
/// # Errors
/// S001.
pub(crate) fn read_archive(session: &Session, file: &str) -> Outcome<Vec<u8>> {
    source::read_bytes(Path::new(file), session.limits()).map_err(|error| {
        let finding = Diagnostic::error(Code::S001, format!("`{file}` cannot be read: {error}"));
        session.report(finding.help("an archive is a file that can be read"))
    })
}

/// Whether a path that is seen from a folder leads out of it.
pub(crate) fn is_outside(path: &Path) -> bool {
    path.is_absolute() || path.components().any(|part| matches!(part, Component::ParentDir))
}

/// A path that is seen from where a chart is, written so that it cannot be taken for the name of a bundled chart.
fn below(chart: &At, path: &Path) -> String {
    let (At::Folder(folder) | At::Archive(folder) | At::SnapshotFolder(folder) | At::SnapshotArchive(folder)) =
        chart
    else {
        return path.display().to_string();
    };
    let joined = normalize(&Path::new(folder).join(path)).display().to_string();
    match joined.as_str() {
        "" => ".".to_owned(),
        _ if joined.contains('/') || joined.starts_with('.') => joined,
        _ => format!("./{joined}"),
    }
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
            assert_eq!(below(&At::Folder(folder.to_owned()), Path::new(path)), expected, "{folder} {path}");
        }
    }
}
