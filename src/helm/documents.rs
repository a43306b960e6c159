//! What a template prints as documents, told apart as Helm does: hooks, tests, and everything else.

use super::yaml;
use crate::gotemplate::text::{Origin, Text, TextBuilder};
use crate::gotemplate::value::Value;

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its text, without `---`.
    pub text: Text,
    /// When Helm applies it.
    pub hook: Hook,
}

/// When Helm applies a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// With all others.
    None,
    /// At an event, such as before an upgrade.
    Event,
    /// When the release is tested.
    Test,
    /// Never: the hook is none that Helm knows, such as `crd-install` of Helm 2.
    Unknown,
}

/// The events that Helm knows; `test-success` is a name of Helm 2 for `test`.
const EVENTS: [&str; 9] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
];

impl Document {
    /// Whether `helm template` prints it.
    pub(super) fn is_wanted(&self, hooks: bool, tests: bool) -> bool {
        match self.hook {
            Hook::None => true,
            Hook::Event => hooks,
            Hook::Test => hooks && tests,
            Hook::Unknown => false,
        }
    }

    /// Its kind; empty if it has none.
    pub fn kind(&self) -> String {
        match yaml::parse(&self.text) {
            Ok(Value::Map(map)) => match map.get(b"kind") {
                Some(Value::String(kind)) => kind.to_str().into_owned(),
                _ => String::new(),
            },
            _ => String::new(),
        }
    }
}

/// The documents of a text; what is empty is none.
///
/// Helm tells them apart by `---` at the beginning of a line, whatever stands behind it in the same line, and white space
/// around it belongs to neither.
pub fn split(text: &Text) -> Vec<Document> {
    let bytes = text.as_bytes();
    let start = bytes.len() - trimmed_start(bytes).len();
    let mut documents = Vec::new();
    let mut push = |from: usize, to: usize| {
        let part = bytes.get(from..to).unwrap_or_default();
        let rest = trimmed_start(part);
        if !rest.is_empty() {
            let text = text.slice(to - rest.len()..to);
            documents.push(Document { hook: hook(&text), text });
        }
    };
    let mut from = start;
    let mut at = start;
    loop {
        let is_separator = bytes.get(at..).is_some_and(|rest| rest.starts_with(b"---"));
        if is_separator {
            // The white space before it, and the line break, belong to no document; neither does what follows it.
            let before = bytes.get(from..at).unwrap_or_default();
            push(from, from + trimmed_end(before).len());
            from = at + 3;
            from += bytes.get(from..).unwrap_or_default().iter().take_while(|byte| is_space(**byte)).count();
            // What follows directly is no separator, as its line break was taken already.
            at = from;
        }
        match memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()) {
            Some(offset) => at += offset + 1,
            None => break,
        }
    }
    push(from, bytes.len());
    documents
}

/// Documents as one text, with `---` between them.
pub fn joined<'t>(documents: impl Iterator<Item = &'t Text>) -> Text {
    let mut builder = TextBuilder::default();
    for document in documents {
        if !builder.is_empty() {
            builder.push(b"---\n", Origin::NOWHERE);
        }
        builder.push_text(document);
        if !document.as_bytes().ends_with(b"\n") {
            builder.push(b"\n", Origin::NOWHERE);
        }
    }
    builder.finish()
}

/// White space of a regular expression, which is less than Unicode's.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r')
}

fn trimmed_start(bytes: &[u8]) -> &[u8] {
    let spaces = bytes.iter().take_while(|byte| is_space(**byte) || **byte == b'\x0b').count();
    bytes.get(spaces..).unwrap_or_default()
}

fn trimmed_end(bytes: &[u8]) -> &[u8] {
    let spaces = bytes.iter().rev().take_while(|byte| is_space(**byte)).count();
    bytes.get(..bytes.len() - spaces).unwrap_or_default()
}

/// When Helm applies a document, by its annotation.
fn hook(text: &Text) -> Hook {
    if memchr::memmem::find(text.as_bytes(), b"helm.sh/hook").is_none() {
        return Hook::None;
    }
    // What is not YAML is refused later, with its place.
    let Ok(Value::Map(root)) = yaml::parse(text) else { return Hook::None };
    let Some(Value::Map(metadata)) = root.get(b"metadata") else { return Hook::None };
    let Some(Value::Map(annotations)) = metadata.get(b"annotations") else { return Hook::None };
    let events = match annotations.get(b"helm.sh/hook") {
        None => return Hook::None,
        Some(Value::String(events)) => events.to_str().to_lowercase(),
        Some(_) => return Hook::Unknown,
    };
    let mut hook = Hook::Event;
    for event in events.split(',').map(str::trim) {
        match event {
            "test" | "test-success" => hook = Hook::Test,
            event if EVENTS.contains(&event) => {}
            _ => return Hook::Unknown,
        }
    }
    hook
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        let documents = split(&Text::plain(text));
        documents.iter().map(|document| document.text.to_str().into_owned()).collect()
    }

    #[test]
    fn documents_are_told_apart_as_by_helm() {
        let rows: [(&str, &[&str]); 12] = [
            ("", &[]),
            ("  \n---\n\n---\n", &["---\n"]),
            ("a: 1\n", &["a: 1\n"]),
            ("---\na: 1\n---\nb: 2\n", &["a: 1", "b: 2\n"]),
            ("\n\n---\na: 1\n\n\n---   \n\n  b: 2", &["a: 1", "b: 2"]),
            ("a: 1\n---b: 2\n", &["a: 1", "b: 2\n"]),
            ("a: 1\n--- # note\nb: 2\n", &["a: 1", "# note\nb: 2\n"]),
            ("a: |\n  x\n  ---\n  y\n", &["a: |\n  x\n  ---\n  y\n"]),
            ("a: 1 ---\nb: 2\n", &["a: 1 ---\nb: 2\n"]),
            ("----\na: 1\n", &["-\na: 1\n"]),
            ("a: 1\r\n---\r\nb: 2\r\n", &["a: 1", "b: 2\r\n"]),
            ("---\n---\na: 1", &["---\na: 1"]),
        ];
        for (text, documents) in rows {
            assert_eq!(parts(text), documents, "{text:?}");
        }
    }
}
