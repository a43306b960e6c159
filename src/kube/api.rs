//! `Api`: the kinds that a run knows, built in or added from CRDs.

use std::borrow::Cow;

use serde_json::Value;

use super::builder::Builder;
use super::pattern::Patterns;
use super::structural::{CustomKind, add_custom_kind};
use super::table::{
    Field, Format::*, Kind, Life, Limits, Name, Shape::*, Slice, Table, Type, TypeId, Unique::*,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::yaml::{Node, from_node};

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The minor versions of Kubernetes 1 that the table knows, ascending.
pub(super) const KNOWN_MINORS: &[u8] = MINORS;

/// What Kubernetes and the known custom resources look like. Making one costs nothing: what is built in is
/// static data, and it is copied only when a CRD is added.
#[derive(Debug)]
pub struct Api {
    pub(super) table: Table,
    pub(super) patterns: Patterns,
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}

impl Api {
    /// The kinds that are built in: those of Kubernetes and the bundled custom resources.
    pub fn new() -> Self {
        Api { table: built_in(), patterns: Patterns::default() }
    }

    /// Adds the served versions of a CustomResourceDefinition (`apiextensions.k8s.io/v1`); a kind that is known
    /// already is replaced. Reports K011 for what cannot be read as one.
    pub fn add_crd(&mut self, session: &Session, crd: &Node) -> Outcome<()> {
        let spec = crd.get("spec").ok_or_else(|| refuse(session, crd, "it has no `spec`"))?;
        let text = |node: Option<&Node>, path: &str| match node.and_then(Node::as_str) {
            Some(text) => Ok(text.to_owned()),
            None => Err(refuse(session, node.unwrap_or(spec), &format!("`{path}` must be a string"))),
        };
        let group = text(spec.get("group"), "spec.group")?;
        let kind = text(spec.get("names").and_then(|names| names.get("kind")), "spec.names.kind")?;
        let namespaced = text(spec.get("scope"), "spec.scope")? == "Namespaced";
        let custom = CustomKind { group: &group, kind: &kind, namespaced };
        let Some(versions) = spec.get("versions").and_then(Node::as_list) else {
            return Err(refuse(session, spec, "`spec.versions` must be a list"));
        };
        let mut served = Vec::new();
        for version in versions {
            let name = text(version.get("name"), "spec.versions[].name")?;
            if version.get("served").and_then(Node::as_bool) != Some(false) {
                served.push((name, schema_of(session, version)?));
            }
        }
        self.add_versions(custom, &served);
        Ok(())
    }

    fn add_versions(&mut self, custom: CustomKind<'_>, versions: &[(String, Value)]) {
        let mut builder = Builder::new(std::mem::replace(&mut self.table, built_in()));
        for (name, schema) in versions {
            add_custom_kind(&mut builder, custom, name, schema);
        }
        self.table = builder.finish();
    }

    /// Whether there is such a kind, given as `apps/v1/Deployment` or `v1/Pod`, in every one of the versions.
    pub fn has(&self, name: &str, versions: super::Versions) -> bool {
        let known = name.rsplit_once('/').and_then(|(api_version, kind)| self.table.kind(api_version, kind));
        known.is_some_and(|known| versions.lacking(known.life).is_empty())
    }

    /// The API version to write instead of an alpha or beta one of Kubernetes' own, where every one of the versions
    /// serves it. What custom resources serve, they serve as long as they please.
    pub fn successor(&self, api_version: &str, kind: &str, versions: super::Versions) -> Option<&str> {
        if maturity(api_version).0 {
            return None;
        }
        let group = |name: &str| name.rsplit_once('/').map(|(group, _)| group.to_owned());
        let own = self.table.versions_of(kind).filter(|known| !known.custom);
        let served = own.filter(|known| versions.lacking(known.life).is_empty());
        let names = served.map(|known| self.table.name(known.api_version));
        let newest =
            names.filter(|name| group(name) == group(api_version)).max_by_key(|name| maturity(name))?;
        (maturity(newest) > maturity(api_version)).then_some(newest)
    }

    /// Whether objects of this kind live in a namespace; none when the kind is not known.
    pub fn is_namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        self.table.kind(api_version, kind).map(|known| known.namespaced)
    }
}

/// How far an API version has come: whether it is stable, whether it is beta, its name.
pub(super) fn maturity(api_version: &str) -> (bool, bool, &str) {
    let (alpha, beta) = (api_version.contains("alpha"), api_version.contains("beta"));
    (!alpha && !beta, !alpha, api_version)
}

fn built_in() -> Table {
    Table {
        text: Cow::Borrowed(TEXT),
        kinds: Cow::Borrowed(KINDS),
        types: Cow::Borrowed(TYPES),
        fields: Cow::Borrowed(FIELDS),
        words: Cow::Borrowed(WORDS),
        limits: Cow::Borrowed(LIMITS),
        metadata: METADATA,
    }
}

fn schema_of(session: &Session, version: &Node) -> Outcome<Value> {
    let Some(schema) = version.get("schema").and_then(|schema| schema.get("openAPIV3Schema")) else {
        return Err(refuse(session, version, "a version has no `schema.openAPIV3Schema`"));
    };
    from_node(schema).map_err(|error| refuse(session, schema, &error.to_string()))
}

fn refuse(session: &Session, at: &Node, reason: &str) -> crate::session::Reported {
    let place = session.resolve(crate::manifest::anchor_span(at));
    let finding = Diagnostic::error(Code::K011, format!("this is no CRD that can be read: {reason}"));
    let help = "give the CustomResourceDefinition as `kubectl get crd NAME -o yaml` prints it";
    session.report(finding.at(place, "here").help(help))
}
