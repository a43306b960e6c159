//! The functions, filters and tests of templates, in one table each. All of them return values, never text to paste.

use std::sync::Arc;

use base64::Engine;
use minijinja::value::{Rest, Value as Jinja, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::engine::{Refusal, Warned, counts_as_undefined};
use super::limits::{beyond, fits};
use super::value::{NOWHERE, NoNode, Place, Tree, to_node};
use crate::limits::Limits;
use crate::yaml::{Entry, Map, Node, Value, Wants, print_json, print_yaml};

/// The functions that templates can call: name, arguments, and what it gives.
pub const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("b64encode", "text", "the text in base64"),
    ("checksum", "value, …", "the SHA-256 of the values, in hexadecimal"),
    ("coalesce", "value, …", "the first value that is set and not empty"),
    ("env", "map", "a list of `{name, value}`, as containers take it"),
    ("fail", "message, value, …", "an error in the chart's own words, at the values that are named"),
    ("image", "image, tag", "`repository:tag` or `repository@digest` of an image's settings"),
    ("merge", "map, map, …", "the maps merged deeply; later ones win"),
    ("name", "part, …", "the parts joined by `-`; an error beyond 63 characters"),
    ("range", "from, to, step", "a list of numbers"),
    ("dict", "key=value, …", "a map"),
    ("namespace", "key=value, …", "a map that `set` can change inside loops"),
    ("shell_quote", "text", "the text as one word of a POSIX shell"),
    ("to_json", "value", "the value as JSON text"),
    ("to_yaml", "value", "the value as YAML text, for files inside a ConfigMap"),
    ("urlencode", "text", "the text percent-encoded, for every part of a URL"),
    (
        "warn",
        "message, value, …",
        "the first value, with a warning in the chart's own words at the values that are named",
    ),
];

/// The filters that templates can use. `safe`, `indent`, `tojson` and their like are left out: values are bound, not pasted.
pub const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "b64encode",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "shell_quote",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "to_json",
    "to_yaml",
    "trim",
    "unique",
    "upper",
    "urlencode",
    "zip",
];

/// The tests that templates can use after `is`.
pub const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
];

const PASTING_FILTERS: &[&str] = &["safe", "escape", "e", "indent", "tojson", "pprint"];

pub(super) fn register(engine: &mut Environment<'static>, limits: Limits) {
    PASTING_FILTERS.iter().for_each(|name| engine.remove_filter(name));
    engine.remove_global("debug");
    for &(name, make) in MAKE_TEXT {
        let made = move |value: Jinja| {
            let text = make(&value, &limits)?;
            fits(text.len(), &limits).map(|()| text)
        };
        engine.add_function(name, made);
        engine.add_filter(name, made);
    }
    engine.add_function("checksum", move |values: Rest<Jinja>| checksum(&values, &limits));
    engine.add_function("coalesce", coalesce);
    engine.add_function("env", move |map: Jinja| env(&map, &limits));
    engine.add_function("fail", fail);
    engine.add_function("image", image);
    engine.add_function("merge", move |maps: Rest<Jinja>| merge(&maps, &limits));
    engine.add_function("name", name);
    engine.add_function("warn", warn);
    engine.add_filter("default", default);
    engine.add_filter("d", default);
    engine.add_test("defined", |value: Jinja| !counts_as_undefined(&value));
    engine.add_test("undefined", |value: Jinja| counts_as_undefined(&value));
}

/// Makes a text of a value.
type MakeText = fn(&Jinja, &Limits) -> Result<String, Error>;

/// What makes a text of one value, as a function and as a filter. The texts are bounded where these are registered.
const MAKE_TEXT: &[(&str, MakeText)] = &[
    ("b64encode", b64encode),
    ("shell_quote", shell_quote),
    ("to_json", to_json),
    ("to_yaml", to_yaml),
    ("urlencode", urlencode),
];

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The text of a scalar argument, with the lexeme of a value that still has it.
fn text_of(value: &Jinja, function: &str) -> Result<Arc<str>, Error> {
    match value.kind() {
        ValueKind::String => value.to_str().ok_or_else(|| wrong("not text")),
        ValueKind::Number | ValueKind::Bool => {
            Ok(Arc::from(node_of(value, &Limits::default())?.as_scalar().map_or("", |s| &*s.text)))
        }
        ValueKind::Undefined => {
            Err(Error::new(ErrorKind::UndefinedError, format!("`{function}` needs a value here")))
        }
        kind => Err(wrong(format!("`{function}` takes text, and this is a {kind}"))),
    }
}

fn node_of(value: &Jinja, limits: &Limits) -> Result<Node, Error> {
    to_node(value, &[], NOWHERE, limits).map_err(|reason| {
        let message = super::errors::no_node(&reason, limits);
        match reason {
            NoNode::TooMuch(limit) => beyond(limit, message),
            _ => wrong(message),
        }
    })
}

/// A node as the engine holds values: it keeps its lexemes and spans.
fn held(node: Node) -> Jinja {
    let tree = Tree::new(Arc::new(node), Arc::new(Wants::anything()));
    Place::root(&tree).to_jinja().unwrap_or(Jinja::UNDEFINED)
}

fn name(parts: Rest<Jinja>) -> Result<String, Error> {
    let mut joined = String::new();
    for part in parts.iter().filter(|part| !part.is_none()) {
        let text = text_of(part, "name")?;
        if !joined.is_empty() && !text.is_empty() {
            joined.push('-');
        }
        joined.push_str(&text);
    }
    if joined.len() > 63 {
        return Err(wrong(format!(
            "the name `{joined}` has {} characters, and 63 are allowed",
            joined.len()
        )));
    }
    Ok(joined)
}

fn image(image: Jinja, default_tag: Option<Jinja>) -> Result<String, Error> {
    let part = |key: &str| image.get_attr(key).ok().filter(|value| value.is_true());
    let repository = part("repository").ok_or_else(|| wrong("`image` needs a map with `repository`"))?;
    let registry = part("registry").map(|value| text_of(&value, "image")).transpose()?;
    let prefix = registry.map(|registry| format!("{}/", registry.trim_end_matches('/'))).unwrap_or_default();
    let repository = format!("{prefix}{}", text_of(&repository, "image")?);
    if let Some(digest) = part("digest") {
        return Ok(format!("{repository}@{}", text_of(&digest, "image")?));
    }
    // The lexeme, so that the tag 1.10 stays 1.10.
    let lexeme =
        image.downcast_object_ref::<Place>().and_then(|place| place.child("tag")).and_then(|place| {
            place
                .node()
                .and_then(Node::as_scalar)
                .map(|scalar| Arc::clone(&scalar.text))
                .filter(|text| !text.is_empty())
        });
    let tag = match (lexeme, part("tag").or(default_tag.filter(Jinja::is_true))) {
        (Some(text), _) => text,
        (None, Some(tag)) => text_of(&tag, "image")?,
        (None, None) => {
            return Err(wrong(format!("the image `{repository}` has neither a tag nor a digest")));
        }
    };
    Ok(format!("{repository}:{tag}"))
}

fn checksum(values: &[Jinja], limits: &Limits) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    for value in values.iter() {
        let text =
            if counts_as_undefined(value) { String::new() } else { print_json(&node_of(value, limits)?) };
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn coalesce(values: Rest<Jinja>) -> Jinja {
    let is_set = |value: &&Jinja| {
        let empty =
            matches!(value.kind(), ValueKind::String | ValueKind::Map | ValueKind::Seq) && !value.is_true();
        !counts_as_undefined(value) && !value.is_none() && !empty
    };
    values.iter().find(is_set).or(values.last()).cloned().unwrap_or(Jinja::UNDEFINED)
}

/// `default(none)` is told from `default()`: the first leaves a key out, the second gives an empty string.
fn default(value: Jinja, arguments: Rest<Jinja>) -> Jinja {
    let unset = counts_as_undefined(&value) || value.is_none();
    let false_counts = arguments.get(1).is_some_and(Jinja::is_true);
    if !unset && (value.is_true() || !false_counts) {
        return value;
    }
    arguments.first().cloned().unwrap_or_else(|| Jinja::from(""))
}

fn env(map: &Jinja, limits: &Limits) -> Result<Jinja, Error> {
    let node = if counts_as_undefined(map) { Node::empty_map(NOWHERE) } else { node_of(map, limits)? };
    let Value::Map(map) = node.value else { return Err(wrong("`env` takes a map")) };
    let variable = |(name, entry): (Arc<str>, Entry)| {
        let key = Entry { key_span: entry.key_span, node: Node::string(name, entry.key_span) };
        let pairs = Map::from_iter([(Arc::from("name"), key), (Arc::from("value"), entry)]);
        Node::new(Value::Map(pairs), NOWHERE)
    };
    Ok(held(Node::new(Value::List(map.into_iter().map(variable).collect()), NOWHERE)))
}

/// The values after the message are only named in the finding.
fn fail(message: &str, _values: Rest<Jinja>) -> Jinja {
    Jinja::from_object(Refusal(Some(message.to_owned())))
}

/// Stands as a whole `{{ … }}`, like `fail`: the value goes where the expression is, and rendering goes on.
fn warn(message: &str, values: Rest<Jinja>) -> Jinja {
    let value = values.first().cloned().unwrap_or(Jinja::from(()));
    Jinja::from_object(Warned { message: message.to_owned(), value })
}

fn merge(maps: &[Jinja], limits: &Limits) -> Result<Jinja, Error> {
    let mut merged = Map::default();
    for map in maps.iter().filter(|map| !counts_as_undefined(map) && !map.is_none()) {
        match node_of(map, limits)?.value {
            Value::Map(map) => merge_two(&mut merged, map),
            _ => return Err(wrong(format!("`merge` takes maps, and this is a {}", map.kind()))),
        }
    }
    Ok(held(Node::new(Value::Map(merged), NOWHERE)))
}

fn merge_two(lower: &mut Map, higher: Map) {
    for (key, entry) in higher {
        match (lower.get_mut(&key), entry) {
            (
                Some(Entry { node: Node { value: Value::Map(old), .. }, .. }),
                Entry { node: Node { value: Value::Map(new), .. }, .. },
            ) => merge_two(old, new),
            (_, entry) => {
                lower.insert(key, entry);
            }
        }
    }
}

fn shell_quote(text: &Jinja, _: &Limits) -> Result<String, Error> {
    let text = text_of(text, "shell_quote")?;
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}

/// Whether a text is what [`shell_quote`] makes.
pub(super) fn is_shell_word(text: &str) -> bool {
    let inside = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inside.is_some_and(|inside| !inside.replace(r"'\''", "").contains('\''))
}

fn to_json(value: &Jinja, limits: &Limits) -> Result<String, Error> {
    Ok(print_json(&node_of(value, limits)?).trim_end().to_owned())
}

fn to_yaml(value: &Jinja, limits: &Limits) -> Result<String, Error> {
    // The line break after the expression is the template's own.
    let node = node_of(value, limits)?;
    let text = print_yaml(&node);
    // It would be one more, or one less, for a block that keeps its last line breaks; JSON has no such blocks, and is YAML too.
    if text.ends_with("\n\n") {
        return to_json(value, limits);
    }
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

fn urlencode(text: &Jinja, _: &Limits) -> Result<String, Error> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let text = text_of(text, "urlencode")?;
    Ok(utf8_percent_encode(&text, RESERVED).to_string())
}

fn b64encode(text: &Jinja, _: &Limits) -> Result<String, Error> {
    let text = text_of(text, "b64encode")?;
    Ok(base64::engine::general_purpose::STANDARD.encode(text.as_bytes()))
}
