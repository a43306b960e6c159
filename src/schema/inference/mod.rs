//! A schema inferred from default values and from what their comments say, for charts that have none.
//!
//! ```text
//! default values ──┐
//! other values ────┼─► a schema: types, descriptions, defaults; closed where all keys are known ─► JSON Schema 2020-12
//! comments ────────┤       └─► guesses: what was concluded and nobody said
//! what is read ────┘
//! ```
//!
//! | file | owns |
//! |---|---|
//! | `comments.rs` | which comments belong to which setting |
//! | `annotations.rs` | what a comment says: the forms of helm-docs, of both helm-schemas, and of readme-generator |
//! | `reads.rs` | what templates read, as far as it decides whether a map is closed |
//!
//! Two purposes ask for two schemas. For *reading*, a setting is what its default is. For *checking*, nothing may be refused
//! that could be meant: an empty text may stand for a port, and a map that templates pass on takes further keys.
//!
//! What is inferred accepts the values that it was inferred from. The types are those of all values, and a constraint of a
//! comment that one of them breaks is left out, with a word about it.

mod annotations;
mod comments;
mod reads;

use std::fmt;
use std::sync::Arc;

pub use reads::Reads;

use self::annotations::{About, Hint};
use self::comments::Comments;
use super::check;
use super::compiled::Schema;
use super::json_adapter;
use super::setting_rules::path_below;
use crate::secrets::{HiddenText, ValueMask, mask_all_keys};
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::{Entry, Kind, Map, Node, Scalar, Style, Value, print_json};

/// What a schema is inferred from.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The chart's default values: a map.
    pub defaults: &'a Node,
    /// The file of the defaults, with its comments.
    pub source: SourceId,
    /// Other values that are right too, such as those of tests.
    pub others: &'a [Node],
    /// What templates read; none if it is not known.
    pub reads: Option<&'a Reads>,
    /// Keys at the top of the values whose maps take more than the defaults name.
    pub open: &'a [String],
}

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be read by people, in a reference or an explanation.
    Reading,
    /// To hold values against.
    Checking,
}

/// A schema that nobody wrote.
#[derive(Clone, Debug)]
pub struct Inferred {
    /// The schema.
    pub schema: Node,
    /// What it says without that anybody said it, in a fixed order.
    pub guesses: Vec<Guess>,
}

/// Something that was concluded of several settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// What was concluded: a phrase that stands before a colon.
    pub what: &'static str,
    /// The settings, as paths, or what else it is about; none if there is nothing to name.
    pub settings: Vec<String>,
}

/// Settings that are named of a guess: what fits on two lines of a terminal.
const MAX_NAMED: usize = 8;

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> =
            self.settings.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
        write!(f, "{}", self.what)?;
        if !names.is_empty() {
            write!(f, ": {}", names.join(", "))?;
        }
        match self.settings.len().saturating_sub(MAX_NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Infers a schema.
pub fn infer(session: &Session, subject: Subject<'_>, purpose: Purpose) -> Inferred {
    let source = session.source(subject.source);
    let comments = Comments::read(&source.text, subject.source, subject.defaults);
    let mut builder =
        Builder { session, subject, purpose, comments, mask: ValueMask::new(session), guesses: Vec::new() };
    let mut schema = Map::default();
    put(&mut schema, "$schema", text("https://json-schema.org/draft/2020-12/schema"));
    let root = Place {
        path: String::new(),
        default: Some(subject.defaults),
        others: subject.others.iter().collect(),
        reads: subject.reads,
        is_open: false,
        in_list: false,
    };
    let about = builder.comments.root.clone();
    for (key, entry) in builder.setting(&root, &about) {
        schema.insert(key, entry);
    }
    for (path, about) in std::mem::take(&mut builder.comments.extras) {
        let extra = builder.extra(&path, &about);
        insert_below(&mut schema, &comments::steps(&path), extra);
    }
    // Comments are read where their settings are.
    for wrong in std::mem::take(&mut builder.comments.wrong) {
        builder.guess(UNREADABLE, &wrong);
    }
    let mut guesses = builder.guesses;
    guesses.sort_by_key(|guess| ORDER.iter().position(|what| *what == guess.what));
    Inferred { schema: Node::new(Value::Map(schema), Span::NOWHERE), guesses }
}

/// A schema without what it demands: what is left documents another schema of the same values.
pub fn words(schema: &Node) -> Node {
    only(schema, &["description", "x-section", "x-default", "x-hidden"])
}

/// A schema with some of its keywords alone, and those of what is in it.
fn only(schema: &Node, keywords: &[&str]) -> Node {
    let Value::Map(map) = &schema.value else { return schema.clone() };
    let mut kept = Map::default();
    for (key, entry) in map {
        let node = match &**key {
            "properties" => {
                let named = entry.node.as_map().into_iter().flatten();
                let named = named.map(|(key, entry)| {
                    (Arc::clone(key), Entry { key_span: entry.key_span, node: only(&entry.node, keywords) })
                });
                Node::new(Value::Map(named.collect()), entry.node.span)
            }
            "items" => only(&entry.node, keywords),
            key if keywords.contains(&key) => entry.node.clone(),
            _ => continue,
        };
        kept.insert(Arc::clone(key), Entry { key_span: entry.key_span, node });
    }
    Node::new(Value::Map(kept), schema.span)
}

impl Inferred {
    /// The schema if it is within the bounds of schemas; else what is left of it without the demands of comments.
    pub fn bounded(&self, session: &Session) -> Node {
        if self.compile(&session.fresh(), "inferred").is_ok() {
            return self.schema.clone();
        }
        only(&self.schema, &["type", "default", "description", "x-section", "x-default", "x-hidden"])
    }

    /// The schema as JSON, to be shown: without the secret that a key of the values may hold.
    pub fn json(&self) -> String {
        let mut shown = self.schema.clone();
        mask_all_keys(&mut shown);
        print_json(&shown)
    }

    /// The schema, compiled; its text becomes a source with the name `name`.
    ///
    /// # Errors
    /// As [`Schema::compile`]: comments may ask for what is beyond its bounds.
    pub fn compile(&self, session: &Session, name: &str) -> crate::session::Outcome<Schema> {
        let source = session.add_source(SourceKind::Bundled, name.to_owned(), print_json(&self.schema));
        Schema::compile(session, source)
    }
}

const UNREADABLE: &str = "comments that cannot be read";
const MISFIT: &str = "what comments demand is left out, as the chart's own values break it";
const REFERENCE: &str = "`$ref` is not followed, and anything is accepted";
const NULL: &str = "null by default, so anything is accepted";
const EMPTY_TEXT: &str = "empty by default, so a string or a number is accepted";
const EMPTY_LIST: &str = "an empty list by default, so any items are accepted";
const EMPTY_MAP: &str = "an empty map by default, so any keys are accepted";
const PASSED_ON: &str = "templates use the map as a whole, so further keys are accepted";
const OF_SUBCHART: &str = "values of another chart, so further keys are accepted";
const READ: &str = "templates read it and it has no default, so anything is accepted";
const WHOLE: &str = "templates use all values as a whole, so further keys are accepted at the top level";

/// The order of guesses: what may be a mistake comes first.
const ORDER: &[&str] = &[
    UNREADABLE,
    MISFIT,
    REFERENCE,
    READ,
    WHOLE,
    PASSED_ON,
    OF_SUBCHART,
    NULL,
    EMPTY_TEXT,
    EMPTY_LIST,
    EMPTY_MAP,
];

/// A setting, with all values that are known of it.
struct Place<'a> {
    /// Its path, with `[]` for any item.
    path: String,
    default: Option<&'a Node>,
    others: Vec<&'a Node>,
    reads: Option<&'a Reads>,
    /// Whether a map takes keys that no value has.
    is_open: bool,
    /// Whether it is in an item of a list: examples of others to come.
    in_list: bool,
}

struct Builder<'a> {
    session: &'a Session,
    subject: Subject<'a>,
    purpose: Purpose,
    comments: Comments,
    mask: ValueMask<'a>,
    guesses: Vec<Guess>,
}

impl<'a> Builder<'a> {
    fn guess(&mut self, what: &'static str, setting: &str) {
        let settings = if setting.is_empty() { Vec::new() } else { vec![setting.to_owned()] };
        match self.guesses.iter_mut().find(|guess| guess.what == what) {
            Some(guess) => guess.settings.extend(settings),
            None => self.guesses.push(Guess { what, settings }),
        }
    }

    fn checks(&self) -> bool {
        self.purpose == Purpose::Checking
    }

    /// The schema of a setting, as its keywords.
    fn setting(&mut self, place: &Place<'a>, about: &About) -> Map {
        let mut schema = Map::default();
        if let Some(description) = &about.description {
            // A comment behind a secret may repeat it.
            let secret = place.default.filter(|default| self.mask.hides(default.span)).and_then(Node::as_str);
            let shown = secret.and_then(HiddenText::of).map(|secret| secret.taken_out_of(description));
            put(&mut schema, "description", text(shown.as_ref().unwrap_or(description)));
        }
        let said = self.fitting(place, about);
        let says = |keyword: &str| said.contains_key(keyword);
        // Whoever says which values there are has said of which type they are.
        let names_values =
            ["type", "enum", "const", "anyOf", "oneOf", "allOf"].iter().any(|keyword| says(keyword));
        // What a reference leads to says which values there are, and is in another file.
        let is_elsewhere = about.keywords.iter().any(|(keyword, _)| keyword == "$ref");
        let types = if names_values || is_elsewhere { Vec::new() } else { self.types(place, about) };
        match types.as_slice() {
            [] => {}
            [one] => put(&mut schema, "type", text(one)),
            several => put(&mut schema, "type", list(several.iter().map(|name| text(name)).collect())),
        }
        if !says("default")
            && let Some(default) = place.default.filter(|_| !place.in_list)
            && default.as_scalar().is_some_and(|scalar| scalar.kind != Kind::Null)
            && !self.mask.hides(default.span)
        {
            put(&mut schema, "default", default.clone());
        }
        let values = || place.default.into_iter().chain(place.others.iter().copied());
        if values().any(|value| value.as_map().is_some()) {
            self.properties(place, &said, &mut schema);
        } else if self.checks()
            && place.default.is_some_and(|default| default.as_map().is_some_and(Map::is_empty))
        {
            self.guess(EMPTY_MAP, &place.path);
        }
        if values().any(|value| value.as_list().is_some()) && !says("items") {
            self.items(place, &mut schema);
        }
        for (keyword, node) in [("x-section", &about.section), ("x-default", &about.default_text)] {
            if let Some(words) = node {
                put(&mut schema, keyword, text(words));
            }
        }
        if about.is_hidden {
            put(&mut schema, "x-hidden", Node::plain("true", Span::NOWHERE));
        }
        for (key, entry) in said {
            // Properties were put together with those of the values.
            if *key != *"properties" && *key != *"required" {
                schema.insert(key, entry);
            }
        }
        schema
    }

    /// What comments demand of a setting, as far as its own values keep to it.
    fn fitting(&mut self, place: &Place<'a>, about: &About) -> Map {
        let mut said = Map::default();
        for (keyword, node) in &about.keywords {
            let mut node = node.clone();
            if *keyword == "$ref" || remove_references(&mut node) {
                self.guess(REFERENCE, &place.path);
            }
            if *keyword != "$ref" {
                put(&mut said, keyword, node);
            }
        }
        if said.keys().all(|keyword| WORDS.contains(&&**keyword)) {
            return said;
        }
        // In a session of its own: what is wrong with it is told as a guess.
        let session = self.session.fresh();
        let source = session.add_source(
            SourceKind::Bundled,
            "comments".to_owned(),
            print_json(&Node::new(Value::Map(said.clone()), Span::NOWHERE)),
        );
        let compiled = Schema::compile(&session, source);
        let mut values = place.default.into_iter().chain(place.others.iter().copied());
        let fits = compiled.is_ok_and(|schema| {
            values.all(|value| {
                // Findings point into values, whose sources the session does not know.
                check::accepted(&session, &schema, value).is_some()
                    || schema
                        .validator(&session)
                        .is_ok_and(|compiled| compiled.validator.is_valid(&json_adapter::to_json(value)))
            })
        });
        if !fits {
            self.guess(MISFIT, &place.path);
            let kept = said.into_iter().filter(|(keyword, _)| WORDS.contains(&&**keyword));
            return kept.collect();
        }
        said
    }

    /// The types of a setting; none for any.
    fn types(&mut self, place: &Place<'a>, about: &About) -> Vec<&'static str> {
        let mut types: Vec<&'static str> = Vec::new();
        let mut add = |name: &'static str| {
            if !types.contains(&name) {
                types.push(name);
            }
        };
        let hinted = !about.hints.is_empty();
        for hint in &about.hints {
            match hint {
                Hint::Anything => return Vec::new(),
                Hint::Type(name) => add(name),
            }
        }
        let values = place.default.into_iter().chain(place.others.iter().copied());
        for value in values {
            let name = type_name(value);
            // What is written as a text and read as one may be an object in Go's templates; the hint says what it is for.
            if name == "null" && !hinted {
                if self.checks() && !place.in_list {
                    self.guess(NULL, &place.path);
                }
                return Vec::new();
            }
            if hinted && self.purpose == Purpose::Reading && name != "object" && name != "array" {
                continue;
            }
            add(name);
        }
        if self.checks() {
            let is_empty_text = place.default.is_some_and(|default| default.as_str() == Some(""));
            if is_empty_text && !hinted {
                self.guess(EMPTY_TEXT, &place.path);
                add("number");
            }
            // A text may be `null` in a file, to take a default away.
            if !hinted
                && takes_text_or_number(&place.path)
                && (types_any(&types, &["integer", "number", "string"]))
            {
                let mut wider = types.clone();
                wider.extend(["string", "number"].iter().filter(|name| !types.contains(name)));
                types = wider;
            }
        }
        if types.contains(&"number") {
            types.retain(|name| *name != "integer");
        }
        types
    }

    /// The settings in a map, and whether there may be others.
    fn properties(&mut self, place: &Place<'a>, said: &Map, schema: &mut Map) {
        let maps: Vec<&'a Map> =
            place.default.into_iter().chain(place.others.iter().copied()).filter_map(Node::as_map).collect();
        let mut keys: Vec<(&'a Arc<str>, Span)> = Vec::new();
        for map in &maps {
            for (key, entry) in map.iter() {
                if !keys.iter().any(|(known, _)| *known == key) {
                    keys.push((key, entry.key_span));
                }
            }
        }
        // In the order of the file: maps of Go have none.
        let order = |span: &Span| (span.source != self.subject.source, span.start);
        keys.sort_by_key(|(_, span)| order(span));
        let named = said.get("properties").and_then(|entry| entry.node.as_map());
        let is_root = place.path.is_empty();
        let is_whole = place.reads.is_some_and(|reads| reads.is_whole());
        let is_open = place.is_open || (is_whole && !place.in_list);
        let mut properties = Map::default();
        let mut required = Vec::new();
        for (key, key_span) in &keys {
            let default = place.default.and_then(|default| default.get(key));
            let path = path_below(&place.path, key);
            let of_another = is_root && self.subject.open.iter().any(|open| **open == ***key);
            let below = Place {
                default,
                others: place.others.iter().filter_map(|other| other.get(key)).collect(),
                reads: place.reads.and_then(|reads| reads.below(key)),
                is_open: is_open || of_another,
                in_list: place.in_list,
                path,
            };
            let about = self.comments.about(&below.path, *key_span, default);
            if about.is_required && default.is_some_and(|default| type_name(default) != "null") {
                required.push(text(key));
            }
            if self.checks() && of_another && default.is_some_and(|default| default.as_map().is_some()) {
                self.guess(OF_SUBCHART, &below.path);
            }
            let setting = Node::new(Value::Map(self.setting(&below, &about)), Span::NOWHERE);
            properties.insert(Arc::clone(key), Entry { key_span: Span::NOWHERE, node: setting });
        }
        for (key, entry) in named.into_iter().flatten() {
            if !properties.contains_key(key) {
                properties.insert(Arc::clone(key), entry.clone());
            }
        }
        if self.checks()
            && let Some(reads) = place.reads
        {
            for key in reads.keys().filter(|_| !place.is_open) {
                if !properties.contains_key(key) {
                    self.guess(READ, &path_below(&place.path, key));
                    put(&mut properties, key, Node::empty_map(Span::NOWHERE));
                }
            }
        }
        for key in self.subject.open.iter().filter(|_| is_root && self.checks()) {
            if !properties.contains_key(key.as_str()) {
                let map = [(Arc::from("type"), Entry { key_span: Span::NOWHERE, node: text("object") })];
                put(&mut properties, key, Node::new(Value::Map(map.into_iter().collect()), Span::NOWHERE));
            }
        }
        let is_empty = properties.is_empty();
        if !is_empty {
            put(schema, "properties", Node::new(Value::Map(properties), Span::NOWHERE));
        }
        for name in said.get("required").and_then(|entry| entry.node.as_list()).into_iter().flatten() {
            required.push(name.clone());
        }
        if !required.is_empty() {
            put(schema, "required", list(required));
        }
        if !self.checks() || said.contains_key("additionalProperties") {
            return;
        }
        if is_empty && !is_root {
            self.guess(EMPTY_MAP, &place.path);
        } else if is_whole && !place.is_open && !place.in_list {
            self.guess(if is_root { WHOLE } else { PASSED_ON }, &place.path);
        } else if !is_open && !place.in_list {
            put(schema, "additionalProperties", Node::plain("false", Span::NOWHERE));
        }
    }

    /// The items of a list: what those that there are have in common.
    fn items(&mut self, place: &Place<'a>, schema: &mut Map) {
        let lists = place.default.into_iter().chain(place.others.iter().copied()).filter_map(Node::as_list);
        let items: Vec<&'a Node> = lists.flatten().collect();
        let Some((first, rest)) = items.split_first() else {
            if self.checks() && !place.in_list {
                self.guess(EMPTY_LIST, &place.path);
            }
            return;
        };
        let below = Place {
            path: format!("{}[]", place.path),
            default: Some(first),
            others: rest.to_vec(),
            reads: None,
            is_open: true,
            in_list: true,
        };
        let about = self.comments.named(&below.path);
        let item = self.setting(&below, &about);
        if !item.is_empty() {
            put(schema, "items", Node::new(Value::Map(item), Span::NOWHERE));
        }
    }

    /// The schema of a setting that only comments know.
    fn extra(&mut self, path: &str, about: &About) -> Node {
        let place = Place {
            path: path.to_owned(),
            default: None,
            others: Vec::new(),
            reads: None,
            is_open: true,
            in_list: false,
        };
        Node::new(Value::Map(self.setting(&place, about)), Span::NOWHERE)
    }
}

/// Keywords that refuse nothing.
const WORDS: &[&str] = &["title", "description", "examples", "deprecated", "default", "readOnly", "x-hidden"];

/// Whether a setting is one of those for which Kubernetes takes a number or a text: a port by its name, a share in per
/// cent, a quantity.
fn takes_text_or_number(path: &str) -> bool {
    let last = path.rsplit(['.', ']']).next().unwrap_or(path).to_ascii_lowercase();
    const ENDINGS: &[&str] =
        &["port", "cpu", "memory", "storage", "size", "unavailable", "available", "surge", "version", "tag"];
    ENDINGS.iter().any(|ending| last.ends_with(ending))
}

fn types_any(types: &[&str], names: &[&str]) -> bool {
    types.iter().any(|name| names.contains(name))
}

/// The type of a value, as JSON Schema calls it.
fn type_name(value: &Node) -> &'static str {
    match &value.value {
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Null => "null",
            Kind::Bool => "boolean",
            Kind::Int => "integer",
            Kind::Float => "number",
            Kind::Str => "string",
        },
    }
}

/// Takes `$ref` out of a schema, at any depth, and says whether there was one: what it leads to is in another file.
fn remove_references(node: &mut Node) -> bool {
    match &mut node.value {
        Value::Scalar(_) => false,
        Value::List(items) => {
            let mut found = false;
            for item in items {
                found |= remove_references(item);
            }
            found
        }
        Value::Map(map) => {
            let mut found = map.shift_remove("$ref").is_some();
            for entry in map.values_mut() {
                found |= remove_references(&mut entry.node);
            }
            found
        }
    }
}

/// Puts a schema below others, at a path of keys, where nothing stands yet.
fn insert_below(schema: &mut Map, steps: &[String], setting: Node) {
    let Some((first, rest)) = steps.split_first() else { return };
    if !schema.contains_key("properties") {
        put(schema, "properties", Node::empty_map(Span::NOWHERE));
    }
    let Some(properties) = schema.get_mut("properties").and_then(|entry| entry.node.as_map_mut()) else {
        return;
    };
    if rest.is_empty() {
        if !properties.contains_key(first.as_str()) {
            put(properties, first, setting);
        }
        return;
    }
    if !properties.contains_key(first.as_str()) {
        put(properties, first, Node::empty_map(Span::NOWHERE));
    }
    if let Some(below) = properties.get_mut(first.as_str()).and_then(|entry| entry.node.as_map_mut()) {
        insert_below(below, rest, setting);
    }
}

fn put(map: &mut Map, key: &str, node: Node) {
    map.insert(Arc::from(key), Entry { key_span: Span::NOWHERE, node });
}

fn text(words: &str) -> Node {
    Node::new(
        Value::Scalar(Scalar { text: Arc::from(words), kind: Kind::Str, style: Style::Quoted }),
        Span::NOWHERE,
    )
}

fn list(items: Vec<Node>) -> Node {
    Node::new(Value::List(items), Span::NOWHERE)
}
