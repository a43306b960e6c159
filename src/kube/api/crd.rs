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

use serde_json::Value;

use super::builder::Builder;
use super::built_in::built_in;
use super::kinds::Api;
use super::structural_schema::{CustomKind, add_custom_kind};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::anchor_span;
use crate::session::{Outcome, Reported, Session};
use crate::yaml::{Node, from_node};

/// The kind of objects that define other kinds.
pub const CRD: &str = "CustomResourceDefinition";

/// Whether a text that could not be read may define kinds.
pub fn may_define_kinds(text: &str) -> bool {
    text.contains(CRD)
}

impl Api {
    /// Adds the served versions of a CustomResourceDefinition (`apiextensions.k8s.io/v1`); a kind that is known
    /// already is replaced.
    ///
    /// # Errors
    /// K011 for what cannot be read as one. Nothing is added then.
    pub fn add_crd(&mut self, session: &Session, crd: &Node) -> Outcome<()> {
        let spec = crd.get("spec").ok_or_else(|| refuse(session, crd, "it has no `spec`"))?;
        let text = |node: Option<&Node>, path: &str| match node.and_then(Node::as_str) {
            Some(text) => Ok(text.to_owned()),
            None => Err(refuse(session, node.unwrap_or(spec), &format!("`{path}` must be a string"))),
        };
        let group = text(spec.get("group"), "spec.group")?;
        let kind = text(spec.get("names").and_then(|names| names.get("kind")), "spec.names.kind")?;
        // There is one other scope, `Cluster`.
        let namespaced = text(spec.get("scope"), "spec.scope")? == "Namespaced";
        let Some(versions) = spec.get("versions").and_then(Node::as_list) else {
            return Err(refuse(session, spec, "`spec.versions` must be a list"));
        };
        // All versions are read before one is added, so that a CRD is added as a whole or not at all.
        let mut served = Vec::new();
        for version in versions {
            let name = text(version.get("name"), "spec.versions[].name")?;
            // `served` is required, but one that was forgotten is found when the CRD itself is checked.
            if version.get("served").and_then(Node::as_bool) != Some(false) {
                served.push((name, schema_of(session, version)?));
            }
        }
        self.add_versions(CustomKind { group: &group, kind: &kind, namespaced }, &served);
        Ok(())
    }

    /// Adds the versions, each a name with its schema.
    fn add_versions(&mut self, custom: CustomKind<'_>, versions: &[(String, Value)]) {
        // A builder owns its table, so something cheap takes its place meanwhile.
        let mut builder = Builder::new(std::mem::replace(&mut self.table, built_in()));
        for (name, schema) in versions {
            add_custom_kind(&mut builder, custom, name, schema);
        }
        self.table = builder.finish();
    }
}

/// The schema of a version as JSON: structural schemas are read in the build as well, which has no trees of nodes.
///
/// # Errors
/// K011 where it has none, or one that JSON cannot hold.
fn schema_of(session: &Session, version: &Node) -> Outcome<Value> {
    let Some(schema) = version.get("schema").and_then(|schema| schema.get("openAPIV3Schema")) else {
        return Err(refuse(session, version, "a version has no `schema.openAPIV3Schema`"));
    };
    from_node(schema).map_err(|error| refuse(session, schema, &error.to_string()))
}

/// Reports why a CRD cannot be read (K011). `reason` is a clause, as in "it has no `spec`".
fn refuse(session: &Session, at: &Node, reason: &str) -> Reported {
    let place = session.resolve(anchor_span(at));
    let finding = Diagnostic::error(Code::K011, format!("this is no CRD that can be read: {reason}"));
    let help = "give the CustomResourceDefinition as `kubectl get crd NAME -o yaml` prints it";
    session.report(finding.at(place, "here").help(help))
}
