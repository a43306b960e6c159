//! What rules see: the objects of one set, found by kind, namespace and name.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::labelled::Labelled;
use super::made::Made;
use super::pod::{Pod, pod_of};
use crate::config::{External, matches};
use crate::kube::{self, Object, Versions};
use crate::manifest::Document;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind};
use crate::yaml::{Node, ValuePath};

/// The objects of one render or one lint, and what is known to be there besides.
#[derive(Debug)]
pub struct Set<'d> {
    /// In the order of the documents.
    pub subjects: Vec<Subject<'d>>,
    by_name: BTreeMap<(&'d str, &'d str, &'d str), usize>,
    by_kind: BTreeMap<&'d str, Vec<usize>>,
    externals: &'d [External],
    declaring: Vec<SourceId>,
    session: &'d Session,
    versions: Versions,
    labelled: OnceCell<Labelled<'d>>,
    made: OnceCell<Made<'d>>,
}

/// One object: its tree, and typed where there is a type.
#[derive(Debug)]
pub struct Subject<'d> {
    /// Its place in [`Set::subjects`].
    pub index: usize,
    /// The tree, which knows where everything was written.
    pub document: &'d Document,
    /// The typed object.
    pub object: Object,
}

impl<'d> Set<'d> {
    /// Decodes the documents. `externals` may be referred to without being among them, and so may a name that is
    /// written in one of the `declaring` texts (the values layers above the chart's own defaults): who names an object there says that it exists.
    ///
    /// # Errors
    /// K012 for documents that have no typed object.
    pub fn new(
        session: &'d Session,
        documents: &'d [Document],
        externals: &'d [External],
        declaring: Vec<SourceId>,
    ) -> Outcome<Self> {
        let decode = |(index, document): (usize, &'d Document)| {
            Ok(Subject { index, document, object: kube::decode(session, document)? })
        };
        let subjects = documents.iter().enumerate().map(decode).collect::<Outcome<Vec<_>>>()?;
        let key = |subject: &Subject<'d>| (key_of(subject.document), subject.index);
        let by_name = subjects.iter().map(key).collect();
        let mut by_kind: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, document) in documents.iter().enumerate() {
            by_kind.entry(&document.identity.kind).or_default().push(index);
        }
        let (labelled, made) = (OnceCell::new(), OnceCell::new());
        let versions = Versions::default();
        Ok(Set { subjects, by_name, by_kind, externals, declaring, session, versions, labelled, made })
    }

    /// The same set, for these versions of Kubernetes instead of the newest.
    #[must_use]
    pub fn for_versions(self, versions: Versions) -> Self {
        Set { versions, ..self }
    }

    /// The versions that the objects are for.
    pub fn versions(&self) -> Versions {
        self.versions
    }

    /// The object of this kind and name in a namespace (none for cluster-scoped ones). Kinds are told by name alone:
    /// custom resources do not take the names of built-in kinds that rules ask for.
    pub fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&Subject<'d>> {
        self.by_name.get(&(kind, namespace.unwrap_or_default(), name)).and_then(|at| self.subjects.get(*at))
    }

    /// All objects of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Subject<'d>> + use<'_, 'd> {
        let places = self.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|at| self.subjects.get(*at))
    }

    /// The names of all objects of a kind in a namespace.
    pub fn names<'s>(&'s self, kind: &'s str, namespace: Option<&'s str>) -> impl Iterator<Item = &'s str> {
        let namespace = namespace.unwrap_or_default();
        let from = self.by_name.range((kind, namespace, "")..);
        from.map(|(key, _)| *key).take_while(move |key| (key.0, key.1) == (kind, namespace)).map(|key| key.2)
    }

    /// Pods, and the templates of workloads.
    pub fn pods(&self) -> impl Iterator<Item = Pod<'_>> {
        self.subjects.iter().filter_map(|subject| pod_of(subject))
    }

    /// The pods of a namespace.
    pub fn pods_in<'s>(&'s self, namespace: Option<&'s str>) -> impl Iterator<Item = Pod<'s>> {
        self.pods().filter(move |pod| pod.subject.namespace() == namespace)
    }

    /// Whether an object that is not in the set is known to exist: every cluster has it, an object of the set has it made,
    /// `plimsoll.yaml` or the chart declares it, or a values layer names it. `from` and `path` are the place of the
    /// reference's name.
    pub fn is_external(
        &self,
        (kind, namespace, name): (&str, Option<&str>, &str),
        from: &Subject<'_>,
        path: &ValuePath,
    ) -> bool {
        in_every_cluster(kind, name)
            || self.made().has(kind, namespace, name)
            || self.externals.iter().any(|external| declares(external, kind, namespace, name))
            || self.is_chosen(from, path)
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
        self.subjects.iter().any(|subject| subject.namespace() == namespace)
    }

    /// Pods as trees, by their labels.
    pub(super) fn labelled(&self) -> &Labelled<'d> {
        self.labelled.get_or_init(|| Labelled::new(&self.subjects))
    }

    fn made(&self) -> &Made<'d> {
        self.made.get_or_init(|| Made::new(&self.subjects))
    }

    /// Whether templates made the set: plain manifests have no values in them.
    pub(super) fn is_rendered(&self) -> bool {
        !self.session.derived().is_empty()
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

impl Subject<'_> {
    /// For example `Deployment`.
    pub fn kind(&self) -> &str {
        &self.document.identity.kind
    }

    /// None for cluster-scoped objects, and for those that leave it to `kubectl`.
    pub fn namespace(&self) -> Option<&str> {
        self.document.identity.namespace.as_deref()
    }

    /// The value of `metadata.name`.
    pub fn name(&self) -> &str {
        &self.document.identity.name
    }
}

fn key_of(document: &Document) -> (&str, &str, &str) {
    let identity = &document.identity;
    (&identity.kind, identity.namespace.as_deref().unwrap_or_default(), &identity.name)
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
