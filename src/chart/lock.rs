//! `chart.lock`: which charts lie in `charts/` as copies of others, and what these were.
//!
//! ```yaml
//! dependencies:
//!   - name: cache
//!     version: 2.1.0
//!     path: ../cache
//!     copy: charts/cache
//!     sha256: 1f2e…
//! ```
//!
//! A checksum is one over what `sha256sum` says of the files, in the order of their paths, so that it can be computed without
//! this program; that of an archive is the one of its bytes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::metadata::checked_against;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::source::{self, SourceId, Span};
use crate::yaml::{Kind, Node, Scalar, Style, Value, print_inline};

/// The name of the file.
pub const LOCK: &str = "chart.lock";

/// The schema of the file.
const SCHEMA: &str = include_str!("../../schemas/lock.schema.json");

/// The copies that a chart has of charts that lie outside of its folder.
#[derive(Clone, Debug)]
pub struct Lock {
    /// The file.
    pub source: SourceId,
    /// A row for each copy, in the order of the file.
    pub copies: Vec<LockedCopy>,
}

/// A copy of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedCopy {
    /// The name of the chart.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What was copied, seen from the folder of the chart that has the lock.
    pub path: String,
    /// The copy, seen from there: `charts/cache`, `charts/redis-1.2.0.tgz`.
    pub copy: String,
    /// The checksum of its contents, in hexadecimal digits.
    pub sha256: String,
    /// Where the row stands; [`Span::NOWHERE`] of one that nobody has written.
    pub place: Span,
}

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    /// C011 for what is wrong in it.
    pub fn read(session: &Session, source: SourceId) -> Outcome<Lock> {
        let before = session.errors();
        let root = checked_against(session, source, ("lock.schema.json", SCHEMA), Code::C011, LOCK)?;
        let rows = root.get("dependencies").and_then(Node::as_list).unwrap_or_default();
        let copies: Vec<LockedCopy> = rows.iter().filter_map(LockedCopy::of).collect();
        // Each dependency is looked for in all of them.
        if copies.len() > session.limits().of(Limit::Charts) {
            let most = session.limits().said(Limit::Charts);
            let message = format!("`{LOCK}` has more than {most} copies");
            let help = session.limits().help(Limit::Charts, "leave some of them out");
            let finding = Diagnostic::error(Code::C011, message).at(Span::new(source, 0, 1), "this lock");
            return Err(session.report(finding.help(help)));
        }
        let mut paths: BTreeMap<&str, Span> = BTreeMap::new();
        let mut places: BTreeMap<&str, Span> = BTreeMap::new();
        for LockedCopy { path, copy, place, .. } in &copies {
            for (known, what, text) in [(&mut paths, "path", path), (&mut places, "copy", copy)] {
                let Some(first) = known.insert(text, *place) else { continue };
                let message = format!("two rows of `{LOCK}` have the same `{what}`, `{text}`");
                let finding = Diagnostic::error(Code::C011, message).at(*place, "this row");
                session.report(finding.also(first, "and this one").help(WRITE_ANEW));
            }
        }
        session.clean_since(before)?;
        Ok(Lock { source, copies })
    }

    /// The text of a lock with these rows.
    pub fn text(copies: &[LockedCopy]) -> String {
        let mut text = String::from(
            "# Written by `plimsoll vendor`: the charts in `charts/` that are copies, and what they are copies of.\ndependencies:",
        );
        if copies.is_empty() {
            text.push_str(" []");
        }
        text.push('\n');
        // In quotes where it would be read as something else.
        let quoted = |text: &str| {
            let text = Scalar { text: Arc::from(text), kind: Kind::Str, style: Style::Plain };
            print_inline(&Node::new(Value::Scalar(text), Span::NOWHERE))
        };
        for LockedCopy { name, version, path, copy, sha256, .. } in copies {
            // Writing into a string cannot fail.
            let _ = writeln!(
                text,
                "  - name: {}\n    version: {}\n    path: {}\n    copy: {}\n    sha256: {}",
                quoted(name),
                quoted(version),
                quoted(path),
                quoted(copy),
                quoted(sha256)
            );
        }
        text
    }
}

/// What to do about a lock that is wrong.
const WRITE_ANEW: &str = "`plimsoll vendor CHART` writes it anew";

impl LockedCopy {
    fn of(node: &Node) -> Option<LockedCopy> {
        let text = |key: &str| Some(node.get(key)?.as_scalar()?.text.to_string());
        Some(LockedCopy {
            name: text("name")?,
            version: text("version")?,
            path: text("path")?,
            copy: text("copy")?,
            sha256: text("sha256")?,
            place: node.get("name")?.span,
        })
    }
}

/// Files of a chart's folder by their paths, with `/`.
pub type Contents = BTreeMap<String, Vec<u8>>;

/// The files of a folder on the disk that are copied with a chart: all but those whose names begin with a dot.
///
/// # Errors
/// S001 for what cannot be read, for links that lead out of the folder, and for more than a chart may be.
pub fn contents(session: &Session, folder: &str) -> Outcome<Contents> {
    let names = source::list_files(Path::new(folder), session.limits());
    let names = names.map_err(|error| {
        let finding = Diagnostic::error(Code::S001, format!("`{folder}` cannot be read: {error}"));
        session.report(finding.help("a chart is a folder of files that can be read"))
    })?;
    read_files(session, folder, names)
}

/// Some files of a folder on the disk.
///
/// # Errors
/// S001 for what cannot be read, and for more than a chart may be.
pub fn read_files(
    session: &Session,
    folder: &str,
    names: impl IntoIterator<Item = String>,
) -> Outcome<Contents> {
    let mut contents = Contents::new();
    let mut left = session.limits().get(Limit::ChartSize);
    for name in names {
        let shown = format!("{folder}/{name}");
        let refuse =
            |message: String, help: &str| session.report(Diagnostic::error(Code::S001, message).help(help));
        let bytes =
            source::read_bytes(&Path::new(folder).join(&name), session.limits()).map_err(|error| {
                refuse(
                    format!("`{shown}` cannot be read: {error}"),
                    "everything in a chart's folder is copied",
                )
            })?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            let most = session.limits().said(Limit::ChartSize);
            let help = session.limits().help(Limit::ChartSize, "move what is not of the chart elsewhere");
            refuse(format!("`{folder}` is larger than {most}"), &help)
        })?;
        contents.insert(name, bytes);
    }
    Ok(contents)
}

/// The checksum of bytes, in hexadecimal digits.
pub fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The checksum of a folder: that of a line `CHECKSUM  PATH` for each file.
pub fn checksum_of_folder(contents: &Contents) -> String {
    let lines: String =
        contents.iter().map(|(path, bytes)| format!("{}  {path}\n", checksum(bytes))).collect();
    checksum(lines.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceKind;

    #[test]
    fn what_is_written_can_be_read() {
        let row = |name: &str| LockedCopy {
            name: name.to_owned(),
            version: "1.10.0".to_owned(),
            path: "../a b: #".to_owned() + name,
            copy: format!("charts/{name}"),
            sha256: checksum(name.as_bytes()),
            place: Span::NOWHERE,
        };
        for rows in [vec![], vec![row("cache"), row("0x1")]] {
            let session = Session::new();
            let source = session.add_source(SourceKind::File, LOCK, Lock::text(&rows));
            let read = Lock::read(&session, source).unwrap().copies;
            let read: Vec<LockedCopy> =
                read.into_iter().map(|row| LockedCopy { place: Span::NOWHERE, ..row }).collect();
            assert_eq!(read, rows);
        }
    }

    /// As `sha256sum a b/c | sha256sum` says.
    #[test]
    fn a_checksum_is_one_over_those_of_the_files() {
        let contents = Contents::from([("a".to_owned(), b"x".to_vec()), ("b/c".to_owned(), Vec::new())]);
        let lines = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  a\n\
                     e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b/c\n";
        assert_eq!(checksum_of_folder(&contents), checksum(lines.as_bytes()));
    }
}
