//! A chart's folder: which files it may have, and what each of them is.

use std::path::Path;

use super::{ChartFile, Found, Snapshot, foreign};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{self, ReadError, SourceId, SourceKind};

/// Whether an argument means a path and not the name of a bundled chart.
pub(super) fn means_path(argument: &str) -> bool {
    argument.contains(['/', '\\']) || argument.starts_with('.') || Path::new(argument).is_dir()
}

/// Reads every file of a chart's folder.
pub(super) fn read_folder(session: &Session, folder: &str) -> Outcome<Found> {
    let path = Path::new(folder);
    if !path.is_dir() {
        return Err(foreign::no_folder(session, folder));
    }
    let names =
        source::list_files(path, session.limits()).map_err(|error| unreadable(session, folder, &error))?;
    foreign::refuse_helm(session, folder, &names)?;
    let before = session.errors();
    let place = folder.trim_end_matches('/').to_owned();
    let mut found = Found { place, ..Found::default() };
    for name in &names {
        let Some(role) = role_of(session, folder, name) else { continue };
        let shown = format!("{}/{name}", found.place);
        let text = source::read_text(&path.join(name), session.limits());
        match text {
            Ok(text) => found.add(role, session.add_source(SourceKind::File, shown, text)),
            Err(error) => {
                unreadable(session, &shown, &error);
            }
        }
    }
    session.clean_since(before)?;
    Ok(found)
}

/// Sorts the files of a folder that is not on the disk.
pub(super) fn read_snapshot(session: &Session, snapshot: &Snapshot) -> Outcome<Found> {
    let names: Vec<String> = snapshot.files.keys().cloned().collect();
    foreign::refuse_helm(session, &snapshot.name, &names)?;
    let before = session.errors();
    let mut found = Found { place: snapshot.name.clone(), ..Found::default() };
    for (name, bytes) in &snapshot.files {
        let Some(role) = role_of(session, &snapshot.name, name) else { continue };
        let shown = format!("{}/{name}", snapshot.name);
        match source::decode_utf8(bytes.clone()) {
            Ok(text) => found.add(role, session.add_source(SourceKind::File, shown, text)),
            Err(error) => {
                unreadable(session, &shown, &error);
            }
        }
    }
    session.clean_since(before)?;
    Ok(found)
}

fn unreadable(session: &Session, name: &str, error: &ReadError) -> crate::session::Reported {
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    session.report(finding.help("everything of a chart is a readable UTF-8 file inside its folder"))
}

/// What a file is to a chart.
pub(super) enum Role {
    Metadata,
    Defaults,
    Schema,
    Preset(String),
    Template(String),
    Crd(String),
    File(String),
}

impl Found {
    pub(super) fn add(&mut self, role: Role, source: SourceId) {
        match role {
            Role::Metadata => self.metadata = Some(source),
            Role::Defaults => self.defaults = Some(source),
            Role::Schema => self.schema = Some(source),
            Role::Preset(name) => {
                self.presets.insert(name, source);
            }
            Role::Template(name) => self.templates.push(ChartFile { name, source }),
            Role::Crd(name) => self.crds.push(ChartFile { name, source }),
            Role::File(name) => {
                self.files.insert(name, source);
            }
        }
    }
}

/// What a file is by its path in the chart's folder; none for what is left alone.
fn role_of(session: &Session, folder: &str, name: &str) -> Option<Role> {
    if name.split('/').any(|part| part.starts_with('.')) {
        return None;
    }
    let role = role_by_path(name);
    let known_folder = ["templates/", "presets/", "crds/"].iter().any(|known| name.starts_with(known));
    if role.is_none() && known_folder {
        let message = format!("`{folder}/{name}` is not used");
        let help = "templates end in `.yaml`, `.yml`, `.json` or `.j2`, presets and CRDs in `.yaml`, `.yml` or `.json`; \
                    text for `files` belongs into the folder `files/`";
        session.report(Diagnostic::warning(Code::C005, message).help(help));
    }
    role
}

/// What a path means in every chart, from a folder or bundled.
pub(super) fn role_by_path(name: &str) -> Option<Role> {
    let (top, rest) = name.split_once('/').unwrap_or(("", name));
    let data = [".yaml", ".yml", ".json"].iter().find_map(|ending| rest.strip_suffix(ending));
    match top {
        "" => match name {
            "chart.yaml" => Some(Role::Metadata),
            "values.yaml" => Some(Role::Defaults),
            "values.schema.json" => Some(Role::Schema),
            _ => None,
        },
        "presets" => data.filter(|stem| !stem.contains('/')).map(|stem| Role::Preset(stem.to_owned())),
        "templates" if data.is_some() || rest.ends_with(".j2") => Some(Role::Template(rest.to_owned())),
        "crds" if data.is_some() => Some(Role::Crd(rest.to_owned())),
        "files" => Some(Role::File(rest.to_owned())),
        _ => None,
    }
}
