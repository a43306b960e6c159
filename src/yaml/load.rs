//! From text to trees: granit's events, with spans, limits, duplicate keys, merge keys and bound slots.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, Tag};

use super::bind::{Piece, pieces, whole_slot};
use super::{
    Binding, Bound, Entry, Kind, Map, Node, SLOT_OPEN, Scalar, Style, Value, is_reserved, kind_of_plain,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::{Input, Origin, OriginId, SourceId, Span};

/// How much of a text is read before it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Lists and maps inside each other.
    pub depth: usize,
    /// Nodes that aliases may add to a document.
    pub expanded: usize,
    /// Documents in one text.
    pub documents: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 128, expanded: 100_000, documents: 1_000_000 }
    }
}

/// Reads every document of a source; slots are filled from `bindings`. Empty documents are left out.
pub fn parse_documents(
    session: &Session,
    source: SourceId,
    bindings: &[Binding],
    limits: Limits,
) -> Outcome<Vec<Node>> {
    let text = session.source(source).text.clone();
    let closed = if text.ends_with('\n') { text } else { Arc::from(format!("{text}\n")) };
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let parser = Parser::new_from_str_with_options(&closed, options);
    let anchors = HashMap::new();
    let length = closed.len();
    Loader { session, source, parser, bindings, limits, anchors, expanded: 0, depth: 0, length }.documents()
}

/// Reads a source that may hold one document; `None` when it holds none.
pub fn parse_one(session: &Session, source: SourceId) -> Outcome<Option<Node>> {
    let mut documents = parse_documents(session, source, &[], Limits::default())?;
    if let Some(second) = documents.get(1) {
        let message = "there are several documents, and one is expected";
        let finding =
            Diagnostic::error(Code::Y001, message).at(first_byte(second.span), "the second starts here");
        return Err(
            session.report(finding.help("remove the `---` line, or put the rest into a file of its own"))
        );
    }
    Ok(documents.pop())
}

/// Reports the first reserved character of a source, if there is one.
pub fn refuse_reserved(session: &Session, source: SourceId) -> Outcome<()> {
    let text = session.source(source).text.clone();
    let Some((at, character)) = text.char_indices().find(|(_, c)| is_reserved(*c)) else { return Ok(()) };
    let span = Span::new(source, at, at + character.len_utf8());
    let message = format!("the noncharacter U+{:04X} is reserved", character as u32);
    let help = "remove it: Unicode has it for internal use only, and Plimsoll marks bound values with it";
    Err(session.report(Diagnostic::error(Code::S002, message).at(span, "this character").help(help)))
}

struct Loader<'s, 'i> {
    session: &'s Session,
    source: SourceId,
    parser: Parser<'i, StrInput<'i>>,
    bindings: &'s [Binding],
    limits: Limits,
    anchors: HashMap<usize, Anchor>,
    expanded: usize,
    depth: usize,
    length: usize,
}

struct Anchor {
    /// None while the anchored node is still being read.
    node: Option<Node>,
    size: usize,
    span: Span,
}

/// What stands at a value's place.
enum Filled {
    Present(Node),
    /// Nothing: the path that nobody set, or none if the reason was reported already.
    Absent(Option<String>, Span),
}

type Located<'i> = (Event<'i>, Span);

impl<'i> Loader<'_, 'i> {
    fn documents(mut self) -> Outcome<Vec<Node>> {
        let mut documents = Vec::new();
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(documents),
                (Event::DocumentStart(..), span) => {
                    self.anchors.clear();
                    if documents.len() == self.limits.documents {
                        return Err(self.too_much(span, "too many documents in one text"));
                    }
                    let first = self.next()?;
                    if let Filled::Present(node) = self.node(first)?
                        && !(node.is_null() && node.origin.is_none())
                    {
                        documents.push(node);
                    }
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Outcome<Located<'i>> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, Span::new(self.source, self.length, self.length))),
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let byte = |marker: granit_parser::Marker| marker.byte_offset().unwrap_or_else(|| marker.index());
        Span::new(self.source, byte(span.start), byte(span.end))
    }

    fn node(&mut self, (event, span): Located<'i>) -> Outcome<Filled> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let filled = self.scalar(&text, style, tag.as_deref(), span)?;
                if let Filled::Present(node) = &filled {
                    self.anchored(anchor, node, span);
                }
                Ok(filled)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", span)?;
                self.nested(anchor, span, Self::list).map(Filled::Present)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", span)?;
                self.nested(anchor, span, Self::map).map(Filled::Present)
            }
            Event::Alias(anchor) => self.alias(anchor, span).map(Filled::Present),
            _ => Ok(Filled::Absent(None, span)),
        }
    }

    fn nested(
        &mut self,
        anchor: usize,
        span: Span,
        read: fn(&mut Self, Span) -> Outcome<Node>,
    ) -> Outcome<Node> {
        if self.depth >= self.limits.depth {
            let message = format!("nested more than {} levels deep", self.limits.depth);
            return Err(self.too_much(first_byte(span), &message));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, Anchor { node: None, size: 0, span: first_byte(span) });
        }
        self.depth += 1;
        let node = read(self, span);
        self.depth -= 1;
        let node = node?;
        self.anchored(anchor, &node, span);
        Ok(node)
    }

    fn anchored(&mut self, anchor: usize, node: &Node, span: Span) {
        if anchor > 0 {
            let anchored = Anchor { node: Some(node.clone()), size: node.count(), span: first_byte(span) };
            self.anchors.insert(anchor, anchored);
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Outcome<Node> {
        let Some(found) = self.anchors.get(&anchor) else {
            return Err(self
                .session
                .report(Diagnostic::error(Code::Y001, "an unknown anchor").at(span, "this alias")));
        };
        let Some(node) = found.node.clone() else {
            let finding = Diagnostic::error(Code::Y004, "an alias inside the node that it repeats")
                .at(span, "this alias");
            return Err(self.session.report(finding.also(found.span, "its anchor is still open here")));
        };
        self.expanded += found.size;
        if self.expanded > self.limits.expanded {
            let message = format!("aliases expand to more than {} nodes", self.limits.expanded);
            let finding =
                Diagnostic::error(Code::Y004, message).at(span, "this alias").also(found.span, "its anchor");
            return Err(self
                .session
                .report(finding.help("write the repeated part out, or repeat less of it")));
        }
        Ok(node)
    }

    fn list(&mut self, open: Span) -> Outcome<Node> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if let Event::SequenceEnd = event {
                return Ok(Node::new(Value::List(items), open.to(span)));
            }
            match self.node((event, span))? {
                Filled::Present(node) => items.push(node),
                Filled::Absent(path, span) => self.absent(path, span, "a list item"),
            }
        }
    }

    fn map(&mut self, open: Span) -> Outcome<Node> {
        let mut map = Map::new();
        let mut merges: Vec<(usize, Map)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if let Event::MappingEnd = event {
                let map = if merges.is_empty() { map } else { merged(map, merges) };
                return Ok(Node::new(Value::Map(map), open.to(span)));
            }
            if is_merge_key(&event) {
                let value = self.next()?;
                for merge in self.merge_sources(value)? {
                    merges.push((map.len(), merge));
                }
                continue;
            }
            let key = self.key((event, span))?;
            let value = self.next()?;
            let filled = self.node(value)?;
            let (Some(key), Filled::Present(node)) = (key, filled) else { continue };
            self.insert(&mut map, key, Entry { key_span: span, node });
        }
    }

    fn insert(&self, map: &mut Map, key: Arc<str>, entry: Entry) {
        if let Some(first) = map.get(&key) {
            let message = format!("the key `{key}` is here twice");
            let finding = Diagnostic::error(Code::Y002, message).at(entry.key_span, "the second");
            self.session.report(finding.also(first.key_span, "the first").help("keep one of them"));
        } else {
            map.insert(key, entry);
        }
    }

    /// The key's text; none when it was bound to something that was reported already.
    fn key(&mut self, (event, span): Located<'i>) -> Outcome<Option<Arc<str>>> {
        let filled = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let filled = self.scalar(&text, style, tag.as_deref(), span)?;
                if let Filled::Present(node) = &filled {
                    self.anchored(anchor, node, span);
                }
                filled
            }
            Event::Alias(anchor) => Filled::Present(self.alias(anchor, span)?),
            _ => return Err(self.wrong_key(first_byte(span), "a list or a map")),
        };
        match filled {
            Filled::Present(Node { value: Value::Scalar(scalar), .. }) if scalar.kind != Kind::Null => {
                Ok(Some(scalar.text))
            }
            Filled::Present(node) => Err(self.wrong_key(span, node.noun())),
            Filled::Absent(path, span) => {
                self.absent(path, span, "a key");
                Ok(None)
            }
        }
    }

    fn wrong_key(&self, span: Span, noun: &str) -> Reported {
        let message = format!("a key must be a string, and this is {noun}");
        let help =
            "if this is a template expression, write it as `{{ … }}` in a chart's template, not in values";
        self.session.report(Diagnostic::error(Code::Y003, message).at(span, "this key").help(help))
    }

    fn merge_sources(&mut self, value: Located<'i>) -> Outcome<Vec<Map>> {
        let span = value.1;
        match self.node(value)? {
            Filled::Present(Node { value: Value::Map(map), .. }) => Ok(vec![map]),
            Filled::Present(Node { value: Value::List(items), .. })
                if items.iter().all(|item| item.as_map().is_some()) =>
            {
                Ok(items
                    .into_iter()
                    .filter_map(|item| if let Value::Map(map) = item.value { Some(map) } else { None })
                    .collect())
            }
            Filled::Present(node) => {
                let message = format!("`<<` takes a map, and this is {}", node.noun());
                let finding = Diagnostic::error(Code::Y006, message).at(node.span, "this value");
                self.session.report(finding.help("give it a map, an alias of a map, or a list of those"));
                Ok(Vec::new())
            }
            Filled::Absent(path, _) => {
                self.absent(path, span, "a merge (`<<`)");
                Ok(Vec::new())
            }
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Outcome<Filled> {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            _ => Style::Block,
        };
        if !self.bindings.is_empty() && text.contains(SLOT_OPEN) {
            return self.fill(text, style, span);
        }
        let empty = style == Style::Plain && span.start == span.end;
        let text: Arc<str> = if empty { Arc::from("") } else { Arc::from(text) };
        let kind = match (tag, style) {
            (Some(tag), _) => self.tagged(tag, &text, span)?,
            (None, Style::Plain) => kind_of_plain(&text),
            (None, _) => Kind::Str,
        };
        Ok(Filled::Present(Node::new(Value::Scalar(Scalar { text, kind, style }), span)))
    }

    fn tagged(&self, tag: &Tag, text: &str, span: Span) -> Outcome<Kind> {
        let kind = match tag.core_suffix() {
            Some("str") => Some(Kind::Str),
            Some("null") => Some(Kind::Null).filter(|kind| kind_of_plain(text) == *kind),
            Some("bool") => Some(Kind::Bool).filter(|kind| kind_of_plain(text) == *kind),
            Some("int") => Some(Kind::Int).filter(|kind| kind_of_plain(text) == *kind),
            Some("float") => Some(Kind::Float).filter(|_| super::float_of(text).is_some()),
            None if tag.original() == "!" => Some(Kind::Str),
            _ => None,
        };
        kind.ok_or_else(|| self.unknown_tag(tag, span))
    }

    fn collection_tag(&self, tag: Option<&Tag>, expected: &str, span: Span) -> Outcome<()> {
        match tag {
            Some(tag) if tag.core_suffix() != Some(expected) => Err(self.unknown_tag(tag, first_byte(span))),
            _ => Ok(()),
        }
    }

    fn unknown_tag(&self, tag: &Tag, span: Span) -> Reported {
        let message = format!("the tag `{}` has no meaning here", tag.original());
        let help =
            "remove it; `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq` are understood";
        self.session.report(Diagnostic::error(Code::Y005, message).at(span, "on this value").help(help))
    }

    /// Fills the slots of a scalar: the value itself where a slot is all of a plain scalar, text elsewhere.
    fn fill(&mut self, text: &str, style: Style, span: Span) -> Outcome<Filled> {
        if let (Style::Plain, Some(index)) = (style, whole_slot(text)) {
            return self.whole(index, span);
        }
        let mut filled = String::with_capacity(text.len());
        let mut origins: Vec<OriginId> = Vec::new();
        let mut failed = false;
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Slot(index) => {
                    match self.text_of(index, span)? {
                        Some(text) => filled.push_str(&text),
                        None => failed = true,
                    }
                    origins.extend(self.bindings.get(index).and_then(|binding| binding.origin));
                }
            }
        }
        if failed {
            return Ok(Filled::Absent(None, span));
        }
        let scalar = Scalar {
            text: Arc::from(filled),
            kind: Kind::Str,
            style: if style == Style::Plain { Style::Quoted } else { style },
        };
        Ok(Filled::Present(Node { value: Value::Scalar(scalar), span, origin: self.joined(&origins, span) }))
    }

    fn whole(&mut self, index: usize, span: Span) -> Outcome<Filled> {
        let Some(binding) = self.bindings.get(index) else { return Ok(Filled::Absent(None, span)) };
        binding.used.set(true);
        match &binding.bound {
            Bound::Value(node) if node.is_null() => Ok(Filled::Absent(Some("null".to_owned()), span)),
            Bound::Value(node) => {
                let mut node = node.clone();
                node.set_origin(binding.origin);
                Ok(Filled::Present(node))
            }
            Bound::Absent(path) => Ok(Filled::Absent(Some(path.clone()), span)),
            Bound::Failed => Ok(Filled::Absent(None, span)),
            Bound::Fragment(source) => self.fragment(*source, span),
        }
    }

    fn fragment(&mut self, source: SourceId, span: Span) -> Outcome<Filled> {
        let depth = self.limits.depth.saturating_sub(self.depth);
        if depth == 0 {
            return Err(self.too_much(span, "macros nested too deep"));
        }
        let limits = Limits { depth, documents: 2, ..self.limits };
        let mut documents = parse_documents(self.session, source, self.bindings, limits)?;
        if documents.len() > 1 {
            let finding = Diagnostic::error(Code::T006, "a macro may print one YAML document only");
            return Err(self.session.report(finding.at(self.session.resolve(span), "this prints several")));
        }
        Ok(documents
            .pop()
            .map_or(Filled::Absent(Some("an empty fragment".to_owned()), span), Filled::Present))
    }

    /// The text of a slot inside a scalar; none when it has none and that was reported.
    fn text_of(&mut self, index: usize, span: Span) -> Outcome<Option<Arc<str>>> {
        match self.whole(index, span)? {
            Filled::Present(Node { value: Value::Scalar(scalar), .. }) => Ok(Some(scalar.text)),
            Filled::Present(node) => {
                let message = format!("{} cannot stand inside text", node.noun());
                let place = self.place(index, span);
                let finding = Diagnostic::error(Code::T006, message).at(place, "this expression");
                let help =
                    "let the expression be the whole value, or turn it into text with `to_json` or `to_yaml`";
                self.session.report(finding.also(node.span, "the value").help(help));
                Ok(None)
            }
            Filled::Absent(path, _) => {
                self.absent(path, self.place(index, span), "part of a text");
                Ok(None)
            }
        }
    }

    fn place(&self, index: usize, span: Span) -> Span {
        let origin = self.bindings.get(index).and_then(|binding| binding.origin);
        origin
            .and_then(|id| self.session.origin(id))
            .map_or_else(|| self.session.resolve(span), |o| o.expression)
    }

    /// Reports that a place needs a value and has none; a missing path means that the reason was reported already.
    fn absent(&self, path: Option<String>, span: Span, place: &str) {
        let Some(path) = path else { return };
        let finding =
            Diagnostic::error(Code::T006, format!("{place} needs a value, and `{path}` is not set"));
        let help = "set it, give it a default (`{{ … | default(…) }}`), or put the place into `{% if … is defined %}`";
        self.session.report(finding.at(self.session.resolve(span), "this has no value").help(help));
    }

    /// One origin for a scalar that several expressions went into.
    fn joined(&self, origins: &[OriginId], span: Span) -> Option<OriginId> {
        if let [only] = origins {
            return Some(*only);
        }
        let inputs: Vec<Input> = origins
            .iter()
            .filter_map(|id| self.session.origin(*id))
            .flat_map(|origin| origin.inputs)
            .collect();
        self.session.add_origin(Origin { expression: self.session.resolve(span), inputs })
    }

    fn too_much(&self, span: Span, message: &str) -> Reported {
        let finding = Diagnostic::error(Code::Y004, message).at(self.session.resolve(span), "here");
        self.session
            .report(finding.help("no Kubernetes document is like that; simplify it or split the file"))
    }

    fn syntax(&self, error: &granit_parser::ScanError) -> Reported {
        let marker = error.marker();
        let at = marker.byte_offset().unwrap_or_else(|| marker.index()).min(self.length.saturating_sub(1));
        let span = self.session.resolve(Span::new(self.source, at, at + 1));
        let finding =
            Diagnostic::error(Code::Y001, format!("this is not YAML: {}", error.info())).at(span, "here");
        self.session
            .report(finding.help("check the indentation and the quotes on this line and the one before it"))
    }
}

fn is_merge_key(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(text, ScalarStyle::Plain, 0, None) if text == "<<")
}

/// Written keys win over merged ones, and earlier merges over later ones.
fn merged(own: Map, merges: Vec<(usize, Map)>) -> Map {
    let written: std::collections::HashSet<Arc<str>> = own.keys().cloned().collect();
    let mut result = Map::with_capacity(own.len());
    let mut merges = merges.into_iter().peekable();
    let add = |result: &mut Map, map: Map| {
        for (key, entry) in map {
            if !written.contains(&key) && !result.contains_key(&key) {
                result.insert(key, entry);
            }
        }
    };
    for (position, (key, entry)) in own.into_iter().enumerate() {
        while let Some((_, map)) = merges.next_if(|(at, _)| *at <= position) {
            add(&mut result, map);
        }
        result.insert(key, entry);
    }
    merges.for_each(|(_, map)| add(&mut result, map));
    result
}

fn first_byte(span: Span) -> Span {
    Span { end: span.start.saturating_add(1), ..span }
}
