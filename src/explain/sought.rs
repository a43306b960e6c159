//! The setting that a path means: one of the merged values, of a layer that was overridden, or of the schema.

use super::query::{self, Step};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::pipeline::Merged;
use crate::schema::elsewhere;
use crate::session::{Outcome, Reported, Session};
use crate::yaml::{Node, Segment, ValuePath, WantRef};

/// Finds a setting, or says that there is none and what comes near.
pub(super) fn setting(session: &Session, merged: &Merged, text: &str) -> Outcome<ValuePath> {
    let steps = query::steps(text);
    let mut spot = Spot::root(merged);
    let mut rest = steps.as_slice();
    while !rest.is_empty() {
        let Some((segment, taken)) = spot.segment(rest) else {
            return Err(unknown(session, merged, &spot, rest));
        };
        spot.enter(segment);
        rest = &rest[taken..];
    }
    Ok(spot.path)
}

/// A place of the values, as far as anybody knows it.
struct Spot<'s> {
    path: ValuePath,
    /// What stands there: in the merged values, if they have it, then in the layers.
    nodes: Vec<&'s Node>,
    /// What the schema wants there.
    want: Option<WantRef<'s>>,
}

impl<'s> Spot<'s> {
    fn root(merged: &'s Merged) -> Self {
        let layers = merged.layers.iter().map(|layer| &*layer.root);
        let nodes = std::iter::once(&*merged.values).chain(layers).collect();
        Spot { path: ValuePath::root(), nodes, want: Some(merged.wants.root()) }
    }

    /// The segment that the next steps mean here, and how many they take.
    fn segment(&self, steps: &[Step]) -> Option<(Segment, usize)> {
        let exists = |node: &Node, segment: &Segment| ValuePath(vec![segment.clone()]).find(node).is_some();
        let among = |node: &&Node| query::segment(node, steps).filter(|(segment, _)| exists(node, segment));
        let named = || {
            let want = self.want?;
            let known = query::keys(steps).filter(|(key, _)| want.names(key));
            known.last().map(|(key, taken)| (Segment::Key(key), taken))
        };
        self.nodes.iter().find_map(among).or_else(named)
    }

    fn enter(&mut self, segment: Segment) {
        let step = ValuePath(vec![segment]);
        self.nodes = self.nodes.iter().filter_map(|node| step.find(node)).collect();
        self.want = self.want.and_then(|want| want.child(&step.0[0]));
        self.path.0.extend(step.0);
    }

    /// The names that the path can go on with.
    fn known(&self) -> Vec<String> {
        let named = self.want.into_iter().flat_map(WantRef::known_keys).map(str::to_owned);
        let mut known: Vec<String> = named.collect();
        for key in self.nodes.iter().filter_map(|node| node.as_map()).flat_map(|map| map.keys()) {
            if !known.iter().any(|other| **other == **key) {
                known.push(key.to_string());
            }
        }
        known
    }
}

fn unknown(session: &Session, merged: &Merged, spot: &Spot<'_>, rest: &[Step]) -> Reported {
    let missing = query::written(rest);
    let full = match (spot.path.0.is_empty(), rest.first()) {
        (true, _) => missing.clone(),
        (false, Some(Step::Item(_))) => format!("{}{missing}", spot.path),
        (false, _) => format!("{}.{missing}", spot.path),
    };
    let finding = match spot.nodes.first().and_then(|node| node.as_list()) {
        Some(items) => return report_no_item(session, spot, &full, items),
        None if is_open(spot) => Diagnostic::error(Code::V101, format!("nothing sets `{full}`")),
        None => Diagnostic::error(Code::V101, format!("`{full}` is not a setting of this chart")),
    };
    let key = query::written(&rest[..1]);
    let known = spot.known();
    let near = nearest(&key, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    let elsewhere = || {
        let places = elsewhere(merged.wants.root(), &key);
        (!places.is_empty()).then(|| format!("the chart knows it as {}", places.join(" and ")))
    };
    let listed = || match (known.as_slice(), spot.path.0.is_empty()) {
        ([], true) => "the chart has no settings".to_owned(),
        ([], false) if is_open(spot) => format!("`{}` takes keys of your own, and has none", spot.path),
        ([], false) => format!("`{}` has no settings of its own", spot.path),
        (known, true) => format!("the chart has {}", few(known)),
        (known, false) => format!("`{}` has {}", spot.path, few(known)),
    };
    session.report(finding.help(near.or_else(elsewhere).unwrap_or_else(listed)))
}

/// Whether keys may stand here that the schema has no names for.
fn is_open(spot: &Spot<'_>) -> bool {
    spot.want.is_some_and(|want| want.is_open())
}

fn report_no_item(session: &Session, spot: &Spot<'_>, full: &str, items: &[Node]) -> Reported {
    let finding = Diagnostic::error(Code::V101, format!("nothing sets `{full}`"));
    let names: Vec<String> = items.iter().filter_map(query::name_of).collect();
    let help = match (items.len(), names.is_empty()) {
        (0, _) => format!("the list `{}` is empty", spot.path),
        (1, true) => format!("the list `{}` has 1 item, `[0]`", spot.path),
        (count, true) => {
            format!("the list `{}` has {count} items, from `[0]` to `[{}]`", spot.path, count - 1)
        }
        (_, false) => format!("the list `{}` has {}", spot.path, few(&names)),
    };
    session.report(finding.help(help))
}

/// The first few names, in backticks.
fn few(names: &[String]) -> String {
    let first: Vec<String> = names.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MAX_NAMED { ", …" } else { "" };
    format!("{}{more}", first.join(", "))
}

/// Names in a help line.
const MAX_NAMED: usize = 8;
