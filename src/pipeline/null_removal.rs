//! Settings that a `null` removed and that the templates cannot do without: reported at the `null`.
//!
//! A template that reads a removed setting fails somewhere inside the chart, where the user has nothing to mend. So
//! when values have removals and rendering fails, this search finds out which of the removals are to blame, by putting
//! settings back and rendering again.
//!
//! With removals `a`, `b` and `c`:
//!
//! | tried | tells |
//! |---|---|
//! | all three put back | the fewest errors that there can be: those that no removal caused |
//! | all but `a` put back | whether `a` alone adds errors to these |
//! | `a` alone put back, and held against the schema | whether the schema itself asks for something then |
//!
//! Each removal costs a render, and only in runs that fail anyway. Settings that can stand in for each other are not
//! found: with either of them back nothing fails, and there are too many pairs to try.

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::schema;
use crate::session::{Outcome, Session, Snapshot};
use crate::source::Span;
use crate::values::{self, NullRemoval};
use crate::yaml::{Node, ValuePath};

use super::merged::Merged;

/// How many removals are tried; each costs a render. A values file has a few; one with thousands would hold up a run
/// that fails already.
const MAX_REMOVALS: usize = 100;

/// Reports the removed settings without which nothing can be rendered: V102, or what the schema says of them. Whether a
/// setting is needed shows when it is put back: the schema finds more, or fewer templates fail.
///
/// `count_errors` renders and says how many errors it found; it reports nothing.
///
/// # Errors
/// When a removal is to blame. `Ok` says nothing of other errors: the render itself finds them.
pub(super) fn refuse(
    session: &Session,
    merged: &Merged,
    count_errors: impl Fn(&Merged) -> usize,
) -> Outcome<()> {
    let removed = values::null_removals(&merged.layers, merged.edits());
    if removed.is_empty() || count_errors(merged) == 0 {
        return Ok(());
    }
    let search = Search { snapshot: session.snapshot(), merged, count_errors };
    let before = session.errors();
    for finding in search.needed(&removed[..removed.len().min(MAX_REMOVALS)]) {
        session.report(finding);
    }
    session.clean_since(before)
}

/// Tries values out, each in an overlay of the session that is thrown away.
struct Search<'m, C> {
    snapshot: Snapshot,
    merged: &'m Merged,
    count_errors: C,
}

impl<C: Fn(&Merged) -> usize> Search<'_, C> {
    /// A finding for each removal that is to blame.
    fn needed(&self, removed: &[NullRemoval]) -> Vec<Diagnostic> {
        let all: Vec<&ValuePath> = removed.iter().map(|removal| &removal.path).collect();
        let refused_as_it_is = self.refused_by_schema(&[]);
        // If not even this can be merged, any error counts as caused by a removal.
        let fewest_errors = self.restored(&all).map_or(0, |values| self.errors_with(values));
        let mut found = Vec::new();
        for removal in removed {
            // A condition of the schema may ask for the setting only while another one is there: then the schema's own
            // words are better than ours.
            let mut said = self.refused_by_schema(&[&removal.path]);
            said.retain(|finding| !refused_as_it_is.contains(finding));
            if said.is_empty() && self.fails_without(&removal.path, &all, fewest_errors) {
                said.push(self.missing(&removal.path));
            }
            found.extend(said.into_iter().map(|finding| at_removal(finding, removal.span)));
        }
        found
    }

    /// Whether more goes wrong when all removed settings but this one are put back than when all are.
    fn fails_without(&self, path: &ValuePath, all: &[&ValuePath], fewest_errors: usize) -> bool {
        let others: Vec<&ValuePath> = all.iter().copied().filter(|other| *other != path).collect();
        self.restored(&others).is_ok_and(|values| self.errors_with(values) > fewest_errors)
    }

    /// The values with these settings put back.
    fn restored(&self, paths: &[&ValuePath]) -> Outcome<Node> {
        let merged = self.merged;
        let (edits, wants) = (merged.edits(), merged.wants());
        values::without_removals(&self.snapshot.overlay(), &merged.layers, edits, wants, paths)
    }

    /// The errors that the schema finds in the values with these settings put back.
    fn refused_by_schema(&self, paths: &[&ValuePath]) -> Vec<Diagnostic> {
        let (Some(schema), Ok(values)) = (self.merged.schema(), self.restored(paths)) else {
            return Vec::new();
        };
        let mut found = schema::findings(&self.snapshot.overlay(), schema, &values);
        found.retain(|finding| finding.level == Level::Error);
        found
    }

    fn errors_with(&self, values: Node) -> usize {
        (self.count_errors)(&self.merged.with_values(values))
    }

    fn missing(&self, path: &ValuePath) -> Diagnostic {
        if let Some(schema) = self.merged.schema() {
            return schema::missing(&self.snapshot.overlay(), schema, &self.merged.values, path);
        }
        let message = format!("`{path}` is required, and nothing sets it");
        Diagnostic::error(Code::V102, message).help(format!("set it: `--set {path}=…`"))
    }
}

/// The finding at the place where the setting was removed, and nowhere else: the places of the values that were tried
/// out would mislead.
fn at_removal(finding: Diagnostic, span: Span) -> Diagnostic {
    Diagnostic { labels: Vec::new(), patch: None, ..finding }.at(span, "taken away here")
}
