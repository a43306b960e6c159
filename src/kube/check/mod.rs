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
mod scalar;
mod selector;
mod type_mismatch;
mod walk;
mod yaml_1_1;

pub use duplicates::list_key_value;
pub use identity::set_namespace;

use super::context::{Context, PathStack, Position, Target};
use super::validate::validate;
use crate::manifest::Document;
use crate::parallel::in_parallel;
use crate::secrets::hide_secret_content;
use crate::session::{MergeSources, Session};
use crate::yaml::Entry;

/// How many documents one thread checks before it takes the next ones: enough that taking them costs nothing beside the
/// check, few enough that threads end at about the same time.
const CHUNK: usize = 32;

/// Checks each document. Findings come in the order of the documents, whatever the number of threads: a chunk of
/// documents is checked in an overlay of the session, and the overlays are merged in the order of the chunks.
pub fn check_all(session: &Session, target: &Target, documents: &mut [Document], threads: usize) {
    // With less than two full chunks there is too little to share out.
    if threads < 2 || documents.len() < 2 * CHUNK {
        documents.iter_mut().for_each(|document| check(session, target, document));
        return;
    }
    let snapshot = session.snapshot();
    let overlays = in_parallel(documents.chunks_mut(CHUNK).collect(), threads, |chunk| {
        let overlay = snapshot.overlay();
        chunk.iter_mut().for_each(|document| check(&overlay, target, document));
        overlay
    });
    for overlay in overlays {
        session.merge(overlay, MergeSources::Shared, Some);
    }
}

/// Checks one document against the target and reports every finding. Plain scalars become strings where only a string
/// can be meant, integers become decimal, and the namespace is written in.
pub fn check(session: &Session, target: &Target, document: &mut Document) {
    check_types(session, target, document);
    validate(session, target, document);
}

fn check_types(session: &Session, target: &Target, document: &mut Document) {
    let Document { node, identity, .. } = document;
    // Before anything is reported: no message may show what a Secret holds.
    hide_secret_content(session, &identity.kind, node);
    let table = &target.api.table;
    let kind = table.kind(&identity.api_version, &identity.kind);
    // The namespace of the identity may be written below, while messages still name the object.
    let object = identity.clone();
    let custom = kind.is_some_and(|kind| kind.custom);
    let context = Context { session, target, object: &object, custom, versions: target.versions };
    let Some(kind) = kind else {
        identity::check_unknown(&context, node);
        // What every object has can be checked all the same, also where the kind is allowed to be unknown.
        if let Some(Entry { key_span, node }) = node.as_map_mut().and_then(|map| map.get_mut("metadata")) {
            let path = PathStack::ROOT.key("metadata", *key_span);
            walk::check_node(Position { context: &context, path: &path }, table.metadata, node);
        }
        return;
    };
    // A kind that a version lacks is reported once, and its fields are held against the other versions.
    identity::check_availability(&context, kind, node);
    let within = context.within(kind.availability);
    walk::check_node(Position { context: &within, path: &PathStack::ROOT }, kind.type_id, node);
    // After the walk: a namespace that is written in needs no check, and stands nowhere that a finding could show.
    identity::check_name(&context, node);
    identity::check_namespace(&context, kind.namespaced, node, &mut identity.namespace);
}
