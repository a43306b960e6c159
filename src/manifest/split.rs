//! From one text to its objects: YAML documents are read, lists unfolded, identities taken.
//!
//! Fields that tell an object from others are read as the strings that the check will make of them, so a plain
//! `name: 1.10` needs no quotes. Whether they are right is for the check to say.
//!
//! ```text
//! apiVersion: v1                        Document  v1, ConfigMap, a
//! kind: List                        ─►  Document  v1, ConfigMap, b
//! items:
//! - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
//! - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
//! ```
//!
//! Lists of one kind (`ConfigMapList`) are unfolded as well, and their items may leave `apiVersion` and `kind` to the
//! list.
//!
//! A text that people apply as it stands is cut into documents by `kubectl` before any YAML is read, so what YAML has for
//! whole streams has another meaning there, or none ([`refuse_stream_syntax`]).
//!
//! Where one document is no object, the others are checked all the same: a [`Split`] has them, and says that it is not
//! complete. So one broken document does not hide the findings about the others.

use std::ops::Range;
use std::sync::Arc;

use super::document::{Document, Identity, Soundness};
use super::location::anchor_span;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{MergeSources, Outcome, Reported, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::{
    Binding, Entry, Kind, Node, ParseLimits, Scalar, Style, Value, document_ranges, parse_chunk,
    parse_documents, refuse_reserved,
};

/// What was read of a text. What is wrong in one document hides nothing of what is wrong in the others.
#[derive(Debug)]
#[must_use]
pub struct Split {
    /// The sound ones.
    pub documents: Vec<Document>,
    /// Whether these are all that the text holds.
    pub complete: Outcome<()>,
}

impl Split {
    /// All documents, or that some could not be read.
    ///
    /// # Errors
    /// The last of what was reported while the text was split.
    pub fn all(self) -> Outcome<Vec<Document>> {
        self.complete.map(|()| self.documents)
    }
}

/// Reads the objects of a rendered template or of a plain YAML file, whose name is `template`. A `v1/List` is
/// unfolded. What is no object is reported (M001), each one of it.
pub fn split(session: &Session, template: &Arc<str>, source: SourceId, bindings: &[Binding]) -> Split {
    split_within(session, template, source, bindings, session.limits().into())
}

/// As [`split`], with limits of its own.
pub(super) fn split_within(
    session: &Session,
    template: &Arc<str>,
    source: SourceId,
    bindings: &[Binding],
    limits: ParseLimits,
) -> Split {
    match parse(session, source, bindings, limits) {
        Ok(nodes) => documents_of(session, template, nodes),
        Err(reported) => {
            // A rendered text is whole, or its template is mended first.
            let documents =
                if bindings.is_empty() { others(session, template, source, limits) } else { Vec::new() };
            Split { documents, complete: Err(reported) }
        }
    }
}

/// The objects of a text that is not YAML, but for those of the document where that shows: so that what is wrong with
/// the others is found in the same run. Only documents in the simple part of YAML are read.
fn others(session: &Session, template: &Arc<str>, source: SourceId, limits: ParseLimits) -> Vec<Document> {
    let text = session.source(source).text.clone();
    let last = session.diagnostics().pop().filter(|finding| finding.code == Code::Y001);
    let wrong_at = last.and_then(|finding| Some(finding.primary()?.span));
    let Some(wrong_at) = wrong_at.filter(|span| span.source == source) else { return Vec::new() };
    let snapshot = session.snapshot();
    let mut documents = Vec::new();
    for range in document_ranges(&text) {
        let (start, end) = (range.start, range.end);
        if (start..end).contains(&(wrong_at.start as usize)) {
            continue;
        }
        let overlay = snapshot.overlay();
        let read = parse_chunk(&overlay, source, range, &[], limits);
        let Some((nodes, _)) = read else { continue };
        // What was found before it came to the place was reported.
        if start > wrong_at.start as usize {
            session.merge(overlay, MergeSources::Shared, Some);
        }
        documents.extend(documents_of(session, template, nodes).documents);
    }
    documents
}

/// What was read of a chunk of a text.
pub(super) struct Chunk {
    pub(super) split: Split,
    /// The nodes that count against [`ParseLimits::filled`](crate::yaml::ParseLimits) for the text as a whole.
    pub(super) filled: usize,
}

/// Reads the objects in a chunk of a text (`yaml::chunks`), a range of its bytes. None if the text has to be read as a
/// whole: then nothing that was reported counts.
pub(super) fn split_chunk(
    session: &Session,
    template: &Arc<str>,
    source: SourceId,
    chunk: Range<usize>,
    bindings: &[Binding],
    limits: ParseLimits,
) -> Option<Chunk> {
    let (nodes, filled) = parse_chunk(session, source, chunk, bindings, limits)?;
    Some(Chunk { split: documents_of(session, template, nodes), filled })
}

/// The objects among the documents of a text.
fn documents_of(session: &Session, template: &Arc<str>, nodes: Vec<Node>) -> Split {
    let mut split = Split { documents: Vec::with_capacity(nodes.len()), complete: Ok(()) };
    // One error is enough: it is only the token of a failure that was reported.
    let nodes = nodes.into_iter().map(|mut node| {
        leave_out_encrypted(&mut node);
        node
    });
    for object in nodes.flat_map(|node| unfold_list(session, node)) {
        let identified = object.and_then(|node| Ok((identify(session, &node)?, node)));
        match identified {
            Ok((identity, node)) => {
                split.documents.push(Document {
                    template: Arc::clone(template),
                    node,
                    identity,
                    soundness: Soundness::Sound,
                    with_nulls: None,
                });
            }
            Err(reported) => split.complete = Err(reported),
        }
    }
    split
}

/// Takes out of an object what SOPS has encrypted, with what SOPS keeps about it: the values are not those that will be
/// applied. An entry of a Secret or a ConfigMap stays, without its text, as others refer to its key.
fn leave_out_encrypted(node: &mut Node) {
    let is_sops = |sops: &Node| ["mac", "lastmodified", "version"].iter().any(|key| sops.get(key).is_some());
    // What templates print is applied as it stands.
    if node.origin.is_some() || !node.get("sops").is_some_and(is_sops) {
        return;
    }
    let Some(map) = node.as_map_mut() else { return };
    map.shift_remove("sops");
    let keys: Vec<Arc<str>> = map.keys().cloned().collect();
    for key in keys {
        let is_data = matches!(&*key, "data" | "stringData");
        if let Some(entry) = map.get_mut(&key) {
            leave_out_encrypted_below(&mut entry.node, is_data);
        }
    }
}

fn leave_out_encrypted_below(node: &mut Node, is_data: bool) {
    let is_encrypted = |node: &Node| node.as_str().is_some_and(|text| text.starts_with("ENC["));
    let emptied = |node: &Node| {
        let text = Scalar { text: Arc::from(""), kind: Kind::Str, style: Style::Quoted };
        Node::new(Value::Scalar(text), node.span)
    };
    match &mut node.value {
        Value::List(items) => {
            items.retain(|item| !is_encrypted(item));
            items.iter_mut().for_each(|item| leave_out_encrypted_below(item, false));
        }
        Value::Map(map) => {
            let keys: Vec<Arc<str>> = map.keys().cloned().collect();
            for key in keys {
                let Some(entry) = map.get_mut(&key) else { continue };
                if !is_encrypted(&entry.node) {
                    leave_out_encrypted_below(&mut entry.node, false);
                } else if is_data {
                    entry.node = emptied(&entry.node);
                } else {
                    map.shift_remove(&key);
                }
            }
        }
        Value::Scalar(_) => {}
    }
}

/// The documents of a text as trees.
fn parse(
    session: &Session,
    source: SourceId,
    bindings: &[Binding],
    limits: ParseLimits,
) -> Outcome<Vec<Node>> {
    // In a rendered text, reserved characters mark slots; in any other text they would be mistaken for slots.
    if !matches!(session.source(source).kind, SourceKind::Derived(_)) {
        refuse_reserved(session, source)?;
        refuse_stream_syntax(session, source)?;
    }
    parse_documents(session, source, bindings, limits)
}

/// The items of a list of objects, or the object itself. `kubectl` takes what has `items` for a list; here its kind has to
/// say so too, as a custom kind may have such a field.
fn unfold_list(session: &Session, mut node: Node) -> Vec<Outcome<Node>> {
    let Some(listed) = ListedKind::of(&node) else { return vec![Ok(node)] };
    // Taken out and not copied: a List may be all of a cluster's objects.
    let items = match node.as_map_mut().and_then(|map| map.shift_remove("items")).map(|entry| entry.node) {
        Some(Node { value: Value::List(items), .. }) => items,
        Some(node) if node.is_null() => Vec::new(),
        _ => {
            let message = format!("a `{}` needs a list of `items`", listed.list_kind());
            return vec![Err(refuse(session, &node, &message))];
        }
    };
    let unfold = |mut item: Node| {
        if let Some(inner) = ListedKind::of(&item) {
            let message = format!("a `{}` cannot stand inside a `{}`", inner.list_kind(), listed.list_kind());
            return Err(refuse(session, &item, &message));
        }
        listed.fill_in(&mut item);
        Ok(item)
    };
    items.into_iter().map(unfold).collect()
}

/// What a list says of its items.
struct ListedKind {
    /// The kind of the items: empty for a `List`, whose items may be of any.
    kind: Arc<str>,
    /// Where the list says its kind.
    kind_span: Span,
    /// The `apiVersion` of the list, with its place.
    api_version: Option<Entry>,
}

impl ListedKind {
    /// None for what is no list: a kind with another name, and a custom kind whose name ends like that of a list.
    fn of(node: &Node) -> Option<ListedKind> {
        let kind = node.get("kind")?;
        let listed = kind.as_str()?.strip_suffix("List")?;
        let map = node.as_map()?;
        if !listed.is_empty() && !map.contains_key("items") {
            return None;
        }
        let api_version = map.get("apiVersion").cloned();
        Some(ListedKind { kind: Arc::from(listed), kind_span: kind.span, api_version })
    }

    fn list_kind(&self) -> String {
        format!("{}List", self.kind)
    }

    /// Gives an item that says neither of both the `apiVersion` and the `kind` of the list, as `kubectl` does.
    fn fill_in(&self, item: &mut Node) {
        let Some(map) = item.as_map_mut() else { return };
        let says_something = map.contains_key("kind") || map.contains_key("apiVersion");
        let (false, false, Some(api_version)) = (says_something, self.kind.is_empty(), &self.api_version)
        else {
            return;
        };
        let kind = Scalar { text: Arc::clone(&self.kind), kind: Kind::Str, style: Style::Plain };
        let kind = Node::new(Value::Scalar(kind), self.kind_span);
        map.insert(Arc::from("apiVersion"), api_version.clone());
        map.insert(Arc::from("kind"), Entry { key_span: self.kind_span, node: kind });
    }
}

/// Refuses what `kubectl` does not read as YAML has it. It cuts a text at each line that begins with `---`, and reads
/// one document of each part:
///
/// | line | what `kubectl` does |
/// |---|---|
/// | `%YAML 1.2` before the first document | refuses it, as the marker behind it is cut off |
/// | `--- {a: 1}`, `---x` | refuses it |
/// | `...`, and more behind it before the next `---` | passes over the rest in silence |
///
/// # Errors
/// Y001.
fn refuse_stream_syntax(session: &Session, source: SourceId) -> Outcome<()> {
    let text = session.source(source).text.clone();
    let text: &str = &text;
    let refuse = |at: usize, length: usize, message: &str, help: &str| {
        let span = Span::new(source, at, at + length);
        Err(session.report(Diagnostic::error(Code::Y001, message).at(span, "here").help(help)))
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}').trim();
        if content.starts_with('%') {
            let message = "kubectl reads no YAML directives";
            return refuse(at, line.trim_end().len(), message, "remove this line");
        }
        if !content.is_empty() && !content.starts_with('#') {
            break;
        }
        at += line.len();
    }
    for line in lines_that_begin_with(text, "---") {
        let rest = text[line + 3..].lines().next().unwrap_or_default();
        if !rest.trim().is_empty() && !rest.trim_start().starts_with('#') {
            let message = "kubectl reads nothing but a comment after `---`";
            return refuse(line, 3 + rest.trim_end().len(), message, "begin a new line after `---`");
        }
    }
    for line in lines_that_begin_with(text, "...") {
        let rest = &text[line + 3..];
        let rest = rest.find("\n---").map_or(rest, |marker| &rest[..marker]);
        // Only the marker itself: `...` may begin a text, too.
        let is_marker = rest.is_empty() || rest.starts_with(char::is_whitespace);
        let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with(['#', '%']);
        if is_marker && !rest.lines().all(is_comment) {
            let message = "kubectl ignores what stands after `...`, up to the next `---`";
            return refuse(line, 3, message, "write `---` instead");
        }
    }
    Ok(())
}

/// Where lines begin with a marker.
fn lines_that_begin_with<'t>(text: &'t str, marker: &'static str) -> impl Iterator<Item = usize> + use<'t> {
    memchr::memmem::find_iter(text.as_bytes(), marker)
        .filter(|at| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'))
}

/// Reads what tells the object from others.
///
/// # Errors
/// M001 for the first thing that is missing: without it, the object cannot be named in messages, so there is nothing
/// more to say.
fn identify(session: &Session, node: &Node) -> Outcome<Identity> {
    if node.as_map().is_none() {
        let message = format!("a document must be a Kubernetes object, and this is {}", node.noun());
        return Err(refuse(session, node, &message));
    }
    let of_object =
        |key: &str| required(session, node, node.get(key), || session.left_out(node.span, key), key);
    let api_version = of_object("apiVersion")?;
    let kind = of_object("kind")?;
    let metadata = node.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name"));
    let generated = metadata.and_then(|metadata| metadata.get("generateName"));
    if let (None, Some(generated)) = (name, generated.and_then(text)) {
        check_generated_name(session, node, &kind)?;
        let namespace = namespace_of(metadata);
        return Ok(Identity { api_version, kind, namespace, name: generated, is_generated: true });
    }
    // `metadata` need not be a map for this: whatever has no key `name` has no name.
    let left_out = || match metadata {
        Some(metadata) => session.left_out(metadata.span, "name"),
        None => session.left_out(node.span, "metadata"),
    };
    let name = required(session, node, name, left_out, "metadata.name")?;
    Ok(Identity { api_version, kind, namespace: namespace_of(metadata), name, is_generated: false })
}

/// The namespace that an object names. Kubernetes takes an empty one for none.
fn namespace_of(metadata: Option<&Node>) -> Option<Arc<str>> {
    let namespace = metadata.and_then(|metadata| metadata.get("namespace")).and_then(text);
    namespace.filter(|namespace| !namespace.is_empty())
}

/// The text of a field that every object has; only a string can be meant there. `left_out` is the `null` that it is
/// left out for, if there is one.
fn required(
    session: &Session,
    object: &Node,
    field: Option<&Node>,
    left_out: impl FnOnce() -> Option<Span>,
    path: &str,
) -> Outcome<Arc<str>> {
    let Some(field) = field else {
        // `metadata` without a name is nearer to where the name belongs than the object.
        let metadata =
            object.as_map().and_then(|map| map.get("metadata")).filter(|_| path == "metadata.name");
        let label = format!("`{path}` of this object belongs here");
        let mut finding = refusal(session, object, &format!("`{path}` is missing"), &label);
        if let (Some(metadata), None, Some(label)) = (metadata, object.origin, finding.labels.first_mut()) {
            label.span = session.resolve(metadata.key_span);
        }
        return Err(session.report(finding.due_to(left_out())));
    };
    let message = match text(field) {
        Some(text) if !text.is_empty() => return Ok(text),
        Some(_) => format!("`{path}` is empty"),
        None => format!("`{path}` must be a string, and this is {}", field.noun()),
    };
    let label = format!("this is `{path}` of an object");
    Err(session.report(refusal(session, field, &message, &label)))
}

/// A scalar as the string that the check (`kube::check`) will make of it, whatever its kind in YAML: the name `1.10`
/// keeps its zero. None for null.
fn text(node: &Node) -> Option<Arc<str>> {
    let scalar = node.as_scalar()?;
    match scalar.kind {
        Kind::Null => None,
        // A bound boolean prints in the one way that booleans have.
        Kind::Bool if node.origin.is_some() => Some(Arc::from(scalar.text.to_ascii_lowercase())),
        _ => Some(Arc::clone(&scalar.text)),
    }
}

/// Reports an object whose name the API server chooses, unless it is of a kind that is created anew for each run. What a
/// chart renders is applied, so there it is an error for each kind.
///
/// # Errors
/// M001 for what was rendered.
fn check_generated_name(session: &Session, object: &Node, kind: &str) -> Outcome<()> {
    let key = object.get("metadata").and_then(Node::as_map).and_then(|map| map.get("generateName"));
    let place = session.resolve(key.map_or(object.span, |entry| entry.key_span));
    let is_rendered =
        object.origin.is_some() || matches!(session.source(object.span.source).kind, SourceKind::Derived(_));
    if is_rendered {
        let message = format!("this {kind} has a `generateName` and no `name`, so it cannot be applied");
        let finding = Diagnostic::error(Code::M001, message)
            .at(place, "this key")
            .help("write `name` with a name of its own: what is applied twice must be one object");
        return Err(session.report(finding));
    }
    if !is_created_for_each_run(kind) {
        let message = format!("this {kind} has a `generateName` and no `name`: `kubectl apply` refuses it");
        let finding = Diagnostic::warning(Code::M001, message)
            .at(place, "this key")
            .help("write `name` with a name of its own; `kubectl create` makes another object each time");
        session.report(finding);
    }
    Ok(())
}

/// Whether objects of a kind are created for one run each, and not applied: a Job, a TaskRun, a Workflow.
fn is_created_for_each_run(kind: &str) -> bool {
    const KINDS: [&str; 9] = [
        "Pod",
        "Workflow",
        "Event",
        "Build",
        "Backup",
        "Restore",
        "SparkApplication",
        "Experiment",
        "VirtualMachineInstance",
    ];
    const ENDINGS: [&str; 4] = ["Job", "Run", "Request", "Review"];
    let ends = ENDINGS.iter().any(|ending| kind.ends_with(ending));
    KINDS.contains(&kind) || (ends && !matches!(kind, "CronJob" | "ScaledJob"))
}

/// Reports what is no object (M001), at a short span.
fn refuse(session: &Session, node: &Node, message: &str) -> Reported {
    session.report(refusal(session, node, message, "here"))
}

fn refusal(session: &Session, node: &Node, message: &str, label: &str) -> Diagnostic {
    // Of a list its first character, as it is the list that is wrong and not its first item.
    let span = if node.as_list().is_some() { node.span.first_byte() } else { anchor_span(node) };
    let origin = node.origin.and_then(|id| session.origin(id));
    Diagnostic::error(Code::M001, message)
        .at(session.resolve(span), label)
        .also_if(origin.map(|origin| origin.expression), "comes into the document here")
        .help("every document needs `apiVersion`, `kind` and `metadata.name`")
}
