//! `Loader`: builds trees from the events of a text.
//!
//! One recursion over the events, with one method for each kind of node:
//!
//! ```text
//! documents ─► node ─┬─► list ─────► node …
//!                    ├─► map ──────► key, node …
//!                    ├─► alias             a copy of a node that was read before
//!                    └─► scalar ─► filled ─► slot ─► fragment ─► read: another loader, for another text
//! ```
//!
//! A scalar may hold slots, and a slot may hold a fragment: a text of its own, which is read by another loader that
//! shares the budget of nodes and the cache of keys of the first ([`Shared`]). So lists, maps, scalars and slots stand
//! together here; what they need and what does not recurse is in the files beside this one.
//!
//! # What is absent
//!
//! A slot may stand for nothing: a setting without a value, or null. Then [`Loaded::Absent`] takes the place of a node,
//! and its place decides:
//!
//! | where | what becomes of it |
//! |---|---|
//! | the value of a key | the key is left out |
//! | a document | it is left out |
//! | a list item, a key, a part of a text, a merge (`<<`) | an error (T006) |
//!
//! # Errors
//!
//! An error that leaves the tree whole (a duplicate key, a merge of what is no map, something absent) is reported, and
//! reading goes on, so that a user sees all of them at once. Where it cannot be said what the rest of the text means,
//! it ends the reading.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use granit_parser::Tag;

use super::bindings::Bindings;
use super::event::Event;
use super::events::Events;
use super::fast_path::json_document;
use super::properties::{Anchors, Properties, check_collection_tag, tagged_scalar};
use super::shared::{ParseLimits, Reader, Shared, Strictness};
use super::skeleton::Skeleton;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits::Limit;
use crate::session::{Outcome, Reported, Session};
use crate::source::{OriginId, SourceId, Span, Text};
use crate::yaml::node::{Entry, Map, Node, Value};
use crate::yaml::scalar::{Kind, Scalar, Style, resolve_core};
use crate::yaml::slots::{Absent, Bound, Piece, pieces, whole_slot};

/// Reads every document of a source; slots are filled from `bindings`. Empty documents are left out. The skeleton is that
/// of the source's text.
///
/// # Errors
/// As [`parse_documents`](super::parse_documents), which this is the body of.
pub(super) fn read(
    source: SourceId,
    skeleton: Option<&Skeleton>,
    context: LoadContext<'_>,
) -> Outcome<Vec<Node>> {
    let text = context.bindings.session.source(source).text.clone();
    let length = text.len();
    if context.shared.reader == Reader::Both
        && let Some(root) = json_document(&text, source, context.limits.depth, &context.shared.keys)
        && !context.bindings.has_slot(&text)
        && context.limits.documents > 0
    {
        return Ok(vec![root]);
    }
    // A literal block at the end of a text without a final line break has one, as in other readers. Nearly every text
    // has the line break already, and is not copied.
    let closed = if text.ends_with('\n') { text } else { Text::from([&*text, "\n"].concat()) };
    let known = skeleton.filter(|_| context.shared.reader == Reader::Both);
    let events = match known.and_then(|skeleton| skeleton.tokens(&closed, context.limits.depth)) {
        Some(known) => Events::of_known(&closed, known, context.limits),
        None => Events::new(&closed, context.limits, context.shared.reader),
    };
    Loader::new(source, events, length, context).documents()
}

/// What a text is read with.
#[derive(Clone, Copy)]
pub(super) struct LoadContext<'s> {
    /// What its slots stand for, and the session that everything is reported to.
    pub(super) bindings: Bindings<'s>,
    /// How much of it is read. A fragment has less depth left than the text that it stands in.
    pub(super) limits: ParseLimits,
    /// What it has in common with its fragments.
    pub(super) shared: &'s Shared,
}

/// Reads one text.
pub(super) struct Loader<'s, 'i> {
    session: &'s Session,
    source: SourceId,
    pub(super) events: Events<'i>,
    /// The bytes of the text, without a line break that was put behind it: spans end here at the latest.
    length: usize,
    bindings: Bindings<'s>,
    limits: ParseLimits,
    shared: &'s Shared,
    anchors: Anchors,
    /// Collections that are open.
    depth: usize,
}

/// What stands at a value's place.
enum Loaded {
    Present(Node),
    /// Nothing: the setting without a value, or none if the reason was reported already; and where it is missing.
    Absent(Option<Absent>, Span),
}

impl Loaded {
    fn nothing(what: &str, span: Span) -> Loaded {
        Loaded::Absent(Some(Absent { path: what.to_owned(), removed: None }), span)
    }
}

/// An event, and where in the text it stands.
type Located<'i> = (Event<'i>, Span);

impl<'s, 'i> Loader<'s, 'i> {
    /// A loader of the text of `source`, which has `length` bytes; `events` are those of the text or of a part of it.
    pub(super) fn new(
        source: SourceId,
        events: Events<'i>,
        length: usize,
        LoadContext { bindings, limits, shared }: LoadContext<'s>,
    ) -> Self {
        let session = bindings.session;
        let anchors = Anchors::default();
        Loader { session, source, events, length, bindings, limits, shared, anchors, depth: 0 }
    }

    /// All documents of the text. An empty one, or one with nothing but a written null, is left out; a null that was
    /// bound is kept, so that a template's mistake is not lost.
    pub(super) fn documents(&mut self) -> Outcome<Vec<Node>> {
        let mut documents = Vec::new();
        loop {
            match self.next()? {
                (Event::End, _) => return Ok(documents),
                (Event::Document, span) => {
                    self.anchors.clear();
                    if documents.len() == self.limits.documents {
                        return Err(self.too_much(span, "too many documents in one text", Limit::Documents));
                    }
                    let first = self.next()?;
                    if let Loaded::Present(node) = self.node(first)?
                        && !(node.is_null() && node.origin.is_none())
                    {
                        documents.push(node);
                    }
                }
                // The start of the stream, the end of a document.
                _ => {}
            }
        }
    }

    /// The next event. Spans end with the text, without the line break that [`read`] may have put behind it.
    fn next(&mut self) -> Outcome<Located<'i>> {
        match self.events.next() {
            Ok((event, range)) => {
                let span = Span::new(self.source, range.start.min(self.length), range.end.min(self.length));
                Ok((event, span))
            }
            Err((error, at)) => Err(self.syntax_error(&error, at)),
        }
    }

    /// The node that an event begins.
    fn node(&mut self, (event, span): Located<'i>) -> Outcome<Loaded> {
        match event {
            Event::Scalar(text, style, properties) => self.anchored_scalar(&text, style, properties, span),
            Event::List(size, Properties { anchor, tag }) => {
                check_collection_tag(self.session, self.limits.strictness, tag.as_deref(), "seq", span)?;
                self.nested(anchor, span, |loader| loader.list(span, size)).map(Loaded::Present)
            }
            Event::Map(size, Properties { anchor, tag }) => {
                check_collection_tag(self.session, self.limits.strictness, tag.as_deref(), "map", span)?;
                self.nested(anchor, span, |loader| loader.map(span, size)).map(Loaded::Present)
            }
            Event::Alias(anchor) => self.alias(anchor, span).map(Loaded::Present),
            // No node. Both readers give one for every key, item and document, an empty one if nothing is written.
            _ => Ok(Loaded::Absent(None, span)),
        }
    }

    /// A collection, one level deeper than what it stands in. `read` reads what is in it, up to its end.
    fn nested(
        &mut self,
        anchor: usize,
        span: Span,
        read: impl FnOnce(&mut Self) -> Outcome<Node>,
    ) -> Outcome<Node> {
        if self.depth >= self.limits.depth {
            let message = format!("nested more than {} levels deep", self.limits.depth);
            return Err(self.too_much(span.first_byte(), &message, Limit::Nesting));
        }
        // Noted before the node is read, so that an alias inside of it is told from one of an anchor that does not
        // exist.
        self.anchors.begin(anchor, span);
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        let node = node?;
        self.anchors.define(anchor, &node, span);
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Outcome<Node> {
        self.anchors.resolve(self.session, &self.limits, anchor, span)
    }

    // Lists and maps.

    /// The list that begins at `open`; `size` is the number of its items, if that is known, or 0.
    fn list(&mut self, open: Span, size: usize) -> Outcome<Node> {
        let mut items = Vec::with_capacity(size);
        loop {
            let (event, span) = self.next()?;
            if let Event::ListEnd = event {
                return Ok(Node::new(Value::List(items), open.to(span)));
            }
            match self.node((event, span))? {
                Loaded::Present(node) => items.push(node),
                // An item that is left out would move all others: in a map, the key goes with its value.
                Loaded::Absent(absent, span) => self.bindings.report_absent(absent, span, "a list item"),
            }
        }
    }

    /// The map that begins at `open`; `size` is the number of its entries, if that is known, or 0.
    fn map(&mut self, open: Span, size: usize) -> Outcome<Node> {
        let mut map = Map::with_capacity(size);
        // What merge keys bring, and how many entries stood before them. Kept apart until the end: whether a key is
        // written here too, and so wins, is known only then.
        let mut merges: Vec<(usize, Map)> = Vec::new();
        // Keys that are left out because a `null` took their setting away.
        let mut left_out: Vec<(Arc<str>, Span)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if let Event::MapEnd = event {
                let map = if merges.is_empty() { map } else { with_merges(map, merges) };
                let node = Node::new(Value::Map(map), open.to(span));
                left_out
                    .iter()
                    .for_each(|(key, removed)| self.session.note_left_out(node.span, key, *removed));
                return Ok(node);
            }
            if is_merge_key(&event) {
                let value = self.next()?;
                for merge in self.merge_sources(value)? {
                    merges.push((map.len(), merge));
                }
                continue;
            }
            let key = self.key((event, span))?;
            // Read even if there is no key, to pass over it and to report what is wrong in it.
            let value = self.next()?;
            match (key, self.node(value)?) {
                (Some(key), Loaded::Present(node)) => {
                    self.insert(&mut map, key, Entry { key_span: span, node });
                }
                (Some(key), Loaded::Absent(Some(Absent { removed: Some(removed), .. }), _)) => {
                    left_out.push((key, removed));
                }
                _ => {}
            }
        }
    }

    /// Adds an entry, unless its key is there already: YAML forbids that (1.2.2, section 3.2.1.3), and readers disagree
    /// on which of the two counts.
    fn insert(&self, map: &mut Map, key: Arc<str>, entry: Entry) {
        if let Some(first) = map.get(&key) {
            let message = format!("the key `{key}` occurs twice");
            let finding = Diagnostic::error(Code::Y002, message).at(entry.key_span, "the second");
            let finding = finding.also(first.key_span, "the first").help("keep one of them");
            match self.limits.strictness {
                Strictness::Strict => {
                    self.session.report(finding);
                }
                Strictness::AsHelm => {
                    let finding = Diagnostic { level: Level::Warning, ..finding };
                    self.session.report(finding.note("Helm and `kubectl` take the last one"));
                    map.insert(key, entry);
                }
            }
        } else {
            map.push(key, entry);
        }
    }

    /// The key's text; none when it was bound to something that was reported already. A key is a string, as in JSON: of
    /// a number or a boolean the text as written.
    ///
    /// # Errors
    /// Y003 for null, a list or a map.
    fn key(&mut self, (event, span): Located<'i>) -> Outcome<Option<Arc<str>>> {
        let loaded = match event {
            // Nearly all keys. They need no node, and their texts come out of the cache.
            Event::Scalar(text, Style::Plain, Properties { anchor: 0, tag: None })
                if !self.bindings.has_slot(&text) && resolve_core(&text) != Kind::Null =>
            {
                return Ok(Some(self.shared.keys.get(&text)));
            }
            Event::Scalar(text, style, properties) => self.anchored_scalar(&text, style, properties, span)?,
            Event::Alias(anchor) => Loaded::Present(self.alias(anchor, span)?),
            _ => return Err(self.wrong_key(span.first_byte(), "a list or a map")),
        };
        match loaded {
            Loaded::Present(Node { value: Value::Scalar(scalar), .. }) if scalar.kind != Kind::Null => {
                Ok(Some(scalar.text))
            }
            Loaded::Present(node) => Err(self.wrong_key(span, node.noun())),
            Loaded::Absent(absent, span) => {
                self.bindings.report_absent(absent, span, "a key");
                Ok(None)
            }
        }
    }

    /// Reports a key that is no scalar, or null (Y003).
    fn wrong_key(&self, span: Span, noun: &str) -> Reported {
        let message = format!("a key must be a string, and this is {noun}");
        // `key: {{ value }}` is a map whose key is a map to YAML.
        let help =
            "if this is a template expression, write it as `{{ … }}` in a chart's template, not in values";
        self.session.report(Diagnostic::error(Code::Y003, message).at(span, "this key").help(help))
    }

    /// The maps behind a merge key: one, or a list of them. Anything else is reported (Y006) and left out.
    fn merge_sources(&mut self, value: Located<'i>) -> Outcome<Vec<Map>> {
        let span = value.1;
        match self.node(value)? {
            Loaded::Present(Node { value: Value::Map(map), .. }) => Ok(vec![map]),
            Loaded::Present(Node { value: Value::List(items), .. })
                if items.iter().all(|item| item.as_map().is_some()) =>
            {
                let mut maps = Vec::with_capacity(items.len());
                for item in items {
                    // The guard above has looked: all of them are maps.
                    if let Value::Map(map) = item.value {
                        maps.push(map);
                    }
                }
                Ok(maps)
            }
            Loaded::Present(node) => {
                let message = format!("`<<` takes a map, and this is {}", node.noun());
                let finding = Diagnostic::error(Code::Y006, message).at(node.span, "this value");
                self.session.report(finding.help("give it a map, an alias of a map, or a list of those"));
                Ok(Vec::new())
            }
            Loaded::Absent(absent, _) => {
                self.bindings.report_absent(absent, span, "a merge (`<<`)");
                Ok(Vec::new())
            }
        }
    }

    // Scalars and slots.

    /// A scalar, kept for aliases if it has an anchor.
    fn anchored_scalar(
        &mut self,
        text: &str,
        style: Style,
        properties: Properties,
        span: Span,
    ) -> Outcome<Loaded> {
        let loaded = self.scalar(text, style, properties.tag.as_deref(), span)?;
        if let Loaded::Present(node) = &loaded {
            self.anchors.define(properties.anchor, node, span);
        }
        Ok(loaded)
    }

    /// A scalar of the text itself is resolved to a kind; one with slots is filled.
    fn scalar(&mut self, text: &str, style: Style, tag: Option<&Tag>, span: Span) -> Outcome<Loaded> {
        if self.bindings.has_slot(text) {
            if style == Style::Quoted {
                self.bindings.refuse_escaped_slots(text, span)?;
            }
            return self.filled(text, style, span);
        }
        // granit-parser says `~` where nothing is written (its `Event::empty_scalar`), and a scalar keeps what was
        // written.
        let is_empty = style == Style::Plain && span.start == span.end;
        let text = self.shared.scalar(if is_empty { "" } else { text });
        let scalar = match (tag, style) {
            (Some(tag), _) => tagged_scalar(self.session, self.limits.strictness, tag, text, style, span)?,
            (None, Style::Plain) => Scalar { kind: resolve_core(&text), text, style },
            // Quotes and blocks say that it is text.
            (None, _) => Scalar { text, kind: Kind::Str, style },
        };
        Ok(Loaded::Present(Node::new(Value::Scalar(scalar), span)))
    }

    /// Fills the slots of a scalar: the bound node itself where a slot is all of a plain scalar, its text elsewhere.
    ///
    /// ```text
    /// ports: <slot>            the node, of any kind
    /// host: www.<slot>         a string
    /// user: "<slot>"           a string, with the span of the value
    /// ```
    fn filled(&mut self, text: &str, style: Style, span: Span) -> Outcome<Loaded> {
        let whole = whole_slot(text);
        if let (Style::Plain, Some(index)) = (style, whole) {
            return self.slot(index, span);
        }
        let mut filled = String::with_capacity(text.len());
        let mut origins: Vec<OriginId> = Vec::new();
        let mut failed = false;
        let mut place = span;
        for piece in pieces(text) {
            match piece {
                Piece::Text(words) => filled.push_str(words),
                Piece::Slot(index) => {
                    match self.slot_text(index, span)? {
                        Some((part, written)) => {
                            filled.push_str(&part);
                            // `"{{ value }}"`: the scalar is the value, and stands where that was written.
                            if whole.is_some() {
                                place = written;
                            }
                        }
                        // What else is wrong in this text is to be reported as well.
                        None => failed = true,
                    }
                    origins.extend(self.bindings.get(index).and_then(|binding| binding.origin));
                }
            }
        }
        if failed {
            return Ok(Loaded::Absent(None, span));
        }
        let scalar = Scalar {
            text: Arc::from(filled),
            kind: Kind::Str,
            // What was put together is text, whatever it looks like: it must not be resolved again.
            style: if style == Style::Plain { Style::Quoted } else { style },
        };
        let origin = self.bindings.joined_origin(&origins, self.bindings.is_pasted(text), span);
        Ok(Loaded::Present(Node { value: Value::Scalar(scalar), span: place, origin }))
    }

    /// The node behind a slot, with the slot's origin in every part of it.
    fn slot(&mut self, index: usize, span: Span) -> Outcome<Loaded> {
        // A slot that is cut short has a number that names no binding (`pieces`).
        let Some(binding) = self.bindings.get(index) else { return Ok(Loaded::Absent(None, span)) };
        binding.used.store(true, Ordering::Relaxed);
        match &binding.bound {
            Bound::Scalar(_, Kind::Null, ..) => Ok(Loaded::nothing("null", span)),
            Bound::Scalar(text, kind, style, written) => {
                let scalar = Scalar { text: Arc::clone(text), kind: *kind, style: *style };
                let value = Value::Scalar(scalar);
                Ok(Loaded::Present(Node { value, span: *written, origin: binding.origin }))
            }
            Bound::Tree(node) => {
                let mut node = Node::clone(node);
                node.set_origin(binding.origin);
                Ok(Loaded::Present(node))
            }
            Bound::Absent(absent) => Ok(Loaded::Absent(Some(Absent::clone(absent)), span)),
            Bound::Failed => Ok(Loaded::Absent(None, span)),
            Bound::Fragment(source, skeleton) => self.fragment(*source, skeleton.as_deref(), span),
        }
    }

    /// The document of a fragment, which is read anew each time that it is bound.
    fn fragment(&mut self, source: SourceId, skeleton: Option<&Skeleton>, span: Span) -> Outcome<Loaded> {
        let depth = self.limits.depth.saturating_sub(self.depth);
        if depth == 0 {
            return Err(self.too_much(span, "macros nested too deep", Limit::Nesting));
        }
        // Two documents, so that a second one can be refused below. The depth is what is left of the text's own,
        // because both trees become one.
        let limits = ParseLimits { depth, documents: 2, ..self.limits };
        let context = LoadContext { bindings: self.bindings, limits, shared: self.shared };
        let mut documents = read(source, skeleton, context)?;
        let nodes = 1 + documents.iter().map(Node::weight).sum::<usize>();
        let Some(left) = self.shared.nodes_left.get().checked_sub(nodes) else {
            let limits = self.session.limits();
            let most = limits.said(Limit::Fragments);
            let message =
                format!("the template does too much work: macros inside macros make more than {most} values");
            let finding = Diagnostic::error(Code::T008, message).at(self.session.resolve(span), "here");
            let help = limits.help(Limit::Fragments, "look for fragments that repeat each other");
            return Err(self.session.report(finding.help(help)));
        };
        self.shared.nodes_left.set(left);
        if documents.len() > 1 {
            let finding = Diagnostic::error(Code::T006, "a macro may print one YAML document only");
            return Err(self.session.report(finding.at(self.session.resolve(span), "this prints several")));
        }
        match documents.pop() {
            Some(node) => Ok(Loaded::Present(node)),
            None => Ok(Loaded::nothing("an empty fragment", span)),
        }
    }

    /// The text of a slot inside a scalar, and where it was written; none when it has none and that was reported.
    fn slot_text(&mut self, index: usize, span: Span) -> Outcome<Option<(Arc<str>, Span)>> {
        let is_fragment =
            self.bindings.get(index).is_some_and(|binding| matches!(binding.bound, Bound::Fragment(..)));
        match self.slot(index, span)? {
            Loaded::Present(Node { value: Value::Scalar(Scalar { style, .. }), span: written, .. })
                if is_fragment && style != Style::Block && self.is_folded(written) =>
            {
                let message = "lines that a macro prints cannot stand inside text";
                let finding = Diagnostic::error(Code::T006, message)
                    .at(self.bindings.place(index, span), "this expression");
                let help = "YAML would make one line of them: print them in a block (`|`) of the macro's own, or put the text together \
                            with `~`";
                self.session.report(finding.also(written, "these lines").help(help));
                Ok(None)
            }
            Loaded::Present(Node { value: Value::Scalar(Scalar { text, kind, .. }), span, .. }) => {
                // `True` and `TRUE` are `true`, as anywhere else. Numbers keep the text that they were written as.
                let text = if kind == Kind::Bool { Arc::from(text.to_ascii_lowercase()) } else { text };
                Ok(Some((text, span)))
            }
            Loaded::Present(node) => {
                let message = format!("{} cannot stand inside text", node.noun());
                let place = self.bindings.place(index, span);
                let finding = Diagnostic::error(Code::T006, message).at(place, "this expression");
                let help = match is_fragment {
                    true => "let the call be the whole value: `key: {{ … }}`",
                    false => {
                        "let the expression be the whole value, or turn it into text with `to_json` or `to_yaml`"
                    }
                };
                self.session.report(finding.also(node.span, "the value").help(help));
                Ok(None)
            }
            Loaded::Absent(absent, _) => {
                let place = self.bindings.place(index, span);
                self.bindings.report_absent(absent, place, "part of a text");
                Ok(None)
            }
        }
    }

    /// Whether a scalar without quotes was written on several lines, of which YAML makes one.
    fn is_folded(&self, span: Span) -> bool {
        let written = self.session.text(span);
        let written = written.trim();
        written.contains('\n') && !written.starts_with(['"', '\''])
    }

    // What ends the reading of a text.

    /// Reports a text beyond a limit (Y004).
    fn too_much(&self, span: Span, message: &str, limit: Limit) -> Reported {
        let finding = Diagnostic::error(Code::Y004, message).at(self.session.resolve(span), "here");
        let instead = "no Kubernetes document is like that; simplify it or split the file";
        self.session.report(finding.help(self.session.limits().help(limit, instead)))
    }

    /// Reports what granit-parser says is wrong at a byte (Y001). The fast path has no errors.
    fn syntax_error(&self, error: &granit_parser::ScanError, at: usize) -> Reported {
        // An error at the end of the text has no byte of its own to point at: the last one stands for it.
        let at = at.min(self.length.saturating_sub(1));
        let span = self.session.resolve(Span::new(self.source, at, at + 1));
        // granit-parser limits nesting as well, to the same number, and scans ahead of its events: so it can meet the
        // limit before `nested` has counted as many collections. To a user the two are one limit.
        if matches!(error.kind(), granit_parser::ErrorKind::RecursionLimitExceeded) {
            let message = format!("nested more than {} levels deep", self.limits.depth);
            return self.too_much(span, &message, Limit::Nesting);
        }
        let finding =
            Diagnostic::error(Code::Y001, format!("this is not YAML: {}", error.info())).at(span, "here");
        self.session.report(finding.help(self.likely_cause(span, &error.info())))
    }

    /// What to do about a text that is not YAML: what most often leads to the parser's message, or to one at this place.
    fn likely_cause(&self, place: Span, message: &str) -> &'static str {
        let source = self.session.source(place.source);
        let before = source.text.get(..source.text.ceil_char_boundary(place.range().end)).unwrap_or_default();
        let mut lines = before.lines().rev().take(4).map(str::trim);
        if place.source != self.source && lines.any(|line| line.starts_with("{%-") || line.ends_with("-%}")) {
            return "the `-` of `{%-` and `-%}` takes away the line break beside it: leave it out, a line with only `{% … %}` is \
                removed anyway";
        }
        if message.contains("tabs") {
            return "YAML is indented by spaces: replace the tab";
        }
        if message.contains("flow mapping") || message.contains("flow sequence") {
            return "inside `{…}` and `[…]`, put texts with `[`, `{`, `,` or `: ` into quotes, and check that each is closed";
        }
        "check the indentation and the quotes on this line and the one before it"
    }
}

/// The merge key `<<`. It is of YAML 1.1 and not in YAML 1.2, but Helm's values and Compose files use it; Kubernetes
/// reads it too. Its tag, `!!merge`, says nothing more.
fn is_merge_key(event: &Event<'_>) -> bool {
    let Event::Scalar(text, Style::Plain, Properties { anchor: 0, tag }) = event else { return false };
    text == "<<"
        && tag
            .as_ref()
            .is_none_or(|tag| tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("merge"))
}

/// A map with what its merge keys bring, where they stand. Written keys win over merged ones, and earlier merges over
/// later ones, as the definition of the merge key has it (<https://yaml.org/type/merge.html>).
///
/// `merges` has each merged map with the number of entries of `own` that stood before it, ascending:
///
/// ```text
/// a: 1
/// <<: {b: 2, c: 3}         own = {a: 1, c: 4}, merges = [(1, {b: 2, c: 3})]
/// c: 4                     a: 1, b: 2, c: 4
/// ```
fn with_merges(own: Map, merges: Vec<(usize, Map)>) -> Map {
    let written: HashSet<Arc<str>> = own.keys().cloned().collect();
    let mut result = Map::with_capacity(own.len());
    let add = |result: &mut Map, merge: Map| {
        for (key, entry) in merge {
            if !written.contains(&key) && !result.contains_key(&key) {
                result.insert(key, entry);
            }
        }
    };
    let mut merges = merges.into_iter().peekable();
    for (position, (key, entry)) in own.into_iter().enumerate() {
        while let Some((_, merge)) = merges.next_if(|(at, _)| *at <= position) {
            add(&mut result, merge);
        }
        result.insert(key, entry);
    }
    for (_, merge) in merges {
        add(&mut result, merge);
    }
    result
}
