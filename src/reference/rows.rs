//! The settings of a chart as rows of tables, in the order of its schema.
//!
//! Each setting has a row, at any depth, with its path from the top: `engine.env`, `hosts[].name` for a key of each
//! item, `policies.*.days` for a key of each entry. What is below a type of Kubernetes has none, as Kubernetes
//! documents it.
//!
//! Schema and defaults are walked side by side. Below the items of a list, or the entries of a map of anything, no
//! defaults are shown: a row there is about any item, and a default belongs to a certain one.

use crate::pipeline::Merged;
use crate::schema::{SettingDocs, SettingNode, SettingTree, inline_code, path_below};
use crate::secrets::ValueMask;
use crate::session::Session;
use crate::source::SourceId;
use crate::yaml::{Entry, Merge, Node, Segment, Value, print_inline};

/// One setting.
pub(super) struct Row {
    /// Where in the page it stands.
    pub(super) place: RowPlace,
    /// The heading that its author gave it, or one of the maps around it.
    pub(super) section: Option<String>,
    /// Whether it is a map whose keys have rows.
    pub(super) is_map: bool,
    /// Its path, with `[]` for any item and `*` for any key.
    pub(super) key: String,
    /// Its type.
    pub(super) kind: String,
    /// Its default, as code; empty if there is none, or if the rows below it show it.
    pub(super) default: String,
    /// What it is, and what must hold, as sentences.
    pub(super) description: String,
}

/// Where in the page a row stands.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum RowPlace {
    /// Before all sections: a setting at the top of the values that is no section.
    Top,
    /// As the heading of a section: a map at the top of the values.
    Heading,
    /// In the section with this heading.
    Section(String),
}

/// Every setting of a schema, in its order.
pub(super) fn rows(session: &Session, merged: &Merged, settings: &SettingTree<'_>) -> Vec<Row> {
    let mut defaults = Node::clone(&merged.values);
    // Defaults are seldom secret, but the page is published.
    ValueMask::new(session).apply(&mut defaults, Some(merged.wants().root()));
    for (path, span) in merged.derived_settings() {
        put(&mut defaults, &path.0, Node::string(session.text(span), span));
    }
    let mut builder = RowBuilder {
        settings,
        derived: merged.chart().derived,
        ancestors: Vec::new(),
        sections: Vec::new(),
        place: RowPlace::Top,
        rows: Vec::new(),
    };
    let root = settings.root();
    for (key, setting) in settings.properties(&root) {
        let about = settings.docs(&setting);
        if about.is_hidden {
            continue;
        }
        builder.sections.push(about.section);
        let default = defaults.get(&key);
        let path = path_below("", &key);
        // A map whose keys the schema names gets a section; a map of anything (labels, say) is one row.
        let is_section = builder.parts(&setting).iter().any(|(part, _)| matches!(part, Part::Key(_)));
        builder.place = if is_section { RowPlace::Heading } else { RowPlace::Top };
        builder.push(&setting, &path, default, settings.requires(&root, &key));
        builder.place = if is_section { RowPlace::Section(path.clone()) } else { RowPlace::Top };
        builder.push_below(&setting, &path, default);
        builder.sections.pop();
    }
    builder.rows
}

/// Puts a node at a path of keys; maps are made on the way.
fn put(place: &mut Node, path: &[Segment], node: Node) {
    let Some((Segment::Key(key), rest)) = path.split_first() else {
        *place = node;
        return;
    };
    if place.as_map().is_none() {
        *place = Node::empty_map(node.span);
    }
    if let Some(map) = place.as_map_mut() {
        let span = node.span;
        let empty = || Entry { key_span: span, node: Node::empty_map(span) };
        put(&mut map.or_insert_with(key.as_str().into(), empty).node, rest, node);
    }
}

/// Settings that lie deeper are not listed. Schemas written by hand end sooner, but one that refers to itself through
/// ever new schemas has no end.
const MAX_DEPTH: usize = 12;
/// The most rows of a reference: `$ref` can make a small schema very large.
const MAX_ROWS: usize = 5_000;

/// Walks down a schema and the defaults side by side.
struct RowBuilder<'o, 's> {
    settings: &'o SettingTree<'s>,
    /// The text of the chart's derived values: what is written there is shown as an expression.
    derived: Option<SourceId>,
    /// The schemas above the current one, by the addresses of their nodes: a schema that refers back to itself is
    /// listed once.
    ancestors: Vec<Vec<*const Node>>,
    /// The headings that the settings from the top down to the current one name.
    sections: Vec<Option<String>>,
    /// Of the rows that are pushed.
    place: RowPlace,
    rows: Vec<Row>,
}

/// A part of a setting.
enum Part {
    /// A key that the schema names.
    Key(String),
    /// Any other key of a map.
    Other,
    /// Any item of a list.
    Item,
}

impl<'s> RowBuilder<'_, 's> {
    /// The rows of the settings inside of a setting.
    fn push_below(&mut self, setting: &SettingNode<'s>, path: &str, default: Option<&Node>) {
        let identity = SettingTree::identity(setting);
        if self.ancestors.contains(&identity)
            || self.ancestors.len() == MAX_DEPTH
            || self.rows.len() > MAX_ROWS
        {
            return;
        }
        self.ancestors.push(identity);
        for (part, inner) in self.parts(setting) {
            let (path, default, required) = match &part {
                Part::Key(key) => (
                    path_below(path, key),
                    default.and_then(|node| node.get(key)),
                    self.settings.requires(setting, key),
                ),
                Part::Other => (format!("{path}.*"), None, false),
                Part::Item => (format!("{path}[]"), None, false),
            };
            let about = self.settings.docs(&inner);
            if about.is_hidden {
                continue;
            }
            self.sections.push(about.section);
            // The row of an item says nothing that the row of its list does not.
            if matches!(part, Part::Key(_)) {
                self.push(&inner, &path, default, required);
            }
            self.push_below(&inner, &path, default);
            self.sections.pop();
        }
        self.ancestors.pop();
    }

    /// The parts of a setting that have rows of their own, or rows below them.
    fn parts(&self, setting: &SettingNode<'s>) -> Vec<(Part, SettingNode<'s>)> {
        let mut parts = Vec::new();
        // Documented by Kubernetes.
        if self.settings.kubernetes_type(setting).is_some() {
            return parts;
        }
        parts.extend(
            self.settings.properties(setting).into_iter().map(|(key, inner)| (Part::Key(key), inner)),
        );
        let other = self.settings.additional(setting).map(|inner| (Part::Other, inner));
        let item = self.settings.item(setting).map(|inner| (Part::Item, inner));
        let has_rows = |(_, inner): &(Part, SettingNode<'s>)| self.has_named_keys(inner, 0);
        parts.extend(other.into_iter().chain(item).filter(has_rows));
        parts
    }

    /// Whether the schema names a key anywhere below. A list of strings, say, has none, and no rows.
    fn has_named_keys(&self, setting: &SettingNode<'s>, depth: usize) -> bool {
        if depth == MAX_DEPTH || self.settings.kubernetes_type(setting).is_some() {
            return false;
        }
        let below = [self.settings.additional(setting), self.settings.item(setting)];
        !self.settings.properties(setting).is_empty()
            || below.iter().flatten().any(|inner| self.has_named_keys(inner, depth + 1))
    }

    /// The row of one setting. One that is required and has a default need not be set, and is not called required.
    fn push(&mut self, setting: &SettingNode<'s>, key: &str, default: Option<&Node>, required: bool) {
        let about = self.settings.docs(setting);
        let is_filled_map = default.is_some_and(|node| node.as_map().is_some_and(|map| !map.is_empty()));
        let has_key_rows =
            !self.settings.properties(setting).is_empty() && self.settings.kubernetes_type(setting).is_none();
        // The rows of its keys show the default of a map, each its own part.
        let default_cell = match (&about.default_text, default) {
            // In code, unless there is some in it, or a link.
            (Some(text), _) if text.contains(['`', '[']) => line(text),
            (Some(text), _) => inline_code(text),
            (None, Some(default))
                if self.derived == Some(default.span.source) && default.as_str().is_some() =>
            {
                format!("derived: {}", inline_code(&cut(&line(default.as_str().unwrap_or_default()))))
            }
            (None, Some(default)) if !(is_filled_map && has_key_rows) => default_text(default),
            (None, _) => String::new(),
        };
        let description = description(&about, required && default.is_none());
        let kind = if about.secret { format!("{}, secret", about.type_name) } else { about.type_name };
        self.rows.push(Row {
            place: self.place.clone(),
            is_map: has_key_rows,
            section: self.sections.iter().rev().flatten().next().cloned(),
            key: key.to_owned(),
            kind,
            default: default_cell,
            description,
        });
    }
}

/// Characters of a default that a cell holds.
const MAX_DEFAULT: usize = 160;

/// A default as code. A long text is cut, and of a long list or map only what it is.
fn default_text(node: &Node) -> String {
    let text = print_inline(node);
    if text.chars().count() <= MAX_DEFAULT {
        return inline_code(&text);
    }
    match &node.value {
        Value::List(_) | Value::Map(_) => node.noun().to_owned(),
        Value::Scalar(_) => inline_code(&cut(&text)),
    }
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_DEFAULT {
        return text.to_owned();
    }
    text.chars().take(MAX_DEFAULT).chain(['…']).collect()
}

/// The schema's description, and after it what must hold.
fn description(about: &SettingDocs, required: bool) -> String {
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
    // A letter may become several in upper case: `ß` becomes `SS`.
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if phrase.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// A text on one line, in which nothing outside of code is taken for HTML: a description such as `<name>.yaml` would
/// vanish.
pub(super) fn line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut safe = String::with_capacity(words.len());
    // Between backticks, every second part is code, where Markdown shows `<` as it is.
    for (index, part) in words.split('`').enumerate() {
        if index > 0 {
            safe.push('`');
        }
        let is_code = index % 2 == 1;
        safe.push_str(&if is_code { part.to_owned() } else { part.replace('<', "&lt;") });
    }
    crate::source::escaped(&safe)
}

/// A text as a cell of a table, where a bar would begin the next one, even inside of code.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
