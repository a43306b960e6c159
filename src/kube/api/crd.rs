//! CustomResourceDefinitions: how a run adds kinds of its own to the API.
//!
//! Of a CRD, this is read; the rest of it is checked as a document like any other:
//!
//! ```yaml
//! spec:
//!   group: example.com
//!   names: {kind: Widget}
//!   scope: Namespaced
//!   versions:
//!     - name: v1                      # becomes example.com/v1 Widget
//!       served: true                  # else it is left out: objects of it are refused
//!       schema: {openAPIV3Schema: …}
//! ```

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::builder::Builder;
use super::built_in::built_in;
use super::kinds::{Api, Definition};
use super::structural_schema::{CustomKind, CustomVersion, custom_kind};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::anchor_span;
use crate::session::{Outcome, Reported, Session};
use crate::yaml::{Node, from_node};

/// The kind of objects that define other kinds.
pub const CRD: &str = "CustomResourceDefinition";

/// The API version of those that are read.
const CRD_VERSION: &str = "apiextensions.k8s.io/v1";

/// Whether a text that could not be read may define kinds.
pub fn may_define_kinds(text: &str) -> bool {
    text.contains(CRD)
}

impl Api {
    /// Adds the served versions of a CustomResourceDefinition (`apiextensions.k8s.io/v1`). A kind that is built in is
    /// replaced. Where two CRDs define one kind in different ways, an object may be of either.
    ///
    /// # Errors
    /// K011 for what cannot be read as one. Nothing is added then; objects of its kind are not said to be unknown.
    pub fn add_crd(&mut self, session: &Session, crd: &Node) -> Outcome<()> {
        self.add(session, crd, false)
    }

    /// As [`Api::add_crd`], for one that was given for this run: what it defines counts alone. To be added before others.
    ///
    /// # Errors
    /// As [`Api::add_crd`].
    pub fn add_given_crd(&mut self, session: &Session, crd: &Node) -> Outcome<()> {
        self.add(session, crd, true)
    }

    /// The group and the kind that a CRD is for, as far as it says so.
    pub fn note_unread(&mut self, crd: &Node) -> bool {
        let spec = crd.get("spec");
        let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
        let group = text(spec.and_then(|spec| spec.get("group")));
        let kind = text(spec.and_then(|spec| spec.get("names")?.get("kind")));
        let (Some(group), Some(kind)) = (group, kind) else { return false };
        self.unread.insert((group, kind));
        true
    }

    fn add(&mut self, session: &Session, crd: &Node, is_given: bool) -> Outcome<()> {
        let api_version = crd.get("apiVersion").filter(|version| version.as_str() != Some(CRD_VERSION));
        if let Some(other) = api_version {
            return Err(refuse(session, crd, other, &format!("only `{CRD_VERSION}` is read")));
        }
        let spec = crd.get("spec").ok_or_else(|| refuse(session, crd, crd, "it has no `spec`"))?;
        let text = |node: Option<&Node>, path: &str| match node.and_then(Node::as_str) {
            Some(text) => Ok(text.to_owned()),
            None => Err(refuse(session, crd, node.unwrap_or(spec), &format!("`{path}` must be a string"))),
        };
        let group = text(spec.get("group"), "spec.group")?;
        let kind = text(spec.get("names").and_then(|names| names.get("kind")), "spec.names.kind")?;
        // There is one other scope, `Cluster`.
        let namespaced = text(spec.get("scope"), "spec.scope")? == "Namespaced";
        let Some(versions) = spec.get("versions").and_then(Node::as_list) else {
            return Err(refuse(session, crd, spec, "`spec.versions` must be a list"));
        };
        // All versions are read before one is added, so that a CRD is added as a whole or not at all.
        let mut served = Vec::new();
        for version in versions {
            let name = text(version.get("name"), "spec.versions[].name")?;
            // `served` is required, but one that was forgotten is found when the CRD itself is checked.
            if version.get("served").and_then(Node::as_bool) != Some(false) {
                let has_status = version.get("subresources").and_then(|all| all.get("status")).is_some();
                served.push(ReadVersion { name, has_status, schema: schema_of(session, crd, version)? });
            }
        }
        self.add_versions(CustomKind { group: &group, kind: &kind, namespaced }, &served, is_given);
        Ok(())
    }

    fn add_versions(&mut self, custom: CustomKind<'_>, versions: &[ReadVersion], is_given: bool) {
        // A builder owns its table, so something cheap takes its place meanwhile.
        let mut builder = Builder::new(std::mem::replace(&mut self.table, built_in()));
        for ReadVersion { name, has_status, schema } in versions {
            let key = (format!("{}/{name}", custom.group), custom.kind.to_owned());
            let known = self.defined.entry(key).or_default();
            let mut hasher = DefaultHasher::new();
            (custom.namespaced, has_status, schema.to_string()).hash(&mut hasher);
            let hash = hasher.finish();
            let is_settled = |one: &Definition| one.hash == hash || (one.is_given && !is_given);
            if known.len() >= MAX_DEFINITIONS || known.iter().any(is_settled) {
                continue;
            }
            let kind =
                custom_kind(&mut builder, custom, CustomVersion { name, has_status: *has_status, schema });
            if known.is_empty() {
                builder.kind(kind);
            }
            known.push(Definition { kind, hash, is_given });
        }
        self.table = builder.finish();
    }
}

/// A served version of a CRD.
struct ReadVersion {
    name: String,
    has_status: bool,
    schema: Value,
}

/// Definitions of one kind beyond this are passed over: each object of the kind is held against all of them.
const MAX_DEFINITIONS: usize = 8;

/// The schema of a version as JSON: structural schemas are read in the build as well, which has no trees of nodes.
///
/// # Errors
/// K011 where it has none, or one that JSON cannot hold.
fn schema_of(session: &Session, crd: &Node, version: &Node) -> Outcome<Value> {
    let Some(schema) = version.get("schema").and_then(|schema| schema.get("openAPIV3Schema")) else {
        return Err(refuse(session, crd, version, "a version has no `schema.openAPIV3Schema`"));
    };
    from_node(schema).map_err(|error| refuse(session, crd, schema, &error.to_string()))
}

/// Reports why a CRD cannot be read (K011). `reason` is a clause, as in "it has no `spec`".
fn refuse(session: &Session, crd: &Node, at: &Node, reason: &str) -> Reported {
    let place = session.resolve(anchor_span(at));
    let finding = Diagnostic::error(Code::K011, format!("this is not a CRD that can be read: {reason}"));
    let help = "give the CustomResourceDefinition as `kubectl get crd NAME -o yaml` prints it";
    session.report(finding.at(place, "here").help(help).of_document(crd.span))
}
