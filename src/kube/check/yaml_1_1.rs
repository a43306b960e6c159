//! Plain scalars that YAML 1.1 and YAML 1.2 read differently (Y007): `yes`, `0644`, `1_000`, `1:30`.
//!
//! Kubernetes reads manifests by YAML 1.1, and Plimsoll by the core schema of YAML 1.2. What follows depends on which
//! text is applied to the cluster ([`AppliedText`]) and on whether the type of the place is known:
//!
//! | | the type is known | it is not |
//! |---|---|---|
//! | printed anew | an error for integers such as `0644`; else nothing, as texts get quotes | a warning |
//! | the file itself | it is read as Kubernetes reads it: an error if that is no string where one must stand, a warning if it is another value | a warning |
//!
//! `0644` is 644 in YAML 1.2 and octal, 420, in YAML 1.1. To print it anew would be to choose one of them, so its
//! author has to choose. Where the type is not known, what is meant is not known either, and nothing is changed.

use std::sync::Arc;

use super::patches::{in_quotes, is_in_file};
use super::type_mismatch::noun;
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::{Shape, Type};
use crate::kube::context::{AppliedText, Context, Position};
use crate::manifest::Location;
use crate::yaml::{Entry, Kind, Node, Scalar, Style, Value, resolve_kubernetes, same_in_yaml_1_1};

/// Makes of a plain scalar what Kubernetes makes of it, where the file itself is applied.
///
/// Returns whether there may be more to be said of the value: not where a string must stand and Kubernetes reads something
/// else (K003).
pub(super) fn resolve_plain(position: Position<'_>, of: Type, node: &mut Node) -> bool {
    let Some((kind, text)) = kubernetes_value(position.context, node) else { return true };
    // Printed anew it would get quotes; a file that is applied as it stands keeps none.
    if matches!(of.shape, Shape::Text(_)) {
        let message = format!(
            "`{}` must be {}, and Kubernetes reads {} here",
            position.name(),
            noun(of.shape),
            kind_noun(kind)
        );
        let finding = Diagnostic::error(Code::K003, message).help("write quotes around it");
        let finding = in_quotes(position.context.session, finding, node);
        position.report(finding, Location::value(node));
        return false;
    }
    let Value::Scalar(scalar) = &mut node.value else { return true };
    // Asked of the text as it was written, before it is replaced.
    let same = same_in_yaml_1_1(&scalar.text);
    *scalar = Scalar { text: Arc::from(text), kind, style: Style::Plain };
    if !same {
        let text = &scalar.text;
        let message =
            format!("`{}` reads differently in YAML 1.1 and 1.2; Kubernetes reads `{text}`", position.name());
        let finding = Diagnostic::warning(Code::Y007, message).help(format!("write `{text}`"));
        let finding = match is_in_file(position.context.session, node.span) {
            true => finding.patch(node.span, &**text),
            false => finding,
        };
        position.report(finding, Location::value(node));
    }
    true
}

/// What Kubernetes reads in a plain scalar of a file that is applied as it stands, unless it is a string or null.
fn kubernetes_value(context: &Context<'_>, node: &Node) -> Option<(Kind, String)> {
    let scalar = node.as_scalar()?;
    // What is in quotes or a block is a string to every reader.
    let verbatim = context.target.applied_text == AppliedText::Verbatim && scalar.style == Style::Plain;
    if !verbatim || scalar.kind == Kind::Null {
        return None;
    }
    resolve_kubernetes(&scalar.text)
}

/// Reports a plain key that Kubernetes takes for something else. The position is that of the entry.
///
/// Only of a file that is applied as it stands: keys that are printed anew are quoted where they have to be.
pub(super) fn check_key(position: Position<'_>, key: &str, entry: &Entry) {
    let context = position.context;
    if context.target.applied_text == AppliedText::Reprinted {
        return;
    }
    let Some((_, text)) = resolve_kubernetes(key).filter(|(_, text)| text != key) else { return };
    // A key in quotes is a string to everybody. The tree does not keep quotes of keys; the source has them.
    if context.session.text(entry.key_span) != key {
        return;
    }
    let message = format!("Kubernetes reads the key `{key}` as `{text}`");
    let finding = Diagnostic::error(Code::Y007, message).help(format!("quote it: `\"{key}\"`"));
    position.report(finding, Location::key(context.session, entry));
}

/// Warns of ambiguous plain scalars in a value whose type is not known, and in everything below it.
pub(super) fn check_untyped(position: Position<'_>, node: &Node) {
    match &node.value {
        Value::Map(map) => {
            for (key, entry) in map {
                let path = position.path.key(key, entry.key_span);
                let below = position.at_path(&path);
                check_key(below, key, entry);
                check_untyped(below, &entry.node);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                check_untyped(position.at_path(&position.path.index(index)), item);
            }
        }
        Value::Scalar(scalar) => {
            // A bound value was read with its own schema in view, and warned about there.
            let plain = scalar.style == Style::Plain && node.origin.is_none();
            if !plain || scalar.kind == Kind::Null || same_in_yaml_1_1(&scalar.text) {
                return;
            }
            let message = format!("`{}` reads differently in YAML 1.1 and 1.2", position.name());
            let help = "write quotes around it if it is text, else `true`, `false` or a decimal number";
            let finding = Diagnostic::warning(Code::Y007, message).help(help);
            position.report(finding, Location::value(node));
        }
    }
}

/// Whether an integer such as `0644` is octal to Kubernetes and decimal to YAML 1.2. `0o644` can only be meant as
/// octal, and is printed in decimal.
pub(super) fn is_ambiguous_integer(scalar: &Scalar) -> bool {
    scalar.style == Style::Plain && !same_in_yaml_1_1(&scalar.text) && !scalar.text.starts_with("0o")
}

/// Reports an integer such as `0644`.
pub(super) fn report_ambiguous_integer(position: Position<'_>, node: &Node) {
    let message = format!("`{}` reads differently in YAML 1.1 and 1.2", position.name());
    let help = "write a leading `0o` if it is octal, and no leading zero if it is decimal";
    position.report(Diagnostic::error(Code::Y007, message).help(help), Location::value(node));
}

/// What messages call a value that Kubernetes reads. An integer and a float are one thing to JSON.
fn kind_noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "nothing",
        Kind::Bool => "a boolean",
        Kind::Int | Kind::Float => "a number",
        Kind::Str => "a string",
    }
}
