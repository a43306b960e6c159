//! Values of charts put together: the user's over a chart's own, over those of its subcharts, with what is global.
//!
//! The rules are Helm's, and those for `null` are Helm 3's: a user's `null` takes a default away, a chart's own `null`
//! stays, and below a subchart's key a parent's `null` is kept until the subchart's own defaults are under it. Maps are
//! references, and which of them two charts share is part of the rules: a template that changes one changes both.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::chart::{Dependency, HelmChart, Word};
use super::tree::Tree;
use crate::gotemplate::text::Origin;
use crate::gotemplate::value::{Entry, List, Map, MapType, Value};
use crate::source::Span;

/// A chart as one render has it, which threads can share: with the name that its parent gives it, without what is switched off.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The chart.
    pub chart: Arc<HelmChart>,
    /// Its name, or its alias.
    pub name: Word,
    /// The entries for its dependencies; none if it has none, or all are switched off.
    pub dependencies: Option<Vec<Dependency>>,
    /// Its subcharts.
    pub charts: Vec<Instance>,
    /// Its default values, with what was imported from its subcharts.
    pub values: Tree,
}

/// Values that do not fit: something that is no map stands under the name of a subchart.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The name of the subchart.
    pub name: String,
    /// The value.
    pub value: Value,
    /// Where its key is written.
    pub key: Span,
}

/// The key of values that all charts see.
const GLOBAL: &[u8] = b"global";

impl Instance {
    /// A chart with everything that is in it, before anything is switched off.
    pub fn of(chart: &Arc<HelmChart>) -> Instance {
        Instance {
            name: chart.metadata.name.clone(),
            dependencies: chart.metadata.dependencies.clone(),
            charts: chart.charts.iter().map(Instance::of).collect(),
            values: chart.values.clone(),
            chart: Arc::clone(chart),
        }
    }

    /// How many charts are in it.
    pub(super) fn size(&self) -> u64 {
        self.charts.iter().map(|chart| 1 + chart.size()).sum()
    }

    /// The values that a user gives, over those of the chart and its subcharts.
    ///
    /// # Errors
    /// See [`Mismatch`].
    pub fn coalesced(&self, user: &Map) -> Result<Rc<Map>, Mismatch> {
        let values = copy(user);
        self.coalesce(&values, false)?;
        Ok(values)
    }

    /// The values of the chart and its subcharts, with every `null` kept.
    ///
    /// # Errors
    /// See [`Mismatch`].
    pub fn merged(&self) -> Result<Rc<Map>, Mismatch> {
        let values = Rc::new(Map::new(MapType::Any));
        self.coalesce(&values, true)?;
        Ok(values)
    }

    fn coalesce(&self, values: &Rc<Map>, merge: bool) -> Result<(), Mismatch> {
        self.coalesce_own(values, merge);
        for subchart in &self.charts {
            let name = subchart.name.text.as_bytes();
            let below = match entry(values, name) {
                None => {
                    let below = Rc::new(Map::new(MapType::Any));
                    values.insert(name, Origin::NOWHERE, Value::Map(Rc::clone(&below)));
                    below
                }
                Some(Entry { value: Value::Map(below), .. }) => below,
                Some(Entry { key, value }) => {
                    return Err(Mismatch { name: subchart.name.text.clone(), value, key: key.value });
                }
            };
            coalesce_globals(&below, values);
            subchart.coalesce(&below, merge)?;
        }
        Ok(())
    }

    /// The chart's own values under those that are there.
    fn coalesce_own(&self, values: &Map, merge: bool) {
        let own = self.values.map();
        for (key, Entry { key: origin, value }) in entries(&own) {
            match values.get(&key) {
                None => values.insert(&key, origin, value),
                Some(Value::Nil) if !merge => remove(values, &key),
                Some(Value::Map(there)) => {
                    if let Value::Map(own) = value {
                        let is_subchart = self.charts.iter().any(|chart| chart.name.text.as_bytes() == &*key);
                        coalesce_tables(&there, &own, merge || is_subchart);
                    }
                }
                Some(_) => {}
            }
        }
    }
}

/// What is global in a chart's values, into those of a subchart. The maps directly below `global` are copies, and what is
/// in them is shared.
fn coalesce_globals(to: &Map, from: &Map) {
    let target = match to.get(GLOBAL) {
        None => Rc::new(Map::new(MapType::Any)),
        Some(Value::Map(target)) => target,
        Some(_) => return,
    };
    let (origin, globals) = match entry(from, GLOBAL) {
        None => (Origin::NOWHERE, Vec::new()),
        Some(Entry { key, value: Value::Map(globals) }) => (key, entries(&globals)),
        Some(_) => return,
    };
    for (key, Entry { key: origin, value }) in globals {
        match (value, target.get(&key)) {
            (Value::Map(table), there) => {
                let copied = Map::new(table.of);
                for (key, entry) in entries(&table) {
                    copied.insert(&key, entry.key, entry.value);
                }
                match there {
                    None => {}
                    Some(Value::Map(there)) => coalesce_tables(&copied, &there, true),
                    Some(_) => continue,
                }
                target.insert(&key, origin, Value::Map(Rc::new(copied)));
            }
            (_, Some(Value::Map(_))) => {}
            (value, _) => target.insert(&key, origin, value),
        }
    }
    to.insert(GLOBAL, origin, Value::Map(target));
}

/// A map under another one, which wins. With `merge`, a `null` in it is a value; else it takes away what is under it.
pub(super) fn coalesce_tables(over: &Map, under: &Map, merge: bool) {
    for (key, Entry { key: origin, value }) in entries(under) {
        match over.get(&key) {
            Some(Value::Nil) if !merge => remove(over, &key),
            None => over.insert(&key, origin, value),
            Some(Value::Map(over)) => {
                if let Value::Map(under) = value {
                    coalesce_tables(&over, &under, merge);
                }
            }
            Some(_) => {}
        }
    }
}

/// A map with all that is in it, shared with nobody.
pub(super) fn copy(map: &Map) -> Rc<Map> {
    let copied = Map::new(MapType::Any);
    for (key, Entry { key: origin, value }) in entries(map) {
        copied.insert(&key, origin, copied_value(value));
    }
    Rc::new(copied)
}

fn copied_value(value: Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(copy(&map)),
        Value::List(list) => {
            let items = list.items.iter().cloned().map(copied_value).collect();
            Value::List(Rc::new(List { items, of: list.of }))
        }
        other => other,
    }
}

/// The entries of a map as they are now.
pub(super) fn entries(map: &Map) -> Vec<(Rc<[u8]>, Entry)> {
    let entries: &BTreeMap<_, _> = &map.entries.borrow();
    entries.iter().map(|(key, entry)| (Rc::clone(key), entry.clone())).collect()
}

fn entry(map: &Map, key: &[u8]) -> Option<Entry> {
    map.entries.borrow().get(key).cloned()
}

fn remove(map: &Map, key: &[u8]) {
    map.entries.borrow_mut().remove(key);
}

/// The map at a path of keys.
pub(super) fn table(map: &Rc<Map>, path: &str) -> Option<Rc<Map>> {
    path.split('.').try_fold(Rc::clone(map), |map, key| match map.get(key.as_bytes()) {
        Some(Value::Map(map)) => Some(map),
        _ => None,
    })
}

/// The value at a path of keys, if it is there and no map.
pub(super) fn leaf(map: &Rc<Map>, path: &str) -> Option<Value> {
    let (table, key) = match path.rsplit_once('.') {
        Some((before, key)) => (table(map, before)?, key),
        None => (Rc::clone(map), path),
    };
    table.get(key.as_bytes()).filter(|value| !matches!(value, Value::Map(_)))
}
