//! Umbrella charts: charts of Helm that a chart of ours brings along, as the subcharts that they would be of a chart of Helm.
//!
//! ```text
//! shop (ours)                         shop (umbrella, no templates)
//! ├─ redis (Helm)                     ├─ redis
//! └─ cache (ours)              ─►     └─ cache (umbrella, no templates)
//!    └─ store (Helm, alias db)           └─ db
//! ```
//!
//! So Helm's own rules say what they see: names of templates begin with `shop/charts/redis/`, what is `global` in the values
//! around them is global in theirs, and templates share what they define. The values are those of our law; here they become
//! values as Helm has them.

use std::rc::Rc;
use std::sync::Arc;

use super::chart::{HelmChart, Metadata, Word};
use super::numbers;
use super::yaml::{Note, NoteKind};
use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Int, List, ListType, Map, MapType, Value};
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::values::each_node;
use crate::yaml::{
    Entry, Kind, Node, Scalar, Segment, Style, Tombstones, Value as Content, ValuePath, parse_float,
    same_in_yaml_1_1,
};

/// A chart, and the keys that its values stand below.
type Placed<'c> = (&'c [String], &'c Arc<HelmChart>);

/// A chart around others, each below the keys of its values: it has their names for subcharts. `shown` is what messages call its
/// folder, and `place` what stands for it.
pub fn around<'c>(
    name: &str,
    shown: &str,
    place: Span,
    charts: impl IntoIterator<Item = Placed<'c>>,
) -> Arc<HelmChart> {
    let mut parts: Vec<(&str, Vec<Placed<'c>>)> = Vec::new();
    for (keys, chart) in charts {
        let Some((first, below)) = keys.split_first() else { continue };
        match parts.iter_mut().find(|(known, _)| known == first) {
            Some((_, charts)) => charts.push((below, chart)),
            None => parts.push((first, vec![(below, chart)])),
        }
    }
    let part = |(key, charts): (&str, Vec<Placed<'c>>)| match charts.as_slice() {
        [([], chart)] => named(key, chart),
        _ => around(key, &format!("{shown}/charts/{key}"), place, charts),
    };
    let text = |text: &str| Word { text: text.to_owned(), span: Span::NOWHERE };
    let metadata = Metadata {
        name: text(name),
        version: text("0.0.0"),
        api_version: text("v2"),
        // Of a chart without the list, Helm does not look at the subcharts.
        dependencies: Some(Vec::new()),
        ..Metadata::default()
    };
    let charts = parts.into_iter().map(part).collect();
    Arc::new(HelmChart { shown: shown.to_owned(), metadata, place, charts, ..HelmChart::default() })
}

/// A chart under another name, as Helm renames one that has an alias.
fn named(name: &str, chart: &Arc<HelmChart>) -> Arc<HelmChart> {
    if chart.metadata.name.text == name {
        return Arc::clone(chart);
    }
    let name = Word { text: name.to_owned(), span: chart.metadata.name.span };
    Arc::new(HelmChart { metadata: Metadata { name, ..chart.metadata.clone() }, ..HelmChart::clone(chart) })
}

/// A chart that is given its part of some values.
#[derive(Clone, Copy, Debug)]
pub struct Given<'k> {
    /// The keys that its part stands below.
    pub keys: &'k [String],
    /// The text of its own defaults, which are among the values: Helm puts them there itself.
    pub defaults: Option<SourceId>,
}

/// What is given to charts: the values below their keys, without those that are their defaults, with a `null` for what one took away,
/// and what is global around them.
pub fn given(session: &Session, values: &Node, lacking: &Tombstones, charts: &[Given<'_>]) -> Rc<Map> {
    let all = Map::new(MapType::Any);
    let part = |node: &Node, lacking: Option<&Tombstones>, defaults: Option<SourceId>| {
        let part = value(session, node, lacking, defaults);
        part.unwrap_or_else(|| Value::Map(Rc::new(Map::new(MapType::Any))))
    };
    if let Some(globals) = values.get(GLOBAL).filter(|globals| globals.as_map().is_some()) {
        all.insert(GLOBAL.as_bytes(), at(globals.span), part(globals, lacking.key(GLOBAL), None));
    }
    let mut seen: Vec<&String> = Vec::new();
    for first in charts.iter().filter_map(|chart| chart.keys.first()) {
        if seen.contains(&first) {
            continue;
        }
        seen.push(first);
        let Some(entry) = values.as_map().and_then(|map| map.get(first.as_str())) else { continue };
        let lacking = lacking.key(first);
        let of_first = charts.iter().filter(|chart| chart.keys.first() == Some(first));
        let below: Vec<Given<'_>> =
            of_first.map(|chart| Given { keys: &chart.keys[1..], defaults: chart.defaults }).collect();
        let part = match below.as_slice() {
            [Given { keys: [], defaults }] => part(&entry.node, lacking, *defaults),
            // What is no map is Helm's to refuse.
            _ if entry.node.as_map().is_none() => part(&entry.node, lacking, None),
            below => {
                let nothing = Tombstones::default();
                Value::Map(given(session, &entry.node, lacking.unwrap_or(&nothing), below))
            }
        };
        all.insert(first.as_bytes(), at(entry.key_span), part);
    }
    Rc::new(all)
}

/// The numbers in values that a `float64` cannot hold, or has in another form: `1.10` becomes `1.1`. Where YAML 1.1 and 1.2 differ in
/// what a number is, that was said when they were read.
pub fn corrupted(values: &Node) -> Vec<Note> {
    let mut notes = Vec::new();
    each_node(values, &ValuePath::root(), &mut |_, node| {
        let Some(scalar) = node.as_scalar().filter(|scalar| scalar.style == Style::Plain) else { return };
        let text = &*scalar.text;
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        if !matches!(scalar.kind, Kind::Int | Kind::Float) || !is_decimal || !same_in_yaml_1_1(text) {
            return;
        }
        let became = text.parse::<f64>().ok().and_then(numbers::json);
        let Some(became) = became.filter(|became| became != text) else { return };
        let kind = if scalar.kind == Kind::Int { NoteKind::LostDigits } else { NoteKind::Rewritten };
        notes.push(Note { kind, span: node.span, written: text.to_owned(), became });
    });
    notes
}

/// The key of what all subcharts see.
const GLOBAL: &str = "global";

/// Puts what some keys lead to in one tree into another one.
pub fn put(root: &mut Node, keys: &[String], from: &Node) {
    let path = ValuePath(keys.iter().cloned().map(Segment::Key).collect());
    let Some(part) = path.find(from) else { return };
    let Some((last, above)) = keys.split_last() else { return };
    let mut here = root;
    for key in above {
        let span = here.span;
        let Some(map) = here.as_map_mut() else { return };
        let empty = || Entry { key_span: span, node: Node::empty_map(span) };
        here = &mut map.or_insert_with(Arc::from(key.as_str()), empty).node;
    }
    let Some(map) = here.as_map_mut() else { return };
    match map.get_mut(last.as_str()) {
        Some(entry) => entry.node = part.clone(),
        None => {
            let entry = Entry { key_span: part.span, node: part.clone() };
            map.insert(Arc::from(last.as_str()), entry);
        }
    }
}

fn at(span: Span) -> Origin {
    Origin::value(span)
}

/// A value of our law as Helm has it; none of what is a default.
fn value(
    session: &Session,
    node: &Node,
    lacking: Option<&Tombstones>,
    defaults: Option<SourceId>,
) -> Option<Value> {
    match &node.value {
        Content::Scalar(_) if Some(node.span.source) == defaults => None,
        Content::Scalar(scalar) => Some(scalar_value(session, scalar, node.span)),
        Content::List(_) if defaults.is_some_and(|defaults| is_of(node, defaults)) => None,
        Content::List(items) => {
            let item = |(index, item): (usize, &Node)| {
                value(session, item, lacking.and_then(|lacking| lacking.index(index)), None)
            };
            let items = items.iter().enumerate().filter_map(item).collect();
            Some(Value::List(Rc::new(List { items, of: ListType::Any })))
        }
        Content::Map(entries) => {
            let map = Map::new(MapType::Any);
            for (key, entry) in entries.iter() {
                let lacking = lacking.and_then(|lacking| lacking.key(key));
                if let Some(value) = value(session, &entry.node, lacking, defaults) {
                    map.insert(key.as_bytes(), at(entry.key_span), value);
                }
            }
            for (key, tombstone) in lacking.into_iter().flat_map(Tombstones::removed_keys) {
                if entries.get(key).is_none() {
                    map.insert(key.as_bytes(), at(tombstone.span), Value::Nil);
                }
            }
            let is_default = map.is_empty() && Some(node.span.source) == defaults;
            (!is_default).then(|| Value::Map(Rc::new(map)))
        }
    }
}

/// Whether all of a value is written in a text.
fn is_of(node: &Node, text: SourceId) -> bool {
    node.span.source == text
        && match &node.value {
            Content::Scalar(_) => true,
            Content::List(items) => items.iter().all(|item| is_of(item, text)),
            Content::Map(entries) => entries.iter().all(|(_, entry)| is_of(&entry.node, text)),
        }
}

/// A scalar: in files a number is a `float64`, as JSON has it, and in `--set` a whole number or a text.
fn scalar_value(session: &Session, scalar: &Scalar, span: Span) -> Value {
    let text = || Value::String(Text::new(scalar.text.as_bytes(), at(span)));
    match scalar.kind {
        Kind::Null => Value::Nil,
        Kind::Bool => Value::Bool(scalar.text.eq_ignore_ascii_case("true"), at(span)),
        Kind::Str => text(),
        Kind::Int | Kind::Float if is_plain_flag(session, span) => match scalar.as_i64() {
            Some(value) if value.to_string() == *scalar.text => Value::Int(Int::int64(value), at(span)),
            _ => text(),
        },
        #[expect(clippy::cast_precision_loss, reason = "what Helm does")]
        Kind::Int | Kind::Float => match scalar.as_i64() {
            Some(value) => Value::Float(value as f64, at(span)),
            None => parse_float(&scalar.text).map_or_else(text, |value| Value::Float(value, at(span))),
        },
    }
}

/// Whether a scalar stands in a `--set`, whose numbers are not those of JSON.
fn is_plain_flag(session: &Session, span: Span) -> bool {
    if span == Span::NOWHERE {
        return false;
    }
    let source = session.source(span.source);
    source.kind == SourceKind::Flag && !source.name.starts_with("--set-json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helm::nodes;
    use crate::yaml::{parse_one, print_inline};

    #[test]
    fn charts_stand_below_their_keys() {
        let chart = |name: &str| {
            let name = Word { text: name.to_owned(), span: Span::NOWHERE };
            let metadata = Metadata { name, ..Metadata::default() };
            Arc::new(HelmChart { metadata, ..HelmChart::default() })
        };
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<String>>();
        let parts = [(keys(&["redis"]), chart("redis")), (keys(&["cache", "db"]), chart("store"))];
        let made = around("shop", "shop", Span::NOWHERE, parts.iter().map(|(keys, chart)| (&**keys, chart)));
        let names: Vec<&str> = made.charts.iter().map(|chart| &*chart.metadata.name.text).collect();
        assert_eq!(names, ["redis", "cache"]);
        assert_eq!(made.charts[1].charts[0].metadata.name.text, "db");
    }

    #[test]
    fn charts_are_given_their_part_and_what_is_global() {
        let session = Session::new();
        let text = "{a: 1, global: {x: 1}, redis: {port: 6379, tag: 1.10, at: 0777}, cache: {b: 1, global: {y: 2}, db: {c: t}}}";
        let values = parse_one(&session, session.add_source(SourceKind::File, "v", text)).unwrap().unwrap();
        let mut lacking = Tombstones::default();
        lacking.insert(ValuePath::keys(&["redis", "auth"]), values.span);
        let keys = [vec!["redis".to_owned()], vec!["cache".to_owned(), "db".to_owned()]];
        let charts = keys.each_ref().map(|keys| Given { keys, defaults: None });
        let given = given(&session, &values, &lacking, &charts);
        assert_eq!(
            print_inline(&nodes::node(&Value::Map(given), values.span)),
            r#"{"cache": {"db": {"c": "t"}, "global": {"y": 2}}, "global": {"x": 1}, "redis": {"at": 777, "auth": null, "port": 6379, "tag": 1.1}}"#
        );
    }
}
