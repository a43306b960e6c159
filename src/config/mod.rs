//! `plimsoll.yaml`: levels of rules, what lives outside the manifests, and which chart a values file belongs to.
//!
//! ```yaml
//! rules:
//!   latest-tag: { level: deny, reason: the registry removes old images }
//! external:
//!   - { kind: Secret, name: "*-tls" }            # any namespace
//! charts:
//!   - { files: "environments/**", chart: skyflo, presets: [production] }
//! ```
//!
//! This module reads; what levels mean to rules, and which values files a mapping covers, is decided where
//! it is asked (`rules`, `lint`).

mod pattern;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use pattern::{Pattern, TooLarge};

use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{self, Schema};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::values::{self, LayerKind};
use crate::yaml::{Entry, Node};

/// What a repository says to Plimsoll.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The folder of the file: patterns are relative to it.
    pub folder: PathBuf,
    /// Levels of rules, in the order of the file.
    pub levels: Vec<RuleLevel>,
    /// Levels for some files, in the order of the file; later ones take precedence.
    pub overrides: Vec<LevelOverride>,
    /// Files that are passed over in a folder.
    pub exclude: Vec<Pattern>,
    /// Files that are applied together.
    pub sets: Vec<ManifestSet>,
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

/// The level that was chosen for a rule.
#[derive(Clone, Debug)]
pub struct RuleLevel {
    /// The rule's name or code.
    pub rule: Arc<str>,
    /// Where that is written.
    pub span: Span,
    /// The level.
    pub level: Level,
}

/// Levels that count for some files alone.
#[derive(Clone, Debug)]
pub struct LevelOverride {
    /// Patterns of paths, relative to the folder of `plimsoll.yaml`.
    pub files: Vec<Pattern>,
    /// In the order of the file.
    pub levels: Vec<RuleLevel>,
}

/// Manifests that are applied together, wherever they lie.
#[derive(Clone, Debug)]
pub struct ManifestSet {
    /// Patterns of paths, relative to the folder of `plimsoll.yaml`.
    pub files: Vec<Pattern>,
}

/// An object that manifests may refer to although they do not hold it.
#[derive(Clone, Debug)]
pub struct External {
    /// For example `Secret`.
    pub kind: String,
    /// Any namespace unless given.
    pub namespace: Option<String>,
    /// Its name, or a pattern of names.
    pub name: Pattern,
}

/// Which chart some values files belong to.
#[derive(Clone, Debug)]
pub struct ChartMapping {
    /// A pattern of paths, relative to the folder of `plimsoll.yaml`.
    pub files: Pattern,
    /// A bundled chart's name, or a folder relative to that of `plimsoll.yaml`.
    pub chart: String,
    /// Presets below the file, low to high.
    pub presets: Vec<String>,
}

/// The schema of the file.
const SCHEMA: &str = include_str!("../../schemas/plimsoll.schema.json");

/// Reads a `plimsoll.yaml`.
///
/// The file is read as values are, and held against a JSON Schema as values are: so it has the same
/// sentences, suggestions and limits as a values file, and only their nouns differ. What is read here
/// afterwards has passed the schema.
///
/// # Errors
/// F001 for everything in it that its schema (`schemas/plimsoll.schema.json`) does not allow, and
/// for a pattern that is too large.
pub fn read(session: &Session, source: SourceId) -> Outcome<Config> {
    let before = session.errors();
    let layer = values::read_layer(session, source, LayerKind::File)?;
    let schema = session.add_source(SourceKind::Bundled, "plimsoll.schema.json", SCHEMA);
    let schema = Schema::compile(session, schema)?;
    // A merge of one layer, which gives scalars the types that the schema wants: a chart may be called `1.10`.
    let root = values::merge(session, &[layer], &[], schema.wants())?;
    // `findings` and not `check`, which would report them in the words for values.
    for finding in schema::findings(session, &schema, &root) {
        session.report(schema::reworded(finding, Code::F001, "plimsoll.yaml"));
    }
    session.clean_since(before)?;
    let config = Config {
        folder: folder_of(&session.source(source).name),
        levels: rule_levels(&root),
        overrides: items(&root, "overrides").iter().map(|node| level_override(session, node)).collect(),
        exclude: patterns(session, &root, "exclude"),
        sets: items(&root, "sets").iter().map(|node| manifest_set(session, node)).collect(),
        externals: items(&root, "external").iter().map(|node| external(session, node)).collect(),
        charts: items(&root, "charts").iter().map(|node| chart_mapping(session, node)).collect(),
    };
    // Asked again: patterns are compiled while the items are read, and the schema cannot say which of them are too
    // large.
    session.clean_since(before)?;
    Ok(config)
}

/// The folder of a file, as it is named.
fn folder_of(name: &str) -> PathBuf {
    Path::new(name).parent().map(Path::to_owned).unwrap_or_default()
}

/// The levels under `rules`.
fn rule_levels(node: &Node) -> Vec<RuleLevel> {
    node.get("rules").and_then(Node::as_map).into_iter().flatten().map(rule_level).collect()
}

fn level_override(session: &Session, node: &Node) -> LevelOverride {
    LevelOverride { files: patterns(session, node, "files"), levels: rule_levels(node) }
}

fn manifest_set(session: &Session, node: &Node) -> ManifestSet {
    ManifestSet { files: patterns(session, node, "files") }
}

fn rule_level((rule, entry): (&Arc<str>, &Entry)) -> RuleLevel {
    let level = match entry.node.get("level").and_then(Node::as_str) {
        Some("allow") => Level::Allow,
        Some("warn") => Level::Warn,
        // The schema allows these three alone.
        _ => Level::Deny,
    };
    // Whether there is such a rule is not asked here: `rules` knows them, and imports this
    // module. So the place goes along.
    RuleLevel { rule: Arc::clone(rule), span: entry.key_span, level }
}

fn external(session: &Session, node: &Node) -> External {
    External {
        kind: text(node, "kind"),
        namespace: optional_text(node, "namespace"),
        name: pattern(session, node, "name"),
    }
}

fn chart_mapping(session: &Session, node: &Node) -> ChartMapping {
    let presets = items(node, "presets").iter().filter_map(Node::as_str).map(str::to_owned).collect();
    ChartMapping { files: pattern(session, node, "files"), chart: text(node, "chart"), presets }
}

/// The pattern under a key. One that cannot be compiled is reported.
fn pattern(session: &Session, node: &Node, key: &str) -> Pattern {
    let span = node.get(key).map_or(node.span, |value| value.span);
    compiled(session, &text(node, key), key, span)
}

/// The patterns in the list under a key.
fn patterns(session: &Session, node: &Node, key: &str) -> Vec<Pattern> {
    let texts = items(node, key).iter().filter_map(|item| Some((item.as_str()?, item.span)));
    texts.map(|(text, span)| compiled(session, text, key, span)).collect()
}

fn compiled(session: &Session, text: &str, key: &str, span: Span) -> Pattern {
    Pattern::new(text).unwrap_or_else(|TooLarge| {
        let finding = Diagnostic::error(Code::F001, format!("`{key}` is too large for a pattern"));
        session.report(finding.at(span, "this pattern").help("write a shorter one"));
        // Reading goes on, to find others; `read` fails at its end.
        Pattern::exact(text)
    })
}

/// The list under a key; an empty one if the key is not there.
fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn optional_text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}

/// The text under a key that the schema demands.
fn text(node: &Node, key: &str) -> String {
    #[expect(clippy::expect_used, reason = "what is read here has passed the schema")]
    optional_text(node, key).expect("the schema of plimsoll.yaml demands this key, and that it is a string")
}
