//! What rules see: the objects of one set, and the facts about all of them.
//!
//! Its methods come in four parts: the objects, facts about all of them together, what exists outside of the set, and
//! where something was written. Everything is read-only.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use super::autoscalers::{Autoscaler, Autoscalers};
use super::cluster_objects::is_in_every_cluster;
use super::implied_objects::ImpliedObjects;
use super::looks::Looks;
use super::objects::{ObjectTree, Objects};
use super::pods::TypedPod;
use super::reference_fields::Target;
use super::references::{Reference, References};
use super::selectors::{PodIndex, Selector};
use super::services::{ServiceIndex, ServiceLabels};
use crate::config::External;
use crate::kube::Versions;
use crate::manifest::PackedDocument;
use crate::session::Session;
use crate::source::{SourceId, SourceKind};
use crate::yaml::{PackedNode, ValuePath};

/// The objects of one render or one lint, and what is known to exist besides.
///
/// Facts about all objects (an index, the references, …) are found out once, when a rule first asks: a set without
/// NetworkPolicies never indexes its pods by label. They are kept in [`OnceCell`]s, which cost nothing to read but
/// cannot be shared by threads; so each thread that checks objects makes a set of its own from the same
/// `ObjectSetInput`.
#[derive(Debug)]
pub struct ObjectSet<'d> {
    /// That of the thread: an overlay where several threads check objects.
    session: &'d Session,
    objects: Objects<'d>,
    /// What `plimsoll.yaml` and the chart declare to exist elsewhere.
    externals: &'d [External],
    /// The values layers above the chart's own defaults.
    declaring: Vec<SourceId>,
    versions: Versions,
    /// How many threads may check objects, from 1.
    threads: usize,
    /// Whether all documents of the set could be read.
    is_complete: bool,
    is_rendered: OnceCell<bool>,
    namespaces: OnceCell<HashSet<Option<&'d str>>>,
    pods: OnceCell<PodIndex<'d>>,
    implied: OnceCell<ImpliedObjects<'d>>,
    references: OnceCell<References<'d>>,
    autoscalers: OnceCell<Autoscalers<'d>>,
    services: OnceCell<ServiceIndex>,
    service_labels: OnceCell<ServiceLabels>,
    /// How often the rule that is run may hold selectors against the objects.
    looks: Rc<Looks>,
}

/// What a set is made of, before anything was found out about it. Unlike the set it can be sent to another thread.
#[derive(Clone, Debug)]
pub(crate) struct ObjectSetInput<'d> {
    objects: Vec<ObjectTree<'d>>,
    externals: &'d [External],
    declaring: Vec<SourceId>,
    versions: Versions,
    is_complete: bool,
    /// Whether templates made the objects; none if nobody has asked. An overlay of the session could not tell.
    is_rendered: Option<bool>,
}

impl<'d> ObjectSet<'d> {
    /// The set of these documents, for the newest version of Kubernetes and one thread.
    ///
    /// `externals` may be referred to without being among the documents. So may a name that is written in one of the
    /// `declaring` sources, the values layers above the chart's own defaults: to name an object there is to say that
    /// it exists.
    pub fn new(
        session: &'d Session,
        documents: impl IntoIterator<Item = &'d PackedDocument>,
        externals: &'d [External],
        declaring: Vec<SourceId>,
    ) -> Self {
        let objects = documents
            .into_iter()
            .enumerate()
            .map(|(index, document)| ObjectTree { index, document })
            .collect();
        let versions = Versions::default();
        ObjectSetInput { objects, externals, declaring, versions, is_complete: true, is_rendered: None }
            .into_set(session)
    }

    /// The same set, for these versions of Kubernetes instead of the newest.
    #[must_use]
    pub fn for_versions(self, versions: Versions) -> Self {
        ObjectSet { versions, ..self }
    }

    /// The same set, whose objects may be checked by this many threads.
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        ObjectSet { threads, ..self }
    }

    /// The same set, of which documents may be missing that could not be read: what is not there is not reported then.
    #[must_use]
    pub fn with_all_read(self, is_complete: bool) -> Self {
        ObjectSet { is_complete, ..self }
    }

    /// Whether all documents of the set could be read.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many threads may check the objects.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// What other threads make the same set of.
    pub(crate) fn input(&self) -> ObjectSetInput<'d> {
        ObjectSetInput {
            // Handles of two words each. The indices are left behind: every thread makes those that its rules ask for.
            objects: self.objects.all().to_vec(),
            externals: self.externals,
            declaring: self.declaring.clone(),
            versions: self.versions,
            is_complete: self.is_complete,
            is_rendered: Some(self.is_rendered()),
        }
    }
}

impl<'d> ObjectSetInput<'d> {
    /// The set of one thread, in the session of that thread.
    pub(crate) fn into_set(self, session: &'d Session) -> ObjectSet<'d> {
        let ObjectSetInput { objects, externals, declaring, versions, is_complete, is_rendered } = self;
        ObjectSet {
            session,
            objects: Objects::new(objects),
            externals,
            declaring,
            versions,
            threads: 1,
            is_complete,
            is_rendered: is_rendered.map_or_else(OnceCell::new, OnceCell::from),
            namespaces: OnceCell::new(),
            pods: OnceCell::new(),
            implied: OnceCell::new(),
            references: OnceCell::new(),
            autoscalers: OnceCell::new(),
            services: OnceCell::new(),
            service_labels: OnceCell::new(),
            looks: Rc::default(),
        }
    }
}

/// Objects of the set.
impl<'d> ObjectSet<'d> {
    /// Every object, in the order of the documents.
    pub(crate) fn objects(&self) -> &[ObjectTree<'d>] {
        self.objects.all()
    }

    /// The documents that they were read from, in the same order.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &'d PackedDocument> + Clone + use<'_, 'd> {
        self.objects().iter().map(|object| object.document)
    }

    /// The object at a place in that order.
    pub(crate) fn object(&self, index: usize) -> Option<&ObjectTree<'d>> {
        self.objects.get(index)
    }

    /// The object of this kind and name in a namespace: see [`Objects::find`].
    pub(crate) fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&ObjectTree<'d>> {
        self.objects.find(kind, namespace, name)
    }

    /// All objects of a kind, of whatever group, in the order of the documents.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &ObjectTree<'d>> + use<'_, 'd> {
        self.objects.of_kind(kind)
    }

    /// All objects of several kinds, in the order of the documents.
    pub(crate) fn of_kinds(&self, kinds: &[&str]) -> Vec<&ObjectTree<'d>> {
        self.objects.of_kinds(kinds)
    }

    /// All objects of a kind of Kubernetes' own, without those of other groups that took its name.
    pub(crate) fn built_in(&self, kind: &str) -> impl Iterator<Item = &ObjectTree<'d>> + use<'_, 'd> {
        self.objects.built_in(kind)
    }

    /// The names of all objects of a kind in a namespace, sorted.
    pub(crate) fn names(&self, kind: &str, namespace: Option<&str>) -> &[&'d str] {
        self.objects.names(kind, namespace)
    }

    /// Whether any object of the set is in this namespace. Of a namespace that it fills, the set is taken to be
    /// complete.
    pub(crate) fn fills_namespace(&self, namespace: Option<&str>) -> bool {
        let namespaces =
            self.namespaces.get_or_init(|| self.objects().iter().map(ObjectTree::namespace).collect());
        namespaces.contains(&namespace)
    }

    /// How often the rule that is run may look at pods and Services.
    pub(crate) fn looks(&self) -> &Rc<Looks> {
        &self.looks
    }

    /// The versions that the objects are for.
    pub(crate) fn versions(&self) -> Versions {
        self.versions
    }
}

/// Facts about all objects.
impl<'d> ObjectSet<'d> {
    /// The pods, and what makes them.
    pub(crate) fn pods(&self) -> &PodIndex<'d> {
        self.pods.get_or_init(|| PodIndex::new(&self.objects, &self.looks))
    }

    /// What sets the replicas of workloads.
    pub(crate) fn autoscalers(&self) -> &Autoscalers<'d> {
        self.autoscalers.get_or_init(|| Autoscalers::new(&self.objects))
    }

    /// What an autoscaler scales, if that is in the set: in the autoscaler's own namespace, as a scale target has no
    /// field for another.
    pub(crate) fn scale_target(&self, scaler: &Autoscaler<'_>) -> Option<&ObjectTree<'d>> {
        self.find(scaler.kind, scaler.object.namespace(), scaler.name)
    }

    /// Every reference to one sort of target: by object in the order of the documents, then in the order of the table.
    pub(crate) fn references_to(&self, target: Target) -> impl Iterator<Item = Reference<'d>> {
        let references = self.references.get_or_init(|| References::new(&self.objects, self.pods()));
        references.to(&self.objects, target)
    }

    /// The object that a reference names, if the set has it.
    pub(crate) fn target_of(&self, reference: &Reference<'_>) -> Option<&ObjectTree<'d>> {
        self.find(reference.kind, reference.namespace(), reference.name)
    }

    /// The first Service, in the order of the documents, that leads to a pod as soon as the pod is ready.
    pub(crate) fn service_leading_to(&self, pod: TypedPod<'_>) -> Option<ObjectTree<'d>> {
        let services = self.services.get_or_init(|| ServiceIndex::new(&self.objects));
        services.first_leading_to(&self.objects, pod)
    }

    /// The Services of a namespace, of whatever group, whose own labels a selector matches, in the order of the
    /// documents.
    pub(crate) fn services_labelled<'a>(
        &'a self,
        selector: &Selector<'a>,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a ObjectTree<'d>> + use<'a, 'd> {
        let labels = self.service_labels.get_or_init(|| ServiceLabels::new(&self.objects, &self.looks));
        labels.matching(&self.objects, selector, namespace)
    }
}

/// What exists outside of the set.
impl ObjectSet<'_> {
    /// Whether an object that is not in the set is known to exist. Four reasons, the cheapest first: every cluster
    /// has it, a controller makes it because of an object of the set, `plimsoll.yaml` or the chart declares it, or a
    /// values layer names it. `written` is the node of the name.
    pub(crate) fn is_known_elsewhere(
        &self,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        written: PackedNode<'_>,
    ) -> bool {
        is_in_every_cluster(kind, namespace, name)
            || self.implied().contains(kind, namespace, name)
            || self.externals.iter().any(|external| declares(external, kind, namespace, name))
            || self.is_declaring(written.span().source)
    }

    /// Whether an object of this kind is in the set or declared: only then a missing one can be told from one that is
    /// elsewhere.
    pub(crate) fn knows_kind(&self, kind: &str) -> bool {
        self.of_kind(kind).next().is_some() || self.externals.iter().any(|external| external.kind == kind)
    }

    /// What controllers make of the objects.
    fn implied(&self) -> &ImpliedObjects<'_> {
        self.implied.get_or_init(|| ImpliedObjects::new(&self.objects))
    }
}

/// Where things were written.
impl ObjectSet<'_> {
    /// Whether templates made the set: plain manifests have no values in them. Kept, because R220 asks for each object.
    pub(crate) fn is_rendered(&self) -> bool {
        *self.is_rendered.get_or_init(|| !self.session.derived().is_empty())
    }

    /// Whether what stands at a path was written in a values layer above the chart's own defaults, and so on purpose.
    pub(crate) fn is_from_values(&self, object: &ObjectTree<'_>, path: &ValuePath) -> bool {
        object.node().at(path).is_some_and(|node| self.is_declaring(node.span().source))
    }

    /// Whether a template made this text out of words of its own and, in the same line, values as they are (`raw` of
    /// [`Origin`](crate::source::Origin)). A value that is alone in its line, or is the whole text, does not count:
    /// there a script is meant, and not a word in one.
    pub(crate) fn is_interpolated(&self, node: PackedNode<'_>) -> bool {
        let origin = node.origin().and_then(|id| self.session.origin(id));
        // A value that is the whole text keeps its span in its own source.
        origin.is_some_and(|origin| origin.raw) && self.is_derived(node.span().source)
    }

    /// Whether a source is one of the values layers that count as a declaration.
    fn is_declaring(&self, source: SourceId) -> bool {
        // A rendered text is no declaration, whatever source it is derived from.
        self.declaring.contains(&source) && !self.is_derived(source)
    }

    /// Whether a source is a rendered text.
    fn is_derived(&self, source: SourceId) -> bool {
        matches!(self.session.source(source).kind, SourceKind::Derived(_))
    }
}

/// Whether `plimsoll.yaml` or a chart declares an object to exist elsewhere.
fn declares(external: &External, kind: &str, namespace: Option<&str>, name: &str) -> bool {
    // Without a namespace an external is there for all of them: `external: [{kind: Secret, name: registry}]`.
    let is_here = external.namespace.as_deref().is_none_or(|wanted| namespace == Some(wanted));
    external.kind == kind && is_here && external.name.matches(name)
}
