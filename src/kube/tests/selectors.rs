//! What the operators of selectors ask of their values.

use super::findings;

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
