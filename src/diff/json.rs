//! Differences for programs.

use serde_json::{Value, json};

use super::{Change, Edit, FieldChange, Line, Path, Shown, Side, Step, What};
use crate::yaml::from_node;

/// The differences as one JSON object that ends in a line break: `{"changes": […], "summary": {"added": 0, "removed": 0,
/// "changed": 1}}`. A change has `change` (`added`, `removed`, `changed`), `object` and, if it is `changed`, its `fields`: a
/// `path` for people, the same as `steps`, a `change` (`added`, `removed`, `changed`, `text`, `reordered`) and, as it has
/// them, `old` and `new` or `lines`. Secrets are `"***"`; a value that is one as a whole has `"secret": true`.
pub fn write_json(changes: &[Change]) -> String {
    let count = |word: &str| changes.iter().filter(|change| name(&change.what) == word).count();
    let report = json!({
        "changes": as_json(changes),
        "summary": {"added": count("added"), "removed": count("removed"), "changed": count("changed")},
    });
    format!("{report:#}\n")
}

/// The list under `changes`.
pub fn as_json(changes: &[Change]) -> Value {
    changes.iter().map(object).collect()
}

fn name(what: &What) -> &'static str {
    match what {
        What::Added => "added",
        What::Removed => "removed",
        What::Changed(_) => "changed",
    }
}

fn object(Change { object, what }: &Change) -> Value {
    let mut entry = json!({
        "change": name(what),
        "object": {
            "apiVersion": object.api_version,
            "kind": object.kind,
            "namespace": object.namespace,
            "name": object.name,
        },
    });
    if let What::Changed(fields) = what {
        entry["fields"] = fields.iter().map(field).collect();
    }
    entry
}

fn field(FieldChange { path, edit }: &FieldChange) -> Value {
    let mut entry = json!({"path": path.to_string(), "steps": steps(path)});
    match edit {
        Edit::Added(new) => fill(&mut entry, "added", &[("new", new)]),
        Edit::Removed(old) => fill(&mut entry, "removed", &[("old", old)]),
        Edit::Changed(old, new) => fill(&mut entry, "changed", &[("old", old), ("new", new)]),
        Edit::Text(lines) => {
            entry["change"] = "text".into();
            entry["lines"] = lines.iter().map(line).collect();
        }
        Edit::Reordered(old, new) => {
            entry["change"] = "reordered".into();
            entry["old"] = json!(old);
            entry["new"] = json!(new);
        }
    }
    entry
}

fn fill(entry: &mut Value, change: &str, values: &[(&str, &Shown)]) {
    entry["change"] = change.into();
    for (key, shown) in values {
        // A tree of strings, numbers, lists and maps always decodes.
        entry[*key] = from_node(&shown.node).unwrap_or(Value::Null);
        if shown.secret {
            entry["secret"] = true.into();
        }
    }
}

fn line(Line { side, number, text }: &Line) -> Value {
    let side = match side {
        Side::Both => "both",
        Side::Old => "old",
        Side::New => "new",
    };
    json!({"side": side, "line": number, "text": text})
}

fn steps(path: &Path) -> Value {
    let step = |step: &Step| match step {
        Step::Key(key) => json!(&**key),
        Step::Index(index) => json!(index),
        Step::Item(parts) => parts.iter().map(|(key, value)| (key.to_string(), json!(&**value))).collect(),
        Step::Member(value) => json!({"value": &**value}),
    };
    path.0.iter().map(step).collect()
}
