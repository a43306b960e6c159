//! The reference of a chart's values, as a part of a Markdown page.
//!
//! `rows` lists the settings of the schema, with their types, defaults and descriptions. This file lays them out: a
//! section for each map at the top of the values, a table in each, and the rules that tie settings together. `page`
//! finds the place of the reference in a page that people write, and `facts` has what a chart of Helm says about itself.
//!
//! ```markdown
//! ### `engine`
//!
//! The engine.
//!
//! | Key | Type | Default | Description |
//! |---|---|---|---|
//! | `engine.replicas` | integer | `1` | How many. |
//! | `engine.env[].name` | string |  | **Required.** |
//!
//! ### What is refused
//!
//! - `engine`: more than one replica needs a shared store. Set `store.url`.
//! ```
//!
//! The same chart gives the same bytes, so a pipeline can compare the page with what would be written.

mod facts;
mod page;
mod rows;

pub use page::{check, insert};

use std::fmt::Write;

use self::rows::{Row, RowPlace, rows};
use crate::pipeline::Merged;
use crate::schema::{SettingRule, SettingRuleKind, SettingTree, setting_rules};
use crate::session::Session;
use crate::yaml::Node;

/// The reference of a chart's values as Markdown: a section for each map at the top, a row for each setting, and the
/// rules that tie settings together. It stands between two comments, the markers, so that [`insert`] finds it again in
/// a page. `merged` are the chart's defaults without any layer over them, and `schema` is the tree of its schema.
/// Secrets among the defaults are shown as stars.
///
/// What a chart of Helm says about itself stands before its values. Where comments of its values have sections, those are
/// the sections of the page.
pub fn markdown(session: &Session, merged: &Merged, schema: &Node) -> String {
    let name = &merged.chart().name;
    let settings = SettingTree::new(schema);
    let mut text = format!("{}\n{}\n", page::begin(name), notice(merged));
    if merged.chart().is_helm {
        text.push_str(&facts::of_chart(merged));
    }
    text.push_str("\n## Values\n");
    let rows = rows(session, merged, &settings);
    if rows.is_empty() {
        text.push_str("\nThere are none.\n");
    }
    if rows.iter().any(|row| row.section.is_some()) {
        push_sections(&mut text, &rows);
    } else {
        push_maps(&mut text, &rows);
    }
    // Rules come last: they speak of settings of several sections.
    push_rules(&mut text, &setting_rules(&settings));
    let _ = writeln!(text, "\n{}", page::END);
    text
}

/// A section for each heading that the author gave, in their order; settings without one come first. Maps whose keys have
/// rows are only shown where there is something to say of them.
fn push_sections(text: &mut String, rows: &[Row]) {
    let mut sections: Vec<Option<&String>> = vec![None];
    for row in rows {
        if !sections.contains(&row.section.as_ref()) {
            sections.push(row.section.as_ref());
        }
    }
    for section in sections {
        let of_section =
            |row: &&Row| row.section.as_ref() == section && !(row.is_map && row.description.is_empty());
        let rows: Vec<&Row> = rows.iter().filter(of_section).collect();
        if rows.is_empty() {
            continue;
        }
        if let Some(section) = section {
            let _ = write!(text, "\n### {}\n", rows::line(section));
        }
        push_table(text, &rows);
    }
}

/// A section for each map at the top.
fn push_maps(text: &mut String, rows: &[Row]) {
    // Settings that are no maps have no section, and come first: below a heading, they would seem to belong to it.
    let top: Vec<&Row> = rows.iter().filter(|row| row.place == RowPlace::Top).collect();
    if !top.is_empty() {
        push_table(text, &top);
    }
    for heading in rows.iter().filter(|row| row.place == RowPlace::Heading) {
        let section = RowPlace::Section(heading.key.clone());
        let in_section: Vec<&Row> = rows.iter().filter(|row| row.place == section).collect();
        // Writing into a string cannot fail.
        let _ = write!(text, "\n### `{}`\n", heading.key);
        if !heading.description.is_empty() {
            let _ = write!(text, "\n{}\n", heading.description);
        }
        push_table(text, &in_section);
    }
}

/// A comment for people who open the page to edit the reference.
fn notice(merged: &Merged) -> String {
    let name = &merged.chart().name;
    let made_of = if merged.is_inferred() { "`values.yaml` and its comments" } else { "schema and defaults" };
    format!("<!-- Made by `plimsoll docs {name}` from the chart's {made_of}: change those, not this. -->")
}

/// A table with a row for each setting. A bar in a cell is escaped, as it would begin the next one.
fn push_table(text: &mut String, rows: &[&Row]) {
    text.push_str("\n| Key | Type | Default | Description |\n|---|---|---|---|\n");
    for row in rows {
        let cells = [&*format!("`{}`", row.key), &row.kind, &row.default, &row.description].map(rows::cell);
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

/// A list of rules for each of their kinds.
fn push_rules(text: &mut String, rules: &[SettingRule]) {
    let sections = [
        (SettingRuleKind::Refused, "### What is refused\n\nValues are refused if one of these is so."),
        (
            SettingRuleKind::Warned,
            "### What is warned of\n\nValues pass with a warning if one of these is so.",
        ),
        (SettingRuleKind::Demanded, "### What must hold"),
    ];
    for (kind, head) in sections {
        let lines = rule_lines(rules.iter().filter(|rule| rule.kind == kind));
        if !lines.is_empty() {
            let _ = write!(text, "\n{head}\n\n{}", lines.concat());
        }
    }
}

/// A line for each rule. Rules with the same message and help are one line with all their places: a definition that
/// many settings refer to (`$ref`) has its rules at each of them.
fn rule_lines<'r>(rules: impl Iterator<Item = &'r SettingRule>) -> Vec<String> {
    // A list and not a map, so that rules stand in the order of the schema. There are a few dozen at most.
    let mut groups: Vec<(&SettingRule, Vec<&str>)> = Vec::new();
    for rule in rules {
        let same =
            groups.iter_mut().find(|(known, _)| known.message == rule.message && known.help == rule.help);
        match same {
            Some((_, places)) => places.push(&rule.at),
            None => groups.push((rule, vec![&rule.at])),
        }
    }
    groups.iter().map(|(rule, places)| rule_line(rule, places)).collect()
}

/// One item of a list: the places, the message, the help. A rule of the whole values has the empty path as its place,
/// which is not shown. Neither is one that the message begins with.
fn rule_line(rule: &SettingRule, places: &[&str]) -> String {
    let shown: Vec<String> = places
        .iter()
        .filter(|place| !place.is_empty())
        .map(|place| format!("`{place}`"))
        .filter(|place| !rule.message.starts_with(place.as_str()))
        .collect();
    let places = if shown.is_empty() { String::new() } else { format!("{}: ", shown.join(", ")) };
    let help = rule.help.as_deref().map_or_else(String::new, |help| format!(" {}", rows::sentence(help)));
    format!("- {places}{}.{help}\n", rows::line(&rule.message))
}
