//! R217: a credential outside of a Secret.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedContainer, TypedObject, TypedPod};
use crate::secrets::{argument_holds_credential, file_holds_credential, is_credential};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R217,
    name: "plaintext-credential",
    level: Level::Deny,
    page: Page {
        what: "An environment variable, an argument of a container or a ConfigMap holds what looks like a credential: a literal value under a name such as `DB_PASSWORD`, `API_KEY` or `GITHUB_TOKEN`, \
a URL with a password, a private key, a line `password = …` of a file. References such as `$(PASSWORD)`, paths, placeholders and the names of Secrets are not credentials. No finding shows the value.",
        why: "Whoever may read Deployments or ConfigMaps, in the cluster or in the repository, can read it. It is in every copy and every log of the manifests, and to change it means to roll out the program.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1.4.0
      env: [{name: DB_PASSWORD, value: hunter2}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1.4.0
      env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: web, key: password}}}]",
    },
    checks: &[Check::Pod(check_pod), Check::Object(check_config_map)],
};

// What a credential looks like is decided in `secrets`. In doubt masking hides a value, and this rule says nothing, as
// it stops a pipeline. Every finding is marked as secret, so that no format shows the value that it is about.

/// Reports the variables and the arguments of a pod's containers. The files that containers mount are in ConfigMaps:
/// see `check_config_map`.
fn check_pod(set: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    for container in pod.containers() {
        check_variables(set, &container, report);
        check_arguments(&container, report);
    }
}

/// Reports the literal variables of a container. Those with `valueFrom` are how it should be.
fn check_variables(set: &ObjectSet<'_>, container: &TypedContainer<'_>, report: &mut Report) {
    let object = container.pod.object;
    for (index, variable) in container.spec.env.iter().flatten().enumerate() {
        // A variable without a value takes one from elsewhere, or has the empty text.
        let Some(text) = variable.value.as_deref() else { continue };
        if !is_credential(&variable.name, text) {
            continue;
        }
        // A variable such as `TLS_SECRET` may hold the name of a Secret that the program reads through the API.
        if set.find("Secret", object.namespace(), text).is_some() {
            continue;
        }
        let path = container.path().and_key("env").and_index(index).and_key("value");
        let message = format!("`{}` is a credential in plain text", variable.name);
        let finding = Finding::new(object, path, message).secret();
        report.add(finding.help("put it into a Secret and take it with `valueFrom.secretKeyRef`"));
    }
}

/// Reports the words of a container's command line: `--password=hunter2`, a URL with a password.
fn check_arguments(container: &TypedContainer<'_>, report: &mut Report) {
    let lists = [("command", &container.spec.command), ("args", &container.spec.args)];
    for (list, texts) in lists {
        for (index, text) in texts.iter().flatten().enumerate() {
            if !argument_holds_credential(text) {
                continue;
            }
            let path = container.path().and_key(list).and_index(index);
            let name = &container.spec.name;
            let message = format!("`{list}[{index}]` of the container `{name}` holds a credential");
            let finding = Finding::new(container.pod.object, path, message).secret();
            report.add(finding.help("put it into a Secret, take it as a variable, and write `$(NAME)` here"));
        }
    }
}

/// Reports each entry of a ConfigMap that is a credential by its key, or a file with a credential in it. `binaryData`
/// is not looked into: what is no text is no password.
fn check_config_map(_: &ObjectSet<'_>, TypedObject { object, typed }: TypedObject<'_>, report: &mut Report) {
    let Object::ConfigMap(map) = typed else { return };
    for (key, text) in map.data.iter().flatten() {
        if is_credential(key, text) || file_holds_credential(text) {
            let path = ValuePath::keys(&["data", key.as_str()]);
            let message = format!("`{key}` holds a credential, and a ConfigMap is not a place for one");
            let finding = Finding::new(object, path, message).secret();
            report.add(finding.help("make the ConfigMap a Secret, or move the credential into one"));
        }
    }
}
