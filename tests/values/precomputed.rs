//! What is worked out of bundled charts beforehand: here it is made as for anybody's chart, and held against the files.

use std::fs;
use std::sync::Arc;

use plimsoll::chart::{self, Chart};
use plimsoll::schema::Schema;
use plimsoll::session::Session;
use plimsoll::template::{self, TemplateFile};
use plimsoll::{pipeline, yaml::Wants};

struct Bundled {
    name: &'static str,
    session: Session,
    chart: Chart,
    templates: Vec<TemplateFile>,
}

fn bundled() -> impl Iterator<Item = Bundled> {
    chart::bundled().map(|bundled| {
        let session = Session::new();
        let chart = chart::open(&session, bundled.name).expect("a chart");
        let templates = pipeline::templates(&session, &chart);
        Bundled { name: bundled.name, session, chart, templates }
    })
}

impl Bundled {
    /// What the schema wants, and the text of that.
    fn wants(&self) -> (Arc<Wants>, String) {
        let schema = Schema::compile(&self.session, self.chart.schema.expect("a schema"));
        let wants = Arc::clone(schema.expect("a right schema").wants());
        let text = serde_json::to_string(&*wants).expect("wants in JSON") + "\n";
        (wants, text)
    }
}

/// `BLESS=1` writes the file anew.
fn assert_current(path: &str, built_in: &str, made: &str) {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, made).expect("a writable file");
    } else {
        assert!(built_in == made, "{path} is stale: run `BLESS=1 cargo test`");
    }
}

/// A built-in schema is trusted at run time; here it is read as anybody's would be.
#[test]
fn bundled_schemas_are_right_and_precomputed() {
    for bundled in bundled() {
        let (_, wants) = bundled.wants();
        assert_eq!(bundled.session.diagnostics(), []);
        let packed = bundled.chart.precomputed.map(|precomputed| Wants::packed(precomputed.wants));
        let built_in = serde_json::to_string(&packed).expect("wants in JSON") + "\n";
        assert_current(&format!("schemas/{}.wants.json", bundled.name), &built_in, &wants);
    }
}

/// Built-in templates are not checked at run time; here each is held against its schema, in branches not taken too.
#[test]
fn bundled_templates_are_right_and_precomputed() {
    for bundled in bundled() {
        let (wants, text) = bundled.wants();
        let fingerprint = template::fingerprint([text.as_str()]);
        let made = template::plan_as_json(&bundled.session, &bundled.templates, &wants, &fingerprint);
        assert_eq!(bundled.session.diagnostics(), []);
        let built_in = template::bundled_plan_as_json(bundled.name, &bundled.templates);
        let path = format!("schemas/{}.templates.json", bundled.name);
        assert_current(&path, &built_in.expect("a plan"), &made.expect("right templates"));
    }
}

/// Otherwise every run would read and check them, and nobody would notice but a clock.
#[test]
fn what_is_precomputed_is_used() {
    for bundled in bundled() {
        let precomputed = bundled.chart.precomputed.expect("a bundled chart is precomputed");
        let wants = Arc::new(Wants::anything());
        let begin = |templates: &[TemplateFile]| {
            template::bundled_program(
                &bundled.session,
                bundled.name,
                templates,
                &wants,
                precomputed.wants.fingerprint,
            )
        };
        assert!(begin(&bundled.templates).is_some(), "{}", bundled.name);
        let others = &bundled.templates[1..];
        assert!(begin(others).is_none(), "{}: not precomputed for these templates", bundled.name);
    }
}
