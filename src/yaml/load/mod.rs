//! From text to trees: a text's events, with spans, limits, duplicate keys, merge keys and bound slots.

mod chunks;
mod collection;
mod events;
mod fill;
mod names;
mod quick;
mod scalar;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashMap;

pub use chunks::{chunks, parse_chunk};
use events::{Event, Events, Properties, Road};
use granit_parser::Parser;
use names::Names;

use super::{Binding, Node, is_reserved};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::{self, Limit};
use crate::session::{Outcome, Reported, Session};
use crate::source::{SourceId, Span, Text};

/// How much of a text is read before it is refused.
#[derive(Clone, Copy, Debug)]
pub struct ParseLimits {
    /// Lists and maps inside each other.
    pub depth: usize,
    /// Nodes that aliases may add to a document.
    pub expanded: usize,
    /// Documents in one text.
    pub documents: usize,
    /// Nodes that fragments inside fragments may bring into the documents of one text: a fragment that stands in another
    /// one is read each time that the other one is, so a few of them can double without end.
    pub filled: usize,
}

impl Default for ParseLimits {
    fn default() -> Self {
        ParseLimits::from(&limits::Limits::default())
    }
}

impl From<&limits::Limits> for ParseLimits {
    fn from(limits: &limits::Limits) -> Self {
        ParseLimits {
            depth: limits.of(Limit::Nesting),
            expanded: limits.of(Limit::Aliases),
            documents: limits.of(Limit::Documents),
            filled: limits.of(Limit::Fragments),
        }
    }
}

/// Reads every document of a source; slots are filled from `bindings`. Empty documents are left out.
pub fn parse_documents(
    session: &Session,
    source: SourceId,
    bindings: &[Binding],
    limits: ParseLimits,
) -> Outcome<Vec<Node>> {
    read(session, source, bindings, limits, &Shared::new(Road::Any, limits))
}

/// What the readers of a text and of the fragments in it have in common.
struct Shared {
    road: Road,
    /// How many nodes fragments may still bring in.
    left: Cell<usize>,
    names: Names,
}

impl Shared {
    fn new(road: Road, limits: ParseLimits) -> Self {
        Shared { road, left: Cell::new(limits.filled), names: Names::default() }
    }
}

fn read(
    session: &Session,
    source: SourceId,
    bindings: &[Binding],
    limits: ParseLimits,
    shared: &Shared,
) -> Outcome<Vec<Node>> {
    let text = session.source(source).text.clone();
    let length = text.len();
    // A literal block at the end has its line break, as in other readers.
    let closed = if text.ends_with('\n') { text } else { Text::from([&*text, "\n"].concat()) };
    let events = Events::new(&closed, limits, shared.road);
    Loader::new(session, source, (events, length), bindings, limits, shared).documents()
}

/// Reads a source that may hold one document; `None` when it holds none.
pub fn parse_one(session: &Session, source: SourceId) -> Outcome<Option<Node>> {
    let mut documents = parse_documents(session, source, &[], session.limits().into())?;
    if let Some(second) = documents.get(1) {
        let message = "there are several documents, and one is expected";
        let finding =
            Diagnostic::error(Code::Y001, message).at(second.span.first_byte(), "the second starts here");
        return Err(
            session.report(finding.help("remove the `---` line, or put the rest into a file of its own"))
        );
    }
    Ok(documents.pop())
}

/// The comments of a text, without their `#`. What comes after a syntax error is not read.
pub fn comments(text: &str) -> Vec<String> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let comment = |(event, _)| {
        if let granit_parser::Event::Comment(comment, _) = event { Some(comment.into_owned()) } else { None }
    };
    events.filter_map(comment).collect()
}

/// Reports the first reserved character of a source, if there is one.
pub fn refuse_reserved(session: &Session, source: SourceId) -> Outcome<()> {
    let text = session.source(source).text.clone();
    // All of them begin with this byte, and hardly anything else does.
    let mut likely = memchr::memchr_iter(0xef, text.as_bytes());
    let reserved = |at: usize| text.get(at..)?.chars().next().filter(|c| is_reserved(*c)).map(|c| (at, c));
    let Some((at, character)) = likely.find_map(reserved) else { return Ok(()) };
    let span = Span::new(source, at, at + character.len_utf8());
    let message = format!("the noncharacter U+{:04X} is reserved", character as u32);
    let help = "remove it: Unicode has it for internal use only, and Plimsoll marks bound values with it";
    Err(session.report(Diagnostic::error(Code::S002, message).at(span, "this character").help(help)))
}

struct Loader<'s, 'i> {
    session: &'s Session,
    source: SourceId,
    events: Events<'i>,
    bindings: &'s [Binding],
    limits: ParseLimits,
    shared: &'s Shared,
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

impl<'s, 'i> Loader<'s, 'i> {
    /// A reader of the events of a text that has so many bytes.
    fn new(
        session: &'s Session,
        source: SourceId,
        (events, length): (Events<'i>, usize),
        bindings: &'s [Binding],
        limits: ParseLimits,
        shared: &'s Shared,
    ) -> Self {
        let anchors = HashMap::new();
        Loader { session, source, events, bindings, limits, shared, anchors, expanded: 0, depth: 0, length }
    }

    fn documents(&mut self) -> Outcome<Vec<Node>> {
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
        match self.events.next() {
            // The line break that was put behind the text is not part of it.
            Ok((event, range)) => {
                Ok((event, Span::new(self.source, range.start.min(self.length), range.end.min(self.length))))
            }
            Err((error, at)) => Err(self.syntax(&error, at)),
        }
    }

    fn node(&mut self, (event, span): Located<'i>) -> Outcome<Filled> {
        match event {
            Event::Scalar(text, style, Properties { anchor, tag }) => {
                let filled = self.scalar(&text, style, tag.as_deref(), span)?;
                if let Filled::Present(node) = &filled {
                    self.anchored(anchor, node, span);
                }
                Ok(filled)
            }
            Event::List(size, Properties { anchor, tag }) => {
                self.collection_tag(tag.as_deref(), "seq", span)?;
                self.nested(anchor, span, |loader| loader.list(span, size)).map(Filled::Present)
            }
            Event::Map(size, Properties { anchor, tag }) => {
                self.collection_tag(tag.as_deref(), "map", span)?;
                self.nested(anchor, span, |loader| loader.map(span, size)).map(Filled::Present)
            }
            Event::Alias(anchor) => self.alias(anchor, span).map(Filled::Present),
            _ => Ok(Filled::Absent(None, span)),
        }
    }

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
        if anchor > 0 {
            self.anchors.insert(anchor, Anchor { node: None, size: 0, span: span.first_byte() });
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        let node = node?;
        self.anchored(anchor, &node, span);
        Ok(node)
    }

    fn anchored(&mut self, anchor: usize, node: &Node, span: Span) {
        if anchor > 0 {
            let anchored = Anchor { node: Some(node.clone()), size: node.weight(), span: span.first_byte() };
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
            let limits = self.session.limits();
            let message = format!("aliases expand to more than {} nodes", limits.said(Limit::Aliases));
            let finding =
                Diagnostic::error(Code::Y004, message).at(span, "this alias").also(found.span, "its anchor");
            let help = limits.help(Limit::Aliases, "write the repeated part out or repeat less of it");
            return Err(self.session.report(finding.help(help)));
        }
        Ok(node)
    }

    fn too_much(&self, span: Span, message: &str, limit: Limit) -> Reported {
        let finding = Diagnostic::error(Code::Y004, message).at(self.session.resolve(span), "here");
        let instead = "no Kubernetes document is like that; simplify it or split the file";
        self.session.report(finding.help(self.session.limits().help(limit, instead)))
    }

    fn syntax(&self, error: &granit_parser::ScanError, at: usize) -> Reported {
        let at = at.min(self.length.saturating_sub(1));
        let span = self.session.resolve(Span::new(self.source, at, at + 1));
        if error.info().contains("recursion limit exceeded") {
            let message = format!("nested more than {} levels deep", self.limits.depth);
            return self.too_much(span, &message, Limit::Nesting);
        }
        let finding =
            Diagnostic::error(Code::Y001, format!("this is not YAML: {}", error.info())).at(span, "here");
        self.session
            .report(finding.help("check the indentation and the quotes on this line and the one before it"))
    }
}
