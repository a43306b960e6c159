//! Whether the charts in `charts/` are those that `Chart.yaml` and the lock want.
//!
//! There is no network here: what is missing is named, and who fetches it.

use super::metadata::Dependency;
use super::model::HelmChart;
use crate::diagnostic::{Code, Diagnostic};
use crate::helm::version::{Constraint, Version};
use crate::session::{Outcome, Session};

/// What to do about dependencies.
const HELP: &str =
    "`helm dependency build` fetches what the lock names, and `helm dependency update` makes a new lock";

/// Checks that each dependency is there, in a version that fits.
///
/// # Errors
/// H002, for each that is not.
pub(super) fn check(session: &Session, chart: &HelmChart) -> Outcome<()> {
    let before = session.errors();
    for dependency in chart.metadata.dependencies.iter().flatten() {
        let name = &dependency.name.text;
        let there: Vec<&HelmChart> = chart
            .charts
            .iter()
            .map(|chart| &**chart)
            .filter(|chart| chart.metadata.name.text == *name)
            .collect();
        if there.is_empty() {
            let message = format!("the dependency `{name}` is not in `{}/charts`", chart.shown);
            let finding = Diagnostic::error(Code::H002, message).at(dependency.name.span, "wanted here");
            session.report(finding.help(HELP));
        } else if !there.iter().any(|chart| fits(&dependency.version.text, chart)) {
            let found =
                there.iter().map(|chart| chart.metadata.version.text.as_str()).collect::<Vec<_>>().join(", ");
            let wanted = &dependency.version.text;
            let message = format!(
                "the dependency `{name}` is in `{}/charts` as {found}, and not as {wanted}",
                chart.shown
            );
            let finding = Diagnostic::error(Code::H002, message).at(dependency.version.span, "wanted here");
            session.report(finding.also(there[0].metadata.version.span, "what is there").help(HELP));
        } else {
            check_lock(session, chart, dependency, &there);
        }
    }
    session.clean_since(before)
}

/// Whether the version of a chart is one that a dependency takes.
pub(crate) fn fits(wanted: &str, chart: &HelmChart) -> bool {
    let version = Version::parse(&chart.metadata.version.text);
    matches!((Constraint::parse(wanted), version), (Ok(wanted), Ok(version)) if wanted.check(&version))
}

/// Warns of a lock that names another version than the one that is there, as Helm renders it all the same.
fn check_lock(session: &Session, chart: &HelmChart, dependency: &Dependency, there: &[&HelmChart]) {
    let Some(lock) = &chart.lock else { return };
    let name = &dependency.name.text;
    let locked: Vec<&Dependency> = lock.iter().filter(|locked| locked.name.text == *name).collect();
    let is_locked = |chart: &&HelmChart| {
        locked.iter().any(|locked| {
            let versions =
                (Version::parse(&locked.version.text), Version::parse(&chart.metadata.version.text));
            matches!(versions, (Ok(wanted), Ok(found)) if wanted.rank(&found).is_eq())
        })
    };
    if there.iter().any(is_locked) {
        return;
    }
    let message = match locked.first() {
        None => format!("the lock of `{}` does not name the dependency `{name}`", chart.shown),
        Some(locked) => format!(
            "the dependency `{name}` is in `{}/charts` as {}, and the lock names {}",
            chart.shown, there[0].metadata.version.text, locked.version.text
        ),
    };
    let finding = Diagnostic::warning(Code::H002, message).at(dependency.name.span, "this dependency");
    session.report(finding.help(HELP));
}
