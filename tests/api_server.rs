//! The program against the verdicts of a real API server: `tests/api-server/`.
//!
//! Each change of a document is linted as a plain manifest, for the version of that server. Rules are not counted: the
//! question is what `kube` says, which is to refuse what the server refuses and nothing else.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

use plimsoll::diagnostic::{Diagnostic, Level};
use plimsoll::pipeline;
use plimsoll::request::{Request, SetFlag, SetFlagKind, ValuesFile};
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::SetKind;
use serde::Deserialize;
use serde_json::Value;

/// A line of `documents.jsonl`.
#[derive(Deserialize)]
struct Base {
    base: String,
    document: Value,
}

/// A line of `verdicts.jsonl`.
#[derive(Deserialize)]
struct Row {
    base: String,
    patch: Vec<Operation>,
    verdict: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    causes: Vec<(Option<String>, String)>,
}

/// An operation of a JSON Patch.
#[derive(Clone, Debug, Deserialize)]
struct Operation {
    op: String,
    path: String,
    #[serde(default)]
    value: Value,
}

/// A line of `values.jsonl`.
#[derive(Deserialize)]
struct Setting {
    profile: String,
    with: Vec<String>,
    flag: String,
    value: String,
}

/// What the program says of a row.
struct Judged {
    row: &'static Row,
    kind: String,
    /// The errors, each with its code, and the places that it names.
    errors: Vec<(String, String, BTreeSet<String>)>,
    /// Every third row: not looked at while facts are written.
    held_out: bool,
}

/// A figure of the table: how many of how many.
#[derive(Clone, Copy, Default)]
struct Share {
    hits: usize,
    of: usize,
}

impl Share {
    fn count(&mut self, hit: bool) {
        self.hits += usize::from(hit);
        self.of += 1;
    }

    fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { self.hits as f64 * 100.0 / self.of as f64 }
    }
}

fn lines<T: for<'d> Deserialize<'d>>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Every row, judged once for all tests.
fn judged() -> &'static [Judged] {
    static JUDGED: OnceLock<Vec<Judged>> = OnceLock::new();
    JUDGED.get_or_init(|| {
        let bases: BTreeMap<String, Value> = lines::<Base>(include_str!("api-server/documents.jsonl"))
            .into_iter()
            .map(|base| (base.base, base.document))
            .collect();
        let rows: &'static [Row] =
            Box::leak(lines(include_str!("api-server/verdicts.jsonl")).into_boxed_slice());
        let judge = |(index, row): (usize, &'static Row)| {
            let base = &bases[&row.base];
            let kind = base["kind"].as_str().expect("a kind").to_owned();
            Judged { row, kind, errors: errors_of(&patched(base, &row.patch)), held_out: index % 3 == 2 }
        };
        rows.iter().enumerate().map(judge).collect()
    })
}

/// A document after a JSON Patch.
fn patched(base: &Value, patch: &[Operation]) -> Value {
    let mut document = base.clone();
    for operation in patch {
        let (parent, last) = operation.path.rsplit_once('/').expect("not the whole document");
        let last = last.replace("~1", "/").replace("~0", "~");
        match document.pointer_mut(parent).expect("a place") {
            Value::Array(items) => {
                let at = if last == "-" { items.len() } else { last.parse().expect("an index") };
                match operation.op.as_str() {
                    "add" => items.insert(at, operation.value.clone()),
                    "replace" => items[at] = operation.value.clone(),
                    _ => drop(items.remove(at)),
                }
            }
            Value::Object(map) if operation.op == "remove" => drop(map.shift_remove(&last)),
            Value::Object(map) => drop(map.insert(last, operation.value.clone())),
            other => panic!("{} leads into {other}", operation.path),
        }
    }
    document
}

/// The errors of a document, without those of rules.
fn errors_of(document: &Value) -> Vec<(String, String, BTreeSet<String>)> {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "document.json", document.to_string());
    let request = Request { versions: "1.36".parse().expect("a version"), ..Request::default() };
    let _ = pipeline::manifests(&session, &request, &[source]);
    let of_kube = |finding: &Diagnostic| finding.level == Level::Error && !finding.code.id.starts_with('R');
    let errors = session.diagnostics().into_iter().filter(of_kube);
    errors.map(|finding| (finding.code.id.to_owned(), finding.message.clone(), places(&finding))).collect()
}

/// The places in the object that a finding names.
fn places(finding: &Diagnostic) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for label in &finding.labels {
        if let Some((_, rest)) = label.text.split_once('`')
            && let Some((path, _)) = rest.split_once("` of ")
        {
            places.insert(normal(path));
        }
    }
    places
}

/// A path in one form: `data[a.b]`, `data."a.b"` and `data.a.b` are one.
fn normal(path: &str) -> String {
    let mut out = String::new();
    for part in path.replace('"', "").split('[') {
        match part.split_once(']') {
            Some((key, rest)) if key.bytes().all(|byte| byte.is_ascii_digit()) => {
                let _ = write!(out, "[{key}]{rest}");
            }
            Some((key, rest)) => {
                let _ = write!(out, ".{key}{rest}");
            }
            None => out.push_str(part),
        }
    }
    out
}

/// What the server calls places inside, and what the API calls them. Its errors name the fields of its own Go types, and
/// leave out indices here and there.
const INTERNAL: &[(&str, &str, &str)] = &[
    ("CustomResourceDefinition", "spec.validation.", "spec.versions[0].schema."),
    ("CustomResourceDefinition", "spec.subresources.", "spec.versions[0].subresources."),
    ("CustomResourceDefinition", "spec.selectableFields", "spec.versions[0].selectableFields"),
    (
        "CustomResourceDefinition",
        "spec.additionalPrinterColumns",
        "spec.versions[0].additionalPrinterColumns",
    ),
    ("Service", "spec.LoadBalancerSourceRanges", "spec.loadBalancerSourceRanges"),
    ("Service", "spec.clusterIPs", "spec.clusterIP"),
    ("Node", "metadata.taints", "spec.taints"),
    ("Secret", "data", "stringData"),
    ("", "resources[storage]", "resources.requests.storage"),
    ("", "template.labels", "template.metadata.labels"),
    ("", "template.annotations", "template.metadata.annotations"),
];

/// The server's name of a place, as the API has it.
fn api_places(kind: &str, field: &str) -> Vec<String> {
    let mut places = vec![normal(field)];
    for (of_kind, server, api) in INTERNAL {
        if (of_kind.is_empty() || *of_kind == kind) && field.contains(server) {
            places.push(normal(&field.replacen(server, api, 1)));
        }
    }
    places
}

/// A path without its indices: the server leaves out those of lists that its loops do not count.
fn without_indices(path: &str) -> String {
    let mut out = String::new();
    let mut parts = path.split('[');
    out.push_str(parts.next().unwrap_or(""));
    for part in parts {
        out.push_str(part.split_once(']').map_or(part, |(_, rest)| rest));
    }
    out
}

/// Whether one of the places that the server named is named: the place itself, or what is wrong below it.
fn names_a_place(judged: &Judged) -> Option<bool> {
    let fields: Vec<String> = judged
        .row
        .causes
        .iter()
        .filter_map(|(field, _)| field.as_deref())
        .filter(|field| !field.is_empty() && *field != "<nil>")
        .flat_map(|field| api_places(&judged.kind, field))
        .collect();
    if fields.is_empty() || judged.errors.is_empty() {
        return None;
    }
    let named = judged.errors.iter().flat_map(|(_, _, places)| places);
    Some(named.into_iter().any(|place| {
        fields.iter().any(|field| {
            place
                .strip_prefix(field.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                || without_indices(place) == without_indices(field)
        })
    }))
}

/// The share of the rows that pass a test, and those that do not, to be read.
fn share(rows: impl Fn(&Judged) -> Option<bool>, held_out: Option<bool>) -> (Share, String) {
    let (mut share, mut misses) = (Share::default(), String::new());
    for judged in judged().iter().filter(|judged| held_out.is_none_or(|wanted| judged.held_out == wanted)) {
        let Some(hit) = rows(judged) else { continue };
        share.count(hit);
        // What is held out is not shown either.
        if !hit && (!judged.held_out || std::env::var_os("HELD_OUT").is_some()) {
            let Judged { row, kind, errors, .. } = judged;
            let patch: Vec<String> =
                row.patch.iter().map(|op| format!("{} {} {}", op.op, op.path, op.value)).collect();
            let _ = writeln!(misses, "{kind}: {} -> {:?}; said {errors:?}", patch.join(", "), row.causes);
        }
    }
    (share, misses)
}

fn refused_at(level: &'static str) -> impl Fn(&Judged) -> Option<bool> {
    move |judged| {
        (judged.row.verdict == "reject" && judged.row.level == level).then_some(!judged.errors.is_empty())
    }
}

fn assert_share(what: &str, rows: impl Fn(&Judged) -> Option<bool>, wanted: f64) {
    let (all, misses) = share(&rows, None);
    let (held, _) = share(&rows, Some(true));
    println!(
        "{what}: {} of {} ({:.1} %); held out {} of {} ({:.1} %)",
        all.hits,
        all.of,
        all.percent(),
        held.hits,
        held.of,
        held.percent()
    );
    assert!(
        all.percent() >= wanted && held.percent() >= wanted - 1.0,
        "{what}: {:.2} %, held out {:.2} %\n{misses}",
        all.percent(),
        held.percent()
    );
}

/// Unknown fields and wrong types.
#[test]
fn what_the_server_cannot_decode_is_refused() {
    assert_share("decoding", refused_at("decode"), 100.0);
}

/// What its Go code asks besides.
#[test]
fn what_the_server_finds_invalid_is_refused() {
    assert_share("validation", refused_at("validation"), 98.0);
}

/// A finding that points elsewhere sends its reader elsewhere.
#[test]
fn findings_name_the_place_that_the_server_names() {
    let named = |judged: &Judged| (judged.row.level == "validation").then(|| names_a_place(judged)).flatten();
    assert_share("places", named, 95.0);
}

/// The kinds of each family, as `docs/validation.md` has them.
const FAMILIES: &[(&str, &[&str])] = &[
    ("pods", &["Pod", "PodTemplate"]),
    (
        "workloads",
        &["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "CronJob", "ReplicationController"],
    ),
    (
        "services and networking",
        &["Service", "Endpoints", "EndpointSlice", "Ingress", "IngressClass", "NetworkPolicy"],
    ),
    ("autoscaling and budgets", &["HorizontalPodAutoscaler", "PodDisruptionBudget"]),
    (
        "storage",
        &["PersistentVolume", "PersistentVolumeClaim", "StorageClass", "CSIDriver", "VolumeAttributesClass"],
    ),
    ("configuration and quotas", &["ConfigMap", "Secret", "ServiceAccount", "LimitRange", "ResourceQuota"]),
    ("roles and bindings", &["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]),
    (
        "admission",
        &[
            "ValidatingWebhookConfiguration",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        ],
    ),
    (
        "the cluster",
        &[
            "Namespace",
            "Node",
            "Event",
            "Lease",
            "PriorityClass",
            "RuntimeClass",
            "APIService",
            "CertificateSigningRequest",
            "FlowSchema",
            "PriorityLevelConfiguration",
            "DeviceClass",
            "ResourceClaimTemplate",
        ],
    ),
    ("definitions of custom resources", &["CustomResourceDefinition"]),
    (
        "custom resources",
        &[
            "HTTPRoute",
            "Gateway",
            "ScaledObject",
            "ExternalSecret",
            "PrometheusRule",
            "PodMonitor",
            "Certificate",
            "Application",
        ],
    ),
];

/// The table of `docs/validation.md` is what is measured here; `BLESS=1` writes it.
#[test]
fn the_page_says_what_is_measured() {
    let mut table = String::from(
        "| | the server refuses | of these refused | at the field it names | the server takes | of these taken |\n|---|---|---|---|---|---|\n",
    );
    let mut line = |name: &str, of_family: &dyn Fn(&Judged) -> bool| {
        let (mut refused, mut named, mut taken) = (Share::default(), Share::default(), Share::default());
        for judged in judged().iter().filter(|judged| of_family(judged)) {
            let is_refused = !judged.errors.is_empty();
            if judged.row.verdict == "reject" {
                refused.count(is_refused)
            } else {
                taken.count(!is_refused)
            }
            if let Some(hit) = names_a_place(judged) {
                named.count(hit);
            }
        }
        let _ = writeln!(
            table,
            "| {name} | {} | {:.1} % | {:.1} % | {} | {:.1} % |",
            refused.of,
            refused.percent(),
            named.percent(),
            taken.of,
            taken.percent()
        );
    };
    for (name, kinds) in FAMILIES {
        line(name, &|judged| kinds.contains(&judged.kind.as_str()));
    }
    let known = |judged: &Judged| FAMILIES.iter().any(|(_, kinds)| kinds.contains(&judged.kind.as_str()));
    let missing: BTreeSet<&str> =
        judged().iter().filter(|judged| !known(judged)).map(|judged| judged.kind.as_str()).collect();
    assert_eq!(missing, BTreeSet::new(), "kinds that are in no family");
    line("all", &|_| true);
    let path = "docs/validation.md";
    let page = std::fs::read_to_string(path).expect("the page");
    let (start, end) = ("<!-- measured -->\n", "<!-- /measured -->");
    let (before, rest) = page.split_once(start).expect("a mark");
    let (_, after) = rest.split_once(end).expect("a mark");
    let wanted = format!("{before}{start}{table}{end}{after}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, wanted).expect("the page");
    } else {
        assert_eq!(page, wanted, "BLESS=1 cargo test --test api_server writes it");
    }
}

/// What the server takes and we refuse all the same, with the reason that the page of the code gives.
const STRICTER: &[(&str, &str)] = &[
    // A dry run allocates no node port. When the Service is created, one that is no port is refused.
    ("K005", "`nodePort` must be"),
    // The server makes a name for a LimitRange without one, so each `apply` would make another.
    ("M001", "`metadata.name` is missing"),
    // Nulls in the free parts of a schema: the server drops them, and the types of Kubernetes do not decode.
    ("K012", "and this is null"),
];

#[test]
fn what_the_server_takes_is_taken() {
    let taken = |judged: &Judged| {
        let refused = || {
            judged.errors.iter().any(|(code, message, _)| {
                !STRICTER.iter().any(|(of_code, start)| code == of_code && message.contains(start))
            })
        };
        (judged.row.verdict == "accept").then(|| !refused())
    };
    assert_share("accepted", taken, 99.9);
}

/// Settings that pass Kubernetes's own types on: what is wrong in them may be found after rendering.
const PASSED_ON: &[&str] =
    &["extraEnv", "extraVolumes", "podSecurityContext", "resources", "securityContext", "strategy"];

/// The request of a row. Its paths are those of the tests' values, as they were when the server was asked.
fn request_of(row: &Setting) -> Request {
    let kind = match row.flag.as_str() {
        "--set" => SetKind::Set,
        "--set-string" => SetKind::String,
        "--set-json" => SetKind::Json,
        other => panic!("no flag of values: {other}"),
    };
    let mut request = Request {
        chart: row.profile.clone(),
        sets: vec![SetFlag { kind: SetFlagKind::Text(kind), text: row.value.clone() }],
        versions: "1.36".parse().expect("a version"),
        ..Request::default()
    };
    for pair in row.with.chunks(2) {
        match pair[0].as_str() {
            "-p" => request.presets.push(pair[1].clone()),
            _ => {
                let file = pair[1].strip_prefix("tests/").expect("a file of the tests");
                // Its inline keys contradict the Secret that the preset for production names.
                if !file.ends_with("keys.yaml") {
                    let path = format!("{}/tests/profiles/{file}", env!("CARGO_MANIFEST_DIR"));
                    request.files.push(ValuesFile::Path(path.into()));
                }
            }
        }
    }
    request
}

/// The code of the first error that is at the flag, or all errors.
fn error_at_flag(row: &Setting) -> Result<String, String> {
    let session = Session::new();
    let _ = pipeline::render(&session, &request_of(row));
    let errors: Vec<Diagnostic> =
        session.diagnostics().into_iter().filter(|finding| finding.level == Level::Error).collect();
    let at_flag = |finding: &&Diagnostic| {
        finding.primary().is_some_and(|label| session.source(label.span.source).kind == SourceKind::Flag)
    };
    match errors.iter().find(at_flag) {
        Some(finding) => Ok(finding.code.id.to_owned()),
        None => Err(format!("{:?}", errors.iter().map(|error| &error.message).collect::<Vec<_>>())),
    }
}

/// Wrong values of the bundled charts are found at the flag that sets them, and those of a form before rendering.
#[test]
fn wrong_values_are_stopped_at_their_flag() {
    let rows: Vec<Setting> = lines(include_str!("api-server/values.jsonl"));
    let (mut late, mut misses) = (0, String::new());
    for row in &rows {
        let setting = row.value.split('=').next().unwrap_or("").rsplit('.').next().unwrap_or("");
        let found = error_at_flag(row);
        let is_late = found.as_ref().is_ok_and(|code| !code.starts_with('V'));
        late += usize::from(is_late);
        if found.is_err() || (is_late && !PASSED_ON.contains(&setting)) {
            let Setting { profile, flag, value, .. } = row;
            let _ = writeln!(misses, "{profile} {flag} {value}: {found:?}");
        }
    }
    println!("{} wrong values, {late} of them found after rendering", rows.len());
    assert!(misses.is_empty(), "{misses}");
}

/// The values that the rows stand on have no error themselves.
#[test]
fn what_wrong_values_stand_on_is_right() {
    let rows: Vec<Setting> = lines(include_str!("api-server/values.jsonl"));
    let bases: BTreeMap<&str, &Setting> = rows.iter().map(|row| (row.profile.as_str(), row)).collect();
    for row in bases.values() {
        let session = Session::new();
        let rendered = pipeline::render(&session, &Request { sets: Vec::new(), ..request_of(row) });
        assert!(rendered.is_ok(), "{}: {:?}", row.profile, session.diagnostics());
    }
}
