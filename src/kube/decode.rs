//! From a checked tree to a typed object.

use super::kinds::{Object, decode_as};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Document, Identity};
use crate::session::{Outcome, Session};

/// The typed object behind a document; [`Object::Other`] for the kinds that rules do not read. Reports K012
/// where the types of Kubernetes refuse what the check let pass.
pub fn decode(session: &Session, document: &Document) -> Outcome<Object> {
    let identity = &document.identity;
    decode_as(&identity.api_version, &identity.kind, &document.node).map_err(|error| {
        let message = format!("{identity} cannot be decoded at `{}`: {}", error.path, error.reason);
        let place = session.resolve(error.span.unwrap_or(document.node.span));
        let finding = Diagnostic::error(Code::K012, message).at(place, "this value");
        session.report(finding.help("write the value as the Kubernetes API reference describes it"))
    })
}

/// Whether objects like this one have a type: a kind of another group may bear the name of a built-in one.
pub fn is_decoded(object: &Identity) -> bool {
    Object::DECODED
        .iter()
        .any(|(api_version, kind)| object.kind == *kind && object.api_version == *api_version)
}
