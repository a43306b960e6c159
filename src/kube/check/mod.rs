//! The strict check: a document against the API table, for every version that it must fit.
//!
//! `walk` goes down the tree beside the types of the table. It looks at maps and lists itself (K001, K002, K003, K008)
//! and hands single values and finished lists to the other files, none of which calls it back:
//!
//! ```text
//! check ─► identity    K005, K007 to K009   is there such a kind, in every version, and may an object have this name?
//!       ─► walk ─► scalar ─► constraints   K003, K004, K005, K010
//!       │      ─► yaml_1_1                 Y007
//!       │      ─► duplicates, selector     K004, K005, K006
//! ```
//!
//! # What changes
//!
//! The tree is changed on the way, as the API server would change it, so whatever comes later sees values of the types
//! that the table has:
//!
//! | the template has | the type is | the tree has afterwards |
//! |---|---|---|
//! | `image: 1.10` | a string | the text `1.10`, in quotes |
//! | `replicas: 0x10` | an integer | `16` |
//! | `suspend: True` | a boolean | `true` |
//! | `memory: 1e3` | a quantity | the text `1e3`, in quotes |
//! | base64 with line breaks | a string of format `byte` | the same without them |
//! | a namespaced object without `metadata.namespace` | | the target's namespace |
//!
//! # What is reported
//!
//! Everything that is wrong, so that one run shows all mistakes. But one mistake gives one finding. A value of
//! the wrong type is not held against its format; of format, allowed values and constraints the first violation counts;
//! and what is below a field that a version lacks is not reported for that version again.
//!
//! The checks report into the session and return nothing. A caller that wants to know whether all was well asks the
//! session.

mod constraints;
mod duplicates;
mod identity;
mod patches;
mod scalar;
mod selector;
mod type_mismatch;
mod walk;
mod yaml_1_1;

pub use duplicates::list_key_value;
pub use identity::set_namespace;

use std::sync::Arc;

use super::api::table::ObjectKind;
use super::context::{Context, PathStack, Position};
use crate::yaml::{Entry, Node};

/// Holds an object of this kind against the table and reports every finding. Plain scalars become strings where only a
/// string can be meant, integers become decimal, and the namespace is written in, here and into `namespace`, that of the
/// document's identity.
pub(super) fn check_types(
    context: &Context<'_>,
    kind: &ObjectKind,
    node: &mut Node,
    namespace: &mut Option<Arc<str>>,
) {
    // A kind that a version lacks is reported once, and its fields are held against the other versions.
    identity::check_availability(context, kind, node);
    let within = context.within(kind.availability);
    walk::check_node(Position { context: &within, path: &PathStack::ROOT }, kind.type_id, node);
    // After the walk: a namespace that is written in needs no check, and stands nowhere that a finding could show.
    identity::check_name(context, node);
    identity::check_namespace(context, kind.namespaced, node, namespace);
}

/// Reports that the kind of an object is not known, unless that is allowed. What every object has is checked all the
/// same.
pub(super) fn check_unknown(context: &Context<'_>, node: &mut Node) {
    identity::check_unknown(context, node);
    if let Some(Entry { key_span, node }) = node.as_map_mut().and_then(|map| map.get_mut("metadata")) {
        let path = PathStack::ROOT.key("metadata", *key_span);
        walk::check_node(Position { context, path: &path }, context.table().metadata, node);
    }
}
