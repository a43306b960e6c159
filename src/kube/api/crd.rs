//! CustomResourceDefinitions: how a run adds kinds of its own to the API.

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
        let namespaced = text(spec.get("scope"), "spec.scope")? == "Namespaced";
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
        self.add_versions(CustomKind { group: &group, kind: &kind, namespaced }, &served);
        Ok(())
    }

    fn add_versions(&mut self, custom: CustomKind<'_>, versions: &[(String, Value)]) {
        // A builder owns its table, so something cheap takes its place meanwhile.
        let mut builder = Builder::new(std::mem::replace(&mut self.table, built_in()));
        for (name, schema) in versions {
            add_custom_kind(&mut builder, custom, name, schema);
        }
        self.table = builder.finish();
    }
}

fn schema_of(session: &Session, version: &Node) -> Outcome<Value> {
    let Some(schema) = version.get("schema").and_then(|schema| schema.get("openAPIV3Schema")) else {
        return Err(refuse(session, version, "a version has no `schema.openAPIV3Schema`"));
    };
    from_node(schema).map_err(|error| refuse(session, schema, &error.to_string()))
}

fn refuse(session: &Session, at: &Node, reason: &str) -> Reported {
    let place = session.resolve(anchor_span(at));
    let finding = Diagnostic::error(Code::K011, format!("this is no CRD that can be read: {reason}"));
    let help = "give the CustomResourceDefinition as `kubectl get crd NAME -o yaml` prints it";
    session.report(finding.at(place, "here").help(help))
}
