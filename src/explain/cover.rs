//! Which fields of the output hold secrets.

use std::sync::Arc;

use super::field::Maker;
use crate::manifest::Document;
use crate::pipeline::Rendering;
use crate::session::Session;
use crate::values::{self, Mask};
use crate::yaml::{Node, Segment, Value, ValuePath};

/// What has to be known of a run's secrets.
pub(super) struct Cover<'s> {
    mask: Mask<'s>,
    values: &'s Node,
    /// The secrets that are long enough to be recognised in a text.
    secrets: Vec<Arc<str>>,
}

impl<'s> Cover<'s> {
    pub(super) fn new(session: &'s Session, rendering: &'s Rendering) -> Self {
        let settled = &rendering.settled;
        let mut secrets = values::secrets(&settled.values, settled.wants.root());
        secrets.retain(|secret| secret.len() >= 4);
        Cover { mask: Mask::new(session), values: &settled.values, secrets }
    }

    /// Puts stars in the place of secrets. What `is_setting` has the place of a value, which says whether it is one; what was
    /// computed is one if a secret went into it, or if it lies in a Secret and nothing says otherwise.
    pub(super) fn apply(&self, value: &mut Node, at: (&Document, &ValuePath), maker: &Maker, is_setting: bool) {
        let made_of_secrets = !is_setting && (self.reads_secret(maker) || lies_in_secret(at, maker));
        if made_of_secrets || self.tells_secret(value) {
            values::hide(value);
        } else {
            self.mask.apply(value, None);
        }
    }

    /// Whether an expression read a secret, or a map or list that holds one.
    fn reads_secret(&self, maker: &Maker) -> bool {
        let Maker::Expression { reads, .. } = maker else { return false };
        let nodes = reads.iter().filter_map(|read| read.setting.as_ref()?.find(self.values));
        let mut hidden = false;
        for node in nodes {
            values::each_place(node, &ValuePath::root(), &mut |_, part| {
                hidden |= part.as_scalar().is_some() && self.mask.hides(part.span);
            });
        }
        hidden
    }

    fn tells_secret(&self, value: &Node) -> bool {
        match &value.value {
            Value::Scalar(scalar) => self.secrets.iter().any(|secret| scalar.text.contains(&**secret)),
            Value::List(_) | Value::Map(_) => false,
        }
    }
}

/// Whether a field is one of a Secret's, and its value is not that of a setting.
fn lies_in_secret((document, path): (&Document, &ValuePath), maker: &Maker) -> bool {
    let in_data =
        matches!(path.0.first(), Some(Segment::Key(key)) if matches!(key.as_str(), "data" | "stringData"));
    let known = match maker {
        Maker::Expression { reads, .. } => !reads.is_empty() && reads.iter().all(|read| read.setting.is_some()),
        Maker::Text { .. } | Maker::Program => false,
    };
    document.identity.kind == "Secret" && in_data && !known
}
