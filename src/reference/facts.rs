//! What a chart of Helm says about itself, before its values: its description, versions, people, and dependencies.

use std::fmt::Write;

use super::rows::{cell, line};
use crate::pipeline::Merged;
use crate::schema::inline_code;

/// A table of facts, and one of dependencies. What the chart does not say has no row.
pub(super) fn of_chart(merged: &Merged) -> String {
    let chart = merged.chart();
    let facts = &chart.facts;
    let mut text = String::new();
    if let Some(description) = &chart.description {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n{}\n", line(description));
    }
    if facts.is_deprecated {
        text.push_str("\n**This chart is deprecated.**\n");
    }
    let code = |text: &str| if text.is_empty() { String::new() } else { inline_code(text) };
    let maintainers: Vec<String> =
        facts.maintainers.iter().map(|(name, address)| person(name, address)).collect();
    let sources: Vec<String> = facts.sources.iter().map(|source| line(source)).collect();
    let rows = [
        ("Version", code(&chart.version)),
        ("App version", code(chart.app_version.as_deref().unwrap_or_default())),
        ("Type", line(&facts.kind)),
        ("Kubernetes", code(&facts.kube_version)),
        ("Home", line(&facts.home)),
        ("Sources", sources.join(", ")),
        ("Maintainers", maintainers.join(", ")),
    ];
    text.push_str("\n| Chart | |\n|---|---|\n");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "| {name} | {} |", cell(value));
    }
    if facts.dependencies.is_empty() {
        return text;
    }
    text.push_str("\n## Dependencies\n\n| Name | Version | Repository | Switched by |\n|---|---|---|---|\n");
    for dependency in &facts.dependencies {
        let name = if dependency.alias.is_empty() {
            code(&dependency.name)
        } else {
            format!("{} ({})", code(&dependency.alias), code(&dependency.name))
        };
        let cells =
            [name, code(&dependency.version), line(&dependency.repository), code(&dependency.condition)];
        let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn person(name: &str, address: &str) -> String {
    match (name, address) {
        (name, "") => line(name),
        ("", address) => line(address),
        (name, address) => format!("{} ({})", line(name), line(address)),
    }
}
