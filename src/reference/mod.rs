//! The reference of a chart's values, as a part of a Markdown page.

mod page;
mod rows;

pub use page::{check, insert};

use std::fmt::Write;

use self::rows::{Row, rows};
use crate::pipeline::Merged;
use crate::schema::{Outline, Rule, RuleKind, rules};
use crate::session::Session;
use crate::yaml::Node;

/// The reference of a chart's values as Markdown: a section for each map at the top, a row for each setting, and the rules
/// that tie settings together. It stands between two comments, the markers, so that [`insert`] finds it again in a page.
/// `merged` are the chart's defaults without any layer over them, and `schema` is the tree of its schema.
pub fn markdown(session: &Session, merged: &Merged, schema: &Node) -> String {
    let name = &merged.chart.name;
    let outline = Outline::new(schema);
    let mut text = format!("{}\n{}\n\n## Values\n", page::begin(name), origin(name));
    let rows = rows(session, merged, &outline);
    let top: Vec<&Row> = rows.iter().filter(|row| row.section.is_none()).collect();
    if !top.is_empty() {
        push_table(&mut text, &top);
    }
    for head in rows.iter().filter(|row| row.is_section()) {
        let within: Vec<&Row> = rows.iter().filter(|row| row.section.as_ref() == Some(&head.key)).collect();
        // Writing into a string cannot fail.
        let _ = write!(text, "\n### `{}`\n", head.key);
        if !head.words.is_empty() {
            let _ = write!(text, "\n{}\n", head.words);
        }
        push_table(&mut text, &within);
    }
    push_rules(&mut text, &rules(&outline));
    let _ = writeln!(text, "\n{}", page::END);
    text
}

fn origin(name: &str) -> String {
    format!(
        "<!-- Made by `plimsoll docs {name}` from the chart's schema and defaults: change those, not this. -->"
    )
}

fn push_table(text: &mut String, rows: &[&Row]) {
    text.push_str("\n| Key | Type | Default | Description |\n|---|---|---|---|\n");
    for row in rows {
        let cells = [&*format!("`{}`", row.key), &row.kind, &row.default, &row.words].map(rows::cell);
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

/// Rules of the same words are said once, with all their places.
fn push_rules(text: &mut String, rules: &[Rule]) {
    let sections = [
        (RuleKind::Refused, "### What is refused\n\nValues are refused if one of these is so."),
        (RuleKind::Warned, "### What is warned of\n\nValues pass with a warning if one of these is so."),
        (RuleKind::Demanded, "### What must hold\n"),
    ];
    for (kind, head) in sections {
        let lines = items(rules.iter().filter(|rule| rule.kind == kind));
        if !lines.is_empty() {
            let _ = write!(text, "\n{}\n\n{}", head.trim_end(), lines.concat());
        }
    }
}

fn items<'r>(rules: impl Iterator<Item = &'r Rule>) -> Vec<String> {
    let mut said: Vec<(&Rule, Vec<&str>)> = Vec::new();
    for rule in rules {
        let same =
            |(known, _): &&mut (&Rule, Vec<&str>)| known.message == rule.message && known.help == rule.help;
        match said.iter_mut().find(same) {
            Some((_, places)) => places.push(&rule.at),
            None => said.push((rule, vec![&rule.at])),
        }
    }
    said.iter().map(|(rule, places)| item(rule, places)).collect()
}

fn item(rule: &Rule, places: &[&str]) -> String {
    let named = |at: &&&str| at.is_empty() || rule.message.starts_with(&format!("`{at}`"));
    let places: Vec<String> = places.iter().filter(|at| !named(at)).map(|at| format!("`{at}`")).collect();
    let place = if places.is_empty() { String::new() } else { format!("{}: ", places.join(", ")) };
    let help = rule.help.as_deref().map_or_else(String::new, |help| format!(" {}", rows::sentence(help)));
    format!("- {place}{}.{help}\n", rows::line(&rule.message))
}
