//! Violations as sentences that a person understands: what is wrong, at which location, and what to do.
//!
//! jsonschema says which keyword a value breaks. Its own messages quote the value, which may be a secret, and speak of
//! JSON; so each kind of error has a sentence here. Codes V101 to V109 tell the kinds apart.
//!
//! | code | kinds of errors | sentence |
//! |---|---|---|
//! | V101 | `additionalProperties`, `unevaluatedProperties` | `` `engin` is not a setting of this chart `` |
//! | V102 | `required` | `` `image` is required, and nothing sets it `` |
//! | V103 | `type`; `anyOf` of types alone | `` `replicas` must be an integer, and this is a string `` |
//! | V104 | a number, length or count out of range | `` `replicas` must be at least 1, and this is 0 `` |
//! | V105 | `enum`, `const` | `` `mode` must be one of `a`, `b` `` |
//! | V106 | `pattern`, `format`, `propertyNames` | `` `host` does not have the required form `` |
//! | V107 | `not`, `false`, `oneOf` with several right alternatives | `` `tls` cannot be set here `` |
//! | V108 | `type: boolean`, and a boolean of YAML 1.1 | `` `tls` must be a boolean, and `yes` is a string in YAML 1.2 `` |
//! | V109 | any other | `` `hosts` has the same item twice `` |
//!
//! A value is quoted only where it cannot be a secret: a number that is not one by the schema, or one of the words of
//! V108. Everything else of the value is shown by the excerpt of its line, which the writers mask.

use std::collections::{HashSet, VecDeque};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as JsonValue;

use super::context::CheckContext;
use super::location::Location;
use super::pattern::LazyPattern;
use crate::diagnostic::{Code, Diagnostic, Suggestions};
use crate::secrets;
use crate::source::Span;
use crate::yaml::{
    Kind, Map as YamlMap, Node, Scalar, Segment, Style, Types, Value as YamlValue, ValuePath, WantId,
    WantRef, resolve_core, same_in_yaml_1_1,
};

/// One violation, with its place in the values and in the schema.
pub(super) struct Violation<'v, 'e> {
    pub(super) path: ValuePath,
    /// The schema that holds the violated keyword.
    pub(super) schema: &'v JsonValue,
    pub(super) error: &'v ValidationError<'e>,
}

/// Puts one violation into words and adds it to what was found: one finding, except that each unknown key has its own,
/// and that an unset setting which is not demanded has none.
pub(super) fn write(context: &CheckContext<'_>, violation: &Violation<'_, '_>, found: &mut Vec<Diagnostic>) {
    use ValidationErrorKind as Kind;
    let finding = match violation.error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            found.extend(unexpected.iter().map(|key| unknown_key(context, &violation.path, key)));
            return;
        }
        Kind::Required { property } => {
            // Always a string: jsonschema keeps the name as a JSON value.
            let key = property.as_str().unwrap_or_default();
            if !context.waives(&violation.path.key(key)) {
                found.push(missing_key(context, &violation.path, key));
            }
            return;
        }
        Kind::PropertyNames { .. } => return found.extend(wrong_keys(context, violation)),
        Kind::Type { kind } => type_finding(context, violation.path.clone(), &type_names(kind)),
        Kind::Enum { options } => not_allowed(context, violation, options.as_array().map_or(&[], |all| all)),
        Kind::Constant { expected_value } => {
            not_allowed(context, violation, std::slice::from_ref(&**expected_value))
        }
        Kind::Pattern { .. } => pattern(context, violation),
        kind => match limit_phrase(kind) {
            Some(limit) => outside_limit(context, violation, &limit),
            None => other_rule(context, violation),
        },
    };
    found.push(finding);
}

/// A finding about values, for a file that is checked like values but is none, such as `chart.yaml`: with the code and
/// the name of that file.
pub(crate) fn reworded(mut finding: Diagnostic, code: Code, file: &str) -> Diagnostic {
    // The help would be about flags and values files.
    if finding.code == Code::V102 {
        finding.help = vec![format!("write it into `{file}`")];
    }
    // The nouns of the sentences below.
    let message = finding.message.replace("a setting of this chart", &format!("a key of `{file}`"));
    let message = message.replace("the values", &format!("`{file}`"));
    Diagnostic { code, message, ..finding }
}

/// A value that none of several alternatives allows, all for its type.
pub(super) fn no_branch(
    context: &CheckContext<'_>,
    path: ValuePath,
    branches: &[Vec<ValidationError<'_>>],
) -> Diagnostic {
    let mut names: Vec<&str> = Vec::new();
    for error in branches.iter().flatten() {
        if let ValidationErrorKind::Type { kind } = error.kind() {
            for name in type_names(kind) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    type_finding(context, path, &names)
}

/// A key that the schema does not know, in the map at `path`: V101.
fn unknown_key(context: &CheckContext<'_>, path: &ValuePath, key: &str) -> Diagnostic {
    let location = Location::new(context.session, context.values, path.key(key));
    let message = format!("{} is not a setting of this chart", name(&location.path));
    let finding = Diagnostic::error(Code::V101, message);
    let finding = match location.span {
        Some(span) => finding.at(span, "not known here"),
        None => finding,
    };
    // From the wants and not from the violated schema: keys that other schemas name here
    // (`allOf`, `then`) are settings as well.
    let known: Vec<&str> = match context.want(path) {
        // As many as are looked through, or listed.
        Some(want) => {
            let most = if context.suggestions.are_spent() { MAX_NAMED + 1 } else { MAX_OPTIONS };
            want.known_keys().take(most).collect()
        }
        None => Vec::new(),
    };
    // In order of likelihood: a typing error, a wrong level, a setting that never was.
    if let Some(near) = context.suggestions.nearest(key, known.iter().copied()) {
        let finding = finding.help(format!("did you mean `{near}`?"));
        // A key of a flag or with escapes is not written as it is called; then there is nothing to replace.
        return match location.span.filter(|span| context.session.text(*span) == key) {
            Some(span) => finding.guess(span, key, near),
            None => finding,
        };
    }
    // A setting at the wrong level, as after a wrong indentation: below this map, or beside one that it is in. The key of
    // another part of the chart that happens to have this name is no help.
    let (_, map) = location.path.0.split_last().unwrap_or((&Segment::Index(0), &[]));
    let is_near = |place: &ValuePath| {
        let above = place.0.split_last().map_or(&[][..], |(_, above)| above);
        above.starts_with(map) || map.starts_with(above) || above.first() == map.first()
    };
    let elsewhere = places(context.wants(), key, &context.suggestions, is_near);
    if !elsewhere.is_empty() {
        return finding.help(format!("the chart knows it as {}", elsewhere.join(" and ")));
    }
    finding.help(match known.as_slice() {
        [] => "remove it: nothing can be set here".to_owned(),
        known => format!("remove it, or use one of {}", quoted(known)),
    })
}

/// The first few of the names, in backticks.
fn quoted(names: &[&str]) -> String {
    let first = names.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > MAX_NAMED { format!("{first}, …") } else { first }
}

/// Names in a help line; more would not be read.
const MAX_NAMED: usize = 8;

/// Where else the schema knows this key: the shortest paths, three at most, in backticks. A search breadth first, in
/// which each want is looked at once, as the table of a recursive schema has cycles; none if the budget ends before.
pub(crate) fn elsewhere(root: WantRef<'_>, key: &str, suggestions: &Suggestions) -> Vec<String> {
    places(root, key, suggestions, |_| true)
}

/// Those of [`elsewhere`] that are as `is_meant` says.
fn places(
    root: WantRef<'_>,
    key: &str,
    suggestions: &Suggestions,
    is_meant: impl Fn(&ValuePath) -> bool,
) -> Vec<String> {
    const MOST: usize = 3;
    // A path is made for each setting.
    const STEPS_OF_PATH: usize = 10;
    let mut found = Vec::new();
    let mut seen: HashSet<WantId> = HashSet::new();
    let mut waiting = VecDeque::from([(ValuePath::root(), root)]);
    while let Some((path, want)) = waiting.pop_front() {
        if !seen.insert(want.id()) {
            continue;
        }
        for (known, below) in want.properties() {
            if !suggestions.spend(STEPS_OF_PATH) {
                return Vec::new();
            }
            let path = path.key(known);
            if known == key && is_meant(&path) {
                found.push(format!("`{path}`"));
                if found.len() == MOST {
                    return found;
                }
            }
            waiting.push_back((path, below));
        }
    }
    found
}

/// A key that must be there and is not, in the map at `path`: V102.
pub(super) fn missing_key(context: &CheckContext<'_>, path: &ValuePath, key: &str) -> Diagnostic {
    let location = Location::new(context.session, context.values, path.key(key));
    let want = context.want(&location.path);
    let message = format!("{} is required, and nothing sets it", name(&location.path));
    let finding = Diagnostic::error(Code::V102, message);
    let finding = finding.due_to(context.removed(&location.path));
    let finding = match location.span {
        Some(span) if path.0.is_empty() => finding.at(span, format!("`{key}` is not among these values")),
        Some(span) => finding.at(span, format!("`{key}` is missing here")),
        None => finding,
    };
    described(finding, context.description(&location.path).as_deref()).help(remedy(
        context,
        &location.path,
        want,
    ))
}

/// What would set a missing value: the way that fits its type, and that leaves a secret out of shell
/// histories and version control.
fn remedy(context: &CheckContext<'_>, path: &ValuePath, want: Option<WantRef<'_>>) -> String {
    let flag = flag_path(path);
    let Some(want) = want else { return format!("set it: `--set {flag}=…`") };
    if want.secret() && want.generate().is_some() {
        let chart = context.chart();
        return format!(
            "make one with `plimsoll secrets {chart} > secrets.yaml`, and give it with `-f secrets.yaml`"
        );
    }
    if want.secret() {
        return format!(
            "set it: `--set-file {flag}=FILE`, or in a values file that stays out of version control"
        );
    }
    // Of lists, `--set` can write flat ones alone, and of maps none: those are better written with their structure.
    let scalars = Types::BOOLEAN.or(Types::NUMBER).or(Types::STRING);
    if want.types().allows(scalars) {
        return format!("set it: `--set {flag}=…`");
    }
    format!("set `{path}` in a values file, or with `--set-json '{flag}=…'`")
}

/// A path as the `--set` grammar has it: `ingress.annotations.a\.b/c`, where messages write
/// `ingress.annotations."a.b/c"`.
fn flag_path(path: &ValuePath) -> String {
    let mut flag = String::new();
    for segment in &path.0 {
        match segment {
            Segment::Index(index) => flag.push_str(&format!("[{index}]")),
            Segment::Key(key) => {
                if !flag.is_empty() {
                    flag.push('.');
                }
                // What the grammar reads as a sign of its own, inside a key.
                for character in key.chars() {
                    if matches!(character, '.' | ',' | '=' | '[' | '\\') {
                        flag.push('\\');
                    }
                    flag.push(character);
                }
            }
        }
    }
    flag
}

/// A value that has none of the named types: V103, or V108 for a boolean of YAML 1.1.
fn type_finding(context: &CheckContext<'_>, path: ValuePath, names: &[&str]) -> Diagnostic {
    let location = Location::new(context.session, context.values, path);
    let noun = location.node.map_or("nothing", Node::noun);
    // First, as V108 says why: the author of a `yes` meant a boolean.
    if let Some(finding) = boolean_word(&location, names) {
        return finding;
    }
    let message = format!("{} must be {}, and this is {noun}", name(&location.path), choice(names));
    let finding = at_value(Diagnostic::error(Code::V103, message), &location, "this value");
    // The help would repeat the value, so not for a secret.
    if context.is_secret(&location.path) {
        return advised(context, finding, &location.path, how_to_write(names));
    }
    if let Some((text, span)) = unquoted(&location, names) {
        return finding.help(format!("write it without quotes: `{text}`")).patch(span, text);
    }
    let wrapped = location.node.zip(context.want(&location.path));
    match wrapped.and_then(|(node, want)| Some((wrapped_in(node, want, 0)?, node.span))) {
        Some((Wrapped { text, is_complete }, span)) => {
            let finding = advised(context, finding, &location.path, &format!("write it as `{text}`"));
            if is_complete { finding.patch(span, text) } else { finding }
        }
        None => {
            let reshaped = wrapped.and_then(|(node, want)| reshaped(node, want));
            let help = reshaped.as_deref().unwrap_or_else(|| how_to_write(names));
            advised(context, finding, &location.path, help)
        }
    }
}

/// How a list is written as the map that is wanted, or a map as the list; none where nothing of the kind was meant.
///
/// Kubernetes has lists of maps with a `name` where charts often have maps by name, so people mix them up. Keys and names
/// are shown, and no values, which may be secrets.
fn reshaped(node: &Node, want: WantRef<'_>) -> Option<String> {
    match &node.value {
        YamlValue::List(items) if want.types().allows(Types::OBJECT) => list_as_map(items, want),
        YamlValue::Map(map) if want.types().allows(Types::ARRAY) => map_as_list(map, want.item()?),
        _ => None,
    }
}

/// `[{name: A, value: 1}]`, `[A=1]` or `[{A: 1}]` where `{A: 1}` is wanted; or the one map of a list where that map is.
fn list_as_map(items: &[Node], want: WantRef<'_>) -> Option<String> {
    if want.additional().is_some() {
        let names: Option<Vec<&str>> = items.iter().map(name_of_item).collect();
        let names = names.filter(|names| !names.is_empty())?;
        let shown = names.iter().take(MAX_NAMED).map(|name| format!("{}: …", quote_flow(name)));
        let more = if names.len() > MAX_NAMED { ", …" } else { "" };
        let written = shown.collect::<Vec<_>>().join(", ");
        return Some(format!("write it as a map, by name: `{{{written}{more}}}`"));
    }
    let [item] = items else { return None };
    let is_meant = item.as_map().is_some_and(|map| map.iter().all(|(key, _)| want.names(key)));
    is_meant.then(|| "it is one map and no list: write its keys without the `- `".to_owned())
}

/// What an item of a list is called where the list should be a map.
fn name_of_item(item: &Node) -> Option<&str> {
    if let Some(text) = item.as_str() {
        return text.split_once('=').map(|(name, _)| name).filter(|name| !name.is_empty());
    }
    let map = item.as_map()?;
    if let Some(name) = map.get("name").or_else(|| map.get("key")) {
        return name.node.as_str();
    }
    match map.len() {
        1 => map.iter().next().map(|(key, _)| &**key),
        _ => None,
    }
}

/// `{A: 1}` where `[{name: A, value: 1}]` is wanted, `{a: {…}}` where `[{name: a, …}]` is, or one item without its list.
fn map_as_list(map: &YamlMap, item: WantRef<'_>) -> Option<String> {
    if map.is_empty() || !item.types().allows(Types::OBJECT) {
        return None;
    }
    if map.iter().all(|(key, _)| item.names(key)) {
        return Some("it is one item: begin it with `- `, or add it to a list".to_owned());
    }
    let (key, entry) = map.iter().next()?;
    let key = quote_flow(key);
    if item.names("name") && entry.node.as_map().is_some() {
        return Some(format!("write each as an item with its name: `- name: {key}`"));
    }
    let is_pair = item.names("name") && item.names("value") && entry.node.as_scalar().is_some();
    is_pair.then(|| format!("write each as an item: `- {{name: {key}, value: …}}`"))
}

/// A value inside of the lists and maps that the schema wants around it, in the flow style of YAML.
struct Wrapped {
    text: String,
    /// Whether the maps need nothing more.
    is_complete: bool,
}

/// A text or a number where a list or a map is wanted: as an item, or under the one key that can only be meant. None when
/// no place for it can be told.
fn wrapped_in(node: &Node, want: WantRef<'_>, depth: usize) -> Option<Wrapped> {
    // As deep as lists of maps in the values of charts.
    const MAX_DEPTH: usize = 3;
    // Names of hosts and images are shorter; more would not be read.
    const MAX_LENGTH: usize = 256;
    let scalar =
        node.as_scalar().filter(|scalar| scalar.kind != Kind::Null && scalar.text.len() <= MAX_LENGTH)?;
    // What is a secret by its place is not shown where it has lost it.
    if want.secret() {
        return None;
    }
    let types = want.types();
    let wanted = match scalar.kind {
        Kind::Str => Types::STRING,
        Kind::Bool => Types::BOOLEAN,
        Kind::Int => Types::INTEGER,
        Kind::Null | Kind::Float => Types::NUMBER,
    };
    if depth > 0 && types.allows(wanted) {
        return Some(Wrapped { text: print_flow(scalar), is_complete: true });
    }
    if depth == MAX_DEPTH {
        return None;
    }
    if types.allows(Types::ARRAY) {
        let item = wrapped_in(node, want.item()?, depth + 1)?;
        return Some(Wrapped { text: format!("[{}]", item.text), ..item });
    }
    if !types.allows(Types::OBJECT) {
        return None;
    }
    // The first key that must be there and can be it; otherwise `name`, by which most things are called.
    let mut required: Vec<&str> = want.required().take(MAX_NAMED + 1).collect();
    if required.len() > MAX_NAMED {
        return None;
    }
    if required.is_empty() && want.names("name") {
        required.push("name");
    }
    let fits =
        |key: &&str| want.property(key).is_some_and(|want| want.types().allows(wanted) && !want.secret());
    let key = *required.iter().find(|key| fits(key))?;
    let others = required.iter().filter(|other| **other != key).map(|other| format!(", {other}: …"));
    let text = format!("{{{key}: {}{}}}", print_flow(scalar), others.collect::<String>());
    Some(Wrapped { text, is_complete: required.len() == 1 })
}

/// A scalar as it can stand inside of `{…}`.
fn print_flow(scalar: &Scalar) -> String {
    print_flow_text(&scalar.text, scalar.kind)
}

/// A string as it can stand inside of `{…}`.
fn quote_flow(text: &str) -> String {
    print_flow_text(text, Kind::Str)
}

fn print_flow_text(text: &str, kind: Kind) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "._/-".contains(character);
    let is_safe = text.chars().all(plain) && resolve_core(text) == kind;
    if is_safe && !text.starts_with('-') {
        return text.to_owned();
    }
    // JSON is YAML, and in one line.
    JsonValue::from(text).to_string()
}

/// How a value of the first of these types is written.
fn how_to_write(names: &[&str]) -> &'static str {
    match names.first().copied() {
        Some("a boolean") => "write `true` or `false`, without quotes",
        Some("an integer") => "write a whole number, without quotes",
        Some("a number") => "write a number, without quotes",
        Some("a string") => "write one string, in quotes if it has special characters",
        Some("a list") => "write its items below the key, each on a line that begins with `- `",
        Some("a map") => "write its keys below the key, indented",
        _ => "write a value of that type",
    }
}

/// A YAML 1.1 boolean where a boolean is wanted, or a text that is of no use as it is.
fn boolean_word(location: &Location<'_>, names: &[&str]) -> Option<Diagnostic> {
    let node = location.node?;
    let word = node.as_str()?;
    let plain = node.as_scalar()?.style == Style::Plain;
    // Of all texts that YAML 1.1 reads differently, only booleans have nothing but letters:
    // numbers and dates have digits.
    let is_word = word.bytes().all(|byte| byte.is_ascii_alphabetic()) && !same_in_yaml_1_1(word);
    if !names.contains(&"a boolean") || !plain || !is_word {
        return None;
    }
    let meant = matches!(word.to_ascii_lowercase().as_str(), "y" | "yes" | "on");
    let message = format!("{} must be a boolean, and `{word}` is a string in YAML 1.2", name(&location.path));
    let finding = at_value(Diagnostic::error(Code::V108, message), location, "this word");
    Some(finding.help(format!("write `{meant}`")).patch(node.span, meant.to_string()))
}

/// The text of a quoted scalar that would have the wanted type without its quotes, and its place with the quotes.
fn unquoted(location: &Location<'_>, names: &[&str]) -> Option<(String, Span)> {
    let node = location.node?;
    let scalar = node.as_scalar().filter(|scalar| scalar.style == Style::Quoted)?;
    let fits = match resolve_core(&scalar.text) {
        Kind::Bool => names.contains(&"a boolean"),
        Kind::Int => names.contains(&"an integer") || names.contains(&"a number"),
        Kind::Float => names.contains(&"a number"),
        Kind::Null | Kind::Str => false,
    };
    fits.then(|| (scalar.text.to_string(), node.span))
}

/// A value that is none of the allowed ones: V105.
fn not_allowed(
    context: &CheckContext<'_>,
    violation: &Violation<'_, '_>,
    options: &[JsonValue],
) -> Diagnostic {
    let location = Location::new(context.session, context.values, violation.path.clone());
    let written: Vec<String> = options.iter().take(MAX_OPTIONS).map(option_text).collect();
    let list = written.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(", ");
    let choice = match options.len() {
        1 => list,
        all if all > MAX_SHOWN_OPTIONS => {
            let first = written.iter().take(MAX_SHOWN_OPTIONS).map(|option| format!("`{option}`"));
            let more = all - MAX_SHOWN_OPTIONS;
            format!("one of {} and {more} others", first.collect::<Vec<_>>().join(", "))
        }
        _ => format!("one of {list}"),
    };
    let finding = Diagnostic::error(Code::V105, format!("{} must be {choice}", name(&location.path)));
    let finding = at_value(finding, &location, "this value");
    // Only a word can be misspelt: to a number or the empty text, any option of one character would be near.
    let misspelt = location.node.and_then(Node::as_str).filter(|word| !word.is_empty());
    let options = written.iter().map(String::as_str);
    match misspelt.and_then(|word| context.suggestions.nearest(word, options)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => advised(context, finding, &location.path, "write one of these, as they are spelt here"),
    }
}

/// Allowed values among which a near one is looked for, and those that a message lists.
const MAX_OPTIONS: usize = 2_000;
const MAX_SHOWN_OPTIONS: usize = 50;

/// An allowed value as it is written in YAML: a string without quotes, everything else as JSON.
fn option_text(option: &JsonValue) -> String {
    option.as_str().map_or_else(|| option.to_string(), str::to_owned)
}

/// A text that does not match its pattern: V106. In the author's words (`x-pattern-help`), or with the pattern itself.
fn pattern(context: &CheckContext<'_>, violation: &Violation<'_, '_>) -> Diagnostic {
    let location = Location::new(context.session, context.values, violation.path.clone());
    // A boolean that may be quoted as well: `"true"` is right, and a `yes` was meant as one.
    let allows_booleans =
        context.want(&location.path).is_some_and(|want| want.types().allows(Types::BOOLEAN));
    if let Some(finding) = boolean_word(&location, &["a boolean"]).filter(|_| allows_booleans) {
        return finding;
    }
    let message = format!("{} does not have the required form", name(&location.path));
    let finding = at_value(Diagnostic::error(Code::V106, message), &location, "this value");
    let words = |keyword: &str| violation.schema.get(keyword).and_then(JsonValue::as_str);
    if let Some(help) = words("x-pattern-help") {
        return finding.help(help);
    }
    let finding = advised(context, finding, &location.path, "write it in that form");
    match words("pattern") {
        Some(pattern) => finding.note(format!("it must match `{pattern}`")),
        None => finding,
    }
}

/// Keys that are not as `propertyNames` asks: V106, at each of them; at the map, where they cannot be told.
fn wrong_keys(context: &CheckContext<'_>, violation: &Violation<'_, '_>) -> Vec<Diagnostic> {
    let map = violation.path.find(context.values).and_then(Node::as_map);
    let wrong = map.into_iter().flat_map(|map| map.keys()).filter(|key| !may_be_key(violation.schema, key));
    let mut places: Vec<ValuePath> = wrong.map(|key| violation.path.key(&**key)).collect();
    if places.is_empty() {
        places.push(violation.path.clone());
    }
    places.into_iter().map(|place| wrong_key(context, violation, place)).collect()
}

fn wrong_key(context: &CheckContext<'_>, violation: &Violation<'_, '_>, place: ValuePath) -> Diagnostic {
    let message = format!("a key of {} does not have the required form", name(&violation.path));
    let finding = Diagnostic::error(Code::V106, message);
    let finding = match Location::new(context.session, context.values, place).span {
        Some(span) => finding.at(span, "this key"),
        None => finding,
    };
    match violation.schema.get("x-pattern-help").and_then(JsonValue::as_str) {
        Some(help) => finding.help(help),
        None => advised(context, finding, &violation.path, "change it as the chart's schema asks"),
    }
}

/// Whether a key fits what bounds its form. jsonschema does not say which key is wrong: its errors hold no values, so
/// that none can leak.
fn may_be_key(schema: &JsonValue, key: &str) -> bool {
    let is_of_form = schema
        .get("pattern")
        .and_then(JsonValue::as_str)
        .is_none_or(|pattern| LazyPattern::default().finds(pattern, key) != Some(false));
    let is_short = schema
        .get("maxLength")
        .and_then(JsonValue::as_u64)
        .is_none_or(|most| usize::try_from(most).is_ok_and(|most| key.chars().count() <= most));
    let is_named = schema
        .get("enum")
        .and_then(JsonValue::as_array)
        .is_none_or(|names| names.iter().any(|name| name.as_str() == Some(key)));
    let is_any = schema
        .get("anyOf")
        .and_then(JsonValue::as_array)
        .is_none_or(|parts| parts.iter().any(|part| may_be_key(part, key)));
    is_of_form && is_short && is_named && is_any
}

/// What a limit asks for, as the end of a sentence.
fn limit_phrase(kind: &ValidationErrorKind) -> Option<String> {
    use ValidationErrorKind as Kind;
    Some(match kind {
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit: 1 } => "must have an item".to_owned(),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::AdditionalItems { limit } => format!("must have at most {limit} items"),
        Kind::MinProperties { limit: 1 } => "must have a key".to_owned(),
        Kind::MinProperties { limit } => format!("must have at least {limit} keys"),
        Kind::MaxProperties { limit } => format!("must have at most {limit} keys"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        _ => return None,
    })
}

/// A value beyond a limit: V104.
fn outside_limit(context: &CheckContext<'_>, violation: &Violation<'_, '_>, limit: &str) -> Diagnostic {
    let location = Location::new(context.session, context.values, violation.path.clone());
    // A number is short, and the limit is about it. Of a text or a list the limit is about the length.
    let seen = match location.node.and_then(Node::as_scalar) {
        Some(Scalar { kind: Kind::Int | Kind::Float, text, .. }) if !context.is_secret(&location.path) => {
            format!(", and this is {text}")
        }
        _ => String::new(),
    };
    let message = format!("{} {limit}{seen}", name(&location.path));
    let finding = at_value(Diagnostic::error(Code::V104, message), &location, "this value");
    advised(context, finding, &location.path, "write a value within the limit")
}

/// The kinds of errors for which one short sentence each does.
fn other_rule(context: &CheckContext<'_>, violation: &Violation<'_, '_>) -> Diagnostic {
    use ValidationErrorKind as Kind;
    let location = Location::new(context.session, context.values, violation.path.clone());
    let name = name(&location.path);
    let (code, message) = match violation.error.kind() {
        Kind::Format { format } => (Code::V106, format!("{name} is not a valid {format}")),
        Kind::UniqueItems => (Code::V109, format!("{name} has the same item twice")),
        Kind::Contains => (Code::V109, format!("{name} lacks an item that it must have")),
        Kind::FalseSchema => (Code::V107, format!("{name} cannot be set here")),
        Kind::Not { .. } => (Code::V107, format!("{name} is what the schema rules out")),
        Kind::OneOfMultipleValid { .. } => {
            (Code::V107, format!("{name} fits several alternatives that exclude each other"))
        }
        // `dependentRequired`, `contentEncoding` and the like: rare, so the name of the keyword has to do.
        _ => (Code::V109, format!("{name} breaks the rule `{}`", violation.error.kind().keyword())),
    };
    let finding = at_value(Diagnostic::error(code, message), &location, "this value");
    advised(context, finding, &location.path, "change it as the chart's schema asks")
}

/// Labels a value: all of a scalar, the key of anything else.
fn at_value(finding: Diagnostic, location: &Location<'_>, text: &str) -> Diagnostic {
    let scalar = location.node.filter(|node| node.as_scalar().is_some()).map(|node| node.span);
    // An empty scalar (`key:`) has no byte to underline.
    match scalar.filter(|span| span.end > span.start).or(location.span) {
        Some(span) => finding.at(span, text),
        None => finding,
    }
}

/// Adds what to do, and the schema's words for the setting.
fn advised(context: &CheckContext<'_>, finding: Diagnostic, path: &ValuePath, help: &str) -> Diagnostic {
    described(finding, context.description(path).as_deref()).help(help)
}

/// Adds the schema's words for a setting, without the line breaks of where they were written.
fn described(finding: Diagnostic, description: Option<&str>) -> Diagnostic {
    match description {
        Some(text) => finding.note(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        None => finding,
    }
}

/// How a path is called in a sentence.
fn name(path: &ValuePath) -> String {
    if path.0.is_empty() {
        "the root of the values".to_owned()
    } else {
        format!("`{}`", secrets::shown_path(path))
    }
}

/// Several types as a choice: `a string, a list or null`.
fn choice(names: &[&str]) -> String {
    match names {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The types that an error of `type` wanted, in words.
fn type_names(kind: &TypeKind) -> Vec<&'static str> {
    match kind {
        TypeKind::Single(one) => vec![type_name(*one)],
        TypeKind::Multiple(several) => several.iter().map(type_name).collect(),
    }
}

/// A type in the words of YAML: `object` and `array` are JSON's.
fn type_name(json: JsonType) -> &'static str {
    match json {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "a list",
        JsonType::Object => "a map",
    }
}
