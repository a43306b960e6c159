//! R215: an object that `kubectl apply` cannot remember.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree};
use crate::yaml::{PackedNode, ValuePath, print_json};

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
    checks: &[Check::ObjectTree(check)],
};

/// The bytes that keys and values of all annotations may have together (`TotalAnnotationSizeLimitB` of the API's
/// validation).
const LIMIT: usize = 256 << 10;
/// Where `kubectl apply` keeps what it applied.
const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The bytes that JSON takes for one byte of text at worst: `\u0001`.
const MAX_ESCAPE: usize = 6;

/// Reports an object whose JSON has no room beside its other annotations, as the API server counts them
/// (`ValidateAnnotationsSize`: the bytes of all keys and values). Only client-side `kubectl apply` keeps it there, so
/// this warns.
fn check(_: &ObjectSet<'_>, object: &ObjectTree<'_>, report: &mut Report) {
    let node = object.node();
    // Fast path: an upper bound spares nearly all objects the printing.
    if text_size(node) * MAX_ESCAPE <= LIMIT {
        return;
    }
    // `kubectl` writes the whole object into it, so its other annotations count twice: inside of the JSON and beside
    // it.
    let annotations = node.at(&ValuePath::keys(&["metadata", "annotations"]));
    let json = compact_size(&print_json(&node.to_node()));
    let total = json + ANNOTATION.len() + annotations.map_or(0, text_size);
    if total > LIMIT {
        let message = format!("{} is too large for `kubectl apply`: {json} bytes of JSON", object.identity());
        let finding = Finding::new(object, ValuePath::keys(&["metadata", "name"]), message);
        report.add(finding.help("apply it with `kubectl apply --server-side`, or split it"));
    }
}

/// The bytes of all keys and scalars, with a few for the quotes, colons and commas between them.
fn text_size(node: PackedNode<'_>) -> usize {
    let inner = match (node.as_list(), node.as_map()) {
        (Some(items), _) => items.iter().map(text_size).sum(),
        (_, Some(map)) => map.iter().map(|(key, value)| key.len() + 4 + text_size(value)).sum(),
        _ => node.text().map_or(0, str::len),
    };
    inner + 3
}

/// How long JSON is as kubectl writes it: without white space between the parts, and with `<`, `>` and `&` escaped,
/// as the encoder of Go does.
fn compact_size(json: &str) -> usize {
    let escaped = json.bytes().filter(|byte| b"<>&".contains(byte)).count();
    // The JSON at hand is indented; line breaks inside of texts are escaped, so each line is a part of the form.
    json.lines().map(|line| line.trim_start().len()).sum::<usize>() + escaped * (MAX_ESCAPE - 1)
}
