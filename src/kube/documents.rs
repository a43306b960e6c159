//! Documents against the API: the strict check, then validation, one document after the other or on several threads.

use std::cell::RefCell;
use std::sync::Arc;

use super::api::table::ObjectKind;
use super::check::{check_types, check_unknown};
use super::context::{Context, Target};
use super::validate::{validate, validate_pod_template};
use crate::manifest::{Document, PackedDocument, ReadDocument, Soundness};
use crate::parallel::in_parallel;
use crate::secrets::hide_secret_content;
use crate::session::{MergeSources, Session};
use crate::yaml::{Node, Value};

/// How many documents one thread checks before it takes the next ones: enough that taking them costs nothing beside the
/// check, few enough that threads end at about the same time.
const CHUNK: usize = 32;

/// Checks each document. Findings come in the order of the documents, whatever the number of threads: a chunk of
/// documents is checked in an overlay of the session, and the overlays are merged in the order of the chunks.
pub fn check_all(
    session: &Session,
    target: &Target,
    documents: Vec<ReadDocument>,
    threads: usize,
) -> Vec<PackedDocument> {
    // With less than two full chunks there is too little to share out.
    if threads < 2 || documents.len() < 2 * CHUNK {
        return PackedDocument::pack_edited(documents, |document| check(session, target, document));
    }
    let mut checked = Vec::with_capacity(documents.len());
    let mut rest = documents.into_iter();
    let mut chunks = Vec::with_capacity(rest.len().div_ceil(CHUNK));
    while rest.len() > 0 {
        chunks.push(rest.by_ref().take(CHUNK).collect::<Vec<_>>());
    }
    let snapshot = session.snapshot();
    let results = in_parallel(chunks, threads, |chunk| {
        let overlay = snapshot.overlay();
        let chunk = PackedDocument::pack_edited(chunk, |document| check(&overlay, target, document));
        (overlay, chunk)
    });
    for (overlay, chunk) in results {
        session.merge(overlay, MergeSources::Shared, Some);
        checked.extend(chunk);
    }
    checked
}

/// Checks one document against the target and reports every finding: that its fields are those of the API and of the
/// right types, and then what the API server asks of them besides. Plain scalars become strings where only a string can
/// be meant, integers become decimal, and the namespace is written in. In a file that is applied as it stands, null
/// goes where the API server takes it for nothing.
pub fn check(session: &Session, target: &Target, document: &mut Document) {
    let Document { node, identity, .. } = &mut *document;
    // Before anything is reported: no message may show what a Secret holds.
    hide_secret_content(session, &identity.kind, node);
    let others = target.api.other_definitions(&identity.api_version, &identity.kind);
    let kind = target.api.table.kind(&identity.api_version, &identity.kind);
    match kind {
        Some(kind) if !others.is_empty() => {
            check_by_several(session, target, document, [kind].into_iter().chain(others));
        }
        kind => check_by(session, target, document, kind),
    }
}

/// Checks one document by the definition of its kind that it fits best: a run may have several of them, the stable and
/// the experimental one, and which of them a cluster has is not known. Of two that it fits alike, the first.
fn check_by_several<'k>(
    session: &Session,
    target: &Target,
    document: &mut Document,
    definitions: impl Iterator<Item = &'k ObjectKind>,
) {
    let snapshot = session.snapshot();
    let mut best: Option<(Session, Document)> = None;
    for kind in definitions {
        let overlay = snapshot.overlay();
        let mut checked = document.clone();
        check_by(&overlay, target, &mut checked, Some(kind));
        let errors = overlay.errors();
        if best.as_ref().is_none_or(|(best, _)| errors < best.errors()) {
            best = Some((overlay, checked));
        }
        if errors == 0 {
            break;
        }
    }
    if let Some((overlay, checked)) = best {
        session.merge(overlay, MergeSources::Shared, Some);
        *document = checked;
    }
}

fn check_by(session: &Session, target: &Target, document: &mut Document, kind: Option<&ObjectKind>) {
    let Document { node, identity, soundness, with_nulls, .. } = document;
    // The namespace of the identity may be written below, while messages still name the object.
    let object = identity.clone();
    let root = node.span;
    let findings = RefCell::default();
    let context = Context {
        session,
        target,
        object: &object,
        root,
        // The API server does not know an unknown kind either.
        custom: kind.is_none_or(|kind| kind.custom),
        drops_status: kind.is_some_and(|kind| kind.drops_status),
        filled: target.filled(root.source, &object),
        versions: target.versions,
        findings: &findings,
    };
    let Some(kind) = kind else {
        check_unknown(&context, node);
        validate_pod_template(&context, node);
        return;
    };
    check_types(&context, kind, node, &mut identity.namespace);
    validate(&context, kind, node);
    if context.custom {
        validate_pod_template(&context, node);
    }
    if findings.borrow().is_uncertain {
        *soundness = Soundness::Accepted;
    }
    let has_null = context.report_accepted();
    if has_null && context.follows_server() {
        *with_nulls = target.keeps_nulls.then(|| Arc::new(node.clone()));
        remove_nulls(node);
    }
}

/// Puts back what the check has taken out of a document because it is null.
pub fn restore_nulls(document: &mut Document) {
    if let Some(written) = document.with_nulls.take() {
        restore(&mut document.node, &written);
    }
}

fn restore(node: &mut Node, written: &Node) {
    match (&mut node.value, &written.value) {
        (Value::Map(map), Value::Map(written)) => {
            for (at, (key, entry)) in written.iter().enumerate() {
                match map.get_mut(key) {
                    Some(there) => restore(&mut there.node, &entry.node),
                    None => map.shift_insert(at.min(map.len()), Arc::clone(key), entry.clone()),
                }
            }
        }
        (Value::List(items), Value::List(written)) => {
            items.iter_mut().zip(written).for_each(|(item, written)| restore(item, written));
        }
        // An empty text among texts.
        _ if written.is_null() => *node = written.clone(),
        _ => {}
    }
}

/// Removes what is null below a node: whoever decodes it need not know that null is nothing.
fn remove_nulls(node: &mut Node) {
    if let Some(map) = node.as_map_mut() {
        map.retain(|_, entry| !entry.node.is_null());
        map.values_mut().for_each(|entry| remove_nulls(&mut entry.node));
    } else if let Value::List(items) = &mut node.value {
        // Among texts, null is an empty one.
        let among_texts = items.iter().any(|item| item.as_str().is_some());
        for item in items {
            if item.is_null() && among_texts {
                *item = Node::string("", item.span);
            } else {
                remove_nulls(item);
            }
        }
    }
}
