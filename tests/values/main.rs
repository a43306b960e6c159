//! Values: the law of merging, the `--set` grammar, typing, schemas and charts.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod charts;
mod fast_path;
mod hostile;
mod keywords;
mod laws;
mod merging;
mod schemas;
mod set_flags;
#[path = "../support/mod.rs"]
mod support;
mod tombstones;
mod typing;

use plimsoll::diagnostic::Diagnostic;
use plimsoll::schema::{self, Schema};
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::{self, Edit, LayerKind, SetKind};
use plimsoll::yaml::{self, Wants};

/// Layers (low to high), flags in order, and the schema they are read with.
#[derive(Default)]
struct Given<'t> {
    layers: Vec<&'t str>,
    flags: Vec<(SetKind, &'t str)>,
    schema: Option<&'t str>,
}

/// The merged values as JSON; none when an error was reported.
struct Got {
    json: Option<String>,
    findings: Vec<Diagnostic>,
    session: Session,
}

impl Given<'_> {
    fn merge(&self) -> Got {
        let session = Session::new();
        let json = self.run(&session);
        Got { json, findings: session.diagnostics(), session }
    }

    fn run(&self, session: &Session) -> Option<String> {
        let schema = match self.schema {
            Some(text) => Some(compile(session, text)?.for_chart("demo")),
            None => None,
        };
        let open = Wants::anything();
        let wants = schema.as_ref().map_or(&open, |schema| &**schema.wants());
        let layers: Option<Vec<_>> = self.layers.iter().map(|text| layer(session, text)).collect();
        let edits: Option<Vec<_>> =
            self.flags.iter().map(|(kind, text)| flag(session, *kind, text)).collect();
        let root = values::merge(session, &layers?, &edits?.concat(), wants).ok()?;
        if let Some(schema) = &schema {
            schema::check(session, schema, &root, &yaml::Tombstones::default()).ok()?;
        }
        Some(yaml::print_json(&root).trim().to_owned())
    }
}

fn compile(session: &Session, text: &str) -> Option<Schema> {
    let source = session.add_source(SourceKind::File, "values.schema.json", text);
    Schema::compile(session, source).ok()
}

fn layer(session: &Session, text: &str) -> Option<values::Layer> {
    let source = session.add_source(SourceKind::File, "values.yaml", text);
    values::read_layer(session, source, LayerKind::File).ok()
}

fn flag(session: &Session, kind: SetKind, text: &str) -> Option<Vec<Edit>> {
    let source = session.add_source(SourceKind::Flag, "--set", text);
    values::parse_set(session, kind, source).ok()
}

impl Got {
    /// The codes of everything that was reported.
    fn codes(&self) -> Vec<&'static str> {
        self.findings.iter().map(|finding| finding.code.id).collect()
    }

    /// What the only finding underlines.
    fn underlined(&self) -> String {
        assert_eq!(self.findings.len(), 1, "{:#?}", self.findings);
        self.findings[0].primary().map(|label| self.session.text(label.span)).unwrap_or_default()
    }

    /// Everything that the findings say, in one string.
    fn said(&self) -> String {
        let words = |finding: &Diagnostic| {
            let labels = finding.labels.iter().map(|label| label.text.clone());
            let mut words = vec![finding.message.clone()];
            words.extend(labels);
            words.extend(finding.notes.iter().chain(&finding.help).cloned());
            words.join(" | ")
        };
        self.findings.iter().map(words).collect::<Vec<_>>().join("\n")
    }
}

/// A JSON text without spaces, as the same text is printed by the printer that the tests compare with.
fn compact(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}
