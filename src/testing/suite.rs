//! A file of tests: held against its schema, with the place of everything that it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::assertion::{self, Expectation};
use super::expected_finding::ExpectedFinding;
use super::nodes::{entry, items, text, texts};
use super::object_pattern::read_pattern;
use crate::diagnostic::{CODES, Code, Diagnostic, find_code};
use crate::kube::Versions;
use crate::request::{ValuesFile, ValuesPart};
use crate::rules::RULES;
use crate::schema::{self, Schema};
use crate::secrets::{hide_tree, is_secret_content, is_secret_kind};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::values::{self, LayerKind};
use crate::yaml::{Node, Value};

/// A file of tests.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) name: String,
    /// Its path.
    pub(super) file: PathBuf,
    pub(super) cases: Vec<Case>,
}

/// A case: what is rendered, and what is expected.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    /// Where its name is written.
    pub(super) span: Span,
    pub(super) setting: Setting,
    /// Values files and values, low to high.
    pub(super) files: Vec<ValuesFile>,
    pub(super) wanted: Wanted,
}

/// What a case asks for besides values. Cases that have all of it in common are rendered with one preparation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Setting {
    pub(super) presets: Vec<String>,
    pub(super) sets: Vec<String>,
    pub(super) namespace: Option<String>,
    pub(super) release_name: Option<String>,
    /// Known to be readable.
    pub(super) versions: Option<String>,
    pub(super) api_versions: Vec<String>,
    pub(super) is_upgrade: bool,
    /// Rules and codes that say nothing.
    pub(super) allow: Vec<String>,
}

/// What a case expects.
#[derive(Debug)]
pub(super) enum Wanted {
    /// That nothing is rendered, because of these errors.
    Fails(Vec<ExpectedFinding>),
    /// That the chart is rendered.
    Renders {
        expectations: Vec<Expectation>,
        findings: Vec<ExpectedFinding>,
        /// The place of `snapshot: true`.
        snapshot: Option<Span>,
    },
}

/// The schema of the file.
const SCHEMA: &str = include_str!("../../schemas/tests.schema.json");

/// Reads a file of tests. It is read and checked as values are, so it has the same sentences, with other nouns.
///
/// # Errors
/// A001 for everything that is wrong in it, A008 for what cannot fail.
pub(super) fn read(session: &Session, file: &Path, source: SourceId) -> Outcome<Suite> {
    let before = session.errors();
    let layer = values::read_layer(session, source, LayerKind::File)?;
    let raw = Arc::clone(&layer.root);
    hide_expected(session, &raw);
    let schema = session.add_source(SourceKind::Bundled, "tests.schema.json", SCHEMA);
    let schema = Schema::compile(session, schema)?;
    // Before the merge, which takes them away.
    refuse_nulls(session, &raw);
    session.clean_since(before)?;
    // A merge of one layer, which gives scalars the types that the schema wants: a case may be called `1.10`.
    let root = values::merge(session, &[layer], &[], schema.wants())?;
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    for finding in schema::findings(session, &schema, &root) {
        session.report(schema::reworded(finding, Code::A001, &name));
    }
    session.clean_since(before)?;
    let stem = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let reader = Reader { session, file, root: &root, raw: &raw };
    let suite =
        Suite { name: text(&root, "name").unwrap_or(stem), file: file.to_owned(), cases: reader.cases() };
    session.clean_since(before)?;
    Ok(suite)
}

/// Hides what tests expect of the content of Secrets: before anything is said of the file, and whether there is such an object
/// or not.
fn hide_expected(session: &Session, root: &Node) {
    for assertion in items(root, "cases").iter().flat_map(|case| items(case, "expect")) {
        let object = assertion.get("object").and_then(Node::as_str).unwrap_or_default();
        let kind = object.split('/').find(|part| is_secret_kind(part)).unwrap_or_default();
        let negated = assertion.get("not");
        for predicates in [Some(assertion), negated].into_iter().flatten().filter_map(Node::as_map) {
            for fields in predicates.values().filter_map(|entry| entry.node.as_map()) {
                for (path, expected) in fields {
                    let field = path.split(['.', '[']).next().unwrap_or_default();
                    if is_secret_content(kind, field) || field == "stringData" {
                        hide_tree(session, &expected.node);
                    }
                }
            }
        }
    }
}

/// In values a null takes something away, and is passed on; elsewhere it would be lost.
fn refuse_nulls(session: &Session, node: &Node) {
    match &node.value {
        Value::Scalar(_) if node.is_null() => {
            let finding = Diagnostic::error(Code::A001, "a null says nothing here");
            session.report(finding.at(node.span, "this value").help(
                "of a field that is not there, say `absent: [PATH]`: no field is null in what is rendered",
            ));
        }
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| refuse_nulls(session, item)),
        Value::Map(map) => {
            for (key, entry) in map {
                if &**key != "values" {
                    refuse_nulls(session, &entry.node);
                }
            }
        }
    }
}

/// Reads the parts of a file that its schema has found right.
struct Reader<'r> {
    session: &'r Session,
    file: &'r Path,
    root: &'r Node,
    /// With the nulls that values have.
    raw: &'r Node,
}

impl Reader<'_> {
    fn cases(&self) -> Vec<Case> {
        let nodes = items(self.root, "cases");
        let raw = items(self.raw, "cases");
        let cases: Vec<Case> = nodes.iter().zip(raw).map(|(node, raw)| self.case(node, raw)).collect();
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        for case in &cases {
            if let Some(first) = names.insert(&case.name, case.span) {
                let message = format!("two cases are called `{}`", case.name);
                let finding = Diagnostic::error(Code::A001, message).at(case.span, "the second");
                self.session.report(finding.also(first, "the first").help("give one of them another name"));
            }
        }
        cases
    }

    fn case(&self, node: &Node, raw: &Node) -> Case {
        let defaults = self.root.get("defaults");
        let mut setting = Setting::default();
        let mut files = Vec::new();
        let levels = [(defaults, self.raw.get("defaults")), (Some(node), Some(raw))];
        for (node, raw) in levels {
            let (Some(node), Some(raw)) = (node, raw) else { continue };
            self.add_setting(&mut setting, node);
            let folder = self.file.parent().unwrap_or(Path::new(""));
            files.extend(texts(node, "files").map(|name| ValuesFile::Path(folder.join(name))));
            let values =
                raw.get("values").map(|values| ValuesFile::Part(ValuesPart(Arc::new(values.clone()))));
            files.extend(values);
        }
        let name = node.get("name").unwrap_or(node);
        Case {
            name: name.as_str().unwrap_or_default().to_owned(),
            span: name.span,
            setting,
            files,
            wanted: self.wanted(node),
        }
    }

    fn add_setting(&self, setting: &mut Setting, node: &Node) {
        setting.presets.extend(texts(node, "presets"));
        setting.sets.extend(texts(node, "set"));
        setting.api_versions.extend(texts(node, "apiVersions"));
        if let Some(namespace) = text(node, "namespace") {
            setting.namespace = Some(namespace);
        }
        if let Some(name) = text(node, "releaseName") {
            setting.release_name = Some(name);
        }
        if let Some(is_upgrade) = node.get("isUpgrade").and_then(Node::as_bool) {
            setting.is_upgrade = is_upgrade;
        }
        if let Some(versions) = node.get("kubeVersion") {
            let written = versions.as_str().unwrap_or_default();
            match written.parse::<Versions>() {
                Ok(_) => setting.versions = Some(written.to_owned()),
                Err(reason) => {
                    let message = format!("`kubeVersion: {written}` cannot be read: {reason}");
                    let finding = Diagnostic::error(Code::A001, message).at(versions.span, "this version");
                    self.session.report(finding.help("write a version or a range, such as `1.31..1.37`"));
                }
            }
        }
        for rule in items(node, "allow") {
            let name = rule.as_str().unwrap_or_default();
            if !is_known_code(name) && !GROUPS.contains(&name) {
                self.refuse_code(rule.span, name);
            }
            setting.allow.push(name.to_owned());
        }
    }

    fn wanted(&self, node: &Node) -> Wanted {
        let fails = entry(node, "fails");
        let Some(fails) = fails else {
            let snapshot = node.get("snapshot").filter(|snapshot| snapshot.as_bool() == Some(true));
            return Wanted::Renders {
                expectations: items(node, "expect")
                    .iter()
                    .filter_map(|node| assertion::read(self.session, node).ok())
                    .collect(),
                findings: self.findings(items(node, "findings")),
                snapshot: snapshot.map(|snapshot| snapshot.span),
            };
        };
        for key in ["expect", "findings", "snapshot"] {
            if let Some(other) = entry(node, key) {
                let message = format!("a case that `fails` has nothing that `{key}` could look at");
                let finding = Diagnostic::error(Code::A001, message).at(other.key_span, "this key");
                let finding = finding.also(fails.key_span, "nothing is rendered");
                self.session.report(finding.help("make two cases of it"));
            }
        }
        let wanted = self.findings(fails.node.as_list().unwrap_or_default());
        for (finding, node) in wanted.iter().zip(items(node, "fails")) {
            if finding.object.is_some() {
                let message = "`object` is for findings of what is rendered, and this case `fails`";
                let span = entry(node, "object").map_or(node.span, |entry| entry.key_span);
                let finding = Diagnostic::error(Code::A001, message).at(span, "this key");
                self.session.report(finding.help("say a part of the message: `message: …`"));
            }
        }
        Wanted::Fails(wanted)
    }

    fn findings(&self, nodes: &[Node]) -> Vec<ExpectedFinding> {
        nodes.iter().filter_map(|node| self.finding(node)).collect()
    }

    fn finding(&self, node: &Node) -> Option<ExpectedFinding> {
        let code = node.get("code")?;
        let name = code.as_str()?;
        if !is_known_code(name) {
            self.refuse_code(code.span, name);
            return None;
        }
        let object = match node.get("object") {
            Some(object) => Some(read_pattern(self.session, object)?),
            None => None,
        };
        Some(ExpectedFinding {
            span: code.span,
            code: name.to_owned(),
            message: text(node, "message"),
            file: text(node, "file"),
            line: node.get("line").and_then(Node::as_i64).and_then(|line| usize::try_from(line).ok()),
            object,
        })
    }

    fn refuse_code(&self, span: Span, name: &str) {
        let finding = Diagnostic::error(Code::A001, format!("there is no code and no rule `{name}`"));
        let known = CODES.iter().map(|code| code.id).chain(RULES.iter().map(|rule| rule.name));
        let finding = finding.did_you_mean(name, known).at(span, "this name");
        self.session.report(finding.help("a finding says its code in brackets, `error[V101]`"));
    }
}

/// Names of several rules, which levels may be given to.
const GROUPS: &[&str] = &["all", "references", "contradictions", "practice", "versions", "kubernetes"];

fn is_known_code(name: &str) -> bool {
    // A fact of validation is called by its address, `Container.name`, which the judge knows.
    find_code(name).is_some() || RULES.find(name).is_some() || name.contains('.')
}
