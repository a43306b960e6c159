//! What the tests of all bundled charts stand on: the table of a chart, and its cases, rendered and as data.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use plimsoll::diagnostic::Level;
use plimsoll::formats::{Style, write_human};
use plimsoll::manifest::{Document, PackedDocument};
use plimsoll::pipeline::render;
use plimsoll::request::{Request, SetFlag, SetFlagKind, ValuesFile};
use plimsoll::rules::RULES;
use plimsoll::session::Session;
use plimsoll::values::SetKind;
use serde::Deserialize;
use serde_json::Value;

/// All versions of Kubernetes that the charts support. Everything is checked against each of them.
pub const VERSIONS: &str = "1.31..1.37";

/// A bundled chart, and all that its tests expect of it.
pub struct Profile {
    /// The chart's name, which its folder of values and golden files has too.
    pub name: &'static str,
    /// What is rendered. Every case has a golden file of its name.
    pub cases: &'static [Case],
    /// Values files that are no case's: a test of this chart alone renders them.
    pub other_files: &'static [&'static str],
    /// What the values of the cases say exists already, as `Kind/name`.
    pub existing: &'static [&'static str],
    /// Labels of pods that are not the chart's: what selects them selects nothing here.
    pub foreign_labels: &'static [&'static str],
    /// Pieces of the secrets that are in the values of the cases.
    pub secrets: &'static [&'static str],
    pub objects: Objects,
    pub refusals: Refusals,
    /// The cases as data, read lazily.
    pub rendered: OnceLock<Vec<Rendered>>,
}

/// What is expected of a chart's objects, each as `Kind/name`.
pub struct Objects {
    /// The case that the toggles stand on.
    pub base: &'static str,
    /// What is set beside every toggle.
    pub sets: &'static [&'static str],
    /// The objects of that case.
    pub first_install: &'static [&'static str],
    pub toggles: &'static [Toggle],
}

/// The flags of a toggle, what they add, and what they take away.
pub type Toggle = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// What is expected of a chart's findings, each as its message.
pub struct Refusals {
    /// All errors of the defaults alone, sorted.
    pub nothing_given: &'static [&'static str],
    /// All errors of the preset for production alone, sorted.
    pub production_alone: &'static [&'static str],
    pub contradictions: &'static [Contradictions],
    /// A flag with a secret, the flag's words that the findings have, and the secret, which they have not.
    pub secrets: &'static [(&'static str, &'static str, &'static str)],
}

/// Flags that contradict the values below them.
pub struct Contradictions {
    /// What is set beside each flag.
    pub beside: &'static [&'static str],
    /// A flag, and the only error that it makes.
    pub table: &'static [(&'static str, &'static str)],
}

/// What is rendered: presets, and values files of the chart's folder over them, in this order.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub presets: &'static [&'static str],
    pub files: &'static [&'static str],
}

/// A case without a preset.
pub const fn case(name: &'static str, files: &'static [&'static str]) -> Case {
    Case { name, presets: &[], files }
}

/// A case on presets.
pub const fn preset(
    name: &'static str,
    presets: &'static [&'static str],
    files: &'static [&'static str],
) -> Case {
    Case { name, presets, files }
}

impl Profile {
    /// The case of a name.
    pub fn find(&self, name: &str) -> Case {
        *self.cases.iter().find(|case| case.name == name).expect("a case of the table")
    }

    /// The folder of the chart's values and golden files.
    pub fn folder(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/profiles").join(self.name)
    }

    /// The golden file of a case.
    pub fn golden(&self, case: Case) -> PathBuf {
        self.folder().join(format!("golden/{}.yaml", case.name))
    }

    /// Values files of the chart's folder.
    pub fn values_files(&self, files: &[&str]) -> Vec<ValuesFile> {
        let path = |file: &&str| ValuesFile::Path(self.folder().join(format!("values/{file}.yaml")));
        files.iter().map(path).collect()
    }

    /// What renders a case with further `--set` flags.
    pub fn request(&self, case: Case, sets: &[&str]) -> Request {
        let flag = |text: &&str| SetFlag { kind: SetFlagKind::Text(SetKind::Set), text: (*text).to_owned() };
        Request {
            chart: self.name.to_owned(),
            presets: case.presets.iter().map(|preset| (*preset).to_owned()).collect(),
            files: self.values_files(case.files),
            sets: sets.iter().map(flag).collect(),
            versions: VERSIONS.parse().expect("versions"),
            ..Request::default()
        }
    }

    /// What is rendered, and everything that is said about it.
    pub fn run(&self, request: &Request) -> (Result<Vec<Document>, ()>, String) {
        let session = Session::new();
        let documents = render(&session, request).map_err(|_| ());
        let documents = documents.map(|documents| PackedDocument::unpack_all(&documents));
        self.warnings_must_be_explained(&session);
        (documents, write_human(&session, Style::Plain))
    }

    /// The documents of a case with further `--set` flags, which must not be refused.
    pub fn documents(&self, case: Case, sets: &[&str]) -> Vec<Document> {
        let (documents, findings) = self.run(&self.request(case, sets));
        documents.unwrap_or_else(|()| panic!("{}/{} {sets:?}:\n{findings}", self.name, case.name))
    }

    /// Every case as data.
    pub fn rendered(&'static self) -> &'static [Rendered] {
        self.rendered.get_or_init(|| self.cases.iter().map(|case| Rendered::new(self, *case)).collect())
    }

    /// The objects of a case with further `--set` flags.
    pub fn objects(&self, case: Case, sets: &[&str]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for document in self.documents(case, sets) {
            let identity = &document.identity;
            let name = match &*identity.kind {
                // Behind the last hyphen is the checksum of what the Job does.
                "Job" => identity.name.rsplit_once('-').expect("a checksum").0,
                _ => &identity.name,
            };
            found.insert(format!("{}/{name}", identity.kind));
        }
        found
    }

    /// What a case adds to the objects of a first install, and what it takes away.
    pub fn changes(&self, case: Case, sets: &[&str]) -> (Vec<String>, Vec<String>) {
        let found = self.objects(case, sets);
        let base = names(self.objects.first_install);
        (found.difference(&base).cloned().collect(), base.difference(&found).cloned().collect())
    }

    /// The errors of a case that is refused with these flags, sorted.
    pub fn errors(&self, case: Case, sets: &[&str]) -> Vec<String> {
        let (documents, findings) = self.run(&self.request(case, sets));
        assert!(documents.is_err(), "{}/{}: {sets:?} passed", self.name, case.name);
        messages(&findings, "error")
    }

    /// The warnings of a case that is rendered with these flags, sorted.
    pub fn warnings(&self, case: Case, sets: &[&str]) -> Vec<String> {
        let (documents, findings) = self.run(&self.request(case, sets));
        assert!(documents.is_ok(), "{}/{}: {sets:?}:\n{findings}", self.name, case.name);
        messages(&findings, "warning")
    }

    /// Holds each rule that has spoken against the chart's page: what still warns there must be explained there.
    fn warnings_must_be_explained(&self, session: &Session) {
        let page = fs::read_to_string(format!("docs/profiles/{}.md", self.name)).expect("the chart's page");
        let rule_of = |code| RULES.iter().find(|rule| rule.code == code);
        let found: BTreeSet<(&str, String)> = session
            .diagnostics()
            .into_iter()
            .filter(|finding| finding.level == Level::Warning)
            .filter_map(|finding| Some((rule_of(finding.code)?.name, finding.message)))
            .filter(|(name, _)| !page.contains(&format!("`{name}`")))
            .collect();
        assert!(found.is_empty(), "{}: the page does not explain what still warns: {found:#?}", self.name);
    }
}

/// Names as a set.
pub fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The messages of the findings of one level, without line breaks and excerpts, sorted.
fn messages(findings: &str, level: &str) -> Vec<String> {
    let start = format!("{level}[");
    let heads = findings.lines().filter(|line| line.starts_with(&start));
    let mut found: Vec<String> = heads
        .map(|line| sentence(line.split_once(": ").map_or(line, |(_, message)| message)).to_owned())
        .collect();
    found.sort();
    found
}

/// A message without the setting that is put before a sentence of the schema: tables have what the charts say themselves.
fn sentence(message: &str) -> &str {
    match message.strip_prefix('`').and_then(|rest| rest.split_once("`: ")) {
        Some((setting, sentence)) if !setting.contains('`') => sentence,
        _ => message,
    }
}

/// The documents of a case as plain data: its golden file, as another reader of YAML reads it.
///
/// To read a golden file is many times faster than to render its case, and a test holds that it is the same.
pub struct Rendered {
    pub profile: &'static Profile,
    pub case: Case,
    /// The chart and the case, for messages.
    pub name: String,
    pub all: Vec<Value>,
}

impl Rendered {
    /// Reads the golden file of a case.
    pub fn new(profile: &'static Profile, case: Case) -> Self {
        let name = format!("{}/{}", profile.name, case.name);
        let text = fs::read_to_string(profile.golden(case)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let documents = serde_yaml::Deserializer::from_str(&text);
        let all = documents.map(|document| Value::deserialize(document).expect("YAML")).collect();
        Self { profile, case, name, all }
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.all.iter().filter(move |document| document["kind"] == kind)
    }

    /// What has pods.
    pub fn workloads(&self) -> impl Iterator<Item = &Value> {
        self.of_kind("Deployment").chain(self.of_kind("StatefulSet")).chain(self.of_kind("Job"))
    }

    /// The templates of all pods.
    pub fn pods(&self) -> impl Iterator<Item = &Value> {
        let of_jobs = self.of_kind("CronJob").map(|job| &job["spec"]["jobTemplate"]["spec"]["template"]);
        self.workloads().map(|workload| &workload["spec"]["template"]).chain(of_jobs)
    }

    /// What sets the number of pods of a workload.
    pub fn autoscalers(&self) -> impl Iterator<Item = &Value> {
        self.of_kind("HorizontalPodAutoscaler").chain(self.of_kind("ScaledObject"))
    }

    /// The most pods that a workload can have.
    pub fn most_pods(&self, workload: &Value) -> i64 {
        let name = &workload["metadata"]["name"];
        let own = self.autoscalers().filter(|scaler| scaler["spec"]["scaleTargetRef"]["name"] == *name);
        // KEDA calls the same number otherwise.
        let limits = own.map(|scaler| {
            let spec = &scaler["spec"];
            spec["maxReplicas"].as_i64().or(spec["maxReplicaCount"].as_i64()).expect("a number")
        });
        limits.max().or(workload["spec"]["replicas"].as_i64()).unwrap_or(1)
    }

    pub fn names(&self, kind: &str) -> BTreeSet<&str> {
        self.of_kind(kind).filter_map(|document| document["metadata"]["name"].as_str()).collect()
    }

    /// The pod templates that a map of labels selects.
    pub fn selected<'v>(&'v self, labels: &'v Value) -> impl Iterator<Item = &'v Value> {
        self.pods().filter(move |pod| {
            let labels = labels.as_object().expect("labels");
            labels.iter().all(|(key, value)| pod["metadata"]["labels"][key] == *value)
        })
    }
}
