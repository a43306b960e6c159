//! The search for two documents that are one object.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::document::Document;
use super::location::Location;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::ValuePath;

/// Refuses objects of one identity: applied, the last one would win.
///
/// # Errors
/// As [`report_duplicates`].
pub fn refuse_duplicates(session: &Session, documents: &[Document]) -> Outcome<()> {
    let before = session.errors();
    report_duplicates(session, documents);
    session.clean_since(before)
}

/// Reports every object whose group, kind, namespace and name another one had before it: M002.
///
/// To be called after the namespaces have been written in: before that, `web` without a namespace and `web` in `prod`
/// look like two objects.
pub fn report_duplicates<'d>(session: &Session, documents: impl IntoIterator<Item = &'d Document>) {
    // Findings come in the order of the documents; the map's own order reaches nothing.
    let mut seen: HashMap<_, &Document> = HashMap::new();
    for document in documents.into_iter().filter(|document| !document.identity.is_generated) {
        // A third one is reported against the first, too: the entry is not replaced.
        match seen.entry(document.identity.key()) {
            Entry::Occupied(first) => {
                session.report(duplicate(session, first.get(), document));
            }
            Entry::Vacant(entry) => {
                entry.insert(document);
            }
        }
    }
}

/// The finding that two objects are one.
fn duplicate(session: &Session, first: &Document, second: &Document) -> Diagnostic {
    let identity = &second.identity;
    let place = identity.namespace.as_ref().map_or(String::new(), |name| format!(" in namespace `{name}`"));
    Diagnostic::error(Code::M002, format!("{identity} is here twice{place}"))
        .at(name_span(session, second), "the second")
        .also(name_span(session, first), "the first")
        .help("give one of them another name, or remove it")
        .of_document(second.node.span)
}

/// Where an object is named: in the template, since two templates may rightly be given one value.
fn name_span(session: &Session, document: &Document) -> Span {
    let path = ValuePath::keys(&["metadata", "name"]);
    Location::at_path(&document.node, &path).display_span(session)
}
