//! Names, namespaces, versions and kinds of whole objects.

use super::{at, check_with, findings, read, target};
use crate::kube::{Versions, check};
use crate::session::Session;

#[test]
fn cluster_scoped_objects_have_no_namespace() {
    let role =
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'a:b'}\nrules: []\n";
    let (found, node) = check_with(&target("1.37"), role);
    assert_eq!(found, Vec::<String>::new());
    assert!(at(&node, "metadata").get("namespace").is_none());
    let found = findings(&role.replace("'a:b'", "a, namespace: prod"));
    assert_eq!(found, ["K009 prod: a ClusterRole belongs to the whole cluster and has no namespace"]);
}

#[test]
fn other_namespaces_may_be_named() {
    let mut target = target("1.37");
    target.other_namespaces.insert("dev".to_owned());
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: dev}\n";
    assert_eq!(check_with(&target, text).0, Vec::<String>::new());
    // Where nobody has said which namespace is rendered for, any will do.
    target.namespace = None;
    assert_eq!(check_with(&target, &text.replace("dev", "any")).0, Vec::<String>::new());
}

#[test]
fn each_version_knows_its_kinds_and_fields() {
    let policy = "apiVersion: admissionregistration.k8s.io/v1beta1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: p}\nspec: {policyName: x, validationActions: [Deny]}\n";
    let class = "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: p}\nspec: {}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostnameOverride: x\n  containers: [{name: a, image: a}]\n";
    let codes = |versions: &str, text: &str| {
        let (found, _) = check_with(&target(versions), text);
        found.iter().map(|finding| finding[..4].to_owned()).collect::<Vec<_>>().join(" ")
    };
    // One kind that went, one that came, and one field that came. Over all versions, each is missing from some.
    for (version, policy_is, class_is, pod_is) in [
        ("1.31", "", "K008", "K008"),
        ("1.32", "", "K008", "K008"),
        ("1.33", "", "K008", "K008"),
        ("1.34", "K008", "", ""),
        ("v1.35.2", "K008", "", ""),
        ("1.37", "K008", "", ""),
        ("1.31..1.37", "K008", "K008", "K008"),
    ] {
        assert_eq!(codes(version, policy), policy_is, "{version}");
        assert_eq!(codes(version, class), class_is, "{version}");
        assert_eq!(codes(version, pod), pod_is, "{version}");
    }
    let (found, _) = check_with(&target("1.31..1.37"), pod);
    let expected = "K008 hostnameOverride: `hostnameOverride` does not exist in Kubernetes 1.31 to 1.33";
    assert_eq!(found, [expected]);
}

#[test]
fn versions_are_read_and_said() {
    assert_eq!(Versions::KNOWN, [31, 32, 33, 34, 35, 36, 37]);
    assert_eq!(Versions::default().to_string(), "1.37");
    for (text, expected) in [("1.34", "1.34"), ("v1.34.2", "1.34"), ("1.31..1.37", "1.31..1.37")] {
        assert_eq!(text.parse::<Versions>().unwrap().to_string(), expected);
    }
    for text in ["1.30", "1.38", "2.1", "1", "", "1.37..1.31", "1.34.x", "1.31..", "1.31.0.0"] {
        assert!(text.parse::<Versions>().is_err(), "{text}");
    }
}

#[test]
fn what_is_missing_in_a_version_is_reported_once() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  volumes: [{name: v, emptyDir: {}}]\n  containers: [{name: a, image: a, env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: k}}}]}]\n";
    let (found, _) = check_with(&target("1.31..1.37"), pod);
    assert_eq!(found.len(), 1, "{found:?}");
    let claim =
        "apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: p}\nspec: {devices: {}}\n";
    let (found, _) = check_with(&target("1.31"), claim);
    assert_eq!(
        found,
        ["K008 resource.k8s.io/v1: `resource.k8s.io/v1` has no `ResourceClaim` in Kubernetes 1.31"]
    );
}

#[test]
fn unknown_kinds_may_be_allowed() {
    let text = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, labels: {a: 1}}\nanything: {a: null}\n";
    let expected = ["K007 Widget: `example.com/v1` has no kind `Widget` that is known"];
    assert_eq!(findings(text), expected);
    let mut target = target("1.37");
    // The labels became texts, and `a: null` passes: what is below an unknown kind is not looked at, its metadata is.
    target.allow_unknown.insert("example.com/Widget".to_owned());
    assert_eq!(check_with(&target, text).0, Vec::<String>::new());
}

#[test]
fn an_empty_namespace_is_none() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {namespace: '', name: s}\nspec: {ports: [{port: 1, name: ''}]}\n";
    let (found, node) = check_with(&target("1.37"), text);
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(at(&node, "metadata.namespace").as_str(), Some("prod"));
}

#[test]
fn the_api_version_to_write_is_named() {
    let help = |versions: &str, api_version: &str, kind: &str| {
        let session = Session::new();
        let text = format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n");
        check(&session, &target(versions), &mut read(&session, &text)[0]);
        session.diagnostics().remove(0).help.remove(0)
    };
    for (versions, api_version, kind, expected) in [
        (
            "1.37",
            "extensions/v1beta1",
            "Ingress",
            "`Ingress` is in `networking.k8s.io/v1`: write `apiVersion: networking.k8s.io/v1`",
        ),
        (
            "1.37",
            "autoscaling/v2beta2",
            "HorizontalPodAutoscaler",
            "`HorizontalPodAutoscaler` is in `autoscaling/v2`: write `apiVersion: autoscaling/v2`",
        ),
        ("1.37", "resource.k8s.io/v1alpha3", "ResourceClaim", "write `apiVersion: resource.k8s.io/v1`"),
        ("1.33", "resource.k8s.io/v1", "ResourceClaim", "write `apiVersion: resource.k8s.io/v1beta2`"),
        ("1.31", "resource.k8s.io/v1", "DeviceClass", "write `apiVersion: resource.k8s.io/v1alpha3`"),
        (
            "1.37",
            "cert-manager.io/v1alpha2",
            "Certificate",
            "`Certificate` is in `cert-manager.io/v1`: write `apiVersion: cert-manager.io/v1`",
        ),
        (
            "1.37",
            "serving.example.dev/v1",
            "Service",
            "if it is a custom resource, give its CRD with `--crds PATH` (a file, a folder or `-`), or let it pass unchecked with `--allow-unknown-kinds serving.example.dev/Service`",
        ),
        ("1.37", "apps/v1", "deploymnt", "did you mean `Deployment`?"),
    ] {
        assert_eq!(help(versions, api_version, kind), expected);
    }
}
