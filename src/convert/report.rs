//! What is said of a conversion: for people, and for programs.

use serde_json::{Value, json};

use super::compare::{ComparedObject, Comparison, Outcome};
use super::draft::Converted;
use super::note::Note;
use crate::diff;
use crate::formats::{Style, json_text};
use crate::source::escaped;

/// The conversion for people; `folder` is where it was written.
pub fn write_human(converted: &Converted, folder: &str, style: Style) -> String {
    let templates = converted.files.keys().filter(|path| path.starts_with("templates/")).count();
    let schema = if converted.has_own_schema { "its own schema" } else { "an inferred schema" };
    let mut text = format!(
        "`{}` is now in {folder}: {}, {schema}\n",
        escaped(&converted.name),
        counted(templates, "template")
    );
    for comparison in &converted.comparisons {
        text.push('\n');
        write_comparison(comparison, style, &mut text);
    }
    if !converted.notes.is_empty() {
        text.push_str("\nleft to you, with a comment in its place:\n");
        for note in &converted.notes {
            text.push_str(&format!("  {}\n", escaped(&said(note))));
        }
    }
    if !converted.left_out.is_empty() {
        text.push_str("\nnot converted:\n");
        for left in &converted.left_out {
            text.push_str(&format!("  {}\n", escaped(left)));
        }
    }
    text
}

fn said(note: &Note) -> String {
    let action = note.action.split_whitespace().collect::<Vec<_>>().join(" ");
    match action.is_empty() {
        true => format!("{}:{}: {}", note.file, note.line, note.why),
        false => format!("{}:{}: {action}: {}", note.file, note.line, note.why),
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn write_comparison(comparison: &Comparison, style: Style, text: &mut String) {
    let values = escaped(&comparison.values);
    if let Some(refused) = &comparison.refused {
        text.push_str(&format!("{values}: the Helm chart does not render: {}\n", escaped(refused)));
        return;
    }
    let all = comparison.objects.len();
    let equal = comparison.equal();
    let line = match all - equal {
        0 if all == 0 => format!("{values}: no objects\n"),
        0 if all == 1 => format!("{values}: the object is equal\n"),
        0 => format!("{values}: all {all} objects are equal\n"),
        _ => format!("{values}: {equal} of {} equal\n", counted(all, "object")),
    };
    text.push_str(&line);
    for one in &comparison.objects {
        let place = escaped(&one.template);
        match &one.outcome {
            Outcome::Equal => {}
            Outcome::Differs(change) => {
                text.push_str(&diff::write_objects(std::slice::from_ref(change), style, "  "));
            }
            other => {
                text.push_str(&format!(
                    "  {}: {} ({place})\n",
                    escaped(&one.object.to_string()),
                    word(other)
                ));
            }
        }
    }
    for failure in &comparison.failures {
        text.push_str(&format!(
            "  {} could not be rendered: {}\n",
            escaped(&failure.template),
            escaped(&failure.message)
        ));
    }
    if comparison.of_dependencies > 0 {
        let count = counted(comparison.of_dependencies, "object");
        text.push_str(&format!("  {count} of dependencies left out\n"));
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Equal => "equal",
        Outcome::Differs(_) => "differs",
        Outcome::Missing => "missing",
        Outcome::Added => "added",
        Outcome::NotRendered => "not rendered",
    }
}

/// The conversion for programs.
pub fn write_json(converted: &Converted, folder: &str) -> String {
    let notes: Vec<Value> = converted
        .notes
        .iter()
        .map(|note| json!({"file": note.file, "line": note.line, "action": note.action, "why": note.why}))
        .collect();
    let comparisons: Vec<Value> = converted.comparisons.iter().map(comparison_entry).collect();
    json_text(&json!({
        "chart": converted.name,
        "folder": folder,
        "files": converted.files.keys().collect::<Vec<_>>(),
        "ownSchema": converted.has_own_schema,
        "equal": converted.is_equal(),
        "comparisons": comparisons,
        "notes": notes,
        "notConverted": converted.left_out,
    }))
}

fn comparison_entry(comparison: &Comparison) -> Value {
    let objects: Vec<Value> = comparison.objects.iter().map(object_entry).collect();
    let failures: Vec<Value> = comparison
        .failures
        .iter()
        .map(|failure| json!({"template": failure.template, "message": failure.message}))
        .collect();
    json!({
        "values": comparison.values,
        "equal": comparison.is_equal(),
        "refused": comparison.refused,
        "objects": objects,
        "failures": failures,
        "ofDependencies": comparison.of_dependencies,
    })
}

fn object_entry(one: &ComparedObject) -> Value {
    let object = &one.object;
    let changes = match &one.outcome {
        Outcome::Differs(change) => diff::as_json(std::slice::from_ref(change)),
        _ => Value::Null,
    };
    let fields = changes.get(0).and_then(|change| change.get("fields")).cloned();
    json!({
        "object": {
            "apiVersion": object.api_version,
            "kind": object.kind,
            "namespace": object.namespace,
            "name": object.name,
        },
        "template": one.template,
        "outcome": word(&one.outcome),
        "fields": fields,
    })
}
