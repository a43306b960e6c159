//! The documents of some templates only.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Document;
use crate::session::{Outcome, Session};

/// Keeps the documents of the named templates; all when none is named. A name may be `templates/x.yaml` or the whole
/// `# Source:` path.
///
/// # Errors
/// E002 for a name that no document comes from.
pub fn only_templates(
    session: &Session,
    documents: Vec<Document>,
    names: &[String],
) -> Outcome<Vec<Document>> {
    if names.is_empty() {
        return Ok(documents);
    }
    let before = session.errors();
    for name in names.iter().filter(|name| !documents.iter().any(|document| matches(document, name))) {
        let known: BTreeSet<&str> = documents.iter().map(|document| &*document.template).collect();
        let finding = Diagnostic::error(Code::E002, format!("no document comes from `{name}`"));
        session
            .report(finding.did_you_mean(name, known).help("name a template as in `templates/engine.yaml`"));
    }
    session.clean_since(before)?;
    let shown = |document: &Document| names.iter().any(|name| matches(document, name));
    Ok(documents.into_iter().filter(shown).collect())
}

fn matches(document: &Document, name: &str) -> bool {
    let path = &*document.template;
    path == name || path.split_once('/').is_some_and(|(_, rest)| rest == name)
}
