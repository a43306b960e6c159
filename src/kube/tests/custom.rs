//! Custom resources, bundled and added.

use std::sync::Arc;

use super::typed::assert_agrees;
use super::{check_with, findings, read, target};
use crate::kube::api::compile;
use crate::kube::decode::to_json;
use crate::kube::{Api, Target, Versions, check, decode};
use crate::session::Session;
use crate::source::SourceKind;
use crate::yaml::{ValuePath, parse_one};

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

/// In a run, a pattern that cannot be compiled is a warning at a value (K011). Of a bundled CRD that would be our
/// fault, and nothing that a user could mend.
#[test]
fn every_pattern_of_the_bundled_crds_compiles() {
    let api = Api::new();
    let patterns = api.table.constraints.iter().filter_map(|constraints| constraints.pattern);
    let patterns = patterns.map(|pattern| api.table.name(pattern));
    let unread: Vec<&str> = patterns.filter(|pattern| compile(pattern).is_err()).collect();
    assert_eq!(unread, Vec::<&str>::new());
}

/// One property for each thing that a structural schema can ask for. `colour` is required and has a default, so it may
/// be left out.
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
                  items: {type: object, required: [name], properties: {name: {type: string}}}
";

fn with_widgets() -> Target {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "crd.yaml", WIDGET_CRD);
    let mut api = Api::new();
    api.add_crd(&session, &parse_one(&session, source).unwrap().unwrap()).unwrap();
    Target { api: Arc::new(api), ..target("1.37") }
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
            "K006 a: `ports[1]` has the same `name` `a` as `ports[0]`",
        ),
    ] {
        assert_eq!(widget(spec), [expected], "{spec}");
    }
    assert!(target.api.has("example.com/v1/Widget", Versions::default()));
    assert!(target.api.has("apps/v1/Deployment", Versions::default()));
    assert!(!target.api.has("apps/v2/Deployment", Versions::default()));
    assert!(target.api.table.kind("example.com/v1", "Widget").is_some_and(|kind| kind.namespaced));
}

#[test]
fn a_pattern_that_cannot_be_read_is_told_of() {
    for (pattern, why) in
        [("(a{1000}){1000}", "too large"), ("(?=a)b", "not a regular expression that is known")]
    {
        let session = Session::new();
        let text = WIDGET_CRD.replace("'^[a-z]+$'", &format!("'{pattern}'"));
        let source = session.add_source(SourceKind::File, "crd.yaml", text);
        let mut api = Api::new();
        api.add_crd(&session, &parse_one(&session, source).unwrap().unwrap()).unwrap();
        let target = Target { api: Arc::new(api), ..target("1.37") };
        let widget =
            "{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}, spec: {size: 1, note: b}}";
        let (found, _) = check_with(&target, widget);
        assert_eq!(found, [format!("K011 b: `note` is not checked: its pattern in the CRD is {why}")]);
    }
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
        // Each of these is something without which objects of the kind could not be checked.
        assert!(Api::new().add_crd(&session, &crd).is_err(), "{old}");
        assert_eq!(session.diagnostics()[0].code.id, "K011");
    }
}

#[test]
fn the_bundled_crds_pass_as_objects() {
    for file in std::fs::read_dir("schemas/crds").unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        // The files are CRDs that are reduced to what the table needs; this puts back what every CRD has around it.
        let mut versions = json["versions"].clone();
        for version in versions.as_array_mut().unwrap() {
            let schema = version["schema"].take();
            version["schema"] = serde_json::json!({ "openAPIV3Schema": schema });
        }
        let names = serde_json::json!({ "kind": json["kind"], "plural": json["plural"] });
        let name = format!("{}.{}", json["plural"].as_str().unwrap(), json["group"].as_str().unwrap());
        let crd = serde_json::json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": { "name": name, "annotations": { "api-approved.kubernetes.io": "unapproved, a test" } },
            "spec": { "group": json["group"], "names": names, "scope": json["scope"], "versions": versions },
        });
        let session = Session::new();
        let mut documents = read(&session, &crd.to_string());
        // A CRD is an object as well: the check, the types and the tree have to agree on it.
        check(&session, &target("1.31..1.37"), &mut documents[0]);
        assert_eq!(session.diagnostics(), [], "{}", path.display());
        let typed = to_json(&decode(&session, &documents[0]).unwrap());
        assert_agrees(&documents[0].node, &typed, &ValuePath::root());
        let mut api = Api::new();
        let kinds = api.table.kinds.len();
        api.add_crd(&session, &documents[0].node).unwrap();
        // It was bundled, so it took the place of itself.
        assert_eq!(api.table.kinds.len(), kinds, "{}: replaced", path.display());
    }
}
