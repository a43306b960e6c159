//! The values that a user gives: files, later ones over earlier ones, and flags over all of them.

use std::rc::Rc;

use super::strvals::{self, Flag};
use super::yaml::{self, Note};
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::value::{Map, MapType, Value};
use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// The values of a user, and what Helm's reading of the files corrupts.
#[derive(Debug)]
pub struct UserValues {
    /// The values. A `null` in them takes a default away.
    pub values: Rc<Map>,
    /// What was read as something else than what is written.
    pub notes: Vec<Note>,
}

/// The order in which Helm applies flags, whatever their order on the command line.
const ORDER: [Flag; 5] = [Flag::SetJson, Flag::Set, Flag::SetString, Flag::SetFile, Flag::SetLiteral];

/// Reads files and flags. `read_file` gives the bytes of a file for `--set-file`.
///
/// # Errors
/// H009 for files that Helm cannot read, V002 for flags.
pub fn user_values(
    session: &Session,
    files: &[SourceId],
    flags: &[(Flag, SourceId)],
    read_file: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
) -> Outcome<UserValues> {
    let before = session.errors();
    let values = Rc::new(Map::new(MapType::Any));
    let mut notes = Vec::new();
    for &file in files {
        match yaml::read_values(session, file) {
            Ok(read) => {
                if let Value::Map(map) = &read.values {
                    strvals::merge(&values, map);
                }
                notes.extend(read.notes);
            }
            Err(error) => {
                // Nobody knows what of it is secret.
                session.source(file).is_unreadable();
                let name = &session.source(file).name;
                let message = format!("`{name}` cannot be read: {}", error.message);
                let finding = Diagnostic::error(Code::H009, message).at(error.span, "here");
                session.report(finding.help("write a map, as YAML 1.1 has it"));
            }
        }
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
    Ok(UserValues { values, notes })
}
