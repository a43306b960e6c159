//! One values file as a layer, and the precedence of layers.
//!
//! Flags are no layers: one sets a path of the tree that the files have made, and may name an item of a list there.
//! They have a rank ([`LayerKind::Set`]) to be told from files where the history of a setting is shown.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Node};

/// Where values come from. The order of the variants is the precedence, low to high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LayerKind {
    /// The chart's own defaults.
    Defaults,
    /// A preset of the chart, `-p`.
    Preset,
    /// The chart's values that are computed from values. They see what the layers above say, and give way to it.
    Derived,
    /// A values file of the user, `-f`.
    File,
    /// A flag: `--set` and its relatives.
    Set,
}

/// One values file.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its rank among the others.
    pub kind: LayerKind,
    /// Its values: always a map. Shared, so that a layer can be kept by many renders; merging copies what it takes.
    pub root: Arc<Node>,
}

/// The texts that a user or a preset lays over a chart's defaults.
pub fn sources_over_defaults(layers: &[Layer]) -> Vec<SourceId> {
    let is_over = |layer: &&Layer| !matches!(layer.kind, LayerKind::Defaults | LayerKind::Derived);
    let over = layers.iter().filter(is_over);
    over.map(|layer| layer.root.span.source).collect()
}

/// Layers by precedence, low to high. Those of one kind stay in the order in which they were given.
pub(super) fn by_precedence(layers: &[Layer]) -> Vec<&Layer> {
    let mut ordered: Vec<&Layer> = layers.iter().collect();
    // A stable sort.
    ordered.sort_by_key(|layer| layer.kind);
    ordered
}

/// Reads a values file. A file without content is a layer without values.
///
/// # Errors
/// What is not YAML (Y001 to Y005), a reserved character (S002), and a root that is not a map (V004) are reported.
pub fn read_layer(session: &Session, source: SourceId, kind: LayerKind) -> Outcome<Layer> {
    // Before the text is read: what looks like a slot must not become a value.
    yaml::refuse_reserved(session, source)?;
    let nothing = || Node::empty_map(Span::new(source, 0, 0));
    let root = yaml::parse_one(session, source)?.unwrap_or_else(nothing);
    if root.as_map().is_some() {
        return Ok(Layer { kind, root: Arc::new(root) });
    }
    // Without a map, the schema cannot say what in it is secret.
    session.source(source).is_unreadable();
    let message = format!("a values file is a map, and this is {}", root.noun());
    let finding = Diagnostic::error(Code::V004, message).at(root.span, "the whole file is this");
    Err(session.report(finding.help("write settings as `key: value`, one a line")))
}
