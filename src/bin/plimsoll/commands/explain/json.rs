//! The answers of `plimsoll explain` for programs: one JSON object each, described in `docs/explain.md`.
//!
//! The names of fields are a contract: some of them differ from those of the types that they come from.
//!
//! ```json
//! {"fields": [{"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "web"},
//!              "path": "spec.replicas", "value": 3, "by": "expression",
//!              "template": {"file": "charts/web/templates/web.yaml", "line": 8, "column": 16},
//!              "expression": "values.replicas",
//!              "reads": [{"name": "values.replicas", "setting": "replicas", "made": null,
//!                         "written": {"layer": "file", "place": {"file": "values.yaml", "line": 4, "column": 11}}}]}]}
//! ```
//!
//! What is not known is `null` and not left out, so that a program finds every key in every answer.

use plimsoll::explain::{
    AffectedField, ChildSetting, Field, HistoryEntry, Influence, InputValue, LayerLocation, Location,
    PrintedBy, Provenance, Setting, SettingEffects, SettingUse, ValueRead, VariableDefinitions,
};
use plimsoll::formats::json_text;
use plimsoll::manifest::Identity;
use plimsoll::schema::{SettingDocs, SettingRule, SettingRuleKind};
use plimsoll::values::{EffectKind, EffectStatus, LayerKind};
use plimsoll::yaml::{self, Merge, Node, print_json};
use serde_json::{Value, json};

/// A setting. `effects` are none where the values do not render.
pub fn setting(setting: &Setting, effects: Option<&SettingEffects>) -> String {
    pretty(&json!({
        "setting": setting.path.to_string(),
        "schema": setting.about.as_ref().map(about),
        "default": setting.default.as_ref().map(value),
        "value": setting.value.as_ref().map(value),
        "keys": setting.children.iter().map(child).collect::<Vec<_>>(),
        "rules": setting.rules.iter().map(rule).collect::<Vec<_>>(),
        "layers": setting.history.iter().map(history_entry).collect::<Vec<_>>(),
        "fields": effects.map(|effects| effects.fields.iter().map(affected_field).collect::<Vec<_>>()),
        "looks": effects.map(|effects| effects.uses.iter().map(setting_use).collect::<Vec<_>>()),
    }))
}

/// Fields of one object.
pub fn fields(fields: &[Field], definitions: &VariableDefinitions<'_>) -> String {
    pretty(&json!({ "fields": fields.iter().map(|one| field(one, definitions)).collect::<Vec<_>>() }))
}

/// Indented, with a line break at the end.
fn pretty(answer: &Value) -> String {
    json_text(&answer)
}

/// What the schema says of a setting.
fn about(about: &SettingDocs) -> Value {
    let merge = match &about.merge {
        Merge::Replace => json!("replace"),
        Merge::Append => json!("append"),
        Merge::By(key) => json!({ "by": **key }),
    };
    json!({
        "description": about.description,
        "type": about.type_name,
        "limits": about.limits,
        "merge": merge,
        "secret": about.secret,
        "generated": about.generate.is_some(),
    })
}

fn child(child: &ChildSetting) -> Value {
    json!({
        "key": child.name,
        "schema": child.about.as_ref().map(about),
        "value": child.value.as_ref().map(value),
    })
}

fn rule(rule: &SettingRule) -> Value {
    let kind = match rule.kind {
        SettingRuleKind::Refused => "refused",
        SettingRuleKind::Warned => "warned",
        SettingRuleKind::Demanded => "demanded",
    };
    json!({ "kind": kind, "at": rule.at, "message": rule.message, "help": rule.help })
}

/// What one layer did to a setting.
fn history_entry(entry: &HistoryEntry) -> Value {
    let effect = match entry.effect {
        EffectKind::Set => "set",
        EffectKind::Joined => "joined",
        EffectKind::Extended => "extended",
        EffectKind::Removed => "removed",
        EffectKind::Below => "below",
    };
    let status = match entry.status {
        EffectStatus::Wins => "wins",
        EffectStatus::Shares => "shares",
        EffectStatus::Overridden => "overridden",
    };
    json!({
        "layer": layer(entry.written.layer),
        "place": location(&entry.written.location),
        "effect": effect,
        "status": status,
        "value": entry.value.as_ref().map(value),
        "inputs": entry.inputs.iter().map(input).collect::<Vec<_>>(),
    })
}

/// What a derived value was computed from.
fn input(input: &InputValue) -> Value {
    json!({
        "name": input.name,
        "written": input.written.as_ref().map(layer_location),
        "value": input.value.as_ref().map(value),
    })
}

fn layer(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Defaults => "defaults",
        LayerKind::Preset => "preset",
        LayerKind::Derived => "derived",
        LayerKind::File => "file",
        LayerKind::Set => "flag",
    }
}

fn affected_field(affected: &AffectedField) -> Value {
    let way = match affected.influence {
        Influence::Direct => "whole",
        Influence::Computed => "computed",
    };
    json!({
        "object": object(&affected.object),
        "path": affected.path.to_string(),
        "way": way,
        "template": location(&affected.template),
        "expression": affected.expression,
    })
}

fn setting_use(setting_use: &SettingUse) -> Value {
    json!({ "template": location(&setting_use.template), "line": setting_use.line })
}

fn field(field: &Field, definitions: &VariableDefinitions<'_>) -> Value {
    let (by, template, expression, reads, further) = match &field.provenance {
        Provenance::TemplateText { template } => ("text", Some(template), None, Vec::new(), Vec::new()),
        Provenance::Program => ("program", None, None, Vec::new(), Vec::new()),
        Provenance::Expression { text, template, reads, further } => (
            "expression",
            Some(template),
            Some(text),
            reads.iter().map(|read| value_read(read, template, definitions)).collect(),
            further.iter().map(printed_by).collect(),
        ),
    };
    json!({
        "object": object(&field.object),
        "path": field.path.to_string(),
        "value": value(&field.value),
        "by": by,
        "template": template.map(location),
        "expression": expression,
        "further": further,
        "reads": reads,
    })
}

fn printed_by(printed_by: &PrintedBy) -> Value {
    json!({ "template": location(&printed_by.template), "expression": printed_by.text })
}

/// `reader` is the expression that read the value.
fn value_read(read: &ValueRead, reader: &Location, definitions: &VariableDefinitions<'_>) -> Value {
    // A setting is defined where it was written; only what is none can be a variable.
    let definition = match read.setting {
        Some(_) => None,
        None => definitions.find(reader, &read.name),
    };
    json!({
        "name": read.name,
        "setting": read.setting.as_ref().map(ToString::to_string),
        "written": read.written.as_ref().map(layer_location),
        "made": definition.as_ref().map(location),
    })
}

fn layer_location(written: &LayerLocation) -> Value {
    json!({ "layer": layer(written.layer), "place": location(&written.location) })
}

fn object(identity: &Identity) -> Value {
    json!({
        "apiVersion": identity.api_version,
        "kind": identity.kind,
        "namespace": identity.namespace,
        "name": identity.name,
    })
}

fn location(location: &Location) -> Value {
    json!({ "file": location.file, "line": location.line, "column": location.column })
}

/// A value as JSON has it. Numbers beyond a double lose digits here, as they do in most readers.
fn value(node: &Node) -> Value {
    // Level by level and not as one text: serde_json refuses to read a text that is nested as deep as values may be.
    match &node.value {
        // What `print_json` prints is JSON; null stands for it should that ever be wrong, as the rest of the answer
        // still holds.
        yaml::Value::Scalar(_) => serde_json::from_str(&print_json(node)).unwrap_or(Value::Null),
        yaml::Value::List(items) => items.iter().map(value).collect(),
        yaml::Value::Map(map) => {
            map.iter().map(|(key, entry)| (key.to_string(), value(&entry.node))).collect()
        }
    }
}
