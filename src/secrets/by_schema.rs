//! Secrets told by the values schema: what is `writeOnly`, and every part of it.
//!
//! What the schema says is a table of wants ([`WantRef`]), which is walked down beside the tree or the path. Where that
//! walk leaves the schema, because it does not say what stands there, the name of the key decides instead:
//!
//! | the schema says of the place | `apiKey: x` is |
//! |---|---|
//! | `writeOnly: true`, or it is inside of such a place | secret |
//! | it names the key, with a type | not secret: the author has looked at it |
//! | the same, and the value is of another kind: a text where a map is wanted | secret, by its name |
//! | no such key, below a map that it names with a type and that is called `passwords` | secret, unless a setting beside it was meant |
//! | nothing, or `{}`, or what all keys of the map have in common | secret, by its name |
//! | no such key is allowed | secret, by its name, or if what was meant may be a secret: `pasword` |

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::judge::Secrecy;
use super::names::{NameSays, name_says};
use crate::diagnostic::nearest;
use crate::yaml::{
    Kind, Map, Node, Scalar, Segment, Types, Value, ValuePath, WantId, WantRef, same_in_yaml_1_1,
};

/// Whether a key is the author's: the schema does not name it, or says nothing of what stands under it.
fn is_own_key(key: &str, map: Option<WantRef<'_>>) -> bool {
    let Some(map) = map else { return true };
    let (want, is_named) = map.look_up(key);
    !is_named || says_nothing(want)
}

/// Whether a value is of a kind that is wanted. What the schema says of a name is said of such values: of a text where a map is
/// wanted, nobody has looked at what it is. A number or a boolean of another sort is none of another kind.
fn fits(want: Option<WantRef<'_>>, node: &Node) -> bool {
    let Some(want) = want else { return true };
    let types = want.types();
    match &node.value {
        Value::Map(_) => types.allows(Types::OBJECT),
        Value::List(_) => types.allows(Types::ARRAY),
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Str if types.allows(Types::STRING) => true,
            // `yes` and its like, and numbers in quotes, are what is wanted in another form.
            Kind::Str => {
                types.allows(Types::BOOLEAN) && !same_in_yaml_1_1(&scalar.text)
                    || types.allows(Types::NUMBER) && scalar.text.parse::<f64>().is_ok()
            }
            Kind::Null | Kind::Bool => true,
            Kind::Int | Kind::Float => types.allows(Types::SCALARS),
        },
    }
}

/// Whether a key that the schema does not name is most likely one beside it that is no secret.
fn is_plain_misprint(key: &str, map: Option<WantRef<'_>>, node: &Node) -> bool {
    let Some(map) = map else { return false };
    let want = nearest(key, map.known_keys()).and_then(|meant| map.property(meant));
    want.is_some_and(|want| !want.secret() && fits(Some(want), node))
}

/// Whether a schema says no more of a place than that it may be there. A want of any type says no more than no want at all, unless
/// it calls the place a secret.
fn says_nothing(want: Option<WantRef<'_>>) -> bool {
    want.is_none_or(|want| want.types() == Types::ANY && !want.secret() && want.known_keys().next().is_none())
}

/// Whether a path leads to a secret of the schema, or through one. `root` is what is wanted of all values.
pub fn is_secret_path(root: WantRef<'_>, path: &ValuePath) -> bool {
    let mut want = Some(root);
    let mut segments = path.0.iter();
    // Each place is checked before the next segment is taken, so the root and the end of the path are checked as well.
    loop {
        if want.is_some_and(|want| want.secret()) {
            return true;
        }
        let Some(segment) = segments.next() else { return false };
        want = want.and_then(|want| want.child(segment));
    }
}

/// Whether the schema says anything at all: one of a chart without a schema does not, nor does `{}`.
pub(super) fn says_anything(root: WantRef<'_>) -> bool {
    root.types() != Types::ANY || root.known_keys().next().is_some()
}

/// What is wanted at the end of a path, and whether one of the path's keys gives away that a secret stands there. `value` is what
/// is assigned to the path.
pub(super) fn at_path<'w, 'p>(
    root: WantRef<'w>,
    path: impl IntoIterator<Item = &'p Segment>,
    value: &Node,
) -> (Option<WantRef<'w>>, bool) {
    let mut want = Some(root);
    let mut secret = false;
    let mut is_below_secret = false;
    let mut misspelt = Misspelt::of(root);
    let mut segments = path.into_iter().peekable();
    while let Some(segment) = segments.next() {
        let below = want.and_then(|want| want.child(segment));
        if let Segment::Key(key) = segment {
            let is_last = segments.peek().is_none();
            // What is above the value is what the path makes of it, and is not judged.
            if is_own_key(key, want) || (is_last && !fits(below, value)) {
                secret |= name_says(key) == NameSays::Secret || misspelt.may_be_secret(key, want);
                secret |= is_below_secret && !(is_last && is_plain_misprint(key, want, value));
            } else {
                is_below_secret |= name_says(key) == NameSays::Secret;
            }
        }
        want = below;
    }
    (want, secret)
}

/// Shows every secret scalar of a tree to `found`; `secret` says that something above it already is one. `want` is what
/// is wanted of the tree, none where the schema says nothing about it.
pub(super) fn each_secret(
    node: &Node,
    want: Option<WantRef<'_>>,
    secret: bool,
    found: &mut impl FnMut(&Node, &Scalar),
) {
    let mut misspelt = want.map(Misspelt::of);
    let place = Place { want, secret, secrecy: Secrecy::of_tree(node), named: None };
    walk(node, place, &mut misspelt, found);
}

/// What is known of a place on the way down.
#[derive(Clone, Copy)]
struct Place<'w, 'p> {
    want: Option<WantRef<'w>>,
    secret: bool,
    /// What names say where the schema is silent.
    secrecy: Secrecy,
    /// The keys above that the schema names, up to the first one that it does not. Their names count for what it does not know
    /// below them, and are looked at only there.
    named: Option<&'p Named<'p>>,
}

/// A key that the schema names.
#[derive(Clone, Copy)]
struct Named<'p> {
    map: &'p Map,
    key: &'p str,
    above: Option<&'p Named<'p>>,
}

impl Named<'_> {
    /// What the names say of all that stands below.
    fn secrecy(&self) -> Secrecy {
        let above = self.above.map_or_else(Secrecy::unknown, Named::secrecy);
        above.under_key(self.map, self.key, true)
    }
}

fn walk<'w>(
    node: &Node,
    place: Place<'w, '_>,
    misspelt: &mut Option<Misspelt<'w>>,
    found: &mut impl FnMut(&Node, &Scalar),
) {
    let Place { want, secrecy, named, .. } = place;
    let secret = place.secret || want.is_some_and(WantRef::secret);
    match &node.value {
        // Maps and lists are no secrets themselves: what is hidden is a text that can be read.
        Value::Scalar(scalar) if secret || secrecy.hides_named(scalar) => found(node, scalar),
        Value::Scalar(_) => {}
        Value::List(items) => {
            let want = want.and_then(WantRef::item);
            // What stands beside an item is looked at when something is shown.
            items.iter().for_each(|item| {
                // What is of another kind than the items is what nobody has looked at.
                let secrecy = match named {
                    Some(named) if !fits(want, item) => named.secrecy(),
                    _ => secrecy,
                };
                walk(item, Place { want, secret, secrecy, named }, misspelt, found);
            });
        }
        Value::Map(map) => {
            // Of what the schema does not name here.
            let mut unnamed: Option<Secrecy> = None;
            for (key, entry) in map {
                let (below, is_named) = want.map_or((None, false), |want| want.look_up(key));
                let is_own = !is_named || says_nothing(below) || !fits(below, &entry.node);
                // Most keys are named, and then nothing has to be guessed.
                if !is_own {
                    let named = Named { map, key, above: named };
                    let secrecy = Secrecy::unknown();
                    walk(
                        &entry.node,
                        Place { want: below, secret, secrecy, named: Some(&named) },
                        misspelt,
                        found,
                    );
                    continue;
                }
                let mut above = *unnamed.get_or_insert_with(|| named.map_or(secrecy, Named::secrecy));
                if above.is_named_secret() && !is_named && is_plain_misprint(key, want, &entry.node) {
                    above = Secrecy::unknown();
                }
                let secrecy = above.under_key(map, key, true);
                let guess = |misspelt: &mut Misspelt<'w>| misspelt.may_be_secret(key, want);
                let secret = secret || (!is_named && misspelt.as_mut().is_some_and(guess));
                walk(&entry.node, Place { want: below, secret, secrecy, named: None }, misspelt, found);
            }
        }
    }
}

/// Keys that the schema does not name: misprints of others, or others at a wrong place, if they are not the author's own.
/// What stands under one is a secret if what was meant is one.
struct Misspelt<'w> {
    root: WantRef<'w>,
    /// The names of all secrets of the schema; found when they are first needed, as most values have no such key.
    secrets: Option<BTreeSet<&'w str>>,
    /// How many keys have been compared.
    compared: usize,
}

/// After so many keys, whatever stands under another one that is not allowed is taken for a secret: comparing names is
/// slow, and values of this sort are not meant for the chart.
const MOST_COMPARED: usize = 200;

/// Bytes of the shortest key that is taken for a misprint where any key is allowed.
const SHORTEST_MISPRINT: usize = 5;

impl<'w> Misspelt<'w> {
    fn of(root: WantRef<'w>) -> Self {
        Misspelt { root, secrets: None, compared: 0 }
    }

    /// Whether a key, of a map of which `map` is wanted, may be meant for a secret or for a map that holds one.
    fn may_be_secret(&mut self, key: &str, map: Option<WantRef<'w>>) -> bool {
        let Some(map) = map.filter(|map| !map.names(key) && says_anything(*map)) else { return false };
        // With one of its two quotes it is what it would be with both.
        let meant = without_lost_quote(key);
        let named = map.properties().find(|(name, _)| *meant != *key && **name == *meant);
        if named.is_some_and(|(_, want)| holds_secret(want, &mut BTreeSet::new())) {
            return true;
        }
        let key = &*meant;
        // Among keys of the author's own, short ones are near to each other by accident.
        if map.is_open() && key.len() < SHORTEST_MISPRINT {
            return false;
        }
        self.compared += 1;
        if self.compared > MOST_COMPARED {
            return !map.is_open();
        }
        let root = self.root;
        let secrets = self.secrets.get_or_insert_with(|| root.secret_names().collect());
        if nearest(key, secrets.iter().copied()).is_some() {
            return true;
        }
        let beside = map.properties().filter(|(_, want)| holds_secret(*want, &mut BTreeSet::new()));
        nearest(key, beside.map(|(name, _)| name)).is_some()
    }
}

/// A key that has lost one of its quotes as it would be with both, in which it may have been escaped.
fn without_lost_quote(key: &str) -> Cow<'_, str> {
    let meant = key.trim_matches(['"', '\'']);
    match serde_json::from_str::<String>(&format!("\"{meant}\"")) {
        Ok(meant) if meant.len() < key.len() => Cow::Owned(meant),
        _ => Cow::Borrowed(meant),
    }
}

/// Whether there is a secret at or below a want.
fn holds_secret(want: WantRef<'_>, seen: &mut BTreeSet<WantId>) -> bool {
    if want.secret() {
        return true;
    }
    seen.insert(want.id())
        && (want.properties().any(|(_, below)| holds_secret(below, seen))
            || want.additional().into_iter().chain(want.item()).any(|below| holds_secret(below, seen)))
}
