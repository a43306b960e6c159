//! Node properties (YAML 1.2.2, section 6.9): anchors, which aliases repeat, and tags.
//!
//! `!!str`, `!!int` and their like are understood, all other tags are refused. A tag of an application (`!Ref`,
//! `!vault`) asks for a program that knows it: leaving it out would change what the document says. What Helm prints is
//! read as Helm reads it, with a warning ([`Strictness::AsHelm`]).

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use granit_parser::Tag;

use super::shared::{ParseLimits, Strictness};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::node::Node;
use crate::yaml::scalar::{Kind, Scalar, Style, parse_float, resolve_core};
use crate::yaml::yaml_1_1::resolve_kubernetes;

/// What may stand before a value: an anchor, as a number, 0 for none, and a tag (`&base !!map`). Tags are boxed,
/// because hardly any value has one and every event has room for it.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) anchor: usize,
    pub(super) tag: Option<Box<Tag>>,
}

/// The anchors of a document by number, and what aliases have cost so far. The parser numbers anchors from 1 and
/// resolves their names, so a name that is used again is another number.
#[derive(Default)]
pub(super) struct Anchors {
    known: HashMap<usize, Anchor>,
    /// The weight of all nodes that aliases have added.
    expanded: usize,
}

struct Anchor {
    /// None while the anchored node is still being read.
    node: Option<Node>,
    /// The weight of the node.
    weight: usize,
    span: Span,
}

impl Anchors {
    /// Forgets the anchors, at the start of a document. What aliases have cost is counted for the whole text.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// Notes that the node of an anchor begins; 0 is no anchor.
    pub(super) fn begin(&mut self, anchor: usize, span: Span) {
        if anchor > 0 {
            self.known.insert(anchor, Anchor { node: None, weight: 0, span: span.first_byte() });
        }
    }

    /// Keeps the node of an anchor; 0 is no anchor.
    pub(super) fn define(&mut self, anchor: usize, node: &Node, span: Span) {
        if anchor > 0 {
            let weight = node.weight();
            self.known.insert(anchor, Anchor { node: Some(node.clone()), weight, span: span.first_byte() });
        }
    }

    /// A copy of the anchored node, for an alias at `span`. It keeps the spans of the original, where its values are
    /// written.
    ///
    /// # Errors
    /// Y001 for an unknown anchor, Y004 for an alias inside its own node and for too many copies.
    pub(super) fn resolve(
        &mut self,
        session: &Session,
        limits: &ParseLimits,
        anchor: usize,
        span: Span,
    ) -> Outcome<Node> {
        let Some(found) = self.known.get(&anchor) else {
            let finding = Diagnostic::error(Code::Y001, "an unknown anchor").at(span, "this alias");
            return Err(session.report(finding));
        };
        let Some(node) = found.node.clone() else {
            let finding = Diagnostic::error(Code::Y004, "an alias inside the node that it repeats")
                .at(span, "this alias");
            return Err(session.report(finding.also(found.span, "its anchor is still open here")));
        };
        // By weight and not by number of aliases: a hundred aliases of a scalar are harmless, ten of each other are
        // "billion laughs".
        self.expanded += found.weight;
        if self.expanded > limits.expanded {
            let limits = session.limits();
            let message = format!("aliases expand to more than {} nodes", limits.said(Limit::Aliases));
            let finding =
                Diagnostic::error(Code::Y004, message).at(span, "this alias").also(found.span, "its anchor");
            let help = limits.help(Limit::Aliases, "write the repeated part out or repeat less of it");
            return Err(session.report(finding.help(help)));
        }
        Ok(node)
    }
}

/// A scalar with a tag.
///
/// # Errors
/// Y005.
pub(super) fn tagged_scalar(
    session: &Session,
    strictness: Strictness,
    tag: &Tag,
    text: Arc<str>,
    style: Style,
    span: Span,
) -> Outcome<Scalar> {
    let quoted = if style == Style::Plain { Style::Quoted } else { style };
    match strictness {
        Strictness::Strict => {
            let kind = kind_of_tagged(session, tag, &text, span)?;
            // A tag says what quotes say, or takes it back: readers go by how a scalar is written.
            let style = if kind == Kind::Str { quoted } else { Style::Plain };
            Ok(Scalar { text, kind, style })
        }
        Strictness::AsHelm => as_helm_reads(session, tag, text, quoted, span),
    }
}

/// The kind of a scalar with a tag. The tag must fit the text: `!!int 1.5` is refused, not rounded.
fn kind_of_tagged(session: &Session, tag: &Tag, text: &str, span: Span) -> Outcome<Kind> {
    // A tag names a kind, and the core schema says which texts are of that kind.
    let if_resolved = |kind: Kind| (resolve_core(text) == kind).then_some(kind);
    let kind = match tag.core_suffix() {
        Some("str") => Some(Kind::Str),
        Some("null") => if_resolved(Kind::Null),
        Some("bool") => if_resolved(Kind::Bool),
        Some("int") => if_resolved(Kind::Int),
        // Every integer is a float as well.
        Some("float") => parse_float(text).map(|_| Kind::Float),
        // The non-specific tag: the value is not resolved.
        None if tag.original() == "!" => Some(Kind::Str),
        _ => None,
    };
    kind.ok_or_else(|| session.report(unknown_tag(span)))
}

/// What go-yaml 2 makes of a scalar with a tag, which Helm and `kubectl` read with: a tag of a kind has to fit what the
/// text is without quotes, `!!binary` is Base64, and with any other tag it is a text, whatever the tag says.
fn as_helm_reads(session: &Session, tag: &Tag, text: Arc<str>, quoted: Style, span: Span) -> Outcome<Scalar> {
    // As if it stood there without quotes: what that means to Kubernetes is asked later, as of all plain scalars.
    let plain = |text: Arc<str>| Scalar { kind: resolve_core(&text), text, style: Style::Plain };
    let kind = || match resolve_kubernetes(&text) {
        Some((kind, _)) => kind,
        // Nothing at all is null.
        None if text.is_empty() => Kind::Null,
        None => Kind::Str,
    };
    let core = tag.suffix_in_namespace(CORE);
    let is_of_kind = match core.as_deref() {
        Some("null") => kind() == Kind::Null,
        Some("bool") => kind() == Kind::Bool,
        Some("int") => kind() == Kind::Int,
        Some("float") => matches!(kind(), Kind::Int | Kind::Float),
        Some("timestamp") => is_date(&text),
        Some("binary") => {
            let Some(text) = from_base64(&text) else { return Err(session.report(unknown_tag(span))) };
            return Ok(Scalar { text: Arc::from(text), kind: Kind::Str, style: quoted });
        }
        Some("str") => return Ok(Scalar { text, kind: Kind::Str, style: quoted }),
        _ => {
            if tag.original() != "!" {
                let note = "Helm and `kubectl` read what is behind it as a text, whatever the tag says";
                session.report(as_warning(unknown_tag(span), note));
            }
            return Ok(Scalar { text, kind: Kind::Str, style: quoted });
        }
    };
    if is_of_kind { Ok(plain(text)) } else { Err(session.report(unknown_tag(span))) }
}

/// What the tags of YAML begin with.
const CORE: &str = "tag:yaml.org,2002:";

/// Whether a text begins with a day: it is one to YAML 1.1, and stays a text in JSON.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut digits = |fewest: usize, most: usize| {
        let part = parts.next().unwrap_or_default();
        let count = part.bytes().take_while(u8::is_ascii_digit).count();
        (fewest..=most).contains(&count)
    };
    digits(4, 4) && digits(1, 2) && digits(1, 2)
}

/// What is written in Base64, as JSON of Go's has it: U+FFFD for each byte that is of no character.
fn from_base64(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|character| !matches!(character, '\n' | '\r')).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(bare).ok()?;
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    Some(decoded)
}

/// Refuses a list or a map with a tag other than the `expected` one, `seq` or `map`; to Helm no tag says anything of them.
///
/// # Errors
/// Y005.
pub(super) fn check_collection_tag(
    session: &Session,
    strictness: Strictness,
    tag: Option<&Tag>,
    expected: &str,
    span: Span,
) -> Outcome<()> {
    match (tag, strictness) {
        (Some(tag), _) if tag.core_suffix() == Some(expected) => Ok(()),
        (Some(_), Strictness::Strict) => Err(session.report(unknown_tag(span.first_byte()))),
        (Some(tag), Strictness::AsHelm) => {
            if tag.original() != "!" {
                let note = "Helm and `kubectl` read what is behind it as if there were no tag";
                session.report(as_warning(unknown_tag(span.first_byte()), note));
            }
            Ok(())
        }
        (None, _) => Ok(()),
    }
}

fn as_warning(finding: Diagnostic, note: &str) -> Diagnostic {
    Diagnostic { level: Level::Warning, ..finding }.note(note)
}

/// That a tag is unknown, or does not fit what it stands before (Y005). The tag is not named: a text without quotes
/// that begins with `!` is read as one, and may be a secret.
fn unknown_tag(span: Span) -> Diagnostic {
    let message = "there is a tag that has no meaning here";
    let help =
        "remove it; `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq` are understood";
    Diagnostic::error(Code::Y005, message).at(span, "before this value").help(help)
}
