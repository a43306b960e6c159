//! Which fields of the output hold secrets.

use std::sync::Arc;

use super::field::Provenance;
use super::place::Index;
use crate::manifest::Document;
use crate::pipeline::Rendering;
use crate::session::Session;
use crate::values::{self, Mask};
use crate::yaml::{Node, Segment, ValuePath};

/// What has to be known of a run's secrets.
pub(super) struct Cover<'s> {
    mask: Mask<'s>,
    index: &'s Index,
    values: &'s Node,
    /// The secrets that are long enough to be recognised in a text.
    secrets: Vec<Arc<str>>,
}

impl<'s> Cover<'s> {
    pub(super) fn new(session: &'s Session, rendering: &'s Rendering, index: &'s Index) -> Self {
        let settled = &rendering.settled;
        let mut secrets = values::secrets(&settled.values, settled.wants.root());
        secrets.retain(|secret| secret.len() >= 4);
        Cover { mask: Mask::new(session), index, values: &settled.values, secrets }
    }

    /// Puts stars in the place of a leaf that is a secret. What has the place of a setting is one if the setting is; what was
    /// computed is one if a secret went into it, or if it lies in a Secret and nothing says otherwise.
    pub(super) fn apply(&self, leaf: &mut Node, at: (&Document, &ValuePath), maker: &Provenance) {
        let is_setting = !self.index.settings(leaf.span).is_empty();
        let secret = match is_setting {
            true => self.mask.hides(leaf.span),
            false => self.reads_secret(maker) || lies_in_secret(at, maker),
        };
        if secret || self.tells_secret(leaf) {
            values::hide(leaf);
        }
    }

    /// Whether an expression read a secret, or a map or list that holds one.
    fn reads_secret(&self, maker: &Provenance) -> bool {
        let Provenance::Expression { reads, .. } = maker else { return false };
        let nodes = reads.iter().filter_map(|read| read.setting.as_ref()?.find(self.values));
        let mut hidden = false;
        for node in nodes {
            values::each_node(node, &ValuePath::root(), &mut |_, part| {
                hidden |= part.as_scalar().is_some() && self.mask.hides(part.span);
            });
        }
        hidden
    }

    fn tells_secret(&self, leaf: &Node) -> bool {
        leaf.as_scalar()
            .is_some_and(|scalar| self.secrets.iter().any(|secret| scalar.text.contains(&**secret)))
    }
}

/// Whether a field is one of a Secret's, and its value is not that of a setting.
fn lies_in_secret((document, path): (&Document, &ValuePath), maker: &Provenance) -> bool {
    let in_data =
        matches!(path.0.first(), Some(Segment::Key(key)) if matches!(key.as_str(), "data" | "stringData"));
    let known = match maker {
        Provenance::Expression { reads, .. } => {
            !reads.is_empty() && reads.iter().all(|read| read.setting.is_some())
        }
        Provenance::TemplateText { .. } | Provenance::Program => false,
    };
    document.identity.kind == "Secret" && in_data && !known
}
