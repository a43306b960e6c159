//! Laws of comparing: nothing that counts is missed, nothing else is said, and no secret is shown.

use std::sync::Arc;

use super::{ChangeKind, FieldEdit, ObjectChange, compare, write_human, write_json, write_short};
use crate::emit::{self, Format};
use crate::formats::Style;
use crate::kube::Api;
use crate::manifest::{Document, PackedDocument, split};
use crate::pipeline;
use crate::request::Request;
use crate::session::Session;
use crate::source::SourceKind;
use crate::yaml::{Kind, Node, Value};

fn read(session: &Session, text: &str) -> Vec<Document> {
    let source = session.add_source(SourceKind::File, "test.yaml", text);
    split(session, &Arc::from("test.yaml"), source, &[]).all().unwrap()
}

fn changes(api: &Api, old: &str, new: &str) -> Vec<ObjectChange> {
    let session = Session::new();
    compare(&session, api, &read(&session, old), &read(&session, new))
}

/// What is said of two versions of one object, a line a field.
fn said(object: &str, old: &str, new: &str) -> Vec<String> {
    let text = |fields: &str| format!("{object}\nmetadata: {{name: a}}\n{fields}\n");
    let short = write_short(&changes(&Api::new(), &text(old), &text(new)));
    short.lines().map(|line| line.split_once("): ").unwrap().1.to_owned()).collect()
}

const WIDGET: &str = "apiVersion: example.com/v1\nkind: Widget";
const INGRESS: &str = "apiVersion: networking.k8s.io/v1\nkind: Ingress";
const CLAIM: &str = "apiVersion: v1\nkind: PersistentVolumeClaim";
const MAP: &str = "apiVersion: v1\nkind: ConfigMap";

#[test]
fn what_is_written_differently_is_the_same() {
    for (object, old, new) in [
        (WIDGET, "a: 1", "a: 0x1"),
        (WIDGET, "a: 1.0", "a: 1"),
        (WIDGET, "a: {b: 1, c: x}", "a: {c: 'x', b: 1}"),
        (WIDGET, "a: true", "a: True"),
        (
            CLAIM,
            "spec: {resources: {requests: {storage: 1Gi}}}",
            "spec: {resources: {requests: {storage: 1024Mi}}}",
        ),
        (
            CLAIM,
            "spec: {resources: {requests: {storage: 1}}}",
            "spec: {resources: {requests: {storage: \"1\"}}}",
        ),
        (CLAIM, "spec: {storageClassName: null}", "spec: {}"),
    ] {
        assert_eq!(said(object, old, new), Vec::<String>::new(), "{old} {new}");
    }
}

#[test]
fn what_is_different_is_said() {
    for (object, old, new, expected) in [
        (WIDGET, "a: 1", "a: '1'", "a: 1 → \"1\""),
        (WIDGET, "a: 1000m", "a: 1", "a: 1000m → 1"),
        (WIDGET, "a: null", "b: null", "a: removed null|b: added null"),
        (WIDGET, "a: {b: 1}", "a: [1]", "a: a map → a list"),
        (WIDGET, "a: {}", "a: []", "a: {} → []"),
        (WIDGET, "a: 9007199254740993", "a: 9007199254740992", "a: 9007199254740993 → 9007199254740992"),
        (WIDGET, "a: [1, 2, 3]", "a: [1, 3]", "a[1]: removed 2"),
        (WIDGET, "a: [1, 3]", "a: [0, 1, 2, 3]", "a[0]: added 0|a[2]: added 2"),
        (WIDGET, "a: [{b: 1}, {b: 2}]", "a: [{b: 1}, {b: 3}]", "a[1].b: 2 → 3"),
        (
            WIDGET,
            "a: [{name: x, b: 1}, {name: y}]",
            "a: [{name: y}, {name: x, b: 2}]",
            "a[name=x].b: 1 → 2|a: another order",
        ),
        (WIDGET, "a: [{name: x}, {name: x}]", "a: [{name: x}]", "a[1]: removed a map"),
        (
            INGRESS,
            "spec: {rules: [{host: a.example, http: {paths: []}}]}",
            "spec: {rules: [{host: b.example}, {host: a.example}]}",
            "spec.rules[host=a.example].http: removed a map|spec.rules[host=b.example]: added a map",
        ),
        (CLAIM, "spec: {accessModes: [A]}", "spec: {accessModes: [B]}", "spec.accessModes[0]: A → B"),
        (MAP, "data: {a: x}", "data: {a: \"x\\ny\\n\"}", "data.a: 3 lines differ"),
        (MAP, "data: {a.b: \"x\\u202e\"}", "data: {}", "data.\"a.b\": removed \"x\\u202e\""),
    ] {
        assert_eq!(said(object, old, new).join("|"), expected, "{old} {new}");
    }
}

#[test]
fn sets_have_no_order() {
    let text = |finalizers: &str| format!("{MAP}\nmetadata: {{name: a, finalizers: [{finalizers}]}}\n");
    let short = write_short(&changes(&Api::new(), &text("x.y/a, x.y/b"), &text("x.y/c, x.y/a")));
    assert_eq!(
        short,
        "ConfigMap a (v1): metadata.finalizers[=x.y/b]: removed x.y/b\n\
         ConfigMap a (v1): metadata.finalizers[=x.y/c]: added x.y/c\n"
    );
    assert!(changes(&Api::new(), &text("x.y/a, x.y/b"), &text("x.y/b, x.y/a")).is_empty());
}

#[test]
fn custom_lists_have_the_keys_of_their_schema() {
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Widget, plural: widgets}\n  versions:\n  - name: v1\n    served: true\n    schema: {openAPIV3Schema: {type: object, properties: {parts: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id], items: {type: object, properties: {id: {type: string}, size: {type: integer}}}}}}}\n";
    let session = Session::new();
    let mut api = Api::new();
    api.add_crd(&session, &read(&session, crd)[0].node).unwrap();
    let widget = |parts: &str| format!("{WIDGET}\nmetadata: {{name: a}}\nparts: {parts}\n");
    let found = changes(&api, &widget("[{id: a, size: 1}, {id: b}]"), &widget("[{id: c}, {id: a, size: 2}]"));
    let expected = "parts[id=a].size: 1 → 2|parts[id=b]: removed a map|parts[id=c]: added a map";
    let short = write_short(&found);
    let lines: Vec<&str> = short.lines().map(|line| line.split_once("): ").unwrap().1).collect();
    assert_eq!(lines.join("|"), expected);
}

#[test]
fn no_writer_shows_a_secret() {
    let secret = "apiVersion: v1\nkind: Secret";
    let pod = "apiVersion: v1\nkind: Pod";
    for (object, old, new) in [
        (secret, "data: {a: HIDDEN}", "data: {a: other}"),
        (secret, "stringData: {a: HIDDEN}", "stringData: {}"),
        (secret, "stringData: {a: \"HIDDEN\\nHIDDEN\\n\"}", "stringData: {a: 'x'}"),
        (secret, "data: HIDDEN", "data: [HIDDEN]"),
        (MAP, "data: {password: HIDDEN}", "data: {password: x}"),
        (
            MAP,
            "data: {app.ini: \"a\\npassword: HIDDEN\\nb\\n\"}",
            "data: {app.ini: \"a\\npassword: x\\nc\\n\"}",
        ),
        (MAP, "data: {app.ini: \"a\\npassword: HIDDEN\\nb\\n\"}", "data: {}"),
        (MAP, "data: {tls.pem: \"-----BEGIN PRIVATE KEY-----\\nHIDDEN\\n\"}", "data: {tls.pem: \"a\\n\"}"),
        (MAP, "data: {url: 'amqp://a:HIDDEN@b/c'}", "data: {url: ''}"),
        (WIDGET, "a: {apiToken: HIDDEN}", "b: {password: [HIDDEN, {x: HIDDEN}]}"),
        (pod, "spec: {containers: [{name: a, env: [{name: A_KEY, value: HIDDEN}]}]}", "spec: {}"),
        (pod, "spec: {containers: [{name: a, env: [{name: DB_PASS, value: HIDDEN}]}]}", "spec: {}"),
        (pod, "spec: {containers: [{name: a, args: ['--api-key=HIDDEN1']}]}", "spec: {}"),
        (
            pod,
            "spec: {containers: [{name: a, args: ['--password=HIDDEN', x]}]}",
            "spec: {containers: [{name: a, args: [x]}]}",
        ),
    ] {
        let text = |fields: &str| format!("{object}\nmetadata: {{name: a}}\n{fields}\n");
        for (old, new) in [(old, new), (new, old)] {
            let found = changes(&Api::new(), &text(old), &text(new));
            assert!(!found.is_empty(), "{old}");
            for shown in [write_human(&found, Style::Color), write_short(&found), write_json(&found)] {
                assert!(!shown.contains("HIDDEN"), "{old}: {shown}");
            }
            assert!(write_human(&found, Style::Plain).contains("***"), "{old}");
        }
    }
}

#[test]
fn a_copy_of_a_secret_in_its_annotations_is_one_too() {
    let text = |copy: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{copy}', plain: {copy}}}\n"
        )
    };
    let short = write_short(&changes(&Api::new(), &text("HIDDEN"), &text("x")));
    assert_eq!(
        short,
        "Secret a (v1): metadata.annotations.\"kubectl.kubernetes.io/last-applied-configuration\": changed ***\n\
         Secret a (v1): metadata.annotations.plain: HIDDEN → x\n"
    );
}

#[test]
fn plain_manifests_are_read_as_kubernetes_reads_them() {
    let session = Session::new();
    let text = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {a: 0644, b: NO, c: 'NO', d: 1_000, e: 1.10, f: x}}";
    let mut plain = read(&session, text);
    super::read_as_yaml_1_1(&mut plain);
    let other = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {a: 420, b: false, c: \"NO\", d: 1000, e: 1.1, f: x}}";
    let found = compare(&session, &Api::new(), &plain, &read(&session, other));
    assert_eq!(write_short(&found), "");
}

fn rendered(session: &Session, chart: &str) -> Vec<Document> {
    let request = Request { chart: chart.into(), presets: vec!["evaluation".into()], ..Request::default() };
    let documents = pipeline::render(session, &request);
    PackedDocument::unpack_all(&documents.unwrap_or_else(|_| panic!("{:?}", session.diagnostics())))
}

#[test]
fn what_a_chart_renders_is_what_its_printed_manifests_say() {
    for chart in ["skyflo", "skillflaw", "flow8", "datafly"] {
        let session = Session::new();
        let documents = rendered(&session, chart);
        for format in [Format::Yaml, Format::Json] {
            let mut printed = read(&session, &emit::stream(&documents, format));
            super::read_as_yaml_1_1(&mut printed);
            assert_eq!(printed.len(), documents.len());
            let found = compare(&session, &Api::new(), &printed, &documents);
            assert!(found.is_empty(), "{chart}: {}", write_short(&found));
        }
    }
}

#[test]
fn every_leaf_of_a_document_counts() {
    let session = Session::new();
    let api = Api::new();
    let mut leaves = 0;
    for document in rendered(&session, "skyflo") {
        for at in 0.. {
            let mut other = document.clone();
            if !edit_leaf(&mut other.node, &mut { at }) {
                break;
            }
            leaves += 1;
            let found =
                compare(&session, &api, std::slice::from_ref(&document), std::slice::from_ref(&other));
            let [ObjectChange { kind: ChangeKind::Changed(fields), .. }] = &found[..] else {
                panic!("leaf {at} of {}: {found:?}", document.identity)
            };
            // An item whose key is edited is another item.
            assert!(matches!(fields.len(), 1 | 2), "leaf {at} of {}: {fields:?}", document.identity);
            assert!(!fields.iter().any(|field| matches!(field.edit, FieldEdit::Reordered(..))));
        }
    }
    assert!(leaves > 700, "{leaves}");
}

/// Edits the leaf with this number; says whether there is one.
fn edit_leaf(node: &mut Node, left: &mut usize) -> bool {
    match &mut node.value {
        Value::Map(map) => map.values_mut().any(|entry| edit_leaf(&mut entry.node, left)),
        Value::List(items) => items.iter_mut().any(|item| edit_leaf(item, left)),
        Value::Scalar(_) if *left > 0 => {
            *left -= 1;
            false
        }
        Value::Scalar(scalar) => {
            match scalar.kind {
                Kind::Bool if scalar.text.eq_ignore_ascii_case("true") => scalar.text = "false".into(),
                Kind::Bool => scalar.text = "true".into(),
                Kind::Null => scalar.kind = Kind::Str,
                _ => scalar.text = format!("{}9", scalar.text).into(),
            }
            true
        }
    }
}

#[test]
fn long_texts_and_lists_take_bounded_time() {
    let lines = |step: usize| (0..60_000).map(|n| format!("    {}\n", n * step)).collect::<String>();
    let text = |step| format!("{MAP}\nmetadata: {{name: a}}\ndata:\n  a: |\n{}", lines(step));
    let found = changes(&Api::new(), &text(1), &text(7));
    let [ObjectChange { kind: ChangeKind::Changed(fields), .. }] = &found[..] else {
        panic!("{}", found.len())
    };
    let FieldEdit::Text(lines) = &fields[0].edit else { panic!() };
    assert!(lines.len() > 60_000);
}

/// A line of the table of judgements: whether `hunter2` is secret, and the document that it stands in.
struct Judgement {
    line: &'static str,
    is_secret: bool,
    is_masked_in_excerpts: bool,
    document: String,
}

/// The table of what is secret and what is not.
fn judgements() -> Vec<Judgement> {
    let lines = include_str!("../secrets/judgements.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(judgement).collect()
}

fn judgement(line: &'static str) -> Judgement {
    let mut parts = line.splitn(3, '|').map(str::trim);
    let (verdict, place, text) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    // Quotes and braces around the whole are those of this table, not of the document.
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let fields = quoted.map_or_else(|| text.to_owned(), |text| text.replace("\\\"", "\""));
    let fields = fields.strip_prefix('{').and_then(|fields| fields.strip_suffix('}')).unwrap_or(&fields);
    let object = |head: &str, fields: &str| format!("{head}\nmetadata: {{name: a}}\n{fields}\n");
    let deployment = "apiVersion: apps/v1\nkind: Deployment";
    let container = |fields: &str| {
        let image = if fields.contains("image:") { "" } else { "image: a, " };
        let template = format!("containers: [{{name: c, {image}{fields}}}]");
        format!(
            "spec: {{selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{{template}}}}}}}"
        )
    };
    let pod = |fields: &str| {
        format!("spec: {{template: {{spec: {{containers: [{{name: c, image: a}}], {fields}}}}}}}")
    };
    let document = match place {
        "container" => object(deployment, &container(fields)),
        "pod" => object(deployment, &pod(fields)),
        "data" => object(MAP, &format!("data:\n  {fields}")),
        "object" => object(WIDGET, fields),
        "secret" if fields.starts_with("metadata") => format!("apiVersion: v1\nkind: Secret\n{fields}\n"),
        "secret" => object("apiVersion: v1\nkind: Secret", fields),
        _ => panic!("{line}"),
    };
    assert!(matches!(verdict, "secret" | "shown" | "beside"), "{line}");
    let is_secret = verdict == "secret";
    Judgement { line, is_secret, is_masked_in_excerpts: is_secret || verdict == "beside", document }
}

#[test]
fn secrets_are_masked_and_nothing_else_is() {
    let table = judgements();
    assert!(table.len() >= 120);
    let mut wrong = Vec::new();
    for Judgement { line, is_secret, is_masked_in_excerpts, document } in &table {
        let changed = document.replace("hunter2", "hunter3");
        // What changed, what came, and what stands in a list that lost its first item.
        let session = Session::new();
        let (old, new) = (read(&session, document), read(&session, &changed));
        let changes = compare(&session, &Api::new(), &old, &new);
        let texts = [write_human(&changes, Style::Plain), write_short(&changes), write_json(&changes)];
        assert!(!changes.is_empty(), "{line}");
        let shown = texts[0].contains("hunter2") || texts[0].contains("hunter3");
        if shown == *is_secret || (*is_secret && texts.iter().any(|text| text.contains("hunter2"))) {
            wrong.push(format!("diff: {line}\n{}", texts[0]));
        }
        // An excerpt of the file.
        let masked = crate::secrets::masked_text(&session.source(old[0].node.span.source));
        if masked.contains("hunter2") == *is_masked_in_excerpts {
            wrong.push(format!("excerpt: {line}\n{masked}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} of {}", wrong.join("\n"), wrong.len(), table.len());
}
