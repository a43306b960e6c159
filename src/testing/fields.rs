//! Fields of an object by a path, and values as a message may show them.
//!
//! Paths are those of `explain`: items of lists go by index, by name or by `key=value`. Besides, `[*]` stands for every
//! item of a list, or every key of a map.

use std::cell::OnceCell;

use crate::diff;
use crate::kube::{Api, TypeRef};
use crate::manifest::Document;
use crate::session::Session;
use crate::yaml::typed_path::{self, PathStep, Unresolved};
use crate::yaml::{Node, Segment, Value, ValuePath, print_inline};

/// A path of a test.
#[derive(Clone, Debug)]
pub(super) struct FieldPath(Vec<PathStep>);

impl FieldPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, in a phrase.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(open) = typed_path::unclosed(text) {
            return Err(format!("it has a `{open}` that is not closed"));
        }
        let steps = typed_path::parse(text);
        if steps.is_empty() {
            return Err("it is empty".to_owned());
        }
        Ok(FieldPath(steps))
    }

    /// The fields at the path: one, or with `[*]` any number.
    ///
    /// # Errors
    /// Of the first one that is not there, how far the path leads.
    pub(super) fn find<'n>(&self, root: &'n Node) -> Result<Vec<(ValuePath, &'n Node)>, Missing<'n>> {
        let mut fields = vec![(ValuePath::root(), root)];
        let mut rest = self.0.as_slice();
        while !rest.is_empty() {
            let next = rest.iter().position(is_star);
            let (plain, after) = rest.split_at(next.unwrap_or(rest.len()));
            let mut below = Vec::new();
            for (path, node) in fields {
                let (longer, node) =
                    typed_path::resolve(node, plain).map_err(|end| Missing::of(&path, end))?;
                let path = joined(&path, longer);
                match next {
                    // What has no items is no list: nothing would be asserted then.
                    Some(next) if node.as_scalar().is_some() => {
                        let rest = rest.get(next..).unwrap_or_default().to_vec();
                        return Err(Missing { path, node, rest });
                    }
                    Some(_) => children(&path, node, &mut below),
                    None => below.push((path, node)),
                }
            }
            fields = below;
            rest = after.get(1..).unwrap_or_default();
        }
        Ok(fields)
    }

    /// The beginning of the path that no object of this kind can have, if the API knows it; with what leads there.
    pub(super) fn unknown_step(&self, api: &Api, document: &Document) -> Option<(String, String)> {
        let mut of: TypeRef<'_> = api.type_of(&document.identity)?;
        for (index, step) in self.0.iter().enumerate() {
            // Below there may be anything, or keys of the object's author: a map has one for the empty name.
            if of.is_free() || of.key("").is_some() {
                return None;
            }
            of = match (step, of.item()) {
                (_, Some(item)) => item,
                (PathStep::Key(key), None) => match of.key(key) {
                    Some(below) => below,
                    None => {
                        let before = typed_path::display(&self.0[..index]);
                        return Some((before, typed_path::display(std::slice::from_ref(step))));
                    }
                },
                // In brackets, a key may be anything.
                (PathStep::Item(_), None) => return None,
            };
        }
        None
    }
}

fn is_star(step: &PathStep) -> bool {
    matches!(step, PathStep::Item(name) if name == "*")
}

fn joined(path: &ValuePath, longer: ValuePath) -> ValuePath {
    let mut path = path.clone();
    path.0.extend(longer.0);
    path
}

fn children<'n>(path: &ValuePath, node: &'n Node, below: &mut Vec<(ValuePath, &'n Node)>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => {
            below.extend(items.iter().enumerate().map(|(index, item)| (path.index(index), item)));
        }
        Value::Map(map) => below.extend(map.iter().map(|(key, entry)| (path.key(&**key), &entry.node))),
    }
}

/// How far a path leads that leads nowhere.
pub(super) struct Missing<'n> {
    /// As far as it leads.
    pub(super) path: ValuePath,
    /// What stands there.
    node: &'n Node,
    rest: Vec<PathStep>,
}

impl<'n> Missing<'n> {
    fn of(above: &ValuePath, end: Unresolved<'n>) -> Self {
        Missing { path: joined(above, end.path), node: end.node, rest: end.rest }
    }

    /// What is not there, as it is typed.
    pub(super) fn name(&self) -> String {
        typed_path::display(&self.rest)
    }

    /// The first step that is not there.
    pub(super) fn first_step(&self) -> String {
        typed_path::display(&self.rest[..self.rest.len().min(1)]).trim_matches(['[', ']']).to_owned()
    }

    /// What the path could go on with: keys of a map, items of a list by their names or indices.
    pub(super) fn known(&self) -> Vec<String> {
        match &self.node.value {
            Value::Scalar(_) => Vec::new(),
            Value::Map(map) => map.keys().map(|key| key.to_string()).collect(),
            Value::List(items) => {
                let name = |(index, item)| typed_path::item_name(item).unwrap_or_else(|| format!("{index}"));
                items.iter().enumerate().map(name).collect()
            }
        }
    }
}

/// The values of an object as messages may show them.
pub(super) struct ShownValues<'s> {
    session: &'s Session,
    api: &'s Api,
    document: &'s Document,
    masked: OnceCell<Node>,
}

impl<'s> ShownValues<'s> {
    /// Those of an object. Nothing is masked before something is shown.
    pub(super) fn new(session: &'s Session, api: &'s Api, document: &'s Document) -> Self {
        ShownValues { session, api, document, masked: OnceCell::new() }
    }

    /// The value at a path, in one line and not too long, and whether some of it is a secret.
    pub(super) fn at(&self, path: &ValuePath) -> Shown {
        let masked = self.masked.get_or_init(|| diff::masked(self.session, self.api, self.document).node);
        let (Some(shown), Some(node)) = (path.find(masked), path.find(&self.document.node)) else {
            return Shown { text: "***".to_owned(), is_secret: true };
        };
        Shown { text: in_one_line(shown), is_secret: shown != node }
    }
}

/// A value as a message may show it.
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) is_secret: bool,
}

/// A value in one line, cut where it is long.
pub(super) fn in_one_line(node: &Node) -> String {
    let text = print_inline(node);
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Characters of a value that a message shows.
const MAX_SHOWN: usize = 120;

/// The item of a list that goes by the same name as this one.
pub(super) fn item_of_same_name<'n>(items: &'n [Node], item: &Node) -> Option<(usize, &'n Node)> {
    item.as_map()?;
    let name = typed_path::item_name(item)?;
    items.iter().enumerate().find(|(_, other)| typed_path::item_name(other).as_deref() == Some(&name))
}

/// The path of an item.
pub(super) fn item_path(list: &ValuePath, index: usize) -> ValuePath {
    let mut path = list.clone();
    path.0.push(Segment::Index(index));
    path
}
