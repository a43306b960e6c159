//! Locations for people (file, line, column), and the index from spans to the settings that were written there.
//!
//! ```text
//! values.yaml                            SettingIndex
//!   engine: {replicas: 3, tier: &t web}    span of `3`   ─► [engine.replicas]
//!   ui: {tier: *t}                         span of `web` ─► [engine.tier, ui.tier]     an anchor and its alias
//! ```
//!
//! A span is as good as a name here: it is where a text stands and not what it says, so no two values of a file share
//! one unless one text gave both.

use std::collections::BTreeMap;

use crate::pipeline::Merged;
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::values::{LayerKind, each_node};
use crate::yaml::{Node, Value, ValuePath};

/// A location in a file. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, or the flag as it was numbered.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// The bytes that are meant.
    pub span: Span,
}

/// A location in a layer of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerLocation {
    /// The layer.
    pub layer: LayerKind,
    /// Where in it.
    pub location: Location,
    /// Whether the file is a flag: then its line says nothing.
    pub is_flag: bool,
}

/// The location of a span. A span of a rendered text is resolved to the template that it came from.
pub(super) fn location(session: &Session, span: Span) -> Location {
    let span = session.resolve(span);
    let source = session.source(span.source);
    let (line, column) = source.line_column(span.start as usize);
    Location { file: source.name.clone(), line, column, span }
}

/// From spans back to settings: which settings have the value that was written at a span, and in which layer that is.
///
/// It works because merging keeps spans, and a template hands a value of the tree on with its span.
pub(super) struct SettingIndex {
    /// The settings by the spans of their winning values.
    settings: BTreeMap<Span, Vec<ValuePath>>,
    /// The layer of each source of values.
    layers: BTreeMap<SourceId, LayerKind>,
    /// The span of the merged values as a whole.
    root: Span,
}

impl SettingIndex {
    /// The index of merged values. It visits each node once.
    pub(super) fn new(merged: &Merged) -> Self {
        let mut settings: BTreeMap<Span, Vec<ValuePath>> = BTreeMap::new();
        each_node(&merged.values, &ValuePath::root(), &mut |path, node| {
            settings.entry(node.span).or_default().push(path.clone());
        });
        let mut layers = BTreeMap::new();
        for layer in &merged.layers {
            layers.insert(layer.root.span.source, layer.kind);
        }
        // The value of a flag may be a source of its own (`--set-file`), beside the text of the flag, which is that of
        // its path. Both are of the flag: what its path created on the way has the span of a step.
        for edit in merged.edits().iter() {
            layers.extend(edit.steps.iter().map(|step| (step.span.source, LayerKind::Set)));
            layers.insert(edit.node.span.source, LayerKind::Set);
        }
        SettingIndex { settings, layers, root: merged.values.span }
    }

    /// The settings whose value was written at a span: several where an anchor gave one value to many, none for a span
    /// that is no setting's. The root is no setting: its span also stands for what no layer holds.
    pub(super) fn settings(&self, span: Span) -> &[ValuePath] {
        if span == self.root {
            return &[];
        }
        self.settings.get(&span).map_or(&[], Vec::as_slice)
    }

    /// The layer and location of a span of the values; none for any other span.
    pub(super) fn written(&self, session: &Session, span: Span) -> Option<LayerLocation> {
        if span == self.root {
            return None;
        }
        let is_flag = is_flag(session, span);
        // Flags of a chart of Helm are no edits.
        let of_flag = is_flag.then_some(LayerKind::Set);
        let layer = self.layers.get(&span.source).copied().or(of_flag)?;
        Some(LayerLocation { layer, location: location(session, span), is_flag })
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
