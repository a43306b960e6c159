//! Unsupported sources of charts: Helm charts, archives, URLs, OCI references. Each is recognized, so that the message can say what to do
//! instead of "there is no folder of this name".

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};

/// Refuses references that other tools would fetch or unpack. Plimsoll never uses the network.
///
/// # Errors
/// C001.
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

/// Refuses a folder with Helm's metadata and without ours. The two file names differ in one capital, so a chart may have both.
///
/// # Errors
/// C001.
pub(super) fn refuse_helm(session: &Session, folder: &str, names: &[String]) -> Outcome<()> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("chart.yaml") || !has("Chart.yaml") {
        return Ok(());
    }
    let message = format!("`{folder}` is a Helm chart (`Chart.yaml`), and Plimsoll does not read those");
    let help = "port it: write `chart.yaml`, and templates that bind values (docs/templates.md says how)";
    Err(session.report(Diagnostic::error(Code::C001, message).help(help)))
}
