//! `values.schema.json` of a chart and of its subcharts, as Helm holds the values against it.
//!
//! ```text
//! values.schema.json ─► judge (jsonschema, draft 4 to 2020-12) ─► right
//!                                                              └► wrong ─► words of the room `schema`, or ours
//! ```
//!
//! The room `schema` reads a narrower language than charts of Helm are written in, so it does not decide: jsonschema does,
//! and the room is asked for its words where it understands the schema. Nothing is ever fetched: what a schema says of
//! other files and hosts is left out, and a warning says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Map as JsonMap, Number, Value as JsonValue};

use super::coalesce::Instance;
use super::dependencies::ChartValues;
use super::render::taken_away;
use super::tree::Tree;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::schema;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Kind, Node, Scalar, Value as Content, ValuePath};

/// The schemas of a chart and of its subcharts, compiled once for all renders.
#[derive(Debug, Default)]
pub struct Schemas(RwLock<HashMap<SourceId, Compiled>>);

/// A schema that was compiled, or why that was not possible.
type Compiled = Result<Arc<Judge>, Box<Diagnostic>>;

impl Schemas {
    fn get(&self, session: &Session, source: SourceId) -> Compiled {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&source).cloned();
        known.unwrap_or_else(|| {
            let compiled = Judge::compile(session, source).map(Arc::new);
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(source, compiled.clone());
            compiled
        })
    }
}

/// Holds the values of a chart and of its subcharts against their schemas.
///
/// # Errors
/// Everything in which they break a schema; C004 for a schema that is none; H007 for values of a subchart that are no map.
pub fn check(session: &Session, schemas: &Schemas, values: &ChartValues) -> Outcome<()> {
    let before = session.errors();
    check_instance(session, schemas, &values.root, &values.node, (&values.user, ""));
    session.clean_since(before)
}

/// `user` is what the user gives, and `path` where the values of this chart stand in it.
fn check_instance(
    session: &Session,
    schemas: &Schemas,
    chart: &Instance,
    values: &Node,
    (user, path): (&Tree, &str),
) {
    if let Some(source) = chart.chart.schema {
        check_one(session, schemas, source, &chart.name.text, values, (user, path));
    }
    for subchart in &chart.charts {
        let name = &subchart.name.text;
        let Some(below) = values.get(name).filter(|node| !node.is_null()) else { continue };
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if below.as_map().is_some() {
            check_instance(session, schemas, subchart, below, (user, &path));
            continue;
        }
        let message = format!("the values under `{path}` are those of a subchart, so they must be a map");
        let finding =
            Diagnostic::error(Code::H007, message).at(below.span, format!("this is {}", below.noun()));
        session.report(finding.help("give it a map, or take it away"));
    }
}

/// Holds values against one schema. `path` is where they stand in the values of the chart that is rendered.
fn check_one(
    session: &Session,
    schemas: &Schemas,
    source: SourceId,
    chart: &str,
    values: &Node,
    (user, path): (&Tree, &str),
) {
    let judge = match schemas.get(session, source) {
        Ok(judge) => judge,
        Err(finding) => {
            session.report(*finding);
            return;
        }
    };
    for (reference, span) in &judge.left_out {
        let message = format!("`{reference}` is not looked at, as nothing is fetched to check values");
        let finding =
            Diagnostic::warning(Code::C004, message).at(*span, "what this refers to is not checked");
        session.report(finding.help("copy what it refers to into the schema"));
    }
    let instance = json(values);
    let errors: Vec<ValidationError<'_>> = judge.validator.iter_errors(&instance).collect();
    if errors.is_empty() {
        return;
    }
    let below = |finding: Diagnostic| match path {
        "" => finding,
        path => finding.note(format!("these are the values of the subchart `{chart}`, below `{path}`")),
    };
    let mut rules: BTreeMap<Span, Span> = BTreeMap::new();
    // What is left for the user to set, by the places of the nulls.
    let mut unset: BTreeMap<Span, String> = BTreeMap::new();
    for error in &errors {
        let place = place_of(error, values);
        if let Some(name) = null_by_default(error, values, user, path) {
            unset.insert(place, name);
        }
        if let Some(rule) = judge.place(error.schema_path().as_str()) {
            rules.entry(place).or_insert(rule);
        }
    }
    let mut said: Vec<Diagnostic> = words(session, source, chart, values);
    let place = |finding: &Diagnostic| finding.primary().map(|label| label.span);
    let mut left = Vec::new();
    for (null, name) in &unset {
        let notes =
            said.iter().find(|finding| place(finding) == Some(*null)).map(|finding| finding.notes.clone());
        said.retain(|finding| place(finding) != Some(*null));
        let message = format!("`{name}` is required, and nothing sets it");
        let finding = Diagnostic::error(Code::V102, message).at(*null, "null by default");
        left.push(
            notes
                .into_iter()
                .flatten()
                .fold(finding, Diagnostic::note)
                .help(format!("set it: `--set {name}=…`")),
        );
    }
    let places: BTreeSet<Span> = said.iter().filter_map(place).collect();
    // The room knows fewer formats.
    let is_unsaid = |error: &&ValidationError<'_>| {
        places.is_empty()
            || matches!(error.kind(), ValidationErrorKind::Format { .. })
                && !places.contains(&place_of(error, values))
    };
    let is_open = |error: &&ValidationError<'_>| !unset.contains_key(&place_of(error, values));
    said.extend(errors.iter().filter(is_open).filter(is_unsaid).map(|error| own_words(error, values)));
    said.extend(left);
    for finding in said {
        let rule = finding.primary().and_then(|label| rules.get(&label.span)).copied();
        let finding = match errors.iter().find_map(|error| null_for(error, &finding, user, path)) {
            Some(null) => Diagnostic { labels: Vec::new(), ..finding }.at(null, "taken away here"),
            None => finding,
        };
        session.report(below(finding.also_if(rule, "by this rule of the chart")));
    }
}

/// The `null` of the user that took away what a finding misses, if it is that of this error.
fn null_for(error: &ValidationError<'_>, finding: &Diagnostic, user: &Tree, path: &str) -> Option<Span> {
    let ValidationErrorKind::Required { property } = error.kind() else { return None };
    let mut missing = names_of(error);
    missing.push(property.as_str()?.to_owned());
    if finding.code != Code::V102 || !finding.message.starts_with(&format!("`{}`", missing.join("."))) {
        return None;
    }
    Some(taken_away(user, &names_above(path), &missing)?.0)
}

/// The setting that is null in the chart's own values, and that its schema wants a value of: it is there for the user to set.
fn null_by_default(error: &ValidationError<'_>, values: &Node, user: &Tree, path: &str) -> Option<String> {
    let setting = ValuePath::from_pointer(error.instance_path().as_str(), values);
    setting.find(values).filter(|node| node.is_null() && !setting.0.is_empty())?;
    taken_away(user, &names_above(path), &names_of(error)).is_none().then(|| setting.to_string())
}

/// The keys that lead to what an error is about.
fn names_of(error: &ValidationError<'_>) -> Vec<String> {
    error.instance_path().as_str().split('/').skip(1).map(unescaped).collect()
}

/// The names of the charts that the values of one stand below.
fn names_above(path: &str) -> Vec<String> {
    path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// A part of a JSON pointer as the key that it stands for.
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// What the room `schema` finds, if it understands the schema.
fn words(session: &Session, source: SourceId, chart: &str, values: &Node) -> Vec<Diagnostic> {
    // What it says of the schema itself is not asked for.
    let apart = session.snapshot().overlay();
    match schema::Schema::compile(&apart, source) {
        Ok(schema) => {
            let found = schema::findings(&apart, &schema.for_chart(chart), values);
            found.into_iter().filter(|finding| finding.code != Code::C004).collect()
        }
        Err(_) => Vec::new(),
    }
}

/// A compiled schema.
#[derive(Debug)]
struct Judge {
    validator: Validator,
    /// The schema with its places, if it can be read so.
    tree: Option<Node>,
    /// What refers to other files and hosts, and where.
    left_out: Vec<(String, Span)>,
}

impl Judge {
    /// # Errors
    /// C004 for what is no schema, and for one that has no end.
    fn compile(session: &Session, source: SourceId) -> Result<Judge, Box<Diagnostic>> {
        let text = session.source(source).text.clone();
        let whole = Span::new(source, 0, 0);
        let refuse =
            |message: String, span: Span| Box::new(Diagnostic::error(Code::C004, message).at(span, "here"));
        let mut document: JsonValue = serde_json::from_str(&text).map_err(|error| {
            let start = offset(&text, error.line(), error.column());
            refuse(format!("the schema is not JSON: {error}"), Span::new(source, start, start))
        })?;
        // Only for places: JSON is YAML nearly always.
        let tree = yaml::parse_one(&session.snapshot().overlay(), source).ok().flatten();
        let draft = draft_of(&document);
        if let Some(map) = document.as_object_mut() {
            map.remove("$schema");
        }
        let known = Known::of(&document);
        let mut found = Vec::new();
        leave_out(&mut document, draft, &known, &mut String::new(), &mut found);
        let place = |pointer: &str| place_in(tree.as_ref(), pointer);
        let left_out = found
            .into_iter()
            .map(|(reference, pointer)| (reference, place(&pointer).unwrap_or(whole)))
            .collect();
        if let Err((message, pointer)) = Bounds::new(&document).check() {
            let finding = refuse(message, place(&pointer).unwrap_or(whole));
            return Err(Box::new(finding.help("let no schema apply itself to the same value again")));
        }
        let patterns =
            PatternOptions::regex().size_limit(usize::try_from(Limit::PatternSize.standard()).unwrap_or(0));
        let mut options = jsonschema::options().offline().with_draft(draft).with_pattern_options(patterns);
        if matches!(draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7) && text.contains("\"format\"") {
            for (name, judge) in newer_formats() {
                options = options.with_format(name, move |text: &str| judge.is_valid(&JsonValue::from(text)));
            }
        }
        match options.build(&document) {
            Ok(validator) => Ok(Judge { validator, tree, left_out }),
            Err(error) => {
                let span = place(error.instance_path().as_str()).unwrap_or(whole);
                let finding = refuse("the values schema is not valid".to_owned(), span);
                Err(Box::new(finding.note(error.masked_with("this").to_string())))
            }
        }
    }

    /// The place of a keyword of the schema.
    fn place(&self, pointer: &str) -> Option<Span> {
        place_in(self.tree.as_ref(), pointer)
    }
}

fn place_in(tree: Option<&Node>, pointer: &str) -> Option<Span> {
    let tree = tree?;
    let node = ValuePath::from_pointer(pointer, tree).find(tree)?;
    Some(if node.as_scalar().is_some() { node.span } else { node.span.first_byte() })
}

/// The byte of a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

/// The draft that a schema is written in: 2020-12 where it says nothing that is known.
fn draft_of(document: &JsonValue) -> Draft {
    let name = document.get("$schema").and_then(JsonValue::as_str).unwrap_or_default();
    let name = name.trim_end_matches('#').trim_start_matches("http://").trim_start_matches("https://");
    match name {
        "json-schema.org/draft-04/schema" => Draft::Draft4,
        "json-schema.org/draft-06/schema" => Draft::Draft6,
        "json-schema.org/draft-07/schema" => Draft::Draft7,
        "json-schema.org/draft/2019-09/schema" => Draft::Draft201909,
        _ => Draft::Draft202012,
    }
}

/// Formats that Helm knows in every draft, and jsonschema in newer ones: each with what judges it.
fn newer_formats() -> Vec<(&'static str, Validator)> {
    let names = [
        "date",
        "duration",
        "idn-email",
        "idn-hostname",
        "iri",
        "iri-reference",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "time",
        "uri-reference",
        "uri-template",
        "uuid",
    ];
    let options =
        jsonschema::options().offline().with_draft(Draft::Draft202012).should_validate_formats(true);
    let judge =
        |name: &'static str| Some((name, options.build(&serde_json::json!({ "format": name })).ok()?));
    names.into_iter().filter_map(judge).collect()
}

/// The schemas of a document that may be referred to by name.
struct Known {
    ids: BTreeSet<String>,
}

impl Known {
    fn of(document: &JsonValue) -> Known {
        let mut ids = BTreeSet::new();
        collect_ids(document, &mut ids);
        Known { ids }
    }

    /// Whether a reference leads to a schema that is here.
    fn has(&self, reference: &str) -> bool {
        let name = reference.split('#').next().unwrap_or_default();
        let is_of_standard = name.contains("//json-schema.org/draft");
        name.is_empty()
            || is_of_standard
            || self
                .ids
                .iter()
                .any(|id| id == name || id.rsplit('/').next() == Some(name.trim_start_matches('/')))
    }
}

fn collect_ids(schema: &JsonValue, ids: &mut BTreeSet<String>) {
    match schema {
        JsonValue::Object(map) => {
            for (key, value) in map {
                match value {
                    JsonValue::String(id) if key == "$id" || key == "id" => {
                        ids.insert(id.trim_end_matches('#').to_owned());
                    }
                    value => collect_ids(value, ids),
                }
            }
        }
        JsonValue::Array(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        _ => {}
    }
}

/// Takes references to other files and hosts out of a schema; gives each with its place.
fn leave_out(
    schema: &mut JsonValue,
    draft: Draft,
    known: &Known,
    pointer: &mut String,
    found: &mut Vec<(String, String)>,
) {
    let length = pointer.len();
    match schema {
        JsonValue::Object(map) => {
            let reference =
                map.get("$ref").and_then(JsonValue::as_str).filter(|reference| !known.has(reference));
            if let Some(reference) = reference.map(str::to_owned) {
                found.push((reference, format!("{pointer}/$ref")));
                // Up to draft 7 nothing counts that stands beside a reference.
                if matches!(draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7) {
                    map.clear();
                } else {
                    map.remove("$ref");
                }
            }
            for (key, value) in map.iter_mut() {
                // What stands there is data.
                if matches!(key.as_str(), "enum" | "const" | "default" | "examples") {
                    continue;
                }
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                leave_out(value, draft, known, pointer, found);
                pointer.truncate(length);
            }
        }
        JsonValue::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                leave_out(item, draft, known, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// How schemas apply schemas to the same value: without end, or too often, and the check would have none.
struct Bounds<'s> {
    document: &'s JsonValue,
    /// Schemas with a name, by it: `#name`, or an `$id`.
    named: BTreeMap<String, &'s JsonValue>,
    /// For each schema, by its address: none while it is looked at, then how many apply and how deep.
    done: BTreeMap<*const JsonValue, Option<(usize, usize)>>,
}

impl<'s> Bounds<'s> {
    fn new(document: &'s JsonValue) -> Self {
        let mut named = BTreeMap::new();
        collect_names(document, &mut named);
        Bounds { document, named, done: BTreeMap::new() }
    }

    /// # Errors
    /// What has no end, and where it is.
    fn check(mut self) -> Result<(), (String, String)> {
        let mut all = Vec::new();
        collect_schemas(self.document, String::new(), &mut all);
        for (pointer, schema) in all {
            self.applied(schema, 0).map_err(|message| (message, pointer))?;
        }
        Ok(())
    }

    fn applied(&mut self, schema: &'s JsonValue, depth: usize) -> Result<(usize, usize), String> {
        let most_deep = usize::try_from(Limit::SchemaHeight.standard()).unwrap_or(usize::MAX);
        let most = usize::try_from(Limit::SchemaBranches.standard()).unwrap_or(usize::MAX);
        let Some(map) = schema.as_object() else { return Ok((1, 1)) };
        let address = std::ptr::from_ref(schema);
        match self.done.get(&address) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err("a schema applies itself to the same value".to_owned()),
            None if depth > most_deep => {
                return Err(format!("more than {most_deep} schemas are inside each other"));
            }
            None => {}
        }
        self.done.insert(address, None);
        let mut inner = Vec::new();
        for keyword in ["allOf", "anyOf", "oneOf"] {
            inner.extend(map.get(keyword).and_then(JsonValue::as_array).into_iter().flatten());
        }
        for keyword in ["not", "if", "then", "else"] {
            inner.extend(map.get(keyword));
        }
        for keyword in ["dependencies", "dependentSchemas"] {
            inner.extend(
                map.get(keyword).and_then(JsonValue::as_object).into_iter().flat_map(JsonMap::values),
            );
        }
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let reference = map.get(keyword).and_then(JsonValue::as_str);
            inner.extend(reference.and_then(|reference| self.target(reference)));
        }
        let (mut count, mut height) = (1_usize, 0);
        for schema in inner {
            let (below, deep) = self.applied(schema, depth + 1)?;
            count = count.saturating_add(below);
            height = height.max(deep);
        }
        if count > most || height + 1 > most_deep {
            return Err(format!("more than {most} schemas apply to one value"));
        }
        self.done.insert(address, Some((count, height + 1)));
        Ok((count, height + 1))
    }

    fn target(&self, reference: &str) -> Option<&'s JsonValue> {
        let (name, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = match name {
            "" => self.document,
            name => self.named.get(name).copied()?,
        };
        match fragment {
            "" => Some(resource),
            fragment if fragment.starts_with('/') => {
                let decoded = percent_decoded(fragment);
                resource.pointer(&decoded)
            }
            fragment => self.named.get(&format!("#{fragment}")).copied(),
        }
    }
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn collect_names<'s>(schema: &'s JsonValue, named: &mut BTreeMap<String, &'s JsonValue>) {
    match schema {
        JsonValue::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("$id" | "id", JsonValue::String(id)) => {
                        let last = id.rsplit('/').next().unwrap_or_default();
                        named.insert(last.trim_end_matches('#').to_owned(), schema);
                        named.insert(id.trim_end_matches('#').to_owned(), schema);
                    }
                    ("$anchor" | "$dynamicAnchor", JsonValue::String(name)) => {
                        named.insert(format!("#{name}"), schema);
                    }
                    _ => collect_names(value, named),
                }
            }
        }
        JsonValue::Array(items) => items.iter().for_each(|item| collect_names(item, named)),
        _ => {}
    }
}

/// Everything that may be a schema, with its pointer.
fn collect_schemas<'s>(schema: &'s JsonValue, pointer: String, all: &mut Vec<(String, &'s JsonValue)>) {
    match schema {
        JsonValue::Object(map) => {
            for (key, value) in map {
                collect_schemas(
                    value,
                    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
                    all,
                );
            }
            all.push((pointer, schema));
        }
        JsonValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_schemas(item, format!("{pointer}/{index}"), all);
            }
        }
        _ => {}
    }
}

/// Values as JSON: whole numbers as integers, as Helm's schemas see them.
fn json(node: &Node) -> JsonValue {
    match &node.value {
        Content::Map(map) => {
            JsonValue::Object(map.iter().map(|(key, entry)| (key.to_string(), json(&entry.node))).collect())
        }
        Content::List(items) => JsonValue::Array(items.iter().map(json).collect()),
        Content::Scalar(Scalar { text, kind, .. }) => match kind {
            Kind::Null => JsonValue::Null,
            Kind::Bool => JsonValue::Bool(text.eq_ignore_ascii_case("true")),
            Kind::Str => JsonValue::String(text.to_string()),
            Kind::Int | Kind::Float => match text.parse::<i64>() {
                Ok(value) => JsonValue::from(value),
                Err(_) => text
                    .parse()
                    .ok()
                    .and_then(Number::from_f64)
                    .map_or_else(|| JsonValue::String(text.to_string()), JsonValue::Number),
            },
        },
    }
}

/// The place of what an error is about: of a key that should not be there, the key.
fn place_of(error: &ValidationError<'_>, values: &Node) -> Span {
    let path = ValuePath::from_pointer(error.instance_path().as_str(), values);
    let node = path.find(values).unwrap_or(values);
    let unexpected = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected.first(),
        _ => None,
    };
    let key = unexpected.and_then(|name| node.as_map()?.get(name.as_str())).map(|entry| entry.key_span);
    key.unwrap_or_else(|| if node.as_map().is_some() { node.span.first_byte() } else { node.span })
}

/// What is wrong, by jsonschema's words.
fn own_words(error: &ValidationError<'_>, values: &Node) -> Diagnostic {
    let path = ValuePath::from_pointer(error.instance_path().as_str(), values);
    let subject = if path.0.is_empty() { "the whole of the values".to_owned() } else { format!("`{path}`") };
    let code = match error.kind() {
        ValidationErrorKind::AdditionalProperties { .. }
        | ValidationErrorKind::UnevaluatedProperties { .. } => Code::V101,
        ValidationErrorKind::Required { .. } => Code::V102,
        ValidationErrorKind::Type { .. } => Code::V103,
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => Code::V105,
        ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => Code::V106,
        ValidationErrorKind::Maximum { .. }
        | ValidationErrorKind::Minimum { .. }
        | ValidationErrorKind::ExclusiveMaximum { .. }
        | ValidationErrorKind::ExclusiveMinimum { .. }
        | ValidationErrorKind::MaxItems { .. }
        | ValidationErrorKind::MinItems { .. }
        | ValidationErrorKind::MaxLength { .. }
        | ValidationErrorKind::MinLength { .. }
        | ValidationErrorKind::MaxProperties { .. }
        | ValidationErrorKind::MinProperties { .. } => Code::V104,
        _ => Code::V109,
    };
    // Masked: the value may be a secret.
    let message = error.masked_with(&subject).to_string();
    Diagnostic::error(code, message).at(place_of(error, values), "this value")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceKind;

    /// What is found, as code and the text at the place, and the text of the rule.
    fn found(schema: &str, values: &str) -> Vec<(String, String, String)> {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "values.schema.json", schema);
        let written = session.add_source(SourceKind::File, "values.yaml", values);
        let root = yaml::parse_one(&session, written).unwrap().unwrap();
        check_one(&session, &Schemas::default(), source, "shop", &root, (&Tree::Nil, ""));
        let text = |span: Option<Span>| span.map(|span| session.text(span)).unwrap_or_default();
        let findings = session.diagnostics().into_iter().map(|finding| {
            let rule = finding.labels.iter().find(|label| !label.primary).map(|label| label.span);
            (finding.code.to_string(), text(finding.primary().map(|label| label.span)), text(rule))
        });
        findings.collect()
    }

    fn codes(schema: &str, values: &str) -> Vec<String> {
        found(schema, values).into_iter().map(|(code, ..)| code).collect()
    }

    #[test]
    fn the_place_of_the_value_and_of_the_rule() {
        let schema = r#"{"properties": {"a": {"type": "string"}, "b": {"minimum": 3}}, "required": ["c"]}"#;
        let found = found(schema, "a: 1\nb: 2\n");
        assert!(found.contains(&("V103".into(), "1".into(), "\"string\"".into())), "{found:?}");
        assert!(found.contains(&("V104".into(), "2".into(), "3".into())), "{found:?}");
        assert!(found.iter().any(|(code, ..)| code == "V102"), "{found:?}");
    }

    #[test]
    fn all_drafts() {
        let draft = |name: &str, rest: &str| format!(r#"{{"$schema": "{name}", {rest}}}"#);
        let four = draft(
            "http://json-schema.org/draft-04/schema#",
            r#""properties": {"a": {"minimum": 2, "exclusiveMinimum": true}}"#,
        );
        assert_eq!(codes(&four, "a: 2"), ["V104"]);
        assert!(codes(&four, "a: 3").is_empty());
        let rest = r#""properties": {"a": {"exclusiveMinimum": 2}, "b": {"format": "ipv4"}}"#;
        for name in ["http://json-schema.org/draft-06/schema#", "https://json-schema.org/draft-07/schema"] {
            assert_eq!(codes(&draft(name, rest), "a: 2\nb: x").len(), 2, "{name}");
        }
        let uuid = r#""properties": {"a": {"format": "uuid"}, "b": {"format": "date"}}"#;
        assert_eq!(codes(&draft("http://json-schema.org/draft-04/schema#", uuid), "a: x\nb: x").len(), 2);
        for name in [
            "https://json-schema.org/draft/2019-09/schema",
            "https://json-schema.org/draft/2020-12/schema",
            "http://json-schema.org/schema#",
        ] {
            // From draft 2019-09 on a format is a remark.
            assert_eq!(codes(&draft(name, rest), "a: 2\nb: x"), ["V104"], "{name}");
        }
    }

    #[test]
    fn nothing_is_fetched_and_a_wrong_schema_is_said() {
        let remote = r#"{"properties": {"a": {"$ref": "https://example.com/x.json#/definitions/y"}, "b": {"type": "string"}}}"#;
        assert_eq!(codes(remote, "a: 1\nb: x"), ["C004"]);
        assert_eq!(codes(remote, "a: 1\nb: 2"), ["C004", "V103"]);
        let own = r##"{"$id": "https://example.com/me.json", "definitions": {"y": {"type": "string"}},
            "properties": {"a": {"$ref": "https://example.com/me.json#/definitions/y"}}}"##;
        assert_eq!(codes(own, "a: 1"), ["V103"]);
        for wrong in [
            "{",
            r#"{"type": "strin"}"#,
            r#"{"properties": {"a": {"pattern": "(?=a)"}}}"#,
            r##"{"$ref": "#/definitions/none"}"##,
        ] {
            assert_eq!(codes(wrong, "a: x"), ["C004"], "{wrong}");
        }
    }

    #[test]
    fn a_schema_without_end_is_refused() {
        for endless in [
            r##"{"$ref": "#"}"##,
            r##"{"allOf": [{"$ref": "#/definitions/a"}], "definitions": {"a": {"anyOf": [{"$ref": "#"}]}}}"##,
        ] {
            assert_eq!(codes(endless, "a: x"), ["C004"], "{endless}");
        }
        let double = |level: usize| {
            format!(
                r##""d{level}": {{"allOf": [{{"$ref": "#/definitions/d{}"}}, {{"$ref": "#/definitions/d{}"}}]}}"##,
                level + 1,
                level + 1
            )
        };
        let definitions: Vec<String> = (0..40).map(double).collect();
        let many = format!(
            r##"{{"$ref": "#/definitions/d0", "definitions": {{{}, "d40": {{}}}}}}"##,
            definitions.join(",")
        );
        assert_eq!(codes(&many, "a: x"), ["C004"]);
        // A list of lists of itself has an end: that of the values.
        let tree = r##"{"properties": {"a": {"$ref": "#"}, "b": {"type": "string"}}}"##;
        assert_eq!(codes(tree, "a: {a: {b: 1}}"), ["V103"]);
    }
}
