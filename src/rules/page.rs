//! The documentation of rules: a page a rule, and the table of all.

use super::{RULES, Rule};
use crate::config::Level;

/// What a rule's page says. The example is a manifest that breaks the rule, and `instead` one that keeps it: tests lint both.
#[derive(Debug)]
pub struct Page {
    /// What the rule looks at, and what it reports.
    pub what: &'static str,
    /// What would happen in the cluster.
    pub why: &'static str,
    /// Wrong, as YAML.
    pub example: &'static str,
    /// Right, as YAML.
    pub instead: &'static str,
}

/// The Markdown page of a rule's code, as it stands in `docs/codes/`.
pub fn page(rule: &Rule) -> String {
    let Rule { code, name, level, page, .. } = rule;
    let Page { what, why, example, instead } = page;
    let said = said(*level);
    format!(
        "# {code}: {title}\n\n{what}\n\n\
         This is the rule `{name}`; {said} unless `plimsoll.yaml` or a flag says otherwise. The annotation \
         `allow.plimsoll.dev/{name}: why` on the object or the comment `# plimsoll: allow({name}) why` suppresses it there.\n\n\
         ## Why it matters\n\n{why}\n\n\
         ## Example\n\n```yaml\n{example}\n```\n\n## Instead\n\n```yaml\n{instead}\n```\n",
        title = code.title,
        what = what.trim(),
        why = why.trim(),
        example = example.trim(),
        instead = instead.trim(),
    )
}

/// The table of `docs/rules.md`.
pub fn table() -> String {
    let row = |rule: &Rule| {
        let Rule { code, name, level, .. } = rule;
        format!("| [{code}](codes/{code}.md) | `{name}` | {} | {} |\n", word(*level), code.title)
    };
    let rows: String = RULES.iter().map(row).collect();
    format!("| code | name | level | finds |\n|---|---|---|---|\n{rows}")
}

fn said(level: Level) -> &'static str {
    match level {
        Level::Allow => "it says nothing",
        Level::Warn => "it warns",
        Level::Deny => "nothing that breaks it is rendered",
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Deny => "deny",
    }
}
