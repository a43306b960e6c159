//! Differences for people, and as one line each.
//!
//! ```text
//! ~ Deployment prod/web (apps/v1)
//!     ~ spec.replicas: 1 → 2
//!     + spec.template.spec.containers[name=web].resources:
//!         + limits:
//!         +   cpu: 100m
//! 1 changed
//! ```
//!
//! Names and values come from the input: what a terminal would act on is escaped.

use super::changes::{
    ChangeKind, FieldChange, FieldEdit, FieldPath, MaskedValue, ObjectChange, Side, TextLine, count,
};
use crate::formats::Style;
use crate::manifest::Identity;
use crate::source::escaped;
use crate::yaml::{Node, print_yaml};

/// The differences, object by object, and how many there are in a last line; empty when there are none. Removals are
/// red, additions green and changes yellow where colours are shown.
pub fn write_human(changes: &[ObjectChange], style: Style) -> String {
    let mut text = write_objects(changes, style, "");
    if !changes.is_empty() {
        text.push_str(&summary(changes));
    }
    text
}

/// The differences, object by object, each line behind an indent.
pub fn write_objects(changes: &[ObjectChange], style: Style, indent: &str) -> String {
    let mut writer = Writer { out: String::new(), style };
    for change in changes {
        // An object that came or went has a title and no fields.
        let (sign, fields) = match &change.kind {
            ChangeKind::Added => (Sign::Added, &[][..]),
            ChangeKind::Removed => (Sign::Removed, &[][..]),
            ChangeKind::Changed(fields) => (Sign::Changed, &fields[..]),
        };
        writer.line(sign, indent, &object_title(&change.object));
        for field in fields {
            writer.field(field, &format!("{indent}    "));
        }
    }
    writer.out
}

/// One line for each field that changed and for each object that came or went.
pub fn write_short(changes: &[ObjectChange]) -> String {
    let mut out = String::new();
    for change in changes {
        let name = object_title(&change.object);
        match &change.kind {
            ChangeKind::Added | ChangeKind::Removed => {
                out.push_str(&format!("{name}: {}\n", change.kind.word()));
            }
            ChangeKind::Changed(fields) => {
                for FieldChange { path, edit } in fields {
                    out.push_str(&format!("{name}: {path}: {}\n", short_edit(edit)));
                }
            }
        }
    }
    out
}

/// A title and its lines for each object, for writers of annotations:
/// `("Deployment prod/web (apps/v1)", "spec.replicas: 1 → 2")`. The lines are those of [`write_short`] without the
/// title, which would stand in front of each of them.
pub fn annotations(changes: &[ObjectChange]) -> Vec<(String, String)> {
    let annotation = |change: &ObjectChange| {
        let title = object_title(&change.object);
        let prefix = format!("{title}: ");
        let short = write_short(std::slice::from_ref(change));
        let lines = short.lines().map(|line| line.strip_prefix(&prefix).unwrap_or(line));
        let text = lines.collect::<Vec<_>>().join("\n");
        (title, text)
    };
    changes.iter().map(annotation).collect()
}

/// An object as `Deployment shop/web (apps/v1)`.
pub(super) fn object_title(object: &Identity) -> String {
    let Identity { api_version, kind, namespace, name, .. } = object;
    let folder = namespace.as_ref().map_or(String::new(), |namespace| format!("{namespace}/"));
    escaped(&format!("{kind} {folder}{name} ({api_version})"))
}

/// The last line: `2 changed, 1 added`.
fn summary(changes: &[ObjectChange]) -> String {
    // Changes first, as they are what most runs have; what there is none of is left out.
    let counts = ["changed", "added", "removed"].map(|word| (count(changes, word), word));
    let parts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    format!("{}\n", parts.collect::<Vec<_>>().join(", "))
}

/// What became of a field, in one line.
fn short_edit(edit: &FieldEdit) -> String {
    match edit {
        FieldEdit::Added(shown) => format!("added {}", one_line(shown)),
        FieldEdit::Removed(shown) => format!("removed {}", one_line(shown)),
        // Both sides are masked if one is (`compare` sees to that), so it is enough to ask the old one.
        FieldEdit::Changed(old, _) if old.secret => "changed ***".to_owned(),
        FieldEdit::Changed(old, new) => format!("{} → {}", one_line(old), one_line(new)),
        FieldEdit::Text(lines) => format!("{} lines differ", count_different(lines)),
        FieldEdit::Reordered(..) => "another order".to_owned(),
    }
}

/// How many lines only one of both texts has.
fn count_different(lines: &[TextLine]) -> usize {
    lines.iter().filter(|line| line.side != Side::Both).count()
}

/// A value in one line: a scalar as YAML has it, of anything larger what it is.
fn one_line(shown: &MaskedValue) -> String {
    inline(shown).unwrap_or_else(|| shown.node.noun().to_owned())
}

/// The sign at the beginning of a line.
#[derive(Clone, Copy)]
enum Sign {
    Added,
    Removed,
    Changed,
    Same,
}

impl Sign {
    /// The character and the escape sequence of its colour.
    fn parts(self) -> (char, &'static str) {
        match self {
            Sign::Added => ('+', "\x1b[32m"),
            Sign::Removed => ('-', "\x1b[31m"),
            Sign::Changed => ('~', "\x1b[33m"),
            Sign::Same => (' ', ""),
        }
    }
}

/// The text so far.
struct Writer {
    out: String,
    style: Style,
}

/// Both values of a change stand in one line up to this many characters, so that with sign, indent and a path of usual
/// length the line fits on a wide terminal. Longer ones stand under each other, where the difference is easier to see.
const MAX_INLINE_CHARS: usize = 100;

impl Writer {
    /// What became of one field: a line, or a heading with lines below it.
    fn field(&mut self, FieldChange { path, edit }: &FieldChange, indent: &str) {
        match edit {
            FieldEdit::Added(shown) => self.value(Sign::Added, indent, path, shown),
            FieldEdit::Removed(shown) => self.value(Sign::Removed, indent, path, shown),
            FieldEdit::Changed(old, new) => self.changed(indent, path, old, new),
            FieldEdit::Text(lines) => {
                self.line(Sign::Changed, indent, &format!("{path}:"));
                self.text(indent, lines);
            }
            FieldEdit::Reordered(old, new) => {
                self.line(Sign::Changed, indent, &format!("{path}: another order"));
                let indent = format!("{indent}    ");
                self.line(Sign::Removed, &indent, &old.join(" "));
                self.line(Sign::Added, &indent, &new.join(" "));
            }
        }
    }

    /// A value that came or went: behind its path if it fits into a line, else as a block below it.
    fn value(&mut self, sign: Sign, indent: &str, path: &FieldPath, shown: &MaskedValue) {
        match inline(shown) {
            Some(text) => self.line(sign, indent, &format!("{path}: {text}")),
            None => {
                self.line(sign, indent, &format!("{path}:"));
                self.block(sign, indent, &shown.node);
            }
        }
    }

    /// Two values: side by side where that is short enough, else one below the other.
    fn changed(&mut self, indent: &str, path: &FieldPath, old: &MaskedValue, new: &MaskedValue) {
        // `*** → ***` by itself would look as if nothing had changed.
        if old.secret && new.secret {
            return self.line(Sign::Changed, indent, &format!("{path}: *** → *** (a secret that changed)"));
        }
        match (inline(old), inline(new)) {
            (Some(old), Some(new)) if old.chars().count() + new.chars().count() <= MAX_INLINE_CHARS => {
                self.line(Sign::Changed, indent, &format!("{path}: {old} → {new}"));
            }
            _ => {
                self.line(Sign::Changed, indent, &format!("{path}:"));
                self.block(Sign::Removed, indent, &old.node);
                self.block(Sign::Added, indent, &new.node);
            }
        }
    }

    /// A value as YAML, a line each.
    fn block(&mut self, sign: Sign, indent: &str, node: &Node) {
        let indent = format!("{indent}    ");
        print_yaml(node).lines().for_each(|line| self.line(sign, &indent, line));
    }

    /// The lines of a text; where some are left out, a line says where it goes on.
    fn text(&mut self, indent: &str, lines: &[TextLine]) {
        let indent = format!("{indent}    ");
        // The line of the new text that would follow without a gap. Removed lines have numbers of the old text, so they
        // can tell nothing about gaps.
        let mut next = 1;
        for line in lines {
            if line.side != Side::Old {
                if line.number > next {
                    self.line(Sign::Same, &indent, &format!("… line {}", line.number));
                }
                next = line.number + 1;
            }
            let sign = match line.side {
                Side::Both => Sign::Same,
                Side::Old => Sign::Removed,
                Side::New => Sign::Added,
            };
            self.line(sign, &indent, &visible(&line.text));
        }
    }

    /// A line with its sign. The whole line has the colour, so that it is seen in a block of many lines too.
    fn line(&mut self, sign: Sign, indent: &str, text: &str) {
        let (sign, color) = sign.parts();
        let (before, after) = match self.style {
            Style::Color if !color.is_empty() => (color, "\x1b[0m"),
            _ => ("", ""),
        };
        // An empty line of a text would end in a blank.
        self.out.push_str(format!("{indent}{before}{sign} {text}").trim_end());
        self.out.push_str(after);
        self.out.push('\n');
    }
}

/// A line of a text, tabs as they are: `escaped` would write them as `\u{9}`, and scripts and Makefiles are full of
/// them.
fn visible(line: &str) -> String {
    line.split('\t').map(escaped).collect::<Vec<_>>().join("\t")
}

/// A value that stands in one line as YAML; none for what needs several.
fn inline(shown: &MaskedValue) -> Option<String> {
    let node = &shown.node;
    if shown.secret {
        return Some("***".to_owned());
    }
    let text = print_yaml(node);
    // Empty maps and lists are `{}` and `[]`. Any other map in one line is a block of one key, `a: 1`, which is no YAML
    // behind another key. And a text of several lines is a block scalar.
    let line = text.strip_suffix('\n')?;
    let single = node.as_scalar().is_some() || line == "[]" || line == "{}";
    (single && !line.contains('\n')).then(|| line.to_owned())
}
