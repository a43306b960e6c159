//! R215: an object that `kubectl apply` cannot remember.

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, Value, ValuePath, print_json};

pub(super) const RULE: Rule = Rule {
    code: Code::R215,
    name: "too-large-for-apply",
    level: Level::Warn,
    page: Page {
        what: "An object as JSON does not fit into an annotation beside its others: all annotations of an object together have 256 KiB.",
        why: "`kubectl apply` keeps what it applied in the annotation `kubectl.kubernetes.io/last-applied-configuration`, and the API server refuses it with `metadata.annotations: Too long`. \
`kubectl apply --server-side` needs no such annotation.",
        example: "\
apiVersion: v1
kind: ConfigMap
metadata: {name: data}
data:
  data.csv: <300 KiB of text>",
        instead: "\
apiVersion: v1
kind: ConfigMap
metadata: {name: data}
data:
  where: https://files.example.com/data.bin",
    },
    judge: &[Judge::Tree(judge)],
};

/// The bytes that keys and values of all annotations may have together.
const LIMIT: usize = 256 << 10;
const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// JSON writes one byte in six at worst: `\u0001`.
const WORST: usize = 6;

fn judge(_: &ObjectSet<'_>, subject: &Subject<'_>, report: &mut Report) {
    let node = &subject.document.node;
    // A quick look spares nearly all objects the printing.
    if size(node) * WORST <= LIMIT {
        return;
    }
    let annotations = ValuePath::keys(&["metadata", "annotations"]).find(node);
    let json = compact(&print_json(node));
    let total = json + ANNOTATION.len() + annotations.map_or(0, size);
    if total > LIMIT {
        let identity = &subject.document.identity;
        let message = format!("{identity} is too large for `kubectl apply`: {json} bytes of JSON");
        let finding = Finding::new(subject, ValuePath::keys(&["metadata", "name"]), message);
        report.add(finding.help("apply it with `kubectl apply --server-side`, or split it"));
    }
}

/// The bytes of all keys and scalars, with a few for what stands between them.
fn size(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.len() + 3,
        Value::List(items) => items.iter().map(size).sum::<usize>() + 3,
        Value::Map(map) => {
            map.iter().map(|(key, entry)| key.len() + 4 + size(&entry.node)).sum::<usize>() + 3
        }
    }
}

/// How long JSON is as kubectl writes it: without white space between the parts, and with `<`, `>` and `&` escaped.
fn compact(json: &str) -> usize {
    let escaped = json.bytes().filter(|byte| b"<>&".contains(byte)).count();
    json.lines().map(|line| line.trim_start().len()).sum::<usize>() + escaped * (WORST - 1)
}
