//! How a test names objects: `Deployment/web`, `apps/v1/Deployment/shop/web`, `ConfigMap/web-*`.

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Identity;
use crate::session::Session;
use crate::source::Span;
use crate::yaml::Node;

/// The objects that a test means.
#[derive(Clone, Debug)]
pub(super) struct ObjectPattern {
    /// As it is written.
    pub(super) text: String,
    api_version: Option<String>,
    kind: String,
    namespace: Option<String>,
    /// With `*` for any text.
    name: String,
}

impl ObjectPattern {
    /// Reads a name. A kind by itself means all of it.
    ///
    /// # Errors
    /// What is wrong with it, in a phrase.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let parts: Vec<&str> = text.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err("a part of it is empty");
        }
        // Groups, versions, namespaces and names are in lower case, kinds are not.
        let Some(at) = parts.iter().position(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
        else {
            return Err("it names no kind, which begins with a capital letter");
        };
        let (namespace, name) = match parts[at + 1..] {
            [] => (None, "*"),
            [name] => (None, name),
            [namespace, name] => (Some(namespace.to_owned()), name),
            _ => return Err("it has too many parts"),
        };
        let api_version = match at {
            0 => None,
            1 | 2 => Some(parts[..at].join("/")),
            _ => return Err("it has too many parts"),
        };
        Ok(ObjectPattern {
            text: text.to_owned(),
            api_version,
            kind: parts[at].to_owned(),
            namespace,
            name: name.to_owned(),
        })
    }

    /// Whether an object is meant.
    pub(super) fn matches(&self, object: &Identity) -> bool {
        *object.kind == *self.kind
            && self.api_version.as_ref().is_none_or(|version| *object.api_version == **version)
            && self
                .namespace
                .as_ref()
                .is_none_or(|namespace| object.namespace.as_deref() == Some(&**namespace))
            && fits(&self.name, &object.name)
    }

    /// An object as a pattern would name it.
    pub(super) fn of(object: &Identity) -> String {
        format!("{}/{}", object.kind, object.name)
    }
}

/// Reads the name of objects; A001 for what is wrong with it.
pub(super) fn read_pattern(session: &Session, node: &Node) -> Option<ObjectPattern> {
    let text = node.as_str()?;
    ObjectPattern::parse(text).map_err(|reason| refuse_pattern(session, text, node.span, reason)).ok()
}

/// Reports what names no object.
pub(super) fn refuse_pattern(session: &Session, text: &str, span: Span, reason: &str) {
    let message = format!("`{text}` names no object: {reason}");
    let finding = Diagnostic::error(Code::A001, message).at(span, "this name");
    session.report(finding.help("write `Deployment/web`, `Deployment/NAMESPACE/web` or `ConfigMap/web-*`"));
}

/// Whether a text fits a pattern in which `*` stands for any text. In time of the product of both lengths.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        // The first place is the best one: it leaves most to the others.
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn names_mean_objects() {
        let object = Identity {
            api_version: Arc::from("apps/v1"),
            kind: Arc::from("Deployment"),
            namespace: Some(Arc::from("shop")),
            name: Arc::from("web-api"),
            is_generated: false,
        };
        for (pattern, meant) in [
            ("Deployment/web-api", true),
            ("Deployment/shop/web-api", true),
            ("apps/v1/Deployment/web-api", true),
            ("apps/v1/Deployment/shop/web-api", true),
            ("Deployment", true),
            ("Deployment/*", true),
            ("Deployment/web-*", true),
            ("Deployment/*-api", true),
            ("Deployment/w*b*api", true),
            ("Deployment/web", false),
            ("Deployment/web-*-api", false),
            ("Deployment/other/web-api", false),
            ("apps/v1beta1/Deployment/web-api", false),
            ("Service/web-api", false),
        ] {
            assert_eq!(ObjectPattern::parse(pattern).unwrap().matches(&object), meant, "{pattern}");
        }
        for wrong in ["web", "deployment/web", "", "Deployment/", "a/b/c/Deployment/web", "Deployment/a/b/c"]
        {
            assert!(ObjectPattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
