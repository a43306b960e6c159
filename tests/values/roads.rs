//! A built-in schema finds the same on both roads: cut down to what values touch, and whole.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::chart::{self, Chart};
use plimsoll::schema::{self, Schema};
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::{self, Layer, LayerKind};
use plimsoll::yaml::{Node, Value};

/// A chart with its schema, compiled whole as a user's would be.
struct Roads {
    session: Session,
    chart: Chart,
    whole: Schema,
    defaults: Layer,
}

impl Roads {
    fn new(name: &str) -> Self {
        let session = Session::new();
        let chart = chart::open(&session, name).expect("a chart");
        let whole = Schema::compile(&session, chart.schema.expect("a schema")).expect("a right schema");
        let defaults = values::read_layer(&session, chart.defaults, LayerKind::Defaults).expect("a layer");
        Roads { session, chart, whole: whole.for_chart(name), defaults }
    }

    /// The values of a text over the defaults; none when they cannot be merged.
    fn merged(&self, text: &str) -> Option<Node> {
        let session = &self.session;
        let source = session.add_source(SourceKind::File, "values.yaml", text);
        let layer = values::read_layer(session, source, LayerKind::File).ok()?;
        values::merge(session, &[self.defaults.clone(), layer], &[], self.whole.wants()).ok()
    }

    /// Holds values against both, and gives how many findings there were.
    fn compare(&self, values: &Node, what: &str) -> usize {
        let prepared = self.chart.prepared.expect("a bundled chart is prepared");
        let source = self.chart.schema.expect("a schema");
        let cut = Schema::prepared(&self.session, source, prepared.wants, prepared.schema);
        let cut = cut.expect("a right schema").for_chart(&self.chart.name);
        let whole = schema::findings(&self.session, &self.whole, values);
        assert_eq!(schema::findings(&self.session, &cut, values), whole, "{what}, cut");
        whole.len()
    }
}

fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    paths.sort();
    paths
}

/// The YAML blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    let blocks = page.split("\n```yaml").skip(1).filter_map(|rest| rest.split_once('\n'));
    blocks.filter_map(|(_, rest)| rest.split("\n```").next()).map(|text| format!("{text}\n")).collect()
}

#[test]
fn what_is_written_anywhere_is_judged_alike() {
    let pages = files("tests/spec/profiles", ".md").into_iter().chain(files("tests/spec/values", ".md"));
    let pages: Vec<String> =
        pages.flat_map(|page| blocks(&fs::read_to_string(page).expect("a page"))).collect();
    let (mut compared, mut found) = (0, 0);
    for bundled in chart::bundled() {
        let roads = Roads::new(bundled.name);
        let folders = [format!("tests/{}/values", bundled.name), format!("values/{}", bundled.name)];
        let paths = folders.iter().flat_map(|folder| files(folder, ".yaml"));
        let texts = paths.map(|path| fs::read_to_string(path).expect("a file"));
        for text in texts.chain(pages.iter().cloned()) {
            let Some(values) = roads.merged(&text) else { continue };
            found += roads.compare(&values, &text);
            compared += 1;
        }
    }
    assert!(compared > 100 && found > 500, "{compared} compared, {found} found");
}

/// Every seventh value of a chart's production is made wrong, in each way and from each of seven beginnings.
#[test]
fn what_is_wrong_anywhere_is_judged_alike() {
    let wrong = ["-1", "'???'", "[x, {y: 1}]", "{unknown: {key: 1}}"];
    let mut found = 0;
    for bundled in chart::bundled() {
        let roads = Roads::new(bundled.name);
        let text =
            fs::read_to_string(files(&format!("tests/{}/values", bundled.name), "pods.yaml").remove(0));
        let right = roads.merged(&text.expect("a file")).expect("values");
        for (wrong, start) in wrong.iter().flat_map(|wrong| (0..7).map(move |start| (wrong, start))) {
            let source = roads.session.add_source(SourceKind::File, "wrong.yaml", format!("{wrong}\n"));
            let wrong = plimsoll::yaml::parse_one(&roads.session, source).expect("YAML").expect("a value");
            let mut values = right.clone();
            replace(&mut values, &wrong, &mut (start + 1));
            found += roads.compare(&values, &format!("{}: {wrong:?} from {start}", bundled.name));
        }
    }
    assert!(found > 2_000, "{found}");
}

/// Puts a value where the countdown ends, and at every seventh place behind it.
fn replace(node: &mut Node, wrong: &Node, countdown: &mut usize) {
    *countdown -= 1;
    if *countdown == 0 {
        *countdown = 7;
        // The root stays a map, as merging gives it.
        if node.count() < 200 {
            *node = wrong.clone();
            return;
        }
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| replace(item, wrong, countdown)),
        Value::Map(map) => map.values_mut().for_each(|entry| replace(&mut entry.node, wrong, countdown)),
    }
}
