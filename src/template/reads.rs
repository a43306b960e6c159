//! Which settings a chart's templates read, in branches not taken too.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TemplateFile;
use super::plan::plan;
use crate::session::{Outcome, Session};
use crate::source::{Span, Text};
use crate::yaml::{Node, Value, ValuePath, WantId, WantRef, Wants};

/// A way down from `values`, shared by the ways that go on from it.
#[derive(Clone, Debug, Default)]
pub(super) struct Way(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    above: Way,
    stop: Stop,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stop {
    Key(Arc<str>),
    /// Any item of a list, any entry of a map.
    Item,
}

impl Way {
    pub(super) fn key(&self, key: &str) -> Way {
        self.then(Stop::Key(Arc::from(key)))
    }

    pub(super) fn item(&self) -> Way {
        self.then(Stop::Item)
    }

    fn then(&self, stop: Stop) -> Way {
        Way(Some(Arc::new(Link { above: self.clone(), stop })))
    }

    /// The way to the list or map that an item is of; none for what is no item.
    pub(super) fn above(&self) -> Option<Way> {
        self.0.as_ref().filter(|link| link.stop == Stop::Item).map(|link| link.above.clone())
    }

    fn stops(&self) -> Vec<&Stop> {
        let mut stops = Vec::new();
        let mut way = self;
        while let Some(link) = &way.0 {
            stops.push(&link.stop);
            way = &link.above;
        }
        stops.reverse();
        stops
    }

    pub(super) fn is(&self, other: &Way) -> bool {
        self.stops() == other.stops()
    }
}

/// What is read, as a tree; below a place that is read as a whole, everything is.
#[derive(Debug, Default)]
pub struct SettingReads {
    whole: bool,
    keys: BTreeMap<Arc<str>, SettingReads>,
    item: Option<Box<SettingReads>>,
}

/// The settings that templates read. Nothing is reported: compiling them reports what is wrong with them.
///
/// # Errors
/// When they cannot be compiled.
pub fn setting_reads(session: &Session, templates: &[TemplateFile], wants: &Wants) -> Outcome<SettingReads> {
    let overlay = session.snapshot().overlay();
    let texts: Vec<Text> = templates.iter().map(|file| overlay.source(file.source).text.clone()).collect();
    Ok(plan(&overlay, templates, &texts, wants)?.reads)
}

impl SettingReads {
    pub(super) fn note(&mut self, way: &Way) {
        let mut here = self;
        for stop in way.stops() {
            here = match stop {
                Stop::Key(key) => here.keys.entry(Arc::clone(key)).or_default(),
                Stop::Item => here.item.get_or_insert_default(),
            };
        }
        here.whole = true;
    }

    /// The settings of a tree that nothing reads, with the places of their keys: the uppermost ones.
    pub fn unread(&self, root: &Node) -> Vec<(ValuePath, Span)> {
        let mut found = Vec::new();
        look(&[self], root, &ValuePath::root(), &mut found);
        found
    }

    /// The settings that a schema knows by name and nothing reads: the uppermost ones.
    pub fn unread_in_schema(&self, root: WantRef<'_>) -> Vec<ValuePath> {
        let mut found = Vec::new();
        survey(&[self], root, &ValuePath::root(), &mut Vec::new(), &mut found);
        found
    }
}

/// What is read below a key by those who read something here.
fn below<'r>(here: &[&'r SettingReads], key: &str) -> Vec<&'r SettingReads> {
    here.iter().flat_map(|reads| reads.keys.get(key).into_iter().chain(reads.item.as_deref())).collect()
}

fn look(here: &[&SettingReads], node: &Node, path: &ValuePath, found: &mut Vec<(ValuePath, Span)>) {
    if here.iter().any(|reads| reads.whole) {
        return;
    }
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => {
            let below: Vec<&SettingReads> = here.iter().filter_map(|reads| reads.item.as_deref()).collect();
            if !below.is_empty() {
                items.iter().enumerate().for_each(|(at, item)| look(&below, item, &path.index(at), found));
            }
        }
        Value::Map(map) => {
            for (key, entry) in map {
                let (below, path) = (below(here, key), path.key(&**key));
                if below.is_empty() {
                    found.push((path, entry.key_span));
                } else {
                    look(&below, &entry.node, &path, found);
                }
            }
        }
    }
}

fn survey(
    here: &[&SettingReads],
    want: WantRef<'_>,
    path: &ValuePath,
    open: &mut Vec<WantId>,
    found: &mut Vec<ValuePath>,
) {
    // A schema inside itself asks for nothing new.
    if here.iter().any(|reads| reads.whole) || open.contains(&want.id()) {
        return;
    }
    open.push(want.id());
    for key in want.known_keys() {
        let (below, path) = (below(here, key), path.key(key));
        match want.property(key) {
            Some(_) if below.is_empty() => found.push(path),
            Some(want) => survey(&below, want, &path, open, found),
            None => {}
        }
    }
    open.pop();
}
