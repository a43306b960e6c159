//! The values that a user gives: files, later ones over earlier ones, and flags over all of them.

use std::rc::Rc;

use super::strvals::{self, Flag};
use super::tree::Tree;
use super::yaml::{self, Note};
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::value::{Map, MapType};
use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// A values file of a user, read once for all renders.
#[derive(Clone, Debug)]
pub struct UserFile {
    /// The file.
    pub source: SourceId,
    /// Its values: a map.
    pub values: Tree,
    /// What was read as something else than what is written.
    pub notes: Vec<Note>,
}

/// The order in which Helm applies flags, whatever their order on the command line.
pub const ORDER: [Flag; 5] = [Flag::SetJson, Flag::Set, Flag::SetString, Flag::SetFile, Flag::SetLiteral];

/// Reads a values file.
///
/// # Errors
/// H009 for one that Helm cannot read.
pub fn read(session: &Session, source: SourceId) -> Outcome<UserFile> {
    match yaml::read_values(session, source) {
        Ok(read) => Ok(UserFile { source, values: Tree::of(&read.values), notes: read.notes }),
        Err(error) => Err(session.report(error.finding(session, source))),
    }
}

/// The values of files and flags together. A `null` in them takes a default away. `read_file` gives the bytes of a file
/// for `--set-file`.
///
/// # Errors
/// V002 for flags.
pub fn user_values<'f>(
    session: &Session,
    files: impl IntoIterator<Item = &'f UserFile>,
    flags: &[(Flag, SourceId)],
    read_file: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
) -> Outcome<Rc<Map>> {
    let before = session.errors();
    let values = Rc::new(Map::new(MapType::Any));
    for file in files {
        strvals::merge(&values, &file.values.map());
    }
    for of in ORDER {
        for &(flag, source) in flags.iter().filter(|(flag, _)| *flag == of) {
            let text = session.source(source).text.clone();
            if let Err(error) = strvals::set(&values, flag, &text, source, read_file) {
                let finding = Diagnostic::error(Code::V002, error.message).at(error.span, "here");
                session.report(
                    finding.help("write `key=value`, with `.` between keys and `,` between settings"),
                );
            }
        }
    }
    session.clean_since(before)?;
    Ok(values)
}
