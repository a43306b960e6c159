//! R214: a ConfigMap or Secret that etcd does not take.

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Typed};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R214,
    name: "object-too-large",
    level: Level::Deny,
    page: Page {
        what: "The values of a ConfigMap or a Secret are more than 1 MiB together; base64 counts decoded.",
        why: "The API server refuses the object, and every pod that needs it waits in `ContainerCreating`.",
        example: "\
apiVersion: v1
kind: ConfigMap
metadata: {name: data}
data:
  data.csv: <1100 KiB of text>",
        instead: "\
apiVersion: v1
kind: ConfigMap
metadata: {name: data}
data:
  where: https://files.example.com/data.bin",
    },
    judge: &[Judge::Object(judge)],
};

/// What the API server allows the values of one object to be, in bytes.
const LIMIT: usize = 1 << 20;

fn judge(_: &ObjectSet<'_>, object: Typed<'_>, report: &mut Report) {
    let (size, key) = match object.object {
        Object::ConfigMap(map) => {
            let texts: usize = map.data.iter().flatten().map(|(_, text)| text.len()).sum();
            let bytes: usize = map.binary_data.iter().flatten().map(|(_, bytes)| bytes.0.len()).sum();
            (texts + bytes, if bytes > texts { "binaryData" } else { "data" })
        }
        Object::Secret(secret) => {
            let texts: usize = secret.string_data.iter().flatten().map(|(_, text)| text.len()).sum();
            let bytes: usize = secret.data.iter().flatten().map(|(_, bytes)| bytes.0.len()).sum();
            (texts + bytes, if bytes > texts { "data" } else { "stringData" })
        }
        _ => return,
    };
    if size > LIMIT {
        let message =
            format!("{} holds {size} bytes, and may hold {LIMIT}", object.subject.document.identity);
        let finding = Finding::new(object.subject, ValuePath::keys(&[key]), message);
        report.add(finding.help("split it, or put the data into an image or a volume"));
    }
}
