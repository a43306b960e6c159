//! The types of plain scalars, with what the schema wants in view: `yes` is a text where only a text can be meant.
//!
//! A plain scalar has no type of its own: `1.10` is a number to YAML and a version to its author. Where the schema can
//! only mean a string, the text as it was written is kept, so it needs no quotes. Where the schema leaves the
//! choice, YAML 1.2 core decides, and a scalar that YAML 1.1 would read as something else is warned of: Helm and
//! kubectl read YAML 1.1.
//!
//! | written | the schema wants | becomes |
//! |---|---|---|
//! | `1.10`, `yes`, `0777` | a string | that text |
//! | `~`, nothing | a string | null: nothing is there |
//! | `yes` | a boolean | the text `yes`, which the check against the schema refuses |
//! | `yes`, `0777` | anything, or a string or an integer | what YAML 1.2 says, and Y007 |
//! | `.inf`, `1e999` | not only a string | Y008 |
//!
//! Two walks, because flags take the first alone. What is in quotes or a block is text to every reader.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Node, Style, Types, Value, WantRef, resolve_core, same_in_yaml_1_1};

/// Where only a string can be meant, a plain scalar becomes the text as it was written; a plain null stays null.
/// What is still undecided and reads differently in YAML 1.1 is warned of (Y007).
pub(super) fn type_plain_scalars(session: &Session, root: &mut Arc<Node>, want: WantRef<'_>) {
    // Copied only to be changed.
    if !has_wanted_types(root, want) {
        give_wanted_types(session, Arc::make_mut(root), want);
    }
    warn_of_lookalikes(session, root, want);
}

/// Whether [`give_wanted_types`] would change nothing, and report nothing.
fn has_wanted_types(node: &Node, want: WantRef<'_>) -> bool {
    match &node.value {
        Value::Scalar(scalar) if scalar.style != Style::Plain || scalar.kind == Kind::Null => true,
        Value::Scalar(scalar) if want.types().only_string() => scalar.kind == Kind::Str,
        Value::Scalar(scalar) => scalar.as_f64().is_none_or(f64::is_finite),
        Value::List(items) => {
            want.item().is_none_or(|want| items.iter().all(|item| has_wanted_types(item, want)))
        }
        Value::Map(map) => map
            .iter()
            .all(|(key, entry)| want.property(key).is_none_or(|want| has_wanted_types(&entry.node, want))),
    }
}

/// Gives plain scalars the wanted type, and refuses numbers that no one can hold.
pub(super) fn give_wanted_types(session: &Session, node: &mut Node, want: WantRef<'_>) {
    let span = node.span;
    match &mut node.value {
        Value::Scalar(scalar) => {
            // What was quoted is a string already, unless a tag says otherwise; and a null says that nothing is there.
            if scalar.style != Style::Plain || scalar.kind == Kind::Null {
                return;
            }
            if want.types().only_string() {
                // The lexeme is the scalar's text already, so only its kind changes.
                scalar.kind = Kind::Str;
            } else if scalar.as_f64().is_some_and(|number| !number.is_finite()) {
                refuse_number(session, span);
            }
        }
        Value::List(items) => {
            if let Some(want) = want.item() {
                items.iter_mut().for_each(|item| give_wanted_types(session, item, want));
            }
        }
        Value::Map(map) => {
            // Keys that the schema refuses keep what YAML makes of their values: they are an error anyway.
            for (key, entry) in map {
                if let Some(want) = want.property(key) {
                    give_wanted_types(session, &mut entry.node, want);
                }
            }
        }
    }
}

/// Reports a number that is infinite or none (Y008).
fn refuse_number(session: &Session, span: Span) {
    let message = "this is a number that JSON and Kubernetes cannot hold";
    let finding = Diagnostic::error(Code::Y008, message).at(span, "this number");
    session.report(finding.help("write a finite number, or quote it if text is meant"));
}

/// Warns of plain scalars and keys that a YAML 1.1 reader takes for something else. What is hidden is not repeated.
fn warn_of_lookalikes(session: &Session, node: &Node, want: WantRef<'_>) {
    match &node.value {
        Value::Scalar(scalar) => {
            let types = want.types();
            // Quotes decide, and so does the schema: of a boolean look-alike it says itself what is wrong.
            let decided = scalar.style != Style::Plain || types.only_boolean() || types.only_string();
            if !decided && !same_in_yaml_1_1(&scalar.text) {
                let hidden = session.source(node.span.source).hides_in(node.span.range());
                session.report(lookalike_value(&scalar.text, node.span, types, hidden));
            }
        }
        Value::List(items) => {
            if let Some(want) = want.item() {
                items.iter().for_each(|item| warn_of_lookalikes(session, item, want));
            }
        }
        Value::Map(map) => {
            for (key, entry) in map {
                warn_of_key(session, key, entry, want);
                if let Some(want) = want.property(key) {
                    warn_of_lookalikes(session, &entry.node, want);
                }
            }
        }
    }
}

/// The warning about a value. The text of a secret would stand in the proposed edit, so there it has none.
fn lookalike_value(text: &str, span: Span, types: Types, hidden: bool) -> Diagnostic {
    let message = format!("YAML 1.1 readers see {} in this value", what_others_see(text));
    let finding = Diagnostic::warning(Code::Y007, message).at(span, "plain scalar");
    if !types.allows(Types::STRING) {
        return finding.help("write it in plain decimal digits, without leading zeros or an exponent");
    }
    let finding = finding.help("quote it if text is meant");
    if hidden { finding } else { finding.patch(span, format!("\"{text}\"")) }
}

/// Keys are always strings; a boolean word as a key is warned of unless it is quoted or the schema names it.
fn warn_of_key(session: &Session, key: &str, entry: &Entry, want: WantRef<'_>) {
    // No word for a boolean has more than three letters that YAML 1.2 takes for text: `yes`, `off`, `n`.
    let word = resolve_core(key) == Kind::Str && key.len() <= 3 && !same_in_yaml_1_1(key);
    if !word || want.names(key) {
        return;
    }
    // A key in quotes is longer than its text.
    let written = session.text(entry.key_span);
    if written != key {
        return;
    }
    let message = format!("YAML 1.1 readers see {} in the key `{key}`", what_others_see(key));
    let finding = Diagnostic::warning(Code::Y007, message).at(entry.key_span, "plain key");
    let quoted = format!("\"{key}\"");
    session.report(finding.help(format!("quote it: `{quoted}`")).patch(entry.key_span, quoted));
}

/// What YAML 1.1 readers see in a text of which [`same_in_yaml_1_1`] says that it is not the same, as a phrase.
fn what_others_see(text: &str) -> &'static str {
    if text.chars().all(|character| character.is_ascii_alphabetic()) {
        "a boolean"
    } else if resolve_core(text) == Kind::Str {
        "a number, a time or a date"
    } else {
        "another number, or text,"
    }
}
