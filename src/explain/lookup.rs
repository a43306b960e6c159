//! Finds the object, the field or the setting that a question names, or reports what comes near.
//!
//! A question is typed by hand, so each failure says what could have been meant: a similar name, else the names that
//! there are, at most [`MAX_NAMED`]. Objects and fields are looked for in what was rendered (Q001). Settings are looked
//! for in the values, in every layer and in the schema (V101), since a setting that nobody sets can be explained too.

use crate::diagnostic::{Code, Diagnostic, Suggestions, nearest};
use crate::manifest::{Document, Identity, PackedDocument};
use crate::pipeline::Merged;
use crate::schema::elsewhere;
use crate::session::{Outcome, Reported, Session};
use crate::yaml::typed_path::{self, PathStep, Unresolved};
use crate::yaml::{Node, Segment, Value, ValuePath, WantRef};

/// The object of a name: `Deployment/web`, or `shop/Deployment/web` where several namespaces have one. Kinds are found
/// in any case, as by `kubectl`.
///
/// # Errors
/// Q001 for no such object, or several.
pub(super) fn object<'d>(
    session: &Session,
    documents: &'d [PackedDocument],
    name: &str,
) -> Outcome<&'d PackedDocument> {
    let found: Vec<&PackedDocument> =
        documents.iter().filter(|document| is_called(&document.identity, name)).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(report_no_object(session, documents, name)),
        several => {
            let names: Vec<String> = several.iter().map(|document| full_name(&document.identity)).collect();
            let message = format!("{} objects are called `{name}`", several.len());
            let help = format!("name one of {}", quoted(&names, names.len()));
            Err(session.report(Diagnostic::error(Code::Q001, message).help(help)))
        }
    }
}

fn is_called(identity: &Identity, name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(3, '/').collect();
    let (namespace, kind, name) = match parts.as_slice() {
        [kind, name] => (None, *kind, *name),
        [namespace, kind, name] => (Some(*namespace), *kind, *name),
        _ => return false,
    };
    // An empty namespace asks for what has none, such as a ClusterRole: `/ClusterRole/web`, as `full_name` prints it.
    let in_namespace =
        namespace.is_none_or(|namespace| identity.namespace.as_deref().unwrap_or_default() == namespace);
    in_namespace && *identity.name == *name && identity.kind.eq_ignore_ascii_case(kind)
}

fn report_no_object(session: &Session, documents: &[PackedDocument], name: &str) -> Reported {
    let names: Vec<String> = documents.iter().map(|document| short_name(&document.identity)).collect();
    let finding = Diagnostic::error(Code::Q001, format!("no object `{name}` is rendered"));
    // A misspelt name first; then objects of that name and another kind, as `Pod/web` may mean the pods of a
    // Deployment; then all objects.
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return session.report(finding.help(format!("did you mean `{near}`?")));
    }
    let last_part = name.rsplit_once('/').map_or(name, |(_, last)| last);
    let mut candidates: Vec<String> = documents
        .iter()
        .filter(|document| *document.identity.name == *last_part)
        .map(|document| short_name(&document.identity))
        .collect();
    if candidates.is_empty() {
        candidates = names;
    }
    session.report(finding.help(format!("there are {}", first_quoted(&candidates))))
}

fn short_name(identity: &Identity) -> String {
    format!("{}/{}", identity.kind, identity.name)
}

/// With the namespace, which tells objects of one kind and name apart; with an empty one for an object that has none.
fn full_name(identity: &Identity) -> String {
    format!("{}/{}", identity.namespace.as_deref().unwrap_or_default(), short_name(identity))
}

/// The field of an object at a typed path.
///
/// # Errors
/// Q001 for a field that is not rendered.
pub(super) fn field<'d>(
    session: &Session,
    document: &'d Document,
    path: &str,
) -> Outcome<(ValuePath, &'d Node)> {
    refuse_unclosed(session, Code::Q001, path)?;
    typed_path::resolve(&document.node, &typed_path::parse(path))
        .map_err(|unresolved| report_no_field(session, document, &unresolved))
}

/// Refuses a path with a bracket or a quote that is not closed: what it means would be a guess.
fn refuse_unclosed(session: &Session, code: Code, path: &str) -> Outcome<()> {
    let Some(open) = typed_path::unclosed(path) else { return Ok(()) };
    let message = format!("the path `{path}` has a `{open}` that is not closed");
    let help = "write an item as `list[0]` or `list[name]`, and a key with dots in double quotes";
    Err(session.report(Diagnostic::error(code, message).help(help)))
}

/// Says how far a path leads, and what is there:
///
/// ```text
/// Deployment `web` has no field `replica` below `spec`
/// did you mean `replicas`?
/// ```
fn report_no_field(session: &Session, document: &Document, unresolved: &Unresolved<'_>) -> Reported {
    let Unresolved { path, node, rest } = unresolved;
    let object = &document.identity;
    let missing = typed_path::display(rest);
    let below = if path.0.is_empty() { String::new() } else { format!(" below `{path}`") };
    let finding = Diagnostic::error(Code::Q001, format!("{object} has no field `{missing}`{below}"));
    let known = child_names(node);
    // The first step alone: what comes after it cannot be known. Without its brackets, as the known names have none.
    let step = typed_path::display(&rest[..1]);
    let help = if let Some(near) = nearest(step.trim_matches(['[', ']']), known.iter().map(String::as_str)) {
        format!("did you mean `{near}`?")
    } else if known.is_empty() {
        "the path ends one step earlier".to_owned()
    } else {
        format!("there are {}", first_quoted(&known))
    };
    session.report(finding.help(help))
}

/// The names that a path can go on with below a node: keys of a map; names of items, or their indices.
fn child_names(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Scalar(_) => Vec::new(),
        Value::Map(map) => map.keys().map(|key| key.to_string()).collect(),
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| typed_path::item_name(item).unwrap_or_else(|| index.to_string()))
            .collect(),
    }
}

/// The setting at a typed path: one of the merged values, of a layer that was overridden, or of the schema.
///
/// # Errors
/// V101 for a setting that none of them knows.
pub(super) fn setting(session: &Session, merged: &Merged, text: &str) -> Outcome<ValuePath> {
    refuse_unclosed(session, Code::V101, text)?;
    // `typed_path::resolve` follows one tree; a setting may be in the values, in a layer that was overridden, or in the
    // schema alone.
    let steps = typed_path::parse(text);
    let mut cursor = Cursor::new(merged);
    let mut rest = steps.as_slice();
    while !rest.is_empty() {
        let Some((segment, count)) = cursor.next_segment(rest) else {
            return Err(report_no_setting(session, merged, &cursor, rest));
        };
        cursor.descend(segment);
        rest = &rest[count..];
    }
    Ok(cursor.path)
}

/// A position in the merged values, in each layer and in the schema at once.
struct Cursor<'s> {
    path: ValuePath,
    /// The nodes at the path: that of the merged values, if they have it, then those of the layers.
    nodes: Vec<&'s Node>,
    /// What the schema wants there.
    want: Option<WantRef<'s>>,
}

impl<'s> Cursor<'s> {
    fn new(merged: &'s Merged) -> Self {
        let layers = merged.layers.iter().map(|layer| &*layer.root);
        Cursor {
            path: ValuePath::root(),
            nodes: std::iter::once(&*merged.values).chain(layers).collect(),
            want: Some(merged.wants().root()),
        }
    }

    /// The segment that the next steps mean here, and how many they are: what exists in the values wins over what the
    /// schema names.
    fn next_segment(&self, steps: &[PathStep]) -> Option<(Segment, usize)> {
        for node in &self.nodes {
            // An index is a segment of any list, however short: it counts where there is such an item.
            if let Some((segment, count)) = typed_path::next_segment(node, steps)
                && typed_path::child(node, &segment).is_some()
            {
                return Some((segment, count));
            }
        }
        let want = self.want?;
        let named = typed_path::candidate_keys(steps).filter(|(key, _)| want.names(key)).last();
        named.map(|(key, count)| (Segment::Key(key), count))
    }

    fn descend(&mut self, segment: Segment) {
        self.nodes = self.nodes.iter().filter_map(|node| typed_path::child(node, &segment)).collect();
        self.want = self.want.and_then(|want| want.child(&segment));
        self.path.0.push(segment);
    }

    /// The keys that the path can go on with, those of the schema first, in its order: a list that is cut then shows
    /// what the chart's author put first.
    fn child_keys(&self) -> Vec<String> {
        let mut known: Vec<String> =
            self.want.into_iter().flat_map(WantRef::known_keys).map(str::to_owned).collect();
        for key in self.nodes.iter().filter_map(|node| node.as_map()).flat_map(|map| map.keys()) {
            if !known.iter().any(|other| **other == **key) {
                known.push(key.to_string());
            }
        }
        known
    }

    /// Whether keys may stand here that the schema has no names for.
    fn is_open(&self) -> bool {
        self.want.is_some_and(|want| want.is_open())
    }
}

fn report_no_setting(session: &Session, merged: &Merged, cursor: &Cursor<'_>, rest: &[PathStep]) -> Reported {
    let path = &cursor.path;
    let missing = typed_path::display(rest);
    // `display` begins an item with a bracket and a key with nothing, and only a key needs a dot before it.
    let full = match rest.first() {
        _ if path.0.is_empty() => missing,
        Some(PathStep::Item(_)) => format!("{path}{missing}"),
        _ => format!("{path}.{missing}"),
    };
    if let Some(items) = cursor.nodes.first().and_then(|node| node.as_list()) {
        return report_no_item(session, path, &full, items);
    }
    let message = if cursor.is_open() {
        format!("nothing sets `{full}`")
    } else {
        format!("`{full}` is not a setting of this chart")
    };
    let key = typed_path::display(&rest[..1]);
    let help = help_for_key(merged, cursor, &key);
    session.report(Diagnostic::error(Code::V101, message).help(help))
}

/// A similar key here, the same key elsewhere in the chart, or the keys that there are.
fn help_for_key(merged: &Merged, cursor: &Cursor<'_>, key: &str) -> String {
    let path = &cursor.path;
    let known = cursor.child_keys();
    if let Some(near) = nearest(key, known.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    let places = elsewhere(merged.wants().root(), key, &Suggestions::default());
    if !places.is_empty() {
        return format!("the chart knows it as {}", places.join(" and "));
    }
    match (known.is_empty(), path.0.is_empty()) {
        (true, true) => "the chart has no settings".to_owned(),
        (true, false) if cursor.is_open() => format!("`{path}` takes keys of your own, and has none"),
        (true, false) => format!("`{path}` has no settings of its own"),
        (false, true) => format!("the chart has {}", first_quoted(&known)),
        (false, false) => format!("`{path}` has {}", first_quoted(&known)),
    }
}

fn report_no_item(session: &Session, list: &ValuePath, full: &str, items: &[Node]) -> Reported {
    let finding = Diagnostic::error(Code::V101, format!("nothing sets `{full}`"));
    let names: Vec<String> = items.iter().filter_map(typed_path::item_name).collect();
    let help = match (items.len(), names.is_empty()) {
        (0, _) => format!("the list `{list}` is empty"),
        (1, true) => format!("the list `{list}` has 1 item, `[0]`"),
        (count, true) => format!("the list `{list}` has {count} items, from `[0]` to `[{}]`", count - 1),
        (_, false) => format!("the list `{list}` has {}", first_quoted(&names)),
    };
    session.report(finding.help(help))
}

/// Names that a help line shows: what fits on one or two lines of a terminal, with names of usual length.
const MAX_NAMED: usize = 8;

/// The first few names, in backticks.
fn first_quoted(names: &[String]) -> String {
    let more = if names.len() > MAX_NAMED { ", …" } else { "" };
    format!("{}{more}", quoted(names, MAX_NAMED))
}

fn quoted(names: &[String], count: usize) -> String {
    let quoted: Vec<String> = names.iter().take(count).map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
