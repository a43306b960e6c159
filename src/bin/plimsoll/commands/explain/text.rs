//! The answers of `plimsoll explain` for people.

use plimsoll::explain::{
    AffectedField, ChildSetting, Effect, Field, HistoryEntry, LayerLocation, Location, Provenance, Setting,
    SettingUse, ValueRead,
};
use plimsoll::schema::{Rule, RuleKind};
use plimsoll::source::escaped;
use plimsoll::values::{EffectKind, EffectStatus, LayerKind};
use plimsoll::yaml::{Merge, Node, print_inline};

use super::{Made, Reach};

/// A setting: what it is, who set it, what it reaches.
pub fn setting(setting: &Setting, answer: Option<&Reach>) -> String {
    let mut parts = vec![head(setting), facts(setting)];
    parts.push(section("Keys", &keys(&setting.children)));
    parts.push(setting.rules.iter().map(rule).collect::<Vec<_>>().join("\n"));
    parts.push(match setting.history.as_slice() {
        [] => "Nothing sets it.\n".to_owned(),
        steps => section("Set by, lowest layer first", &steps.iter().map(step).collect::<Vec<_>>()),
    });
    parts.extend(reach(answer));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Fields, one after the other; of many, one line each.
pub fn fields(fields: &[Field], made: Made<'_>) -> String {
    match fields {
        [one] => format!("{}\n{}", field_head(one), table(&makers(one, made))),
        several => {
            let head = several.first().map_or_else(String::new, |field| format!("{}\n\n", object(field)));
            head + &table(&several.iter().map(field_row).collect::<Vec<_>>())
        }
    }
}

fn head(setting: &Setting) -> String {
    let name = if setting.path.0.is_empty() { "all settings".to_owned() } else { setting.path.to_string() };
    let words = setting.about.as_ref().and_then(|about| about.description.as_deref());
    let words = words.map_or_else(String::new, |words| format!("\n{}\n", escaped(words)));
    let value = match &setting.value {
        Some(value) if value.as_map().is_none_or(|map| map.is_empty()) => format!(": {}", inline(value)),
        Some(_) => String::new(),
        None => ": not set".to_owned(),
    };
    format!("{name}{value}\n{words}")
}

fn facts(setting: &Setting) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut say = |name: &str, text: String| rows.push(vec![name.to_owned(), text]);
    if let Some(about) = &setting.about {
        say("type", about.kind.clone());
        if !about.limits.is_empty() {
            say("limits", escaped(&about.limits.join("; ")));
        }
        match &about.merge {
            Merge::Replace => {}
            Merge::Append => say("layers", "the items of each layer follow those of lower ones".to_owned()),
            Merge::By(key) => say("layers", format!("items with the same `{key}` are merged, others follow")),
        }
        if about.secret {
            let made = if about.generate.is_some() { "; `plimsoll secrets` makes one" } else { "" };
            say("secret", format!("shown as ***{made}"));
        }
    }
    let default = setting.default.as_ref().filter(|node| node.as_map().is_none_or(|map| map.is_empty()));
    if let Some(default) = default {
        say("default", inline(default));
    }
    table(&rows)
}

fn keys(keys: &[ChildSetting]) -> Vec<Vec<String>> {
    let row = |key: &ChildSetting| {
        let about = key.about.as_ref();
        let value = key.value.as_ref().map_or_else(String::new, brief);
        let words = about.and_then(|about| about.description.as_deref()).map_or_else(String::new, escaped);
        vec![escaped(&key.name), about.map_or_else(String::new, |about| about.kind.clone()), value, words]
    };
    keys.iter().map(row).collect()
}

fn rule(rule: &Rule) -> String {
    let what = match rule.kind {
        RuleKind::Refused => "Refused if",
        RuleKind::Warned => "Warned of if",
        RuleKind::Demanded => "Demanded",
    };
    let help = rule.help.as_ref().map_or_else(String::new, |help| format!("\n  {}", escaped(help)));
    format!("{what}: {}{help}\n", escaped(&rule.message))
}

fn step(step: &HistoryEntry) -> Vec<String> {
    let value = step.value.as_ref().map(brief).unwrap_or_default();
    vec![layer(step.written.layer).to_owned(), place(&step.written), value, effect(step).to_owned()]
}

/// What a layer did, and what became of it, in words.
pub fn effect(step: &HistoryEntry) -> &'static str {
    match (step.effect, step.status) {
        (EffectKind::Removed, EffectStatus::Overridden) => "removed it; overridden",
        (EffectKind::Removed, _) => "removes it",
        (_, EffectStatus::Overridden) => "overridden",
        (EffectKind::Below, _) => "sets a part of it",
        (EffectKind::Joined | EffectKind::Extended, EffectStatus::Shares) => "merged",
        (EffectKind::Set, EffectStatus::Shares) => "the items that others join",
        (_, EffectStatus::Wins) => "wins",
    }
}

pub fn layer(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Defaults => "default",
        LayerKind::Preset => "preset",
        LayerKind::File => "file",
        LayerKind::Set => "flag",
    }
}

/// Rows of one section.
const MAX_ROWS: usize = 24;

fn reach(reach: Option<&Reach>) -> Vec<String> {
    let Some(Reach { fields, looks }) = reach else {
        return vec!["Which fields it reaches is not known: these values do not render.\n".to_owned()];
    };
    let looked = |looked: &SettingUse| vec![file_line(&looked.template), short(&one_line(&looked.line))];
    let printed = match fields.as_slice() {
        [] => "It reaches no field: no template prints it here.\n".to_owned(),
        fields => first("Reaches", fields.iter().map(reached).collect()),
    };
    vec![printed, first("Looked at", looks.iter().map(looked).collect())]
}

/// The first rows of a section, and how many more there are.
fn first(title: &str, mut rows: Vec<Vec<String>>) -> String {
    let count = rows.len();
    rows.truncate(MAX_ROWS);
    let more = match count - rows.len() {
        0 => String::new(),
        more => format!("  … and {more} more; `--format json` lists them all\n"),
    };
    section(title, &rows) + &more
}

fn file_line(place: &Location) -> String {
    format!("{}:{}", escaped(&place.file), place.line)
}

fn reached(reached: &AffectedField) -> Vec<String> {
    let template = file_line(&reached.template);
    let way = match reached.effect {
        Effect::Direct => "",
        Effect::Computed => "computed: ",
    };
    let object = format!("{}/{}", reached.object.kind, escaped(&reached.object.name));
    vec![
        object,
        reached.path.to_string(),
        template,
        short(&format!("{way}{{{{ {} }}}}", one_line(&reached.expression))),
    ]
}

fn object(field: &Field) -> String {
    format!("{}/{}", field.object.kind, escaped(&field.object.name))
}

fn field_head(field: &Field) -> String {
    format!("{} {}: {}\n", object(field), field.path, inline(&field.value))
}

fn makers(field: &Field, made: Made<'_>) -> Vec<Vec<String>> {
    let row = |name: &str, place: String, text: String| vec![name.to_owned(), place, text];
    match &field.provenance {
        Provenance::TemplateText { template } => {
            let place = format!("{}:{}:{}", escaped(&template.file), template.line, template.column);
            vec![row("template", place, "the template's own text".to_owned())]
        }
        Provenance::Program => {
            let why = "`--namespace`, or the chart's own, as the template names none";
            vec![row("written by", "plimsoll".to_owned(), why.to_owned())]
        }
        Provenance::Expression { text, template, reads } => {
            let place = format!("{}:{}:{}", escaped(&template.file), template.line, template.column);
            let mut rows = vec![row("template", place, format!("{{{{ {} }}}}", one_line(text)))];
            rows.extend(reads.iter().map(|one| read(one, template, made)));
            rows
        }
    }
}

fn read(read: &ValueRead, user: &Location, made: Made<'_>) -> Vec<String> {
    if let (Some(written), Some(setting)) = (&read.written, &read.setting) {
        let name = format!("{setting} ({})", layer(written.layer));
        return vec!["value".to_owned(), full_place(written), name];
    }
    let name = escaped(&read.name);
    match made(user, &read.name) {
        Some(place) => vec!["made".to_owned(), format!("{}:{}", file_line(&place), place.column), name],
        None => vec!["value".to_owned(), given(&read.name).to_owned(), name],
    }
}

/// What a value without a place in the values is.
pub fn given(name: &str) -> &'static str {
    match name.split('.').next().unwrap_or_default() {
        "release" => "given by the command",
        "chart" => "said by chart.yaml",
        "kube" => "given by `--kube-version`",
        "files" => "a file of the chart",
        "values" => "set by nobody",
        _ => "made in the template",
    }
}

fn field_row(field: &Field) -> Vec<String> {
    let (template, from) = match &field.provenance {
        Provenance::TemplateText { template } => (file_line(template), String::new()),
        Provenance::Program => ("plimsoll".to_owned(), String::new()),
        Provenance::Expression { template, reads, .. } => {
            let place = file_line(template);
            let reads = reads.iter().map(|read| match &read.setting {
                Some(setting) => setting.to_string(),
                None => escaped(&read.name),
            });
            (place, short(&reads.collect::<Vec<_>>().join(", ")))
        }
    };
    vec![field.path.to_string(), inline(&field.value), template, from]
}

/// `file:line`, or the flag.
fn place(written: &LayerLocation) -> String {
    let file = escaped(&written.location.file);
    if written.is_flag { file } else { format!("{file}:{}", written.location.line) }
}

fn full_place(written: &LayerLocation) -> String {
    let file = escaped(&written.location.file);
    if written.is_flag {
        file
    } else {
        format!("{file}:{}:{}", written.location.line, written.location.column)
    }
}

fn section(title: &str, rows: &[Vec<String>]) -> String {
    if rows.is_empty() { String::new() } else { format!("{title}:\n{}", table(rows)) }
}

/// A value on one line, cut when it is long.
fn inline(node: &Node) -> String {
    short(&print_inline(node))
}

/// A value on one line, of a map only that it has something.
fn brief(node: &Node) -> String {
    let full = node.as_map().is_some_and(|map| !map.is_empty());
    if full { "{…}".to_owned() } else { inline(node) }
}

/// Characters of a value that are shown.
const MAX_TEXT: usize = 72;

fn short(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT {
        return text.to_owned();
    }
    text.chars().take(MAX_TEXT - 2).chain(" …".chars()).collect()
}

fn one_line(text: &str) -> String {
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The rows with two spaces before and between the cells, and nothing behind the last one.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| format!("  {cell:width$}"));
    format!("{}\n", cells.collect::<String>().trim_end())
}
