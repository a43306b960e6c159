//! Reading a `derived.yaml`: its tree, and a template for each value that has expressions in it.
//!
//! A value is whatever stands under a key and is no map with keys: a scalar, or a list as a whole, as lists are replaced
//! as a whole. Its template is a document with this value under a key of its own, so that a value means what it means in
//! the file: in quotes, as a block of text, with a tag of YAML.
//!
//! ```text
//! derived.yaml                    a template
//!   app:
//!     hosts:                      ··_:
//!       - {{ values.host }}       ······- {{ values.host }}
//! ```
//!
//! A source map leads from the template back to the file, so everything that is found there is said of the file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tags::{Tag, TagKind, masked, tags};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::source::{Mapping, SourceId, SourceKind, SourceMap, Span};
use crate::template::{self, Program, Role, SettingReads, TemplateFile};
use crate::values::{LayerKind, read_layer};
use crate::yaml::{Entry, Node, Value, ValuePath, Wants};

/// The derived values of a chart, which further values cannot change. Threads can share them.
#[derive(Debug)]
pub struct DerivedValues {
    /// The text of `derived.yaml`.
    pub source: SourceId,
    /// The tree of the file; under the keys of `values` stands a null.
    pub(super) tree: Node,
    /// The values with expressions, in the order of the file.
    pub(super) values: Vec<DerivedValue>,
    /// Their positions, by path.
    pub(super) by_path: BTreeMap<ValuePath, usize>,
    /// Their templates, in the same order.
    pub(super) program: Program,
    templates: Vec<TemplateFile>,
}

/// A value with expressions.
#[derive(Debug)]
pub(super) struct DerivedValue {
    pub(super) path: ValuePath,
    /// Where it is written.
    pub(super) span: Span,
    /// The settings that it reads, each with all that is below it.
    pub(super) reads: Vec<ValuePath>,
    /// Whether it asks for the release, whose namespace may be a setting.
    pub(super) reads_release: bool,
    /// Whether it asks what the cluster can do.
    pub(super) reads_cluster: bool,
}

/// The key that the value of a template stands under.
pub(super) const KEY: &str = "_";

impl DerivedValues {
    /// Reads a `derived.yaml` and holds its expressions against what the schema wants.
    ///
    /// # Errors
    /// V005 and V004 for what is no map of values and expressions, Y001 and its kin for what is not YAML, and what is wrong with an
    /// expression (T001, T002, T009).
    pub fn read(session: &Session, source: SourceId, wants: &Arc<Wants>) -> Outcome<DerivedValues> {
        let before = session.errors();
        let text = session.source(source).text.clone();
        let tags = tags(&text);
        for tag in tags.iter().filter(|tag| !tag.is_closed) {
            refuse_unclosed(session, source, tag, &text);
        }
        session.clean_since(before)?;
        let whole = Mapping { at: 0, from: Span::new(source, 0, text.len()), verbatim: true };
        let kind = SourceKind::Derived(Arc::new([whole].into_iter().collect()));
        let read_as = session.add_source(kind, &*session.source(source).name, masked(&text, &tags));
        let layer = read_layer(session, read_as, LayerKind::Derived)?;
        let mut reader = Reader { session, source, text: &text, tags: &tags, found: Vec::new() };
        let tree = reader.map(&layer.root, &ValuePath::root());
        let found = reader.found;
        session.clean_since(before)?;
        refuse_many(session, &found)?;
        let templates: Vec<TemplateFile> =
            found.iter().map(|found| template_file(session, source, &text, found)).collect();
        let program = template::compile(session, &templates, wants)?;
        let values: Vec<DerivedValue> =
            found.into_iter().enumerate().map(|(at, found)| DerivedValue::new(&program, at, found)).collect();
        let by_path = values.iter().enumerate().map(|(at, value)| (value.path.clone(), at)).collect();
        Ok(DerivedValues { source, tree, values, by_path, program, templates })
    }

    /// The settings that expressions read.
    ///
    /// # Errors
    /// None in practice: they were analysed when they were read.
    pub fn setting_reads(&self, session: &Session) -> Outcome<SettingReads> {
        self.program.setting_reads(session)
    }

    /// The templates of the values.
    pub(super) fn templates(&self) -> &[TemplateFile] {
        &self.templates
    }

    /// Whether an expression asks what the cluster can do.
    pub fn reads_cluster(&self) -> bool {
        self.values.iter().any(|value| value.reads_cluster)
    }

    /// The values with expressions: where each is in the tree, and in the text.
    pub fn expressions(&self) -> impl Iterator<Item = (&ValuePath, Span)> {
        self.values.iter().map(|value| (&value.path, value.span))
    }

    /// Whether the file has a value at a path.
    pub fn sets(&self, path: &ValuePath) -> bool {
        path.find(&self.tree).is_some()
    }
}

impl DerivedValue {
    fn new(program: &Program, at: usize, found: Found) -> DerivedValue {
        let all = program.reads(at);
        let reads_of = |name: &str| all.iter().any(|(root, _)| *root == name);
        let mut reads: Vec<ValuePath> =
            all.iter().filter(|(root, _)| *root == "values").map(|(_, path)| path.clone()).collect();
        reads.sort();
        reads.dedup();
        let (reads_release, reads_cluster) = (reads_of("release"), reads_of("kube"));
        DerivedValue { path: found.path, span: found.span, reads, reads_release, reads_cluster }
    }
}

/// A value with expressions, as it was found.
struct Found {
    path: ValuePath,
    key_span: Span,
    span: Span,
    /// Where its text begins, behind the colon of its key.
    start: usize,
}

/// Walks the tree of a file whose tags are overwritten.
struct Reader<'r> {
    session: &'r Session,
    source: SourceId,
    text: &'r str,
    tags: &'r [Tag],
    found: Vec<Found>,
}

impl Reader<'_> {
    /// A map of the file, with a null in the place of each value with expressions.
    fn map(&mut self, node: &Node, path: &ValuePath) -> Node {
        let mut read = Node::empty_map(self.place(node.span));
        for (key, entry) in node.as_map().into_iter().flatten() {
            let key_span = self.place(entry.key_span);
            if let Some(tag) = self.tags_in(key_span).next() {
                let message = "a key of `derived.yaml` is a name, and this is an expression";
                let help = "write the key itself, or give the map above it by one expression";
                self.refuse(message, Span::new(self.source, tag.range.start, tag.range.end), help);
                continue;
            }
            let path = path.key(&**key);
            let is_map = entry.node.as_map().is_some_and(|map| !map.is_empty());
            let node = if is_map { self.map(&entry.node, &path) } else { self.value(entry, path) };
            if let Some(map) = read.as_map_mut() {
                map.insert(Arc::clone(key), Entry { key_span, node });
            }
        }
        read
    }

    /// A value, or a null in the place of one with expressions.
    fn value(&mut self, entry: &Entry, path: ValuePath) -> Node {
        let (key_span, span) = (self.place(entry.key_span), self.place(entry.node.span));
        let start = self.start(key_span, span);
        let text = self.text.get(start..span.end as usize).unwrap_or_default();
        if !["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
            let mut node = entry.node.clone();
            move_to(&mut node, self.source);
            return node;
        }
        self.refuse_statements(Span::new(self.source, start, span.end as usize));
        self.found.push(Found { path, key_span, span, start });
        Node::plain("", span)
    }

    /// Where the text of a value begins: behind the colon, as an anchor or a tag may stand before it. The value of an
    /// alias stands elsewhere.
    fn start(&self, key: Span, value: Span) -> usize {
        let (key_end, start) = (key.end as usize, value.start as usize);
        let between = self.text.get(key_end..start).unwrap_or_default();
        between.find(':').map_or(start, |colon| key_end + colon + 1)
    }

    /// Reports statements (V005): a value is made by expressions.
    fn refuse_statements(&self, span: Span) {
        for tag in self.tags_in(span).filter(|tag| tag.kind == TagKind::Statement) {
            let place = Span::new(self.source, tag.range.start, tag.range.end);
            let help =
                "write one expression: `{{ a if condition else b }}`; what needs more belongs in a template";
            self.refuse("`derived.yaml` has expressions and no statements", place, help);
        }
    }

    fn refuse(&self, message: &str, place: Span, help: &str) {
        let finding = Diagnostic::error(Code::V005, message).at(place, "here");
        self.session.report(finding.help(help));
    }

    /// The tags that begin in a range.
    fn tags_in(&self, span: Span) -> impl Iterator<Item = &Tag> {
        let first = self.tags.partition_point(|tag| tag.range.start < span.start as usize);
        self.tags[first..].iter().take_while(move |tag| tag.range.start < span.end as usize)
    }

    /// The place in the file of one in the text that was read, which has the same bytes.
    fn place(&self, span: Span) -> Span {
        Span { source: self.source, ..span }
    }
}

/// Says of a whole tree that it stands in this source.
fn move_to(node: &mut Node, source: SourceId) {
    node.span.source = source;
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| move_to(item, source)),
        Value::Map(map) => map.values_mut().for_each(|entry| {
            entry.key_span.source = source;
            move_to(&mut entry.node, source);
        }),
    }
}

/// The template of a value: a document that has it under [`KEY`].
fn template_file(session: &Session, source: SourceId, text: &str, found: &Found) -> TemplateFile {
    let value = text.get(found.start..found.span.end as usize).unwrap_or_default();
    // As far to the right as its key, since a block says how far it is from there.
    let key_start = found.key_span.start as usize;
    let line_start = text.get(..key_start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let before_key = text.get(line_start..key_start).unwrap_or_default();
    let indent = if before_key.bytes().all(|byte| byte == b' ') { before_key } else { "" };
    let space = if value.starts_with(char::is_whitespace) { "" } else { " " };
    let head = format!("{indent}{KEY}:{space}");
    let span = Span::new(source, found.start, found.span.end as usize);
    let map: SourceMap = [
        Mapping { at: 0, from: found.key_span, verbatim: false },
        Mapping { at: head.len() as u32, from: span, verbatim: true },
    ]
    .into_iter()
    .collect();
    let name = session.source(source).name.clone();
    let template = session.add_source(SourceKind::Derived(Arc::new(map)), &*name, format!("{head}{value}\n"));
    TemplateFile { name: format!("{name}: {}", found.path).into(), source: template, role: Role::Document }
}

/// Reports a tag without an end (V005).
fn refuse_unclosed(session: &Session, source: SourceId, tag: &Tag, text: &str) {
    let start = tag.range.start;
    let open = text.get(start..start + 2).unwrap_or_default();
    let close = match tag.kind {
        TagKind::Expression => "}}",
        TagKind::Statement => "%}",
        TagKind::Comment => "#}",
    };
    let message = format!("this `{open}` is not closed");
    let finding = Diagnostic::error(Code::V005, message).at(Span::new(source, start, start + 2), "here");
    session.report(finding.help(format!("end it with `{close}`, and check its quotes and brackets")));
}

/// Refuses more values with expressions than may be.
fn refuse_many(session: &Session, found: &[Found]) -> Outcome<()> {
    let limits = session.limits();
    let Some(one_more) = found.get(limits.of(Limit::Derived)) else { return Ok(()) };
    let message = format!("there are more than {} derived values", limits.said(Limit::Derived));
    let finding = Diagnostic::error(Code::V005, message).at(one_more.span, "one more");
    Err(session.report(finding.help(limits.help(Limit::Derived, "move some into the templates"))))
}

/// Whether one path leads through the other, or to the same place.
pub(super) fn are_on_one_way(one: &ValuePath, other: &ValuePath) -> bool {
    let common = one.0.len().min(other.0.len());
    one.0[..common] == other.0[..common]
}

/// The paths on the way to another one, the root first and itself last.
pub(super) fn ways_to(path: &ValuePath) -> impl Iterator<Item = ValuePath> + '_ {
    (0..=path.0.len()).map(|length| ValuePath(path.0[..length].to_vec()))
}
