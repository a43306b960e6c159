//! What every check of a document has in view: the target of the run, the object, and the path to the current node.
//!
//! Three things come together wherever something is reported, and change at different times:
//!
//! ```text
//! Target     once a run       API table, versions, namespace
//! Context    once an object   its identity; copied where fewer versions are left
//! PathStack  once a node      a list of parents on the call stack
//! ```
//!
//! [`Position`] is a context with a path: what is handed from check to check.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::api::table::{Availability, IndexRange, Table};
use super::api::{Api, Versions};
use crate::diagnostic::{Code, Diagnostic, Level, Suggestions, nearest};
use crate::manifest::{Identity, Location, PackedDocument, holds_placeholder, label_finding};
use crate::session::Session;
use crate::source::{SourceId, Span};
use crate::yaml::{Map, PackedList, PackedNode, Segment, ValuePath};

/// What the documents are checked for.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The kinds that are known. Shared by all threads and, with `render --each`, by all renders.
    pub api: Arc<Api>,
    /// The Kubernetes versions that every document must fit.
    pub versions: Versions,
    /// Written into every namespaced object that has none; none leaves them all alone.
    pub namespace: Option<Arc<str>>,
    /// Other namespaces that objects may name.
    pub other_namespaces: BTreeSet<String>,
    /// What is applied to the cluster.
    pub applied_text: AppliedText,
    /// Whether what is null is printed, though the API server takes it for nothing and it is taken out for the rules.
    pub keeps_nulls: bool,
    /// Whether others wrote the templates, and not for this program: an object may be in another namespace then.
    pub others_wrote: bool,
    /// Unknown kinds that pass unchecked, as `group/Kind` (`Kind` in the core group).
    pub allow_unknown: BTreeSet<String>,
    /// Whether definitions of custom resources could not be read: a kind with a group of its own may be among them, so
    /// reporting it as unknown (K007) would be a guess.
    pub kinds_unread: bool,
    /// Groups of custom resources that a webhook changes before they are validated.
    pub mutated_groups: BTreeSet<String>,
    /// What is added to the objects of some texts before they are applied.
    pub completions: BTreeMap<SourceId, Completion>,
}

/// The groups of custom resources that a webhook among these objects changes before they are validated: those that its
/// rules name, or that its own name ends with, as programs made with Knative's library write their rules when they run.
pub fn mutated_groups<'d>(documents: impl Iterator<Item = &'d PackedDocument>) -> BTreeSet<String> {
    let mut groups = BTreeSet::new();
    let webhooks = documents.filter(|document| &*document.identity.kind == "MutatingWebhookConfiguration");
    for webhook in webhooks.flat_map(|webhooks| list(webhooks.root(), "webhooks")) {
        let rules = list(webhook, "rules");
        let named = rules.iter().flat_map(|rule| list(rule, "apiGroups")).filter_map(PackedNode::as_str);
        groups.extend(named.filter(|group| group.contains('.')).map(str::to_owned));
        if rules.is_empty()
            && let Some(name) = webhook.get("name").and_then(PackedNode::as_str)
        {
            let parents = name.match_indices('.').map(|(at, _)| &name[at + 1..]);
            groups.extend(parents.filter(|group| group.contains('.')).map(str::to_owned));
        }
    }
    groups
}

fn list<'n>(node: PackedNode<'n>, key: &str) -> PackedList<'n> {
    node.get(key).and_then(PackedNode::as_list).unwrap_or_default()
}

/// What kustomizations add to the objects of a text before they are applied.
#[derive(Clone, Debug, Default)]
pub struct Completion {
    /// Whether they name a namespace: for the objects, and for those of them that other ones refer to.
    pub namespaces: bool,
    /// Whether they add labels to selectors, and to pods that these select.
    pub labels: bool,
    /// What they patch.
    pub patched: Vec<PatchTarget>,
}

/// The objects that a patch is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchTarget {
    /// The kind; none for all.
    pub kind: Option<String>,
    /// The name, or what a name must contain, as prefixes may be added; none for all.
    pub name: Option<String>,
}

impl PatchTarget {
    fn matches(&self, object: &Identity) -> bool {
        self.kind.as_ref().is_none_or(|kind| **kind == *object.kind)
            && self.name.as_ref().is_none_or(|name| name.contains(&*object.name))
    }
}

/// What is added to one object before it is applied.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filled {
    namespaces: bool,
    labels: bool,
    anything: bool,
}

impl Target {
    /// What is added to an object that stands in this text.
    pub(super) fn filled(&self, source: SourceId, object: &Identity) -> Filled {
        let Some(completion) = self.completions.get(&source) else { return Filled::default() };
        Filled {
            namespaces: completion.namespaces,
            labels: completion.labels,
            anything: completion.patched.iter().any(|target| target.matches(object)),
        }
    }
}

/// Which text is applied to the cluster: it decides what a plain scalar such as `yes` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppliedText {
    /// The tree is printed anew: a plain scalar is text where only text can be meant, and it will be quoted.
    #[default]
    Reprinted,
    /// The file itself, which Kubernetes reads by the rules of YAML 1.1.
    Verbatim,
}

/// What a check of one object has in view. It is handed down by reference, and copied where fewer versions are left: it
/// is a handful of pointers.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) session: &'c Session,
    pub(super) target: &'c Target,
    /// The object that is checked, for messages.
    pub(super) object: &'c Identity,
    /// Where its root stands: by it findings are known to be of this document.
    pub(super) root: Span,
    /// Whether it is a custom resource.
    pub(super) custom: bool,
    /// Whether the API server drops its status before it validates it.
    pub(super) drops_status: bool,
    /// What is added to it before it is applied.
    pub(super) filled: Filled,
    /// The target's versions, without those that were reported to lack something further up.
    pub(super) versions: Versions,
    /// What was found in the object so far.
    pub(super) findings: &'c RefCell<Findings>,
}

/// What was found in one object so far, so that one mistake gives one finding.
#[derive(Default)]
pub(super) struct Findings {
    /// The places that an error was reported of. They are in the order of paths, so that a place stands right before
    /// what is below it.
    refused: BTreeSet<ValuePath>,
    /// What the API server takes although it is hardly meant. It waits until all checks have been made: where one of them
    /// refuses the place, there is nothing more to say of it.
    accepted: Vec<(ValuePath, Diagnostic, Location)>,
    /// Whether there is a null that the API server takes for nothing.
    has_null: bool,
    /// Whether something was passed over, as it is filled in before the object is applied.
    pub(super) is_uncertain: bool,
    /// What may still be looked for that was likely meant.
    pub(super) suggestions: Suggestions,
}

impl Findings {
    /// Whether an error was reported of a place, or of something below it.
    fn is_refused_within(&self, path: &ValuePath) -> bool {
        self.refused.range(path..).next().is_some_and(|refused| refused.0.starts_with(&path.0))
    }
}

impl<'c> Context<'c> {
    /// The API table of the target.
    pub(super) fn table(&self) -> &'c Table {
        &self.target.api.table
    }

    /// The context below something that these Kubernetes versions have. Where a field is reported as missing from 1.31,
    /// the fields inside of it are held against the other versions alone: they would all be reported for the same
    /// reason.
    pub(super) fn within(self, availability: Availability) -> Context<'c> {
        Context { versions: self.versions.within(availability), ..self }
    }

    /// A finding about a path of the object, with its labels.
    pub(super) fn label(&self, finding: Diagnostic, location: Location, path: &ValuePath) -> Diagnostic {
        label_finding(self.session, finding, location, path, self.object).of_document(self.root)
    }

    /// Whether the object is held to no more than the API server holds it to: it is applied as it stands.
    pub(super) fn follows_server(&self) -> bool {
        self.target.applied_text == AppliedText::Verbatim
    }

    /// Reports what the API server takes although it is hardly meant, of places that nothing refuses.
    ///
    /// Returns whether there is a null among it.
    pub(super) fn report_accepted(&self) -> bool {
        let mut findings = self.findings.take();
        for (path, finding, location) in std::mem::take(&mut findings.accepted) {
            if !findings.is_refused_within(&path) {
                let finding = Diagnostic { level: Level::Warning, ..finding }.note("the API server takes it");
                self.session.report(self.label(finding, location, &path));
            }
        }
        findings.has_null
    }

    /// Notes that a place is refused, if a finding refuses it: then nothing more is said of it.
    pub(super) fn note_refused(&self, path: ValuePath, finding: &Diagnostic) {
        if finding.level == Level::Error {
            self.findings.borrow_mut().refused.insert(path);
        }
    }

    /// Whether a finding is about a status that the API server drops before it looks at what the finding is about. Of a
    /// custom resource it has looked for unknown fields by then; of its own kinds it has read all values, too.
    fn is_dropped(&self, path: &ValuePath, code: Code) -> bool {
        let is_status = || matches!(path.0.first(), Some(Segment::Key(key)) if &**key == "status");
        if !self.drops_status || !self.follows_server() || !is_status() {
            return false;
        }
        let is_read_before = [Code::K003, Code::K005].contains(&code) && !self.custom;
        !(is_read_before || [Code::K001, Code::Y007].contains(&code))
    }

    /// Whether a finding is about something missing that is filled in before the object is applied.
    fn is_filled_in(&self, path: &ValuePath, code: Code) -> bool {
        if ![Code::K002, Code::K013].contains(&code) {
            return false;
        }
        let last = path.0.iter().rev().find_map(|segment| match segment {
            Segment::Key(key) => Some(&**key),
            Segment::Index(_) => None,
        });
        self.filled.anything
            || self.filled.namespaces && last == Some("namespace")
            || self.filled.labels && matches!(last, Some("selector" | "matchLabels" | "labels"))
    }

    /// Whether a finding is about a value with a placeholder, which is filled in before the object is applied.
    pub(super) fn is_substituted(&self, code: Code, location: Location) -> bool {
        const OF_VALUES: [Code; 7] =
            [Code::K003, Code::K004, Code::K005, Code::K009, Code::K010, Code::K014, Code::K016];
        self.follows_server()
            && OF_VALUES.contains(&code)
            && holds_placeholder(&self.session.text(location.span()))
    }

    /// A finding with a lower level where a webhook of the run may write what is missing before the schema of a custom
    /// resource is held against it.
    fn lowered(&self, finding: Diagnostic) -> Diagnostic {
        let is_mutated = self.custom
            && finding.code == Code::K002
            && self.target.mutated_groups.contains(self.object.group());
        match is_mutated {
            true => Diagnostic { level: Level::Warning, ..finding }.note("a webhook of this run may add it"),
            false => finding,
        }
    }

    /// Notes that there is a null that the API server takes for nothing.
    pub(super) fn note_null(&self) {
        self.findings.borrow_mut().has_null = true;
    }

    /// The code for what the constraints of a type forbid: those of a CRD are K010, Kubernetes' own K005.
    pub(super) fn constraint_code(&self) -> Code {
        if self.custom { Code::K010 } else { Code::K005 }
    }
}

/// Where the check of a document stands: what is in view, and the path from the root to the current node.
///
/// It is two references and is passed by value, so that it costs the functions that hand it on no more than the two
/// would.
#[derive(Clone, Copy)]
pub(super) struct Position<'p> {
    pub(super) context: &'p Context<'p>,
    pub(super) path: &'p PathStack<'p>,
}

impl<'p> Position<'p> {
    /// The position at another path of the same object.
    pub(super) fn at_path(self, path: &'p PathStack<'p>) -> Position<'p> {
        Position { path, ..self }
    }

    /// Reports a finding about this place of the object. The labels of the finding are made here: `location` says where
    /// the node was written, the path says what it is called in the object.
    pub(super) fn report(self, finding: Diagnostic, location: Location) {
        let path = self.path.to_path();
        let context = self.context;
        if context.is_dropped(&path, finding.code) {
            return;
        }
        if context.is_filled_in(&path, finding.code) || context.is_substituted(finding.code, location) {
            context.findings.borrow_mut().is_uncertain = true;
            return;
        }
        let finding = context.lowered(finding);
        let finding = context.label(finding, location, &path);
        context.note_refused(path, &finding);
        context.session.report(finding);
    }

    /// Reports an error that the API server does not make: null for a map, an empty text for one of several words, the
    /// same item twice. In what a template prints it is a mistake of the template. In a manifest that others have
    /// written and applied, it is a warning at most.
    pub(super) fn report_accepted(self, finding: Diagnostic, location: Location) {
        if self.context.follows_server() {
            self.context.findings.borrow_mut().accepted.push((self.path.to_path(), finding, location));
        } else {
            self.report(finding, location);
        }
    }

    /// Whether a map has a key that its type does not have, and that may be meant for this field: the key was reported,
    /// and that the field is missing is the same mistake.
    pub(super) fn is_misspelt(self, fields: IndexRange, map: &Map, field: &str) -> bool {
        let table = self.context.table();
        map.keys()
            .any(|key| table.field(fields, key).is_none() && nearest(key, std::iter::once(field)).is_some())
    }

    /// Whether an error was reported of this very place already.
    pub(super) fn is_refused(self) -> bool {
        let refused = &self.context.findings.borrow().refused;
        !refused.is_empty() && refused.contains(&self.path.to_path())
    }

    /// What messages call the current node.
    pub(super) fn name(self) -> String {
        self.path.name()
    }
}

/// The path from the root of a document to a node, as a list of parents on the call stack.
///
/// Every node of every document has one, and hardly any is reported. So a step costs no allocation: a [`ValuePath`] is
/// built of the parents only where something is found. The price is that a child borrows its parent, so a path has to
/// be bound to a variable before a position can point at it:
///
/// ```text
/// let below = position.path.key(key, entry.key_span);
/// check_node(position.at_path(&below), …);
/// ```
#[derive(Clone, Copy)]
pub(super) struct PathStack<'p> {
    parent: Option<&'p PathStack<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    /// With the place of the key in its source.
    Key(&'p str, Span),
    Index(usize),
}

impl<'p> PathStack<'p> {
    /// The document itself.
    pub(super) const ROOT: PathStack<'static> = PathStack { parent: None, step: Step::Root };

    /// The path with one more key, which stands at `span`.
    pub(super) fn key(&'p self, key: &'p str, span: Span) -> PathStack<'p> {
        PathStack { parent: Some(self), step: Step::Key(key, span) }
    }

    /// The path with one more index.
    pub(super) fn index(&'p self, index: usize) -> PathStack<'p> {
        PathStack { parent: Some(self), step: Step::Index(index) }
    }

    /// The same path as a value of its own.
    pub(super) fn to_path(self) -> ValuePath {
        // From the root down, as a `ValuePath` grows at its end. The depth is that of the document, which is limited.
        let parent = self.parent.map_or_else(ValuePath::root, |parent| parent.to_path());
        match self.step {
            Step::Root => parent,
            Step::Key(key, _) => parent.key(key),
            Step::Index(index) => parent.index(index),
        }
    }

    /// What messages call the node: its key, with the indices that follow it, as in `ports[0]`. The whole path stands
    /// in the label of the finding.
    pub(super) fn name(&self) -> String {
        let path = self.to_path();
        let last_key = path.0.iter().rposition(|segment| matches!(segment, Segment::Key(_)));
        // Without a key it is the root or an item of a list at the root: then the path is the name.
        ValuePath(path.0[last_key.unwrap_or(0)..].to_vec()).to_string()
    }

    /// Whether this is the path of the document itself.
    pub(super) fn is_root(&self) -> bool {
        matches!(self.step, Step::Root)
    }

    /// The key of the last step, if it was one.
    pub(super) fn last_key(&self) -> Option<&'p str> {
        if let Step::Key(key, _) = self.step { Some(key) } else { None }
    }

    /// The last key of the path: that of the list for an item.
    pub(super) fn nearest_key(&self) -> Option<&'p str> {
        match self.step {
            Step::Root => None,
            Step::Key(key, _) => Some(key),
            Step::Index(_) => self.parent.and_then(PathStack::nearest_key),
        }
    }

    /// Where the key of the last step stands, if it was one.
    pub(super) fn last_key_span(&self) -> Option<Span> {
        if let Step::Key(_, span) = self.step { Some(span) } else { None }
    }
}
