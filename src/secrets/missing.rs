//! The secrets that a user still has to make: those that the schema can have generated and that no layer gives.
//!
//! `plimsoll secrets` writes them as a layer of values, to be given with the others:
//!
//! ```text
//! schema                                          values                       layer
//!
//! database.password: {x-generate: {length: 32}}   database: {host: db}         database: {password: 5VGe…}
//! api.token: {x-generate: …}                      api: {enabled: false}        (nothing: the part is off)
//! users[].password, merged by name                users: [{name: ann}]         users: [{name: ann, password: …}]
//! hosts[].key, not merged                         hosts: [{name: a}]           (reported in `in_lists`)
//! ```
//!
//! 1. [`wants_above_secrets`] finds the parts of the schema that have a recipe in them, from the recipes up.
//! 2. [`Search`] goes down schema and values together, within those parts, and makes a [`Layer`] of what is missing.
//! 3. [`MissingSecrets::generate`] turns the recipes of the layer into texts.
//!
//! The search comes before the randomness, so that the library needs none to say what is missing.

use std::collections::{HashMap, HashSet, hash_map};
use std::sync::Arc;

use super::recipe::generate;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Reported, Session};
use crate::source::{SourceId, Span};
use crate::yaml::{Entry, Generate, Kind, Map, Merge, Node, Value, ValuePath, WantId, WantRef};

/// What is missing of the secrets that can be generated.
#[derive(Debug)]
pub struct MissingSecrets {
    /// A layer of values with a recipe in the place of each secret; none if none is missing.
    layer: Option<Layer>,
    /// Secrets in items of lists that higher layers replace as a whole: no layer can give one of them and leave the
    /// rest.
    pub in_lists: Vec<ValuePath>,
}

/// A part of the layer.
#[derive(Debug)]
enum Layer {
    Secret(Generate),
    Map(Vec<(String, Layer)>),
    /// Items of a list that the schema merges by a key: what each has under that key, and what it lacks.
    Items(Arc<str>, Vec<(Node, Layer)>),
}

impl MissingSecrets {
    /// Whether there is nothing that a layer could give.
    pub fn is_empty(&self) -> bool {
        self.layer.is_none()
    }

    /// A layer of values with fresh secrets, a map. `random` fills a buffer with random bytes, and may be asked several
    /// times.
    ///
    /// # Errors
    /// Those of `random`.
    pub fn generate<E>(&self, mut random: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Node, E> {
        match &self.layer {
            Some(layer) => layer.generate(&mut random),
            None => Ok(Node::empty_map(Span::NOWHERE)),
        }
    }
}

impl Layer {
    fn generate<E>(&self, random: &mut impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Node, E> {
        // What is generated stands in no text.
        let span = Span::NOWHERE;
        let entry = |node: Node| Entry { key_span: span, node };
        Ok(match self {
            Layer::Secret(recipe) => Node::string(generate(*recipe, random)?, span),
            Layer::Map(parts) => {
                let mut map = Map::default();
                for (key, part) in parts {
                    map.insert(key.as_str().into(), entry(part.generate(random)?));
                }
                Node::new(Value::Map(map), span)
            }
            Layer::Items(key, items) => {
                let mut list = Vec::with_capacity(items.len());
                for (name, part) in items {
                    let mut map = Map::default();
                    // The name first, as people write it; by it, the item is merged into the one that is there.
                    map.insert(Arc::clone(key), entry(name.clone()));
                    let part = part.generate(random)?;
                    for (key, below) in part.as_map().into_iter().flatten() {
                        map.insert(key.clone(), below.clone());
                    }
                    list.push(Node::new(Value::Map(map), span));
                }
                Node::new(Value::List(list), span)
            }
        })
    }
}

/// The most places that are looked at: a small schema whose definitions all refer to each other has more of them than
/// anybody could set.
const MAX_VISITS: usize = 100_000;

/// Finds the secrets that can be generated, are needed, and are not given.
///
/// Not needed is what lies in a part that is switched off (`enabled: false`), that takes its secrets from an
/// `existingSecret`, that a `null` has taken away (`removed` has the paths), or in whose place is something that has no
/// parts.
///
/// A recursive schema asks for secrets at any depth. Beyond the values that are there, a schema inside itself asks for
/// nothing new.
///
/// # Errors
/// C004 when the schema (`source`) asks for more than can be gone through.
pub fn missing_secrets(
    session: &Session,
    source: SourceId,
    root: WantRef<'_>,
    values: &Node,
    removed: &[ValuePath],
) -> Outcome<MissingSecrets> {
    let mut search = Search {
        session,
        source,
        removed,
        leads_to_secret: wants_above_secrets(root),
        ancestors: Vec::new(),
        visits: 0,
        in_lists: Vec::new(),
    };
    let layer = search.at(root, Some(values), &ValuePath::root())?;
    Ok(MissingSecrets { layer, in_lists: search.in_lists })
}

/// The wants at which a secret can be generated, or somewhere below them. Without them, the search would get lost in
/// parts of a schema that ask for no secret: a Kubernetes type refers to hundreds of others.
///
/// The schema is walked once, from the root down, and each want is noted with those that refer to it. Then these edges
/// are followed back, from the recipes up. A recursive walk that caches its answers would not do: in a circle, a want
/// would be asked for before its answer is known.
fn wants_above_secrets(root: WantRef<'_>) -> HashSet<WantId> {
    let mut parents: HashMap<WantId, Vec<WantId>> = HashMap::from([(root.id(), Vec::new())]);
    let mut waiting = vec![root];
    let mut found = Vec::new();
    while let Some(want) = waiting.pop() {
        if want.generate().is_some() {
            found.push(want.id());
        }
        let named = want.properties().map(|(_, below)| below);
        for child in named.chain(want.additional()).chain(want.item()) {
            match parents.entry(child.id()) {
                hash_map::Entry::Occupied(mut known) => known.get_mut().push(want.id()),
                hash_map::Entry::Vacant(new) => {
                    new.insert(vec![want.id()]);
                    waiting.push(child);
                }
            }
        }
    }
    let mut above = HashSet::new();
    while let Some(id) = found.pop() {
        if above.insert(id) {
            found.extend(parents.get(&id).into_iter().flatten());
        }
    }
    above
}

/// The walk down schema and values, with what it has found so far.
struct Search<'w> {
    session: &'w Session,
    /// The schema, to point at.
    source: SourceId,
    removed: &'w [ValuePath],
    /// The wants that have a recipe, or one below them.
    leads_to_secret: HashSet<WantId>,
    /// What is wanted at the places above, from the root down.
    ancestors: Vec<WantRef<'w>>,
    /// Places that were looked at.
    visits: usize,
    /// [`MissingSecrets::in_lists`].
    in_lists: Vec<ValuePath>,
}

impl<'w> Search<'w> {
    /// What is missing at a place and below it. `value` is what is there, if anything is.
    fn at(&mut self, want: WantRef<'w>, value: Option<&Node>, path: &ValuePath) -> Outcome<Option<Layer>> {
        let value = value.filter(|value| !value.is_null());
        let is_needed = self.leads_to_secret.contains(&want.id()) && is_in_use(value);
        if !is_needed {
            return Ok(None);
        }
        self.visits += 1;
        if self.visits > MAX_VISITS {
            return Err(self.too_much());
        }
        if let Some(recipe) = want.generate() {
            // An empty text is how a values file says that a secret has to be set.
            let is_given = value.is_some_and(|value| value.as_str() != Some(""));
            return Ok(if is_given { None } else { Some(Layer::Secret(recipe)) });
        }
        // Only where there is no value: where there is one, the search goes no deeper than the values do.
        if value.is_none() && (self.removed.contains(path) || self.is_inside_itself(want)) {
            return Ok(None);
        }
        if path.0.len() >= self.session.limits().of(Limit::Nesting) {
            // The layer could not be read again.
            return Err(self.too_much());
        }
        self.ancestors.push(want);
        let found = match value.map(|value| &value.value) {
            None => self.in_map(want, None, path),
            Some(Value::Map(map)) => self.in_map(want, Some(map), path),
            Some(Value::List(items)) => self.in_list(want, items, path),
            // A map in its place would be refused when the layers are merged: the two clash.
            Some(Value::Scalar(_)) => Ok(None),
        };
        self.ancestors.pop();
        found
    }

    /// Whether the same is wanted here as somewhere above. By parts and not by id, because `{"$ref": "#/$defs/store"}`
    /// and `{"allOf": [{"$ref": "#/$defs/store"}]}` are two entries of the table that want the same.
    fn is_inside_itself(&self, want: WantRef<'w>) -> bool {
        let id = |want: Option<WantRef<'w>>| want.map(WantRef::id);
        self.ancestors.iter().any(|above| {
            let has_same_keys = || {
                let keys = |want: WantRef<'w>| want.properties().map(|(key, below)| (key, below.id()));
                keys(*above).eq(keys(want))
            };
            above.id() == want.id()
                || (id(above.additional()) == id(want.additional())
                    && id(above.item()) == id(want.item())
                    && has_same_keys())
        })
    }

    /// What is missing of the keys that the schema names, and of those that a map has besides.
    fn in_map(&mut self, want: WantRef<'w>, map: Option<&Map>, path: &ValuePath) -> Outcome<Option<Layer>> {
        let mut parts = Vec::new();
        for (key, below) in want.properties() {
            let value = map.and_then(|map| map.get(key)).map(|entry| &entry.node);
            if let Some(layer) = self.at(below, value, &path.key(key))? {
                parts.push((key.to_owned(), layer));
            }
        }
        // Of keys that the schema does not name, only those that are there can need one.
        for (key, entry) in map.into_iter().flatten().filter(|(key, _)| !want.names(key)) {
            let Some(below) = want.additional() else { continue };
            if let Some(layer) = self.at(below, Some(&entry.node), &path.key(&**key))? {
                parts.push((key.to_string(), layer));
            }
        }
        Ok(if parts.is_empty() { None } else { Some(Layer::Map(parts)) })
    }

    /// What is missing of the items of a list. No layer can add to an item, unless the schema merges the list by a key
    /// and the item is the first with its name.
    fn in_list(&mut self, want: WantRef<'w>, items: &[Node], path: &ValuePath) -> Outcome<Option<Layer>> {
        let Some(below) = want.item() else { return Ok(None) };
        let merge = want.merge();
        let mut named = HashSet::new();
        let mut parts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            let layer = self.at(below, Some(item), &path)?;
            // Of two items with one name, a layer reaches the first alone.
            let name =
                name_of(item, &merge).filter(|name| named.insert(name.as_scalar().map(|name| &*name.text)));
            match (layer, name) {
                (None, _) => {}
                (Some(layer), Some(name)) => parts.push((name.clone(), layer)),
                (Some(layer), None) => layer.paths(path, &mut self.in_lists),
            }
        }
        Ok(match merge {
            Merge::By(key) if !parts.is_empty() => Some(Layer::Items(key, parts)),
            _ => None,
        })
    }

    /// Reports that the search has gone on for too long (C004).
    fn too_much(&self) -> Reported {
        let message = "the schema asks for secrets in more places than can be gone through";
        let place = Span::new(self.source, 0, 1);
        let finding = Diagnostic::error(Code::C004, message).at(place, "this schema");
        self.session
            .report(finding.help("ask for secrets in schemas that do not refer to each other in circles"))
    }
}

impl Layer {
    /// The paths of all secrets in it.
    fn paths(&self, path: ValuePath, found: &mut Vec<ValuePath>) {
        match self {
            Layer::Secret(_) => found.push(path),
            Layer::Map(parts) => {
                for (key, part) in parts {
                    part.paths(path.key(key.as_str()), found);
                }
            }
            // Which item it is in does not matter: the list that it is in is replaced with the one around it.
            Layer::Items(_, parts) => parts.iter().for_each(|(_, part)| part.paths(path.clone(), found)),
        }
    }
}

/// What a higher layer calls an item, to add to it; none when it replaces the whole list.
fn name_of<'n>(item: &'n Node, merge: &Merge) -> Option<&'n Node> {
    let Merge::By(key) = merge else { return None };
    item.get(key).filter(|name| name.as_scalar().is_some_and(|name| name.kind != Kind::Null))
}

/// A part that is switched off, or takes its secrets from a Secret that exists, needs none.
fn is_in_use(value: Option<&Node>) -> bool {
    let Some(value) = value else { return true };
    let is_off = value.get("enabled").and_then(Node::as_bool) == Some(false);
    let names_secret =
        value.get("existingSecret").and_then(Node::as_str).is_some_and(|name| !name.is_empty());
    !is_off && !names_secret
}
