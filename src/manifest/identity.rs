//! What tells one object from another, and the search for two that have it in common.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use super::Document;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::Node;

/// The name of an object in a cluster. The version in `api_version` does not count: `apps/v1` and
/// `apps/v1beta1` show the same Deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// For example `apps/v1`.
    pub api_version: String,
    /// For example `Deployment`.
    pub kind: String,
    /// None for a cluster-scoped object, or before the check has written it.
    pub namespace: Option<String>,
    /// The value of `metadata.name`.
    pub name: String,
}

impl Identity {
    /// The API group: `apps`, or nothing for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Group, kind, namespace and name: what two versions of one object have in common.
    pub(crate) fn key(&self) -> (&str, &str, Option<&str>, &str) {
        (self.group(), &self.kind, self.namespace.as_deref(), &self.name)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}

/// Reports every object whose group, kind, namespace and name another one had before it (M002).
pub fn refuse_duplicates(session: &Session, documents: &[Document]) -> Outcome<()> {
    let before = session.errors();
    let mut seen: HashMap<_, &Document> = HashMap::with_capacity(documents.len());
    for document in documents {
        match seen.entry(document.identity.key()) {
            Entry::Occupied(first) => {
                session.report(twins(session, first.get(), document));
            }
            Entry::Vacant(place) => {
                place.insert(document);
            }
        }
    }
    session.clean_since(before)
}

fn twins(session: &Session, first: &Document, second: &Document) -> Diagnostic {
    let identity = &second.identity;
    let place = identity.namespace.as_ref().map(|name| format!(" in namespace `{name}`"));
    let message = format!("{identity} is here twice{}", place.unwrap_or_default());
    let finding = Diagnostic::error(Code::M002, message)
        .at(name_span(session, &second.node), "the second")
        .also(name_span(session, &first.node), "the first");
    finding.help("give one of them another name, or remove it")
}

/// Where an object is named: in the template, since two templates may be given one value rightly.
fn name_span(session: &Session, node: &Node) -> Span {
    let metadata = node.as_map().and_then(|map| map.get("metadata"));
    let name = metadata.and_then(|entry| entry.node.as_map()).and_then(|map| map.get("name"));
    let Some(name) = name else { return session.resolve(node.span) };
    let origin = name.node.origin.and_then(|id| session.origin(id));
    origin.map_or_else(|| session.resolve(name.node.span), |origin| origin.expression)
}
