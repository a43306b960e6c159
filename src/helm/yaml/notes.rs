//! What Helm's reading of YAML makes of a text that is not what was written.

use super::scalar::Resolved;
use crate::helm::numbers;
use crate::source::Span;

/// What Helm's reading made of a value or a key that says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What kind of corruption it is.
    pub kind: NoteKind,
    /// The place of the value or key.
    pub span: Span,
    /// What was written.
    pub written: String,
    /// What it became.
    pub became: String,
}

/// What kind of corruption it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// A number that a `float64` cannot hold: `12345678901234567890`.
    LostDigits,
    /// A number that is written in another form: `1.10` becomes `1.1`, `1e3` becomes `1000`.
    Rewritten,
    /// A number with a prefix or a leading zero: `0777` becomes `511`.
    Radix,
    /// A number with `_` in it: `1_000` becomes `1000`.
    Underscores,
    /// A word that is a boolean to YAML 1.1: `NO`.
    Word,
    /// A key that is no string: `y:` becomes `true`.
    Key,
    /// A key that was set before in the same map: the last one wins.
    Duplicate,
    /// What stands behind the document: Helm reads one document of a text, up to where its indentation ends.
    Dropped,
    /// A key that a merge (`<<`) behind it replaces.
    Merge,
    /// What begins with `!` and is not in quotes: a tag, which Helm does not know and leaves out. Nothing of it is named,
    /// as it may be a secret.
    Tag,
}

/// What is wrong with what a plain scalar became: the kind, and what it became.
pub(super) fn of_scalar(text: &str, resolved: Resolved) -> Option<(NoteKind, String)> {
    match resolved {
        Resolved::Bool(value) => {
            let lower = text.to_ascii_lowercase();
            (lower != "true" && lower != "false").then(|| (NoteKind::Word, value.to_string()))
        }
        Resolved::Int(value) => of_integer(text, value),
        Resolved::Float(value) if value.is_finite() => of_float(text, value),
        _ => None,
    }
}

fn of_integer(text: &str, value: i128) -> Option<(NoteKind, String)> {
    #[expect(clippy::cast_precision_loss, reason = "what is lost is looked for")]
    let read = value as f64;
    #[expect(clippy::cast_possible_truncation, reason = "the number is one of 64 bits")]
    let kept = read as i128;
    let became = numbers::json(read)?;
    if kept != value {
        return Some((NoteKind::LostDigits, became));
    }
    if text == became {
        return None;
    }
    let kind = if text.contains('_') {
        NoteKind::Underscores
    } else if text.trim_start_matches(['+', '-']).starts_with('0') {
        NoteKind::Radix
    } else {
        NoteKind::Rewritten
    };
    Some((kind, became))
}

fn of_float(text: &str, value: f64) -> Option<(NoteKind, String)> {
    let became = numbers::json(value)?;
    if text == became {
        return None;
    }
    let kind = if text.contains('_') {
        NoteKind::Underscores
    } else if digits(text) == digits(&became) {
        NoteKind::Rewritten
    } else {
        NoteKind::LostDigits
    };
    Some((kind, became))
}

/// The digits of a number that say how large it is, without zeros around them.
fn digits(text: &str) -> String {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}
