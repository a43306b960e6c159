//! Documents with one fault each, and what is found in them: one finding, at the place of the fault.

use super::{DEPLOYMENT, at, check_with, findings, read, target};
use crate::kube::check;
use crate::session::Session;
use crate::yaml::Kind;

/// The findings in the sample with one text of it replaced by another.
fn deployment(old: &str, new: &str) -> Vec<String> {
    // A text that is not there, or is there twice, would test something else than the line says.
    assert_eq!(DEPLOYMENT.matches(old).count(), 1, "{old}");
    findings(&DEPLOYMENT.replace(old, new))
}

#[test]
fn a_right_document_passes_and_plain_scalars_become_strings() {
    let (found, node) = check_with(&target("1.31..1.37"), DEPLOYMENT);
    assert_eq!(found, Vec::<String>::new());
    for (path, text) in [
        ("metadata.labels.version", "1.10"),
        ("metadata.labels.on", "yes"),
        ("metadata.namespace", "prod"),
        ("spec.template.spec.containers.0.env.0.value", "8080"),
        ("spec.template.spec.containers.0.env.1.value", "NO"),
        ("spec.template.spec.containers.0.resources.limits.memory", "1e3"),
    ] {
        assert_eq!(at(&node, path).as_str(), Some(text), "{path}");
    }
    // The API has no octal numbers, so `0o644` is written in decimal.
    let mode = at(&node, "spec.template.spec.volumes.0.configMap.defaultMode");
    assert_eq!(mode.as_scalar().map(|scalar| (scalar.kind, &*scalar.text)), Some((Kind::Int, "420")));
    // The namespace that was written in stands behind the name.
    let keys: Vec<&str> = at(&node, "metadata").as_map().unwrap().keys().map(|key| &**key).collect();
    assert_eq!(keys, ["name", "namespace", "labels"]);
}

#[test]
fn a_deployment_with_one_fault() {
    for (old, new, expected) in [
        ("replicas: 2", "replcas: 2", "K001 replcas: `spec` has no field `replcas`"),
        ("kind: Deployment", "kind: Deployment\nspeck: {}", "K001 speck: `Deployment` has no field `speck`"),
        ("  selector: {matchLabels: {app: web}}\n", "", "K002 spec: `selector` is missing"),
        ("        - name: web\n          image", "        - image", "K002 image: `name` is missing"),
        ("replicas: 2", "replicas: two", "K003 two: `replicas` must be an integer, and this is a string"),
        ("replicas: 2", "replicas: '2'", "K003 '2': `replicas` must be an integer, and this is a string"),
        ("replicas: 2", "replicas: 2.0", "K003 2.0: `replicas` must be an integer, and this is a number"),
        ("replicas: 2", "replicas: 3000000000", "K003 3000000000: `replicas` does not fit into 32 bits"),
        ("replicas: 2", "replicas:", "K003 replicas: `replicas` is null, and must be an integer"),
        (
            "replicas: 2",
            "replicas: 2\n  paused: yes",
            "K003 yes: `paused` must be a boolean, and this is a string",
        ),
        ("image: nginx", "image: [nginx]", "K003 nginx: `image` must be a string, and this is a list"),
        (
            "image: nginx",
            "image: nginx\n          args: x",
            "K003 x: `args` must be a list, and this is a string",
        ),
        (
            "image: nginx",
            "image: nginx\n          args: [null]",
            "K003 null: `args[0]` is null, and must be a string",
        ),
        (
            "resources: {limits",
            "securityContext: null\n          resources: {limits",
            "K003 securityContext: `securityContext` is null, and must be a map",
        ),
        (
            "image: nginx",
            "image: nginx\n          imagePullPolicy: Alwayz",
            "K004 Alwayz: `imagePullPolicy` has a value that is not allowed",
        ),
        (
            "        - name: web\n",
            "        - name: ''\n",
            "K005 '': `name` has 0 characters, and must have at least 1",
        ),
        ("cpu: 100m", "cpu: banana", "K005 banana: `cpu` must be a quantity such as `100m` or `1.5Gi`"),
        ("cpu: 100m", "cpu: 1gb", "K005 1gb: `cpu` must be a quantity such as `100m` or `1.5Gi`"),
        ("cpu: 100m", "cpu: true", "K003 true: `cpu` must be a quantity, and this is a boolean"),
        (
            "maxSurge: 25%",
            "maxSurge: '1'",
            "K005 '1': `maxSurge` must be an integer or a percentage such as `25%`",
        ),
        (
            "maxSurge: 25%",
            "maxSurge: 1.5",
            "K003 1.5: `maxSurge` must be an integer or a percentage, and this is a number",
        ),
        (
            "port: http",
            "port: '80'",
            "K005 '80': `port` must be a port's name: lower-case letters, digits and `-`, at most 15 characters, one of them a letter",
        ),
        ("port: http", "port: 0", "K005 0: `port` must be at least 1"),
        ("containerPort: 80}", "containerPort: 99999}", "K005 99999: `containerPort` must be at most 65535"),
        (
            "protocol: UDP",
            "protocol: TCP",
            "K006 name: `ports[1]` has the same `containerPort` `80` and `protocol` `TCP` as `ports[0]`",
        ),
        ("name: COUNTRY", "name: PORT", "K006 PORT: `env[1]` has the same `name` `PORT` as `env[0]`"),
        (
            "creationTimestamp: null",
            "creationTimestamp: yesterday",
            "K005 yesterday: `creationTimestamp` must be a time such as `2026-01-31T12:00:00Z` (RFC 3339)",
        ),
        (
            "version: 1.10",
            "version: 'a b'",
            "K005 'a b': `version` must be at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
        ),
        ("version: 1.10", "'a b': c", "K005 'a b': the key `a b` is not allowed"),
        (
            "  name: web\n  labels",
            "  name: Web_1\n  labels",
            "K005 Web_1: `Web_1` cannot be the name of a Deployment",
        ),
        (
            "kind: Deployment",
            "kind: Deploymint",
            "K007 Deploymint: `apps/v1` has no kind `Deploymint` that is known",
        ),
        (
            "apps/v1",
            "extensions/v1beta1",
            "K007 extensions/v1beta1: `extensions/v1beta1` has no kind `Deployment` that is known",
        ),
        (
            "  name: web\n  labels",
            "  name: web\n  namespace: dev\n  labels",
            "K009 dev: the namespace is `dev` here, and `prod` is rendered for",
        ),
        ("0o644", "0644", "Y007 0644: `defaultMode` reads differently in YAML 1.1 and 1.2"),
    ] {
        assert_eq!(deployment(old, new), [expected], "{new}");
    }
}

#[test]
fn every_fault_is_reported_at_once() {
    let text = DEPLOYMENT.replace("replicas: 2", "replicas: two\n  pausd: true").replace("nginx", "{}");
    let codes: Vec<String> = findings(&text).iter().map(|finding| finding[..4].to_owned()).collect();
    assert_eq!(codes, ["K003", "K001", "K003"]);
}

#[test]
fn service_ports_differ_by_protocol() {
    let service = |second: &str| {
        findings(&format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: dns}}\nspec:\n  ports:\n    - {{name: a, port: 53}}\n    - {{name: b, port: 53{second}}}\n"
        ))
    };
    assert_eq!(service(", protocol: UDP"), Vec::<String>::new());
    let expected = "K006 name: `ports[1]` has the same `port` `53` and `protocol` `TCP` as `ports[0]`";
    assert_eq!(service(", protocol: TCP"), [expected]);
    assert_eq!(service(""), [expected]);
}

#[test]
fn integers_of_64_bits_keep_every_digit() {
    let job = |limit: &str| {
        let text = DEPLOYMENT
            .replace("    spec:\n", &format!("    spec:\n      terminationGracePeriodSeconds: {limit}\n"));
        check_with(&target("1.37"), &text)
    };
    // 2⁵³+1, the first integer that a double cannot hold: what is decoded as JSON on the way would lose it.
    let (found, node) = job("9007199254740993");
    assert_eq!(found, Vec::<String>::new());
    let seconds = at(&node, "spec.template.spec.terminationGracePeriodSeconds");
    assert_eq!(seconds.as_scalar().map(|scalar| &*scalar.text), Some("9007199254740993"));
    let expected =
        "K003 9223372036854775808: `terminationGracePeriodSeconds` does not fit into 64 bits".to_owned();
    assert_eq!(job("9223372036854775808").0, [expected]);
}

#[test]
fn secrets_are_base64_and_never_shown() {
    let secret = |data: &str| {
        check_with(
            &target("1.37"),
            &format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata:\n{data}"),
        )
    };
    let (found, node) = secret("  a: aGVsbG8=\n  b: |\n    aGVs\n    bG8=\n");
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(at(&node, "data.b").as_str(), Some("aGVsbG8="));
    let (found, _) = secret("  a: hunter2!\n");
    assert_eq!(found, ["K005 hunter2!: `a` must be base64"]);
    // The part before the colon is the source's text, which writers mask; the message is written as it is.
    assert!(!found[0].split_once(": ").unwrap().1.contains("hunter2"));
    let session = Session::new();
    let text =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: [hunter2]}\ndata: {b: hunter3}\n";
    check(&session, &target("1.37"), &mut read(&session, text)[0]);
    let found = session.diagnostics();
    let masked = crate::secrets::masked_text(&session.source(found[0].primary().unwrap().span.source));
    assert!(!masked.contains("hunter"), "{masked}");
}

// Requirements of selectors.

/// A pod whose node affinity has these terms, and which is spread by this selector.
fn pod(term: &str, selector: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec:
  containers: [{{name: a, image: b}}]
  affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{{term}}}]}}}}}}
  topologySpreadConstraints:
    - {{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchExpressions: [{selector}]}}}}
"
    )
}

#[test]
fn requirements_that_kubernetes_takes() {
    let long = format!("{}.example", "n".repeat(70));
    let term = format!(
        "matchExpressions: [{{key: example.com/cpus, operator: Gt, values: ['4']}}, {{key: zone, operator: In, values: [a, '']}}, \
         {{key: gpu, operator: DoesNotExist}}, {{key: gpu, operator: Exists, values: []}}], \
         matchFields: [{{key: metadata.name, operator: In, values: [{long}]}}]"
    );
    assert_eq!(findings(&pod(&term, "{key: app, operator: NotIn, values: [a]}")), Vec::<String>::new());
}

#[test]
fn requirements_that_kubernetes_refuses() {
    let sound = "{key: app, operator: Exists}";
    let of_nodes = |requirement: &str| findings(&pod(&format!("matchExpressions: [{requirement}]"), sound));
    let of_pods = |requirement: &str| findings(&pod(&format!("matchExpressions: [{sound}]"), requirement));
    let name =
        "a name of at most 63 letters, digits, `-`, `_` and `.`, with an optional domain and `/` before it";
    let value = "at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends";
    for (requirement, expected) in [
        ("{key: a b, operator: Exists}", format!("K005 a b: `key` must be {name}")),
        ("{key: a, operator: In, values: [ok, -a]}", format!("K005 -a: `values[1]` must be {value}")),
        ("{key: a, operator: In}", "K005 In: the operator `In` needs `values`".to_owned()),
        ("{key: a, operator: NotIn, values: []}", "K005 []: the operator `NotIn` needs `values`".to_owned()),
        (
            "{key: a, operator: Exists, values: [b]}",
            "K005 b: the operator `Exists` takes no `values`".to_owned(),
        ),
    ] {
        assert_eq!(of_nodes(requirement), std::slice::from_ref(&expected), "{requirement}");
        assert_eq!(of_pods(requirement), [expected], "{requirement}");
    }
    for values in ["[a]", "['1', '2']", "[]", "['1.5']"] {
        let found = of_nodes(&format!("{{key: a, operator: Lt, values: {values}}}"));
        assert!(found.len() == 1 && found[0].ends_with("the operator `Lt` takes one integer"), "{found:?}");
    }
    for operator in ["Gt", "in"] {
        let found = of_pods(&format!("{{key: a, operator: {operator}, values: ['1']}}"));
        assert_eq!(found, [format!("K004 {operator}: `operator` cannot be `{operator}`")]);
    }
    assert_eq!(of_nodes("{key: a, operator: Equal}").len(), 1);
}
