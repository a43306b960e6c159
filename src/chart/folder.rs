//! A chart's folder: on the disk, or as it was at another revision.
//!
//! Reading goes on after a mistake: a user with three unreadable files learns of all three. Only what makes the rest
//! meaningless ends it at once: no folder, or a Helm chart, of which every other message would be noise.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::layout::{ChartSources, File, PRECOMPILED, Role, role_of_path};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::{self, ReadError, SourceKind};

/// Whether an argument means a path and not the name of a bundled chart. An existing folder wins over a bundled chart
/// of its name: who works on a copy of one would otherwise render the original and not notice.
pub(super) fn means_path(argument: &str) -> bool {
    argument.contains(['/', '\\']) || argument.starts_with('.') || Path::new(argument).is_dir()
}

/// Reads every file of a chart's folder.
///
/// # Errors
/// C001 for what is no folder or a Helm chart, S001 and C004 for files that cannot be read.
pub(super) fn read_folder(session: &Session, folder: &str) -> Outcome<ChartSources> {
    let path = Path::new(folder);
    if !path.is_dir() {
        return Err(refuse_no_folder(session, folder));
    }
    let names = source::list_files(path, session.limits())
        .map_err(|error| refuse_unreadable(session, folder, &error))?;
    refuse_helm(session, folder, &names)?;
    // As typed, but for the slash that completion in a shell adds: messages name
    // `web/values.yaml`, not `web//values.yaml`.
    let shown_folder = folder.trim_end_matches('/');
    let read = |name: &String| source::read_bytes(&path.join(name), session.limits());
    collect(session, folder, shown_folder, &names, read)
}

/// A chart's folder that is nowhere on the disk, for example as it was in another revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// How people call the folder: `charts/web@v1.2`.
    pub name: String,
    /// Its files, by path below the folder, with `/`; of those that belong to the chart, the text must be UTF-8. What it brings along
    /// from elsewhere is here too, by its path from the folder: `../cache/chart.yaml`.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Takes every file of a chart's folder that is given.
///
/// # Errors
/// As [`read_folder`].
pub(super) fn read_snapshot(session: &Session, snapshot: &Snapshot) -> Outcome<ChartSources> {
    let names: Vec<String> = snapshot.files.keys().cloned().collect();
    refuse_helm(session, &snapshot.name, &names)?;
    // `names` are the keys of this very map.
    let read = |name: &String| Ok(snapshot.files[name].clone());
    collect(session, &snapshot.name, &snapshot.name, &names, read)
}

/// Reads and sorts the files of a folder, by `read` for each name. All that is wrong is
/// reported before the folder is refused.
///
/// `folder` is as it was given, `shown_folder` as it stands in the names of sources.
fn collect(
    session: &Session,
    folder: &str,
    shown_folder: &str,
    names: &[String],
    read: impl Fn(&String) -> Result<Vec<u8>, ReadError>,
) -> Outcome<ChartSources> {
    let before = session.errors();
    let mut sources = ChartSources { shown_folder: shown_folder.to_owned(), ..ChartSources::default() };
    for name in names {
        if name == PRECOMPILED {
            sources.precompiled = read_precompiled(session, shown_folder, read(name)).map(Cow::Owned);
            continue;
        }
        let is_metadata = name.eq_ignore_ascii_case("chart.yaml") || name.eq_ignore_ascii_case("chart.yml");
        if is_metadata && name != "chart.yaml" {
            sources.misnamed = Some(name.clone());
        }
        // What has no role is not even read: a chart's folder may hold anything besides, however large.
        let Some(role) = role_of_file(session, folder, name) else { continue };
        let shown = format!("{shown_folder}/{name}");
        let bytes = read(name);
        if let (Role::File(path), Ok(bytes)) = (&role, &bytes)
            && std::str::from_utf8(bytes).is_err()
        {
            sources.files.insert(path.clone(), File::Bytes(Arc::from(bytes.as_slice())));
            continue;
        }
        match bytes.and_then(source::decode_utf8) {
            Ok(text) => sources.add(role, session.add_source(SourceKind::File, shown, text)),
            Err(error) => {
                refuse_unreadable(session, &shown, &error);
            }
        }
    }
    session.clean_since(before)?;
    Ok(sources)
}

/// The precompiled form, if it could be read. Everything works without it, so it is a warning (C007) that it cannot.
fn read_precompiled(
    session: &Session,
    shown_folder: &str,
    read: Result<Vec<u8>, ReadError>,
) -> Option<Vec<u8>> {
    let report = |error| {
        let message = format!("`{shown_folder}/{PRECOMPILED}` cannot be read: {error}");
        let finding = Diagnostic::warning(Code::C007, message);
        session.report(finding.help(format!("make it again: `plimsoll precompile {shown_folder}`")));
    };
    read.map_err(report).ok()
}

/// What a file is to the chart; none for one that is left alone. That is reported (C005) where the file
/// was surely meant for the chart.
fn role_of_file(session: &Session, folder: &str, name: &str) -> Option<Role> {
    // `list_files` leaves these out; a snapshot from git has them.
    if name.split('/').any(|part| part.starts_with('.')) {
        return None;
    }
    let role = role_of_path(name);
    // In these three folders nothing but the chart's has a reason to be: a template with a wrong ending would be missed
    // only when the objects are. Elsewhere, as for a `README.md` or tests, nothing is said.
    let is_in_chart_folder = ["templates/", "presets/", "crds/"].iter().any(|known| name.starts_with(known));
    if role.is_none() && is_in_chart_folder {
        let message = format!("`{folder}/{name}` is not used");
        let help = "templates end in `.yaml`, `.yml`, `.json` or `.j2`, presets and CRDs in `.yaml`, `.yml` or \
                    `.json`; text for `files` belongs in the folder `files/`";
        session.report(Diagnostic::warning(Code::C005, message).help(help));
    }
    role
}

/// Reports a file or folder of a chart that cannot be read: S001.
fn refuse_unreadable(session: &Session, name: &str, error: &ReadError) -> Reported {
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    session.report(finding.help("each file of a chart must be readable UTF-8 text inside its folder"))
}

/// Reports a path that is not a folder. For a file, such as `web/chart.yaml`, its folder was meant.
fn refuse_no_folder(session: &Session, folder: &str) -> Reported {
    let path = Path::new(folder);
    let parent = path.is_file().then(|| path.parent()).flatten();
    let (message, help) = match parent {
        Some(parent) => {
            let parent = parent.display();
            (format!("`{folder}` is a file, and a chart is a folder"), format!("give the folder: `{parent}`"))
        }
        None => (
            format!("there is no folder `{folder}`"),
            "check the path; `plimsoll charts` lists what is bundled".to_owned(),
        ),
    };
    session.report(Diagnostic::error(Code::C001, message).help(help))
}

/// Refuses references that other tools would fetch or unpack: URLs, OCI references, archives.
/// Plimsoll never uses the network.
///
/// They are recognized so that the message can say what to do, instead of "there is no folder of this name".
///
/// # Errors
/// C001.
pub(super) fn refuse_reference(session: &Session, argument: &str) -> Outcome<()> {
    // Schemes and endings of archives are written in any case.
    let lower = argument.to_ascii_lowercase();
    let (what, help) = if lower.starts_with("oci://") {
        ("an OCI reference", "pull it first (`oras pull`, `helm pull`), then give its folder or archive")
    } else if lower.contains("://") {
        ("a URL", "Plimsoll never uses the network: fetch it first, then give its folder or archive")
    } else if [".tgz", ".tar.gz", ".zip"].iter().any(|ending| lower.ends_with(ending)) {
        ("an archive", "unpack it first, then give its folder or archive")
    } else {
        return Ok(());
    };
    let message = format!("`{argument}` is {what}, and Plimsoll reads charts from folders");
    Err(session.report(Diagnostic::error(Code::C001, message).help(help)))
}

/// Refuses a folder with Helm's metadata and without ours. The two file names differ in one
/// capital, so a chart may have both.
///
/// # Errors
/// C001.
fn refuse_helm(session: &Session, folder: &str, names: &[String]) -> Outcome<()> {
    // Names as they are listed, and not `Path::exists`: on macOS and Windows, a `Chart.yaml`
    // would be there as `chart.yaml` too.
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("chart.yaml") || !has("Chart.yaml") {
        return Ok(());
    }
    let message = format!("`{folder}` is a Helm chart (`Chart.yaml`), and not a chart of bound templates");
    let help = "open it by the pipeline, which reads both: `pipeline::chart`, or any command";
    Err(session.report(Diagnostic::error(Code::C001, message).help(help)))
}
