//! The search for two documents that are one object.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::document::Document;
use super::location::LocatedTree;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::ValuePath;

/// Refuses objects of one identity: applied, the last one would win.
///
/// # Errors
/// As [`report_duplicates`].
pub fn refuse_duplicates(session: &Session, documents: &[Document<impl LocatedTree>]) -> Outcome<()> {
    let before = session.errors();
    // What was found is asked of the session.
    let _ = report_duplicates(session, documents);
    session.clean_since(before)
}

/// Objects of one finding that another one had before them: their roots, in the order of the documents.
pub type Twins = Vec<Span>;

/// Reports every object whose group, kind, namespace and name another one had before it: M002. Files that have objects in
/// common with one before them give one finding together: they are alternatives, or copies of each other.
///
/// To be called after the namespaces have been written in: before that, `web` without a namespace and `web` in `prod`
/// look like two objects.
pub fn report_duplicates<'d, T: LocatedTree + 'd>(
    session: &Session,
    documents: impl IntoIterator<Item = &'d Document<T>>,
) -> Vec<Twins> {
    // Findings come in the order of the documents; the order of the maps reaches nothing.
    let mut seen: HashMap<_, &Document<T>> = HashMap::new();
    let mut pairs: Vec<Vec<(&Document<T>, &Document<T>)>> = Vec::new();
    let mut of_files: HashMap<SourceId, usize> = HashMap::new();
    for document in documents.into_iter().filter(|document| !document.identity.is_generated) {
        // A third one is held against the first, too: the entry is not replaced.
        let first = match seen.entry(document.identity.key()) {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(entry) => {
                entry.insert(document);
                continue;
            }
        };
        let file = first.node.span().source;
        // In one text each is a mistake of its own.
        if file == document.node.span().source {
            pairs.push(vec![(first, document)]);
            continue;
        }
        match of_files.get(&file) {
            Some(index) => pairs[*index].push((first, document)),
            None => {
                of_files.insert(file, pairs.len());
                pairs.push(vec![(first, document)]);
            }
        }
    }
    let mut twins = Vec::with_capacity(pairs.len());
    for pairs in pairs {
        if let [(first, second), others @ ..] = &pairs[..] {
            let is_of_same =
                |(_, other): &&(&Document<T>, &Document<T>)| other.identity.key() == second.identity.key();
            let same = others.iter().filter(is_of_same).count();
            session.report(duplicate(session, first, second, same, others.len() - same));
        }
        twins.push(pairs.iter().map(|(_, second)| second.node.span()).collect());
    }
    twins
}

/// The finding that two objects are one. There are so many more with the same identity, and so many others that are in the
/// file of the first one and in others.
fn duplicate<T: LocatedTree>(
    session: &Session,
    first: &Document<T>,
    second: &Document<T>,
    same: usize,
    others: usize,
) -> Diagnostic {
    let identity = &second.identity;
    let place = identity.namespace.as_ref().map_or(String::new(), |name| format!(" in namespace `{name}`"));
    let times = match same {
        0 => "twice".to_owned(),
        same => format!("{} times", same + 2),
    };
    let more = match others {
        0 => String::new(),
        1 => "; so is 1 more object of that file".to_owned(),
        others => format!("; so are {others} more objects of that file"),
    };
    let message = format!("{identity} is defined {times}{place}{more}");
    let help = if same + others == 0 {
        "give one of them another name, or remove it"
    } else {
        "what is not applied together belongs in a folder of its own, or into `sets` of `plimsoll.yaml`"
    };
    let places = (name_span(session, first), name_span(session, second));
    let finding =
        Diagnostic::error(Code::M002, message).at(places.1, "the second").also(places.0, "the first");
    let finding = finding.help(help).of_document(second.node.span());
    // A library names objects of many templates at one place.
    // Each chart of a release has read the library for itself.
    let name = |span: Span| session.source(span.source).name.clone();
    let is_one_place = places.0.range() == places.1.range() && name(places.0) == name(places.1);
    if is_one_place && first.template != second.template {
        return finding
            .note(format!("the first is of `{}`, the second of `{}`", first.template, second.template));
    }
    finding
}

/// Where an object is named: in the template, since two templates may rightly be given one value.
fn name_span(session: &Session, document: &Document<impl LocatedTree>) -> Span {
    let path = ValuePath::keys(&["metadata", "name"]);
    document.node.location(&path).display_span(session)
}
