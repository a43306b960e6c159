//! The binder: turns the raw output of one template into a rendered template, and reports what cannot be bound.
//!
//! ```text
//! slot 0   Node(values.replicas)      Scalar or Tree, with the span of the values file
//! slot 1   Computed("web:1.4.0")      Scalar or Tree, with the span of the expression
//! slot 2   Fragment("- name: …")      Bound::Fragment: a derived source of its own
//! slot 3   Absent                     Bound::Absent: the key is left out when the document is read
//! slot 4   Undefined                  T003, and Bound::Failed: nothing more is said of it
//! ```
//!
//! All slots are bound before anything is read, so one run reports all that is wrong with a template's values. When the
//! documents have been read out of a rendered template, [`refuse_unused`] looks for what was bound and got lost.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::known_texts::{DerivedText, KnownTexts};
use super::slot::{PrintedBy, Slot, SlotValue, Slots};
use super::source_map::take_out_marks;
use super::value::{ConversionError, Converted, NodeRef, ValueTree, fill_spans, printed_to_node};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::{Limit, Limits};
use crate::secrets::SecretTexts;
use crate::session::Session;
use crate::source::{Input, Origin, OriginId, SourceId, SourceKind, Span};
use crate::template::analysis::{Expression, ExpressionTable};
use crate::template::chart_files::ChartFiles;
use crate::template::errors::{LOOK_FOR_A_LOOP, SET_IT};
use crate::template::file::{TemplateFile, position};
use crate::template::shell_word;
use crate::yaml::{Absent, Binding, Bound, Node, SLOT_CLOSE, SLOT_OPEN, Skeleton, Tombstones, comments};

/// What a template printed: a text with slots, and the table of what the slots stand for.
#[derive(Debug)]
pub struct RenderedTemplate {
    /// The template's name.
    pub name: Arc<str>,
    /// The text with its slots, as a derived source, which has the source map.
    pub source: SourceId,
    /// The slots' values, by their numbers.
    pub bindings: Vec<Binding>,
}

/// Binds what one run of a template printed.
pub(crate) struct Binder<'b> {
    pub(crate) session: &'b Session,
    /// All templates of the chart: marks of any of them can be in the text.
    pub(crate) templates: &'b [TemplateFile],
    pub(crate) expressions: &'b ExpressionTable,
    pub(crate) limits: &'b Limits,
    /// The trees that values can have come from; that of the values is the first.
    pub(crate) trees: &'b [Arc<ValueTree>],
    /// The expressions that have printed the slots.
    pub(crate) printed_by: PrintedBy,
    /// The `null`s because of which slots, or parts of them, have no value; ascending by slot.
    pub(crate) removed: &'b [(usize, Span)],
    /// Texts that no message may quote.
    pub(crate) secrets: &'b SecretTexts,
    /// The files of the chart, for the message about one that is not there.
    pub(crate) files: &'b ChartFiles,
    /// What the templates printed when they ran last, for renders of many values files.
    pub(crate) known_texts: Option<&'b KnownTexts>,
    /// How many nodes may still be bound. In a cell, so that a slot is bound while the slots are borrowed.
    pub(crate) left: Cell<usize>,
}

impl Binder<'_> {
    /// The rendered template with this name. What is wrong is reported, and its binding is [`Bound::Failed`].
    ///
    /// Text and slots are taken by value: they are larger than what is made of them. The text is gone before the slots are
    /// bound, and each slot when it was.
    pub(crate) fn bind(&self, name: &Arc<str>, text: String, slots: Slots) -> RenderedTemplate {
        let (source, _) = self.add_derived(name, None, Cow::Owned(text));
        let mut bindings = Vec::with_capacity(slots.len());
        for slot in slots {
            bindings.push(self.binding(name, bindings.len(), &slot));
        }
        RenderedTemplate { name: Arc::clone(name), source, bindings }
    }

    /// Adds a text that was rendered to the session, with its source map: that of a template, or of the fragment that a
    /// slot of it stands for. The skeleton comes along if the text is one that is read again.
    fn add_derived(
        &self,
        name: &Arc<str>,
        slot: Option<usize>,
        printed: Cow<'_, str>,
    ) -> (SourceId, Option<Arc<Skeleton>>) {
        let DerivedText { text, source_map, skeleton } = self.derived(name, slot, printed);
        let kind = SourceKind::Derived(source_map);
        (self.session.add_source(kind, format!("{name} (rendered)"), text), skeleton)
    }

    /// The text without its marks, as it was made the last time if it is the same.
    fn derived(&self, name: &Arc<str>, slot: Option<usize>, printed: Cow<'_, str>) -> DerivedText {
        let place = (Arc::clone(name), slot);
        let printed_by = |number: usize| self.printed_by.get(number);
        if let Some(known) = self.known_texts.and_then(|texts| texts.find(&place, &printed, printed_by)) {
            return known;
        }
        let templates: Vec<SourceId> = self.templates.iter().map(|file| file.source).collect();
        // Those that were asked for are those that it depends on.
        let asked = RefCell::new(Vec::new());
        let expression_of_slot = |number: usize| {
            asked.borrow_mut().push((number, printed_by(number)));
            self.expressions.get(printed_by(number)?)
        };
        let (text, source_map) = take_out_marks(&printed, &templates, &expression_of_slot);
        // It is gone from here on, unless it is to be kept.
        let printed = self.known_texts.map(|_| printed);
        let skeleton = self.known_texts.map(|_| Arc::default());
        let derived = DerivedText { text: text.into(), source_map: Arc::new(source_map), skeleton };
        if let (Some(texts), Some(printed)) = (self.known_texts, printed) {
            texts.keep(place, &printed, asked.into_inner(), derived.clone());
        }
        derived
    }

    /// The expression that has printed a slot; none for a call block.
    fn expression(&self, slot: &Slot) -> Option<Expression<'_>> {
        self.expressions.get(slot.expression()?)
    }

    /// What a slot of the template with this name stands for; `number` is the slot's.
    fn binding(&self, name: &Arc<str>, number: usize, slot: &Slot) -> Binding {
        let removed = self.removed_of(number);
        let removed_first = removed.first().map(|(_, span)| *span);
        let expression = self.expression(slot);
        let origin = expression.and_then(|expression| self.add_origin(expression, slot));
        let place = expression.map_or_else(|| self.start_of(name), |expression| expression.span());
        if let Some(message) = slot.warning() {
            let finding = Diagnostic::warning(Code::V110, self.secrets.redact(message));
            self.session.report(self.at_values(finding, place, "the chart looks at it here", slot));
        }
        let bound = match &slot.value {
            SlotValue::Node(found) => match found.node() {
                Some(node) if self.spend(node, place) => {
                    self.value(node.clone(), place, found.lacking().unwrap_or(&Tombstones::default()))
                }
                _ => Bound::Failed,
            },
            // A source of its own: YAML is read from it where the slot stands, with its own offsets.
            SlotValue::Fragment(text) => {
                let (source, skeleton) = self.add_derived(name, Some(number), Cow::Borrowed(text));
                Bound::Fragment(source, skeleton)
            }
            SlotValue::Absent => {
                // The path, for the message where something cannot be left out; a call block has none.
                let path = expression.map_or_else(String::new, |found| self.session.text(found.span()));
                Bound::Absent(Box::new(Absent { path, removed: removed_first }))
            }
            SlotValue::Undefined => {
                self.refuse(Code::T003, "this expression has no value", place, slot, removed_first)
            }
            SlotValue::Failed(message) => self.refuse_as_chart(message, place, slot, removed_first),
            SlotValue::FailedBefore => Bound::Failed,
            // Once the budget is spent, which was reported, no more work is done.
            SlotValue::Computed(_) if self.left.get() == 0 => Bound::Failed,
            SlotValue::Computed(value) => match printed_to_node(value, self.trees, place, self.limits) {
                Ok(Converted { node, lacking, left_out }) if self.spend(&node, place) => {
                    self.note_left_out(place, &left_out, removed);
                    self.value(node, place, &lacking)
                }
                Ok(_) => Bound::Failed,
                Err(error) => self.refuse_conversion(&error, place, slot, removed_first),
            },
        };
        Binding::new(bound, origin)
    }

    /// The `null`s because of which a slot, or a part of it, has no value.
    fn removed_of(&self, number: usize) -> &[(usize, Span)] {
        let start = self.removed.partition_point(|(slot, _)| *slot < number);
        let end = self.removed.partition_point(|(slot, _)| *slot <= number);
        &self.removed[start..end]
    }

    /// Notes why maps that an expression made lack some keys. Which `null` belongs to which key is known by their
    /// order, if there are as many of both.
    fn note_left_out(&self, map: Span, keys: &[Arc<str>], removed: &[(usize, Span)]) {
        for (at, key) in keys.iter().enumerate() {
            let same = (keys.len() == removed.len()).then(|| removed[at]);
            if let Some((_, span)) = same.or_else(|| removed.first().copied()) {
                self.session.note_left_out(map, key, span);
            }
        }
    }

    /// A node that is bound at the place of its expression.
    fn value(&self, mut node: Node, place: Span, lacking: &Tombstones) -> Bound {
        fill_spans(&mut node, place, self.trees);
        lacking.note_left_out(self.session, &node);
        Bound::from(node)
    }

    /// Whether this tree may still be bound; the first one that may not is reported.
    ///
    /// A map of the values can be printed in each turn of a loop. That costs next to nothing while the template runs,
    /// and one more copy of it in the documents.
    fn spend(&self, node: &Node, place: Span) -> bool {
        let left = self.left.get();
        // Reported when it was used up.
        if left == 0 {
            return false;
        }
        let Some(rest) = left.checked_sub(node.weight()) else {
            self.left.set(0);
            let most = self.limits.said(Limit::Bound);
            self.refuse_too_much(Limit::Bound, &format!("it binds more than {most} values"), place);
            return false;
        };
        self.left.set(rest);
        true
    }

    /// The origin of what a slot stands for: the expression, and the values that it read.
    fn add_origin(&self, expression: Expression<'_>, slot: &Slot) -> Option<OriginId> {
        let inputs: Vec<Input> = inputs(expression, slot)
            .map(|(path, node)| {
                // What was written nowhere, such as the name of the release, has no place.
                let span = node.and_then(NodeRef::node).map(|node| node.span);
                Input { path: Arc::clone(path), span: span.filter(|span| *span != Span::NOWHERE) }
            })
            .collect();
        // A text that the template made alone is its author's, who is free to write programs.
        let raw = is_raw_text(&slot.value) && inputs.iter().any(|input| input.span.is_some());
        self.session.add_origin(Origin { expression: expression.span(), inputs, raw })
    }

    /// The place of what no expression printed: the beginning of its template.
    #[expect(clippy::expect_used, reason = "any other template would be the wrong place")]
    fn start_of(&self, name: &str) -> Span {
        let template = position(self.templates, name).expect("a template that has run is in the list");
        Span::new(self.templates[template].source, 0, 1)
    }
}

// Findings.
impl Binder<'_> {
    /// Reports an expression, with the values that it has read, and the `null` that it is due to.
    fn refuse(&self, code: Code, message: &str, place: Span, slot: &Slot, removed: Option<Span>) -> Bound {
        let finding = Diagnostic::error(code, message).at(place, "this expression").help(SET_IT);
        let finding = finding.due_to(removed);
        let expression = self.session.text(place);
        let finding = self.files.note_missing(finding, &expression);
        let near = self.trees.first().and_then(|values| values.nearest_setting(&expression));
        let finding = match near {
            Some(near) if code == Code::T003 => finding.may_mean(&near),
            _ => finding,
        };
        let labels = self.value_labels(slot).into_iter();
        self.session.report(labels.fold(finding, |finding, (span, text)| finding.also(span, text)));
        Bound::Failed
    }

    /// `fail("…")`, in the chart's own words: at the `null` that took away what the chart looked at last, if one did.
    fn refuse_as_chart(&self, message: &str, place: Span, slot: &Slot, removed: Option<Span>) -> Bound {
        let finding = Diagnostic::error(Code::T010, self.secrets.redact(message));
        let here = "the chart refuses it here";
        let finding = match removed {
            Some(span) => finding.at(span, "taken away here").also(place, here),
            None => self.at_values(finding, place, here, slot),
        };
        self.session.report(finding.help("change the values that lead here"));
        Bound::Failed
    }

    /// Reports a value that can't become a node (T004, or T008).
    fn refuse_conversion(
        &self,
        error: &ConversionError,
        place: Span,
        slot: &Slot,
        removed: Option<Span>,
    ) -> Bound {
        let message = error.message(self.limits);
        match error {
            ConversionError::TooMuch(limit) => self.refuse_too_much(*limit, &message, place),
            _ => self.refuse(Code::T004, &message, place, slot, removed),
        }
    }

    /// Reports a template that goes beyond a limit (T008).
    fn refuse_too_much(&self, limit: Limit, what: &str, place: Span) -> Bound {
        let message = format!("the template does too much work: {what}");
        let finding = Diagnostic::error(Code::T008, message).at(place, "this expression");
        self.session.report(finding.help(self.limits.help(limit, LOOK_FOR_A_LOOP)));
        Bound::Failed
    }

    /// A finding in the chart's own words: at the first value behind it, since that is what its reader can change, or
    /// at the expression when there is none.
    fn at_values(&self, finding: Diagnostic, place: Span, here: &str, slot: &Slot) -> Diagnostic {
        let mut labels = self.value_labels(slot).into_iter();
        let finding = match labels.next() {
            Some((span, text)) => finding.at(span, text).also(place, here),
            None => finding.at(place, here),
        };
        labels.fold(finding, |finding, (span, text)| finding.also(span, text))
    }

    /// Where the values behind an expression were written, each once.
    fn value_labels(&self, slot: &Slot) -> Vec<(Span, String)> {
        let mut labels = Vec::new();
        let Some(expression) = self.expression(slot) else { return labels };
        for (path, found) in inputs(expression, slot) {
            let Some(found) = found else { continue };
            // What was written nowhere, such as the name of the release, has no place.
            let Some(node) = found.node().filter(|node| node.span != Span::NOWHERE) else { continue };
            // A setting by its own path: the template may have it in a variable, which its reader does not know.
            let label = match self.trees.first() {
                Some(values) if found.is_of(values) => format!("`{}` is set here", found.path()),
                _ => format!("`{path}` is set here"),
            };
            let label = (node.span, label);
            // An expression may read a path twice.
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }
}

/// The paths of an expression with the values that they led to.
fn inputs<'s>(
    expression: Expression<'s>,
    slot: &'s Slot,
) -> impl Iterator<Item = (&'s Arc<str>, Option<&'s NodeRef>)> {
    // The node of a bare path, which comes first, is in the slot itself.
    let bare = match &slot.value {
        SlotValue::Node(node) if expression.bare().is_some() => Some(node),
        _ => None,
    };
    expression.paths().enumerate().map(move |(position, read)| {
        let node = match bare {
            Some(node) if position == 0 => Some(node),
            _ => slot.inputs().get(position).and_then(Option::as_ref),
        };
        (read.text(), node)
    })
}

/// Whether it is a text that a shell would read as more than a word (rule R220). What an expression made is not, if no
/// character of it means anything to a shell: base64 and percent-encoding give such texts.
fn is_raw_text(value: &SlotValue) -> bool {
    // What base64 and percent-encoding print, and what names and numbers are made of.
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "%+/=_.~:@-".contains(c);
    match value {
        SlotValue::Node(node) => {
            node.node().and_then(Node::as_str).is_some_and(|text| !shell_word::is_quoted(text))
        }
        SlotValue::Computed(value) => {
            value.as_str().is_some_and(|text| !shell_word::is_quoted(text) && !text.chars().all(is_harmless))
        }
        _ => false,
    }
}

/// Reports the bindings that no document used (T007), once the rendered text has been read: a value that was printed is
/// never lost in silence. That happens where the text of a set block or a macro, in which it was printed, is not
/// printed itself. Comments may hold values.
pub fn refuse_unused(session: &Session, rendered: &RenderedTemplate) {
    let is_lost = |slot: &usize| {
        let binding = &rendered.bindings[*slot];
        // What failed was reported already.
        !binding.used.load(Ordering::Relaxed) && !matches!(binding.bound, Bound::Failed)
    };
    let lost: Vec<usize> = (0..rendered.bindings.len()).filter(is_lost).collect();
    if lost.is_empty() {
        return;
    }
    // Comments are looked for only now: nearly no template gets here.
    let commented = commented_slots(session, rendered);
    for slot in lost.into_iter().filter(|slot| !commented.contains(slot)) {
        let origin = rendered.bindings[slot].origin.and_then(|id| session.origin(id));
        let place = origin.map_or_else(|| Span::new(rendered.source, 0, 1), |origin| origin.expression);
        let finding = Diagnostic::error(Code::T007, "this value never reached the document");
        let finding = finding.at(session.resolve(place), "printed here, and lost");
        session.report(
            finding.help("print the set block or macro that it stands in, or take the expression out"),
        );
    }
}

/// The slots inside comments of the rendered text and of its fragments, and all slots of fragments that are printed
/// inside a comment.
fn commented_slots(session: &Session, rendered: &RenderedTemplate) -> BTreeSet<usize> {
    let text_of_fragment = |slot: usize| match rendered.bindings.get(slot).map(|binding| &binding.bound) {
        Some(Bound::Fragment(source, _)) => Some(session.source(*source).text.clone()),
        _ => None,
    };
    let mut texts = vec![session.source(rendered.source).text.clone()];
    texts.extend((0..rendered.bindings.len()).filter_map(text_of_fragment));
    // Slots that are in a comment, and whose own text has not been looked at.
    let mut pending = Vec::new();
    for text in &texts {
        for comment in comments(text) {
            pending.extend(slots_in(&comment));
        }
    }
    let mut found = BTreeSet::new();
    // Fragments can be printed inside each other.
    while let Some(slot) = pending.pop() {
        if found.insert(slot)
            && let Some(text) = text_of_fragment(slot)
        {
            pending.extend(slots_in(&text));
        }
    }
    found
}

/// The numbers of the slots in a text.
fn slots_in(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.split(SLOT_OPEN).skip(1).filter_map(|rest| rest.split(SLOT_CLOSE).next()?.parse().ok())
}
