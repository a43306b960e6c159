//! `Document`: one Kubernetes object, and what tells it from others.

use std::fmt;
use std::sync::Arc;

use crate::source::Span;
use crate::yaml::{self, Node, PackedNode, PackedTree, Tree};

/// One Kubernetes object, as a spanned tree. The check changes the tree (`kube::check`); what comes later reads it.
///
/// A set is kept as [`PackedDocument`]s, of which one at a time is unpacked where its tree is to be changed.
#[derive(Clone, Debug)]
pub struct Document<T = Node> {
    /// The template or file that it came from.
    pub template: Arc<str>,
    /// The whole object.
    pub node: T,
    /// What tells it from other objects: copied out of the tree, since nearly every stage asks for it.
    pub identity: Identity,
    /// Whether errors were reported of it.
    pub soundness: Soundness,
    /// The object as it was written, if the check has taken out what is null, and it is to be printed with that.
    pub with_nulls: Option<Arc<Node>>,
}

/// A document whose tree is packed.
pub type PackedDocument = Document<PackedTree>;

/// A document that was read, and is yet to be checked.
pub type ReadDocument = Document<ReadTree>;

/// The tree of a document that was read. The check changes it, and packs it anew; so it is packed before only where many
/// would be there at the same time.
#[derive(Clone, Debug)]
pub enum ReadTree {
    /// That of a short text.
    Nodes(Node),
    /// That of a long text, or one that was there before.
    Packed(PackedTree),
}

impl<T> Document<T> {
    /// The same document with another tree, and the tree that it had.
    fn with_tree<U>(self, tree: U) -> (Document<U>, T) {
        let Document { template, node, identity, soundness, with_nulls } = self;
        (Document { template, node: tree, identity, soundness, with_nulls }, node)
    }
}

impl PackedDocument {
    /// The root of the tree, to be read where it stands.
    pub fn root(&self) -> PackedNode<'_> {
        self.node.root()
    }

    /// Where the whole of it was written: what findings name the document by.
    pub fn span(&self) -> Span {
        self.node.span()
    }

    /// The same document with a tree of nodes.
    pub fn unpack(&self) -> Document {
        self.clone().with_tree(self.node.unpack()).0
    }

    /// Packs documents; their trees share what they have in common.
    pub fn pack_all(documents: impl IntoIterator<Item = Document>) -> Vec<PackedDocument> {
        let mut rest: Vec<Document<()>> = Vec::new();
        let trees = yaml::pack(documents.into_iter().map(|document| {
            let (document, tree) = document.with_tree(());
            rest.push(document);
            tree
        }));
        rest.into_iter().zip(trees).map(|(document, tree)| document.with_tree(tree).0).collect()
    }

    /// Unpacks documents.
    pub fn unpack_all(documents: &[PackedDocument]) -> Vec<Document> {
        documents.iter().map(PackedDocument::unpack).collect()
    }

    /// Changes documents that were read, one after the other, and packs them.
    pub fn pack_edited(
        documents: Vec<ReadDocument>,
        mut edit: impl FnMut(&mut Document),
    ) -> Vec<PackedDocument> {
        let mut packed = Vec::with_capacity(documents.len());
        let mut rest = documents.into_iter();
        while rest.len() > 0 {
            packed.extend(PackedDocument::pack_all(rest.by_ref().take(TOGETHER).map(|document| {
                let mut document = Document::from(document);
                edit(&mut document);
                document
            })));
        }
        packed
    }

    /// Changes documents, one after the other, and packs them anew.
    pub fn edit_all<'d>(
        documents: impl IntoIterator<Item = &'d mut PackedDocument>,
        mut edit: impl FnMut(&mut Document),
    ) {
        let mut documents: Vec<&mut PackedDocument> = documents.into_iter().collect();
        for some in documents.chunks_mut(TOGETHER) {
            let edited = some.iter().map(|document| {
                let mut document = document.unpack();
                edit(&mut document);
                document
            });
            let packed = PackedDocument::pack_all(edited);
            some.iter_mut().zip(packed).for_each(|(document, packed)| **document = packed);
        }
    }
}

impl From<Document> for ReadDocument {
    fn from(document: Document) -> Self {
        let (document, tree) = document.with_tree(());
        document.with_tree(ReadTree::Nodes(tree)).0
    }
}

impl From<PackedDocument> for ReadDocument {
    fn from(document: PackedDocument) -> Self {
        let (document, tree) = document.with_tree(());
        document.with_tree(ReadTree::Packed(tree)).0
    }
}

impl From<ReadDocument> for Document {
    fn from(document: ReadDocument) -> Self {
        let (document, tree) = document.with_tree(());
        let node = match tree {
            ReadTree::Nodes(node) => node,
            ReadTree::Packed(tree) => tree.unpack(),
        };
        document.with_tree(node).0
    }
}

/// So many documents are packed together when they have been changed: enough to share keys, and few enough that those that
/// were there before go soon.
const TOGETHER: usize = 32;

/// What is known of a document after its check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Soundness {
    /// Nothing is wrong with it.
    #[default]
    Sound,
    /// What is wrong with it is no error here: it was suppressed, or has another level. Whether it is of the types of
    /// Kubernetes is not certain.
    Accepted,
    /// An error was reported of it. Other objects may refer to it, and nothing more is said of the object itself.
    Refused,
}

/// The name of an object in a cluster. Its texts are those of the tree: copied by reference.
/// The version in `api_version` does not count: `apps/v1` and
/// `apps/v1beta1` show the same Deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// For example `apps/v1`.
    pub api_version: Arc<str>,
    /// For example `Deployment`.
    pub kind: Arc<str>,
    /// None for a cluster-scoped object, or before the check has written it.
    pub namespace: Option<Arc<str>>,
    /// The value of `metadata.name`; of `metadata.generateName` where the API server makes up the rest.
    pub name: Arc<str>,
    /// Whether the name is only the beginning of one (`generateName`): no two such objects are one.
    pub is_generated: bool,
}

impl Identity {
    /// The API group: `apps`, or nothing for the core group.
    pub fn group(&self) -> &str {
        group_of(&self.api_version)
    }

    /// Group, kind, namespace and name: what two versions of one object have in common, and what the API server tells
    /// objects apart by.
    pub(crate) fn key(&self) -> (&str, &str, Option<&str>, &str) {
        (self.group(), &self.kind, self.namespace.as_deref(), &self.name)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = if self.is_generated { "…" } else { "" };
        write!(f, "{} `{}{rest}`", self.kind, self.name)
    }
}

/// The group of an API version: `apps` of `apps/v1`, and the empty text of `v1`, which is the core group.
pub fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}
