//! The object and the field that a question names.

use super::query::{self, Astray};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::manifest::{Document, Identity};
use crate::session::{Outcome, Reported, Session};
use crate::yaml::{Node, Value};

/// The object of a name: `Deployment/web`, or `shop/Deployment/web` where several namespaces have one.
pub(super) fn find<'d>(session: &Session, documents: &'d [Document], name: &str) -> Outcome<&'d Document> {
    let parts: Vec<&str> = name.splitn(3, '/').collect();
    let is_meant = |document: &&Document| {
        let identity = &document.identity;
        let (namespace, kind, name) = match parts.as_slice() {
            [kind, name] => (None, *kind, *name),
            [namespace, kind, name] => (Some(*namespace), *kind, *name),
            _ => return false,
        };
        let here =
            namespace.is_none_or(|namespace| identity.namespace.as_deref().unwrap_or_default() == namespace);
        here && identity.name == name && identity.kind.eq_ignore_ascii_case(kind)
    };
    let found: Vec<&Document> = documents.iter().filter(is_meant).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(no_object(session, documents, name)),
        several => {
            let message = format!("{} objects are called `{name}`", several.len());
            let names: Vec<String> =
                several.iter().map(|document| format!("`{}`", full_name(document))).collect();
            let finding = Diagnostic::error(Code::Q001, message);
            Err(session.report(finding.help(format!("name one of {}", names.join(", ")))))
        }
    }
}

fn no_object(session: &Session, documents: &[Document], name: &str) -> Reported {
    let names: Vec<String> = documents.iter().map(|document| short_name(&document.identity)).collect();
    let finding = Diagnostic::error(Code::Q001, format!("no object `{name}` is rendered"));
    let near = nearest(name, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    let own = name.rsplit('/').next().unwrap_or_default();
    let alike: Vec<String> = documents
        .iter()
        .filter(|document| document.identity.name == own)
        .map(|document| format!("`{}`", short_name(&document.identity)))
        .collect();
    let listed = || {
        let names = if alike.is_empty() {
            names.iter().map(|name| format!("`{name}`")).collect()
        } else {
            alike.clone()
        };
        let more = if names.len() > MAX_NAMED { ", …" } else { "" };
        format!("there are {}{more}", names[..names.len().min(MAX_NAMED)].join(", "))
    };
    session.report(finding.help(near.unwrap_or_else(listed)))
}

fn short_name(identity: &Identity) -> String {
    format!("{}/{}", identity.kind, identity.name)
}

fn full_name(document: &Document) -> String {
    let identity = &document.identity;
    format!("{}/{}", identity.namespace.as_deref().unwrap_or_default(), short_name(identity))
}

/// Says how far a path leads, and what is there.
pub(super) fn lost(session: &Session, document: &Document, astray: &Astray) -> Reported {
    let object = &document.identity;
    let missing = query::written(&astray.rest);
    let here = if astray.path.0.is_empty() { String::new() } else { format!(" below `{}`", astray.path) };
    let finding = Diagnostic::error(Code::Q001, format!("{object} has no field `{missing}`{here}"));
    let known = astray.path.find(&document.node).map(names_below).unwrap_or_default();
    let first = query::written(&astray.rest[..1]);
    let near = nearest(first.trim_matches(['[', ']']), known.iter().map(String::as_str));
    let help = match (near, known.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "the path ends one step earlier".to_owned(),
        (None, known) => {
            let names: Vec<String> = known.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
            format!("there are {}{}", names.join(", "), if known.len() > MAX_NAMED { ", …" } else { "" })
        }
    };
    session.report(finding.help(help))
}

/// Names in a help line.
const MAX_NAMED: usize = 8;

/// What a path can go on with below a node.
fn names_below(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Scalar(_) => Vec::new(),
        Value::Map(map) => map.keys().map(|key| key.to_string()).collect(),
        Value::List(items) => {
            let name = |(at, item): (usize, &Node)| query::name_of(item).unwrap_or_else(|| at.to_string());
            items.iter().enumerate().map(name).collect()
        }
    }
}
