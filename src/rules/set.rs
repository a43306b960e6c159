//! What rules see: the objects of one set, found by kind, namespace and name.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::autoscaler::Autoscalers;
use super::index::Index;
use super::labelled::Labelled;
use super::made::Made;
use super::receivers::Receivers;
use super::reference_walk::References;
use super::template::{Template, template_of};
use crate::config::{External, matches};
use crate::kube::{Versions, is_decoded};
use crate::manifest::Document;
use crate::session::Session;
use crate::source::{SourceId, SourceKind};
use crate::yaml::{Node, ValuePath};

/// The objects of one render or one lint, and what is known to be there besides. What is found out about all of them is
/// found out once, and only when a rule asks.
#[derive(Debug)]
pub struct ObjectSet<'d> {
    /// In the order of the documents.
    pub subjects: Vec<Subject<'d>>,
    index: Index<'d>,
    externals: &'d [External],
    declaring: Vec<SourceId>,
    session: &'d Session,
    versions: Versions,
    threads: usize,
    rendered: OnceCell<bool>,
    namespaces: OnceCell<HashSet<Option<&'d str>>>,
    templates: OnceCell<Vec<Template<'d>>>,
    labelled: OnceCell<Labelled<'d>>,
    made: OnceCell<Made<'d>>,
    references: OnceCell<References<'d>>,
    autoscalers: OnceCell<Autoscalers<'d>>,
    receivers: OnceCell<Receivers>,
}

/// One object, as a tree.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'d> {
    /// Its place in [`ObjectSet::subjects`].
    pub index: usize,
    /// The tree, which knows where everything was written.
    pub document: &'d Document,
}

impl<'d> ObjectSet<'d> {
    /// The set of these documents. `externals` may be referred to without being among them, and so may a name that is
    /// written in one of the `declaring` texts (the values layers above the chart's own defaults): who names an object there says that it exists.
    pub fn new(
        session: &'d Session,
        documents: &'d [Document],
        externals: &'d [External],
        declaring: Vec<SourceId>,
    ) -> Self {
        let subject = |(index, document)| Subject { index, document };
        let subjects: Vec<Subject<'_>> = documents.iter().enumerate().map(subject).collect();
        Seed { subjects, externals, declaring, versions: Versions::default() }.set(session)
    }

    /// The same set, for these versions of Kubernetes instead of the newest.
    #[must_use]
    pub fn for_versions(self, versions: Versions) -> Self {
        ObjectSet { versions, ..self }
    }

    /// The same set, whose objects so many threads may look at.
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        ObjectSet { threads, ..self }
    }

    /// How many threads may look at the objects.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// What other threads make the same set of.
    pub(super) fn seed(&self) -> Seed<'d> {
        Seed {
            subjects: self.subjects.clone(),
            externals: self.externals,
            declaring: self.declaring.clone(),
            versions: self.versions,
        }
    }

    /// The versions that the objects are for.
    pub fn versions(&self) -> Versions {
        self.versions
    }

    /// The object of this kind and name in a namespace (none for cluster-scoped ones). Kinds are told by name alone:
    /// custom resources do not take the names of built-in kinds that rules ask for.
    pub fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&Subject<'d>> {
        let place = self.index.find(&self.subjects, kind, (namespace.unwrap_or_default(), name))?;
        self.subjects.get(place)
    }

    /// All objects of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Subject<'d>> + use<'_, 'd> {
        self.index.of_kind(kind).iter().filter_map(|at| self.subjects.get(*at))
    }

    /// All objects of a built-in kind, without those of other groups that took its name.
    pub(super) fn built_in(&self, kind: &str) -> impl Iterator<Item = &Subject<'d>> + use<'_, 'd> {
        self.of_kind(kind).filter(|subject| is_decoded(&subject.document.identity))
    }

    /// Every kind of which there are objects.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'d str> {
        self.index.kinds()
    }

    /// The names of all objects of a kind in a namespace, sorted.
    pub fn names(&self, kind: &str, namespace: Option<&str>) -> Vec<&'d str> {
        let here =
            self.of_kind(kind).filter(|subject| subject.document.identity.namespace.as_deref() == namespace);
        let mut names: Vec<&str> = here.map(|subject| subject.document.identity.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether an object that is not in the set is known to exist: every cluster has it, an object of the set has it made,
    /// `plimsoll.yaml` or the chart declares it, or a values layer names it. `written` is the reference's name.
    pub(super) fn is_external(
        &self,
        (kind, namespace, name): (&str, Option<&str>, &str),
        written: &Node,
    ) -> bool {
        in_every_cluster(kind, name)
            || self.made().has(kind, namespace, name)
            || self.externals.iter().any(|external| declares(external, kind, namespace, name))
            || self.is_declared(written.span.source)
    }

    /// Whether what stands at a path was written in a values layer above the chart's own: who writes it there knows why.
    pub(super) fn is_chosen(&self, subject: &Subject<'_>, path: &ValuePath) -> bool {
        path.find(&subject.document.node).is_some_and(|node| self.is_declared(node.span.source))
    }

    /// Whether anything of this kind is in the set or declared: only then a missing one is told from one that is elsewhere.
    pub(super) fn knows_of(&self, kind: &str) -> bool {
        self.of_kind(kind).next().is_some() || self.externals.iter().any(|external| external.kind == kind)
    }

    /// Whether any object of the set is in this namespace.
    pub(super) fn fills(&self, namespace: Option<&str>) -> bool {
        let of = |subject: &Subject<'d>| subject.document.identity.namespace.as_deref();
        self.namespaces.get_or_init(|| self.subjects.iter().map(of).collect()).contains(&namespace)
    }

    /// Pods as trees, and what makes them.
    pub(super) fn templates(&self) -> &[Template<'d>] {
        self.templates.get_or_init(|| self.subjects.iter().filter_map(template_of).collect())
    }

    /// The pods of a namespace, as trees.
    pub(super) fn within(&self, namespace: Option<&str>) -> impl Iterator<Item = &Template<'d>> {
        let places = self.labelled().within(self.templates(), namespace).iter();
        places.filter_map(|place| self.templates().get(*place))
    }

    /// Pods by their labels.
    pub(super) fn labelled(&self) -> &Labelled<'d> {
        self.labelled.get_or_init(|| Labelled::new(self.templates()))
    }

    /// Every naming of one object by another.
    pub(super) fn references(&self) -> &References<'d> {
        self.references.get_or_init(|| References::new(self))
    }

    /// What sets the replicas of workloads.
    pub(super) fn autoscalers(&self) -> &Autoscalers<'d> {
        self.autoscalers.get_or_init(|| Autoscalers::new(self))
    }

    /// Services by what they select.
    pub(super) fn receivers(&self) -> &Receivers {
        self.receivers.get_or_init(|| Receivers::new(self))
    }

    fn made(&self) -> &Made<'d> {
        self.made.get_or_init(|| Made::new(self))
    }

    /// Whether templates made the set: plain manifests have no values in them.
    pub(super) fn is_rendered(&self) -> bool {
        *self.rendered.get_or_init(|| !self.session.derived().is_empty())
    }

    /// Whether a template made this text out of words of its own and, in the same line, values as they are. What stands
    /// alone in a line or is the whole text was meant to be more than a word.
    pub(super) fn is_pasted(&self, node: &Node) -> bool {
        let origin = node.origin.and_then(|id| self.session.origin(id));
        origin.is_some_and(|origin| origin.raw)
            && matches!(self.session.source(node.span.source).kind, SourceKind::Derived(_))
    }

    fn is_declared(&self, source: SourceId) -> bool {
        self.declaring.contains(&source)
            && !matches!(self.session.source(source).kind, SourceKind::Derived(_))
    }
}

/// A set before anything was found out about it.
#[derive(Clone, Debug)]
pub(super) struct Seed<'d> {
    subjects: Vec<Subject<'d>>,
    externals: &'d [External],
    declaring: Vec<SourceId>,
    versions: Versions,
}

impl<'d> Seed<'d> {
    /// The set of one thread.
    pub(super) fn set(self, session: &'d Session) -> ObjectSet<'d> {
        let Seed { subjects, externals, declaring, versions } = self;
        let index = Index::new(&subjects);
        ObjectSet {
            subjects,
            index,
            externals,
            declaring,
            session,
            versions,
            threads: 1,
            rendered: OnceCell::new(),
            namespaces: OnceCell::new(),
            templates: OnceCell::new(),
            labelled: OnceCell::new(),
            made: OnceCell::new(),
            references: OnceCell::new(),
            autoscalers: OnceCell::new(),
            receivers: OnceCell::new(),
        }
    }
}

impl<'d> Subject<'d> {
    /// For example `Deployment`.
    pub fn kind(&self) -> &'d str {
        &self.document.identity.kind
    }

    /// None for cluster-scoped objects, and for those that leave it to `kubectl`.
    pub fn namespace(&self) -> Option<&'d str> {
        self.document.identity.namespace.as_deref()
    }

    /// The value of `metadata.name`.
    pub fn name(&self) -> &'d str {
        &self.document.identity.name
    }

    /// The value of `spec`.
    pub(super) fn spec(&self) -> Option<&'d Node> {
        self.document.node.get("spec")
    }
}
fn declares(external: &External, kind: &str, namespace: Option<&str>, name: &str) -> bool {
    let here = external.namespace.as_deref().is_none_or(|wanted| namespace == Some(wanted));
    external.kind == kind && here && matches(&external.name, name)
}

/// What Kubernetes itself makes.
fn in_every_cluster(kind: &str, name: &str) -> bool {
    match kind {
        "ServiceAccount" => name == "default",
        "ConfigMap" => name == "kube-root-ca.crt",
        "ClusterRole" => {
            matches!(name, "cluster-admin" | "admin" | "edit" | "view") || name.starts_with("system:")
        }
        "PriorityClass" => matches!(name, "system-cluster-critical" | "system-node-critical"),
        "Namespace" => matches!(name, "default" | "kube-system" | "kube-public" | "kube-node-lease"),
        "Service" => name == "kubernetes",
        _ => false,
    }
}
