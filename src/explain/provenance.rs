//! The provenance of one field: the template's own text, the program, or an expression with the values that it read.
//!
//! What the engine recorded is coarse: an expression's inputs are the paths that it names. For an answer they are made
//! finer.
//!
//! * The one that the field *is* comes first, if it is one. With `{{ values.tag | default(values.global.tag) }}` both
//!   are inputs, and the leaf's own span tells which of them was handed on.
//! * A map that was read as a whole (`{{ values.resources }}`) is resolved to the part that stands in the field, or to
//!   its scalars, as each may come from another layer.
//! * A variable is no setting; [`VariableDefinitions`] knows the `{% set %}` that made it.

use std::collections::BTreeMap;

use super::location::{LayerLocation, Location, SettingIndex, location};
use crate::manifest::Document;
use crate::pipeline::Rendering;
use crate::session::Session;
use crate::source::{Input, Origin, SourceId, SourceKind, Span};
use crate::values::each_node;
use crate::yaml::{Node, Segment, ValuePath};

/// What wrote a field.
#[derive(Clone, Debug)]
pub enum Provenance {
    /// The template's own text, or another file of the chart.
    TemplateText {
        /// Where it stands.
        template: Location,
    },
    /// The program: the namespace of an object that names none.
    Program,
    /// An expression of a template.
    Expression {
        /// The expression, without its braces.
        text: String,
        /// Where it stands.
        template: Location,
        /// The values that it read: first the one that the field is, if it is one.
        reads: Vec<ValueRead>,
        /// The expressions that printed the rest, where several actions of a chart of Helm printed one text: in the order of
        /// the text.
        further: Vec<PrintedBy>,
    },
}

/// An expression that printed a part of a field.
#[derive(Clone, Debug)]
pub struct PrintedBy {
    /// The expression, without its braces.
    pub text: String,
    /// Where it stands.
    pub template: Location,
}

/// A value that an expression read.
#[derive(Clone, Debug)]
pub struct ValueRead {
    /// As the template writes it, for example `values.engine.replicas` or `url`.
    pub name: String,
    /// The setting that it is; none for what is no setting, or is set by no layer.
    pub setting: Option<ValuePath>,
    /// Where its value was written.
    pub written: Option<LayerLocation>,
}

/// Finds out where leaves of documents come from.
pub(super) struct ProvenanceSearch<'s> {
    pub(super) session: &'s Session,
    pub(super) index: &'s SettingIndex,
    /// The merged values, of which `index` is.
    pub(super) values: &'s Node,
    /// Whether templates of Helm printed the documents.
    pub(super) is_helm: bool,
}

impl ProvenanceSearch<'_> {
    /// The provenance of the leaf that stands at `path` of a document.
    pub(super) fn of_leaf(&self, document: &Document, leaf: &Node, path: &ValuePath) -> Provenance {
        // In this order: a namespace that an expression printed has an origin, and the one that was filled in has none.
        let origin = leaf.origin.and_then(|id| self.session.origin(id));
        let actions = if self.is_helm { self.actions(leaf.span) } else { Vec::new() };
        let first = actions.first().copied().or(origin.as_ref().map(|origin| origin.expression));
        if let Some(first) = first {
            let printed_by = |span: &Span| PrintedBy {
                text: self.session.text(*span),
                template: location(self.session, *span),
            };
            let PrintedBy { text, template } = printed_by(&first);
            return Provenance::Expression {
                text,
                template,
                reads: origin.map_or_else(Vec::new, |origin| self.reads(leaf, &origin)),
                further: actions.iter().skip(1).map(printed_by).collect(),
            };
        }
        if is_filled_namespace(document, leaf, path) {
            return Provenance::Program;
        }
        Provenance::TemplateText { template: location(self.session, leaf.span) }
    }

    /// The actions that printed what stands at a place of a rendered text, in their order.
    fn actions(&self, span: Span) -> Vec<Span> {
        match &self.session.source(span.source).kind {
            SourceKind::Derived(map) => map.expressions(span.start, span.end),
            _ => Vec::new(),
        }
    }
}

/// Whether a leaf is the namespace that the check of the API filled in. It has no text of its own, so the check gives
/// it the span of the key `metadata`.
fn is_filled_namespace(document: &Document, leaf: &Node, path: &ValuePath) -> bool {
    let [Segment::Key(metadata), Segment::Key(key)] = path.0.as_slice() else { return false };
    let metadata = document.node.as_map().and_then(|map| map.get(metadata.as_str()));
    key == "namespace" && metadata.is_some_and(|entry| entry.key_span == leaf.span)
}

/// The settings behind the values that an expression read.
impl ProvenanceSearch<'_> {
    /// What the expression that printed a leaf read; first what the leaf is.
    fn reads(&self, leaf: &Node, origin: &Origin) -> Vec<ValueRead> {
        // A leaf that was handed on unchanged has the span of its setting. Of a map that was read as a whole, this is
        // the part that stands here.
        let own = self.of_span(leaf.span, None);
        let mut reads: Vec<ValueRead> = Vec::new();
        for input in &origin.inputs {
            let read = self.of_input(input);
            match &own {
                Some(own) if is_within(own, &read) => {
                    reads.insert(0, ValueRead { name: read.name, ..own.clone() });
                }
                _ => reads.extend(self.parts(read)),
            }
        }
        // Where no input leads to it, its span alone says what it is.
        if let Some(own) = own
            && !reads.iter().any(|read| read.setting == own.setting)
        {
            reads.insert(0, own);
        }
        self.add_inputs(&mut reads);
        reads
    }

    /// Adds what derived values among those that were read are computed from, and so on.
    fn add_inputs(&self, reads: &mut Vec<ValueRead>) {
        let mut next = 0;
        while let Some(read) = reads.get(next).filter(|_| next < MAX_READS) {
            let span = read.written.as_ref().map(|written| written.location.span);
            let inputs = span.and_then(|span| self.session.derived_from(span));
            for input in inputs.iter().flat_map(|inputs| inputs.iter()) {
                let read = self.of_input(input);
                if read.setting.is_some() && !reads.iter().any(|known| known.setting == read.setting) {
                    reads.push(read);
                }
            }
            next += 1;
        }
    }

    fn of_input(&self, input: &Input) -> ValueRead {
        // Without a span, or with one of no setting: no layer sets it, or it is no value, such as the release's name.
        let read = input.span.and_then(|span| self.of_span(span, Some(&input.path)));
        read.unwrap_or_else(|| ValueRead { name: input.path.to_string(), setting: None, written: None })
    }

    /// The setting at a span, under the name that the template gives it; none for a span that is no setting's.
    fn of_span(&self, span: Span, name: Option<&str>) -> Option<ValueRead> {
        let settings = self.index.settings(span);
        // Where an anchor gave one value to many settings, the one that the template names is meant.
        let named = name.and_then(|name| name.strip_prefix("values."));
        let by_name = settings.iter().find(|path| named.is_some_and(|named| path.to_string() == named));
        let setting = by_name.or_else(|| settings.first())?.clone();
        Some(ValueRead {
            name: name.map_or_else(|| setting.to_string(), str::to_owned),
            setting: Some(setting),
            written: self.index.written(self.session, span),
        })
    }

    /// The scalars of a map that was read as a whole, each with its own line, as they may come from several layers.
    /// Anything else, and a map with too many of them, stays as it is.
    fn parts(&self, read: ValueRead) -> Vec<ValueRead> {
        let Some((path, node)) = read.setting.as_ref().and_then(|path| Some((path, path.find(self.values)?)))
        else {
            return vec![read];
        };
        if node.as_map().is_none() {
            return vec![read];
        }
        // All under the name of the map, which is what the template says; the setting tells the parts apart.
        let mut parts: Vec<ValueRead> = Vec::new();
        each_node(node, path, &mut |path, part| {
            if part.as_scalar().is_some() {
                let written = self.index.written(self.session, part.span);
                parts.push(ValueRead { name: read.name.clone(), setting: Some(path.clone()), written });
            }
        });
        if parts.is_empty() || parts.len() > MAX_PARTS { vec![read] } else { parts }
    }
}

/// Scalars of a map that are listed one by one: enough for `resources` or the times of a probe. The whole of a map such
/// as `config` would bury the other values that were read.
const MAX_PARTS: usize = 12;

/// So many values are looked at for what they are computed from.
const MAX_READS: usize = 64;

/// Whether the setting of `own` is that of `read`, or a descendant of it.
fn is_within(own: &ValueRead, read: &ValueRead) -> bool {
    match (&own.setting, &read.setting) {
        (Some(own), Some(read)) => own.0.starts_with(&read.0),
        _ => false,
    }
}

/// Where the variables of a chart's templates are defined (`{% set url = … %}`).
///
/// It is apart from [`Provenance`] because it parses the templates once more, which only answers with variables need.
#[derive(Debug)]
pub struct VariableDefinitions<'s> {
    session: &'s Session,
    /// By the template that reads a variable and the name that it has there; the span is that of the defining
    /// expression.
    by_name: BTreeMap<(SourceId, String), Span>,
}

impl<'s> VariableDefinitions<'s> {
    /// Those of the templates of a rendering.
    pub fn new(session: &'s Session, rendering: &Rendering) -> Self {
        let mut by_name = rendering.program.variable_definitions(session);
        for (program, _) in &rendering.members {
            by_name.extend(program.variable_definitions(session));
        }
        VariableDefinitions { session, by_name }
    }

    /// Where the variable that `name` begins with is defined, as an expression in the template at `reader` reads it. Of
    /// `lib.url.host` the longest name that is known counts: `lib.url`, the variable of an imported template, before
    /// `lib`.
    pub fn find(&self, reader: &Location, name: &str) -> Option<Location> {
        let template = reader.span.source;
        // Each prefix that ends where a segment does, the shortest first, so that the last one that is known is the
        // longest.
        let ends = name.match_indices(['.', '[']).map(|(at, _)| at).chain([name.len()]);
        let mut known = ends.filter_map(|end| self.by_name.get(&(template, name[..end].to_owned())));
        known.next_back().map(|span| location(self.session, *span))
    }
}
