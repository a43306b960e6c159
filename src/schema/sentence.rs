//! Violations as sentences that a person understands.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, JsonTypeSet, ValidationError};
use serde_json::Value as JsonValue;

use super::check::{Judge, Place, Violation};
use super::keys;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::yaml::{Kind, Node, Style, ValuePath, resolve_core, same_in_yaml_1_1};

/// Writes one violation down.
pub(super) fn write(judge: &Judge<'_>, violation: &Violation<'_, '_>, found: &mut Vec<Diagnostic>) {
    use ValidationErrorKind as Kind;
    let finding = match violation.error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            found.extend(unexpected.iter().map(|key| keys::unknown(judge, &violation.path, key)));
            return;
        }
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            if !judge.waives(&violation.path.key(key)) {
                found.push(keys::missing(judge, &violation.path, key));
            }
            return;
        }
        Kind::Type { kind } => wrong_type(judge, violation, &type_names(kind)),
        Kind::Enum { options } => not_allowed(judge, violation, options.as_array().map_or(&[], |all| all)),
        Kind::Constant { expected_value } => {
            not_allowed(judge, violation, std::slice::from_ref(&**expected_value))
        }
        Kind::Pattern { .. } => pattern(judge, violation),
        kind => match limit(kind) {
            Some(limit) => outside(judge, violation, &limit),
            None => other(judge, violation),
        },
    };
    found.push(finding);
}

/// A value that none of several alternatives allows, all for its type.
pub(super) fn no_branch(
    judge: &Judge<'_>,
    path: ValuePath,
    context: &[Vec<ValidationError<'_>>],
) -> Diagnostic {
    let mut names: Vec<&str> = Vec::new();
    for error in context.iter().flatten() {
        if let ValidationErrorKind::Type { kind } = error.kind() {
            names.extend(type_names(kind));
        }
    }
    names.dedup();
    type_finding(judge, path, &names)
}

fn wrong_type(judge: &Judge<'_>, violation: &Violation<'_, '_>, names: &[&str]) -> Diagnostic {
    type_finding(judge, violation.path.clone(), names)
}

fn type_finding(judge: &Judge<'_>, path: ValuePath, names: &[&str]) -> Diagnostic {
    let place = Place::new(judge.session, judge.values, path);
    let noun = place.node.map_or("nothing", Node::noun);
    if let Some(finding) = boolean_word(&place, names) {
        return finding;
    }
    let message = format!("{} must be {}, and this is {noun}", name(&place.path), choice(names));
    let finding = at_value(Diagnostic::error(Code::V103, message), &place, "this value");
    match unquoted(&place, names).filter(|_| !judge.is_secret(&place.path)) {
        Some((text, span)) => finding.help(format!("write it without quotes: `{text}`")).patch(span, text),
        None => advised(judge, finding, &place.path, how_to_write(names)),
    }
}

/// How a value of the first of these types is written.
fn how_to_write(names: &[&str]) -> &'static str {
    match names.first().copied().unwrap_or_default() {
        "a boolean" => "write `true` or `false`, without quotes",
        "an integer" => "write a whole number, without quotes",
        "a number" => "write a number, without quotes",
        "a string" => "write one text, in quotes if it has special characters",
        "a list" => "write its items below the key, each on a line that begins with `- `",
        "a map" => "write its keys below the key, indented",
        _ => "write a value of that type",
    }
}

/// A YAML 1.1 boolean where a boolean is wanted.
fn boolean_word(place: &Place<'_>, names: &[&str]) -> Option<Diagnostic> {
    let node = place.node?;
    let word = node.as_str()?;
    let plain = node.as_scalar()?.style == Style::Plain;
    let is_word = word.bytes().all(|byte| byte.is_ascii_alphabetic()) && !same_in_yaml_1_1(word);
    if names != ["a boolean"] || !plain || !is_word {
        return None;
    }
    let meant = matches!(word.to_ascii_lowercase().as_str(), "y" | "yes" | "on");
    let message = format!("{} must be a boolean, and `{word}` is a string in YAML 1.2", name(&place.path));
    let finding = at_value(Diagnostic::error(Code::V108, message), place, "this word");
    Some(finding.help(format!("write `{meant}`")).patch(node.span, meant.to_string()))
}

/// A quoted scalar that would have the wanted type without its quotes.
fn unquoted(place: &Place<'_>, names: &[&str]) -> Option<(String, crate::source::Span)> {
    let node = place.node?;
    let scalar = node.as_scalar().filter(|scalar| scalar.style == Style::Quoted)?;
    let fits = match resolve_core(&scalar.text) {
        Kind::Bool => names.contains(&"a boolean"),
        Kind::Int => names.contains(&"an integer") || names.contains(&"a number"),
        Kind::Float => names.contains(&"a number"),
        Kind::Null | Kind::Str => false,
    };
    fits.then(|| (scalar.text.to_string(), node.span))
}

fn not_allowed(judge: &Judge<'_>, violation: &Violation<'_, '_>, options: &[JsonValue]) -> Diagnostic {
    let place = Place::new(judge.session, judge.values, violation.path.clone());
    let written: Vec<String> = options.iter().map(option_text).collect();
    let list = written.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(", ");
    let choice = if written.len() == 1 { list } else { format!("one of {list}") };
    let finding = Diagnostic::error(Code::V105, format!("{} must be {choice}", name(&place.path)));
    let finding = at_value(finding, &place, "this value");
    let wrong = place.node.and_then(Node::as_str).unwrap_or_default();
    match nearest(wrong, written.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => advised(judge, finding, &place.path, "write one of these, as they are spelt here"),
    }
}

fn option_text(option: &JsonValue) -> String {
    option.as_str().map_or_else(|| option.to_string(), str::to_owned)
}

fn pattern(judge: &Judge<'_>, violation: &Violation<'_, '_>) -> Diagnostic {
    let place = Place::new(judge.session, judge.values, violation.path.clone());
    let message = format!("{} does not have the form that is needed", name(&place.path));
    let finding = at_value(Diagnostic::error(Code::V106, message), &place, "this value");
    let words = |keyword: &str| violation.schema.get(keyword).and_then(JsonValue::as_str);
    let finding = match words("x-pattern-help") {
        Some(help) => return finding.help(help),
        None => advised(judge, finding, &place.path, "write it in that form"),
    };
    words("pattern").map_or(finding.clone(), |pattern| finding.note(format!("it must match `{pattern}`")))
}

/// What a limit asks for, as the end of a sentence.
fn limit(kind: &ValidationErrorKind) -> Option<String> {
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

fn outside(judge: &Judge<'_>, violation: &Violation<'_, '_>, limit: &str) -> Diagnostic {
    let place = Place::new(judge.session, judge.values, violation.path.clone());
    let number = place.node.and_then(Node::as_scalar).filter(|s| matches!(s.kind, Kind::Int | Kind::Float));
    let shown = number.filter(|_| !judge.is_secret(&place.path));
    let seen = shown.map_or(String::new(), |scalar| format!(", and this is {}", scalar.text));
    let message = format!("{} {limit}{seen}", name(&place.path));
    let finding = at_value(Diagnostic::error(Code::V104, message), &place, "this value");
    advised(judge, finding, &place.path, "write a value within the limit")
}

/// The rules without a sentence of their own.
fn other(judge: &Judge<'_>, violation: &Violation<'_, '_>) -> Diagnostic {
    use ValidationErrorKind as Kind;
    let place = Place::new(judge.session, judge.values, violation.path.clone());
    let name = name(&place.path);
    let (code, message) = match violation.error.kind() {
        Kind::Format { format } => (Code::V106, format!("{name} is not a valid {format}")),
        Kind::PropertyNames { .. } => {
            (Code::V106, format!("a key of {name} does not have the form that is needed"))
        }
        Kind::UniqueItems => (Code::V109, format!("{name} has the same item twice")),
        Kind::Contains => (Code::V109, format!("{name} lacks an item that it must have")),
        Kind::FalseSchema => (Code::V107, format!("{name} cannot be set here")),
        Kind::Not { .. } => (Code::V107, format!("{name} is what the schema rules out")),
        Kind::OneOfMultipleValid { .. } => {
            (Code::V107, format!("{name} fits several alternatives that exclude each other"))
        }
        _ => (Code::V109, format!("{name} breaks the rule `{}`", violation.error.kind().keyword())),
    };
    let finding = at_value(Diagnostic::error(code, message), &place, "this value");
    advised(judge, finding, &place.path, "change it as the chart's schema asks")
}

/// Labels a value: all of a scalar, the key of anything else.
fn at_value(finding: Diagnostic, place: &Place<'_>, text: &str) -> Diagnostic {
    let scalar = place.node.filter(|node| node.as_scalar().is_some()).map(|node| node.span);
    match scalar.filter(|span| span.end > span.start).or(place.span) {
        Some(span) => finding.at(span, text),
        None => finding,
    }
}

/// Adds what to do, and the schema's words for the setting.
fn advised(judge: &Judge<'_>, finding: Diagnostic, path: &ValuePath, help: &str) -> Diagnostic {
    described(finding, judge.description(path)).help(help)
}

/// Adds the schema's words for a setting, without the line breaks of where they were written.
pub(super) fn described(finding: Diagnostic, description: Option<&str>) -> Diagnostic {
    let words = description.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    words.into_iter().fold(finding, Diagnostic::note)
}

/// How a path is called in a sentence.
pub(super) fn name(path: &ValuePath) -> String {
    if path.0.is_empty() { "the root of the values".to_owned() } else { format!("`{path}`") }
}

fn choice(names: &[&str]) -> String {
    match names {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn type_names(kind: &TypeKind) -> Vec<&'static str> {
    let all = |types: &JsonTypeSet| types.iter().map(type_name).collect();
    match kind {
        TypeKind::Single(one) => vec![type_name(*one)],
        TypeKind::Multiple(several) => all(several),
    }
}

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
