//! Where a field of the output comes from, with secrets masked.
//!
//! The field is found by name and path, cut into its leaves, and each leaf is traced on its own (`provenance`). Then it
//! is masked, which takes more than a look at the leaf: it may be a secret because of the setting that it is, because
//! of a value that its expression read, because it lies in a Secret, or because a template made a secret a part of it.

use super::location::{SettingIndex, is_leaf};
use super::lookup;
use super::provenance::{Provenance, ProvenanceSearch};
use crate::manifest::{Document, Identity};
use crate::pipeline::Rendering;
use crate::secrets::{self, SecretTexts, ValueMask};
use crate::session::{Outcome, Session};
use crate::values::each_node;
use crate::yaml::{Node, Segment, ValuePath};

/// A leaf of the output: a scalar, an empty map or an empty list.
#[derive(Clone, Debug)]
pub struct Field {
    /// The object.
    pub object: Identity,
    /// The field in it.
    pub path: ValuePath,
    /// What it holds; stars for a secret.
    pub value: Node,
    /// What wrote it.
    pub provenance: Provenance,
}

/// Finds the field at `path` in the object that `name` names (`Kind/name` or `namespace/Kind/name`), and says where it
/// comes from. A map or a list gives one answer for each leaf, as several layers may have made it together.
///
/// # Errors
/// Q001 for an object or a field that is not rendered, or a name that several objects have.
pub fn field(session: &Session, rendering: &Rendering, name: &str, path: &str) -> Outcome<Vec<Field>> {
    let document = &lookup::object(session, &rendering.documents, name)?.unpack();
    let (path, node) = lookup::field(session, document, path)?;
    let index = SettingIndex::new(&rendering.checked);
    let is_helm = rendering.is_of_helm(document);
    let search = ProvenanceSearch { session, index: &index, values: &rendering.checked.values, is_helm };
    let mask = FieldMask::new(session, rendering, &index);
    let mut found = Vec::new();
    each_node(node, &path, &mut |path, part| {
        if !is_leaf(part) {
            return;
        }
        let provenance = search.of_leaf(document, part, path);
        let mut value = part.clone();
        mask.apply(&mut value, document, path, &provenance);
        found.push(Field { object: document.identity.clone(), path: path.clone(), value, provenance });
    });
    Ok(found)
}

/// Puts stars in the place of fields that hold secrets. What the schema says of settings is followed into the output.
struct FieldMask<'s> {
    mask: ValueMask<'s>,
    index: &'s SettingIndex,
    values: &'s Node,
    /// To find secrets that a template has made a part of a longer text.
    texts: SecretTexts,
}

impl<'s> FieldMask<'s> {
    fn new(session: &'s Session, rendering: &'s Rendering, index: &'s SettingIndex) -> Self {
        let merged = &rendering.checked;
        let texts = SecretTexts::of(&merged.values, merged.wants().root());
        let texts = texts.and_computed(session, &merged.values);
        FieldMask { mask: ValueMask::new(session), index, values: &merged.values, texts }
    }

    /// Puts stars in the place of a leaf that is a secret.
    ///
    /// What has the span of a setting is one if the setting is. What was computed is one if a secret went into it, or
    /// if it lies in a Secret and nothing says otherwise. And whatever it is made of, a text with a secret in it is
    /// one.
    fn apply(&self, leaf: &mut Node, document: &Document, path: &ValuePath, provenance: &Provenance) {
        let is_setting = !self.index.settings(leaf.span).is_empty();
        // Of a setting the schema has the last word, also in a Secret: a user's name that a chart puts there beside the
        // password may be shown. The schema says nothing of other leaves, so those are masked when in doubt.
        let is_secret = if is_setting {
            self.mask.hides(leaf.span)
        } else {
            self.reads_secret(provenance) || lies_in_secret(document, path, provenance)
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
        // A map may have been read as a whole, as by `to_json`: its leaves are what can be secret.
        for node in nodes {
            each_node(node, &ValuePath::root(), &mut |_, part| {
                hidden |= part.as_scalar().is_some() && self.mask.hides(part.span);
            });
        }
        hidden
    }
}

/// Whether a field is the content of a Secret, and its value is not known to come from settings alone: of those, the
/// schema says which are secret.
fn lies_in_secret(document: &Document, path: &ValuePath, provenance: &Provenance) -> bool {
    let Some(Segment::Key(key)) = path.0.first() else { return false };
    let is_of_settings = match provenance {
        Provenance::Expression { reads, .. } => {
            !reads.is_empty() && reads.iter().all(|read| read.setting.is_some())
        }
        Provenance::TemplateText { .. } | Provenance::Program => false,
    };
    secrets::is_secret_content(&document.identity.kind, key) && !is_of_settings
}
