//! Plain manifests: scalars as Kubernetes will read them, because others apply the text as it stands.

use std::sync::Arc;

use super::table::{Shape, Type};
use super::trail::Trail;
use super::walk::{Walk, noun};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Location;
use crate::yaml::{Entry, Kind, Node, Scalar, Style, Value, resolve_kubernetes, same_in_yaml_1_1};

/// What becomes of the text that is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppliedText {
    /// The tree is printed anew: a plain scalar is text where only text can be meant.
    #[default]
    Reprinted,
    /// Kubernetes reads the very text, by the rules of YAML 1.1.
    Verbatim,
}

/// Whether a check goes on with a scalar or has said all there is to say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    GoOn,
    Reported,
}

/// Makes of a plain scalar what Kubernetes makes of it.
pub(super) fn settle(walk: &Walk<'_>, of: Type, node: &mut Node, trail: &Trail<'_>) -> Settled {
    let Some((kind, text)) = read(walk, node) else { return Settled::GoOn };
    if matches!(of.shape, Shape::Text(_)) {
        let message = format!(
            "`{}` must be {}, and Kubernetes reads {} here",
            trail.name(),
            noun(of.shape),
            kind_noun(kind)
        );
        let finding = Diagnostic::error(Code::K003, message).help("write quotes around it");
        walk.report(finding, Location::value(node), trail);
        return Settled::Reported;
    }
    let Value::Scalar(scalar) = &mut node.value else { return Settled::GoOn };
    let alike = same_in_yaml_1_1(&scalar.text);
    *scalar = Scalar { text: Arc::from(text), kind, style: Style::Plain };
    if !alike {
        let text = &scalar.text;
        let message =
            format!("`{}` reads differently in YAML 1.1 and 1.2; Kubernetes reads `{text}`", trail.name());
        let help = format!("write `{text}`");
        walk.report(Diagnostic::warning(Code::Y007, message).help(help), Location::value(node), trail);
    }
    Settled::GoOn
}

/// Reports a plain key that Kubernetes takes for something else (Y007).
pub(super) fn check_key(walk: &Walk<'_>, key: &str, entry: &Entry, trail: &Trail<'_>) {
    if walk.applied_text == AppliedText::Reprinted {
        return;
    }
    let Some((_, text)) = resolve_kubernetes(key).filter(|(_, text)| text != key) else { return };
    if walk.session.text(entry.key_span) != key {
        return;
    }
    let message = format!("Kubernetes reads the key `{key}` as `{text}`");
    let finding = Diagnostic::error(Code::Y007, message).help(format!("quote it: `\"{key}\"`"));
    walk.report(finding, Location::key(walk.session, entry), trail);
}

/// What Kubernetes reads in a plain scalar of a text as it stands, unless it is a string or nothing.
fn read(walk: &Walk<'_>, node: &Node) -> Option<(Kind, String)> {
    let scalar = node.as_scalar()?;
    let as_written = walk.applied_text == AppliedText::Verbatim && scalar.style == Style::Plain;
    if !as_written || scalar.kind == Kind::Null {
        return None;
    }
    resolve_kubernetes(&scalar.text)
}

fn kind_noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "nothing",
        Kind::Bool => "a boolean",
        Kind::Int | Kind::Float => "a number",
        Kind::Str => "a string",
    }
}
