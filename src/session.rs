//! One run's memory: sources, origins and diagnostics, all append-only, and `Reported`, the token of a reported failure.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Level};
use crate::limits::Limits;
use crate::source::{Origin, OriginId, Source, SourceId, SourceKind, Span, Text};

/// Proof that a failure was reported: whoever holds one has nothing more to say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported(());

/// A result whose error has already been written into the session.
pub type Outcome<T> = Result<T, Reported>;

/// What one run has read and found.
#[derive(Debug, Default)]
pub struct Session {
    /// How much may be read and made.
    limits: Limits,
    /// What was there before; the ids of this session continue after it.
    trunk: Trunk,
    /// Sources of the trunk in which this session has hidden more: other branches show them as they were.
    hidden: RefCell<BTreeMap<SourceId, Arc<Source>>>,
    sources: RefCell<Vec<Arc<Source>>>,
    origins: RefCell<Vec<Origin>>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

/// What a session had read when others branched off it. It can be shared between threads.
#[derive(Clone, Debug, Default)]
pub struct Trunk {
    limits: Limits,
    sources: Arc<[Arc<Source>]>,
    origins: Arc<[Origin]>,
}

impl Trunk {
    /// How much may be read and made.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A session that knows everything that the trunk has read, and has found nothing yet. What it reads, finds and hides
    /// is its own, so that branches need no locks and cannot tell of each other.
    pub fn branch(&self) -> Session {
        Session { limits: self.limits, trunk: self.clone(), ..Session::default() }
    }
}

impl Session {
    /// An empty session.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty session with limits of its own.
    pub fn with_limits(limits: Limits) -> Self {
        Session { limits, ..Session::default() }
    }

    /// An empty session with the limits of this one.
    pub fn apart(&self) -> Self {
        Self::with_limits(self.limits)
    }

    /// How much may be read and made.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Registers a text under the name that people will see.
    pub fn add_source(
        &self,
        kind: SourceKind,
        name: impl Into<String>,
        text: impl Into<Arc<str>>,
    ) -> SourceId {
        self.register(Arc::new(Source::new(kind, name.into(), Text::Shared(text.into()))))
    }

    /// Registers a text that is built into the program.
    pub fn add_bundled(&self, name: &str, text: &'static str) -> SourceId {
        self.register(Arc::new(Source::new(SourceKind::Bundled, name.to_owned(), Text::BuiltIn(text))))
    }

    fn register(&self, source: Arc<Source>) -> SourceId {
        let mut sources = self.sources.borrow_mut();
        let index = self.trunk.sources.len() + sources.len();
        sources.push(source);
        SourceId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The source behind an id.
    pub fn source(&self, id: SourceId) -> Arc<Source> {
        match (id.0 as usize).checked_sub(self.trunk.sources.len()) {
            Some(index) => Arc::clone(&self.sources.borrow()[index]),
            None => match self.hidden.borrow().get(&id) {
                Some(source) => Arc::clone(source),
                None => Arc::clone(&self.trunk.sources[id.0 as usize]),
            },
        }
    }

    /// Marks a place as secret: no writer of this session will show it.
    pub fn hide(&self, span: Span) {
        let source = self.source(span.source);
        if source.hides(&span.range()) {
            return;
        }
        let shared = (span.source.0 as usize) < self.trunk.sources.len();
        if shared && !self.hidden.borrow().contains_key(&span.source) {
            let own = Arc::new(source.branch());
            own.hide(span.range());
            self.hidden.borrow_mut().insert(span.source, own);
        } else {
            source.hide(span.range());
        }
    }

    /// Everything that was read so far, for branches to build on.
    pub fn trunk(&self) -> Trunk {
        let own = self.sources.borrow();
        let sources =
            (0..self.trunk.sources.len() + own.len()).map(|index| self.source(SourceId(index as u32)));
        let origins = [&*self.trunk.origins, &*self.origins.borrow()].concat();
        Trunk { limits: self.limits, sources: sources.collect(), origins: origins.into() }
    }

    /// Takes over what a branch of this session has found and hidden. It has read nothing of its own.
    pub fn join(&self, branch: &Session) {
        for (id, source) in branch.hidden.borrow().iter() {
            for (start, end) in source.hidden() {
                self.hide(Span::new(*id, start, end));
            }
        }
        self.diagnostics.borrow_mut().append(&mut branch.diagnostics.borrow_mut());
    }

    /// Takes over what another session has found, with the sources that are pointed at and nothing else. `told` may
    /// change each finding on its way.
    pub fn adopt(&self, other: &Session, told: impl Fn(Diagnostic) -> Diagnostic) {
        for finding in other.diagnostics.borrow().iter() {
            let moved = finding.clone().moved(|span| self.adopt_span(other, span));
            self.report(told(moved));
        }
    }

    /// The place of this session that is that place of another one; its source is taken over if need be.
    pub fn adopt_span(&self, other: &Session, span: Span) -> Span {
        let span = other.resolve(span);
        let source = other.source(span.source);
        let known = self.position(&source);
        Span { source: known.unwrap_or_else(|| self.register(source)), ..span }
    }

    fn position(&self, source: &Arc<Source>) -> Option<SourceId> {
        let own = self.sources.borrow();
        let index =
            self.trunk.sources.iter().chain(own.iter()).position(|known| Arc::ptr_eq(known, source))?;
        Some(SourceId(index as u32))
    }

    /// Every source, in the order of registration.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        self.sources.borrow().clone()
    }

    /// Takes over the findings of another session that are to be kept, and every text that it has read.
    pub fn absorb(&self, other: &Session, keep: impl Fn(&Diagnostic) -> bool) {
        let read = other.sources().into_iter();
        for source in read.filter(|source| !matches!(source.kind, SourceKind::Derived(_))) {
            self.register(source);
        }
        for finding in other.diagnostics.borrow().iter().filter(|finding| keep(finding)) {
            self.report(finding.clone().moved(|span| self.adopt_span(other, span)));
        }
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
        let id = OriginId::from_index(self.trunk.origins.len() + origins.len())?;
        origins.push(origin);
        Some(id)
    }

    /// Where a bound value came from.
    pub fn origin(&self, id: OriginId) -> Option<Origin> {
        match id.index().checked_sub(self.trunk.origins.len()) {
            Some(index) => self.origins.borrow().get(index).cloned(),
            None => self.trunk.origins.get(id.index()).cloned(),
        }
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
