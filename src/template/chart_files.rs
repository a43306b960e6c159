//! The files of a chart: `files["name"]` for a text, `files_text(…)` and `files_base64(…)` for those that a pattern matches.
//!
//! | in a template | gives | of |
//! |---|---|---|
//! | `files["app.conf"]` | the text | a text |
//! | `files_text("conf/*")` | a map: the names of the files without their folders, and the texts | texts; others are an error |
//! | `files_base64("certs/*")` | the same, with the bytes in Base64, as `data` of a Secret and `binaryData` of a ConfigMap have them | any file |
//!
//! In a pattern, `*` and `?` stay within a folder, `**` goes through all of them, and `{a,b}` is one or the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::GlobBuilder;
use minijinja::value::Object;

use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use crate::yaml::{Entry, Map, Node, Value};

/// A file of a chart.
#[derive(Clone, Debug)]
pub enum FileContent {
    /// A text.
    Text(Arc<str>),
    /// Anything else, such as a keystore or an image.
    Bytes(Arc<[u8]>),
}

impl FileContent {
    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            FileContent::Text(text) => text.as_bytes(),
            FileContent::Bytes(bytes) => bytes,
        }
    }
}

/// The files below a chart's `files/`, by path.
#[derive(Clone, Debug, Default)]
pub struct ChartFiles(pub Arc<BTreeMap<String, FileContent>>);

impl Object for ChartFiles {}

impl ChartFiles {
    /// The texts by path, as `files` shows them.
    pub(super) fn texts(&self) -> Node {
        let texts = self.0.iter().filter_map(|(path, content)| match content {
            FileContent::Text(text) => Some((path.as_str(), Arc::clone(text))),
            FileContent::Bytes(_) => None,
        });
        map_of(texts)
    }

    /// The finding about an expression without a value, if it asks for a file: with the files that there are.
    pub(super) fn note_missing(&self, finding: Diagnostic, expression: &str) -> Diagnostic {
        let Some(name) = named_file(expression) else { return finding };
        if self.0.contains_key(name) {
            return finding
                .note(format!("`{name}` is not text: `files_base64(\"{name}\")` has its bytes in Base64"));
        }
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let finding = finding.note(match names.len() {
            0 => "the chart has no folder `files`, or nothing in it".to_owned(),
            _ => format!("the chart has {}", listed(&names)),
        });
        match nearest(name, names.iter().copied()) {
            Some(near) => finding.note(format!("did you mean `{near}`?")),
            None => finding,
        }
    }

    /// Those that a pattern matches, with their paths, by their names without folders.
    ///
    /// # Errors
    /// In words: a pattern that is none or matches nothing, and two files of one name.
    pub(super) fn matching(&self, pattern: &str) -> Result<BTreeMap<&str, (&String, &FileContent)>, String> {
        if pattern.len() > LONGEST_PATTERN {
            return Err(format!("a pattern of files has {LONGEST_PATTERN} bytes at most"));
        }
        let glob = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build();
        let glob = glob
            .map_err(|error| format!("`{pattern}` is not a pattern: {}", error.kind()))?
            .compile_matcher();
        let mut found: BTreeMap<&str, (&String, &FileContent)> = BTreeMap::new();
        for (path, content) in self.0.iter().filter(|(path, _)| glob.is_match(path)) {
            let name = path.rsplit('/').next().unwrap_or(path);
            if let Some((other, _)) = found.insert(name, (path, content)) {
                return Err(format!(
                    "`{other}` and `{path}` would have one key, `{name}`: write a narrower pattern"
                ));
            }
        }
        if found.is_empty() {
            let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
            let there = if names.is_empty() { "none".to_owned() } else { listed(&names) };
            return Err(format!("`{pattern}` matches none of the chart's files; there are {there}"));
        }
        Ok(found)
    }
}

/// Longer patterns than any path, and short enough that none becomes a large automaton.
const LONGEST_PATTERN: usize = 300;

/// How many files a message names.
const MAX_LISTED: usize = 8;

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MAX_LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The name in `files["name"]` or `files.name`, if an expression has one of them.
fn named_file(expression: &str) -> Option<&str> {
    let mut rest = expression;
    while let Some(at) = rest.find("files") {
        let is_whole = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let behind = &rest[at + "files".len()..];
        if is_whole {
            if let Some(key) = behind.strip_prefix('[') {
                let quote = key.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
                return key[1..].split(quote).next();
            }
            if let Some(key) = behind.strip_prefix('.') {
                return key.split(|c: char| !c.is_alphanumeric() && c != '_').next();
            }
        }
        rest = behind;
    }
    None
}

/// A map of texts that nobody wrote in YAML, so they have no place.
pub(super) fn map_of<'t>(pairs: impl IntoIterator<Item = (&'t str, Arc<str>)>) -> Node {
    let here = Span::NOWHERE;
    let entry = |text: Arc<str>| Entry { key_span: here, node: Node::string(text, here) };
    let entries = pairs.into_iter().map(|(key, text)| (Arc::from(key), entry(text)));
    Node::new(Value::Map(entries.collect::<Map>()), here)
}
