//! The strict check: a document against the API table, for every version that it must fit.
//!
//! `walk` goes down the tree beside the types of the table. It looks at maps and lists itself (K001, K002, K003, K008) and
//! hands single values and finished lists to the other files, none of which calls it back:
//!
//! ```text
//! check ─► identity    K005, K007 to K009   is there such a kind, in every version, and may an object have this name?
//!       ─► walk ─► scalar ─► constraints   K003, K004, K005, K010
//!       │      ─► yaml_1_1                 Y007
//!       │      ─► duplicates, selector     K004, K005, K006
//! ```
//!
//! The tree is changed on the way, as the API server would change it: a plain scalar becomes a string where only a
//! string can be meant, integers become decimal, and the target's namespace is written in. So whatever comes later sees
//! values of the types that the table has.

mod constraints;
mod duplicates;
mod identity;
mod scalar;
mod selector;
mod type_mismatch;
mod walk;
mod yaml_1_1;

pub use identity::set_namespace;

use super::context::{Context, PathStack, Target};
use crate::manifest::Document;
use crate::secrets::hide_secret_content;
use crate::session::Session;
use crate::yaml::Entry;

/// Checks one document against the target and reports every finding. Plain scalars become strings where only a string
/// can be meant, integers become decimal, and the namespace is written in.
pub fn check(session: &Session, target: &Target, document: &mut Document) {
    let Document { node, identity, .. } = document;
    // Before anything is reported: no message may show what a Secret holds.
    hide_secret_content(session, &identity.kind, node);
    let table = &target.api.table;
    let kind = table.kind(&identity.api_version, &identity.kind).copied();
    // The namespace of the identity may be written below, while messages still name the object.
    let object = identity.clone();
    let custom = kind.is_some_and(|kind| kind.custom);
    let context = Context { session, target, object: &object, custom, versions: target.versions };
    let Some(kind) = kind else {
        identity::check_unknown(&context, node);
        // What every object has can be checked all the same.
        if let Some(Entry { key_span, node }) = node.as_map_mut().and_then(|map| map.get_mut("metadata")) {
            walk::check_node(&context, table.metadata, node, &PathStack::ROOT.key("metadata", *key_span));
        }
        return;
    };
    identity::check_availability(&context, &kind, node);
    walk::check_node(&context.within(kind.availability), kind.type_id, node, &PathStack::ROOT);
    identity::check_name(&context, node);
    identity::check_namespace(&context, kind.namespaced, node, &mut identity.namespace);
}
