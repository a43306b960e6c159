//! What is not a chart of this program, met by name: Helm's folders and archives, URLs, OCI references.

use std::path::Path;

use super::bundled;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};

/// Refuses references that other tools would fetch or unpack.
pub(super) fn refuse_reference(session: &Session, argument: &str) -> Outcome<()> {
    let lower = argument.to_ascii_lowercase();
    let (what, help) = if lower.starts_with("oci://") {
        (
            "an OCI reference",
            "pull it first (`oras pull`, `helm pull`), then give the folder of a Plimsoll chart",
        )
    } else if lower.contains("://") {
        ("a URL", "Plimsoll never uses the network: fetch it first, then give the folder of a Plimsoll chart")
    } else if [".tgz", ".tar.gz", ".zip"].iter().any(|ending| lower.ends_with(ending)) {
        ("an archive", "unpack it first, then give the folder of a Plimsoll chart")
    } else {
        return Ok(());
    };
    let message = format!("`{argument}` is {what}, and Plimsoll reads charts from folders");
    Err(session.report(Diagnostic::error(Code::C001, message).help(help)))
}

/// Refuses a folder with Helm's metadata and without ours.
pub(super) fn refuse_helm(session: &Session, folder: &str, names: &[String]) -> Outcome<()> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("chart.yaml") || !has("Chart.yaml") {
        return Ok(());
    }
    let message = format!("`{folder}` is a Helm chart (`Chart.yaml`), and Plimsoll does not read those");
    let help = "port it: write `chart.yaml`, and templates that bind values (docs/templates.md says how)";
    Err(session.report(Diagnostic::error(Code::C001, message).help(help)))
}

/// Reports a path that is not a folder.
pub(super) fn no_folder(session: &Session, folder: &str) -> Reported {
    let path = Path::new(folder);
    let inside = path.is_file().then(|| path.parent()).flatten();
    let (message, help) = match inside {
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

/// Reports a name that no bundled chart has.
pub(super) fn unknown(session: &Session, name: &str) -> Reported {
    let finding =
        Diagnostic::error(Code::C001, format!("there is no bundled chart `{name}`, and no such folder"));
    let finding = finding.did_you_mean(name, bundled().map(|chart| chart.name));
    let names = bundled().map(|chart| format!("`{}`", chart.name)).collect::<Vec<_>>().join(", ");
    session.report(finding.help(format!("bundled are {names}; a folder is given by its path")))
}
