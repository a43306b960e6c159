//! Fixes: the changes of files that findings are certain of.
//!
//! A finding may hold a replacement for the very token that it points at. Where that is certain to be what was meant (a
//! number without its quotes, a word in the case that the API has), it can be made without asking.

use std::collections::BTreeMap;

use crate::session::Session;
use crate::source::SourceKind;

/// What would become of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// Its path, as it was named.
    pub path: String,
    /// Its text as it was read, without a byte order mark.
    pub old: String,
    /// Its text with the changes.
    pub new: String,
    /// How many changes these are.
    pub changes: usize,
}

/// What is to be written in the place of bytes of a text.
type Changes = BTreeMap<(usize, usize), String>;

/// The files that the findings of a session are certain to mend, by path. Nothing else in them is touched; of two changes
/// that overlap the first one is made.
pub fn fixes(session: &Session) -> Vec<FixedFile> {
    // By path and not by source, as a file is read for each set that it is in.
    let mut files: BTreeMap<String, (String, Changes)> = BTreeMap::new();
    for finding in session.diagnostics() {
        let Some(patch) = finding.patch.filter(|patch| patch.is_certain) else { continue };
        let span = session.resolve(patch.span);
        let source = session.source(span.source);
        // What is hidden may not be shown, and so not be changed in a way that has to be shown.
        if source.kind != SourceKind::File || source.hides_in(span.range()) {
            continue;
        }
        let (_, changes) =
            files.entry(source.name.clone()).or_insert_with(|| (source.text.to_string(), Changes::new()));
        changes.entry((span.start as usize, span.end as usize)).or_insert(patch.replacement);
    }
    let fixed = files.into_iter().map(|(path, (old, changes))| {
        let mut new = String::with_capacity(old.len());
        let (mut end, mut count) = (0, 0);
        for ((from, to), replacement) in changes {
            let Some(between) = old.get(end..from) else { continue };
            new.push_str(between);
            new.push_str(&replacement);
            end = to;
            count += 1;
        }
        new.push_str(old.get(end..).unwrap_or_default());
        FixedFile { path, old, new, changes: count }
    });
    fixed.filter(|file| file.old != file.new).collect()
}
