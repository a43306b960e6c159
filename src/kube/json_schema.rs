//! What a schema of OpenAPI v3 says of a value: the keywords that structural schemas have, and those that narrow values
//! below `allOf`, `anyOf`, `oneOf` and `not`.
//!
//! The types of a CRD are in the API table, and the strict check walks beside them. What the table has no place for is
//! held against values here: what is left of a schema when the table has taken its part (`Constraints::rules`), and
//! the defaults in a CRD, whose schema is no type yet.
//!
//! It reads schemas as the API server does (`k8s.io/kube-openapi/pkg/validation`): what it cannot read says nothing.

use serde_json::{Map, Value as Json};

use super::api::Patterns;
use super::api::table::Format;
use super::string_formats;
use crate::yaml::{Kind, Node, Value, from_node};

/// What is wrong, and where below the value.
#[derive(Debug)]
pub(super) struct Violation {
    pub(super) steps: Vec<Step>,
    /// The end of a sentence that begins with the name of the value: "must be at least 1".
    pub(super) message: String,
}

/// A step down from the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// What to do with fields that the schema does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// They say nothing, as below `anyOf`.
    Keep,
    /// They are wrong, as in a default, which would be pruned.
    Refuse,
}

/// Everything that is wrong with a value.
pub(super) fn violations(
    schema: &Json,
    node: &Node,
    patterns: &Patterns,
    unknown: Unknown,
) -> Vec<Violation> {
    let mut checker = Checker { patterns, unknown, steps: Vec::new(), found: Vec::new() };
    checker.check(schema, node);
    checker.found
}

struct Checker<'c> {
    patterns: &'c Patterns,
    unknown: Unknown,
    steps: Vec<Step>,
    found: Vec<Violation>,
}

impl Checker<'_> {
    fn refuse(&mut self, message: impl Into<String>) {
        self.found.push(Violation { steps: self.steps.clone(), message: message.into() });
    }

    fn below(&mut self, step: Step, schema: &Json, node: &Node) {
        self.steps.push(step);
        self.check(schema, node);
        self.steps.pop();
    }

    /// Whether a value fits a schema below `anyOf` and its kin.
    fn fits(&self, schema: &Json, node: &Node) -> bool {
        violations(schema, node, self.patterns, Unknown::Keep).is_empty()
    }

    fn check(&mut self, schema: &Json, node: &Node) {
        let Some(schema) = schema.as_object() else { return };
        if node.is_null() {
            // Where null is no value, it was dropped or reported before.
            return;
        }
        if !self.check_type(schema, node) {
            return;
        }
        self.check_enum(schema, node);
        match &node.value {
            Value::Map(map) => {
                self.check_size(schema, map.len(), ["minProperties", "maxProperties"], "entries");
                self.check_map(schema, node);
            }
            Value::List(items) => {
                self.check_size(schema, items.len(), ["minItems", "maxItems"], "items");
                if let Some(of_items) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.below(Step::Index(index), of_items, item);
                    }
                }
            }
            Value::Scalar(scalar) => match scalar.kind {
                Kind::Str => self.check_text(schema, &scalar.text),
                Kind::Int | Kind::Float => {
                    if let Some(value) = scalar.as_f64() {
                        self.check_number(schema, value);
                    }
                }
                Kind::Null | Kind::Bool => {}
            },
        }
        self.check_combinations(schema, node);
    }

    /// Whether the value is of the type; reports it if not.
    fn check_type(&mut self, schema: &Map<String, Json>, node: &Node) -> bool {
        if schema.get("x-kubernetes-int-or-string") == Some(&Json::Bool(true)) {
            let fits = node.as_scalar().is_some_and(|scalar| matches!(scalar.kind, Kind::Int | Kind::Str));
            if !fits {
                self.refuse(format!("must be an integer or a string, and is {}", node.noun()));
            }
            return fits;
        }
        let Some(of) = schema.get("type").and_then(Json::as_str) else { return true };
        let kind = node.as_scalar().map(|scalar| scalar.kind);
        let (fits, noun) = match of {
            "object" => (node.as_map().is_some(), "a map"),
            "array" => (node.as_list().is_some(), "a list"),
            "string" => (kind == Some(Kind::Str), "a string"),
            "boolean" => (kind == Some(Kind::Bool), "a boolean"),
            "integer" => {
                let whole = node
                    .as_scalar()
                    .and_then(|scalar| scalar.as_f64())
                    .is_some_and(|value| value.fract() == 0.0);
                (kind == Some(Kind::Int) || (kind == Some(Kind::Float) && whole), "an integer")
            }
            "number" => (matches!(kind, Some(Kind::Int | Kind::Float)), "a number"),
            _ => return true,
        };
        if !fits {
            self.refuse(format!("must be {noun}, and is {}", node.noun()));
        }
        fits
    }

    fn check_enum(&mut self, schema: &Map<String, Json>, node: &Node) {
        let Some(allowed) = schema.get("enum").and_then(Json::as_array) else { return };
        let Ok(value) = from_node::<Json>(node) else { return };
        if !allowed.iter().any(|other| is_same(other, &value)) {
            let listed: Vec<String> = allowed.iter().map(|value| format!("`{value}`")).collect();
            self.refuse(format!("must be one of {}", listed.join(", ")));
        }
    }

    fn check_size(&mut self, schema: &Map<String, Json>, count: usize, keys: [&str; 2], unit: &str) {
        let bound = |key: &str| schema.get(key).and_then(Json::as_f64);
        let [least, most] = keys;
        if let Some(least) = bound(least).filter(|least| (count as f64) < *least) {
            self.refuse(format!("has {count} {unit}, and must have at least {least}"));
        }
        if let Some(most) = bound(most).filter(|most| count as f64 > *most) {
            self.refuse(format!("has {count} {unit}, and must have at most {most}"));
        }
    }

    fn check_map(&mut self, schema: &Map<String, Json>, node: &Node) {
        let Some(map) = node.as_map() else { return };
        for name in
            schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
        {
            let has_default = schema
                .get("properties")
                .and_then(|all| all.get(name))
                .is_some_and(|of| of.get("default").is_some());
            if !has_default && map.get(name).is_none_or(|entry| entry.node.is_null()) {
                self.steps.push(Step::Key(name.to_owned()));
                self.refuse("is missing");
                self.steps.pop();
            }
        }
        let properties = schema.get("properties").and_then(Json::as_object);
        let values = schema.get("additionalProperties");
        let keeps = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Json::Bool(true))
            || schema.get("x-kubernetes-embedded-resource") == Some(&Json::Bool(true))
            || values == Some(&Json::Bool(true));
        for (key, entry) in map {
            let step = || Step::Key(key.to_string());
            match (properties.and_then(|properties| properties.get(&**key)), values) {
                (Some(property), _) => self.below(step(), property, &entry.node),
                (None, Some(values)) if values.is_object() => self.below(step(), values, &entry.node),
                (None, _) if self.unknown == Unknown::Refuse && !keeps => {
                    self.steps.push(step());
                    self.refuse("is not a field of the schema");
                    self.steps.pop();
                }
                _ => {}
            }
        }
    }

    fn check_text(&mut self, schema: &Map<String, Json>, text: &str) {
        self.check_size(schema, text.chars().count(), ["minLength", "maxLength"], "characters");
        if let Some(pattern) = schema.get("pattern").and_then(Json::as_str)
            && self.patterns.matches(pattern, text) == Ok(false)
        {
            self.refuse(format!("must match `{pattern}`"));
        }
        if let Some(must_be) =
            schema.get("format").and_then(Json::as_str).and_then(|format| format_violation(format, text))
        {
            self.refuse(format!("must be {must_be}"));
        }
    }

    fn check_number(&mut self, schema: &Map<String, Json>, value: f64) {
        let number = |key: &str| schema.get(key).and_then(Json::as_f64);
        let is_exclusive = |key: &str| schema.get(key) == Some(&Json::Bool(true));
        if let Some(least) = number("minimum") {
            if is_exclusive("exclusiveMinimum") && value <= least {
                self.refuse(format!("must be more than {least}"));
            } else if value < least {
                self.refuse(format!("must be at least {least}"));
            }
        }
        if let Some(most) = number("maximum") {
            if is_exclusive("exclusiveMaximum") && value >= most {
                self.refuse(format!("must be less than {most}"));
            } else if value > most {
                self.refuse(format!("must be at most {most}"));
            }
        }
        if let Some(step) = number("multipleOf").filter(|step| *step > 0.0) {
            let quotient = value / step;
            if (quotient - quotient.round()).abs() > f64::EPSILON * quotient.abs().max(1.0) {
                self.refuse(format!("must be a multiple of {step}"));
            }
        }
        let fits = match schema.get("format").and_then(Json::as_str) {
            Some("int32") => value >= f64::from(i32::MIN) && value <= f64::from(i32::MAX),
            Some("float") => value.abs() <= f64::from(f32::MAX),
            _ => true,
        };
        if !fits {
            self.refuse("does not fit into 32 bits");
        }
    }

    fn check_combinations(&mut self, schema: &Map<String, Json>, node: &Node) {
        let all = |key: &str| schema.get(key).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        for part in all("allOf") {
            self.check(part, node);
        }
        let any = all("anyOf");
        if !any.is_empty() && !any.iter().any(|part| self.fits(part, node)) {
            self.refuse(format!("fits none of the schemas below `anyOf`{}", choice_of(any)));
        }
        let one = all("oneOf");
        if !one.is_empty() {
            match one.iter().filter(|part| self.fits(part, node)).count() {
                1 => {}
                0 => self.refuse(format!("fits none of the schemas below `oneOf`{}", choice_of(one))),
                count => {
                    self.refuse(format!(
                        "fits {count} of the schemas below `oneOf`, and may fit one{}",
                        choice_of(one)
                    ));
                }
            }
        }
        if schema.get("not").is_some_and(|part| part.is_object() && self.fits(part, node)) {
            self.refuse("is what the schema forbids below `not`");
        }
    }
}

/// The fields that a choice is about, where each part demands one: ": one of `a`, `b` must be set".
fn choice_of(parts: &[Json]) -> String {
    let names: Option<Vec<String>> = parts
        .iter()
        .map(|part| {
            let required = part.get("required")?.as_array()?;
            match &required[..] {
                [Json::String(name)] => Some(format!("`{name}`")),
                _ => None,
            }
        })
        .collect();
    names.map_or_else(String::new, |names| format!(": it is about the fields {}", names.join(", ")))
}

/// Whether two values are the same to JSON: `1` and `1.0` are.
fn is_same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// What a text of this format must be, if this one is not. Formats that the server does not know say nothing.
pub(super) fn format_violation(format: &str, text: &str) -> Option<&'static str> {
    let is_ip = |text: &str| text.parse::<std::net::IpAddr>();
    let (fits, must_be) = match format {
        "byte" => return string_formats::violation(Format::Base64, text),
        "date-time" | "datetime" => return string_formats::violation(Format::DateTime, text),
        "date" => {
            (text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10, "a date such as `2026-01-31`")
        }
        "ipv4" => (is_ip(text).is_ok_and(|ip| ip.is_ipv4()), "an IPv4 address"),
        "ipv6" => (is_ip(text).is_ok_and(|ip| ip.is_ipv6()), "an IPv6 address"),
        "cidr" => (is_cidr(text), "a range of addresses such as `10.0.0.0/8`"),
        "uuid" => (is_uuid(text), "a UUID"),
        "hostname" => (is_hostname(text), "a host name"),
        "mac" => (is_mac(text), "a MAC address"),
        "email" => (
            text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()),
            "an address of electronic mail",
        ),
        "uri" => (
            text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)) || text.starts_with('/'),
            "a URI",
        ),
        "duration" => (is_duration(text), "a duration such as `1h30m`"),
        _ => return None,
    };
    (!fits).then_some(must_be)
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    let digits = bits.bytes().all(|byte| byte.is_ascii_digit()) && (bits == "0" || !bits.starts_with('0'));
    digits && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// `[0-9a-f]{8}-?[0-9a-f]{4}-?…`, in any case; dashes may be left out.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match parts[..] {
        [whole] => whole.len() == 32 && is_hex(whole),
        [a, b, c, d, e] => [(a, 8), (b, 4), (c, 4), (d, 4), (e, 12)]
            .iter()
            .all(|(part, length)| part.len() == *length && is_hex(part)),
        _ => false,
    }
}

fn is_hostname(text: &str) -> bool {
    text.len() <= 255
        && text.split('.').all(|part| string_formats::is_dns1123_label(&part.to_ascii_lowercase()))
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    parts.len() == 6
        && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// `1h30m`, `1.5s`, `3 days`: numbers with units, with blanks between them or not.
fn is_duration(text: &str) -> bool {
    const UNITS: &[&str] = &[
        "ns", "us", "µs", "ms", "s", "m", "h", "d", "w", "nano", "nanos", "milli", "millis", "sec", "secs",
        "second", "seconds", "min", "mins", "minute", "minutes", "hour", "hours", "day", "days", "week",
        "weeks",
    ];
    let mut rest = text.trim().trim_start_matches('-');
    if rest == "0" {
        return true;
    }
    let mut any = false;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if unit.len() == rest.len() {
            return false;
        }
        let unit = unit.trim_start();
        let after = unit.trim_start_matches(char::is_alphabetic);
        if !unit.strip_suffix(after).is_some_and(|unit| UNITS.contains(&unit)) {
            return false;
        }
        rest = after.trim_start();
        any = true;
    }
    any
}
