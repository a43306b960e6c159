//! Which subcharts a render has, and with which values: conditions, tags, aliases and imports, in Helm's order.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::chart::{Dependency, HelmChart, fits};
use super::coalesce::{Instance, Mismatch, coalesce_tables, copy, entries, leaf, table};
use super::nodes;
use super::tree::{SharingTree, Tree};
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::text::Origin;
use crate::gotemplate::value::{Map, MapType, Value};
use crate::limits::Limit;
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::Node;

/// A chart with the values of one render, put together once: threads can share it, and each run of the templates gets a
/// copy of the values that it may change.
#[derive(Debug)]
pub struct ChartValues {
    /// The chart, with the subcharts that are switched on.
    pub root: Instance,
    /// What `.Values` is in the templates of the chart; below the names of subcharts stand theirs.
    pub values: SharingTree,
    /// The same as a tree with places, as everything else of the program knows values.
    pub node: Arc<Node>,
    /// What of them the user gives, in files and flags.
    pub user: Tree,
}

/// The values of a render: the user's over those of the chart and its subcharts. `others` are the charts that are rendered with
/// it and are none of its subcharts: they count against the limit as well.
///
/// # Errors
/// H007 for values that do not fit the chart's subcharts, T008 for more of those than there may be.
pub fn values(session: &Session, chart: &Arc<HelmChart>, user: &Map, others: usize) -> Outcome<ChartValues> {
    // Before they become part of all values, which changes them.
    let given = Tree::of_map(user);
    let mut root = Instance::of(chart);
    let most = session.limits().get(Limit::Charts).saturating_sub(others as u64);
    let made = most
        .checked_sub(root.size())
        .ok_or(Wrong::TooMany)
        .and_then(|mut left| enable(&mut root, user, "", &mut left))
        .and_then(|()| import(&mut root))
        .and_then(|()| Ok(root.coalesced(user)?));
    match made {
        Ok(values) => {
            let at_rest = SharingTree::of(&values);
            let node = Arc::new(nodes::node(&Value::Map(values), chart.place));
            Ok(ChartValues { root, values: at_rest, node, user: given })
        }
        Err(wrong) => Err(session.report(refused(session, chart, &wrong))),
    }
}

/// Refuses to render a library. Its values can be described, and its templates looked at, all the same.
///
/// # Errors
/// H001
pub fn refuse_library(session: &Session, chart: &HelmChart) -> Outcome<()> {
    if !chart.metadata.is_library() {
        return Ok(());
    }
    let message = format!("`{}` is a library, which has nothing to render", chart.shown);
    let finding = Diagnostic::error(Code::H001, message).at(chart.metadata.kind.span, "said here");
    Err(session.report(finding.help("render a chart that depends on it")))
}

/// Why a chart's values cannot be put together.
enum Wrong {
    Mismatch(Mismatch),
    /// What is imported from a dependency would hold itself.
    Circle {
        dependency: String,
        place: Span,
    },
    TooMany,
}

impl From<Mismatch> for Wrong {
    fn from(mismatch: Mismatch) -> Wrong {
        Wrong::Mismatch(mismatch)
    }
}

fn refused(session: &Session, chart: &HelmChart, wrong: &Wrong) -> Diagnostic {
    match wrong {
        Wrong::Mismatch(Mismatch { name, value, key }) => {
            let what = what(value);
            let message = format!(
                "the values under `{name}` are those of a subchart, so they must be a map, and this is {what}"
            );
            let written = value.origin().value;
            let span = if written == Span::NOWHERE { *key } else { written };
            let finding = Diagnostic::error(Code::H007, message).help("give it a map, or take it away");
            if span == Span::NOWHERE { finding } else { finding.at(span, "this value") }
        }
        Wrong::Circle { dependency, place } => {
            let message = format!("what is imported from `{dependency}` would hold itself");
            let place = if *place == Span::NOWHERE { chart.place } else { *place };
            let help = "import each part of the values to a place of its own";
            Diagnostic::error(Code::H007, message).at(place, "with this import").help(help)
        }
        Wrong::TooMany => {
            let most = session.limits().said(Limit::Charts);
            let message = format!("`{}` has more than {most} charts, with those in it", chart.shown);
            let help = session.limits().help(Limit::Charts, "switch some of them off");
            Diagnostic::error(Code::T008, message).at(chart.place, "this chart").help(help)
        }
    }
}

fn what(value: &Value) -> &'static str {
    match value {
        Value::Nil => "`null`",
        Value::Bool(..) => "a boolean",
        Value::Int(..) | Value::Float(..) => "a number",
        Value::String(_) | Value::Bytes(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) | Value::Object(_) => "a map",
    }
}

/// How many charts these are, with those in them.
fn count<'c>(charts: impl IntoIterator<Item = &'c Instance>) -> u64 {
    charts.into_iter().map(|chart| 1 + chart.size()).sum()
}

/// Gives subcharts their aliases, and takes away those that conditions or tags switch off. `left` is how many more charts
/// there may be than there are.
fn enable(instance: &mut Instance, user: &Map, path: &str, left: &mut u64) -> Result<(), Wrong> {
    let Some(mut wanted) = instance.dependencies.clone() else { return Ok(()) };
    let fits_one = |chart: &Instance| {
        wanted
            .iter()
            .any(|wanted| wanted.name.text == chart.name.text && fits(&wanted.version.text, &chart.chart))
    };
    // First those that `Chart.yaml` does not speak of, then one for each entry.
    let there = std::mem::take(&mut instance.charts);
    instance.charts = there.iter().filter(|chart| !fits_one(chart)).cloned().collect();
    *left += count(&there) - count(&instance.charts);
    for entry in &wanted {
        let found = there
            .iter()
            .find(|chart| chart.name.text == entry.name.text && fits(&entry.version.text, &chart.chart));
        if let Some(found) = found {
            *left = left.checked_sub(1 + found.size()).ok_or(Wrong::TooMany)?;
            instance.charts.push(Instance { name: entry.name_in_chart().clone(), ..found.clone() });
        }
    }
    // From here on an entry goes by its alias; the entries of charts that are never looked at here keep their names.
    for entry in &mut wanted {
        entry.name = entry.name_in_chart().clone();
    }
    let values = instance.coalesced(user)?;
    let tags = table(&values, "tags");
    for entry in &mut wanted {
        entry.enabled = by_tags(entry, tags.as_deref());
        if let Some(decided) = by_condition(entry, &values, path) {
            entry.enabled = decided;
        }
    }
    let off: BTreeSet<String> =
        wanted.iter().filter(|entry| !entry.enabled).map(|entry| entry.name.text.clone()).collect();
    *left += count(instance.charts.iter().filter(|chart| off.contains(&chart.name.text)));
    instance.charts.retain(|chart| !off.contains(&chart.name.text));
    wanted.retain(|entry| !off.contains(&entry.name.text));
    for chart in &mut instance.charts {
        let path = format!("{path}{}.", chart.name.text);
        enable(chart, &values, &path, left)?;
    }
    instance.dependencies = Some(wanted).filter(|wanted| !wanted.is_empty());
    Ok(())
}

/// Whether a dependency is switched on by its tags: one that is on is enough, and without any it is.
fn by_tags(entry: &Dependency, tags: Option<&Map>) -> bool {
    let Some(tags) = tags else { return true };
    let mut states = entry.tags.iter().filter_map(|tag| match tags.get(tag.text.as_bytes()) {
        Some(Value::Bool(state, _)) => Some(state),
        _ => None,
    });
    let Some(first) = states.next() else { return true };
    first || states.any(|state| state)
}

/// What the first condition says that is there and a boolean.
fn by_condition(entry: &Dependency, values: &Rc<Map>, path: &str) -> Option<bool> {
    entry.condition.text.trim().split(',').filter(|condition| !condition.is_empty()).find_map(|condition| {
        match leaf(values, &format!("{path}{condition}")) {
            Some(Value::Bool(state, _)) => Some(state),
            _ => None,
        }
    })
}

/// Gives charts the values that they import from their subcharts, the innermost first.
fn import(instance: &mut Instance) -> Result<(), Wrong> {
    for chart in &mut instance.charts {
        import(chart)?;
    }
    let Some(entries) = &instance.dependencies else { return Ok(()) };
    let merged = instance.merged()?;
    let imported = Rc::new(Map::new(MapType::Any));
    for entry in entries {
        for import in &entry.imports {
            let path = format!("{}.{}", entry.name.text, import.child.text);
            let Some(child) = table(&merged, &path) else { continue };
            let place = match import.parent.text.as_str() {
                "." => child,
                path => at_path(path, import.parent.span, child),
            };
            coalesce_tables(&imported, &place, true);
            if holds_itself(&imported) {
                return Err(Wrong::Circle { dependency: entry.name.text.clone(), place: import.child.span });
            }
        }
    }
    let own = copy(&merged);
    coalesce_tables(&own, &imported, true);
    instance.values = Tree::of(&Value::Map(own));
    Ok(())
}

/// A map with another one at a path of keys.
fn at_path(path: &str, span: Span, map: Rc<Map>) -> Rc<Map> {
    path.rsplit('.').fold(map, |inner, key| {
        let outer = Map::new(MapType::Any);
        outer.insert(key.as_bytes(), Origin::value(span), Value::Map(inner));
        Rc::new(outer)
    })
}

/// Whether a map can be reached from itself.
fn holds_itself(map: &Rc<Map>) -> bool {
    fn visit(map: &Rc<Map>, above: &mut HashSet<*const Map>, done: &mut HashSet<*const Map>) -> bool {
        let address = Rc::as_ptr(map);
        if above.contains(&address) {
            return true;
        }
        if !done.insert(address) {
            return false;
        }
        above.insert(address);
        let found = entries(map).into_iter().any(|(_, entry)| match entry.value {
            Value::Map(map) => visit(&map, above, done),
            _ => false,
        });
        above.remove(&address);
        found
    }
    visit(map, &mut HashSet::new(), &mut HashSet::new())
}
