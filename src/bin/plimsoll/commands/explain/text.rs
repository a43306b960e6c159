//! The answers of `plimsoll explain` for people.
//!
//! A setting has a section for each question, and empty sections are left out:
//!
//! ```text
//! engine.replicas: 3                                          name and value
//!
//! How many pods there are, unless `autoscaling` is enabled.   the schema's description
//!
//!   type     integer                                          what else the schema says
//!   limits   at least 0
//!   default  1
//!
//! Set by, lowest layer first:
//!   default  values/skyflo/defaults.yaml:28  1  overridden    layer, place, value, effect
//!   flag     --set (flag 1)                  3  wins
//!
//! Reaches:
//!   Deployment/skyflo-engine  spec.replicas  charts/skyflo/templates/engine.yaml:132  {{ settings.replicas }}
//! ```
//!
//! One field is a table of what wrote it and of each value that was read; of several fields, each is a line:
//!
//! ```text
//! Deployment/skyflo-engine spec.replicas: 3
//!
//!   template  charts/skyflo/templates/engine.yaml:132:16  {{ settings.replicas }}
//!   value     values.yaml:2:13                            engine.replicas (file)
//! ```
//!
//! Names and texts of users go through [`escaped`], as they could move the cursor of a terminal.

use plimsoll::explain::{
    AffectedField, ChildSetting, Field, HistoryEntry, Influence, InputValue, LayerLocation, Location,
    Provenance, Setting, SettingEffects, SettingUse, ValueRead, VariableDefinitions,
};
use plimsoll::manifest::Identity;
use plimsoll::schema::{SettingRule, SettingRuleKind};
use plimsoll::source::escaped;
use plimsoll::values::{EffectKind, EffectStatus, LayerKind};
use plimsoll::yaml::{Merge, Node, print_inline};

/// A setting: what it is, who set it, what it affects. `effects` are none where the values do not render.
pub fn setting(setting: &Setting, effects: Option<&SettingEffects>) -> String {
    let mut parts = vec![setting_head(setting), schema_rows(setting)];
    let children: Vec<Row> = setting.children.iter().map(child_row).collect();
    parts.push(section("Keys", &children));
    parts.push(setting.rules.iter().map(rule).collect::<Vec<_>>().join("\n"));
    parts.push(if setting.history.is_empty() {
        "Nothing sets it.\n".to_owned()
    } else {
        let history: Vec<Row> = setting.history.iter().map(history_row).collect();
        section("Set by, lowest layer first", &history)
    });
    let inputs = setting.history.iter().flat_map(|entry| &entry.inputs);
    parts.push(section("Derived from", &inputs.map(input_row).collect::<Vec<_>>()));
    parts.extend(effect_sections(effects));
    // Each part ends in a line break, so joining them by another one leaves an empty line between them.
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// One field in detail, or a line for each of several.
pub fn fields(fields: &[Field], definitions: &VariableDefinitions<'_>) -> String {
    match fields {
        [] => String::new(),
        [one] => {
            let head = format!("{} {}: {}\n", object_name(&one.object), one.path, inline(&one.value));
            format!("{head}\n{}", table(&provenance_rows(one, definitions)))
        }
        [first, ..] => {
            let rows: Vec<Row> = fields.iter().map(field_row).collect();
            format!("{}\n\n{}", object_name(&first.object), table(&rows))
        }
    }
}

/// The cells of one line.
type Row = Vec<String>;

fn setting_head(setting: &Setting) -> String {
    let name = if setting.path.0.is_empty() {
        "all settings".to_owned()
    } else {
        escaped(&setting.path.to_string())
    };
    let value = match &setting.value {
        // The keys of a map have a section of their own.
        Some(value) if is_filled_map(value) => String::new(),
        Some(value) => format!(": {}", inline(value)),
        None => ": not set".to_owned(),
    };
    let description = setting.about.as_ref().and_then(|about| about.description.as_deref());
    let description = description.map_or_else(String::new, |text| format!("\n{}\n", escaped(text)));
    format!("{name}{value}\n{description}")
}

/// What the schema says besides the description, and the default.
fn schema_rows(setting: &Setting) -> String {
    let mut rows: Vec<Row> = Vec::new();
    let mut push = |name: &str, text: String| rows.push(vec![name.to_owned(), text]);
    if let Some(about) = &setting.about {
        push("type", escaped(&about.type_name));
        if !about.limits.is_empty() {
            push("limits", escaped(&about.limits.join("; ")));
        }
        match &about.merge {
            Merge::Replace => {}
            Merge::Append => push("layers", "the items of each layer follow those of lower ones".to_owned()),
            Merge::By(key) => {
                push("layers", format!("items with the same `{key}` are merged, others follow"))
            }
        }
        if about.secret {
            let made = if about.generate.is_some() { "; `plimsoll secrets` makes one" } else { "" };
            push("secret", format!("shown as ***{made}"));
        }
    }
    if let Some(default) = setting.default.as_ref().filter(|default| !is_filled_map(default)) {
        push("default", inline(default));
    }
    table(&rows)
}

/// Name, type, value and description of a child.
fn child_row(child: &ChildSetting) -> Row {
    let about = child.about.as_ref();
    let description = about.and_then(|about| about.description.as_deref());
    vec![
        escaped(&child.name),
        about.map_or_else(String::new, |about| escaped(&about.type_name)),
        child.value.as_ref().map_or_else(String::new, brief),
        description.map_or_else(String::new, escaped),
    ]
}

fn rule(rule: &SettingRule) -> String {
    let what = match rule.kind {
        SettingRuleKind::Refused => "Refused if",
        SettingRuleKind::Warned => "Warned of if",
        SettingRuleKind::Demanded => "Demanded",
    };
    let help = rule.help.as_ref().map_or_else(String::new, |help| format!("\n  {}", escaped(help)));
    format!("{what}: {}{help}\n", escaped(&rule.message))
}

/// Layer, place, value and effect of one layer.
fn history_row(entry: &HistoryEntry) -> Row {
    vec![
        layer(entry.written.layer).to_owned(),
        file_line_or_flag(&entry.written),
        entry.value.as_ref().map_or_else(String::new, brief),
        effect(entry).to_owned(),
    ]
}

/// Name, place and value of what a derived value was computed from.
fn input_row(input: &InputValue) -> Row {
    vec![
        escaped(&input.name),
        input.written.as_ref().map_or_else(|| source_of(&input.name).to_owned(), file_line_or_flag),
        input.value.as_ref().map_or_else(String::new, brief),
    ]
}

/// What a layer did, and what became of it, in words. That it was overridden says enough, whatever it had set.
fn effect(entry: &HistoryEntry) -> &'static str {
    match (entry.effect, entry.status) {
        (EffectKind::Removed, EffectStatus::Overridden) => "removed it; overridden",
        (EffectKind::Removed, _) => "removes it",
        (_, EffectStatus::Overridden) => "overridden",
        (EffectKind::Below, _) => "sets a part of it",
        (EffectKind::Joined | EffectKind::Extended, EffectStatus::Shares) => "merged",
        (EffectKind::Set, EffectStatus::Shares) => "the items that others join",
        (_, EffectStatus::Wins) => "wins",
    }
}

fn layer(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Defaults => "default",
        LayerKind::Preset => "preset",
        LayerKind::Derived => "derived",
        LayerKind::File => "file",
        LayerKind::Set => "flag",
    }
}

fn effect_sections(effects: Option<&SettingEffects>) -> Vec<String> {
    let Some(SettingEffects { fields, uses }) = effects else {
        return vec!["Which fields it reaches is not known: these values do not render.\n".to_owned()];
    };
    let fields = if fields.is_empty() {
        "It reaches no field: no template prints it here.\n".to_owned()
    } else {
        long_section("Reaches", fields.iter().map(affected_field_row).collect())
    };
    vec![fields, long_section("Looked at", uses.iter().map(setting_use_row).collect())]
}

/// Object, path, place in the template and expression of an affected field.
fn affected_field_row(affected: &AffectedField) -> Row {
    let computed = match affected.influence {
        Influence::Direct => "",
        Influence::Computed => "computed: ",
    };
    vec![
        object_name(&affected.object),
        affected.path.to_string(),
        file_line(&affected.template),
        short(&format!("{computed}{}", as_written(&affected.expression))),
    ]
}

/// An expression in its braces. Of a text with several expressions, it is the text from the first to the last, which may begin
/// or end inside the braces of one, or before or behind them.
fn as_written(expression: &str) -> String {
    let text = one_line(expression);
    let begins_inside = match (text.find("{{"), text.find("}}")) {
        (Some(open), Some(close)) => close < open,
        (open, _) => open.is_none(),
    };
    let ends_inside = match (text.rfind("{{"), text.rfind("}}")) {
        (Some(open), Some(close)) => close < open,
        (_, close) => close.is_none(),
    };
    let (before, behind) = (if begins_inside { "{{ " } else { "" }, if ends_inside { " }}" } else { "" });
    format!("{before}{text}{behind}")
}

fn setting_use_row(setting_use: &SettingUse) -> Row {
    vec![file_line(&setting_use.template), short(&one_line(&setting_use.line))]
}

/// What wrote a field, and a row for each value that its expression read.
fn provenance_rows(field: &Field, definitions: &VariableDefinitions<'_>) -> Vec<Row> {
    let row = |name: &str, place: String, text: String| vec![name.to_owned(), place, text];
    match &field.provenance {
        Provenance::TemplateText { template } => {
            vec![row("template", file_line_column(template), "the template's own text".to_owned())]
        }
        Provenance::Program => {
            let why = "`--namespace`, or the chart's own, as the template names none";
            vec![row("written by", "plimsoll".to_owned(), why.to_owned())]
        }
        Provenance::Expression { text, template, reads, further } => {
            let mut rows = vec![row("template", file_line_column(template), as_written(text))];
            rows.extend(
                further.iter().map(|one| row("", file_line_column(&one.template), as_written(&one.text))),
            );
            rows.extend(reads.iter().map(|read| value_read_row(read, template, definitions)));
            rows
        }
    }
}

/// `reader` is the expression that read the value.
fn value_read_row(read: &ValueRead, reader: &Location, definitions: &VariableDefinitions<'_>) -> Row {
    if let (Some(written), Some(setting)) = (&read.written, &read.setting) {
        let file = if written.is_flag {
            escaped(&written.location.file)
        } else {
            file_line_column(&written.location)
        };
        return vec!["value".to_owned(), file, format!("{setting} ({})", layer(written.layer))];
    }
    let name = escaped(&read.name);
    match definitions.find(reader, &read.name) {
        Some(definition) => vec!["made".to_owned(), file_line_column(&definition), name],
        None => vec!["value".to_owned(), source_of(&read.name).to_owned(), name],
    }
}

/// Where a value comes from that is neither a setting that a layer holds nor a variable, by the first part of its name.
fn source_of(name: &str) -> &'static str {
    match name.split_once('.').map_or(name, |(root, _)| root) {
        "release" => "given by the command",
        "chart" => "said by chart.yaml",
        "kube" => "given by `--kube-version`",
        "files" => "a file of the chart",
        "values" => "set by nobody",
        _ => "made in the template",
    }
}

/// Path, value, place in the template and settings of one field of many.
fn field_row(field: &Field) -> Row {
    let (template, reads) = match &field.provenance {
        Provenance::TemplateText { template } => (file_line(template), String::new()),
        Provenance::Program => ("plimsoll".to_owned(), String::new()),
        Provenance::Expression { template, reads, .. } => {
            let names: Vec<String> = reads.iter().map(read_name).collect();
            (file_line(template), short(&names.join(", ")))
        }
    };
    vec![field.path.to_string(), inline(&field.value), template, reads]
}

fn read_name(read: &ValueRead) -> String {
    match &read.setting {
        Some(setting) => setting.to_string(),
        None => escaped(&read.name),
    }
}

fn object_name(identity: &Identity) -> String {
    escaped(&format!("{}/{}", identity.kind, identity.name))
}

fn file_line(location: &Location) -> String {
    format!("{}:{}", escaped(&location.file), location.line)
}

fn file_line_column(location: &Location) -> String {
    format!("{}:{}", file_line(location), location.column)
}

/// A flag has no lines.
fn file_line_or_flag(written: &LayerLocation) -> String {
    if written.is_flag { escaped(&written.location.file) } else { file_line(&written.location) }
}

/// Rows that a long section shows: about a screen.
const MAX_ROWS: usize = 24;

/// A section of the first rows, and how many more there are.
fn long_section(title: &str, mut rows: Vec<Row>) -> String {
    let count = rows.len();
    rows.truncate(MAX_ROWS);
    let more = match count - rows.len() {
        0 => String::new(),
        more => format!("  … and {more} more; `--format json` lists them all\n"),
    };
    section(title, &rows) + &more
}

/// A heading over a table; nothing without rows.
fn section(title: &str, rows: &[Row]) -> String {
    if rows.is_empty() { String::new() } else { format!("{title}:\n{}", table(rows)) }
}

/// A value on one line, cut when it is long.
fn inline(node: &Node) -> String {
    short(&print_inline(node))
}

/// A value on one line; of a map only that there is something in it.
fn brief(node: &Node) -> String {
    if is_filled_map(node) { "{…}".to_owned() } else { inline(node) }
}

fn is_filled_map(node: &Node) -> bool {
    node.as_map().is_some_and(|map| !map.is_empty())
}

/// Characters of a value that are shown, so that a row fits on a line of a wide terminal.
const MAX_TEXT: usize = 72;

fn short(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT {
        return text.to_owned();
    }
    // Two characters less, for the blank and the ellipsis that follow.
    text.chars().take(MAX_TEXT - 2).chain(" …".chars()).collect()
}

fn one_line(text: &str) -> String {
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Columns of text, each as wide as its widest cell: two spaces before and between the cells, and nothing behind the
/// last one.
///
/// Width is counted in characters, as `format!` pads by them. Wide ones, such as those of Chinese, would need a table
/// of Unicode.
fn table(rows: &[Row]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("  {cell:width$}"));
        text.push_str(cells.collect::<String>().trim_end());
        text.push('\n');
    }
    text
}
