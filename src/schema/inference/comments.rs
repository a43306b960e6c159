//! Which comments of a values file belong to which setting.
//!
//! A comment belongs to the key that it stands directly above, or on the line of; or it names its setting, wherever it
//! stands: `## @param a.b`, and `# a.b -- words` of older versions of helm-docs.

use std::collections::BTreeMap;

use super::annotations::About;
use crate::source::{SourceId, Span};
use crate::yaml::{Node, Value};

/// The comments of a values file.
#[derive(Debug)]
pub(super) struct Comments {
    source: SourceId,
    /// The lines of the file.
    lines: Vec<Line>,
    /// Comments that name their setting, by its path.
    named: BTreeMap<String, About>,
    /// What is said of settings that no line sets, by their paths, in the order of the file.
    pub(super) extras: Vec<(String, About)>,
    /// What is said of all values.
    pub(super) root: About,
    /// Comments that have the form of an annotation and cannot be read, with their lines.
    pub(super) wrong: Vec<String>,
}

#[derive(Clone, Debug)]
struct Line {
    /// Where it begins, in bytes.
    start: usize,
    text: String,
    /// Whether it is in a text of several lines, where `#` begins no comment.
    is_text: bool,
}

impl Line {
    /// What a comment says that has the line for itself.
    fn comment(&self) -> Option<&str> {
        let words = self.text.trim().strip_prefix('#')?.trim_start_matches('#');
        (!self.is_text).then_some(words)
    }
}

impl Comments {
    /// Reads the comments of a text whose values are `root`.
    pub(super) fn read(text: &str, source: SourceId, root: &Node) -> Comments {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            start += line.len();
            Line { start: start - line.len(), text: line.trim_end().to_owned(), is_text: false }
        });
        let mut comments = Comments {
            source,
            lines: lines.collect(),
            named: BTreeMap::new(),
            extras: Vec::new(),
            root: About::default(),
            wrong: Vec::new(),
        };
        comments.mark_texts(root);
        comments.read_named();
        comments
    }

    /// What is said of a setting whose key stands at `key_span`.
    pub(super) fn about(&mut self, path: &str, key_span: Span, value: Option<&Node>) -> About {
        let named = self.named(path);
        if key_span.source != self.source {
            return named;
        }
        let at = self.line_of(key_span.start as usize);
        // Of several keys on a line, as in `{a: 1, b: 2}`, the comments are about the first, which holds the others.
        let is_first = self.lines.get(at).is_some_and(|line| {
            let before =
                line.text.get(..(key_span.start as usize).saturating_sub(line.start)).unwrap_or_default();
            before.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '"' | '\''))
        });
        if !is_first {
            return named;
        }
        let above = self.above(at);
        let behind = self.behind(at, key_span, value);
        // Whoever names the setting means it; what stands above may be about several.
        named.or(&above).or(&behind)
    }

    /// What is said of a setting by its path alone.
    pub(super) fn named(&self, path: &str) -> About {
        self.named.get(path).cloned().unwrap_or_default()
    }

    /// Lines inside of texts: what begins with `#` there is no comment.
    fn mark_texts(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(_) if node.span.source == self.source && node.span.end > node.span.start => {
                let first = self.line_of(node.span.start as usize);
                let last = self.line_of(node.span.end as usize - 1);
                for line in self.lines.iter_mut().take(last + 1).skip(first + 1) {
                    line.is_text = true;
                }
            }
            Value::Scalar(_) => {}
            Value::List(items) => items.iter().for_each(|item| self.mark_texts(item)),
            Value::Map(map) => map.values().for_each(|entry| self.mark_texts(&entry.node)),
        }
    }

    /// The line of a byte.
    fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|line| line.start <= at).saturating_sub(1)
    }

    /// Annotations that name their setting.
    fn read_named(&mut self) {
        let mut section: Option<String> = None;
        let mut open: Option<String> = None;
        for index in 0..self.lines.len() {
            let Some(words) = self.lines[index].comment().map(|words| words.trim().to_owned()) else {
                open = None;
                continue;
            };
            if let Some(rest) = words.strip_prefix("@param ").or_else(|| words.strip_prefix("@extra ")) {
                let (path, mut about) = parameter(rest);
                about.section.clone_from(&section);
                if words.starts_with("@extra") {
                    self.extras.push((path, about));
                } else {
                    let known = self.named.remove(&path).unwrap_or_default();
                    self.named.insert(path, about.or(&known));
                }
                open = None;
            } else if let Some(path) = words.strip_prefix("@skip ") {
                self.named.entry(path.trim().to_owned()).or_default().is_hidden = true;
            } else if let Some(title) = words.strip_prefix("@section ") {
                // With dashes it is of helm-docs, and about one setting.
                if !title.starts_with("-- ") {
                    section = Some(title.trim().to_owned());
                }
            } else if let Some((path, description)) = old_form(&words) {
                let mut about = About::default();
                about.description = Some(about.take_hint(description).to_owned());
                self.named.insert(path.to_owned(), about);
                open = Some(path.to_owned());
            } else if let Some(path) = &open {
                let about = self.named.entry(path.clone()).or_default();
                match words.strip_prefix("@default -- ") {
                    Some(default) => about.default_text = Some(default.trim().to_owned()),
                    None if words.starts_with('@') => {}
                    None => add_words(&mut about.description, &words),
                }
            }
        }
        self.read_root();
    }

    /// What stands between two lines `@schema.root`, which is about all values.
    fn read_root(&mut self) {
        let is_mark = |line: &Line| line.comment().is_some_and(|words| words.trim() == "@schema.root");
        let marks: Vec<usize> =
            self.lines.iter().enumerate().filter(|(_, line)| is_mark(line)).map(|(at, _)| at).collect();
        for pair in marks.chunks_exact(2) {
            let text = schema_text(&self.lines[pair[0] + 1..pair[1]]);
            if self.root.add_schema(&text).is_err() {
                self.wrong.push(format!("line {}", pair[0] + 1));
            }
        }
    }

    /// What the comments say that stand directly above a line.
    fn above(&mut self, line: usize) -> About {
        let indent = |line: &Line| line.text.len() - line.text.trim_start().len();
        let own = indent(&self.lines[line]);
        // What is indented deeper is of what stands before: a line of a text, or of a map.
        let is_comment = |line: &Line| line.comment().is_some() && indent(line) <= own;
        let mut first = line;
        while first > 0 && is_comment(&self.lines[first - 1]) {
            first -= 1;
        }
        let block = self.lines[first..line].to_vec();
        self.read_block(first, &block)
    }

    fn read_block(&mut self, first: usize, block: &[Line]) -> About {
        let mut about = About::default();
        let mut plain: Option<String> = None;
        let mut described: Option<String> = None;
        // Where a schema in YAML begins, and what its lines are marked with.
        let mut schema_from: Option<(usize, &str)> = None;
        let mut plain_ended = false;
        for (index, line) in block.iter().enumerate() {
            let raw = line.comment().unwrap_or_default();
            let words = raw.trim();
            if let Some((from, mark)) = schema_from {
                if words == mark {
                    schema_from = None;
                    let is_root = mark == "@schema.root";
                    if !is_root && about.add_schema(&schema_text(&block[from + 1..index])).is_err() {
                        self.wrong.push(format!("line {}", first + from + 1));
                    }
                }
            } else if words == "@schema" || words == "@schema.root" {
                schema_from = Some((index, words));
            } else if let Some(rest) = words.strip_prefix("@schema ") {
                if about.add_line(rest).is_err() {
                    self.wrong.push(format!("line {}", first + index + 1));
                }
            } else if let Some(rest) = words.strip_prefix("-- ").or((words == "--").then_some("")) {
                about.hints = Vec::new();
                described = Some(about.take_hint(rest.trim()).to_owned());
            } else if let Some(rest) = words.strip_prefix("@default -- ") {
                about.default_text = Some(rest.trim().to_owned());
            } else if let Some(rest) = words.strip_prefix("@section -- ") {
                about.section = Some(rest.trim().to_owned());
            } else if words == "@ignored" || words == "@ignore" {
                about.is_hidden = true;
            } else if words.starts_with('@') {
                plain_ended = true;
            } else if old_form(words).is_some() {
                plain = None;
                plain_ended = true;
            } else if described.is_some() {
                add_words(&mut described, words);
            } else if is_plain_text(words) && !plain_ended {
                add_words(&mut plain, words);
            } else if !words.is_empty() {
                // What is commented out, and all that comes behind it.
                plain_ended = plain.is_some() || looks_like_setting(words);
            }
        }
        about.description = about.description.or(described).or(plain).filter(|text| !text.is_empty());
        about
    }

    /// What a comment says that stands on the line of a key, behind its value.
    fn behind(&mut self, line: usize, key_span: Span, value: Option<&Node>) -> About {
        let mut about = About::default();
        let Some(Line { start, text, .. }) = self.lines.get(line).cloned() else { return about };
        let end_of_line = start + text.len();
        let ends = |span: Span| (span.source == self.source).then_some(span.end as usize);
        let mut from = key_span.end as usize;
        // A map or a list may begin on the next line, and a text end on another one.
        if let Some(end) =
            value.filter(|value| value.as_scalar().is_some()).and_then(|value| ends(value.span))
        {
            from = from.max(end.min(end_of_line));
        }
        let rest = text.get(from.saturating_sub(start)..).unwrap_or_default();
        let rest = rest.trim_start_matches([':', '"', '\'', '}', ']', '{', '[', ' ', '\t']);
        let Some(words) = rest.strip_prefix('#') else { return about };
        let words = words.trim_start_matches('#').trim();
        if let Some(rest) = words.strip_prefix("@schema ") {
            if about.add_line(rest).is_err() {
                self.wrong.push(format!("line {}", line + 1));
            }
        } else if let Some(rest) = words.strip_prefix("-- ") {
            about.description = Some(about.take_hint(rest).to_owned());
        } else if is_plain_text(words) {
            about.description = Some(words.to_owned());
        }
        about
    }
}

/// The keys of a path that a comment names; an index is left out, as what is said of one item is said of all.
pub(super) fn steps(path: &str) -> Vec<String> {
    path.split('.').map(|step| step.trim_matches('"').to_owned()).filter(|step| !step.is_empty()).collect()
}

/// What `@param` or `@extra` says: `a.b [modifiers] words`.
fn parameter(text: &str) -> (String, About) {
    let mut about = About::default();
    let text = text.trim();
    let (path, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let mut words = rest.trim();
    if let Some((modifiers, rest)) = words.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        // A default in the brackets may be a list.
        let (modifiers, rest) = match words.strip_prefix('[').and_then(closing) {
            Some((inner, behind)) => (inner, behind),
            None => (modifiers, rest),
        };
        about.add_modifiers(modifiers);
        words = rest.trim();
    }
    about.description = (!words.is_empty()).then(|| words.to_owned());
    (path.to_owned(), about)
}

/// What stands before the bracket that closes one that was opened before the text, and what stands behind it.
fn closing(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '[' => depth += 1,
            ']' if depth == 0 => return Some((&text[..at], &text[at + 1..])),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `a.b -- words`: the older form of helm-docs.
fn old_form(words: &str) -> Option<(&str, &str)> {
    let (path, description) = words.split_once(" -- ")?;
    let path = path.trim();
    let is_path = |c: char| c.is_alphanumeric() || ".-_\"[]/".contains(c);
    (!path.is_empty() && !path.starts_with('@') && path.chars().all(is_path))
        .then(|| (path, description.trim()))
}

/// The lines of a schema in comments, as YAML.
fn schema_text(lines: &[Line]) -> String {
    let text = lines.iter().map(|line| {
        let words = line.comment().unwrap_or_default();
        words.strip_prefix(' ').unwrap_or(words).to_owned() + "\n"
    });
    text.collect()
}

/// Adds a line to words, with a blank; an empty line ends a paragraph.
fn add_words(text: &mut Option<String>, words: &str) {
    match text {
        Some(text) if words.is_empty() => text.push('\n'),
        Some(text) => {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(words);
        }
        None if words.is_empty() => {}
        None => *text = Some(words.to_owned()),
    }
}

/// Whether a comment is a sentence for people: not a line of dashes, and no setting that is commented out.
fn is_plain_text(words: &str) -> bool {
    words.chars().any(char::is_alphabetic)
        && !looks_like_setting(words)
        && !words.starts_with("Default values for ")
}

fn looks_like_setting(words: &str) -> bool {
    if words.starts_with("- ") || words.starts_with(['{', '[', '}', ']']) {
        return true;
    }
    let Some((key, rest)) = words.split_once(':') else { return false };
    let is_key =
        !key.contains(' ') && key.starts_with(|c: char| c.is_ascii_lowercase() || "\"'_".contains(c));
    is_key && (rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_commented_out_are_no_words() {
        for words in ["cpu: 100m", "limits:", "- name: a", "{}", "\"a\": 1", "ref: https://example.com/"] {
            assert!(looks_like_setting(words), "{words}");
        }
        for words in ["Note: all of them", "How many", "see https://example.com/", "A: b"] {
            assert!(!looks_like_setting(words), "{words}");
        }
    }

    #[test]
    fn parameters_have_modifiers() {
        let (path, about) = parameter("a.b [array, default: [x, y]] The list [of all]");
        assert_eq!(path, "a.b");
        assert_eq!(about.default_text.as_deref(), Some("[x, y]"));
        assert_eq!(about.description.as_deref(), Some("The list [of all]"));
    }
}
