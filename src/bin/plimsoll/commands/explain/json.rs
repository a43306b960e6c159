//! The answers of `plimsoll explain` for programs: one JSON object each, described in `docs/explain.md`.

use plimsoll::explain::{
    AffectedField, ChildSetting, Effect, Field, HistoryEntry, LayerLocation, Location, Provenance, Setting,
    SettingUse, ValueRead,
};
use plimsoll::manifest::Identity;
use plimsoll::schema::{About, Rule, RuleKind};
use plimsoll::values::{EffectKind, EffectStatus, LayerKind};
use plimsoll::yaml::{Merge, Node, print_json};
use serde_json::{Value, json};

use super::{Made, Reach};

pub fn setting(setting: &Setting, reach: Option<&Reach>) -> String {
    finished(&json!({
        "setting": setting.path.to_string(),
        "schema": setting.about.as_ref().map(about),
        "default": setting.default.as_ref().map(value),
        "value": setting.value.as_ref().map(value),
        "keys": setting.children.iter().map(key).collect::<Vec<_>>(),
        "rules": setting.rules.iter().map(rule).collect::<Vec<_>>(),
        "layers": setting.history.iter().map(step).collect::<Vec<_>>(),
        "fields": reach.map(|reach| reach.fields.iter().map(reached).collect::<Vec<_>>()),
        "looks": reach.map(|reach| reach.looks.iter().map(looked).collect::<Vec<_>>()),
    }))
}

pub fn fields(fields: &[Field], made: Made<'_>) -> String {
    finished(&json!({ "fields": fields.iter().map(|one| field(one, made)).collect::<Vec<_>>() }))
}

fn finished(answer: &Value) -> String {
    format!("{answer:#}\n")
}

fn about(about: &About) -> Value {
    let merge = match &about.merge {
        Merge::Replace => json!("replace"),
        Merge::Append => json!("append"),
        Merge::By(key) => json!({ "by": **key }),
    };
    json!({
        "description": about.description,
        "type": about.kind,
        "limits": about.limits,
        "merge": merge,
        "secret": about.secret,
        "generated": about.generate.is_some(),
    })
}

fn key(key: &ChildSetting) -> Value {
    json!({
        "key": key.name,
        "schema": key.about.as_ref().map(about),
        "value": key.value.as_ref().map(value),
    })
}

fn rule(rule: &Rule) -> Value {
    let kind = match rule.kind {
        RuleKind::Refused => "refused",
        RuleKind::Warned => "warned",
        RuleKind::Demanded => "demanded",
    };
    json!({ "kind": kind, "at": rule.at, "message": rule.message, "help": rule.help })
}

fn step(step: &HistoryEntry) -> Value {
    let effect = match step.effect {
        EffectKind::Set => "set",
        EffectKind::Joined => "joined",
        EffectKind::Extended => "extended",
        EffectKind::Removed => "removed",
        EffectKind::Below => "below",
    };
    let status = match step.status {
        EffectStatus::Wins => "wins",
        EffectStatus::Shares => "shares",
        EffectStatus::Overridden => "overridden",
    };
    json!({
        "layer": layer(step.written.layer),
        "place": place(&step.written.location),
        "effect": effect,
        "status": status,
        "value": step.value.as_ref().map(value),
    })
}

fn layer(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Defaults => "defaults",
        LayerKind::Preset => "preset",
        LayerKind::File => "file",
        LayerKind::Set => "flag",
    }
}

fn reached(reached: &AffectedField) -> Value {
    let way = match reached.effect {
        Effect::Direct => "whole",
        Effect::Computed => "computed",
    };
    json!({
        "object": object(&reached.object),
        "path": reached.path.to_string(),
        "way": way,
        "template": place(&reached.template),
        "expression": reached.expression,
    })
}

fn looked(looked: &SettingUse) -> Value {
    json!({ "template": place(&looked.template), "line": looked.line })
}

fn field(field: &Field, made: Made<'_>) -> Value {
    let (by, template, expression, reads) = match &field.provenance {
        Provenance::TemplateText { template } => ("text", Some(template), None, Vec::new()),
        Provenance::Program => ("program", None, None, Vec::new()),
        Provenance::Expression { text, template, reads } => (
            "expression",
            Some(template),
            Some(text),
            reads.iter().map(|one| read(one, template, made)).collect(),
        ),
    };
    json!({
        "object": object(&field.object),
        "path": field.path.to_string(),
        "value": value(&field.value),
        "by": by,
        "template": template.map(place),
        "expression": expression,
        "reads": reads,
    })
}

fn read(read: &ValueRead, user: &Location, made: Made<'_>) -> Value {
    let written =
        |written: &LayerLocation| json!({ "layer": layer(written.layer), "place": place(&written.location) });
    json!({
        "name": read.name,
        "setting": read.setting.as_ref().map(ToString::to_string),
        "written": read.written.as_ref().map(written),
        "made": made(user, &read.name).filter(|_| read.setting.is_none()).as_ref().map(place),
    })
}

fn object(identity: &Identity) -> Value {
    json!({
        "apiVersion": identity.api_version,
        "kind": identity.kind,
        "namespace": identity.namespace,
        "name": identity.name,
    })
}

fn place(place: &Location) -> Value {
    json!({ "file": place.file, "line": place.line, "column": place.column })
}

/// A value as JSON has it: numbers beyond a double lose digits here, as they do in most readers.
fn value(node: &Node) -> Value {
    serde_json::from_str(&print_json(node)).unwrap_or_default()
}
