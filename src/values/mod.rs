//! Layers of values: reading, the `--set` grammar, and the law of merging.
//!
//! [`read_layer`] reads one values file, [`parse_set`] one flag, and [`merge`] makes one tree of them all.
//! What is wanted by path comes from outside, as [`Wants`](crate::yaml::Wants): this module knows no schema.

mod edit;
mod history;
mod merge;
mod null_removal;
mod scalars;
mod secrets;
mod set;
mod shown;
mod stand_in;

pub(crate) use edit::below as want_below;
pub use edit::{Edit, PathStep};
pub(crate) use history::want_at;
pub use history::{EffectKind, EffectStatus, LayerEffect, each_node, history, origins};
pub use merge::{LayerStack, merge};
pub use null_removal::{NullRemoval, null_removals, without_removals};
pub use scalars::type_scalars;
pub use secrets::{mask, secrets};
pub use set::{SetKind, parse_set, parse_set_file};
pub use shown::{Mask, hide};
pub use stand_in::{part_secrets, stand_in};

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
    /// Its values: always a map. Shared, so that a layer is copied in no time.
    pub root: Arc<Node>,
}

/// Reads a values file. A file without content is a layer without values.
///
/// # Errors
/// What is not YAML, a reserved character, and a root that is not a map (V004) are reported.
pub fn read_layer(session: &Session, source: SourceId, kind: LayerKind) -> Outcome<Layer> {
    yaml::refuse_reserved(session, source)?;
    let nothing = || Node::empty_map(Span::new(source, 0, 0));
    let root = yaml::parse_one(session, source)?.unwrap_or_else(nothing);
    if root.as_map().is_some() {
        return Ok(Layer { kind, root: Arc::new(root) });
    }
    let message = format!("a values file is a map, and this is {}", root.noun());
    let finding = Diagnostic::error(Code::V004, message).at(root.span, "the whole file is this");
    Err(session.report(finding.help("write settings as `key: value`, one a line")))
}
