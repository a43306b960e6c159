//! One run's memory: sources, origins and diagnostics, all append-only, and `Reported`, the token of a reported
//! failure.
//!
//! A session is a log. What is registered in it gets the next id and is never changed or removed, so ids and spans stay
//! valid as long as the session lives. It belongs to one thread.
//!
//! Work on several threads uses *copy-on-write overlays*: [`Session::snapshot`] freezes what was read so far, and
//! [`Snapshot::overlay`] gives each thread a session of its own over that base.
//!
//! ```text
//! session     sources 0 1 2 ── snapshot ─┬─► overlay a   0 1 2 shared, 3a 4a its own
//!                                        └─► overlay b   0 1 2 shared, 3b its own
//! ```
//!
//! Ids of an overlay continue after those of its base, so an id of the base means the same everywhere. Its own findings
//! and its own secrets are seen by nobody else: where an overlay hides a part of a shared source, it makes a copy of
//! that source (with the text shared) and hides the part there. So there are no locks, and no message depends on what
//! ran beside it. [`Session::merge`] is the one way back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Level};
use crate::limits::{Limit, Limits};
use crate::source::{
    Input, Origin, OriginId, OriginShift, Origins, Source, SourceId, SourceKind, Span, Text, ValueRange,
};

/// Proof that a failure was reported: a function that holds one reports nothing more about it.
///
/// Only [`Session::report`] and [`Session::clean_since`] make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported(());

/// A result whose error has already been written into the session.
pub type Outcome<T> = Result<T, Reported>;

/// What one run has read and found.
#[derive(Debug, Default)]
pub struct Session {
    /// How much may be read and made.
    limits: Limits,
    // `RefCell`s, because a session is passed by shared reference through all stages, and each of them may register and
    // report. None of the borrows leaves a method, so none can meet another.
    /// What was there before; the ids of this session continue after it. Empty for a session that is no overlay.
    base: Snapshot,
    /// Copies of those sources of the base in which this session has hidden more: other
    /// overlays show them as they were.
    masked_copies: RefCell<BTreeMap<SourceId, Arc<Source>>>,
    sources: RefCell<Vec<Arc<Source>>>,
    /// Those of the base too.
    origins: RefCell<Origins>,
    left_out: RefCell<LeftOut>,
    derived_values: RefCell<DerivedInputs>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    /// How many errors were reported, and how many of them were not kept.
    errors: Cell<usize>,
    more_errors: Cell<usize>,
}

/// Keys that maps of documents lack because a `null` took a setting away: the `null`, by the map's span and the key.
type LeftOut = BTreeMap<(Span, Arc<str>), Span>;

/// What derived values were computed from, by where they are written: the source and the first byte, with the end.
type DerivedInputs = BTreeMap<(SourceId, u32), (u32, Arc<[Input]>)>;

/// What a session had read at one moment: the base of overlays. It can be shared between threads.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    limits: Limits,
    sources: Arc<[Arc<Source>]>,
    origins: Origins,
    left_out: Arc<LeftOut>,
    derived_values: Arc<DerivedInputs>,
}

impl Snapshot {
    /// How much may be read and made.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A session that knows everything that the snapshot knows, and has found nothing yet. What it
    /// reads, finds and hides is its own.
    pub fn overlay(&self) -> Session {
        let origins = RefCell::new(self.origins.clone());
        Session { limits: self.limits, base: self.clone(), origins, ..Session::default() }
    }
}

/// Which sources of the other session [`Session::merge`] takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeSources {
    /// None: the other one is an overlay of this session and has registered no source of its own. Its ids are valid
    /// here as they stand. What it has hidden in the shared sources is hidden here too.
    Shared,
    /// Those that findings point at. A run over a thousand environments keeps nothing else of each.
    Referenced,
    /// Every text that it has read, whether anything was found there or not: writers count files, and list those
    /// without findings. Rendered texts are left out; findings in them move to their templates.
    All,
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

    /// An empty session with the limits of this one, for work whose findings may be dropped, or merged later.
    pub fn fresh(&self) -> Self {
        Self::with_limits(self.limits)
    }

    /// How much may be read and made.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Registers a text under the name that people will see.
    pub fn add_source(&self, kind: SourceKind, name: impl Into<String>, text: impl Into<Text>) -> SourceId {
        self.register(Arc::new(Source::new(kind, name.into(), text.into())))
    }

    /// Registers a text that is built into the program; it is not copied.
    pub fn add_bundled(&self, name: &str, text: &'static str) -> SourceId {
        self.add_source(SourceKind::Bundled, name, Text::BuiltIn(text))
    }

    fn register(&self, source: Arc<Source>) -> SourceId {
        let mut sources = self.sources.borrow_mut();
        let index = self.base.sources.len() + sources.len();
        sources.push(source);
        #[expect(clippy::expect_used, reason = "memory ends before: a source takes more than a byte")]
        SourceId(u32::try_from(index).expect("there are less than four billion sources"))
    }

    /// The source behind an id.
    ///
    /// # Panics
    /// If the id is not of this session: [`Span::NOWHERE`], or an id of another session's own source.
    pub fn source(&self, id: SourceId) -> Arc<Source> {
        if let Some(index) = self.index_of_own(id) {
            return Arc::clone(&self.sources.borrow()[index]);
        }
        // A copy in which this session has hidden more stands for the source of the base.
        match self.masked_copies.borrow().get(&id) {
            Some(copy) => Arc::clone(copy),
            None => Arc::clone(&self.base.sources[id.0 as usize]),
        }
    }

    /// Where a source stands among those that this session has registered itself; none if it is of the base.
    fn index_of_own(&self, id: SourceId) -> Option<usize> {
        (id.0 as usize).checked_sub(self.base.sources.len())
    }

    /// The sources that this session has registered, in that order. Those of the base are not among them.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        // A copy, as all lists here: a borrow that a caller holds would panic where it then
        // reports or registers something.
        self.sources.borrow().clone()
    }

    /// The texts that templates and their fragments were rendered to, of all that this session has registered.
    pub fn derived(&self) -> Vec<SourceId> {
        self.registered(|kind| matches!(kind, SourceKind::Derived(_)))
    }

    /// The user's files, those of the base too.
    pub fn files(&self) -> Vec<SourceId> {
        let all = (0..self.base.sources.len()).map(|index| SourceId(index as u32));
        let of_base = all.filter(|id| self.base.sources[id.0 as usize].kind == SourceKind::File);
        of_base.chain(self.registered(|kind| *kind == SourceKind::File)).collect()
    }

    fn registered(&self, is_wanted: impl Fn(&SourceKind) -> bool) -> Vec<SourceId> {
        let first = self.base.sources.len();
        let mut wanted = Vec::new();
        for (index, source) in self.sources.borrow().iter().enumerate() {
            if let (true, Ok(id)) = (is_wanted(&source.kind), u32::try_from(first + index)) {
                wanted.push(SourceId(id));
            }
        }
        wanted
    }

    /// Follows a span of a derived text to the file that it came from; other spans are returned as they are.
    pub fn resolve(&self, span: Span) -> Span {
        let mut span = span;
        // A text may be rendered from one that is derived itself. What a text is derived from was there before it.
        while let SourceKind::Derived(map) = &self.source(span.source).kind {
            match map.resolve(span.start, span.end) {
                Some(from) if from.source < span.source => span = from,
                _ => break,
            }
        }
        span
    }

    /// Says that some documents of a source could not be read, and so of all texts that it was rendered from: nobody knows
    /// what is secret in those.
    pub(crate) fn has_unreadable_documents(&self, source: SourceId) {
        let text = self.source(source);
        text.has_unreadable_documents();
        if let SourceKind::Derived(map) = &text.kind {
            // What a text is derived from was there before it.
            let before = map.sources().into_iter().filter(|from| *from < source);
            before.for_each(|from| self.has_unreadable_documents(from));
        }
    }

    /// The bytes of a span that chance or the clock has made, ascending, as offsets in its text.
    pub fn drawn(&self, span: Span) -> Vec<Range<usize>> {
        match &self.source(span.source).kind {
            SourceKind::Derived(map) => {
                map.drawn(span.start, span.end).map(|(start, end)| start as usize..end as usize).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The value that all of a span of a rendered text came from, with the action that printed it.
    pub fn value_of(&self, span: Span) -> Option<ValueRange> {
        match &self.source(span.source).kind {
            // A place between two bytes is that of the byte behind it.
            SourceKind::Derived(map) => map.value_of(span.start, span.end.max(span.start + 1)).cloned(),
            _ => None,
        }
    }

    /// The text that a span covers; empty for a span that does not fit its text.
    pub fn text(&self, span: Span) -> String {
        // A span may be of another form than its text, as where a clamped end lies inside a
        // character. Nothing is said then.
        self.source(span.source).text.get(span.range()).unwrap_or_default().to_owned()
    }

    /// Marks a place as secret: no writer of this session will show it.
    pub fn hide(&self, span: Span) {
        // Asked first: values that stand in several places of the tree are hidden again and again.
        if !self.source(span.source).hides(&span.range()) {
            self.to_be_masked(span.source).hide(span.range());
        }
    }

    /// Marks a place whose text may be shown, and what it comes to may not: an expression over secrets.
    pub fn hide_value(&self, span: Span) {
        self.to_be_masked(span.source).hide_value(span.range());
    }

    /// A source in which something is to be hidden in this session alone.
    fn to_be_masked(&self, id: SourceId) -> Arc<Source> {
        let source = self.source(id);
        if self.index_of_own(id).is_some() || self.masked_copies.borrow().contains_key(&id) {
            return source;
        }
        let copy = Arc::new(source.with_own_mask());
        self.masked_copies.borrow_mut().insert(id, Arc::clone(&copy));
        copy
    }

    /// Notes what the value that is written at a place was computed from: findings about the value name those as well.
    pub fn note_derived(&self, span: Span, inputs: Vec<Input>) {
        self.derived_values.borrow_mut().insert((span.source, span.start), (span.end, inputs.into()));
    }

    /// What the value that is written at a place, or around it, was computed from; none if it was not.
    pub fn derived_from(&self, span: Span) -> Option<Arc<[Input]>> {
        let own = self.derived_values.borrow();
        if own.is_empty() && self.base.derived_values.is_empty() {
            return None;
        }
        let around = |known: &DerivedInputs| {
            let key = (span.source, span.start);
            let ((source, _), (end, inputs)) = known.range(..=key).next_back()?;
            (*source == span.source && span.end <= *end).then(|| Arc::clone(inputs))
        };
        around(&own).or_else(|| around(&self.base.derived_values))
    }

    /// Every place with a value that was computed from others, and what from.
    pub fn derived_values(&self) -> Vec<(Span, Arc<[Input]>)> {
        let own = self.derived_values.borrow();
        let all = self.base.derived_values.iter().chain(&*own);
        let place =
            |(source, start): &(SourceId, u32), end: u32| Span { source: *source, start: *start, end };
        all.map(|(key, (end, inputs))| (place(key, *end), Arc::clone(inputs))).collect()
    }

    /// Registers where a bound value came from; `None` when four billion were.
    pub fn add_origin(&self, origin: Origin) -> Option<OriginId> {
        self.origins.borrow_mut().add(origin)
    }

    /// Where a bound value came from; none if the id is of another session.
    pub fn origin(&self, id: OriginId) -> Option<Origin> {
        self.origins.borrow().get(id)
    }

    /// Takes over the origins that an overlay of this session has registered. The result says what becomes of their ids
    /// in documents that come along; none if they are valid here as they stand.
    pub(crate) fn adopt_origins(&self, overlay: &Session) -> Option<OriginShift> {
        self.origins.borrow_mut().adopt(&overlay.origins.borrow())
    }

    /// Notes that the map at `map` has no such key because of the `null` at `removed`: what misses the key points there.
    pub fn note_left_out(&self, map: Span, key: &Arc<str>, removed: Span) {
        self.left_out.borrow_mut().insert((map, Arc::clone(key)), removed);
    }

    /// The `null` because of which the map at this place has no such key.
    pub fn left_out(&self, map: Span, key: &str) -> Option<Span> {
        let own = self.left_out.borrow();
        // Nearly always, and then no key has to be made.
        if own.is_empty() && self.base.left_out.is_empty() {
            return None;
        }
        let key = (map, Arc::from(key));
        own.get(&key).or_else(|| self.base.left_out.get(&key)).copied()
    }

    /// Replaces each finding since `first` ([`Session::diagnostics`] has their order) by what `reword` makes of it, or
    /// drops it.
    pub fn reword_since(&self, first: usize, reword: impl FnMut(Diagnostic) -> Option<Diagnostic>) {
        // Taken out, as `reword` may ask this session something.
        let found = self.diagnostics.borrow_mut().split_off(first);
        let found: Vec<Diagnostic> = found.into_iter().filter_map(reword).collect();
        let mut diagnostics = self.diagnostics.borrow_mut();
        diagnostics.extend(found);
        let kept = diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
        self.errors.set(kept + self.more_errors.get());
    }

    /// How many findings there are, warnings too.
    pub fn findings(&self) -> usize {
        self.diagnostics.borrow().len()
    }

    /// Writes a diagnostic down.
    pub fn report(&self, diagnostic: Diagnostic) -> Reported {
        let diagnostic = self.with_inputs(diagnostic);
        let is_error = diagnostic.level == Level::Error;
        self.errors.update(|errors| errors + usize::from(is_error));
        let mut diagnostics = self.diagnostics.borrow_mut();
        let most = self.limits.of(Limit::Findings);
        if diagnostics.len() < most {
            diagnostics.push(diagnostic);
            return Reported(());
        }
        // Said once, where whoever reads them comes to the end.
        self.more_errors.update(|errors| errors + usize::from(is_error));
        if let Some(last) = diagnostics.last_mut() {
            let help = self.limits.help(Limit::Findings, "correct these first");
            let note = format!("there are more than {} findings; {help}", self.limits.said(Limit::Findings));
            if !last.notes.contains(&note) {
                last.notes.push(note);
            }
        }
        Reported(())
    }

    /// A finding about a derived value, with the places of the values that it was computed from.
    fn with_inputs(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Some(inputs) = diagnostic.primary().and_then(|label| self.derived_from(label.span)) else {
            return diagnostic;
        };
        inputs.iter().fold(diagnostic, |diagnostic, input| {
            let Some(span) = input.span else { return diagnostic };
            if diagnostic.labels.iter().any(|label| label.span == span) {
                return diagnostic;
            }
            let path = input.path.strip_prefix("values.").unwrap_or(&input.path);
            diagnostic.also(span, format!("`{path}` is set here"))
        })
    }

    /// How many errors have been reported so far. Warnings do not count, as they fail nothing.
    pub fn errors(&self) -> usize {
        self.errors.get()
    }

    /// `Ok` unless an error was reported since `errors_before` was read from [`Session::errors`].
    ///
    /// For a stage that reports what it finds and goes on, so that all of it is seen at once, and fails at its end.
    pub fn clean_since(&self, errors_before: usize) -> Outcome<()> {
        if self.errors() > errors_before { Err(Reported(())) } else { Ok(()) }
    }

    /// Everything that was reported, in the order of reporting.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.diagnostics.borrow().clone()
    }

    /// Everything that was read so far, as the base of overlays. Findings are not in it.
    pub fn snapshot(&self) -> Snapshot {
        let len = self.base.sources.len() + self.sources.borrow().len();
        // Through `source`, as this may be an overlay itself, whose masked copies stand for the sources of its base.
        let sources = (0..len).map(|index| self.source(SourceId(index as u32)));
        // A shared slice and no `Vec`: a snapshot is cloned for each overlay.
        let sources = sources.collect();
        let own = self.left_out.borrow();
        let left_out = if own.is_empty() {
            Arc::clone(&self.base.left_out)
        } else {
            let all = self.base.left_out.iter().chain(&*own);
            Arc::new(all.map(|(key, removed)| (key.clone(), *removed)).collect())
        };
        let own = self.derived_values.borrow();
        let derived_values = if own.is_empty() {
            Arc::clone(&self.base.derived_values)
        } else {
            let all = self.base.derived_values.iter().chain(&*own);
            Arc::new(all.map(|(key, inputs)| (*key, inputs.clone())).collect())
        };
        let origins = self.origins.borrow_mut().freeze();
        Snapshot { limits: self.limits, sources, origins, left_out, derived_values }
    }

    /// Takes over the findings of another session, in their order and after those of this one.
    ///
    /// `sources` says which texts come along. `transform` may change each finding, whose places are those of this
    /// session by then, or drop it; `Some` keeps all as they are. Origins are not taken over: only documents refer
    /// to them, and those stay behind, unless they were adopted before.
    pub fn merge(
        &self,
        other: Session,
        sources: MergeSources,
        transform: impl Fn(Diagnostic) -> Option<Diagnostic>,
    ) {
        match sources {
            MergeSources::Shared => {
                self.hide_what_is_hidden_in(&other);
                self.left_out.borrow_mut().append(&mut other.left_out.borrow_mut());
                self.derived_values.borrow_mut().append(&mut other.derived_values.borrow_mut());
            }
            MergeSources::Referenced => {}
            MergeSources::All => {
                for source in other.sources() {
                    if !matches!(source.kind, SourceKind::Derived(_)) {
                        self.register(source);
                    }
                }
            }
        }
        self.errors.update(|errors| errors + other.more_errors.get());
        self.more_errors.update(|errors| errors + other.more_errors.get());
        for finding in other.diagnostics.take() {
            let finding = match sources {
                // The ids are the same in both, and derived texts stay where they are.
                MergeSources::Shared => finding,
                MergeSources::Referenced | MergeSources::All => {
                    finding.with_spans(|span| self.import_span(&other, span))
                }
            };
            if let Some(finding) = transform(finding) {
                self.report(finding);
            }
        }
    }

    /// Hides in the shared sources what an overlay has hidden in its copies of them.
    fn hide_what_is_hidden_in(&self, overlay: &Session) {
        for (id, copy) in overlay.masked_copies.borrow().iter() {
            for (start, end) in copy.hidden() {
                self.hide(Span::new(*id, start, end));
            }
            for (start, end) in copy.hidden_values() {
                self.hide_value(Span::new(*id, start, end));
            }
        }
    }

    /// The place of this session that is that place of another one. A derived place is followed to its template first;
    /// the source is registered here if it is not known.
    pub fn import_span(&self, other: &Session, span: Span) -> Span {
        let span = other.resolve(span);
        let source = other.source(span.source);
        let known = self.position(&source);
        Span { source: known.unwrap_or_else(|| self.register(source)), ..span }
    }

    /// The id of this very source (not of an equal one). Two files may have the same text and even the same name, as
    /// where one is read twice and changed in between.
    fn position(&self, source: &Arc<Source>) -> Option<SourceId> {
        // Through all of them: findings are few, and an index would have to be kept for each session.
        let own = self.sources.borrow();
        let mut all = self.base.sources.iter().chain(own.iter());
        let index = all.position(|known| Arc::ptr_eq(known, source))?;
        Some(SourceId(index as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn with_source(text: &str) -> (Session, SourceId) {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "a.yaml", text);
        (session, source)
    }

    fn finding(span: Span) -> Diagnostic {
        Diagnostic::error(Code::Y001, "odd").at(span, "")
    }

    #[test]
    fn what_an_overlay_hides_is_hidden_there_alone_until_it_is_merged() {
        let (session, source) = with_source("a: hunter2\n");
        let snapshot = session.snapshot();
        let (hiding, other) = (snapshot.overlay(), snapshot.overlay());
        hiding.hide(Span::new(source, 3, 10));
        let hides = |session: &Session| session.source(source).hides_in(3..10);
        assert!(hides(&hiding) && !hides(&other) && !hides(&session));
        session.merge(hiding, MergeSources::Shared, Some);
        assert!(hides(&session));
    }

    #[test]
    fn ids_of_an_overlay_continue_after_those_of_its_base() {
        let (session, source) = with_source("a: 1\n");
        let overlay = session.snapshot().overlay();
        let own = overlay.add_source(SourceKind::Derived(Arc::default()), "b", "b");
        assert!(own > source);
        assert_eq!(overlay.derived(), [own]);
        assert_eq!(&*overlay.source(source).text, "a: 1\n");
    }

    #[test]
    fn a_merge_takes_over_the_sources_that_were_asked_for() {
        let read_two = || {
            let (other, source) = with_source("a: 1\n");
            other.add_source(SourceKind::File, "clean.yaml", "");
            other.report(finding(Span::new(source, 0, 1)));
            other
        };
        for (sources, count) in [(MergeSources::Referenced, 1), (MergeSources::All, 2)] {
            let (session, _) = with_source("first: 1\n");
            session.merge(read_two(), sources, Some);
            assert_eq!(session.sources().len(), 1 + count, "{sources:?}");
            let found = session.diagnostics();
            assert_eq!(session.text(found[0].labels[0].span), "a", "{sources:?}");
        }
    }

    #[test]
    fn a_merge_can_change_and_drop_findings() {
        let (other, source) = with_source("a: 1\n");
        other.report(finding(Span::new(source, 0, 1)));
        other.report(finding(Span::new(source, 3, 4)).note("kept"));
        let session = Session::new();
        let kept = |finding: Diagnostic| (!finding.notes.is_empty()).then(|| finding.help("changed"));
        session.merge(other, MergeSources::Referenced, kept);
        let found = session.diagnostics();
        assert_eq!((found.len(), found[0].help[0].as_str()), (1, "changed"));
    }
}
