//! `plimsoll.yaml`: levels of rules, what lives outside the manifests, and which chart a values file belongs to.

mod pattern;

use std::sync::Arc;

pub use pattern::matches;

use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{self, Schema};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::values::{self, LayerKind};
use crate::yaml::{Entry, Node};

/// What a repository says to Plimsoll.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Levels of rules, in the order of the file.
    pub levels: Vec<RuleLevel>,
    /// Objects that others make.
    pub externals: Vec<External>,
    /// Which chart values files belong to; the first that matches counts.
    pub charts: Vec<ChartMapping>,
}

/// How a rule is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is said.
    Allow,
    /// What it finds is a warning.
    Warn,
    /// What it finds is an error: nothing is rendered.
    Deny,
}

/// The level that somebody chose for a rule.
#[derive(Clone, Debug)]
pub struct RuleLevel {
    /// The rule's name or code.
    pub rule: Arc<str>,
    /// Where that is written.
    pub span: Span,
    /// The level.
    pub level: Level,
}

/// An object that manifests may refer to although they do not hold it.
#[derive(Clone, Debug)]
pub struct External {
    /// For example `Secret`.
    pub kind: String,
    /// Any namespace unless given.
    pub namespace: Option<String>,
    /// A `*` stands for any text.
    pub name: String,
}

/// Which chart some values files belong to.
#[derive(Clone, Debug)]
pub struct ChartMapping {
    /// A pattern of paths, relative to the folder of `plimsoll.yaml`; see [`matches()`].
    pub files: String,
    /// A bundled chart's name, or a folder relative to that of `plimsoll.yaml`.
    pub chart: String,
    /// Presets below the file, low to high.
    pub presets: Vec<String>,
}

const SCHEMA: &str = include_str!("../../schemas/plimsoll.schema.json");

/// Reads a `plimsoll.yaml`.
///
/// # Errors
/// F001 for everything in it that its schema (`schemas/plimsoll.schema.json`) does not allow.
pub fn read(session: &Session, source: SourceId) -> Outcome<Config> {
    let before = session.errors();
    let layer = values::read_layer(session, source, LayerKind::File)?;
    let schema = session.add_source(SourceKind::Bundled, "plimsoll.schema.json", SCHEMA);
    let schema = Schema::compile(session, schema)?;
    let root = values::merge(session, &[layer], &[], schema.wants())?;
    for finding in schema::findings(session, &schema, &root) {
        session.report(reworded(finding));
    }
    session.clean_since(before)?;
    let list = |key: &str| root.get(key).and_then(Node::as_list).unwrap_or_default();
    Ok(Config {
        levels: root.get("rules").and_then(Node::as_map).into_iter().flatten().map(level_of).collect(),
        externals: list("external").iter().map(external).collect(),
        charts: list("charts").iter().map(chart_of).collect(),
    })
}

/// Sentences about values, turned to `plimsoll.yaml`.
fn reworded(mut finding: Diagnostic) -> Diagnostic {
    if finding.code == Code::V102 {
        finding.help = vec!["write it into `plimsoll.yaml`".to_owned()];
    }
    let message = finding.message.replace("a setting of this chart", "a key of `plimsoll.yaml`");
    Diagnostic { code: Code::F001, message: message.replace("the values", "`plimsoll.yaml`"), ..finding }
}

fn level_of((rule, entry): (&Arc<str>, &Entry)) -> RuleLevel {
    let level = match entry.node.get("level").and_then(Node::as_str) {
        Some("allow") => Level::Allow,
        Some("warn") => Level::Warn,
        _ => Level::Deny,
    };
    RuleLevel { rule: Arc::clone(rule), span: entry.key_span, level }
}

fn external(node: &Node) -> External {
    External { kind: text(node, "kind"), namespace: optional(node, "namespace"), name: text(node, "name") }
}

fn chart_of(node: &Node) -> ChartMapping {
    let presets = node.get("presets").and_then(Node::as_list).unwrap_or_default();
    let presets = presets.iter().filter_map(Node::as_str).map(str::to_owned).collect();
    ChartMapping { files: text(node, "files"), chart: text(node, "chart"), presets }
}

fn optional(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}

fn text(node: &Node, key: &str) -> String {
    optional(node, key).unwrap_or_default()
}
