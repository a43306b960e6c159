//! Every rule against its specification, `tests/rules/<name>.md`: manifests, and what the rule says to them.
//!
//! A `## heading` begins a case; its first word is `fails`, `passes` or `suppressed`, and a rule has all three. `yaml` blocks
//! are manifests, linted together (`<300 KiB of text>` and `<1001 containers>` in them are written out; one that begins with
//! `# values: {…}` is a template and is rendered with these; a CRD among them makes its kind known); the `text` block is what this rule finds, with what there is to say of suppressions.
//! `BLESS=1` rewrites those blocks, the pages of the rules and their table.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use plimsoll::config::{Config, Level};
use plimsoll::diagnostic::CODES;
use plimsoll::formats::{Style, write_human};
use plimsoll::kube::{self, Api, Target};
use plimsoll::manifest::{self, Document, PackedDocument};
use plimsoll::rules::{self, ChosenLevel, ObjectSet, RULES, Rule};
use plimsoll::secrets::SecretTexts;
use plimsoll::session::Session;
use plimsoll::source::{SourceId, SourceKind};
use plimsoll::template::{self, Capabilities, RenderInput, RenderedTemplate, Role, TemplateFile};
use plimsoll::yaml::{ValuePath, Wants, parse_one};

/// What a rule and the suppressions say to manifests.
fn say(rule: &Rule, files: &[(String, String)]) -> String {
    let session = Session::new();
    let mut written = Vec::new();
    let mut documents: Vec<Document> = Vec::new();
    for (name, text) in files {
        let text = enlarged(text);
        let source = session.add_source(SourceKind::File, name.as_str(), text.as_str());
        let made = match text.strip_prefix("# values: ").and_then(|rest| rest.lines().next()) {
            Some(values) => made_of_template(&session, name, source, values),
            None => {
                written.push(source);
                manifest::split(&session, &Arc::from(name.as_str()), source, &[]).documents
            }
        };
        documents.extend(made);
    }
    let target = Target { api: Arc::new(api(&session, &documents)), ..Target::default() };
    documents.iter_mut().for_each(|document| kube::check(&session, &target, document));
    assert_eq!(session.errors(), 0, "{}", write_human(&session, Style::Plain));
    let documents = PackedDocument::pack_all(documents);
    let set = ObjectSet::new(&session, &documents, &[], Vec::new());
    let only = [("all", Level::Allow), (rule.name, rule.level.max(Level::Warn))];
    let choices = only.map(|(rule, level)| ChosenLevel { rule: rule.to_owned(), level });
    let _ = rules::check(&session, &set, rules::levels(&Config::default(), &choices), &written);
    write_human(&session, Style::Plain)
}

/// What is built in, and the kinds that the manifests define besides.
fn api(session: &Session, documents: &[Document]) -> Api {
    let mut api = Api::new();
    for crd in documents.iter().filter(|document| *document.identity.kind == *kube::CRD) {
        let text = |path: &str| ValuePath::from_pointer(path, &crd.node).find(&crd.node)?.as_str();
        let (group, kind) =
            (text("/spec/group").expect("a group"), text("/spec/names/kind").expect("a kind"));
        let version = format!("{group}/{}", text("/spec/versions/0/name").expect("a version"));
        if !api.has(&format!("{version}/{kind}"), kube::Versions::default()) {
            api.add_crd(session, &crd.node).expect("a definition");
        }
    }
    api
}

/// Renders a file whose first line gives its values.
fn made_of_template(session: &Session, name: &str, source: SourceId, values: &str) -> Vec<Document> {
    let file = TemplateFile { name: Arc::from(name), source, role: Role::Document };
    let values = session.add_source(SourceKind::File, "values.yaml", format!("{values}\n"));
    let context = RenderInput {
        values: Arc::new(parse_one(session, values).expect("values").expect("a map")),
        tombstones: Arc::default(),
        globals: Vec::new(),
        files: template::ChartFiles::default(),
        capabilities: Capabilities { version: "1.37".to_owned(), has: Arc::new(|_| false) },
        secrets: SecretTexts::default(),
    };
    let program = template::compile(session, &[file], &Arc::new(Wants::anything())).expect("a template");
    let rendered = template::render(session, &program, context).expect("a render");
    let split =
        |one: &RenderedTemplate| manifest::split(session, &Arc::from(name), one.source, &one.bindings);
    rendered.iter().flat_map(|one| split(one).all().expect("documents")).collect()
}

/// Writes `<300 KiB of text>` and `<1001 containers>` out: `x` repeated, and items of a flow list.
fn enlarged(text: &str) -> String {
    let text = replaced(text, " KiB of text>", |number| "x".repeat(1024 * number));
    replaced(&text, " containers>", |number| {
        let containers: Vec<String> =
            (0..number).map(|index| format!("{{name: c{index}, image: c:1}}")).collect();
        containers.join(", ")
    })
}

/// Replaces each `<number unit>` with what a function makes of the number; `unit` ends with `>`.
fn replaced(text: &str, unit: &str, make: impl Fn(usize) -> String) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(unit) {
        let (before, number) = before.rsplit_once('<').expect("`<` before the number");
        made += before;
        made += &make(number.parse().expect("a number"));
        rest = after;
    }
    made + rest
}

fn example(text: &str) -> Vec<(String, String)> {
    vec![("example.yaml".to_owned(), format!("{text}\n"))]
}

#[test]
fn the_examples_of_the_pages_break_and_keep_their_rules() {
    let mut wrong = Vec::new();
    for rule in RULES.iter() {
        if !say(rule, &example(rule.page.example)).contains(&format!("[{}]", rule.code)) {
            wrong.push(format!("{}: its example keeps the rule", rule.name));
        }
        let said = say(rule, &example(rule.page.instead));
        if !said.is_empty() {
            wrong.push(format!("{}: its alternative is not clean:\n{said}", rule.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_code_a_name_and_a_page() {
    let with_rule: Vec<&str> = RULES.iter().map(|rule| rule.code.id).collect();
    let moved = |id: &str| RULES.moved().iter().any(|rule| rule.code.id == id);
    let own = |id: &str| id.starts_with('R') && !id.starts_with("R0") && !moved(id);
    let codes: Vec<&str> = CODES.iter().map(|code| code.id).filter(|id| own(id)).collect();
    assert_eq!(with_rule, codes, "the table of rules and the codes have one order");
    for rule in RULES.iter() {
        let simple = rule.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        assert!(simple, "{}", rule.name);
        assert_eq!(RULES.iter().filter(|other| other.name == rule.name).count(), 1, "{}", rule.name);
        let source = source_of(rule);
        assert!(Path::new(&source).is_file(), "{} is not in {source}", rule.name);
        let comment =
            format!("<!-- Generated by `BLESS=1 cargo test --test rules` from {source}: edit there. -->");
        let page = format!("{comment}\n\n{}", rules::page(rule));
        hold(Path::new(&format!("docs/codes/{}.md", rule.code)), &page);
    }
    let page = fs::read_to_string("docs/rules.md").expect("docs/rules.md");
    let start = page.find("| code |").expect("the table");
    let end = page[start..].find("\n\n").map_or(page.len(), |end| start + end + 1);
    hold(Path::new("docs/rules.md"), &format!("{}{}{}", &page[..start], rules::table(), &page[end..]));
}

#[test]
fn rules_that_are_facts_now_are_known_by_their_names() {
    let page = fs::read_to_string("docs/rules.md").expect("docs/rules.md");
    let facts: Vec<&str> = kube::fact_addresses().collect();
    for rule in RULES.moved() {
        assert!(RULES.find(rule.name).is_none() && RULES.find(rule.code.id).is_none(), "{}", rule.name);
        assert!(page.contains(&format!("[{0}](codes/{0}.md) `{1}`", rule.code, rule.name)), "{}", rule.name);
        for fact in rule.facts {
            assert!(facts.contains(fact), "{fact}");
            assert!(rule.code.page().contains(&format!("`{fact}`")), "{fact}");
        }
        let session = Session::new();
        let choice = ChosenLevel { rule: rule.name.to_owned(), level: Level::Allow };
        rules::levels(&Config::default(), &[choice]).report_unknown(&session);
        assert_eq!(session.errors(), 0, "{}", write_human(&session, Style::Plain));
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}  # plimsoll: allow(NAME) why\n\
                   spec: {containers: [{name: web, image: \"web:1\"}]}\n";
        let any = RULES.find("latest-tag").expect("the rule");
        let said = say(any, &[("pod.yaml".to_owned(), pod.replace("NAME", rule.name))]);
        assert!(said.contains(&format!("nothing here is reported as `{}`", rule.name)), "{said}");
        assert!(!said.contains("R003"), "{said}");
    }
}

/// The file of a rule, by its code and its name.
fn source_of(rule: &Rule) -> String {
    let part = match &rule.code.id[..2] {
        "R1" => "references",
        "R2" => "contradictions",
        _ => "practice",
    };
    format!("src/rules/catalogue/{part}/{}.rs", rule.name.replace('-', "_"))
}

/// Holds a generated file, or writes it.
fn hold(path: &Path, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, text).expect("a writable page");
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, text, "{} is stale: BLESS=1 writes it", path.display());
}

#[test]
fn every_rule_keeps_its_specification() {
    let mut wrong = Vec::new();
    for rule in RULES.iter() {
        let path = format!("tests/rules/{}.md", rule.name);
        let Ok(text) = fs::read_to_string(&path) else {
            wrong.push(format!("{path} is missing"));
            continue;
        };
        let cases: Vec<Case> = text.split("\n## ").skip(1).map(Case::read).collect();
        for kind in ["fails", "passes", "suppressed"] {
            if !cases.iter().any(|case| case.kind() == kind) {
                wrong.push(format!("{path} has no case that {kind}"));
            }
        }
        let mut replayed = text.clone();
        for case in &cases {
            let said = say(rule, &case.files);
            wrong.extend(case.complaint(rule, &said).map(|what| format!("{path}: {}: {what}", case.title)));
            if said != case.expected {
                wrong.push(format!(
                    "{path}: {}\n--- expected\n{}\n--- found\n{said}",
                    case.title, case.expected
                ));
                replayed = replayed.replacen(&case.text, &case.with(&said), 1);
            }
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, replayed).expect("a writable spec");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_rule_of_two_parts_reports_of_all_pods_first() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {DB_PASSWORD: hunter2}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec:\n  containers:\n    - name: b\n      image: b:1\n      \
               env: [{name: DB_PASSWORD, value: hunter2}]\n";
    let rule = RULES.find("plaintext-credential").expect("the rule");
    let said = say(rule, &[("m.yaml".to_owned(), format!("{map}---\n{pod}"))]);
    let (of_pod, of_map) = (said.find("in plain text"), said.find("a ConfigMap is not a place"));
    assert!(of_pod.is_some() && of_map.is_some() && of_pod < of_map, "{said}");
}

/// One case of a specification.
struct Case {
    text: String,
    title: String,
    files: Vec<(String, String)>,
    expected: String,
}

impl Case {
    fn read(text: &str) -> Case {
        let mut files = Vec::new();
        let mut expected = String::new();
        for block in text.split("\n```").skip(1).step_by(2) {
            let (info, body) = block.split_once('\n').expect("a block");
            let body = if body.is_empty() { String::new() } else { format!("{body}\n") };
            match info.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["yaml", name] => files.push(((*name).to_owned(), body)),
                ["yaml"] => files.push(("manifests.yaml".to_owned(), body)),
                ["text"] => expected = body,
                other => panic!("a block with the info {other:?}"),
            }
        }
        let title = text.lines().next().unwrap_or_default().to_owned();
        Case { text: text.to_owned(), title, files, expected }
    }

    fn kind(&self) -> &str {
        self.title.split([':', ' ']).next().unwrap_or_default()
    }

    /// What the heading promises and the findings do not keep.
    fn complaint(&self, rule: &Rule, said: &str) -> Option<&'static str> {
        let found = said.contains(&format!("[{}]", rule.code));
        let suppresses = self.text.contains("plimsoll: allow(") || self.text.contains("allow.plimsoll.dev/");
        match self.kind() {
            "fails" => (!found).then_some("nothing is found"),
            "passes" => (!said.is_empty() || suppresses).then_some("something is found, or suppressed"),
            "suppressed" => {
                (!said.is_empty() || !suppresses).then_some("something is found, or nothing suppressed")
            }
            _ => Some("the heading begins with none of `fails`, `passes`, `suppressed`"),
        }
    }

    fn with(&self, said: &str) -> String {
        let block = format!("```text\n{said}```");
        match self.text.split_once("```text\n") {
            Some((before, after)) => {
                let rest = after.split_once("```").map_or("", |(_, rest)| rest);
                format!("{before}{block}{rest}")
            }
            None => format!("{}\n\n{block}\n", self.text.trim_end()),
        }
    }
}
