//! `Document`: one Kubernetes object, what tells it from others, and the search for two that are the same.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::Node;

/// One Kubernetes object, as a spanned tree. The check changes the tree (`kube::check`); what comes later reads it.
#[derive(Clone, Debug)]
pub struct Document {
    /// The template or file that it came from.
    pub template: Arc<str>,
    /// The whole object.
    pub node: Node,
    /// What tells it from other objects: copied out of the tree, since nearly every stage asks for it.
    pub identity: Identity,
}

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
    /// By this the API server tells objects apart.
    pub(crate) fn key(&self) -> (&str, &str, Option<&str>, &str) {
        (self.group(), &self.kind, self.namespace.as_deref(), &self.name)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}

/// Refuses objects of one identity: applied, the last one would win.
///
/// # Errors
/// M002 for every object whose group, kind, namespace and name another one had before it.
///
/// To be called when namespaces have been written in: before that, `web` without one and `web` in `prod` seem to be
/// two.
pub fn refuse_duplicates(session: &Session, documents: &[Document]) -> Outcome<()> {
    let before = session.errors();
    // Findings come in the order of the documents; the map's own order reaches nothing.
    let mut seen: HashMap<_, &Document> = HashMap::with_capacity(documents.len());
    for document in documents {
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
    session.clean_since(before)
}

/// The finding that two objects are one.
fn duplicate(session: &Session, first: &Document, second: &Document) -> Diagnostic {
    let identity = &second.identity;
    let place = identity.namespace.as_ref().map_or(String::new(), |name| format!(" in namespace `{name}`"));
    Diagnostic::error(Code::M002, format!("{identity} is here twice{place}"))
        .at(name_span(session, &second.node), "the second")
        .also(name_span(session, &first.node), "the first")
        .help("give one of them another name, or remove it")
}

/// Where an object is named: in the template, since two templates may be given one value rightly.
fn name_span(session: &Session, node: &Node) -> Span {
    let Some(name) = node.get("metadata").and_then(|metadata| metadata.get("name")) else {
        return session.resolve(node.span);
    };
    // `resolve` would do for what the template says itself; a bound name has its span in the values file.
    let origin = name.origin.and_then(|id| session.origin(id));
    origin.map_or_else(|| session.resolve(name.span), |origin| origin.expression)
}
