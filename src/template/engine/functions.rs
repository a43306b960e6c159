//! The functions, filters and tests of templates: what there is, and the code of those that are not the engine's own.
//!
//! **To add a function**, add a row to [`FUNCTIONS`] and the function that it names. Nothing else in the program has to
//! know of it: the check of templates and the engine both read the table. A function returns a *value*, never text to
//! be pasted into YAML. What it takes:
//!
//! * [`text_of`] gives the text of a scalar argument, [`node_of`] any argument as a tree. A map or list out of the
//!   values keeps its lexemes in a tree (`1.10` stays `1.10`). A number that is an argument by itself has lost its own:
//!   the engine has a number of it.
//! * An error is [`wrong`]; the engine adds the place. It must not quote a value, which may be a secret.
//! * What can become larger than its arguments is bounded: the texts of [`Implementation::Text`] are, lists and maps by
//!   [`node_of`], and for anything else there is [`check_text_size`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use minijinja::value::{Kwargs, Rest, Value as Jinja, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, functions};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::addresses;
use super::filters::{filter_names, test_names};
use super::growth::{Size, check_items, measure, pay};
use super::versions;
use crate::limits::Limits;
use crate::session::Session;
use crate::source::{SourceKind, Span};
use crate::template::analysis::{Descend, KnownNames};
use crate::template::binding::{
    ConversionError, Converted, FailedWith, NodeRef, PrintedPiece, ValueTree, WarnedValue, argument_to_node,
    counts_as_undefined, native_number, number_text, printed_pieces,
};
use crate::template::chart_files::{self, ChartFiles, FileContent};
use crate::template::errors::{check_text_size, limit_error};
use crate::template::shell_word;
use crate::yaml::{Entry, Kind, Map, Node, Tombstones, Value, Wants, parse_one, print_json, print_yaml_part};

/// A function that templates can call.
#[derive(Debug)]
pub struct TemplateFunction {
    /// Its name.
    pub name: &'static str,
    /// Its arguments, as documentation writes them: `value, …`.
    pub arguments: &'static str,
    /// What it gives, as a phrase.
    pub gives: &'static str,
    implementation: Implementation,
}

/// Where the code of a function is, and how it gets into the engine.
#[derive(Debug)]
enum Implementation {
    /// Makes text of one value. It is a filter of the same name as well, and the size of what it makes is checked.
    Text(fn(&Jinja, &Limits) -> Result<String, Error>),
    /// Anything else: adds itself to the engine, under this name.
    Function(fn(&mut Environment<'static>, &'static str, Limits)),
}

use Implementation::{Function, Text};

/// The functions that templates can call.
pub const FUNCTIONS: &[TemplateFunction] = &[
    TemplateFunction {
        name: "b64encode",
        arguments: "text",
        gives: "the text in base64",
        implementation: Text(b64encode),
    },
    TemplateFunction {
        name: "checksum",
        arguments: "value, …",
        gives: "the SHA-256 of the values, or of set blocks, in hexadecimal",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, values: Rest<Jinja>| {
                pay_for_all(state, &limits, &values)?;
                checksum(state, &values, &limits)
            });
        }),
    },
    TemplateFunction {
        name: "coalesce",
        arguments: "value, …",
        gives: "the first value that is set and not empty",
        implementation: Function(|engine, name, _| engine.add_function(name, coalesce)),
    },
    TemplateFunction {
        name: "endpoints",
        arguments: "address, port",
        gives: "where a URL or a list of hosts leads: `hosts`, `ports`, `peers`, and `unknown` hosts",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, address: Jinja, port: Option<Jinja>| {
                pay_for(state, &limits, &address)?;
                // Hosts are held against each other.
                let hosts = address.as_str().map_or(0, |text| text.matches(',').count());
                pay(state, &limits, hosts.saturating_mul(hosts) / 16, 0)?;
                endpoints(&address, port)
            });
        }),
    },
    TemplateFunction {
        name: "env",
        arguments: "map",
        gives: "a list of `{name, value}`, as containers take it",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, map: Jinja| {
                pay_for(state, &limits, &map)?;
                env(&map, &limits)
            });
        }),
    },
    TemplateFunction {
        name: "fail",
        arguments: "message, value, …",
        gives: "an error in the chart's own words, at the values that are named",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, message: &str, values: Rest<Jinja>| {
                pay(state, &limits, 0, message.len().saturating_mul(PARTS_OF_NODE))?;
                Ok::<Jinja, Error>(fail(message, values))
            });
        }),
    },
    TemplateFunction {
        name: "files_base64",
        arguments: "pattern",
        gives: "the chart's files that match, by their names, in Base64",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, pattern: &str| {
                files_base64(state, pattern, &limits)
            });
        }),
    },
    TemplateFunction {
        name: "files_text",
        arguments: "pattern",
        gives: "the texts of the chart's files that match, by their names",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, pattern: &str| {
                files_text(state, pattern, &limits)
            });
        }),
    },
    TemplateFunction {
        name: "image",
        arguments: "image, tag",
        gives: "`repository:tag` or `repository@digest` of an image's settings",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, settings: Jinja, tag: Option<Jinja>| {
                pay_for(state, &limits, &settings)?;
                measure(state, &limits, Jinja::from(image(settings, tag)?))
            });
        }),
    },
    TemplateFunction {
        name: "merge",
        arguments: "map, map, …",
        gives: "the maps merged deeply; later ones win",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, maps: Rest<Jinja>| {
                pay_for_all(state, &limits, &maps)?;
                merge(&maps, &limits)
            });
        }),
    },
    TemplateFunction {
        name: "name",
        arguments: "part, …",
        gives: "the parts joined by `-`; an error beyond 63 characters",
        implementation: Function(|engine, name, _| engine.add_function(name, self::name)),
    },
    TemplateFunction {
        name: "omit",
        arguments: "map, key, …",
        gives: "the map without these keys",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, map: Jinja, keys: Rest<Jinja>| {
                pay_for(state, &limits, &map)?;
                pay(state, &limits, keys.len(), 0)?;
                chosen_keys(name, &map, &keys, &limits, |is_named| !is_named)
            });
        }),
    },
    TemplateFunction {
        name: "parse_yaml",
        arguments: "text",
        gives: "the value that a text of YAML or JSON has",
        implementation: Function(|engine, name, limits| {
            let parse = move |state: &mut State, text: Jinja| {
                pay_for(state, &limits, &text)?;
                let value = parse_yaml(&text, &limits)?;
                pay_for(state, &limits, &value).map(|()| value)
            };
            // As `to_yaml`, of which it is the way back.
            engine.add_function(name, parse);
            engine.add_filter(name, parse);
        }),
    },
    TemplateFunction {
        name: "peers",
        arguments: "peer, …, except=list",
        gives: "a list of a NetworkPolicy's peers, out of addresses, CIDRs, peers and lists of them",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, peers: Rest<Jinja>, options: Kwargs| {
                pay_for_all(state, &limits, &peers)?;
                pay_for_pairs(state, &limits, &peers, &options)?;
                self::peers(&peers, &options, &limits)
            });
        }),
    },
    TemplateFunction {
        name: "pick",
        arguments: "map, key, …",
        gives: "the map with only these keys",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, map: Jinja, keys: Rest<Jinja>| {
                pay_for(state, &limits, &map)?;
                pay(state, &limits, keys.len(), 0)?;
                chosen_keys(name, &map, &keys, &limits, |is_named| is_named)
            });
        }),
    },
    TemplateFunction {
        name: "range",
        arguments: "from, to, step",
        gives: "a list of numbers",
        implementation: Function(|engine, name, _| engine.add_function(name, range)),
    },
    TemplateFunction {
        name: "dict",
        arguments: "key=value, …",
        gives: "a map",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, from: Option<Jinja>, entries: Kwargs| {
                pay_for(state, &limits, from.as_ref().unwrap_or(&Jinja::UNDEFINED))?;
                measure(state, &limits, functions::dict(from, entries)?)
            });
        }),
    },
    TemplateFunction {
        name: "namespace",
        arguments: "key=value, …",
        gives: "a map that `set` can change inside loops",
        implementation: Function(|engine, name, _| engine.add_function(name, functions::namespace)),
    },
    TemplateFunction {
        name: "semver",
        arguments: "text",
        gives: "the text as a version, which compares as versions do; it has `major`, `minor` and `patch`",
        implementation: Function(|engine, name, _| {
            engine.add_function(name, |value: Jinja| versions::semver(&value));
        }),
    },
    TemplateFunction {
        name: "shell_quote",
        arguments: "text",
        gives: "the text as one word of a POSIX shell",
        implementation: Text(shell_quote),
    },
    TemplateFunction {
        name: "to_json",
        arguments: "value",
        gives: "the value as JSON text",
        implementation: Text(to_json),
    },
    TemplateFunction {
        name: "to_yaml",
        arguments: "value",
        gives: "the value as YAML text, for files inside a ConfigMap",
        implementation: Text(to_yaml),
    },
    TemplateFunction {
        name: "urlencode",
        arguments: "text",
        gives: "the text percent-encoded, for every part of a URL",
        implementation: Text(urlencode),
    },
    TemplateFunction {
        name: "warn",
        arguments: "message, value, …",
        gives: "the first value, with a warning in the chart's own words at the values that are named",
        implementation: Function(|engine, name, limits| {
            engine.add_function(name, move |state: &mut State, message: &str, values: Rest<Jinja>| {
                pay(state, &limits, 0, message.len().saturating_mul(PARTS_OF_NODE))?;
                Ok::<Jinja, Error>(warn(message, values))
            });
        }),
    },
];

/// The names of them all, for the check of templates.
pub(super) fn known_names() -> KnownNames {
    let mut filters = filter_names();
    for function in FUNCTIONS {
        if matches!(function.implementation, Text(_)) || function.name == "parse_yaml" {
            filters.push(function.name);
        }
    }
    filters.sort_unstable();
    KnownNames {
        functions: FUNCTIONS.iter().map(|function| function.name).collect(),
        filters,
        tests: test_names(),
    }
}

/// Adds them to an engine that has none.
pub(super) fn register(engine: &mut Environment<'static>, limits: Limits) {
    for function in FUNCTIONS {
        match function.implementation {
            Text(make_text) => {
                let bounded = move |state: &mut State, value: Jinja| {
                    pay_for(state, &limits, &value)?;
                    let text = make_text(&value, &limits)?;
                    check_text_size(text.len(), &limits).map(|()| text)
                };
                // Both `{{ b64encode(values.key) }}` and `{{ values.key | b64encode }}`.
                engine.add_function(function.name, bounded);
                engine.add_filter(function.name, bounded);
            }
            Function(add) => add(engine, function.name, limits),
        }
    }
    engine.add_filter("default", default);
    engine.add_filter("d", default);
    // The engine's own know nothing of maps that only the schema has.
    engine.add_test("defined", |value: Jinja| !counts_as_undefined(&value));
    engine.add_test("undefined", |value: Jinja| counts_as_undefined(&value));
}

// What the functions are made of.

/// Pays for a value that is taken with all that is in it, and made anew.
fn pay_for(state: &mut State, limits: &Limits, value: &Jinja) -> Result<(), Error> {
    let size = Size::looked_at(value, limits)?;
    pay(state, limits, size.parts.saturating_mul(PARTS_OF_NODE), size.bytes.saturating_mul(PARTS_OF_NODE))
}

fn pay_for_all(state: &mut State, limits: &Limits, values: &[Jinja]) -> Result<(), Error> {
    values.iter().try_for_each(|value| pay_for(state, limits, value))
}

/// Pays for peers that are held against each other, and that each get all exceptions.
fn pay_for_pairs(state: &mut State, limits: &Limits, peers: &[Jinja], options: &Kwargs) -> Result<(), Error> {
    let exceptions: Option<Jinja> = options.peek("except").ok();
    let mut parts = 0_usize;
    for value in peers.iter().chain(&exceptions) {
        parts = parts.saturating_add(Size::looked_at(value, limits)?.parts);
    }
    pay(state, limits, parts.saturating_mul(parts) / 16, 0)
}

/// How many scalars of the engine a node of a tree takes as much as, and how many times longer it takes to print or to
/// hash a byte than to look at it.
const PARTS_OF_NODE: usize = 4;

/// The error of an argument that a function cannot take.
fn wrong(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The text of a scalar argument: a string as it is, a number or boolean as it is printed.
fn text_of(value: &Jinja, function: &str) -> Result<Arc<str>, Error> {
    match value.kind() {
        ValueKind::String => value.to_str().ok_or_else(|| wrong("not text")),
        ValueKind::Number | ValueKind::Bool => {
            // Written as the printer writes a number or a boolean. A scalar reaches no limit, so whichever they are
            // will do.
            let node = node_of(value, &Limits::default())?;
            Ok(Arc::from(node.as_scalar().map_or("", |scalar| &*scalar.text)))
        }
        ValueKind::Undefined => {
            Err(Error::new(ErrorKind::UndefinedError, format!("`{function}` needs a value here")))
        }
        kind => match number_text(value) {
            Some(text) => Ok(text),
            None => Err(wrong(format!("`{function}` takes text, and this is a {kind}"))),
        },
    }
}

/// An argument as a tree.
fn node_of(value: &Jinja, limits: &Limits) -> Result<Node, Error> {
    Ok(converted(value, limits)?.node)
}

/// An argument as a tree, with what it lacks. Parts that functions made have no place: it becomes that of the expression
/// when it is bound.
fn converted(value: &Jinja, limits: &Limits) -> Result<Converted, Error> {
    argument_to_node(value, limits).map_err(|error| {
        let message = error.message(limits);
        match error {
            ConversionError::TooMuch(limit) => limit_error(limit, message),
            _ => wrong(message),
        }
    })
}

/// The engine's value of a tree: a map or list that keeps its lexemes and spans.
fn value_of(node: Node, lacking: Tombstones) -> Jinja {
    let tree = ValueTree::new(Arc::new(node), Arc::new(Wants::anything()), Arc::new(lacking));
    Jinja::from_object(NodeRef::root(&tree))
}

// The functions, in the order of the alphabet.

/// Of the bytes of the UTF-8 text, with padding, as Secrets have it.
fn b64encode(text: &Jinja, limits: &Limits) -> Result<String, Error> {
    let text = text_of(text, "b64encode")?;
    check_text_size((text.len() / 3).saturating_add(1).saturating_mul(4), limits)?;
    Ok(base64::engine::general_purpose::STANDARD.encode(text.as_bytes()))
}

/// Each value's text has a zero byte behind it, so that `checksum("ab", "c")` and `checksum("a", "bc")` differ. A value
/// that is not set counts as an empty text. The text of a set block has values in it, which count as values do: so the name of
/// an object that can't be changed can follow all that is in it.
fn checksum(state: &mut State<'_, '_>, values: &[Jinja], limits: &Limits) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    for value in values {
        // Only what the engine captures is a safe string.
        if value.is_safe() {
            for piece in printed_pieces(state, limits, value)? {
                match piece {
                    PrintedPiece::Text(text) => hasher.update(text.as_bytes()),
                    PrintedPiece::Node(node) => add_value(&mut hasher, &Jinja::from_object(node), limits)?,
                    PrintedPiece::Computed(value) => add_value(&mut hasher, &value, limits)?,
                    PrintedPiece::Nothing => {}
                }
                hasher.update([0]);
            }
        } else if !counts_as_undefined(value) {
            add_value(&mut hasher, value, limits)?;
        }
        hasher.update([0]);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Adds the JSON of a value: there a value has one form, however it was quoted or indented where it was set.
fn add_value(hasher: &mut Sha256, value: &Jinja, limits: &Limits) -> Result<(), Error> {
    hasher.update(print_json(&node_of(value, limits)?).as_bytes());
    Ok(())
}

/// The last value, if none is set and not empty: it says whether the result is undefined, null or empty.
fn coalesce(values: Rest<Jinja>) -> Jinja {
    // `0` and `false` are values, although they are not true.
    let is_set = |value: &&Jinja| {
        let can_be_empty = matches!(value.kind(), ValueKind::String | ValueKind::Map | ValueKind::Seq);
        let is_empty = can_be_empty && !value.is_true();
        !counts_as_undefined(value) && !value.is_none() && !is_empty
    };
    values.iter().find(is_set).or(values.last()).cloned().unwrap_or(Jinja::UNDEFINED)
}

/// The engine's own, and null counts as not set. `default(none)` is told from `default()`: the first leaves a key out,
/// the second gives an empty string.
fn default(value: Jinja, arguments: Rest<Jinja>) -> Jinja {
    let is_unset = counts_as_undefined(&value) || value.is_none();
    // Jinja's second argument: whether everything that is false is replaced as well.
    let false_counts = arguments.get(1).is_some_and(Jinja::is_true);
    if !is_unset && (value.is_true() || !false_counts) {
        return value;
    }
    arguments.first().cloned().unwrap_or_else(|| Jinja::from(""))
}

/// A port that is not set, or null, is the scheme's own.
fn endpoints(address: &Jinja, port: Option<Jinja>) -> Result<Jinja, Error> {
    let text = if counts_as_undefined(address) || address.is_none() {
        Arc::from("")
    } else {
        text_of(address, "endpoints")?
    };
    let port = port.filter(|port| !counts_as_undefined(port) && !port.is_none());
    let port = port.map(|port| {
        u16::try_from(native_number(port)).map_err(|_| wrong("`endpoints` takes a port as a number"))
    });
    Ok(value_of(addresses::endpoints(&text, port.transpose()?), Tombstones::default()))
}

/// `{LOG: debug}` becomes `[{name: LOG, value: debug}]`, in the order of the map. A map that nobody set is an empty
/// list.
fn env(map: &Jinja, limits: &Limits) -> Result<Jinja, Error> {
    let node = if counts_as_undefined(map) { Node::empty_map(Span::NOWHERE) } else { node_of(map, limits)? };
    let Value::Map(map) = node.value else { return Err(wrong("`env` takes a map")) };
    // The name has the place of the key that it was, the value its own.
    let variable = |(name, entry): (Arc<str>, Entry)| {
        let key = Entry { key_span: entry.key_span, node: Node::string(name, entry.key_span) };
        let pairs = Map::from_iter([(Arc::from("name"), key), (Arc::from("value"), entry)]);
        Node::new(Value::Map(pairs), Span::NOWHERE)
    };
    let variables = Node::new(Value::List(map.into_iter().map(variable).collect()), Span::NOWHERE);
    Ok(value_of(variables, Tombstones::default()))
}

/// The values after the message are only named in the finding: the expression reads them, so they are its inputs.
fn fail(message: &str, _values: Rest<Jinja>) -> Jinja {
    Jinja::from_object(FailedWith(Some(shortened(message))))
}

/// The name of the global that has the files of the chart. No template can name it.
pub(super) const FILES: &str = "files of the chart";

/// The files of the chart that is rendered.
fn chart_files(state: &State<'_, '_>) -> ChartFiles {
    let global = state.lookup(FILES);
    global.as_ref().and_then(|value| value.downcast_object_ref::<ChartFiles>()).cloned().unwrap_or_default()
}

/// By name without folder, the bytes in Base64: `data` of a Secret, `binaryData` of a ConfigMap.
fn files_base64(state: &mut State<'_, '_>, pattern: &str, limits: &Limits) -> Result<Jinja, Error> {
    let files = chart_files(state);
    let mut found: Vec<(&str, Arc<str>)> = Vec::new();
    for (name, (_, content)) in files.matching(pattern).map_err(wrong)? {
        let length = (content.bytes().len() / 3).saturating_add(1).saturating_mul(4);
        check_text_size(length, limits)?;
        pay(state, limits, 1, length)?;
        found.push((name, Arc::from(base64::engine::general_purpose::STANDARD.encode(content.bytes()))));
    }
    Ok(value_of(chart_files::map_of(found), Tombstones::default()))
}

/// By name without folder: `data` of a ConfigMap, `stringData` of a Secret.
fn files_text(state: &mut State<'_, '_>, pattern: &str, limits: &Limits) -> Result<Jinja, Error> {
    let files = chart_files(state);
    let mut found: Vec<(&str, Arc<str>)> = Vec::new();
    for (name, (path, content)) in files.matching(pattern).map_err(wrong)? {
        let FileContent::Text(text) = content else {
            let message = format!(
                "`{path}` is not text: `files_base64` has its bytes, for `binaryData` of a ConfigMap"
            );
            return Err(wrong(message));
        };
        pay(state, limits, 1, text.len())?;
        found.push((name, Arc::clone(text)));
    }
    Ok(value_of(chart_files::map_of(found), Tombstones::default()))
}

/// `registry/repository@digest`, or `registry/repository:tag` if there is no digest. `default_tag` counts where the
/// settings have no tag.
///
/// # Errors
/// For an image without a repository, and for one that has neither tag nor digest: it would mean `latest`.
fn image(image: Jinja, default_tag: Option<Jinja>) -> Result<String, Error> {
    // Undefined, null and an empty text are no settings here.
    let setting = |key: &str| image.get_attr(key).ok().filter(|value| value.is_true());
    let repository = setting("repository").ok_or_else(|| wrong("`image` needs a map with `repository`"))?;
    let mut name = String::new();
    if let Some(registry) = setting("registry") {
        name.push_str(text_of(&registry, "image")?.trim_end_matches('/'));
        name.push('/');
    }
    name.push_str(&text_of(&repository, "image")?);
    if let Some(digest) = setting("digest") {
        return Ok(format!("{name}@{}", text_of(&digest, "image")?));
    }
    if let Some(tag) = tag_lexeme(&image) {
        return Ok(format!("{name}:{tag}"));
    }
    match setting("tag").or(default_tag.filter(Jinja::is_true)) {
        Some(tag) => Ok(format!("{name}:{}", text_of(&tag, "image")?)),
        None => Err(wrong(format!("the image `{name}` has neither a tag nor a digest"))),
    }
}

/// The tag as it was written: the engine has a number for `1.10`, and prints it as `1.1`.
fn tag_lexeme(image: &Jinja) -> Option<Arc<str>> {
    let tag = image.downcast_object_ref::<NodeRef>()?.child("tag")?;
    let text = Arc::clone(&tag.node()?.as_scalar()?.text);
    (!text.is_empty()).then_some(text)
}

/// A later map over an earlier one, as layers of values are merged; but lists and whatever else meets are replaced
/// without a word, and nulls stay.
fn merge(maps: &[Jinja], limits: &Limits) -> Result<Jinja, Error> {
    let (mut merged, mut lacking) = (Map::default(), Tombstones::default());
    for map in maps.iter().filter(|map| !counts_as_undefined(map) && !map.is_none()) {
        let higher = converted(map, limits)?;
        lacking.extend(higher.lacking);
        match higher.node.value {
            Value::Map(map) => merge_into(&mut merged, map),
            _ => return Err(wrong(format!("`merge` takes maps, and this is a {}", map.kind()))),
        }
    }
    let merged = Node::new(Value::Map(merged), Span::NOWHERE);
    lacking.retain_lacking(&merged);
    Ok(value_of(merged, lacking))
}

/// Merges the entries of one map into another.
fn merge_into(lower: &mut Map, higher: Map) {
    for (key, entry) in higher {
        let below = lower.get_mut(&key).and_then(|entry| entry.node.as_map_mut());
        match (below, entry.node.value) {
            (Some(old), Value::Map(new)) => merge_into(old, new),
            (_, value) => {
                lower.insert(key, Entry { node: Node { value, ..entry.node }, ..entry });
            }
        }
    }
}

/// How many characters of a name a message quotes.
const LONGEST_SHOWN: usize = 200;

/// A chart's own words, of which nobody reads more than a page.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 4_000;
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

/// Null parts are left out, and so are empty ones. 63 characters are what the name of a service may have, and a label's
/// value.
fn name(parts: Rest<Jinja>) -> Result<String, Error> {
    let mut joined = String::new();
    for part in parts.iter().filter(|part| !part.is_none()) {
        let text = text_of(part, "name")?;
        if !joined.is_empty() && !text.is_empty() {
            joined.push('-');
        }
        joined.push_str(&text);
    }
    // Bytes are characters in what Kubernetes takes for a name, and what it does not take it will refuse.
    if joined.len() > 63 {
        let length = joined.len();
        // The beginning of a very long one is enough to know it by.
        let shown: String = joined.chars().take(LONGEST_SHOWN).collect();
        let dots = if shown.len() < length { "…" } else { "" };
        return Err(wrong(format!("the name `{shown}{dots}` has {length} characters, and 63 are allowed")));
    }
    Ok(joined)
}

/// `omit`, `pick`: the entries of a map by whether their keys are named. What is not set, or null, is an empty map.
fn chosen_keys(
    function: &str,
    map: &Jinja,
    keys: &[Jinja],
    limits: &Limits,
    is_kept: impl Fn(bool) -> bool,
) -> Result<Jinja, Error> {
    let mut named = BTreeSet::new();
    for key in keys {
        named.insert(text_of(key, function)?);
    }
    if counts_as_undefined(map) || map.is_none() {
        return Ok(value_of(Node::empty_map(Span::NOWHERE), Tombstones::default()));
    }
    let Converted { mut node, mut lacking, .. } = converted(map, limits)?;
    match &mut node.value {
        Value::Map(entries) => entries.retain(|key, _| is_kept(named.contains(&**key))),
        _ => return Err(wrong(format!("`{function}` takes a map, and this is a {}", map.kind()))),
    }
    lacking.retain_lacking(&node);
    Ok(value_of(node, lacking))
}

/// Of one document; what the text holds has no place of its own, as the text has one. An empty text is null.
///
/// # Errors
/// For what is no YAML, or more than one document. The text is not quoted: it may be a secret.
fn parse_yaml(text: &Jinja, limits: &Limits) -> Result<Jinja, Error> {
    // The text of a set block has placeholders for its values, and is no YAML yet.
    if text.is_safe() {
        return Err(wrong(
            "`parse_yaml` takes a text, and what a set block prints is YAML already: print it",
        ));
    }
    let text = text_of(text, "parse_yaml")?;
    // One of these stands before every item and entry but the first.
    check_items(text.bytes().filter(|byte| b"\n,:[{".contains(byte)).count(), limits)?;
    let session = Session::with_limits(*limits);
    let source = session.add_source(SourceKind::File, "text", Arc::clone(&text));
    let Ok(Some(mut node)) = parse_one(&session, source) else {
        if session.errors() == 0 {
            return Ok(Jinja::from(()));
        }
        let line = session.diagnostics().first().and_then(|finding| finding.primary()).map(|label| {
            let before = text.get(..label.span.start as usize).unwrap_or_default();
            1 + before.matches('\n').count()
        });
        return Err(wrong(match line {
            Some(line) => format!("`parse_yaml` takes YAML, and this is not YAML: line {line} of the text"),
            None => "`parse_yaml` takes YAML, and this is not YAML".to_owned(),
        }));
    };
    if session.errors() > 0 {
        return Err(wrong("`parse_yaml` takes YAML, and this is not YAML: a key stands twice in it"));
    }
    without_places(&mut node);
    Ok(value_of(node, Tombstones::default()))
}

/// Takes away places of a source that nobody else knows.
fn without_places(node: &mut Node) {
    node.span = Span::NOWHERE;
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(without_places),
        Value::Map(map) => map.values_mut().for_each(|entry| {
            entry.key_span = Span::NOWHERE;
            without_places(&mut entry.node);
        }),
    }
}

/// What is not set, null or empty is no peer, and what is there twice is one. `except` counts for addresses and CIDRs.
fn peers(written: &[Jinja], options: &Kwargs, limits: &Limits) -> Result<Jinja, Error> {
    let except = match options.get::<Option<Jinja>>("except")? {
        Some(except) => listed(&except, limits)?,
        None => Vec::new(),
    };
    options.assert_all_used()?;
    let mut found: Vec<Node> = Vec::new();
    for value in written {
        for item in listed(value, limits)?.into_iter().filter(|item| item.as_str() != Some("")) {
            let peer = addresses::peer(item, &except);
            let peer = peer.ok_or_else(|| wrong("`peers` takes an address or a CIDR here"))?;
            if !found.contains(&peer) {
                found.push(peer);
            }
        }
    }
    Ok(value_of(Node::new(Value::List(found), Span::NOWHERE), Tombstones::default()))
}

/// The items of a list; anything else is one item, and what is not set is none.
fn listed(value: &Jinja, limits: &Limits) -> Result<Vec<Node>, Error> {
    if counts_as_undefined(value) || value.is_none() {
        return Ok(Vec::new());
    }
    let node = node_of(value, limits)?;
    Ok(match node.value {
        Value::List(items) => items,
        _ => vec![node],
    })
}

/// The engine's own, for numbers that it can count with: between others its arithmetic goes beyond 64 bits.
fn range(from: Jinja, to: Option<Jinja>, step: Option<Jinja>) -> Result<Jinja, Error> {
    const MOST: i64 = 1 << 60;
    let number = |value: Jinja| match native_number(value).as_i64() {
        Some(number) if (-MOST..=MOST).contains(&number) => {
            isize::try_from(number).map_err(|_| wrong("a number of `range` is too large"))
        }
        Some(_) => Err(wrong("a number of `range` is too large")),
        None => Err(wrong("`range` takes whole numbers")),
    };
    functions::range(number(from)?, to.map(number).transpose()?, step.map(number).transpose()?)
}

/// The text in single quotes, whatever is in it.
fn shell_quote(text: &Jinja, limits: &Limits) -> Result<String, Error> {
    let text = text_of(text, "shell_quote")?;
    // A quote becomes four characters, and there are two around all.
    check_text_size(text.len().saturating_add(3 * text.matches('\'').count() + 2), limits)?;
    Ok(shell_word::quote(&text))
}

/// A value that is to become the text of a file.
fn file_of(value: &Jinja, limits: &Limits) -> Result<Node, Error> {
    let node = node_of(value, limits)?;
    // Texts alone, as they may become longer: quotes and indentation come to no more than some times that.
    check_text_size(text_bytes(&node), limits)?;
    Ok(node)
}

/// The bytes of all texts and keys of a tree.
fn text_bytes(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.len(),
        Value::List(items) => items.iter().map(text_bytes).sum(),
        Value::Map(map) => map.iter().map(|(key, entry)| key.len() + text_bytes(&entry.node)).sum(),
    }
}

/// Whether there is infinity in it, or "not a number".
fn holds_infinity(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => {
            scalar.kind == Kind::Float && !scalar.text.bytes().any(|byte| byte.is_ascii_digit())
        }
        Value::List(items) => items.iter().any(holds_infinity),
        Value::Map(map) => map.values().any(|entry| holds_infinity(&entry.node)),
    }
}

/// JSON in several lines, as files inside a ConfigMap have it.
fn to_json(value: &Jinja, limits: &Limits) -> Result<String, Error> {
    let node = file_of(value, limits)?;
    if holds_infinity(&node) {
        return Err(wrong("JSON has no infinity, and nothing that is not a number"));
    }
    Ok(print_json(&node).trim_end().to_owned())
}

/// The text without its last line break: that behind the expression is the template's own.
fn to_yaml(value: &Jinja, limits: &Limits) -> Result<String, Error> {
    Ok(print_yaml_part(&file_of(value, limits)?))
}

/// All but the characters that RFC 3986 calls unreserved.
fn urlencode(text: &Jinja, limits: &Limits) -> Result<String, Error> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let text = text_of(text, "urlencode")?;
    let escaped =
        text.bytes().filter(|byte| !byte.is_ascii_alphanumeric() && !b"-._~".contains(byte)).count();
    check_text_size(text.len().saturating_add(escaped.saturating_mul(2)), limits)?;
    Ok(utf8_percent_encode(&text, RESERVED).to_string())
}

/// Stands as a whole `{{ … }}`, like `fail`: the value goes where the expression is, and rendering goes on.
fn warn(message: &str, values: Rest<Jinja>) -> Jinja {
    // Null, which leaves its key out, if there is nothing to go on with.
    let value = values.first().cloned().unwrap_or(Jinja::from(()));
    Jinja::from_object(WarnedValue { message: shortened(message), value })
}

#[cfg(test)]
mod tests {
    use super::known_names;

    /// Whoever adds a function has to tell authors of charts.
    #[test]
    fn the_page_of_templates_names_them_all() {
        let page = include_str!("../../../docs/templates.md");
        let known = known_names();
        for name in &known.functions {
            assert!(page.contains(&format!("`{name}(")), "docs/templates.md has no line for `{name}`");
        }
        for name in known.filters.iter().chain(&known.tests) {
            assert!(page.contains(&format!("`{name}`")), "docs/templates.md does not name `{name}`");
        }
    }
}
