//! What functions know besides their arguments: a seed in the place of chance, one moment in the place of the clock, and the
//! objects that `lookup` finds.
//!
//! ```text
//! Host ─► draw("randAlphaNum", arguments) ─► Draw: an endless stream of bytes, the same in every run
//! ```
//!
//! A stream is made of the seed, the function, its arguments, and how often they were drawn before: so what one template
//! draws does not depend on what others draw with other arguments.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::patterns::Compiled;
use crate::gotemplate::value::Value;

/// What functions of a render know besides their arguments.
#[derive(Debug)]
pub struct Host {
    seed: Vec<u8>,
    genuine: bool,
    now: Moment,
    objects: Vec<Value>,
    drawn: RefCell<HashMap<[u8; 32], u64>>,
    /// Patterns that were compiled, as charts use few, and often.
    pub(super) patterns: RefCell<HashMap<Vec<u8>, Rc<Compiled>>>,
}

/// A moment of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds behind the second, less than a billion.
    pub nanos: u32,
}

impl Moment {
    /// A moment as RFC 3339 has it; none of what is no such text.
    pub fn parse(text: &str) -> Option<Moment> {
        let time: jiff::Timestamp = text.parse().ok()?;
        let nanos = u32::try_from(time.subsec_nanosecond()).ok()?;
        Some(Moment { seconds: time.as_second(), nanos })
    }
}

/// The moment that the clock shows where nobody should see it: 2000-01-01 00:00:00 UTC.
pub const FIXED_NOW: Moment = Moment { seconds: 946_684_800, nanos: 0 };

impl Host {
    /// For renders whose draws nobody uses, as they are masked. Keys, certificates and hashes have the form of real ones, and
    /// are none: they cost nothing, and nobody can take them for secrets.
    pub fn fixed(now: Moment) -> Host {
        Host::new(b"plimsoll".to_vec(), false, now)
    }

    /// For renders whose draws are used: everything is made of a secret of the user.
    pub fn seeded(seed: impl Into<Vec<u8>>, now: Moment) -> Host {
        Host::new(seed.into(), true, now)
    }

    fn new(seed: Vec<u8>, genuine: bool, now: Moment) -> Host {
        Host {
            seed,
            genuine,
            now,
            objects: Vec::new(),
            drawn: RefCell::default(),
            patterns: RefCell::default(),
        }
    }

    /// With objects of a cluster that `lookup` finds, each a map as its manifest has it.
    #[must_use]
    pub fn with_objects(self, objects: Vec<Value>) -> Host {
        Host { objects, ..self }
    }

    /// What `now` says.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Whether keys, certificates and hashes must be real ones.
    pub fn is_genuine(&self) -> bool {
        self.genuine
    }

    /// A stream of bytes for a call of a function, told apart by its label and by how often it was asked for before.
    pub fn draw(&self, label: &[&[u8]]) -> Draw {
        let mut key = self.mac();
        for part in label {
            key.update(&(part.len() as u64).to_be_bytes());
            key.update(part);
        }
        let key: [u8; 32] = key.finalize().into_bytes().into();
        let mut drawn = self.drawn.borrow_mut();
        let before = drawn.entry(key).or_insert(0);
        let mut stream = self.mac();
        stream.update(&key);
        stream.update(&before.to_be_bytes());
        *before += 1;
        Draw { key: stream.finalize().into_bytes().into(), block: 0, bytes: Vec::new() }
    }

    fn mac(&self) -> Hmac<Sha256> {
        keyed(&self.seed)
    }

    /// The object of this kind and name, or with an empty name a list of those of the kind; an empty map if there is none.
    pub fn lookup(&self, version: &str, kind: &str, namespace: &str, name: &str) -> Value {
        let none: [(&str, Value); 0] = [];
        let is = |object: &Value, path: &[&str], wanted: &str| {
            let found = path.iter().try_fold(object.clone(), |value, key| match value {
                Value::Map(map) => map.get(key.as_bytes()),
                _ => None,
            });
            matches!(found, Some(Value::String(text)) if text.as_bytes() == wanted.as_bytes())
        };
        let of_kind = |object: &&Value| {
            is(object, &["apiVersion"], version)
                && is(object, &["kind"], kind)
                && (namespace.is_empty() || is(object, &["metadata", "namespace"], namespace))
        };
        let mut found = self.objects.iter().filter(of_kind);
        if !name.is_empty() {
            return found
                .find(|object| is(object, &["metadata", "name"], name))
                .cloned()
                .unwrap_or_else(|| Value::map(none));
        }
        let items: Vec<Value> = found.cloned().collect();
        if items.is_empty() {
            return Value::map(none);
        }
        Value::map([
            ("apiVersion", Value::plain_string(version)),
            ("kind", Value::plain_string(format!("{kind}List"))),
            ("items", Value::list(items)),
            ("metadata", Value::map([("resourceVersion", Value::plain_string(""))])),
        ])
    }
}

/// A keyed hash; keys may have any length.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "it takes keys of every length")]
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac
}

/// An endless stream of drawn bytes.
#[derive(Debug)]
pub struct Draw {
    key: [u8; 32],
    block: u64,
    /// What is left of the last block, the next byte at the end.
    bytes: Vec<u8>,
}

impl Draw {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.bytes.pop() {
                return byte;
            }
            let mut block = keyed(&self.key);
            block.update(&self.block.to_be_bytes());
            self.block += 1;
            self.bytes = block.finalize().into_bytes().to_vec();
        }
    }

    /// The next bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    /// A number below a bound that is not 0, each as likely as the others.
    pub fn below(&mut self, bound: u64) -> u64 {
        let bound = bound.max(1);
        let whole = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.bytes(8).iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            if number < whole {
                return number % bound;
            }
        }
    }

    /// One of several.
    pub fn one_of(&mut self, letters: &[u8]) -> u8 {
        let index = usize::try_from(self.below(letters.len() as u64)).unwrap_or(0);
        letters.get(index).copied().unwrap_or(0)
    }
}
