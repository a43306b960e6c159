//! Validation: what the API server asks of an object beyond its types.
//!
//! The API's description says which fields there are and of which types. What the server asks besides stands in its Go
//! code, and no schema has it: that a probe has one handler, that a mount names a volume of its pod, that `maxSurge` and
//! `maxUnavailable` are not both 0. Here it is data where it can be: a line a fact in `schemas/validation/`, by type
//! and field, so that what is said of a PodSpec holds in all kinds that have one. What is left are functions.
//!
//! ```text
//! walk        the document beside the types of the table; each object against the facts of its type
//! facts       a fact, its conditions, the index by type; the build makes them of the text
//! checks      one object against one fact, and the wording
//! forms       the forms of texts
//! functions/  what facts cannot say
//! place       an object, what is further up, and how it reports
//! ```
//!
//! It comes after the strict check, and takes the tree as that has left it. Null, an empty text and an empty list are
//! nothing at all to the server, and so they are here. A node of a wrong type was reported, and is passed over.

mod checks;
mod facts;
mod forms;
mod functions;
mod place;
mod walk;

pub use facts::addresses;

use super::api::table::TypeId;
use super::context::{Context, PathStack, Target};
use crate::manifest::Document;
use crate::session::Session;
use crate::yaml::Node;

/// Holds a document that was checked against what the API server asks beyond types, and reports every finding.
pub(super) fn validate(session: &Session, target: &Target, document: &Document) {
    let Document { node, identity, .. } = document;
    let Some(kind) = target.api.table.kind(&identity.api_version, &identity.kind) else { return };
    let context =
        Context { session, target, object: identity, custom: kind.custom, versions: target.versions };
    let within = context.within(kind.availability);
    walk::walk(&within, &PathStack::ROOT, kind.type_id, node, None);
}
