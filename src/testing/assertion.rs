//! What a test asserts of objects and of their fields, and where it does not hold.
//!
//! A failed assertion is shown at the value that the test expects. What was found, the line of the template and that of
//! the values are its other places.

use regex::{Regex, RegexBuilder};

use super::compare::{MOST_PAIRS, is_equal, missing_part};
use super::fields::{FieldPath, Missing, ShownValues, in_one_line, item_of_same_name, item_path};
use super::nodes::{entry, items};
use super::object_pattern::{ObjectPattern, read_pattern, refuse_pattern};
use crate::diagnostic::{Code, Diagnostic, with_article};
use crate::kube::Api;
use crate::manifest::{self, Document};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::{Kind, Map, Node, Value, ValuePath};

/// What is expected of some objects, or of the set of all of them.
#[derive(Debug)]
pub(super) enum Expectation {
    /// Of the fields of each object of a pattern.
    OfFields {
        pattern: ObjectPattern,
        /// Where the pattern is written.
        span: Span,
        checks: Vec<FieldCheck>,
    },
    /// Of how many objects of a pattern there are.
    OfObjects(Vec<ObjectCheck>),
}

/// What is expected of a field.
#[derive(Debug)]
pub(super) struct FieldCheck {
    path: FieldPath,
    /// Where that is written: the value, or the path if there is none.
    span: Span,
    predicate: Predicate,
}

#[derive(Debug)]
enum Predicate {
    Equal(Node),
    NotEqual(Node),
    Contains(Node),
    NotContains(Node),
    Matches(Regex),
    NotMatches(Regex),
    AtLeast(f64),
    AtMost(f64),
    Count(usize),
    Exists,
    Absent,
}

/// How many objects of a pattern are expected.
#[derive(Debug)]
pub(super) struct ObjectCheck {
    pattern: ObjectPattern,
    span: Span,
    wanted: Number,
}

#[derive(Debug)]
enum Number {
    None,
    Some,
    Exactly(usize),
}

/// Bytes of a compiled regular expression: more than any text of a test needs.
const MAX_PATTERN: usize = 1 << 20;

/// Keys whose fields are those of one object.
const OF_FIELDS: &[&str] = &["equal", "contains", "matches", "atLeast", "atMost", "not"];

/// Reads an expectation that the schema has found right.
///
/// # Errors
/// A001 for names and paths that cannot be read, A008 for one that says nothing.
pub(super) fn read(session: &Session, node: &Node) -> Outcome<Expectation> {
    let before = session.errors();
    let expectation = match node.get("object") {
        Some(object) => of_fields(session, node, object),
        None => Some(of_objects(session, node)),
    };
    session.clean_since(before)?;
    match expectation {
        Some(expectation) => Ok(expectation),
        // Cannot be: whatever gives none was reported.
        None => Err(session.report(Diagnostic::error(Code::A001, "an expectation that cannot be read"))),
    }
}

fn of_fields(session: &Session, node: &Node, object: &Node) -> Option<Expectation> {
    let pattern = read_pattern(session, object)?;
    let reader = CheckReader { session };
    let mut checks = Vec::new();
    for (key, entry) in node.as_map()? {
        match (&**key, &entry.node.value) {
            ("object", _) => {}
            ("exists" | "absent", Value::List(paths)) => {
                for path in paths {
                    let predicate = if &**key == "exists" { Predicate::Exists } else { Predicate::Absent };
                    checks.extend(reader.check(path.as_str()?, path.span, path.span, Some(predicate)));
                }
            }
            ("not", Value::Map(map)) => {
                for (key, entry) in map {
                    checks.extend(reader.checks(key, entry.node.as_map()?, true));
                }
            }
            (key, Value::Map(map)) => checks.extend(reader.checks(key, map, false)),
            _ => {}
        }
    }
    if node.as_map().is_some_and(|map| map.len() == 1) {
        let finding = Diagnostic::error(Code::A008, format!("nothing is said of `{}`", pattern.text));
        let help = format!(
            "say what it is like, `equal: {{PATH: VALUE}}`; `exists: [{}]` asks only for the object",
            pattern.text
        );
        session.report(finding.at(object.span, "this object").help(help));
    }
    Some(Expectation::OfFields { pattern, span: object.span, checks })
}

fn of_objects(session: &Session, node: &Node) -> Expectation {
    let mut checks = Vec::new();
    let mut add = |text: &str, span: Span, at: Span, wanted: Number| match ObjectPattern::parse(text) {
        Ok(pattern) => checks.push(ObjectCheck { pattern, span: at, wanted }),
        Err(reason) => refuse_pattern(session, text, span, reason),
    };
    for item in items(node, "exists") {
        add(item.as_str().unwrap_or_default(), item.span, item.span, Number::Some);
    }
    for item in items(node, "absent") {
        add(item.as_str().unwrap_or_default(), item.span, item.span, Number::None);
    }
    for (name, entry) in node.get("count").and_then(Node::as_map).into_iter().flatten() {
        let count = entry.node.as_i64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
        add(name, entry.key_span, entry.node.span, Number::Exactly(count));
    }
    for key in OF_FIELDS {
        if let Some(entry) = entry(node, key) {
            let message = format!("`{key}` is about fields, and this does not say of which object");
            let finding = Diagnostic::error(Code::A001, message).at(entry.key_span, "this key");
            session.report(finding.help("name it: `object: Deployment/web`"));
        }
    }
    Expectation::OfObjects(checks)
}

struct CheckReader<'s> {
    session: &'s Session,
}

impl CheckReader<'_> {
    /// The fields under a key such as `equal`.
    fn checks(&self, key: &str, map: &Map, is_negated: bool) -> Vec<FieldCheck> {
        let mut checks = Vec::new();
        for (path, entry) in map {
            let node = &entry.node;
            let predicate = match (key, is_negated) {
                ("equal", false) => Some(Predicate::Equal(node.clone())),
                ("equal", true) => Some(Predicate::NotEqual(node.clone())),
                ("contains", false) => Some(Predicate::Contains(node.clone())),
                ("contains", true) => Some(Predicate::NotContains(node.clone())),
                ("matches", false) => self.regex(node).map(Predicate::Matches),
                ("matches", true) => self.regex(node).map(Predicate::NotMatches),
                ("atLeast", _) => number(node).map(Predicate::AtLeast),
                ("atMost", _) => number(node).map(Predicate::AtMost),
                ("count", _) => {
                    let count = node.as_i64().and_then(|count| usize::try_from(count).ok());
                    count.map(Predicate::Count)
                }
                _ => None,
            };
            if let Some(Predicate::Contains(part) | Predicate::NotContains(part)) = &predicate
                && is_empty(part)
            {
                let finding = Diagnostic::error(Code::A008, "everything contains nothing");
                self.session.report(finding.at(part.span, "this is empty").help("say what is in it"));
            }
            checks.extend(self.check(path, entry.key_span, node.span, predicate));
        }
        checks
    }

    fn check(
        &self,
        path: &str,
        path_span: Span,
        span: Span,
        predicate: Option<Predicate>,
    ) -> Option<FieldCheck> {
        match FieldPath::parse(path) {
            Ok(path) => Some(FieldCheck { path, span, predicate: predicate? }),
            Err(reason) => {
                let finding = Diagnostic::error(Code::A001, format!("`{path}` is not a path: {reason}"));
                let help = "write an item as `list[0]` or `list[name]`, and a key with dots in double quotes";
                self.session.report(finding.at(path_span, "this path").help(help));
                None
            }
        }
    }

    fn regex(&self, node: &Node) -> Option<Regex> {
        let text = node.as_str()?;
        let compiled = RegexBuilder::new(text).size_limit(MAX_PATTERN).build();
        compiled
            .map_err(|error| {
                let reason = match error {
                    regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                    // The last line says what is wrong; those above it repeat the expression.
                    error => error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
                };
                let reason = reason.strip_prefix("error: ").unwrap_or(&reason).to_owned();
                let message = format!("this is not a regular expression: {reason}");
                let finding = Diagnostic::error(Code::A001, message).at(node.span, "this expression");
                let help = "write it as the crate `regex` takes it: without references back and looks around";
                self.session.report(finding.help(help));
            })
            .ok()
    }
}

fn number(node: &Node) -> Option<f64> {
    node.as_scalar()?.as_f64()
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Scalar(scalar) => scalar.kind == Kind::Str && scalar.text.is_empty(),
    }
}

/// What expectations are held against.
#[derive(Clone, Copy)]
pub(super) struct Rendered<'r> {
    pub(super) session: &'r Session,
    pub(super) api: &'r Api,
    pub(super) documents: &'r [Document],
}

impl<'r> Rendered<'r> {
    /// Where an expectation does not hold.
    pub(super) fn failures(self, expectation: &Expectation, failures: &mut Vec<Diagnostic>) {
        match expectation {
            Expectation::OfFields { pattern, span, checks } => {
                let mut is_any = false;
                for document in self.documents.iter().filter(|one| pattern.matches(&one.identity)) {
                    is_any = true;
                    let object = Object { rendered: self, document, shown: self.shown(document) };
                    checks.iter().for_each(|check| object.failures(check, failures));
                }
                if !is_any {
                    failures.push(self.no_object(pattern, *span));
                }
            }
            Expectation::OfObjects(checks) => {
                checks.iter().for_each(|check| failures.extend(self.failed_count(check)));
            }
        }
    }

    fn shown(self, document: &'r Document) -> ShownValues<'r> {
        ShownValues::new(self.session, self.api, document)
    }

    fn failed_count(self, check: &ObjectCheck) -> Option<Diagnostic> {
        let found: Vec<&Document> =
            self.documents.iter().filter(|one| check.pattern.matches(&one.identity)).collect();
        let text = &check.pattern.text;
        let (code, message) = match (&check.wanted, found.len()) {
            (Number::None, 0) | (Number::Some, 1..) => return None,
            (Number::Exactly(wanted), count) if *wanted == count => return None,
            (Number::Some, _) => return Some(self.no_object(&check.pattern, check.span)),
            (Number::None, _) => (Code::A003, format!("`{text}` is rendered")),
            (Number::Exactly(wanted), count) => {
                let message = format!("{} `{text}` rendered, and not {wanted}", are(count));
                (Code::A004, message)
            }
        };
        let mut finding = Diagnostic::error(code, message).at(check.span, "expected here");
        for document in found.iter().take(MAX_NAMED) {
            finding = finding.also(
                self.session.resolve(manifest::anchor_span(&document.node)),
                format!("this is {}", document.identity),
            );
        }
        if found.is_empty() {
            finding = self.with_names(finding, text);
        }
        Some(finding)
    }

    /// That no object of a pattern is rendered, with what comes near.
    fn no_object(self, pattern: &ObjectPattern, span: Span) -> Diagnostic {
        let finding = Diagnostic::error(Code::A002, format!("no object `{}` is rendered", pattern.text));
        self.with_names(finding.at(span, "this object"), &pattern.text)
    }

    fn with_names(self, finding: Diagnostic, text: &str) -> Diagnostic {
        let names: Vec<String> = self.documents.iter().map(|one| ObjectPattern::of(&one.identity)).collect();
        let before = finding.help.len();
        let finding = finding.did_you_mean(text, names.iter().map(String::as_str));
        if finding.help.len() > before {
            return finding;
        }
        match names.as_slice() {
            [] => finding.help("nothing is rendered"),
            names => finding.help(format!("there are {}", first_quoted(names))),
        }
    }
}

fn are(count: usize) -> String {
    match count {
        0 => "no".to_owned(),
        1 => "1".to_owned(),
        count => count.to_string(),
    }
}

/// Names and places that a finding shows.
const MAX_NAMED: usize = 8;

fn first_quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MAX_NAMED { ", …" } else { "" };
    format!("{}{more}", quoted.join(", "))
}

/// Fields of one path, as `containers[*].image`, that are shown.
const MAX_FAILED: usize = 5;

/// An object that is held against checks.
struct Object<'r> {
    rendered: Rendered<'r>,
    document: &'r Document,
    shown: ShownValues<'r>,
}

impl Object<'_> {
    fn failures(&self, check: &FieldCheck, failures: &mut Vec<Diagnostic>) {
        let root = &self.document.node;
        match (check.path.find(root), &check.predicate) {
            // A list that is not there has no items.
            (Err(_), Predicate::Absent | Predicate::Count(0)) => failures.extend(self.never_there(check)),
            (Err(missing), _) => failures.push(self.not_there(check, &missing)),
            (Ok(fields), _) => {
                let mut failed = 0;
                for (path, node) in fields {
                    let Some(failure) = self.failure(check, &path, node) else { continue };
                    failed += 1;
                    if failed <= MAX_FAILED {
                        failures.push(failure);
                    }
                }
                if let Some(last) = failures.last_mut()
                    && failed > MAX_FAILED
                {
                    last.notes.push(format!("so do {} more fields of this path", failed - MAX_FAILED));
                }
            }
        }
    }

    /// That the predicate does not hold of a field.
    fn failure(&self, check: &FieldCheck, path: &ValuePath, node: &Node) -> Option<Diagnostic> {
        let searched = match &check.predicate {
            Predicate::Contains(part) | Predicate::NotContains(part) => missing_part(part, node),
            _ => Ok(None),
        };
        let Ok(missing) = searched else {
            let message =
                format!("`{path}` of {} is too large to be searched for this", self.document.identity);
            let finding = Diagnostic::error(Code::A003, message).at(check.span, "expected here");
            let help = format!(
                "expect less at a time: at most {MOST_PAIRS} pairs of items are held against each other"
            );
            return Some(finding.help(help));
        };
        let holds = match &check.predicate {
            Predicate::Equal(expected) => is_equal(expected, node),
            Predicate::NotEqual(expected) => !is_equal(expected, node),
            Predicate::Contains(_) => missing.is_none(),
            Predicate::NotContains(_) => missing.is_some(),
            Predicate::Matches(regex) => text_of(node).is_some_and(|text| regex.is_match(&text)),
            Predicate::NotMatches(regex) => text_of(node).is_some_and(|text| !regex.is_match(&text)),
            Predicate::AtLeast(least) => number(node).is_some_and(|number| number >= *least),
            Predicate::AtMost(most) => number(node).is_some_and(|number| number <= *most),
            Predicate::Count(count) => size(node) == Some(*count),
            Predicate::Exists => true,
            Predicate::Absent => false,
        };
        if holds {
            return None;
        }
        let shown = self.shown.at(path);
        let what = format!("`{path}` of {}", self.document.identity);
        if shown.is_secret {
            // What a test expects of a secret is one as well.
            self.rendered.session.hide(check.span);
        }
        let expected = |node: &Node| if shown.is_secret { "***".to_owned() } else { in_one_line(node) };
        let found = &shown.text;
        let message = match &check.predicate {
            Predicate::Equal(node) => format!("{what} is {found}, and not {}", expected(node)),
            Predicate::NotEqual(_) => format!("{what} is {found}"),
            Predicate::Contains(part) => {
                let missing = missing.unwrap_or(part);
                format!("{what} does not contain {}", expected(missing))
            }
            Predicate::NotContains(part) => format!("{what} contains {}", expected(part)),
            Predicate::Matches(regex) | Predicate::NotMatches(regex) if text_of(node).is_none() => {
                format!("{what} is {}, and `{regex}` is for strings", node.noun())
            }
            Predicate::Matches(regex) => format!("{what} is {found}, which `{regex}` does not match"),
            Predicate::NotMatches(regex) => format!("{what} is {found}, which `{regex}` matches"),
            Predicate::AtLeast(least) => format!("{what} is {found}, and not {least} at least"),
            Predicate::AtMost(most) => format!("{what} is {found}, and not {most} at most"),
            Predicate::Count(count) => match size(node) {
                Some(size) => format!("{what} has {}, and not {count}", counted_items(size)),
                None => format!("{what} is {}, and has no items", node.noun()),
            },
            Predicate::Exists | Predicate::Absent => format!("{what} is there: {found}"),
        };
        let code = if matches!(check.predicate, Predicate::Count(_)) { Code::A004 } else { Code::A003 };
        let finding = Diagnostic::error(code, message).at(check.span, "expected here");
        let finding = self.with_place(finding, path, node);
        Some(match &check.predicate {
            Predicate::Equal(expected) if !shown.is_secret => with_lines(finding, expected, node),
            Predicate::Contains(part) => self.with_nearest(finding, missing.unwrap_or(part), path, node),
            _ => finding,
        })
    }

    /// The places in the template and in the values that a field comes from.
    fn with_place(&self, mut finding: Diagnostic, path: &ValuePath, node: &Node) -> Diagnostic {
        let location = manifest::Location::value(node);
        let document = self.document;
        let session = self.rendered.session;
        let blank = Diagnostic::error(Code::A003, "");
        let placed = manifest::label_finding(session, blank, location, path, &document.identity);
        for label in placed.labels {
            finding = finding.also(session.resolve(label.span), label.text);
        }
        finding.of_document(document.node.span)
    }

    /// That a path leads nowhere, and how far it leads.
    fn not_there(&self, check: &FieldCheck, missing: &Missing<'_>) -> Diagnostic {
        let object = &self.document.identity;
        let below =
            if missing.path.0.is_empty() { String::new() } else { format!(" below `{}`", missing.path) };
        let message = format!("{object} has no `{}`{below}", missing.name());
        let finding = Diagnostic::error(Code::A003, message).at(check.span, "expected here");
        let session = self.rendered.session;
        let location = manifest::Location::at_path(&self.document.node, &missing.path);
        let finding =
            finding.also(location.display_span(session), format!("this is what there is of {object}"));
        let known = missing.known();
        let before = finding.help.len();
        let finding = finding.did_you_mean(&missing.first_step(), known.iter().map(String::as_str));
        if finding.help.len() > before {
            finding
        } else if known.is_empty() {
            finding.help("the path ends one step earlier")
        } else {
            finding.help(format!("there are {}", first_quoted(&known)))
        }
    }

    /// That a field is not there because no object of this kind can have it: such an assertion cannot fail.
    fn never_there(&self, check: &FieldCheck) -> Option<Diagnostic> {
        let (above, step) = check.path.unknown_step(self.rendered.api, self.document)?;
        let kind = &self.document.identity.kind;
        let below = if above.is_empty() { String::new() } else { format!(" below `{above}`") };
        let message = format!("{} never has `{step}`{below}", with_article(kind));
        let finding = Diagnostic::error(Code::A008, message).at(check.span, "this cannot fail");
        Some(finding.help("name a field that Kubernetes knows"))
    }

    /// The item of the same name, which is what most tests mean that miss one.
    fn with_nearest(&self, finding: Diagnostic, missing: &Node, path: &ValuePath, node: &Node) -> Diagnostic {
        let Some(items) = node.as_list() else { return finding };
        match item_of_same_name(items, missing) {
            Some((index, _)) => {
                let near = self.shown.at(&item_path(path, index));
                finding.note(format!("the item of this name is {}", near.text))
            }
            None => finding,
        }
    }
}

/// The first line in which two texts of several lines differ.
fn with_lines(finding: Diagnostic, expected: &Node, found: &Node) -> Diagnostic {
    let (Some(expected), Some(found)) = (expected.as_str(), found.as_str()) else { return finding };
    if !expected.contains('\n') && !found.contains('\n') {
        return finding;
    }
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    match lines.find(|(_, (expected, found))| expected != found) {
        Some((index, (expected, found))) => {
            finding.note(format!("line {} is `{found}`, and not `{expected}`", index + 1))
        }
        None => finding.note("one of the texts is the beginning of the other"),
    }
}

/// The text of a scalar.
fn text_of(node: &Node) -> Option<std::sync::Arc<str>> {
    node.as_scalar().filter(|scalar| scalar.kind != Kind::Null).map(|scalar| scalar.printed())
}

/// The number of items of a list, or of keys of a map.
fn size(node: &Node) -> Option<usize> {
    match &node.value {
        Value::List(items) => Some(items.len()),
        Value::Map(map) => Some(map.len()),
        Value::Scalar(_) => None,
    }
}

fn counted_items(count: usize) -> String {
    match count {
        0 => "no items".to_owned(),
        1 => "1 item".to_owned(),
        count => format!("{count} items"),
    }
}
