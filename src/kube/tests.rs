//! Documents and what the check finds in them.

use std::sync::Arc;

use super::format::complaint;
use super::quantity::is_quantity;
use super::table::Format;
use super::{Api, Target, Versions, check, decode, kinds};
use crate::diagnostic::{Diagnostic, Label};
use crate::manifest::{Document, split};
use crate::session::Session;
use crate::source::{Derivation, Input, Mark, Origin, SourceKind, Span};
use crate::yaml::{Binding, Bound, Kind, Node, SLOT_CLOSE, SLOT_OPEN, Value, ValuePath, parse_one};

fn read(session: &Session, text: &str) -> Vec<Document> {
    let name: Arc<str> = Arc::from("test.yaml");
    let source = session.add_source(SourceKind::File, &*name, text);
    split(session, &name, source, &[]).unwrap()
}

fn target(versions: &str) -> Target {
    Target { versions: versions.parse().unwrap(), namespace: Some("prod".to_owned()), ..Target::default() }
}

/// The findings as `CODE text-at-the-primary-label: message`, and the first document after the check.
fn check_with(target: &Target, text: &str) -> (Vec<String>, Node) {
    let session = Session::new();
    let mut documents = read(&session, text);
    documents.iter_mut().for_each(|document| check(&session, target, document));
    let show = |finding: &Diagnostic| {
        let primary = finding.primary().unwrap_or_else(|| panic!("no place: {finding:?}"));
        assert!(!finding.help.is_empty(), "no help: {finding:?}");
        format!("{} {}: {}", finding.code, session.text(primary.span).trim(), finding.message)
    };
    (session.diagnostics().iter().map(show).collect(), documents.remove(0).node)
}

fn findings(text: &str) -> Vec<String> {
    check_with(&target("1.36"), text).0
}

fn at<'n>(node: &'n Node, path: &str) -> &'n Node {
    let pointer = format!("/{}", path.replace('.', "/"));
    ValuePath::from_pointer(&pointer, node).find(node).unwrap_or_else(|| panic!("no {path}"))
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, version: 1.10, on: yes}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 1}}
  template:
    metadata: {labels: {app: web}, creationTimestamp: null}
    spec:
      containers:
        - name: web
          image: nginx
          env:
            - {name: PORT, value: 8080}
            - {name: COUNTRY, value: NO}
          ports:
            - {name: http, containerPort: 80}
            - {name: quic, containerPort: 80, protocol: UDP}
          resources: {limits: {cpu: 0.5, memory: 1e3}, requests: {cpu: 100m}}
          readinessProbe: {httpGet: {path: /, port: http}}
      volumes:
        - name: config
          configMap: {name: web, defaultMode: 0o644}
";

fn deployment(old: &str, new: &str) -> Vec<String> {
    assert_eq!(DEPLOYMENT.matches(old).count(), 1, "{old}");
    findings(&DEPLOYMENT.replace(old, new))
}

#[test]
fn a_right_document_passes_and_plain_scalars_become_strings() {
    let (found, node) = check_with(&target("1.31..1.36"), DEPLOYMENT);
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
    let mode = at(&node, "spec.template.spec.volumes.0.configMap.defaultMode");
    assert_eq!(mode.as_scalar().map(|scalar| (scalar.kind, &*scalar.text)), Some((Kind::Int, "420")));
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
            "K006 name: `ports[1]` has the same `containerPort` and `protocol` as `ports[0]`",
        ),
        ("name: COUNTRY", "name: PORT", "K006 name: `env[1]` has the same `name` as `env[0]`"),
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
    let expected = "K006 name: `ports[1]` has the same `port` and `protocol` as `ports[0]`";
    assert_eq!(service(", protocol: TCP"), [expected]);
    assert_eq!(service(""), [expected]);
}

#[test]
fn integers_of_64_bits_keep_every_digit() {
    let job = |limit: &str| {
        let text = DEPLOYMENT
            .replace("    spec:\n", &format!("    spec:\n      terminationGracePeriodSeconds: {limit}\n"));
        check_with(&target("1.36"), &text)
    };
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
            &target("1.36"),
            &format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata:\n{data}"),
        )
    };
    let (found, node) = secret("  a: aGVsbG8=\n  b: |\n    aGVs\n    bG8=\n");
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(at(&node, "data.b").as_str(), Some("aGVsbG8="));
    let (found, _) = secret("  a: hunter2!\n");
    assert_eq!(found, ["K005 hunter2!: `a` must be base64"]);
    assert!(!found[0].split_once(": ").unwrap().1.contains("hunter2"));
}

#[test]
fn cluster_scoped_objects_have_no_namespace() {
    let role =
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'a:b'}\nrules: []\n";
    let (found, node) = check_with(&target("1.36"), role);
    assert_eq!(found, Vec::<String>::new());
    assert!(at(&node, "metadata").get("namespace").is_none());
    let found = findings(&role.replace("'a:b'", "a, namespace: prod"));
    assert_eq!(found, ["K009 prod: a ClusterRole belongs to the whole cluster and has no namespace"]);
}

#[test]
fn other_namespaces_may_be_named() {
    let mut target = target("1.36");
    target.other_namespaces.insert("dev".to_owned());
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: dev}\n";
    assert_eq!(check_with(&target, text).0, Vec::<String>::new());
    target.namespace = None;
    assert_eq!(check_with(&target, &text.replace("dev", "any")).0, Vec::<String>::new());
}

#[test]
fn each_version_knows_its_kinds_and_fields() {
    let policy = "apiVersion: admissionregistration.k8s.io/v1beta1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: p}\nspec: {}\n";
    let class = "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: p}\nspec: {}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostnameOverride: x\n  containers: [{name: a}]\n";
    let codes = |versions: &str, text: &str| {
        let (found, _) = check_with(&target(versions), text);
        found.iter().map(|finding| finding[..4].to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (version, policy_is, class_is, pod_is) in [
        ("1.31", "", "K008", "K008"),
        ("1.32", "", "K008", "K008"),
        ("1.33", "", "K008", "K008"),
        ("1.34", "K008", "", ""),
        ("v1.35.2", "K008", "", ""),
        ("1.36", "K008", "", ""),
        ("1.31..1.36", "K008", "K008", "K008"),
    ] {
        assert_eq!(codes(version, policy), policy_is, "{version}");
        assert_eq!(codes(version, class), class_is, "{version}");
        assert_eq!(codes(version, pod), pod_is, "{version}");
    }
    let (found, _) = check_with(&target("1.31..1.36"), pod);
    let expected = "K008 hostnameOverride: `hostnameOverride` is not there in Kubernetes 1.31 to 1.33";
    assert_eq!(found, [expected]);
}

#[test]
fn versions_are_read_and_said() {
    assert_eq!(Versions::KNOWN, [31, 32, 33, 34, 35, 36]);
    assert_eq!(Versions::default().to_string(), "1.36");
    for (text, expected) in [("1.34", "1.34"), ("v1.34.2", "1.34"), ("1.31..1.36", "1.31..1.36")] {
        assert_eq!(text.parse::<Versions>().unwrap().to_string(), expected);
    }
    for text in ["1.30", "1.37", "2.1", "1", "", "1.36..1.31", "1.34.x", "1.31..", "1.31.0.0"] {
        assert!(text.parse::<Versions>().is_err(), "{text}");
    }
}

const CERTIFICATE: &str = "\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec:
  secretName: web-tls
  dnsNames: [web.example.com]
  issuerRef: {name: ca, kind: Issuer}
  privateKey: {algorithm: ECDSA, size: 256}
";

#[test]
fn a_custom_resource_with_one_fault() {
    assert_eq!(findings(CERTIFICATE), Vec::<String>::new());
    for (old, new, expected) in [
        ("dnsNames", "dnsName", "K001 dnsName: `spec` has no field `dnsName`"),
        ("  secretName: web-tls\n", "", "K002 spec: `secretName` is missing"),
        ("size: 256", "size: big", "K003 big: `size` must be an integer, and this is a string"),
        ("algorithm: ECDSA", "algorithm: DSA", "K004 DSA: `algorithm` has a value that is not allowed"),
        (
            "kind: Certificate",
            "kind: Certificat",
            "K007 Certificat: `cert-manager.io/v1` has no kind `Certificat` that is known",
        ),
        ("name: web}", "name: web, labels: {a b: c}}", "K005 a b: the key `a b` is not allowed"),
    ] {
        assert_eq!(findings(&CERTIFICATE.replacen(old, new, 1)), [expected], "{new}");
    }
}

#[test]
fn limits_of_custom_resources() {
    let skyflo = "apiVersion: skyflo.ai/v1\nkind: SkyfloAI\nmetadata: {name: s}\nspec:\n  engine: {image: a, replicas: 0}\n";
    assert!(findings(skyflo).contains(&"K010 0: `replicas` must be at least 1".to_owned()));
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\nspec:\n  hostnames: [\"UPPER CASE\"]\n";
    assert_eq!(findings(route), ["K010 \"UPPER CASE\": `hostnames[0]` does not match its pattern"]);
    let route = route.replace("[\"UPPER CASE\"]", "[a.example.com]\n  rules: []");
    assert_eq!(findings(&route), ["K010 []: `rules` has 0 items, and must have at least 1"]);
}

#[test]
fn every_pattern_of_the_bundled_crds_compiles() {
    let api = Api::new();
    let patterns = api.table.limits.iter().filter_map(|limits| limits.pattern);
    let patterns = patterns.map(|pattern| api.table.name(pattern));
    let unread: Vec<&str> = patterns.filter(|pattern| super::pattern::compile(pattern).is_none()).collect();
    // The one that begins with a flag of Go's dialect is not evaluated.
    assert_eq!(unread, ["^(?i)(abort|warn)?$"]);
}

#[test]
fn unknown_kinds_may_be_allowed() {
    let text = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, labels: {a: 1}}\nanything: {a: null}\n";
    let expected = ["K007 Widget: `example.com/v1` has no kind `Widget` that is known"];
    assert_eq!(findings(text), expected);
    let mut target = target("1.36");
    target.allow_unknown.insert("example.com/Widget".to_owned());
    assert_eq!(check_with(&target, text).0, Vec::<String>::new());
}

/// A document whose `{{ … }}` are bound to values of a values file; the findings with all their labels.
fn bound(template: &str, values: &str) -> Vec<String> {
    let session = Session::new();
    let values_source = session.add_source(SourceKind::File, "values.yaml", values);
    let template_source = session.add_source(SourceKind::File, "template.yaml", template);
    let values = parse_one(&session, values_source).unwrap().unwrap();
    let (mut derived, mut marks, mut bindings, mut rest) = (String::new(), Vec::new(), Vec::new(), 0);
    let mark = |marks: &mut Vec<Mark>, at: usize, start: usize, end: usize, verbatim| {
        marks.push(Mark { at: at as u32, from: Span::new(template_source, start, end), verbatim });
    };
    while let Some(open) = template[rest..].find("{{").map(|at| at + rest) {
        let close = open + template[open..].find("}}").unwrap() + 2;
        mark(&mut marks, derived.len(), rest, open, true);
        derived.push_str(&template[rest..open]);
        mark(&mut marks, derived.len(), open, close, false);
        derived.push_str(&format!("{SLOT_OPEN}{}{SLOT_CLOSE}", bindings.len()));
        let path = template[open + 2..close - 2].trim();
        let node = values.get(path).unwrap().clone();
        let inputs = vec![Input { path: format!("values.{path}"), span: Some(node.span) }];
        let expression = Span::new(template_source, open, close);
        let origin = session.add_origin(Origin { expression, inputs });
        bindings.push(Binding::new(Bound::Value(node), origin));
        rest = close;
    }
    mark(&mut marks, derived.len(), rest, template.len(), true);
    derived.push_str(&template[rest..]);
    let source = session.add_source(SourceKind::Derived(Derivation { marks }), "rendered", derived);
    let mut documents = split(&session, &Arc::from("template.yaml"), source, &bindings).unwrap();
    documents.iter_mut().for_each(|document| check(&session, &target("1.36"), document));
    let label = |label: &Label| {
        format!(" [{} {} {}]", session.source(label.span.source).name, session.text(label.span), label.text)
    };
    let show = |finding: Diagnostic| {
        format!("{}{}", finding.code, finding.labels.iter().map(label).collect::<String>())
    };
    session.diagnostics().into_iter().map(show).collect()
}

#[test]
fn findings_lead_to_the_values() {
    let template = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ name }}}
spec:
  replicas: {{ replicas }}
  selector: {matchLabels: {app: web}}
  paused: {{ paused }}
  template:
    metadata: {labels: {app: web, version: {{ version }}, on: {{ paused }}}}
    spec:
      containers:
        - name: web
          resources: {{ resources }}
          imagePullPolicy: If{{ policy }}
";
    let values = "name: web\nreplicas: 2\npaused: True\nversion: 1.10\npolicy: NotPresent\nresources: {limits: {cpu: 1}}\n";
    assert_eq!(bound(template, values), Vec::<String>::new());
    for (old, new, expected) in [
        (
            "replicas: 2",
            "replicas: two",
            "K003 [values.yaml two this value] [template.yaml {{ replicas }} becomes `spec.replicas` of Deployment `web`]",
        ),
        (
            "{cpu: 1}",
            "{cpu: a}",
            "K005 [values.yaml a this value] [template.yaml {{ resources }} becomes `spec.template.spec.containers[0].resources.limits.cpu` of Deployment `web`]",
        ),
        (
            "{limits:",
            "{limit:",
            "K001 [values.yaml limit this value] [template.yaml {{ resources }} becomes `spec.template.spec.containers[0].resources.limit` of Deployment `web`]",
        ),
        (
            "NotPresent",
            "Absent",
            "K004 [values.yaml Absent this value goes into it] [template.yaml {{ policy }} becomes `spec.template.spec.containers[0].imagePullPolicy` of Deployment `web`]",
        ),
    ] {
        assert_eq!(bound(template, &values.replace(old, new)), [expected], "{new}");
    }
    let found = bound(&template.replace("paused:", "pausd:"), values);
    assert_eq!(found, ["K001 [template.yaml pausd this is `spec.pausd` of Deployment `web`]"]);
}

#[test]
fn what_is_missing_in_a_version_is_reported_once() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]}]\n";
    let (found, _) = check_with(&target("1.31..1.36"), pod);
    assert_eq!(found.len(), 1, "{found:?}");
    let claim =
        "apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: p}\nspec: {devices: {}}\n";
    let (found, _) = check_with(&target("1.31"), claim);
    assert_eq!(
        found,
        ["K008 resource.k8s.io/v1: `resource.k8s.io/v1` has no `ResourceClaim` in Kubernetes 1.31"]
    );
}

const WIDGET_CRD: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [size, colour]
              properties:
                size: {type: integer, format: int32, maximum: 9}
                colour: {type: string, default: red, enum: [red, blue]}
                count: {x-kubernetes-int-or-string: true}
                note: {type: string, nullable: true, pattern: '^[a-z]+$'}
                extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
                ports:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items: {type: object, properties: {name: {type: string}}}
";

fn with_widgets() -> Target {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "crd.yaml", WIDGET_CRD);
    let mut target = target("1.36");
    target.api.add_crd(&session, &parse_one(&session, source).unwrap().unwrap()).unwrap();
    target
}

#[test]
fn a_crd_that_is_added_is_checked_like_a_built_in_kind() {
    assert_eq!(findings(WIDGET_CRD), Vec::<String>::new());
    let target = with_widgets();
    let widget = |spec: &str| {
        let text = format!("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w}}\nspec: {spec}\n");
        check_with(&target, &text).0
    };
    assert_eq!(widget("{size: 3, note: null, count: 0.5, extra: {a: null}}"), Vec::<String>::new());
    for (spec, expected) in [
        ("{}", "K002 spec: `size` is missing"),
        ("{size: 10}", "K010 10: `size` must be at most 9"),
        ("{size: 1, colour: rad}", "K004 rad: `colour` has a value that is not allowed"),
        ("{size: 1, note: A}", "K010 A: `note` does not match its pattern"),
        ("{size: 1, shape: A}", "K001 shape: `spec` has no field `shape`"),
        ("{size: 1, count: [1]}", "K003 1: `count` must be an integer or a string, and this is a list"),
        ("{size: 1, extra: {a: on}}", "Y007 on: `a` reads differently in YAML 1.1 and 1.2"),
        (
            "{size: 1, ports: [{name: a}, {name: a}]}",
            "K006 name: `ports[1]` has the same `name` as `ports[0]`",
        ),
    ] {
        assert_eq!(widget(spec), [expected], "{spec}");
    }
    assert!(target.api.has("example.com/v1/Widget", Versions::default()));
    assert!(target.api.has("apps/v1/Deployment", Versions::default()));
    assert!(!target.api.has("apps/v2/Deployment", Versions::default()));
    assert_eq!(target.api.is_namespaced("example.com/v1", "Widget"), Some(true));
}

#[test]
fn a_crd_that_cannot_be_read_is_refused() {
    for (old, new) in [
        ("  group: example.com\n", ""),
        ("kind: Widget, ", ""),
        ("  scope: Namespaced\n", ""),
        ("openAPIV3Schema", "schema"),
        ("versions:", "version:"),
    ] {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "crd.yaml", WIDGET_CRD.replacen(old, new, 1));
        let crd = parse_one(&session, source).unwrap().unwrap();
        assert!(Api::new().add_crd(&session, &crd).is_err(), "{old}");
        assert_eq!(session.diagnostics()[0].code.id, "K011");
    }
}

#[test]
fn quantities() {
    for text in ["0", "1", "+1", "-1.5Gi", ".5", "5.", "100m", "1e3", "1E-3", "1E", "1.5Ki", "3n", "4u"] {
        assert!(is_quantity(text), "{text}");
    }
    for text in ["", ".", "1.2.3", "1K", "1gb", "1 Gi", "Gi", "1e", "1eM", "1Mib", "--1", "1e1.5", "é"] {
        assert!(!is_quantity(text), "{text}");
    }
}

#[test]
fn formats() {
    for (format, text, fits) in [
        (Format::Time, "2026-02-28T23:59:59.123456Z", true),
        (Format::Time, "2024-02-29T00:00:00+02:00", true),
        (Format::Time, "2026-02-29T00:00:00Z", false),
        (Format::Time, "2026-01-01", false),
        (Format::Time, "2026-01-01T24:00:00Z", false),
        (Format::Time, "2026-01-01T00:00:00", false),
        (Format::Base64, "", true),
        (Format::Base64, "YQ==", true),
        (Format::Base64, "YQ=", false),
        (Format::Base64, "YQ", false),
        (Format::Label, "a-1", true),
        (Format::Label, "-a", false),
        (Format::Label, "a.b", false),
        (Format::Subdomain, "a.b-c.d", true),
        (Format::Subdomain, "a..b", false),
        (Format::PortName, "http-8", true),
        (Format::PortName, "8080", false),
        (Format::PortName, "a--b", false),
        (Format::QualifiedName, "example.com/a_B.c", true),
        (Format::QualifiedName, "/a", false),
        (Format::QualifiedName, "a/b/c", false),
        (Format::LabelValue, "", true),
        (Format::LabelValue, "a-", false),
        (Format::FileName, "a_b.yaml", true),
        (Format::FileName, "a/b", false),
        (Format::FileName, "..a", false),
        (Format::Variable, "my.var-1", true),
        (Format::Variable, "a=b", false),
        (Format::Percent, "100%", true),
        (Format::Percent, "%", false),
    ] {
        assert_eq!(complaint(format, text).is_none(), fits, "{format:?} {text}");
    }
    assert!(complaint(Format::LabelValue, &"a".repeat(64)).is_some());
}

/// What typed objects add to a tree that left it out.
const ADDED: &[&str] = &["apiVersion", "kind"];

fn assert_agrees(tree: &Node, typed: &serde_json::Value, path: &ValuePath) {
    match &tree.value {
        Value::Map(map) => {
            for (key, entry) in map.iter().filter(|(_, entry)| !entry.node.is_null()) {
                let below = path.key(&**key);
                assert_agrees(&entry.node, typed.get(&**key).unwrap_or_else(|| panic!("{below}")), &below);
            }
            let added = typed.as_object().unwrap().keys().filter(|key| !map.contains_key(key.as_str()));
            let claims = path.to_string().contains("volumeClaimTemplates");
            added.for_each(|key| assert!(claims && ADDED.contains(&key.as_str()), "{path}: {key} added"));
        }
        Value::List(items) => {
            assert_eq!(items.len(), typed.as_array().unwrap().len(), "{path}");
            items.iter().enumerate().for_each(|(i, item)| assert_agrees(item, &typed[i], &path.index(i)));
        }
        Value::Scalar(scalar) => match typed {
            serde_json::Value::String(text) => assert_eq!(&*scalar.text, text, "{path}"),
            other => assert_eq!(
                scalar.as_f64().map(|f| f.to_string()).unwrap_or(scalar.text.to_string()),
                other.as_f64().map(|f| f.to_string()).unwrap_or(other.to_string()),
                "{path}"
            ),
        },
    }
}

#[test]
fn tree_and_typed_object_agree() {
    let session = Session::new();
    let samples = include_str!("../../tests/spec/kube/samples.yaml");
    let mut documents = read(&session, samples);
    let mut seen = Vec::new();
    for document in &mut documents {
        check(&session, &target("1.36"), document);
        let object = decode(&session, document).unwrap();
        let (api_version, kind) = (&document.identity.api_version, &document.identity.kind);
        if kinds::Object::DECODED.contains(&(api_version.as_str(), kind.as_str())) {
            assert_agrees(&document.node, &kinds::to_json(&object), &ValuePath::root());
            seen.push(kind.clone());
        }
    }
    assert_eq!(session.diagnostics(), []);
    let missing: Vec<_> =
        kinds::Object::DECODED.iter().filter(|(_, kind)| !seen.contains(&(*kind).to_owned())).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
}

#[test]
fn every_kind_of_the_table_is_found() {
    let api = Api::new();
    let is_ascending = |a: &super::table::Kind, b: &super::table::Kind| {
        api.table.compare_kind(a, api.table.name(b.api_version), api.table.name(b.kind)).is_lt()
    };
    assert!(api.table.kinds.is_sorted_by(is_ascending));
    assert!(api.table.kinds.len() > 130);
    for (api_version, kind) in kinds::Object::DECODED {
        assert!(api.table.kind(api_version, kind).is_some_and(|known| !known.custom), "{kind}");
    }
}

#[test]
fn decoding_reports_what_the_types_refuse() {
    let session = Session::new();
    let documents = read(&session, &DEPLOYMENT.replace("replicas: 2", "replicas: two"));
    assert!(decode(&session, &documents[0]).is_err());
    let found = session.diagnostics().remove(0);
    assert_eq!(found.code.id, "K012");
    assert_eq!(session.text(found.primary().unwrap().span), "two");
    assert!(found.message.contains("`spec.replicas`"), "{}", found.message);
}
