//! Stars in the place of rendered fields that hold secrets, told by where their values come from.

use super::field::Provenance;
use super::place::Index;
use crate::manifest::Document;
use crate::pipeline::Rendering;
use crate::secrets::{self, SecretTexts, ValueMask};
use crate::session::Session;
use crate::values;
use crate::yaml::{Node, Segment, ValuePath};

/// What has to be known of a run's secrets.
pub(super) struct FieldMask<'s> {
    mask: ValueMask<'s>,
    index: &'s Index,
    values: &'s Node,
    /// To find secrets that a template has made a part of a longer text.
    texts: SecretTexts,
}

impl<'s> FieldMask<'s> {
    pub(super) fn new(session: &'s Session, rendering: &'s Rendering, index: &'s Index) -> Self {
        let merged = &rendering.merged;
        let texts = SecretTexts::of(&merged.values, merged.wants.root());
        FieldMask { mask: ValueMask::new(session), index, values: &merged.values, texts }
    }

    /// Puts stars in the place of a leaf that is a secret.
    ///
    /// What has the place of a setting is one if the setting is. What was computed is one if a secret went into it, or if it
    /// lies in a Secret and nothing says otherwise. And whatever it is made of, a text with a secret in it is one.
    pub(super) fn apply(&self, leaf: &mut Node, at: (&Document, &ValuePath), provenance: &Provenance) {
        let is_setting = !self.index.settings(leaf.span).is_empty();
        let is_secret = if is_setting {
            self.mask.hides(leaf.span)
        } else {
            self.reads_secret(provenance) || lies_in_secret(at, provenance)
        };
        let has_secret = leaf.as_scalar().is_some_and(|scalar| self.texts.occur_in(&scalar.text));
        if is_secret || has_secret {
            secrets::star_out(leaf);
        }
    }

    /// Whether an expression read a secret, or a map or list that holds one.
    fn reads_secret(&self, provenance: &Provenance) -> bool {
        let Provenance::Expression { reads, .. } = provenance else { return false };
        let nodes = reads.iter().filter_map(|read| read.setting.as_ref()?.find(self.values));
        let mut hidden = false;
        for node in nodes {
            values::each_node(node, &ValuePath::root(), &mut |_, part| {
                hidden |= part.as_scalar().is_some() && self.mask.hides(part.span);
            });
        }
        hidden
    }
}

/// Whether a field is the content of a Secret, and its value is not known to come from settings alone: of those, the schema
/// says which are secret.
fn lies_in_secret((document, path): (&Document, &ValuePath), provenance: &Provenance) -> bool {
    let Some(Segment::Key(key)) = path.0.first() else { return false };
    let is_of_settings = match provenance {
        Provenance::Expression { reads, .. } => {
            !reads.is_empty() && reads.iter().all(|read| read.setting.is_some())
        }
        Provenance::TemplateText { .. } | Provenance::Program => false,
    };
    secrets::is_secret_content(&document.identity.kind, key) && !is_of_settings
}
