//! One run's memory: sources, origins and diagnostics, all append-only, and `Reported`, the token of a reported failure.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Level};
use crate::source::{Origin, OriginId, Source, SourceId, SourceKind, Span};

/// Proof that a failure was reported: whoever holds one has nothing more to say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported(());

/// A result whose error has already been written into the session.
pub type Outcome<T> = Result<T, Reported>;

/// What one run has read and found.
#[derive(Debug, Default)]
pub struct Session {
    sources: RefCell<Vec<Arc<Source>>>,
    origins: RefCell<Vec<Origin>>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl Session {
    /// An empty session.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a text under the name that people will see.
    pub fn add_source(
        &self,
        kind: SourceKind,
        name: impl Into<String>,
        text: impl Into<Arc<str>>,
    ) -> SourceId {
        let mut sources = self.sources.borrow_mut();
        let id = SourceId(u32::try_from(sources.len()).unwrap_or(u32::MAX));
        sources.push(Arc::new(Source::new(kind, name.into(), text.into())));
        id
    }

    /// The source behind an id.
    pub fn source(&self, id: SourceId) -> Arc<Source> {
        let sources = self.sources.borrow();
        Arc::clone(&sources[id.0 as usize])
    }

    /// Every source, in the order of registration.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        self.sources.borrow().clone()
    }

    /// Takes over what another session has found: its diagnostics, at the places that they lead to, and its texts.
    /// Origins and rendered texts stay behind.
    pub fn absorb(&self, other: &Session, keep: impl Fn(&Diagnostic) -> bool) {
        let mut moved = BTreeMap::new();
        for (index, source) in (0..).zip(other.sources()) {
            if !matches!(source.kind, SourceKind::Derived(_)) {
                moved.insert(SourceId(index), self.adopt(source));
            }
        }
        let mut place = |span: &mut Span| {
            let shown = other.resolve(*span);
            let adopt = || self.adopt(other.source(shown.source));
            *span = Span { source: *moved.entry(shown.source).or_insert_with(adopt), ..shown };
        };
        for mut finding in other.diagnostics().into_iter().filter(keep) {
            finding.labels.iter_mut().for_each(|label| place(&mut label.span));
            finding.patch.iter_mut().for_each(|patch| place(&mut patch.span));
            self.report(finding);
        }
    }

    fn adopt(&self, source: Arc<Source>) -> SourceId {
        let mut sources = self.sources.borrow_mut();
        sources.push(source);
        SourceId(u32::try_from(sources.len() - 1).unwrap_or(u32::MAX))
    }

    /// The texts that templates and their fragments were rendered to.
    pub fn derived(&self) -> Vec<SourceId> {
        let sources = self.sources.borrow();
        let of_render = |source: &Arc<Source>| matches!(source.kind, SourceKind::Derived(_));
        let ids = sources.iter().enumerate().filter(|(_, source)| of_render(source));
        ids.filter_map(|(id, _)| u32::try_from(id).ok().map(SourceId)).collect()
    }

    /// Registers where a bound value came from; `None` when four billion were.
    pub fn add_origin(&self, origin: Origin) -> Option<OriginId> {
        let mut origins = self.origins.borrow_mut();
        let id = OriginId::from_index(origins.len())?;
        origins.push(origin);
        Some(id)
    }

    /// Where a bound value came from.
    pub fn origin(&self, id: OriginId) -> Option<Origin> {
        self.origins.borrow().get(id.index()).cloned()
    }

    /// Follows a span of a derived text to the template that it came from; other spans are returned as they are.
    pub fn resolve(&self, span: Span) -> Span {
        match &self.source(span.source).kind {
            SourceKind::Derived(derivation) => derivation.resolve(span.start, span.end).unwrap_or(span),
            _ => span,
        }
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> String {
        self.source(span.source).text.get(span.range()).unwrap_or_default().to_owned()
    }

    /// Writes a diagnostic down.
    pub fn report(&self, diagnostic: Diagnostic) -> Reported {
        self.diagnostics.borrow_mut().push(diagnostic);
        Reported(())
    }

    /// How many errors have been reported so far.
    pub fn errors(&self) -> usize {
        self.diagnostics.borrow().iter().filter(|diagnostic| diagnostic.level == Level::Error).count()
    }

    /// `Ok` unless an error was reported since `errors_before` was read from [`Session::errors`].
    pub fn clean_since(&self, errors_before: usize) -> Outcome<()> {
        if self.errors() > errors_before { Err(Reported(())) } else { Ok(()) }
    }

    /// Everything that was reported, in the order of reporting.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.diagnostics.borrow().clone()
    }
}
