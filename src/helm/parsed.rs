//! The templates of a chart, parsed once for all renders of it, whichever threads they run on.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::functions;
use super::objects::METHODS;
use crate::gotemplate::error::Error;
use crate::gotemplate::templates::{Callables, Parsed, Templates};
use crate::session::Session;
use crate::source::SourceId;

/// Files that were parsed. Which of them a render has depends on its values, so each is parsed when a render first has it.
#[derive(Debug)]
pub struct ParsedFiles {
    callables: Arc<Callables>,
    files: RwLock<HashMap<SourceId, Vec<ParsedFile>>>,
    /// How often a file was parsed.
    #[cfg(test)]
    pub parses: std::sync::atomic::AtomicUsize,
}

/// A file under one of its names: a subchart that has several aliases has all its files under each of them.
#[derive(Clone, Debug)]
struct ParsedFile {
    name: Arc<str>,
    parsed: Result<Parsed, Error>,
}

impl Default for ParsedFiles {
    fn default() -> Self {
        let methods = [functions::METHODS, METHODS].concat();
        let callables = Arc::new(Callables::new(functions::TABLES, &methods));
        ParsedFiles {
            callables,
            files: RwLock::default(),
            #[cfg(test)]
            parses: Default::default(),
        }
    }
}

impl ParsedFiles {
    /// What a file of a session comes to, or of an overlay of that.
    ///
    /// # Errors
    /// When it is no template.
    pub fn get(&self, session: &Session, name: &str, source: SourceId) -> Result<Parsed, Error> {
        let known = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let of_name = |files: &Vec<ParsedFile>| files.iter().find(|file| &*file.name == name).cloned();
        if let Some(file) = known.get(&source).and_then(of_name) {
            return file.parsed;
        }
        drop(known);
        #[cfg(test)]
        self.parses.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let parsed = self.callables.parse(name, &session.source(source).text, source);
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been quicker; what it has found is the same.
        files.entry(source).or_default().push(ParsedFile { name: Arc::from(name), parsed: parsed.clone() });
        parsed
    }

    /// No templates yet, to which files can be added.
    pub fn templates(&self) -> Templates {
        Templates::calling(Arc::clone(&self.callables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceKind;

    #[test]
    fn a_file_is_parsed_once_under_each_name() {
        let session = Session::new();
        let [good, wrong] = ["{{ .Values.a }}", "{{"]
            .map(|text| session.add_source(SourceKind::File, "a.yaml", text.to_owned()));
        let files = ParsedFiles::default();
        for name in ["one/templates/a.yaml", "two/templates/a.yaml"] {
            let parsed = files.get(&session, name, good).unwrap();
            assert!(parsed.is(&files.get(&session, name, good).unwrap()), "{name}");
        }
        let error = files.get(&session, "wrong", wrong).unwrap_err();
        assert_eq!(files.get(&session, "wrong", wrong).unwrap_err(), error);
    }

    #[test]
    fn threads_share_what_was_parsed() {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<ParsedFiles>();
        is_shared::<Templates>();
    }
}
