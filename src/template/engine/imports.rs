//! What imports of libraries gave, kept in the state of the engine that they were made in.
//!
//! Only imports that are the same for every template come here (`analysis/shared_imports.rs`). A macro can be called in
//! the state alone that it was made in, so the two functions that stand around such an import keep what it gave there.

use std::collections::BTreeMap;

use minijinja::value::{Rest, Value as Jinja};
use minijinja::{Environment, Error, State};

use crate::limits::Limits;
use crate::template::analysis::{KEEP_LIBRARY_FUNCTION, LIBRARY_FUNCTION};
use crate::template::binding::{Moment, RemovedReads, RenderState, Work};

/// The libraries that were imported in a state, by their positions.
#[derive(Debug, Default)]
struct ImportedLibraries {
    kept: BTreeMap<usize, ImportedLibrary>,
    /// The imports that have begun, innermost last, and what the template had done before.
    begun: Vec<(usize, Work, Moment)>,
}

/// What a library gives to whoever imports it.
#[derive(Debug, Default)]
struct ImportedLibrary {
    /// All of it, if it was imported as a whole.
    whole: Option<Jinja>,
    /// The names that were imported one by one.
    names: BTreeMap<String, Jinja>,
    /// What the import has done. It counts for each template, also if another one made the import.
    work: Work,
    /// What the import has read of the settings that a `null` took away. So has each template.
    removed: RemovedReads,
}

impl ImportedLibraries {
    fn of<'s>(state: &'s mut State<'_, '_>) -> &'s mut ImportedLibraries {
        state.get_or_insert_extension_with(ImportedLibraries::default)
    }
}

/// Adds the functions that instrumented imports call.
pub(super) fn register(engine: &mut Environment<'static>, limits: Limits) {
    engine.add_function(LIBRARY_FUNCTION, move |state: &mut State, library: usize, name: Option<&str>| {
        imported(state, &limits, library, name)
    });
    engine.add_function(KEEP_LIBRARY_FUNCTION, |state: &mut State, library: usize, given: Rest<Jinja>| {
        keep(state, library, &given);
    });
}

/// What an earlier import of a library gave, or one name of it; false if there was none.
fn imported(state: &mut State, limits: &Limits, library: usize, name: Option<&str>) -> Result<Jinja, Error> {
    let known = ImportedLibraries::of(state).kept.get(&library).and_then(|library| {
        let given = match name {
            None => library.whole.clone()?,
            Some(name) => library.names.get(name)?.clone(),
        };
        library.removed.note_again();
        Some((given, library.work))
    });
    match known {
        Some((given, work)) => RenderState::of(state).add_work(limits, work).map(|()| given),
        None => {
            let before = RenderState::of(state).work();
            ImportedLibraries::of(state).begun.push((library, before, Moment::now()));
            Ok(Jinja::from(false))
        }
    }
}

/// Keeps what an import of a library gave: all of it, or pairs of a name and its value.
fn keep(state: &mut State, library: usize, given: &[Jinja]) {
    let now = RenderState::of(state).work();
    let libraries = ImportedLibraries::of(state);
    // Of several names each has begun an import, before the one import that was made.
    let (mut before, mut since) = (now, Moment::now());
    while let Some((_, work, moment)) = libraries.begun.pop_if(|(begun, ..)| *begun == library) {
        (before, since) = (work, moment);
    }
    // A value that was printed, such as a `fail`, has a slot in the template that made the import, and needs one in each.
    let Some(work) = now.since(before) else { return };
    let kept = libraries.kept.entry(library).or_default();
    kept.work = work;
    kept.removed = since.reads();
    match given {
        [whole] => kept.whole = Some(whole.clone()),
        _ => {
            for pair in given.chunks_exact(2) {
                if let Some(name) = pair[0].as_str() {
                    kept.names.insert(name.to_owned(), pair[1].clone());
                }
            }
        }
    }
}
