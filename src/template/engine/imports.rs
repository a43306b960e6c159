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
    engine.add_function(LIBRARY_FUNCTION, move |state: &mut State, library: usize, names: Rest<String>| {
        imported(state, &limits, library, &names)
    });
    engine.add_function(KEEP_LIBRARY_FUNCTION, |state: &mut State, library: usize, given: Rest<Jinja>| {
        keep(state, library, &given);
    });
}

/// What earlier imports of a library gave: all of it, or these names as a list, one as it is. False, for each name, if
/// there is something that none gave.
fn imported(state: &mut State, limits: &Limits, library: usize, names: &[String]) -> Result<Jinja, Error> {
    let known = ImportedLibraries::of(state).kept.get(&library).and_then(|library| {
        let given = match names {
            [] => library.whole.clone()?,
            _ => {
                one_or_list(names.iter().map(|name| library.names.get(name).cloned()).collect::<Option<_>>()?)
            }
        };
        library.removed.note_again();
        Some((given, library.work))
    });
    match known {
        Some((given, work)) => RenderState::of(state).add_work(limits, work).map(|()| given),
        None => {
            let before = RenderState::of(state).work();
            ImportedLibraries::of(state).begun.push((library, before, Moment::now()));
            Ok(one_or_list(vec![Jinja::from(false); names.len().max(1)]))
        }
    }
}

/// What is assigned to one name, or to several.
fn one_or_list(mut values: Vec<Jinja>) -> Jinja {
    if values.len() == 1 { values.remove(0) } else { Jinja::from(values) }
}

/// Keeps what an import of a library gave: all of it, or pairs of a name and its value.
fn keep(state: &mut State, library: usize, given: &[Jinja]) {
    let now = RenderState::of(state).work();
    let libraries = ImportedLibraries::of(state);
    // Imports are inside each other, so the one that ends began last.
    let Some((_, before, since)) = libraries.begun.pop_if(|(begun, ..)| *begun == library) else { return };
    // A value that was printed, such as a `fail`, has a slot in the template that made the import, and needs one in each.
    let Some(work) = now.since(before) else { return };
    let kept = libraries.kept.entry(library).or_default();
    kept.work = work;
    kept.removed = since.reads();
    // What counts as false says that there is nothing yet. So it is not kept, and imported each time.
    match given {
        [whole] if whole.is_true() => kept.whole = Some(whole.clone()),
        _ => {
            for pair in given.chunks_exact(2).filter(|pair| pair[1].is_true()) {
                if let Some(name) = pair[0].as_str() {
                    kept.names.insert(name.to_owned(), pair[1].clone());
                }
            }
        }
    }
}
