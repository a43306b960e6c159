//! Differences for programs, in the form that `docs/diff.md` describes.
//!
//! ```json
//! {"changes": [{"change": "changed",
//!               "object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "web"},
//!               "fields": [{"path": "spec.replicas", "steps": ["spec", "replicas"], "change": "changed", "old": 1, "new": 2}]}],
//!  "summary": {"added": 0, "removed": 0, "changed": 1}}
//! ```

use serde_json::{Value, json};

use super::changes::{
    ChangeKind, FieldChange, FieldEdit, FieldPath, MaskedValue, ObjectChange, PathStep, Side, TextLine, count,
};
use crate::formats::json_text;
use crate::yaml::from_node;

/// The differences as one JSON object that ends in a line break:
/// `{"changes": […], "summary": {"added": 0, "removed": 0, "changed": 1}}`. A change has `change` (`added`, `removed`,
/// `changed`), `object` and, if it is `changed`, its `fields`: a `path` for people, the same as `steps`, a `change`
/// (`added`, `removed`, `changed`, `text`, `reordered`) and, as it has them, `old` and `new` or `lines`. Secrets are
/// `"***"`; a value that is one as a whole has `"secret": true`.
pub fn write_json(changes: &[ObjectChange]) -> String {
    let count = |word| count(changes, word);
    let report = json!({
        "changes": as_json(changes),
        "summary": {"added": count("added"), "removed": count("removed"), "changed": count("changed")},
    });
    json_text(&report)
}

/// The list under `changes`.
pub fn as_json(changes: &[ObjectChange]) -> Value {
    changes.iter().map(object_entry).collect()
}

/// An entry of `changes`. Objects that came or went have no `fields`: all of theirs did.
fn object_entry(ObjectChange { object, kind }: &ObjectChange) -> Value {
    let mut entry = json!({
        "change": kind.word(),
        "object": {
            "apiVersion": object.api_version,
            "kind": object.kind,
            "namespace": object.namespace,
            "name": object.name,
        },
    });
    if let ChangeKind::Changed(fields) = kind {
        entry["fields"] = fields.iter().map(field_entry).collect();
    }
    entry
}

/// An entry of `fields`.
fn field_entry(FieldChange { path, edit }: &FieldChange) -> Value {
    let mut entry = json!({"path": path.to_string(), "steps": steps(path)});
    match edit {
        FieldEdit::Added(new) => fill(&mut entry, "added", &[("new", new)]),
        FieldEdit::Removed(old) => fill(&mut entry, "removed", &[("old", old)]),
        FieldEdit::Changed(old, new) => fill(&mut entry, "changed", &[("old", old), ("new", new)]),
        FieldEdit::Text(lines) => {
            entry["change"] = "text".into();
            entry["lines"] = lines.iter().map(line_entry).collect();
        }
        FieldEdit::Reordered(old, new) => {
            entry["change"] = "reordered".into();
            entry["old"] = json!(old);
            entry["new"] = json!(new);
        }
    }
    entry
}

/// Writes values under their keys, and whether one of them is a secret as a whole.
fn fill(entry: &mut Value, change: &str, values: &[(&str, &MaskedValue)]) {
    entry["change"] = change.into();
    for (key, shown) in values {
        // A tree of strings, numbers, lists and maps always decodes; null in its place if that should ever be wrong,
        // since the other changes still hold.
        entry[*key] = from_node(&shown.node).unwrap_or(Value::Null);
        if shown.secret {
            entry["secret"] = true.into();
        }
    }
}

fn line_entry(TextLine { side, number, text }: &TextLine) -> Value {
    let side = match side {
        Side::Both => "both",
        Side::Old => "old",
        Side::New => "new",
    };
    json!({"side": side, "line": number, "text": text})
}

/// The path for programs: a string is a key, a number an index, a map the item with these values, as in
/// `["spec", "ports", {"port": "80", "protocol": "TCP"}]`. The member of a set is a map with the one key `value`: a
/// bare string would look like a key.
///
/// Values of keys are strings even where the manifest has a number, since that is how items are matched.
fn steps(path: &FieldPath) -> Value {
    let step = |step: &PathStep| match step {
        PathStep::Key(key) => json!(&**key),
        PathStep::Index(index) => json!(index),
        PathStep::Item(parts) => {
            parts.iter().map(|(key, value)| (key.to_string(), json!(&**value))).collect()
        }
        PathStep::Member(value) => json!({"value": &**value}),
    };
    path.0.iter().map(step).collect()
}
