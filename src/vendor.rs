//! Copies of charts: what `plimsoll vendor` writes into the `charts/` of a chart, and what differs from it.
//!
//! ```text
//! shop/chart.yaml    dependencies: [{name: cache, path: ../cache}]
//!    └─► cache/chart.yaml    dependencies: [{name: store, path: ../store}]
//!
//! shop/charts/cache/…     a copy of ../cache
//! shop/charts/store/…     a copy of ../store
//! shop/chart.lock         what is of where, with checksums
//! ```
//!
//! What lies inside of another chart that is copied comes with it, and so does what a chart in between has copied itself. Nothing
//! is written here: a plan says what is to be.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::chart::{Chart, Contents, LOCK, Lock, LockedCopy, checksum, checksum_of_folder};
use crate::diagnostic::{Code, Diagnostic};
use crate::release::{self, Found, Lacking, Member};
use crate::session::{Outcome, Session};
use crate::source::Span;

/// What is to be written into a chart's folder.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The copies, in the order of their paths.
    pub copies: Vec<Copied>,
    /// Copies that an earlier run has made and nothing needs any more, by their paths in the chart's folder.
    pub unneeded: Vec<String>,
    /// The text of the lock; none if there is nothing to lock, and no lock.
    pub lock: Option<String>,
}

/// A copy of a chart.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Its row of the lock.
    pub row: LockedCopy,
    /// What it is made of.
    pub files: CopiedFiles,
    /// Whether it is there already as it is to be.
    pub is_current: bool,
}

/// What a copy consists of.
#[derive(Clone, Debug)]
pub enum CopiedFiles {
    /// A folder.
    Folder(Contents),
    /// An archive of a chart of Helm, which stays one.
    Archive(Vec<u8>),
}

/// Says what is to be copied into a chart's folder.
///
/// # Errors
/// What is wrong with the chart or one of its dependencies; C011 for copies that somebody has changed, and for what is in the
/// way of one.
pub fn plan(session: &Session, chart: &Chart) -> Outcome<Plan> {
    let before = session.errors();
    let members = release::originals(session, chart)?;
    let mut copies = Vec::new();
    for Unit { member, found, copy } in units(session, chart, &members) {
        if is_around(found, chart) {
            let message =
                format!("`{}` has the chart itself in it, and cannot be copied into it", found.read);
            let finding = Diagnostic::error(Code::C011, message).at(member.named, "this dependency");
            session.report(finding.help("move the chart out of its dependency"));
            continue;
        }
        let Ok(files) = read(session, found) else { continue };
        let row = LockedCopy {
            name: member.name.clone(),
            version: member.chart.version.clone(),
            path: shown(&found.of),
            copy,
            sha256: files.checksum(),
            place: Span::NOWHERE,
        };
        copies.push(Copied { row, files, is_current: false });
    }
    session.clean_since(before)?;
    copies.sort_by(|one, other| one.row.copy.cmp(&other.row.copy));
    // A lock that cannot be read names nothing: what is in the way then is said below.
    let known = chart.lock.and_then(|source| Lock::read(&session.snapshot().overlay(), source).ok());
    let known = known.map_or_else(Vec::new, |lock| lock.copies);
    for copied in &mut copies {
        match state(session, chart, &copied.row.copy)? {
            Some(sum) if sum == copied.row.sha256 => copied.is_current = true,
            Some(sum) => refuse_changed(session, chart, &known, &copied.row.copy, &sum),
            None => {}
        }
    }
    let is_needed = |row: &&LockedCopy| copies.iter().any(|copied| copied.row.copy == row.copy);
    let mut unneeded = Vec::new();
    for row in known.iter().filter(|row| !is_needed(row)) {
        match state(session, chart, &row.copy)? {
            Some(sum) if sum == row.sha256 => unneeded.push(row.copy.clone()),
            Some(sum) => refuse_changed(session, chart, &known, &row.copy, &sum),
            None => {}
        }
    }
    session.clean_since(before)?;
    let rows: Vec<LockedCopy> = copies.iter().map(|copied| copied.row.clone()).collect();
    let has_lock = !rows.is_empty() || chart.lock.is_some();
    Ok(Plan { copies, unneeded, lock: has_lock.then(|| Lock::text(&rows)) })
}

/// Reports what differs: copies from the lock, and what was copied from its copy, where that is there. Gives the number of copies,
/// and of those whose originals are not there.
///
/// # Errors
/// C011 for all of it, and what is wrong with the chart or one of its dependencies.
pub fn check(session: &Session, chart: &Chart) -> Outcome<(usize, usize)> {
    let before = session.errors();
    let Some(source) = chart.lock else {
        let members = release::originals(session, chart)?;
        for Unit { member, found, .. } in units(session, chart, &members) {
            let message = format!("`{}` lies outside of the chart, and there is no lock", shown(&found.of));
            let finding = Diagnostic::error(Code::C011, message).at(member.named, "this dependency");
            session.report(finding.help(COPY));
        }
        return session.clean_since(before).map(|()| (0, 0));
    };
    // What it warns of is an error here.
    let first = session.findings();
    let members = release::members(session, chart, None, Lacking::Refused);
    session.reword_since(first, |finding| {
        let is_of_lock = finding.code == Code::C011;
        let level = if is_of_lock { crate::diagnostic::Level::Error } else { finding.level };
        Some(Diagnostic { level, ..finding })
    });
    let members = members?;
    let lock = Lock::read(session, source)?;
    let mut missing = 0;
    for row in &lock.copies {
        let of = normalized(Path::new(&row.path));
        let is_used = |member: &Member| member.found.as_ref().is_some_and(|found| found.of.starts_with(&of));
        if !members.iter().any(is_used) {
            let message = format!("no dependency is of `{}`", row.path);
            let finding = Diagnostic::error(Code::C011, message).at(row.place, "this copy");
            session.report(finding.help(COPY));
            continue;
        }
        let original = Path::new(&chart.shown_folder).join(&row.path);
        let is_archive = original.is_file();
        if !is_archive && !original.is_dir() {
            missing += 1;
            continue;
        }
        let read_from = original.display().to_string();
        let found = Found { of, read: read_from, is_archive, is_of_inner_lock: false };
        let Ok(files) = read(session, &found) else { continue };
        if files.checksum() != row.sha256 {
            let message = format!("`{}` has changed since it was copied", row.path);
            let finding = Diagnostic::error(Code::C011, message).at(row.place, "this copy");
            session.report(finding.help(COPY));
        }
    }
    session.clean_since(before)?;
    Ok((lock.copies.len(), missing))
}

const COPY: &str = "`plimsoll vendor CHART` copies it anew, and writes the lock";

/// A chart that is copied.
struct Unit<'m> {
    member: &'m Member,
    found: &'m Found,
    /// Where to.
    copy: String,
}

/// What is copied: all that lies outside of the chart, but what is in something that is copied.
fn units<'m>(session: &Session, chart: &Chart, members: &'m [Member]) -> Vec<Unit<'m>> {
    let outside = |member: &'m Member| {
        let found = member.found.as_ref()?;
        (release::is_outside(&found.of) && !found.is_of_inner_lock).then_some((member, found))
    };
    let mut outer: Vec<(&Member, &Found)> = Vec::new();
    for (member, found) in members.iter().filter_map(outside) {
        if !outer.iter().any(|(_, known)| known.of == found.of) {
            outer.push((member, found));
        }
    }
    let is_inside = |found: &Found| {
        outer.iter().any(|(_, other)| other.of != found.of && found.of.starts_with(&other.of))
    };
    // What the chart has in `charts/` itself goes by these names.
    let mut taken: BTreeSet<String> = chart
        .dependencies
        .iter()
        .filter(|dependency| dependency.path.is_none())
        .map(|dependency| format!("charts/{}", dependency.name))
        .collect();
    let mut units = Vec::new();
    for (member, found) in outer.iter().copied().filter(|(_, found)| !is_inside(found)) {
        let (name, version) = (&member.name, &member.chart.version);
        let file = || found.of.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names = if found.is_archive {
            vec![file(), format!("{name}-{version}.tgz")]
        } else {
            vec![name.clone(), format!("{name}-{version}")]
        };
        let free = names.iter().map(|name| format!("charts/{name}")).find(|copy| {
            let is_plain =
                copy["charts/".len()..].chars().all(|c| c.is_ascii_alphanumeric() || "-._+".contains(c));
            is_plain && !copy["charts/".len()..].starts_with(['.', '-', '+']) && !taken.contains(copy)
        });
        let Some(copy) = free else {
            let message = format!("there is a copy of another chart `{name}` {version} already");
            let finding = Diagnostic::error(Code::C011, message).at(member.named, "this dependency");
            session.report(finding.help("let both be of one folder, or give one another version"));
            continue;
        };
        taken.insert(copy.clone());
        units.push(Unit { member, found, copy });
    }
    units
}

/// Whether a chart that is to be copied has the chart in it that it is to be copied into.
fn is_around(found: &Found, chart: &Chart) -> bool {
    let real = |path: &str| Path::new(path).canonicalize().ok();
    matches!((real(&chart.shown_folder), real(&found.read)), (Some(inner), Some(outer)) if inner.starts_with(&outer))
}

fn read(session: &Session, found: &Found) -> Outcome<CopiedFiles> {
    if found.is_archive {
        return release::read_archive(session, &found.read).map(CopiedFiles::Archive);
    }
    release::contents_of_folder(session, &found.read).map(CopiedFiles::Folder)
}

impl CopiedFiles {
    fn checksum(&self) -> String {
        match self {
            CopiedFiles::Folder(contents) => checksum_of_folder(contents),
            CopiedFiles::Archive(bytes) => checksum(bytes),
        }
    }
}

/// The checksum of what stands where a copy is to be; none if nothing does.
fn state(session: &Session, chart: &Chart, copy: &str) -> Outcome<Option<String>> {
    let path = Path::new(&chart.shown_folder).join(copy);
    let (is_folder, is_file) = (path.is_dir(), path.is_file());
    if !is_folder && !is_file {
        return Ok(None);
    }
    let found = Found {
        of: PathBuf::from(copy),
        read: path.display().to_string(),
        is_archive: is_file,
        is_of_inner_lock: false,
    };
    read(session, &found).map(|files| Some(files.checksum()))
}

/// Reports what stands where a copy is to be, unless it is what the lock says.
fn refuse_changed(session: &Session, chart: &Chart, known: &[LockedCopy], copy: &str, sum: &str) {
    let row = known.iter().find(|row| row.copy == copy);
    let shown = Path::new(&chart.shown_folder).join(copy).display().to_string();
    let finding = match row {
        Some(row) if row.sha256 == sum => return,
        Some(row) => {
            let message = format!("`{shown}` was changed after it was copied");
            let finding = Diagnostic::error(Code::C011, message).at(row.place, "this copy");
            finding.help("nothing is overwritten: make the change where the copy is from, remove the copy, and run it again")
        }
        None => {
            let message = format!("`{shown}` is in the way: no row of `{LOCK}` says that it is a copy");
            Diagnostic::error(Code::C011, message)
                .help("nothing is overwritten: move it away, or name it as it is there")
        }
    };
    session.report(finding);
}

/// A path as a lock has it, with `/` between its parts.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// A path without `.`.
fn normalized(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}
