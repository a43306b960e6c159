//! The settings of a chart as rows of tables.

use crate::pipeline::Merged;
use crate::schema::{About, Outline, Spot, below, code};
use crate::secrets::ValueMask;
use crate::session::Session;
use crate::yaml::{Merge, Node, print_inline};

/// One setting.
pub(super) struct Row {
    /// The map at the top that it is in; none for a setting at the top.
    pub(super) section: Option<String>,
    /// Its path, with `[]` for any item and `*` for any key.
    pub(super) key: String,
    /// Its type.
    pub(super) kind: String,
    /// Its default, as code.
    pub(super) default: String,
    /// What it is, and what must hold.
    pub(super) words: String,
}

/// The section of a map at the top is the empty text: it is a heading, not a row.
const HEADING: &str = "";

impl Row {
    pub(super) fn is_section(&self) -> bool {
        self.section.as_deref() == Some(HEADING)
    }
}

/// Every setting of a schema, in its order.
pub(super) fn rows(session: &Session, merged: &Merged, outline: &Outline<'_>) -> Vec<Row> {
    let mut defaults = Node::clone(&merged.values);
    ValueMask::new(session).apply(&mut defaults, Some(merged.wants.root()));
    let mut walk = Walk { outline, way: Vec::new(), section: None, rows: Vec::new() };
    let root = outline.root();
    for (key, spot) in outline.properties(&root) {
        let default = defaults.get(&key);
        let path = below("", &key);
        let is_section = walk.parts(&spot).iter().any(|(part, _)| matches!(part, Part::Key(_)));
        walk.section = is_section.then(|| HEADING.to_owned());
        walk.push(&spot, &path, default, outline.requires(&root, &key));
        walk.section = is_section.then(|| path.clone());
        walk.below(&spot, &path, default);
    }
    walk.rows
}

/// Settings inside each other that are listed.
const MAX_DEPTH: usize = 12;
/// Rows of a reference; no reader goes on behind that.
const MAX_ROWS: usize = 5_000;

struct Walk<'o, 's> {
    outline: &'o Outline<'s>,
    /// The schemas on the way down: a schema that comes back to itself is listed once.
    way: Vec<Vec<*const Node>>,
    section: Option<String>,
    rows: Vec<Row>,
}

/// A part of a setting: a key, any other key, or any item.
enum Part {
    Key(String),
    Other,
    Item,
}

impl<'s> Walk<'_, 's> {
    fn below(&mut self, spot: &Spot<'s>, path: &str, default: Option<&Node>) {
        let mark = Outline::mark(spot);
        if self.way.contains(&mark) || self.way.len() == MAX_DEPTH || self.rows.len() > MAX_ROWS {
            return;
        }
        self.way.push(mark);
        for (part, inner) in self.parts(spot) {
            let (path, default, required) = match &part {
                Part::Key(key) => (
                    below(path, key),
                    default.and_then(|node| node.get(key)),
                    self.outline.requires(spot, key),
                ),
                Part::Other => (format!("{path}.*"), None, false),
                Part::Item => (format!("{path}[]"), None, false),
            };
            // The row of an item says nothing that the row of its list does not.
            if matches!(part, Part::Key(_)) {
                self.push(&inner, &path, default, required);
            }
            self.below(&inner, &path, default);
        }
        self.way.pop();
    }

    /// The parts of a setting that have rows of their own, or rows below them. Kubernetes types are documented by
    /// Kubernetes.
    fn parts(&self, spot: &Spot<'s>) -> Vec<(Part, Spot<'s>)> {
        let mut parts = Vec::new();
        if self.outline.kubernetes_type(spot).is_some() {
            return parts;
        }
        parts.extend(self.outline.properties(spot).into_iter().map(|(key, inner)| (Part::Key(key), inner)));
        let other = self.outline.additional(spot).map(|inner| (Part::Other, inner));
        let item = self.outline.item(spot).map(|inner| (Part::Item, inner));
        let named = |(_, inner): &(Part, Spot<'s>)| self.has_names(inner, 0);
        parts.extend(other.into_iter().chain(item).filter(named));
        parts
    }

    /// Whether a key with a name is anywhere below.
    fn has_names(&self, spot: &Spot<'s>, depth: usize) -> bool {
        if depth == MAX_DEPTH || self.outline.kubernetes_type(spot).is_some() {
            return false;
        }
        let below = [self.outline.additional(spot), self.outline.item(spot)];
        !self.outline.properties(spot).is_empty()
            || below.iter().flatten().any(|inner| self.has_names(inner, depth + 1))
    }

    fn push(&mut self, spot: &Spot<'s>, key: &str, default: Option<&Node>, required: bool) {
        let about = self.outline.about(spot);
        let map = default.is_some_and(|node| node.as_map().is_some_and(|map| !map.is_empty()));
        let named = !self.outline.properties(spot).is_empty() && self.outline.kubernetes_type(spot).is_none();
        let shown = default.filter(|_| !(map && named)).map(default_text).unwrap_or_default();
        let words = words(&about, required && default.is_none());
        let kind = if about.secret { format!("{}, secret", about.kind) } else { about.kind };
        self.rows.push(Row {
            section: self.section.clone(),
            key: key.to_owned(),
            kind,
            default: shown,
            words,
        });
    }
}

/// Characters of a default that a cell holds.
const MAX_DEFAULT: usize = 160;

fn default_text(node: &Node) -> String {
    let text = print_inline(node);
    match text.chars().count() > MAX_DEFAULT {
        false => code(&text),
        true if node.as_list().is_some() => "a list".to_owned(),
        true if node.as_map().is_some() => "a map".to_owned(),
        true => code(&text.chars().take(MAX_DEFAULT).chain("…".chars()).collect::<String>()),
    }
}

/// The schema's words, and after them what must hold.
fn words(about: &About, required: bool) -> String {
    let mut sentences: Vec<String> = about.description.iter().map(|text| sentence(text)).collect();
    if required {
        sentences.push("**Required.**".to_owned());
    }
    sentences.extend(about.limits.iter().map(|limit| sentence(limit)));
    match &about.merge {
        Merge::Replace => {}
        Merge::Append => sentences.push("The items of all layers are joined.".to_owned()),
        Merge::By(key) => {
            sentences.push(format!("Items of several layers with the same `{key}` are merged."))
        }
    }
    if about.generate.is_some() {
        sentences.push("`plimsoll secrets` makes one.".to_owned());
    }
    sentences.join(" ")
}

/// A phrase with a capital letter and a full stop.
pub(super) fn sentence(phrase: &str) -> String {
    let phrase = line(phrase);
    let mut letters = phrase.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if phrase.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// A text on one line, in which nothing outside of code is taken for HTML.
pub(super) fn line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut safe = String::with_capacity(words.len());
    for (place, part) in words.split('`').enumerate() {
        if place > 0 {
            safe.push('`');
        }
        let outside = place % 2 == 0;
        safe.push_str(&if outside { part.replace('<', "&lt;") } else { part.to_owned() });
    }
    crate::source::escaped(&safe)
}

/// A text as a cell of a table, where a bar would begin the next one, even inside of code.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
