//! What a check looks at while it words violations: the values, the schema, and what is demanded of unset settings.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::Value as JsonValue;

use super::compiled::Schema;
use crate::diagnostic::Suggestions;
use crate::secrets;
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Node, Tombstones, Value, ValuePath, WantRef};

/// What a check looks at. Shared by everything that puts a violation into words, and immutable
/// but for [`CheckContext::waived`] and the budget of suggestions.
pub(super) struct CheckContext<'a> {
    pub(super) session: &'a Session,
    pub(super) schema: &'a Schema,
    /// The schema that the validator was made of.
    pub(super) root: &'a JsonValue,
    pub(super) values: &'a Node,
    /// What the values lack because of a `null`.
    pub(super) tombstones: &'a Tombstones,
    pub(super) demands: Demands,
    /// Unset settings that were not demanded. In a `RefCell`, as the context is shared.
    pub(super) waived: RefCell<Vec<ValuePath>>,
    /// What may still be looked for that was likely meant.
    pub(super) suggestions: Suggestions,
}

/// What is asked of settings that nobody has set. A render needs everything; `lint` sees one layer of
/// several, and others may set the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demands {
    /// Everything that the schema asks for.
    #[default]
    Everything,
    /// Everything but secrets: they are in a layer of their own.
    NoSecrets,
    /// Nothing: other layers will follow.
    Nothing,
}

impl<'a> CheckContext<'a> {
    /// Whether a setting is unset and need not be set; then that is noted down, and the caller reports nothing.
    ///
    /// Only unset settings are excused: a secret that is set to something wrong is an error whatever is demanded.
    pub(super) fn waives(&self, path: &ValuePath) -> bool {
        let excused = match self.demands {
            Demands::Everything => false,
            Demands::NoSecrets => self.is_secret(path),
            Demands::Nothing => true,
        };
        let waived = excused && path.find(self.values).is_none_or(is_unset);
        if waived {
            self.waived.borrow_mut().push(path.clone());
        }
        waived
    }

    /// The `null` because of which there is nothing at a path.
    pub(super) fn removed(&self, path: &ValuePath) -> Option<Span> {
        if self.tombstones.is_empty() || path.find(self.values).is_some() {
            return None;
        }
        self.tombstones.covering(path).map(|tombstone| tombstone.span)
    }

    /// What the schema wants at a path.
    pub(super) fn want(&self, path: &ValuePath) -> Option<WantRef<'a>> {
        self.schema.wants.root().descend(path)
    }

    /// The schema's words for a path.
    pub(super) fn description(&self, path: &ValuePath) -> Option<Arc<str>> {
        self.schema.description(self.session, path)
    }

    /// Whether a path leads to, or through, a secret.
    pub(super) fn is_secret(&self, path: &ValuePath) -> bool {
        secrets::is_secret_path(self.schema.wants.root(), path)
    }

    /// The name of the chart, for commands.
    pub(super) fn chart(&self) -> &'a str {
        &self.schema.chart
    }

    /// The root of what the schema wants.
    pub(super) fn wants(&self) -> WantRef<'a> {
        self.schema.wants.root()
    }
}

/// Whether a value stands for one that was not chosen yet: null, an empty text, list or map. Charts write
/// such defaults as placeholders.
fn is_unset(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Scalar(_) => node.is_null() || node.as_str() == Some(""),
    }
}
