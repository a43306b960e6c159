//! Documents as text: one stream for `kubectl apply -f -`, or a folder with one file an object.
//!
//! Names of objects come from the input, and some are no names of files: `system:auth-delegator`, `../x`. A path that
//! is made here stays in its folder and can be written on Linux, macOS and Windows:
//!
//! | object | file |
//! |---|---|
//! | Deployment `web` | `deployment-web.yaml` |
//! | Deployment `web` in `prod`, where other objects are in `test` | `prod/deployment-web.yaml` |
//! | Service `web` of `serving.knative.dev`, beside one of the core group | `service.serving.knative.dev-web.yaml` |
//! | ClusterRole `system:auth-delegator` | `clusterrole-system-auth-delegator.yaml` |
//! | Pod `con` in the namespace `con`, beside others | `_con/pod-con.yaml` |
//!
//! Making a name safe loses something, so two objects may want one path. That is refused, and not resolved by a number:
//! which object gets which file would depend on the others, and an innocent change would rename files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Document;
use crate::parallel::in_parallel;
use crate::session::{Outcome, Session};
use crate::source::{Span, escaped, is_unprintable};
use crate::yaml::{Entry, Map, Node, Tree, Value, ValuePath, print_json};

/// How documents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Block YAML.
    #[default]
    Yaml,
    /// JSON.
    Json,
}

/// The documents as one text: YAML documents, each with a comment that names its template, or one `v1` List in JSON.
/// No document is no text in YAML, and an empty List in JSON.
///
/// ```text
/// ---
/// # Source: skyflo/templates/engine.yaml
/// apiVersion: apps/v1
/// …
/// ```
pub fn stream<T: Tree + Sync>(documents: &[Document<T>], format: Format) -> String {
    stream_chunks(documents, format, 1).collect()
}

/// The same text in chunks, which at most so many threads print: a large set need not be in memory as a text too.
pub fn stream_chunks<T: Tree + Sync>(
    documents: &[Document<T>],
    format: Format,
    threads: usize,
) -> impl Iterator<Item = String> + use<'_, T> {
    // JSON is one value, which every reader of JSON takes: one List and one chunk. One iterator serves both formats: a
    // list that is there or not, followed by documents, of which there are none if it is.
    let list = (format == Format::Json).then(|| print_json(&list_of(documents)));
    let each = if list.is_some() { &[] } else { documents };
    // As many pieces as threads at a time.
    let pieces = each.chunks(PIECE * threads.max(1)).flat_map(move |documents| {
        in_parallel(documents.chunks(PIECE).collect(), threads, |piece: &[Document<T>]| {
            piece.iter().map(yaml_document).collect::<String>()
        })
    });
    list.into_iter().chain(pieces)
}

/// How many documents one thread prints at a time: some hundred KiB of text, beside which a thread costs nothing.
const PIECE: usize = 512;

/// One document of a stream, with the `---` that begins it: so a stream can be cut and joined anywhere between two.
fn yaml_document<T: Tree + Sync>(document: &Document<T>) -> String {
    ["---\n", &source_comment(document), &document.node.to_yaml()].concat()
}

/// The comment that says which template a document came from, in the words that Helm has for it. Escaped, as a name
/// with a line break in it would go on as YAML.
fn source_comment<T>(document: &Document<T>) -> String {
    format!("# Source: {}\n", escaped(&document.template))
}

/// All documents as the items of a `v1` List.
fn list_of<T: Tree + Sync>(documents: &[Document<T>]) -> Node {
    let span = Span::NOWHERE;
    let items = documents.iter().map(|document| document.node.nodes().into_owned()).collect();
    let entry = |key: &str, node: Node| (Arc::from(key), Entry { key_span: span, node });
    let list: Map = [
        entry("apiVersion", Node::string("v1", span)),
        entry("kind", Node::string("List", span)),
        entry("items", Node::new(Value::List(items), span)),
    ]
    .into_iter()
    .collect();
    Node::new(Value::Map(list), span)
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Relative, with `/`; every part of it is a name that all systems take, and none is `..`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// One file an object, named `<kind>-<name>` in lower case; where there are several namespaces, in a folder each:
/// `prod/deployment-web.yaml`.
///
/// # Errors
/// E001 for two objects that want one path. Paths are in lower case, so two that differ in case alone are one here, as
/// they are on systems that do not tell them apart.
pub fn files<T: Tree + Sync>(
    session: &Session,
    documents: &[Document<T>],
    format: Format,
) -> Outcome<Vec<OutputFile>> {
    let errors = session.errors();
    // Names depend on the set of documents alone, so their order makes no difference.
    let layout =
        Layout { folders: count_namespaces(documents) > 1, shared_kinds: shared_kinds(documents), format };
    let mut owners: BTreeMap<String, &Document<T>> = BTreeMap::new();
    let mut files = Vec::with_capacity(documents.len());
    for document in documents {
        let path = path(document, &layout);
        // Each clash is reported, and the last object owns the path: of three, the second and the third are a pair as
        // well.
        if let Some(first) = owners.insert(path.clone(), document) {
            report_clash(session, &path, first, document);
        }
        files.push(OutputFile { path, text: text(document, format) });
    }
    session.clean_since(errors)?;
    Ok(files)
}

/// The text of one file. A file of its own needs no `---`.
fn text<T: Tree + Sync>(document: &Document<T>, format: Format) -> String {
    match format {
        Format::Yaml => format!("{}{}", source_comment(document), document.node.to_yaml()),
        Format::Json => document.node.to_json(),
    }
}

/// How many namespaces the documents are in. Objects of the cluster are in none, and make no second one.
fn count_namespaces<T>(documents: &[Document<T>]) -> usize {
    let names = documents.iter().filter_map(|document| document.identity.namespace.as_deref());
    names.collect::<BTreeSet<_>>().len()
}

/// What the names of all files depend on.
struct Layout<'d> {
    /// One folder a namespace.
    folders: bool,
    /// Kinds that several API groups have, such as the `Service` of Knative: their files name the group.
    shared_kinds: BTreeSet<&'d str>,
    format: Format,
}

/// The kinds that documents of several API groups have.
fn shared_kinds<T>(documents: &[Document<T>]) -> BTreeSet<&str> {
    // A kind is shared if a later document has it in another group than the first one.
    let mut group_of: BTreeMap<&str, &str> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for Document { identity, .. } in documents {
        let first = *group_of.entry(&identity.kind).or_insert(identity.group());
        if first != identity.group() {
            shared.insert(&*identity.kind);
        }
    }
    shared
}

/// The path of a document's file, relative to the output folder.
fn path<T: Tree + Sync>(document: &Document<T>, layout: &Layout<'_>) -> String {
    let identity = &document.identity;
    // Kinds of the core group keep the short names that everybody knows; others name their group.
    let group_suffix = match identity.group() {
        group if !group.is_empty() && layout.shared_kinds.contains(&*identity.kind) => format!(".{group}"),
        _ => String::new(),
    };
    let extension = match layout.format {
        Format::Yaml => "yaml",
        Format::Json => "json",
    };
    let file =
        format!("{}.{extension}", portable(&format!("{}{group_suffix}-{}", identity.kind, identity.name)));
    match identity.namespace.as_deref().filter(|_| layout.folders) {
        Some(namespace) => format!("{}/{file}", portable(namespace)),
        None => file,
    }
}

/// The longest name of a file, in bytes, with room for an extension and a temporary ending: the usual file systems take
/// 255 bytes or characters. A name of Kubernetes may have 253, with a kind before it: such a one is cut.
const LONGEST_NAME: usize = 220;

/// A name that every file system takes and that leads nowhere else: lower-case letters, digits, `-`, `_` and inner
/// dots. Anything else becomes `-`, as in `system:auth-delegator`.
fn portable(name: &str) -> String {
    // After this every character is ASCII, so characters that are counted are bytes.
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let lower: String = name.chars().map(safe).take(LONGEST_NAME).map(|c| c.to_ascii_lowercase()).collect();
    // A dot in front hides a file or leads out of the folder, and Windows drops one at the end. Two dots inside of a
    // name lead nowhere: there is no slash left.
    let trimmed = lower.trim_matches('.');
    if trimmed.is_empty() || is_reserved(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() }
}

/// Why a folder cannot have this name on every system, as a phrase; none if it can.
///
/// For names that a user chooses (`render --each`): those are refused and not made portable, since the user will look
/// for the folder under the name that was given.
pub fn folder_name_problem(name: &str) -> Option<&'static str> {
    // What Windows forbids, which is more than Linux and macOS do.
    let forbidden = |c: char| is_unprintable(c) || r#"/\:*?"<>|"#.contains(c);
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > LONGEST_NAME {
        Some("it is longer than 220 bytes")
    } else if name.contains(forbidden) {
        Some("a folder's name has no `/`, `\\`, `:`, `*`, `?`, `\"`, `<`, `>`, `|` or control character")
    } else if name.starts_with('.') {
        Some("it begins with a dot")
    } else if name.ends_with('.') || name.trim() != name {
        Some("it ends with a dot, or begins or ends with a space")
    } else {
        is_reserved(&name.to_ascii_lowercase()).then_some("it is the name of a device on Windows")
    }
}

/// Names that are devices on Windows, with any extension: `con`, `com1.yaml`. The name is in lower case.
fn is_reserved(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    // `com1` to `com9` and `lpt1` to `lpt9`. `com0` goes with them, as the name is not worth the question.
    let numbered = |prefix: &str| {
        let digits = stem.strip_prefix(prefix);
        digits.is_some_and(|digits| digits.len() == 1 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(stem, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Reports two objects that want one path (E001).
fn report_clash<T: Tree + Sync>(session: &Session, path: &str, first: &Document<T>, second: &Document<T>) {
    let message = format!("two objects want the file `{path}`: {} and {}", describe(first), describe(second));
    // The name is what has to be changed, so it is what is shown.
    let name = |document: &Document<T>| {
        let name = document.node.span_at(&ValuePath::keys(&["metadata", "name"]));
        session.resolve(name.unwrap_or_else(|| document.node.span()))
    };
    let finding = Diagnostic::error(Code::E001, message)
        .at(name(second), "the second")
        .also(name(first), "the first")
        .help("rename one of them, or render to one stream without `--output-dir`");
    session.report(finding);
}

/// An object with its namespace, as two objects that want one path often have one name.
fn describe<T>(document: &Document<T>) -> String {
    let identity = &document.identity;
    match &identity.namespace {
        Some(namespace) => format!("{identity} in `{namespace}`"),
        None => identity.to_string(),
    }
}
