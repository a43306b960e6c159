//! A value of an object as it may be shown: every secret in it is `***`.

use crate::kube::TypeRef;
use crate::secrets::Secrecy;
use crate::session::Session;
use crate::yaml::{Map, Node, Value};

/// A value as it may be shown: every secret in it is `***`.
#[derive(Clone, Debug)]
pub struct MaskedValue {
    /// The value.
    pub node: Node,
    /// Whether the whole of it is a secret.
    pub secret: bool,
}

impl MaskedValue {
    /// The value with every secret in it masked. `of` is its type, if the API knows it.
    pub(super) fn new(session: &Session, node: &Node, secrecy: Secrecy, of: Option<TypeRef<'_>>) -> Self {
        if secrecy.hides(session, node) {
            return MaskedValue { node: Node::string("***", node.span), secret: true };
        }
        let mut masked = node.clone();
        match (&mut masked.value, &node.value) {
            (Value::List(items), _) => {
                let of = of.and_then(TypeRef::item);
                for item in items {
                    *item = MaskedValue::new(session, item, secrecy.item(), of).node;
                }
            }
            (Value::Map(map), Value::Map(original)) => {
                for (key, entry) in map {
                    let secrecy = under_key(secrecy, original, of, key);
                    entry.node =
                        MaskedValue::new(session, &entry.node, secrecy, of.and_then(|of| of.key(key))).node;
                }
            }
            _ => {}
        }
        MaskedValue { node: masked, secret: false }
    }
}

/// What is known of the secrecy of what stands under a key of a map of the type `of`.
pub(super) fn under_key(secrecy: Secrecy, map: &Map, of: Option<TypeRef<'_>>, key: &str) -> Secrecy {
    // Where the API does not name the keys, somebody else did.
    secrecy.under_key(map, key, of.is_none_or(TypeRef::is_free))
}
