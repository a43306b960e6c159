//! The documentation of rules: a page for each, and the table of all.

use super::rule::{Page, Rule, RuleTable};
use crate::config::Level;

/// The Markdown page of a rule, as `plimsoll explain` prints it and `docs/codes/` has it.
pub fn page(rule: &Rule) -> String {
    let Rule { code, name, level, page, .. } = rule;
    let Page { what, why, example, instead } = page;
    let effect = match level {
        Level::Allow => "it says nothing",
        Level::Warn => "it warns",
        Level::Deny => "nothing that breaks it is rendered",
    };
    format!(
        "# {code}: {title}\n\n{what}\n\n\
         This is the rule `{name}`; {effect} unless `plimsoll.yaml` or a flag says otherwise. The annotation \
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

/// The Markdown table of all rules, as `docs/rules.md` has it.
pub(crate) fn table(table: &RuleTable) -> String {
    let mut text = String::from("| code | name | level | finds |\n|---|---|---|---|\n");
    for Rule { code, name, level, .. } in table.iter() {
        let level = match level {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        };
        text += &format!("| [{code}](codes/{code}.md) | `{name}` | {level} | {} |\n", code.title);
    }
    text
}
