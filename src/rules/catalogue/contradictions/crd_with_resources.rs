//! R216: a CustomResourceDefinition and objects of its kind in one stream.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R216,
    name: "crd-with-resources",
    level: Level::Warn,
    page: Page {
        what: "A CustomResourceDefinition and an object of the kind that it defines are rendered or linted together. `plimsoll render --only-crds` and `--skip-crds` split them.",
        why: "`kubectl apply` asks the cluster for all kinds before it has made the definition, and fails with `no matches for kind`; a second run works. Argo CD and Flux need waves or dependencies for it.",
        example: "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: issuers.cert-manager.io}
spec:
  group: cert-manager.io
  scope: Namespaced
  names: {kind: Issuer, plural: issuers}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self-signed}
spec: {selfSigned: {}}",
        instead: "\
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self-signed}
spec: {selfSigned: {}}",
    },
    checks: &[Check::Set(check)],
};

/// Reports the first object of each kind that is defined in the same set.
///
/// It only warns, as some tools put the objects into order themselves: Helm installs the definitions of `crds/` first,
/// and Argo CD has waves. `kubectl apply` does not: it resolves all kinds of a stream before it sends anything.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for definition in set.built_in("CustomResourceDefinition") {
        let Some((group, kind)) = defined_kind(definition) else { continue };
        // One finding a definition: all objects of its kind are refused for the same reason.
        // The group is compared too, as projects use the same words for their kinds.
        let Some(first) = set.of_kind(kind).find(|object| object.identity().group() == group) else {
            continue;
        };
        let message = format!("{} is applied together with the definition of its kind", first.identity());
        let finding = Finding::new(first, ValuePath::keys(&["kind"]), message)
            .also(definition, ValuePath::keys(&["spec", "names", "kind"]), "defined here")
            .help("apply the definition first: render `--only-crds`, then `--skip-crds`");
        report.add(finding);
    }
}

/// The group and the kind that a definition defines. None if it lacks one of them, which the API check reports.
/// Versions are not compared: a definition with another version defines the kind as well.
fn defined_kind<'d>(definition: &ObjectTree<'d>) -> Option<(&'d str, &'d str)> {
    let spec = definition.spec()?;
    Some((spec.get("group")?.as_str()?, spec.get("names")?.get("kind")?.as_str()?))
}
