//! Places in words, and which place of the values a span is.

use std::collections::BTreeMap;

use crate::pipeline::Merged;
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::values::{LayerKind, each_node};
use crate::yaml::{Node, Value, ValuePath};

/// A place for people. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, or the flag as it was numbered.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// What it covers.
    pub span: Span,
}

/// A place in the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerLocation {
    /// The layer.
    pub layer: LayerKind,
    /// The place.
    pub location: Location,
    /// Whether the file is a flag: then its line says nothing.
    pub is_flag: bool,
}

/// The place of a span; of a rendered text, the place in the template.
pub(super) fn location(session: &Session, span: Span) -> Location {
    let span = session.resolve(span);
    let source = session.source(span.source);
    let (line, column) = source.line_column(span.start as usize);
    Location { file: source.name.clone(), line, column, span }
}

/// Which settings were written where.
pub(super) struct Index {
    settings: BTreeMap<Span, Vec<ValuePath>>,
    layers: BTreeMap<SourceId, LayerKind>,
    root: Span,
}

impl Index {
    /// The index of merged values.
    pub(super) fn new(merged: &Merged) -> Self {
        let mut settings: BTreeMap<Span, Vec<ValuePath>> = BTreeMap::new();
        each_node(&merged.values, &ValuePath::root(), &mut |path, node| {
            settings.entry(node.span).or_default().push(path.clone());
        });
        let of_layers = merged.layers.iter().map(|layer| (layer.root.span.source, layer.kind));
        let of_flags = merged.edits.iter().flat_map(|edit| {
            let steps = edit.steps.iter().map(|step| step.span.source);
            steps.chain([edit.node.span.source]).map(|source| (source, LayerKind::Set))
        });
        Index { settings, layers: of_layers.chain(of_flags).collect(), root: merged.values.span }
    }

    /// The settings that a span is the value of: several where an anchor gave one value to many, none for what is no
    /// value. The root is none, as it stands for what no layer holds.
    pub(super) fn settings(&self, span: Span) -> &[ValuePath] {
        let found = self.settings.get(&span).filter(|_| span != self.root);
        found.map_or(&[], Vec::as_slice)
    }

    /// The layer and place of a span of the values.
    pub(super) fn written(&self, session: &Session, span: Span) -> Option<LayerLocation> {
        let layer = *self.layers.get(&span.source).filter(|_| span != self.root)?;
        Some(LayerLocation { layer, location: location(session, span), is_flag: is_flag(session, span) })
    }
}

/// Whether a span lies in the text of a flag.
pub(super) fn is_flag(session: &Session, span: Span) -> bool {
    session.source(span.source).kind == SourceKind::Flag
}

/// A scalar, an empty map or an empty list.
pub(super) fn is_leaf(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => true,
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
    }
}
