//! Every golden document through the real kubectl, which reads YAML as the API server does.

use std::path::Path;
use std::process::Command;

use plimsoll::emit::{Format, stream};
use serde_json::{Value, json};

use crate::{CASES, documents, folder};

/// What kubectl reads in a file; none when there is no kubectl on this machine.
fn read_by_kubectl(path: &Path) -> Option<Vec<Value>> {
    let output = Command::new("kubectl")
        .args(["label", "--local", "--dry-run=client", "-o", "json", "read-by=kubectl", "-f"])
        .arg(path)
        .output()
        .ok()?;
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    Some(documents.map(|document| without_label(document.expect("JSON"))).collect())
}

fn without_label(mut document: Value) -> Value {
    let metadata = &mut document["metadata"];
    let labels = metadata["labels"].as_object_mut().expect("the label that was asked for");
    labels.remove("read-by");
    if labels.is_empty() {
        metadata.as_object_mut().expect("a map").remove("labels");
    }
    document
}

#[test]
fn kubectl_reads_what_was_meant() {
    for case in CASES {
        let Some(read) = read_by_kubectl(&folder().join(format!("golden/{}.yaml", case.name))) else {
            eprintln!("skipped: kubectl is not installed");
            return;
        };
        let meant = stream(&documents(case, &[]), Format::Json);
        let meant: Value = serde_json::from_str(&meant).expect("JSON");
        let meant = if meant.get("items").is_some() { meant["items"].clone() } else { meant };
        assert_eq!(json!(read), meant, "{}", case.name);
    }
}
