//! R214: a ConfigMap or Secret that etcd does not take.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedObject};
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
    checks: &[Check::Object(check)],
};

/// What the API server allows the values of one object to be, in bytes (`MaxSecretSize` of its validation).
const LIMIT: usize = 1 << 20;

/// Reports a ConfigMap or a Secret whose values are larger than the API server takes. It does not count keys.
fn check(_: &ObjectSet<'_>, TypedObject { object, typed }: TypedObject<'_>, report: &mut Report) {
    // The finding points at the larger of the two fields.
    let (size, field) = match typed {
        Object::ConfigMap(map) => {
            let texts: usize = map.data.iter().flatten().map(|(_, text)| text.len()).sum();
            let bytes: usize = map.binary_data.iter().flatten().map(|(_, bytes)| bytes.0.len()).sum();
            (texts + bytes, if bytes > texts { "binaryData" } else { "data" })
        }
        // What is decoded has its Base64 taken off, as the API server counts. `stringData` is merged into `data`
        // before that.
        Object::Secret(secret) => {
            let texts: usize = secret.string_data.iter().flatten().map(|(_, text)| text.len()).sum();
            let bytes: usize = secret.data.iter().flatten().map(|(_, bytes)| bytes.0.len()).sum();
            (texts + bytes, if bytes > texts { "data" } else { "stringData" })
        }
        _ => return,
    };
    if size > LIMIT {
        let message = format!("{} holds {size} bytes, and may hold {LIMIT}", object.identity());
        let finding = Finding::new(object, ValuePath::keys(&[field]), message);
        report.add(finding.help("split it, or put the data into an image or a volume"));
    }
}
