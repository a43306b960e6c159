//! The search for two documents that are one object.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use super::document::Document;
use super::location::LocatedTree;
use crate::diagnostic::{Code, Diagnostic, Level};
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
    let _ = report_duplicates(session, documents, Together::Surely);
    session.clean_since(before)
}

/// Objects of one finding that another one had before them.
#[derive(Debug)]
pub struct Twins {
    /// Their roots, in the order of the documents.
    pub roots: Vec<Span>,
    /// The files of all of them if these look like alternatives of each other, which is a warning; else nothing.
    pub alternatives: BTreeSet<SourceId>,
}

/// How it is known that documents are applied together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// A chart renders them, a kustomization names them, somebody has said so.
    Surely,
    /// Their files lie in one folder, and nothing says otherwise. Of files with the same objects most are alternatives: a
    /// manifest with and without something, all of them in one file beside its parts, cases of a test.
    Perhaps,
}

/// Reports every object whose group, kind, namespace and name another one had before it: M002. Files that have objects in
/// common with one before them give one finding together: they are alternatives, or copies of each other.
///
/// To be called after the namespaces have been written in: before that, `web` without a namespace and `web` in `prod`
/// look like two objects.
pub fn report_duplicates<'d, T: LocatedTree + 'd>(
    session: &Session,
    documents: impl IntoIterator<Item = &'d Document<T>>,
    together: Together,
) -> Vec<Twins> {
    // Findings come in the order of the documents; the order of the maps reaches nothing.
    let mut seen: HashMap<_, &Document<T>> = HashMap::new();
    let mut pairs: Vec<Vec<(&Document<T>, &Document<T>)>> = Vec::new();
    let mut of_files: HashMap<SourceId, usize> = HashMap::new();
    // What a file has twice is wrong whatever stands in another one.
    let mut within: HashMap<_, &Document<T>> = HashMap::new();
    for document in documents.into_iter().filter(|document| !document.identity.is_generated) {
        if together == Together::Perhaps {
            match within.entry((document.node.span().source, document.identity.key())) {
                Entry::Occupied(first) => {
                    pairs.push(vec![(*first.get(), document)]);
                    continue;
                }
                Entry::Vacant(entry) => {
                    entry.insert(document);
                }
            }
        }
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
        let mut alternatives = BTreeSet::new();
        if let [(first, second), others @ ..] = &pairs[..] {
            let is_of_same =
                |(_, other): &&(&Document<T>, &Document<T>)| other.identity.key() == second.identity.key();
            let same = others.iter().filter(is_of_same).count();
            let finding = duplicate(session, first, second, same, others.len() - same);
            let files = (first.node.span().source, second.node.span().source);
            let are_alternatives = together == Together::Perhaps
                && files.0 != files.1
                && (!others.is_empty() || have_a_word_in_common(session, files.0, files.1));
            session.report(if are_alternatives {
                alternatives.extend(pairs.iter().flat_map(|(first, second)| {
                    [first.node.span().source, second.node.span().source]
                }));
                let note = "nothing says that these files are applied together, and they look like alternatives of each other";
                Diagnostic { level: Level::Warning, ..finding }.note(note)
            } else {
                finding
            });
        }
        let roots = pairs.iter().map(|(_, second)| second.node.span()).collect();
        twins.push(Twins { roots, alternatives });
    }
    twins
}

/// Whether the names of two files have a word in common, as in `install.yaml` and `install-namespaced.yaml`.
fn have_a_word_in_common(session: &Session, one: SourceId, other: SourceId) -> bool {
    let words = |source: SourceId| -> BTreeSet<String> {
        let name = session.source(source).name.to_lowercase();
        let file = name.rsplit('/').next().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let words = stem.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| word.chars().any(char::is_alphabetic)).map(str::to_owned).collect()
    };
    !words(one).is_disjoint(&words(other))
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
