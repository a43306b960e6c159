//! A schema finds the same on the fast path (the walk over its table) and on the slow one (jsonschema).

use std::fs;

use crate::support::files::files_with_extension;
use crate::support::markdown;
use plimsoll::chart;
use plimsoll::diagnostic::Level;
use plimsoll::schema::{self, Schema};
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::{self, Layer, LayerKind};
use plimsoll::yaml::{self, Node, Value};

/// A chart's schema, with its defaults.
struct ChartSchema {
    session: Session,
    schema: Schema,
    defaults: Layer,
}

impl ChartSchema {
    fn new(name: &str) -> Self {
        let session = Session::new();
        let chart = chart::open(&session, name).expect("a chart");
        let schema = Schema::compile(&session, chart.schema.expect("a schema")).expect("a right schema");
        let defaults = values::read_layer(&session, chart.defaults, LayerKind::Defaults).expect("a layer");
        ChartSchema { session, schema: schema.for_chart(name), defaults }
    }

    /// The values of a text over the defaults; none when they cannot be merged.
    fn merged(&self, text: &str) -> Option<Node> {
        let session = &self.session;
        let source = session.add_source(SourceKind::File, "values.yaml", text);
        let layer = values::read_layer(session, source, LayerKind::File).ok()?;
        values::merge(session, &[self.defaults.clone(), layer], &[], self.schema.wants()).ok()
    }

    /// Holds values against the schema on both paths, and counts.
    fn compare(&self, values: &Node, what: &str, counts: &mut Counts) {
        let found = schema::findings_without_table(&self.session, &self.schema, values);
        let wrong = found.iter().any(|finding| finding.level == Level::Error);
        let accepted = schema::accepted(&self.session, &self.schema, values);
        match &accepted {
            Some(warnings) => assert_eq!(warnings, &found, "{what}"),
            None => assert!(wrong, "not accepted, and nothing is wrong: {what}"),
        }
        counts.accepted += usize::from(!wrong);
        counts.wrong += usize::from(wrong);
        counts.warned += usize::from(!wrong && !found.is_empty());
    }

    /// A value of its own.
    fn value(&self, text: &str) -> Node {
        let source = self.session.add_source(SourceKind::File, "wrong.yaml", format!("value: {text}\n"));
        let map = yaml::parse_one(&self.session, source).expect("YAML").expect("a map");
        map.get("value").expect("a value").clone()
    }

    /// The fullest of a chart's golden values that nothing is wrong with.
    fn fullest(&self, chart: &str) -> Node {
        let paths = files_with_extension(format!("tests/profiles/{chart}/values"), "yaml").into_iter();
        let values = paths.filter_map(|path| self.merged(&fs::read_to_string(path).expect("a file")));
        let right = values.filter(|values| schema::accepted(&self.session, &self.schema, values).is_some());
        right.max_by_key(Node::count).expect("right values")
    }
}

/// How many values were right, how many of those with a warning, and how many were wrong.
#[derive(Debug, Default)]
struct Counts {
    accepted: usize,
    warned: usize,
    wrong: usize,
}

/// The YAML blocks of a page.
fn yaml_blocks(page: &str) -> Vec<String> {
    let blocks = markdown::blocks(page).into_iter().filter(|(info, _)| info.starts_with("yaml"));
    blocks.map(|(_, body)| body.to_owned()).collect()
}

#[test]
fn what_is_written_anywhere_is_judged_alike() {
    let pages = files_with_extension("tests/spec/profiles", "md")
        .into_iter()
        .chain(files_with_extension("tests/spec/values", "md"));
    let pages: Vec<String> =
        pages.flat_map(|page| yaml_blocks(&fs::read_to_string(page).expect("a page"))).collect();
    let mut counts = Counts::default();
    for bundled in chart::bundled() {
        let chart = ChartSchema::new(bundled.name);
        let folders = [format!("tests/profiles/{}/values", bundled.name), format!("values/{}", bundled.name)];
        let paths = folders.iter().flat_map(|folder| files_with_extension(folder, "yaml"));
        let texts = paths.map(|path| fs::read_to_string(path).expect("a file"));
        for text in texts.chain(pages.iter().cloned()) {
            let Some(values) = chart.merged(&text) else { continue };
            chart.compare(&values, &text, &mut counts);
        }
    }
    assert!(counts.accepted > 20 && counts.warned > 5 && counts.wrong > 100, "{counts:?}");
}

/// One place after the other is made something else, or is left out, in the fullest values of each chart.
#[test]
fn what_is_changed_anywhere_is_judged_alike() {
    const OTHERS: &[&str] = &[
        "-1",
        "0",
        "1",
        "1.0",
        "2.5",
        "65536",
        "99999999999999999999",
        "1e400",
        "true",
        "false",
        "null",
        "''",
        "' '",
        "'???'",
        "'0'",
        "https://example.com/a",
        "a-b",
        "[]",
        "[x, {y: 1}]",
        "[a, a]",
        "{}",
        "{unknown: {key: 1}}",
    ];
    let mut counts = Counts::default();
    for bundled in chart::bundled() {
        let chart = ChartSchema::new(bundled.name);
        let values = chart.fullest(bundled.name);
        let others: Vec<Node> = OTHERS.iter().map(|text| chart.value(text)).collect();
        for place in 1..values.count() {
            // Each place gets three of them, and each of them comes to each kind of place.
            for turn in 0..3 {
                let other = &others[(place * 5 + turn * 7) % others.len()];
                let mut changed = values.clone();
                change(&mut changed, &mut { place }, &|node| *node = other.clone());
                chart.compare(&changed, &format!("{}: {other:?} at {place}", bundled.name), &mut counts);
            }
            let mut without = values.clone();
            change(&mut without, &mut { place }, &|node| {
                if let Value::Map(map) = &mut node.value {
                    let gone = map.keys().nth(place % map.len().max(1)).cloned();
                    gone.and_then(|key| map.shift_remove(&key));
                }
            });
            chart.compare(&without, &format!("{}: less at {place}", bundled.name), &mut counts);
        }
    }
    assert!(counts.accepted > 1_000 && counts.warned > 0 && counts.wrong > 1_000, "{counts:?}");
}

/// Changes the node that the countdown ends at.
fn change(node: &mut Node, countdown: &mut usize, by: &dyn Fn(&mut Node)) {
    if *countdown == 0 {
        by(node);
    }
    *countdown = countdown.wrapping_sub(1);
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| change(item, countdown, by)),
        Value::Map(map) => map.values_mut().for_each(|entry| change(&mut entry.node, countdown, by)),
    }
}
